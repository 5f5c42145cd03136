"""Lists, dicts and named tuples: their methods, and when a list is kept in parts or as one object that runs."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract import iterators
from s2sad.abstract.classes import Classes, is_object
from s2sad.abstract.functions import function_of
from s2sad.abstract.outside import is_outside
from s2sad.abstract.state import Rerun
from s2sad.abstract.values import (
    Frame,
    Iteration,
    Value,
    container_of,
    holds_references,
)
from s2sad.runtime import sequences
from s2sad.signature import (
    NO_VALUE,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Scalar,
    Sequence,
    Static,
)
from s2sad.tree.build import call, subscript


class Containers(Classes):
    """Methods of containers."""

    def _only(self, owner: Value) -> bool:
        """Whether a list kept in parts is held by one variable or field only, so that it can grow as a value."""
        if owner.items is None or not isinstance(owner.type, Sequence) or owner.type.cls is not list:
            return False
        return self.held_once(owner)

    def held_once(self, owner: Value) -> bool:
        """Whether a container kept in parts is held by one variable or field only."""
        if owner.node is not None or owner.origin in self.lessons.storage:
            return False
        if is_outside(owner.origin) or owner.origin in self.handed_in:
            return False
        frames: dict[int, Frame] = {}
        stack: list[Frame | None] = [*self.frames, self.frame]
        while stack:
            frame = stack.pop()
            if frame is not None and id(frame) not in frames:
                frames[id(frame)] = frame
                made = [value.function.frame for value in frame.env.values() if value.function is not None]
                stack += [frame.parent, *made]
        values = [value for frame in frames.values() for value in frame.env.values() if value.ident is None]
        values += [default for value in values for default in _defaults_in(value)]
        fields = [item for obj in self.heap.values() for item in obj.items or ()]
        return sum(_holds(value, owner.origin) for value in [*values, *fields]) == 1

    def _grown(self, holder: gast.expr, owner: Value, node: gast.Call) -> Value | None:
        """``variable.append(item)`` or ``obj.field.append(item)`` of a list kept in parts."""
        if isinstance(holder, gast.Name):
            if self.frame.env.get(self.frame.key(holder.id)) is not owner:
                return None
        elif not isinstance(holder, gast.Attribute):
            return None
        obj = self.visit(holder.value) if isinstance(holder, gast.Attribute) else None
        if obj is not None and (not is_object(obj) or self.mangled(holder.attr) not in obj.type.keys):  # type: ignore[attr-defined]
            return None
        args, _ = self.arguments(node)
        (item,) = args
        simple = item.items is not None or item.function is not None or item.is_static
        held = self.held(item) if simple else self.atom(item)
        assert owner.items is not None
        grown = container_of(Sequence(list, ()), (*owner.items, held), owner.origin)
        self.writes.note(owner.origin, resized=True)
        if obj is not None:
            self.set_field(obj, self.mangled(holder.attr), grown, node)  # type: ignore[attr-defined]
        else:
            self.frame.bind(holder.id, grown)  # type: ignore[attr-defined]
        return Value(Static(None), gast.Constant(None, None))

    def container_append(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        (item,) = args
        for site in owner.sites:
            self.lessons.learn_item(site, item)
            self.wrote(site, resized=True, made=owner.made)
            if item.varied and not self.passive:
                self.lessons.learn(self.lessons.varied_sites, site)
            self.check_items(site, node)
        func = gast.Attribute(value=self.whole(owner), attr="append", ctx=gast.Load())
        given = self.whole(self.atom(item) if item.varied else self.ready(item))
        self.emit(gast.Expr(value=gast.Call(func=func, args=[given], keywords=[])))
        return Value(Static(None), gast.Constant(None, None))

    def container_pop(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if not isinstance(owner.type, (ListOf, Sequence)):
            return None
        self.need_storage(owner, node)
        if args and args[0].known != -1:
            return self.enter(function_of(sequences.pop_at, self), [owner, *args], {}, node)
        assert isinstance(owner.type, ListOf)
        for site in owner.sites:
            self.wrote(site, resized=True, made=owner.made)
        func = gast.Attribute(value=self.whole(owner), attr="pop", ctx=gast.Load())
        held = frozenset().union(*(self.lessons.contents.get(site, frozenset()) for site in owner.sites))
        sites = held if holds_references(owner.type.item) else frozenset()
        value = Value(
            owner.type.item, None, owner.varied and owner.type.item.is_real and not self.passive, sites=sites
        )
        return self.opened(self.bind(gast.Call(func=func, args=[], keywords=[]), value))

    def container_extend(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.extend, self), [owner, *args], {}, node)

    def container_insert(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.insert, self), [owner, *args], {}, node)

    def container_sort(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        reverse = keywords.get("reverse", Value(Scalar("bool", False), gast.Constant(False, None)))
        key = keywords.get("key", Value(Static(None), gast.Constant(None, None)))
        order = iterators.order_by(self, owner, key, self.whole(reverse), node)
        self.enter(function_of(sequences.sort_in_place, self), [owner, order], {}, node)
        return Value(Static(None), gast.Constant(None, None))

    def container_reverse(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.reverse, self), [owner], {}, node)

    def container_clear(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if isinstance(owner.type, Mapping):
            return None
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.clear, self), [owner], {}, node)

    def container_remove(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        place = self.container_index(owner, args, keywords, node)
        self.enter(function_of(sequences.pop_at, self), [owner, self.atom(place)], {}, node)
        return Value(Static(None), gast.Constant(None, None))

    def container_index(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        """Where an item stands: an integer, so it carries no derivative."""
        with self.passively():
            func = gast.Attribute(value=self._owner(owner), attr="index", ctx=gast.Load())
            return Value(
                Scalar("int"), gast.Call(func=func, args=[self.whole(arg) for arg in args], keywords=[])
            )

    def container_count(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        with self.passively():
            func = gast.Attribute(value=self._owner(owner), attr="count", ctx=gast.Load())
            return Value(
                Scalar("int"), gast.Call(func=func, args=[self.whole(arg) for arg in args], keywords=[])
            )

    def container_items(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if owner.items is None or not isinstance(owner.type, Mapping):
            return None
        pairs = [
            container_of(Sequence(tuple, ()), (self.key(key), item))
            for key, item in zip(owner.type.keys, owner.items)
        ]
        return container_of(Sequence(tuple, ()), tuple(pairs))

    def container_keys(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if owner.items is None or not isinstance(owner.type, Mapping):
            return None
        return container_of(Sequence(tuple, ()), tuple(self.key(key) for key in owner.type.keys))

    def container_values(
        self, owner: Value, args: list[Value], keywords: Any, node: gast.AST
    ) -> Value | None:
        if owner.items is None or not isinstance(owner.type, Mapping):
            return None
        return container_of(Sequence(tuple, ()), owner.items)

    def container_get(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if not isinstance(owner.type, Mapping) or args[0].known is NO_VALUE:
            return None
        if args[0].known in owner.type.keys:
            if owner.items is None:
                return self.typed_part(owner, args[0])
            return owner.items[owner.type.keys.index(args[0].known)]
        return args[1] if len(args) > 1 else Value(Static(None), gast.Constant(None, None))

    def container_copy(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if isinstance(owner.type, ListOf) and not self.passive:
            unknown = isinstance(owner.type.item, Never)  # nothing is in it yet
            if owner.varied or owner.type.is_real or unknown:
                return self.enter(function_of(sequences.list_of, self), [owner], {}, node)
        if owner.items is None:
            return None
        return self.made_of(owner.type, owner.items, self.site(node))

    def made_of(self, kind: Any, items: tuple[Value, ...], site: Any, hint: str | None = None) -> Value:
        """A new list, dict or tuple of parts; one that is changed in place later is a run-time one."""
        if site in self.lessons.storage and isinstance(kind, Mapping):
            keys = [self.key(key) for key in kind.keys]
            return self.table(site, list(zip(keys, items)), hint)
        if site in self.lessons.storage and isinstance(kind, Sequence) and kind.cls is list:
            return self.storage(site, list(items), hint)
        if isinstance(kind, Mapping) or (isinstance(kind, Sequence) and kind.cls is list):
            self.keep_in_parts(site)
        return container_of(kind, items, site)

    def joined_lists(self, left: Value, right: Value, node: gast.AST) -> Value:
        """``a + b`` of lists of which one is a run-time list."""
        return self.enter(function_of(sequences.joined, self), [left, right], {}, node)

    def list_slice(self, value: Value, index: gast.expr, node: gast.AST) -> Value:
        """``items[a:b:c]`` of a run-time list: a new list, filled by a loop."""
        held = self.named_container(value)
        whole = subscript(call("range", call("len", self.whole(held))), index)
        indices = self.bind(whole, Value(Opaque(range), None), "indices")

        def place(k: Value) -> Value:
            return self.bind(subscript(self.whole(indices), self.whole(k)), Value(Scalar("int"), None), "k")

        places = Value(Opaque(), None, iteration=Iteration(call("len", self.whole(indices)), place))
        return self.enter(function_of(sequences.sliced, self), [held, places], {}, node)

    def need_storage(self, owner: Value, node: gast.AST) -> None:
        """A list that is changed in place is a run-time list from where it was made: learn that, and start anew."""
        if owner.items is None and not isinstance(owner.type, Sequence):
            return
        if (
            owner.origin is None and owner.sites
        ):  # it comes out of another list: any of those that were put there
            self.lessons.learn(self.lessons.storage, *owner.sites)
            if self.lessons.fresh:
                raise Rerun
        if owner.origin is None:
            raise self.refuse("S108", "this list cannot be changed in place", "build a new list", node)
        if owner.origin in self.lessons.storage:  # learnt before, and of no use
            raise self.refuse(
                "S108", "this list lives outside of the function, and is changed in place here",
                "return what you want to keep", node,
            )  # fmt: skip
        self.lessons.learn(self.lessons.storage, owner.origin)
        raise Rerun

    def repeat(self, items: Value, times: Value, node: gast.AST) -> Value | None:
        """``[a] * n`` with a length known only at run time."""
        whole = gast.BinOp(left=self.whole(items.but(node=None)), op=gast.Mult(), right=self.whole(times))
        item = items.items[0].type if items.items else Opaque()
        site = self.site(node)
        self.lessons.learn_item(site, items.items[0] if items.items else Value(Opaque()))
        if items.varied:
            return self.enter(function_of(sequences.repeat, self), [items, times], {}, node)
        varied = site in self.lessons.varied_sites and not self.passive
        value = Value(
            ListOf(self.lessons.items.get(site, item)), whole, varied, sites=frozenset([site]), origin=site
        )
        return self.bind(whole, value) if varied else value

    def _owner(self, owner: Value) -> gast.expr:
        with self.passively():
            return self.whole(owner)

    # ---- given by other mixins ------------------------------------------------------------------
    def arguments(self, node: gast.Call) -> tuple[list[Value], dict[str, Value]]:
        raise AssertionError("given by the mixin for calls")

    def store(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for statements")


def _defaults_in(value: Value) -> list[Value]:
    """The defaults of a function that was made here, or of several."""
    found = list(value.function.defaults.values()) if value.function is not None else []
    return found + [
        default for part in (value.items or value.choices or ()) for default in _defaults_in(part)
    ]


def _holds(value: Value, origin: Any) -> int:
    """How often a value holds the container that was made at a place; objects hold theirs themselves."""
    if value.ident is not None:
        return 0
    if value.origin == origin and value.items is not None:
        return 1
    return sum(_holds(item, origin) for item in value.items or ())
