"""Stores into memory: ``owner[index] = value``, updates in place, and what is learnt of the memory that is written."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.abstract import modelled
from s2sad.abstract.contexts import Contexts
from s2sad.abstract.functions import function_of
from s2sad.abstract.overlap import guard_overlap
from s2sad.abstract.values import FieldsOf, Value, is_parameter
from s2sad.abstract.writers import flat_store, flattened_array
from s2sad.runtime import sequences
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Optional,
    Record,
    Scalar,
    Sequence,
)
from s2sad.tree.build import call, is_none, subscript
from s2sad.tree.parts import nodes


class Stores(Contexts):
    """Stores into arrays, lists, dicts and objects."""

    def given(self, value: Value) -> Value:
        """What is written into is not None: it would raise."""
        return self.present(value) if isinstance(value.type, Optional) else value

    def once(self, index: Value) -> Value:
        """An index that is evaluated once, before the store."""
        if index.node is not None and any(isinstance(part, gast.Call) for part in nodes(index.node)):
            return self.atom(index) if not isinstance(index.node, (gast.Slice, gast.Tuple)) else index
        return index

    def store(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        """``owner[index] = value``."""
        owner = self.given(owner)
        if isinstance(owner.type, Record):
            self.call_method(owner, "__setitem__", [index, value], {}, node)
            return
        array = flattened_array(owner)
        if array is not None:
            if isinstance(value.type, Array) and value.sites & array.sites:
                raise self.refuse(
                    "S202", "these values may share memory with the array that `.flat` stores them in",
                    "copy them first (`.copy()`): NumPy reads them while it stores", node,
                )  # fmt: skip
            flat_store(self, array, index, value, node)
            return
        if isinstance(owner.origin, FieldsOf):
            self.set_fields(owner, [(index, value)], node)
            return
        if isinstance(owner.type, (Mapping, DictOf)):
            self.need_table(owner, node)
            self.write_item(owner, index, value, node)
            return
        if isinstance(owner.type, Sequence) and owner.type.cls is list:
            self.need_storage(owner, node)
        if isinstance(owner.type, ListOf) and (
            isinstance(index.type, Opaque) or isinstance(index.known, slice)
        ):
            self._store_slice(owner, index, value, node)
            return
        if isinstance(owner.type, Array) and (value.items is not None or isinstance(value.type, ListOf)):
            value = self.call_known(np.array, [value], {}, None, node)
        self.write(owner, index, value, node, None)

    def _store_slice(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        """``items[a:b] = values``: the list may grow or shrink."""
        if not isinstance(index.node, gast.Slice):
            raise self.refuse("S101", "a store into this slice of a list", "store the items in a loop", node)
        step = _constant_step(index.node.step)
        if step is None:
            raise self.refuse("S101", "a step that is not known here", "store the items in a loop", node)
        whole = gast.Call(
            func=gast.Name("len", gast.Load(), None, None), args=[self.whole(self.atom(owner))], keywords=[]
        )
        places = gast.Call(func=gast.Name("range", gast.Load(), None, None), args=[whole], keywords=[])
        held = self.bind(subscript(places, self.index_node(index)), Value(Opaque(range), None), "places")
        extended = step != 1
        ends = [
            self.bind(
                gast.Attribute(value=self.whole(held), attr=end, ctx=gast.Load()),
                Value(Scalar("int"), None),
                end,
            )
            for end in (("start", "step") if extended else ("start", "stop"))
        ]
        if extended:  # as many items as places
            count = self.bind(call("len", self.whole(held)), Value(Scalar("int"), None), "count")
            self.enter(function_of(sequences.set_places, self), [owner, *ends, count, value], {}, node)
            return
        self.enter(function_of(sequences.set_slice, self), [owner, *ends, value], {}, node)

    def write(
        self, owner: Value, index: Value, value: Value, node: gast.AST, op: gast.operator | None
    ) -> None:
        """A store or, with `op`, an update in place."""
        if not isinstance(owner.type, (Array, ListOf)):
            self._write_elsewhere(owner, index, value, node)
            return
        self.claim(owner, value, node)
        base = self.atom(owner)
        target = subscript(self.whole(base), self.index_node(index), store=True)
        value = self.atom(value) if value.varied else self.ready(value)
        if op is None:
            guard_overlap(self, owner, target, value, node)
        given = self.whole(value)
        if op is not None:
            self.emit(gast.AugAssign(target=target, op=type(op)(), value=given))
        else:
            self.emit(gast.Assign(targets=[target], value=given, type_comment=None))

    def claim(self, owner: Value, value: Value, node: gast.AST) -> None:
        """Note that `value` is written into the memory of `owner`."""
        carries = value.varied and owner.type.is_real and not self.passive
        if (
            carries
            and not owner.varied
            and not self.lessons.fresh
            and owner.sites <= self.lessons.varied_sites
        ):
            raise self.refuse(
                "S108", "this takes a derivative, and what made the memory that it is written into is not followed",
                "make the array here (`np.zeros_like`, `.copy()`) and write into that", node,
            )  # fmt: skip
        if isinstance(owner.type, Array) and not self.passive:
            self._veiled(owner.type, [value], node)
        for site in owner.sites:
            self._check_writable(site, owner, node)
            self.wrote(site)
            self.lessons.note_write(site, node, self.frame.lines)
            if isinstance(owner.type, ListOf):
                self.lessons.learn_item(site, value)
            if carries or (value.varied and not self.passive and isinstance(owner.type, ListOf)):
                self.lessons.learn(self.lessons.varied_sites, site)
            if isinstance(owner.type, ListOf):
                self.check_items(site, node)

    def _check_writable(self, site: Any, owner: Value, node: gast.AST) -> None:
        if is_parameter(site):
            self.lessons.learn(self.lessons.copied, site)
        if isinstance(site, tuple) and site and site[0] == "shared":
            raise self.refuse(
                "S202", "what a recursive function returned may share memory with its arguments, and is written here",
                "copy it (`.copy()`) before writing", node,
            )  # fmt: skip
        if isinstance(site, tuple) and site and site[0] == "held":
            raise self.refuse(
                "S108",
                "what stop_gradient returned is written in place here",
                "copy it (`.copy()`) before writing",
                node,
            )
        if isinstance(site, tuple) and site and site[0] == "global":
            self.write_outside(site, node)

    def _write_elsewhere(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        if value.varied or owner.varied or isinstance(owner.type, (Mapping, Sequence)):
            modelled.model(self, owner)
            raise self.refuse(
                "S108",
                "a write into a dict, tuple or object is not supported",
                "use a list or an array",
                node,
            )
        for site in owner.sites:  # what an unknown function gave may be an array
            if not is_parameter(site) and site[:1] != ("global",):
                self.wrote(site)
                self.lessons.note_write(site, node, self.frame.lines)
        target = subscript(self.whole(self.atom(owner)), self.index_node(index), store=True)
        self.emit(gast.Assign(targets=[target], value=self.whole(value), type_comment=None))


def _constant_step(node: gast.expr | None) -> int | None:
    """The step of a slice: 1 where there is none, None where it is not known."""
    sign = 1
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        sign, node = -1, node.operand
    if node is None or is_none(node):
        return 1
    return sign * node.value if isinstance(node, gast.Constant) and isinstance(node.value, int) else None
