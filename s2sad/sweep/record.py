"""Recording: how the reverse sweep gets each value of the forward sweep that it reads.

Names are assigned once, so after straight-line code every value is still there.  Only inside a reversed loop is a
value of an earlier iteration gone: it is *index-derived* (the loop variable), *recomputed* where that is cheap and
its operands can be had, or *taped*: appended to a list by the forward sweep and read back by position.
"""

from __future__ import annotations

from typing import Any

import gast

from s2sad.names import base
from s2sad.signature import ListOf, Scalar, Type, kind_of
from s2sad.sweep.keeping import Edits
from s2sad.sweep.nesting import (
    all_in,
    definitions_in,
    reads_of,
    rename_reads,
    renamed,
    surely_set,
)
from s2sad.sweep.recipes import Plan
from s2sad.sweep.reverse import Reverse
from s2sad.sweep.scan import by_first_read, completed
from s2sad.tree.build import assign, binary, call, clone, constant, name, subscript, target
from s2sad.tree.dataflow import rewrite
from s2sad.tree.parts import blocks_of, key_of


def take_edits(body: list[gast.stmt], edits: Edits) -> list[gast.stmt]:
    """The forward sweep with what the reverse sweep asked for: kept copies, tests under a name, tapes."""
    out = _edited(body, edits)
    edits.before.clear()
    edits.after.clear()
    edits.tests.clear()
    return out


def _edited(body: list[gast.stmt], edits: Edits) -> list[gast.stmt]:
    out: list[gast.stmt] = []
    for statement in body:
        for part in ("body", "orelse"):
            nested = getattr(statement, part, None)
            if isinstance(nested, list):
                nested[:] = _edited(nested, edits)
        out.extend(edits.before.get(id(statement), ()))
        if id(statement) in edits.tests:
            assert isinstance(statement, gast.If)
            new = edits.tests[id(statement)]
            out.append(gast.copy_location(assign(new, statement.test), statement))
            statement.test = name(new)
        if id(statement) in edits.before:
            _read_what_is_kept(statement, edits)
        out.append(statement)
        out.extend(edits.after.get(id(statement), ()))
    return out


def _read_what_is_kept(statement: Any, edits: Edits) -> None:
    """An index that is kept for the reverse sweep is evaluated once: the statement reads what is kept."""

    def leave(part: Any) -> Any:
        kept = None if isinstance(part, gast.Name) else edits.kept.get((id(statement), "value", key_of(part)))
        return part if kept is None else gast.copy_location(name(kept), part)

    for place in (
        *getattr(statement, "targets", ()),
        *(getattr(statement, key, None) for key in ("target", "value")),
    ):
        if isinstance(place, gast.Subscript):
            place.slice = rewrite(place.slice, leave)


