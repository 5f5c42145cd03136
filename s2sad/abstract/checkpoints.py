"""Checkpoints for the interpreter: callees whose reverse computes them again; loops are in `stretches`."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.abstract import shared
from s2sad.abstract.callees import Callee, Emitted, captured, exact, flattened
from s2sad.abstract.functions import function_of
from s2sad.abstract.packing import Unpacking, alias_key, objects_in
from s2sad.abstract.structural import structural, structural_class
from s2sad.abstract.values import Function, Value, container_of, holds_references, is_parameter
from s2sad.abstract.written import parts_of
from s2sad.runtime.checkpoints import (
    checkpoint,
    random_state_now,
    replayed,
    set_random_state,
)
from s2sad.signature import (
    ListOf,
    Mapping,
    Opaque,
    Sequence,
    Static,
    without_value,
)
from s2sad.tree.build import call

NONE = Value(Static(None), gast.Constant(None, None))


@dataclass(frozen=True, eq=False)
class LocalCheckpoint:
    """A function whose calls are checkpoints, made inside the differentiated one."""

    function: Function
    results: tuple[str, ...] = ()
    """The variables that it returns, for a stretch of a loop."""


# ---- functions ----------------------------------------------------------------------------------
@structural(checkpoint)
def _checkpoint(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    (fun,) = args
    if fun.function is not None:
        return Value(Static(LocalCheckpoint(fun.function)))
    if isinstance(fun.known, types.FunctionType):
        return Value(Static(checkpoint(fun.known)))
    raise at.refuse(
        "S107", "which function is a checkpoint here is not known", "name a Python function", node
    )


@structural_class(checkpoint)
def _call_checkpoint(
    at: Any, made: checkpoint, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    fun: Any = made.fun
    if isinstance(fun, types.MethodType):
        fun, args = fun.__func__, [Value(Static(fun.__self__), at.object_node(fun.__self__)), *args]
    if not isinstance(fun, types.FunctionType):
        return at.call(Value(Static(fun), at.object_node(fun)), args, keywords, hint, node)  # type: ignore[no-any-return]
    return call_checkpoint(at, function_of(fun, at), args, keywords, node)


@structural_class(LocalCheckpoint)
def _call_local(
    at: Any, made: LocalCheckpoint, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value:
    return call_checkpoint(at, made.function, args, keywords, node, made.results)


def call_checkpoint(
    at: Any, function: Function, args: list[Value], keywords: dict[str, Value], node: Any,
    results: tuple[str, ...] = (),
) -> Value:  # fmt: skip
    """A call that records its arguments only."""
    bound = at.bound_arguments(function, args, keywords, node)
    captures = captured(function)
    outer = {f"{c.variable}_outer" if c.variable in bound else c.variable: c.value for c in captures}
    values = {key: at.refreshed(value) for key, value in {**bound, **outer}.items()}
    if at.passive or not any(value.varied for value in values.values()):
        return at.enter(function, args, keywords, node)  # type: ignore[no-any-return]
    leaves: list[tuple[str, Value]] = []
    seen: dict[Any, Value] = {}
    inner = {key: flattened(key, value, leaves, seen) for key, value in values.items()}
    inner = {key: exact(value, dict(leaves)) for key, value in inner.items()}
    kinds = tuple((k, kind_of_argument(v)) for k, v in values.items())
    key = ("checkpoint", id(function.body), kinds, alias_key(values.values()))
    callee = at.callees.known.get(key)
    if callee is None:
        wrt = tuple(k for k, v in leaves if v.varied)
        callee = Callee(
            at.callees.fresh_name(function.name), function, {k: inner[k] for k in bound},
            [(c.frame, c.variable, inner[k]) for c, k in zip(captures, outer)], tuple(k for k, _ in leaves), wrt,
            checkpoint=True, objects=tuple(value.ident for value in objects_in(values.values())),
        )  # fmt: skip
        at.callees.known[key] = callee
        at.settle(callee, node)
    callee.containers = {p.origin: q for p, q in _containers(inner.values(), values.values())}
    objects = dict(zip(callee.objects, objects_in(values.values())))
    return called(at, callee, leaves, node, results, objects=objects)


def _containers(inner: Any, outer: Any) -> list[tuple[Value, Value]]:
    """The containers in values as the callee sees them, and as the caller does."""
    found: list[tuple[Value, Value]] = []
    for one, other in zip(inner, outer):
        if one.items is not None:
            found += [] if one.ident is not None else [(one, other)]
            found += _containers(one.items, other.items)
    return found


def kind_of_argument(value: Value) -> Any:
    """What a specialisation depends on, the caller's sizes among it."""
    if value.items is not None:
        label = value.type.keys if isinstance(value.type, Mapping) else value.type.cls  # type: ignore[attr-defined]
        return (label, tuple(kind_of_argument(item) for item in value.items))
    if value.function is not None:
        return ("function", id(value.function.body), id(value.function.frame))
    return (without_value(value.type), value.varied)


