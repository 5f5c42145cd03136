"""Interpolation, integrals and differences on grids.

>>> interp(0.5, np.array([0.0, 1.0]), np.array([2.0, 4.0])), trapezoid(np.array([1.0, 2.0, 4.0]))
(np.float64(3.0), np.float64(4.5))
"""

from __future__ import annotations

from typing import Any

import numpy as np


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """``np.interp``; at a knot its slope is that of the interval which begins there, at the last one that ends.

    >>> interp(np.array([-1.0, 0.25, 7.0]), np.array([0.0, 1.0]), np.array([2.0, 4.0]), right=9.0)
    array([2. , 2.5, 9. ])
    """
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    if isinstance(xp, (list, tuple)):
        xp = np.asarray(xp)
    if isinstance(fp, (list, tuple)):
        fp = np.asarray(fp)
    if len(xp) != len(fp):
        raise ValueError("fp and xp are not of the same length.")
    if len(xp) == 0:
        raise ValueError("array of sample points is empty")
    if period is not None:
        if period == 0:
            raise ValueError("period must be a non-zero value")
        period = abs(period)
        left, right = None, None
        x, xp = x % period, xp % period
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate((xp[-1:] - period, xp, xp[:1] + period))
        fp = np.concatenate((fp[-1:], fp, fp[:1]))
    if isinstance(x, np.ndarray):
        return interp_each(x, xp, fp, left, right)
    if x < xp[0]:
        return fp[0] if left is None else left
    if x > xp[-1]:
        return fp[-1] if right is None else right
    if len(xp) == 1:
        return fp[0]
    k = min(np.searchsorted(xp, x, side="right"), len(xp) - 1) - 1
    return fp[k] + (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k]) * (x - xp[k])


def interp_each(x: Any, xp: Any, fp: Any, left: Any, right: Any) -> Any:
    """``np.interp`` at an array of places.

    >>> interp_each(np.array([0.5, 3.0]), np.array([0.0, 1.0]), np.array([2.0, 4.0]), None, None)
    array([3., 4.])
    """
    if len(xp) == 1:
        inside = np.full(x.shape, fp[0])
    else:
        k = np.minimum(np.maximum(np.searchsorted(xp, x, side="right"), 1), len(xp) - 1) - 1
        inside = fp[k] + (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k]) * (x - xp[k])
    below = fp[0] if left is None else left
    above = fp[-1] if right is None else right
    return np.where(x < xp[0], below, np.where(x > xp[-1], above, inside))


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """``np.trapezoid``.

    >>> trapezoid(np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 3.0]))
    np.float64(7.5)
    """
    if isinstance(y, (list, tuple)):
        y = np.asarray(y)
    if axis != -1:
        y = np.moveaxis(y, axis, -1)
    if x is None:
        widths = dx
    else:
        if isinstance(x, (list, tuple)):
            x = np.asarray(x)
        if axis != -1 and x.ndim != 1:
            x = np.moveaxis(x, axis, -1)
        widths = np.diff(x)
    return np.sum(widths * (y[..., 1:] + y[..., :-1]) / 2.0, axis=-1)


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """``np.gradient``.

    >>> gradient(np.array([1.0, 2.0, 4.0]), 0.5)
    array([2., 3., 4.])
    """
    if isinstance(f, (list, tuple)):
        f = np.asarray(f)
    if f.dtype.kind in "iub":
        f = f.astype(float)
    if axis is None:
        axes = tuple(range(f.ndim))
    elif isinstance(axis, (tuple, list)):
        axes = tuple(axis)
    else:
        axes = (axis,)
    spacings = varargs
    if len(varargs) == 0:
        spacings = (1.0,) * len(axes)
    elif len(varargs) == 1:
        spacings = varargs * len(axes)
    if len(spacings) != len(axes):
        raise TypeError("invalid number of arguments")
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    slopes = tuple(slope_along(f, spacing, k, edge_order) for spacing, k in zip(spacings, axes))
    return slopes[0] if len(axes) == 1 else slopes


def slope_along(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """The differences of `f` along one axis, by a spacing or by coordinates.

    >>> slope_along(np.array([1.0, 2.0, 6.0]), np.array([0.0, 1.0, 3.0]), 0, 1)
    array([1.        , 1.33333333, 2.        ])
    """
    if axis != 0:
        f = np.moveaxis(f, axis, 0)
    if len(f) <= edge_order:
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, "
            "at least (edge_order + 1) elements are required."
        )
    if isinstance(spacing, (list, tuple)):
        spacing = np.asarray(spacing)
    if isinstance(spacing, np.ndarray) and spacing.ndim > 0:
        slopes = slope_unevenly(f, spacing, edge_order)
    else:
        slopes = slope_evenly(f, spacing, edge_order)
    return slopes if axis == 0 else np.moveaxis(slopes, 0, axis)


