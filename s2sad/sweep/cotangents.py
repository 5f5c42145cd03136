"""Cotangents of names: absent until a first contribution, which is assigned; buffers where parts are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callee
from s2sad.abstract.interpreter import Interpreted
from s2sad.analysis.activity import useful
from s2sad.names import base
from s2sad.rules.indexing import is_basic
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
from s2sad.sweep.cancelled import cancelled
from s2sad.sweep.early import holds_memory
from s2sad.sweep.emitter import same_shape
from s2sad.sweep.held import Held, operands
from s2sad.sweep.keeping import Keeping
from s2sad.sweep.scan import carried_names, definitions, flag_of, occurrences, stores_of, tried_names
from s2sad.sweep.terms import is_fresh, mask_of
from s2sad.tree.algebra import is_float_zero
from s2sad.tree.build import (
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

ALLOCATORS = (np.zeros_like, np.zeros, np.empty_like, np.empty, np.full_like, np.full, np.ones_like, np.ones)


@dataclass
class Cotangent:
    """The cotangent that a name has so far: an atom, or the parts of a container's."""

    node: gast.expr | None = None
    parts: dict[Any, gast.expr] = field(default_factory=dict)
    mask: gast.expr | None = None
    owned: bool = False
    """Whether no other name holds the cotangent's memory, so that it may be added to in place."""
    is_part: bool = False
    """Whether it is a part of another cotangent's buffer, which so has what is added."""
    has_parts: bool = False
    """Whether parts of it have names of their own: it must stay the same buffer."""


