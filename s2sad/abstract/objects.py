"""Objects of user classes inside the interpreter: which object a value is, and which fields it has now.

An object is an `Identity`; the *heap* says what its fields are at this point of the program.  Every variable, list and
field that holds the object holds the identity, so what is stored through one name is read through all.  Branches and
loops merge the fields of an object as they merge variables: in the emitted code each field is a variable of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from collections.abc import Mapping as Table
from contextlib import contextmanager
from typing import Any

import gast

from s2sad.abstract.state import Field, State, is_of_records, leaf_name
from s2sad.abstract.values import (
    FieldsOf,
    Frame,
    Identity,
    Value,
    container_of,
    fields_by_name,
    rebuilt,
    record_of,
)
from s2sad.objects import is_plain_dataclass
from s2sad.runtime.containers import ORIGINALS
from s2sad.runtime.objects import instance, replaced
from s2sad.signature import Mapping, Record
from s2sad.tree.build import clone, constant, path, subscript

Snapshot = dict[Any, Value]
MISSING = inspect.Parameter.empty
"""What a class has under a name that it does not define."""
FINAL = "lives outside of the function"


class Objects(State):
    """The heap of one run."""

    heap: dict[Identity, Value]

    # ---- state ----------------------------------------------------------------------------------
    def snapshot(self) -> Snapshot:
        """The variables of the present function and the fields of all objects."""
        return {**self.frame.env, **self.heap}

    def restore(self, state: Table[Any, Value]) -> None:
        """Go back to a snapshot, or on from one that was merged of several."""
        self.frame.env = {key: value for key, value in state.items() if not isinstance(key, Identity)}
        self.heap = {key: value for key, value in state.items() if isinstance(key, Identity)}

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Inside, variables and objects may change; afterwards they are what they were."""
        before, trials = self.snapshot(), self.trials
        self.trials = trials + 1
        try:
            yield
        finally:
            self.restore(before)
            self.trials = trials

    # ---- reading --------------------------------------------------------------------------------
    def refreshed(self, value: Value, heap: Table[Any, Value] | None = None) -> Value:
        """A value with the objects in it as they are now."""
        heap = self.heap if heap is None else heap
        if not heap:
            return value
        if value.ident is not None:
            value = heap.get(value.ident, value)
        elif isinstance(value.origin, FieldsOf) and value.origin.ident in heap:
            value = fields_as_dict(heap[value.origin.ident])
        if not value.items:
            return value
        items = tuple(self.refreshed(item, heap) for item in value.items)
        if all(new is old for new, old in zip(items, value.items)):
            return value
        made = rebuilt(value, items)
        if value.ident is not None and heap is self.heap:
            self.heap[value.ident] = made
        return made

    # ---- making ---------------------------------------------------------------------------------
    def new_object(self, cls: type, fields: Table[str, Value], label: str, site: Any = None) -> Value:
        """A new object with these fields."""
        kind = Record(cls, tuple(fields), ())
        value = container_of(kind, tuple(fields.values()), site).but(ident=Identity(label))
        assert value.ident is not None
        self.heap[value.ident] = value
        return value

    def adopted(self, value: Value, outside: str = "") -> Value:
        """A parameter or a global object, each object in it with an identity of its own."""
        if value.items is None:
            return value
        items = tuple(self.adopted(item, outside) for item in value.items)
        if isinstance(value.type, Record):
            ident = Identity(leaf_name(value.node), outside, value.origin)
            ident.base, ident.items = value.node, items
            made = value.but(items=items, ident=ident)
            self.heap[ident] = made
            return made
        return value if all(new is old for new, old in zip(items, value.items)) else value.but(items=items)

    def united(self, cls_of: Record, items: tuple[Value, ...], label: str, members: list[Value]) -> Value:
        """The object that one of several is, which of them only the running code tells."""
        value = container_of(cls_of, items).but(ident=Identity(label))
        assert value.ident is not None
        for member in members:
            if member.ident is not None:
                value.ident.join(member.ident)
        self.heap[value.ident] = value
        return value

    # ---- writing --------------------------------------------------------------------------------
    def set_field(self, owner: Value, field: str, value: Value, node: gast.AST) -> None:
        """``owner.field = value`` in the object's own state."""
        owner = self.refreshed(owner)
        ident = owner.ident
        if ident is None or not isinstance(owner.type, Record):
            raise self.refuse("S108", "a store into an attribute of this value", "make a new object", node)
        self.check_changeable(ident, field, node)
        value = self.refreshed(value)
        if holds(value, ident):
            raise self.refuse(
                "S108",
                "an object is stored in one of its own fields",
                "keep the two apart, or store an index",
                node,
            )
        held = self.assigned(value, f"{ident.label}_{field}")
        owner = self.refreshed(owner)
        assert owner.items is not None
        fields = fields_by_name(owner)
        fields[field] = held
        kind = Record(record_of(owner).cls, tuple(fields), ())
        self.heap[ident] = container_of(kind, tuple(fields.values()), owner.origin).but(ident=ident)

    def check_changeable(self, ident: Identity, field: str, node: gast.AST) -> None:
        """Refuse where a change would be seen outside, or under a name that cannot be told."""
        if ident.outside:
            raise self.refuse(
                "S108", f"attribute {field!r} of {ident.outside} is changed, but the object {FINAL}",
                "pass the object as an argument, or make it inside", node,
            )  # fmt: skip
        if ident.cached and field not in ident.cached:
            self.unroll()
            raise self.refuse(
                "S108", f"attribute {field!r} is stored, and the cached property {min(ident.cached)!r} may have been "
                "computed on some paths only", "read it once before, or make it a property", node,
            )  # fmt: skip
        if ident.origin is not None:
            self.lessons.learn(self.lessons.changed, ident.origin)
            self.lessons.note_write(ident.origin, node, self.frame.lines)
        others = ident.kin - {ident}
        self.kin_changed |= others
        if others and self.is_reachable(others):
            self.unroll_or_refuse(field, node)

    def unroll_or_refuse(self, field: str, node: gast.AST) -> None:
        """Which object is changed depends on the iteration: a loop of known length is written out instead."""
        self.unroll()
        raise self.refuse(
            "S202", f"attribute {field!r} is stored, and whether another name stands for the same object is not known",
            "make a new object (`dataclasses.replace`) instead of changing it, or use one name for it", node,
        )  # fmt: skip

    def is_reachable(self, idents: set[Identity]) -> bool:
        """Whether a variable of any active function still holds one of these objects."""
        frames: list[Frame] = [*self.frames, self.frame]
        seen: set[int] = set()
        while frames:
            frame = frames.pop()
            if id(frame) in seen:
                continue
            seen.add(id(frame))
            if frame.parent is not None:
                frames.append(frame.parent)
            for value in frame.env.values():
                if any(holds(self.refreshed(value), ident) for ident in idents):
                    return True
                frames.extend(frames_of(value))
        return False

    # ---- writing out ----------------------------------------------------------------------------
    def whole_object(self, value: Value) -> gast.expr:
        """An expression that makes the object, or changes a copy of the one that the caller gave."""
        assert isinstance(value.type, Record) and value.items is not None
        if value.type.cls in ORIGINALS:
            raise self.refuse(
                "S108", f"a {value.type.cls.__name__} with differentiated values is returned, or used as a whole",
                "make a list or a dict of it (`list(...)`, `dict(....items())`)",
            )  # fmt: skip
        if value.varied and not self.finished and not self.passive:
            return self.atom(value).node  # type: ignore[return-value]  # which refuses
        base = value.ident.base if value.ident is not None else None
        first = (
            dict(zip(value.type.keys, value.ident.items))
            if base is not None and value.ident is not None
            else {}
        )
        changed = {
            key: item for key, item in zip(value.type.keys, value.items)
            if not (item is first.get(key) or is_same_object(item, first.get(key))) or self.is_stale(item)
        }  # fmt: skip
        if base is not None and not changed:
            return clone(base)
        parts = {
            key: self.whole(self.atom(item) if item.varied and not is_of_records(item.type) else item)
            for key, item in changed.items()
        }
        keywords = [gast.keyword(arg=key, value=part) for key, part in parts.items()]
        if base is not None:
            return gast.Call(func=self.object_node(replaced), args=[clone(base)], keywords=keywords)
        return object_display(value.type, list(parts.values()), self.object_node)

    def is_stale(self, value: Value) -> bool:
        """Whether what the caller passed is not what this is now: it was copied, and may have been written to."""
        if value.items is not None:
            return value.origin in self.lessons.storage or any(self.is_stale(item) for item in value.items)
        return value.origin is not None and bool(
            {value.origin, ("copied", value.origin)} & self._copied_origins
        )

    @property
    def _copied_origins(self) -> set[Any]:
        return self.lessons.copied | self.lessons.storage

    # ---- given by other mixins ------------------------------------------------------------------
    def assigned(self, value: Value, variable: str) -> Value:
        raise AssertionError


