"""Recording: how the reverse sweep gets each value of the forward sweep that it reads.

Names are assigned once, so after straight-line code every value is still there.  Only inside a reversed loop is a
value of an earlier iteration gone: it is *index-derived* (the loop variable), *recomputed* where that is cheap and
its operands can be had, or *taped*: appended to a list by the forward sweep and read back by position.
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Emitted
from s2sad.analysis.minimum_cut import UNLIMITED, Network
from s2sad.names import base
from s2sad.signature import Array, ListOf, Opaque, Scalar, Type, kind_of
from s2sad.sweep.cotangents import Edits
from s2sad.sweep.reverse import Reverse
from s2sad.sweep.scan import blocks_of, completed, defined_in, made_before, read_by
from s2sad.tree.build import assign, binary, call, clone, constant, dotted, name, names_in, subscript, target
from s2sad.tree.parts import nodes

TAPE = 100
"""Nanoseconds to append a value and to read it back, in CPython (``python -m benchmarks costs``)."""
SIMPLE = frozenset([gast.Assign, gast.AugAssign, gast.Expr])
SCALAR, VIEW, ITEM, MATH, UFUNC, NEVER = 40, 90, 50, 60, 450, 10**9


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
        out.append(statement)
        out.extend(edits.after.get(id(statement), ()))
    return out


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
        for part in _all(forward):
            for inner in _all(part.body) if isinstance(part, gast.Try) else ():
                self.tries.setdefault(id(inner), []).append(part)
        self.unset: dict[str, gast.stmt] = {}
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
        defined = _definitions(loop.body)
        if isinstance(loop, gast.For):
            defined.setdefault(loop.target.id, [])
        carried = self.reverse.carried.get(id(loop), set())
        late = made_before(loop.body, carried)
        heads = carried - late
        for key in sorted(late):
            if not self._is_set(key, loop):  # it is where the iteration made it, or an earlier one
                self.unset[key] = assign(key, _nothing(self.types[key]))
        plan = _Plan(self, loop, defined, heads)
        read = _reads_of(reversed_loop.body)
        plan.want([key for key in read if key in defined])
        self._provide(plan, loop, reversed_loop)
        self._count_trips(loop)

    def _provide(self, plan: _Plan, loop: Any, reversed_loop: Any) -> None:
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
                value = _renamed(plan.recomputed[key].value, renames)  # type: ignore[attr-defined]
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
                _rename_all(out, renames)
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

    def _tape(self, key: str, plan: _Plan, loop: Any, read_as: str) -> str:
        """Record a value once per iteration; the list is made before the loop."""
        tape = self.reverse.fresh(f"{base(key)}_tape")
        self.types[tape] = ListOf(self.types[key])
        plan.tapes.append(tape)
        made = plan.defined.get(key)
        self.reverse.edits.note("tape", key, tape, made[0] if made else loop, loop.lineno, read_as)
        append = gast.Expr(call(gast.Attribute(name(tape), "append", gast.Load()), self._recorded(key, loop)))
        if key in plan.heads and not self._is_set(key, loop):
            self.unset[key] = assign(key, _nothing(self.types[key]))
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

    def _is_set(self, key: str, loop: Any) -> bool:
        """Whether a name has a value on every path to a loop; one that only the loop sets may have none."""
        if key not in _definitions(self.forward):
            return True  # a parameter
        return key in _certain(self.forward, loop, set())[0]

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


class _Plan:
    """Which values of a loop's iteration are recomputed, and which are taped."""

    def __init__(
        self, recorder: Recorder, loop: Any, defined: dict[str, list[gast.stmt]], heads: set[str]
    ) -> None:
        self.recorder, self.loop, self.defined, self.heads = recorder, loop, defined, heads
        self.parents = _parents(loop.body)
        self.owners = _owners(loop.body)
        self.sequence = {key: k for k, key in enumerate(defined)}
        self.chosen: set[str] = set()
        self.recomputed: dict[str, Any] = {}
        self.exits = _exit_tests(loop)
        self.invariant = self._invariant()
        self.tapes: list[str] = []
        self.readers: dict[str, list[gast.stmt]] | None = None

    def want(self, needed: list[str]) -> None:
        """Plan for some values, and for what their recomputation reads: a minimum cut of the iteration's values.

        Each value has two nodes, on the source's side if it is had at all, and if it is recomputed.  The cut pays
        `TAPE` for a value that is had and not recomputed, and its operation for one that is recomputed, which needs
        its operands.
        """
        network = Network()
        done: set[str] = set()
        waiting = [key for key in needed if not self._is_free(key)]
        for key in waiting:
            network.add("source", ("had", key), UNLIMITED)
        while waiting:
            key = waiting.pop(0)
            if key in done:
                continue
            done.add(key)
            network.add(("had", key), ("recomputed", key), TAPE)
            statement = self._recipe(key)
            if statement is None:
                network.add(("recomputed", key), "sink", UNLIMITED)
                continue
            cost = 1 if key in self.invariant else self._operation(statement)
            network.add(("recomputed", key), "sink", cost)
            network.add(("recomputed", key), ("had", key), UNLIMITED)
            for operand in sorted(names_in(statement.value)):  # type: ignore[attr-defined]
                if operand in self.defined and not self._is_free(operand):
                    network.add(("recomputed", key), ("had", operand), UNLIMITED)
                    waiting.append(operand)
        chosen = network.cut("source", "sink") if done else set()
        recomputed = {key for key in done if ("recomputed", key) in chosen}
        self.recomputed = {key: self._recipe(key) for key in sorted(recomputed)}
        self.chosen = {key for key in done if ("had", key) in chosen}
        for key in list(self.recomputed):
            self.chosen |= names_in(self.recomputed[key].value) & set(self.defined)
        self.chosen |= set(needed)

    def _is_free(self, key: str) -> bool:
        """Whether a value follows from the iteration's number."""
        return key in self.exits or (isinstance(self.loop, gast.For) and key == self.loop.target.id)

    def _invariant(self) -> set[str]:
        """Values that every iteration computes from what does not change, so simply that they will leave the loop."""
        found: set[str] = set()
        for key, statements in self.defined.items():
            if key in self.heads or len(statements) != 1 or not isinstance(statements[0], gast.Assign):
                continue
            if key in self.recorder.reverse.tried:
                continue
            read = names_in(statements[0].value) & set(self.defined)
            if read <= found and self._operation(statements[0]) < NEVER and self._leaves(statements[0].value):
                found.add(key)
        return found

    def _leaves(self, node: gast.expr) -> bool:
        """Whether an expression is arithmetic that pass `prune` moves out of loops."""
        objects = self.recorder.reverse.objects
        return all(
            isinstance(objects.get(dotted(part.func) or ""), np.ufunc)
            for part in nodes(node)
            if isinstance(part, gast.Call)
        )

    def _recipe(self, key: str) -> Any:
        """The statement that computes a value again, None where nothing does."""
        statements = self.defined[key]
        if key in self.recorder.reverse.tried:  # computed again, it might raise
            return None
        if key in self.heads or len(statements) != 1 or self._in_inner_loop(statements[0]):
            return None
        return statements[0] if self._operation(statements[0]) < NEVER else None

    def _calls_ours(self, node: gast.expr) -> bool:
        """Whether a function that we emit is called: its body may be anything."""
        objects = self.recorder.reverse.objects
        return any(
            isinstance(objects.get(dotted(part.func) or ""), Emitted)
            for part in nodes(node)
            if isinstance(part, gast.Call)
        )

    def _in_inner_loop(self, statement: gast.stmt) -> bool:
        parent = self.parents.get(id(statement))
        while parent is not None:
            if isinstance(parent, (gast.For, gast.While)):
                return True
            parent = self.parents.get(id(parent))
        return False

    def _operation(self, statement: gast.stmt) -> int:
        """What a value costs to compute again, in nanoseconds."""
        if not isinstance(statement, gast.Assign) or self.recorder.reverse._changes(
            statement.value, statement
        ):
            return NEVER
        if isinstance(statement.value, (gast.List, gast.Dict, gast.ListComp)) or self._is_buffer(statement):
            return NEVER
        if self._calls_ours(statement.value):
            return NEVER
        known = self.recorder.types.get(statement.targets[0].id)  # type: ignore[attr-defined]
        return _expression_cost(statement.value, known)

    def _is_buffer(self, statement: Any) -> bool:
        """Whether a statement makes a shadow, or takes one out of a list: made again it would be another one."""
        reverse, key = self.recorder.reverse, statement.targets[0].id
        if key in reverse.allocated:
            return True
        node = statement.value
        shadows = {reverse.shadows[early] for early in reverse.early}
        return (
            key in shadows
            and not isinstance(node, gast.Name)
            and not isinstance(
                self.recorder.types.get(getattr(getattr(node, "value", None), "id", "")), Array
            )
        )

    def order(self) -> list[str]:
        """The values to provide, in the order in which the forward sweep made them."""
        first = [key for key in self.chosen if key in self.heads or key not in self.sequence]
        rest = sorted((key for key in self.chosen if key not in first), key=lambda key: self.sequence[key])
        taped = [
            key for key in [*sorted(first), *rest] if key not in self.recomputed and key not in self.exits
        ]
        rest = [*rest, *(key for key in sorted(self.chosen) if key in self.exits and key not in rest)]
        return [*taped, *(key for key in rest if key in self.recomputed or key in self.exits)]

    def block(self, key: str) -> list[gast.stmt]:
        """The block of the forward sweep where a value is made."""
        if key in self.heads or not self.defined.get(key):
            return self.loop.body
        return self._common(key)[0]

    def _common(self, key: str) -> tuple[list[gast.stmt], int]:
        """The innermost block that holds all assignments of a value, outside of inner loops; and where they end."""
        made = [self._chain(statement) for statement in self.defined[key]]
        block, k = self._holding(made, made)
        inside = [reader for reader in self._readers(key) if not self._is_in(reader, block)]
        return self._holding(made, [*made, *map(self._chain, inside)]) if inside else (block, k)

    def _is_lifted(self, key: str) -> bool:
        """Whether a value is read in a branch beside the one that makes it, for the same reason."""
        made = [self._chain(statement) for statement in self.defined[key]]
        return self._holding(made, made)[0] is not self._common(key)[0]

    def _is_in(self, statement: gast.stmt, block: list[gast.stmt]) -> bool:
        return any(block is other for other, _ in self._chain(statement))

    def _readers(self, key: str) -> list[gast.stmt]:
        """The statements that need a value; a copy does not."""
        if self.readers is None:
            self.readers = {}
            for statement in _all(self.loop.body):
                copies = isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Name)
                for read in () if copies else read_by(statement):
                    self.readers.setdefault(read, []).append(statement)
        return self.readers.get(key, [])

    def _holding(self, made: list[Any], chains: list[Any]) -> tuple[list[gast.stmt], int]:
        """The innermost block that holds statements, outside of inner loops; and where the ones that are `made` end."""
        depth = 0
        while (
            all(len(chain) > depth for chain in chains)
            and len({id(chain[depth][0]) for chain in chains}) == 1
        ):
            if len({chain[depth][1] for chain in chains}) > 1:
                depth += 1
                break
            depth += 1
            statement = chains[0][depth - 1][0][chains[0][depth - 1][1]]
            if isinstance(statement, (gast.For, gast.While)):
                break
        block = chains[0][depth - 1][0]
        return self._around(block, max(chain[depth - 1][1] for chain in made))

    def _around(self, block: list[gast.stmt], k: int) -> tuple[list[gast.stmt], int]:
        """A place after the ``with`` and ``try`` statements that end around a place: they are no branches."""
        while block is not self.loop.body:
            owner = self.owners[id(block)]
            if not isinstance(owner, (gast.With, gast.Try)):
                break
            block = self._home(owner)
            k = next(i for i, s in enumerate(block) if s is owner)
        return block, k

    def _home(self, statement: gast.stmt) -> list[gast.stmt]:
        """The block that a compound statement stands in."""
        parent = self.parents.get(id(statement))
        holders = blocks_of(parent) if parent is not None else [self.loop.body]
        return next(block for block in holders if any(s is statement for s in block))

    def _chain(self, statement: gast.stmt) -> list[tuple[list[gast.stmt], int]]:
        """Blocks around a statement, outermost first, with its position in each."""
        chain: list[tuple[list[gast.stmt], int]] = []
        here: gast.stmt | None = statement
        while here is not None:
            parent = self.parents.get(id(here))
            for block in blocks_of(parent) if parent is not None else [self.loop.body]:
                for k, item in enumerate(block):
                    if item is here:
                        chain.append((block, k))
            here = parent
        return chain[::-1]

    def insert(self, key: str, append: gast.Expr, filler: Any, preset: gast.stmt) -> bool:
        """Put an `append` where the value is made, and a filler on the paths that do not make it.

        What is made somewhere inside of a ``try`` is recorded after it; `preset` is what it is before.
        True where every iteration appends, so that the tape's length is the number of iterations.
        """
        if key in self.heads or not self.defined.get(key):
            append.value.args[0] = name(key)  # type: ignore[attr-defined]
            gast.copy_location(append, self.loop)
            self.loop.body.insert(0, append)
            return True
        block, k = self._common(key)
        tried = self._try_around(block)
        block, k = tried or (block, k)
        inside = self.recorder.tries_between(key, self.loop)
        several = len(inside) > 1 or (inside and len(self.defined[key]) > 1)
        if tried is not None or several or self._is_lifted(key):
            append.value.args[0] = name(key)  # type: ignore[attr-defined]
            first = next(i for i, statement in enumerate(block) if key in defined_in([statement]))
            block.insert(first, gast.copy_location(preset, block[first]))
            k += 1
        gast.copy_location(append, block[k])
        block.insert(k + 1, append)
        self._fill(block, filler)
        return True

    def _try_around(self, block: list[gast.stmt]) -> tuple[list[gast.stmt], int] | None:
        """The outermost ``try`` that a block is in, as a place in its own block."""
        found = None
        while block is not self.loop.body:
            owner = self.owners[id(block)]
            block = self._home(owner)
            if isinstance(owner, gast.Try):
                found = block, next(i for i, s in enumerate(block) if s is owner)
        return found

    def _fill(self, block: list[gast.stmt], filler: Any) -> None:
        """Every other branch on the way to a block appends a filler, so that positions stay aligned."""
        while block is not self.loop.body:
            parent = self.owners[id(block)]
            if isinstance(parent, gast.If):
                other = parent.orelse if parent.body is block else parent.body
                other.insert(0, gast.copy_location(filler(), parent))
            block = self._home(parent)


