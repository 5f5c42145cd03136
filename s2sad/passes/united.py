"""Two cotangents that a reversed loop only adds up are one, where the first of them comes from behind the loop alone.

>>> from s2sad.testing.core import core, show
>>> show(united(core('''
... def f(x, n, z_bar):
...     y_tape = []
...     while True:
...         y_tape.append(x)
...         x = 0.5 * x
...         if x < 1.0:
...             break
...     z_bar__v1 = z_bar * x
...     y_bar = 0.0
...     for k in range(len(y_tape) - 1, -1, -1):
...         t_bar = z_bar__v1 + y_bar
...         z_bar__v1 = 0.0
...         y_bar = t_bar * y_tape[k]
...     return y_bar
... ''', 3.0, 2, 1.0)))
def f(x, n, z_bar):
    y_tape = []
    while True:
        y_tape.append(x)
        x = 0.5 * x
        if x < 1.0:
            break
    y_bar = z_bar * x
    for k in range(len(y_tape) - 1, -1, -1):
        t_bar = y_bar
        y_bar = t_bar * y_tape[k]
    return y_bar

So it is where the last trip of a loop gives the result, and each other trip hands its value on: a fixed point.
If the second cotangent is read behind the loop, the loop must run, or the first would show there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import gast

from s2sad.analysis.kinds import is_derivative
from s2sad.program import Program
from s2sad.signature import Scalar, kind_of
from s2sad.tree.algebra import is_float_zero
from s2sad.tree.build import dotted, name
from s2sad.tree.dataflow import (
    assigned,
    blocks,
    definitions,
    map_blocks,
    map_headers,
    rewrite,
    statement_reads,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes


def united(program: Program) -> Program:
    """Make one cotangent of two that are only added up."""
    if not any(isinstance(node, gast.For) for node in walk(program.body)):
        return program
    return program.replace(body=tuple(_United(program).block(program.body, frozenset())))


class _United:
    def __init__(self, program: Program) -> None:
        self.types = program.types
        self.counts = definitions(program.body)
        self.reads = Counter(key for node in walk(program.body) for key in statement_reads(node))
        self.lengths = dict(self._lengths(program.body))

    def _lengths(self, body: Sequence[gast.stmt]) -> Any:
        for node in walk(body):
            key = assigned(node)
            tape = _length(node.value) if key is not None and self.counts[key] == 1 else None  # type: ignore[attr-defined]
            if tape is not None:
                yield key, tape

    def block(self, body: Sequence[gast.stmt], filled: frozenset[str]) -> list[gast.stmt]:
        """The statements of a block; `filled`: the tapes that are certain to hold something there."""
        out: list[gast.stmt] = []
        for node in body:
            known = filled
            node = map_blocks(node, lambda inner: self.block(inner, known))  # noqa: B023
            filled |= _filled(node)
            while isinstance(node, gast.For) and (pair := self.pair(node, out, filled)) is not None:
                node, out = self.one(node, out, *pair)
            out.append(node)
        return out

    def pair(
        self, loop: gast.For, before: Sequence[gast.stmt], filled: frozenset[str]
    ) -> tuple[str, str] | None:
        """A cotangent that is zero after each trip of a loop, and the one that it is added to."""
        ends = {key: k for k, node in enumerate(loop.body) if (key := assigned(node)) is not None}
        for given in [key for key, k in ends.items() if is_float_zero(loop.body[k].value)]:  # type: ignore[attr-defined]
            other = self.added(loop, given)
            if other is None or other not in ends or not self.is_like(given, other):
                continue
            place = next(k for k, node in enumerate(loop.body) if given in _reads([node]))
            inits = [self.first(before, key) for key in (given, other)]
            if None in inits or not is_float_zero(inits[1].value):  # type: ignore[union-attr]
                continue
            here = _reads([loop])
            steady = place < ends[given] and place <= ends[other] and here[other] == self.reads[given] == 1
            if not steady or {given, other} & set(_reads(before)):
                continue
            if self.reads[other] == 1 or self.runs(loop, filled):
                return given, other
        return None

    def added(self, loop: gast.For, given: str) -> str | None:
        """The name that another one is added to in a loop."""
        for part in (part for node in loop.body for part in nodes(node)):
            if isinstance(part, gast.BinOp) and isinstance(part.op, gast.Add):
                sides = [getattr(side, "id", None) for side in (part.left, part.right)]
                if given in sides and None not in sides:
                    return sides[1 - sides.index(given)]
        return None

    def is_like(self, given: str, other: str) -> bool:
        """Whether both are cotangents of numbers of one kind, bound before a loop and in it."""
        known = [self.types.get(key) for key in (given, other)]
        numbers = [kind_of(one.dtype) for one in known if isinstance(one, Scalar)]
        return (
            len(numbers) == 2
            and numbers[0] == numbers[1]
            and all(is_derivative(key) and self.counts[key] == 2 for key in (given, other))
        )

    def first(self, before: Sequence[gast.stmt], key: str) -> Any:
        return next((node for node in before if assigned(node) == key), None)

    def runs(self, loop: gast.For, filled: frozenset[str]) -> bool:
        """Whether a loop goes backwards through a tape that is not empty."""
        args = (
            loop.iter.args if isinstance(loop.iter, gast.Call) and dotted(loop.iter.func) == "range" else []
        )
        if [_text(arg) for arg in args[1:]] != [-1, -1]:
            return False
        start = args[0]
        if not isinstance(start, gast.BinOp) or not isinstance(start.op, gast.Sub) or _text(start.right) != 1:
            return False
        length = start.left
        tape = self.lengths.get(length.id) if isinstance(length, gast.Name) else _length(length)
        return tape in filled and self.counts[tape] == 1

    def one(
        self, loop: gast.For, before: list[gast.stmt], given: str, other: str
    ) -> tuple[gast.For, list[gast.stmt]]:
        """The loop and what stands before it, with one cotangent."""
        start = self.first(before, given)
        whole = self.first(before, other)
        kept = [
            with_fields(start, targets=whole.targets) if node is start else node
            for node in before
            if node is not whole
        ]

        def leave(part: Any) -> Any:
            adds = isinstance(part, gast.BinOp) and isinstance(part.op, gast.Add)
            both = {getattr(part.left, "id", None), getattr(part.right, "id", None)} if adds else set()
            return name(other) if both == {given, other} else part

        def change(body: list[gast.stmt]) -> list[gast.stmt]:
            rest = [node for node in body if assigned(node) != given]
            return [map_blocks(map_headers(node, lambda part: rewrite(part, leave)), change) for node in rest]

        return with_fields(loop, body=change(loop.body)), kept  # type: ignore[return-value]


def _reads(body: Sequence[gast.stmt]) -> Counter[str]:
    return Counter(key for node in walk(body) for key in statement_reads(node))


def _filled(node: gast.stmt) -> frozenset[str]:
    """The tapes that an endless loop appends to before it can be left."""
    found: set[str] = set()
    if isinstance(node, gast.While) and isinstance(node.test, gast.Constant) and node.test.value is True:
        for part in node.body:
            if blocks(part) or isinstance(part, gast.Break):
                break
            func = (
                part.value.func if isinstance(part, gast.Expr) and isinstance(part.value, gast.Call) else None
            )
            if (
                isinstance(func, gast.Attribute)
                and func.attr == "append"
                and isinstance(func.value, gast.Name)
            ):
                found.add(func.value.id)
    return frozenset(found)


def _length(node: Any) -> str | None:
    """The name in ``len(name)``."""
    is_length = isinstance(node, gast.Call) and dotted(node.func) == "len" and len(node.args) == 1
    return node.args[0].id if is_length and isinstance(node.args[0], gast.Name) else None


def _text(node: Any) -> int | None:
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = _text(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, gast.Constant) and type(node.value) is int else None
