"""Sums, products and sequences of numbers.

>>> logspace(0.0, 2.0, 3), nanprod([2.0, np.nan, 3.0])
(array([  1.,  10., 100.]), np.float64(6.0))
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.runtime.control import stop_gradient


def nanprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """``np.nanprod``."""
    return np.prod(np.where(np.isnan(a), 1.0, a), axis=axis, keepdims=keepdims)


def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """``np.nancumsum``."""
    return np.cumsum(np.where(np.isnan(a), 0.0, a), axis=axis)


def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """``np.nancumprod``."""
    return np.cumprod(np.where(np.isnan(a), 1.0, a), axis=axis)


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """``np.ediff1d``.

    >>> ediff1d(np.array([1.0, 2.0, 4.0]), to_begin=0.0)
    array([0., 1., 2.])
    """
    steps = np.diff(np.ravel(ary))
    if to_begin is not None:
        steps = np.concatenate((np.ravel(to_begin), steps))
    if to_end is not None:
        steps = np.concatenate((steps, np.ravel(to_end)))
    return steps


def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """``np.correlate``: the convolution with `v` turned around.

    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0]))
    array([2., 3.])
    """
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if isinstance(v, (list, tuple)):
        v = np.asarray(v)
    if mode == "same" and len(v) > len(a):  # the middle is then that of the operands in the other order
        other = np.conj(a) if a.dtype.kind == "c" else a
        turned = np.convolve(v, other[::-1], mode)[::-1]
        return np.conj(turned) if turned.dtype.kind == "c" else turned
    return np.convolve(a, (np.conj(v) if v.dtype.kind == "c" else v)[::-1], mode)


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """``np.logspace``, of a base that is a number."""
    return base ** np.linspace(start, stop, num, endpoint, axis=axis)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    """``np.geomspace``; turned so that `start` is positive, as negative numbers have no real logarithm.

    >>> geomspace(-1.0, -4.0, 3)
    array([-1., -2., -4.])
    """
    if np.any(start == 0) or np.any(stop == 0):
        raise ValueError("Geometric sequence cannot include zero")
    turn = np.sign(start)
    return turn * 10.0 ** np.linspace(np.log10(start / turn), np.log10(stop / turn), num, endpoint)


def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """``np.vander``.

    >>> vander(np.array([2.0, 3.0]), 3)
    array([[4., 2., 1.],
           [9., 3., 1.]])
    """
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    powers = np.arange(len(x) if N is None else N)
    return x[:, None] ** (powers if increasing else powers[::-1])


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """``np.bincount`` with weights that carry a derivative.

    >>> bincount(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]))
    array([1., 0., 5.])
    """
    totals = np.zeros(len(np.bincount(x, minlength=minlength)))
    if isinstance(weights, (list, tuple)):
        weights = np.asarray(weights)
    if len(weights) != len(x):
        raise ValueError("The weights and list don't have the same length.")
    np.add.at(totals, x, weights)
    return totals


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2.0 * np.pi) -> Any:
    """``np.unwrap``: how often the period is added does not change with `p`.

    >>> unwrap(np.array([0.0, 3.0, -3.0])) - np.array([0.0, 3.0, 2 * np.pi - 3.0])
    array([0., 0., 0.])
    """
    if isinstance(p, (list, tuple)):
        p = np.asarray(p)
    phase, turn = stop_gradient(p), stop_gradient(period)
    turns = np.round((np.unwrap(phase, discont, axis, period=turn) - phase) / turn)
    return p + period * turns


def cumulative_sum(x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
    """``np.cumulative_sum``."""
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    axis = only_axis(x, axis)
    if include_initial:
        x = np.concatenate((np.zeros(first_of(x, axis), x.dtype), x), axis)
    return np.cumsum(x, axis)


def cumulative_prod(x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
    """``np.cumulative_prod``."""
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    axis = only_axis(x, axis)
    if include_initial:
        x = np.concatenate((np.ones(first_of(x, axis), x.dtype), x), axis)
    return np.cumprod(x, axis)


def only_axis(x: Any, axis: Any) -> Any:
    """The axis that is given, or that of a vector.

    >>> only_axis(np.zeros(3), None), only_axis(np.zeros((2, 3)), 1)
    (0, 1)
    """
    if axis is not None:
        return axis
    if x.ndim != 1:
        raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
    return 0


def first_of(x: Any, axis: Any) -> Any:
    """The shape of one element along an axis.

    >>> first_of(np.zeros((2, 3)), 1)
    [2, 1]
    """
    shape = list(x.shape)
    shape[axis] = 1
    return shape


def divmod(x1: Any, x2: Any) -> Any:
    """``np.divmod``: only the remainder has a derivative."""
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
    axis: int = 0,
) -> Any:  # fmt: skip
    """``np.linspace`` with its step.

    >>> linspace(0.0, 1.0, 3, retstep=True)
    (array([0. , 0.5, 1. ]), 0.5)
    """
    count = num - 1 if endpoint else num
    step = (stop - start) / count if count > 0 else np.nan
    return np.linspace(start, stop, num, endpoint, axis=axis), step


def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    """``np.diff`` with no differences at all: the array itself."""
    return np.asarray(a)


def sign(x: Any) -> Any:
    """``np.sign`` of complex numbers.

    >>> sign(np.array([3.0 + 4.0j, 0.0]))
    array([0.6+0.8j, 0. +0.j ])
    """
    size = np.abs(x)
    return x / (size + (size == 0.0))
