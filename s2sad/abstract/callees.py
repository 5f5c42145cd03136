"""Callees that keep a function of their own: recursive ones, which cannot be interpreted in place.

A callee is specialised once per types of its arguments and per which of them are differentiated.  Its result's type is
found by iteration: a call met while the callee is still open has the type found so far, at first none at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import gast

from s2sad.abstract.values import Frame, Function, Value, container_of, kind_of_container
from s2sad.errors import Problem
from s2sad.names import unused
from s2sad.rules.sizes import Length, shift
from s2sad.signature import (
    Array,
    DictOf,
    Dim,
    ListOf,
    Mapping,
    Never,
    Optional,
    Record,
    Scalar,
    Sequence,
    Size,
    Type,
    may_be_one,
    without_value,
)
from s2sad.tree.build import names_in
from s2sad.tree.parts import nodes

if TYPE_CHECKING:
    from s2sad.abstract.interpreter import Interpreted

MAX_ROUNDS = 8


class Emitted:
    """Stands for a function that the compiler emits, in the table of objects."""

    def __init__(self, name: str) -> None:
        self.__name__ = name


@dataclass(eq=False)
class Callee:
    """One specialisation of a function that is called, not entered.

    Attributes
    ----------
    name : str
        Stem of the emitted names: ``name_primal``, and for the derivative's parts ``name_forward``,
        ``name_reverse`` and ``name_jvp``.
    leaves : tuple of str
        Its parameters: one for each number or array that is handed over.
    wrt : tuple of str
        Those that are differentiated.
    result : Value or None
        Its result, in the callee's own names; None while nothing is known.
    core : Interpreted or None
        Its typed core.
    checkpoint : bool
        Whether its reverse computes it again, instead of recording.
    forward : bool
        Whether the forward sweep carries its tangents, so that it has no reverse.
    written : tuple of str
        The leaves that a checkpoint writes into: its result is a tuple of what it returns and what these then are.
    silent : bool
        Whether a checkpoint that writes returns nothing else.
    given : list of gast.expr
        What its one caller gives for the leaves, where a sweep makes the call.
    packing : Packing or None
        How the result of a checkpoint is put together, where objects go in or out.
    objects : tuple of Identity
        The objects that a checkpoint was given first, in order.
    finals : dict
        What the arrays that a checkpoint writes into then are, by leaf, in its own names.
    containers : dict
        The caller's containers, by what they are in the callee.
    renamed : dict
        Under what names parts of the result are returned.
    nonlinear : Problem or None
        What to tell if it turns out not to be linear, where its gradient is to be its transpose.
    """

    name: str
    function: Function
    env: dict[str, Value]
    captures: list[tuple[Frame, str, Value]]
    leaves: tuple[str, ...]
    wrt: tuple[str, ...]
    result: Value | None = None
    core: Interpreted | None = None
    open: bool = True
    given: list[gast.expr] = field(default_factory=list)
    checkpoint: bool = False
    forward: bool = False
    written: tuple[str, ...] = ()
    silent: bool = False
    nonlinear: Problem | None = None
    packing: Any = None
    objects: tuple[Any, ...] = ()
    finals: dict[str, Value] = field(default_factory=dict)
    containers: dict[Any, Value] = field(default_factory=dict)
    renamed: dict[Value, Value] = field(default_factory=dict)

    @property
    def primal(self) -> str:
        """Name of the emitted primal: not that of the user's own function."""
        return f"{self.name}_primal"

    @property
    def result_type(self) -> Type:
        return Never() if self.result is None else self.result.type


@dataclass(eq=False)
class Callees:
    """All callees of one compilation."""

    known: dict[Any, Callee] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    paths: dict[str, Any] = field(default_factory=dict)
    """What the compiler named itself, in any of the functions that it emits."""

    def fresh_name(self, wanted: str) -> str:
        return unused(wanted if wanted.isidentifier() else "inner", self.names)


@dataclass(frozen=True, eq=False)
class Capture:
    """A variable of an enclosing function that a callee reads: it becomes a parameter."""

    frame: Frame
    variable: str
    value: Value


