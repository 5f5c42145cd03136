"""Methods and attributes of arrays and numbers, as the NumPy functions that they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.signature import Scalar, Type

METHODS: dict[str, Callable[..., Any]] = {
    "all": np.all, "any": np.any, "argmax": np.argmax, "argmin": np.argmin, "argsort": np.argsort,
    "clip": np.clip, "conj": np.conjugate, "conjugate": np.conjugate, "copy": np.copy, "cumprod": np.cumprod,
    "cumsum": np.cumsum, "diagonal": np.diagonal, "dot": np.dot, "max": np.max, "mean": np.mean,
    "min": np.min, "nonzero": np.nonzero, "prod": np.prod, "ravel": np.ravel, "repeat": np.repeat,
    "round": np.round, "searchsorted": np.searchsorted, "squeeze": np.squeeze, "std": np.std,
    "sum": np.sum, "swapaxes": np.swapaxes, "take": np.take, "trace": np.trace,
    "var": np.var, "argpartition": np.argpartition, "__abs__": np.abs,
}  # fmt: skip
"""Methods whose function takes the array first and the rest as the method does."""

ATTRIBUTES: dict[str, str] = {
    "shape": "shape", "ndim": "int", "size": "int", "dtype": "dtype", "itemsize": "int", "nbytes": "int",
    "strides": "opaque", "flags": "opaque", "base": "opaque",
}  # fmt: skip
"""Attributes that carry no derivative, and what they are."""

ACTIVE_ATTRIBUTES: dict[str, Callable[..., Any]] = {"T": np.transpose, "real": np.real, "imag": np.imag}
"""Attributes that carry a derivative, as functions of the array."""

Call = tuple[Callable[..., Any], list[Any], dict[str, Any]]


def method(name: str, self_type: Type, args: list[Any], keywords: dict[str, Any]) -> Call | None:
    """The function that a method call is, and what it takes after the array itself.

    Parameters
    ----------
    name : str
        The method.
    self_type : Scalar or Array
        What is known of the object.
    args, keywords
        The call's arguments; what they are does not matter here, they are only put in their places.

    Returns
    -------
    tuple or None
        The function, its positional arguments after the array, and its keyword arguments, in which plain constants
        and tuples may stand; None for a method that is not supported.

    Examples
    --------
    >>> method("reshape", Scalar("float64"), [2, 3], {})
    (<function reshape at ...>, [(2, 3)], {})
    """
    adapt = ADAPTED.get(name)
    if adapt is not None:
        return adapt(self_type, args, keywords)
    function = METHODS.get(name)
    return None if function is None else (function, args, keywords)


def _packed(function: Callable[..., Any]) -> Callable[..., Call]:
    """``x.reshape(2, 3)`` is ``np.reshape(x, (2, 3))``."""

    def adapt(self_type: Type, args: list[Any], keywords: dict[str, Any]) -> Call:
        return function, [tuple(args)] if len(args) > 1 else args, keywords

    return adapt


def _astype(self_type: Type, args: list[Any], keywords: dict[str, Any]) -> Call | None:
    """``x.astype(t)`` makes a new array, as ``np.array(x, dtype=t)`` does."""
    dtype = args[0] if args else keywords.get("dtype")
    if "copy" in keywords or len(args) > 1:  # with copy=False it may be the array itself
        return None
    return None if dtype is None else (np.array, [], {"dtype": dtype})


def _flatten(self_type: Type, args: list[Any], keywords: dict[str, Any]) -> Call:
    """``x.flatten()`` is a copy in one dimension."""
    from s2sad.runtime.arrays import flattened

    return flattened, args, keywords


def _item(self_type: Type, args: list[Any], keywords: dict[str, Any]) -> Call | None:
    """``x.item()`` of a number or of an array with one element."""
    if args or keywords:
        return None
    if isinstance(self_type, Scalar) and self_type.is_real:
        return (complex if "complex" in self_type.dtype else float), [], {}
    return np.sum, [], {}


def _tolist(self_type: Type, args: list[Any], keywords: dict[str, Any]) -> Call | None:
    """``x.tolist()`` of a number, or of an array of one dimension: Python's own numbers."""
    from s2sad.runtime.arrays import numbers_of

    if isinstance(self_type, Scalar):
        return _item(self_type, args, keywords)
    return (numbers_of, [], {}) if getattr(self_type, "rank", None) == 1 else None


ADAPTED: dict[str, Callable[..., Call | None]] = {
    "astype": _astype, "flatten": _flatten, "item": _item, "reshape": _packed(np.reshape), "tolist": _tolist,
    "transpose": _packed(np.transpose),
}  # fmt: skip
