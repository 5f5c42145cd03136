"""Functions that steer differentiation and otherwise do nothing."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def stop_gradient(x: T) -> T:
    """Return `x` itself; its derivative is zero.

    Parameters
    ----------
    x : any
        A value to be held constant.

    Returns
    -------
    any
        `x`.

    Examples
    --------
    >>> stop_gradient(2.0)
    2.0
    """
    return x
