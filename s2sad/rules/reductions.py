"""Rules of NumPy's reductions and cumulative functions, with every form of `axis` and `keepdims`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.facts import is_complex, is_narrow
from s2sad.rules.kinks import KINKS
from s2sad.rules.probe import probe
from s2sad.rules.record import conj, kept_axes, linear, nondifferentiable, rank, rule, sample, static
from s2sad.rules.samples import REDUCTIONS, array, arrays
from s2sad.rules.sizes import lenient, strong
from s2sad.runtime.recurrences import shifted
from s2sad.signature import NO_VALUE, Array, Scalar, Static, Type, static_value

ALL_FORMS = arrays("(3,4)", **REDUCTIONS) + [
    *arrays("(2,3,2)", axis=[(0, 2), (-1, 0), 1]),
    *arrays("(5,)", axis=[None, 0, -1]),
    sample(1.7),
]


# ---- what is known of the result --------------------------------------------------------------------
def reduced(function: Callable[..., Any], *names: str) -> Callable[..., Type]:
    """How to type a reduction whose parameters after the array are `names`."""

    @lenient
    def infer(a: Type, *args: Type, **named: Type) -> Type:
        given = {
            key: known for key, known in (dict(zip(names, args)) | named).items() if not _left_out(known)
        }
        if not isinstance(a, (Scalar, Array)):
            return probe(function, [a], given)
        axis, keepdims = (static_value(given.get(key, Static(None))) for key in ("axis", "keepdims"))
        if axis is NO_VALUE or keepdims is NO_VALUE:
            return probe(function, [a], given)
        return _shaped(function, a, axis, bool(keepdims), given)

    return infer


def _left_out(known: Type) -> bool:
    value = static_value(known)
    return value is None or value is np._NoValue


def _shaped(
    function: Callable[..., Any], a: Scalar | Array, axis: Any, keepdims: bool, given: dict[str, Type]
) -> Type:
    """The operand's shape less the reduced axes, and the dtype that the function gives for a tiny array."""
    rest = {key: known for key, known in given.items() if key in ("dtype", "ddof")}
    tried = probe(function, [Array(strong(a.dtype), (3,))], rest)
    dtype = tried.dtype if isinstance(tried, (Scalar, Array)) else a.dtype
    if a.rank is None or a.shape is None:
        whole = axis is None and not keepdims
        return Scalar(dtype) if whole else Array(dtype, None)
    axes = range(a.rank) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    if a.rank == 0 and axes in ((0,), (-1,)):  # NumPy takes a number for an array of one axis here
        return Scalar(dtype)
    if any(not -a.rank <= k < a.rank for k in axes):  # NumPy's own error, on the user's line
        return Array(dtype, None)
    gone = {k % a.rank for k in axes}
    kept = tuple(1 if k in gone else size for k, size in enumerate(a.shape) if keepdims or k not in gone)
    return Array(dtype, kept) if kept else Scalar(dtype)


# ---- sums -------------------------------------------------------------------------------------------
@linear(
    np.sum, infer=reduced(np.sum, "axis", "dtype", "out", "keepdims", "initial", "where"),
    at=[
        *ALL_FORMS,
        sample(array((3, 4)), where=array((3, 4)) > 0.0),
        sample(array((3, 4)), 0, where=array((4,)) > 0.0),
        sample(array((3, 4)), 0, keepdims=True, initial=1.5),
    ],
    wrt=("a", "initial"),
)  # fmt: skip
def sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None, *, y_bar):
    if keepdims or takes_all(axis, rank(a)) or rank(y_bar) == 0:
        spread = y_bar
    elif rank(a) is None:
        spread = np.expand_dims(y_bar, axis)
    else:
        spread = y_bar[kept_axes(axis, rank(a))]
    if where is not None:
        spread = np.where(where, spread, 0.0)
    return spread, np.sum(y_bar)


