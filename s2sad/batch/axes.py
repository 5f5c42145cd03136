"""Axes of one direction's value as axes of the batched one."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.signature import NO_VALUE
from s2sad.tree.build import call, clone, constant


def shifted(axis: int) -> int:
    """An axis counted from the front moves by one; one counted from the end stays."""
    return axis + 1 if axis >= 0 else axis


def every_axis(rank: int) -> int | tuple[int, ...]:
    """All axes but the leading one."""
    return 1 if rank == 1 else tuple(range(1, rank + 1))


def moved(axis: Any, rank: int | None) -> Any:
    """The `axis` of a reduction, one or several or None for all; `NO_VALUE` where it is not known."""
    if axis is NO_VALUE or (axis is None and rank is None):
        return NO_VALUE
    if axis is None:
        return every_axis(rank or 0)
    return shifted(axis) if isinstance(axis, int) else tuple(map(shifted, axis))


def with_count(count: gast.expr, shape: gast.expr, rank: int | None) -> gast.expr | None:
    """A shape with the number of directions in front."""
    first = clone(count)
    if isinstance(shape, (gast.Tuple, gast.List)):
        return gast.Tuple(elts=[first, *map(clone, shape.elts)], ctx=gast.Load())
    if isinstance(shape, gast.Constant) or (isinstance(shape, gast.UnaryOp)):
        return gast.Tuple(elts=[first, clone(shape)], ctx=gast.Load())
    if isinstance(shape, gast.Attribute) and shape.attr == "shape" and rank is not None:
        if rank == 1:
            return gast.Tuple(elts=[first, call("len", clone(shape.value))], ctx=gast.Load())
        sizes = [gast.Subscript(value=clone(shape), slice=constant(k), ctx=gast.Load()) for k in range(rank)]
        return gast.Tuple(elts=[first, *sizes], ctx=gast.Load())
    return None
