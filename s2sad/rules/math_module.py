"""Rules of every function of the standard library's `math`."""

from __future__ import annotations

import math
from typing import Any

from s2sad.errors import NotDifferentiable
from s2sad.rules.kinks import KINKS
from s2sad.rules.record import Operand, elementwise, nondifferentiable, rule, sample, zero_derivative
from s2sad.rules.samples import between, positives, reals
from s2sad.runtime.special import polygamma
from s2sad.signature import Scalar, Sequence, Type, static_value


def _here(*names: str) -> tuple[Any, ...]:
    """Those functions that this version of Python has."""
    return tuple(getattr(math, name) for name in names if hasattr(math, name))


def _real(*args: Type, **kwargs: Type) -> Type:
    return Scalar("float")


# ---- powers, roots, exponentials, logarithms --------------------------------------------------------
@elementwise(math.sqrt, at=positives(), kink=KINKS["sqrt"].condition, infer=_real)
def sqrt(x, *, y):
    return 1.0 / (2.0 * y)


@elementwise(*_here("cbrt"), at=reals(), kink=KINKS["cbrt"].condition, infer=_real)
def cbrt(x, *, y):
    return 1.0 / (3.0 * y * y)


@elementwise(math.pow, at=[*positives(2), (-1.3, 3), (0.7, -1), (0.7, 0), (2.0, 0.5)], kink=KINKS["power"].condition,
             infer=_real)  # fmt: skip
def power(x, n, *, y):
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
    else:
        by_base = n * x ** (n - 1) if n != 0 else 0.0
    return by_base, (y * math.log(x) if x > 0 else 0.0)


@elementwise(math.exp, at=reals(), infer=_real)
def exp(x, *, y):
    return y


@elementwise(*_here("exp2"), at=reals(), infer=_real)
def exp2(x, *, y):
    return y * math.log(2.0)


@elementwise(math.expm1, at=reals(), infer=_real)
def expm1(x, *, y):
    return y + 1.0


@elementwise(math.log, at=[*positives(), *between(1.5, 3.0, 2)], infer=_real)
def log(x, base=None, *, y):
    if base is None:
        return 1.0 / x, 0.0
    return 1.0 / (x * math.log(base)), -y / (base * math.log(base))


@elementwise(math.log2, at=positives(), infer=_real)
def log2(x):
    return 1.0 / (x * math.log(2.0))


@elementwise(math.log10, at=positives(), infer=_real)
def log10(x):
    return 1.0 / (x * math.log(10.0))


@elementwise(math.log1p, at=positives(), infer=_real)
def log1p(x):
    return 1.0 / (1.0 + x)


# ---- trigonometric functions ------------------------------------------------------------------------
@elementwise(math.sin, at=reals(), infer=_real)
def sin(x):
    return math.cos(x)


@elementwise(math.cos, at=reals(), infer=_real)
def cos(x):
    return -math.sin(x)


@elementwise(math.tan, at=reals(), infer=_real)
def tan(x, *, y):
    return 1.0 + y * y


@elementwise(math.asin, at=between(-0.9, 0.9), infer=_real)
def asin(x):
    return 1.0 / math.sqrt(1.0 - x * x)


@elementwise(math.acos, at=between(-0.9, 0.9), infer=_real)
def acos(x):
    return -1.0 / math.sqrt(1.0 - x * x)


@elementwise(math.atan, at=reals(), infer=_real)
def atan(x):
    return 1.0 / (1.0 + x * x)


@elementwise(math.atan2, at=reals(2), kink=KINKS["origin"].condition, infer=_real)
def atan2(p, q):
    r2 = p * p + q * q
    r2 = r2 + (r2 == 0.0)  # at the origin the numerators are 0: any other denominator gives 0
    return q / r2, -p / r2


@elementwise(math.degrees, at=reals(), infer=_real)
def degrees(x):
    return 180.0 / math.pi


@elementwise(math.radians, at=reals(), infer=_real)
def radians(x):
    return math.pi / 180.0


# ---- hyperbolic functions ---------------------------------------------------------------------------
@elementwise(math.sinh, at=reals(), infer=_real)
def sinh(x):
    return math.cosh(x)