@static
def takes_all(axis: Any, ndim: int | None) -> bool:
    """Whether a reduction leaves a single number.

    >>> takes_all(None, None), takes_all((1, 0), 2), takes_all(0, 2)
    (True, True, False)
    """
    if axis is None:
        return True
    return (
        ndim is not None
        and len({k % max(ndim, 1) for k in ((axis,) if isinstance(axis, int) else axis)}) >= ndim
    )


@static
def count_axes(axis: Any) -> int:
    """How many axes `axis` names."""
    return 1 if isinstance(axis, int) else len(axis)


@static
def nth_axis(axis: Any, k: int) -> int:
    """The k-th of the axes that `axis` names."""
    return axis if isinstance(axis, int) else axis[k]


@linear(np.mean, at=ALL_FORMS, infer=reduced(np.mean, "axis", "dtype", "out", "keepdims", "where"))
def mean(a, axis=None, dtype=None, out=None, keepdims=False, *, y_bar):
    if rank(a) == 0:
        return y_bar
    if takes_all(axis, rank(a)):
        return y_bar / a.size
    if keepdims or rank(y_bar) == 0:
        spread = y_bar
    elif rank(a) is None:
        spread = np.expand_dims(y_bar, axis)
    else:
        spread = y_bar[kept_axes(axis, rank(a))]
    if count_axes(axis) == 1:
        return spread / a.shape[nth_axis(axis, 0)]
    if count_axes(axis) == 2:
        return spread / (a.shape[nth_axis(axis, 0)] * a.shape[nth_axis(axis, 1)])
    return spread / int(np.prod(np.take(a.shape, axis)))


# ---- spread -----------------------------------------------------------------------------------------
@static
def lost(ddof: Any) -> bool:
    """Whether the divisor is less than the count."""
    return not (isinstance(ddof, int) and ddof == 0)


@rule(
    np.var,
    at=[*ALL_FORMS, *arrays("(3,4)", axis=[None, 1, (0, 1)], ddof=[1])],
    infer=reduced(np.var, "axis", "dtype", "out", "ddof", "keepdims"),
)
class var:
    def jvp(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, a_dot):
        if rank(a) == 0:
            return 0.0 * np.real(a_dot)
        if takes_all(axis, rank(a)):
            count = a.size
        elif count_axes(axis) == 1:
            count = a.shape[nth_axis(axis, 0)]
        else:
            count = int(np.prod(np.take(a.shape, axis)))
        if lost(ddof):
            count = count - ddof
        if takes_all(axis, rank(a)):
            centred = a - np.mean(a)
        elif rank(a) is None:
            centred = a - np.expand_dims(np.mean(a, axis=axis), axis)
        else:
            centred = a - np.mean(a, axis=axis)[kept_axes(axis, rank(a))]
        if is_complex(a):
            products = np.real(np.conj(centred) * a_dot)
        else:
            products = centred * a_dot
        if keepdims:
            total = np.sum(products, axis=axis, keepdims=True)
        elif axis is None:
            total = np.sum(products)
        else:
            total = np.sum(products, axis=axis)
        return 2.0 / count * total

    def vjp(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, y_bar):
        if rank(a) == 0:
            return 0.0 * y_bar
        if takes_all(axis, rank(a)):
            count = a.size
        elif count_axes(axis) == 1:
            count = a.shape[nth_axis(axis, 0)]
        else:
            count = int(np.prod(np.take(a.shape, axis)))
        if lost(ddof):
            count = count - ddof
        if takes_all(axis, rank(a)):
            centred = a - np.mean(a)
        elif rank(a) is None:
            centred = a - np.expand_dims(np.mean(a, axis=axis), axis)
        else:
            centred = a - np.mean(a, axis=axis)[kept_axes(axis, rank(a))]
        if keepdims or takes_all(axis, rank(a)) or rank(y_bar) == 0:
            spread = y_bar
        elif rank(a) is None:
            spread = np.expand_dims(y_bar, axis)
        else:
            spread = y_bar[kept_axes(axis, rank(a))]
        return 2.0 / count * spread * centred


