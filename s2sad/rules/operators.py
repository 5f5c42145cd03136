"""Rules of Python's operators (BinOps are functions of `operator` to the compiler) and of the ufuncs they mean."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.rules.facts import is_complex
from s2sad.rules.kinks import KINKS
from s2sad.rules.probe import probe
from s2sad.rules.record import elementwise, linear, nondifferentiable, rank, zero_derivative
from s2sad.rules.samples import positives, reals
from s2sad.signature import NO_VALUE, Array, Scalar, Type, literal


# ---- arithmetic -------------------------------------------------------------------------------------
@elementwise(operator.add, np.add, at=reals(2))
def add(a, b):
    return 1.0, 1.0


@elementwise(operator.sub, np.subtract, at=reals(2))
def subtract(a, b):
    return 1.0, -1.0


@elementwise(operator.mul, np.multiply, at=reals(2))
def multiply(a, b):
    return b, a


@elementwise(operator.truediv, np.divide, at=reals(2))
def divide(a, b, *, y):
    return 1.0 / b, -y / b


def _signed(function: Callable[..., Any]) -> Callable[[Type], Type]:
    """A constant with a sign is a constant: ``axis=-1``."""

    def infer(a: Type) -> Type:
        if isinstance(a, Scalar) and a.value is not NO_VALUE:
            return literal(function(a.value))
        return Array(a.dtype, a.shape) if isinstance(a, Array) and a.shape != () else probe(function, [a])

    return infer


@linear(np.negative, at=reals())
@linear(operator.neg, at=reals(), infer=_signed(operator.neg))
def negative(a, *, y_bar):
    return -y_bar


@linear(np.positive, at=reals())
@linear(operator.pos, at=reals(), infer=_signed(operator.pos))
def positive(a, *, y_bar):
    return y_bar


@elementwise(
    operator.mod, np.remainder, at=[*reals(2), (5.3, 2.0), (-5.3, 2.0)], kink=KINKS["remainder"].condition
)
def remainder(a, b):
    return 1.0, -(a // b)


# ---- powers -----------------------------------------------------------------------------------------
@elementwise(
    operator.pow, np.power, np.float_power, builtins.pow,
    at=[*positives(2), (-1.3, 3), (-1.3, 2), (0.7, -1), (-0.7, -2), (0.7, 0), (0.7, 1), (2.0, 0.5), (1.7, 0.0)],
    wrt=("x", "n"), kink=KINKS["power"].condition,
)  # fmt: skip
def power(x, n, mod=None, *, y):
    # with respect to the base: no negative power of a base that may be 0, so that 0 gives inf, not an exception
    if isinstance(n, (int, float)):
        if n == 0:
            by_base = 0.0
        elif n == 1:
            by_base = 1.0
        elif n == 2:
            by_base = n * x
        elif n > 1:
            by_base = n * x ** (n - 1)
        else:
            by_base = n / x ** (1 - n)
    elif rank(n) == 0:
        by_base = n * x ** (n - 1 if n != 0 else 0)
    else:
        by_base = n * x ** np.where(n == 0, 1, n - 1)
    # with respect to the exponent: only where the base is positive
    if is_complex(x, n):
        by_exponent = y * np.log(x + (x == 0))
    elif isinstance(x, (int, float)):
        if x > 0:
            by_exponent = y * math.log(x)
        else:
            by_exponent = 0.0
    elif rank(x) == 0:
        by_exponent = y * math.log(x) if x > 0 else 0.0
    else:
        by_exponent = y * np.log(np.where(x > 0, x, 1.0))
    return by_base, by_exponent


# ---- no derivative ----------------------------------------------------------------------------------
zero_derivative(operator.floordiv, np.floor_divide, at=reals(2))

nondifferentiable(
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge, operator.not_, operator.truth,
    operator.is_, operator.is_not, operator.and_, operator.or_, operator.xor, operator.invert, operator.lshift,
    operator.rshift, operator.contains, operator.index, operator.countOf, operator.indexOf, operator.length_hint,
)  # fmt: skip