@elementwise(math.cosh, at=reals(), infer=_real)
def cosh(x):
    return math.sinh(x)


@elementwise(math.tanh, at=reals(), infer=_real)
def tanh(x, *, y):
    return 1.0 - y * y


@elementwise(math.asinh, at=reals(), infer=_real)
def asinh(x):
    return 1.0 / math.sqrt(x * x + 1.0)


@elementwise(math.acosh, at=between(1.2, 3.0), infer=_real)
def acosh(x):
    return 1.0 / math.sqrt(x * x - 1.0)


@elementwise(math.atanh, at=between(-0.9, 0.9), infer=_real)
def atanh(x):
    return 1.0 / (1.0 - x * x)


# ---- special functions ------------------------------------------------------------------------------
@elementwise(math.erf, at=reals(), infer=_real)
def erf(x):
    return 2.0 / math.sqrt(math.pi) * math.exp(-x * x)


@elementwise(math.erfc, at=reals(), infer=_real)
def erfc(x):
    return -2.0 / math.sqrt(math.pi) * math.exp(-x * x)


@elementwise(math.gamma, at=[*positives(), (-0.6,)], infer=_real)
def gamma(x, *, y):
    return y * polygamma(0, x)


@elementwise(math.lgamma, at=[*positives(), (-0.6,)], infer=_real)
def lgamma(x):
    return polygamma(0, x)


@elementwise(
    polygamma, at=[(n, x) for n in (0, 1, 3) for x in (0.4, 2.7, 11.0, -0.6)], wrt=("x",), infer=_real
)
def polygamma_(n, x):
    return polygamma(n + 1, x)


# ---- absolute value, remainders ---------------------------------------------------------------------
@elementwise(math.fabs, at=reals(), kink=KINKS["absolute"].condition, infer=_real)
def fabs(x):
    return (x > 0.0) - (x < 0.0)


@elementwise(math.copysign, at=reals(2), kink=KINKS["absolute"].condition, infer=_real)
def copysign(x, s):
    return ((x > 0.0) - (x < 0.0)) * math.copysign(1.0, s), 0.0


@elementwise(math.fmod, at=reals(2), kink=KINKS["remainder"].condition, infer=_real)
def fmod(p, q):
    return 1.0, -math.trunc(p / q)


@elementwise(math.remainder, at=reals(2), kink=KINKS["remainder"].condition, infer=_real)
def remainder(p, q):
    return 1.0, -round(p / q)


@elementwise(math.ldexp, at=[(0.7, 3), (-1.3, -2)], wrt=("x",), infer=_real)
def ldexp(x, i):
    return math.ldexp(1.0, i)


@elementwise(math.nextafter, at=reals(2), infer=_real)
def nextafter(x, towards):
    return 1.0, 0.0


@elementwise(*_here("fma"), at=reals(3), infer=_real)
def fma(a, b, c):
    return b, a, 1.0


@elementwise(*_here("fmax", "fmin"), at=reals(2), kink=KINKS["maximum"].condition, infer=_real)
def fmax(p, q, *, y):
    return (y == p) - 0.5 * (p == q), (y == q) - 0.5 * (p == q)


@rule(math.modf, at=reals())
class modf:
    def jvp(x, *, x_dot):
        parts = (x_dot, 0.0)
        return parts

    def vjp(x, *, y_bar):
        return y_bar[0]


@rule(math.frexp, at=reals())
class frexp:
    def jvp(x, *, x_dot, y):
        parts = (math.ldexp(x_dot, -y[1]), 0)
        return parts

    def vjp(x, *, y, y_bar):
        return math.ldexp(y_bar[0], -y[1])


# ---- several operands -------------------------------------------------------------------------------
@rule(math.hypot, template=True, at=reals(2) + reals(3) + reals(), infer=_real)
class hypot:
    def jvp(*coordinates, y):
        terms = [f"{c.source} * {c.dot}" for c in coordinates if c.active]
        return f"({' + '.join(terms)}) / {_nonzero(y)}"

    def vjp(*coordinates, y, y_bar):
        return {
            f"coordinates[{k}]": f"{y_bar} * {c.source} / {_nonzero(y)}"
            for k, c in enumerate(coordinates)
            if c.active
        }


