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


def each_at(array: Any, places: Any, function: Any) -> None:
    """``ufunc.at(array, places)`` for a ufunc of one operand.

    >>> a = np.array([1.0, 2.0])
    >>> each_at(a, [1, 1], np.square)
    >>> a
    array([ 1., 16.])
    """
    for k in range(len(places)):
        array[places[k]] = function(array[places[k]])


def each_at_by(array: Any, places: Any, values: Any, function: Any) -> None:
    """``ufunc.at(array, places, values)``.

    >>> a = np.ones(2)
    >>> each_at_by(a, [1, 1], [2.0, 2.0], np.divide)
    >>> a
    array([1.  , 0.25])
    """
    for k in range(len(places)):
        array[places[k]] = function(array[places[k]], values[k])


def each_at_two(array: Any, rows: Any, columns: Any, function: Any) -> None:
    """``ufunc.at(array, (rows, columns))`` for a ufunc of one operand."""
    for k in range(len(rows)):
        array[rows[k], columns[k]] = function(array[rows[k], columns[k]])


def each_at_two_by(array: Any, rows: Any, columns: Any, values: Any, function: Any) -> None:
    """``ufunc.at(array, (rows, columns), values)``."""
    for k in range(len(rows)):
        array[rows[k], columns[k]] = function(array[rows[k], columns[k]], values[k])
