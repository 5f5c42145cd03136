"""Functions and methods that change what they are given: `heapq`, `bisect`, `operator`, `list.append` as a value.

Where nothing that is differentiated is among the items they are called as they stand, else they are entered as Python.
"""

from __future__ import annotations

import bisect
import functools
import heapq
import operator
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.abstract.folds import flows
from s2sad.abstract.functions import function_of
from s2sad.abstract.iterators import listed, made_function
from s2sad.abstract.outside import is_outside
from s2sad.abstract.structural import python_class, structural, structural_class
from s2sad.abstract.values import Value, container_of, holds_references, is_parameter
from s2sad.runtime import heaps, in_place
from s2sad.signature import Array, DictOf, ListOf, Mapping, Scalar, Sequence, Static

NONE = Value(Static(None), gast.Constant(None, None))
_HEAPS: dict[Any, Callable[..., Any]] = {
    heapq.heappush: heaps.push, heapq.heappop: heaps.pop, heapq.heapify: heaps.heapify,
    heapq.heapreplace: heaps.replace, heapq.heappushpop: heaps.push_pop,
    bisect.insort_right: heaps.insert_sorted, bisect.insort_left: heaps.insert_sorted_first,
}  # fmt: skip
_GIVING = (heapq.heappop, heapq.heapreplace, heapq.heappushpop)
_POINTS: dict[Any, Callable[..., Any]] = {
    bisect.bisect_right: heaps.insertion_point, bisect.bisect_left: heaps.first_insertion_point,
}  # fmt: skip
_CHOSEN: dict[Any, Callable[..., Any]] = {heapq.nlargest: heaps.largest, heapq.nsmallest: heaps.smallest}

SPELLED = {
    "__getitem__": "lambda s2sad_key: s2sad_owner[s2sad_key]",
    "__len__": "lambda: len(s2sad_owner)",
    "__contains__": "lambda s2sad_item: s2sad_item in s2sad_owner",
}


def class_of_container(value: Value) -> type | None:
    """The class of a list, tuple, dict or array that the interpreter keeps; None for anything else."""
    if isinstance(value.type, Array):
        return np.ndarray
    if isinstance(value.type, DictOf):
        return dict
    return python_class(value) if isinstance(value.type, (ListOf, Mapping, Sequence)) else None


def method_value(at: Any, owner: Value, attr: str, node: Any) -> Value | None:
    """``items.append`` as a value: a function that calls the method; None if this is no method."""
    cls = class_of_container(owner)
    if cls is None or not callable(getattr(cls, attr, None)):
        return None
    return method_of(at, owner, attr, node)


def method_of(at: Any, owner: Value, attr: str, node: Any) -> Value:
    """A method as a value."""
    owner = at.held(owner) if owner.items is not None else at.atom(owner)
    text = SPELLED.get(
        attr, f"lambda *s2sad_rest, **s2sad_named: s2sad_owner.{attr}(*s2sad_rest, **s2sad_named)"
    )
    return made_function(at, text, {"s2sad_owner": owner}, node)


@structural_class(types.MethodDescriptorType, types.WrapperDescriptorType)
def _unbound(
    at: Any, method: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """``list.append(items, item)``."""
    cls = class_of_container(args[0]) if args else None
    if cls is None or not issubclass(cls, method.__objclass__) or method.__objclass__ is object:
        return None
    bound = method_value(at, args[0], method.__name__, node)
    return None if bound is None else at.call(bound, args[1:], keywords, hint, node)


# ---- heaps and sorted lists -----------------------------------------------------------------------
def _is_kept(value: Value) -> bool:
    """Whether a list is one that the function made, so that what is in it is followed."""
    if not isinstance(value.type, ListOf) and not (
        isinstance(value.type, Sequence) and value.type.cls is list
    ):
        return False
    places = {value.origin, *value.sites}
    return not any(is_outside(place) or is_parameter(place) for place in places)


def _on_a_list(
    function: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    values = [*args, *keywords.values()]
    if not args or not (_is_kept(args[0]) or any(value.varied for value in values)):
        return None
    owner, *rest = args
    at.need_storage(owner, node)
    differentiated = any(value.varied for value in values) or owner.sites & at.lessons.varied_sites
    if differentiated or keywords.get("key", NONE).known is not None or not owner.sites:
        with at.acting():
            made: Value = at.enter(function_of(_HEAPS[function], at), [owner, *rest], keywords, node)
        return made
    for site in owner.sites:
        if rest:
            at.lessons.learn_item(site, rest[0])
        at.wrote(site, resized=True)
        at.check_items(site, node)
    given = [at.whole(value) if value.items is not None else at.whole(at.ready(value)) for value in rest]
    named = [gast.keyword(arg=name, value=at.whole(value)) for name, value in keywords.items()]
    whole = gast.Call(func=at.object_node(function), args=[at.whole(owner), *given], keywords=named)
    if function not in _GIVING:
        at.emit(gast.Expr(value=whole))
        return NONE
    item = at.relearnt(owner).type.item
    held = frozenset().union(*(at.lessons.contents.get(site, frozenset()) for site in owner.sites))
    sites = held if holds_references(item) else frozenset()
    given_back: Value = at.opened(at.bind(whole, Value(item, None, False, sites=sites), hint))
    return given_back


def _point(
    function: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """A place in a sorted list is an integer: with no `key` it is asked for as it stands."""
    if not flows(at, [*args, *keywords.values()]):
        return None
    if keywords.get("key", NONE).known is not None:
        made: Value = at.enter(function_of(_POINTS[function], at), args, keywords, node)
        return made
    with at.passively():
        whole = gast.Call(
            func=at.object_node(function), args=[at.whole(value) for value in args],
            keywords=[gast.keyword(arg=name, value=at.whole(value)) for name, value in keywords.items()],
        )  # fmt: skip
    bound: Value = at.bind(whole, Value(Scalar("int"), None), hint)
    return bound


def _of_all(
    function: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    if not flows(at, [*args, *keywords.values()]):
        return None
    made: Value = at.enter(function_of(_CHOSEN[function], at), args, keywords, node)
    return made


@structural(heapq.merge)
def _merge(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    if not flows(at, [*args, *keywords.values()]):
        return None
    lists = container_of(Sequence(tuple, ()), tuple(listed(at, value, node) for value in args))
    made: Value = at.enter(function_of(heaps.merged, at), [lists], keywords, node)
    return made


# ---- operators that change their first operand ----------------------------------------------------
_CHANGING: dict[Any, Callable[..., Any]] = {
    operator.setitem: in_place.set_item, operator.delitem: in_place.delete_item, operator.iconcat: in_place.iadd,
    **{getattr(operator, name): getattr(in_place, name) for name in (
        "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul", "iand", "ior", "ixor", "ilshift",
        "irshift",
    )},
}  # fmt: skip


def _changing(
    function: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    if not any(value.varied or class_of_container(value) is not None for value in args[:1] + args[-1:]):
        return None
    with at.acting():
        made: Value = at.enter(function_of(_CHANGING[function], at), args, keywords, node)
    return made


for _table, _handler in ((_HEAPS, _on_a_list), (_POINTS, _point), (_CHOSEN, _of_all), (_CHANGING, _changing)):
    for _function in _table:
        structural(_function)(functools.partial(_handler, _function))
