"""What the derivatives of Fourier transforms need beside the transforms."""

from __future__ import annotations

from typing import Any

import numpy as np


def fitted(array: Any, shape: tuple[int, ...]) -> Any:
    """An array cut, or filled with zeros, at the end of each axis to a shape.

    >>> fitted(np.array([1.0, 2.0]), (3,)), fitted(np.array([1.0, 2.0]), (1,))
    (array([1., 2., 0.]), array([1.]))
    """
    kept = tuple(slice(min(have, want)) for have, want in zip(array.shape, shape))
    if array[kept].shape == tuple(shape):
        return array[kept]
    whole = np.zeros(shape, array.dtype)
    whole[kept] = array[kept]
    return whole


def scale_pairs(half: Any, n: int, axis: int, factor: float) -> Any:
    """Half of the spectrum of `n` real numbers, with what stands for two conjugate entries times a factor.

    >>> scale_pairs(np.ones(4), 7, 0, 2.0), scale_pairs(np.ones(4), 6, 0, 2.0)
    (array([1., 2., 2., 2.]), array([1., 2., 2., 1.]))
    """
    scaled = np.array(half)
    pairs = np.moveaxis(scaled, axis, 0)[1 : (n + 1) // 2]
    pairs *= factor
    return scaled
