"""Convolution of sequences: `np.convolve` in its three modes.

A mode other than ``"full"`` cuts the whole convolution to its middle; the cotangent is put back there, and each operand
gets the cotangent of the whole, correlated with the other operand.
"""

from __future__ import annotations

import numpy as np

from s2sad.rules.fresh import fresh_dim
from s2sad.rules.record import conj, linear, rank, rule, sample
from s2sad.rules.sizes import dtype_of, lenient, promote_arrays, shape_of, static_axis
from s2sad.runtime.arrays import middle, uncut
from s2sad.signature import Array, Size, Type

_A, _V = np.array([0.5, -1.5, 2.0, 0.7, 1.1]), np.array([1.0, 0.4])
_E = np.array([0.3, -0.2, 0.9, 1.3])


def _sizes(a: Type, v: Type, mode: str) -> Size:
    """The size of a convolution, where it is known."""
    p, q = shape_of(a), shape_of(v)
    m, n = (shape[0] if shape else 1 for shape in (p, q))
    if p is None or q is None or not isinstance(m, int) or not isinstance(n, int):
        return fresh_dim("convolution")
    return {"full": m + n - 1, "same": max(m, n), "valid": max(m, n) - min(m, n) + 1}.get(mode, m)


@lenient
def _convolve_type(a: Type, v: Type, mode: Type | None = None) -> Type:
    return Array(promote_arrays(a, v), (_sizes(a, v, static_axis(mode, "full")),))


@rule(
    np.convolve, infer=_convolve_type,
    at=[
        (_A, _V), (_V, _A), (_A, _E), (_A, _A), sample(_A, _V, "same"), sample(_V, _A, "same"), sample(_A, _E, "same"),
        sample(_E, _A, mode="same"), sample(_A, _V, "valid"), sample(_V, _A, "valid"), sample(_A, _E, mode="valid"),
    ],
)  # fmt: skip
class convolve:
    """Sums of products of one sequence with another one that is turned round and shifted."""

    def jvp(a, v, mode="full", *, a_dot, v_dot):
        return np.convolve(a_dot, v, mode), np.convolve(a, v_dot, mode)

    def vjp(a, v, mode="full", *, y_bar):
        if rank(a) == 1 and rank(v) == 1:
            p, q = a, v
        else:  # numbers are sequences of one
            p, q = np.ravel(a), np.ravel(v)
        if mode == "full":
            whole_bar = y_bar
        else:
            whole_bar = uncut(y_bar, len(p), len(q), mode)
        a_bar, v_bar = (
            np.convolve(whole_bar, conj(q)[::-1], "valid"),
            np.convolve(whole_bar, conj(p)[::-1], "valid"),
        )
        if rank(a) == 1 and rank(v) == 1:
            return a_bar, v_bar
        return np.reshape(a_bar, np.shape(a)), np.reshape(v_bar, np.shape(v))


@lenient
def _uncut_type(g: Type, m: Type, n: Type, mode: Type) -> Type:
    return Array(dtype_of(g), (fresh_dim("convolution"),))


@linear(uncut, infer=_uncut_type, at=[sample(_A, 5, 2, "same"), sample(_E, 2, 5, "valid")])
def uncut_(g, m, n, mode, *, y_bar):
    return middle(y_bar, m, n, mode)


@linear(
    middle,
    infer=_uncut_type,
    at=[sample(np.arange(6.0), 5, 2, "same"), sample(np.arange(6.0), 2, 5, "valid")],
)
def middle_(whole, m, n, mode, *, y_bar):
    return uncut(y_bar, m, n, mode)
