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


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """``np.rollaxis``."""
    rank = np.ndim(a)
    axis = axis + rank if axis < 0 else axis
    start = start + rank if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """``np.dsplit``."""
    return np.split(ary, indices_or_sections, 2)


def matrix_transpose(x: Any) -> Any:
    """``np.matrix_transpose``."""
    return np.swapaxes(x, -1, -2)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """``np.piecewise``: where several conditions hold, the last one counts.

    >>> piecewise(np.array([-1.0, 2.0]), [np.array([True, False])], [0.5, lambda t: 2.0 * t])
    array([0.5, 4. ])
    """
    if not isinstance(condlist, (list, tuple)) and np.ndim(condlist) < 2:
        condlist = [condlist]
    if len(funclist) != len(condlist) and len(funclist) != len(condlist) + 1:
        raise ValueError(f"with {len(condlist)} condition(s), either {len(condlist)} or {len(condlist) + 1} functions "
                         "are expected")  # fmt: skip
    y = np.zeros_like(x)
    rest = np.ones(x.shape, bool)
    for condition, function in zip(condlist, funclist):
        rest = rest & ~np.asarray(condition)
        y[condition] = function(x[condition], *args, **kw) if callable(function) else function
    if len(funclist) > len(condlist):
        function = funclist[len(condlist)]
        y[rest] = function(x[rest], *args, **kw) if callable(function) else function
    return y


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """``np.insert``.

    >>> insert(np.array([1.0, 2.0, 3.0]), 1, 7.0)
    array([1., 7., 2., 3.])
    """
    if isinstance(arr, (list, tuple)):
        arr = np.asarray(arr)
    if isinstance(values, (list, tuple)):
        values = np.asarray(values)
    if axis is None:
        arr = np.ravel(arr)
        axis = 0
    axis = axis if axis >= 0 else axis + arr.ndim
    size = arr.shape[axis]
    if isinstance(obj, (slice, list, tuple)) or (isinstance(obj, np.ndarray) and obj.ndim > 0):
        where = np.arange(size)[obj] if isinstance(obj, slice) else np.asarray(obj)
        where = np.flatnonzero(where) if where.dtype == bool else where
        count = values.shape[axis] if len(where) == 1 and isinstance(values, np.ndarray) else len(where)
    else:
        where = obj
        count = 1
        if isinstance(values, np.ndarray) and values.ndim == arr.ndim:
            count = len(values)
            values = np.moveaxis(values, 0, axis) if arr.ndim > 1 else values
        elif isinstance(values, np.ndarray) and values.ndim > 0:
            values = np.expand_dims(values, axis)
    added = np.broadcast_to(values, arr.shape[:axis] + (count,) + arr.shape[axis + 1 :])
    if added.dtype != arr.dtype:
        added = added.astype(arr.dtype)
    places = np.insert(np.arange(size), where, size + np.arange(count))
    return np.take(np.concatenate((arr, added), axis), places, axis)


def resize(a: Any, new_shape: Any) -> Any:
    """``np.resize``: the elements again and again.

    >>> resize(np.array([1.0, 2.0, 3.0]), (2, 2))
    array([[1., 2.],
           [3., 1.]])
    """
    a = np.ravel(a)
    size = int(np.prod(new_shape))
    if a.size == 0:
        return np.zeros(new_shape, a.dtype)
    return np.reshape(a[np.arange(size) % a.size], new_shape)


def block(arrays: Any) -> Any:
    """``np.block`` of a list of arrays, or of a list of lists.

    >>> block([[np.eye(2), np.ones((2, 1))], [np.array([3.0, 4.0]), 5.0]])
    array([[1., 0., 1.],
           [0., 1., 1.],
           [3., 4., 5.]])
    """
    if not isinstance(arrays, list):
        return np.array(arrays)
    if isinstance(arrays[0], list):
        rank = max([2] + [np.ndim(part) for row in arrays for part in row])
        return np.concatenate([block_row(row, rank) for row in arrays], -2)
    return block_row(arrays, max([1] + [np.ndim(part) for part in arrays]))


def block_row(row: Any, rank: int) -> Any:
    """Arrays one beside the other, as arrays of `rank` dimensions.

    >>> block_row([1.0, np.array([2.0, 3.0])], 2)
    array([[1., 2., 3.]])
    """
    return np.concatenate(
        [np.reshape(part, (1,) * (rank - np.ndim(part)) + np.shape(part)) for part in row], -1
    )


def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """``np.apply_along_axis`` of a function that gives numbers or vectors.

    >>> apply_along_axis(lambda row: row / row.sum(), 1, np.array([[1.0, 3.0], [2.0, 2.0]]))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    last = np.moveaxis(arr, axis, -1)
    rows = np.reshape(last, (-1, last.shape[-1]))
    found = np.array([func1d(row, *args, **kwargs) for row in rows])
    if found.ndim > 2:
        raise NotImplementedError("np.apply_along_axis of a function that gives matrices")
    found = np.reshape(found, last.shape[:-1] + found.shape[1:])
    return found if found.ndim < arr.ndim else np.moveaxis(found, -1, axis)


def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """``np.apply_over_axes``.

    >>> apply_over_axes(np.sum, np.ones((2, 3)), (0, 1))
    array([[6.]])
    """
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        reduced = func(a, axis)
        a = reduced if np.ndim(reduced) == np.ndim(a) else np.expand_dims(reduced, axis)
    return a


def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any = -1) -> None:
    """``np.put_along_axis``.

    >>> a = np.zeros((2, 2))
    >>> put_along_axis(a, np.array([[0], [1]]), 5.0, axis=1)
    >>> a
    array([[5., 0.],
           [0., 5.]])
    """
    axis = axis if axis >= 0 else axis + arr.ndim
    places = tuple(
        indices if k == axis else np.reshape(np.arange(arr.shape[k]), (-1,) + (1,) * (arr.ndim - k - 1))
        for k in range(arr.ndim)
    )
    arr[places] = values


def ndenumerate(arr: Any) -> Any:
    """``np.ndenumerate``.

    >>> [(k, float(value)) for k, value in ndenumerate(np.array([[1.0, 2.0]]))]
    [((0, 0), 1.0), ((0, 1), 2.0)]
    """
    for index in np.ndindex(arr.shape):
        yield index, arr[index]


def vstack(tup: Any) -> Any:
    """``np.vstack`` of a list of any length.

    >>> vstack([np.ones(2), np.zeros(2)])
    array([[1., 1.],
           [0., 0.]])
    """
    if np.ndim(tup[0]) == 0:
        return np.stack(tup)[:, None]
    return np.stack(tup) if np.ndim(tup[0]) == 1 else np.concatenate(tup)


def hstack(tup: Any) -> Any:
    """``np.hstack`` of a list of any length.

    >>> hstack([np.ones(2), np.zeros(1)])
    array([1., 1., 0.])
    """
    if np.ndim(tup[0]) == 0:
        return np.stack(tup)
    return np.concatenate(tup) if np.ndim(tup[0]) == 1 else np.concatenate(tup, axis=1)


def column_stack(tup: Any) -> Any:
    """``np.column_stack`` of a list of any length.

    >>> column_stack([np.ones(2), np.zeros(2)])
    array([[1., 0.],
           [1., 0.]])
    """
    return np.stack(tup, axis=1) if np.ndim(tup[0]) == 1 else np.concatenate(tup, axis=1)
