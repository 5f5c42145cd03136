"""Kinks: where a derivative does not exist or depends on the side, and what s2sad gives there.

This table is the policy: rules take their conditions from it, and the documentation is generated from it.

>>> KINKS["absolute"].condition(0.0), KINKS["absolute"].gives
(True, '0, midway between the slopes -1 and 1')
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Kink:
    """One kind of kink.

    Attributes
    ----------
    functions : str
        The functions that have it.
    where : str
        Where it is.
    gives : str
        The derivative that is used there.
    condition : callable or None
        True at the kink, of the operands or the result `y`; None where it depends on a whole array.
    """

    functions: str
    where: str
    gives: str
    condition: Callable[..., Any] | None = None


def at_zero(x, sign=None):
    return x == 0


def at_tie(p, q):
    return p == q


def at_origin(p, q):
    return (p == 0) & (q == 0)


def at_power(x, n):
    return (x == 0) & (n < 1) & (n != 0)


def at_bound(a, a_min=None, a_max=None, out=None, min=None, max=None):
    if a_min is None and min is None:
        return a == (a_max if max is None else max)
    if a_max is None and max is None:
        return a == (a_min if min is None else min)
    return (a == (a_min if min is None else min)) | (a == (a_max if max is None else max))


def at_multiple(p, q):
    return p % q == 0


def among_numbers(*numbers, y):
    """Text, as a template rule has it."""
    if len(numbers) == 2:
        return f"{numbers[0].source} == {numbers[1].source}"
    return f"{' + '.join(f'({number.source} == {y})' for number in numbers)} > 1"


def among_elements(a, axis=None, out=None, keepdims=False, initial=None, where=None, *, y):
    if axis is None:
        return np.sum(a == y) > 1
    if keepdims:
        return np.sum(a == y, axis=axis, keepdims=True) > 1
    return np.sum(a == np.expand_dims(y, axis), axis=axis) > 1


def in_order(a, axis=-1, kind=None, order=None, stable=None, *, y):
    if axis is None:
        return np.any(np.diff(y) == 0)
    return np.any(np.diff(y, axis=axis) == 0)


def of_zero(*, y):
    return y == 0


KINKS: dict[str, Kink] = {
    "absolute": Kink(
        "abs, np.abs, np.fabs, math.fabs, np.copysign", "0", "0, midway between the slopes -1 and 1", at_zero
    ),
    "angle": Kink("np.angle", "0", "0"),
    "sqrt": Kink("np.sqrt, math.sqrt", "0", "inf, as IEEE arithmetic has it", at_zero),
    "cbrt": Kink("np.cbrt, math.cbrt", "0", "inf, as IEEE arithmetic has it", at_zero),
    "power": Kink(
        "x ** n, pow, np.power, math.pow",
        "x = 0",
        "with respect to x: 0 for n = 0, inf for 0 < n < 1; with respect to n: 0 wherever x <= 0",
        at_power,
    ),
    "maximum": Kink(
        "np.maximum, np.minimum, np.fmax, np.fmin", "ties", "operands that tie share equally", at_tie
    ),
    "largest": Kink("max, min", "ties", "operands that tie share equally", among_numbers),
    "clip": Kink(
        "np.clip", "a bound", "half of the slope inside and half of the slope outside, as a tie", at_bound
    ),
    "origin": Kink(
        "np.hypot, math.hypot, np.arctan2, math.atan2, math.dist", "both operands 0", "0", at_origin
    ),
    "remainder": Kink(
        "%, np.remainder, np.fmod, math.fmod, math.remainder",
        "jumps",
        "the slope beside the jump",
        at_multiple,
    ),
    "step": Kink("np.sign, np.floor, np.ceil, np.round, //, np.heaviside", "jumps", "0, as everywhere else"),
    "extremum": Kink(
        "np.max, np.min of an array", "ties", "each element that ties has an equal share", among_elements
    ),
    "order": Kink("np.sort, sorted, np.median", "ties", "elements that tie share equally", in_order),
    "knot": Kink(
        "np.interp",
        "a knot",
        "the slope of the interval that begins there, at the last knot of the one that ends; no KinkError, no NaN",
    ),
    "norm": Kink("np.linalg.norm", "0", "0", of_zero),
    "spread": Kink("np.std", "all elements equal", "0", of_zero),
    "prod": Kink(
        "np.prod, np.cumprod", "zeros among the elements", "the true derivative: the product of the others"
    ),
}
"""The policy, by name."""


__all__ = ["KINKS", "Kink"]
