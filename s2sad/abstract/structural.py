"""Calls that are about structure, not numbers: decided by the interpreter itself."""

from __future__ import annotations

import builtins
import collections.abc
import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from s2sad.abstract import late
from s2sad.abstract.forwarding import forwarding, made_here
from s2sad.abstract.functions import function_of
from s2sad.abstract.generators import counted
from s2sad.abstract.modelled import given_to_numpy
from s2sad.abstract.values import SHARED, Iteration, Position, Value, container_of
from s2sad.rules.sizes import length_type
from s2sad.runtime import matching, sequences
from s2sad.runtime.containers import ORIGINALS
from s2sad.runtime.control import stop_gradient
from s2sad.signature import (
    NO_VALUE,
    WEAK,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Record,
    Scalar,
    Sequence,
    Static,
    literal,
)
from s2sad.tree.build import binary, call, clone, constant, expression, name, subscript

STRUCTURAL: dict[Any, Callable[..., Value | None]] = {}


def structural(*functions: Any) -> Callable[[Callable[..., Value | None]], Callable[..., Value | None]]:
    """Register what a structural function means."""

    def register(handler: Callable[..., Value | None]) -> Callable[..., Value | None]:
        for function in functions:
            STRUCTURAL[function] = handler
        return handler

    return register


BY_CLASS: dict[type, Callable[..., Value | None]] = {}


def structural_class(*classes: type) -> Callable[[Callable[..., Value | None]], Callable[..., Value | None]]:
    """Register what a call of an object of a class means; the handler gets the object too."""

    def register(handler: Callable[..., Value | None]) -> Callable[..., Value | None]:
        for cls in classes:
            BY_CLASS[cls] = handler
        return handler

    return register


def integer(node: gast.expr, known: Any = NO_VALUE) -> Value:
    """An integer value."""
    return Value(Scalar("int", known), node)