def captured(function: Function, given: Iterable[Value] = ()) -> list[Capture]:
    """What a function reads of the functions around it, itself or through other local functions that it is given."""
    found: dict[tuple[int, str], Capture] = {}
    seen: set[tuple[int, int]] = set()
    stack = [function, *(inner for value in given for inner in functions_in(value))]
    while stack:
        here = stack.pop(0)
        if (id(here.body), id(here.frame)) in seen:
            continue
        seen.add((id(here.body), id(here.frame)))
        for key in sorted(names_in(list(here.body)) - _own_names(here)):
            frame = _owner(here.frame, key)
            if frame is None:
                continue
            value = frame.env[key]
            stack.extend(functions_in(value))
            found.setdefault((id(frame), key), Capture(frame, key, value))
    return list(found.values())


def functions_in(value: Value) -> list[Function]:
    """The local functions in a value: as they are, or as what a checkpoint or a derivative is made of."""
    made = value.function if value.function is not None else getattr(value.known, "function", None)
    found = [made] if isinstance(made, Function) else []
    for item in (*(value.items or ()), *(value.choices or ())):
        found += functions_in(item)
    return found


def _own_names(function: Function) -> set[str]:
    args = function.args
    rest = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    own = {arg.id for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs, *rest]}
    for statement in function.body:
        own |= {p.id for p in nodes(statement) if isinstance(p, gast.Name) and isinstance(p.ctx, gast.Store)}
    return own


def _owner(frame: Frame | None, key: str) -> Frame | None:
    while frame is not None:
        if key in frame.env:
            return frame
        frame = frame.parent
    return None


def shape_key(value: Value) -> Any:
    """What a specialisation depends on."""
    if value.items is not None:
        kind = (getattr(value.type, "keys", None), getattr(value.type, "cls", None))
        return (kind, tuple(shape_key(item) for item in value.items))
    if value.function is not None:
        return ("function", id(value.function.body), id(value.function.frame))
    return (general(value.type, ""), value.varied)


def general(known: Type, key: str) -> Type:
    """A parameter's type, its sizes symbols of the callee's own."""
    known = without_value(known)
    if isinstance(known, Array) and known.shape is not None:
        sizes = (
            1 if size == 1 else Dim(f"{key}.{k}", one=None if may_be_one(size) else False)
            for k, size in enumerate(known.shape)
        )
        return Array(known.dtype, tuple(sizes))
    return Scalar(known.dtype) if type(known) is not Scalar and isinstance(known, Scalar) else known


def seen_outside(known: Type, leaves: list[tuple[str, Type]], label: str) -> Type:
    """A result's type with the caller's sizes in place of those of the parameters; of others nothing is known.

    >>> x = Array("float64", (Dim("x.0"),))
    >>> seen_outside(x, [("x", Array("float64", (Dim("y.0", 2),)))], "f")
    Array('float64', (y.0+2,))
    >>> seen_outside(Array("float64", (Dim("(x.0/2)"),)), [("x", x)], "f").shape
    (f|(x.0/2),)
    """
    sizes = {
        f"{key}.{k}": size
        for key, given in leaves if isinstance(given, Array) and given.shape is not None
        for k, size in enumerate(given.shape)
    }  # fmt: skip

    def outer(size: Size) -> Size:
        if isinstance(size, int):
            return size
        if size.symbol in sizes:
            return shift(sizes[size.symbol], size.offset)
        # one symbol for sizes that may differ from call to call
        return Dim(f"{label}|{size!r}", one=size.one)

    def of(part: Type) -> Type:
        if isinstance(part, Array) and part.shape is not None:
            return Array(part.dtype, tuple(map(outer, part.shape)))
        if isinstance(part, Length):
            return Scalar(part.dtype)
        if isinstance(part, (Sequence, Mapping, Record)):
            return replace(part, items=tuple(map(of, part.items)))
        if isinstance(part, DictOf):
            return replace(part, items=tuple(map(of, part.items)), rest=part.rest and of(part.rest))
        return replace(part, item=of(part.item)) if isinstance(part, (ListOf, Optional)) else part

    return of(known)


def flattened(
    key: str, value: Value, leaves: list[tuple[str, Value]], seen: dict[Any, Value] | None = None
) -> Value:
    """The value as the callee sees it: each number or array under a parameter of its own.

    With `seen`, objects stay the ones that they are, each handed over once.
    """
    if value.items is not None:
        if seen is not None and value.ident in seen:
            return seen[value.ident]
        labels = (
            value.type.keys
            if seen is not None and isinstance(value.type, Record)
            else range(len(value.items))
        )
        items = tuple(flattened(f"{key}_{k}", item, leaves, seen) for k, item in zip(labels, value.items))
        made = container_of(kind_of_container(value.type), items, ("parameter", key))
        if seen is not None and value.ident is not None:
            made = seen[value.ident] = made.but(ident=value.ident)
        return made
    if value.function is not None or value.is_static:
        return value
    key = unused(
        key, {taken for taken, _ in leaves}
    )  # ``p_0`` may be a variable, and the first item of ``p`` too
    leaves.append((key, value))
    site = ("parameter", key)
    return Value(
        general(value.type, key), gast.Name(key, gast.Load(), None, None), value.varied,
        sites=frozenset([site]) if value.sites else frozenset(), origin=site,
    )  # fmt: skip