@rule(
    np.std,
    at=[*ALL_FORMS, *arrays("(3,4)", axis=[None, 1, (0, 1)], ddof=[1])],
    infer=reduced(np.std, "axis", "dtype", "out", "ddof", "keepdims"),
)
class std:
    kink = KINKS["spread"].condition

    def jvp(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, a_dot, y):
        if rank(a) == 0:
            return 0.0 * np.real(a_dot)
        if takes_all(axis, rank(a)):
            count = a.size
        elif count_axes(axis) == 1:
            count = a.shape[nth_axis(axis, 0)]
        else:
            count = int(np.prod(np.take(a.shape, axis)))
        if lost(ddof):
            count = count - ddof
        if takes_all(axis, rank(a)):
            centred = a - np.mean(a)
        elif rank(a) is None:
            centred = a - np.expand_dims(np.mean(a, axis=axis), axis)
        else:
            centred = a - np.mean(a, axis=axis)[kept_axes(axis, rank(a))]
        if is_complex(a):
            products = np.real(np.conj(centred) * a_dot)
        else:
            products = centred * a_dot
        if keepdims:
            total = np.sum(products, axis=axis, keepdims=True)
        elif axis is None:
            total = np.sum(products)
        else:
            total = np.sum(products, axis=axis)
        return total / (count * (y + (y == 0.0)))  # where all elements are equal the numerator is 0

    def vjp(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, y, y_bar):
        if rank(a) == 0:
            return 0.0 * y_bar
        if takes_all(axis, rank(a)):
            count = a.size
        elif count_axes(axis) == 1:
            count = a.shape[nth_axis(axis, 0)]
        else:
            count = int(np.prod(np.take(a.shape, axis)))
        if lost(ddof):
            count = count - ddof
        if takes_all(axis, rank(a)):
            centred = a - np.mean(a)
        elif rank(a) is None:
            centred = a - np.expand_dims(np.mean(a, axis=axis), axis)
        else:
            centred = a - np.mean(a, axis=axis)[kept_axes(axis, rank(a))]
        scale = y_bar / (count * (y + (y == 0.0)))
        if keepdims or takes_all(axis, rank(a)):
            spread = scale
        elif rank(a) is None:
            spread = np.expand_dims(scale, axis)
        else:
            spread = scale[kept_axes(axis, rank(a))]
        return spread * centred


# ---- extrema ----------------------------------------------------------------------------------------
@rule(np.max, np.min, np.amax, np.amin, at=[*ALL_FORMS, sample(np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]), 1)],
      infer=reduced(np.max, "axis", "out", "keepdims", "initial", "where"))  # fmt: skip
class extremum:
    kink = KINKS["extremum"].condition

    def jvp(a, axis=None, out=None, keepdims=False, initial=None, where=None, *, a_dot, y):
        if initial is not None or where is not None:
            raise NotDifferentiable("initial= and where= of np.max and np.min are not differentiated")
        if rank(a) == 0:
            return a_dot
        if keepdims or takes_all(axis, rank(a)):
            hit = a == y
        elif rank(a) is None:
            hit = a == np.expand_dims(y, axis)
        else:
            hit = a == y[kept_axes(axis, rank(a))]
        if is_narrow(a):
            hit = hit.astype(a.dtype)
        if keepdims:
            return np.sum(a_dot * hit, axis=axis, keepdims=True) / np.sum(hit, axis=axis, keepdims=True)
        if takes_all(axis, rank(a)):
            return np.sum(a_dot * hit) / np.sum(hit)
        return np.sum(a_dot * hit, axis=axis) / np.sum(hit, axis=axis)

    def vjp(a, axis=None, out=None, keepdims=False, initial=None, where=None, *, y, y_bar):
        if initial is not None or where is not None:
            raise NotDifferentiable("initial= and where= of np.max and np.min are not differentiated")
        if rank(a) == 0:
            return y_bar
        if keepdims or takes_all(axis, rank(a)):
            hit = a == y
        elif rank(a) is None:
            hit = a == np.expand_dims(y, axis)
        else:
            hit = a == y[kept_axes(axis, rank(a))]
        if is_narrow(a):
            hit = hit.astype(a.dtype)
        if takes_all(axis, rank(a)):
            return y_bar / np.sum(hit) * hit
        if keepdims:
            return y_bar / np.sum(hit, axis=axis, keepdims=True) * hit
        share = y_bar / np.sum(hit, axis=axis)
        if rank(a) is None:
            return np.expand_dims(share, axis) * hit
        return share[kept_axes(axis, rank(a))] * hit


