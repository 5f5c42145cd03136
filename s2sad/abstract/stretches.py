"""Loops under `checkpointed`: cut into stretches, each a call of a function that is a checkpoint."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import gast

from s2sad.abstract.callees import Callee, captured, flattened
from s2sad.abstract.carried import assigned_in
from s2sad.abstract.checkpoints import LocalCheckpoint, called
from s2sad.abstract.loop_state import changed_by, close_entries, open_entries
from s2sad.abstract.merging import breaks
from s2sad.abstract.packing import moved_leaves, objects_in
from s2sad.abstract.structural import structural
from s2sad.abstract.values import Function, Value, shared_of
from s2sad.names import unused
from s2sad.runtime.checkpoints import (
    SCHEDULES,
    STORAGES,
    checkpointed,
)
from s2sad.runtime.schedules import has_library
from s2sad.signature import (
    Array,
    ListOf,
    Mapping,
    Scalar,
    Sequence,
    Static,
    without_value,
)
from s2sad.tree.build import call, clone, constant, dotted, name, names_in, subscript
from s2sad.tree.dataflow import captured as taken_from_outside
from s2sad.tree.parts import nodes
from s2sad.tree.scopes import stored


@structural(checkpointed)
def _checkpointed(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    raise at.refuse(
        "S109", "checkpointed outside of a loop's header",
        "write `for t in s2sad.checkpointed(range(n)):` or `while s2sad.checkpointed(test):`", node,
    )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How a loop is checkpointed."""

    slots: gast.expr | None
    schedule: str
    storage: str
    moved: tuple[Any, ...] = ()
    """For each leaf of the function of a stretch, bounds aside: where its next value stands in the result, or -1.

    A place in the tuple that is returned, or, for what is not in a tuple or in one inside, the keys on the way to it.
    """

    @property
    def plain(self) -> bool:
        """Whether plain loops will do."""
        return self.schedule == "two_level" and self.storage == "memory"


def plan_of(at: Any, header: gast.expr, counted: bool) -> tuple[gast.expr, Plan] | None:
    """What a loop runs over, and how it is checkpointed; None for a loop that is not."""
    if not isinstance(header, gast.Call) or dotted(header.func) is None:
        return None
    root = (dotted(header.func) or "").split(".")[0]
    if at.frame.lookup(root) is not None and not at.frame.lookup(root).is_static:
        return None
    if dotted(header.func).split(".")[-1] in BUILTIN or at.visit(header.func).known is not checkpointed:  # type: ignore[union-attr]
        return None
    if len(header.args) != 1:
        raise at.refuse("S105", "checkpointed takes one positional argument", "name the options", header)
    options = {keyword.arg: at.visit(keyword.value) for keyword in header.keywords}
    slots = options.pop("slots", None)
    default = "binomial" if slots is not None and counted and has_library() else "two_level"
    schedule = _option(at, options, "schedule", SCHEDULES, default, header)
    if schedule == "binomial" and not has_library():
        raise at.refuse(
            "S109", "the binomial schedule needs the library checkpoint_schedules, which is not installed",
            "install s2sad[checkpoint], or choose schedule='two_level'", header,
        )  # fmt: skip
    storage = _option(at, options, "storage", STORAGES, "memory", header)
    if options:
        raise at.refuse(
            "S105", f"checkpointed has no option {next(iter(options))!r}", "check the spelling", header
        )
    count = None if slots is None or (slots.is_static and slots.known is None) else at.whole(at.atom(slots))
    return header.args[0], Plan(count, schedule, storage)


BUILTIN = {"range", "enumerate", "zip", "reversed", "len", "map"}


def _option(
    at: Any, options: dict[Any, Value], key: str, choices: tuple[str, ...], default: str, node: Any
) -> str:
    value = options.pop(key, None)
    if value is None or (value.is_static and value.known is None):
        return default
    if value.known not in choices:
        raise at.refuse(
            "S109", f"{key} of checkpointed must be one of {', '.join(choices)}", "choose one", node
        )
    return value.known  # type: ignore[no-any-return]


