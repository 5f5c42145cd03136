"""Powers of arrays that are made of smaller powers of the same array, so that these can be shared.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(with_powers_of_powers(core('''
... def f(x):
...     t = x ** 3
...     s = 2.0 * x ** 2
...     return t + s
... ''', np.ones(3))))
def f(x):
    t__v1 = x**2
    t = t__v1 * x
    s = 2.0 * x**2
    return t + s
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from s2sad.analysis.memory import Memory
from s2sad.names import Names
from s2sad.program import Program
from s2sad.signature import Array
from s2sad.tree.build import assign, binary, constant, placed
from s2sad.tree.build import name as read_name
from s2sad.tree.dataflow import assigned, definitions, headers, map_blocks, parameters, walk, with_fields
from s2sad.tree.parts import nodes


def with_powers_of_powers(program: Program) -> Program:
    """Where a square and a cube of one array occur, the cube is made of the square: it can be shared then."""
    made = [node.value for node in walk(program.body) if isinstance(node, gast.Assign)]
    higher = [power for power in map(small_power, made) if power is not None and power[1] > 2]
    if not higher:
        return program
    memory, counts = Memory(program), definitions(program.body)
    powers: dict[str, set[int]] = {}
    for base, exponent in higher:
        if _is_steady_array(base, program, memory, counts):
            powers.setdefault(base, set()).add(exponent)
    if not powers:
        return program
    for node in walk(program.body):
        for power in (small_power(part) for whole in headers(node) for part in nodes(whole)):
            if power is not None and power[0] in powers:
                powers[power[0]].add(power[1])
    wanted = {
        (name, whole): part
        for name, found in powers.items()
        for whole in found
        for part in sorted(found)
        if part < whole and whole in (part + 1, 2 * part)
    }
    names, types = Names.apart_from([*parameters(program.args), *counts]), dict(program.types)

    def block(body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for node in body:
            name = assigned(node)
            value: Any = getattr(node, "value", None)
            power = small_power(value) if name is not None else None
            part = wanted.get(power) if power is not None else None
            if power is None or part is None or name is None or counts[name] != 1:
                out.append(map_blocks(node, block))
                continue
            lower = names.fresh("t")
            types[lower] = types[name]
            out.append(placed(assign(lower, with_fields(value, right=constant(part))), node))
            whole = (
                binary(read_name(lower), gast.Mult, value.left)
                if power[1] == part + 1
                else binary(read_name(lower), gast.Mult, read_name(lower))
            )
            out.append(with_fields(node, value=placed(whole, value)))
        return out

    return program.replace(body=tuple(block(program.body)), types=types)


def small_power(node: Any) -> tuple[str, int] | None:
    """The name and the exponent of a power from the square to the fourth."""
    if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Pow) and isinstance(node.left, gast.Name):
        if (
            isinstance(node.right, gast.Constant)
            and type(node.right.value) is int
            and 2 <= node.right.value <= 4
        ):
            return node.left.id, node.right.value
    return None


def _is_steady_array(name: str, program: Program, memory: Memory, counts: Any) -> bool:
    """Whether a name is bound once, to an array of floats that nothing writes to."""
    known = program.types.get(name)
    if not isinstance(known, Array) or not known.is_real or not known.shape or memory.is_written(name):
        return False
    return bool(counts.get(name, 0) + (name in parameters(program.args)) == 1)