# ---- products ---------------------------------------------------------------------------------------
@static
def along(axis: int, ndim: int, start: int | None, stop: int | None, step: int | None = None) -> Any:
    """The index that slices one axis.

    >>> along(-1, 2, None, 1), along(0, 1, None, 1)
    ((slice(None, None, None), slice(None, 1, None)), slice(None, 1, None))
    """
    if ndim == 1:
        return slice(start, stop, step)
    return tuple(slice(start, stop, step) if k == axis % ndim else slice(None) for k in range(ndim))


@static
def single_axis(axis: Any, ndim: int | None) -> int | None:
    """The one axis that is reduced, if it is only one and the rank is known.

    >>> single_axis(None, 1), single_axis((-1,), 2), single_axis(None, 2)
    (0, -1, None)
    """
    if ndim is None or ndim == 0:
        return None
    if axis is None:
        return 0 if ndim == 1 else None
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    return axes[0] if len(axes) == 1 else None


@static
def to_the_end(axis: Any) -> Any:
    """Where the reduced axes go, so that they are the last ones.

    >>> to_the_end(0), to_the_end((0, 2))
    (-1, (-2, -1))
    """
    return -1 if isinstance(axis, int) else tuple(range(-len(axis), 0))


ZEROS = [
    sample(np.array([2.0, 0.0, -1.5])),
    sample(np.array([2.0, 0.0, 0.0])),
    sample(np.array([[2.0, 0.0], [3.0, 4.0]]), axis=0),
    sample(np.array([[2.0, 0.0], [3.0, 4.0]])),
    sample(np.array([[2.0, 0.0], [0.0, 4.0]])),
]


