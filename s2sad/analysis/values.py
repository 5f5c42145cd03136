"""Which expressions have the same value: numbers for values, along the one way a structured program runs.

Each name carries the number of its current value, each class of memory the number of its last write; two expressions
with one number give the same result.  Binding a name or writing to memory gives a new number, so nothing that was
numbered before needs to be taken back.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import gast

from s2sad.analysis.memory import ARRAYS, BOTH, CONTAINERS, Memory
from s2sad.tree.dataflow import DEFERRED, binds, walk


class Values:
    """Numbers of values at the place a walk has come to."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._count = itertools.count(1)
        self._numbers: dict[Any, int] = {}
        self.current: dict[str, int] = {}
        self.writes: dict[tuple[str, int], int] = {}

    def number_of(self, key: Any) -> int:
        """The number of a key, a new one for a new key."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = next(self._count)
        return number

    def name(self, name: str) -> int:
        """The number of a name's current value."""
        number = self.current.get(name)
        if number is None:
            number = self.current[name] = next(self._count)
        return number

    def bind(self, name: str, number: int | None = None) -> None:
        """Note that a name has a new value."""
        self.current[name] = next(self._count) if number is None else number

    def write(self, root: str, kind: int) -> None:
        """Note that memory of a class may have changed."""
        for one in (ARRAYS, CONTAINERS):
            if kind & one:
                self.writes[root, one] = next(self._count)

    def expression(self, node: Any, numbers: dict[int, int]) -> int:
        """The number of a pure expression; the numbers of its parts are put in `numbers`, by their ``id``."""
        cls = node.__class__
        if cls is gast.Name:
            number = self._name_with_memory(node.id)
        elif cls is gast.BinOp:
            number = self.number_of(self._key(node, numbers))
        elif cls is gast.Constant:
            number = self.number_of((type(node.value), repr(node.value)))
        elif isinstance(node, (*DEFERRED, gast.JoinedStr)):
            number = next(self._count)
        else:
            number = self.number_of(self._key(node, numbers))
        numbers[id(node)] = number
        return number

    def _key(self, node: Any, numbers: dict[int, int]) -> tuple[Any, ...]:
        if node.__class__ is gast.BinOp:
            left, right = self.expression(node.left, numbers), self.expression(node.right, numbers)
            return (gast.BinOp, node.op.__class__, left, right)
        parts: list[Any] = [type(node)]
        for field in node._fields:
            value = node.__dict__.get(field)
            if isinstance(value, list):
                parts.append(
                    tuple(self.expression(x, numbers) if isinstance(x, gast.AST) else _tag(x) for x in value)
                )
            elif isinstance(value, gast.AST):
                parts.append(self.expression(value, numbers) if value._fields else type(value))
            else:
                parts.append(_tag(value))
        return tuple(parts)

    def _name_with_memory(self, name: str) -> int:
        number = self.name(name)
        kind = self.memory.kind(name) if self.writes else 0
        if not kind:
            return number
        root = self.memory.root(name)
        kind = BOTH if kind & CONTAINERS else kind
        last = tuple(self.writes.get((root, one), 0) for one in (ARRAYS, CONTAINERS) if kind & one)
        return self.number_of(("memory", number, last)) if any(last) else number

    def statement(self, node: gast.stmt) -> None:
        """Note what a statement itself binds and writes."""
        for root, kind in self.memory.writes(node):
            self.write(root, kind)
        for name in binds(node):
            self.bind(name)

    def leave(self, body: Iterable[gast.stmt]) -> None:
        """Note what a body that may have run has bound and written."""
        for node in walk(body):
            self.statement(node)


def _tag(value: Any) -> Any:
    return ("=", repr(value))
