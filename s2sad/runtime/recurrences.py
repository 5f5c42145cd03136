"""Linear recurrences along an axis: the derivatives of cumulative products, right at zeros in every order."""

from __future__ import annotations

from typing import Any

import numpy as np


def recurrence(factors: Any, terms: Any, axis: int = 0, backward: bool = False) -> Any:
    """Solve ``h[k] = factors[k] * h[k - 1] + terms[k]``, where nothing precedes the first element.

    Parameters
    ----------
    factors, terms : array
        Arrays of one shape; `factors` may be broadcast.  The first factor is not read.
    axis : int, optional
        The axis along which `k` runs.
    backward : bool, optional
        Solve ``h[k] = factors[k + 1] * h[k + 1] + terms[k]`` instead, from the last element: the transpose.

    Returns
    -------
    array
        The solution, of the shape of `terms`.

    Examples
    --------
    >>> a, b = np.array([5.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0])
    >>> recurrence(a, b), recurrence(a, b, backward=True)
    (array([ 1.,  3., 10.]), array([9., 4., 1.]))
    """
    terms = np.asarray(terms)
    f = np.moveaxis(np.broadcast_to(factors, terms.shape), axis, 0)
    h = np.moveaxis(terms, axis, 0).astype(np.result_type(factors, terms))
    if backward:
        f, h = np.concatenate((f[:1], f[:0:-1])), h[::-1].copy()
    with np.errstate(over="ignore", invalid="ignore"):
        solved = _in_strides(f.astype(h.dtype), h.copy())
    if not np.all(np.isfinite(solved)):  # a product of factors may be infinite where no element is
        for k in range(1, len(h)):
            h[k] += f[k] * h[k - 1]
        solved = h
    return np.moveaxis(solved[::-1] if backward else solved, 0, axis)


def _in_strides(f: Any, h: Any) -> Any:
    """The solution in about log2(n) steps over whole arrays: each joins what was solved for runs of half the length."""
    stride = 1
    while stride < len(h):
        h[stride:] += f[stride:] * h[:-stride]
        f[stride:] = f[stride:] * f[:-stride]
        stride *= 2
    return h


def shifted(array: Any, by: int = 1, axis: int = 0, fill: float = 0.0) -> Any:
    """Move the elements along an axis by one place; `fill` takes the place that becomes free.

    Parameters
    ----------
    array : array
        Any array.
    by : {1, -1}
        One place on, or one place back.
    axis : int, optional
        The axis.
    fill : float, optional
        The new element.

    Returns
    -------
    array
        A new array of the same shape.

    Examples
    --------
    >>> shifted(np.array([1.0, 2.0, 3.0]), fill=9.0), shifted(np.array([1.0, 2.0, 3.0]), -1)
    (array([9., 1., 2.]), array([2., 3., 0.]))
    """
    out = np.full_like(array, fill)
    kept, free = np.moveaxis(array, axis, 0), np.moveaxis(out, axis, 0)
    if by > 0:
        free[1:] = kept[:-1]
    else:
        free[:-1] = kept[1:]
    return out
