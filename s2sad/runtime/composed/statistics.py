"""Covariances, quantiles, and statistics that leave out what is not a number.

>>> quantile(np.array([3.0, 1.0, 2.0]), 0.25)
np.float64(1.5)
"""

from __future__ import annotations

from typing import Any

import numpy as np


def cov(
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """``np.cov`` without weights.

    >>> cov(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]]))
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    rows = samples_in_rows(m, rowvar)
    if y is not None:
        rows = np.concatenate((rows, samples_in_rows(y, rowvar)))
    if ddof is None:
        ddof = 0 if bias else 1
    elif ddof != int(ddof):
        raise ValueError("ddof must be integer")
    deviations = rows - np.mean(rows, axis=1)[:, None]
    mirrored = np.conj(deviations.T) if deviations.dtype.kind == "c" else deviations.T
    return np.squeeze(deviations @ mirrored / max(rows.shape[1] - ddof, 0))


def samples_in_rows(m: Any, rowvar: Any) -> Any:
    """Observations as a matrix with a row for each variable.

    >>> samples_in_rows(np.array([[1.0, 2.0], [3.0, 4.0]]), False)
    array([[1., 3.],
           [2., 4.]])
    """
    if isinstance(m, (list, tuple)):
        m = np.asarray(m)
    if m.ndim > 2:
        raise ValueError("m has more than 2 dimensions")
    if m.dtype.kind in "iub" or m.dtype == np.float32:
        m = m.astype(float)
    if m.ndim < 2:
        return np.reshape(m, (1, -1))
    return m if rowvar or m.shape[0] == 1 else m.T


def corrcoef(x: Any, y: Any = None, rowvar: Any = True) -> Any:
    """``np.corrcoef``.

    >>> corrcoef(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    spread = np.sqrt(np.real(np.diag(c)))
    return c / spread[:, None] / spread


def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """``np.quantile``, linear between the two elements beside it.

    >>> quantile(np.array([[3.0, 1.0], [2.0, 5.0]]), np.array([0.0, 0.5]), axis=0)
    array([[2. , 1. ],
           [2.5, 3. ]])
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    if not np.all((q >= 0) & (q <= 1)):
        raise ValueError("Quantiles must be in the range [0, 1]")
    return quantile_at(a, q, axis)


def quantile_at(a: Any, q: Any, axis: Any) -> Any:
    """Quantiles of an array.

    >>> quantile_at(np.array([3.0, 1.0, 2.0]), 0.75, None)
    np.float64(2.5)
    """
    if axis is None:
        a = np.ravel(a)
    elif isinstance(axis, tuple):
        a = np.moveaxis(a, axis, tuple(range(len(axis))))
        a = np.reshape(a, (-1,) + a.shape[len(axis) :])
    elif axis != 0:
        a = np.moveaxis(a, axis, 0)
    ordered = np.sort(a, axis=0)
    place = q * (len(ordered) - 1)
    low = np.minimum(np.floor(place).astype(int), max(len(ordered) - 2, 0))
    high = np.minimum(low + 1, len(ordered) - 1)
    share = place - low
    if ordered.dtype == np.float32:
        share = np.float32(share)
    if isinstance(share, np.ndarray) and ordered.ndim > 1:
        share = np.reshape(share, share.shape + (1,) * (ordered.ndim - 1))
    between = ordered[low] + (ordered[high] - ordered[low]) * share
    last = ordered[-1]  # where what is not a number is sorted to
    if isinstance(between, np.ndarray):
        return np.where(np.isnan(last), last, between)
    return last if np.isnan(last) else between


def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """``np.percentile``.

    >>> percentile([3.0, 1.0, 2.0], 50)
    np.float64(2.0)
    """
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if not np.all((q >= 0) & (q <= 100)):
        raise ValueError("Percentiles must be in the range [0, 100]")
    return quantile_at(a, q / 100, axis)


def deviations_of_numbers(a: Any, axis: Any) -> Any:
    """How far each element is from the mean of those that are numbers, and how many these are.

    >>> deviations_of_numbers(np.array([1.0, np.nan, 3.0]), None)
    (array([-1.,  0.,  1.]), array([2]))
    """
    missing = np.isnan(a)
    count = np.sum(~missing, axis=axis, keepdims=True)
    if a.dtype == np.float32:
        count = count.astype(a.dtype)
    mean = np.sum(np.where(missing, 0.0, a), axis=axis, keepdims=True) / count
    return np.where(missing, 0.0, a - mean), count


def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False
) -> Any:
    """``np.nanvar``.

    >>> nanvar(np.array([1.0, np.nan, 3.0]))
    np.float64(1.0)
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    deviations, count = deviations_of_numbers(a, axis)
    squares = deviations * deviations
    if a.dtype.kind == "c":
        squares = np.real(deviations * np.conj(deviations))
    return np.sum(squares / freedom(count, ddof, squares), axis=axis, keepdims=keepdims)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: bool = False
) -> Any:
    """``np.nanstd``; where all elements are equal its derivative is 0, as that of a norm.

    >>> nanstd(np.array([[1.0, np.nan, 3.0], [2.0, 2.0, 2.0]]), axis=1).round(12)
    array([1., 0.])
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    deviations, count = deviations_of_numbers(a, axis)
    scale = np.sqrt(freedom(count, ddof, np.real(deviations)))
    return np.linalg.norm(deviations / scale, axis=axis, keepdims=keepdims)


def freedom(count: Any, ddof: Any, like: Any) -> Any:
    """The degrees of freedom, in the precision of an array; not a number where there are none.

    >>> freedom(np.array([3, 1]), 1, np.zeros(2))
    array([ 2., nan])
    """
    return np.where(count > ddof, count - ddof, np.nan).astype(like.dtype)
