"""Functions that move elements: each leaves the leading axis where it is."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.batch.axes import moved, shifted, with_count
from s2sad.batch.record import batched
from s2sad.runtime.arrays import flattened, unbroadcast, unstack
from s2sad.signature import NO_VALUE, Array, ListOf, Scalar, Sequence, item_type, may_be_one
from s2sad.tree.build import call, clone, constant


def _same(function: str) -> Any:
    """Functions of one array that act on each element, or copy it."""

    def form(b: Any, a: Any, **options: Any) -> gast.expr | None:
        return None if options or b.rank(a) is None else b.np(function, b(a))

    return form


for _function in ("copy", "real", "imag", "conjugate"):
    batched(getattr(np, _function))(_same(_function))


@batched(np.ascontiguousarray, np.asfortranarray)
def contiguous(b: Any, a: Any) -> gast.expr | None:
    """How the elements lie does not matter, unless it decides what is a view."""
    return None if b.rank(a) is None or b.shares_written_memory(a) else b(a)


@batched(np.asarray)
def asarray(b: Any, a: Any, dtype: Any = None) -> gast.expr | None:
    if b.rank(a) is None:
        return None
    return b.np("asarray", b(a), **({} if dtype is None else {"dtype": clone(dtype)}))  # type: ignore[no-any-return]


@batched(np.array)
def array(b: Any, object: Any, dtype: Any = None) -> gast.expr | None:
    """An array of numbers, or of rows of numbers, is a stack of vectors."""
    if b.rank(object) is not None and not _is_list(b, object):
        more = {} if dtype is None else {"dtype": clone(dtype)}
        return b.np("array", b(object), **more)  # type: ignore[no-any-return]
    return _stacked(b, object) if dtype is None else None


def _is_list(b: Any, node: Any) -> bool:
    return isinstance(node, (gast.List, gast.Tuple)) or isinstance(b.type(node), (ListOf, Sequence))


def _stacked(b: Any, node: Any) -> gast.expr | None:
    """The array of a list, of which each item may be a list."""
    if isinstance(node, (gast.List, gast.Tuple)):
        parts = [_part(b, item) for item in node.elts]
        if not parts or None in parts:
            return None
        return b.np("stack", gast.List(elts=parts, ctx=gast.Load()), axis=constant(1))  # type: ignore[no-any-return]
    known, depth = b.type(node), 0
    while isinstance(known, (ListOf, Sequence)):
        known, depth = item_type(known), depth + 1
    if not isinstance(known, (Scalar, Array)):
        return None
    if depth == 1 and isinstance(known, Scalar):  # right for an empty list too
        rows = gast.Tuple(elts=[constant(-1), clone(b.count)], ctx=gast.Load())
        return gast.Attribute(b.np("reshape", b.np("array", b(node)), rows), "T", gast.Load())
    return b.np("moveaxis", b.np("array", b(node)), constant(depth), constant(0))  # type: ignore[no-any-return]


def _part(b: Any, item: Any) -> gast.expr | None:
    if not _is_list(b, item):
        return b.every(item)  # type: ignore[no-any-return]
    return (
        _stacked(b, item)
        if b.varies(item)
        else b.expanded(b.np("array", clone(item)), b.type(b.np("array", item)))
    )


@batched(np.reshape)
def reshape(b: Any, a: Any, shape: Any, order: Any = "C") -> gast.expr | None:
    target = gast.Call(func=clone(b.object_node(np.reshape)), args=[clone(a), clone(shape)], keywords=[])
    led = with_count(b.count, b.rest(shape), b.rank(target))
    if b.known(order) != "C" or led is None:
        return None
    return b.np("reshape", b(a), led)  # type: ignore[no-any-return]


@batched(np.ravel)
def ravel(b: Any, a: Any, order: Any = "C") -> gast.expr | None:
    if b.known(order) != "C" or b.rank(a) is None:
        return None
    flat = gast.Tuple(elts=[clone(b.count), constant(-1)], ctx=gast.Load())
    return b(a) if b.rank(a) == 1 else b.np("reshape", b(a), flat)


@batched(flattened)
def flatten(b: Any, array: Any, order: Any = "C") -> gast.expr | None:
    made = ravel(b, array, order)
    return None if made is None else gast.Call(gast.Attribute(made, "copy", gast.Load()), [], [])


@batched(np.transpose)
def transpose(b: Any, a: Any, axes: Any = None) -> gast.expr | None:
    rank, given = b.rank(a), b.known(axes)
    if rank is None or given is NO_VALUE:
        return None
    if rank < 2:
        return b(a)  # type: ignore[no-any-return]
    order = range(rank - 1, -1, -1) if given is None else [axis % rank for axis in given]
    if list(order) == [1, 0]:
        return b.np("swapaxes", b(a), constant(1), constant(2))  # type: ignore[no-any-return]
    return b.np("transpose", b(a), constant((0, *(axis + 1 for axis in order))))  # type: ignore[no-any-return]


@batched(np.swapaxes)
def swapaxes(b: Any, a: Any, axis1: Any, axis2: Any) -> gast.expr | None:
    first, second = b.known(axis1), b.known(axis2)
    if NO_VALUE in (first, second) or b.rank(a) is None:
        return None
    return b.np("swapaxes", b(a), constant(shifted(first)), constant(shifted(second)))  # type: ignore[no-any-return]


@batched(np.moveaxis)
def moveaxis(b: Any, a: Any, source: Any, destination: Any) -> gast.expr | None:
    rank, start, end = b.rank(a), b.known(source), b.known(destination)
    if rank is None or NO_VALUE in (start, end):
        return None
    return b.np("moveaxis", b(a), constant(moved(start, rank)), constant(moved(end, rank)))  # type: ignore[no-any-return]


@batched(np.expand_dims)
def expand_dims(b: Any, a: Any, axis: Any) -> gast.expr | None:
    where = b.known(axis)
    if where is NO_VALUE or b.rank(a) is None:
        return None
    return b.np("expand_dims", b(a), constant(moved(where, None)))  # type: ignore[no-any-return]


@batched(np.squeeze)
def squeeze(b: Any, a: Any, axis: Any = None) -> gast.expr | None:
    where, shape = b.known(axis), b.shape(a)
    if where is NO_VALUE or shape is None or (where is None and any(s != 1 and may_be_one(s) for s in shape)):
        return None
    if where is None:
        where = tuple(k for k, size in enumerate(shape) if size == 1)
    return b.np("squeeze", b(a), axis=constant(moved(where, None)))  # type: ignore[no-any-return]


@batched(np.broadcast_to)
def broadcast_to(b: Any, array: Any, shape: Any) -> gast.expr | None:
    rank = _length(b, shape)
    led = with_count(b.count, b.rest(shape), rank)
    if rank is None or led is None:
        return None
    return b.np("broadcast_to", b.to_rank(array, rank), led)  # type: ignore[no-any-return]


@batched(np.full)
def full(b: Any, shape: Any, fill_value: Any) -> gast.expr | None:
    rank = _length(b, shape)
    led = with_count(b.count, b.rest(shape), rank)
    if rank is None or led is None or b.varies(shape):
        return None
    return b.np("full", led, b.to_rank(fill_value, rank))  # type: ignore[no-any-return]


def _length(b: Any, shape: Any) -> int | None:
    """How many dimensions a shape has."""
    if isinstance(shape, (gast.Tuple, gast.List)):
        return len(shape.elts)
    if isinstance(shape, gast.Attribute) and shape.attr == "shape":
        return b.rank(shape.value)  # type: ignore[no-any-return]
    known = b.known(shape)
    return 1 if isinstance(known, int) else None


@batched(np.zeros_like)
def zeros_like(b: Any, a: Any) -> gast.expr | None:
    return b.np("zeros_like", b(a)) if b.rank(a) is not None else None


@batched(np.take)
def take(b: Any, a: Any, indices: Any, axis: Any = None) -> gast.expr | None:
    where, rank = b.known(axis), b.rank(a)
    if where is NO_VALUE or not rank or (where is None and rank != 1):
        return None
    return b.np("take", b(a), clone(indices), axis=constant(1 if where is None else shifted(where)))  # type: ignore[no-any-return]


@batched(np.repeat)
def repeat(b: Any, a: Any, repeats: Any, axis: Any = None) -> gast.expr | None:
    where, rank = b.known(axis), b.rank(a)
    if where is NO_VALUE or not rank or (where is None and rank != 1):
        return None
    return b.np("repeat", b(a), clone(repeats), axis=constant(1 if where is None else shifted(where)))  # type: ignore[no-any-return]


@batched(np.pad)
def pad(b: Any, array: Any, pad_width: Any, mode: Any = "constant") -> gast.expr | None:
    widths, how, rank = b.known(pad_width), b.known(mode), b.rank(array)
    if widths is NO_VALUE or isinstance(widths, dict) or how is NO_VALUE or not rank:
        return None
    pairs = np.broadcast_to(widths, (rank, 2)).tolist()
    led = ((0, 0), *((int(before), int(after)) for before, after in pairs))
    return b.np("pad", b(array), constant(led), constant(how))  # type: ignore[no-any-return]


@batched(unstack)
def unstacked(b: Any, whole: Any, axis: Any = 0) -> gast.expr | None:
    where = b.known(axis)
    if where is NO_VALUE or b.rank(whole) is None:
        return None
    return call(b.object_node(unstack), b(whole), constant(shifted(where)))


@batched(unbroadcast)
def unbroadcasted(b: Any, wide: Any, like: Any) -> gast.expr | None:
    rank = b.rank(like)
    if rank is None or rank != b.rank(wide) or b.varies(like):
        return None
    shape = with_count(b.count, gast.Attribute(b.rest(like), "shape", gast.Load()), rank)
    return call(b.object_node(unbroadcast), b(wide), b.np("broadcast_to", b.rest(like), shape))
