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


def polyfit(
    x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:
    """``np.polyfit``: least squares.

    >>> polyfit(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 5.0]), 2).round(12) + 0.0
    array([1., 0., 1.])
    """
    x, y = np.asarray(x), np.asarray(y)
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if x.size == 0:
        raise TypeError("expected non-empty vector for x")
    if y.ndim < 1 or y.ndim > 2:
        raise TypeError("expected 1D or 2D array for y")
    if x.shape[0] != y.shape[0]:
        raise TypeError("expected x and y to have same length")
    powers = (x + 0.0)[:, None] ** np.arange(deg, -1, -1)
    y = y + 0.0
    if rcond is None:
        rcond = len(x) * np.finfo(powers.dtype).eps
    if w is not None:
        w = np.asarray(w)
        powers = powers * w[:, None]
        y = y * (w if y.ndim == 1 else w[:, None])
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    found = np.linalg.pinv(powers / scale, rcond) @ y
    return found / (scale if y.ndim == 1 else scale[:, None])


def polyder(p: Any, m: int = 1) -> Any:
    """``np.polyder``.

    >>> polyder(np.array([1.0, 2.0, 3.0]))
    array([2., 2.])
    """
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    p = np.asarray(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def polyadd(a1: Any, a2: Any) -> Any:
    """``np.polyadd``.

    >>> polyadd([1.0, 2.0], [1.0, 0.0, 0.0])
    array([1., 1., 2.])
    """
    a1, a2 = np.atleast_1d(a1), np.atleast_1d(a2)
    size = max(len(a1), len(a2))
    return np.concatenate((np.zeros(size - len(a1)), a1)) + np.concatenate((np.zeros(size - len(a2)), a2))


def polysub(a1: Any, a2: Any) -> Any:
    """``np.polysub``.

    >>> polysub([1.0, 2.0], [1.0])
    array([1., 1.])
    """
    return polyadd(a1, -np.atleast_1d(a2))
