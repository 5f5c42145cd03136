"""Updates in place where a name is the only owner of its buffer, and copies where an update would hit another's.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(own(core('''
... def f(x, y, i, y_bar):
...     x_bar = np.zeros_like(x)
...     x_bar = x_bar + y_bar * y
...     z_bar = y_bar
...     z_bar[i] += 1.0
...     s_bar = 0.0
...     s_bar = s_bar - np.sum(z_bar)
...     return x_bar, y_bar, s_bar
... ''', np.ones(3), np.ones(3), 0, np.ones(3))))
def f(x, y, i, y_bar):
    x_bar = np.zeros_like(x)
    x_bar += y_bar * y
    z_bar = y_bar
    z_bar = z_bar.copy()
    z_bar[i] += 1.0
    s_bar = 0.0
    s_bar -= np.sum(z_bar)
    return x_bar, y_bar.copy(), s_bar

Runs on printed names.  What is returned as a derivative shares no memory with an argument or with another result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from s2sad.analysis.buffers import OUTSIDE, Buffers
from s2sad.analysis.kinds import is_derivative
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.build import assign, call
from s2sad.tree.build import name as read_name
from s2sad.tree.dataflow import (
    assigned,
    bound_within,
    map_blocks,
    reads,
    stored,
    walk,
    with_fields,
)

_IN_PLACE = (gast.Add, gast.Sub, gast.Mult)
_MOST_COPIES = 50


def own(program: Program) -> Program:
    """Accumulate in place where no other name can see it; copy where one could."""
    if any(map(_may_write, walk(program.body))) or _returned_derivatives(program):
        program = _with_copies(program)
    buffers = Buffers(program)
    body = [_returned(node, buffers) if isinstance(node, gast.Return) else node for node in program.body]
    return program.replace(body=tuple(_in_place(body, buffers)))


def _may_write(node: gast.stmt) -> bool:
    return stored(node) is not None


def _returned_derivatives(program: Program) -> bool:
    last = program.body[-1] if program.body else None
    return isinstance(last, gast.Return) and last.value is not None and any(map(is_derivative, reads(last.value)))


# ---- accumulation -----------------------------------------------------------------------------------------------


def _in_place(body: Sequence[gast.stmt], buffers: Buffers) -> list[gast.stmt]:
    return [map_blocks(_accumulated(node, buffers), lambda block: _in_place(block, buffers)) for node in body]


def _accumulated(node: Any, buffers: Buffers) -> gast.stmt:
    """``x = x + e`` as ``x += e`` where that is the same."""
    name = assigned(node)
    if name is None or not isinstance(node.value, gast.BinOp):
        return node  # type: ignore[no-any-return]
    if not _may_update(name, node, buffers):
        return node  # type: ignore[no-any-return]
    split = _without_first(node.value, name, is_derivative(name))
    if split is None:
        return node  # type: ignore[no-any-return]
    op, rest = split
    target = gast.Name(id=name, ctx=gast.Store(), annotation=None, type_comment=None)
    return gast.copy_location(gast.AugAssign(target=target, op=op, value=rest), node)  # type: ignore[no-any-return]


def _may_update(name: str, node: gast.stmt, buffers: Buffers) -> bool:
    known = buffers.memory.types.get(name)
    if isinstance(known, Scalar):
        return True
    return isinstance(known, Array) and known.shape is not None and buffers.is_owned(name, node)


def _without_first(value: Any, name: str, contributions: bool) -> tuple[Any, Any] | None:
    """The operator and operand of an update; sums of contributions may be gathered: ``x + a + b`` is ``x += a + b``."""
    op, left, right = value.op, value.left, value.right
    if not isinstance(op, _IN_PLACE):
        return None
    if _is(left, name):
        return op, right
    if contributions and isinstance(op, gast.Add) and _is(right, name):
        return op, left
    if not contributions or not isinstance(op, (gast.Add, gast.Sub)) or not isinstance(left, gast.BinOp):
        return None
    inner = _without_first(left, name, contributions)
    if inner is None or not isinstance(inner[0], (gast.Add, gast.Sub)):
        return None
    first, rest = inner
    if isinstance(first, gast.Add):
        return first, gast.BinOp(left=rest, op=op, right=right)
    if isinstance(op, gast.Sub):
        return first, gast.BinOp(left=rest, op=gast.Add(), right=right)
    return gast.Add(), gast.BinOp(left=right, op=gast.Sub(), right=rest)


def _is(node: Any, name: str) -> bool:
    return isinstance(node, gast.Name) and node.id == name


# ---- copies -----------------------------------------------------------------------------------------------------


def _with_copies(program: Program) -> Program:
    """The program with a copy before each update of a cotangent that would hit a buffer that others see."""
    for _ in range(_MOST_COPIES):
        buffers = Buffers(program)
        found = _first_unsafe(program.body, buffers, [])
        if found is None:
            return program
        place, name = found
        program = program.replace(body=tuple(_with_copy(program.body, place, name)))
    return program


def _first_unsafe(
    body: Sequence[gast.stmt], buffers: Buffers, loops: list[gast.stmt]
) -> tuple[gast.stmt, str] | None:
    for node in body:
        name = stored(node)
        if name is not None and is_derivative(name) and _hits_others(name, node, buffers):
            return _place_of_copy(node, name, loops), name
        inner = [*loops, node] if isinstance(node, (gast.For, gast.While)) else loops
        for block in (getattr(node, "body", []), getattr(node, "orelse", [])):
            found = _first_unsafe(block, buffers, inner)
            if found is not None:
                return found
    return None


def _hits_others(name: str, node: gast.stmt, buffers: Buffers) -> bool:
    """Whether writing to a name's buffer changes what is not its own; a view of a shadow is meant to."""
    if not isinstance(buffers.memory.types.get(name), Array):
        return False
    state = buffers.before[id(node)]
    mine = buffers.refers(name, state)
    if OUTSIDE in mine.sites:
        return True
    return not mine.view and bool(mine.sites & _seen(name, node, buffers))


