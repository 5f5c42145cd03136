"""Tangents and cotangents that the user gives: they must have the structure, shapes and dtypes of the value."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.errors import NotDifferentiable
from s2sad.structure import leaves, map_leaves, same_structure


def shaped_like(given: Any, model: Any, what: str, of: str) -> Any:
    """`given` with the structure, shapes and dtypes of `model`; an error says where it has others."""
    if not same_structure(given, model):
        raise TypeError(f"{what} must have the structure of {of}: {_outline(model)}, not {_outline(given)}")
    selectors = iter([where for where, _ in leaves(model)])
    return map_leaves(lambda leaf, like: _leaf_like(leaf, like, what + next(selectors), of), given, model)


def _leaf_like(leaf: Any, like: Any, what: str, of: str) -> Any:
    if not isinstance(like, (int, float, complex, np.ndarray, np.generic)):
        return leaf
    if leaf is None and not isinstance(like, (float, complex)):
        return leaf
    try:
        array = np.asarray(leaf)
    except ValueError:
        raise TypeError(f"{what} is not a number or an array: {leaf!r}") from None
    if array.dtype.kind not in "biufc":
        raise NotDifferentiable(f"{what} is not a number or an array of numbers: {leaf!r}")
    if array.shape != np.shape(like):
        raise ValueError(f"{what} has shape {array.shape}; in {of} it is {np.shape(like)}")
    if isinstance(like, np.ndarray):
        return array.astype(_cotangent_dtype(like.dtype), copy=False)
    return leaf if isinstance(leaf, (float, complex, np.generic)) else array.astype(float)[()]


def _cotangent_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype if dtype.kind in "fc" else np.dtype(float)


def _outline(value: Any) -> str:
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return "a single value"
