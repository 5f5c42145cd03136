"""The reverse sweep: each statement of typed core, last first, hands its result's cotangent to its operands.

A cotangent is absent until its first contribution, which is assigned; a statement whose result has no cotangent is
skipped.  Memory that is written in place has a *shadow* instead: a buffer made where the primal's is, with a view for
each view.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callee, Emitted
from s2sad.abstract.interpreter import Interpreted
from s2sad.analysis.activity import useful
from s2sad.names import base
from s2sad.rules.indexing import is_basic, may_repeat
from s2sad.rules.quote import Binding
from s2sad.runtime.arrays import last_write
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Scalar,
    Sequence,
    Type,
    kind_of,
    static_value,
)
from s2sad.sweep.early import Early
from s2sad.sweep.emitter import Bound, parts_of, same_shape
from s2sad.tree.build import (
    accumulated,
    assign,
    binary,
    call,
    clone,
    constant,
    dotted,
    name,
    names_in,
    subscript,
    target,
)

MAX_ROUNDS = 12
MAY_COPY = (np.reshape, np.ravel, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)
"""Functions that give a view where they can, and a copy where not: only the call itself tells."""


@dataclass
class Cotangent:
    """The cotangent that a name has so far: an atom, or the parts of a container's."""

    node: gast.expr | None = None
    parts: dict[Any, gast.expr] = field(default_factory=dict)
    mask: gast.expr | None = None
    owned: bool = False
    """Whether no other name holds the cotangent's memory, so that it may be added to in place."""


@dataclass
class Edits:
    """Statements that the reverse sweep asks the forward sweep for, before or after one of its own."""

    before: dict[int, list[gast.stmt]] = field(default_factory=dict)
    after: dict[int, list[gast.stmt]] = field(default_factory=dict)
    tests: dict[int, str] = field(default_factory=dict)
    trips: dict[int, str] = field(default_factory=dict)
    bounds: dict[int, list[gast.expr]] = field(default_factory=dict)
    kept: dict[Any, str] = field(default_factory=dict)