def called(
    at: Any,
    callee: Callee,
    leaves: list[tuple[str, Value]],
    node: Any,
    results: tuple[str, ...] = (),
    plan: Any = None,
    objects: dict[Any, Value] | None = None,
) -> Value:
    """The call, and the stores by which the caller sees what the callee writes into arguments."""
    given = {key: at.atom(value) for key, value in leaves}
    at.check_tables(leaves, callee.function.name, node)
    _check_apart(at, callee, given, node)
    if callee.packing is None:
        _check_returned(at, callee, given, results, node)
    else:
        _check_packed(at, callee, node)
    check_lists_apart(at, callee, results, node)
    func = gast.Name(callee.primal, gast.Load(), None, None)
    at.objects[callee.primal] = Emitted(callee.primal)
    whole = gast.Call(func=func, args=[at.whole(value) for value in given.values()], keywords=[])
    result = callee.result
    assert result is not None
    named = at.bind(whole, Value(result.type, None, result.varied, sites=frozenset()))
    at.calls[named.node.id] = callee
    if plan is not None:
        at.plans[named.node.id] = plan
    if callee.packing is not None:
        return Unpacking(at, callee, objects or {}, given).run(named.node, at.site(node), results, node)
    value = opened_part(at, result, named.node, callee, given, at.site(node))
    if isinstance(named.node, gast.Name) and value.items is None and value.sites:
        at.sites[named.node.id] = value.sites
    if not callee.written:
        return value
    assert value.items is not None
    returned, finals = (NONE, value.items) if callee.silent else (value.items[0], value.items[1:])
    for key, item in zip(callee.written, finals):
        at.store(given[key], at.everything(), item, node)
    return returned


def _check_returned(
    at: Any, callee: Callee, given: dict[str, Value], results: tuple[str, ...], node: Any
) -> None:
    """What is returned must not be memory that is written and that the caller sees by another name too."""
    if not callee.written or callee.silent:
        return
    assert callee.result is not None and callee.result.items is not None
    returned = callee.result.items[0]
    items = returned.items if len(results) > 1 and returned.items is not None else (returned,)
    for variable, item in zip(results or [""] * len(items), items):
        for key in callee.written:
            if ("parameter", key) not in item.sites:
                continue
            if key != variable or _is_seen_elsewhere(at, variable, given[key]):
                raise at.refuse(
                    "S202", f"what a checkpoint gives for {variable or 'its result'} may share memory with {key}, "
                    "which it writes into", "copy one of them (`.copy()`)", node,
                )  # fmt: skip


def check_lists_apart(at: Any, callee: Callee, results: tuple[str, ...], node: Any) -> None:
    """Two variables that a checkpoint gives must not be one list that it changes: for the caller they are two."""
    if callee.result is None or callee.core is None:
        return
    found: dict[Any, int] = {}
    for k, item in enumerate(callee.result.items or (callee.result,)):
        for site in _lists_in(item, callee.core.contents) & callee.core.written:
            if found.setdefault(site, k) != k:
                label = results[k] if k < len(results) else "a part of its result"
                raise at.refuse(
                    "S202",
                    f"what a checkpoint gives for {label} may be, or hold, a list that it also gives by another name",
                    "use one name for it, or copy one of them (`.copy()`)", node,
                )  # fmt: skip


def _lists_in(value: Value, contents: Any) -> frozenset[Any]:
    """The lists in a value, those that lists hold among them."""
    if value.items is not None:
        return frozenset().union(*(_lists_in(item, contents) for item in value.items))
    if not isinstance(value.type, ListOf):
        return frozenset()
    found, stack, known = set(value.sites), list(value.sites), value.type.item
    while stack and isinstance(known, ListOf):
        held = contents.get(stack.pop(), frozenset()) - found
        found |= held
        stack += held
    return frozenset(found)


