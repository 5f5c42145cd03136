"""Special functions that the standard library lacks and derivatives need."""

from __future__ import annotations

import math

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
_LARGE = 14.0


def polygamma(n: int, x: float) -> float:
    """The n-th derivative of the digamma function (which is n = 0), of a real number.

    Parameters
    ----------
    n : int
        The order, not negative.
    x : float
        Any number but 0, -1, -2, ...

    Returns
    -------
    float
        The value, to about twelve digits.

    Examples
    --------
    >>> round(polygamma(0, 1.0), 12), round(polygamma(1, 1.0) - math.pi ** 2 / 6, 12)
    (-0.577215664902, 0.0)
    """
    sign = -1.0 if n % 2 == 0 else 1.0  # (-1) ** (n + 1)
    moved = 0.0
    while x < _LARGE + n:  # the recurrence leads to where the asymptotic series holds
        if x == math.floor(x) and x <= 0:
            return math.nan
        moved += sign * math.factorial(n) / x ** (n + 1)
        x += 1.0
    return moved + (_digamma(x) if n == 0 else sign * _series(n, x))


def _digamma(x: float) -> float:
    tail = sum(b / (2 * k * x ** (2 * k)) for k, b in enumerate(_BERNOULLI, 1))
    return math.log(x) - 0.5 / x - tail


def _series(n: int, x: float) -> float:
    leading = math.factorial(n - 1) / x**n + math.factorial(n) / (2 * x ** (n + 1))
    terms = (
        b * math.factorial(2 * k + n - 1) / (math.factorial(2 * k) * x ** (2 * k + n))
        for k, b in enumerate(_BERNOULLI, 1)
    )
    return leading + sum(terms)