@rule(
    np.prod,
    at=[*ALL_FORMS, *ZEROS],
    infer=reduced(np.prod, "axis", "dtype", "out", "keepdims", "initial", "where"),
)
class prod:
    """No division: the product of the others is right where an element is 0."""

    def jvp(a, axis=None, dtype=None, out=None, keepdims=False, *, a_dot, y):
        k = single_axis(axis, rank(a))
        if rank(a) == 0:
            return a_dot
        if rank(a) == 1:
            one = np.ones_like(a[:1])
            before = np.cumprod(np.concatenate((one, a[:-1])))
            others = before * np.cumprod(np.concatenate((one, a[:0:-1])))[::-1]
        elif takes_all(axis, rank(a)):
            flat = np.ravel(a)
            one = np.ones_like(flat[:1])
            before = np.cumprod(np.concatenate((one, flat[:-1])))
            others = np.reshape(before * np.cumprod(np.concatenate((one, flat[:0:-1])))[::-1], a.shape)
        elif k is not None:
            one = np.ones_like(a[along(k, rank(a), None, 1)])
            before = np.cumprod(np.concatenate((one, a[along(k, rank(a), None, -1)]), axis=k), axis=k)
            after = np.cumprod(np.concatenate((one, a[along(k, rank(a), None, 0, -1)]), axis=k), axis=k)
            others = before * after[along(k, rank(a), None, None, -1)]
        else:
            last = np.moveaxis(a, axis, to_the_end(axis))
            flat = np.reshape(last, (*last.shape[: -count_axes(axis)], -1))
            before = np.cumprod(shifted(flat, 1, -1, 1.0), axis=-1)
            after = np.cumprod(np.flip(shifted(flat, -1, -1, 1.0), -1), axis=-1)
            others = np.moveaxis(np.reshape(before * np.flip(after, -1), last.shape), to_the_end(axis), axis)
        if keepdims:
            return np.sum(a_dot * others, axis=axis, keepdims=True)
        if axis is None:
            return np.sum(a_dot * others)
        return np.sum(a_dot * others, axis=axis)

    def vjp(a, axis=None, dtype=None, out=None, keepdims=False, *, y, y_bar):
        k = single_axis(axis, rank(a))
        if rank(a) == 0:
            return y_bar
        if rank(a) == 1:
            one = np.ones_like(a[:1])
            before = np.cumprod(np.concatenate((one, a[:-1])))
            others = before * np.cumprod(np.concatenate((one, a[:0:-1])))[::-1]
        elif takes_all(axis, rank(a)):
            flat = np.ravel(a)
            one = np.ones_like(flat[:1])
            before = np.cumprod(np.concatenate((one, flat[:-1])))
            others = np.reshape(before * np.cumprod(np.concatenate((one, flat[:0:-1])))[::-1], a.shape)
        elif k is not None:
            one = np.ones_like(a[along(k, rank(a), None, 1)])
            before = np.cumprod(np.concatenate((one, a[along(k, rank(a), None, -1)]), axis=k), axis=k)
            after = np.cumprod(np.concatenate((one, a[along(k, rank(a), None, 0, -1)]), axis=k), axis=k)
            others = before * after[along(k, rank(a), None, None, -1)]
        else:
            last = np.moveaxis(a, axis, to_the_end(axis))
            flat = np.reshape(last, (*last.shape[: -count_axes(axis)], -1))
            before = np.cumprod(shifted(flat, 1, -1, 1.0), axis=-1)
            after = np.cumprod(np.flip(shifted(flat, -1, -1, 1.0), -1), axis=-1)
            others = np.moveaxis(np.reshape(before * np.flip(after, -1), last.shape), to_the_end(axis), axis)
        if keepdims or takes_all(axis, rank(a)) or rank(y_bar) == 0:
            spread = y_bar
        elif rank(a) is None:
            spread = np.expand_dims(y_bar, axis)
        else:
            spread = y_bar[kept_axes(axis, rank(a))]
        return spread * conj(others)


# ---- where some numbers are missing -----------------------------------------------------------------
MISSING = [
    sample(np.array([[1.0, np.nan, 3.0], [0.5, 2.0, -1.0]]), **chosen)
    for chosen in ({}, {"axis": 0}, {"axis": 1}, {"axis": (0, 1)}, {"axis": -1, "keepdims": True})
]


@rule(np.nansum, at=MISSING, infer=reduced(np.nansum, "axis", "dtype", "out", "keepdims"))
class nansum:
    def jvp(a, axis=None, dtype=None, out=None, keepdims=False, *, a_dot):
        return np.sum(np.where(np.isnan(a), 0.0, a_dot), axis=axis, keepdims=keepdims)

    def vjp(a, axis=None, dtype=None, out=None, keepdims=False, *, y_bar):
        if keepdims or takes_all(axis, rank(a)):
            spread = y_bar
        else:
            spread = np.expand_dims(y_bar, axis)
        return np.where(np.isnan(a), 0.0, spread)


@rule(np.nanmean, at=MISSING, infer=reduced(np.nanmean, "axis", "dtype", "out", "keepdims"))
class nanmean:
    def jvp(a, axis=None, dtype=None, out=None, keepdims=False, *, a_dot):
        present = ~np.isnan(a)
        total = np.sum(np.where(present, a_dot, 0.0), axis=axis, keepdims=keepdims)
        return total / np.sum(present, axis=axis, keepdims=keepdims)

    def vjp(a, axis=None, dtype=None, out=None, keepdims=False, *, y_bar):
        present = ~np.isnan(a)
        if keepdims or takes_all(axis, rank(a)):
            spread = y_bar
        else:
            spread = np.expand_dims(y_bar, axis)
        return np.where(present, spread / np.sum(present, axis=axis, keepdims=True), 0.0)


