"""Objects of user classes that a checkpoint is given, changes and returns: their fields go in and out one by one.

The function that is emitted for a checkpoint takes numbers, arrays and lists.  An object goes in as its fields; inside
it is an object again, the same one wherever the caller's is the same.  Out go the fields that were changed, and those
of objects that were made: the caller stores the ones, and makes objects of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.abstract.objects import holds_objects
from s2sad.abstract.values import (
    Identity,
    Value,
    container_of,
    fields_by_name,
    holds_references,
    kind_of_container,
    record_of,
)
from s2sad.signature import Sequence
from s2sad.tree.build import clone, constant, subscript


@dataclass
class Packing:
    """How the result of a checkpoint is put together.

    Attributes
    ----------
    result : Value
        What is returned, in the callee's own names.
    slots : list of Value
        What the emitted function returns: one item, or a tuple of them.
    changed : list of (Identity, str, Value)
        The fields of the caller's objects that were changed, and their new values.
    inside : dict
        For each of the caller's objects, what it was when the callee began.
    unsure : set of Identity
        Those of the caller's objects that were changed if they are the ones that a variable stood for.
    """

    result: Value
    slots: list[Value] = field(default_factory=list)
    changed: list[tuple[Identity, str, Value]] = field(default_factory=list)
    inside: dict[Identity, Value] = field(default_factory=dict)
    unsure: set[Identity] = field(default_factory=set)

    def slot(self, value: Value) -> int | None:
        """The place of a value in what is returned."""
        places = [k for k, own in enumerate(self.slots) if _node(own) == _node(value)]
        return places[0] if places else None

    @property
    def returned(self) -> Value:
        """What the emitted function returns."""
        if len(self.slots) == 1:
            return self.slots[0]
        return container_of(Sequence(tuple, ()), tuple(self.slots))


def objects_in(values: Iterable[Value]) -> list[Value]:
    """The objects in values, each once, in the order in which they are met."""
    found: dict[Identity, Value] = {}
    stack = list(values)[::-1]
    while stack:
        value = stack.pop()
        if value.ident is not None:
            if value.ident in found:
                continue
            found[value.ident] = value
        stack += (value.items or ())[::-1]
    return list(found.values())


def alias_key(values: Iterable[Value]) -> tuple[int, ...]:
    """Which objects in values are one and the same."""
    numbers: dict[Identity, int] = {}
    found: list[int] = []
    stack = list(values)[::-1]
    while stack:
        value = stack.pop()
        if value.ident is not None:
            found.append(numbers.setdefault(value.ident, len(numbers)))
        stack += (value.items or ())[::-1]
    return tuple(found)


# ---- in the callee ------------------------------------------------------------------------------
def taken_in(run: Any, value: Value, items: tuple[Value, ...]) -> Value:
    """An object that a checkpoint is given, as an object of its own."""
    assert value.ident is not None
    ident = Identity(value.origin[1])
    made = value.but(items=items, ident=ident)
    for other, inside in run.given_objects.items():
        if other in value.ident.kin:
            ident.join(inside.ident)
    run.given_objects[value.ident] = run.heap[ident] = made
    return made


def packed(run: Any, result: Value) -> Packing | None:
    """What a checkpoint returns, if there are objects about; else nothing."""
    if not run.given_objects and not holds_objects(result):
        return None
    packing = Packing(result, inside=dict(run.given_objects))
    own = {inside.ident for inside in run.given_objects.values()}
    for outer, inside in run.given_objects.items():
        now, before = fields_by_name(run.refreshed(inside)), fields_by_name(inside)
        if set(before) - set(now):
            raise run.refuse("S108", "a checkpoint deletes an attribute of an object", "assign None to it")
        packing.changed += [(outer, key, item) for key, item in now.items() if not _is(item, before.get(key))]
        if inside.ident in run.kin_changed:
            packing.unsure.add(outer)
    seen: set[Identity] = set()
    for value in [result, *(item for _, _, item in packing.changed), *run.written_parameters.values()]:
        _collect(run, value, packing, own, seen)
    return packing


def _collect(run: Any, value: Value, packing: Packing, own: set[Any], seen: set[Any]) -> None:
    if value.ident is not None:
        if value.ident in own or value.ident in seen:
            return
        seen.add(value.ident)
    if value.items is not None:
        for item in value.items:
            _collect(run, item, packing, own, seen)
        return
    if value.is_static or _given(run.inputs, value) is not None:
        return
    held = run._returned(value)
    if isinstance(held.node, gast.Constant):
        held = run.bind(held.node, held)
    if packing.slot(held) is None:
        packing.slots.append(held)
    if held.node is not value.node:
        run.renamed[value] = held


def _given(inputs: Any, value: Value) -> str | None:
    """The parameter that a value is, memory that goes out as it came in."""
    key = _node(value)
    return key if key in inputs and holds_references(value.type) else None


def _node(value: Value) -> str | None:
    return value.node.id if isinstance(value.node, gast.Name) else None


def _is(value: Value, before: Value | None) -> bool:
    """Whether a field still is what it was."""
    if before is None:
        return False
    if value is before:
        return True
    if value.ident is not None or before.ident is not None:
        return value.ident is before.ident
    if value.items is not None and before.items is not None:
        same = value.origin == before.origin and len(value.items) == len(before.items)
        return same and all(_is(p, q) for p, q in zip(value.items, before.items))
    if value.is_static:
        return before.is_static and value.known is before.known
    return _node(value) is not None and _node(value) == _node(before)


# ---- from stretch to stretch --------------------------------------------------------------------
def moved_leaves(
    at: Any, callee: Any, results: list[str], inner: dict[str, Value], node: Any
) -> tuple[Any, ...]:
    """For each leaf of the function of a stretch, bounds aside: where in the result its next value stands."""
    packing, places = callee.packing, {}
    tokens = dict(zip(objects_in(inner.values()), callee.objects))
    now = {token: value for value, token in tokens.items()}

    def place(given: Value, value: Value) -> None:
        if given.ident is not None and value.ident is not None:
            here = packing.inside.get(tokens[given])
            if here is not None and here.ident is value.ident:
                return  # the same object: its fields are among those that were changed
            if any(other.ident is value.ident for other in packing.inside.values()):
                raise at.refuse(
                    "S109", "objects take turns in a loop with a schedule", "leave the schedule out", node
                )
            fields = fields_by_name(value)
            for key, item in fields_by_name(given).items():
                place(item, fields[key])
        elif given.items is not None:
            for one, other in zip(given.items, value.items or ()):
                place(one, other)
        elif not given.is_static:
            k = packing.slot(callee.renamed.get(value, value))
            if k is not None:
                places[_node(given)] = k
            elif _node(value) != _node(given):
                raise at.refuse(
                    "S109", "arrays take turns in a loop with a schedule", "leave the schedule out", node
                )

    items = packing.result.items if len(results) > 1 else (packing.result,)
    for key, value in zip(results, items or ()):
        if key in inner:
            place(inner[key], value)
    for token, key, item in packing.changed:
        given = fields_by_name(now[token]).get(key)
        if given is not None:
            place(given, item)
    for leaf, copy in callee.finals.items():
        places[leaf] = packing.slot(copy)
    single = len(packing.slots) == 1
    found = [places.get(key, -1) for key in callee.leaves[2:]]
    return tuple(() if single and k == 0 else k for k in found)


# ---- in the caller ------------------------------------------------------------------------------
class Unpacking:
    """Puts together what a checkpoint gave, for one call of it."""

    def __init__(self, at: Any, callee: Any, objects: dict[Identity, Value], given: dict[str, Value]) -> None:
        self.at, self.callee, self.packing, self.given = at, callee, callee.packing, given
        self.outer = {
            inside.ident: objects[token] for token, inside in self.packing.inside.items() if token in objects
        }
        self.objects = objects
        self.parts: list[Value] = []
        self.made: dict[Identity, Value] = {}

    def run(self, node: gast.expr, site: Any, results: tuple[str, ...], place: Any) -> Value:
        """The value of the call; objects of the caller are changed."""
        from s2sad.abstract.checkpoints import opened_part

        slots, at = self.packing.slots, self.at
        nodes = (
            [node] if len(slots) == 1 else [subscript(clone(node), constant(k)) for k in range(len(slots))]
        )
        self.site = site
        self.parts = [
            opened_part(at, slot, part, self.callee, self.given, site) for slot, part in zip(slots, nodes)
        ]
        self._check_unsure(results, place)
        for key, copy in self.callee.finals.items():
            at.store(self.given[key], at.everything(), self.value(copy, copied=True), place)
        new = [(self.objects[token], key, self.value(item)) for token, key, item in self.packing.changed]
        result = self.value(self.packing.result)
        for owner, key, item in new:
            at.set_field(owner, key, item, place)
        return at.refreshed(result)  # type: ignore[no-any-return]

    def _check_unsure(self, results: tuple[str, ...], place: Any) -> None:
        """An object that may have been changed must not have another name than the variables that are assigned."""
        at = self.at
        kept = {key: at.frame.env.pop(key) for key in results if key in at.frame.env}
        try:
            idents = {self.objects[token].ident for token in self.packing.unsure}
            if idents and at.is_reachable(idents):
                raise at.refuse(
                    "S202",
                    "an object is changed in a checkpoint, or another one in its place, and it has another name",
                    "make a new object (`dataclasses.replace`) instead of changing it, or use one name for it", place,
                )  # fmt: skip
        finally:
            at.frame.env.update(kept)

    def value(self, value: Value, copied: bool = False) -> Value:
        """A value of the callee as the caller has it."""
        if value.ident is not None:
            return self._object(value)
        if value.items is not None:
            if value.origin in self.callee.containers:
                return self.callee.containers[value.origin]  # type: ignore[no-any-return]
            items = tuple(self.value(item) for item in value.items)
            return container_of(kind_of_container(value.type), items, (self.site, value.origin))
        if value.is_static:
            known = value.known
            return value.but(node=self.at.object_node(known)) if callable(known) else value
        key = _given(self.callee.core.inputs, value)
        finals = {_node(copy): leaf for leaf, copy in self.callee.finals.items()}
        if key is None and not copied:
            key = finals.get(_node(value))
        if key is not None:
            return self.given[key]
        k = self.packing.slot(self.callee.renamed.get(value, value))
        assert k is not None
        return self.parts[k]

    def _object(self, value: Value) -> Value:
        if value.ident in self.outer:
            return self.outer[value.ident]
        assert value.ident is not None
        if value.ident not in self.made:
            fields = {key: self.value(item) for key, item in fields_by_name(value).items()}
            made = self.at.new_object(record_of(value).cls, fields, value.ident.label, self.site)
            self.made[value.ident] = made
            for member in value.ident.kin:
                other = self.outer.get(member) or self.made.get(member)
                if other is not None and other.ident is not None:
                    made.ident.join(other.ident)
        return self.made[value.ident]


__all__ = ["Packing", "Unpacking", "alias_key", "moved_leaves", "objects_in", "packed", "taken_in"]