def _check_packed(at: Any, callee: Callee, node: Any) -> None:
    """What goes out must not be a part of memory that was written and goes out as a whole."""
    copies = {value.node.id for value in callee.finals.values()}  # type: ignore[union-attr]
    for slot in callee.packing.slots:
        if slot.node.id not in copies and any(("parameter", key) in slot.sites for key in callee.written):
            raise at.refuse(
                "S202", "what a checkpoint gives may share memory with an array that it writes into",
                "copy it (`.copy()`)", node,
            )  # fmt: skip


def _is_seen_elsewhere(at: Any, variable: str, value: Value) -> bool:
    """Whether another variable shares memory with one."""
    for frame in [*at.frames, at.frame]:
        here: Any = frame
        while here is not None:
            for key, other in here.env.items():
                if (key != variable or here is not at.frame) and other.sites & value.sites:
                    return True
            here = here.parent
    return False


def _check_apart(at: Any, callee: Callee, given: dict[str, Value], node: Any) -> None:
    """Arguments that share memory cannot be told apart by a callee that writes into one of them."""
    for key in callee.written:
        for other, value in given.items():
            if other != key and value.sites & given[key].sites:
                raise at.refuse(
                    "S202", f"a checkpoint writes into {key}, which may share memory with {other}",
                    "copy one of them (`.copy()`) before", node,
                )  # fmt: skip


def opened_part(
    at: Any, result: Value, node: gast.expr, callee: Callee, given: dict[str, Value], site: Any
) -> Value:
    """A callee's result, part by part, each with the memory that it has for the caller."""
    if result.items is None:
        held = _sites_outside(at, result, callee, given, site)
        value = Value(result.type, node, result.varied, sites=held)
        if isinstance(node, gast.Name):
            return value
        return at.bind(node, value) if result.varied else value  # type: ignore[no-any-return]
    known = result.type
    assert isinstance(known, (Sequence, Mapping))
    if not isinstance(node, gast.Name):
        node = at.bind(node, Value(known, None, result.varied)).node
    nodes = parts_of(known, node, at.object_node)
    items = tuple(opened_part(at, item, part, callee, given, site) for item, part in zip(result.items, nodes))
    return container_of(known, items, site)


def _sites_outside(
    at: Any, result: Value, callee: Callee, given: dict[str, Value], site: Any
) -> frozenset[Any]:
    """The memory that a part of a result has for the caller; what is in a list is noted for its items."""
    if not holds_references(result.type):
        return frozenset()

    def outside(places: frozenset[Any]) -> frozenset[Any]:
        return frozenset().union(*(_outside(at, place, callee, given, site) for place in places))

    stack, seen = list(result.sites), set(result.sites)
    while stack and callee.core is not None:
        place = stack.pop()
        shared.note(at, outside(frozenset([place])), callee.function.name)
        held = callee.core.contents.get(place, frozenset())
        for own in _outside(at, place, callee, given, site):
            at.lessons.learn_contents(own, outside(held))
        stack += held - seen
        seen |= held
    return outside(result.sites)


def _outside(at: Any, place: Any, callee: Callee, given: dict[str, Value], site: Any) -> frozenset[Any]:
    """What an allocation in the callee is to the caller."""
    if is_parameter(place) and len(place) == 3 and place[1] in given:  # an item of a list that was given
        own = given[place[1]].sites
        return shared.held_in(at, own) | {(shared.MARK, site)}
    if isinstance(place, tuple) and len(place) == 2 and place[0] == "parameter":
        if place[1] in callee.written:  # a copy was made on entry
            return frozenset([(site, place)])
        return (given[place[1]].sites if place[1] in given else frozenset()) | {(shared.MARK, site)}
    return frozenset([(site, place)])


# ---- derivatives of what the sweeps emit --------------------------------------------------------
@structural(replayed)
def _replayed(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    """The generators are put back, the function entered, and the generators put forth again."""
    states, function, *rest = args
    held = at.atom(states)
    whole = call(at.object_node(random_state_now), at.whole(held))
    now = at.bind(whole, Value(Opaque(list), None), "now")
    at.emit(gast.Expr(call(at.object_node(set_random_state), at.whole(held))))
    result: Value = at.call(function, rest, {}, hint, node)
    at.emit(gast.Expr(call(at.object_node(set_random_state), at.whole(now))))
    return result


__all__ = ["LocalCheckpoint", "call_checkpoint", "called"]
