"""Products of vectors, matrices and arrays: `dot`, `@`, `outer`, `inner`, `vdot`, `tensordot`, `kron`, `trace`.

`einsum` has a file of its own.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.record import conj, linear, rank, rule, sample, static
from s2sad.rules.sizes import (
    Shape,
    broadcast_shapes,
    dtype_of,
    is_double,
    is_square,
    is_zero,
    lenient,
    number,
    plain,
    product,
    promote_arrays,
    shape_of,
    static_axis,
    to_shape,
)
from s2sad.runtime.arrays import kron_first, kron_second, unbroadcast
from s2sad.signature import NO_VALUE, Array, Scalar, Size, Type, may_be_one


# ---- static facts ---------------------------------------------------------------------------------
def sizes_of(x: Any) -> Shape | None:
    """The shape of a value, or the symbols of a type's."""
    return shape_of(x) if isinstance(x, Type) else np.shape(x)


@static
def same_shape(a: Any, b: Any) -> bool:
    """Whether two operands certainly have the same shape."""
    return sizes_of(a) is not None and sizes_of(a) == sizes_of(b)


@static
def batch_axes(a: Any, b: Any) -> tuple[int, ...] | None:
    """The axes of ``a @ b`` that `a` was stretched along; None where that is not known at compile time."""
    mine, other = sizes_of(a), sizes_of(b)
    if mine is None or other is None:
        return None
    mine, other = mine[:-2], other[:-2]
    extra = max(len(other) - len(mine), 0)
    axes = list(range(extra))
    for k, size in enumerate(mine):
        opposite = other[k - len(mine) + len(other)] if len(other) - len(mine) + k >= 0 else 1
        if size == opposite or opposite == 1 or not may_be_one(size):
            continue
        if size != 1 or may_be_one(opposite):
            return None
        axes.append(extra + k)
    return tuple(axes)


@static
def leading(a: Any, drop: int) -> tuple[int, ...]:
    """All axes but the last `drop` ones."""
    return tuple(range((rank(a) or 0) - drop))


@static
def paired(axes: tuple[int, ...]) -> tuple[Any, Any]:
    """The same axes of both operands of `np.tensordot`."""
    return plain(axes), plain(axes)


@static
def leading_pair(a: Any) -> tuple[Any, Any]:
    """All axes but the last one, of both operands of `np.tensordot`."""
    return paired(leading(a, 1))


def span(start: int, count: int) -> tuple[int, ...]:
    """``count`` axes from `start` on."""
    return tuple(range(start, start + count))


