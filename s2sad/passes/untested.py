"""A test goes where the other branch gives the same: that for the first trip of a reversed loop, where it does there.

>>> from s2sad.testing.core import core, show
>>> show(untested(core('''
... def f(y_bar, n):
...     x_bar = 0.0
...     for k in range(n - 1, -1, -1):
...         taken = k == n - 1
...         if taken:
...             z_bar = y_bar
...             x_bar__v1 = x_bar
...         else:
...             z_bar = y_bar + x_bar
...             x_bar__v1 = 0.0
...         x_bar__v2 = x_bar__v1 + z_bar * 0.5
...         x_bar = x_bar__v2
...     return x_bar
... ''', 1.0, 3)))
def f(y_bar, n):
    x_bar = 0.0
    for k in range(n - 1, -1, -1):
        z_bar = y_bar + x_bar
        x_bar__v1 = 0.0
        x_bar__v2 = x_bar__v1 + z_bar * 0.5
        x_bar = x_bar__v2
    return x_bar

The last trip of a loop that is left by ``break`` does not reach its end, so it hands nothing back; but nothing is what
the next trip has given so far.

Any other test goes too where both branches give the same; what was recorded for it, pass `prune` drops.

>>> show(untested(core('''
... def f(y_bar, taken):
...     if taken:
...         x_bar = y_bar
...     else:
...         x_bar = y_bar
...     return x_bar * 2.0
... ''', 1.0, True)))
def f(y_bar, taken):
    x_bar = y_bar
    return x_bar * 2.0
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from s2sad.analysis.kinds import is_derivative
from s2sad.analysis.memory import Memory
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.sweep.emitter import same_shape
from s2sad.sweep.typer import Typer
from s2sad.tree.algebra import same
from s2sad.tree.build import constant, dotted
from s2sad.tree.dataflow import assigned, bound_within, map_blocks, statement_reads, walk, with_fields

_ZERO = "zero"


def untested(program: Program) -> Program:
    """Drop tests that make no difference, those for the first trip where they make none in it."""
    if not any(isinstance(node, gast.If) for node in walk(program.body)):
        return program
    return program.replace(body=tuple(_Untested(program).block(program.body)))


class _Untested:
    def __init__(self, program: Program) -> None:
        self.types, self.objects = program.types, program.objects
        self.typer = Typer(program.types, program.objects)
        self.memory = Memory(program)
        self.reads = Counter(name for node in walk(program.body) for name in statement_reads(node))

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        zeros: set[str] = set()
        for node in body:
            node = map_blocks(node, self.block)
            if isinstance(node, gast.For):
                node = self.loop(node, zeros)
            if isinstance(node, gast.If) and isinstance(node.test, gast.Name):
                if self.makes_no_difference(node, zeros):
                    zeros -= self.changed(node.orelse, zeros)
                    out.extend(node.orelse)
                    self.reads[node.test.id] -= 1
                    continue
            out.append(node)
            zeros -= self.changed([node], zeros)
            name = assigned(node)
            if name is not None and self.value(node.value, {}) == _ZERO:  # type: ignore[attr-defined]
                zeros.add(name)
        return out

    def loop(self, loop: Any, zeros: set[str]) -> gast.stmt:
        """A loop before which some names are zero, without the tests."""
        last = _first_number(loop)
        if last is None:
            return loop  # type: ignore[no-any-return]
        tests: set[str] = set()
        unchanged = set(zeros)
        out: list[gast.stmt] = []
        for node in loop.body:
            name = assigned(node)
            if name is not None and _asks(node.value, loop.target.id, last):
                tests.add(name)
            if isinstance(node, gast.If) and isinstance(node.test, gast.Name) and node.test.id in tests:
                if self.makes_no_difference(node, unchanged):
                    out.extend(node.orelse)
                    self.reads[node.test.id] -= 1
                    continue
            unchanged -= self.changed([node], unchanged)
            out.append(node)
        dead = {name for name in tests if not self.reads[name]}
        return with_fields(loop, body=[node for node in out if assigned(node) not in dead])  # type: ignore[no-any-return]

    def changed(self, body: Sequence[gast.stmt], names: set[str]) -> set[str]:
        """What statements bind, and those of some names whose memory they write to."""
        written = {root for node in walk(body) for root, _ in self.memory.writes(node)}
        return bound_within(body) | {name for name in names if self.memory.root(name) in written}

    def makes_no_difference(self, node: gast.If, zeros: set[str]) -> bool:
        """Whether both branches give the same if some names are zero."""
        start: dict[str, Any] = dict.fromkeys(zeros, _ZERO)
        one, other = (self.values(body, dict(start)) for body in (node.body, node.orelse))
        if one is None or other is None:
            return False
        otherwise = {assigned(part): part for part in node.orelse}
        for part in node.body:
            name = assigned(part)
            assert name is not None
            if name in other and (one[name] != other[name] or not self.may_be_one(part, otherwise[name])):
                return False
        return self.keeps(node.body, other) and self.keeps(node.orelse, one)

    def keeps(self, body: Sequence[gast.stmt], other: dict[str, Any]) -> bool:
        """Whether what one branch makes and the other does not is read in that branch only."""
        inside = Counter(name for part in body for name in statement_reads(part))
        made = {assigned(part) or "" for part in body} - other.keys()
        return all(self.reads[name] == inside[name] for name in made)

    def may_be_one(self, part: Any, other: Any) -> bool:
        """Whether equal values of two assignments to one name are one: of one type, and no memory written to later."""
        if self.memory.is_written(assigned(part) or ""):
            return False
        return bool(same(part.value, other.value)) or self.keeps_type(part.value, other.value)

    def values(self, body: Sequence[gast.stmt], known: dict[str, Any]) -> dict[str, Any] | None:
        """What each name is after assignments: zero or another name; None where something else is done."""
        for node in body:
            name = assigned(node)
            if name is None or not is_derivative(name):
                return None
            found = self.value(node.value, known)  # type: ignore[attr-defined]
            if found is None:
                return None
            known[name] = found
        return known

    def value(self, node: Any, known: dict[str, Any]) -> str | None:
        if isinstance(node, gast.Name):
            return known.get(node.id, node.id)  # type: ignore[no-any-return]
        if isinstance(node, gast.Constant):
            return _ZERO if type(node.value) is float and node.value == 0.0 else None
        if isinstance(node, gast.Call):
            return _ZERO if self.objects.get(dotted(node.func) or "") is np.zeros_like else None
        if not isinstance(node, gast.BinOp) or not isinstance(node.op, gast.Add):
            return None
        left, right = self.value(node.left, known), self.value(node.right, known)
        for zero, rest, side in ((left, right, node.right), (right, left, node.left)):
            if zero == _ZERO and rest is not None and self.keeps_type(node, side):
                return rest
        return None

    def keeps_type(self, whole: Any, side: Any) -> bool:
        one, other = self.typer(whole), self.typer(side)
        if not isinstance(one, (Scalar, Array)) or not isinstance(other, type(one)):
            return False
        return one.dtype == other.dtype and same_shape(one, other)


def _first_number(loop: gast.For) -> Any:
    """The number of a reversed loop's first trip, ``n - 1`` for ``range(n - 1, -1, -1)``."""
    call: Any = loop.iter
    if not isinstance(call, gast.Call) or dotted(call.func) != "range" or len(call.args) != 3:
        return None
    minus_one = constant(-1)
    ends = same(call.args[1], minus_one) and same(call.args[2], minus_one)
    is_last = isinstance(call.args[0], gast.BinOp) and isinstance(call.args[0].left, gast.Name)
    return call.args[0] if ends and is_last else None


def _asks(node: Any, counter: str, last: Any) -> bool:
    """Whether an expression is ``k == n - 1``."""
    if not isinstance(node, gast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], gast.Eq):
        return False
    left = node.left
    return isinstance(left, gast.Name) and left.id == counter and same(node.comparators[0], last)