def _certain(block: list[gast.stmt], place: Any, known: set[str]) -> tuple[set[str], bool]:
    """The names that have a value when control comes to a statement, and whether it is in this block."""
    known = set(known)
    for statement in block:
        if statement is place:
            return known, True
        inner = [_certain(part, place, known) for part in blocks_of(statement)]
        for names, found in inner:
            if found:
                return names, True
        if isinstance(statement, gast.If):
            known |= set.intersection(*(names for names, _ in inner))
        elif isinstance(statement, gast.With):
            known |= inner[0][0]
        elif not isinstance(statement, (gast.For, gast.While)):
            known |= set(_definitions([statement]))
    return known, False


def _exit_tests(loop: Any) -> dict[str, type]:
    """The test of an endless loop's one `break`: it holds in the last iteration, and in no other."""
    endless = isinstance(loop, gast.While) and isinstance(loop.test, gast.Constant)
    every = [s for s in _all(loop.body) if isinstance(s, gast.Break)]
    last = loop.body[-1] if loop.body else None
    if (
        not endless
        or len(every) != 1
        or not isinstance(last, gast.If)
        or not isinstance(last.test, gast.Name)
    ):
        return {}
    if any(s is every[0] for s in last.body):
        return {last.test.id: gast.Eq}
    return {last.test.id: gast.NotEq} if any(s is every[0] for s in last.orelse) else {}


