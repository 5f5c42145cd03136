"""Choosing and arranging.

>>> delete(np.array([1.0, 2.0, 3.0]), 1)
array([1., 3.])
"""

from __future__ import annotations

from typing import Any

import numpy as np


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """``np.select``: the first choice whose condition holds.

    >>> x = np.array([1.0, 2.0, 3.0])
    >>> select([x < 2, x < 3], [x, 10 * x], -1.0)
    array([ 1., 20., -1.])
    """
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    chosen = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        chosen = np.where(condition, choice, chosen)
    return chosen


def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """``np.delete``: what is left is taken."""
    if isinstance(arr, (list, tuple)):
        arr = np.asarray(arr)
    if axis is None:
        arr = np.ravel(arr)
        axis = 0
    return np.take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis)


def broadcast_arrays(*args: Any) -> Any:
    """``np.broadcast_arrays``, without `subok`."""
    arrays = [np.asarray(a) for a in args]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    return tuple(np.broadcast_to(a, shape) for a in arrays)


def unstack(x: Any, *, axis: int = 0) -> Any:
    """``np.unstack``."""
    return tuple(np.moveaxis(x, axis, 0))


def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """``np.dsplit``."""
    return np.split(ary, indices_or_sections, 2)


def matrix_transpose(x: Any) -> Any:
    """``np.matrix_transpose``."""
    return np.swapaxes(x, -1, -2)
