"""Callees that keep a function of their own: recursive ones, which cannot be interpreted in place.

A callee is specialised once per types of its arguments and per which of them are differentiated.  Its result's type is
found by iteration: a call met while the callee is still open has the type found so far, at first none at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gast

from s2sad.abstract.values import Frame, Function, Value, container_of, kind_of_container
from s2sad.signature import Array, Dim, Never, Scalar, Type, may_be_one, without_value
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

    def fresh_name(self, wanted: str) -> str:
        stem = wanted if wanted.isidentifier() else "inner"
        candidate, count = stem, 0
        while candidate in self.names:
            count += 1
            candidate = f"{stem}_{count}"
        self.names.add(candidate)
        return candidate


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
    """The local functions in a value, and those that are defaults of theirs."""
    found = [] if value.function is None else [value.function]
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


def flattened(key: str, value: Value, leaves: list[tuple[str, Value]]) -> Value:
    """The value as the callee sees it: each number or array under a parameter of its own."""
    if value.items is not None:
        items = tuple(flattened(f"{key}_{k}", item, leaves) for k, item in enumerate(value.items))
        return container_of(kind_of_container(value.type), items, ("parameter", key))
    if value.function is not None or value.is_static:
        return value
    leaves.append((key, value))
    site = ("parameter", key)
    return Value(
        general(value.type, key), gast.Name(key, gast.Load(), None, None), value.varied,
        sites=frozenset([site]) if value.sites else frozenset(), origin=site,
    )  # fmt: skip


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
