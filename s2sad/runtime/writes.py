"""What NumPy's writing functions do, as plain Python that the compiler differentiates like a user's function."""

from __future__ import annotations

from typing import Any

import numpy as np


def cycled(values: Any, count: int) -> Any:
    """The first `count` values, starting over where there are fewer.

    >>> cycled(np.array([1.0, 2.0]), 3)
    array([1., 2., 1.])
    """
    return np.ravel(values)[np.arange(count) % np.size(values)]


def cycled_at(values: Any, places: Any) -> Any:
    """The values at some places, starting over where there are fewer.

    >>> cycled_at(np.array([1.0, 2.0]), np.array([3, 0]))
    array([2., 1.])
    """
    return np.ravel(values)[places % np.size(values)]


def multiply_at(array: Any, places: Any, factors: Any) -> None:
    """``np.multiply.at(array, places, factors)``.

    >>> a = np.ones(2)
    >>> multiply_at(a, [1, 1], [2.0, 3.0])
    >>> a
    array([1., 6.])
    """
    for k in range(len(places)):
        array[places[k]] *= factors[k]


def divide_at(array: Any, places: Any, divisors: Any) -> None:
    """``np.divide.at(array, places, divisors)``.

    >>> a = np.ones(2)
    >>> divide_at(a, [1, 1], [2.0, 2.0])
    >>> a
    array([1.  , 0.25])
    """
    for k in range(len(places)):
        array[places[k]] /= divisors[k]
