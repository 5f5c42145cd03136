"""Stores of a view into the memory that it shows: NumPy copies element by element where it may not.

``a[1:] = a[:-1]`` is as if the right side had been copied first: NumPy sees that the steps are the same, and begins at
the right end.  For one dimension and steps that differ it just goes through (``a[::2] = a[:5]``, ``m[:, 2] = m[1]``),
and what is read late has been written early.  A derivative of that is nobody's intent: where the steps cannot be seen
to be the same, a guard refuses the store when the two do share memory.
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.abstract.values import Value
from s2sad.errors import AmbiguousAlias
from s2sad.signature import Array
from s2sad.tree.build import call, clone, constant
from s2sad.tree.dataflow import assigned
from s2sad.tree.indices import index_parts


def guard_overlap(at: Any, owner: Value, target: gast.Subscript, value: Value, node: gast.AST) -> None:
    """Emit a guard before ``target = value`` where the value may be a view of the same memory, with another step."""
    if not isinstance(owner.type, Array) or not isinstance(value.type, Array):
        return
    if not value.sites & owner.sites or value.type.rank not in (1, None):
        return
    given = at.whole(value)
    places, read = _axes(at, target), _axes(at, given)
    if places is not None and read is not None:
        (root, kept), (other, taken) = places, read
        if len(kept) != 1 or len(taken) != 1:
            return  # NumPy copies first, or there is one number
        ((axis, step),), ((from_axis, from_step),) = kept, taken
        if root == other and axis == from_axis and (step == from_step or _opposite(step, from_step)):
            return
    if _picks(at, target):
        return  # places that arrays give: NumPy copies first
    line = at.frame.lines.get(getattr(node, "lineno", 0), "").strip()
    text = (
        f"line {getattr(node, 'lineno', 0)} (`{line}`) stores a view of an array into memory of the same array with "
        "another step, and NumPy writes some of it before it is read; store a copy (`.copy()`)"
    )
    place = clone(target)
    place.ctx = gast.Load()
    test = call(at.object_node(np.shares_memory), place, given)
    error = gast.Raise(exc=call(at.object_node(AmbiguousAlias), constant(text)), cause=None)
    at.emit(gast.If(test=test, body=[error], orelse=[]))


def _axes(at: Any, node: Any) -> tuple[str, list[tuple[int, int | str]]] | None:
    """The array that a view is taken of, and which of its axes, with which steps, are left; None if not known."""
    if isinstance(node, gast.Name):
        value = _definition(at, node.id)
        if isinstance(value, gast.Subscript) or (isinstance(value, gast.Name) and value.id != node.id):
            return _axes(at, value)
        known = at.types.get(node.id)
        if not isinstance(known, Array) or known.rank is None:
            return None
        return node.id, [(axis, 1) for axis in range(known.rank)]
    if not isinstance(node, gast.Subscript):
        return None
    inner = _axes(at, node.value)
    if inner is None:
        return None
    root, axes = inner
    parts = index_parts(node)
    left: list[tuple[int, int | str]] = []
    for k, part in enumerate(parts):
        if isinstance(part, gast.Constant) and part.value is Ellipsis:
            rest = len(axes) - (len(parts) - k - 1)
            left, axes = left + axes[:rest], axes[rest:]
            continue
        if not axes or (isinstance(part, gast.Constant) and not isinstance(part.value, int)):
            return None
        (axis, step), axes = axes[0], axes[1:]
        if isinstance(part, gast.Slice):
            times = _step(part.step)
            if isinstance(step, int) and isinstance(times, int):
                left.append((axis, step * times))
            elif step == 1:
                left.append((axis, times))
            else:
                return None
        elif not _is_number(at, part):
            return None
    return root, left + axes


def _definition(at: Any, key: str) -> Any:
    """What a name was given, where that stands before in the same block."""
    for statement in reversed(at.out):
        if assigned(statement) == key:
            return statement.value
    return None


def _step(node: Any) -> int | str:
    """The step of a slice; its text where that is no constant."""
    if node is None:
        return 1
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = _step(node.operand)
        return -inner if isinstance(inner, int) else gast.unparse(node)
    return (
        node.value if isinstance(node, gast.Constant) and isinstance(node.value, int) else gast.unparse(node)
    )


def _opposite(one: int | str, other: int | str) -> bool:
    """Whether steps are of opposite signs: NumPy copies first."""
    return isinstance(one, int) and isinstance(other, int) and one * other < 0


def _picks(at: Any, target: gast.Subscript) -> bool:
    parts = index_parts(target)
    named = [at.types.get(part.id) for part in parts if isinstance(part, gast.Name)]
    return any(isinstance(part, gast.List) for part in parts) or any(
        isinstance(known, Array) for known in named
    )


def _is_number(at: Any, node: Any) -> bool:
    """Whether an index is one number."""
    if isinstance(node, gast.Constant):
        return isinstance(node.value, int)
    if isinstance(node, (gast.BinOp, gast.UnaryOp)):
        return all(
            _is_number(at, part)
            for part in (getattr(node, k, None) for k in ("left", "right", "operand"))
            if part
        )
    known = at.types.get(node.id) if isinstance(node, gast.Name) else None
    return (
        known is not None
        and not isinstance(known, Array)
        and getattr(known, "dtype", None) in ("int", "bool")
    )


__all__ = ["guard_overlap"]
