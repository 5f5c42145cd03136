"""The functions that are spelled with numbers, by what they do with the numbers of their arguments."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

OF_ONE: dict[Any, Callable[..., Any]] = {
    np.sin: math.sin, np.cos: math.cos, np.tan: math.tan, np.arcsin: math.asin, np.arccos: math.acos,
    np.arctan: math.atan, np.sinh: math.sinh, np.cosh: math.cosh, np.tanh: math.tanh, np.arcsinh: math.asinh,
    np.arccosh: math.acosh, np.arctanh: math.atanh, np.exp: math.exp, np.expm1: math.expm1, np.log: math.log,
    np.log2: math.log2, np.log10: math.log10, np.log1p: math.log1p, np.sqrt: math.sqrt, np.abs: abs, np.fabs: abs,
    np.deg2rad: math.radians, np.radians: math.radians, np.rad2deg: math.degrees, np.degrees: math.degrees,
    builtins.abs: abs,
}  # fmt: skip
"""Functions of each number."""
OF_ONE |= {
    function: function
    for function in (
        math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.sinh, math.cosh, math.tanh, math.asinh,
        math.acosh, math.atanh, math.exp, math.expm1, math.log, math.log2, math.log10, math.log1p, math.sqrt,
        math.fabs, math.erf, math.erfc, math.radians, math.degrees,
    )
}  # fmt: skip
OF_TWO: dict[Any, Callable[..., Any]] = {
    np.arctan2: math.atan2, np.hypot: math.hypot, math.atan2: math.atan2, math.hypot: math.hypot,
}  # fmt: skip
"""Functions of each pair of numbers."""
OPERATORS: dict[Any, type] = {
    np.add: gast.Add, np.subtract: gast.Sub, np.multiply: gast.Mult, np.divide: gast.Div, np.true_divide: gast.Div,
}  # fmt: skip
POWERS = (np.power, math.pow, builtins.pow, np.float_power)
SAME = (np.positive, np.float64, builtins.float)
ARRANGED = (
    np.reshape, np.ravel, np.transpose, np.flip, np.fliplr, np.flipud, np.roll, np.concatenate, np.stack, np.vstack,
    np.hstack, np.column_stack, np.dstack, np.squeeze, np.expand_dims, np.swapaxes, np.moveaxis, np.tile, np.repeat,
    np.broadcast_to, np.diag, np.diagonal, np.atleast_1d, np.atleast_2d, np.rot90, np.append,
    np.matrix_transpose, np.permute_dims, np.rollaxis,
)  # fmt: skip
"""Functions that put numbers in another order: NumPy itself does that, with the expressions as items."""
COPIED = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.copy)
PRODUCTS = (np.dot, np.matmul, np.inner, np.vdot)
FILLED = {np.zeros: 0.0, np.zeros_like: 0.0, np.ones: 1.0, np.ones_like: 1.0}
EMPTY_SHAPES = (np.zeros, np.ones, np.eye, np.identity)
