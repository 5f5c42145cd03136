"""Updates in place where a name is the only owner of its buffer; results that share no memory.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(own(core('''
... def f(x, y, y_bar):
...     x_bar = np.zeros_like(x)
...     x_bar = x_bar + y_bar * y
...     z_bar = y_bar
...     z_bar = z_bar + x
...     s_bar = 0.0
...     s_bar = s_bar - np.sum(z_bar)
...     return x_bar, y_bar, s_bar
... ''', np.ones(3), np.ones(3), np.ones(3))))
def f(x, y, y_bar):
    x_bar = np.zeros_like(x)
    x_bar += y_bar * y
    z_bar = y_bar
    z_bar = z_bar + x
    s_bar = 0.0
    s_bar -= np.sum(z_bar)
    return x_bar, y_bar.copy(), s_bar

Runs on printed names.  Stores that the adjoint emits go to shadows, which are shared on purpose: they stay as they are.
What is returned as a derivative shares no memory with an argument or with another result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from s2sad.analysis.buffers import OUTSIDE, Buffers
from s2sad.analysis.kinds import is_derivative
from s2sad.program import Program
from s2sad.signature import Array, ListOf, Scalar
from s2sad.tree.build import call, constant
from s2sad.tree.dataflow import (
    assigned,
    map_blocks,
    reads,
    with_fields,
)
from s2sad.tree.indices import index_parts
from s2sad.tree.printer import expression_text

_IN_PLACE = (gast.Add, gast.Sub, gast.Mult)


def own(program: Program) -> Program:
    """Accumulate in place where no other name can see it; copy results that share memory."""
    buffers = Buffers(program)
    body = [_returned(node, buffers) if isinstance(node, gast.Return) else node for node in program.body]
    return program.replace(body=tuple(_in_place(body, buffers)))


# ---- accumulation -----------------------------------------------------------------------------------------------


def _in_place(body: Sequence[gast.stmt], buffers: Buffers) -> list[gast.stmt]:
    return [map_blocks(_accumulated(node, buffers), lambda block: _in_place(block, buffers)) for node in body]


def _accumulated(node: Any, buffers: Buffers) -> gast.stmt:
    """``x = x + e`` as ``x += e`` where that is the same."""
    if isinstance(node, gast.AugAssign):
        return _whole(node, buffers)
    name = assigned(node)
    if name is None or not isinstance(node.value, gast.BinOp):
        return _updated_item(node, buffers)
    if not _may_update(name, node, buffers):
        return node  # type: ignore[no-any-return]
    split = _without_first(node.value, name, is_derivative(name))
    if split is None:
        return node  # type: ignore[no-any-return]
    op, rest = split
    target = gast.Name(id=name, ctx=gast.Store(), annotation=None, type_comment=None)
    return gast.copy_location(gast.AugAssign(target=target, op=op, value=rest), node)  # type: ignore[no-any-return]


def _updated_item(node: Any, buffers: Buffers) -> gast.stmt:
    """``x[k] = x[k] + e`` as ``x[k] += e`` in a cotangent's buffer, or in a list of numbers: the same store."""
    target = node.targets[0] if isinstance(node, gast.Assign) else None
    if not isinstance(target, gast.Subscript) or not isinstance(target.value, gast.Name):
        return node  # type: ignore[no-any-return]
    known = buffers.memory.types.get(target.value.id)
    number = isinstance(known, ListOf) and isinstance(known.item, Scalar)
    value = node.value
    buffer = isinstance(known, Array) and known.is_real and is_derivative(target.value.id)
    if not isinstance(value, gast.BinOp) or not isinstance(value.op, _IN_PLACE if buffer else _IN_PLACE[:2]):
        return node  # type: ignore[no-any-return]
    if not (number or buffer) or expression_text(value.left) != expression_text(target):
        return node  # type: ignore[no-any-return]
    if not buffers.memory.is_pure(target.slice):
        return node  # type: ignore[no-any-return]
    return gast.copy_location(gast.AugAssign(target=target, op=value.op, value=value.right), node)  # type: ignore[no-any-return]


def _whole(node: Any, buffers: Buffers) -> gast.stmt:
    """``x[...] += e`` as ``x += e``: the same store, where `x` is surely an array."""
    target = node.target
    if not isinstance(target, gast.Subscript):
        return node  # type: ignore[no-any-return]
    if _is_everything(target.slice) and _is_slice_of_name(target.value):
        return with_fields(node, target=with_fields(target.value, ctx=gast.Store()))  # type: ignore[no-any-return]
    if not isinstance(target.value, gast.Name):
        return node  # type: ignore[no-any-return]
    name = target.value.id
    whole = _is_everything(target.slice)
    known = buffers.memory.types.get(name)
    if not whole or not isinstance(known, Array) or not known.shape or name not in buffers.memory.locals:
        return node  # type: ignore[no-any-return]
    return with_fields(node, target=with_fields(target.value, ctx=gast.Store()))  # type: ignore[no-any-return]


def _is_everything(index: Any) -> bool:
    return isinstance(index, gast.Constant) and index.value is Ellipsis


def _is_slice_of_name(node: Any) -> bool:
    """Whether an expression is surely a view of a variable: ``x[1:]``, ``x[:, 0]``."""
    if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
        return False
    parts = index_parts(node)
    return all(isinstance(part, (gast.Slice, gast.Constant)) for part in parts) and any(
        isinstance(part, gast.Slice) for part in parts
    )


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


# ---- results ----------------------------------------------------------------------------------------------------


def _returned(node: Any, buffers: Buffers) -> gast.stmt:
    """A return whose derivatives share memory with nothing else."""
    if not any(map(buffers.memory.kind, reads(node.value))):
        return node  # type: ignore[no-any-return]
    return with_fields(node, value=_Result(buffers, buffers.before[id(node)]).unshared(node.value))  # type: ignore[no-any-return]


class _Result:
    def __init__(self, buffers: Buffers, state: Any) -> None:
        self.buffers, self.state = buffers, state
        self.seen: set[Any] = {OUTSIDE}
        self.absent = buffers.absent
        # a copy that lies in memory as the original does, where a reshape asks how
        self.asks_for_layout = any(value is np.may_share_memory for value in buffers.memory.objects.values())

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
            order = [constant("K")] if self.asks_for_layout else []
            return call(gast.Attribute(value=node, attr="copy", ctx=gast.Load()), *order)
        return node

    def is_array(self, node: Any) -> bool:
        """Whether an expression is surely an array: a number has nothing to copy."""
        types = self.buffers.memory.types
        while isinstance(node, gast.Attribute) and node.attr == "T":
            node = node.value
        if isinstance(node, gast.Name) and node.id in self.absent:
            return False
        known = types.get(node.id) if isinstance(node, gast.Name) else None
        return isinstance(known, Array) and known.shape is not None
