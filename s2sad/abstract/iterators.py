"""`itertools`, `functools.reduce` and ordering by a key: each is an iteration, or plain Python that is entered."""

from __future__ import annotations

import builtins
import functools
import itertools
import operator
from dataclasses import replace
from typing import Any

import gast

from s2sad.abstract import late
from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import (
    STRUCTURAL,
    integer,
    keys_of_a_dict,
    lazily,
    made_before,
    structural,
    structural_class,
)
from s2sad.abstract.values import Iteration, Position, Value, container_of
from s2sad.runtime import sequences
from s2sad.runtime.order import places_by
from s2sad.signature import NO_VALUE, ListOf, Opaque, Record, Scalar, Sequence, Static, literal
from s2sad.tree.build import binary, call, clone, constant, dotted, expression, subscript

FEW = 8
"""So many items of a container of known length are written out rather than looped over."""
ENDLESS = 1 << 62
NONE = Value(Static(None), gast.Constant(None, None))


def iterations(at: Any, args: list[Value], node: Any) -> list[Iteration] | None:
    """How each argument is iterated over; None if one of them just runs."""
    found = [at.iteration(arg, node) for arg in args]
    return None if any(part is None for part in found) else found


def static(iteration: Iteration) -> bool:
    """Whether the items have no common type, or are few."""
    return iteration.count is not None and (iteration.unroll or iteration.count <= FEW)


def items_of(iteration: Iteration) -> list[Value]:
    """The items, where their number is known."""
    assert iteration.count is not None
    return [iteration.item(integer(constant(k), k)) for k in range(iteration.count)]


def over(at: Any, items: list[Value], inner: list[Iteration]) -> Value:
    """An iterator over values at hand, which are items of others."""
    made = Iteration(constant(len(items)), lambda k: items[k.known], len(items), True)
    return lazily(at, late.early(at, made, inner), items)


def listed(at: Any, value: Value, node: Any) -> Value:
    """The items as a list that can be indexed."""
    held = value.items is not None and not isinstance(value.type, Record)
    if held or isinstance(value.type, ListOf):
        return value
    if value.iteration is not None and static(value.iteration) and value.iteration.generator is None:
        return container_of(Sequence(list, ()), tuple(items_of(at.iteration(value, node))), at.site(node))
    return at.enter(function_of(sequences.list_of, at), [value], {}, node)