class Reverse(Early):
    """One reverse sweep over one function."""

    def __init__(
        self, core: Interpreted, seeds: dict[str, gast.expr], taken: set[str], masked: bool = True,
        closed: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(core, taken)
        self.masked, self.closed = masked, closed
        names = {key for key, known in core.types.items() if known.is_real}
        reached = useful(core.body, seeds, core.sites, core.written)
        self.active = core.varied & names & reached
        self.edits = Edits()
        self.bars: dict[str, Cotangent] = {}
        self.shadows: dict[str, str] = {}
        self.read_only: dict[str, gast.Assign] = {}
        self.ambiguous: gast.stmt | None = None
        self.blocks: dict[int, tuple[list[gast.stmt], list[gast.stmt]]] = {}
        self.loops: dict[int, tuple[gast.stmt, gast.stmt]] = {}
        self.carried = carried_names(list(core.body))
        self.stores = _stores(list(core.body))
        self.everywhere = _occurrences(list(core.body))
        self.definitions: dict[str, list[gast.Assign]] = {}
        for statement in _assignments(list(core.body)):
            self.definitions.setdefault(statement.targets[0].id, []).append(statement)
        self.hoisted: set[tuple[str, int]] = set()
        self.callees: dict[str, Callee] = {}
        self.call_args: dict[str, list[gast.expr]] = {}
        self.entry_names = set(core.leaves.values())
        self.seeds = seeds
        self.reshaped = self._reshaped(list(core.body))
        self.heads: list[dict[str, Cotangent]] = []
        self.written_heads: set[str] = set()
        self._find_shadows()

    def is_active(self, key: str) -> bool:
        return key in self.active

    def is_shadowed(self, key: str) -> bool:
        """Whether a name's memory is written in place, so that its cotangent is a buffer."""
        return key in self.shadows

    def _find_shadows(self) -> None:
        for key in self.core.types:
            known = self.core.types[key]
            if key in self.active and self._has_shadow(key, known):
                self.shadows[key] = self.fresh(f"{base(key)}_bar")
                self.types[self.shadows[key]] = known
        self._find_read_only()
        self.find_early()

    def _has_shadow(self, key: str, known: Type) -> bool:
        return isinstance(known, DictOf) or (isinstance(known, (Array, ListOf)) and self._written(key))

    def _find_read_only(self) -> None:
        """Views that NumPy makes read-only, and views of those."""
        found = True
        while found:
            found = False
            for key, statements in self.definitions.items():
                if (
                    key in self.shadows
                    and key not in self.read_only
                    and any(map(self._is_read_only, statements))
                ):
                    self.read_only[key], found = statements[0], True
                    self.ambiguous = statements[0] if len(statements) > 1 else self.ambiguous

    def _is_read_only(self, statement: gast.Assign) -> bool:
        """Whether a view is made that nothing can be written through."""
        value = statement.value
        bound = self.bound(value) if isinstance(value, gast.Call) else None
        if bound is not None and bound.function in (np.diagonal, np.broadcast_to):
            return True
        return self._viewed(value) in self.read_only

    def _reshaped(self, statements: list[gast.stmt]) -> frozenset[Any]:
        """Allocations that a reshape may or may not view."""
        found: frozenset[Any] = frozenset()
        for statement in statements:
            for part in gast.walk(statement):
                if isinstance(part, gast.Call) and self._may_copy(part):
                    for key in names_in(part.args[:1]):
                        found |= self.core.sites.get(key, frozenset())
        return found

    def _written(self, key: str) -> bool:
        """Whether a name's memory is written while it has the name: what was written before is just a value."""
        sites = self.core.sites.get(key, frozenset())
        made = self.definitions.get(key)
        if made is None:
            return self.memory.is_written(sites)
        return any(self.memory.written_after(sites, statement) for statement in made)

    # ---- the forward sweep's values -------------------------------------------------------------
    def primal(self, node: gast.expr, statement: gast.stmt, result: bool = False) -> gast.expr:
        """A primal operand as the reverse sweep may read it: a copy where its memory is overwritten later."""
        if not isinstance(node, gast.Name) or not isinstance(self.types.get(node.id), (Array, ListOf)):
            return node
        sites = self.core.sites.get(node.id, frozenset())
        if not self.memory.written_after(sites, statement):
            return node
        key = (id(statement), node.id)
        if key not in self.edits.kept:
            saved = self.fresh(base(node.id) + "_saved")
            self.types[saved] = self.types[node.id]
            copied = gast.Call(gast.Attribute(clone(node), "copy", gast.Load()), [], [])
            place = self.edits.after if result else self.edits.before
            place.setdefault(id(statement), []).append(gast.copy_location(assign(saved, copied), statement))
            self.edits.kept[key] = saved
        return name(self.edits.kept[key])

    def replayed(self, node: gast.expr, statement: gast.stmt) -> gast.expr:
        """An inactive expression as the reverse sweep may evaluate it again; kept beforehand if it changes."""
        if isinstance(node, gast.Tuple):
            return gast.Tuple(elts=[self.replayed(elt, statement) for elt in node.elts], ctx=gast.Load())
        if isinstance(node, gast.Slice):
            parts = (node.lower, node.upper, node.step)
            return gast.Slice(*(None if part is None else self.replayed(part, statement) for part in parts))
        if not self._changes(node, statement):
            return clone(node)
        key = (id(statement), "value", ast_key(node))
        if key not in self.edits.kept:
            saved = self.fresh("index")
            known = self.typer(node)
            self.types[saved] = known
            value = clone(node)
            if isinstance(known, Array):
                value = copied(value)
            statement_new = gast.copy_location(assign(saved, value), statement)
            self.edits.before.setdefault(id(statement), []).append(statement_new)
            self.edits.kept[key] = saved
        return name(self.edits.kept[key])

    def _changes(self, node: gast.expr, statement: gast.stmt) -> bool:
        for part in gast.walk(node):
            if isinstance(part, gast.Call) and not (self.is_pure_call(part) and dotted(part.func) != "print"):
                return True
        for key in names_in(node):
            sites = self.core.sites.get(key, frozenset())
            if sites and self.memory.written_after(sites, statement):
                return True
        return False

    # ---- cotangents -----------------------------------------------------------------------------
    def bar_hint(self, key: str) -> str:
        return f"{base(key)}_bar"

    def take(self, key: str) -> gast.expr | None:
        """The cotangent of a name, which is defined here: it has none before."""
        if key in self.shadows:
            return name(self.shadows[key])
        held = self.bars.pop(key, None)
        self.mask = None if held is None else held.mask
        if held is None:
            return None
        return self._assembled(key, held)

    mask: gast.expr | None = None

    def _assembled(self, key: str, held: Cotangent) -> gast.expr:
        if held.node is not None and not held.parts:
            return held.node
        known = self.types[key]
        assert isinstance(known, (Sequence, Mapping))
        places = parts_of(known, name(key))
        keys = list(known.keys) if isinstance(known, Mapping) else list(range(len(known.items)))
        parts = []
        for k, item, place in zip(keys, known.items, places):
            part = held.parts.get(k)
            if held.node is not None:
                from_whole = parts_of(known, held.node)[keys.index(k)]
                part = from_whole if part is None else binary(from_whole, gast.Add, part)
            parts.append(self.zero(item, place) if part is None else part)
        return self.display(known, parts)

    def add(self, node: gast.expr, contribution: gast.expr, mask: gast.expr | None = None) -> None:
        """Add a contribution to an operand's cotangent."""
        if isinstance(node, (gast.Tuple, gast.List)):
            for k, elt in enumerate(node.elts):
                self.add(elt, subscript(clone(contribution), constant(k)))
            return
        if not isinstance(node, gast.Name) or node.id not in self.active:
            return
        key = node.id
        if key in self.shadows:
            self._add_to_shadow(key, contribution)
            return
        held = self.bars.get(key)
        if held is None or (held.node is None and not held.parts):
            mask = (mask or mask_of(self._made(contribution))) if self.masked else None
            fresh = is_fresh(contribution)
            self.bars[key] = Cotangent(self.bind(contribution, self.bar_hint(key)), mask=mask, owned=fresh)
            return
        known = self.types[key]
        if isinstance(known, (Sequence, Mapping, ListOf)):
            self._add_container(key, known, held, contribution)
            return
        assert held.node is not None
        total = binary(clone(held.node), gast.Add, contribution)
        self.bars[key] = Cotangent(self.bind(total, self.bar_hint(key)), owned=True)

    def _add_container(self, key: str, known: Type, held: Cotangent, contribution: gast.expr) -> None:
        whole = self.atom(contribution, self.bar_hint(key))
        if isinstance(known, ListOf):
            assert held.node is not None
            if not held.owned and key not in self.shadows:
                held = Cotangent(
                    self.bind(self._copy_of(held.node, known), self.bar_hint(key), known), owned=True
                )
                self.bars[key] = held
            assert held.node is not None
            self._accumulate(held.node, whole, known, self.shares_items(key))
            return
        assert isinstance(known, (Sequence, Mapping))
        keys = list(known.keys) if isinstance(known, Mapping) else list(range(len(known.items)))
        current = self._assembled(key, held)
        olds = (
            current.elts
            if isinstance(current, (gast.Tuple, gast.List))
            else parts_of(known, self.atom(current, "t"))
        )
        news = parts_of(known, whole)
        parts = {
            k: self._plus(old, new, item)
            for k, old, new, item in zip(keys, olds, news, known.items)
            if item.is_real
        }
        self.bars[key] = Cotangent(None, parts)

    def _accumulate_item(self, old: gast.expr, new: gast.expr, known: Type, shared: bool) -> None:
        if shared and isinstance(known, Array):
            place = subscript(old, gast.Constant(Ellipsis, None), store=True)
            self.emit(gast.AugAssign(place, gast.Add(), new))
            return
        value = self._plus(old, new, known)
        assert isinstance(old, gast.Subscript)
        self.emit(gast.Assign([subscript(clone(old.value), clone(old.slice), store=True)], value, None))

    def _accumulate(self, total: gast.expr, items: gast.expr, known: ListOf, shared: bool = False) -> None:
        """Add the items of one list to those of another, lists of lists too."""
        element = self.fresh("k")
        self.types[element] = Scalar("int")
        old, new = subscript(clone(total), name(element)), subscript(clone(items), name(element))
        with self.emitting_into([]) as body:
            if isinstance(known.item, ListOf):
                self._accumulate(old, new, known.item, shared)
            else:
                self._accumulate_item(old, new, known.item, shared)
        self.emit(gast.For(target(element), call("range", call("len", clone(items))), body, [], None))

    def _plus(self, old: gast.expr, new: gast.expr, known: Type) -> gast.expr:
        if isinstance(known, (Scalar, Array)):
            return self.bind(binary(old, gast.Add, new), "t_bar", known)
        if isinstance(known, ListOf):
            held = self.bind(self._copy_of(old, known), "t_bar", known)
            self._accumulate(held, new, known)
            return held
        if not isinstance(known, (Sequence, Mapping)):
            return old
        parts = [
            self._plus(a, b, item)
            for a, b, item in zip(parts_of(known, old), parts_of(known, new), known.items)
        ]
        return self.display(known, parts)

    def _add_to_shadow(self, key: str, contribution: gast.expr) -> None:
        if key in self.read_only:  # its shadow cannot be written: what it is a view of takes the contribution
            statement = self.read_only[key]
            self._pull(key, statement.value, contribution, statement)
            return
        if isinstance(self.types[key], ListOf):
            self._add_container(key, self.types[key], Cotangent(name(self.shadows[key])), contribution)
            return
        everything = gast.Constant(Ellipsis, None)
        place = subscript(name(self.shadows[key]), everything, store=True)
        self.emit(gast.AugAssign(place, gast.Add(), contribution))

    def scatter(self, owner: gast.Name, index: gast.expr, contribution: gast.expr) -> None:
        """Add to the part of an operand's cotangent that an index selects."""
        key = owner.id
        if key not in self.active:
            return
        known = self.types[key]
        if key in self.read_only:
            whole = name(self.bind(self.zero(known, owner), self.bar_hint(key), known).id)  # type: ignore[attr-defined]
            self.emit(gast.AugAssign(subscript(clone(whole), index, store=True), gast.Add(), contribution))
            self._add_to_shadow(key, whole)
            return
        if key in self.shadows:
            buffer: gast.expr = name(self.shadows[key])
        elif isinstance(known, (Sequence, Mapping)) and _is_key(index):
            self._scatter_part(key, static_value(self.typer(index)), contribution)
            return
        else:
            buffer = self._buffer(key, owner)
        if (
            isinstance(known, Array)
            and not is_basic(index, self.types, self.typer(index))
            and not _is_mask(self.typer(index))
        ):
            self.emit(
                gast.Expr(
                    call(
                        gast.Attribute(self.object_node(np.add), "at", gast.Load()),
                        buffer,
                        index,
                        contribution,
                    )
                )
            )
            return
        if isinstance(known, DictOf):
            old = self._entry(buffer, index, self.typer(subscript(clone(owner), clone(index))), "get")
            self.emit(
                gast.Assign([subscript(buffer, index, store=True)], binary(old, gast.Add, contribution), None)
            )
            return
        if isinstance(self.typer(index), Scalar) and isinstance(known, (ListOf, Sequence)):
            self._scatter_item(buffer, index, contribution, known)
            return
        self.emit(gast.AugAssign(subscript(buffer, index, store=True), gast.Add(), contribution))

    def _entry(self, buffer: gast.expr, key: gast.expr, known: Type, how: str) -> gast.expr:
        """What the shadow of a dict holds under a key; nothing yet is zero."""
        if not isinstance(known, (Scalar, Array)):
            assert self.at is not None
            self._refuse_alias(self.at)  # type: ignore[arg-type]
        return call(gast.Attribute(clone(buffer), how, gast.Load()), clone(key), constant(0.0))

    def _scatter_item(
        self, buffer: gast.expr, index: gast.expr, contribution: gast.expr, known: Type
    ) -> None:
        item = self.typer(subscript(clone(buffer), clone(index)))
        old = subscript(clone(buffer), clone(index))
        if isinstance(item, ListOf):
            self._accumulate(old, self.atom(contribution, "t_bar"), item)
            return
        if isinstance(item, (Sequence, Mapping)):
            value = self._plus(old, self.atom(contribution, "t_bar"), item)
        else:
            value = binary(old, gast.Add, contribution)
        store = subscript(buffer, index, store=True)
        self.emit(gast.Assign(targets=[store], value=value, type_comment=None))

    def _scatter_part(self, key: str, k: Any, contribution: gast.expr) -> None:
        held = self.bars.setdefault(key, Cotangent())
        known = self.types[key]
        if isinstance(k, int) and k < 0 and isinstance(known, Sequence):
            k += len(known.items)
        if k in held.parts:
            contribution = self.bind(binary(held.parts[k], gast.Add, contribution), self.bar_hint(key))
        held = Cotangent(held.node, {**held.parts, k: self.atom(contribution, self.bar_hint(key))})
        self.bars[key] = held

    def _buffer(self, key: str, owner: gast.Name) -> gast.expr:
        """The cotangent of a value that is read by index: a buffer of its shape."""
        held = self.bars.get(key)
        if held is None:
            zero = self.zero(self.types[key], owner)
            if isinstance(zero, gast.Tuple):
                zero = gast.List(elts=zero.elts, ctx=gast.Load())
            node = self.bind(zero, self.bar_hint(key), self._buffer_type(key))
        elif held.node is None or held.parts:
            node = self.bind(self._assembled(key, held), self.bar_hint(key), self._buffer_type(key))
        elif isinstance(self.types[key], Array) and not same_shape(self.typer(held.node), self.types[key]):
            node = self.bind(
                binary(self.np("zeros_like", clone(owner)), gast.Add, held.node),
                self.bar_hint(key),
                self.types[key],
            )
        elif held.owned:
            return clone(held.node)
        elif self._is_head(key, held):
            self.written_heads.add(key)
            return clone(held.node)
        else:
            node = self.bind(self._copy_of(held.node, self.types[key]), self.bar_hint(key), self.types[key])
        self.bars[key] = Cotangent(node, owned=True)
        return clone(node)

    def _copy_of(self, node: gast.expr, known: Type) -> gast.expr:
        """A cotangent's value in memory of its own, whose items can be assigned."""
        if isinstance(known, Array):
            return gast.Call(gast.Attribute(clone(node), "copy", gast.Load()), [], [])
        if isinstance(node, (gast.Tuple, gast.List)):
            return gast.List(elts=[clone(elt) for elt in node.elts], ctx=gast.Load())
        if isinstance(known, ListOf) and isinstance(known.item, ListOf):
            element = self.fresh("v")
            self.types[element] = known.item
            each = gast.comprehension(target=target(element), iter=clone(node), ifs=[], is_async=0)
            return gast.ListComp(elt=self._copy_of(name(element), known.item), generators=[each])
        if isinstance(known, Mapping):
            return clone(node)
        return call("list", clone(node))

    def _is_head(self, key: str, held: Cotangent) -> bool:
        """Whether a cotangent is the one that a loop around carries, which can be made its own at the loop's ends."""
        return any(heads.get(key) is held for heads in self.heads)

    def _buffer_type(self, key: str) -> Type:
        return self.types[key]

    def zero(self, known: Type, like: gast.expr) -> gast.expr:
        """The zero cotangent; that of a tuple is a list, since its items may be added to."""
        made = super().zero(known, self.shaped_like(known, like))
        return gast.List(elts=made.elts, ctx=gast.Load()) if isinstance(made, gast.Tuple) else made

    def shaped_like(self, known: Type, like: gast.expr) -> gast.expr:
        """A parameter of the same shape and dtype, if there is one: then `like` itself need not be kept."""
        if not isinstance(known, Array) or known.shape is None or not isinstance(like, gast.Name):
            return like
        sites = self.core.sites.get(like.id, frozenset())
        if sites & self.reshaped:  # views of the shadow must be views where those of the primal are
            return like
        for key in self.core.inputs:
            if self.types.get(key) == known and base(like.id) != key:
                return name(key)
        return like

    # ---- blocks ---------------------------------------------------------------------------------
    def block(self, statements: list[gast.stmt]) -> None:
        """Reverse a block: shadows of what it allocates first, then its statements, last first."""
        if self.ambiguous is not None:
            self._refuse_alias(self.ambiguous)
        for statement in statements:
            self.mirror(statement)
            self._shadow(statement)
        for statement in reversed(statements):
            self.at = statement
            getattr(self, "reverse_" + type(statement).__name__, self._no_derivative)(statement)

    def _no_derivative(self, statement: gast.stmt) -> None:
        return None

    def _shadow(self, statement: gast.stmt) -> None:
        if isinstance(statement, gast.If):
            self._shadow_branches(statement)
        elif isinstance(statement, gast.With):
            self._shadow_context(statement)
        if not isinstance(statement, gast.Assign) or not isinstance(statement.targets[0], gast.Name):
            return
        key = statement.targets[0].id
        if key not in self.shadows or key in self.read_only or (key, id(statement)) in self.hoisted:
            return
        if key in self.early:
            return
        self.at = statement
        self.emit(assign(self.shadows[key], self._shadow_value(key, statement)))

    def _shadow_context(self, statement: gast.With) -> None:
        """What a `with` block makes may be read after it, so its shadows are made before its reverse."""
        for inner in statement.body:
            self._shadow(inner)
            if self._makes_shadow(inner):
                self.hoisted.add((inner.targets[0].id, id(inner)))  # type: ignore[attr-defined]

    def _shadow_branches(self, statement: gast.If) -> None:
        """Shadows that a branch makes and that are read after it are made by a branch before the reverse sweep."""
        inside = [s for s in _simple(statement.body) + _simple(statement.orelse) if self._makes_shadow(s)]
        merged = {s.targets[0].id for s in inside if isinstance(s.value, gast.Name)}
        merged |= {key for key, count in _occurrences([statement]).items() if self.everywhere[key] > count}
        if not merged & {s.targets[0].id for s in inside} or all(
            (s.targets[0].id, id(s)) in self.hoisted for s in inside
        ):
            return
        self.at = statement
        with self.emitting_into([]) as one:
            for inner in statement.body:
                self._shadow(inner)
        with self.emitting_into([]) as other:
            for inner in statement.orelse:
                self._shadow(inner)
        self.hoisted.update((s.targets[0].id, id(s)) for s in inside)
        test: gast.expr = name(self._test(statement))
        if not one:
            one, other, test = other, [], gast.UnaryOp(gast.Not(), test)
        if one:
            self.emit(gast.If(test, one, other))

    def _makes_shadow(self, statement: gast.stmt) -> bool:
        if not isinstance(statement, gast.Assign) or not isinstance(statement.targets[0], gast.Name):
            return False
        key = statement.targets[0].id
        return key in self.shadows and key not in self.early

    def _shadow_value(self, key: str, statement: gast.Assign) -> gast.expr:
        """A buffer of zeros, or the same view of the shadow of what the primal is a view of."""
        value = statement.value
        source = self._viewed(value)
        if (
            source is None or source not in self.shadows
        ):  # what is not written hereafter has a cotangent of its own
            return self.zero(self.types[key], name(key))
        shadow = name(self.shadows[source])
        if isinstance(value, gast.Name):
            return shadow
        if isinstance(self.types[source], DictOf):
            self._refuse_alias(statement)
        if isinstance(value, gast.Subscript):
            return subscript(shadow, self.replayed(value.slice, statement))
        if isinstance(value, gast.Attribute):
            return gast.Attribute(shadow, value.attr, gast.Load())
        assert isinstance(value, gast.Call)
        rest = [self.replayed(arg, statement) for arg in value.args[1:]]
        keywords = [gast.keyword(k.arg, self.replayed(k.value, statement)) for k in value.keywords]
        if (
            isinstance(value.func, gast.Attribute)
            and isinstance(value.func.value, gast.Name)
            and value.func.value.id == source
        ):
            func: gast.expr = gast.Attribute(shadow, value.func.attr, gast.Load())
            return gast.Call(func, [self.replayed(arg, statement) for arg in value.args], keywords)
        return gast.Call(clone(value.func), [shadow, *rest], keywords)

    def _viewed(self, value: gast.expr) -> str | None:
        """The name that a value is a view of, or the same as."""
        if isinstance(value, gast.Name):
            return value.id
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
            if isinstance(self.types.get(value.value.id), Array) and is_basic(
                value.slice, self.types, self.typer(value.slice)
            ):
                return value.value.id
            if isinstance(self.types.get(value.value.id), (ListOf, Sequence, DictOf)):
                return value.value.id
            return None
        if isinstance(value, gast.Attribute) and isinstance(value.value, gast.Name):
            return value.value.id
        bound = self.bound(value) if isinstance(value, gast.Call) else None
        if bound is not None and bound.rule.view and isinstance(value, gast.Call) and value.args:
            first = value.args[0]
            known = self.typer(first)
            if bound.function is np.imag and isinstance(known, Array) and kind_of(known.dtype) != "complex":
                return None
            return first.id if isinstance(first, gast.Name) else None
        return None

    def _reverse_maybe_view(self, key: str, statement: gast.Assign) -> None:
        """A reshape that had to copy: its shadow is a buffer of its own, which flows back to the original's."""
        if not self._may_copy(statement.value):
            return
        source = self.shadows[self._viewed(statement.value)]  # type: ignore[index]
        own = name(self.shadows[key])
        shares = self.np("may_share_memory", clone(own), name(source))
        shaped = call(
            gast.Attribute(clone(own), "reshape", gast.Load()),
            gast.Attribute(name(source), "shape", gast.Load()),
        )
        everything = gast.Constant(Ellipsis, None)
        update = gast.AugAssign(subscript(name(source), everything, store=True), gast.Add(), shaped)
        body: list[gast.stmt] = [gast.copy_location(update, statement)]
        if key in self.early:  # zeros again, for the next time that the reverse sweep runs
            cleared = gast.Assign([subscript(clone(own), clone(everything), store=True)], constant(0.0), None)
            body.append(gast.copy_location(cleared, statement))
        self.emit(gast.If(gast.UnaryOp(gast.Not(), shares), body, []))

    def _may_copy(self, value: gast.expr) -> bool:
        bound = self.bound(value) if isinstance(value, gast.Call) else None
        return bound is not None and bound.function in MAY_COPY

    def _refuse_alias(self, statement: gast.stmt) -> None:
        raise NeedsAlias(statement)

    def reverse_Return(self, statement: gast.Return) -> None:
        for key, seed in self.seeds.items():
            self.add(name(key), seed)

    # ---- assignments ----------------------------------------------------------------------------
    def reverse_Assign(self, statement: gast.Assign) -> None:
        (place,) = statement.targets
        if isinstance(place, gast.Subscript):
            self._reverse_store(place, statement)
            return
        assert isinstance(place, gast.Name)
        key = place.id
        if key in self.entry_names:
            return
        if self._pops(statement.value):
            if self.shares_items(statement.value.func.value.id):
                return
            bar = self.take(key) if key in self.active else None
            self._pull_method(
                key, statement.value, self.zero(self.types[key], name(key)) if bar is None else bar
            )
            return
        if key not in self.active:
            self.bars.pop(key, None)
            return
        if key in self.read_only:
            return
        if key in self.shadows and self._viewed(statement.value) in self.shadows:
            self._reverse_maybe_view(key, statement)
            return
        if self.shares_items(key) and isinstance(statement.value, (gast.List, gast.Dict)):
            return
        bar = self.take(key) if key not in self.early else self.emptied(key)
        if bar is not None:
            self._pull(key, statement.value, bar, statement)

    def _pull(self, key: str, value: gast.expr, bar: gast.expr, statement: gast.stmt) -> None:
        """Hand a result's cotangent to the operands of what computed it."""
        if key in self.core.calls:
            self._pull_callee(key, self.core.calls[key], bar, statement)
            return
        if isinstance(value, gast.Name):
            self.add(value, bar)
        elif isinstance(value, (gast.Tuple, gast.List)):
            held = self.atom(bar, "t_bar") if not isinstance(bar, (gast.Tuple, gast.List)) else bar
            for k, elt in enumerate(value.elts):
                self.add(
                    elt,
                    held.elts[k]
                    if isinstance(held, (gast.Tuple, gast.List))
                    else subscript(clone(held), constant(k)),
                )
        elif isinstance(value, gast.Dict):
            held = self.atom(bar, "t_bar")
            for k, elt in zip(value.keys, value.values):
                part = subscript(clone(held), clone(k))
                if isinstance(self.types[key], DictOf):
                    part = self._taken_entry(held, self.replayed(k, statement), elt)
                self.add(elt, part)
        elif copied_list(value) is not None:
            self.add(copied_list(value), bar)  # type: ignore[arg-type]
        elif isinstance(value, gast.Subscript):
            self._pull_item(key, value, bar, statement)
        elif isinstance(value, gast.Attribute) and value.attr != "T":
            self._pull_attribute(value, bar)
        elif (
            isinstance(value, gast.Call) and isinstance(value.func, gast.Attribute) and self._is_method(value)
        ):
            self._pull_method(key, value, bar)
        else:
            bound = self.bound(value)
            if bound is not None and bound.rule.vjp is not None:
                self._pull_rule(key, bound, bar, statement)

    def _taken_entry(self, shadow: gast.expr, key: gast.expr, item: gast.expr) -> gast.expr:
        """The cotangent of an item that was put into a dict, taken out of its shadow."""
        known = self.typer(item)
        taken = self._entry(shadow, key, known, "pop")
        if isinstance(known, Array):
            taken.args[1] = self.zero(known, item)  # type: ignore[attr-defined]
        return self.bind(taken, "t_bar", known)

    def _pull_item(self, key: str, value: gast.Subscript, bar: gast.expr, statement: gast.stmt) -> None:
        assert isinstance(value.value, gast.Name)
        if isinstance(self.types[key], Array):
            bar = self.full(bar, name(key))
        self.scatter(value.value, self.replayed(value.slice, statement), bar)

    def _pull_attribute(self, value: gast.Attribute, bar: gast.expr) -> None:
        """A field of a NamedTuple."""
        assert isinstance(value.value, gast.Name)
        known = self.types[value.value.id]
        assert isinstance(known, Sequence)
        self._scatter_part(value.value.id, known.cls._fields.index(value.attr), bar)  # type: ignore[attr-defined]

    def _pops(self, value: gast.expr) -> bool:
        """Whether a value is taken off a list that has a shadow: the shadow grows back, used or not."""
        popped = (
            isinstance(value, gast.Call)
            and isinstance(value.func, gast.Attribute)
            and value.func.attr == "pop"
        )
        return popped and isinstance(value.func.value, gast.Name) and value.func.value.id in self.shadows

    def _is_method(self, value: gast.Call) -> bool:
        return dotted(value.func) not in self.objects

    def _pull_method(self, key: str, value: gast.Call, bar: gast.expr) -> None:
        assert isinstance(value.func, gast.Attribute)
        owner = value.func.value
        if value.func.attr == "copy":
            self.add(owner, bar)
        elif value.func.attr == "pop" and isinstance(owner, gast.Name) and owner.id in self.shadows:
            func = gast.Attribute(name(self.shadows[owner.id]), "append", gast.Load())
            self.emit(gast.Expr(call(func, bar)))
        else:
            raise AssertionError(f"method {value.func.attr} in core")

    # ---- rules ----------------------------------------------------------------------------------
    def _pull_rule(self, key: str, bound: Bound, bar: gast.expr, statement: gast.stmt) -> None:
        rule = bound.rule
        if rule.kind == "template":
            self._pull_template(key, bound, bar, statement)
            return
        wanted = [p for p in rule.wrt if p in bound.bindings and self._reaches(bound.bindings[p].node)]
        if not wanted:
            return
        read = _reads(rule.vjp)
        bindings = {
            p: Binding(self.primal(b.node, statement) if p in read else b.node, b.type)
            for p, b in bound.bindings.items()
        }
        result = name(key)
        if "y" in read:
            bindings["y"] = Binding(self.primal(result, statement, result=True), self.types[key])
        if rule.kind == "elementwise":
            self._pull_elementwise(key, bound, bindings, bar, statement, wanted)
            return
        whole = self.atom(self.full(bar, result), self.bar_hint(key))
        bindings["y_bar"] = Binding(whole, self.typer(whole))
        for p, term in zip(rule.wrt, self.quote(rule.vjp, bindings, rule.wrt, wanted)):
            if p in wanted:
                node = bound.bindings[p].node
                self.add(node, self.real_part(term, self.typer(node)))

    def _reaches(self, node: gast.expr) -> bool:
        return any(key in self.active for key in names_in(node))

    def _pull_elementwise(
        self, key: str, bound: Bound, bindings: dict[str, Binding], bar: gast.expr, statement: gast.stmt,
        wanted: list[str],
    ) -> None:  # fmt: skip
        bar = self.atom(bar, self.bar_hint(key))
        mask = self.mask if key not in self.shadows else None
        partials = self.quote(bound.rule.vjp, bindings, bound.rule.wrt, wanted)
        pairs = [
            (bound.bindings[p].node, partial) for p, partial in zip(bound.rule.wrt, partials) if p in wanted
        ]
        for node, partial in _together(pairs):
            known = self.typer(partial)
            if isinstance(known, (Scalar, Array)) and kind_of(known.dtype) == "complex":
                partial = self.np("conj", partial)
            term = times(clone(bar), partial)
            if mask is not None and may_overflow(partial):
                term = guarded(clone(bar), partial, clone(mask), self.np)
            if mask is not None and same_shape(self.typer(node), self.types[key]):
                self.add(node, term, mask)
                continue
            self.add(node, self.reduced(term, name(key), node))

    def _made(self, node: gast.expr) -> gast.expr:
        """What a name was just assigned, for a look at its form."""
        if isinstance(node, gast.Name):
            for statement in reversed(self.out[-8:]):
                if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
                    if statement.targets[0].id == node.id:
                        return statement.value
        return node

    def _pull_template(self, key: str, bound: Bound, bar: gast.expr, statement: gast.stmt) -> None:
        operands = {p: self.operand(self._read(b.node, statement)) for p, b in bound.bindings.items()}
        originals = {p: b.node for p, b in bound.bindings.items()}
        from s2sad.sweep.emitter import source_of

        whole = self.atom(self.full(bar, name(key)), self.bar_hint(key))
        result = (
            self.primal(name(key), statement, result=True) if "y" in _reads(bound.rule.vjp) else name(key)
        )
        texts = self.template(
            bound.rule.vjp, bound.bindings, operands, y=source_of(result), y_bar=source_of(whole)
        )
        for place, text in texts.items():
            p, _, rest = place.partition("[")
            node = originals[p]
            if rest:
                node = node.elts[int(rest[:-1])]  # type: ignore[attr-defined]
            if isinstance(node, gast.Name) and node.id not in self.active:
                continue
            self.add(node, self.real_part(self.parsed(text), self.typer(node)))

    def _read(self, node: gast.expr, statement: gast.stmt) -> gast.expr:
        if isinstance(node, (gast.Tuple, gast.List)):
            return type(node)(elts=[self._read(elt, statement) for elt in node.elts], ctx=gast.Load())
        return node

    # ---- callees --------------------------------------------------------------------------------
    def _pull_callee(self, key: str, callee: Callee, bar: gast.expr, statement: gast.stmt) -> None:
        """A function that keeps its own body: its forward part saves what its reverse part reads."""
        if self.closed:
            self._pull_recomputed(key, callee, bar, statement)
            return
        saved, args = self._split_call(key, callee, statement)
        self.callees[callee.name] = callee
        self.objects[f"{callee.name}_reverse"] = Emitted(f"{callee.name}_reverse")
        whole = self.atom(self.full(bar, name(key)), self.bar_hint(key))
        node = call(name(f"{callee.name}_reverse"), name(saved), whole)
        given = dict(zip(callee.leaves, args))
        kinds = tuple(self.typer(given[leaf]) for leaf in callee.wrt)
        bars = self.bind(node, f"{callee.name}_bar", Sequence(tuple, kinds))
        for k, leaf in enumerate(callee.wrt):
            self.add(given[leaf], subscript(clone(bars), constant(k)))

    def _pull_recomputed(self, key: str, callee: Callee, bar: gast.expr, statement: gast.stmt) -> None:
        """The same without anything saved: the callee's gradient function computes the callee once more."""
        assert isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Call)
        self.callees[callee.name] = callee
        self.objects[f"{callee.name}_grad"] = Emitted(f"{callee.name}_grad")
        whole = self.atom(self.full(bar, name(key)), self.bar_hint(key))
        args = [clone(arg) for arg in statement.value.args]
        node = call(name(f"{callee.name}_grad"), *(self.primal(arg, statement) for arg in args), whole)
        given = dict(zip(callee.leaves, args))
        kinds = tuple(self.typer(given[leaf]) for leaf in callee.wrt)
        if len(callee.wrt) == 1:
            self.add(given[callee.wrt[0]], self.bind(node, f"{callee.name}_bar", kinds[0]))
            return
        bars = self.bind(node, f"{callee.name}_bar", Sequence(tuple, kinds))
        for k, leaf in enumerate(callee.wrt):
            self.add(given[leaf], subscript(clone(bars), constant(k)))

    def _split_call(self, key: str, callee: Callee, statement: gast.stmt) -> tuple[str, list[gast.expr]]:
        """Let the forward sweep call the forward part; give the name of what it saves, and the arguments."""
        memo = ("call", id(statement))
        if memo not in self.edits.kept:
            assert isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Call)
            args = statement.value.args
            pair, saved = self.fresh(f"{callee.name}_pair"), self.fresh(f"{callee.name}_saved")
            self.types[pair] = self.types[saved] = Opaque()
            self.objects[f"{callee.name}_forward"] = Emitted(f"{callee.name}_forward")
            made = assign(pair, gast.Call(name(f"{callee.name}_forward"), args, []))
            kept = assign(saved, subscript(name(pair), constant(1)))
            before = self.edits.before.setdefault(id(statement), [])
            before += [gast.copy_location(made, statement), gast.copy_location(kept, statement)]
            statement.value = subscript(name(pair), constant(0))
            self.edits.kept[memo] = saved
            self.call_args[saved] = args
        saved = self.edits.kept[memo]
        return saved, [clone(arg) for arg in self.call_args[saved]]

    # ---- stores ---------------------------------------------------------------------------------
    def _reverse_store(self, place: gast.Subscript, statement: gast.Assign) -> None:
        assert isinstance(place.value, gast.Name)
        key = place.value.id
        if key not in self.shadows or self.shares_items(key):
            return
        index = self.replayed(place.slice, statement)
        slot = subscript(name(self.shadows[key]), index)
        if isinstance(self.types[key], DictOf):
            taken = self._taken_entry(slot.value, index, statement.value)
            self.add(statement.value, taken)
            return
        known = self.typer(slot)
        if self._reaches(statement.value):
            value: gast.expr = clone(slot)
            if isinstance(known, Array) and may_repeat(index, self.types, self.typer(index)):
                kept = call(self.object_node(last_write), clone(slot.value), clone(index))
                value = binary(value, gast.Mult, kept)
            elif isinstance(known, Array):
                value = copied(value)
            taken = self.bind(value, "t_bar", known)
            self._clear(slot, known, index)
            self.add(statement.value, self.reduced(taken, None, statement.value))
        else:
            self._clear(slot, known, index)

    def _clear(self, slot: gast.Subscript, known: Type, index: gast.expr) -> None:
        zero: gast.expr = constant(0.0)
        if isinstance(self.types.get(slot.value.id), ListOf) and not isinstance(known, Scalar):  # type: ignore[attr-defined]
            zero = self.zero(known, clone(slot))
        self.emit(gast.Assign([subscript(clone(slot.value), index, store=True)], zero, None))

    def reverse_AugAssign(self, statement: gast.AugAssign) -> None:
        place = statement.target
        assert isinstance(place, gast.Subscript) and isinstance(place.value, gast.Name)
        key = place.value.id
        if key not in self.shadows:
            return
        index = self.replayed(place.slice, statement)
        slot = subscript(name(self.shadows[key]), index)
        value, op = statement.value, statement.op
        active = self._reaches(value)
        if isinstance(op, (gast.Add, gast.Sub)):
            if active:
                self._reverse_sum(slot, op, value)
            return
        factor = (
            self.replayed(value, statement)
            if not isinstance(value, gast.Name)
            else self.primal(value, statement)
        )
        term = self._product_term(slot, place, op, value, factor, statement) if active else None
        scaled = gast.AugAssign(
            subscript(clone(slot.value), clone(index), store=True), type(op)(), self._conj(factor)
        )
        if term is not None and not self._share(place.value, value):
            self.add(value, self.reduced(term, None, value))
            term = None
        self.emit(scaled)
        if term is not None:  # the operand's cotangent is part of the buffer that was just scaled
            self.add(value, self.reduced(term, None, value))

    def _share(self, one: gast.expr, other: gast.expr) -> bool:
        """Whether two operands may share memory."""
        sites = [
            frozenset().union(*(self.core.sites.get(key, frozenset()) for key in names_in(e)))
            for e in (one, other)
        ]
        return bool(sites[0] & sites[1])

    def _conj(self, node: gast.expr) -> gast.expr:
        known = self.typer(node)
        is_complex = isinstance(known, (Scalar, Array)) and kind_of(known.dtype) == "complex"
        return self.np("conj", clone(node)) if is_complex else clone(node)

    def _reverse_sum(self, slot: gast.Subscript, op: gast.operator, value: gast.expr) -> None:
        known = self.typer(slot)
        taken: gast.expr = clone(slot)
        if isinstance(op, gast.Sub):
            taken = gast.UnaryOp(gast.USub(), taken)
        elif isinstance(known, Array):
            taken = copied(taken)
        held = self.bind(taken, "t_bar", known)
        self.add(value, self.reduced(held, None, value))

    def _product_term(
        self, slot: gast.Subscript, place: gast.Subscript, op: gast.operator, value: gast.expr, factor: gast.expr,
        statement: gast.stmt,
    ) -> gast.expr:  # fmt: skip
        """What the operand of a product in place gets, before it is summed over broadcast dimensions."""
        old = self._old(place, statement)
        known = self.typer(slot)
        term = times(clone(slot), self._conj(old))
        if isinstance(op, gast.Div):
            square = binary(clone(factor), gast.Mult, clone(factor))
            term = gast.UnaryOp(gast.USub(), binary(term, gast.Div, self._conj_of(square, value)))
        return self.bind(term, "t_bar", known)

    def _conj_of(self, node: gast.expr, value: gast.expr) -> gast.expr:
        known = self.typer(value)
        is_complex = isinstance(known, (Scalar, Array)) and kind_of(known.dtype) == "complex"
        return self.np("conj", node) if is_complex else node

    def _old(self, place: gast.Subscript, statement: gast.stmt) -> gast.expr:
        """What an update in place overwrites, kept by the forward sweep."""
        key = (id(statement), "old")
        if key not in self.edits.kept:
            value: gast.expr = subscript(clone(place.value), clone(place.slice))
            known = self.typer(value)
            if isinstance(known, Array):
                value = copied(value)
            saved = self.fresh(base(place.value.id) + "_old")  # type: ignore[attr-defined]
            self.types[saved] = known
            self.edits.before.setdefault(id(statement), []).append(
                gast.copy_location(assign(saved, value), statement)
            )
            self.edits.kept[key] = saved
        return name(self.edits.kept[key])

    def _reverse_accumulation(self, owner: gast.Name, statement: gast.Expr) -> None:
        """``np.add.at(owner, index, values)``: each value was added where the index says, and stays there."""
        assert isinstance(statement.value, gast.Call)
        _, index, value = statement.value.args
        if owner.id in self.shadows and self._reaches(value):
            slot = subscript(name(self.shadows[owner.id]), self.replayed(index, statement))
            self._reverse_sum(slot, gast.Add(), value)

    def reverse_Expr(self, statement: gast.Expr) -> None:
        adds_to = accumulated(statement)
        if adds_to is not None:
            self._reverse_accumulation(adds_to, statement)
            return
        value = statement.value
        if not isinstance(value, gast.Call) or not isinstance(value.func, gast.Attribute):
            return
        owner = value.func.value
        if value.func.attr == "append" and isinstance(owner, gast.Name) and owner.id in self.shadows:
            if self.shares_items(owner.id):
                return
            shadow = name(self.shadows[owner.id])
            item = self.types[owner.id].item  # type: ignore[attr-defined]
            popped = self.bind(call(gast.Attribute(shadow, "pop", gast.Load())), "t_bar", item)
            self.add(value.args[0], popped)

    # ---- control --------------------------------------------------------------------------------
    def reverse_With(self, statement: gast.With) -> None:
        with self.emitting_into([]) as out:
            self.block(statement.body)
        self.at = statement
        self.blocks[id(out)] = (out, statement.body)
        if out:
            items = [gast.withitem(clone(item.context_expr), None) for item in statement.items]
            self.emit(gast.With(items, out, None))

    def reverse_If(self, statement: gast.If) -> None:
        before = dict(self.bars)
        ends = []
        for part in (statement.body, statement.orelse):
            self.bars = dict(before)
            with self.emitting_into([]) as out:
                self.block(part)
            ends.append((out, self.bars))
            self.blocks[id(out)] = (out, part)
        self.at = statement
        (one, bars), (other, other_bars) = ends
        merged: dict[str, Cotangent] = {}
        inside = _stores([statement])
        for key in dict.fromkeys([*bars, *other_bars]):
            if inside[key] and inside[key] == self.stores[key]:
                continue
            p, q = bars.get(key), other_bars.get(key)
            if p is not None and p is q:
                merged[key] = p
            else:
                merged[key] = self._merge(key, [(p, one), (q, other)])
        self.bars = merged
        if one or other:
            test: gast.expr = name(self._test(statement))
            if not one:
                one, other, test = other, [], gast.UnaryOp(gast.Not(), test)
            self.emit(gast.If(test, one, other))

    def _test(self, statement: gast.If) -> str:
        if id(statement) not in self.edits.tests:
            new = self.fresh("taken")
            self.types[new] = Scalar("bool")
            self.edits.tests[id(statement)] = new
        return self.edits.tests[id(statement)]

    def _merge(self, key: str, choices: list[tuple[Cotangent | None, list[gast.stmt]]]) -> Cotangent:
        """One cotangent for what comes from two branches; a missing one is zero."""
        new = self.fresh(self.bar_hint(key))
        self.types[new] = self._merged_type(key, [held for held, _ in choices])
        for held, out in choices:
            with self.emitting_into(out):
                node = self.zero(self.types[key], name(key)) if held is None else self._assembled(key, held)
                if held is not None and isinstance(self.types[key], Array):
                    node = (
                        node if same_shape(self.typer(node), self.types[new]) else self.full(node, name(key))
                    )
                self.emit(assign(new, clone(node)))
        return Cotangent(name(new))

    def _merged_type(self, key: str, held: list[Cotangent | None]) -> Type:
        known = [self.typer(h.node) for h in held if h is not None and h.node is not None and not h.parts]
        if len(known) == len(held) and all(
            same_shape(known[0], k) and same_shape(k, known[0]) for k in known
        ):
            return known[0]
        return self.types[key]

    # ---- loops ----------------------------------------------------------------------------------
    def reverse_For(self, statement: gast.For) -> None:
        self._reverse_loop(statement)

    def reverse_While(self, statement: gast.While) -> None:
        self._reverse_loop(statement)

    def _reverse_loop(self, statement: gast.For | gast.While) -> None:
        entry = dict(self.bars)
        inside = _defined(statement.body)
        if isinstance(statement, gast.For):
            inside |= names_in(statement.target)
        carried = inside & self.carried.get(id(statement), set())
        heads: dict[str, Cotangent] = {}
        for _ in range(MAX_ROUNDS):
            self.bars = {**entry, **heads}
            self.heads.append(heads)
            with self.emitting_into([]) as out:
                self.block(statement.body)
            self.heads.pop()
            new = [
                key for key in dict.fromkeys([*entry, *self.bars])
                if key not in heads and self.bars.get(key) is not entry.get(key)
                and (key not in inside or key in carried)
            ]  # fmt: skip
            if not new:
                break
            for key in new:
                heads[key] = self._loop_head(key)
        self.at = statement
        ends = self.bars
        for key, head in heads.items():
            with self.emitting_into(out):
                self._copy(key, head, ends.get(key), head.node)
        for key, head in heads.items():
            self._copy(key, head, entry.get(key), name(key))
        self.bars = {
            key: held
            for key, held in entry.items()
            if key not in heads and (key not in inside or key in carried)
        }
        self.bars |= {
            key: Cotangent(head.node, owned=key in self.written_heads) for key, head in heads.items()
        }
        if out:
            self._emit_loop(statement, out)

    def _loop_head(self, key: str) -> Cotangent:
        new = self.fresh(self.bar_hint(key))
        self.types[new] = self.types[key]
        return Cotangent(name(new))

    def _copy(self, key: str, head: Cotangent, held: Cotangent | None, like: gast.expr | None) -> None:
        if held is head:
            return
        node = self.zero(self.types[key], like or name(key)) if held is None else self._assembled(key, held)
        if held is not None and isinstance(self.types[key], Array):
            node = self.full(node, name(key))
        assert isinstance(head.node, gast.Name)
        owned = is_fresh(node) or (held is not None and held.owned and node is held.node)
        if key in self.written_heads and not owned:
            node = self._copy_of(node, self.types[key])
        self.emit(assign(head.node.id, clone(node)))

    def _emit_loop(self, statement: gast.For | gast.While, out: list[gast.stmt]) -> None:
        if isinstance(statement, gast.For) and _is_range(statement.iter) and not breaks(statement.body):
            loop = self._reversed_range(statement, out)
        elif isinstance(statement, gast.For) and self._is_indexable(statement):
            counter = self.fresh("k")
            self.types[counter] = Scalar("int")
            stop = binary(call("len", clone(statement.iter)), gast.Sub, constant(1))
            loop = gast.For(target(counter), call("range", stop, constant(-1), constant(-1)), out, [], None)
        else:
            trips = self._trips(statement)
            counter = self.fresh("k")
            self.types[counter] = Scalar("int")
            stop = binary(name(trips), gast.Sub, constant(1))
            loop = gast.For(target(counter), call("range", stop, constant(-1), constant(-1)), out, [], None)
        self.emit(loop)
        self.blocks[id(loop.body)] = (loop.body, statement.body)
        self.loops[id(loop)] = (loop, statement)

    def _is_indexable(self, statement: gast.For) -> bool:
        """Whether a loop runs over numbers that stay as they are, so that the k-th can be read again."""
        if not isinstance(statement.iter, gast.Name) or breaks(statement.body):
            return False
        known = self.typer(statement.iter)
        held = isinstance(known, (Array, ListOf, Sequence))
        return held and not self.memory.is_written(self.core.sites.get(statement.iter.id, frozenset()))

    def _trips(self, statement: gast.stmt) -> str:
        if id(statement) not in self.edits.trips:
            new = self.fresh("trips")
            self.types[new] = Scalar("int")
            self.edits.trips[id(statement)] = new
        return self.edits.trips[id(statement)]

    def _reversed_range(self, statement: gast.For, out: list[gast.stmt]) -> gast.For:
        """``for i in range(...)``, backwards, for every stride and for no trips."""
        bounds = [self.replayed(arg, statement) for arg in statement.iter.args]
        start = bounds[0] if len(bounds) > 1 else constant(0)
        stop = bounds[1] if len(bounds) > 1 else bounds[0]
        step = bounds[2] if len(bounds) > 2 else constant(1)
        assert isinstance(statement.target, gast.Name)
        index = self.fresh(statement.target.id)
        self.types[index] = Scalar("int")
        known = static_value(self.typer(step))
        if known == 1:
            first, last, back = minus_one(stop), minus_one(start), constant(-1)
        elif known == -1:
            first, last, back = plus_one(stop), plus_one(start), constant(1)
        else:
            count = call("len", call("range", clone(start), clone(stop), clone(step)))
            first = binary(
                clone(start), gast.Add, binary(binary(count, gast.Sub, constant(1)), gast.Mult, clone(step))
            )
            last = binary(clone(start), gast.Sub, clone(step))
            back = constant(-known) if isinstance(known, int) else gast.UnaryOp(gast.USub(), clone(step))
        args = [first, last, back]
        renamed = _Renamed({statement.target.id: index})
        for part in out:
            renamed.visit(part)
        return gast.For(target(index), call("range", *args), out, [], None)


