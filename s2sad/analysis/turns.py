"""Whether the turns of a loop may run in any order: they add, or write where no other turn reads or writes.

>>> import numpy as np
>>> from s2sad.testing.core import core
>>> def shown(text):
...     program = core(text, np.ones(3), 2.0)
...     loop = next(node for node in program.body if isinstance(node, gast.For))
...     return Turns(program).are_free(loop)
>>> shown('''
... def f(x, w):
...     y = np.zeros(3)
...     s = 0.0
...     for i in range(3):
...         y[i] = w * x[i]
...         s = s + y[i]
...     return s
... '''), shown('''
... def f(x, w):
...     s = 0.0
...     for i in range(3):
...         s = s * w + x[i]
...     return s
... ''')
(True, False)

Sums are taken to be the same in every order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gast
import numpy as np

from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import BOTH, Memory
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.dataflow import (
    assigned,
    binds,
    bound_within,
    headers,
    is_comment,
    parameters,
    reads,
    statement_reads,
    walk,
)
from s2sad.tree.parts import children

_ADDS = (gast.Add, gast.Sub)
_PLAIN = (gast.Assign, gast.AugAssign, gast.For, gast.If)


class Turns:
    """What the loops of one program do from turn to turn."""

    def __init__(self, program: Program, memory: Memory | None = None, live: Liveness | None = None) -> None:
        self.program = program
        self.memory = memory or Memory(program)
        self.live = live or Liveness(program.body)
        self.classes: dict[str, set[str]] = {}
        for key in {*parameters(program.args), *(key for node in walk(program.body) for key in binds(node))}:
            self.classes.setdefault(self.memory.root(key), set()).add(key)

    def are_free(self, loop: gast.For) -> bool:
        """Whether the turns of a loop over a range from 0 or more may run in any order."""
        statements = [node for node in walk(loop.body) if not is_comment(node)]
        if not all(isinstance(node, _PLAIN) or self.adds_at(node) for node in statements):
            return False
        plain = [node for node in statements if not self.adds_at(node)]
        if not all(self.memory.is_pure(part) for node in plain for part in headers(node)):
            return False
        inside = bound_within(loop.body)
        if not isinstance(loop.target, gast.Name) or loop.target.id in inside:
            return False
        at_entry = self.live.entry[id(loop)]
        carried = {key for key in inside if at_entry & self.live.bit(key)}
        after = {key for key in inside if self.live.after[id(loop)] & self.live.bit(key)}
        if not after <= carried or self.live.after[id(loop)] & self.live.bit(loop.target.id):
            return False
        sums = (key for key in sorted(carried) if not self.is_unchanged(key, statements))
        if not all(self.is_sum(key, carried, statements) for key in sums):
            return False
        written = {root for node in statements for root, _ in self.memory.writes(node)}
        return all(
            self.is_of_turn(root, inside, at_entry) or self.is_met_apart(root, loop, statements)
            for root in sorted(written)
        )

    # ---- names --------------------------------------------------------------------------------------------------

    def is_unchanged(self, key: str, statements: list[Any]) -> bool:
        """Whether a name is only given its own value."""
        return all(
            assigned(node) == key and isinstance(node.value, gast.Name) and node.value.id == key
            for node in statements
            if key in binds(node)
        )

    def is_sum(self, key: str, carried: set[str], statements: list[Any]) -> bool:
        """Whether a name is only added to, through other names too, and none of them is read for anything else."""
        family = {key}
        while True:
            grown = {
                name for node in statements if family & set(statement_reads(node)) for name in binds(node)
            }
            if grown <= family:
                break
            family |= grown
        if not all(isinstance(self.program.types.get(name), (Scalar, Array)) for name in family):
            return False  # a sum of lists has an order
        return len(family & carried) == 1 and all(
            self.is_addition(node, family)
            for node in statements
            if family & {*statement_reads(node), *binds(node)}
        )

    def is_addition(self, node: Any, family: set[str]) -> bool:
        """Whether a statement gives a name of a family the value of another, and something more."""
        if isinstance(node, gast.AugAssign):
            named = isinstance(node.target, gast.Name) and node.target.id in family
            return (
                named
                and isinstance(node.op, _ADDS)
                and not family & set(reads(node.value))
                and self.is_number(node)
            )
        if assigned(node) not in family:
            return False
        terms = list(_terms(node.value))
        held = [(sign, part) for sign, part in terms if family & set(reads(part))]
        return len(held) == 1 and held[0][0] > 0 and isinstance(held[0][1], gast.Name)

    def is_number(self, node: Any) -> bool:
        """Whether an update gives a name a new value: that of an array writes to it."""
        return not self.memory.kind(node.target.id)

    # ---- memory -------------------------------------------------------------------------------------------------

    def is_of_turn(self, root: str, inside: set[str], at_entry: int) -> bool:
        """Whether all memory of a class is made in the turn that uses it."""
        return all(
            key in inside and not at_entry & self.live.bit(key) for key in self.classes.get(root, {root})
        )

    def is_met_apart(self, root: str, loop: Any, statements: list[Any]) -> bool:
        """Whether memory is only added to, or each turn uses items of its own."""
        return self.is_added_to(root, statements) or self.has_slots(root, loop, statements)

    def is_added_to(self, root: str, statements: list[Any]) -> bool:
        for node in statements:
            if not self.meets(root, [*headers(node), *_bound(node)]):
                continue
            if isinstance(node, gast.AugAssign) and isinstance(node.op, _ADDS):
                index = [node.target.slice] if isinstance(node.target, gast.Subscript) else []
                target = node.target.value if isinstance(node.target, gast.Subscript) else node.target
                if isinstance(target, gast.Name) and not self.meets(root, [node.value, *index]):
                    continue
            if self.adds_at(node) and isinstance(node.value.args[0], gast.Name):
                if not self.meets(root, node.value.args[1:]):
                    continue
            if self.is_view(node, root):
                continue
            return False
        return True

    def is_view(self, node: Any, root: str) -> bool:
        """Whether a statement gives a part of an array a name."""
        if assigned(node) is None or not isinstance(node.value, gast.Subscript):
            return False
        whole, index = node.value.value, node.value.slice
        if not isinstance(whole, gast.Name) or self.meets(root, [index]):
            return False
        part, known = (self.program.types.get(key) for key in (assigned(node) or "", whole.id))
        if (
            not isinstance(part, Array)
            or not isinstance(known, Array)
            or part.rank is None
            or known.rank is None
        ):
            return False
        items = index.elts if isinstance(index, gast.Tuple) else [index]
        numbers = sum(not isinstance(item, gast.Slice) for item in items)
        arrays = [
            item for item in items if isinstance(self.program.types.get(getattr(item, "id", "")), Array)
        ]
        # an array in an index leaves a dimension of its own, and selects a copy
        return not arrays and part.rank > 0 and part.rank == known.rank - numbers

    def has_slots(self, root: str, loop: Any, statements: list[Any]) -> bool:
        """Whether one array is used, each turn at its own place along the first dimension."""
        arrays: set[str] = set()

        def slots(node: Any) -> bool:
            if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name):
                if self.memory.root(node.value.id) == root and self.memory.kind(node.value.id):
                    first = node.slice.elts[0] if isinstance(node.slice, gast.Tuple) else node.slice
                    own = isinstance(first, gast.Name) and first.id == loop.target.id
                    arrays.add(node.value.id)
                    return own and all(map(slots, children(node.slice)))
            if isinstance(node, gast.Attribute) and node.attr == "shape":
                return True
            if isinstance(node, gast.Name):
                return not (self.memory.kind(node.id) and self.memory.root(node.id) == root)
            return all(map(slots, children(node)))

        for node in statements:
            target = assigned(node)
            if target is not None and self.memory.kind(target) and self.memory.root(target) == root:
                return False
            parts = node.value.args if self.adds_at(node) else headers(node)
            if not all(map(slots, parts)):
                return False
        return len(arrays) == 1 and not arrays & bound_within(loop.body)

    def meets(self, root: str, parts: Iterable[Any]) -> bool:
        """Whether expressions read memory of a class; sizes are not in memory."""
        return any(self._meets(root, part) for part in parts)

    def _meets(self, root: str, node: Any) -> bool:
        if isinstance(node, gast.Attribute) and node.attr == "shape":
            return False
        if isinstance(node, gast.Name):
            return bool(self.memory.kind(node.id) & BOTH) and self.memory.root(node.id) == root
        return any(self._meets(root, part) for part in children(node))

    def adds_at(self, node: Any) -> bool:
        """Whether a statement is ``np.add.at(...)``."""
        called = (
            isinstance(node, gast.Expr) and isinstance(node.value, gast.Call) and len(node.value.args) == 3
        )
        return called and self.memory.object_of(node.value.func) == np.add.at


def _terms(node: Any, sign: int = 1) -> Iterable[tuple[int, Any]]:
    """The terms of a sum, each with its sign."""
    if isinstance(node, gast.BinOp) and isinstance(node.op, _ADDS):
        yield from _terms(node.left, sign)
        yield from _terms(node.right, sign if isinstance(node.op, gast.Add) else -sign)
    else:
        yield sign, node


def _bound(node: Any) -> list[Any]:
    """What a statement gives a name to, as expressions."""
    return [gast.Name(id=key, ctx=gast.Load(), annotation=None, type_comment=None) for key in binds(node)]
