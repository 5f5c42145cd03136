"""Rules of NumPy's elementwise functions; arithmetic is in `operators`."""

from __future__ import annotations

import builtins
import math
import operator

import numpy as np

from s2sad.rules.facts import is_complex, is_narrow
from s2sad.rules.kinks import KINKS
from s2sad.rules.probe import probe
from s2sad.rules.record import (
    elementwise,
    linear,
    nondifferentiable,
    rank,
    rule,
    sample,
    static,
    zero_derivative,
)
from s2sad.rules.samples import array, between, positives, reals
from s2sad.rules.sizes import strong
from s2sad.runtime.arrays import unbroadcast
from s2sad.signature import Array, Scalar, Type, broadcast, promote


# ---- powers and roots -------------------------------------------------------------------------------
@elementwise(np.square, at=reals())
def square(x):
    return 2.0 * x


@elementwise(np.sqrt, at=positives(), kink=KINKS["sqrt"].condition)
def sqrt(x, *, y):
    return 1.0 / (2.0 * y)


@elementwise(np.cbrt, at=reals(), kink=KINKS["cbrt"].condition)
def cbrt(x, *, y):
    return 1.0 / (3.0 * y * y)


@elementwise(np.reciprocal, at=reals())
def reciprocal(x, *, y):
    return -y * y


# ---- exponentials and logarithms --------------------------------------------------------------------
@elementwise(np.exp, at=reals())
def exp(x, *, y):
    return y


@elementwise(np.exp2, at=reals())
def exp2(x, *, y):
    return y * math.log(2.0)


@elementwise(np.expm1, at=reals())
def expm1(x, *, y):
    return y + 1.0


@elementwise(np.log, at=positives())
def log(x):
    return 1.0 / x


@elementwise(np.log2, at=positives())
def log2(x):
    return 1.0 / (x * math.log(2.0))


@elementwise(np.log10, at=positives())
def log10(x):
    return 1.0 / (x * math.log(10.0))


@elementwise(np.log1p, at=positives())
def log1p(x):
    return 1.0 / (1.0 + x)


@elementwise(np.logaddexp, at=reals(2))
def logaddexp(p, q, *, y):
    return np.exp(p - y), np.exp(q - y)


@elementwise(np.logaddexp2, at=reals(2))
def logaddexp2(p, q, *, y):
    return np.exp2(p - y), np.exp2(q - y)


# ---- trigonometric functions ------------------------------------------------------------------------
@elementwise(np.sin, at=reals())
def sin(x):
    return np.cos(x)


@elementwise(np.cos, at=reals())
def cos(x):
    return -np.sin(x)


@elementwise(np.tan, at=reals())
def tan(x, *, y):
    return 1.0 + y * y


@elementwise(np.arcsin, at=between(-0.9, 0.9))
def arcsin(x):
    return 1.0 / np.sqrt(1.0 - x * x)


@elementwise(np.arccos, at=between(-0.9, 0.9))
def arccos(x):
    return -1.0 / np.sqrt(1.0 - x * x)


@elementwise(np.arctan, at=reals())
def arctan(x):
    return 1.0 / (1.0 + x * x)


@elementwise(np.arctan2, at=reals(2), kink=KINKS["origin"].condition)
def arctan2(p, q):
    r2 = p * p + q * q
    r2 = r2 + (r2 == 0.0)  # at the origin the numerators are 0: any other denominator gives 0
    return q / r2, -p / r2


@elementwise(np.hypot, at=reals(2), kink=KINKS["origin"].condition)
def hypot(p, q, *, y):
    r = y + (y == 0.0)
    return p / r, q / r


@elementwise(np.sinc, at=reals())
def sinc(x, *, y):
    return (np.cos(math.pi * x) - y) / (x + (x == 0.0))


@linear(np.deg2rad, np.radians, at=reals())
def deg2rad(x, *, y_bar):
    return np.deg2rad(y_bar)


@linear(np.rad2deg, np.degrees, at=reals())
def rad2deg(x, *, y_bar):
    return np.rad2deg(y_bar)


# ---- hyperbolic functions ---------------------------------------------------------------------------
@elementwise(np.sinh, at=reals())
def sinh(x):
    return np.cosh(x)


@elementwise(np.cosh, at=reals())
def cosh(x):
    return np.sinh(x)


@elementwise(np.tanh, at=reals())
def tanh(x, *, y):
    return 1.0 - y * y