class Recorder:
    """Provides the values that reversed loops read."""

    def __init__(self, reverse: Reverse) -> None:
        self.reverse = reverse
        self.types = reverse.types
        self.aligned: dict[int, str] = {}
        self.homes: dict[int, list[gast.stmt]] = {}
        self.tries: dict[int, list[Any]] = {}

    def run(self, forward: list[gast.stmt], backward: list[gast.stmt]) -> None:
        """Complete both sweeps, innermost loops first."""
        self._home(forward)
        self.forward = forward
        self.reverse.note_tries(forward)  # with the tests and copies that were put in
        for part in all_in(forward):
            for inner in all_in(part.body) if isinstance(part, gast.Try) else ():
                self.tries.setdefault(id(inner), []).append(part)
        self.unset: dict[str, gast.stmt] = {}
        self.assigned = set(definitions_in(forward))
        self._visit(backward)
        forward[:0] = self.unset.values()

    def _visit(self, backward: list[gast.stmt]) -> None:
        for statement in list(backward):
            for part in ("body", "orelse"):
                nested = getattr(statement, part, None)
                if isinstance(nested, list):
                    self._visit(nested)
            if id(statement) in self.reverse.loops:
                self._loop(self.reverse.loops[id(statement)][1], statement)

    # ---- one loop -------------------------------------------------------------------------------
    def _loop(self, loop: Any, reversed_loop: Any) -> None:
        defined = definitions_in(loop.body)
        if isinstance(loop, gast.For):
            defined.setdefault(loop.target.id, [])
        carried = self.reverse.carried.get(id(loop), set())
        early, late = by_first_read(loop.body, carried)
        for key in sorted(late):
            self._need(key, loop)  # it is where the iteration made it, or an earlier one
        # no statement may read it, but the derivative of the one that computes it: that wants it as it was made
        computed = {key for key in carried if any(map(self._has_slope, defined.get(key, ())))}
        assert not early & computed, (
            f"read before an iteration computes it, and after: {sorted(early & computed)}"
        )
        heads = carried - late - computed
        plan = Plan(self, loop, defined, heads)
        read = reads_of(reversed_loop.body)
        plan.want([key for key in read if key in defined])
        self._provide(plan, loop, reversed_loop)
        self._count_trips(loop)

    def _has_slope(self, made: gast.stmt) -> bool:
        """Whether a statement computes a varied value: its derivative may read what it computed."""
        computes = isinstance(made, gast.Assign) and not isinstance(made.value, (gast.Name, gast.Constant))
        return computes and made.targets[0].id in self.reverse.core.varied  # type: ignore[attr-defined]

    def _provide(self, plan: Plan, loop: Any, reversed_loop: Any) -> None:
        renames: dict[str, str] = {}
        prologue: dict[int, list[gast.stmt]] = {}
        position = self._position(loop, reversed_loop)
        for key in plan.order():
            if self._is_range(loop) and key == loop.target.id and self._counted(loop, reversed_loop):
                renames[key] = reversed_loop.target.id
                continue
            fresh = self.reverse.fresh(base(key))
            self.types[fresh] = self.types[key]
            renames[key] = fresh
        for key in plan.order():
            if renames[key] == reversed_loop.target.id:
                continue
            block = plan.block(key)
            into = prologue.setdefault(id(block), [])
            if key in plan.recomputed:
                value = renamed(plan.recomputed[key].value, renames)  # type: ignore[attr-defined]
                into.append(gast.copy_location(assign(renames[key], value), plan.recomputed[key]))
            elif key in plan.exits:
                last = binary(name(self.reverse.edits.trips[id(loop)]), gast.Sub, constant(1))
                test = gast.Compare(left=clone(position), ops=[plan.exits[key]()], comparators=[last])
                into.append(assign(renames[key], test))
            elif isinstance(loop, gast.For) and key == loop.target.id and self._indexable(loop):
                into.append(assign(renames[key], self._index_value(loop, position)))
            else:
                tape = self._tape(key, plan, loop, renames[key])
                into.append(assign(renames[key], subscript(name(tape), clone(position))))
        for out, origin in list(self.reverse.blocks.values()):
            if origin is loop.body and out is reversed_loop.body:
                rename_reads(out, renames)
                out[:0] = prologue.get(id(origin), [])
        self._nested_prologues(reversed_loop.body, prologue, loop.body)

    def _nested_prologues(
        self, body: list[gast.stmt], prologue: dict[int, list[gast.stmt]], done: Any
    ) -> None:
        for statement in body:
            for part in ("body", "orelse"):
                nested = getattr(statement, part, None)
                if isinstance(nested, list):
                    self._nested_prologues(nested, prologue, done)
                    pair = self.reverse.blocks.get(id(nested))
                    if pair is not None and pair[1] is not done and pair[0] is nested:
                        nested[:0] = prologue.pop(id(pair[1]), [])  # the first time that the branch is taken

    def _position(self, loop: Any, reversed_loop: Any) -> gast.expr:
        """The position of an iteration on a tape."""
        if not self._counted(loop, reversed_loop) or not self._is_range(loop):
            return name(reversed_loop.target.id)
        start, step = self.reverse.bounds.get(id(loop)) or _bounds(loop)
        index: gast.expr = name(reversed_loop.target.id)
        if _is_minus_one(step):
            return binary(clone(start), gast.Sub, index)
        if not (isinstance(start, gast.Constant) and start.value == 0):
            index = binary(index, gast.Sub, clone(start))
        if not (isinstance(step, gast.Constant) and step.value == 1):
            index = binary(index, gast.FloorDiv, clone(step))
        return index

    def _counted(self, loop: Any, reversed_loop: Any) -> bool:
        """Whether the reversed loop runs over the forward loop's own index."""
        return id(loop) not in self.reverse.edits.trips

    def _indexable(self, loop: gast.For) -> bool:
        return self._is_range(loop) or id(loop) not in self.reverse.edits.trips

    def _is_range(self, loop: Any) -> bool:
        if not isinstance(loop, gast.For) or not isinstance(loop.iter, gast.Call):
            return False
        return isinstance(loop.iter.func, gast.Name) and loop.iter.func.id == "range"

    def _index_value(self, loop: gast.For, position: gast.expr) -> gast.expr:
        if not self._is_range(loop):
            return subscript(clone(loop.iter), position)
        start, step = self.reverse.bounds.get(id(loop)) or _bounds(loop)
        value = clone(position)
        if not (isinstance(step, gast.Constant) and step.value == 1):
            value = binary(value, gast.Mult, clone(step))
        if not (isinstance(start, gast.Constant) and start.value == 0):
            value = binary(clone(start), gast.Add, value)
        return value

    def _tape(self, key: str, plan: Plan, loop: Any, read_as: str) -> str:
        """Record a value once per iteration; the list is made before the loop."""
        tape = self.reverse.fresh(f"{base(key)}_tape")
        self.types[tape] = ListOf(self.types[key])
        plan.tapes.append(tape)
        made = plan.defined.get(key)
        self.reverse.edits.note("tape", key, tape, made[0] if made else loop, loop.lineno, read_as)
        append = gast.Expr(call(gast.Attribute(name(tape), "append", gast.Load()), self._recorded(key, loop)))
        if key in plan.heads:
            self._need(key, loop)
        for copy in plan.defined.get(key, ()):
            if isinstance(copy, gast.Assign) and isinstance(copy.value, gast.Name):
                self._need(copy.value.id, copy)
        preset = assign(key, _nothing(self.types[key]))
        if plan.insert(key, append, lambda: self._filler(tape, self.types[key]), preset):
            self.aligned.setdefault(id(loop), tape)
        self.before_loop(loop, assign(tape, gast.List([], gast.Load())))
        return tape

    def tries_between(self, key: str, loop: Any) -> list[Any]:
        """The ``try`` statements in a loop that a value is made in, outer ones first."""
        around = self.tries.get(id(loop), ())
        return [
            tried for tried in self.reverse.tried_in.get(key, ()) if not any(tried is one for one in around)
        ]

    def _recorded(self, key: str, loop: Any) -> gast.expr:
        """A value as a tape gets it: what the body of a ``try`` makes is there if it was completed."""
        tries = self.tries_between(key, loop)
        test = completed(tries[0], self.types) if tries else None
        if test is None:
            return name(key)
        return gast.IfExp(test=test, body=name(key), orelse=_nothing(self.types[key]))

    def _filler(self, tape: str, known: Type) -> gast.stmt:
        return gast.Expr(call(gast.Attribute(name(tape), "append", gast.Load()), _nothing(known)))

    def _need(self, key: str, place: Any) -> None:
        """A name that is recorded has a value on every path to a statement: what only some set, one at first."""
        if key in self.assigned and key not in surely_set(self.forward, place, set())[0]:
            self.unset[key] = assign(key, _nothing(self.types[key]))

    def before_loop(self, loop: Any, statement: gast.stmt) -> None:
        """Put a statement right before a loop of the forward sweep."""
        home = self.homes[id(loop)]
        tries = self.tries.get(id(loop))
        if tries:  # what is made in there is there if they were completed
            made = statement.targets[0].id  # type: ignore[attr-defined]
            self.reverse.tried_in[made], self.reverse.tried[made] = tries, tries[0]
        home.insert(self._place(home, loop), gast.copy_location(statement, loop))

    def _place(self, home: list[gast.stmt], loop: Any) -> int:
        return next(k for k, item in enumerate(home) if item is loop)

    def _home(self, block: list[gast.stmt]) -> None:
        """Note the block of each loop."""
        for statement in block:
            if isinstance(statement, (gast.For, gast.While)):
                self.homes[id(statement)] = block
            for inner in blocks_of(statement):
                self._home(inner)

    # ---- trips ----------------------------------------------------------------------------------
    def _count_trips(self, loop: Any) -> None:
        """How often a loop ran: the length of a tape that each iteration appends to, or a counter."""
        trips = self.reverse.edits.trips.get(id(loop))
        if trips is None:
            return
        if id(loop) in self.aligned:
            home = self.homes[id(loop)]
            length = gast.copy_location(assign(trips, call("len", name(self.aligned[id(loop)]))), loop)
            home.insert(self._place(home, loop) + 1, length)
            return
        count = gast.Assign([target(trips)], binary(name(trips), gast.Add, constant(1)), None)
        loop.body.insert(0, gast.copy_location(count, loop))
        self.before_loop(loop, assign(trips, constant(0)))


def _nothing(known: Type) -> gast.expr:
    """What a tape gets where there is no value."""
    if isinstance(known, Scalar):
        return gast.Constant({"bool": False, "int": 0, "complex": 0j}.get(kind_of(known.dtype), 0.0), None)
    if isinstance(known, ListOf):
        return gast.List([], gast.Load())
    return gast.Constant(None, None)


def _is_minus_one(node: gast.expr) -> bool:
    inner = node.operand if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub) else None
    return isinstance(inner, gast.Constant) and inner.value == 1


def _bounds(loop: gast.For) -> tuple[gast.expr, gast.expr]:
    args = loop.iter.args
    return (args[0] if len(args) > 1 else constant(0)), (args[2] if len(args) > 2 else constant(1))