def copied(node: gast.expr) -> gast.expr:
    """A copy of an array or of a part of it; ``x[...]`` is `x`."""
    if (
        isinstance(node, gast.Subscript)
        and isinstance(node.slice, gast.Constant)
        and node.slice.value is Ellipsis
    ):
        node = node.value
    return gast.Call(gast.Attribute(node, "copy", gast.Load()), [], [])


class NeedsAlias(Exception):
    """Memory that is written in place is reached by a path whose shadow is not known."""

    def __init__(self, statement: gast.stmt) -> None:
        super().__init__("alias")
        self.statement = statement


class _Renamed(gast.NodeTransformer):
    """Renames reads."""

    def __init__(self, table: dict[str, str]) -> None:
        self.table = table

    def visit_Name(self, node: gast.Name) -> gast.expr:
        if node.id in self.table:
            return gast.Name(self.table[node.id], node.ctx, None, None)
        return node


def carried_names(body: list[gast.stmt]) -> dict[int, set[str]]:
    """For each loop, the names assigned inside whose value outlives an iteration: read before, or outside."""
    everywhere = _occurrences(body)
    found: dict[int, set[str]] = {}
    for statement in body:
        for part in gast.walk(statement):
            if isinstance(part, (gast.For, gast.While)):
                inside = _occurrences([part])
                assigned = _defined(part.body)
                outside = {key for key in assigned if everywhere[key] > inside[key]}
                found[id(part)] = outside | (exposed(part.body) & assigned)
    return found


