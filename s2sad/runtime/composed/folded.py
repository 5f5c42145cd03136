"""Methods of NumPy's ufuncs.

>>> running(np.array([1.0, 3.0, 2.0]), 0, np.maximum)
array([1., 3., 3.])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.runtime.control import stop_gradient


def running(a: Any, axis: Any = 0, ufunc: Any = np.maximum) -> Any:
    """``np.maximum.accumulate`` and ``np.minimum.accumulate``: the last of the largest elements so far is taken."""
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    axis = axis if axis >= 0 else axis + a.ndim
    extreme = ufunc.accumulate(stop_gradient(a), axis=axis)
    reached = (a == extreme) | np.isnan(a)
    places = np.reshape(np.arange(a.shape[axis]), (-1,) + (1,) * (a.ndim - axis - 1))
    return np.take_along_axis(a, np.maximum.accumulate(np.where(reached, places, 0), axis=axis), axis)


def logaddexp_reduce(a: Any, axis: Any = 0, keepdims: bool = False, ufunc: Any = np.logaddexp) -> Any:
    """``np.logaddexp.reduce``.

    >>> logaddexp_reduce(np.zeros(4)).round(12) == np.log(4.0).round(12)
    np.True_
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    largest = np.max(stop_gradient(a), axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    total = np.log(np.sum(np.exp(a - largest), axis=axis, keepdims=True)) + largest
    return total if keepdims else np.sum(total, axis=axis)


def reduceat(a: Any, indices: Any, axis: Any = 0, ufunc: Any = np.add) -> Any:
    """``np.add.reduceat`` and the like.

    >>> reduceat(np.array([1.0, 2.0, 3.0]), [0, 2])
    array([3., 3.])
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    rows = np.moveaxis(a, axis, 0)
    indices = np.asarray(indices)
    ends = np.append(indices[1:], len(rows))
    parts = [ufunc.reduce(rows[i:j]) if i < j else rows[i] for i, j in zip(indices, ends)]
    return np.moveaxis(np.stack(parts), 0, axis)
