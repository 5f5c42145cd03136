"""A loop and its reverse become one loop where the turns of the reverse do not depend on each other.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(merge(core('''
... def f(x, w, result_bar=1.0):
...     s = 0.0
...     t_tape = []
...     for i in range(len(x)):
...         t = np.sin(w * x[i])
...         t_tape.append(t)
...         s = s + t * t
...     w_bar = 0.0
...     for k in range(len(x) - 1, -1, -1):
...         w_bar = w_bar + result_bar * t_tape[k] * x[k]
...     return s, w_bar
... ''', np.ones(3), 2.0)))
def f(x, w, result_bar=1.0):
    s = 0.0
    w_bar = 0.0
    for i in range(len(x)):
        t = np.sin(w * x[i])
        s = s + t * t
        # reverse sweep
        w_bar = w_bar + result_bar * t * x[i]
    return s, w_bar

A turn of the reverse loop may add to numbers and to items of arrays, and may write to items that no other turn
touches; it needs nothing of the other turns, and nothing that is known only when the forward loop is done.  What was
recorded for it is then at hand, so nothing is recorded.  The sums are taken in the other order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import ARRAYS, CONTAINERS, Memory, is_append
from s2sad.analysis.turns import Turns
from s2sad.names import base, next_version
from s2sad.program import Program
from s2sad.signature import ListOf
from s2sad.tree.build import assign, constant
from s2sad.tree.copies import propagated
from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    comment,
    definitions,
    headers,
    is_comment,
    map_blocks,
    map_headers,
    parameters,
    reads,
    rename,
    rewrite,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes
from s2sad.tree.printer import expression_text

Cells = set[tuple[str, int]]


def merge(program: Program) -> Program:
    """Put loops and their reverses together."""
    while True:
        merging = _Merging(program)
        body = merging.block(program.body)
        if not merging.changed:
            return program
        program = program.replace(body=tuple(body), types=merging.types)


@dataclass
class _Pair:
    """The places of a loop and of its reverse in a block, what is recorded for each turn, and what goes before both."""

    forward: int
    reverse: int
    tapes: dict[str, Any]
    first: list[int]


class _Merging:
    def __init__(self, program: Program) -> None:
        self.types = dict(program.types)
        self.memory = Memory(program)
        self.live = Liveness(program.body)
        self.turns = Turns(program, self.memory, self.live)
        self.counts = definitions(program.body)
        self.parameters = set(parameters(program.args))
        self.mentions = _mentions(program.body)
        self.changed = False

    def block(self, body: Sequence[Any]) -> list[Any]:
        """A block with the first pair that is found put together."""
        for k in range(len(body)):
            pair = self.pair(body, k)
            if pair is not None:
                self.changed = True
                return self.merged(body, pair)
        return [node if self.changed else map_blocks(node, self.block) for node in body]

    # ---- whether ------------------------------------------------------------------------------------------------

    def pair(self, body: Sequence[Any], k: int) -> _Pair | None:
        """The reverse of the loop at a place of a block, if the two may be one."""
        forward = body[k]
        count = _count_up(forward)
        tapes = self.tapes(body[:k], forward) if count is not None else {}
        for j in range(k + 1, len(body) if tapes else 0):
            if _count_down(body[j]) != count:
                continue
            mine = {key: item for key, item in tapes.items() if self.is_read_by(key, body[j])}
            first = self.needed(body, k, j) if mine and self.is_steady(forward.iter) else None
            if first is not None and self.is_apart(body, _Pair(k, j, mine, first)):
                return _Pair(k, j, mine, first)
        return None

    def tapes(self, before: Sequence[Any], loop: gast.For) -> dict[str, Any]:
        """The lists that start empty and that each turn of a loop appends to once, with what it appends."""
        empty = {assigned(node) for node in before if isinstance(getattr(node, "value", None), gast.List)}
        found = {
            node.value.func.value.id: node.value.args[0]
            for node in loop.body
            if isinstance(node, gast.Expr) and is_append(node.value)
        }
        return {
            key: item
            for key, item in found.items()
            if key in empty and self.counts[key] == 1 and isinstance(self.types.get(key), ListOf)
        }

    def is_read_by(self, key: str, reverse: gast.For) -> bool:
        """Whether a list is made, appended to, and else only read at the turn's own place of a reverse loop."""
        own = sum(
            _is_item(part, key, reverse.target) for node in walk(reverse.body) for part in _own_nodes(node)
        )
        return own > 0 and self.mentions[key] == own + 2

    def is_steady(self, count: Any) -> bool:
        """Whether what a loop counts over is the same at both loops."""
        return all(
            self.counts.get(key, 0) + (key in self.parameters) <= 1
            and not self.memory.is_written(key, CONTAINERS)
            for key in reads(count)
        )

    def needed(self, body: Sequence[Any], k: int, j: int) -> list[int] | None:
        """The places of the statements between two loops that the second needs; None if one of them needs the first."""
        reverse = body[j]
        carried = {
            key for key in bound_within(reverse.body) if self.live.entry[id(reverse)] & self.live.bit(key)
        }
        wanted = _read([reverse]) - bound_within([reverse]) | carried
        touched = self.touched([reverse])
        first: list[int] = []
        for place in range(j - 1, k, -1):
            node = body[place]
            if not (bound_within([node]) & wanted or _meet(self.written([node]), touched)):
                continue
            if blocks(node) or not all(map(self.memory.is_pure, headers(node))):
                return None
            if assigned(node) is None and stored(node) is None:
                return None
            first.append(place)
            wanted |= _read([node])
            touched |= self.touched([node])
        return None if wanted & bound_within([body[k]]) else first[::-1]

    def is_apart(self, body: Sequence[Any], pair: _Pair) -> bool:
        """Whether the new order does not show."""
        forward, reverse = body[pair.forward], body[pair.reverse]
        early = [body[place] for place in pair.first]
        late = range(pair.forward + 1, pair.reverse)
        between = [body[place] for place in late if place not in pair.first]
        if not self.may_pass(early, [forward, *between]) or not self.may_pass([reverse], between):
            return False
        if not all(self.is_of_turn(name, forward, pair) for name in _appended([forward])):
            return False
        tapes = {(self.memory.root(key), CONTAINERS) for key in pair.tapes}
        written = self.written([forward]) - tapes
        if _meet(written, self.touched([reverse])) or _meet(self.written([reverse]), self.touched([forward])):
            return False
        return not bound_within([reverse]) & _read([forward]) and self.turns.are_free(reverse)

    def is_of_turn(self, name: str, forward: gast.For, pair: _Pair) -> bool:
        """Whether a list that a loop appends to is a tape that goes, or one that each turn makes for itself."""
        made = [node for node in forward.body if assigned(node) == name]
        fresh = len(made) == 1 and isinstance(made[0].value, gast.List) and self.counts[name] == 1
        roots = {self.memory.root(key) for key in pair.tapes}
        return name in pair.tapes or fresh or self.memory.root(name) not in roots

    def may_pass(self, moved: Sequence[Any], passed: Sequence[Any]) -> bool:
        """Whether statements may come before others that stand before them."""
        if _meet(self.written(moved), self.touched(passed) | self.written(passed)):
            return False
        if _meet(self.written(passed), self.touched(moved)):
            return False
        return not bound_within(moved) & (_read(passed) | bound_within(passed))

    def written(self, body: Iterable[Any]) -> Cells:
        """The memory that statements write to, one kind at a time."""
        return {
            (root, one)
            for node in walk(body)
            for root, kind in self.memory.writes(node)
            for one in (ARRAYS, CONTAINERS)
            if kind & one
        }

    def touched(self, body: Iterable[Any]) -> Cells:
        """The memory that statements read."""
        return {cell for node in walk(body) for part in headers(node) for cell in self.memory.touches(part)}

    # ---- the loop -----------------------------------------------------------------------------------------------

    def merged(self, body: Sequence[Any], pair: _Pair) -> list[Any]:
        """The block with both loops in one, where the first stood."""
        forward, reverse = body[pair.forward], body[pair.reverse]
        turn, items = self.recorded(forward, pair.tapes)
        names = {reverse.target.id: forward.target.id}
        back = self.replayed(reverse.body, items, names)
        own = bound_within(back)
        both = propagated(
            [*turn, comment("reverse sweep"), *back],
            lambda key, _: key in own and self.counts.get(key) == 1,
        )
        loop = with_fields(forward, body=both)
        moved = {pair.forward, pair.reverse, *pair.first}
        before = [node for node in body[: pair.forward] if assigned(node) not in pair.tapes]
        after = [node for place, node in enumerate(body) if place > pair.forward and place not in moved]
        if all(is_comment(node) or isinstance(node, gast.Return) for node in after):
            after = [node for node in after if not is_comment(node)]  # nothing is left of the sweep
        return [*before, *(body[place] for place in pair.first), loop, *after]

    def recorded(self, forward: gast.For, tapes: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The turn of a loop that records nothing, and what stands for each list's item of the turn."""
        turn: list[Any] = []
        items: dict[str, Any] = {}
        for node in forward.body:
            key = node.value.func.value.id if isinstance(node, gast.Expr) and is_append(node.value) else None
            if key not in tapes:
                turn.append(node)
                continue
            item = tapes[key]
            later = bound_within([forward]) - bound_within(turn)
            if not isinstance(item, gast.Constant) and not self.is_steady_name(item, later):
                new = self.fresh(key)
                turn.append(gast.copy_location(assign(new, item), node))
                item = gast.Name(id=new, ctx=gast.Load(), annotation=None, type_comment=None)
            items[key] = item
        return turn, items

    def is_steady_name(self, item: Any, later: set[str]) -> bool:
        """Whether an expression is a name that keeps its value in the rest of the turn."""
        return isinstance(item, gast.Name) and self.counts.get(item.id, 1) == 1 and item.id not in later

    def fresh(self, tape: str) -> str:
        """A name for the item of a list."""
        new = next_version(base(tape).removesuffix("_tape") or "t", self.types, self.counts)
        self.types[new] = self.types[tape].item  # type: ignore[attr-defined]
        return new

    def replayed(self, body: Sequence[Any], items: dict[str, Any], names: dict[str, str]) -> list[Any]:
        """The turn of the reverse loop with what was recorded for it."""

        def leave(part: Any) -> Any:
            if (
                isinstance(part, gast.Subscript)
                and isinstance(part.value, gast.Name)
                and part.value.id in items
            ):
                return gast.copy_location(with_fields(items[part.value.id]), part)
            return part

        def change(part: Any) -> Any:
            return rename(rewrite(part, leave), names)

        return [
            map_blocks(map_headers(node, change), lambda inner: self.replayed(inner, items, names))
            for node in body
        ]


def _count_up(node: Any) -> str | None:
    """How often a loop over ``range(n)`` runs, as text."""
    args = _range_of(node)
    if len(args) == 2 and isinstance(args[0], gast.Constant) and args[0].value == 0:
        args = args[1:]
    return expression_text(args[0]) if len(args) == 1 else None


def _count_down(node: Any) -> str | None:
    """How often a loop over ``range(n - 1, -1, -1)`` runs, as text."""
    args = _range_of(node)
    if len(args) != 3 or any(expression_text(part) != "-1" for part in args[1:]):
        return None
    last = args[0]
    if isinstance(last, gast.Constant) and isinstance(last.value, int):
        return expression_text(constant(last.value + 1))
    if isinstance(last, gast.BinOp) and isinstance(last.op, gast.Sub) and expression_text(last.right) == "1":
        return expression_text(last.left)
    return None


def _range_of(node: Any) -> list[Any]:
    """The arguments of the range that a loop runs over; none for other statements."""
    if not isinstance(node, gast.For) or not isinstance(node.target, gast.Name):
        return []
    called = isinstance(node.iter, gast.Call) and isinstance(node.iter.func, gast.Name)
    return list(node.iter.args) if called and node.iter.func.id == "range" else []


def _is_item(node: Any, key: str, counter: Any) -> bool:
    """Whether a node is ``key[counter]``."""
    return (
        isinstance(node, gast.Subscript)
        and isinstance(node.value, gast.Name)
        and node.value.id == key
        and isinstance(node.slice, gast.Name)
        and node.slice.id == counter.id
    )


def _own_nodes(node: Any) -> Iterable[Any]:
    """The nodes of the expressions that a statement itself evaluates."""
    return [part for header in headers(node) for part in nodes(header)]


def _mentions(body: Iterable[Any]) -> dict[str, int]:
    """How often each name is bound or read."""
    found: dict[str, int] = {}
    for node in walk(body):
        for key in (*binds(node), *(part.id for part in _own_nodes(node) if isinstance(part, gast.Name))):
            found[key] = found.get(key, 0) + 1
    return found


def _appended(body: Iterable[Any]) -> list[str]:
    """The lists that statements append to."""
    return [
        node.value.func.value.id
        for node in walk(body)
        if isinstance(node, gast.Expr) and is_append(node.value)
    ]


def _read(body: Iterable[Any]) -> set[str]:
    return {key for node in walk(body) for key in statement_reads(node)}


def _meet(some: Cells, others: Cells) -> bool:
    return bool(some & others)
