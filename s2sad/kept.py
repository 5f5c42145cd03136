"""What a pullback keeps of a point, safe from whoever owns the arrays it was made from.

>>> x = np.ones(2)
>>> saved = kept((x, [x, 2.0]), x)
>>> x[:] = 5.0
>>> saved
(array([1., 1.]), [array([1., 1.]), 2.0])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2sad.runtime.layout import duplicate
from s2sad.structure import leaves


def kept(saved: Any, *outside: Any) -> Any:
    """The same structure; arrays that share memory with one of those outside, and all lists and dicts, are copies.

    One object in several places stays one: the buffers of a reverse sweep are found by reference.
    """
    arrays = [leaf for value in outside for _, leaf in leaves(value) if isinstance(leaf, np.ndarray)]
    return _copied(saved, arrays, {})


def _copied(value: Any, arrays: list[Any], done: dict[int, Any]) -> Any:
    kind = type(value)
    if kind is float or value is None:
        return value
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, np.ndarray):
        shared = any(np.may_share_memory(value, array) for array in arrays)
        new: Any = duplicate(value) if shared else value
    elif kind is tuple:
        new = tuple(_copied(item, arrays, done) for item in value)
    elif kind is list:
        new = [_copied(item, arrays, done) for item in value]
    elif kind is dict:
        new = {key: _copied(item, arrays, done) for key, item in value.items()}
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        new = kind(*(_copied(item, arrays, done) for item in value))
    else:
        new = value
    done[id(value)] = new
    return new
