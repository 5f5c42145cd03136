"""Functions of several arrays: concatenation, stacking, choice."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.batch.axes import shifted
from s2sad.batch.record import batched
from s2sad.runtime.arrays import numbers_of
from s2sad.signature import NO_VALUE, ListOf
from s2sad.tree.build import call, clone, constant


@batched(np.concatenate)
def concatenate(b: Any, arrays: Any, axis: Any = 0) -> gast.expr | None:
    return _joined(b, "concatenate", arrays, axis)


@batched(np.stack)
def stack(b: Any, arrays: Any, axis: Any = 0) -> gast.expr | None:
    return _joined(b, "stack", arrays, axis)


def _joined(b: Any, function: str, arrays: Any, axis: Any) -> gast.expr | None:
    where = b.known(axis)
    if where is NO_VALUE or where is None:
        return None
    if isinstance(arrays, (gast.Tuple, gast.List)):
        if any(b.rank(part) is None for part in arrays.elts):
            return None
        parts: Any = type(arrays)(elts=[b.every(part) for part in arrays.elts], ctx=gast.Load())
    elif isinstance(b.type(arrays), ListOf):
        parts = b(arrays)
    else:
        return None
    return b.np(function, parts, axis=constant(shifted(where)))  # type: ignore[no-any-return]


@batched(np.where)
def where(b: Any, condition: Any, x: Any, y: Any) -> gast.expr | None:
    ranks = [b.rank(part) for part in (condition, x, y)]
    if None in ranks or b.varies(condition):
        return None
    widest = max(ranks)
    return b.np("where", b.rest(condition), b.to_rank(x, widest), b.to_rank(y, widest))  # type: ignore[no-any-return]


@batched(np.take_along_axis)
def take_along_axis(b: Any, arr: Any, indices: Any, axis: Any = -1) -> gast.expr | None:
    along, rank = b.known(axis), b.rank(arr)
    if along is NO_VALUE or along is None or not rank or b.varies(indices):
        return None
    one = gast.Subscript(value=clone(indices), slice=gast.Constant(None, None), ctx=gast.Load())
    return b.np("take_along_axis", b(arr), one, axis=constant(shifted(along)))  # type: ignore[no-any-return]


@batched(np.split)
def split(b: Any, ary: Any, indices_or_sections: Any, axis: Any = 0) -> gast.expr | None:
    return _split(b, ary, indices_or_sections, b.known(axis))


@batched(np.hsplit)
def hsplit(b: Any, ary: Any, indices_or_sections: Any) -> gast.expr | None:
    return _split(b, ary, indices_or_sections, 0 if b.rank(ary) == 1 else 1)


@batched(np.vsplit)
def vsplit(b: Any, ary: Any, indices_or_sections: Any) -> gast.expr | None:
    return _split(b, ary, indices_or_sections, 0)


@batched(np.dsplit)
def dsplit(b: Any, ary: Any, indices_or_sections: Any) -> gast.expr | None:
    return _split(b, ary, indices_or_sections, 2)


def _split(b: Any, ary: Any, where: Any, along: Any) -> gast.expr | None:
    if along is NO_VALUE or not b.rank(ary) or b.varies(where):
        return None
    return b.np("split", b(ary), clone(where), axis=constant(shifted(along)))  # type: ignore[no-any-return]


@batched(numbers_of)
def numbers(b: Any, whole: Any) -> gast.expr | None:
    """A list of numbers: each of them in all directions, memory of its own."""
    if b.rank(whole) != 1:
        return None
    columns = gast.Attribute(b(whole), "T", gast.Load())
    return call("list", gast.Call(gast.Attribute(columns, "copy", gast.Load()), [], []))
