"""How the values that a reversed loop reads are had: what is recomputed, what is taped, and where in the forward loop.

The cheapest choice is a minimum cut (`analysis/minimum_cut.py`) between what is at hand and what is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2sad.abstract.callees import Emitted
from s2sad.analysis.minimum_cut import UNLIMITED, Network
from s2sad.signature import Array, Opaque, Type
from s2sad.sweep.nesting import all_in, owners_of, parents_of
from s2sad.sweep.scan import defined_in, read_by
from s2sad.tree.build import dotted, name, names_in
from s2sad.tree.parts import blocks_of, nodes

if TYPE_CHECKING:
    from s2sad.sweep.record import Recorder

TAPE = 100
"""Nanoseconds to append a value and to read it back, in CPython (``python -m benchmarks costs``)."""
SCALAR, VIEW, ITEM, MATH, UFUNC, NEVER = 40, 90, 50, 60, 450, 10**9


class Plan:
    """Which values of a loop's iteration are recomputed, and which are taped."""

    def __init__(
        self, recorder: Recorder, loop: Any, defined: dict[str, list[gast.stmt]], heads: set[str]
    ) -> None:
        self.recorder, self.loop, self.defined, self.heads = recorder, loop, defined, heads
        self.parents = parents_of(loop.body)
        self.owners = owners_of(loop.body)
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
        if id(statements[0]) in self.parents and self._is_lifted(key):
            if names_in(statements[0].value) & set(self.defined):  # type: ignore[attr-defined]
                return None  # they may be had only in the branch
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

    def _operation(self, statement: Any) -> int:
        """What a value costs to compute again, in nanoseconds."""
        reverse = self.recorder.reverse
        if not isinstance(statement, gast.Assign) or reverse._changes(statement.value, statement):
            return NEVER
        made = reverse.core.sites.get(statement.targets[0].id, frozenset())
        if made and reverse.memory.written_after(made, statement):
            return NEVER  # what is computed again is what it was before it was written to
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
            for statement in all_in(self.loop.body):
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


def _exit_tests(loop: Any) -> dict[str, type]:
    """The test of an endless loop's one `break`: it holds in the last iteration, and in no other."""
    endless = isinstance(loop, gast.While) and isinstance(loop.test, gast.Constant)
    every = [s for s in all_in(loop.body) if isinstance(s, gast.Break)]
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