def _occurrences(statements: list[gast.stmt]) -> Counter[str]:
    return Counter(
        part.id for statement in statements for part in gast.walk(statement) if isinstance(part, gast.Name)
    )


def exposed(statements: list[gast.stmt]) -> set[str]:
    """Names that may be read before these statements assign them."""
    found: set[str] = set()
    _expose(statements, set(), found)
    return found


def _expose(statements: list[gast.stmt], defined: set[str], found: set[str]) -> None:
    for statement in statements:
        if isinstance(statement, gast.If):
            found |= names_in(statement.test) - defined
            one, other = set(defined), set(defined)
            _expose(statement.body, one, found)
            _expose(statement.orelse, other, found)
            defined |= one & other
        elif isinstance(statement, (gast.For, gast.While)):
            found |= names_in(statement.iter if isinstance(statement, gast.For) else statement.test) - defined
            inner = defined | (names_in(statement.target) if isinstance(statement, gast.For) else set())
            _expose(statement.body, inner, found)
        elif isinstance(statement, gast.With):
            _expose(statement.body, defined, found)
        else:
            stored = _defined([statement])
            plain = isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name)
            found |= (names_in(statement.value) if plain else names_in(statement)) - defined
            defined |= stored


def copied_list(value: gast.expr) -> gast.Name | None:
    """The list that ``list(x)`` or ``[v.copy() for v in x]`` copies."""
    node: Any = None
    if (
        isinstance(value, gast.Call)
        and isinstance(value.func, gast.Name)
        and value.func.id == "list"
        and value.args
    ):
        node = value.args[0]
    elif isinstance(value, gast.ListComp):
        node = value.generators[0].iter
    return node if isinstance(node, gast.Name) else None


