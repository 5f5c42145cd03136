"""Dicts that are changed in place: run-time dicts, with what is known of the items under each key."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.expressions import Expressions
from s2sad.abstract.functions import function_of
from s2sad.abstract.state import Rerun
from s2sad.abstract.values import FieldsOf, Iteration, Value, View, container_of, holds_references
from s2sad.runtime import sequences
from s2sad.signature import (
    DictOf,
    Mapping,
    Never,
    Opaque,
    Scalar,
    Sequence,
    Static,
    Type,
    join,
    literal,
    without_value,
)
from s2sad.tree.build import call, constant, subscript

NONE = Value(Static(None), gast.Constant(None, None))
WRITING = {"update", "setdefault", "pop", "clear", "popitem"}


class Tables(Expressions):
    """Dicts that are changed in place."""

    def need_table(self, owner: Value, node: gast.AST) -> None:
        """A dict that is changed in place is a run-time dict from where it was made: learn that, start anew."""
        if isinstance(owner.type, DictOf):
            return
        if owner.origin is None and owner.sites:  # it comes out of a list: any of those that were put there
            self.lessons.learn(self.lessons.storage, *owner.sites)
            if self.lessons.fresh:
                raise Rerun
        if owner.origin is None or isinstance(owner.origin, (str, FieldsOf)) or self.is_learnt(owner.origin):
            raise self.refuse("S108", "this dict cannot be changed in place", "build a new dict", node)
        if isinstance(owner.origin, tuple) and owner.origin[:1] == ("global",):
            raise self.refuse(
                "S108", "this dict lives outside of the function, and is changed in place here",
                "return what you want to keep", node,
            )  # fmt: skip
        self.lessons.learn(self.lessons.storage, owner.origin)
        raise Rerun

    def is_learnt(self, origin: Any) -> bool:
        """Whether a dict is still kept in parts though it is known from a run before that it must not be."""
        return origin in self.lessons.storage and not self.lessons.fresh

    def set_fields(self, owner: Value, pairs: list[tuple[Value, Value]], node: gast.AST) -> None:
        """``vars(obj)[key] = value``."""
        assert isinstance(owner.origin, FieldsOf)
        self.writes.note_field(self.at)
        for key, value in pairs:
            if not isinstance(key.known, str):
                raise self.refuse(
                    "S103",
                    "the name of an attribute is known only at run time",
                    "write it as a constant",
                    node,
                )
            self.set_field(self.heap[owner.origin.ident], key.known, value, node)

    def table(self, site: Any, pairs: list[tuple[Value, Value]], hint: str | None = None) -> Value:
        """A run-time dict of keys and items."""
        self.lessons.keys.setdefault(site, Never())
        for key, item in pairs:
            self.lessons.learn_key(site, key, item)
        known = self.lessons.items.get(site, DictOf((), ()))
        varied = site in self.lessons.varied_sites or any(item.varied for _, item in pairs)
        if varied:
            self.lessons.learn(self.lessons.varied_sites, site)
        shown = gast.Dict(
            keys=[self.whole(key) for key, _ in pairs],
            values=[self.whole(self.atom(item) if item.varied else item) for _, item in pairs],
        )
        value = Value(known, None, varied and not self.passive, sites=frozenset([site]), origin=site)
        return self.bind(shown, value, hint)

    def write_item(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        """``table[key] = value``."""
        self.check_key(index, node)
        self.claim_table(owner, node, (index, value))
        target = subscript(self.whole(self.atom(owner)), self.index_node(index), store=True)
        given = self.whole(self.atom(value) if value.varied else value)
        self.emit(gast.Assign(targets=[target], value=given, type_comment=None))

    def claim_table(self, owner: Value, node: gast.AST, *pairs: tuple[Value, Value]) -> None:
        """Note that a table is written, and what is put there."""
        for site in owner.sites:
            self._check_writable(site, owner, node)
            self.wrote(site)
            for key, item in pairs:
                self.lessons.learn_key(site, key, item)
                if item.varied and not self.passive:
                    self.lessons.learn(self.lessons.varied_sites, site)

    def table_item(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        """``table[key]``."""
        assert isinstance(value.type, DictOf)
        known = value.type.under(index.known)
        if isinstance(known, Opaque) and value.varied:
            raise self.refuse(
                "S106", "a key known only at run time, of a dict whose items are of different kinds",
                "use constant keys, or items of one kind", node,
            )  # fmt: skip
        held = frozenset().union(*(self.lessons.contents.get(site, frozenset()) for site in value.sites))
        sites = held if holds_references(known) else frozenset()
        read = subscript(self.whole(value), self.index_node(index))
        item = Value(known, read, sites=sites, before=self.writes.filled(value))
        if not (value.varied and known.is_real) or self.passive:
            return item
        return self.opened(self.bind(read, item.but(node=None, varied=True), hint))

    def keys_of(self, owner: Value) -> Value:
        """The keys, as they are now."""
        return self.bind(call("list", self.whole(owner)), Value(Opaque(list), None), "keys")

    def table_iteration(self, owner: Value, give: Any) -> Iteration:
        """A loop over the keys of a run-time dict."""
        keys = self.keys_of(owner)
        kind = self.kind_of_keys(owner)

        def item(k: Value) -> Value:
            key = self.bind(subscript(self.whole(keys), self.whole(k)), Value(kind, None), "key")
            return give(key)

        return Iteration(call("len", self.whole(keys)), item)

    def kind_of_keys(self, owner: Value) -> Type:
        """The type of each key, where all are numbers, or there are none yet; nothing is known of others."""
        kind: Type = Never()
        for site in owner.sites:
            known: Type = self.lessons.keys.get(site, Opaque())
            if site in self.in_parts and isinstance(owner.type, DictOf):  # made with these keys and no others
                known = Never()
                for key in owner.type.keys:
                    known = join(known, without_value(literal(key)))
            kind = join(kind, known)
        return kind if isinstance(kind, (Scalar, Never)) else Opaque()

    def _view(self, owner: Value, give: Any, varied: bool) -> Value:
        """The keys, values or pairs of a run-time dict: those that it has when they are looped over."""
        count = Iteration(call("len", self.whole(self.atom(owner))), give)
        view = View(lambda: self.table_iteration(owner, give))
        return Value(Opaque(), None, varied, origin=view, iteration=count)

    # ---- methods --------------------------------------------------------------------------------
    def table_keys(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        return self._view(owner, lambda key: key, False)

    def table_values(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        return self._view(owner, lambda key: self.table_item(owner, key, None, node), owner.varied)

    def table_items(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        def pair(key: Value) -> Value:
            return container_of(Sequence(tuple, ()), (key, self.table_item(owner, key, None, node)))

        return self._view(owner, pair, owner.varied)

    def table_get(self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST) -> Value:
        default = args[1] if len(args) > 1 else NONE
        return self.enter(function_of(sequences.value_or, self), [owner, args[0], default], {}, node)

    def table_setdefault(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        self.need_table(owner, node)
        if len(args) < 2:
            raise self.refuse("S109", "setdefault without a value", "give the value", node)
        return self.enter(function_of(sequences.set_default, self), [owner, *args], {}, node)

    def table_update(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        if isinstance(owner.origin, FieldsOf):
            pairs = [pair for other in args for pair in self.pairs_of(other, node)]
            named = [(Value(literal(word), constant(word)), item) for word, item in keywords.items()]
            if not any(isinstance(other.type, DictOf) for other in args):
                self.set_fields(owner, [*pairs, *named], node)
                return NONE
        self.need_table(owner, node)
        for other in args:
            for key, item in self.pairs_of(other, node):
                self.write_item(owner, key, item, node)
            if isinstance(other.type, DictOf):
                self.enter(function_of(sequences.put_all, self), [owner, other], {}, node)
        for word, item in keywords.items():
            self.write_item(owner, Value(literal(word), constant(word)), item, node)
        return NONE

    def pairs_of(self, other: Value, node: gast.AST) -> list[tuple[Value, Value]]:
        """The keys and items of a dict of known keys, or of a sequence of pairs."""
        if isinstance(other.type, Mapping) and other.items is not None:
            return [(self.key(key), item) for key, item in zip(other.type.keys, other.items)]
        if isinstance(other.type, DictOf):
            return []
        found = []
        for pair in self.parts(other, node):
            key, item = self.parts(pair, node)
            found.append((key, item))
        return found

    def table_pop(self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST) -> Value:
        self.need_table(owner, node)
        if len(args) > 1:
            return self.enter(function_of(sequences.taken_or, self), [owner, *args], {}, node)
        taken = self.table_item(owner, args[0], None, node)
        taken = taken if taken.varied or taken.node is None else self.atom(taken)
        self._drop(
            owner,
            gast.Call(func=self._attribute(owner, "pop"), args=[self.whole(args[0])], keywords=[]),
            node,
        )
        return taken

    def table_clear(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        self.need_table(owner, node)
        self._drop(owner, gast.Call(func=self._attribute(owner, "clear"), args=[], keywords=[]), node)
        return NONE

    def table_popitem(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        raise self.refuse("S101", "popitem is not supported", "pop a key", node)

    def table_copy(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        assert isinstance(owner.type, DictOf)
        if owner.type.rest is not None:
            return self.enter(function_of(sequences.dict_of, self), [owner], {}, node)
        made = self.table(self.site(node), [])
        for key in owner.type.keys:  # each under its own type
            given = [made, owner, self.key(key)]
            self.enter(function_of(sequences.keep_item, self), given, {}, node)
        return made

    def _attribute(self, owner: Value, attr: str) -> gast.expr:
        return gast.Attribute(value=self.whole(self.atom(owner)), attr=attr, ctx=gast.Load())

    def _drop(self, owner: Value, effect: gast.expr, node: gast.AST) -> None:
        """Take items away: what they were is not read any more, so this has no derivative."""
        self.claim_table(owner, node)
        self.emit(gast.Expr(value=effect))

    # ---- given by other mixins ------------------------------------------------------------------
    def enter(self, function: Any, args: list[Value], keywords: dict[str, Value], node: gast.AST) -> Value:
        raise AssertionError

    def _check_writable(self, site: Any, owner: Value, node: gast.AST) -> None:
        raise AssertionError
