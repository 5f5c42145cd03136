"""Copies that lie in memory as another array does: a reshape of one is a view exactly where that of the other is."""

from __future__ import annotations

from typing import Any

import numpy as np


def duplicate(array: Any) -> Any:
    """A copy with the strides of the array itself, gaps included.

    ``array.copy()`` lies in memory row by row, so that its reshape may be a view where that of the array is a copy.

    Parameters
    ----------
    array : array
        What is copied.

    Returns
    -------
    array
        In memory of its own.

    Examples
    --------
    >>> duplicate(np.zeros((4, 3))[::2].T).strides
    (8, 48)
    """
    held = array.copy(order="K")
    steps = [(size - 1) * stride for size, stride in zip(array.shape, array.strides)]
    overlaps = any(stride == 0 and size > 1 for size, stride in zip(array.shape, array.strides))
    if held.strides == array.strides or overlaps or not array.size:
        return held
    first = -sum(step for step in steps if step < 0)
    extent = first + sum(step for step in steps if step > 0) + array.itemsize
    apart = np.ndarray(array.shape, array.dtype, np.empty(extent, np.uint8).data, first, array.strides)
    apart[...] = array
    return apart


def arranged(values: Any, like: Any) -> Any:
    """A copy of some values that lies in memory as another array does, gaps aside.

    Parameters
    ----------
    values : array or number
        What is copied.
    like : array
        The array whose shape, dtype and order of dimensions the copy has.

    Returns
    -------
    array

    Examples
    --------
    >>> arranged(np.ones((2, 3)), np.zeros((3, 2)).T).flags.f_contiguous
    True
    """
    copy = np.empty_like(like)
    copy[...] = values
    return copy
