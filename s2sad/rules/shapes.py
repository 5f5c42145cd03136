"""Functions that move elements without changing them: one array in, one array out.

`joining` has those that take or give several arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.fresh import fresh_dim
from s2sad.rules.record import linear, rank, rule, sample, static
from s2sad.rules.sizes import (
    Shape,
    dtype_of,
    is_square,
    is_zero,
    lenient,
    number,
    plain,
    product,
    quotient,
    shape_of,
    shift,
    static_axis,
    strong,
    to_shape,
)
from s2sad.runtime.arrays import embed_diagonal, flattened, unbroadcast, unpad, unrepeat, untile
from s2sad.signature import (
    NO_VALUE,
    Array,
    Dim,
    Scalar,
    Sequence,
    Size,
    Type,
    may_be_one,
    static_value,
)

_V, _M = np.array([1.0, -2.0, 0.5]), np.arange(6.0).reshape(2, 3) - 2.5
_T = np.linspace(-1.0, 1.0, 24).reshape(2, 3, 4)


# ---- static facts ---------------------------------------------------------------------------------
@static
def inverse_permutation(axes: Any) -> tuple[int, ...]:
    """The axes that undo a transposition.

    >>> inverse_permutation((1, 2, 0)), inverse_permutation((-1, 0, 1))
    ((2, 0, 1), (1, 2, 0))
    """
    positive = [axis % len(axes) for axis in axes]
    return tuple(positive.index(axis) for axis in range(len(axes)))


@static
def stretched_axes(wide: Any, narrow: Any) -> tuple[int, ...] | None:
    """The axes of a broadcast result along which an operand was stretched; None where that is not known."""
    long = shape_of(wide) if isinstance(wide, Type) else np.shape(wide)
    short = shape_of(narrow) if isinstance(narrow, Type) else np.shape(narrow)
    if long is None or short is None or len(long) < len(short):
        return None
    extra = len(long) - len(short)
    axes = list(range(extra))
    for k, size in enumerate(short):
        if size == long[extra + k] or not may_be_one(size):
            continue
        if size != 1 or may_be_one(long[extra + k]):
            return None
        axes.append(extra + k)
    return tuple(axes)


@static
def is_single(x: Any) -> bool:
    """Whether an argument is one number, of known value or not."""
    return isinstance(x, (Scalar, int, np.integer))


@static
def is_sequence(x: Any) -> bool:
    """Whether an argument is a tuple or list."""
    return isinstance(x, (tuple, list, Sequence))


# ---- reshape and its kin --------------------------------------------------------------------------
def reshaped(old: Shape | None, new: Shape | None) -> Shape | None:
    """The shape that `np.reshape` gives: a -1 is what is left."""
    if new is None or -1 not in new:
        return new
    rest = [size for size in new if size != -1]
    if old is None:
        left: Size = fresh_dim("reshape")
    else:
        left = _left(list(old), rest)
    return tuple(left if size == -1 else size for size in new)


def _left(sizes: list[Size], divisors: list[Size]) -> Size:
    """The product of some sizes over the product of others; equal ones cancel."""
    divisors = [size for size in divisors if size != 1]
    for size in list(divisors):
        if size in sizes and size != 0 and isinstance(size, int):
            sizes.remove(size)
            divisors.remove(size)
    return quotient(product(sizes), product(divisors))


@lenient
def _reshape_type(a: Type, shape: Type | None = None, order: Any = None, **options: Type) -> Type:
    given = shape if shape is not None else options.get("newshape")
    return Array(strong(dtype_of(a)), reshaped(shape_of(a), to_shape(given, "reshape")))


@linear(
    np.reshape, infer=_reshape_type, view=True,
    at=[sample(_M, (3, 2)), sample(_M, -1), sample(_V, (1, 3), order="F")],
)  # fmt: skip
def reshape(a, shape, order="C", *, y_bar):
    if rank(a) == 0:
        return np.sum(y_bar)
    if order == "C":
        return np.reshape(y_bar, a.shape)
    if order == "A":
        return np.reshape(y_bar, a.shape, order="F" if a.flags.fnc else "C")
    return np.reshape(y_bar, a.shape, order=order)


@lenient
def _ravel_type(a: Type, order: Any = None) -> Type:
    shape = shape_of(a)
    return Array(strong(dtype_of(a)), None if shape is None else (product(shape),))


@linear(np.ravel, infer=_ravel_type, view=True, at=[(_M,), sample(_M, order="F")])
def ravel(a, order="C", *, y_bar):
    if rank(a) == 0:
        return np.sum(y_bar)
    if order == "C":
        return np.reshape(y_bar, a.shape)
    if order == "A":
        return np.reshape(y_bar, a.shape, order="F" if a.flags.fnc else "C")
    if order == "K":
        raise NotDifferentiable("order='K' depends on how the array lies in memory: say 'C', 'F' or 'A'")
    return np.reshape(y_bar, a.shape, order=order)


@linear(flattened, infer=_ravel_type, at=[(_M,), sample(_M, order="F")])
def flattened_transpose(a, order="C", *, y_bar):
    if rank(a) == 0:
        return np.sum(y_bar)
    if order == "C":
        return np.reshape(y_bar, a.shape)
    if order == "A":
        return np.reshape(y_bar, a.shape, order="F" if a.flags.fnc else "C")
    if order == "K":
        raise NotDifferentiable("order='K' depends on how the array lies in memory: say 'C', 'F' or 'A'")
    return np.reshape(y_bar, a.shape, order=order)


def _array(a: Type, shape: Shape | None) -> Type:
    return Array(strong(dtype_of(a)), shape)


@lenient
def _squeeze_type(a: Type, axis: Type | None = None) -> Type:
    shape, where = shape_of(a), static_axis(axis, None)
    if shape is None or where is NO_VALUE:
        return _array(a, None)
    if where is None:
        uncertain = any(may_be_one(size) and size != 1 for size in shape)
        return _array(a, None if uncertain else tuple(size for size in shape if size != 1))
    gone = {axis % len(shape) for axis in ((where,) if isinstance(where, int) else where)}
    return _array(a, tuple(size for k, size in enumerate(shape) if k not in gone))


@linear(
    np.squeeze, infer=_squeeze_type, view=True,
    at=[(_M[None],), sample(_M[:, None], 1), sample(_M[None, None], axis=(0, 1))],
)  # fmt: skip
def squeeze(a, axis=None, *, y_bar):
    if rank(a) == 0:
        return y_bar
    return np.reshape(y_bar, a.shape)


@lenient
def _expand_dims_type(a: Type, axis: Type) -> Type:
    shape, where = shape_of(a), static_value(axis)
    if shape is None or where is NO_VALUE:
        return _array(a, None)
    new = (where,) if isinstance(where, int) else where
    places = {place % (len(shape) + len(new)) for place in new}
    rest = iter(shape)
    return _array(a, tuple(1 if k in places else next(rest) for k in range(len(shape) + len(new))))


@linear(
    np.expand_dims, infer=_expand_dims_type, view=True,
    at=[sample(_M, 1), sample(_V, -1), sample(_M, (0, -1))],
)  # fmt: skip
def expand_dims(a, axis, *, y_bar):
    if rank(a) == 0:
        return np.sum(y_bar)
    return np.reshape(y_bar, a.shape)


def _at_least(least: int) -> Any:
    @lenient
    def infer(a: Type) -> Type:
        shape = shape_of(a)
        if shape is None or len(shape) >= least:
            return _array(a, shape)
        padded = {0: (1,) * least, 1: ((1,) * (least - 1) + shape), 2: (*shape, 1)}[len(shape)]
        return _array(a, (1, *shape, 1) if least == 3 and len(shape) == 1 else padded)

    return infer


def _at_least_body(a, *, y_bar):
    if rank(a) == 0:
        return np.sum(y_bar)
    return np.reshape(y_bar, a.shape)


for _primitive, _least in ((np.atleast_1d, 1), (np.atleast_2d, 2), (np.atleast_3d, 3)):
    linear(_primitive, infer=_at_least(_least), view=True, at=[(2.0,), (_V,), (_M,), (_T,)])(_at_least_body)


# ---- order of axes --------------------------------------------------------------------------------
@lenient
def _transpose_type(a: Type, axes: Type | None = None) -> Type:
    shape, order = shape_of(a), static_axis(axes, None)
    if shape is None or order is NO_VALUE:
        return _array(a, None)
    return _array(a, shape[::-1] if order is None else tuple(shape[axis] for axis in order))


@linear(
    np.transpose, infer=_transpose_type, view=True,
    at=[(_V,), (_M,), (_T,), sample(_T, (1, 2, 0)), sample(_T, axes=(-1, 0, 1))],
)  # fmt: skip
def transpose(a, axes=None, *, y_bar):
    if axes is None and rank(a) == 2:
        return y_bar.T
    if axes is None:
        return np.transpose(y_bar)
    return np.transpose(y_bar, inverse_permutation(axes))


@lenient
def _swapaxes_type(a: Type, axis1: Type, axis2: Type) -> Type:
    shape, first, second = shape_of(a), static_value(axis1), static_value(axis2)
    if shape is None or first is NO_VALUE or second is NO_VALUE:
        return _array(a, None)
    order = list(range(len(shape)))
    order[first], order[second] = order[second], order[first]
    return _array(a, tuple(shape[axis] for axis in order))


@linear(np.swapaxes, infer=_swapaxes_type, view=True, at=[sample(_T, 0, -1), sample(_M, 0, 1)])
def swapaxes(a, axis1, axis2, *, y_bar):
    return np.swapaxes(y_bar, axis1, axis2)


@lenient
def _moveaxis_type(a: Type, source: Type, destination: Type) -> Type:
    shape, first, last = shape_of(a), static_value(source), static_value(destination)
    if shape is None or first is NO_VALUE or last is NO_VALUE:
        return _array(a, None)
    order = np.moveaxis(np.empty(tuple(range(len(shape)))), first, last).shape
    return _array(a, tuple(shape[axis] for axis in order))


@linear(np.moveaxis, infer=_moveaxis_type, view=True, at=[sample(_T, 0, -1), sample(_T, (0, 1), (2, 0))])
def moveaxis(a, source, destination, *, y_bar):
    return np.moveaxis(y_bar, destination, source)


# ---- order of elements ----------------------------------------------------------------------------
@lenient
def _same_type(a: Type, *rest: Type, **options: Type) -> Type:
    return _array(a, shape_of(a))


@linear(np.flip, infer=_same_type, view=True, at=[(_M,), sample(_M, 1), sample(_T, (0, 2))])
def flip(m, axis=None, *, y_bar):
    if axis is None:
        return np.flip(y_bar)
    return np.flip(y_bar, axis)


@linear(np.fliplr, infer=_same_type, view=True, at=[(_M,)])
def fliplr(m, *, y_bar):
    return np.fliplr(y_bar)


@linear(np.flipud, infer=_same_type, view=True, at=[(_M,), (_V,)])
def flipud(m, *, y_bar):
    return np.flipud(y_bar)


@lenient
def _rot90_type(m: Type, k: Type | None = None, axes: Type | None = None) -> Type:
    shape, times, plane = shape_of(m), static_axis(k, 1), static_axis(axes, (0, 1))
    if shape is None or times is NO_VALUE or plane is NO_VALUE:
        return _array(m, None if shape is None else tuple(fresh_dim("rot90") for _ in shape))
    sizes = list(shape)
    if times % 2:
        sizes[plane[0]], sizes[plane[1]] = sizes[plane[1]], sizes[plane[0]]
    return _array(m, tuple(sizes))


@linear(np.rot90, infer=_rot90_type, view=True, at=[(_M,), sample(_M, 2), sample(_T, -1, (1, 2))])
def rot90(m, k=1, axes=(0, 1), *, y_bar):
    if axes == (0, 1):
        return np.rot90(y_bar, -k)
    return np.rot90(y_bar, -k, axes)


@linear(
    np.roll, infer=_same_type,
    at=[sample(_V, 1), sample(_M, -2), sample(_M, 1, axis=1), sample(_M, (1, 2), axis=(0, 1))],
)  # fmt: skip
def roll(a, shift, axis=None, *, y_bar):
    if is_sequence(shift):
        return np.roll(y_bar, np.negative(shift), axis)
    if axis is None:
        return np.roll(y_bar, -shift)
    return np.roll(y_bar, -shift, axis)


# ---- copies of elements ---------------------------------------------------------------------------
@linear(np.copy, infer=_same_type, at=[(_M,)])
def copy(a, order="K", subok=False, *, y_bar):
    return y_bar


@lenient
def _broadcast_to_type(array: Type, shape: Type, subok: Any = None) -> Type:
    new = to_shape(shape, "broadcast_to")
    return _array(array, new)


@linear(
    np.broadcast_to, infer=_broadcast_to_type, view=True,
    at=[sample(_V, (2, 3)), sample(_M[:, :1], (2, 3)), sample(2.0, (3,)), sample(_V, (3,)), sample(_M[:1], (4, 2, 3))],
)  # fmt: skip
def broadcast_to(array, shape, subok=False, *, y_bar):
    if rank(array) == 0:
        return np.sum(y_bar)
    if stretched_axes(y_bar, array) is None:
        return unbroadcast(y_bar, array)
    if stretched_axes(y_bar, array) == ():
        return y_bar
    if len(stretched_axes(y_bar, array)) == rank(y_bar) - rank(array):
        return np.sum(y_bar, axis=plain(stretched_axes(y_bar, array)))
    return np.reshape(np.sum(y_bar, axis=plain(stretched_axes(y_bar, array))), array.shape)


@lenient
def _unbroadcast_type(wide: Type, like: Type) -> Type:
    return number(dtype_of(wide), shape_of(like))


@linear(
    unbroadcast, infer=_unbroadcast_type, view=True,
    at=[sample(_M, _V), sample(_M, 1.0), sample(_M, _M[:, :1])],
)  # fmt: skip
def unbroadcast_(wide, like, *, y_bar):
    if rank(wide) == 0:
        return y_bar
    return np.broadcast_to(y_bar, np.shape(wide) if rank(wide) is None else wide.shape)


@lenient
def _tile_type(A: Type, reps: Type) -> Type:
    shape, counts = shape_of(A), to_shape(reps, "tile")
    if shape is None or counts is None:
        return _array(A, None)
    ndim = max(len(shape), len(counts))
    padded = (1,) * (ndim - len(shape)) + shape
    times = (1,) * (ndim - len(counts)) + counts
    return _array(A, tuple(product(pair) for pair in zip(padded, times)))


@linear(
    np.tile, infer=_tile_type,
    at=[sample(_V, 2), sample(_M, (2, 1)), sample(_V, (2, 2)), sample(_M, 3), sample(2.0, 3)],
)  # fmt: skip
def tile(A, reps, *, y_bar):
    if rank(A) == 0:
        return np.sum(y_bar)
    if is_single(reps) and rank(A) == 1:
        return np.sum(np.reshape(y_bar, (reps, A.size)), axis=0)
    return untile(y_bar, A.shape, reps)


@lenient
def _untile_type(tiled: Type, shape: Type, reps: Type) -> Type:
    return _array(tiled, to_shape(shape, "untile"))


@linear(untile, infer=_untile_type, at=[sample(_M, (3,), (2, 1))])
def untile_(tiled, shape, reps, *, y_bar):
    return np.tile(y_bar, reps)


@lenient
def _repeat_type(a: Type, repeats: Type, axis: Type | None = None) -> Type:
    shape, count, where = shape_of(a), static_value(repeats), static_axis(axis, None)
    if shape is None or where is NO_VALUE:
        return _array(a, None)
    if where is None:
        shape, where = (product(shape),), 0
    sizes = list(shape)
    sizes[where] = product([sizes[where], count]) if isinstance(count, int) else fresh_dim("repeat")
    return _array(a, tuple(sizes))


@linear(
    np.repeat, infer=_repeat_type,
    at=[sample(_V, 2), sample(_M, 2), sample(_M, 3, axis=1), sample(_M, np.array([2, 0, 1]), 1), sample(2.0, 3)],
)  # fmt: skip
def repeat(a, repeats, axis=None, *, y_bar):
    if rank(a) == 0:
        return np.sum(y_bar)
    if is_single(repeats) and rank(a) == 1:
        return np.sum(np.reshape(y_bar, (a.size, repeats)), axis=1)
    if axis is None:
        return unrepeat(y_bar, repeats, a.shape)
    return unrepeat(y_bar, repeats, a.shape, axis)


@lenient
def _unrepeat_type(repeated: Type, repeats: Type, shape: Type, axis: Any = None) -> Type:
    return _array(repeated, to_shape(shape, "unrepeat"))


@linear(
    unrepeat, infer=_unrepeat_type,
    at=[sample(np.arange(6.0), 2, (3,)), sample(_M, np.array([1, 2]), (2, 2), 1)],
)  # fmt: skip
def unrepeat_(repeated, repeats, shape, axis=None, *, y_bar):
    return np.repeat(y_bar, repeats, axis)


@lenient
def _pad_type(array: Type, pad_width: Type, mode: Any = None, **options: Type) -> Type:
    shape, widths = shape_of(array), static_value(pad_width)
    if shape is None:
        return _array(array, None)
    if widths is NO_VALUE or isinstance(widths, dict):
        return _array(array, tuple(fresh_dim("pad") for _ in shape))
    pairs = np.broadcast_to(widths, (len(shape), 2))
    return _array(
        array, tuple(_widened(size, int(before + after)) for size, (before, after) in zip(shape, pairs))
    )


def _widened(size: Size, by: int) -> Size:
    wider = shift(size, by)
    return Dim(wider.symbol, wider.offset, one=False) if isinstance(wider, Dim) and by > 1 else wider


COPYING = ("constant", "edge", "reflect", "symmetric", "wrap")
"""Modes of `np.pad` in which what is added are constants, or copies of elements."""


@rule(
    np.pad, infer=_pad_type,
    at=[
        sample(_V, 2), sample(_V, 2, constant_values=1.5), sample(_M, 1, constant_values=3.0),
        sample(_M, ((1, 0), (2, 1))), sample(_V, (1, 2), "edge"), sample(_M, 1, "reflect"), sample(_V, 2, mode="wrap"),
        sample(_M, ((1, 1), (2, 2)), "symmetric"),
    ],
)  # fmt: skip
class pad:
    """Padding with constants or with copies of elements."""

    def jvp(
        array, pad_width, mode="constant", constant_values=0, reflect_type="even",
        *, array_dot, constant_values_dot,
    ):  # fmt: skip
        if mode not in COPYING or reflect_type != "even":
            raise NotDifferentiable("np.pad is differentiated for constants and copies of elements only")
        return (
            np.pad(array_dot, pad_width, mode),
            np.pad(np.zeros_like(array), pad_width, constant_values=constant_values_dot),
        )

    def vjp(array, pad_width, mode="constant", constant_values=0, reflect_type="even", *, y_bar):
        if mode not in COPYING or reflect_type != "even":
            raise NotDifferentiable("np.pad is differentiated for constants and copies of elements only")
        if rank(array) == 0:
            inside = y_bar
        elif mode == "constant" and rank(array) == 1 and is_single(pad_width):
            inside = y_bar[pad_width : pad_width + array.size]
        else:
            inside = unpad(y_bar, array.shape, pad_width, mode)
        return inside, np.sum(y_bar) - np.sum(inside)


@lenient
def _unpad_type(padded: Type, shape: Type, pad_width: Type, mode: Any = None) -> Type:
    return _array(padded, to_shape(shape, "unpad"))


@linear(
    unpad, infer=_unpad_type,
    at=[sample(np.arange(5.0), (3,), 1, "edge"), sample(np.ones((4, 3)), (2, 2), ((1, 1), (0, 1)))],
)  # fmt: skip
def unpad_(padded, shape, pad_width, mode="constant", *, y_bar):
    return np.pad(y_bar, pad_width, mode)


# ---- diagonals and triangles ----------------------------------------------------------------------
def diagonal_size(rows: Size, columns: Size, offset: int) -> Size:
    """The length of a diagonal."""
    n, m = shift(rows, min(offset, 0)), shift(columns, -max(offset, 0))
    if n == m:
        return n
    if isinstance(n, int) and isinstance(m, int):
        return min(n, m)
    return Dim(f"min({n},{m})")


@lenient
def _diagonal_type(
    a: Type, offset: Type | None = None, axis1: Type | None = None, axis2: Type | None = None
) -> Type:
    shape, by = shape_of(a), static_axis(offset, 0)
    first, second = static_axis(axis1, 0), static_axis(axis2, 1)
    if shape is None or first is NO_VALUE or second is NO_VALUE:
        return _array(a, None)
    first, second = first % len(shape), second % len(shape)
    length = fresh_dim("diagonal") if by is NO_VALUE else diagonal_size(shape[first], shape[second], by)
    return _array(a, (*(size for k, size in enumerate(shape) if k not in (first, second)), length))


@linear(np.diagonal, infer=_diagonal_type, view=True, at=[(_M,), sample(_M, 1), sample(_T, -1, 2, 0)])
def diagonal(a, offset=0, axis1=0, axis2=1, *, y_bar):
    if rank(a) == 2 and is_zero(axis1):
        return embed_diagonal(y_bar, a.shape, offset)
    return embed_diagonal(y_bar, a.shape, offset, axis1, axis2)


@lenient
def _embed_type(diagonal: Type, shape: Type, *rest: Type) -> Type:
    return _array(diagonal, to_shape(shape, "diagonal"))


@linear(embed_diagonal, infer=_embed_type, at=[sample(_V[:2], (2, 3), 1), sample(_M, (3, 2, 4), 0, 0, 2)])
def embed_diagonal_(diagonal, shape, offset=0, axis1=0, axis2=1, *, y_bar):
    return np.diagonal(y_bar, offset, axis1, axis2)


@lenient
def _diag_type(v: Type, k: Type | None = None) -> Type:
    shape, by = shape_of(v), static_axis(k, 0)
    if shape is None:
        return _array(v, None)
    if len(shape) == 2:
        return _array(v, (fresh_dim("diag") if by is NO_VALUE else diagonal_size(*shape, by),))
    side = fresh_dim("diag") if by is NO_VALUE else shift(shape[0], abs(by))
    return _array(v, (side, side))


@linear(np.diag, infer=_diag_type, at=[(_V,), sample(_V, 1), (_M,), sample(_M, -1), sample(_M, k=1)])
def diag(v, k=0, *, y_bar):
    if rank(v) == 1 and is_zero(k):
        return np.diag(y_bar)
    if rank(v) == 2 and is_square(v) and is_zero(k):
        return np.diag(y_bar)
    if rank(v) == 1:
        return np.diag(y_bar, k)
    return embed_diagonal(y_bar, v.shape, k)


@lenient
def _diagflat_type(v: Type, k: Type | None = None) -> Type:
    flat = _ravel_type(v)
    return _diag_type(flat, k) if k is not None else _diag_type(flat)


@linear(np.diagflat, infer=_diagflat_type, at=[(_V,), sample(_M, 1)])
def diagflat(v, k=0, *, y_bar):
    if rank(v) == 1:
        return np.diag(y_bar, k)
    return np.reshape(np.diag(y_bar, k), v.shape)


@lenient
def _triangle_type(m: Type, k: Any = None) -> Type:
    shape = shape_of(m)
    return _array(m, shape * 2 if shape is not None and len(shape) == 1 else shape)


@linear(np.triu, infer=_triangle_type, at=[(_M,), sample(_M, 1), sample(_T, -1), (_V,)])
def triu(m, k=0, *, y_bar):
    if rank(m) == 1:
        return np.sum(np.triu(y_bar, k), axis=0)
    if is_zero(k):
        return np.triu(y_bar)
    return np.triu(y_bar, k)


@linear(np.tril, infer=_triangle_type, at=[(_M,), sample(_M, 1), sample(_T, -1), (_V,)])
def tril(m, k=0, *, y_bar):
    if rank(m) == 1:
        return np.sum(np.tril(y_bar, k), axis=0)
    if is_zero(k):
        return np.tril(y_bar)
    return np.tril(y_bar, k)


__all__ = ["inverse_permutation", "reshaped", "stretched_axes"]
