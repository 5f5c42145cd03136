"""Polynomials by their coefficients, the highest power first.

>>> polyval([1.0, 0.0, 2.0], np.array([3.0]))
array([11.])
"""

from __future__ import annotations

from typing import Any

import numpy as np


def polyval(p: Any, x: Any) -> Any:
    """``np.polyval``, by Horner's rule.

    >>> polyval([2.0, 1.0], np.array([0.0, 0.5]))
    array([1., 2.])
    """
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    if isinstance(p, (list, tuple)):
        p = np.asarray(p)
    value = np.zeros_like(x) if isinstance(x, np.ndarray) else 0.0
    for coefficient in p:
        value = value * x + coefficient
    return value
