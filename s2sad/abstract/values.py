"""What the interpreter knows of a value, and the frames that hold values by variable."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.signature import (
    NO_VALUE,
    Array,
    ListOf,
    Opaque,
    Record,
    Sequence,
    Static,
    Type,
    static_value,
    without_none,
)
from s2sad.signature import Mapping as MappingType


@dataclass(frozen=True, eq=False)
class Value:
    """A value on its way through the interpreter.

    Attributes
    ----------
    type : Type
        What is known of it.
    node : gast.expr or None
        How to read it: a name, a constant, or a whole inactive expression; None for a container kept in parts.
    varied : bool
        Whether it depends on a differentiated input.
    items : tuple of Value or None
        The parts of a container of known structure.
    function : Function or None
        The function it is, if it is one made inside the user's function.
    sites : frozenset
        The allocations whose memory it may share.
    homes : tuple of list, or None
        For a variable that is not assigned on every path: the blocks after which it is.
    """

    type: Type
    node: gast.expr | None = None
    varied: bool = False
    items: tuple[Value, ...] | None = None
    function: Function | None = None
    sites: frozenset[Any] = frozenset()
    origin: Any = None
    iteration: Iteration | None = None
    homes: tuple[list[gast.stmt], ...] | None = None
    choices: tuple[Value, ...] | None = None
    """The functions that it may be, where `node` is the number of the one that it is."""
    ident: Identity | None = None
    """Which object it is, if it is one of a user's class; its fields are those that the object has now."""
    made: int | None = None
    """The moment at which the one list that it may be was made, where that is known."""
    before: int | None = None
    """The moment since which nothing was made that it may be, where that is known: when it got its name."""

    def but(self, **changes: Any) -> Value:
        """A copy with some fields changed."""
        new = object.__new__(type(self))  # as dataclasses.replace, which is slow
        new.__dict__.update(self.__dict__)
        new.__dict__.update(changes)
        if "sites" in changes:
            new.__dict__.update(made=None, before=None)
        return new

    @property
    def known(self) -> Any:
        """The value itself where it is known at compile time, else `NO_VALUE`."""
        if self.items is not None and isinstance(self.type, Sequence):
            known = [item.known for item in self.items]
            if any(item is NO_VALUE for item in known):
                return NO_VALUE
            return self.type.cls(known) if not hasattr(self.type.cls, "_fields") else NO_VALUE
        return static_value(self.type)

    @property
    def is_static(self) -> bool:
        return isinstance(self.type, Static)


class Identity:
    """One object of a user's class, as long as the function is interpreted.

    Attributes
    ----------
    label : str
        What its fields are named after.
    outside : str
        Why it cannot be changed; empty if it can.
    kin : set of Identity
        Objects that may be the very same one: what two paths or two iterations were merged into, and what from.
    base : expression or None
        How emitted code reaches the object that it was at first, with the fields that it had then.
    unsure : set of str
        The fields that only some paths have set.
    cached : set of str
        The cached properties that may be computed again, from the fields of this object too.
    """

    __slots__ = ("base", "cached", "items", "kin", "label", "origin", "outside", "unsure")

    def __init__(self, label: str, outside: str = "", origin: Any = None) -> None:
        self.label, self.outside, self.origin = label, outside, origin
        self.kin: set[Identity] = {self}
        self.base: gast.expr | None = None
        self.items: tuple[Value, ...] = ()
        self.unsure: set[str] = set()
        self.cached: set[str] = set()

    def join(self, other: Identity) -> None:
        """Note that two objects may be one."""
        if self.kin is not other.kin:
            self.kin |= other.kin
            for member in other.kin:
                member.kin = self.kin


@dataclass(frozen=True)
class FieldsOf:
    """Where the `__dict__` of an object comes from: it has the fields that the object has now."""

    ident: Identity