def run_for(at: Any, statement: gast.For, iterable: gast.expr, plan: Plan) -> None:
    """A loop over known trips: stretches of equal length, each a checkpoint."""
    _refuse_breaks(at, statement)
    value = at.visit(iterable)
    counts = value.origin == "range" and isinstance(statement.target, gast.Name)
    if not counts and not isinstance(value.type, (Array, ListOf)) and not _is_uniform(value):
        raise at.refuse(
            "S109", "checkpointed over something other than a range, an array or a list",
            "loop over a range, and index in the body", statement,
        )  # fmt: skip
    loop = _Loop(at, statement, "first", "last", "stretch", plan.plain or at.lessons.closed)
    if counts:
        count, body = _over_range(at, loop, statement, value)
    else:
        held = value if value.items is not None else at.atom(value)
        items = loop.hidden("items")
        at.frame.env[items] = held
        count = constant(len(held.items)) if held.items is not None else call("len", at.whole(held))
        read = gast.Assign([statement.target], subscript(name(items), name(loop.index("k"))), None)
        body = loop.over(loop.index("k"), [gast.copy_location(read, statement), *loop.body], [])
    if at.passive or not loop.is_active(body):
        loop.forget()
        at.run(
            [gast.copy_location(gast.For(statement.target, iterable, statement.body, [], None), statement)]
        )
        return
    loop.define(body, [loop.first, loop.last])
    stretch = at.bind(_stretch(at, count, plan), Value(Scalar("int"), None), "stretch")
    at.frame.env[loop.stretch] = stretch
    at.frame.env[loop.stop] = Value(Scalar("int"), count)
    outer = loop.parsed(
        f"for {loop.first} in range({loop.begin}, {loop.stop}, {loop.stretch}):\n"
        f"{loop.call(f'{loop.first}, min({loop.first} + {loop.stretch}, {loop.stop})')}"
    )
    if plan.plain or at.lessons.closed:  # what is differentiated again is plain loops
        at.run(outer)
    else:
        _run_scheduled(at, loop, outer, plan, statement)
    close_entries(at, loop.changed)
    loop.forget()


def _is_uniform(value: Value) -> bool:
    """Whether a value is a list or tuple of numbers or arrays of one type."""
    kinds = [without_value(item.type) for item in value.items or ()]
    return isinstance(value.type, Sequence) and len(set(kinds)) == 1 and isinstance(kinds[0], (Scalar, Array))


def _run_scheduled(at: Any, loop: _Loop, outer: list[gast.stmt], plan: Plan, node: Any) -> None:
    """One call for all trips, which a schedule cuts into stretches when it runs."""
    unbound = [key for key in loop.results if key not in loop.state]
    if unbound:
        raise at.refuse(
            "S109", f"{unbound[0]} is bound only in a loop with a schedule, and read after it",
            "bind it before the loop", node,
        )  # fmt: skip
    before = at.snapshot()
    with at.emitting_into([]):
        at.run(outer)  # the types that the state has after any number of trips
    (callee,) = [
        c for c in at.calls.values() if isinstance(c, Callee) and c.function.body is loop.function.body
    ][-1:]
    at.restore(before)
    values = {key: at.frame.env[key] for key in loop.state}
    bounds = {loop.first: at.visit(loop.parsed(loop.begin)[0].value), loop.last: at.frame.env[loop.stop]}  # type: ignore[attr-defined]
    captures = {c.variable: c.value for c in captured(loop.function)}
    leaves: list[tuple[str, Value]] = []
    whole = {key: at.present(at.refreshed(value)) for key, value in {**bounds, **values, **captures}.items()}
    seen: dict[Any, Value] = {}
    inner = {key: flattened(key, value, leaves, seen) for key, value in whole.items()}
    if tuple(key for key, _ in leaves) != callee.leaves:
        raise at.refuse(
            "S106", "the state of this loop changes its structure", "start with its final structure", node
        )
    fitted = [(key, _fitted(at, callee, key, value, node)) for key, value in leaves]
    moved = (
        _moved(callee, loop, inner)
        if callee.packing is None
        else moved_leaves(at, callee, loop.results, inner, node)
    )
    objects = dict(zip(callee.objects, objects_in(whole.values())))
    value = called(at, callee, fitted, node, tuple(loop.results), replace(plan, moved=moved), objects)
    items = value.items if len(loop.results) > 1 else (value,)
    for key, item in zip(loop.results, items or ()):
        at.frame.env[key] = at.assigned(item, key)


