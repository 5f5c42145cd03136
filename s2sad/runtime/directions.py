"""Directions one after the other: for derivatives in which some step has no form for several at once.

>>> import numpy as np
>>> by_directions(lambda a, x_dot: {"y": a * x_dot}, (3.0,), (np.eye(2),))
{'y': array([[3., 0.],
       [0., 3.]])}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def by_directions(
    function: Callable[..., Any], plain: tuple[Any, ...], directions: tuple[Any, ...], paired: bool = False
) -> Any:
    """``function(*plain, *direction)`` for each direction, the results stacked; `paired`: the second results."""
    count = len(_first(directions))
    results = [function(*plain, *_row(directions, k)) for k in range(count)]
    if not paired:
        return _stacked(results)
    return results[-1][0], _stacked([result[1] for result in results])


def no_cotangents(value: Any, count: int) -> Any:
    """Zero cotangents of a value, so many at once; None for what has none."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(no_cotangents(item, count) for item in value))
    if type(value) in (tuple, list):
        return type(value)(no_cotangents(item, count) for item in value)
    if type(value) is dict:
        return {key: no_cotangents(item, count) for key, item in value.items()}
    real = isinstance(value, (float, complex)) or getattr(getattr(value, "dtype", None), "kind", "") in (
        "f",
        "c",
    )
    return np.zeros((count, *np.shape(value))) if real else None


def in_directions(value: Any, count: int) -> Any:
    """Buffers of zeros for so many directions, like those for one: views and what is shared stay that.

    >>> a = np.zeros(3)
    >>> one, (view, same) = in_directions((a, [a[1:], a]), 2)
    >>> view[:, 0] = 1.0
    >>> one is same, one.tolist()
    (True, [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    """
    return _in_directions(value, count, {})


def _in_directions(value: Any, count: int, made: dict[int, Any]) -> Any:
    if id(value) in made:
        return made[id(value)]
    new: Any
    if isinstance(value, np.ndarray):
        new = _like_view(value, count, made)
    elif type(value) is list:
        new = made[id(value)] = []
        new.extend(_in_directions(item, count, made) for item in value)
    elif type(value) is dict:
        new = made[id(value)] = {}
        new.update((key, _in_directions(item, count, made)) for key, item in value.items())
    elif isinstance(value, tuple):
        items = [_in_directions(item, count, made) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    elif isinstance(value, (float, complex, np.inexact)):
        return np.zeros(count, getattr(value, "dtype", type(value)))
    else:
        return value
    made[id(value)] = new
    return new


def _like_view(value: np.ndarray, count: int, made: dict[int, Any]) -> np.ndarray:
    """A view of a buffer for all directions, as this is one of the buffer for one."""
    owner = value
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    whole = made.get(-id(owner))
    if whole is None:
        whole = made[-id(owner)] = np.zeros((count, owner.size), owner.dtype)
    first = (value.ctypes.data - owner.ctypes.data) // owner.itemsize if value.size else 0
    return np.lib.stride_tricks.as_strided(
        whole[:, first:], (count, *value.shape), (owner.nbytes, *value.strides), writeable=True
    )


def _first(value: Any) -> Any:
    """The first array in nested containers."""
    while isinstance(value, (tuple, list, dict)):
        value = next(iter(value.values() if isinstance(value, dict) else value))
    return value


def _row(value: Any, k: int) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_row(item, k) for item in value))
    if type(value) in (tuple, list):
        return type(value)(_row(item, k) for item in value)
    if type(value) is dict:
        return {key: _row(item, k) for key, item in value.items()}
    return None if value is None else value[k]


def _stacked(values: list[Any]) -> Any:
    first = values[0]
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(_stacked(list(items)) for items in zip(*values)))
    if type(first) in (tuple, list):
        return type(first)(_stacked(list(items)) for items in zip(*values))
    if type(first) is dict:
        return {key: _stacked([value[key] for value in values]) for key in first}
    numbers = isinstance(first, (bool, int, float, complex, np.ndarray, np.generic))
    return np.stack(values) if numbers else first