class Cotangents(Keeping):
    """What each name has been given so far."""

    _pull: Any
    """Hands a cotangent to the operands of what computed a value."""

    def __init__(
        self, core: Interpreted, seeds: dict[str, gast.expr], taken: set[str], masked: bool = True,
        closed: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(core, taken)
        self.masked, self.closed = masked, closed
        names = {key for key, known in core.types.items() if known.is_real}
        reached = useful(core.body, seeds, core.sites, core.written)
        self.active = core.varied & names & reached
        self.bars: dict[str, Cotangent] = {}
        self.one_sided: set[str] = set()
        """Cotangents of what only one of two branches reads: zeros, on the path where it may be None."""
        self.shadows: dict[str, str] = {}
        self.read_only: dict[str, gast.Assign] = {}
        self.ambiguous: gast.stmt | None = None
        self.blocks: dict[int, tuple[list[gast.stmt], list[gast.stmt]]] = {}
        self.loops: dict[int, tuple[gast.stmt, gast.stmt]] = {}
        self.bounds: dict[int, tuple[gast.expr, gast.expr]] = {}
        self.carried = carried_names(list(core.body))
        self.stores = stores_of(list(core.body))
        self.everywhere = occurrences(list(core.body))
        self.definitions = definitions(list(core.body))
        self.hoisted: set[tuple[str, int]] = set()
        self.note_tries(list(core.body))
        self.flags = {flag_of(statement) for statement in self.tried.values()}
        self.callees: dict[str, Callee] = {}
        self.forms: dict[str, str] = {}
        self.call_args: dict[str, list[gast.expr]] = {}
        self.entry_names = set(core.leaves.values())
        self.seeds = seeds
        self.reshaped = self.reshaped_sites(list(core.body))
        self.heads: list[dict[str, Cotangent]] = []
        self.written_heads: set[str] = set()
        self.current: set[int] = set()  # the statements of the block that is reversed now
        self.held = Held(core.body, self._is_steady)
        self.cancelled = cancelled(core.body, core.types, core.objects, self._has_one_value)

    def note_tries(self, body: list[gast.stmt]) -> None:
        """Note the names that the body of a ``try`` assigns: they are there if it was completed."""
        self.tried_in = tried_names(body)
        self.tried = {key: tries[0] for key, tries in self.tried_in.items()}

    def _has_one_value(self, key: str) -> bool:
        made = len(self.definitions.get(key, ()))
        return made <= 1 and not self.memory.is_written(self.core.sites.get(key, frozenset()))

    def _is_steady(self, statement: gast.Assign) -> bool:
        """Whether a call gives the same whenever it is made, and what it gave is never written to, in either sweep.

        A shadow is made by the same calls as an array of the user's, and is written to: those are made again.
        """
        function = self.core.objects.get(dotted(statement.value.func) or "")  # type: ignore[attr-defined]
        if any(function is each for each in ALLOCATORS):
            return False
        sites = (self.core.sites.get(key, frozenset()) for key in operands(statement))
        return (
            len(self.definitions[statement.targets[0].id]) == 1  # type: ignore[attr-defined]
            and self.is_pure_call(statement.value)  # type: ignore[arg-type]
            and not any(self.memory.is_written(each) for each in sites)
        )

    def emit(self, statement: gast.stmt) -> None:
        """Append a statement, which reads what the forward sweep holds instead of computing it again."""
        if isinstance(statement, (gast.Assign, gast.AugAssign)):
            statement.value = self.held.reused(statement.value, self.at)
        super().emit(statement)

    def is_active(self, key: str) -> bool:
        return key in self.active

    def _written(self, key: str) -> bool:
        """Whether a name's memory is written while it has the name: what was written before is just a value."""
        sites = self.core.sites.get(key, frozenset())
        made = self.definitions.get(key)
        if made is None:
            return self.memory.is_written(sites)
        return any(self.memory.written_after(sites, statement) for statement in made)

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
        places = self.parts_of(known, name(key))
        keys = list(known.keys) if isinstance(known, Mapping) else list(range(len(known.items)))
        parts = []
        for k, item, place in zip(keys, known.items, places):
            part = held.parts.get(k)
            if held.node is not None:
                from_whole = self.parts_of(known, held.node)[keys.index(k)]
                part = from_whole if part is None else self._plus(from_whole, part, item)
            parts.append(self.zero(item, place) if part is None else part)
        return self.display(known, parts)

    def add(self, node: gast.expr, contribution: gast.expr, mask: gast.expr | None = None) -> None:
        """Add a contribution to an operand's cotangent."""
        shown = self.shown_parts(node)
        if shown is not None:
            for part, of_part in zip(shown, self.parts_like(node, contribution)):
                self.add(part, self.real_part(of_part, self.typer(part)))
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
        if held.is_part or held.has_parts:
            place = subscript(clone(held.node), gast.Constant(Ellipsis, None), store=True)
            self.emit(gast.AugAssign(place, gast.Add(), contribution))
            return
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
        shown = self.shown_parts(current)
        olds = self.parts_of(known, self.atom(current, "t")) if shown is None else shown
        news = self.parts_of(known, whole)
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

    def _accumulate_table(self, key: str, contribution: gast.expr) -> None:
        """Add the items of a dict of cotangents to those of a shadow, whatever keys it has."""
        if self.shares_items(key):
            assert self.at is not None
            self._refuse_alias(self.at)  # type: ignore[arg-type]
        items = self.atom(contribution, "t_bar")
        element = self.fresh("key")
        self.types[element] = Opaque()
        total = name(self.shadows[key])
        old = self._entry(total, name(element), Scalar("float64"), "get")
        store = subscript(total, name(element), store=True)
        added = gast.Assign([store], binary(old, gast.Add, subscript(clone(items), name(element))), None)
        self.emit(gast.For(target(element), clone(items), [added], [], None))

    def _plus(self, old: gast.expr, new: gast.expr, known: Type) -> gast.expr:
        if isinstance(known, Scalar) and (is_float_zero(old) or is_float_zero(new)):
            return self.bind(new if is_float_zero(old) else old, "t_bar", known)
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
            for a, b, item in zip(
                self._shown_or_parts(known, old), self._shown_or_parts(known, new), known.items
            )
        ]
        return self.as_item(self.display(known, parts), known)

    def _shown_or_parts(self, known: Sequence | Mapping, node: gast.expr) -> list[gast.expr]:
        shown = node.values if isinstance(node, gast.Dict) else self.shown_parts(node)
        return self.parts_of(known, node) if shown is None else shown

    def _add_to_shadow(self, key: str, contribution: gast.expr) -> None:
        if key in self.read_only:  # its shadow cannot be written: what it is a view of takes the contribution
            statement = self.read_only[key]
            self._pull(key, statement.value, contribution, statement)
            return
        if isinstance(self.types[key], ListOf):
            self._add_container(key, self.types[key], Cotangent(self._shadow_as_read(key)), contribution)
            return
        if isinstance(self.types[key], DictOf):
            self._accumulate_table(key, contribution)
            return
        everything = gast.Constant(Ellipsis, None)
        shadow = name(self.shadows[key])
        added: gast.stmt = gast.AugAssign(subscript(shadow, everything, store=True), gast.Add(), contribution)
        if key in self.nones and isinstance(contribution, gast.Name) and contribution.id in self.one_sided:
            there = gast.Compare(left=clone(shadow), ops=[gast.IsNot()], comparators=[constant(None)])
            added = gast.If(test=there, body=[added], orelse=[])
        self.emit(added)

    def _shadow_as_read(self, key: str) -> gast.expr:
        """The shadow of a list, with the buffers of the items that it has where the statement reads it whole."""
        shadow, known, statement = name(self.shadows[key]), self.types[key], self.at
        sites = self.reached_from(key)
        if not self.shares_items(key) or not self.memory.written_after(sites, statement):  # type: ignore[arg-type]
            return shadow
        memo = (id(statement), "shadow", key)
        if memo not in self.edits.kept:
            saved = self.fresh(self.shadows[key])
            self.types[saved] = known
            made = gast.copy_location(assign(saved, self._relisted(shadow, known)), statement)
            self.edits.before.setdefault(id(statement), []).append(made)
            self.edits.kept[memo] = saved
            self.edits.note("copy", self.shadows[key], saved, statement)  # type: ignore[arg-type]
        return name(self.edits.kept[memo])

    def _relisted(self, node: gast.expr, known: Type) -> gast.expr:
        """A list of the same buffers, and so for the lists of buffers in it."""
        assert isinstance(known, ListOf)
        item = self.fresh("v")
        self.types[item] = known.item
        each = gast.comprehension(target=target(item), iter=node, ifs=[], is_async=0)
        held = self._relisted(name(item), known.item) if holds_memory(known.item) else name(item)
        return gast.ListComp(elt=held, generators=[each])

    def scatter(self, owner: gast.Name, index: gast.expr, contribution: gast.expr) -> None:
        """Add to the part of an operand's cotangent that an index selects."""
        key = owner.id
        if key not in self.active:
            return
        known = self.types[key]
        if key in self.read_only:
            whole = name(self.bind(self.zero(known, owner), self.bar_hint(key), known).id)  # type: ignore[attr-defined]
            self._add_at(whole, index, contribution, known)
            self._add_to_shadow(key, whole)
            return
        if key in self.shadows:
            buffer: gast.expr = name(self.shadows[key])
        elif isinstance(known, (Sequence, Mapping)) and is_key(index):
            self._scatter_part(key, static_value(self.typer(index)), contribution)
            return
        else:
            buffer = self._buffer(key, owner)
        if isinstance(known, DictOf):
            old = self._entry(buffer, index, self.typer(subscript(clone(owner), clone(index))), "get")
            self.emit(
                gast.Assign([subscript(buffer, index, store=True)], binary(old, gast.Add, contribution), None)
            )
            return
        if isinstance(self.typer(index), Scalar) and isinstance(known, (ListOf, Sequence)):
            self._scatter_item(buffer, index, contribution, known)
            return
        self._add_at(buffer, index, contribution, known)

    def _add_at(self, buffer: gast.expr, index: gast.expr, contribution: gast.expr, known: Type) -> None:
        """Add to the items of a buffer that an index selects, as often as it selects them."""
        selected = self.typer(index)
        once = is_mask(selected) or is_basic(index, self.types, selected)
        if once or not isinstance(known, Array):
            self.emit(gast.AugAssign(subscript(clone(buffer), index, store=True), gast.Add(), contribution))
            return
        at = gast.Attribute(self.object_node(np.add), "at", gast.Load())
        self.emit(gast.Expr(call(at, clone(buffer), index, contribution)))

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
            item = _part_type(known, k)
            contribution = self.bind(self._plus(held.parts[k], contribution, item), self.bar_hint(key))
        held = Cotangent(held.node, {**held.parts, k: self.atom(contribution, self.bar_hint(key))})
        self.bars[key] = held

    def _buffer(self, key: str, owner: gast.Name) -> gast.expr:
        """The cotangent of a value that is read by index: a buffer of its shape."""
        held = self.bars.get(key)
        if held is None and self._is_row(key):
            self.bars[key] = Cotangent(self._part_of_owner(key), owned=True, is_part=True)
            return clone(self.bars[key].node)
        if held is None:
            node = self.bind(self.zero(self.types[key], owner), self.bar_hint(key), self._buffer_type(key))
        elif held.node is None or held.parts:
            node = self.bind(self._assembled(key, held), self.bar_hint(key), self._buffer_type(key))
        elif isinstance(self.types[key], Array) and not same_shape(self.typer(held.node), self.types[key]):
            node = self.bind(
                binary(self.np("zeros_like", clone(owner)), gast.Add, held.node),
                self.bar_hint(key),
                self.types[key],
            )
        elif self._is_number(held.node, self.types[key]):  # Python's own: an array of no axes is written to
            shape = gast.Attribute(clone(owner), "shape", gast.Load())
            node = self.bind(self.np("full", shape, held.node), self.bar_hint(key), self.types[key])
        elif held.owned:
            return clone(held.node)
        elif self._is_head(key, held):
            self.written_heads.add(key)
            return clone(held.node)
        else:
            node = self.bind(self._copy_of(held.node, self.types[key]), self.bar_hint(key), self.types[key])
        self.bars[key] = Cotangent(node, owned=True)
        return clone(node)

    def _is_number(self, node: gast.expr, known: Type) -> bool:
        return isinstance(known, Array) and isinstance(self.typer(node), Scalar)

    def _is_row(self, key: str) -> bool:
        """Whether a value is a part of an array, ``x[i]``, made in the block that is reversed now."""
        made = self.definitions.get(key, [])
        if len(made) != 1 or id(made[0]) not in self.current:
            return False
        value = made[0].value
        if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
            return False
        owner = value.value.id
        known = isinstance(self.types[key], Array) and isinstance(self.types.get(owner), Array)
        basic = known and is_basic(value.slice, self.types, self.typer(value.slice))
        return basic and owner in self.active and owner not in self.shadows

    def _part_of_owner(self, key: str) -> gast.expr:
        """The part of an array's cotangent that belongs to a part of the array."""
        made = self.definitions[key][0]
        assert isinstance(made.value, gast.Subscript) and isinstance(made.value.value, gast.Name)
        owner = made.value.value
        buffer = self._buffer(owner.id, owner)
        self.bars[owner.id].has_parts = True
        part = subscript(buffer, self.replayed(made.value.slice, made))
        return self.bind(part, self.bar_hint(key), self.types[key])

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
        return as_list(super().zero(known, self.shaped_like(known, like)))

    def as_item(self, node: gast.expr, known: Type) -> gast.expr:
        """A cotangent to be kept in a list: that of a tuple is a list there, as its zero is."""
        whole = isinstance(known, Sequence) and known.cls is tuple and not isinstance(node, gast.Tuple)
        return call("list", node) if whole else as_list(node)

    def shaped_like(self, known: Type, like: gast.expr) -> gast.expr:
        """A parameter of the same shape and dtype, if there is one: then `like` itself need not be kept."""
        if not isinstance(known, Array) or known.shape is None or not isinstance(like, gast.Name):
            return like
        sites = self.core.sites.get(like.id, frozenset())
        if like.id in self.core.inputs:
            return like
        if sites & self.reshaped:  # views of the shadow must be views where those of the primal are
            return like
        for key in self.core.inputs:
            if self.types.get(key) == known and base(like.id) != key:
                return name(key)
        return like

    def _refuse_alias(self, statement: gast.stmt) -> None:
        raise NeedsAlias(statement)

    def _reaches(self, node: gast.expr) -> bool:
        if node.__class__ is gast.Name:
            return node.id in self.active  # type: ignore[attr-defined]
        return any(key in self.active for key in names_in(node))

    def _made(self, node: gast.expr) -> gast.expr:
        """What a name was just assigned, for a look at its form."""
        if isinstance(node, gast.Name):
            for statement in reversed(self.out[-8:]):
                if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
                    if statement.targets[0].id == node.id:
                        return statement.value
        return node


class NeedsAlias(Exception):
    """Memory that is written in place is reached by a path whose shadow is not known."""

    def __init__(self, statement: gast.stmt) -> None:
        super().__init__("alias")
        self.statement = statement


def as_list(node: gast.expr) -> gast.expr:
    """A cotangent that paths or turns share: that of a tuple is a list, as its zero is."""
    return gast.List(elts=node.elts, ctx=gast.Load()) if isinstance(node, gast.Tuple) else node


def is_key(index: gast.expr) -> bool:
    if isinstance(index, gast.UnaryOp):
        return isinstance(index.operand, gast.Constant)
    return isinstance(index, gast.Constant)


def _part_type(known: Type, k: Any) -> Type:
    """The type of one part of a container."""
    if isinstance(known, Mapping):
        return known.items[list(known.keys).index(k)]
    return known.items[k] if isinstance(known, Sequence) else Opaque()


def is_mask(known: Type) -> bool:
    return isinstance(known, Array) and kind_of(known.dtype) == "bool"