def _fitted(at: Any, callee: Callee, key: str, value: Value, node: Any) -> Value:
    """What a loop starts with, of the type that it has after the first trip."""
    assert callee.core is not None
    wanted, have = callee.core.types[key], without_value(value.type)
    if isinstance(wanted, Array) and wanted.shape is None and isinstance(have, (Scalar, Array)):
        return value
    if isinstance(wanted, Scalar) and isinstance(have, Scalar) and wanted.is_real:
        if have.is_real:
            return value
        return at.atom(Value(wanted, call("float", at.whole(value))), key)  # type: ignore[no-any-return]
    if type(wanted) is not type(have) or getattr(wanted, "dtype", None) != getattr(have, "dtype", None):
        raise at.refuse("S106", f"the type of {key} changes in this loop", "start with its final type", node)
    return value


def _moved(callee: Callee, loop: _Loop, inner: dict[str, Value]) -> tuple[Any, ...]:
    """Where the next value of each leaf stands in the result: its place in a tuple, or the way down to it."""
    assert callee.result is not None
    returned, finals = callee.result, callee.written
    way: tuple[Any, ...] = ()
    if finals and not callee.silent:
        assert returned.items is not None
        returned, way = returned.items[0], (0,)
    places: dict[str, tuple[Any, ...]] = {}
    if len(loop.results) > 1 and not callee.silent:
        assert returned.items is not None
        for k, (key, item) in enumerate(zip(loop.results, returned.items)):
            _placed(inner.get(key), item, (*way, k), places)
    elif loop.results and not callee.silent:
        _placed(inner.get(loop.results[0]), returned, way, places)
    for k, leaf in enumerate(finals):
        places.setdefault(leaf, (k + (not callee.silent),))
    found = (places.get(key) for key in callee.leaves[2:])
    return tuple(-1 if way is None else way[0] if len(way) == 1 else way for way in found)


def _placed(
    given: Value | None, value: Value, way: tuple[Any, ...], places: dict[str, tuple[Any, ...]]
) -> None:
    """Note the ways to the leaves of a value, by the names of the parameters that take them."""
    if given is None:
        return
    if given.items is None:
        if isinstance(given.node, gast.Name):
            places[given.node.id] = way
        return
    keys = given.type.keys if isinstance(given.type, Mapping) else range(len(given.items))
    for key, item, part in zip(keys, given.items, value.items or ()):
        _placed(item, part, (*way, key), places)


def _over_range(at: Any, loop: _Loop, statement: gast.For, value: Value) -> tuple[gast.expr, list[gast.stmt]]:
    """The number at which the trips end, and the loop over some of them."""
    args = [at.atom(at.visit(arg)) if not isinstance(arg, (gast.Name, gast.Constant)) else at.visit(arg)
            for arg in _range_args(statement)]  # fmt: skip
    nodes = [at.whole(arg) for arg in args]
    if len(args) < 3:
        if len(args) == 2:
            loop.begin = loop.hidden("start")
            at.frame.env[loop.begin] = args[0]
        return nodes[-1], loop.over(statement.target.id, list(loop.body), [])  # type: ignore[attr-defined]
    start, step = loop.hidden("start"), loop.hidden("step")
    at.frame.env[start], at.frame.env[step] = args[0], args[2]
    k = loop.index("k")
    read = loop.parsed(f"{statement.target.id} = {start} + {k} * {step}")  # type: ignore[attr-defined]
    count = at.atom(Value(Scalar("int"), call("len", call("range", *nodes))), "count")
    return at.whole(count), loop.over(k, [*read, *loop.body], [])


