"""Assignments: to names, in parts, to items and attributes, and ``target op= value``."""

from __future__ import annotations

import collections
from typing import Any

import gast

from s2sad.abstract.functions import function_of
from s2sad.abstract.iterators import listed
from s2sad.abstract.merging import Merging
from s2sad.abstract.state import Rerun
from s2sad.abstract.values import (
    Value,
    container_of,
    is_atom,
    is_function,
)  # fmt: skip
from s2sad.names import base
from s2sad.rules.indexing import may_repeat
from s2sad.runtime import sequences
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Record,
    Scalar,
    Sequence,
    Static,
    part_of,
    without_none,
)
from s2sad.tree.build import DELETED, call, clone, constant, names_in, subscript
from s2sad.tree.lengths import length_test
from s2sad.tree.parts import nodes

IN_PLACE = (gast.Add, gast.Sub, gast.Mult, gast.Div)


class Assignments(Merging):
    """Assignments, plain and augmented."""

    def run_Assign(self, statement: gast.Assign) -> None:
        (target,) = statement.targets
        if isinstance(statement.value, gast.Constant) and statement.value.value is DELETED:
            assert isinstance(target, gast.Name)
            self.frame.bind(target.id, Value(Opaque(), None, origin="deleted"))
        elif isinstance(target, gast.Name):
            self.frame.bind(target.id, self.assigned(self.visit(statement.value, target.id), target.id))
        elif isinstance(target, gast.Subscript):
            value = self.visit(statement.value)
            owner = self.visit(target.value)
            index = self.once(self.index_for(owner, target.slice, statement))
            if not self._kept_in_parts(target.value, owner, index, value):
                self.store(owner, index, value, statement)
        elif isinstance(target, gast.Attribute):
            value = self.visit(statement.value, self._field_hint(target))
            self.set_attribute(self.visit(target.value), target.attr, value, statement)
        elif isinstance(target, (gast.Tuple, gast.List)):
            self._unpack(target, self.visit(statement.value), statement)
        else:
            raise self.refuse("S101", "this assignment target", "assign to a name or an item", target)

    def _kept_in_parts(self, place: gast.expr, owner: Value, index: Value, value: Value) -> bool:
        """``table[key] = function``: functions exist when compiling only, so the table is kept in parts."""
        if not isinstance(owner.type, Mapping) or owner.items is None or not isinstance(place, gast.Name):
            return False
        if not is_function(value) or index.known is NO_VALUE or not self.held_once(owner):
            return False
        items = dict(zip(owner.type.keys, owner.items)) | {index.known: value}
        kind = Mapping(tuple(items), tuple(item.type for item in items.values()))
        self.frame.bind(place.id, container_of(kind, tuple(items.values()), owner.origin))
        return True

    def assigned(self, value: Value, variable: str) -> Value:
        """A value as a variable holds it: under a name, unless it is known in parts or by identity."""
        if value.items is not None:
            return self.held(value)
        if value.function is not None or value.iteration is not None or value.choices is not None:
            return value
        if value.is_static:
            return value
        if value.node is None:
            return self.atom(value, variable)
        if is_atom(value.node):
            if isinstance(value.node, gast.Name) and value.node.id in self.types:
                return (
                    value
                    if _same_base(value.node.id, variable)
                    else self.bind(clone(value.node), value, variable)
                )
            return self.bind(clone(value.node), value, variable)
        return self.atom(value, variable)

    def _unpack(self, target: gast.Tuple, value: Value, statement: gast.stmt) -> None:
        elts = target.elts
        stars = [k for k, elt in enumerate(elts) if isinstance(elt, gast.Starred)]
        value = self._at_hand(value, statement)
        if value.items is not None:
            parts = self.parts(value, target)
        elif stars:
            parts = self._rest(value, elts, stars[0], statement)
        else:
            value = self._unpackable(value, statement)
            self._check_count(value, len(elts), statement)
            parts = [self._part_at(value, k, elt, statement) for k, elt in enumerate(elts)]
        if stars and value.items is not None:
            first, behind = stars[0], len(elts) - stars[0] - 1
            middle = tuple(parts[first : len(parts) - behind])
            starred = self.sequence(list, middle, target)
            parts = [*parts[:first], starred, *parts[len(parts) - behind :]]
        if len(parts) != len(elts):
            raise self.refuse(
                "S105",
                f"{len(parts)} values are unpacked into {len(elts)} names",
                "make them match",
                statement,
            )
        new = [self._part(part, elt) for part, elt in zip(parts, elts)]
        for elt, part in zip(elts, new):
            inner = elt.value if isinstance(elt, gast.Starred) else elt
            if isinstance(inner, gast.Name):
                self.frame.bind(inner.id, part)
            elif isinstance(inner, gast.Subscript):
                owner = self.visit(inner.value)
                self.store(owner, self.once(self.index_for(owner, inner.slice, statement)), part, statement)
            elif isinstance(inner, gast.Attribute):
                self.set_attribute(self.visit(inner.value), inner.attr, part, statement)
            else:
                self._unpack(inner, part, statement)

    def _part(self, part: Value, elt: gast.expr) -> Value:
        inner = elt.value if isinstance(elt, gast.Starred) else elt
        return self.assigned(part, inner.id) if isinstance(inner, gast.Name) else part

    def _index(self, k: int) -> Value:
        return Value(Scalar("int", k), constant(k))

    def _at_hand(self, value: Value, statement: gast.stmt) -> Value:
        """What an iterator or an object of a user's class gives, as a container."""
        if isinstance(value.type, Record) and self.method_of(value, "__iter__") is not None:
            value = self.call_method(value, "__iter__", [], {}, statement)
        iterator = value.iteration
        if iterator is None and not isinstance(value.type, Record):
            return value
        if iterator is not None and iterator.count is None and iterator.generator is None:
            if iterator.endless:
                raise self.refuse(
                    "S104", "what is unpacked has no end", "take as many as there are names", statement
                )
            return listed(self, value, statement)
        return container_of(Sequence(tuple, ()), tuple(self.parts(value, statement)))

    def _unpackable(self, value: Value, statement: gast.stmt) -> Value:
        """A container under a name: what nothing is known of is made a tuple, which Python does too."""
        value = self.given(value)
        if isinstance(value.type, (Array, ListOf)):
            return self.atom(value)
        if isinstance(value.type, Sequence) and value.node is not None:
            return value
        if value.varied:
            raise self.refuse("S104", "this value cannot be unpacked", "index it", statement)
        whole = call("tuple", self.whole(value))
        return self.bind(whole, Value(part_of(value.type), None, sites=value.sites))

    def _part_at(self, value: Value, k: int, elt: gast.expr, statement: gast.stmt) -> Value:
        if isinstance(value.type, (Array, ListOf, Sequence)):
            return self.item(value, self._index(k), _hint(elt), statement)
        return Value(value.type, subscript(self.whole(value), constant(k)), sites=value.sites)

    def _check_count(self, value: Value, wanted: int, statement: gast.stmt, least: bool = False) -> None:
        """As many items as names, which Python sees to: where it is not known, it is asked when the code runs."""
        known = value.type
        if isinstance(known, Array) and known.rank == 0:
            raise self.refuse(
                "S105", "an array without a dimension is unpacked", "pass one with a dimension", statement
            )
        size: Any = known.shape[0] if isinstance(known, Array) and known.shape else None
        if isinstance(known, Sequence):
            size = len(known.items)
        if isinstance(size, int) and (size == wanted or (least and size > wanted)):
            return
        if isinstance(size, int):
            names = f"{'at least ' if least else ''}{wanted} names"
            raise self.refuse(
                "S105", f"{size} values are unpacked into {names}", "make them match", statement
            )
        self.emit(length_test(self.whole(value), wanted, self.object_node(ValueError), least))

    def _rest(self, value: Value, elts: list[gast.expr], star: int, statement: gast.stmt) -> list[Value]:
        """``a, *rest = values``: the star takes a list of the items between."""
        value = self._unpackable(value, statement)
        behind = len(elts) - star - 1
        self._check_count(value, star + behind, statement, least=True)
        parts = [self._part_at(value, k, elts[k], statement) for k in range(star)]
        stop = constant(-behind) if behind else None
        parts.append(self._between(value, gast.Slice(constant(star), stop, None), elts[star], statement))
        parts += [self._part_at(value, -k, elts[-k], statement) for k in range(behind, 0, -1)]
        return parts

    def _between(self, value: Value, index: gast.Slice, elt: gast.expr, statement: gast.stmt) -> Value:
        """The items that a star takes: a list of its own, of an array too."""
        if not isinstance(value.type, (Array, ListOf)):
            return self.bind(call("list", subscript(self.whole(value), index)), Value(Opaque(list), None))
        between = self.item(value, self.index(index), _hint(elt), statement)
        if isinstance(value.type, ListOf):
            return between
        return self.call(Value(Static(list), self.object_node(list)), [between], {}, _hint(elt), statement)

    def run_AnnAssign(self, statement: gast.AnnAssign) -> None:
        if statement.value is not None and isinstance(statement.target, gast.Name):
            value = self.visit(statement.value, statement.target.id)
            self.frame.bind(statement.target.id, self.assigned(value, statement.target.id))

    def run_AugAssign(self, statement: gast.AugAssign) -> None:
        target = statement.target
        if isinstance(target, gast.Subscript):
            owner = self.visit(target.value)
            index = self.once(self.index_for(owner, target.slice, statement))
            if self.site(statement) in self.lessons.read_first:
                old = self.atom(self.item(owner, index, None, statement))
                new = self.binary(statement.op, old, self.visit(statement.value), None, statement)
                self.store(owner, index, new, statement)
                return
            before = self.writes.now
            value = self.visit(statement.value)
            if self.writes.after(before, owner.sites) and self._gives_a_copy(owner, index, statement):
                self.lessons.learn(self.lessons.read_first, self.site(statement))
                raise Rerun
            self._update(owner, index, statement.op, value, statement)
            return
        if isinstance(target, gast.Attribute):
            self._update_attribute(target, statement)
            return
        assert isinstance(target, gast.Name)
        value = self.visit(gast.Name(target.id, gast.Load(), None, None))
        other = self.visit(statement.value)
        made = self._changed_in_place(statement.op, self.refreshed(value), other, statement)
        if made is None:
            self._check_other_names(value, target.id, statement)
            made = self.binary(statement.op, self.refreshed(value), other, target.id, statement)
        elif made is value:
            return
        self.frame.bind(target.id, self.assigned(made, target.id))

    def _gives_a_copy(self, owner: Value, index: Value, node: gast.AST) -> bool:
        """Whether ``owner[index]`` is a value of its own, and not a view or an object that is changed in place."""
        names = self.names.copy()
        with self.emitting_into([]):
            old = self.item(owner, index, None, node)
        self.names = names
        return isinstance(old.type, (Scalar, Opaque)) or not old.sites & owner.sites

    def _field_hint(self, target: gast.Attribute) -> str:
        """What a field's new value is named after: the object where a variable holds it."""
        held = self.frame.lookup(target.value.id) if isinstance(target.value, gast.Name) else None
        return target.attr if held is None or held.ident is None else f"{held.ident.label}_{target.attr}"

    def _update_attribute(self, target: gast.Attribute, statement: gast.AugAssign) -> None:
        """``obj.field op= value``: what is changed in place is stored again, as Python does."""
        owner = self.visit(target.value)
        value = self.attribute(owner, target.attr, None, target)
        other = self.visit(statement.value)
        made = self._changed_in_place(statement.op, self.refreshed(value), other, statement)
        if made is None:
            self._check_other_names(value, "", statement)
            made = self.binary(
                statement.op, self.refreshed(value), other, self._field_hint(target), statement
            )
        elif made is value and (owner.is_static or isinstance(owner.type, Array)):
            return
        self.set_attribute(owner, target.attr, made, statement)

    def _changed_in_place(
        self, op: gast.operator, value: Value, other: Value, node: gast.AST
    ) -> Value | None:
        """What the target of ``value op= other`` is then, where the value itself is changed; None where it is not."""
        value = self.given(value)
        if isinstance(value.type, Array) and value.type.rank is not None:
            self._update(value, self.everything(), op, other, node)
            return value
        if isinstance(value.type, ListOf) or (isinstance(value.type, Sequence) and value.type.cls is list):
            self.need_storage(value, node)
            change = sequences.multiply if isinstance(op, gast.Mult) else sequences.extend
            self.enter(function_of(change, self), [value, other], {}, node)
            return value
        if isinstance(value.type, (Mapping, DictOf)) and isinstance(op, gast.BitOr):
            self.table_update(value, [other], {}, node)
            return value
        method = _in_place_method(value.type, op)
        if method is not None:
            func = gast.Attribute(value=self.whole(self.atom(value)), attr=method, ctx=gast.Load())
            self.emit(gast.Expr(value=gast.Call(func=func, args=[self.whole(other)], keywords=[])))
            return value
        return self.in_place(op, value, other, node)

    def _check_other_names(
        self, value: Value, variable: str, statement: gast.stmt, holders: frozenset[Any] = frozenset()
    ) -> None:
        unknown = isinstance(without_none(value.type), (Array, Opaque))
        other = self._seen_elsewhere(value, variable, holders) if unknown else None
        if other is not None:
            raise self.refuse(
                "S202", f"an array of a rank that is not known here is updated in place, and {other}",
                "write `x[...] += y`, or `x = x + y` if the other name is to keep its value", statement,
            )  # fmt: skip

    def _seen_elsewhere(self, value: Value, variable: str, holders: frozenset[Any]) -> str | None:
        """What else sees the memory of a variable's value: a number is rebound, an array changes for it too."""
        contents = (held for site, held in self.lessons.contents.items() if site not in holders)
        if value.sites & frozenset().union(*contents):
            return "is kept in a list"
        others = (
            key
            for frame in {id(frame): frame for frame in [*self.frames, self.frame]}.values()
            for key, other in frame.env.items()
            if not (frame is self.frame and key == variable) and other.sites & value.sites
        )
        key = next(others, None)
        return None if key is None else f"has another name, {key}{self._bound_at(key)}"

    def _bound_at(self, key: str) -> str:
        """Where a variable is bound, in words."""
        for body in reversed(self.stack):
            for part in (node for statement in body for node in nodes(statement)):
                if isinstance(part, gast.Name) and part.id == key and not isinstance(part.ctx, gast.Load):
                    return f" (line {part.lineno})"
        return ""

    def everything(self) -> Value:
        """The index ``...``."""
        return Value(Static(Ellipsis), gast.Constant(Ellipsis, None))

    def _update(
        self, owner: Value, index: Value, op: gast.operator, value: Value, statement: gast.stmt
    ) -> None:
        """``owner[index] op= value``."""
        owner = self.given(owner)
        types_ = {key: self.types[key] for key in _reads(index.node) if key in self.types}
        direct = isinstance(owner.type, Array) and isinstance(op, IN_PLACE)
        if direct and not may_repeat(self.index_node(index), types_, index.type):
            self.write(owner, index, value, statement, op)
            return
        whole = (
            isinstance(index.type, Static) and index.type.value is Ellipsis and isinstance(owner.type, Array)
        )
        old = owner if whole else self.given(self.item(owner, index, None, statement))
        if isinstance(owner.type, Record):
            made = self._changed_in_place(op, old, value, statement)
            made = self.binary(op, old, value, None, statement) if made is None else made
            self.store(owner, index, made, statement)
            return
        held = isinstance(owner.type, (ListOf, Sequence, Mapping, DictOf))
        if held and isinstance(old.type, Array) and old.type.rank is not None:
            self._update(old, self.everything(), op, value, statement)
            return
        if held and not isinstance(old.type, (Scalar, Array)):
            made = self._changed_in_place(op, old, value, statement)
            if made is not None:
                if made is not old:
                    self.store(owner, index, made, statement)
                return
        if held:
            self._check_other_names(old, "", statement, owner.sites)
        self.store(owner, index, self.binary(op, old, value, None, statement), statement)


def _in_place_method(known: Any, op: gast.operator) -> str | None:
    """The method by which a container that is not differentiated is changed in place; None where it is not."""
    if not isinstance(known, Opaque) or known.cls is None:
        return None
    if known.cls is set:
        return SET_METHODS.get(type(op))
    method = {gast.Add: "__iadd__", gast.Mult: "__imul__", gast.BitOr: "__ior__"}.get(type(op), "")
    kept = known.cls in (list, dict, bytearray, collections.deque, collections.Counter)
    return method if kept and hasattr(known.cls, method) else None


def _same_base(identifier: str, variable: str) -> bool:
    return base(identifier) == variable


SET_METHODS = {
    gast.BitOr: "update", gast.BitAnd: "intersection_update", gast.Sub: "difference_update",
    gast.BitXor: "symmetric_difference_update",
}  # fmt: skip


def _hint(elt: gast.expr) -> str | None:
    inner = elt.value if isinstance(elt, gast.Starred) else elt
    return inner.id if isinstance(inner, gast.Name) else None


def _reads(node: Any) -> set[str]:
    return names_in(node) if node is not None else set()