def slope_evenly(f: Any, h: Any, edge_order: int) -> Any:
    """Differences between rows at equal distances.

    >>> slope_evenly(np.array([1.0, 2.0, 4.0]), 1.0, 2)
    array([0.5, 1.5, 2.5])
    """
    slopes = np.empty_like(f)
    slopes[1:-1] = (f[2:] - f[:-2]) / (2.0 * h)
    if edge_order == 1:
        slopes[0] = (f[1] - f[0]) / h
        slopes[-1] = (f[-1] - f[-2]) / h
    else:
        slopes[0] = (4.0 * f[1] - 3.0 * f[0] - f[2]) / (2.0 * h)
        slopes[-1] = (3.0 * f[-1] - 4.0 * f[-2] + f[-3]) / (2.0 * h)
    return slopes


def slope_unevenly(f: Any, x: Any, edge_order: int) -> Any:
    """Differences between rows at the coordinates `x`: second order inside, as exact as asked for at the ends.

    >>> slope_unevenly(np.array([0.0, 1.0, 9.0]), np.array([0.0, 1.0, 3.0]), 2)
    array([0., 2., 6.])
    """
    if x.ndim != 1:
        raise ValueError("distances must be either scalars or 1d")
    if len(x) != len(f):
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    widths = np.diff(x)
    if f.ndim > 1:
        widths = np.reshape(widths, (-1,) + (1,) * (f.ndim - 1))
    rises = (f[1:] - f[:-1]) / widths
    before, after = widths[:-1], widths[1:]
    slopes = np.empty_like(f)
    slopes[1:-1] = (after * rises[:-1] + before * rises[1:]) / (before + after)
    if edge_order == 1:
        slopes[0] = rises[0]
        slopes[-1] = rises[-1]
    else:
        slopes[0] = rises[0] - before[0] * (rises[1] - rises[0]) / (before[0] + after[0])
        slopes[-1] = rises[-1] + after[-1] * (rises[-1] - rises[-2]) / (before[-1] + after[-1])
    return slopes


def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """``np.lib.stride_tricks.sliding_window_view``, as a copy.

    >>> sliding_window_view(np.array([1.0, 2.0, 3.0]), 2)
    array([[1., 2.],
           [2., 3.]])
    """
    sizes = window_shape if isinstance(window_shape, (tuple, list)) else (window_shape,)
    if axis is None:
        axis = tuple(range(x.ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    if len(axes) != len(sizes):
        raise ValueError("Must provide matching length window_shape and axis; "
                         f"got {len(sizes)} window_shape elements and {len(axes)} axes elements.")  # fmt: skip
    if len(sizes) == 1:
        return windows_along(x, sizes[0], axes[0])
    if len(sizes) == 2:
        first = windows_along(x, sizes[0], axes[0])
        second = axes[1] if axes[1] >= 0 else axes[1] + x.ndim
        return windows_along(first, sizes[1], second)
    raise NotImplementedError("windows over more than two axes")


def windows_along(x: Any, size: Any, axis: Any) -> Any:
    """Windows of some size along one axis: the last axis is that of a window.

    >>> windows_along(np.arange(4.0), 3, 0)
    array([[0., 1., 2.],
           [1., 2., 3.]])
    """
    axis = axis if axis >= 0 else axis + x.ndim
    if size > x.shape[axis]:
        raise ValueError("window shape cannot be larger than input array shape")
    places = np.arange(x.shape[axis] - size + 1)[:, None] + np.arange(size)
    return np.moveaxis(np.take(x, places, axis), axis + 1, -1)


def fromfunction(function: Any, shape: Any, *, dtype: Any = float, like: Any = None, **kwargs: Any) -> Any:
    """``np.fromfunction``.

    >>> fromfunction(lambda i, j: i - j, (2, 2))
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    grid = np.indices(shape, dtype=dtype)
    if len(shape) == 1:
        return function(grid[0], **kwargs)
    if len(shape) == 2:
        return function(grid[0], grid[1], **kwargs)
    if len(shape) == 3:
        return function(grid[0], grid[1], grid[2], **kwargs)
    raise NotImplementedError("a function of more than three coordinates")