def _expression_cost(node: gast.expr, known: Type | None) -> int:
    """What evaluating an expression costs, roughly, in nanoseconds."""
    cost = 0
    for part in nodes(node):
        if isinstance(part, gast.Call):
            path = part.func
            quick = isinstance(path, gast.Name) or (
                isinstance(path, gast.Attribute)
                and isinstance(path.value, gast.Name)
                and path.value.id == "math"
            )
            if quick and isinstance(path, gast.Name) and path.id == "float":
                cost += SCALAR
            else:
                cost += MATH if quick and not isinstance(known, Array) else UFUNC
        elif isinstance(part, (gast.BinOp, gast.UnaryOp, gast.Compare)):
            cost += UFUNC if isinstance(known, Array) else SCALAR
        elif isinstance(part, gast.Subscript):
            cost += VIEW if isinstance(known, Array) else ITEM
    if isinstance(known, Opaque):
        return NEVER
    return cost


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


def _all(statements: list[gast.stmt]) -> list[gast.stmt]:
    found: list[gast.stmt] = []
    _collect(statements, found)
    return found


def _collect(statements: list[gast.stmt], found: list[gast.stmt]) -> None:
    for statement in statements:
        found.append(statement)
        if statement.__class__ not in SIMPLE:
            for block in blocks_of(statement):
                _collect(block, found)


