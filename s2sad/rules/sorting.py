"""Rules of sorting and searching: order is constant almost everywhere, elements that tie share equally."""

from __future__ import annotations

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.kinks import KINKS
from s2sad.rules.probe import probe
from s2sad.rules.record import linear, nondifferentiable, rank, rule, sample
from s2sad.rules.reductions import count_axes, nth_axis, reduced
from s2sad.rules.samples import array, arrays
from s2sad.rules.sizes import lenient, product, shape_of, strong
from s2sad.runtime.order import places_by, share_ties
from s2sad.signature import NO_VALUE, Array, ListOf, Scalar, Static, Type, static_value

TIES = np.array([[2.0, 1.0, 2.0, 0.5], [3.0, 3.0, -1.0, 4.0]])


@lenient
def _sort_type(a: Type, axis: Type | None = None, *rest: Type, **named: Type) -> Type:
    if not isinstance(a, (Scalar, Array)):
        return probe(np.sort, [a])
    chosen = -1 if axis is None else static_value(axis)
    if chosen is NO_VALUE or a.shape is None:
        return Array(strong(a.dtype), None)
    return Array(strong(a.dtype), (product(a.shape),) if chosen is None else a.shape)


@rule(np.sort, at=[*arrays("(3,4)", axis=[-1, 0, 1, None]), *arrays("(5,)"), sample(TIES), sample(TIES, axis=None)],
      infer=_sort_type)  # fmt: skip
class sort:
    kink = KINKS["order"].condition

    def jvp(a, axis=-1, kind=None, order=None, stable=None, *, a_dot, y):
        if axis is None:
            return share_ties(y, np.ravel(a_dot)[np.argsort(a, axis=None, kind="stable")])
        if rank(a) == 1:
            return share_ties(y, a_dot[np.argsort(a, kind="stable")])
        ranked = np.take_along_axis(a_dot, np.argsort(a, axis=axis, kind="stable"), axis)
        return share_ties(y, ranked, axis)

    def vjp(a, axis=-1, kind=None, order=None, stable=None, *, y, y_bar):
        if axis is None:
            places = np.argsort(np.argsort(a, axis=None, kind="stable"))
            return np.reshape(share_ties(y, y_bar)[places], np.shape(a))
        if rank(a) == 1:
            places = np.argsort(np.argsort(a, kind="stable"))
            return share_ties(y, y_bar)[places]
        places = np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)
        return np.take_along_axis(share_ties(y, y_bar, axis), places, axis)


@linear(
    share_ties, wrt=("values",), infer=lambda ordered, values, axis=None: values,
    at=[sample(np.sort(TIES), array((2, 4))), sample(np.sort(TIES, 0), array((2, 4)), 0)],
)  # fmt: skip
def share_ties_(ordered, values, axis=-1, *, y_bar):
    return share_ties(ordered, y_bar, axis)


@rule(
    np.median, infer=reduced(np.median, "axis", "out", "overwrite_input", "keepdims"),
    at=[
        *arrays("(3,4)", axis=[None, 0, 1, -1], keepdims=[False, True]), *arrays("(5,)", "(4,)"),
        sample(TIES, axis=1),
    ],
)  # fmt: skip
class median:
    """Half of the result is the lower of the two elements in the middle, half the upper; they may be one."""

    def jvp(a, axis=None, out=None, overwrite_input=False, keepdims=False, *, a_dot):
        if axis is None:
            ordered = np.sort(a, axis=None)
            low = a == ordered[(ordered.size - 1) // 2]
            high = a == ordered[ordered.size // 2]
            of_low, of_high = np.sum(a_dot * low) / np.sum(low), np.sum(a_dot * high) / np.sum(high)
            if keepdims:
                return np.reshape(0.5 * (of_low + of_high), (1,) * np.ndim(a))
            return 0.5 * (of_low + of_high)
        if count_axes(axis) > 1:
            raise NotDifferentiable(
                "np.median over several axes is not differentiated: reshape them into one"
            )
        ordered = np.sort(a, axis=nth_axis(axis, 0))
        middle = a.shape[nth_axis(axis, 0)]
        low = a == np.take(ordered, [(middle - 1) // 2], axis=nth_axis(axis, 0))
        high = a == np.take(ordered, [middle // 2], axis=nth_axis(axis, 0))
        of_low = np.sum(a_dot * low, axis=axis, keepdims=keepdims) / np.sum(low, axis=axis, keepdims=keepdims)
        of_high = np.sum(a_dot * high, axis=axis, keepdims=keepdims) / np.sum(
            high, axis=axis, keepdims=keepdims
        )
        return 0.5 * (of_low + of_high)

    def vjp(a, axis=None, out=None, overwrite_input=False, keepdims=False, *, y_bar):
        if axis is None:
            ordered = np.sort(a, axis=None)
            low = a == ordered[(ordered.size - 1) // 2]
            high = a == ordered[ordered.size // 2]
            return 0.5 * y_bar * (low / np.sum(low) + high / np.sum(high))
        if count_axes(axis) > 1:
            raise NotDifferentiable(
                "np.median over several axes is not differentiated: reshape them into one"
            )
        ordered = np.sort(a, axis=nth_axis(axis, 0))
        middle = a.shape[nth_axis(axis, 0)]
        low = a == np.take(ordered, [(middle - 1) // 2], axis=nth_axis(axis, 0))
        high = a == np.take(ordered, [middle // 2], axis=nth_axis(axis, 0))
        share = low / np.sum(low, axis=axis, keepdims=True) + high / np.sum(high, axis=axis, keepdims=True)
        if keepdims:
            spread = y_bar
        else:
            spread = np.expand_dims(y_bar, axis)
        return 0.5 * spread * share


# ---- no derivative ----------------------------------------------------------------------------------
nondifferentiable(
    np.argsort, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argpartition, np.lexsort, np.digitize,
    np.nonzero, np.flatnonzero, np.argwhere, np.isin,
)  # fmt: skip


@lenient
def _place_type(a: Type, v: Type, side: Type = Static("left"), sorter: Type = Static(None)) -> Type:
    return Scalar("int64") if isinstance(v, Scalar) else Array("int64", shape_of(v))


nondifferentiable(np.searchsorted, infer=_place_type)

nondifferentiable(places_by, infer=lambda keys, reverse=None: ListOf(Scalar("int")))
