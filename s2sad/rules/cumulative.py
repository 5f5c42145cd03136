"""Rules of cumulative sums and products, and of the linear recurrences that the derivatives of products are.

No division and no mask: what is differentiated again is right where elements are 0, in every order.
"""

from __future__ import annotations

import numpy as np

from s2sad.rules.probe import probe
from s2sad.rules.record import conj, linear, rank, rule, sample
from s2sad.rules.reductions import ZEROS, along
from s2sad.rules.samples import array, arrays
from s2sad.rules.sizes import dtype_of, lenient, product, shape_of, strong
from s2sad.runtime.recurrences import recurrence, shifted
from s2sad.signature import NO_VALUE, Array, Scalar, Static, Type, static_value

CUMULATIVE = [*arrays("(3,4)", axis=[None, 0, 1, -1]), *arrays("(5,)", axis=[None, 0, -1]), sample(1.7)]


@lenient
def _cumulative_type(
    a: Type, axis: Type = Static(None), dtype: Type = Static(None), out: Type = Static(None)
) -> Type:
    if not isinstance(a, (Scalar, Array)):
        return probe(np.cumsum, [a], {"axis": axis})
    tried = probe(np.cumsum, [Array(strong(a.dtype), (3,))], {"dtype": dtype})
    found = tried.dtype if isinstance(tried, Array) else strong(a.dtype)
    if static_value(axis) is NO_VALUE or a.shape is None:
        return Array(found, None)
    flat = static_value(axis) is None or a.rank == 0
    return Array(found, (product(a.shape),) if flat else a.shape)


@linear(np.cumsum, at=CUMULATIVE, infer=_cumulative_type)
def cumsum(a, axis=None, dtype=None, out=None, *, y_bar):
    if rank(a) == 0:
        return y_bar[0]
    if rank(a) == 1:
        return np.cumsum(y_bar[::-1])[::-1]
    if axis is None:
        return np.reshape(np.cumsum(y_bar[::-1])[::-1], a.shape)
    if rank(a) is None:
        return np.flip(np.cumsum(np.flip(y_bar, axis), axis=axis), axis)
    return np.cumsum(y_bar[along(axis, rank(a), None, None, -1)], axis=axis)[
        along(axis, rank(a), None, None, -1)
    ]


@rule(
    np.cumprod, infer=_cumulative_type,
    at=[*CUMULATIVE, *ZEROS[:2], sample(ZEROS[2].args[0], axis=0), sample(ZEROS[3].args[0], axis=1), ZEROS[4],
        sample(np.array([2.0, 3.0, 0.0, 4.0, 5.0, 0.0, 1.0]))],
)  # fmt: skip
class cumprod:
    """The tangent follows the recurrence ``y[k] = a[k] * y[k - 1]``."""

    def jvp(a, axis=None, dtype=None, out=None, *, a_dot, y):
        if rank(a) == 0:
            return np.reshape(a_dot, (1,))
        if rank(a) == 1:
            return recurrence(a, a_dot * shifted(y, 1, 0, 1.0))
        if axis is None:
            return recurrence(np.ravel(a), np.ravel(a_dot) * shifted(y, 1, 0, 1.0))
        return recurrence(a, a_dot * shifted(y, 1, axis, 1.0), axis)

    def vjp(a, axis=None, dtype=None, out=None, *, y, y_bar):
        if rank(a) == 0:
            return y_bar[0]
        if rank(a) == 1:
            return recurrence(conj(a), y_bar, 0, True) * conj(shifted(y, 1, 0, 1.0))
        if axis is None:
            flat_bar = recurrence(np.ravel(conj(a)), y_bar, 0, True) * conj(shifted(y, 1, 0, 1.0))
            return np.reshape(flat_bar, np.shape(a))
        return recurrence(conj(a), y_bar, axis, True) * conj(shifted(y, 1, axis, 1.0))


@lenient
def _recurrence_type(
    factors: Type, terms: Type, axis: Type = Static(0), backward: Type = Static(False)
) -> Type:
    return Array(strong(np.result_type(dtype_of(factors), dtype_of(terms)).name), shape_of(terms))


@rule(
    recurrence, infer=_recurrence_type,
    at=[
        sample(array((5,)), array((5,))), sample(array((5,)), array((5,)), 0, True),
        sample(array((3, 4)), array((3, 4)), 1), sample(array((3, 4)), array((3, 4)), -2, True),
        sample(np.array([2.0, 0.0, 3.0, 0.0]), array((4,))),
    ],
)  # fmt: skip
class recurrence_:
    def jvp(factors, terms, axis=0, backward=False, *, factors_dot, terms_dot, y):
        if backward:
            return (
                recurrence(factors, shifted(factors_dot * y, -1, axis), axis, True),
                recurrence(factors, terms_dot, axis, True),
            )
        return (
            recurrence(factors, factors_dot * shifted(y, 1, axis), axis),
            recurrence(factors, terms_dot, axis),
        )

    def vjp(factors, terms, axis=0, backward=False, *, y, y_bar):
        if backward:
            terms_bar = recurrence(conj(factors), y_bar, axis)
            return shifted(terms_bar, 1, axis) * conj(y), terms_bar
        terms_bar = recurrence(conj(factors), y_bar, axis, True)
        return terms_bar * conj(shifted(y, 1, axis)), terms_bar


@lenient
def _shifted_type(a: Type, *rest: Type, **options: Type) -> Type:
    return Array(strong(dtype_of(a)), shape_of(a))


@rule(
    shifted, infer=_shifted_type,
    at=[
        sample(array((4,))), sample(array((3, 4)), -1, 1), sample(array((3, 4)), 1, -1, 1.0),
        sample(array((1,)), -1, 0, 2.0),
    ],
)  # fmt: skip
class shifted_:
    def jvp(array, by=1, axis=0, fill=0.0, *, array_dot):
        return shifted(array_dot, by, axis)

    def vjp(array, by=1, axis=0, fill=0.0, *, y_bar):
        return shifted(y_bar, -by, axis)
