"""Which names are still read after each statement: structured, one walk up and one walk down, no iteration.

Sets of names are bits of an integer, so that a set costs a few machine words and a copy costs nothing.

A body has two ways out: its end, and the ``break`` of the loop around it.  What is live before it is
``gen | (after & end) | (after_break & out)``: `end` and `out` are the names that some path to that way out keeps.

>>> import gast
>>> body = gast.parse('''
... s = a
... while s < n:
...     t = s * b
...     s = t
... return s''').body
>>> live = Liveness(body)
>>> sorted(live.names(live.after[id(body[0])])), sorted(live.names(live.after[id(body[1].body[0])]))
(['b', 'n', 's'], ['b', 'n', 't'])
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import gast

from s2sad.tree.dataflow import assigned, binds, blocks, captured, headers, scopes, statement_reads, walk


class _Flow(NamedTuple):
    """What a body does to liveness."""

    gen: int
    end: int
    out: int


class Liveness:
    """Liveness of a function's names.

    Attributes
    ----------
    index : dict from str to int
        The bit of each name.
    after : dict from int to int
        The names live after each statement, by the statement's ``id``; for a loop, after the whole loop.
    entry : dict from int to int
        The names live at the start of each iteration of a loop, or of the body of a ``with``, by its ``id``.
    read : int
        Names that any statement reads.
    escaping : int
        Names that a lambda or a nested function took: live to the end.
    """

    def __init__(self, body: Sequence[gast.stmt]) -> None:
        self.index: dict[str, int] = {}
        self._order: list[str] = []
        self.after: dict[int, int] = {}
        self.entry: dict[int, int] = {}
        self._flows: dict[tuple[int, int], _Flow] = {}
        self._own: dict[int, tuple[int, int]] = {}
        self._guard = self.read = 0
        self.escaping = self.bits(name for node in walk(body) for name in _escaping(node))
        self._summarise(body)
        self.start = self._descend(body, self.escaping, 0)

    def bit(self, name: str) -> int:
        """The set of one name."""
        if name not in self.index:
            self.index[name] = len(self.index)
            self._order.append(name)
        return 1 << self.index[name]

    def bits(self, names: Iterable[str]) -> int:
        """The set of some names."""
        found = 0
        for name in names:
            found |= self.bit(name)
        return found

    def names(self, bits: int) -> Iterator[str]:
        """The names of a set."""
        while bits:
            low = bits & -bits
            yield self._order[low.bit_length() - 1]
            bits ^= low

    def _read_and_bound(self, node: gast.stmt) -> tuple[int, int]:
        own = self._own.get(id(node))
        if own is None:
            own = self._own[id(node)] = self.bits(statement_reads(node)), self.bits(binds(node))
            self.read |= own[0]
        return own

    # ---- up: what each body does --------------------------------------------------------------------------------

    def _summarise(self, body: Sequence[gast.stmt]) -> _Flow:
        flow = _Flow(0, -1, 0)
        for node in reversed(body):
            flow = _then(self._flow(node), flow)
        return flow

    def _flow(self, node: gast.stmt) -> _Flow:
        read, bound = self._read_and_bound(node)
        if isinstance(node, gast.Break):
            return _Flow(0, 0, -1)
        if isinstance(node, (gast.Return, gast.Raise)):
            return _Flow(read, 0, 0)
        inner = [self._summarise(block) for block in blocks(node)]
        for k, flow in enumerate(inner):
            self._flows[id(node), k] = flow
        if isinstance(node, gast.If):
            a, b = inner
            return _Flow(read | a.gen | b.gen, a.end | b.end, a.out | b.out)
        if isinstance(node, (gast.For, gast.While)):
            flow = inner[0]
            by_test = 0 if _forever(node) else -1
            return _Flow(read | (flow.gen & ~bound), by_test | flow.out, 0)
        if isinstance(node, gast.With):
            flow = inner[0]
            return _Flow(read | (flow.gen & ~bound), flow.end & ~bound, flow.out & ~bound)
        if isinstance(node, gast.Try):  # its body may stop anywhere
            flow = inner[0]
            return _Flow(read | flow.gen, -1, flow.out)
        return _Flow(read, ~bound, 0)

    # ---- down: what is live where -------------------------------------------------------------------------------

    def _descend(self, body: Sequence[gast.stmt], after: int, after_break: int) -> int:
        """Note what is live after each statement of a body; what is live before it."""
        for node in reversed(body):
            after |= self._guard
            self.after[id(node)] = after
            after = self._before(node, after, after_break)
        return after

    def _before(self, node: gast.stmt, after: int, after_break: int) -> int:
        read, bound = self._read_and_bound(node)
        if isinstance(node, gast.Break):
            return after_break
        if isinstance(node, (gast.Return, gast.Raise)):
            return read | self.escaping
        if isinstance(node, gast.If):
            return (
                read
                | self._descend(node.body, after, after_break)
                | self._descend(node.orelse, after, after_break)
            )
        if isinstance(node, (gast.For, gast.While)):
            flow = self._flows[id(node), 0]
            test = read if isinstance(node, gast.While) else 0
            left = 0 if _forever(node) else after
            head = test | left | ((flow.gen | (after & flow.out)) & ~bound)
            self.entry[id(node)] = head | bound
            self._descend(node.body, head, after)
            return head | read
        if isinstance(node, gast.With):
            inside = self._descend(node.body, after, after_break)
            self.entry[id(node)] = inside
            return read | (inside & ~bound)
        if isinstance(node, gast.Try):
            outer, self._guard = self._guard, self._guard | after | read
            inside = self._descend(node.body, after, after_break)
            self._guard = outer
            self.entry[id(node)] = inside | after
            return read | inside | after
        return read | (after & ~bound)


def _then(first: _Flow, second: _Flow) -> _Flow:
    return _Flow(
        first.gen | (second.gen & first.end), first.end & second.end, first.out | (second.out & first.end)
    )


def _forever(node: gast.stmt) -> bool:
    return isinstance(node, gast.While) and isinstance(node.test, gast.Constant) and bool(node.test.value)


def _escaping(node: gast.stmt) -> list[str]:
    if isinstance(node, gast.FunctionDef):
        return captured(node)
    found: list[str] = []
    if assigned(node) is not None:
        parts = [node.value]  # type: ignore[attr-defined]
    else:
        parts = headers(node)
    for part in parts:
        for scope in scopes(part):
            found.extend(captured(scope))
    return found