def _range_args(statement: gast.For) -> list[gast.expr]:
    header = statement.iter
    assert isinstance(header, gast.Call)
    inner = header.args[0]
    assert isinstance(inner, gast.Call)
    return list(inner.args)


def _stretch(at: Any, count: gast.expr, plan: Plan) -> gast.expr:
    """The number of trips between two snapshots."""
    if plan.slots is None:
        root = gast.Attribute(at.object_node(math), "sqrt", gast.Load())
        at.objects[f"{dotted(root)}"] = math.sqrt
        length: gast.expr = call("int", call(root, clone(count)))
    else:
        length = gast.BinOp(clone(count), gast.FloorDiv(), clone(plan.slots))
    return gast.BinOp(length, gast.Add(), constant(1))


def run_while(at: Any, statement: gast.While, test: gast.expr, plan: Plan) -> None:
    """A loop of unknown length: stretches that grow, each a checkpoint."""
    _refuse_breaks(at, statement)
    if not plan.plain:
        raise at.refuse(
            "S109",
            "a schedule or snapshots on disk for a `while` loop",
            "leave `schedule` and `storage` out",
            statement,
        )
    plain, loop = test, _Loop(at, statement, "first", "last", "stretch", True, test)
    test = loop.changed.rewritten(clone(test))
    going, trips = loop.hidden("going"), loop.hidden("trips")
    inner = loop.parsed(
        f"{trips} = 0\n{going} = True\nwhile {going} and {trips} < {loop.stretch}:\n    pass\n"
    )
    again = gast.copy_location(gast.Assign([_stored(going)], clone(test), None), statement)
    inner[-1].body = [*loop.body, *loop.parsed(f"{trips} = {trips} + 1"), again]  # type: ignore[attr-defined]
    if at.passive or not loop.is_active([*loop.body, again]):
        loop.forget()
        at.run([gast.copy_location(gast.While(plain, statement.body, []), statement)])
        return
    loop.results = [going, *loop.results]
    loop.define(inner, [loop.stretch])
    at.run([clone(again)])
    if plan.slots is None:
        grow, start = f"    {loop.stretch} = {loop.stretch} + 1\n", ""
    else:
        blocks, slots = loop.hidden("blocks"), loop.hidden("slots")
        at.frame.env[slots] = Value(Scalar("int"), plan.slots)
        start = f"{blocks} = 0\n"
        grow = (
            f"    {blocks} = {blocks} + 1\n    if {blocks} % {slots} == 0:\n"
            f"        {loop.stretch} = 2 * {loop.stretch}\n"
        )
    at.run(loop.parsed(f"{start}{loop.stretch} = 1\nwhile {going}:\n{loop.call(loop.stretch)}\n{grow}"))
    close_entries(at, loop.changed)
    loop.forget()


def _refuse_breaks(at: Any, statement: Any) -> None:
    if breaks(statement.body):
        raise at.refuse(
            "S109",
            "break or return in a checkpointed loop",
            "write the test in `while checkpointed(test):`",
            statement,
        )


def _stored(identifier: str) -> gast.Name:
    return gast.Name(id=identifier, ctx=gast.Store(), annotation=None, type_comment=None)


def _is_spent(at: Any, key: str, value: Value) -> bool:
    """Whether a shared variable is the position of an iterator that has given all of its items."""
    return key in at.positions and value.is_static and value.known is None


