"""Where paths meet: one value for what comes from several, with a copy into its name at the end of each path."""

from __future__ import annotations

import operator
from typing import Any

import gast

from s2sad.abstract import presence
from s2sad.abstract.chosen import may_be_called, number_of, numbered
from s2sad.abstract.objects import holds_functions, holds_objects
from s2sad.abstract.state import Rerun
from s2sad.abstract.stores import Stores
from s2sad.abstract.values import (
    Identity,
    Value,
    container_of,
    fields_by_name,
    has_same_fields,
    is_fixed_object,
    is_list_of_parts,
    rebuilt,
    record_of,
)  # fmt: skip
from s2sad.names import base
from s2sad.signature import (
    DictOf,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Record,
    Scalar,
    Type,
    join,
)
from s2sad.tree.build import assign

Branch = tuple[list[gast.stmt], dict[Any, Value], bool]


class Merging(Stores):
    """Values, variables and objects after several paths."""

    def _merge_envs(self, branches: list[Branch]) -> None:
        (out, env, _), (other_out, other_env, _) = branches
        merged: dict[str, Value] = {}
        self._merge_heaps([heap_of(env), heap_of(other_env)], [out, other_out])
        for key in dict.fromkeys(key for key in [*env, *other_env] if not isinstance(key, Identity)):
            one, other = env.get(key), other_env.get(key)
            if one is other:
                assert one is not None
                merged[key] = one
            else:
                one = None if one is None else self.refreshed(one, env)
                other = None if other is None else self.refreshed(other, other_env)
                merged[key] = self.merge(key, [(one, out), (other, other_out)])
        self.frame.env = merged

    def _merge_heaps(self, heaps: list[Any], outs: list[list[gast.stmt]]) -> None:
        """The fields of all objects after two paths."""
        one, other = heaps
        self.heap = {}  # takes the objects that merging makes
        merged = {}
        for ident in dict.fromkeys([*one, *other]):
            held = [self.refreshed(heap[ident], heap) if ident in heap else None for heap in (one, other)]
            merged[ident] = self._merge_object(ident, list(zip(held, outs)))
        self.heap |= merged

    def _merge_object(self, ident: Identity, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """The fields of one object after several paths."""
        values = [value for value, _ in choices if value is not None]
        if len(values) == 1:
            return partial(values[0], next(out for value, out in choices if value is not None))
        if all(value is values[0] for value in values):
            return values[0]
        values = presence.joined(self, ident, values)
        tables = [fields_by_name(value) for value in values]
        merged = {}
        for key in dict.fromkeys(key for table in tables for key in table):
            held = [table.get(key) for table in tables]
            item = held[0]
            same = all(other is item for other in held)
            pairs = [(item, out) for item, (_, out) in zip(held, choices)]
            merged[key] = item if same and item is not None else self.merge(f"{ident.label}_{key}", pairs)
        kind = Record(record_of(values[0]).cls, tuple(merged), ())
        return container_of(kind, tuple(merged.values()), values[0].origin).but(ident=ident)

    def merge(self, variable: str, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """One value for what comes from several paths; each path ends with a copy into the merge name."""
        choices = [(value and self.relearnt(value), out) for value, out in choices]
        values = [value for value, _ in choices if value is not None]
        first = values[0]
        if len(values) == 1:
            return partial(first, next(out for value, out in choices if value is not None))
        if all(_same(first, value) for value in values):
            return first
        origins = {value.origin for value in values if isinstance(value.origin, str)}
        if origins & {"conflict", "deleted"}:
            return Value(Opaque(), None, origin="deleted" if origins == {"deleted"} else unsure_of(values))
        if all(value.ident is not None for value in values):
            return self._merge_objects(variable, choices)
        if (
            all(value.items is not None for value in values)
            and len({_structure(value) for value in values}) == 1
        ):
            assert first.items is not None
            items = tuple(
                self.merge(variable, [(None if v is None else v.items[k], out) for v, out in choices])  # type: ignore[index]
                for k in range(len(first.items))
            )
            return rebuilt(first, items)
        grown = self.grew_differently(values)
        if grown is not None:
            return self.named(self.fresh(variable), grown)
        if may_be_called(values):
            return self.chosen(variable, choices)
        if any(value.function is not None or value.iteration is not None for value in values):
            return Value(Opaque(), None, origin="conflict")
        if any(map(is_fixed_object, values)):
            return Value(Opaque(), None, origin="conflict")
        joined = self.joined(values)
        if joined.varied and not joined.type.is_real and not isinstance(joined.type, Never):
            return Value(Opaque(), None, origin="conflict")
        for held in values:
            self.held_by_reference(joined.type, held)
        new = self.fresh(variable)
        for value, out in _at_homes(choices):
            self.copy_into(new, value, out)
        return self.named(new, joined.but(homes=_homes(choices)))

    def _merge_objects(self, variable: str, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """One of several objects: of one class, and with fields that can be told apart only when the code runs."""
        values = presence.alike(self, [value for value, _ in choices if value is not None])
        filled = iter(values)
        choices = [(None if value is None else next(filled), out) for value, out in choices]
        model = values[0]
        if not all(has_same_fields(value, model) for value in values):
            return Value(Opaque(), None, origin="conflict")
        fields = [(None if value is None else fields_by_name(value), out) for value, out in choices]
        items = tuple(
            self.merge(f"{base(variable)}_{key}", [(None if f is None else f[key], out) for f, out in fields])
            for key in record_of(model).keys
        )
        return self.united(record_of(model), items, base(variable), values)

    def held_by_reference(self, known: Type, value: Value) -> None:
        """A list or dict kept in parts that meets a run-time one is one too: learn that."""
        if isinstance(known, (ListOf, DictOf)) and value.items is not None and value.origin is not None:
            if isinstance(value.type, Mapping) or is_list_of_parts(value):
                self.lessons.learn(self.lessons.storage, value.origin)

    def chosen(self, variable: str, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """One of several functions: each path notes the number of its own."""
        new = self.fresh(f"{base(variable)}_choice")
        functions: list[Value] = []
        numbers: list[tuple[Value | None, list[gast.stmt]]] = []
        for value, out in choices:
            if value is None:
                numbers.append((None, out))
                continue
            homes = value.homes if value.choices is not None else None
            numbers.append((Value(Scalar("int"), number_of(functions, value), homes=homes), out))
        for number, out in _at_homes(numbers):
            self.copy_into(new, number, out)
        return numbered(self, new, functions).but(homes=_homes(numbers))

    def grew_differently(self, values: list[Value]) -> Value | None:
        """A list that has different lengths on different paths must be a run-time list: learn that.

        The run that learns it goes on with such a list, to learn what it can of the rest.
        """
        first = values[0]
        filled = [value for value in values if value.items is not None and value.ident is None]
        if any(holds_objects(value) or holds_functions(value) for value in filled):
            self.unroll()
        if (
            is_list_of_parts(first)
            and all(v.items is not None and v.origin == first.origin for v in values)
            and first.origin is not None
        ):
            self.lessons.learn(self.lessons.storage, first.origin)
            if not self.lessons.fresh:
                raise Rerun
            lists = [self.relearnt(value) for value in values]
            return lists[0].but(type=lists[-1].type, varied=any(value.varied for value in lists))
        return None

    def joined(self, values: list[Value]) -> Value:
        """What is known of a value that is one of several."""
        known = values[0].type
        for value in values[1:]:
            known = join(known, value.type)
        sites = frozenset().union(*(value.sites for value in values))
        return Value(known, None, any(value.varied for value in values), sites=sites)

    def copy_into(self, new: str, value: Value, out: list[gast.stmt]) -> None:
        """Append ``new = value``, before a `break` that ends the statements; only where the value is assigned."""
        if value.homes is not None:
            for home in value.homes:
                self.copy_into(new, value.but(homes=None), home)
            return
        for end in tails(out):
            tail = [end.pop()] if end and isinstance(end[-1], gast.Break) else []
            with self.emitting_into(end):
                held = self.atom(value, new) if value.varied or value.items is not None else value
                self.emit(assign(new, self.whole(held.but(items=None) if held.node is not None else held)))
            end.extend(tail)

    def _of_branch(self, branch: Any, hint: str | None) -> Value:
        """What a branch gives: a value, an expression, or what is to be done."""
        if isinstance(branch, Value):
            return branch
        return self.visit(branch, hint) if isinstance(branch, gast.AST) else branch()

    def choose(self, test: Value, branches: tuple[Any, Any], hint: str | None) -> Value:
        """``a if test else b`` as an `if` statement."""
        before, values = self.snapshot(), []
        ends: list[Branch] = []
        for branch in branches:
            self.restore(before)
            with self.emitting_into([]) as out:
                values.append(read(self.refreshed(self._of_branch(branch, hint))))
            ends.append((out, self.snapshot(), False))
        self._merge_envs(ends)
        outs = [out for out, _, _ in ends]
        merged = self.merge(hint or "t", list(zip(values, outs)))
        if outs[0] or outs[1]:
            body, orelse, whole = outs[0], outs[1], self.whole(test)
            if not body:
                body, orelse, whole = orelse, [], negated(whole)
            self.emit(gast.If(test=whole, body=body, orelse=orelse))
        return merged


def heap_of(state: Any) -> dict[Identity, Value]:
    """The objects of a snapshot."""
    return {key: value for key, value in state.items() if isinstance(key, Identity)}


def unsure_of(values: list[Value]) -> str:
    """The origin of what some values are merged into that cannot be."""
    return next((value.origin for value in values if value.origin == "conflict"), "conflict")


def partial(value: Value, out: list[gast.stmt]) -> Value:
    """A value that is assigned on one of two paths only."""
    if value.items is not None:
        return value.but(items=tuple(partial(item, out) for item in value.items))
    return value.but(homes=value.homes or (out,)) if value.node is not None else value


def read(value: Value) -> Value:
    """A value that an expression has read: there, it is assigned."""
    if value.items is not None:
        items = tuple(map(read, value.items))
        return value if all(map(operator.is_, items, value.items)) else value.but(items=items)
    return value if value.homes is None else value.but(homes=None)


def _homes(choices: list[tuple[Value | None, list[gast.stmt]]]) -> tuple[list[gast.stmt], ...] | None:
    """Where a merged value is assigned, if not everywhere."""
    if all(value is not None and value.homes is None for value, _ in choices):
        return None
    return tuple(out for _, out in _at_homes(choices))


def _at_homes(choices: list[tuple[Value | None, list[gast.stmt]]]) -> list[tuple[Value, list[gast.stmt]]]:
    """Each value with the blocks after which it is assigned; a block that several share, once: it holds one value."""
    found: dict[int, tuple[Value, list[gast.stmt]]] = {}
    for value, out in choices:
        if value is not None:
            held = (
                value if value.homes is None else value.but(homes=None)
            )  # a part of a parameter stays itself
            for home in value.homes or (out,):
                found.setdefault(id(home), (held, home))
    return list(found.values())


def tails(out: list[gast.stmt]) -> list[list[gast.stmt]]:
    """Where to append so that a `break` stays in tail position: the ends that do not leave."""
    last = out[-1] if out else None
    if isinstance(last, gast.If) and breaks([last]):
        ends = [*tails(last.body), *tails(last.orelse)]
        return [end for end in ends if not (end and isinstance(end[-1], (gast.Break, gast.Raise)))]
    if isinstance(last, gast.With) and breaks([last]):
        return tails(last.body)
    return [out]


def breaks(statements: list[gast.stmt]) -> bool:
    """Whether statements hold a `break` of the loop they stand in."""
    for statement in statements:
        if isinstance(statement, gast.Break):
            return True
        if isinstance(statement, (gast.If, gast.With)):
            if breaks(statement.body) or breaks(getattr(statement, "orelse", [])):
                return True
    return False


def negated(test: gast.expr) -> gast.expr:
    """``not test``."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    return gast.UnaryOp(op=gast.Not(), operand=test)


def _same(one: Value, other: Value) -> bool:
    if one is other:
        return True
    if one.ident is not None or other.ident is not None:
        return one.ident is other.ident
    if one.is_static and other.is_static:
        return one.type == other.type
    if one.function is not None or other.function is not None:
        return one.function is other.function and one.function is not None
    if isinstance(one.node, gast.Name) and isinstance(other.node, gast.Name) and one.items is None:
        return one.node.id == other.node.id and one.type == other.type
    return False


def _structure(value: Value) -> Any:
    if value.items is None:
        return None
    if value.ident is not None:
        return "object"
    head = value.type.keys if isinstance(value.type, Mapping) else (value.type.cls, len(value.items))  # type: ignore[attr-defined]
    return (head, tuple(_structure(item) for item in value.items))
