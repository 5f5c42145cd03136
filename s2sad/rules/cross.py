"""The product of vectors in three dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.rules.record import conj, rule, sample, static
from s2sad.rules.sizes import broadcast_shapes, lenient, number, promote_arrays, shape_of
from s2sad.runtime.arrays import unbroadcast
from s2sad.signature import Array, Type

_V, _W = np.array([1.0, -2.0, 0.5]), np.array([0.3, 1.5, -0.7])
_M = np.arange(12.0).reshape(4, 3) - 2.5


@lenient
def _cross_type(
    a: Type, b: Type, axisa: Any = None, axisb: Any = None, axisc: Any = None, axis: Any = None
) -> Type:
    shape = broadcast_shapes(shape_of(a), shape_of(b))
    return Array(promote_arrays(a, b), None) if shape is None else number(promote_arrays(a, b), shape)


@static
def of_three(*operands: Any) -> bool:
    """Whether all vectors along the last axis are known to have three items."""
    shapes = [shape_of(x) if isinstance(x, Type) else np.shape(x) for x in operands]
    return all(shape is not None and shape[-1:] == (3,) for shape in shapes)


@rule(np.cross, infer=_cross_type, at=[(_V, _W), sample(_M, _V), sample(_M.T, _M.T + 1.0, axis=0)])
class cross:
    """Perpendicular to both operands."""

    def jvp(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None, *, a_dot, b_dot):
        if axisa != -1 or axisb != -1 or axisc != -1:
            raise NotDifferentiable("np.cross with axisa, axisb or axisc: move the axes first")
        if axis is None:
            return np.cross(a_dot, b), np.cross(a, b_dot)
        return np.cross(a_dot, b, axis=axis), np.cross(a, b_dot, axis=axis)

    def vjp(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None, *, y_bar):
        if axisa != -1 or axisb != -1 or axisc != -1:
            raise NotDifferentiable("np.cross with axisa, axisb or axisc: move the axes first")
        if axis is not None:
            return (
                unbroadcast(np.linalg.cross(conj(b), y_bar, axis=axis), a),
                unbroadcast(np.linalg.cross(y_bar, conj(a), axis=axis), b),
            )
        if of_three(a, b):
            return unbroadcast(np.cross(conj(b), y_bar), a), unbroadcast(np.cross(y_bar, conj(a)), b)
        # NumPy itself refuses vectors of two items here: their product is a number, or broadcast to three
        return unbroadcast(np.linalg.cross(conj(b), y_bar), a), unbroadcast(
            np.linalg.cross(y_bar, conj(a)), b
        )


@lenient
def _linalg_cross_type(x1: Type, x2: Type, axis: Any = None) -> Type:
    return _cross_type(x1, x2)


@rule(
    np.linalg.cross, infer=_linalg_cross_type, at=[(_V, _W), sample(_M, _V), sample(_M.T, _M.T + 1.0, axis=0)]
)
class linalg_cross:
    """The same for vectors of three items only."""

    def jvp(x1, x2, axis=-1, *, x1_dot, x2_dot):
        if axis == -1:
            return np.linalg.cross(x1_dot, x2), np.linalg.cross(x1, x2_dot)
        return np.linalg.cross(x1_dot, x2, axis=axis), np.linalg.cross(x1, x2_dot, axis=axis)

    def vjp(x1, x2, axis=-1, *, y_bar):
        if axis == -1:
            return (
                unbroadcast(np.linalg.cross(conj(x2), y_bar), x1),
                unbroadcast(np.linalg.cross(y_bar, conj(x1)), x2),
            )
        return (
            unbroadcast(np.linalg.cross(conj(x2), y_bar, axis=axis), x1),
            unbroadcast(np.linalg.cross(y_bar, conj(x1), axis=axis), x2),
        )