class _Loop:
    """A loop on its way to a function of its own: its state, and names that the user does not use."""

    def __init__(
        self, at: Any, statement: Any, first: str, last: str, stretch: str, grows: bool,
        test: gast.expr | None = None,
    ) -> None:  # fmt: skip
        self.at, self.statement = at, statement
        if any(not _is_spent(at, key, value) for key, value in shared_of(at.frame.env).items()):
            raise at.refuse(
                "S108", "a checkpointed loop beside variables written with `nonlocal`, or an iterator with items left",
                "pass the values as arguments, and return the new ones; make a list of the items", statement,
            )  # fmt: skip
        if any("~" in key for key in assigned_in(statement.body)):
            raise at.refuse(
                "S108", "a checkpointed loop in a generator, whose reader runs in the loop",
                "put the loop into a function that takes the state and returns it", statement,
            )  # fmt: skip
        self.taken = names_in(statement) | set(at.frame.env) | set(at.frame.globals)
        self.made: list[str] = []
        self.changed = changed_by(at, statement.body, test, self.hidden, grows)
        open_entries(at, self.changed)
        whole = [self.changed.rewritten(part) for part in clone(list(statement.body))]
        arrays = frozenset(self._arrays(whole))
        self.key = (id(statement), arrays, self.changed.key)
        if self.key not in at.lessons.loops:  # made once, so that what is learnt of it holds in the next run
            at.lessons.loops[self.key] = [_in_place(part, arrays) for part in whole]
        self.body = at.lessons.loops[self.key]
        self.first, self.last, self.stretch, self.stop = map(self.hidden, (first, last, stretch, "stop"))
        self.steps = self.hidden("steps")
        self.begin = "0"
        targets = sorted(stored([statement.target])) if isinstance(statement, gast.For) else []
        assigned = list(dict.fromkeys([*targets, *assigned_in(self.body), *self.changed.copied]))
        live = _read_elsewhere(at, statement)
        self.state = [key for key in assigned if key in at.frame.env and key not in targets]
        self.results = [key for key in assigned if key in self.state or key in live]
        self.results += self.changed.grown.values()

    def _arrays(self, body: list[gast.stmt]) -> set[str]:
        """Arrays that the body changes by ``x += ...`` only: they stay the same arrays."""
        env = self.at.frame.env
        plain = {
            part.id for stmt in body for part in nodes(stmt)
            if isinstance(stmt, gast.stmt) and isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store)
        }  # fmt: skip
        updated = {
            part.target.id for stmt in body for part in nodes(stmt)
            if isinstance(part, gast.AugAssign) and isinstance(part.target, gast.Name)
        }  # fmt: skip
        bound = {
            part.id for stmt in body for node in nodes(stmt) if not isinstance(node, gast.AugAssign)
            for part in _targets(node)
        }  # fmt: skip
        return {
            key for key in (plain & updated) - bound if key in env and isinstance(env[key].type, Array)
        }  # fmt: skip

    def hidden(self, wanted: str) -> str:
        """A variable's name that the user does not use."""
        self.made.append(unused(wanted, self.taken))
        return self.made[-1]

    def index(self, wanted: str) -> str:
        """The name of the loop's counter; the same each time."""
        if not hasattr(self, "_index"):
            self._index = self.hidden(wanted)
        return self._index

    def parsed(self, text: str) -> list[gast.stmt]:
        """Statements of a text, at the place of the loop."""
        body: list[gast.stmt] = gast.parse(text).body
        for stmt in body:
            for part in nodes(stmt):
                gast.copy_location(part, self.statement)
        return body

    def over(self, index: str, body: list[gast.stmt], before: list[gast.stmt]) -> list[gast.stmt]:
        """The loop over the trips of one stretch."""
        (made,) = self.parsed(f"for {index} in range({self.first}, {self.last}):\n    pass")
        made.body = body  # type: ignore[attr-defined]
        return [*before, made]

    def is_active(self, body: list[gast.stmt]) -> bool:
        """Whether the loop reads or changes anything differentiated."""
        read = names_in(body)
        values = [self.at.frame.lookup(key) for key in read | set(self.state)]
        return any(value is not None and _is_varied(self.at.refreshed(value)) for value in values)

    def define(self, body: list[gast.stmt], parameters: list[str]) -> None:
        """Make the function of one stretch known under its name."""
        spec = gast.arguments(
            args=[gast.Name(key, gast.Param(), None, None) for key in [*parameters, *self.state]], posonlyargs=[],
            vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[],
        )  # fmt: skip
        returned = self.parsed(f"{self._tuple()}")[0].value if self.results else None  # type: ignore[attr-defined]
        last = gast.copy_location(gast.Return(value=returned), self.statement)
        frame = self.at.frame
        key = (*self.key, tuple(parameters), tuple(self.state), tuple(self.results))
        whole = self.at.lessons.loops.setdefault(key, [*self.changed.opening(self.parsed), *body, last])
        self.function = Function("steps", spec, whole, frame, {})
        frame.env[self.steps] = Value(Static(LocalCheckpoint(self.function, tuple(self.results))))

    def _tuple(self) -> str:
        return self.results[0] if len(self.results) == 1 else f"({', '.join(self.results)})"

    def call(self, leading: str) -> str:
        """The statements that run one stretch, for the body of a loop."""
        made = f"{self.steps}({', '.join([leading, *self.state])})"
        lines = [f"{', '.join(self.results)} = {made}" if self.results else made]
        lines += [f"{key}.extend({own})" for key, own in self.changed.grown.items()]
        return "\n".join(f"    {line}" for line in lines)

    def forget(self) -> None:
        """Take the names that the user does not know out of the frame."""
        for key in self.made:
            self.at.frame.env.pop(key, None)


