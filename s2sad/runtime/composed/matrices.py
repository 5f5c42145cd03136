"""Linear algebra that is made of other functions.

>>> matrix_power(np.array([[1.0, 1.0], [0.0, 1.0]]), 5)
array([[1., 5.],
       [0., 1.]])
"""

from __future__ import annotations

from typing import Any

import numpy as np


def vecdot(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """``np.linalg.vecdot``."""
    return np.sum(conjugated(x1) * x2, axis=axis)


def conjugated(x: Any) -> Any:
    """The conjugate, of an array or of what is made one; real arrays as they are.

    >>> conjugated([1.0, 2.0])
    array([1., 2.])
    """
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    return np.conj(x) if x.dtype.kind == "c" else x


def matvec(x1: Any, x2: Any) -> Any:
    """``np.matvec``."""
    return (x1 @ x2[..., None])[..., 0]


def vecmat(x1: Any, x2: Any) -> Any:
    """``np.vecmat``."""
    return (conjugated(x1)[..., None, :] @ x2)[..., 0, :]


def outer(x1: Any, x2: Any) -> Any:
    """``np.linalg.outer``."""
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError("Input arrays must be one-dimensional.")
    return np.outer(x1, x2)


def trace(x: Any, *, offset: int = 0) -> Any:
    """``np.linalg.trace``."""
    return np.trace(x, offset, -2, -1)


def diagonal(x: Any, *, offset: int = 0) -> Any:
    """``np.linalg.diagonal``."""
    return np.diagonal(x, offset, -2, -1)


def matmul(x1: Any, x2: Any) -> Any:
    """``np.linalg.matmul``."""
    return np.matmul(x1, x2)


def tensordot(x1: Any, x2: Any, *, axes: Any = 2) -> Any:
    """``np.linalg.tensordot``."""
    return np.tensordot(x1, x2, axes)


def matrix_transpose(x: Any) -> Any:
    """``np.linalg.matrix_transpose``."""
    return np.swapaxes(x, -1, -2)


def multi_dot(arrays: Any) -> Any:
    """``np.linalg.multi_dot``, from left to right."""
    if len(arrays) < 2:
        raise ValueError("Expecting at least two arrays.")
    product = arrays[0]
    for factor in arrays[1:]:
        product = product @ factor
    return product


def matrix_power(a: Any, n: int) -> Any:
    """``np.linalg.matrix_power``, by squaring."""
    if not isinstance(n, (int, np.integer)):
        raise TypeError("exponent must be an integer")
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if n == 1:
        return a
    half = matrix_power(a, n // 2)
    square = half @ half
    return square if n % 2 == 0 else square @ a


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """``np.linalg.lstsq``, where the rank does not change."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind != "f" and a.dtype.kind != "c":
        a = a.astype(float)
    precision = np.finfo(a.dtype).eps
    if rcond is None:
        rcond = precision * max(a.shape[0], a.shape[1])
    elif rcond == -1:
        rcond = precision
    x = np.linalg.pinv(a, rcond) @ b
    s = np.linalg.svd(a, compute_uv=False)
    rank = int(np.sum(s > rcond * s[0]))
    if rank < a.shape[1] or a.shape[0] <= a.shape[1]:
        residuals = np.zeros(0, s.dtype)
    else:
        residuals = np.atleast_1d(np.sum(np.abs(b - a @ x) ** 2, axis=0))
    return x, residuals, rank, s


def svdvals(x: Any) -> Any:
    """``np.linalg.svdvals``."""
    return np.linalg.svd(x, compute_uv=False)


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """``np.linalg.matrix_norm``."""
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """``np.linalg.vector_norm`` along one axis, or of all elements."""
    if axis is None:
        found = np.linalg.norm(np.ravel(x), ord)
        return np.reshape(found, (1,) * np.ndim(x)) if keepdims else found
    if isinstance(axis, tuple):
        if len(axis) > 1:
            raise NotImplementedError("np.linalg.vector_norm over several axes")
        axis = axis[0]
    return np.linalg.norm(x, ord, axis, keepdims)