@rule(
    math.dist, template=True, at=[((0.3, -1.2), (1.5, 0.4)), ([0.3, 0.1, 2.0], (1.5, -0.4, 1.0))], infer=_real
)
class dist:
    def jvp(p, q, *, y):
        terms = []
        for a, b in _pairs(p, q):
            moved = f"{a.dot} - {b.dot}" if a.active and b.active else a.dot if a.active else f"-{b.dot}"
            if a.active or b.active:
                terms.append(f"({a.source} - {b.source}) * ({moved})")
        return f"({' + '.join(terms)}) / {_nonzero(y)}"

    def vjp(p, q, *, y, y_bar):
        cotangents = {}
        for k, (a, b) in enumerate(_pairs(p, q)):
            if a.active:
                cotangents[f"p[{k}]"] = f"{y_bar} * ({a.source} - {b.source}) / {_nonzero(y)}"
            if b.active:
                cotangents[f"q[{k}]"] = f"{y_bar} * ({b.source} - {a.source}) / {_nonzero(y)}"
        return cotangents


@rule(math.prod, template=True, at=[((0.3, -1.2, 2.0),), ([0.0, 0.4],), sample([0.4, 2.0], start=-1.5)])
class prod:
    def jvp(iterable, start=None, *, y):
        factors = _factors(iterable, start)
        terms = [_without(factors, k, dot=c.dot) for k, c in enumerate(factors) if c.active]
        return " + ".join(terms)

    def vjp(iterable, start=None, *, y, y_bar):
        factors = _factors(iterable, start)
        count = len(iterable.items)
        keys = [f"iterable[{k}]" for k in range(count)] + ["start"]
        return {
            key: _without(factors, k, dot=y_bar) for k, (key, c) in enumerate(zip(keys, factors)) if c.active
        }


@rule(*_here("sumprod"), template=True, at=[((0.3, -1.2), (1.5, 0.4))])
class sumprod:
    def jvp(p, q, *, y):
        terms = [f"{a.dot} * {b.source}" for a, b in _pairs(p, q) if a.active]
        return " + ".join(terms + [f"{a.source} * {b.dot}" for a, b in _pairs(p, q) if b.active])

    def vjp(p, q, *, y, y_bar):
        of_p = {f"p[{k}]": f"{y_bar} * {b.source}" for k, (a, b) in enumerate(_pairs(p, q)) if a.active}
        of_q = {f"q[{k}]": f"{y_bar} * {a.source}" for k, (a, b) in enumerate(_pairs(p, q)) if b.active}
        return of_p | of_q


def _nonzero(y: str) -> str:
    """Any denominator but 0 where the numerator is 0."""
    return f"({y} + ({y} == 0.0))"


def _pairs(p: Operand, q: Operand) -> list[tuple[Operand, Operand]]:
    _needs_items(p, q)
    return list(zip(p.items, q.items))


def _factors(iterable: Operand, start: Operand | None) -> list[Operand]:
    _needs_items(iterable)
    return [*iterable.items, *([] if start is None or static_value(start.type) is None else [start])]


def _without(factors: list[Operand], k: int, dot: str) -> str:
    """The product of all factors, one of them replaced."""
    return " * ".join([dot] + [factor.source for j, factor in enumerate(factors) if j != k])


def _needs_items(*operands: Operand) -> None:
    if not all(isinstance(operand.type, Sequence) for operand in operands):
        raise NotDifferentiable(
            "math.dist, math.prod and math.sumprod are differentiated over tuples and lists of known length only; "
            "use np.linalg.norm, np.prod or np.dot on arrays, and a loop over lists"
        )


# ---- no derivative ----------------------------------------------------------------------------------
zero_derivative(math.ulp, at=positives(), infer=_real)

nondifferentiable(
    math.ceil, math.floor, math.trunc, math.comb, math.factorial, math.gcd, math.isclose, math.isfinite, math.isinf,
    math.isnan, math.isqrt, math.lcm, math.perm,
)  # fmt: skip