def is_fresh(node: gast.expr) -> bool:
    """Whether an expression makes an array of its own, not a view or another name of one."""
    if isinstance(node, gast.BinOp):
        return True
    if not isinstance(node, gast.Call):
        return False
    return (dotted(node.func) or "").rpartition(".")[2] in ("zeros_like", "full", "copy")


def _together(pairs: list[tuple[gast.expr, gast.expr]]) -> list[tuple[gast.expr, gast.expr]]:
    """Partials of one and the same operand, given twice, are one: ``a * a`` has the partial ``2.0 * a``."""
    if len(pairs) != 2 or not all(isinstance(node, gast.Name) for node, _ in pairs):
        return pairs
    (node, one), (other, two) = pairs
    if node.id != other.id:  # type: ignore[attr-defined]
        return pairs
    if gast.dump(one) == gast.dump(two):
        return [(node, constant(2.0) if _is_one(one) else binary(constant(2.0), gast.Mult, one))]
    return pairs


def _is_one(node: gast.expr) -> bool:
    return isinstance(node, gast.Constant) and node.value == 1


def mask_of(contribution: gast.expr) -> gast.expr | None:
    """Where a contribution ``np.where(c, e, 0.0)`` is not zero by choice."""
    if not isinstance(contribution, gast.Call) or len(contribution.args) != 3:
        return None
    if not (dotted(contribution.func) or "").endswith(".where"):
        return None
    condition, one, other = contribution.args
    if isinstance(other, gast.Constant) and other.value == 0.0:
        return clone(condition)
    if isinstance(one, gast.Constant) and one.value == 0.0:
        return gast.UnaryOp(gast.Invert(), clone(condition))
    return None


