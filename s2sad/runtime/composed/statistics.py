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
    return over_axes(quantile_at, a, shares(q), axis, keepdims)


def shares(q: Any) -> Any:
    """Quantiles, each from 0 to 1.

    >>> shares([0.25, 1.0])
    array([0.25, 1.  ])
    """
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    if not np.all((q >= 0) & (q <= 1)):
        raise ValueError("Quantiles must be in the range [0, 1]")
    return q


def percents(q: Any) -> Any:
    """Percentiles, each from 0 to 100, as quantiles.

    >>> percents([25, 100])
    array([0.25, 1.  ])
    """
    if isinstance(q, (list, tuple)):
        q = np.asarray(q)
    if not np.all((q >= 0) & (q <= 100)):
        raise ValueError("Percentiles must be in the range [0, 100]")
    return q / 100


def over_axes(quantiles: Any, a: Any, q: Any, axis: Any, keepdims: bool) -> Any:
    """Quantiles by a function of an array, `q` and axes; the axes stay if that is asked for.

    >>> over_axes(quantile_at, [[3.0, 1.0], [2.0, 5.0]], 0.5, 0, True)
    array([[2.5, 3. ]])
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    found = quantiles(a, q, axis)
    return kept(found, a, q, axis) if keepdims else found


def in_order(a: Any, axis: Any) -> Any:
    """The elements along some axes, or all of them, sorted along the first.

    >>> in_order(np.array([[3.0, 1.0], [2.0, 5.0]]), 1)
    array([[1., 2.],
           [3., 5.]])
    """
    if axis is None:
        a = np.ravel(a)
    elif isinstance(axis, tuple):
        a = np.moveaxis(a, axis, tuple(range(len(axis))))
        a = np.reshape(a, (-1,) + a.shape[len(axis) :])
    elif axis != 0:
        a = np.moveaxis(a, axis, 0)
    return np.sort(a, axis=0)


def kept(found: Any, a: Any, q: Any, axis: Any) -> Any:
    """Quantiles with the axes of the array over which they are, of size 1.

    >>> kept(np.array([2.0, 3.0]), np.zeros((4, 2)), 0.5, 0)
    array([[2., 3.]])
    """
    if axis is None:
        return np.reshape(found, np.shape(q) + (1,) * a.ndim)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return np.expand_dims(found, tuple(np.ndim(q) + k % a.ndim for k in axes))


def quantile_at(a: Any, q: Any, axis: Any) -> Any:
    """Quantiles of an array.

    >>> quantile_at(np.array([3.0, 1.0, 2.0]), 0.75, None)
    np.float64(2.5)
    """
    ordered = in_order(a, axis)
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
    return over_axes(quantile_at, a, percents(q), axis, keepdims)


def median(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """``np.median`` over several axes.

    >>> median(np.array([[3.0, 1.0], [2.0, 5.0]]), (0, 1))
    np.float64(2.5)
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    last = np.moveaxis(a, axis, tuple(range(-len(axis), 0)))
    found = np.median(np.reshape(last, last.shape[: a.ndim - len(axis)] + (-1,)), axis=-1)
    return np.expand_dims(found, axis) if keepdims else found


def nanmedian(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """``np.nanmedian``.

    >>> nanmedian(np.array([[3.0, np.nan], [2.0, 5.0]]), 1)
    array([3. , 3.5])
    """
    return nanquantile(a, 0.5, axis, out, overwrite_input, "linear", keepdims)


def nanquantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """``np.nanquantile``, linear between the two elements beside it.

    >>> nanquantile(np.array([3.0, np.nan, 1.0, 2.0]), 0.25)
    np.float64(1.5)
    """
    return over_axes(nanquantile_at, a, shares(q), axis, keepdims)


def nanquantile_at(a: Any, q: Any, axis: Any) -> Any:
    """Quantiles of the elements that are numbers, which are sorted before the others.

    >>> nanquantile_at(np.array([[3.0, np.nan], [2.0, 5.0]]), np.array([0.5]), 0)
    array([[2.5, 5. ]])
    """
    ordered = in_order(a, axis)
    count = np.sum(~np.isnan(ordered), axis=0)
    q = np.reshape(np.asarray(q), np.shape(q) + (1,) * (ordered.ndim - 1))
    place = q * np.maximum(count - 1, 0)
    low = np.minimum(np.floor(place).astype(int), np.maximum(count - 2, 0))
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    share = place - low
    if ordered.dtype == np.float32:
        share = share.astype(np.float32)
    if ordered.ndim == 1:
        lower, upper = ordered[low], ordered[high]
    else:
        flat = np.reshape(ordered, (len(ordered), -1))
        lower = np.reshape(flat[np.reshape(low, (-1, flat.shape[1])), np.arange(flat.shape[1])], low.shape)
        upper = np.reshape(flat[np.reshape(high, (-1, flat.shape[1])), np.arange(flat.shape[1])], low.shape)
    return lower + (upper - lower) * share


def nanpercentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """``np.nanpercentile``.

    >>> nanpercentile([3.0, np.nan, 2.0], 50)
    np.float64(2.5)
    """
    return over_axes(nanquantile_at, a, percents(q), axis, keepdims)


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """``np.average``, of weights along one axis too, and with their sum.

    >>> average(np.array([[1.0, 2.0], [3.0, 6.0]]), 1, [1.0, 3.0])
    array([1.75, 5.25])
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if weights is None:
        found = np.mean(a, axis=axis, keepdims=keepdims)
        total = np.full(np.shape(found), a.size / np.size(found))[()]
        return (found, total) if returned else found
    if isinstance(weights, (list, tuple)):
        weights = np.asarray(weights)
    if weights.ndim != a.ndim:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        weights = along_axes(weights, a, axis)
    total = np.sum(np.broadcast_to(weights, a.shape), axis=axis, keepdims=keepdims)
    if np.any(total == 0.0):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    found = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (found, total) if returned else found


def along_axes(weights: Any, a: Any, axis: Any) -> Any:
    """Weights that are given for some axes of an array only, so that they broadcast against it.

    >>> along_axes(np.array([1.0, 2.0]), np.zeros((2, 3)), 0)
    array([[1.],
           [2.]])
    """
    axes = tuple(k % a.ndim for k in (axis if isinstance(axis, tuple) else (axis,)))
    if weights.shape != tuple(a.shape[k] for k in axes):
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
    if len(axes) > 1:
        weights = np.transpose(weights, np.argsort(axes))
    return np.reshape(weights, tuple(a.shape[k] if k in axes else 1 for k in range(a.ndim)))


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