@elementwise(np.arcsinh, at=reals())
def arcsinh(x):
    return 1.0 / np.sqrt(x * x + 1.0)


@elementwise(np.arccosh, at=between(1.2, 3.0))
def arccosh(x):
    if is_complex(x):
        return 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0))
    return 1.0 / np.sqrt(x * x - 1.0)


@elementwise(np.arctanh, at=between(-0.9, 0.9))
def arctanh(x):
    return 1.0 / (1.0 - x * x)


# ---- absolute value, sign ---------------------------------------------------------------------------
# A real function of a complex number has the partial p for which its tangent is the real part of p * x_dot.
@elementwise(np.absolute, builtins.abs, operator.abs, at=reals(), kink=KINKS["absolute"].condition)
def absolute(x, *, y):
    if is_complex(x):
        return np.conj(x) / (y + (y == 0.0))
    return np.sign(x)


@elementwise(np.fabs, at=reals(), kink=KINKS["absolute"].condition)
def fabs(x):
    return np.sign(x)


@elementwise(np.copysign, at=reals(2), kink=KINKS["absolute"].condition)
def copysign(x, s):
    return np.sign(x) * np.copysign(1.0, s), 0.0


@elementwise(np.fmod, at=reals(2), kink=KINKS["remainder"].condition)
def fmod(p, q):
    return 1.0, -np.trunc(p / q)


@elementwise(np.ldexp, at=[(0.7, 3), (-1.3, -2)], wrt=("x",))
def ldexp(x, i):
    return np.ldexp(1.0, i)


@elementwise(np.nextafter, at=reals(2))
def nextafter(x, towards):
    return 1.0, 0.0


@elementwise(np.nan_to_num, at=reals(), wrt=("x", "nan", "posinf", "neginf"))
def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    return np.isfinite(x), np.isnan(x), np.isposinf(x), np.isneginf(x)


@rule(np.modf, at=reals())
class modf:
    def jvp(x, *, x_dot, y):
        parts = (x_dot, np.zeros_like(x_dot))
        return parts

    def vjp(x, *, y, y_bar):
        return y_bar[0]


# ---- choices ----------------------------------------------------------------------------------------
# In double precision a comparison takes part in arithmetic; in single precision that would widen the result.
@elementwise(np.maximum, at=reals(2), kink=KINKS["maximum"].condition)
def maximum(p, q):
    if is_narrow(p, q):
        share = 0.5 + 0.5 * np.sign(p - q)
        return share, 1.0 - share
    return (p > q) + 0.5 * (p == q), (q > p) + 0.5 * (p == q)


@elementwise(np.minimum, at=reals(2), kink=KINKS["maximum"].condition)
def minimum(p, q):
    if is_narrow(p, q):
        share = 0.5 - 0.5 * np.sign(p - q)
        return share, 1.0 - share
    return (p < q) + 0.5 * (p == q), (q < p) + 0.5 * (p == q)


@elementwise(np.fmax, np.fmin, at=reals(2), kink=KINKS["maximum"].condition)
def fmax(p, q, *, y):
    # by the result, not by comparison: an operand that is NaN has no share
    if is_narrow(p, q):
        tie = (p == q).astype(y.dtype)
        return (y == p) - 0.5 * tie, (y == q) - 0.5 * tie
    return (y == p) - 0.5 * (p == q), (y == q) - 0.5 * (p == q)


@elementwise(
    np.clip, wrt=("a", "a_min", "a_max", "min", "max"), kink=KINKS["clip"].condition,
    at=[sample(v, -1.0, 1.0) for v in (-1.7, 0.3, 1.4)]
    + [sample(1.4, None, 1.0), sample(0.4, 0.7, None), sample(0.2, a_min=0.4, a_max=0.9), sample(1.4, max=0.9)],
)  # fmt: skip
def clip(a, a_min=None, a_max=None, out=None, min=None, max=None):
    if a_min is None and min is None:
        below = 0.0
    else:
        lower = a_min if min is None else min
        if is_narrow(a):
            below = 0.5 - 0.5 * np.sign(a - lower)
        else:
            below = (a < lower) + 0.5 * (a == lower)
    if a_max is None and max is None:
        above = 0.0
    else:
        upper = a_max if max is None else max
        if is_narrow(a):
            above = 0.5 + 0.5 * np.sign(a - upper)
        else:
            above = (a > upper) + 0.5 * (a == upper)
    inside = 1.0 - below - above
    return inside, below, above, below, above


