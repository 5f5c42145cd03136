"""What the derivatives of sorting need: values shared among elements that tie."""

from __future__ import annotations

from typing import Any

import numpy as np


def share_ties(ordered: Any, values: Any, axis: int = -1) -> Any:
    """Give all elements of each run of equal elements the mean of their values.

    Parameters
    ----------
    ordered : array
        An array that is sorted along `axis`.
    values : array
        Values of the same shape.
    axis : int, optional
        The axis; by default the last.

    Returns
    -------
    array
        `values` itself where no elements tie.

    Examples
    --------
    >>> share_ties(np.array([1.0, 2.0, 2.0]), np.array([5.0, 1.0, 0.0]))
    array([5. , 0.5, 0.5])
    """
    rows = np.moveaxis(ordered, axis, -1)
    starts = np.ones(rows.shape, bool)
    starts[..., 1:] = rows[..., 1:] != rows[..., :-1]
    if starts.all():
        return values
    runs = np.cumsum(starts.ravel()) - 1
    sums = np.zeros(runs[-1] + 1, values.dtype)
    np.add.at(sums, runs, np.moveaxis(values, axis, -1).ravel())
    means = (sums / np.bincount(runs))[runs].reshape(rows.shape)
    return np.moveaxis(means.astype(values.dtype, copy=False), -1, axis)


def places_by(keys: Any, reverse: bool = False) -> list[int]:
    """The places of items in the order of their keys; equal ones keep their order.

    Examples
    --------
    >>> places_by([3.0, 1.0, 2.0])
    [1, 2, 0]
    """
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
