"""The interpreter's state: statements emitted so far, tables of facts, and what is learnt from one run for the next."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import gast
import numpy

from s2sad.abstract.callees import Callee, Callees
from s2sad.abstract.late import Writes
from s2sad.abstract.method_guard import MethodGuard
from s2sad.abstract.values import Frame, Identity, Value, is_atom, shared_of
from s2sad.errors import Problem, S2sadError, problem_at, raise_problems
from s2sad.names import Names, base
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    Dim,
    Mapping,
    Never,
    Optional,
    Record,
    Sequence,
    Static,
    Type,
    is_joined,
    join,
    literal,
    may_be_one,
    type_of,
    without_none,
    without_value,
)
from s2sad.tree.build import assign, clone, constant, dotted, key_node, name, placed, subscript
from s2sad.tree.build import path as dotted_path
from s2sad.tree.parts import nodes

MAX_UNROLLED = 64
"""How many iterations of a loop are written out one by one."""

GENERIC = {"fwd", "bwd", "jvp"}
"""Names of the functions of a rule, which say little outside of its class."""


class Rerun(Exception):
    """What was learnt needs another run from the start."""


RAISED = "raised"
"""The origin of what a call gives that raises an exception for certain."""


class Raised(Exception):
    """What is interpreted raises an exception for certain; where it may be caught, it does so when the code runs."""

    def __init__(self, exception: gast.expr) -> None:
        super().__init__()
        self.exception = exception


def short(text: str, width: int = 60) -> str:
    """A line of the user's source as a message has it.

    >>> short("    y[0] = x")
    'y[0] = x'
    """
    text = text.strip()
    return text if len(text) <= width else text[: width - 4].rstrip() + " ..."


class Lessons:
    """Facts on allocations that only show after they were met: kept from run to run until nothing new is learnt."""

    def __init__(self) -> None:
        self.varied_sites: set[Any] = set()
        self.copied: set[Any] = set()
        self.reshaped: set[Any] = set()
        self.copies: set[Any] = set()
        self.storage: set[Any] = set()
        self.items: dict[Any, Type] = {}
        self.keys: dict[Any, Type] = {}
        """For dicts, the type that covers all keys."""
        self.written: set[Any] = set()
        self.written_at: dict[Any, tuple[int, str]] = {}
        """The line of the first statement that writes to a site, and its text."""
        self.changed: set[Any] = set()
        self.unrolled: set[Any] = set()
        self.opened: set[Any] = set()
        """The ``try`` statements of which it is seen how far their callees came."""
        self.contents: dict[Any, frozenset[Any]] = {}
        self.recursive: set[Any] = set()
        self.lambdas: dict[int, tuple[gast.Lambda, list[gast.stmt]]] = {}
        self.fresh = False
        self.labels: dict[Any, str] = {}
        self.loops: dict[Any, list[gast.stmt]] = {}
        self.closed = False
        self.mixed = False
        self.inline: set[Any] = set()
        self.captures: dict[str, Any] = {}
        """The arrays and containers from outside that were read, by their paths."""
        self.followed: set[Any] = set()
        """Calls that would just run, and are followed: they change what is read here, or read what is copied."""
        self.library_made: set[Any] = set()
        """Where a `deque` or a `defaultdict` is made that just runs."""
        self.modelled: set[Any] = set()
        """Those of them that get differentiated values."""
        self.read_first: set[Any] = set()
        """The statements ``a[i] += e`` of which `e` writes to `a`: Python has read ``a[i]`` before."""

    def learn(self, facts: set[Any], *new: Any) -> None:
        """Add to a set of facts; note whether that is news."""
        if not facts.issuperset(new):
            facts.update(new)
            self.fresh = True

    def note_write(self, site: Any, node: Any, lines: Any) -> None:
        """Remember the first statement that writes to a site, for messages."""
        line = getattr(node, "lineno", 0)
        if line:
            self.written_at.setdefault(site, (line, short(lines.get(line, ""))))

    def line_of_write(self, sites: Any) -> str:
        """The first statement that writes to one of some sites, in words; nothing where there is none."""
        found = sorted(self.written_at[site] for site in sites if site in self.written_at)
        return f"line {found[0][0]} (`{found[0][1]}`)" if found else ""

    def learn_reshaped(self, sites: frozenset[Any]) -> None:
        """A reshape may view these: a parameter among them that is written is copied as it lies in memory."""
        new = sites - self.reshaped
        self.reshaped |= new
        relevant = self.copied | self.copies
        self.fresh = self.fresh or any(copied_parameter(site) in relevant for site in new)

    def learn_item(self, site: Any, item: Value) -> None:
        """A list at `site` also holds `item`."""
        known = self.items.get(site, Never())
        covered = self._widened(site, known, join(known, without_value(item.type)))
        held = self.contents.get(site, frozenset()) | item.sites
        if covered != self.items.get(site) or held != self.contents.get(site):
            self.items[site], self.contents[site], self.fresh = covered, held, True

    def learn_contents(self, site: Any, held: frozenset[Any]) -> None:
        """A list or dict at `site`, the types of its items known, may hold memory of these sites."""
        before = self.contents.get(site, frozenset())
        if not held <= before:
            self.contents[site], self.fresh = before | held, True

    def _widened(self, site: Any, known: Type, covered: Type) -> Type:
        """Sizes that differ among a list's items are one symbol of the list's own, so that learning comes to an end."""
        if isinstance(covered, Optional):
            return Optional(self._widened(site, without_none(known), covered.item))
        if (
            not isinstance(known, Array)
            or not isinstance(covered, Array)
            or not known.shape
            or not covered.shape
        ):
            return covered
        label = self.labels.setdefault(site, f"item|{len(self.labels)}")
        sizes = tuple(
            new if new == old else Dim(f"{label}.{k}", one=None if may_be_one(new) else False)
            for k, (new, old) in enumerate(zip(covered.shape, known.shape))
        )
        return Array(covered.dtype, sizes)

    def _widened_again(self, place: Any, known: Type, covered: Type) -> Type:
        """The same where the sizes differed before: what a dict holds under a key is one array most of the time."""
        before = without_none(known)
        differed = isinstance(before, Array) and any(map(is_joined, before.shape or ()))
        return self._widened(place, known, covered) if differed else covered

    def learn_key(self, site: Any, key: Value, item: Value) -> None:
        """A dict at `site` also holds `item` under a key."""
        known = self.items.get(site, DictOf((), ()))
        assert isinstance(known, DictOf)
        covered = known.holding(
            key.known,
            without_value(item.type),
            lambda old, new: self._widened_again((site, key.known), old, join(old, new)),
        )
        kind = join(self.keys.get(site, Never()), without_value(key.type))
        if kind != self.keys.get(site):
            self.keys[site], self.fresh = kind, True
        held = self.contents.get(site, frozenset()) | item.sites
        if covered != known or held != self.contents.get(site):
            self.items[site], self.contents[site], self.fresh = covered, held, True


def copied_parameter(site: Any) -> Any:
    """The parameter, or the part of one, whose copy an allocation is; an allocation that is none as it is."""
    return site[1] if isinstance(site, tuple) and len(site) == 2 and site[0] == "copied" else site


class State:
    """Emission and bookkeeping; the mixins add what each kind of node means."""

    def __init__(self, lessons: Lessons, frame: Frame) -> None:
        self.lessons = lessons
        self.frame = frame
        self.names = Names()
        self.out: list[gast.stmt] = []
        self.entry: list[gast.stmt] = []
        self.types: dict[str, Type] = {}
        self.varied: set[str] = set()
        self.sites: dict[str, frozenset[Any]] = {}
        self.objects: dict[str, Any] = {}
        self.dependencies: dict[str, Type] = {}
        self.inner_guards: list[Any] = []
        self.captures: dict[str, Value] = {}
        """What was read from outside, by its path; `copies` are what is worked on instead."""
        self.copies: dict[str, Value] = {}
        self.touched: dict[Any, str] = {}
        """What was read from outside, as `effects` names it, and its path."""
        self.kept_alive: list[Any] = []
        self.acts: list[Any] = []
        self.inner_arrays: list[tuple[str, str, Any]] = []
        self.frames: list[Frame] = []
        self.heap: dict[Identity, Value] = {}
        self.methods = MethodGuard()
        self.counted: list[tuple[Any, int]] = []
        self.finished = False
        self.loads: dict[str, tuple[list[gast.stmt], Value]] = {}
        self.leaves: dict[Value, str] = {}
        # by the expression that reads the part: a merged value is another object
        self.leaf_names: dict[int, str] = {}
        self.wholes: dict[Value, tuple[list[gast.stmt] | None, Value]] = {}
        self.callees = Callees()
        self.calls: dict[str, Callee] = {}
        self.shared_count = 0
        self.handed: list[str] = []
        """The shared variables that calls assigned."""
        self.returned: dict[Any, Any] = {}
        """What functions of their own may have returned of what they were given (`shared`)."""
        self.kin_changed: set[Identity] = set()
        """The objects that may be the very ones that were changed under other names."""
        self.handed_in: set[Any] = set()
        """The containers that a callee is given: its caller holds them too."""
        self.hooks: list[Any] = []
        self.plans: dict[str, Any] = {}
        self.passive = 0
        self.in_parts: set[Any] = set()  # the lists and dicts that were made and are kept in parts
        self.tries = 0
        self.unnamed = 0  # how many handlers around wait for a variable that is not assigned
        self.trials = 0  # how many of the things that are interpreted are thrown away
        self.writes = Writes()
        self.positions: set[str] = set()  # the shared variables that say how far iterators have come
        self.pending: dict[tuple[Frame, str], Callable[[], Value]] = {}  # items that a step of a `try` takes
        self.emits = True
        self.at: gast.AST | None = None
        self.anchor: gast.AST | None = None  # the call in the user's file, inside a function of another one
        self.stack: list[Any] = []
        self.entered: list[frozenset[Identity]] = []
        self.breaks: list[list[tuple[list[gast.stmt], int, dict[str, Value]]]] = []

    # ---- problems -------------------------------------------------------------------------------
    def problem(self, code: str, message: str, advice: str, node: gast.AST | None = None) -> Problem:
        where = node if node is not None and hasattr(node, "lineno") else self.at
        return problem_at(where, code, message, _sentence(advice), self.frame.filename, self.frame.lines)

    def refuse(self, code: str, message: str, advice: str, node: gast.AST | None = None) -> S2sadError:
        """Raise a compile-time error at a node of the user's source."""
        raise_problems([self.problem(code, message, advice, node)])
        raise AssertionError

    def certain(self, kind: type, code: str, message: str, advice: str, node: gast.AST | None = None) -> None:
        """Refuse what the primal would raise an exception for; where that may be caught, raise it."""
        if not self.tries:
            self.refuse(code, message, advice, node)
        raise Raised(gast.Call(self.object_node(kind), [gast.Constant(message, None)], []))

    def wrote(self, site: Any, resized: bool = False, made: int | None = None) -> None:
        """Note that memory is written here, of the list made at a moment; `resized` if it has more items, or fewer."""
        self.lessons.learn(self.lessons.written, site)
        self.writes.note(site, resized, made)
        if site in self.in_parts:  # it was put into a list that is filled while the code runs
            self.lessons.learn(self.lessons.storage, site)

    def keep_in_parts(self, site: Any) -> None:
        """Note that a list or dict is kept in parts, if nothing writes to it where it is read from a list."""
        self.in_parts.add(site)
        if site in self.lessons.written:
            self.lessons.learn(self.lessons.storage, site)

    # ---- emission -------------------------------------------------------------------------------
    def take_back(self, start: int) -> None:
        """Drop the statements from a place on, and what was noted of the names that they bind."""
        del self.out[start:]
        self.loads.clear()
        self.wholes = {key: held for key, held in self.wholes.items() if held[0] is not self.out}

    def fresh(self, hint: str) -> str:
        """A new versioned name."""
        stem = base(hint)
        self.names.reserve(stem)
        return self.names.fresh(stem)

    def emit(self, statement: gast.stmt) -> None:
        """Append a statement, at the user's line."""
        place = self.anchor or self.at
        if place is not None:
            placed(statement, place)
        if not self.loads:
            pass
        elif not (isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name)):
            self.loads.clear()  # memory may have changed
        elif any(isinstance(part, gast.Call) for part in nodes(statement.value)):
            self.loads.clear()
        self.out.append(statement)

    def bind(self, node: gast.expr, value: Value, hint: str | None = None) -> Value:
        """Emit ``name = node`` for a value and give the value with that name."""
        new = self.fresh(hint or "t")
        self.emit(assign(new, node))
        return self.named(new, value.but(homes=None))

    def named(self, new: str, value: Value) -> Value:
        """A value under a name, entered in the tables."""
        self.types[new] = without_none(value.type)
        if value.varied:
            self.varied.add(new)
        if value.sites:
            self.sites[new] = value.sites
            if value.before is None:
                return value.but(node=name(new), before=self.writes.now)
        return value.but(node=name(new))

    def atom(self, value: Value, hint: str | None = None) -> Value:
        """The value as a name or a constant."""
        if is_atom(value.node):
            return value
        if value.varied and value.node is not None and value.items is None:
            return self._leaf(value, hint)
        if isinstance(value.type, Record) and value.items is not None:
            self.unroll()
            raise self.refuse(
                "S108", f"a {value.type.cls.__name__} is kept in a list or dict that is filled while the code runs, or "
                "is one of several objects of different kinds", "keep its numbers in lists of their own",
            )  # fmt: skip
        if value.items is not None and value.node is None:
            return self.bind(self.whole(value), value, hint)
        if value.origin == "conflict":
            self.open_calls(getattr(value.origin, "site", None))
            raise self.refuse(
                "S106", "this value is of different kinds on different paths to here",
                "give it the same kind (number, array, or container of the same structure) on every path",
            )  # fmt: skip
        if value.node is None:
            raise self.refuse("S107", "this value cannot be used here", "call it, or pass it to a function")
        return self.bind(value.node, value, hint)

    def ready(self, value: Value) -> Value:
        """An inactive value that is about to be stored: in a ``try``, what may raise is evaluated before the store."""
        plain = value.node is None or not any(
            isinstance(part, (gast.Call, gast.BinOp)) for part in nodes(value.node)
        )
        return value if not self.tries or plain or value.items is not None else self.atom(value)

    def _leaf(self, value: Value, hint: str | None) -> Value:
        """A part of a parameter: read once, on entry."""
        if id(value.node) not in self.leaf_names:
            new = self.fresh(hint or leaf_name(value.node))
            self.names.keep(new)  # also where this was only tried
            self.entry.append(assign(new, clone(value.node)))
            self.named(new, value)
            self.leaf_names[id(value.node)] = new
        self.leaves[value] = self.leaf_names[id(value.node)]
        return value.but(node=name(self.leaves[value]))

    def whole(self, value: Value) -> gast.expr:
        """An expression for the value, to stand inside a larger one."""
        if isinstance(value.type, Record) and value.items is not None:
            return self.whole_object(value)
        if value.node is not None and not (value.varied and value.items is None and not is_atom(value.node)):
            return clone(value.node)
        if value.items is None:
            if value.origin == "conflict":
                return self.atom(value).node  # type: ignore[return-value]
            if value.iteration is not None or value.function is not None:
                self.unroll()
                raise self.refuse(
                    "S107", "a function or iterator made here is used as a value",
                    "call it or loop over it in place, or define the function at module level",
                )  # fmt: skip
            return self.atom(value).node  # type: ignore[return-value]
        parts = [self._displayed(item) for item in value.items]
        if isinstance(value.type, Mapping):
            return gast.Dict(keys=[key_node(key, self.object_node) for key in value.type.keys], values=parts)
        assert isinstance(value.type, Sequence)
        if hasattr(value.type.cls, "_fields"):
            func = self.object_node(value.type.cls)
            return gast.Call(func=func, args=parts, keywords=[])
        shape = gast.List if value.type.cls is list else gast.Tuple
        return shape(elts=parts, ctx=gast.Load())

    def _displayed(self, item: Value) -> gast.expr:
        """An expression for a part of a container that is written out."""
        if not item.varied or is_of_records(item.type):
            return self.whole(item)
        held = [] if item.items is None or item.node is None else nodes(item.node)
        if any(isinstance(part, gast.Attribute) for part in held):
            return self.whole(item.but(node=None))  # a list that an object holds: its numbers are what varies
        return self.whole(self.atom(item))

    def whole_object(self, value: Value) -> gast.expr:
        raise AssertionError("given by the mixin for objects")

    def site(self, node: Any) -> Any:
        """The identity of an allocation: where it stands in the source, and by which calls it was reached."""
        where = (
            getattr(node, "lineno", 0),
            getattr(node, "col_offset", 0),
            getattr(node, "end_col_offset", 0),
        )
        return (where, type(node).__name__, self.frame.prefix)

    def open_calls(self, site: Any) -> None:
        """What a `try` calls is seen half done: learn that its callees stand in it, and start anew."""
        if site is not None and site not in self.lessons.opened:
            self.lessons.learn(self.lessons.opened, site)
            raise Rerun

    def unroll(self) -> None:
        """A loop of known length around this place is written out: learn that, and start anew."""
        for site, count in reversed(self.counted):
            if count <= MAX_UNROLLED and site not in self.lessons.unrolled:
                self.lessons.learn(self.lessons.unrolled, site)
                raise Rerun

    # ---- objects --------------------------------------------------------------------------------
    def key(self, key: Any) -> Value:
        """A key of a dict whose keys are known."""
        return Value(literal(key), key_node(key, self.object_node))

    def object_node(self, value: Any, hint: str = "constant") -> gast.expr:
        """A path by which emitted code reaches an object: the user's own spelling where there is one.

        What has no name of its own, a lambda, is called by `hint`.
        """
        for key, known in self.objects.items():
            if same_object(known, value):
                return dotted_path(key)
        module = getattr(value, "__module__", None)
        named = getattr(value, "__name__", hint)
        stem = (named if isinstance(named, str) else hint).split(".")[-1]
        if value is numpy.pi:
            module, stem = "numpy", "pi"
        if isinstance(value, types.ModuleType):
            stem = {"numpy": "np"}.get(value.__name__, stem)
        elif module in ("numpy", "math") or (module or "").startswith("numpy"):
            for owner, label in (
                (numpy, "np"),
                (numpy.linalg, "np.linalg"),
                (numpy.fft, "np.fft"),
                (math, "math"),
            ):
                if getattr(owner, stem, None) is value:
                    root = self.object_node(numpy if label.startswith("np") else math)
                    path = f"{dotted(root)}{label[2:] if label.startswith('np') else ''}.{stem}"
                    self.objects[path] = value
                    return dotted_path(path)
        ufunc = getattr(value, "__self__", None)
        if isinstance(ufunc, numpy.ufunc) and hasattr(ufunc, stem):
            path = f"{dotted(self.object_node(ufunc))}.{stem}"
            self.objects[path] = value
            return dotted_path(path)
        stem = stem if stem.isidentifier() and stem not in GENERIC else hint
        path, count = stem, 0
        tables = (self.objects, self.callees.paths, self.frame.globals)
        while any(not same_object(table.get(path, value), value) for table in tables):
            count += 1
            path = f"{stem}_{count}"
        self.objects[path] = self.callees.paths[path] = value
        return dotted_path(path)

    # ---- contexts -------------------------------------------------------------------------------
    @contextmanager
    def passively(self) -> Iterator[None]:
        """Inside, nothing carries a derivative: expressions stay whole."""
        self.passive += 1
        try:
            yield
        finally:
            self.passive -= 1

    @contextmanager
    def actively(self) -> Iterator[None]:
        """Inside, values carry derivatives also where the expression around them does not."""
        before, self.passive = self.passive, 0
        try:
            yield
        finally:
            self.passive = before

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Inside, memory is changed: a test is inactive, but what it changes on the way is not."""
        with self.actively() if self.passive and self.emits else nullcontext():
            yield

    @contextmanager
    def guessing(self) -> Iterator[None]:
        """Inside, code is interpreted for a type only: nothing of it is emitted."""
        before, self.emits = self.emits, False
        try:
            yield
        finally:
            self.emits = before

    @contextmanager
    def emitting_into(self, out: list[gast.stmt]) -> Iterator[list[gast.stmt]]:
        """Inside, statements go to another list."""
        before, self.out = self.out, out
        try:
            yield out
        finally:
            self.out = before

    @contextmanager
    def inside(self, frame: Frame) -> Iterator[None]:
        """Inside, names are looked up in another function's frame."""
        before, at, anchor = self.frame, self.at, self.anchor
        self.frames.append(before)
        self.frame = frame
        self.anchor = None if frame.filename == self.frames[0].filename else anchor or at
        frame.env |= shared_of(before.env)
        try:
            yield
        finally:
            shared = shared_of(frame.env)
            self.handed += [key for key, value in shared.items() if before.env.get(key) is not value]
            before.env |= shared
            self.frames.pop()
            self.frame, self.at, self.anchor = before, at, anchor