def _definitions(statements: list[gast.stmt]) -> dict[str, list[gast.stmt]]:
    """Names that statements assign, in order, with the statements that do."""
    found: dict[str, list[gast.stmt]] = {}
    for statement in _all(statements):
        if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            found.setdefault(statement.targets[0].id, []).append(statement)
        elif isinstance(statement, gast.For) and isinstance(statement.target, gast.Name):
            found.setdefault(statement.target.id, []).append(statement)
    return found


def _parents(statements: list[gast.stmt]) -> dict[int, Any]:
    """The compound statement that each statement is in; those at the top are in none."""
    return {
        id(inner): statement
        for statement in _all(statements)
        for block in blocks_of(statement)
        for inner in block
    }


def _owners(statements: list[gast.stmt]) -> dict[int, Any]:
    """The compound statement that each block belongs to."""
    return {id(block): statement for statement in _all(statements) for block in blocks_of(statement)}


def _reads_of(statements: list[gast.stmt]) -> list[str]:
    """Names that statements read but do not assign, in order of appearance."""
    assigned = set(_definitions(statements))
    found: dict[str, None] = {}
    for statement in statements:
        for part in nodes(statement):
            if isinstance(part, gast.Name) and part.id not in assigned:
                found[part.id] = None
    return list(found)


def _renamed(node: gast.expr, renames: dict[str, str]) -> gast.expr:
    from s2sad.tree.build import substitute

    return substitute(node, {key: name(new) for key, new in renames.items()})


def _rename_all(statements: list[gast.stmt], renames: dict[str, str]) -> None:
    """Rename reads in place."""
    for statement in statements:
        for part in nodes(statement):
            if isinstance(part, gast.Name) and part.id in renames:
                part.id = renames[part.id]
