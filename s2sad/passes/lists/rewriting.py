"""Puts the lists in: made before a loop, read and written in it, and put back into their arrays after it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import gast
import numpy as np

from s2sad.analysis.memory import ARRAYS, Memory
from s2sad.names import Names, base
from s2sad.passes.lists.numbers import Flow
from s2sad.passes.lists.rows import with_rows
from s2sad.passes.lists.uses import Survey, Uses, is_length, is_named, is_numbers_of, row_update
from s2sad.program import Program
from s2sad.runtime.lists import lists_of
from s2sad.signature import Array, Dim, ListOf, Scalar, Size
from s2sad.tree.build import assign, call, clone, constant, name, names_in, subscript
from s2sad.tree.dataflow import definitions, map_blocks, parameters, rewrite, rewritten, walk, with_fields
from s2sad.tree.parts import nodes
from s2sad.tree.place import at

_LEAVES = (gast.Break, gast.Raise)
_LEAST = 8
"""An array with fewer items than that in all its dimensions of known size is gone through by any loop."""


class Lists:
    """Turns arrays into lists, loop by loop, the outermost first."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.memory = Memory(program)
        self.types = dict(program.types)
        self.objects = dict(program.objects)
        self.names = Names()
        for key in (
            {key for s in program.body for key in names_in(s)} | set(self.types) | set(program.objects)
        ):
            self.names.reserve(key)
        self.refused: set[str] = set()

    def run(self) -> Program:
        """The program with its lists."""
        if not any(isinstance(node, (gast.For, gast.While)) for node in walk(self.program.body)):
            return self.program
        while True:
            plan = self._plan(list(self.program.body), set())
            flow = Flow(self.program, _rows(plan), frozenset(key for _, found in plan for key in found))
            if not flow.refused:
                break
            self.refused |= flow.refused
        if not plan:
            return self.program
        self.plan = {id(loop): found for loop, found in plan}
        self.statements = walk(self.program.body)
        self.written = {
            root for node in self.statements for root, kind in self.memory.writes(node) if kind == ARRAYS
        }
        self.made: dict[str, str] = {}
        self.counts, self.parameters = definitions(self.program.body), set(parameters(self.program.args))
        body = self._block(list(self.program.body), set())
        body = [
            self._returned(node, flow.returned) if isinstance(node, gast.Return) else node for node in body
        ]
        return self.program.replace(body=tuple(body), types=self.types, objects=self.objects, in_scalars=True)

    # ---- what becomes a list -----------------------------------------------------------------------
    def _plan(self, body: list[gast.stmt], inside: set[str]) -> list[tuple[gast.stmt, dict[str, Uses]]]:
        """The arrays that are lists in each loop; those that are lists in a loop around it are done."""
        plan = []
        for statement in body:
            found: dict[str, Uses] = {}
            if isinstance(statement, (gast.For, gast.While)):
                arrays = Survey(self.program, self.memory, statement).arrays()
                found = {
                    key: uses for key, uses in arrays.items()
                    if key not in self.refused and key not in inside and self._pays(key, statement)
                }  # fmt: skip
                found = self._with_their_indices(found)
                if found:
                    plan.append((statement, found))
            for block in _blocks(statement):
                plan += self._plan(
                    block, inside | set(found) | {row for uses in found.values() for row in uses.rows}
                )
        return plan

    def _with_their_indices(self, found: dict[str, Uses]) -> dict[str, Uses]:
        """Arrays of integers alone are not worth a list."""
        return found if any(self.types[key].dtype == "float64" for key in found) else {}  # type: ignore[attr-defined]

    def _pays(self, key: str, loop: gast.stmt) -> bool:
        """Whether the loop may go through the array; how often it turns must be known before it starts."""
        return self._is_gone_through(key, loop) or _trips(loop) is not None

    def _is_gone_through(self, key: str, loop: gast.stmt) -> bool:
        """Whether loops over the array's own sizes are in the loop."""
        known = self.types[key]
        assert isinstance(known, Array)
        turned = set().union(
            *(self._sizes(node.iter) for node in walk([loop]) if isinstance(node, gast.For)), set()
        )
        return all(size in turned or isinstance(size, int) and size <= _LEAST for size in known.shape or ())

    def _sizes(self, node: gast.expr) -> set[Size]:
        """The sizes that the bounds of a range are made of."""
        found: set[Size] = set()
        for key in names_in(node):
            known = self.types.get(key)
            if is_length(known) and known.size is not None:  # type: ignore[union-attr]
                found.add(known.size)  # type: ignore[union-attr]
        for part in _sized(node):
            known = self.types.get(part[0])
            if isinstance(known, Array) and known.shape and part[1] < len(known.shape):
                found.add(known.shape[part[1]])
        return {Dim(size.symbol) if isinstance(size, Dim) else size for size in found} | found

    # ---- rewriting ---------------------------------------------------------------------------------
    def _block(self, body: list[gast.stmt], after: set[str], inside: bool = False) -> list[gast.stmt]:
        """Statements, with the memory that is used `after` them; `inside` of a branch or a loop."""
        out: list[gast.stmt] = []
        current = _Current(self.memory, after, any(isinstance(node, gast.Try) for node in self.statements))
        for k, statement in enumerate(body):
            used = after | self._memory_of(body[k + 1 :])
            found = self.plan.get(id(statement)) or self._stored_item(statement, current)
            within = used | (
                self._memory_of([statement]) if isinstance(statement, (gast.For, gast.While)) else set()
            )
            changed = map_blocks(statement, functools.partial(self._block, after=within, inside=True))
            current.before(statement, found, out)
            if not found:
                out.append(changed)
                continue
            names = {}
            for key in found:
                names[key] = current.lists.get(key) or self._list(key, statement, out, inside)
            rows = {row: key for key, uses in found.items() for row in uses.rows}
            self._retype(rows)
            new = _Items(names, rows, self._floats(names)).statement(changed)
            if id(statement) not in self.plan:
                new = self._of_pythons_floats(new, set(names.values()))
            out.append(with_rows(new, set(names.values()), self))
            for key, uses in found.items():
                newer = uses.written or key in current.newer
                put_back = newer and self.memory.root(key) in used
                current.after(
                    key, names[key], at(_put_back(key, names[key]), statement) if put_back else None, out
                )
        current.end(out)
        return out

    def _stored_item(self, statement: gast.stmt, current: _Current) -> dict[str, Uses]:
        """The arrays that are lists already and of which a statement that stores an item into an array uses items."""
        goal = getattr(statement, "target", None) or getattr(statement, "targets", [None])[0]
        if not current.lists or not isinstance(goal, gast.Subscript) or not isinstance(goal.value, gast.Name):
            return {}
        known = self.types.get(goal.value.id)
        if not isinstance(known, Array) or known.dtype != "float64" or not self._has_float():
            return {}
        arrays = Survey(self.program, self.memory, statement).arrays()
        return {key: uses for key, uses in arrays.items() if key in current.lists and not uses.rows}

    def _has_float(self) -> bool:
        """Whether `float` has its usual meaning."""
        local = "float" in self.counts or "float" in self.parameters
        return not local and self.objects.get("float", float) is float

    def _of_pythons_floats(self, statement: Any, lists: set[str]) -> gast.stmt:
        """A store of an item that leaves no number of NumPy's in a list: all that is computed from it would be one."""
        goal = statement.target if isinstance(statement, gast.AugAssign) else statement.targets[0]
        value = statement.value
        pythons = names_in(value) <= lists and (
            bool(names_in(value))
            or isinstance(statement, gast.AugAssign)
            or isinstance(getattr(value, "value", None), float)
        )
        if not names_in(goal.value) & lists or pythons:
            return statement  # type: ignore[no-any-return]
        self.objects["float"] = float
        return with_fields(statement, value=call("float", value))  # type: ignore[no-any-return]

    def _memory_of(self, body: list[gast.stmt]) -> set[str]:
        """The memory that some statements mention."""
        return {self.memory.root(key) for statement in body for key in names_in(statement)}

    def _list(self, key: str, loop: gast.stmt, out: list[gast.stmt], inside: bool) -> str:
        """The list of an array before a loop: one for all loops, if nothing ever writes to the array."""
        fixed = self.memory.root(key) not in self.written and self.counts.get(key, 0) < 2 - (
            key in self.parameters
        )
        if fixed and key in self.made:
            return self.made[key]
        new = self._name(key)
        out.append(at(self._made(new, key, loop), loop))
        if fixed and not inside:
            self.made[key] = new
        return new

    def _floats(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(key for key in names if self.types[key].dtype == "float64")  # type: ignore[attr-defined]

    def _retype(self, rows: dict[str, str]) -> None:
        for row in rows:
            self.types[row] = ListOf(self._number(rows[row]))

    def _number(self, key: str) -> Scalar:
        return Scalar("float" if self.types[key].dtype == "float64" else "int")  # type: ignore[attr-defined]

    def _name(self, key: str) -> str:
        known = self.types[key]
        two = known.rank == 2  # type: ignore[attr-defined]
        new = self.fresh(f"{base(key)}_rows" if two else f"{base(key)}_items")
        self.types[new] = ListOf(ListOf(self._number(key))) if two else ListOf(self._number(key))
        return new

    def fresh(self, wanted: str) -> str:
        """A name that nothing has."""
        new = self.names.fresh(wanted)
        while new in self.types:
            new = self.names.fresh(wanted)
        return new

    def _made(self, new: str, key: str, loop: gast.stmt) -> gast.stmt:
        """``u_rows = u.tolist()``, or a list if that pays back."""
        if self._is_gone_through(key, loop):
            return assign(new, call(gast.Attribute(value=name(key), attr="tolist", ctx=gast.Load())))
        self.objects["lists_of"] = lists_of
        trips = _trips(loop)
        assert trips is not None
        return assign(new, call("lists_of", name(key), trips))

    def _returned(self, node: gast.Return, numbers: set[str]) -> gast.stmt:
        """What is returned is a number of NumPy's, as it is without lists."""
        if not numbers:
            return node
        path = next((path for path, value in self.objects.items() if value is np.float64), "np.float64")
        self.objects.setdefault(path, np.float64)

        def change(part: Any) -> Any:
            return call(path, part) if isinstance(part, gast.Name) and part.id in numbers else part

        return rewritten(node, change)  # type: ignore[no-any-return]


class _Current:
    """The lists that hold what their arrays hold, or something newer, at a place in a block."""

    def __init__(self, memory: Memory, later: set[str], at_once: bool) -> None:
        self.memory, self.later, self.at_once = memory, later, at_once
        self.lists: dict[str, str] = {}
        self.newer: set[str] = set()
        self.stores: dict[str, gast.stmt] = {}  # not needed as long as nothing looks at the array

    def before(self, statement: gast.stmt, found: Mapping[str, Uses], out: list[gast.stmt]) -> None:
        """Forget the lists of what a statement writes to, and keep the stores that it needs; `found`: its lists."""
        self.newer = set()
        if not self.lists:
            return
        mentioned = names_in(statement)
        leaves = self.at_once or any(isinstance(node, _LEAVES) for node in walk([statement]))
        written = {
            root for node in walk([statement]) for root, kind in self.memory.writes(node) if kind == ARRAYS
        }
        for key in list(self.lists):
            root = self.memory.root(key)
            rows = found[key].rows if key in found else set()
            others = {name for name in mentioned - rows if self.memory.root(name) == root}
            if key in found and others <= {key} and not leaves:
                store = self.stores.pop(key, None)
                if store is not None:
                    out[:] = [node for node in out if node is not store]
                    self.newer.add(key)
                continue
            if others or leaves:
                self.stores.pop(key, None)
            if root in written or key in definitions([statement]):
                del self.lists[key]

    def after(self, key: str, new: str, store: gast.stmt | None, out: list[gast.stmt]) -> None:
        """Behind a loop in which an array is a list, which is stored into the array if that is used later."""
        self.lists[key] = new
        if store is not None:
            self.stores[key] = store
            out.append(store)

    def end(self, out: list[gast.stmt]) -> None:
        """Behind the block."""
        idle = {id(store) for key, store in self.stores.items() if self.memory.root(key) not in self.later}
        out[:] = [node for node in out if id(node) not in idle]


class _Items:
    """Items of lists in place of items of arrays."""

    def __init__(self, names: dict[str, str], rows: dict[str, str], floats: frozenset[str]) -> None:
        self.names, self.rows = names, rows
        self.floats = {names[key] for key in floats} | {row for row, key in rows.items() if key in floats}

    def statement(self, statement: gast.stmt) -> gast.stmt:
        """A loop and all that is in it."""
        changed = map_blocks(statement, self.block)
        return rewritten(changed, self._expression)  # type: ignore[no-any-return]

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """Statements of the loop."""
        out: list[gast.stmt] = []
        for statement in body:
            row = row_update(statement)
            if row is not None and self._is_list(row.value):
                out += self._updates(statement)
            else:
                out.append(self.statement(statement))
        return out

    def _is_list(self, node: Any) -> bool:
        return isinstance(node, gast.Name) and node.id in self.names

    def _updates(self, statement: Any) -> list[gast.stmt]:
        """``rows[i] += np.stack([x, y])``, number by number."""
        goal = rewrite(clone(row_update(statement)), self._expression)
        parts = [rewrite(clone(elt), self._expression) for elt in statement.value.args[0].elts]
        goals = [subscript(clone(goal), constant(k), store=True) for k in range(len(parts))]
        if isinstance(statement, gast.Assign):
            new: list[gast.stmt] = [gast.Assign([one], part, None) for one, part in zip(goals, parts)]
        else:
            new = [gast.AugAssign(target=one, op=statement.op, value=part) for one, part in zip(goals, parts)]
        return [at(one, statement) for one in new]

    def _expression(self, node: Any) -> Any:
        """Bottom up: one node, its parts done."""
        if isinstance(node, gast.Subscript) and self._is_list(node.value):
            owner: gast.expr = name(self.names[node.value.id])
            if isinstance(node.slice, gast.Tuple):
                first, second = node.slice.elts
                return gast.Subscript(value=subscript(owner, first), slice=second, ctx=node.ctx)
            return gast.Subscript(value=owner, slice=node.slice, ctx=node.ctx)
        if is_numbers_of(node) and self._is_of_floats(node.args[0]):
            return node.args[0]
        if isinstance(node, gast.Call) and is_named(node.func, "float") and self._is_of_floats(node.args[0]):
            return node.args[0]
        return node

    def _is_of_floats(self, node: Any) -> bool:
        """Whether an expression is an item, or a row, of a list of floats."""
        while isinstance(node, gast.Subscript):
            node = node.value
        return isinstance(node, gast.Name) and node.id in self.floats


def _put_back(key: str, new: str) -> gast.stmt:
    goal = subscript(name(key), gast.Constant(value=..., kind=None), store=True)
    return gast.Assign(targets=[goal], value=name(new), type_comment=None)


def _trips(loop: gast.stmt) -> gast.expr | None:
    """How often a loop turns, where that is known before."""
    if not isinstance(loop, gast.For):
        return None
    turns = loop.iter
    if isinstance(turns, gast.Call) and is_named(turns.func, "range") and len(turns.args) == 1:
        return clone(turns.args[0])  # type: ignore[no-any-return]
    return call("len", clone(turns))


def _rows(plan: Iterable[tuple[gast.stmt, dict[str, Uses]]]) -> dict[str, str]:
    return {row: key for _, found in plan for key, uses in found.items() for row in uses.rows}


def _blocks(statement: gast.stmt) -> list[list[gast.stmt]]:
    return [block for key in ("body", "orelse") if isinstance(block := getattr(statement, key, None), list)]


def _sized(node: gast.expr) -> list[tuple[str, int]]:
    """The arrays whose lengths are read in an expression, and along which dimension."""
    found = []
    for part in nodes(node):
        if isinstance(part, gast.Call) and is_named(part.func, "len") and isinstance(part.args[0], gast.Name):
            found.append((part.args[0].id, 0))
        elif (
            isinstance(part, gast.Subscript)
            and isinstance(part.value, gast.Attribute)
            and part.value.attr == "shape"
        ):
            if isinstance(part.value.value, gast.Name) and isinstance(part.slice, gast.Constant):
                found.append((part.value.value.id, part.slice.value))
    return found
