"""Items that are read one by one, where there must be as many as names, are unpacked as the user does.

>>> from s2sad.testing.core import core, show
>>> show(unpack(core('''
... def f(p, w):
...     if len(p) != 2:
...         raise ValueError("expected 2 values to unpack")
...     x = p[0]
...     y = p[1]
...     t = tuple(w)
...     if len(t) != 2:
...         raise ValueError("expected 2 values to unpack")
...     a = t[0]
...     b = t[1]
...     return x * a + y * b
... ''', [1.0, 2.0], [3.0, 4.0])))
def f(p, w):
    x, y = p
    a, b = w
    return x * a + y * b

It comes last: the passes before it know statements of one target only.  Arrays are left to the indices: to unpack one
of three items takes 700 ns, to look them up 200.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import gast

from s2sad.program import Program
from s2sad.signature import Array
from s2sad.sweep.scan import occurrences
from s2sad.tree.build import target
from s2sad.tree.dataflow import assigned, map_blocks, walk
from s2sad.tree.lengths import tested_length


def unpack(program: Program) -> Program:
    """Put tests of a length and the items after them into one assignment to several names."""
    if not any(map(tested_length, walk(program.body))):
        return program
    uses = occurrences(list(program.body))
    arrays = {key for key, known in program.types.items() if isinstance(known, Array)}
    return program.replace(body=tuple(_block(program.body, uses, arrays)))


def _block(body: Sequence[gast.stmt], uses: Counter[str], arrays: set[str]) -> list[gast.stmt]:
    out: list[gast.stmt] = []
    rest = list(body)
    while rest:
        node = rest.pop(0)
        found = tested_length(node)
        made = None if found is None or found[0] in arrays else _unpacked(*found, rest)
        if found is None or made is None:
            out.append(map_blocks(node, lambda block: _block(block, uses, arrays)))
            continue
        items, count = found
        del rest[:count]
        if (
            out and assigned(out[-1]) == items and uses[items] == count + 2
        ):  # made, tested, read so many times
            made.value = _without_tuple(out.pop().value)  # type: ignore[attr-defined]
        out.append(gast.copy_location(made, node))
    return out


def _unpacked(items: str, count: int, rest: Sequence[gast.stmt]) -> Any:
    """The assignment in place of the next statements, if these read every item in order."""
    targets = []
    for k, node in enumerate(rest[:count]):
        match node:
            case gast.Assign(
                targets=[gast.Name(id=key)],
                value=gast.Subscript(value=gast.Name(id=held), slice=gast.Constant(value=place)),
            ) if held == items and place == k and key != items:
                targets.append(key)
    if len(targets) != count or len(set(targets)) != count or not count:
        return None
    names = gast.Tuple([target(key) for key in targets], gast.Store())
    return gast.Assign([names], rest[0].value.value, None)  # type: ignore[attr-defined]


def _without_tuple(node: gast.expr) -> gast.expr:
    """What is made a tuple, which unpacking does itself."""
    match node:
        case gast.Call(func=gast.Name(id="tuple"), args=[held]):
            return held
    return node
