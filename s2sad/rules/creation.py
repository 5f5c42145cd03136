"""Functions that make arrays out of sizes and numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.fresh import fresh_dim
from s2sad.rules.record import linear, rank, rule, sample, zero_derivative
from s2sad.rules.sizes import (
    broadcast_shapes,
    dtype_argument,
    dtype_of,
    is_double,
    lenient,
    promote_arrays,
    shape_of,
    static_axis,
    strong,
    to_shape,
)
from s2sad.runtime.arrays import unbroadcast
from s2sad.signature import (
    NO_VALUE,
    Array,
    Opaque,
    Scalar,
    Sequence,
    Size,
    Type,
    kind_of,
    promote,
    static_value,
)

_V, _M = np.array([1.0, -2.0, 0.5]), np.arange(6.0).reshape(2, 3) - 2.5


# ---- constants ------------------------------------------------------------------------------------
def _filled(stem: str) -> Callable[..., Type]:
    @lenient
    def infer(shape: Type, dtype: Type | None = None, order: Any = None, **options: Type) -> Type:
        return Array(dtype_argument(dtype, "float64"), to_shape(shape, stem))

    return infer


@lenient
def _like_type(
    a: Type,
    dtype: Type | None = None,
    order: Any = None,
    subok: Any = None,
    shape: Type | None = None,
    **options: Type,
) -> Type:
    given = static_axis(shape, None)
    sizes = shape_of(a) if given is None else to_shape(shape, "like")
    return Array(dtype_argument(dtype, strong(dtype_of(a))), sizes)


zero_derivative(np.zeros, np.ones, infer=_filled("shape"), at=[sample((2, 3))])
zero_derivative(np.empty, infer=_filled("shape"))
zero_derivative(np.zeros_like, np.ones_like, infer=_like_type, at=[(_M,)])
zero_derivative(np.empty_like, infer=_like_type)


@lenient
def _eye_type(
    N: Type, M: Type | None = None, k: Any = None, dtype: Type | None = None, **options: Type
) -> Type:
    rows = to_shape(N, "eye")
    columns = rows if M is None or static_value(M) is None else to_shape(M, "eye")
    return Array(
        dtype_argument(dtype, "float64"), None if rows is None or columns is None else rows + columns
    )


zero_derivative(np.eye, infer=_eye_type, at=[sample(3), sample(2, 3, 1)])


@lenient
def _identity_type(n: Type, dtype: Type | None = None, **options: Type) -> Type:
    return _eye_type(n, dtype=dtype)


zero_derivative(np.identity, infer=_identity_type, at=[sample(3)])


@lenient
def _tri_type(
    N: Type, M: Type | None = None, k: Any = None, dtype: Type | None = None, **options: Type
) -> Type:
    return _eye_type(N, M, k, dtype)


zero_derivative(np.tri, infer=_tri_type, at=[sample(3)])


# ---- full -----------------------------------------------------------------------------------------
@lenient
def _full_type(
    shape: Type, fill_value: Type, dtype: Type | None = None, order: Any = None, **options: Type
) -> Type:
    return Array(dtype_argument(dtype, strong(dtype_of(fill_value))), to_shape(shape, "full"))


@linear(
    np.full,
    wrt=("fill_value",),
    infer=_full_type,
    at=[sample(3, 2.0), sample((2, 3), 2.0), sample((2, 3), _V)],
)
def full(shape, fill_value, dtype=None, order="C", *, y_bar):
    if rank(fill_value) == 0:
        return np.sum(y_bar)
    return unbroadcast(y_bar, fill_value)


@lenient
def _full_like_type(
    a: Type, fill_value: Type, dtype: Type | None = None, *rest: Type, **options: Type
) -> Type:
    return _like_type(a, dtype, *rest, **options)


@linear(np.full_like, wrt=("fill_value",), infer=_full_like_type, at=[sample(_M, 2.0), sample(_M, _V)])
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, y_bar):
    if rank(fill_value) == 0:
        return np.sum(y_bar)
    return unbroadcast(y_bar, fill_value)


# ---- ranges ---------------------------------------------------------------------------------------
def _range_size(*bounds: Any) -> Size:
    """How many numbers `np.arange` gives: known, a symbol of its own, or that of the only bound."""
    if all(isinstance(bound, (int, np.integer)) for bound in bounds):
        return len(range(*(int(bound) for bound in bounds)))
    if all(isinstance(bound, (int, float)) for bound in bounds):
        return len(np.arange(*bounds))
    return fresh_dim("arange")


@lenient
def _arange_type(
    start: Type,
    stop: Type | None = None,
    step: Type | None = None,
    dtype: Type | None = None,
    **options: Type,
) -> Type:
    given = [known for known in (start, stop, step) if known is not None and static_value(known) is not None]
    if dtype is None and any(isinstance(known, Opaque) for known in given):
        return Opaque()  # integers or floats
    natural = strong(promote(*(dtype_of(known) for known in given)))
    return Array(dtype_argument(dtype, natural), (_range_size(*(static_value(known) for known in given)),))


@rule(np.arange, infer=_arange_type, at=[sample(0.5, 3.0), sample(0.5, 3.2, 0.5), sample(2.5)])
class arange:
    """Equally spaced numbers: the first one and the step matter, where the range stops does not."""

    def jvp(start, stop=None, step=1, dtype=None, *, start_dot, step_dot, y):
        if stop is None:
            return np.zeros_like(y), np.arange(y.size) * step_dot
        return np.full_like(y, start_dot), np.arange(y.size) * step_dot

    def vjp(start, stop=None, step=1, dtype=None, *, y, y_bar):
        if stop is None:
            start_bar = 0.0
        else:
            start_bar = np.sum(y_bar)
        return start_bar, np.sum(y_bar * np.arange(y.size))


@lenient
def _linspace_type(
    start: Type, stop: Type, num: Type | None = None, endpoint: Any = None, retstep: Type | None = None,
    dtype: Type | None = None, axis: Type | None = None, **options: Type,
) -> Type:  # fmt: skip
    count, where = static_axis(num, 50), static_axis(axis, 0)
    wide = promote_arrays(start, stop)
    natural = wide if kind_of(wide) in ("float", "complex") else "float64"
    size: Size = count if isinstance(count, int) else fresh_dim("linspace")
    rest = broadcast_shapes(shape_of(start), shape_of(stop))
    shape = None
    if rest is not None and where is not NO_VALUE:
        where %= len(rest) + 1
        shape = (*rest[:where], size, *rest[where:])
    made = Array(dtype_argument(dtype, natural), shape)
    return Sequence(tuple, (made, Scalar("float64"))) if static_axis(retstep, False) is True else made


@rule(
    np.linspace, infer=_linspace_type,
    at=[
        sample(1.0, 4.0, 5), sample(1.0, 4.0, num=4, endpoint=False), sample(1.0, 3.0, 1), sample(_V, 4.0, 3),
        sample(_V, 2.0 * _V, 4), sample(_V, _M, 3, axis=-1), sample(1.0, 2.0, 0),
    ],
)  # fmt: skip
class linspace:
    """Equally spaced numbers between two."""

    def jvp(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, start_dot, stop_dot):
        if retstep:
            raise NotDifferentiable("np.linspace(retstep=True) is not differentiated: compute the step")
        return (
            np.linspace(start_dot, np.zeros_like(stop), num, endpoint, axis=axis),
            np.linspace(np.zeros_like(start), stop_dot, num, endpoint, axis=axis),
        )

    def vjp(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, y, y_bar):
        if retstep:
            raise NotDifferentiable("np.linspace(retstep=True) is not differentiated: compute the step")
        if rank(start) == 0 and rank(stop) == 0 and endpoint and is_double(y):
            return y_bar @ np.linspace(1.0, 0.0, num), y_bar @ np.linspace(0.0, 1.0, num)
        falling = np.linspace(1.0, 0.0, num, endpoint, dtype=y.dtype)
        rising = np.linspace(0.0, 1.0, num, endpoint, dtype=y.dtype)
        if rank(start) == 0 and rank(stop) == 0:
            return y_bar @ falling, y_bar @ rising
        start_bar = np.tensordot(falling, y_bar, (0, axis))
        stop_bar = np.tensordot(rising, y_bar, (0, axis))
        return unbroadcast(start_bar, start), unbroadcast(stop_bar, stop)
