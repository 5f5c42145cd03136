"""Functions that make one number of many items: over a known number of them they have rules, else they are loops."""

from __future__ import annotations

import functools
import math
import statistics
from typing import Any

import numpy as np

from s2sad.abstract.functions import function_of
from s2sad.abstract.iterators import items_of, listed, static
from s2sad.abstract.structural import structural
from s2sad.abstract.values import Value, container_of
from s2sad.rules.record import parameters_of
from s2sad.runtime import averages, sequences
from s2sad.signature import Record, Sequence, Static


def flows(at: Any, values: list[Value]) -> bool:
    """Whether a derivative goes through a call, or something that exists only inside the interpreter."""
    return any(at.must_enter(value) or (value.varied and not at.passive) for value in values)


def _counted(at: Any, value: Value, node: Any) -> Value:
    """A few items as a tuple; anything else as it is, but what an object of a user's class gives as a list."""
    if isinstance(value.type, Record):
        return listed(at, value, node)
    inner = None if value.items is not None else at.iteration(value, node, uses=False)
    if inner is None or inner.generator is not None or not static(inner):
        return value
    return container_of(Sequence(tuple, ()), tuple(items_of(at.iteration(value, node))))


@structural(math.prod)
def _prod(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    if not flows(at, [*args, *keywords.values()]):
        return None
    factors = _counted(at, args[0], node)
    if factors.items is not None:
        return at.call_known(math.prod, [factors, *args[1:]], keywords, hint, node)  # type: ignore[no-any-return]
    return at.enter(function_of(sequences.product_of, at), [factors, *args[1:]], keywords, node)  # type: ignore[no-any-return]


def _of_two(
    function: Any, lines: Any, at: Any, args: list[Value], keywords: Any, hint: Any, node: Any
) -> Value | None:
    """A function of two sequences of numbers."""
    if not flows(at, args):
        return None
    pair = [_counted(at, value, node) for value in args]
    if all(value.items is not None for value in pair):
        return at.call_known(function, pair, {}, hint, node)  # type: ignore[no-any-return]
    return at.enter(function_of(lines, at), [listed(at, value, node) for value in pair], {}, node)  # type: ignore[no-any-return]


for _key, _lines in (("dist", sequences.distance_of), ("sumprod", sequences.sum_of_products)):
    if hasattr(math, _key):  # sumprod is of Python 3.12
        structural(getattr(math, _key))(functools.partial(_of_two, getattr(math, _key), _lines))


@structural(np.fromiter)
def _fromiter(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    """``np.fromiter(items, dtype, count)``: the array of the list of the items."""
    given = dict(zip(("iter", "dtype", "count"), args)) | keywords
    if set(given) - {"iter", "dtype", "count"} or not flows(at, list(given.values())):
        return None
    if given.get("count", Value(Static(-1))).known != -1:
        raise at.refuse(
            "S109", "`count` of np.fromiter, of differentiated values", "leave it out, or take a slice of the items",
            node,
        )  # fmt: skip
    items = listed(at, given["iter"], node)
    return at.call_known(np.array, [items], {"dtype": given["dtype"]}, hint, node)  # type: ignore[no-any-return]


def _average(
    lines: Any, count: int, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """A function of Python's `statistics`; `count` of its parameters are data."""
    if not flows(at, [*args, *keywords.values()]):
        return None
    unknown = sorted(set(keywords) - set(parameters_of(lines)))
    if unknown:
        raise at.refuse(
            "S109",
            f"`{unknown[0]}` of statistics.{lines.__name__}, of differentiated values",
            "leave it out",
            node,
        )
    data = [listed(at, value, node) for value in args[:count]]
    return at.enter(function_of(lines, at), [*data, *args[count:]], keywords, node)  # type: ignore[no-any-return]


for _name, _lines in vars(averages).items():
    if _name in statistics.__all__:
        _data = 2 if _name in ("covariance", "correlation") else 1
        structural(getattr(statistics, _name))(functools.partial(_average, _lines, _data))
