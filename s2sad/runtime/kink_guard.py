"""What emitted code calls at kinks under ``kinks="nan"``."""

from __future__ import annotations

from typing import Any

import numpy as np


def unless_kink(value: Any, hit: Any) -> Any:
    """`value` itself, whose derivative is nan where `hit`.

    Parameters
    ----------
    value : number or array
        The result of a function.
    hit : bool or array of bool
        Where the function has no derivative.

    Returns
    -------
    number or array
        `value`, a copy if it is an array.

    Examples
    --------
    >>> unless_kink(2.0, True)
    2.0
    """
    return value.copy() if isinstance(value, np.ndarray) else value


def nan_where(hit: Any) -> Any:
    """1 where not `hit`, and nan where `hit`.

    Parameters
    ----------
    hit : bool or array of bool
        Where a function has no derivative.

    Returns
    -------
    float or array

    Examples
    --------
    >>> nan_where(np.array([True, False]))
    array([nan,  1.])
    """
    if np.ndim(hit) == 0:
        return np.nan if hit else 1.0
    return np.where(hit, np.nan, 1.0)
