"""``np.add.reduce``, ``accumulate``, ``outer`` and ``reduceat``: what they are in NumPy's other functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import structural
from s2sad.abstract.values import Value
from s2sad.abstract.writers import numbers
from s2sad.runtime.composed import folded
from s2sad.signature import Array, Scalar, literal
from s2sad.tree.build import constant

REDUCED: dict[Any, Any] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
"""What reduces with a ufunc."""
ACCUMULATED: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
"""What accumulates with a ufunc."""
_REDUCE = ("array", "axis", "dtype", "out", "keepdims", "initial", "where")
_ACCUMULATE = ("array", "axis", "dtype", "out")


def _plain(value: Any) -> Value:
    return Value(literal(value), constant(value))


def _by_name(
    names: tuple[str, ...], args: list[Value], keywords: dict[str, Value]
) -> tuple[Value, dict[str, Value]] | None:
    """The array, and what else is given, by name; a ufunc works along the first axis unless told otherwise."""
    given = {**dict(zip(names, args)), **keywords}
    array = given.pop("array", None)
    if array is None:
        return None
    return array, {"axis": _plain(0), **{key: value for key, value in given.items() if not _left_out(value)}}


def _left_out(value: Value) -> bool:
    return value.known is np._NoValue


def _concerns(at: Any, args: list[Value], keywords: dict[str, Value]) -> bool:
    """Whether a derivative flows through, or something is written."""
    values = [*args, *keywords.values()]
    return "out" in keywords or len(args) > 3 or not at.passive and any(value.varied for value in values)


def _method(
    names: tuple[str, ...],
    function: Any,
    at: Any,
    args: list[Value],
    keywords: dict[str, Value],
    hint: Any,
    node: Any,
) -> Value | None:
    """A method that another function does."""
    found = _by_name(names, args, keywords) if _concerns(at, args, keywords) else None
    if found is None:
        return None
    array, given = found
    return at.call(at.static(function), [array], given, hint, node)  # type: ignore[no-any-return]


def _lines(
    names: tuple[str, ...], lines: Callable[..., Any], ufunc: Any, at: Any, args: list[Value],
    keywords: dict[str, Value], hint: Any, node: gast.AST,
) -> Value | None:  # fmt: skip
    """A method that a few lines do."""
    if at.passive or not any(value.varied for value in [*args, *keywords.values()]):
        return None
    array, given = _by_name(names, args, keywords) or (None, {})
    refused = set(given) - {"axis", "indices", "keepdims"}
    if array is None or refused:
        raise at.refuse("S109", f"{', '.join(sorted(refused))} of a ufunc's method", "write it out", node)
    return at.enter(function_of(lines, at), [array], {**given, "ufunc": at.static(ufunc)}, node)  # type: ignore[no-any-return]


def _outer(
    ufunc: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """The first operand gets an axis for each of the second one's."""
    if at.passive or not any(value.varied for value in args) or len(args) != 2:
        return None
    first, second = (numbers(at, value, node) for value in args)
    if not all(
        isinstance(value.type, Scalar) or getattr(value.type, "rank", None) for value in (first, second)
    ):
        raise at.refuse("S109", "operands of unknown ranks", "write it with `[:, None]`", node)
    if isinstance(first.type, Array) and isinstance(second.type, Array):
        every = [slice(None)] * first.type.rank + [None] * second.type.rank  # type: ignore[operator]
        first = at.item(first, Value(literal(tuple(every)), constant(tuple(every))), None, node)
    return at.call(at.static(ufunc), [first, second], keywords, hint, node)  # type: ignore[no-any-return]


for _ufunc, _function in REDUCED.items():
    structural(_ufunc.reduce)(functools.partial(_method, _REDUCE, _function))
    structural(_ufunc.reduceat)(
        functools.partial(_lines, ("array", "indices", "axis", "dtype", "out"), folded.reduceat, _ufunc)
    )
for _ufunc, _function in ACCUMULATED.items():
    structural(_ufunc.accumulate)(functools.partial(_method, _ACCUMULATE, _function))
for _ufunc in (np.maximum, np.minimum):
    structural(_ufunc.accumulate)(functools.partial(_lines, _ACCUMULATE, folded.running, _ufunc))
structural(np.logaddexp.reduce)(functools.partial(_lines, _REDUCE, folded.logaddexp_reduce, np.logaddexp))
for _ufunc in (np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum, np.hypot, np.arctan2,
               np.logaddexp):  # fmt: skip
    structural(_ufunc.outer)(functools.partial(_outer, _ufunc))
