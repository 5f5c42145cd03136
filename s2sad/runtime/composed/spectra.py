"""Fourier transforms that are made of others.

>>> hfft(np.array([1.0, 2.0, 0.5]))
array([ 5.5,  0.5, -2.5,  0.5])
"""

from __future__ import annotations

from typing import Any

import numpy as np


def swapped(norm: Any) -> Any:
    """The `norm` of the inverse transform that a Hermitian one is made of.

    >>> swapped(None), swapped("forward")
    ('forward', 'backward')
    """
    if norm == "forward":
        return "backward"
    return "ortho" if norm == "ortho" else "forward"


def hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """``np.fft.hfft``."""
    return np.fft.irfft(np.conj(a), n, axis, norm=swapped(norm))


def ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    """``np.fft.ihfft``."""
    return np.conj(np.fft.rfft(a, n, axis, norm=swapped(norm)))


def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """``np.fft.rfftn``: real along the last axis, complex along the others."""
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if axes is None:
        axes = tuple(range(-(a.ndim if s is None else len(s)), 0))
    sizes = [None] * len(axes) if s is None else s
    half = np.fft.rfft(a, sizes[-1], axes[-1], norm=norm)
    if len(axes) == 1:
        return half
    return np.fft.fftn(half, None if s is None else s[:-1], axes[:-1], norm=norm)


def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """``np.fft.irfftn``."""
    if isinstance(a, (list, tuple)):
        a = np.asarray(a)
    if axes is None:
        axes = tuple(range(-(a.ndim if s is None else len(s)), 0))
    sizes = [None] * len(axes) if s is None else s
    if len(axes) > 1:
        a = np.fft.ifftn(a, None if s is None else s[:-1], axes[:-1], norm=norm)
    return np.fft.irfft(a, sizes[-1], axes[-1], norm=norm)


def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    """``np.fft.rfft2``."""
    return rfftn(a, s, axes, norm)


def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    """``np.fft.irfft2``."""
    return irfftn(a, s, axes, norm)


def fftfreq(n: int, d: Any = 1.0) -> Any:
    """``np.fft.fftfreq``."""
    return np.fft.fftfreq(n) / d


def rfftfreq(n: int, d: Any = 1.0) -> Any:
    """``np.fft.rfftfreq``."""
    return np.fft.rfftfreq(n) / d