@dataclass(frozen=True, eq=False)
class Iteration:
    """What a `for` loop runs over: how many items, and how the k-th is read.

    ``count`` is the number of items where it is known at compile time; ``length`` is an expression for it.
    ``item`` gives the k-th item for an index (a value: a known one when the loop is unrolled).
    ``unroll`` says that the items have no common type, so the loop must be unrolled; ``endless`` that there is no end
    to them.  The items of a `generator` have no index.
    ``most`` is the largest number that there can be where some lengths are known, and ``lengths`` are the others.
    ``reads`` is what taking an item reads, and ``watches`` what may not change before the last is taken (`late`).
    """

    length: gast.expr
    item: Callable[[Value], Value]
    count: int | None = None
    unroll: bool = False
    endless: bool = False
    generator: Any = None
    most: int | None = None
    lengths: tuple[gast.expr, ...] = ()
    reads: Any = None
    watches: frozenset[Any] = frozenset()


@dataclass(frozen=True, eq=False)
class Position:
    """Where an iterator that gives each item once stands.

    Attributes
    ----------
    key : str
        The variable with the number of items that it gave.
    iteration : Iteration
        What it runs over.
    frame : Frame
        The function that made it.
    block : list of gast.stmt
        Where it was made: used up by the same function in the same block, it leaves no variable behind.
    """

    key: str
    iteration: Iteration
    frame: Frame
    block: list[gast.stmt]


@dataclass(frozen=True, eq=False)
class View:
    """The keys, values or pairs of a run-time dict: those that it has when they are looped over."""

    over: Callable[[], Iteration]


@dataclass(frozen=True)
class Yielded:
    """Where an iterator comes from that just runs: the type of its items, and whether taking them raises nothing."""

    item: Type | None = None
    safe: bool = False


@dataclass(frozen=True, eq=False)
class Function:
    """A function whose body the interpreter can enter: its definition and where its free names live."""

    name: str
    args: gast.arguments
    body: list[gast.stmt]
    frame: Frame
    defaults: Mapping[str, Value] = field(default_factory=dict)


class Frame:
    """The variables of one function under interpretation, and the scopes that it sees."""

    def __init__(
        self,
        filename: str,
        lines: Mapping[int, str],
        globals_: Mapping[str, Any],
        cells: Mapping[str, Any] | None = None,
        parent: Frame | None = None,
        prefix: tuple[Any, ...] = (),
    ) -> None:
        self.filename = filename
        self.lines = lines
        self.globals = globals_
        self.cells = cells or {}
        self.parent = parent
        self.prefix = prefix
        self.env: dict[str, Value] = {}
        self.owner: str = parent.owner if parent is not None else ""
        self.first: str | None = None
        self.shared: dict[str, str] = {}

    def lookup(self, name: str) -> Value | None:
        """The value of a variable of this function or of an enclosing one."""
        place = self.place(name)
        return None if place is None else place[0].get(place[1])

    def place(self, name: str) -> tuple[dict[str, Value], str] | None:
        """Where a variable of this function or of an enclosing one is kept: the variables of a frame, and the key."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.shared:
                return self.env, frame.shared[name]
            if name in frame.env:
                return frame.env, name
            frame = frame.parent
        return None

    def key(self, name: str) -> str:
        """Under what a variable that is assigned here stands in `env`: shared ones have a key of their own."""
        return self.shared.get(name, name)

    def bind(self, name: str, value: Value) -> None:
        """Assign a variable."""
        self.env[self.key(name)] = value

    def share(self, names: Iterable[str], number: Callable[[], int]) -> None:
        """Variables of this function that functions inside it assign (`nonlocal`): each gets a key of its own."""
        for name in sorted(names):
            self.shared[name] = f"{name}{SHARED}{number()}"
            if name in self.env:
                self.env[self.shared[name]] = self.env.pop(name)

    def adopt(self, names: Iterable[str]) -> list[str]:
        """Variables declared `nonlocal` here are those of an enclosing function; gives the ones that are not found."""
        missing = []
        for name in names:
            frame = self.parent
            while frame is not None and name not in frame.shared:
                frame = frame.parent
            if frame is None:
                missing.append(name)
            else:
                self.shared[name] = frame.shared[name]
        return missing


SHARED = "~shared"
"""What the keys of shared variables have after their names."""


def shared_of(env: Mapping[Any, Value]) -> dict[str, Value]:
    """The shared variables: those of every function that is being run are handed from call to call."""
    return {key: value for key, value in env.items() if isinstance(key, str) and SHARED in key}


def is_parameter(site: Any) -> bool:
    """Whether an allocation is a parameter, or a part of one."""
    while isinstance(site, tuple) and site and isinstance(site[0], tuple) and len(site) == 2:
        site = site[0]
    listed = isinstance(site, tuple) and len(site) == 3 and site[2] == "item"
    return isinstance(site, tuple) and (len(site) == 2 or listed) and site[0] == "parameter"


def is_fixed_object(value: Value) -> bool:
    """Whether a value is an object that is known by its identity; texts and members of enumerations are not."""
    return value.is_static and value.known is not None and not isinstance(value.known, (str, enum.Enum))


def is_function(value: Value) -> bool:
    """Whether a value is a function known at compile time, or one of several."""
    return (
        value.function is not None or value.choices is not None or (value.is_static and callable(value.known))
    )


def is_atom(node: gast.expr | None) -> bool:
    """Whether an expression is a name or a constant, a negative one too."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        return isinstance(node.operand, gast.Constant)
    return isinstance(node, (gast.Name, gast.Constant))