def same_object(one: Any, other: Any) -> bool:
    """Whether two objects are the same; a bound method is made anew each time that it is read."""
    return one is other or (isinstance(one, _METHODS) and bool(one == other))


_METHODS = (types.MethodType, types.BuiltinMethodType)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def leaf_name(node: gast.expr | None) -> str:
    """A name for a part of a parameter: ``params["hidden"]["w"]`` gives ``params_hidden_w``."""
    if isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Constant):
        part = str(node.slice.value)
        return leaf_name(node.value) + "_" + "".join(c if c.isalnum() else "_" for c in part)
    if isinstance(node, gast.Attribute):
        return leaf_name(node.value) + "_" + node.attr
    return base(node.id) if isinstance(node, gast.Name) else "t"


def is_of_records(known: Type) -> bool:
    """Whether there are objects of user classes in a value of this type."""
    return isinstance(known, Record) or any(map(is_of_records, getattr(known, "items", ()) or ()))


class Field(str):
    """The name of a field, where an item's key could stand too."""


def parameter(
    known: Type, node: gast.expr, varied: bool, site: Any, object_node: Callable[[Any], gast.expr]
) -> Value:
    """The value of a parameter, its container opened into parts."""

    def part(item: Type, inner: gast.expr, key: Any) -> Value:
        return parameter(item, inner, varied, (site, key), object_node)

    if isinstance(known, Sequence):
        fields = getattr(known.cls, "_fields", None)
        parts = []
        for k, item in enumerate(known.items):
            if fields:
                inner: gast.expr = gast.Attribute(value=clone(node), attr=fields[k], ctx=gast.Load())
            else:
                inner = subscript(clone(node), constant(k))
            parts.append(part(item, inner, k))
        return _container(known, node, parts, site)
    if isinstance(known, Mapping):
        parts = [
            part(item, subscript(clone(node), key_node(key, object_node)), key)
            for key, item in zip(known.keys, known.items)
        ]
        return _container(known, node, parts, site)
    if isinstance(known, Record):
        parts = [
            part(item, gast.Attribute(clone(node), key, gast.Load()), Field(key))
            for key, item in zip(known.keys, known.items)
        ]
        return _container(known, node, parts, site)
    if isinstance(known, Static):
        return Value(known, gast.Constant(None, None) if known.value is None else node)
    return Value(known, node, varied and known.is_real, sites=frozenset([site]), origin=site)


def _container(known: Type, node: gast.expr, parts: list[Value], site: Any) -> Value:
    sites = frozenset([site]).union(*(part.sites for part in parts))
    return Value(known, node, any(part.varied for part in parts), tuple(parts), None, sites, site)


def constant_type(value: Any, path: str = "") -> Type:
    """The type of a global or captured object, its value not relied on unless it is an object known by identity."""
    if isinstance(value, (int, float)) and path.split(".")[0] in ("np", "numpy", "math") and "." in path:
        return literal(value)  # a library's constant: np.inf, math.pi
    return without_value(type_of(value, f"global {path}"))


__all__ = ["NO_VALUE", "Lessons", "Rerun", "State", "constant_type", "parameter"]
