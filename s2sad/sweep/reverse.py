"""The reverse sweep: each statement of typed core, last first, hands its result's cotangent to its operands.

A cotangent is absent until its first contribution, which is assigned; a statement whose result has no cotangent is
skipped.  Memory that is written in place has a *shadow* instead: a buffer made where the primal's is, with a view for
each view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.abstract.hooks import hook_of
from s2sad.names import base
from s2sad.rules.indexing import may_repeat
from s2sad.runtime.arrays import last_write
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Scalar,
    Sequence,
    Type,
    is_joined,
    kind_of,
    static_value,
)
from s2sad.sweep.cotangents import Cotangent, as_list
from s2sad.sweep.emitter import same_shape
from s2sad.sweep.hooks import reverse_hook
from s2sad.sweep.pull import Pull
from s2sad.sweep.scan import breaks, completed, defined_in, flag_of, stores_of
from s2sad.sweep.terms import copied, is_fresh, minus_one, plus_one, times
from s2sad.tree.build import (
    accumulated,
    assign,
    binary,
    call,
    clone,
    constant,
    dotted,
    is_none,
    name,
    names_in,
    subscript,
    target,
)

MAX_ROUNDS = 12


class Reverse(Pull):
    """One reverse sweep over one function."""

    def block(self, statements: list[gast.stmt]) -> None:
        """Reverse a block: shadows of what it allocates first, then its statements, last first."""
        if self.ambiguous is not None:
            self._refuse_alias(self.ambiguous)
        for statement in statements:
            self.mirror(statement)
            self._shadow(statement)
        around, here = self.current, set(map(id, statements))
        for statement in reversed(statements):
            self.at, self.current = statement, here
            getattr(self, "reverse_" + type(statement).__name__, self._no_derivative)(statement)
        self.current = around

    def _no_derivative(self, statement: gast.stmt) -> None:
        return None

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
        if key in self.read_only or is_none(statement.value):
            self.bars.pop(key, None)
            return
        if key in self.shadows and self._viewed(statement.value) in self.shadows:
            self._reverse_maybe_view(key, statement)
            return
        if self.shares_items(key) and isinstance(statement.value, (gast.List, gast.Dict)):
            self._reverse_numbers(key, statement)
            return
        if key in self.bars and self.bars[key].is_part:
            del self.bars[key]
            return
        if (
            key in self.early
            and isinstance(statement.value, gast.Name)
            and not self._reaches(statement.value)
        ):
            return  # a copy at a loop's end: in this iteration, the name still is what it was at the start
        bar = self.take(key) if key not in self.early else self.emptied(key)
        if bar is not None:
            self._pull(key, statement.value, bar, statement)

    # ---- stores ---------------------------------------------------------------------------------
    def _reverse_store(self, place: gast.Subscript, statement: gast.Assign) -> None:
        assert isinstance(place.value, gast.Name)
        key = place.value.id
        if key not in self.shadows:
            return
        if self.shares_items(key) and not self._is_number_in_dict(key, statement.value):
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
            self._clear(slot, known, index, self._overwritten(place, known, statement))
            self.add(statement.value, self.reduced(taken, None, statement.value))
        else:
            self._clear(slot, known, index, self._overwritten(place, known, statement))

    def _is_number_in_dict(self, key: str, item: gast.expr) -> bool:
        """Whether an item of a dict that holds memory is a number: it has no buffer of its own that it would share."""
        return isinstance(self.types[key], DictOf) and isinstance(self.typer(item), Scalar)

    def _reverse_numbers(self, key: str, statement: gast.Assign) -> None:
        """The numbers among the items that a dict starts with."""
        if not isinstance(statement.value, gast.Dict):
            return
        for place, item in zip(statement.value.keys, statement.value.values):
            if self._is_number_in_dict(key, item):
                index = self.replayed(place, statement)
                self.add(item, self._taken_entry(name(self.shadows[key]), index, item))

    def _overwritten(self, place: gast.Subscript, known: Type, statement: gast.stmt) -> gast.expr | None:
        """The item of a list that a store replaces, where it may have another shape than what is stored."""
        assert isinstance(place.value, gast.Name)
        if not isinstance(self.types[place.value.id], ListOf) or not isinstance(known, Array):
            return None
        if known.shape is not None and not any(map(is_joined, known.shape)):
            return None
        return self._old(place, statement)

    def _clear(
        self, slot: gast.Subscript, known: Type, index: gast.expr, like: gast.expr | None = None
    ) -> None:
        zero: gast.expr = constant(0.0)
        if isinstance(self.types.get(slot.value.id), ListOf) and not isinstance(known, Scalar):  # type: ignore[attr-defined]
            zero = self.zero(known, clone(slot) if like is None else like)
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
                plain = known.shape is not None or isinstance(self.typer(place.value), Array)
                value = copied(value) if plain else self.np("copy", value)  # it may be a number
            saved = self.fresh(base(place.value.id) + "_old")  # type: ignore[attr-defined]
            self.types[saved] = known
            self.edits.before.setdefault(id(statement), []).append(
                gast.copy_location(assign(saved, value), statement)
            )
            self.edits.kept[key] = saved
            self.edits.note("copy", place.value.id, saved, statement)  # type: ignore[attr-defined]
        return name(self.edits.kept[key])

    def _reverse_accumulation(self, owner: gast.Name, statement: gast.Expr) -> None:
        """``np.add.at(owner, index, values)``: each value was added where the index says, and stays there."""
        assert isinstance(statement.value, gast.Call)
        _, index, value = statement.value.args
        if owner.id in self.read_only:  # NumPy lets `ufunc.at` write there, and nothing else
            self._refuse_alias(statement)
        if owner.id in self.shadows and self._reaches(value):
            slot = subscript(name(self.shadows[owner.id]), self.replayed(index, statement))
            self._reverse_sum(slot, gast.Add(), value)

    def reverse_Expr(self, statement: gast.Expr) -> None:
        hook = hook_of(statement, self.objects)
        if hook is not None:
            reverse_hook(self, self.core.hooks[hook], statement)
            return
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
        if not out:
            return
        if all(map(self._matters_again, statement.items)):
            items = [gast.withitem(clone(item.context_expr), None) for item in statement.items]
            self.emit(gast.With(items, out, None))
        else:
            self.out.extend(out)

    def _matters_again(self, item: gast.withitem) -> bool:
        """Whether a context manager is for the reverse sweep too: one for floating-point errors is, a timer is not."""
        made = item.context_expr
        path = dotted(made.func) if isinstance(made, gast.Call) else None
        return path is not None and self.core.objects.get(path) is np.errstate

    def reverse_Try(self, statement: gast.Try) -> None:
        test = completed(statement, self.types)
        if test is None:  # an exception goes on
            self.block(statement.body)
        else:
            self._reverse_branches(statement, (statement.body, []), lambda: test)

    def reverse_If(self, statement: gast.If) -> None:
        branches = (statement.body, statement.orelse)
        self._reverse_branches(statement, branches, lambda: name(self._test(statement)))

    def _reverse_branches(
        self, statement: Any, branches: tuple[list[gast.stmt], ...], test_of: Callable[[], gast.expr]
    ) -> None:
        before = dict(self.bars)
        ends = []
        for part in branches:
            self.bars = dict(before)
            with self.emitting_into([]) as out:
                self.block(part)
            ends.append((out, self.bars))
            self.blocks[id(out)] = (out, part)
        self.at = statement
        (one, bars), (other, other_bars) = ends
        merged: dict[str, Cotangent] = {}
        inside = stores_of([statement])
        for key in dict.fromkeys([*bars, *other_bars]):
            if inside[key] and inside[key] == self.stores[key]:
                continue
            p, q = bars.get(key), other_bars.get(key)
            if p is not None and p is q:
                merged[key] = p
            elif isinstance(statement, gast.If) and self._is_there_once(key, statement):
                untouched = p is None or p is before.get(key)
                merged[key] = self._merge(key, [(q, other)] if untouched else [(p, one)])
            else:
                merged[key] = self._merge(key, [(p, one), (q, other)])
        self.bars = merged
        if isinstance(statement, gast.Try) and self._joins_branches(statement, one, other):
            return
        if one or other:
            test = test_of()
            if not one:
                one, other, test = other, [], gast.UnaryOp(gast.Not(), test)
            self.emit(gast.If(test, one, other))

    def _joins_branches(self, statement: gast.Try, done: list[gast.stmt], caught: list[gast.stmt]) -> bool:
        """Continue the branches that the code after a ``try`` has left, if they stand right before."""
        last = self.out[-1] if self.out else None
        if not isinstance(last, gast.If) or flag_of(statement) != getattr(last.test, "id", None):
            return False
        last.body.extend(caught)
        last.orelse.extend(done)
        return True

    def _is_there_once(self, key: str, statement: gast.If) -> bool:
        """Whether a value is there in one branch only: the body of a ``try`` makes it, and this asks how that ended."""
        asked = names_in(statement.test)
        makers = (around for around in self.tried_in.get(key, ()) if flag_of(around) in asked)
        return any(stores_of([around])[key] == self.stores[key] for around in makers)

    def _merge(self, key: str, choices: list[tuple[Cotangent | None, list[gast.stmt]]]) -> Cotangent:
        """One cotangent for what comes from two branches; a missing one is zero."""
        new = self.fresh(self.bar_hint(key))
        self.types[new] = self._merged_type(key, [held for held, _ in choices])
        if any(held is None for held, _ in choices):
            self.one_sided.add(new)
        for held, out in choices:
            with self.emitting_into(out):
                node = self.zero(self.types[key], name(key)) if held is None else self._assembled(key, held)
                if held is not None and isinstance(self.types[key], Array):
                    node = (
                        node if same_shape(self.typer(node), self.types[new]) else self.full(node, name(key))
                    )
                self.emit(assign(new, as_list(clone(node))))
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
        inside = defined_in(statement.body)
        if isinstance(statement, gast.For):
            inside |= names_in(statement.target)
        carried = inside & self.carried.get(id(statement), set())
        heads: dict[str, Cotangent] = {}
        hoisted = set(self.hoisted)
        for _ in range(MAX_ROUNDS):
            self.bars, self.hoisted = {**entry, **heads}, set(hoisted)
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
        self.emit(assign(head.node.id, as_list(clone(node))))

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
            self.edits.note("trips", "", new, statement)
        return self.edits.trips[id(statement)]

    def _reversed_range(self, statement: gast.For, out: list[gast.stmt]) -> gast.For:
        """``for i in range(...)``, backwards, for every stride and for no trips."""
        bounds = [self.replayed(arg, statement) for arg in statement.iter.args]
        start = bounds[0] if len(bounds) > 1 else constant(0)
        stop = bounds[1] if len(bounds) > 1 else bounds[0]
        step = bounds[2] if len(bounds) > 2 else constant(1)
        self.bounds[id(statement)] = (start, step)
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


class _Renamed(gast.NodeTransformer):
    """Renames reads."""

    def __init__(self, table: dict[str, str]) -> None:
        self.table = table

    def visit_Name(self, node: gast.Name) -> gast.expr:
        if node.id in self.table:
            return gast.Name(self.table[node.id], node.ctx, None, None)
        return node


def _is_range(node: gast.expr) -> bool:
    return isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and node.func.id == "range"