def _targets(node: Any) -> list[gast.Name]:
    if isinstance(node, gast.Assign):
        return [
            p
            for t in node.targets
            for p in nodes(t)
            if isinstance(p, gast.Name) and isinstance(p.ctx, gast.Store)
        ]
    if isinstance(node, (gast.For, gast.AnnAssign)):
        return [p for p in nodes(node.target) if isinstance(p, gast.Name) and isinstance(p.ctx, gast.Store)]
    return []


def _in_place(statement: gast.stmt, arrays: frozenset[str]) -> gast.stmt:
    """``x[...] += y`` for ``x += y`` of an array."""
    for part in nodes(statement):
        if (
            isinstance(part, gast.AugAssign)
            and isinstance(part.target, gast.Name)
            and part.target.id in arrays
        ):
            place = subscript(name(part.target.id), gast.Constant(Ellipsis, None), store=True)
            part.target = gast.copy_location(place, part.target)
    return statement


def _is_varied(value: Value) -> bool:
    if value.function is not None:
        return any(_is_varied(capture.value) for capture in captured(value.function))
    return value.varied or any(_is_varied(item) for item in value.items or ())


def _read_elsewhere(at: Any, statement: gast.stmt) -> set[str]:
    """Variables that the function reads outside of a loop."""
    found: set[str] = set()
    stack: list[Any] = list(at.stack[-1]) if at.stack else []
    while stack:
        part = stack.pop()
        if part is statement:
            continue
        if isinstance(part, (gast.FunctionDef, gast.Lambda)):
            found.update(taken_from_outside(part))
            continue
        if isinstance(part, gast.Name) and not isinstance(part.ctx, gast.Store):
            found.add(part.id)
        if isinstance(part, gast.AugAssign):
            found |= names_in(part.target)
        stack.extend(
            item for child in part.__dict__.values() for item in (child if isinstance(child, list) else [child])
            if isinstance(item, gast.AST)
        )  # fmt: skip
    return found


__all__ = ["plan_of", "run_for", "run_while"]
