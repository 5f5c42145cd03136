"""Division and powers of numbers as IEEE arithmetic has them: infinite where Python raises."""

from __future__ import annotations

from typing import Any

import numpy as np


def ieee_quotient(p: Any, q: Any) -> Any:
    """``p / q``, infinite or NaN where `q` is zero.

    >>> float(ieee_quotient(1.0, 0.0)), float(ieee_quotient(3.0, 2.0))
    (inf, 1.5)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.true_divide(p, q)


def ieee_power(x: Any, n: Any) -> Any:
    """``x ** n``, infinite where `x` is zero and `n` negative.

    >>> float(ieee_power(0.0, -0.5))
    inf
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.power(1.0 * x, n)
