"""Loops of up to four trips that index short vectors with their number are written out.

Before::

    s_1 = s
    for k in range(3):
        s_2 = s_1 + u[k]
        s_1 = s_2

After::

    s_1_0 = s
    s_2_0 = s_1_0 + u[0]
    s_1_1 = s_2_0
    ...

Every name of the loop is another one in each trip; in the last one it has the name that the statements after it read.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import gast

from s2sad.abstract.interpreter import Interpreted
from s2sad.names import Names
from s2sad.passes.scalars.small import LARGEST, is_small
from s2sad.signature import Array, Scalar, static_value
from s2sad.sweep.typer import Typer
from s2sad.tree.build import assign, clone, constant, name, names_in, substitute
from s2sad.tree.dataflow import (
    binds,
    definitions,
    map_blocks,
    rename_body,
    rename_statement,
    rewrite,
    rewritten,
    walk,
)
from s2sad.tree.parts import nodes

MOST_STATEMENTS = 120
"""The most statements that a loop may become."""


def unrolled(core: Interpreted) -> tuple[Interpreted, frozenset[str]]:
    """The function with such loops written out, and the vectors that they index."""
    work = _Unroll(core)
    body = work.block(list(core.body))
    if not work.indexed:
        return core, frozenset()
    return dataclasses.replace(
        core, body=tuple(body), types=work.types, sites=work.sites, varied=frozenset(work.varied)
    ), frozenset(work.indexed)


class _Unroll:
    def __init__(self, core: Interpreted) -> None:
        self.core = core
        self.types, self.sites, self.varied = dict(core.types), dict(core.sites), set(core.varied)
        self.typer = Typer(self.types, core.objects)
        self.names = Names()
        for key in [*core.types, *core.objects, *core.inputs]:
            self.names.reserve(key)
        self.counts = definitions(core.body)
        self.indexed: set[str] = set()

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        """The statements of a block, inner loops first."""
        out: list[gast.stmt] = []
        for statement in body:
            changed: Any = map_blocks(statement, self.block)
            numbers = self._numbers(changed, out)
            if numbers is None:
                out.append(changed)
            else:
                self._write_out(changed, numbers, out)
        return out

    def _numbers(self, loop: Any, before: list[gast.stmt]) -> list[int] | None:
        """The values of the loop variable, of a loop that may be written out."""
        if not isinstance(loop, gast.For) or not isinstance(loop.target, gast.Name) or loop.orelse:
            return None
        numbers = self._range(loop.iter)
        inner = walk(loop.body)
        if numbers is None or len(numbers) * len(inner) > MOST_STATEMENTS:
            return None
        same = self._same_number(loop)
        if any(isinstance(node, _WAYS_OUT) or _decides(node, same) for node in inner):
            return None
        if not all(self._may_have_copies(key) for node in inner for key in binds(node)):
            return None
        if not all(self._starts_before(key, loop, before) for key in self._carried(loop)):
            return None
        indexed = self._indexed(loop.body, same)
        self.indexed |= indexed
        return numbers if indexed else None

    def _carried(self, loop: Any) -> list[str]:
        """The names that have a value before the loop, and another one after each trip."""
        bound = sorted({key for node in walk(loop.body) for key in binds(node)})
        return [k for k in bound if self.counts.get(k, 0) > sum(k in binds(node) for node in walk(loop.body))]

    def _starts_before(self, key: str, loop: Any, before: list[gast.stmt]) -> bool:
        """Whether a carried name has one value before the loop, right before it, and a copy at the end of each trip."""
        ends = [node for node in loop.body if key in binds(node)]
        starts = [k for k, node in enumerate(before) if key in binds(node)]
        if len(starts) != 1 or len(ends) != 1 or self.counts[key] != 2:
            return False
        if not all(isinstance(node, gast.Assign) and _is_copy(node) for node in (before[starts[0]], ends[0])):
            return False
        return not any(key in names_in(node) for node in before[starts[0] + 1 :])

    def _range(self, node: Any) -> list[int] | None:
        if (
            not isinstance(node, gast.Call)
            or node.keywords
            or self.core.objects.get("range", range) is not range
        ):
            return None
        if not isinstance(node.func, gast.Name) or node.func.id != "range":
            return None
        bounds = [static_value(self.typer(arg)) for arg in node.args]
        if not all(type(bound) is int for bound in bounds) or bounds[2:] == [0]:
            return None
        numbers = range(*bounds)
        return list(numbers) if 0 < len(numbers) <= LARGEST else None

    def _may_have_copies(self, key: str) -> bool:
        """Whether a name of the loop may be another one in each trip: numbers, and arrays that nothing writes into."""
        known = self.types.get(key)
        if isinstance(known, Array):
            return not self.sites.get(key, frozenset()) & self.core.written
        return isinstance(known, Scalar)

    def _same_number(self, loop: Any) -> set[str]:
        """The loop variable, and its copies."""
        same = {loop.target.id}
        for node in walk(loop.body):
            if isinstance(node, gast.Assign) and isinstance(node.value, gast.Name) and node.value.id in same:
                same |= {key for key in binds(node) if self.counts.get(key) == 1}
        return same

    def _indexed(self, body: list[gast.stmt], numbers: set[str]) -> set[str]:
        """The short vectors that are indexed with the number of the trip."""
        found = set()
        for statement in walk(body):
            for node in nodes(statement):
                if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name):
                    known = self.types.get(node.value.id)
                    if isinstance(known, Array) and is_small(known) and names_in(node.slice) & numbers:
                        found.add(node.value.id)
        return found

    # ---- writing out -------------------------------------------------------------------------------
    def _write_out(self, loop: Any, numbers: list[int], out: list[gast.stmt]) -> None:
        bound = sorted({key for node in walk(loop.body) for key in binds(node)})
        carried, same = self._carried(loop), self._same_number(loop)
        own = {key: sum(key in binds(node) for node in walk(loop.body)) for key in bound}
        now = {key: self._new(key) for key in carried}
        self.counts |= dict.fromkeys(now.values(), 1)
        for k, statement in enumerate(out):
            if any(key in now for key in binds(statement)):
                out[k] = rename_statement(statement, now)
        for number in numbers:
            after = {key: key if number == numbers[-1] else self._new(key) for key in bound}
            self.counts |= {new: own[key] for key, new in after.items()}
            reads = {**after, **now}
            for statement in loop.body:
                out.append(_in_trip(clone(statement), reads, after, dict.fromkeys(same, constant(number))))
                reads |= {key: after[key] for key in binds(statement)}
            now = {key: after[key] for key in carried}
        out.append(gast.copy_location(assign(loop.target.id, constant(numbers[-1])), loop))

    def _new(self, key: str) -> str:
        new = self.names.fresh(key)
        while new in self.types:
            new = self.names.fresh(key)
        self.types[new] = self.types[key]
        if key in self.sites:
            self.sites[new] = self.sites[key]
        if key in self.varied:
            self.varied.add(new)
        return new


_WAYS_OUT = (gast.Break, gast.While, gast.Return, gast.Raise, gast.Expr, gast.Assert)


def _decides(statement: Any, same: set[str]) -> bool:
    """Whether the number of the trip decides what runs."""
    part = {gast.If: "test", gast.For: "iter"}.get(type(statement))
    return part is not None and bool(names_in(getattr(statement, part)) & same)


def _is_copy(statement: Any) -> bool:
    return isinstance(statement.value, (gast.Name, gast.Constant))


def _in_trip(
    statement: Any, reads: dict[str, str], after: dict[str, str], values: dict[str, gast.expr]
) -> gast.stmt:
    """A statement with the names, and the number, of one trip."""
    goal = binds(statement)[0] if isinstance(statement, gast.Assign) and binds(statement) else None
    if goal in values:
        (number,) = {id(value): value for value in values.values()}.values()
        return gast.copy_location(assign(after[goal], clone(number)), statement)  # type: ignore[index]
    if goal is not None:
        value = _folded(rename_expression(substitute(statement.value, values), reads))
        return gast.copy_location(assign(after[goal], value), statement)
    (renamed,) = rename_body([substitute(statement, values)], reads)
    return rewritten_all(renamed)


def rename_expression(node: Any, names: dict[str, str]) -> Any:
    """An expression with names read replaced."""
    return substitute(node, {key: name(new) for key, new in names.items()})


def rewritten_all(statement: Any) -> Any:
    """A statement, and those in it, with arithmetic of integers done."""
    return rewritten(map_blocks(statement, lambda body: [rewritten_all(inner) for inner in body]), _fold)


def _folded(node: Any) -> Any:
    return rewrite(node, _fold)


def _fold(node: Any) -> Any:
    """Sums and differences of integers."""
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub)):
        sides = [part.value for part in (node.left, node.right) if isinstance(part, gast.Constant)]
        if len(sides) == 2 and all(type(side) is int for side in sides):
            return constant(sides[0] + sides[1] if isinstance(node.op, gast.Add) else sides[0] - sides[1])
    return node