def may_overflow(partial: gast.expr) -> bool:
    """Whether a partial may be infinite or not a number for finite operands."""
    for part in gast.walk(partial):
        if isinstance(part, gast.Call):
            return True
        if isinstance(part, gast.BinOp) and isinstance(part.op, (gast.Div, gast.Pow)):
            return True
    return isinstance(partial, gast.Name)


def guarded(bar: gast.expr, partial: gast.expr, mask: gast.expr, numpy: Any) -> gast.expr:
    """``bar * partial`` where the partial may be infinite outside of the mask, and does not count there."""
    term = times(bar, partial)
    if isinstance(term, gast.BinOp) and isinstance(term.op, gast.Div):
        return binary(term.left, gast.Div, numpy("where", mask, term.right, constant(1.0)))
    return times(bar, numpy("where", mask, partial, constant(0.0)))


def times(bar: gast.expr, partial: gast.expr) -> gast.expr:
    """``bar * partial``, spelled as one would."""
    if isinstance(partial, gast.Constant) and partial.value == 1:
        return bar
    if isinstance(partial, gast.UnaryOp) and isinstance(partial.op, gast.USub):
        return gast.UnaryOp(gast.USub(), times(bar, partial.operand))
    if isinstance(partial, gast.BinOp) and isinstance(partial.op, gast.Div):
        left = partial.left
        negative = isinstance(left, gast.UnaryOp) and isinstance(left.op, gast.USub)
        if negative and isinstance(left.operand, gast.Constant) and left.operand.value == 1:  # type: ignore[attr-defined]
            return gast.UnaryOp(gast.USub(), binary(bar, gast.Div, partial.right))
        if isinstance(left, gast.Constant) and left.value == 1:
            return binary(bar, gast.Div, partial.right)
    return binary(bar, gast.Mult, partial)