def _seen(name: str, node: gast.stmt, buffers: Buffers) -> frozenset[Any]:
    """Buffers that names of another kind than views of this one refer to."""
    state = buffers.before[id(node)]
    found: set[Any] = set()
    for other in buffers.live.names(buffers.live.after[id(node)]):
        if other != name:
            reference = buffers.refers(other, state)
            found |= frozenset() if reference.view else reference.sites
    return frozenset(found)


def _place_of_copy(node: gast.stmt, name: str, loops: list[gast.stmt]) -> gast.stmt:
    """The outermost loop around an update that does not bind the name, else the update."""
    return next((loop for loop in loops if name not in bound_within([loop])), node)


def _with_copy(body: Sequence[gast.stmt], place: gast.stmt, name: str) -> list[gast.stmt]:
    out: list[gast.stmt] = []
    for node in body:
        if node is place:
            copied = call(gast.Attribute(value=read_name(name), attr="copy", ctx=gast.Load()))
            out.append(gast.copy_location(assign(name, copied), node))
        out.append(node if node is place else map_blocks(node, lambda block: _with_copy(block, place, name)))
    return out


# ---- results ----------------------------------------------------------------------------------------------------


def _returned(node: Any, buffers: Buffers) -> gast.stmt:
    """A return whose derivatives share memory with nothing else."""
    if node.value is None:
        return node  # type: ignore[no-any-return]
    return with_fields(node, value=_Result(buffers, buffers.before[id(node)]).unshared(node.value))  # type: ignore[no-any-return]


class _Result:
    def __init__(self, buffers: Buffers, state: Any) -> None:
        self.buffers, self.state = buffers, state
        self.seen: set[Any] = {OUTSIDE}

    def unshared(self, node: Any) -> Any:
        """An expression that is returned, with a copy of each part that shares memory with one before it."""
        if isinstance(node, (gast.Tuple, gast.List)):
            return with_fields(node, elts=[self.unshared(item) for item in node.elts])
        if isinstance(node, gast.Dict):
            return with_fields(node, values=[self.unshared(item) for item in node.values])
        names = self.buffers.memory.shared(node)
        sites = {site for name in names for site in self.buffers.refers(name, self.state).sites}
        shares = bool(sites & self.seen)
        self.seen |= sites
        if shares and all(map(is_derivative, names)) and self.is_array(node):
            return call(gast.Attribute(value=node, attr="copy", ctx=gast.Load()))
        return node

    def is_array(self, node: Any) -> bool:
        """Whether an expression is surely an array: a number has nothing to copy."""
        types = self.buffers.memory.types
        while isinstance(node, gast.Attribute) and node.attr == "T":
            node = node.value
        known = types.get(node.id) if isinstance(node, gast.Name) else None
        return isinstance(known, Array) and known.shape is not None