@static
def fits(operand, *others):
    """Whether an operand is not broadcast against the others, as far as is known."""
    known = [x if isinstance(x, Type) else Array("float64", np.shape(x)) for x in (operand, *others)]
    if not all(isinstance(x, (Scalar, Array)) for x in known):
        return False
    shape = broadcast(*known)
    return shape is not None and shape == known[0].shape


@static
def added_axes(operand, *others):
    """The leading axes that an operand lacks, where broadcasting does nothing else to it; None where it may."""
    known = [x if isinstance(x, Type) else Array("float64", np.shape(x)) for x in (operand, *others)]
    if not all(isinstance(x, (Scalar, Array)) for x in known):
        return None
    shape, own = broadcast(*known), known[0].shape
    if shape is None or not own or shape[len(shape) - len(own) :] != own:
        return None
    added = len(shape) - len(own)
    return 0 if added == 1 else tuple(range(added))


def _where_type(condition: Type, *choices: Type) -> Type:
    """Always an array; given only a condition, `np.where` tells the places where it holds."""
    numbers = [known for known in (condition, *choices) if isinstance(known, (Scalar, Array))]
    if len(numbers) < 3:
        return probe(np.where, [condition, *choices])
    return Array(strong(promote(*(known.dtype for known in numbers[1:]))), broadcast(*numbers))


@rule(np.where, infer=_where_type, at=[
    sample(array((3, 4)) > 0.0, array((3, 4)), array((3, 4), shift=0.3)),
    sample(array((3, 1)) > 0.0, array((4,)), 2.0),
    sample(array((2, 3, 4)) > 0.0, array((4,)), array((1, 3, 1))),
    sample(True, 1.5, 2.5),
])  # fmt: skip
class where:
    def jvp(condition, a=None, b=None, *, a_dot, b_dot):
        return np.where(condition, a_dot, 0.0), np.where(condition, 0.0, b_dot)

    def vjp(condition, a=None, b=None, *, y_bar):
        if fits(a, condition, b):
            a_bar = np.where(condition, y_bar, 0.0)
        elif rank(a) == 0:
            a_bar = np.sum(np.where(condition, y_bar, 0.0))
        elif added_axes(a, condition, b) is not None:
            a_bar = np.sum(np.where(condition, y_bar, 0.0), axis=added_axes(a, condition, b))
        else:
            a_bar = unbroadcast(np.where(condition, y_bar, 0.0), a)
        if fits(b, condition, a):
            b_bar = np.where(condition, 0.0, y_bar)
        elif rank(b) == 0:
            b_bar = np.sum(np.where(condition, 0.0, y_bar))
        elif added_axes(b, condition, a) is not None:
            b_bar = np.sum(np.where(condition, 0.0, y_bar), axis=added_axes(b, condition, a))
        else:
            b_bar = unbroadcast(np.where(condition, 0.0, y_bar), b)
        return a_bar, b_bar


# ---- complex numbers --------------------------------------------------------------------------------
@linear(np.real, at=reals(), view=True)
def real(val, *, y_bar):
    return y_bar


@linear(np.imag, at=reals(), view=True)
def imag(val, *, y_bar):
    if is_complex(val):
        return 1j * y_bar
    return np.zeros_like(y_bar)


@linear(np.conjugate, at=reals())
def conjugate(x, *, y_bar):
    return np.conj(y_bar)


@elementwise(np.angle, at=reals(), wrt=("z",))
def angle(z, deg=False):
    if is_complex(z):
        partial = -1j / (z + (z == 0.0))
    else:
        partial = 0.0
    if deg:
        partial = partial * (180.0 / math.pi)
    return partial


# ---- no derivative ----------------------------------------------------------------------------------
zero_derivative(np.sign, np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, at=reals())
zero_derivative(np.heaviside, at=reals(2))
zero_derivative(np.spacing, at=positives())

nondifferentiable(
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.logical_and, np.logical_or,
    np.logical_xor, np.logical_not, np.isnan, np.isfinite, np.isinf, np.isnat, np.signbit, np.isclose, np.allclose,
    np.array_equal, np.array_equiv, np.isneginf, np.isposinf, np.iscomplex, np.isreal, np.iscomplexobj,
    np.isrealobj, np.isscalar, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift,
    np.right_shift, np.bitwise_count, np.gcd, np.lcm,
)  # fmt: skip