def container_of(kind: Type, items: tuple[Value, ...], origin: Any = None) -> Value:
    """A container kept in parts; its type follows from its parts."""
    types = tuple(item.type for item in items)
    known: Type
    if isinstance(kind, MappingType):
        known = MappingType(kind.keys, types)
    elif isinstance(kind, Record):
        known = Record(kind.cls, kind.keys, types)
    else:
        assert isinstance(kind, Sequence)
        known = Sequence(kind.cls, types)
    sites = frozenset().union(*(item.sites for item in items)) if items else frozenset()
    changeable = isinstance(known, MappingType) or (isinstance(known, Sequence) and known.cls is list)
    if changeable and origin is not None:
        sites |= {origin}
    return Value(known, None, any(item.varied for item in items), items, None, sites, origin)


def is_list_of_parts(value: Value) -> bool:
    """Whether a value is a list that is kept in parts."""
    return value.items is not None and isinstance(value.type, Sequence) and value.type.cls is list


def kind_of_container(known: Type) -> Type:
    """The kind of a container, for parts of other types."""
    if isinstance(known, (MappingType, Record)):
        return known
    assert isinstance(known, Sequence)
    return Sequence(known.cls, ())


def rebuilt(value: Value, items: tuple[Value, ...]) -> Value:
    """A container of the same kind, or the same object, with other parts."""
    made = container_of(kind_of_container(value.type), items, value.origin)
    return made if value.ident is None else made.but(ident=value.ident)


def is_partial(value: Value) -> bool:
    """Whether a variable with this value is not assigned on every path."""
    return value.homes is not None or any(map(is_partial, value.items or ()))


def record_of(value: Value) -> Record:
    """The type of an object."""
    assert isinstance(value.type, Record)
    return value.type


def fields_by_name(value: Value) -> dict[str, Value]:
    """The fields of an object."""
    return dict(zip(record_of(value).keys, value.items or ()))


def has_same_fields(one: Value, other: Value) -> bool:
    """Whether two objects are of one class and have the same fields."""
    p, q = record_of(one), record_of(other)
    return p.cls is q.cls and set(p.keys) == set(q.keys)


def aligned(value: Value, model: Value) -> Value:
    """An object with the fields of a model only, in its order."""
    known = record_of(model)
    if record_of(value).keys == known.keys:
        return value
    table = fields_by_name(value)
    return container_of(known, tuple(table[key] for key in known.keys), value.origin).but(ident=value.ident)


def holds_references(known: Type) -> bool:
    """Whether a value of this type can share memory with another one."""
    known = without_none(known)
    return isinstance(known, (Array, ListOf, Opaque)) or known.is_container