def exact(value: Value, given: Mapping_[str, Value]) -> Value:
    """The value as a callee with one caller sees it: with the sizes that the caller knows."""
    if value.items is not None:
        items = tuple(exact(item, given) for item in value.items)
        return container_of(value.type, items, value.origin).but(ident=value.ident)
    if value.is_static or value.function is not None or not isinstance(value.origin, tuple):
        return value
    return value.but(type=without_value(given[value.origin[1]].type))


def renumber(
    body: Iterable[gast.stmt], calls: Mapping_[str, Any], objects: dict[str, Any], taken: set[str]
) -> None:
    """Give checkpoints the plainest names: callees that only earlier rounds of a loop's types used are gone."""
    if not any(isinstance(callee, Callee) for callee in calls.values()):
        return
    live = _live(body, calls)
    others = taken - {callee.name for callee in _all_of(calls) if callee.checkpoint}
    table: dict[str, str] = {}
    for callee in live:
        stem, count = callee.function.name if callee.function.name.isidentifier() else "inner", 0
        wanted = stem
        while wanted in others:
            count += 1
            wanted = f"{stem}_{count}"
        others.add(wanted)
        table[callee.primal] = f"{wanted}_primal"
        callee.name = wanted
    _forget_dead(calls, live)
    parts = [(body, objects), *((c.core.body, c.core.objects) for c in _all_of(calls) if c.core is not None)]
    for statements, names in parts:
        _rename(statements, table)
        kept = {
            table.get(key, key): Emitted(table[key]) if key in table else value
            for key, value in names.items()
        }
        names.clear()  # type: ignore[attr-defined]
        names.update(kept)  # type: ignore[attr-defined]


def _forget_dead(calls: Mapping_[str, Any], live: list[Callee]) -> None:
    for key, callee in list(calls.items()):
        if isinstance(callee, Callee) and callee.checkpoint and callee not in live:
            del calls[key]  # type: ignore[attr-defined]
        elif isinstance(callee, Callee) and callee.core is not None and callee.checkpoint:
            _forget_dead(callee.core.calls, live)


def _all_of(calls: Mapping_[str, Any]) -> list[Callee]:
    """Callees, and those that they call."""
    found: list[Callee] = []
    stack = [callee for callee in calls.values() if isinstance(callee, Callee)]
    while stack:
        callee = stack.pop(0)
        if callee not in found:
            found.append(callee)
            inner = callee.core.calls.values() if callee.core is not None else ()
            stack.extend(other for other in inner if isinstance(other, Callee))
    return found


def _live(body: Iterable[gast.stmt], calls: Mapping_[str, Any]) -> list[Callee]:
    """The checkpoints that code still calls, in the order of the text, inner ones after those that call them."""
    found: list[Callee] = []
    stack = [(list(body), calls)]
    while stack:
        statements, table = stack.pop(0)
        for statement in statements:
            for part in nodes(statement):
                key = part.id if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store) else None
                callee = table.get(key) if key is not None else None
                if isinstance(callee, Callee) and callee not in found and callee.core is not None:
                    stack.append((list(callee.core.body), callee.core.calls))
                    found.append(callee)
    return [callee for callee in found if callee.checkpoint]


def _rename(statements: Iterable[gast.stmt], table: Mapping_[str, str]) -> None:
    for statement in statements:
        for part in nodes(statement):
            if isinstance(part, gast.Name) and part.id in table:
                part.id = table[part.id]


def frame_of(function: Function, env: dict[str, Value]) -> Frame:
    """The frame in which a callee's body runs."""
    outer = function.frame
    frame = Frame(
        outer.filename, outer.lines, outer.globals, outer.cells or _cells(outer), outer, ("callee",)
    )
    frame.env = dict(env)
    return frame


def _cells(frame: Frame) -> Any:
    here: Frame | None = frame
    while here is not None:
        if here.cells:
            return here.cells
        here = here.parent
    return {}