@static
def dot_axes(a: Any, b: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of the cotangent of ``np.dot(a, b)`` that came from `b`, and the axes of `b` that they were."""
    first, second = rank(a) or 0, rank(b) or 0
    return plain(span(first - 1, second - 1)), plain((*range(second - 2), second - 1))


@static
def inner_axes(a: Any, b: Any) -> tuple[Any, Any]:
    """The axes of the cotangent of ``np.inner(a, b)`` that came from `b`, and the axes of `b` that they were."""
    first, second = rank(a) or 0, rank(b) or 0
    return plain(span(first - 1, second - 1)), plain(span(0, second - 1))


def contracted(axes: Any, a: Any, b: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of both operands that `np.tensordot` sums over, none negative.

    >>> contracted(1, np.ones((2, 3)), np.ones((3, 2)))
    ((1,), (0,))
    """
    first, second = rank(a) or 0, rank(b) or 0
    if isinstance(axes, (int, np.integer)):
        return tuple(range(first - int(axes), first)), tuple(range(int(axes)))
    of_a, of_b = ((axis,) if isinstance(axis, (int, np.integer)) else tuple(axis) for axis in axes)
    return tuple(axis % first for axis in of_a), tuple(axis % second for axis in of_b)


def _kept(axes: tuple[int, ...], x: Any) -> tuple[int, ...]:
    return tuple(axis for axis in range(rank(x) or 0) if axis not in axes)


@static
def is_matrix_product(axes: Any, a: Any, b: Any) -> bool:
    """Whether `np.tensordot` is the product of two matrices."""
    return rank(a) == rank(b) == 2 and contracted(axes, a, b) == ((1,), (0,))


@static
def sums_all(axes: Any, a: Any, b: Any) -> bool:
    """Whether `np.tensordot` gives a single number, from axes in the same order in both operands."""
    of_a, of_b = contracted(axes, a, b)
    return of_a == of_b == tuple(range(rank(a) or 0)) and rank(a) == rank(b)


@static
def kept_of_first(axes: Any, a: Any, b: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of the result of `np.tensordot` that came from `a`, and the axes of `a` that they were."""
    kept = _kept(contracted(axes, a, b)[0], a)
    return paired(kept) if kept == span(0, len(kept)) else (plain(span(0, len(kept))), plain(kept))


@static
def kept_of_second(axes: Any, a: Any, b: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of the result of `np.tensordot` that came from `b`, and the axes of `b` that they were."""
    of_a, of_b = contracted(axes, a, b)
    kept = _kept(of_b, b)
    return plain(span((rank(a) or 0) - len(of_a), len(kept))), plain(kept)


def _order_back(
    kept: tuple[int, ...], axes: tuple[int, ...], others: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The permutation that brings (kept, contracted) axes back to an operand's own order; None for no change.

    The contracted axes come in the order in which the other operand holds their partners.
    """
    present = [*kept, *(axis for _, axis in sorted(zip(others, axes)))]
    permutation = tuple(present.index(axis) for axis in range(len(present)))
    return None if permutation == tuple(range(len(permutation))) else permutation


@static
def order_of_first(axes: Any, a: Any, b: Any) -> tuple[int, ...] | None:
    """How to permute ``tensordot(y_bar, b)`` so that it looks like `a`."""
    of_a, of_b = contracted(axes, a, b)
    return _order_back(_kept(of_a, a), of_a, of_b)


@static
def order_of_second(axes: Any, a: Any, b: Any) -> tuple[int, ...] | None:
    """How to permute ``tensordot(y_bar, a)`` so that it looks like `b`."""
    of_a, of_b = contracted(axes, a, b)
    return _order_back(_kept(of_b, b), of_b, of_a)


# ---- matmul ---------------------------------------------------------------------------------------
@lenient
def _matmul_type(a: Type, b: Type, **options: Type) -> Type:
    dtype, p, q = promote_arrays(a, b), shape_of(a), shape_of(b)
    if p is None or q is None:
        return Array(dtype, None)
    rows: Shape = p[-2:-1]
    columns: Shape = q[-1:] if len(q) > 1 else ()
    batch = broadcast_shapes(p[:-2], q[:-2])
    assert batch is not None
    return number(dtype, batch + rows + columns)


_V, _M, _T = (
    np.array([1.0, -2.0, 0.5]),
    np.arange(6.0).reshape(2, 3) - 2.5,
    np.linspace(-1.0, 1.0, 24).reshape(2, 3, 4),
)


@rule(
    operator.matmul, np.matmul, infer=_matmul_type,
    at=[
        (_V, _V), (_M, _V), (_V, _M.T), (_M, _M.T), (_M, _T), (_T, _T[0].T), (_V, _T), (_T, np.arange(4.0)),
        (_T, _T[:1].swapaxes(1, 2)), (_T[:1], _T.swapaxes(1, 2)),
    ],
)  # fmt: skip
class matmul:
    """``a @ b``."""

    def jvp(a, b, *, a_dot, b_dot):
        return a_dot @ b, a @ b_dot

    def vjp(a, b, *, y_bar):
        if rank(a) is None or rank(b) is None:
            raise NotDifferentiable("the ranks of the operands of a product must be known at compile time")
        if rank(a) == 1 and rank(b) == 1:
            a_bar = y_bar * conj(b)
            b_bar = y_bar * conj(a)
        elif rank(a) == 2 and rank(b) == 2:
            a_bar = y_bar @ conj(b).T
            b_bar = conj(a).T @ y_bar
        elif rank(a) == 2 and rank(b) == 1:
            a_bar = np.outer(y_bar, conj(b))
            b_bar = conj(a).T @ y_bar
        elif rank(a) == 1 and rank(b) == 2:
            a_bar = conj(b) @ y_bar
            b_bar = np.outer(conj(a), y_bar)
        elif rank(a) == 1:
            a_bar = np.sum(conj(b) @ y_bar[..., None], axis=plain(leading(b, 2)))[:, 0]
            b_bar = conj(a)[:, None] * y_bar[..., None, :]
        elif rank(b) == 1:
            a_bar = y_bar[..., None] * conj(b)
            b_bar = np.tensordot(conj(a), y_bar, leading_pair(a))
        elif rank(b) == 2:
            a_bar = y_bar @ conj(b).T
            b_bar = np.tensordot(conj(a), y_bar, leading_pair(a))
        else:
            a_bar = y_bar @ np.swapaxes(conj(b), -1, -2)
            b_bar = np.swapaxes(conj(a), -1, -2) @ y_bar
            if batch_axes(a, b) is None:
                a_bar = unbroadcast(a_bar, a)
            elif batch_axes(a, b) != ():
                a_bar = np.reshape(np.sum(a_bar, axis=plain(batch_axes(a, b))), a.shape)
            if batch_axes(b, a) is None:
                b_bar = unbroadcast(b_bar, b)
            elif batch_axes(b, a) != ():
                b_bar = np.reshape(np.sum(b_bar, axis=plain(batch_axes(b, a))), b.shape)
        return a_bar, b_bar


# ---- dot and its kin ------------------------------------------------------------------------------
@lenient
def _dot_type(a: Type, b: Type, out: Any = None) -> Type:
    dtype, p, q = promote_arrays(a, b), shape_of(a), shape_of(b)
    if p is None or q is None:
        return Array(dtype, None)
    if p == () or q == ():
        return number(dtype, p + q)
    return number(dtype, p[:-1] + q[:-2] + (q[-1:] if len(q) > 1 else ()))


@rule(
    np.dot, infer=_dot_type,
    at=[
        (2.0, _V), (_M, 3.0), (2.0, 3.0), (_V, _V), (_M, _V), (_V, _M.T), (_M, _M.T), (_T.swapaxes(1, 2), _V),
        (_T.swapaxes(1, 2), _M.T), (_M, _T), (_V, _T),
    ],
)  # fmt: skip
class dot:
    """Matrix product of any two ranks."""

    def jvp(a, b, *, a_dot, b_dot):
        return np.dot(a_dot, b), np.dot(a, b_dot)

    def vjp(a, b, *, y_bar):
        if rank(a) is None or rank(b) is None:
            raise NotDifferentiable("the ranks of the operands of a product must be known at compile time")
        if rank(a) == 0 and rank(b) == 0:
            a_bar = y_bar * conj(b)
            b_bar = y_bar * conj(a)
        elif rank(a) == 0:
            a_bar = np.sum(y_bar * conj(b))
            b_bar = y_bar * conj(a)
        elif rank(b) == 0:
            a_bar = y_bar * conj(b)
            b_bar = np.sum(y_bar * conj(a))
        elif rank(a) == 1 and rank(b) == 1:
            a_bar = y_bar * conj(b)
            b_bar = y_bar * conj(a)
        elif rank(a) == 2 and rank(b) == 2:
            a_bar = y_bar @ conj(b).T
            b_bar = conj(a).T @ y_bar
        elif rank(a) == 2 and rank(b) == 1:
            a_bar = np.outer(y_bar, conj(b))
            b_bar = conj(a).T @ y_bar
        elif rank(a) == 1 and rank(b) == 2:
            a_bar = conj(b) @ y_bar
            b_bar = np.outer(conj(a), y_bar)
        elif rank(b) == 1:
            a_bar = y_bar[..., None] * conj(b)
            b_bar = np.tensordot(conj(a), y_bar, leading_pair(a))
        else:
            a_bar = np.tensordot(y_bar, conj(b), dot_axes(a, b))
            b_bar = np.moveaxis(np.tensordot(conj(a), y_bar, leading_pair(a)), 0, -2)
        return a_bar, b_bar


@lenient
def _inner_type(a: Type, b: Type) -> Type:
    dtype, p, q = promote_arrays(a, b), shape_of(a), shape_of(b)
    if p is None or q is None:
        return Array(dtype, None)
    return number(dtype, p + q if p == () or q == () else p[:-1] + q[:-1])


@rule(
    np.inner, infer=_inner_type,
    at=[(2.0, _V), (_M, 3.0), (_V, _V), (_M, _V), (_V, _M), (_M, _M), (_T.swapaxes(1, 2), _M)],
)  # fmt: skip
class inner:
    """Sum of products over the last axes."""

    def jvp(a, b, *, a_dot, b_dot):
        return np.inner(a_dot, b), np.inner(a, b_dot)

    def vjp(a, b, *, y_bar):
        if rank(a) is None or rank(b) is None:
            raise NotDifferentiable("the ranks of the operands of a product must be known at compile time")
        if rank(a) == 0 and rank(b) == 0:
            a_bar = y_bar * conj(b)
            b_bar = y_bar * conj(a)
        elif rank(a) == 0:
            a_bar = np.sum(y_bar * conj(b))
            b_bar = y_bar * conj(a)
        elif rank(b) == 0:
            a_bar = y_bar * conj(b)
            b_bar = np.sum(y_bar * conj(a))
        elif rank(a) == 1 and rank(b) == 1:
            a_bar = y_bar * conj(b)
            b_bar = y_bar * conj(a)
        elif rank(a) == 2 and rank(b) == 2:
            a_bar = y_bar @ conj(b)
            b_bar = y_bar.T @ conj(a)
        else:
            a_bar = np.tensordot(y_bar, conj(b), inner_axes(a, b))
            b_bar = np.tensordot(y_bar, conj(a), leading_pair(a))
        return a_bar, b_bar


@lenient
def _outer_type(a: Type, b: Type, out: Any = None) -> Type:
    p, q = shape_of(a), shape_of(b)
    if p is None or q is None:
        return Array(promote_arrays(a, b), None)
    return Array(promote_arrays(a, b), (product(p), product(q)))


@rule(np.outer, infer=_outer_type, at=[(_V, np.array([2.0, -1.0])), (_M, _V), (2.0, _V), (_V, 2.0)])
class outer:
    """Products of every element of one array with every element of another."""

    def jvp(a, b, *, a_dot, b_dot):
        return np.outer(a_dot, b), np.outer(a, b_dot)

    def vjp(a, b, *, y_bar):
        if rank(b) == 1:
            a_bar = y_bar @ conj(b)
        else:
            a_bar = y_bar @ np.ravel(conj(b))
        if rank(a) == 1:
            b_bar = conj(a) @ y_bar
        else:
            b_bar = np.ravel(conj(a)) @ y_bar
        if rank(a) != 1:
            a_bar = np.reshape(a_bar, np.shape(a))
        if rank(b) != 1:
            b_bar = np.reshape(b_bar, np.shape(b))
        return a_bar, b_bar


@lenient
def _vdot_type(a: Type, b: Type) -> Type:
    return Scalar(promote_arrays(a, b))


@rule(np.vdot, infer=_vdot_type, at=[(_V, _V), (_M, _M[::-1]), (_M, _M.T), (2.0, 3.0), (_V, _V[None])])
class vdot:
    """Sum of products of all elements, the first operand conjugated."""

    def jvp(a, b, *, a_dot, b_dot):
        return np.vdot(a_dot, b), np.vdot(a, b_dot)

    def vjp(a, b, *, y_bar):
        if rank(a) == rank(b) == 1 or same_shape(a, b):
            a_bar = conj(y_bar) * b
            b_bar = y_bar * a
        else:
            a_bar = conj(y_bar) * np.reshape(b, np.shape(a))
            b_bar = y_bar * np.reshape(a, np.shape(b))
        return a_bar, b_bar


# ---- tensordot ------------------------------------------------------------------------------------
@lenient
def _tensordot_type(a: Type, b: Type, axes: Type | None = None) -> Type:
    dtype, p, q = promote_arrays(a, b), shape_of(a), shape_of(b)
    where = static_axis(axes, 2)
    if p is None or q is None or where is NO_VALUE:
        return Array(dtype, None)
    of_a, of_b = contracted(where, Array(dtype, p), Array(dtype, q))
    kept: list[Size] = [size for k, size in enumerate(p) if k not in of_a]
    kept += [size for k, size in enumerate(q) if k not in of_b]
    return Array(dtype, tuple(kept))


@rule(
    np.tensordot, infer=_tensordot_type,
    at=[
        sample(_M, _M.T, 1), sample(_T, _T.transpose(1, 2, 0)), sample(_T, _T, ((2, 0), (2, 0))), sample(_V, _V, 0),
        sample(_T, _T.transpose(2, 0, 1), ((0, 2), (1, 0))),
        sample(_M, _V, axes=[-1, 0]), sample(_M, _M, axes=([0, 1], [0, 1])),
    ],
)  # fmt: skip
class tensordot:
    """Sum of products over chosen axes of both operands."""

    def jvp(a, b, axes=2, *, a_dot, b_dot):
        return np.tensordot(a_dot, b, axes), np.tensordot(a, b_dot, axes)

    def vjp(a, b, axes=2, *, y_bar):
        if rank(a) is None or rank(b) is None:
            raise NotDifferentiable("the ranks of the operands of a product must be known at compile time")
        if sums_all(axes, a, b):
            a_bar = y_bar * conj(b)
            b_bar = y_bar * conj(a)
        elif is_matrix_product(axes, a, b):
            a_bar = y_bar @ conj(b).T
            b_bar = conj(a).T @ y_bar
        else:
            a_bar = np.tensordot(y_bar, conj(b), kept_of_second(axes, a, b))
            b_bar = np.tensordot(y_bar, conj(a), kept_of_first(axes, a, b))
            if order_of_first(axes, a, b) is not None:
                a_bar = np.transpose(a_bar, order_of_first(axes, a, b))
            if order_of_second(axes, a, b) is not None:
                b_bar = np.transpose(b_bar, order_of_second(axes, a, b))
        return a_bar, b_bar


# ---- kron -----------------------------------------------------------------------------------------
@lenient
def _kron_type(a: Type, b: Type) -> Type:
    dtype, p, q = promote_arrays(a, b), shape_of(a), shape_of(b)
    if p is None or q is None:
        return Array(dtype, None)
    ndim = max(len(p), len(q))
    p, q = (1,) * (ndim - len(p)) + p, (1,) * (ndim - len(q)) + q
    return Array(dtype, tuple(product(pair) for pair in zip(p, q)))


@rule(np.kron, infer=_kron_type, at=[(_V, np.array([2.0, -1.0])), (_M, _M.T), (_V, _M), (_M, _V)])
class kron:
    """Blocks of the second operand, each times an element of the first."""

    def jvp(a, b, *, a_dot, b_dot):
        return np.kron(a_dot, b), np.kron(a, b_dot)

    def vjp(a, b, *, y_bar):
        return kron_first(y_bar, conj(b), np.shape(a)), kron_second(y_bar, conj(a), np.shape(b))


@lenient
def _unkron_type(y: Type, other: Type, shape: Type) -> Type:
    return Array(promote_arrays(y, other), to_shape(shape, "kron"))


@rule(kron_first, infer=_unkron_type, at=[sample(np.arange(12.0).reshape(2, 6), _M, (1, 2))])
class kron_first_:
    """The transpose of `np.kron` in its first operand."""

    def jvp(g, b, shape, *, g_dot, b_dot):
        return kron_first(g_dot, b, shape), kron_first(g, b_dot, shape)

    def vjp(g, b, shape, *, y_bar):
        return np.kron(y_bar, conj(b)), kron_second(conj(g), y_bar, np.shape(b))


@rule(kron_second, infer=_unkron_type, at=[sample(np.arange(12.0).reshape(2, 6), np.ones((1, 2)), (2, 3))])
class kron_second_:
    """The transpose of `np.kron` in its second operand."""

    def jvp(g, a, shape, *, g_dot, a_dot):
        return kron_second(g_dot, a, shape), kron_second(g, a_dot, shape)

    def vjp(g, a, shape, *, y_bar):
        return np.kron(conj(a), y_bar), kron_first(conj(g), y_bar, np.shape(a))


# ---- trace ----------------------------------------------------------------------------------------


def _trace_sizes(a: Type, offset: Any, axis1: Any, axis2: Any) -> tuple[str, Shape | None]:
    shape = shape_of(a)
    first, second = static_axis(axis1, 0), static_axis(axis2, 1)
    if shape is None or first is NO_VALUE or second is NO_VALUE:
        return dtype_of(a), None
    gone = {first % len(shape), second % len(shape)}
    return dtype_of(a), tuple(size for k, size in enumerate(shape) if k not in gone)


@lenient
def _trace_type(
    a: Type, offset: Any = None, axis1: Any = None, axis2: Any = None, dtype: Any = None, out: Any = None
) -> Type:
    return number(*_trace_sizes(a, offset, axis1, axis2))


_SQUARE = np.arange(9.0).reshape(3, 3)


@linear(
    np.trace, infer=_trace_type,
    at=[(_SQUARE,), sample(_M, 1), sample(_M, 1, 1, 0), sample(_T, 0, 1, 2), sample(_T, -1, axis1=2, axis2=0)],
)  # fmt: skip
def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None, *, y_bar):
    if is_square(a) and is_zero(offset) and is_double(a):
        return y_bar * np.eye(len(a))
    if rank(a) == 2 and axis1 % 2 == 0 and is_zero(offset):
        return y_bar * np.eye(a.shape[0], a.shape[1], dtype=a.dtype)
    if rank(a) == 2 and axis1 % 2 == 0:
        return y_bar * np.eye(a.shape[0], a.shape[1], offset, dtype=a.dtype)
    if rank(a) == 2:
        return y_bar * np.eye(a.shape[0], a.shape[1], -offset, dtype=a.dtype)
    return np.moveaxis(
        y_bar[..., None, None] * np.eye(a.shape[axis1], a.shape[axis2], offset, dtype=a.dtype),
        (-2, -1), (axis1, axis2),
    )  # fmt: skip