def minus_one(node: gast.expr) -> gast.expr:
    """``node - 1``, folded."""
    known = _int(node)
    return constant(known - 1) if known is not None else binary(clone(node), gast.Sub, constant(1))


def plus_one(node: gast.expr) -> gast.expr:
    """``node + 1``, folded."""
    known = _int(node)
    return constant(known + 1) if known is not None else binary(clone(node), gast.Add, constant(1))


def _int(node: gast.expr) -> int | None:
    if isinstance(node, gast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, gast.UnaryOp) and isinstance(node.operand, gast.Constant):
        return -node.operand.value
    return None


def _is_range(node: gast.expr) -> bool:
    return isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and node.func.id == "range"


def breaks(statements: list[gast.stmt]) -> bool:
    """Whether statements hold a `break` of the loop they stand in."""
    return any(
        isinstance(s, gast.Break)
        or (isinstance(s, (gast.If, gast.With)) and (breaks(s.body) or breaks(getattr(s, "orelse", []))))
        for s in statements
    )


def _assignments(statements: list[gast.stmt]) -> list[Any]:
    """Assignments to names, at any depth."""
    walked = (part for statement in statements for part in gast.walk(statement))
    return [
        part for part in walked if isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Name)
    ]


def _simple(statements: list[gast.stmt]) -> list[Any]:
    """Assignments to names outside of loops, at any depth of branches."""
    found: list[Any] = []
    for statement in statements:
        if isinstance(statement, gast.If):
            found += _simple(statement.body) + _simple(statement.orelse)
        elif isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            found.append(statement)
    return found


def _defined(statements: list[gast.stmt]) -> set[str]:
    """Names that statements assign, at any depth."""
    found: set[str] = set()
    for statement in statements:
        for part in gast.walk(statement):
            if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store):
                found.add(part.id)
    return found


def _stores(statements: list[gast.stmt]) -> Counter[str]:
    """How often each name is assigned."""
    return Counter(
        part.id
        for statement in statements
        for part in gast.walk(statement)
        if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store)
    )


def _is_key(index: gast.expr) -> bool:
    if isinstance(index, gast.UnaryOp):
        return isinstance(index.operand, gast.Constant)
    return isinstance(index, gast.Constant)


def _is_mask(known: Type) -> bool:
    return isinstance(known, Array) and kind_of(known.dtype) == "bool"


def _reads(body: Any) -> set[str]:
    """Parameters that a rule's body reads as values."""
    from s2sad.rules.quote import _body_of

    return names_in(_body_of(body).body)


def ast_key(node: gast.AST) -> str:
    """A text that identifies an expression."""
    return gast.dump(node)
