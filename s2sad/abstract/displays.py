"""Names, constants and displays: what is there already, and tuples, lists, dicts and sets that are written out."""

from __future__ import annotations

import builtins
from typing import Any

import gast

from s2sad.abstract import shared
from s2sad.abstract.outside import Outside
from s2sad.abstract.values import Value, container_of, is_atom, is_list_of_parts, is_parameter, is_partial
from s2sad.runtime import matching
from s2sad.signature import (
    NO_VALUE,
    DictOf,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Record,
    Sequence,
    Static,
    Type,
    join,
    literal,
)
from s2sad.tree.build import constant, name
from s2sad.tree.parts import nodes

INTRINSIC = {"s2sad.is_sequence": matching.is_sequence, "s2sad.is_mapping": matching.is_mapping}
"""What lowered code calls by names that no user's name can be."""


class Displays(Outside):
    """Names and displays; all that visits an expression begins here."""

    def visit(self, node: gast.expr, hint: str | None = None) -> Value:
        """The value of an expression; active parts are emitted, the rest stays whole."""
        return getattr(self, "visit_" + type(node).__name__)(node, hint)

    def visit_all(self, nodes: list[gast.expr]) -> list[Value]:
        """The values of several expressions, evaluated from left to right."""
        values: list[Value] = []
        for node in nodes:
            before = len(self.out)
            value = self.visit(node)
            if len(self.out) > before:
                self._settle(values, before)
            values.append(value)
        return [self.refreshed(value) for value in values]

    def _settle(self, values: list[Value], position: int) -> None:
        """Name the pending expressions that read memory or call: something is now evaluated after them."""
        late = self.out[position:]
        del self.out[position:]
        for k, value in enumerate(values):
            values[k] = self.held(value)
        self.out.extend(late)

    def held(self, value: Value) -> Value:
        """A value that is read now, not where it is used: the memory that it reads may be written until then."""
        if value.items is not None:
            if value.node is not None:
                return value
            items = tuple(self.held(item) for item in value.items)
            return value if all(a is b for a, b in zip(items, value.items)) else value.but(items=items)
        if value.node is None or value.varied or is_atom(value.node) or value.is_static:
            return value
        if is_parameter(value.origin) or not self._reads_memory(value.node):
            return self.ready(value)
        return self.atom(value)

    def _reads_memory(self, node: gast.expr) -> bool:
        """Whether an expression calls something, or reads memory that is written somewhere."""
        return any(
            isinstance(part, (gast.Call, gast.Subscript))
            or (isinstance(part, gast.Name) and self.sites.get(part.id, frozenset()) & self.lessons.written)
            for part in nodes(node)
        )

    # ---- atoms ----------------------------------------------------------------------------------
    def visit_Constant(self, node: gast.Constant, hint: str | None) -> Value:
        return Value(literal(node.value), constant(node.value))

    def visit_Name(self, node: gast.Name, hint: str | None) -> Value:
        if (self.frame, node.id) in self.pending:
            return self.pending[self.frame, node.id]()
        place = self.frame.place(node.id)
        if place is not None and place[1] in place[0]:
            value = place[0][place[1]] = self.refreshed(self.relearnt(place[0][place[1]]))
            if value.origin == "deleted":
                raise self.refuse(
                    "S103",
                    f"name {node.id!r} was deleted",
                    "use it before the `del`, or assign it again",
                    node,
                )
            if self.unnamed and is_partial(value):
                raise self.refuse(
                    "S103", f"whether {node.id!r} is assigned here depends on the path that was taken, and a handler "
                    "waits for the error", "assign it a value before, such as None, and ask for that", node,
                )  # fmt: skip
            shared.check(self, value, node)
            return value
        found = self.read_name(node.id)
        if found is not None:
            return found
        if hasattr(builtins, node.id):
            return Value(Static(getattr(builtins, node.id)), name(node.id))
        if node.id in INTRINSIC:
            return Value(Static(INTRINSIC[node.id]), self.object_node(INTRINSIC[node.id]))
        raise self.refuse(
            "S103", f"name {node.id!r} is not defined here", "define it before this line, or import it", node
        )

    def relearnt(self, value: Value) -> Value:
        """A list with what this run has learnt of it, so that the run learns more: it will not be the last."""
        lessons = self.lessons
        if not lessons.fresh:
            return value
        if is_list_of_parts(value) and value.origin in lessons.storage:
            for item in value.items or ():
                lessons.learn_item(value.origin, item)
            known: Type = ListOf(lessons.items.get(value.origin, Never()))
            made = Value(known, None, value.varied, sites=frozenset([value.origin]), origin=value.origin)
            return self.bind(self.whole(value), made)
        if not isinstance(value.type, ListOf) or len(value.sites) != 1:
            return value
        (site,) = value.sites
        known = ListOf(join(value.type.item, lessons.items.get(site, Never())))
        varied = value.varied or (site in lessons.varied_sites and not self.passive)
        return (
            value if known == value.type and varied == value.varied else value.but(type=known, varied=varied)
        )

    # ---- displays -------------------------------------------------------------------------------
    def visit_Tuple(self, node: gast.Tuple, hint: str | None) -> Value:
        return self._display(Sequence(tuple, ()), node, node.elts)

    def visit_List(self, node: gast.List, hint: str | None) -> Value:
        shown = self._display(Sequence(list, ()), node, node.elts)
        if self.site(node) not in self.lessons.storage:
            self.keep_in_parts(self.site(node))
            return shown
        assert shown.items is not None
        return self.storage(self.site(node), list(shown.items), hint)

    def sequence(self, cls: type, items: tuple[Value, ...], node: Any) -> Value:
        """A new tuple or list of known items; a run-time list where it is changed in place later."""
        site = self.site(node)
        if cls is list and site in self.lessons.storage:
            return self.storage(site, list(items), None)
        if cls is list:
            self.keep_in_parts(site)
        return container_of(Sequence(cls, ()), items, site)

    def storage(self, site: Any, items: list[Value], hint: str | None) -> Value:
        """A list that is changed in place later: a run-time list."""
        for item in items:
            self.lessons.learn_item(site, item)
        known = ListOf(self.lessons.items.get(site, Never()))
        nodes = [self.whole(self.atom(item) if item.varied else item) for item in items]
        varied = site in self.lessons.varied_sites or any(item.varied for item in items)
        if varied:
            self.lessons.learn(self.lessons.varied_sites, site)
        value = Value(
            known,
            None,
            varied and not self.passive,
            sites=frozenset([site]),
            origin=site,
            made=self.writes.make(),
        )
        return self.bind(gast.List(elts=nodes, ctx=gast.Load()), value, hint)

    def check_items(self, site: Any, node: gast.AST) -> None:
        """A list that carries a derivative holds nothing of which no type is known: the derivative would end there."""
        known = self.lessons.items.get(site, Never())
        if site in self.lessons.varied_sites and isinstance(known, Opaque) and not self.lessons.fresh:
            raise self.refuse(
                "S106", "this list holds differentiated values and others of which no type is known",
                "keep the others in a list of their own, or make them numbers first (`float(v)`)", node,
            )  # fmt: skip

    def _display(self, kind: Sequence, node: gast.expr, elts: list[gast.expr]) -> Value:
        items: list[Value] = []
        plain = [elt.value if isinstance(elt, gast.Starred) else elt for elt in elts]
        for elt, value in zip(elts, self.visit_all(plain)):
            items.extend(self.parts(value, elt) if isinstance(elt, gast.Starred) else [value])
        return container_of(kind, tuple(items), self.site(node))

    def visit_Dict(self, node: gast.Dict, hint: str | None) -> Value:
        keys: list[Any] = []
        items: list[Value] = []
        before, state = len(self.out), self.snapshot()
        for key, value in zip(node.keys, self.visit_all(list(node.values))):
            if key is None:
                if isinstance(value.type, DictOf):
                    self.take_back(before)
                    self.restore(state)
                    return self._spread_table(node, hint)
                value = self.parted(value)
                if not isinstance(value.type, Mapping) or value.items is None:
                    raise self.refuse(
                        "S104", "** of a dict whose keys are not known", "write the keys out", node
                    )
                new = list(zip(value.type.keys, value.items))
            else:
                known = self.visit(key).known
                if known is NO_VALUE:
                    return self._opaque_dict(node, hint)
                new = [(known, value)]
            for k, v in new:
                if k in keys:
                    items[keys.index(k)] = v
                else:
                    keys.append(k)
                    items.append(v)
        types = Mapping(tuple(keys), tuple(item.type for item in items))
        if self.site(node) in self.lessons.storage:
            pairs = [(self.key(key), item) for key, item in zip(keys, items)]
            return self.table(self.site(node), pairs, hint)
        self.keep_in_parts(self.site(node))
        return container_of(types, tuple(items), self.site(node))

    def visit_Set(self, node: gast.Set, hint: str | None) -> Value:
        values = self.visit_all(list(node.elts))
        if any(value.varied for value in values) and not self.passive:
            raise self.refuse(
                "S101", "a set of differentiated values: sets have no order", "use a list", node
            )
        return self.only_once(gast.Set(elts=[self.whole(value) for value in values]), set, hint)

    def only_once(self, node: gast.expr, cls: type, hint: str | None) -> Value:
        """What is made anew whenever it is evaluated, and can be changed: one object has one name."""
        if self.passive:
            return Value(Opaque(cls), node)
        return self.bind(node, Value(Opaque(cls), None), hint)

    def need_table(self, owner: Value, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for tables")

    def table(self, site: Any, pairs: list[tuple[Value, Value]], hint: str | None = None) -> Value:
        raise AssertionError("given by the mixin for tables")

    def table_item(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        raise AssertionError("given by the mixin for tables")

    def _spread_table(self, node: gast.Dict, hint: str | None) -> Value:
        """``{**table, key: value}``."""
        made = self.table(self.site(node), [], hint)
        for key, part in zip(node.keys, node.values):
            value = self.visit(part)
            if key is None:
                self.table_update(made, [value], {}, node)
            else:
                self.write_item(made, self.visit(key), value, node)
        return made

    def table_update(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        raise AssertionError("given by the mixin for tables")

    def write_item(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for tables")

    def _opaque_dict(self, node: gast.Dict, hint: str | None) -> Value:
        """A dict with a key that is known only at run time."""
        values = self.visit_all([*[key for key in node.keys if key is not None], *node.values])
        for key in values[: len(values) - len(node.values)]:
            self.check_key(key, node)
        if any(value.varied for value in values) and None not in node.keys:
            middle = len(values) // 2
            return self.table(self.site(node), list(zip(values[:middle], values[middle:])), hint)
        nodes = [self.whole(value) for value in values]
        half = len(nodes) // 2
        return Value(Opaque(dict), gast.Dict(keys=nodes[:half], values=nodes[half:]), origin=self.site(node))

    def check_key(self, key: Value, node: gast.AST) -> None:
        """Refuse a differentiated number as the key of a dict: it may be read from there."""
        if key.varied and not self.passive:
            raise self.refuse(
                "S205", "a differentiated number is a key, from which it may be read",
                "use a list of pairs; or, if the key is meant to be constant, `s2sad.stop_gradient` of it", node,
            )  # fmt: skip

    def parts(self, value: Value, node: gast.expr) -> list[Value]:
        """The items of a container of known length."""
        if value.items is not None and isinstance(value.type, Mapping):
            return [self.key(key) for key in value.type.keys]
        if value.items is not None and not isinstance(value.type, Record):
            return list(value.items)
        iteration = self.iteration(value, node)
        if iteration is not None and iteration.count is not None:
            return [
                iteration.item(self.visit_Constant(gast.Constant(k, None), None))
                for k in range(iteration.count)
            ]
        raise self.refuse(
            "S104", "the number of items unpacked here is not known at compile time",
            "index the items, or loop over them", node,
        )  # fmt: skip

    def visit_Starred(self, node: gast.Starred, hint: str | None) -> Value:
        raise self.refuse("S104", "`*` here", "write the items out", node)

    # ---- given by the mixins above --------------------------------------------------------------
    def parted(self, value: Value) -> Value:
        raise AssertionError("given by the mixin for items")

    def iteration(self, value: Value, node: gast.AST) -> Any:
        raise AssertionError("given by the mixin for loops")

    def repeat(self, items: Value, times: Value, node: gast.AST) -> Value | None:
        raise AssertionError("given by the mixin for calls")

    def choose(self, test: Value, branches: tuple[Any, Any], hint: str | None) -> Value:
        raise AssertionError("given by the mixin for statements")

    def joined_lists(self, left: Value, right: Value, node: gast.AST) -> Value:
        raise AssertionError("given by the mixin for calls")

    def list_slice(self, value: Value, index: gast.expr, node: gast.AST) -> Value:
        raise AssertionError("given by the mixin for calls")

    def present(self, value: Value) -> Value:
        raise AssertionError

    def operate(self, op: gast.operator, left: Value, right: Value, node: gast.AST) -> Value | None:
        raise AssertionError

    def negate_object(self, op: gast.unaryop, operand: Value, node: gast.AST) -> Value | None:
        raise AssertionError

    def compare_objects(self, op: gast.cmpop, left: Value, right: Value, node: gast.AST) -> Value | None:
        raise AssertionError

    def as_test(self, value: Value) -> Value:
        raise AssertionError

    def call_method(
        self, owner: Value, name: str, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        raise AssertionError

    def object_at(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        raise AssertionError

    def apply(
        self, function: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any, build: Any
    ) -> Value:
        raise AssertionError

    def call_known(
        self, function: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
    ) -> Value:
        raise AssertionError