def object_display(known: Record, parts: list[gast.expr], object_node: Any) -> gast.expr:
    """``Point(x, y)`` where that only sets the fields, else ``instance(Point, x=x, y=y)``."""
    func = object_node(known.cls)
    fields = getattr(known.cls, "__dataclass_fields__", ())
    if is_plain_dataclass(known.cls) and set(fields) == set(known.keys):
        ordered = dict(zip(known.keys, parts))
        return gast.Call(func=func, args=[ordered[field] for field in fields], keywords=[])
    keywords = [gast.keyword(arg=key, value=part) for key, part in zip(known.keys, parts)]
    return gast.Call(func=object_node(instance), args=[func], keywords=keywords)


def fields_as_dict(value: Value) -> Value:
    """``vars(value)``."""
    assert value.ident is not None
    return container_of(Mapping(record_of(value).keys, ()), value.items or (), FieldsOf(value.ident))


def is_same_object(one: Value, other: Value | None) -> bool:
    """Whether a field still holds the object that it held, and that one is as it was."""
    return other is not None and one.ident is not None and one.ident is other.ident and one.node is not None


def holds(value: Value, ident: Identity) -> bool:
    """Whether a value is an object, or a container or object that holds it."""
    return value.ident is ident or any(holds(item, ident) for item in value.items or ())


def holds_objects(value: Value) -> bool:
    """Whether there is an object of a user's class in a value."""
    return value.ident is not None or any(map(holds_objects, value.items or ()))


def holds_functions(value: Value) -> bool:
    """Whether a value is a function that is made here, or a container in which one is."""
    return value.function is not None or any(map(holds_functions, value.items or ()))


def frames_of(value: Value) -> list[Frame]:
    """The frames that the functions in a value see."""
    found = [] if value.function is None else [value.function.frame]
    for item in (*(value.items or ()), *(value.choices or ())):
        found += frames_of(item)
    return found


def class_attribute(cls: type, name: str) -> Any:
    """What a class or its bases define under a name, descriptors as they are; `MISSING` where there is none."""
    return inspect.getattr_static(cls, name, MISSING)


def spelled(origin: Any) -> gast.expr:
    """How a part of a parameter, or of what lives outside, is read: ``p["w"]``, ``model.w``."""
    if origin[0] in ("parameter", "global"):
        return path(origin[1])
    if isinstance(origin[1], Field):
        return gast.Attribute(value=spelled(origin[0]), attr=str(origin[1]), ctx=gast.Load())
    return subscript(spelled(origin[0]), constant(origin[1]))