# ---- one after the other ------------------------------------------------------------------------
@structural(itertools.chain)
def _chain(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if not all(at.iterable(arg, node) for arg in args):
        return None
    inner = [at.iteration(arg, node, uses=False) for arg in args]
    if all(part.count is not None for part in inner) and (
        any(part.unroll for part in inner) or sum(part.count or 0 for part in inner) <= FEW
    ):
        inner = [at.iteration(arg, node) for arg in args]
        return over(at, [item for part in inner for item in items_of(part)], inner)
    return made_before(at, lambda: at.enter(function_of(sequences.chained, at), args, {}, node), args, node)


@structural(itertools.chain.from_iterable)
def _chained_from(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    inner = at.iteration(args[0], node, uses=False) if at.iterable(args[0], node) else None
    if inner is not None and inner.count is not None:
        return _chain(at, items_of(at.iteration(args[0], node)), {}, hint, node)
    return made_before(at, lambda: at.enter(function_of(sequences.flattened, at), args, {}, node), args, node)


if hasattr(itertools, "pairwise"):

    @structural(itertools.pairwise)
    def _pairwise(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
        inner = at.iteration(args[0], node)
        if inner is None:
            return None
        count = None if inner.count is None else max(inner.count - 1, 0)
        length = call("max", binary(clone(inner.length), gast.Sub, constant(1)), constant(0))

        def item(k: Value) -> Value:
            return container_of(Sequence(tuple, ()), (inner.item(k), inner.item(following(at, k))))

        made = Iteration(length if count is None else constant(count), item, count, inner.unroll)
        return lazily(at, late.early(at, made, [inner]), args)


def following(at: Any, k: Value) -> Value:
    """The next index."""
    if k.known is not NO_VALUE:
        return integer(constant(k.known + 1), k.known + 1)
    return integer(binary(at.whole(k), gast.Add, constant(1)))


@structural(itertools.starmap)
def _starmap(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    func, values = args
    inner = at.iteration(values, node)
    if inner is None:
        return None

    def item(k: Value) -> Value:
        return at.call(func, at.parts(inner.item(k), node), {}, None, node)

    made = Iteration(inner.length, item, inner.count, inner.unroll)
    return lazily(at, late.live(at, made, [inner], [func]), args[1:])


@structural(itertools.zip_longest)
def _zip_longest(
    at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    inner = iterations(at, args, node)
    if inner is None:
        return None
    if any(part.count is None for part in inner):
        raise at.refuse("S104", "zip_longest of an unknown number of items", "loop over the indices", node)
    fill = keywords.get("fillvalue", NONE)
    columns = [items_of(part) for part in inner]
    rows = itertools.zip_longest(*columns, fillvalue=fill)
    return over(at, [container_of(Sequence(tuple, ()), tuple(row)) for row in rows], inner)


@structural(itertools.islice)
def _islice(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    inner = at.iteration(args[0], node)
    if inner is None:
        return None
    bounds = [NONE, *args[1:]] if len(args) == 2 else list(args[1:])
    bounds += [NONE] * (3 - len(bounds))
    known = [bound.known for bound in bounds]
    total = _finite(inner)
    if NO_VALUE not in known and (inner.count is not None or total is None):
        places = range(inner.count if inner.count is not None else ENDLESS)[slice(*known)]
        if len(places) < ENDLESS // 2:
            count = len(places)
            made = Iteration(
                constant(count), lambda k: inner.item(_place(at, k, places)), count, inner.unroll
            )
            return lazily(at, late.live(at, made, [inner]), args[:1])
    if total is None:
        raise at.refuse(
            "S104", "islice of an endless iterator with bounds known only at run time", "use range"
        )
    chosen = subscript(call("range", total), gast.Slice(*(at.whole(bound) for bound in bounds)))
    held = at.bind(chosen, Value(Opaque(range), None), "places")

    def item(k: Value) -> Value:
        return inner.item(at.bind(subscript(at.whole(held), at.whole(k)), Value(Scalar("int"), None), "k"))

    made = Iteration(call("len", at.whole(held)), item)
    return lazily(at, late.live(at, made, [inner]), args[:1])


def _place(at: Any, k: Value, places: range) -> Value:
    """The index of the k-th of the places."""
    if k.known is not NO_VALUE:
        return integer(constant(places[k.known]), places[k.known])
    node = at.whole(k)
    if places.step != 1:
        node = binary(node, gast.Mult, constant(places.step))
    return integer(node if places.start == 0 else binary(constant(places.start), gast.Add, node))


# ---- without an end -----------------------------------------------------------------------------
def _finite(iteration: Iteration) -> gast.expr | None:
    """The number of items, unless there is no end to them."""
    return None if iteration.endless else clone(iteration.length)


@structural(itertools.repeat)
def _repeat(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    value = args[0] if at.passive or not args[0].varied or args[0].items is not None else at.atom(args[0])
    times = keywords.get("times", args[1] if len(args) > 1 else None)
    if times is None:
        return lazily(at, Iteration(constant(ENDLESS), lambda k: value, endless=True), [value])
    count = times.known if isinstance(times.known, int) else None
    return lazily(at, Iteration(at.whole(times), lambda k: value, count), [value])


@structural(itertools.count)
def _count(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    given = dict(zip(("start", "step"), args)) | keywords
    start = given.get("start", integer(constant(0), 0))
    step = given.get("step", integer(constant(1), 1))

    def item(k: Value) -> Value:
        scaled = k if step.known == 1 else at.binary(gast.Mult(), k, step, None, node)
        return scaled if start.known == 0 else at.binary(gast.Add(), start, scaled, None, node)

    return lazily(at, Iteration(constant(ENDLESS), item, endless=True), [start, step])


@structural(itertools.cycle)
def _cycle(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    inner = at.iteration(args[0], node)
    if inner is None:
        return None

    def item(k: Value) -> Value:
        if k.known is not NO_VALUE and inner.count:
            return inner.item(integer(constant(k.known % inner.count), k.known % inner.count))
        return inner.item(at.atom(integer(binary(at.whole(k), gast.Mod, clone(inner.length)))))

    made = Iteration(constant(ENDLESS), item, unroll=inner.unroll, endless=True)
    return lazily(at, late.early(at, made, [inner]), args)


# ---- one at a time ------------------------------------------------------------------------------
@structural(builtins.iter)
def _iter(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if len(args) != 1:
        raise at.refuse("S109", "iter with a sentinel", "write a while loop", node)
    (value,) = args
    if isinstance(value.origin, Position):
        return value
    inner = at.iteration(value, node)
    if inner is None:
        return None
    if hasattr(node, "reads"):  # a generator expression that was kept
        by_name, memory = (late.variables_read(at, names) for names in node.reads)
        inner = late.early(at, inner, reads=by_name | replace(memory, variables=()))
    return lazily(at, inner, args)


@structural(builtins.next)
def _next(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    """The next item: where an iterator stands is a variable."""
    position = args[0].origin
    if not isinstance(position, Position):
        return None
    inner, k = position.iteration, how_far(at, position, node)
    late.check(at, inner, node)
    known = inner.count is not None and k.known is not NO_VALUE
    if known and k.known >= inner.count:
        if len(args) > 1:
            return args[1]
        raise at.refuse("S105", "this iterator has no more items", "give `next` a default", node)
    moved = following(at, k)
    if known or inner.endless:
        at.frame.env[position.key] = moved if moved.known is not NO_VALUE else at.assigned(moved, "it")
        return inner.item(k)
    k = at.assigned(k, "it")
    left = gast.Compare(at.whole(k), [gast.Lt()], [clone(inner.length)])
    if len(args) > 1:
        given = at.choose(Value(Scalar("bool"), left), (lambda: inner.item(k), args[1]), hint)
        stop = call("min", at.whole(moved), clone(inner.length))
        at.frame.env[position.key] = at.assigned(integer(stop), "it")
        return given
    stop_iteration = gast.Raise(exc=at.object_node(StopIteration), cause=None)
    at.emit(gast.If(gast.UnaryOp(gast.Not(), left), [stop_iteration], []))
    at.frame.env[position.key] = at.assigned(moved, "it")
    return inner.item(k)


# ---- by indices ---------------------------------------------------------------------------------
@structural(
    itertools.product,
    itertools.combinations,
    itertools.permutations,
    itertools.combinations_with_replacement,
)
def _by_indices(
    at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: gast.Call
) -> Value | None:
    """What picks items by their places: the same function over ranges gives the places."""
    function = at.visit(node.func).known
    chosen = args if function is itertools.product else args[:1]
    options = dict(zip(("r",), args[1:])) if function is not itertools.product else {}
    options |= keywords
    inner = iterations(at, chosen, node)
    if inner is None or any(part.endless for part in inner):
        return None
    width = options.get("r", options.get("repeat", integer(constant(1), 1))).known
    if width is None or (function is itertools.permutations and "r" not in options):
        width = inner[0].count
    if not isinstance(width, int):
        raise at.refuse(
            "S104", "the number of items in each combination is not known", "give a constant", node
        )
    columns = inner * width if function is itertools.product else [inner[0]] * width
    spelled = gast.Call(
        func=at.object_node(function),
        args=[call("range", clone(part.length)) for part in inner],
        keywords=[gast.keyword(arg=key, value=at.whole(value)) for key, value in options.items()],
    )
    counts = [part.count for part in inner]
    if any(part.unroll for part in inner):
        if None in counts or any(value.known is NO_VALUE for value in options.values()):
            raise at.refuse(
                "S104", "items of different types, an unknown number of them", "loop over indices", node
            )
        known = {key: value.known for key, value in options.items()}
        ranges = [range(count or 0) for count in counts]
        return over(at, [_row(columns, row) for row in function(*ranges, **known)], inner)
    rows = at.bind(call("list", spelled), Value(Opaque(list), None), "places")

    def item(k: Value) -> Value:
        row = subscript(at.whole(rows), at.whole(k))
        places = [
            at.bind(subscript(clone(row), constant(j)), Value(Scalar("int"), None), "i")
            for j in range(len(columns))
        ]
        return container_of(Sequence(tuple, ()), tuple(part.item(i) for part, i in zip(columns, places)))

    made = Iteration(call("len", at.whole(rows)), item)
    return lazily(at, late.early(at, made, inner), chosen)


def _row(columns: list[Iteration], places: tuple[int, ...]) -> Value:
    """One item of each column."""
    items = (part.item(integer(constant(i), i)) for part, i in zip(columns, places))
    return container_of(Sequence(tuple, ()), tuple(items))


# ---- running over all ---------------------------------------------------------------------------
@structural(functools.reduce)
def _reduce(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    func, values, *start = [*args, *keywords.values()]
    if not at.iterable(values, node):
        return None
    inner = at.iteration(values, node, uses=False)
    if inner.unroll and inner.count is not None:
        items = [*start, *items_of(at.iteration(values, node))]
        if not items:
            raise at.refuse("S105", "reduce of nothing without a start", "give the start", node)
        total = items[0]
        for item in items[1:]:
            total = at.call(func, [total, item], {}, None, node)
        return total
    if start:
        return at.enter(function_of(sequences.reduced, at), [func, values, start[0]], {}, node)
    return at.enter(function_of(sequences.reduced_from_first, at), [func, listed(at, values, node)], {}, node)


@structural(itertools.accumulate)
def _accumulate(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    given = dict(zip(("iterable", "func"), args)) | keywords
    func = given.get("func", NONE)
    if func.known is None:
        func = Value(Static(operator.add), at.object_node(operator.add))
    if not at.iterable(given["iterable"], node):
        return None
    start = given.get("initial", NONE)

    def make() -> Value:
        values = listed(at, given["iterable"], node)
        if start.known is None:
            return at.enter(function_of(sequences.accumulated, at), [func, values], {}, node)
        return at.enter(function_of(sequences.accumulated_from, at), [func, values, start], {}, node)

    return made_before(at, make, [func, given["iterable"]], node)


# ---- by a key -----------------------------------------------------------------------------------
def order_by(at: Any, values: Value, key: Value, reverse: gast.expr, node: Any) -> Value:
    """The places of the items in the order of their keys: integers, which carry no derivative."""
    keys = values
    if key.known is not None or key.function is not None:
        keys = at.enter(function_of(sequences.mapped, at), [key, values], {}, node)
    with at.passively():
        spelled = gast.Call(func=at.object_node(places_by), args=[at.whole(keys), reverse], keywords=[])
    return at.bind(spelled, Value(ListOf(Scalar("int")), None), "order")


def sorted_by(at: Any, value: Value, keywords: dict[str, Value], node: Any) -> Value:
    """``sorted(values, key=..., reverse=...)``."""
    values = listed(at, value, node)
    reverse = keywords.get("reverse", Value(Scalar("bool", False), gast.Constant(False, None)))
    order = order_by(at, values, keywords.get("key", NONE), at.whole(reverse), node)
    return at.enter(function_of(sequences.taken, at), [values, order], {}, node)


@structural(builtins.max, builtins.min)
def _extreme(
    at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: gast.Call
) -> Value | None:
    """``max(values, key=..., default=...)``: the first item with the largest key."""
    spelled = at.visit(node.func).known if isinstance(node, gast.Call) else None
    given = args[0] if args else NONE
    if len(args) == 1:
        args = [keys_of_a_dict(at, given, node)]
    if not keywords:
        return _largest(at, spelled, args, args[:1] != [given], node) if spelled in FOLDING else None
    if set(keywords) - {"key", "default"} or spelled not in FOLDING:
        return None
    values = args[0] if len(args) == 1 else container_of(Sequence(tuple, ()), tuple(args))
    if not at.iterable(values, node):
        return None
    values = listed(at, values, node)
    if "default" in keywords:
        return _with_default(at, spelled, values, keywords, node)
    if "key" not in keywords:
        return at.call(Value(Static(spelled), node.func), [values], {}, hint, node)
    largest = gast.Constant(spelled is builtins.max, None)
    order = order_by(at, values, keywords["key"], largest, node)
    return at.item(values, at.item(order, integer(constant(0), 0), None, node), hint, node)


def _largest(at: Any, spelled: Any, args: list[Value], of_keys: bool, node: Any) -> Value | None:
    """The largest or smallest of what are no numbers, or of what has to be put into a list first."""
    values = args[0] if len(args) == 1 else container_of(Sequence(tuple, ()), tuple(args))
    if of_keys and values.items and all(isinstance(item.known, str) for item in values.items):
        known = spelled(item.known for item in values.items)
        return Value(literal(known), constant(known))
    lazy = len(args) == 1 and (values.iteration is not None or isinstance(values.type, Record))
    if lazy:
        values = listed(at, values, node)
    kinds = (
        [values.type.item] if isinstance(values.type, ListOf) else [part.type for part in values.items or ()]
    )
    if any(isinstance(kind, (Sequence, Record)) for kind in kinds):
        return at.enter(function_of(ORDERING[spelled], at), [values], {}, node)  # type: ignore[no-any-return]
    if lazy:
        return at.enter(function_of(FOLDING[spelled], at), [values], {}, node)  # type: ignore[no-any-return]
    return at.call(at.static(spelled), [values], {}, None, node) if of_keys else None


def _with_default(at: Any, spelled: Any, values: Value, keywords: dict[str, Value], node: Any) -> Value:
    rest = {key: value for key, value in keywords.items() if key != "default"}

    def taken() -> Value:
        return at.call(Value(Static(spelled), node.func), [values], rest, None, node)

    if values.items is not None:
        return taken() if values.items else keywords["default"]
    test = Value(Scalar("bool"), call("len", at.whole(values)))
    return at.choose(test, (taken, keywords["default"]), None)


FOLDING = {builtins.max: sequences.max_of, builtins.min: sequences.min_of}
ORDERING = {builtins.max: sequences.last_in_order, builtins.min: sequences.first_in_order}


# ---- functions made of others -------------------------------------------------------------------
def made_function(at: Any, text: str, captured: dict[str, Value], node: Any) -> Value:
    """A function spelled out, with what it captures."""
    from s2sad.abstract.values import Frame

    frame = Frame(at.frame.filename, at.frame.lines, at.frame.globals, {}, None, at.frame.prefix)
    frame.env = dict(captured)
    with at.inside(frame):
        made = expression(text)
        for part in gast.walk(made):
            gast.copy_location(part, node)
        return at.visit(made)


@structural(functools.wraps)
def _wraps(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    """What `wraps` gives changes only how a function is named."""
    return made_function(at, "lambda wrapper: wrapper", {}, node)


@structural(functools.update_wrapper)
def _update_wrapper(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    return args[0] if args and at.must_enter(args[0]) else None


@structural(functools.lru_cache, functools.cache)
def _cached(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    """A function that is made here has no cache that could outlive the call."""
    local = any(map(at.must_enter, args))
    if not local and not any(callable(value.known) for value in args):
        return made_function(at, "lambda function: cached(function)", {"cached": at.visit(node.func)}, node)
    if not local:
        return None
    raise at.refuse(
        "S109",
        "a cache of a function that is made inside",
        "define the cached function at module level",
        node,
    )


@structural(operator.itemgetter)
def _itemgetter(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    keys = {f"key_{k}": value for k, value in enumerate(args)}
    items = ", ".join(f"thing[{key}]" for key in keys)
    return made_function(at, f"lambda thing: ({items})", keys, node)


@structural(operator.attrgetter)
def _attrgetter(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if not all(isinstance(value.known, str) for value in args):
        return None
    parts = ", ".join(f"thing.{value.known}" for value in args)
    return made_function(at, f"lambda thing: ({parts})", {}, node)


@structural(operator.methodcaller)
def _methodcaller(
    at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    method, *rest = args
    if not isinstance(method.known, str):
        return None
    given = {f"arg_{k}": value for k, value in enumerate(rest)}
    named = {f"key_{key}": value for key, value in keywords.items()}
    spelled = ", ".join([*given, *(f"{key}=key_{key}" for key in keywords)])
    return made_function(at, f"lambda thing: thing.{method.known}({spelled})", given | named, node)


@structural_class(operator.itemgetter, operator.attrgetter, operator.methodcaller)
def _call_getter(
    at: Any, getter: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """A getter made outside of the function: how it was made is what `pickle` reads, too."""
    _, given, *_ = getter.__reduce__()
    values = [Value(literal(value), constant(value)) for value in given]
    func = STRUCTURAL[type(getter)](at, values, {}, None, node)
    return None if func is None else at.call(func, args, keywords, hint, node)


@structural_class(functools.partial)
def _call_partial(
    at: Any, made: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """A `functools.partial` made outside of the function."""
    func = _given(at, made.func)
    fixed = [_given(at, value) for value in made.args]
    named = {key: _given(at, value) for key, value in made.keywords.items()} | keywords
    return at.call(func, [*fixed, *args], named, hint, node)


def _given(at: Any, value: Any) -> Value:
    """An object that a partial holds."""
    known = literal(value)
    if isinstance(known, Scalar) or value is None or isinstance(value, (str, bool)):
        return Value(known, constant(value))
    from s2sad.abstract.state import constant_type

    node = at.object_node(value)
    kind = constant_type(value, dotted(node) or "held")
    sites = frozenset([("global", dotted(node))]) if not isinstance(kind, (Scalar, Static)) else frozenset()
    return Value(kind, node, sites=sites, origin=("global", dotted(node)))


def how_far(at: Any, position: Position, node: Any) -> Value:
    """How many items an iterator gave."""
    k = at.frame.env.get(position.key, NONE)
    if k.known is None:
        raise at.refuse(
            "S107", "this iterator was used up before, and has no more items", "make it anew", node
        )
    if not isinstance(k.type, Scalar):
        raise at.refuse("S107", "how far this iterator has come is not known", "index the items", node)
    return k


def remaining(at: Any, value: Value, node: Any) -> Iteration:
    """What is left of an iterator; it is used up then."""
    position = value.origin
    inner, k = position.iteration, how_far(at, position, node)
    if position.block is at.out and position.frame is at.frame:
        del at.frame.env[position.key]
    else:
        at.frame.env[position.key] = NONE
    if k.known == 0:
        return inner
    count = None if inner.count is None or k.known is NO_VALUE else max(inner.count - k.known, 0)
    k = at.assigned(k, "it") if k.known is NO_VALUE else k
    length = constant(count) if count is not None else binary(clone(inner.length), gast.Sub, at.whole(k))

    def item(j: Value) -> Value:
        if j.known is not NO_VALUE and k.known is not NO_VALUE:
            return inner.item(integer(constant(j.known + k.known), j.known + k.known))
        return inner.item(integer(binary(at.whole(j), gast.Add, at.whole(k))))

    return late.live(at, Iteration(length, item, count, inner.unroll, inner.endless), [inner])


__all__ = ["FEW", "over", "remaining", "sorted_by"]