@structural(stop_gradient)
def _stop_gradient(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    return constant_of(at, args[0], hint, node)


def constant_of(at: Any, value: Value, hint: str | None, node: Any) -> Value:
    """The same value, with no derivative: under a name of its own, since activity goes by names.

    It may share memory with what it was made of, and must not be written through: that would lose a derivative.
    """
    if not value.varied or at.passive:
        return value
    if value.items is not None:
        items = tuple(constant_of(at, item, None, node) for item in value.items)
        if isinstance(value.type, Record):
            return at.new_object(
                value.type.cls, dict(zip(value.type.keys, items)), hint or "held", at.site(node)
            )
        return value.but(node=None, items=items, varied=False, sites=value.sites | {("held", at.site(node))})
    held = at.atom(value)
    sites = value.sites | {("held", at.site(node))} if value.sites else value.sites
    return at.bind(clone(held.node), value.but(varied=False, sites=sites), hint)  # type: ignore[no-any-return]


@structural(builtins.len)
def _len(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    (value,) = args
    if isinstance(value.type, Record):
        return at.call_method(value, "__len__", [], {}, node)
    if value.items is not None:
        whole = call("len", at.whole(value)) if value.node is not None else constant(len(value.items))
        return integer(whole, len(value.items))
    if value.iteration is not None:
        return integer(value.iteration.length)
    if isinstance(value.type, Array) and value.type.shape:
        return Value(length_type(value.type.shape[0]), call("len", at.whole(value)))
    return integer(call("len", at.whole(value)))


@structural(builtins.isinstance)
def _isinstance(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    value, classes = args
    wanted = classes.known
    if wanted is NO_VALUE:
        return None
    cls = python_class(value)
    if cls is None:
        with at.passively():
            return Value(Scalar("bool"), call("isinstance", at.whole(value), at.whole(classes)))
    known = issubclass(cls, wanted)
    return Value(Scalar("bool", known), gast.Constant(known, None))


@structural(matching.is_sequence, matching.is_mapping)
def _can_match(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    """What a pattern asks about the kind of a value, where the kind is known."""
    cls = python_class(args[0])
    if cls is None or cls is object:
        return None
    wanted = collections.abc.Sequence if node.func.id.endswith("sequence") else collections.abc.Mapping
    known = issubclass(cls, wanted) and not issubclass(cls, (str, bytes, bytearray))
    return Value(Scalar("bool", known), gast.Constant(known, None))


def python_class(value: Value) -> type | None:
    """The class of a value, where its type tells."""
    known = value.type
    if isinstance(known, Scalar):
        return WEAK.get(known.dtype) or np.dtype(known.dtype).type
    if isinstance(known, Array):
        return None if known.shape is None else np.ndarray
    if isinstance(known, (Sequence, Record)):
        return ORIGINALS.get(known.cls, known.cls)
    if isinstance(known, ListOf):
        return list
    if isinstance(known, Mapping):
        return dict
    if isinstance(known, Static):
        return type(known.value)
    return known.cls if isinstance(known, Opaque) else None


@structural(builtins.callable)
def _callable(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    (value,) = args
    if isinstance(value.type, Record):
        known = at.method_of(value, "__call__") is not None
        return Value(Scalar("bool", known), gast.Constant(known, None))
    if value.function is not None or value.is_static:
        known = value.function is not None or callable(value.known)
        return Value(Scalar("bool", known), gast.Constant(known, None))
    return Value(Scalar("bool", False), gast.Constant(False, None))


@structural(builtins.tuple)
def _tuple(at: Any, args: list[Value], keywords: Any, hint: Any, node: gast.Call) -> Value | None:
    return _sequence(at, args, keywords, hint, node, tuple)


@structural(builtins.list)
def _list(at: Any, args: list[Value], keywords: Any, hint: Any, node: gast.Call) -> Value | None:
    return _sequence(at, args, keywords, hint, node, list)


def _sequence(
    at: Any, args: list[Value], keywords: Any, hint: Any, node: gast.Call, cls: type = list
) -> Value | None:
    if not args:
        return at.visit_List(_anchor(node), hint) if cls is list else container_of(Sequence(tuple, ()), ())
    (value,) = args
    iteration = at.iteration(value, node, uses=False)
    count = None if iteration is None else iteration.count
    if count is None and isinstance(value.type, Sequence) and not value.is_static:
        count = len(value.type.items)  # of a global or captured one
    if iteration is not None and count is not None and (count <= 64 or iteration.unroll):
        iteration = at.iteration(value, node)
        items = tuple(iteration.item(integer(constant(k), k)) for k in range(count))
        return at.made_of(Sequence(cls, ()), items, at.site(node), hint)  # type: ignore[no-any-return]
    if cls is list and isinstance(value.type, DictOf) and not isinstance(at.kind_of_keys(value), Opaque):
        return keys_of_a_dict(at, value, node)
    if not value.varied and value.iteration is None:
        return None
    return at.enter(function_of(sequences.list_of, at), [value], {}, node)


def _anchor(node: gast.Call) -> gast.List:
    """An empty list display at the place of a call of `list`."""
    return gast.copy_location(gast.List(elts=[], ctx=gast.Load()), node)


def _dict_of(at: Any, args: list[Value], keywords: dict[str, Value], node: Any) -> Value:
    """``dict(...)`` as a run-time dict."""
    made = at.table(at.site(node), [])
    at.table_update(made, args, keywords, node)
    return made


@structural(builtins.dict)
def _dict(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    if at.site(node) in at.lessons.storage or any(isinstance(value.type, DictOf) for value in args):
        return _dict_of(at, args, keywords, node)
    keys: dict[Any, Value] = {}
    for value in args:
        if isinstance(value.type, Mapping) and value.items is not None:
            keys.update(zip(value.type.keys, value.items))
            continue
        for pair in at.parts(value, node):
            key, item = at.parts(pair, node)
            if key.known is NO_VALUE:
                return None
            keys[key.known] = item
    keys |= keywords
    return at.made_of(Mapping(tuple(keys), ()), tuple(keys.values()), at.site(node))  # type: ignore[no-any-return]


# ---- iterations ---------------------------------------------------------------------------------
def lazily(at: Any, iteration: Iteration, parts: list[Value] | tuple[Value, ...] = ()) -> Value:
    """An iterator as a value: it gives each item once."""
    position = Position(f"it{SHARED}{at.next_shared()}", iteration, at.frame, at.out)
    at.positions.add(position.key)
    at.frame.env[position.key] = integer(constant(0), 0)
    varied = any(part.varied for part in parts)
    return Value(Opaque(), None, varied, origin=position, iteration=iteration)


@structural(builtins.range)
def _range(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    whole = call("range", *(at.whole(arg) for arg in args))
    known = [arg.known for arg in args]
    start, step = (
        (at.whole(args[0]) if len(args) > 1 else None),
        (at.whole(args[2]) if len(args) > 2 else None),
    )

    def item(k: Value) -> Value:
        if k.known is not NO_VALUE and all(isinstance(v, int) for v in known):
            value = range(*known)[k.known]
            return integer(constant(value), value)
        spelled = at.whole(k)
        if step is not None:
            spelled = binary(spelled, gast.Mult, step)
        return integer(spelled if start is None else binary(start, gast.Add, spelled))

    count = len(range(*known)) if all(isinstance(v, int) for v in known) else None
    return Value(Opaque(), whole, origin="range", iteration=Iteration(call("len", whole), item, count))


@structural(builtins.enumerate)
def _enumerate(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    start = keywords.get("start", args[1] if len(args) > 1 else integer(constant(0), 0))
    if args[0].iteration is not None and args[0].iteration.generator is not None:
        return counted(args[0], start)
    inner = at.iteration(args[0], node)
    if inner is None:
        return None

    def item(k: Value) -> Value:
        if k.known is not NO_VALUE and start.known is not NO_VALUE:
            number = integer(constant(k.known + start.known), k.known + start.known)
        elif start.known == 0:
            number = k
        else:
            number = integer(binary(at.whole(k), gast.Add, at.whole(start)))
        return container_of(Sequence(tuple, ()), (number, inner.item(k)))

    return lazily(at, replace(inner, item=item), args)


@structural(builtins.zip)
def _zip(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    strict = keywords.get("strict")
    if strict is not None and strict.known is NO_VALUE:
        raise at.refuse(
            "S104", "whether lengths are compared is known only when the code runs", "write it out", node
        )
    zipped = _side_by_side(at, args, node, strict is not None and bool(strict.known))
    return None if zipped is None else lazily(at, zipped, args)


def _check_lengths(at: Any, inner: list[Iteration], node: Any) -> None:
    """``zip(..., strict=True)``: the lengths are compared before the first item is taken."""
    if at.tries or any(part.endless or part.generator is not None for part in inner):
        raise at.refuse(
            "S109", "when the lengths turn out to be different is seen here", "compare them first", node
        )
    if len({part.count for part in inner if part.count is not None}) > 1:
        raise at.refuse("S105", "what is zipped has different lengths", "make them match", node)
    if all(part.count is not None for part in inner):
        return
    first, *others = [clone(part.length) for part in inner]
    same = gast.Compare(first, [gast.Eq()] * len(others), others)
    error = call(at.object_node(ValueError), constant("the arguments of zip() have different lengths"))
    at.emit(gast.If(gast.UnaryOp(gast.Not(), same), [gast.Raise(error, None)], []))


def _side_by_side(at: Any, args: list[Value], node: Any, strict: bool = False) -> Iteration | None:
    """The items of several iterations in tuples; `strict` where there must be as many of each."""
    inner = [at.iteration(arg, node) for arg in args]
    if not inner or any(part is None for part in inner):
        return None
    if strict and len(inner) > 1:
        _check_lengths(at, inner, node)
    ends = [part for part in inner if not part.endless]
    counts = [part.count for part in ends]
    count = min(counts) if ends and all(c is not None for c in counts) else None
    lengths = [part.length for part in ends or inner]
    length = lengths[0] if len(lengths) == 1 else call("min", *lengths)
    if count is not None:
        length = constant(count)

    def item(k: Value) -> Value:
        return container_of(Sequence(tuple, ()), tuple(part.item(k) for part in inner))

    known = [c for c in counts if c is not None]
    most = min(known) if known and count is None else None
    unknown = tuple(part.length for part in inner if part.count is None) if most is not None else ()
    over = Iteration(length, item, count, any(part.unroll for part in inner), not ends)
    return late.live(at, replace(over, most=most, lengths=unknown), inner)


@structural(builtins.reversed)
def _reversed(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    inner = at.iteration(args[0], node)
    if inner is None:
        return None

    def item(k: Value) -> Value:
        if k.known is not NO_VALUE and inner.count is not None:
            return inner.item(integer(constant(inner.count - 1 - k.known), inner.count - 1 - k.known))
        last = binary(inner.length, gast.Sub, constant(1))
        return inner.item(integer(binary(last, gast.Sub, at.whole(k))))

    made = Iteration(inner.length, item, inner.count, inner.unroll)
    return lazily(at, late.live(at, made, [inner]), args)


@structural(builtins.map)
def _map(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    func, *rest = args
    inner = _side_by_side(at, rest, node)
    if inner is None:
        return None

    def item(k: Value) -> Value:
        pair = inner.item(k)
        assert pair.items is not None
        return at.call(func, list(pair.items), {}, None, node)

    made = Iteration(inner.length, item, inner.count, inner.unroll, inner.endless)
    return lazily(at, late.live(at, made, [inner], [func]), rest)


@structural(builtins.filter)
def _filter(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    function, given = (sequences.truthy, args[1:]) if args[0].known is None else (sequences.kept, args)
    return made_before(at, lambda: at.enter(function_of(function, at), given, {}, node), args, node)


def made_before(at: Any, make: Callable[[], Value], args: list[Value], node: Any) -> Value:
    """An iterator over a list of items that Python would make one by one."""
    reads = late.reads_of(at, args)
    watches = [arg.iteration.watches for arg in args if arg.iteration is not None]
    made = make()
    items = replace(at.iteration(made, node), watches=frozenset().union(*watches))
    return lazily(at, late.early(at, items, reads=reads), [made])


@structural(functools.partial)
def _partial(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    func, *fixed = (at.held(arg) for arg in args)
    keywords = {key: at.held(value) for key, value in keywords.items()}
    found = forwarding(at, func, fixed, keywords, node)
    if found is not None:
        return found
    given = "".join(f"s2sad_{k}, " for k in range(len(fixed)))
    named = "".join(f", {key}=s2sad_{key}" for key in keywords)
    known = {f"s2sad_{k}": value for k, value in enumerate(fixed)}
    known |= {f"s2sad_{key}": value for key, value in keywords.items()} | {"s2sad_func": func}
    text = f"lambda *rest, **named: s2sad_func({given}*rest{named}, **named)"
    return made_here(at, text, known, node)


@structural(builtins.sorted)
def _sorted(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    from s2sad.abstract.iterators import listed, sorted_by

    values = keys_of_a_dict(at, args[0], node)
    if values is not args[0] and values.items is not None:
        reverse = keywords.get("reverse", Value(Static(None))).known
        if set(keywords) <= {"reverse"} and reverse is not NO_VALUE and _have_an_order(values.items):
            items = sorted(values.items, key=lambda value: value.known, reverse=bool(reverse))
            return at.made_of(Sequence(list, ()), tuple(items), at.site(node), hint)  # type: ignore[no-any-return]
    if not values.varied and values.iteration is None and not any(_made_here(v) for v in keywords.values()):
        return None if values is args[0] else at.call(at.static(sorted), [values], keywords, hint, node)
    if "key" in keywords and keywords["key"].known is not None:
        return sorted_by(at, values, keywords, node)
    values = given_to_numpy(values)
    array = values if isinstance(values.type, Array) else listed(at, values, node)
    if not numpy_sorts(array):
        return sorted_by(at, array, keywords, node)
    if not isinstance(array.type, Array):
        array = at.call_known(np.array, [array], {}, None, node)
    ordered = at.call_known(np.sort, [array], {}, None, node)
    value = ordered
    if "reverse" in keywords and keywords["reverse"].known is not False:
        if keywords["reverse"].known is not True:
            raise at.refuse("S109", "sorted(reverse=...) known only at run time", "use True or False", node)
        value = at.item(ordered, at.index(expression("x[::-1]").slice), None, node)
    return _sequence(at, [value], {}, hint, gast.copy_location(call("list"), node))


@structural(np.ndim)
def _ndim(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    known = args[0].type if args else None
    rank = known.rank if isinstance(known, (Array, Scalar)) else None
    return None if rank is None else Value(Scalar("int", rank), constant(rank))


def keys_of_a_dict(at: Any, value: Value, node: Any) -> Value:
    """The keys of a dict, which is what a function that goes over it is given; any other value as it is."""
    if isinstance(value.type, DictOf):
        site = at.site(node)
        keys = Value(ListOf(at.kind_of_keys(value)), None, sites=frozenset([site]), origin=site)
        return at.bind(call("list", at.whole(value)), keys, "keys")  # type: ignore[no-any-return]
    if not isinstance(value.type, Mapping) or at.parted(value).items is None:
        return value
    items = tuple(at.key(key) for key in value.type.keys)
    return container_of(Sequence(tuple, ()), items)


def _have_an_order(keys: tuple[Value, ...]) -> bool:
    """Whether the keys of a dict can be sorted: all texts, or all numbers."""
    kinds = (str, (int, float))
    return any(all(isinstance(key.known, kind) for key in keys) for kind in kinds)


def numpy_sorts(value: Value) -> bool:
    """Whether what is sorted are numbers, which NumPy sorts."""
    if isinstance(value.type, Array):
        return value.type.rank == 1
    if isinstance(value.type, ListOf):
        return isinstance(value.type.item, Scalar)
    return value.items is not None and all(isinstance(item.type, Scalar) for item in value.items)


def _made_here(value: Value) -> bool:
    return value.function is not None or value.choices is not None


@structural(math.fsum)
def _fsum(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    return at.enter(function_of(sequences.sum_of, at), args, {}, node) if args[0].varied else None


@structural(builtins.any, builtins.all)
def _truth(at: Any, args: list[Value], keywords: Any, hint: Any, node: gast.Call) -> Value | None:
    (value,) = args
    with at.passively():
        if value.iteration is not None:
            value = at.enter(function_of(sequences.list_of, at), [value], {}, node)
        return Value(Scalar("bool"), gast.Call(func=node.func, args=[at.whole(value)], keywords=[]))


__all__ = ["STRUCTURAL", "integer", "literal", "name", "subscript"]