@rule(np.nanmax, np.nanmin, at=MISSING, infer=reduced(np.nanmax, "axis", "out", "keepdims"))
class nanextremum:
    def jvp(a, axis=None, out=None, keepdims=False, *, a_dot, y):
        if keepdims or takes_all(axis, rank(a)):
            hit = a == y
        else:
            hit = a == np.expand_dims(y, axis)
        total = np.sum(np.where(hit, a_dot, 0.0), axis=axis, keepdims=keepdims)
        return total / np.sum(hit, axis=axis, keepdims=keepdims)

    def vjp(a, axis=None, out=None, keepdims=False, *, y, y_bar):
        if keepdims or takes_all(axis, rank(a)):
            hit = a == y
            spread = y_bar
        else:
            hit = a == np.expand_dims(y, axis)
            spread = np.expand_dims(y_bar, axis)
        return spread * hit / np.sum(hit, axis=axis, keepdims=True)


# ---- made of others ---------------------------------------------------------------------------------
@rule(np.ptp, at=ALL_FORMS[:-1], infer=reduced(np.ptp, "axis", "out", "keepdims"))
class ptp:
    def jvp(a, axis=None, out=None, keepdims=False, *, a_dot):
        top = a == np.max(a, axis=axis, keepdims=True)
        bottom = a == np.min(a, axis=axis, keepdims=True)
        high = np.sum(a_dot * top, axis=axis, keepdims=keepdims) / np.sum(top, axis=axis, keepdims=keepdims)
        low = np.sum(a_dot * bottom, axis=axis, keepdims=keepdims) / np.sum(
            bottom, axis=axis, keepdims=keepdims
        )
        return high - low

    def vjp(a, axis=None, out=None, keepdims=False, *, y_bar):
        top = a == np.max(a, axis=axis, keepdims=True)
        bottom = a == np.min(a, axis=axis, keepdims=True)
        if keepdims or takes_all(axis, rank(a)):
            spread = y_bar
        else:
            spread = np.expand_dims(y_bar, axis)
        high = top / np.sum(top, axis=axis, keepdims=True)
        return spread * (high - bottom / np.sum(bottom, axis=axis, keepdims=True))


@rule(
    np.average, infer=reduced(np.average, "axis", "weights", "returned"),
    at=[
        *arrays("(3,4)", axis=[None, 0, -1, (0, 1)]),
        *(sample(array((3, 4)), axis=axis, weights=array((3, 4), 0.5, 2.0)) for axis in (None, 0, 1)),
        sample(array((5,)), weights=array((5,), 0.5, 2.0), keepdims=True),
    ],
)  # fmt: skip
class average:
    def jvp(a, axis=None, weights=None, returned=False, keepdims=False, *, a_dot, weights_dot, y):
        if returned or (weights is not None and rank(weights) != rank(a)):
            raise NotDifferentiable(
                "np.average is differentiated without returned=, for weights of the array's shape"
            )
        if weights is None:
            return np.mean(a_dot, axis=axis, keepdims=keepdims), 0.0
        total = np.sum(weights, axis=axis, keepdims=True)
        if keepdims or takes_all(axis, rank(a)):
            off = a - y
        else:
            off = a - np.expand_dims(y, axis)
        of_a = np.sum(a_dot * weights / total, axis=axis, keepdims=keepdims)
        return of_a, np.sum(weights_dot * off / total, axis=axis, keepdims=keepdims)

    def vjp(a, axis=None, weights=None, returned=False, keepdims=False, *, y, y_bar):
        if returned or (weights is not None and rank(weights) != rank(a)):
            raise NotDifferentiable(
                "np.average is differentiated without returned=, for weights of the array's shape"
            )
        if keepdims or takes_all(axis, rank(a)):
            spread, average = y_bar, y
        else:
            spread, average = np.expand_dims(y_bar, axis), np.expand_dims(y, axis)
        if weights is None:
            return spread * np.size(y) / np.size(a), 0.0
        share = spread / np.sum(weights, axis=axis, keepdims=True)
        return share * weights, share * (a - average)


# ---- no derivative ----------------------------------------------------------------------------------
nondifferentiable(np.any, np.all, np.count_nonzero)
