"""What emitted code calls at kinks under ``kinks="nan"``."""

from __future__ import annotations

from typing import Any

import numpy as np


def unless_kink(y: Any, hit: Any) -> Any:
    """`y` itself, whose derivative is nan where `hit`.

    Parameters
    ----------
    y : number or array
        The result of a function.
    hit : bool or array of bool
        Where the function has no derivative.

    Returns
    -------
    number or array
        `y`, a copy if it is an array.

    Examples
    --------
    >>> unless_kink(2.0, True)
    2.0
    """
    return y.copy() if isinstance(y, np.ndarray) else y


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
    return np.where(hit, np.nan, 1.0)[()]
