"""How arguments go into compiled code and how results come out: containers are tuples there.

Numba knows tuples of fixed types, and neither dicts of mixed items nor objects.  Inside of compiled code a dict with
known keys, a NamedTuple and a mixed list are all tuples; what is here changes the arguments to that, and results back.

>>> from s2sad.signature import type_of
>>> value = {"w": 1.0, "b": [2.0, 3.0]}
>>> into, back = packing(type_of(value)), unpacking(type_of(value))
>>> into(value)
(1.0, (2.0, 3.0))
>>> back(into(value))
{'w': 1.0, 'b': [2.0, 3.0]}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.signature import (
    WEAK,
    Array,
    ListOf,
    Mapping,
    Scalar,
    Sequence,
    Static,
    Type,
    promote,
)

Change = Callable[[Any], Any]

MOST_IN_TUPLE = 16
"""Longer sequences of numbers go in as arrays: the compiler takes a tuple apart item by item."""


def packing(known: Type) -> Change | None:
    """The function that turns an argument into what compiled code takes; None where it stays as it is."""
    if isinstance(known, Sequence) and is_long(known):
        dtype = np.dtype(number_dtype(known))
        return lambda value: np.array(value, dtype)
    if not isinstance(known, (Sequence, Mapping)):
        return None
    changes = [packing(item) for item in known.items]
    keys = known.keys if isinstance(known, Mapping) else None
    if all(change is None for change in changes):
        if keys is None:
            return None if known.cls is tuple else tuple  # type: ignore[union-attr]
        return lambda value: tuple([value[key] for key in keys])
    each = [change or _same for change in changes]
    if keys is not None:
        return lambda value: tuple([change(value[key]) for change, key in zip(each, keys)])
    return lambda value: tuple([change(item) for change, item in zip(each, value)])


def unpacking(known: Type, node: Any = None) -> Change | None:
    """The function that turns a result of compiled code into what the primal's code would give; None for no change.

    Parameters
    ----------
    known : Type
        The type of the result.
    node : expression, optional
        What compiled code returns: where that shows a tuple, it is one.
    """
    shown = node.elts if isinstance(node, gast.Tuple) else None
    if isinstance(known, Scalar):
        return None if known.dtype in WEAK else _number(known.dtype)
    if isinstance(known, Array) and known.shape:
        return _array(known.dtype)
    if not isinstance(known, (Sequence, Mapping)):
        return None
    parts = shown if shown is not None and len(shown) == len(known.items) else [None] * len(known.items)
    changes = [unpacking(item, part) for item, part in zip(known.items, parts)]
    if isinstance(known, Sequence) and known.cls is tuple and all(change is None for change in changes):
        return _tuple if shown is None else None
    each = [change or _same for change in changes]
    if isinstance(known, Mapping):
        keys = known.keys
        return lambda value: {key: change(item) for key, change, item in zip(keys, each, value)}
    make: Any = known.cls if not hasattr(known.cls, "_fields") else lambda items: known.cls(*items)
    return lambda value: make([change(item) for change, item in zip(each, value)])


def as_tuples(known: Type) -> Type:
    """The type inside of compiled code: containers of known items are tuples."""
    if isinstance(known, Mapping):
        return Sequence(tuple, tuple(map(as_tuples, known.items)))
    if isinstance(known, Sequence):
        return Sequence(known.cls if known.cls is list else tuple, tuple(map(as_tuples, known.items)))
    if isinstance(known, ListOf):
        return ListOf(as_tuples(known.item))
    return known


def is_long(known: Sequence) -> bool:
    """Whether a sequence is many numbers."""
    return (
        len(known.items) > MOST_IN_TUPLE
        and known.cls in (tuple, list)
        and all(isinstance(item, Scalar) for item in known.items)
    )


def number_dtype(known: Sequence) -> str:
    """The dtype of the array that holds all items of a sequence of numbers."""
    dtype = promote(*(item.dtype for item in known.items if isinstance(item, Scalar)))
    return np.dtype(WEAK[dtype]).name if dtype in WEAK else dtype


def is_static(known: Type) -> bool:
    """Whether a value is known when compiling, so that it need not be handed over."""
    return isinstance(known, Static)


def _same(value: Any) -> Any:
    return value


def _tuple(value: Any) -> Any:
    """What is a tuple for the user may be a list in compiled code, which makes no tuple of one."""
    return value if type(value) is tuple else tuple(value)


def _number(dtype: str) -> Change | None:
    return np.dtype(dtype).type


def _array(dtype: str) -> Change:
    wanted = np.dtype(dtype)

    def change(value: Any) -> Any:
        """The array in the primal's dtype, where compiled code computed it in a wider one."""
        return value if type(value) is not np.ndarray or value.dtype == wanted else value.astype(wanted)

    return change
