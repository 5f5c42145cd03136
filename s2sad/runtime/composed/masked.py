"""Reductions of the elements that a mask chooses, and from a first number on.

>>> mean(np.array([1.0, 2.0, 6.0]), where=np.array([True, True, False]))
np.float64(1.5)
"""

from __future__ import annotations

from typing import Any

import numpy as np


def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    """``np.mean`` of the elements that a mask chooses."""
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    chosen = np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=keepdims, dtype=a.dtype)
    return np.sum(a, axis=axis, keepdims=keepdims, where=where) / chosen


def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = 1,
    where: Any = True,
) -> Any:  # fmt: skip
    """``np.prod`` from a first factor on, of the elements that a mask chooses.

    >>> prod(np.array([2.0, 3.0]), initial=5.0, where=[True, False])
    np.float64(10.0)
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if where is not True:
        a = np.where(where, a, 1.0)
    return np.prod(a, axis=axis, keepdims=keepdims) * initial


def max(
    a: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """``np.max`` of a first number and of the elements that a mask chooses.

    >>> max(np.array([1.0, 5.0]), initial=2.0, where=[True, False])
    np.float64(2.0)
    """
    if isinstance(axis, tuple):
        return np.maximum(np.max(chosen(a, initial, where, "maximum"), axis=axis, keepdims=keepdims), initial)
    return np.max(
        with_first(chosen(a, initial, where, "maximum"), axis, initial, keepdims),
        axis=axis,
        keepdims=keepdims,
    )


def min(
    a: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """``np.min`` of a first number and of the elements that a mask chooses.

    >>> min(np.array([1.0, 5.0]), initial=2.0, where=[False, True])
    np.float64(2.0)
    """
    if isinstance(axis, tuple):
        return np.minimum(np.min(chosen(a, initial, where, "minimum"), axis=axis, keepdims=keepdims), initial)
    return np.min(
        with_first(chosen(a, initial, where, "minimum"), axis, initial, keepdims),
        axis=axis,
        keepdims=keepdims,
    )


def chosen(a: Any, initial: Any, where: Any, operation: str) -> Any:
    """The elements that a mask chooses, and the first number in the place of the others.

    >>> chosen([1.0, 5.0], 2.0, np.array([False, True]), "minimum")
    array([2., 5.])
    """
    if initial is None:
        raise ValueError(f"reduction operation '{operation}' does not have an identity, so to use a where mask one "
                         "has to specify 'initial'")  # fmt: skip
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    return a if where is True else np.where(where, a, initial)


def with_first(a: Any, axis: Any, initial: Any, keepdims: bool) -> Any:
    """An array with one more element along an axis, which may have none; flat, but for its rank, without an axis.

    >>> with_first(np.array([[1.0], [5.0]]), 1, 2.0, False)
    array([[1., 2.],
           [5., 2.]])
    """
    rank = np.ndim(a)
    if axis is None or rank == 0:
        a = np.ravel(a)
        joined = np.concatenate((a, np.full(1, initial, a.dtype)))
        return np.reshape(joined, (-1,) + (1,) * (rank - 1)) if keepdims and rank > 1 else joined
    axis = axis if axis >= 0 else axis + rank
    first = np.full(a.shape[:axis] + (1,) + a.shape[axis + 1 :], initial, a.dtype)
    return np.concatenate((a, first), axis=axis)
