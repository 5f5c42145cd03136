"""A loop of independent iterations goes forward and back in one: nothing is taped.

>>> from s2sad.testing.core import core, show
>>> show(together(core('''
... def f(x, n, result_bar=1.0):
...     total = 0.0
...     s_tape = []
...     for i in range(n):
...         s = np.sin(x * i)
...         s_tape.append(s)
...         total__v1 = total + s * s
...         total = total__v1
...     # reverse sweep
...     x_bar = 0.0
...     for i__v1 in range(n - 1, -1, -1):
...         s__v1 = s_tape[i__v1]
...         s_bar = result_bar * (2.0 * s__v1)
...         x_bar__v1 = x_bar + s_bar * np.cos(x * i__v1) * i__v1
...         x_bar = x_bar__v1
...     return total, x_bar
... ''', 2.0, 3)))
def f(x, n, result_bar=1.0):
    total = 0.0
    x_bar = 0.0
    for i in range(n):
        s = np.sin(x * i)
        total__v1 = total + s * s
        total = total__v1
        # reverse sweep of the iteration
        s_bar = result_bar * (2.0 * s)
        x_bar__v1 = x_bar + s_bar * np.cos(x * i) * i
        x_bar = x_bar__v1
    return total, x_bar

The reverse sweep of one iteration must need nothing of the other ones, and nothing that is known only after the loop:
what it hands on are sums, which may be added up in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from s2sad.analysis.kinds import is_derivative
from s2sad.analysis.memory import ARRAYS, Memory
from s2sad.program import Program
from s2sad.signature import Array
from s2sad.tree.algebra import folded, literal, same
from s2sad.tree.build import assign, binary, constant, dotted, names_in
from s2sad.tree.build import name as read_name
from s2sad.tree.dataflow import (
    assigned,
    binds,
    bound_within,
    comment,
    definitions,
    headers,
    is_comment,
    is_copy,
    map_blocks,
    rename_body,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.printer import expression_text


def together(program: Program) -> Program:
    """Put both sweeps of independent iterations in one loop."""
    if sum(isinstance(node, gast.For) for node in walk(program.body)) < 2:
        return program
    return program.replace(body=tuple(_Together(program).block(program.body)))


@dataclass
class _Pair:
    """Two loops of one block that may become one."""

    first: gast.For
    second: gast.For
    position: Any
    tapes: set[str] = field(default_factory=set)


class _Together:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.types = program.types
        self.memory = Memory(program)
        self.counts = definitions(program.body)
        self.mentions = Counter(
            name for node in walk(program.body) for name in [*statement_reads(node), *_stored_in(node)]
        )

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out = [map_blocks(node, self.block) for node in body]
        places = [k for k, node in enumerate(out) if isinstance(node, gast.For)]
        for k in reversed(places):
            for p in reversed([place for place in places if place < k]):
                made = self.joined(out, p, k)
                if made is not None:
                    return self.block(made) if len(places) > 2 else made
        return out

    def joined(self, body: list[gast.stmt], p: int, k: int) -> list[gast.stmt] | None:
        """The block with its p-th and k-th statement in one loop, None where they must stay apart."""
        first, second = body[p], body[k]
        assert isinstance(first, gast.For) and isinstance(second, gast.For)
        position = _is_reversed(first, second)
        if position is None or any(
            isinstance(node, (gast.Break, gast.Try)) for node in walk([first, second])
        ):
            return None
        pair = _Pair(first, second, position)
        if not self.takes_tapes(pair, body[:p]) or not self.only_adds_up(pair, body[k + 1 :]):
            return None
        split = self.middle(pair, body[p + 1 : k])
        if split is None:
            return None
        before, after = split
        start = [node for node in body[:p] if assigned(node) not in pair.tapes]
        return [*start, *self.followed(before, self.loop(pair), [*after, *body[k + 1 :]])]

    def followed(self, before: list[gast.stmt], loop: gast.stmt, rest: list[gast.stmt]) -> list[gast.stmt]:
        """The statements around the one loop, without copies of what the loop leaves as it is, and empty sweeps."""
        if all(is_comment(node) or isinstance(node, gast.Return) for node in rest):
            rest = [node for node in rest if not is_comment(node)]
        counts = definitions([loop])
        copies: dict[str, str] = {}
        for node in before:
            name, source = assigned(node), getattr(node, "value", None)
            if name is None or counts.get(name) or not isinstance(source, gast.Name):
                continue
            if self.counts.get(source.id, 1) <= 1:
                copies[name] = copies.get(source.id, source.id)
        kept = [node for node in before if assigned(node) not in copies]
        return rename_body([*kept, loop, *rest], copies)

    # ---- what is taped ------------------------------------------------------------------------------------------

    def takes_tapes(self, pair: _Pair, before: list[gast.stmt]) -> bool:
        """Whether the second loop has from the first only what the same iteration recorded."""
        bound = bound_within([pair.first])
        empty = {assigned(node) for node in before if _is_empty_list(node)}
        appended = {found[0] for found in map(_appended, pair.first.body) if found is not None}
        read = [_taken(node, pair.position) for node in pair.second.body]
        for tape in {name for name in read if name is not None}:
            uses = self.mentions[tape]
            if tape not in empty or tape not in appended or uses != 1 + read.count(tape):
                return False
            pair.tapes.add(tape)
        if set(_reads([pair.second])) & bound:
            return False
        left = [node for node in pair.first.body if (_appended(node) or ("", None))[0] not in pair.tapes]
        written = self.writes(left)
        return not written & (self.touches([pair.second]) | self.writes([pair.second]))

    # ---- what is added up ---------------------------------------------------------------------------------------

    def only_adds_up(self, pair: _Pair, later: list[gast.stmt]) -> bool:
        """Whether the second loop hands from one iteration to the next nothing but sums."""
        body = pair.second.body
        inner = bound_within(body) | set(binds(pair.second))
        if inner & set(_reads([pair.first])):
            return False
        seen: set[str] = set(binds(pair.second))
        carried: set[str] = set()
        for node in walk(body):
            carried |= {name for name in statement_reads(node) if name in inner and name not in seen}
            seen.update(binds(node))
        carried |= inner & {name for node in later for name in _reads([node])} - carried
        return all(self.is_sum(head, body) for head in sorted(carried)) and self.only_adds_to_memory(pair)

    def is_sum(self, head: str, body: Sequence[gast.stmt]) -> bool:
        """Whether a name only has terms added in an iteration, and nothing else reads it; or it stays as it is."""
        bindings = [node for node in walk(body) if head in binds(node)]
        if all(assigned(node) == head and same(node.value, read_name(head)) for node in bindings):  # type: ignore[attr-defined]
            return True
        chain, last = {head}, head
        for node in body:
            mentioned = [name for part in walk([node]) for name in statement_reads(part) if name in chain]
            bound = [name for name in bound_within([node]) if name in chain]
            if not mentioned and not bound:
                continue
            name = assigned(node)
            if name is None or mentioned != [last] or not _adds_to(node.value, last):  # type: ignore[attr-defined]
                return False
            chain.add(name)
            last = name
        return last == head

    def only_adds_to_memory(self, pair: _Pair) -> bool:
        """Whether all that is written in the second loop is added to what nothing in either loop reads."""
        buffers: set[str] = set()
        made = {assigned(node): node.value for node in walk(pair.second.body) if assigned(node) is not None}  # type: ignore[attr-defined]
        for node in walk(pair.second.body):
            into = stored(node) or _added_at(node, self.program.objects)
            if into is not None and self.is_own(into, made):
                continue  # each iteration has its own
            if into is None:
                if any(True for _ in self.memory.writes(node)):
                    return False
                continue
            adds = isinstance(node, gast.AugAssign) and isinstance(node.op, (gast.Add, gast.Sub))
            if not is_derivative(into) or not (adds or isinstance(node, gast.Expr)):
                return False
            buffers.add(into)
        roots = {self.memory.root(name) for name in buffers}
        if any(root in roots for root, _ in self.touches([pair.first]) | self.writes([pair.first])):
            return False
        return all(self.is_target_only(node, roots) for node in walk(pair.second.body))

    def is_own(self, name: str, made: dict[str | None, Any]) -> bool:
        """Whether what a name refers to is made by each iteration anew."""
        value = made.get(name)
        if value is None or self.counts[name] != 1 or not isinstance(self.types.get(name), Array):
            return False
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
            return self.is_own(value.value.id, made)
        return self.memory.is_pure(value) and not self.memory.shared(value, True)

    def is_target_only(self, node: Any, roots: set[str]) -> bool:
        """Whether a statement reads no buffer, but to make a view of it."""
        read = [
            name
            for name in statement_reads(node)
            if self.memory.root(name) in roots and self.memory.kind(name)
        ]
        name, into = assigned(node), stored(node) or _added_at(node, self.program.objects)
        if into is not None:
            return read == [into]
        if not read:
            return True
        is_view = name is not None and isinstance(self.types.get(name), Array) and is_derivative(name)
        of = node.value if is_view else None
        return isinstance(of, gast.Subscript) and isinstance(of.value, gast.Name) and read == [of.value.id]

    # ---- what stands between ------------------------------------------------------------------------------------

    def middle(self, pair: _Pair, body: list[gast.stmt]) -> tuple[list[gast.stmt], list[gast.stmt]] | None:
        """What stands between the loops: what goes before the one loop, and what stays after it."""
        late = bound_within([pair.first])
        written = self.writes([pair.first])
        before: list[gast.stmt] = []
        after: list[gast.stmt] = []
        for node in body:
            name = assigned(node)
            moves = (
                name is not None
                and self.counts[name] == 1
                or (name is not None and self.is_start(name, node, pair, body))
            )
            value = node.value if moves else None  # type: ignore[attr-defined]
            if moves and self.memory.is_pure(value) and not set(names_in(value)) & late:
                if not self.touches([node]) & written and name not in _reads(after):
                    before.append(node)
                    continue
            after.append(node)
            late |= bound_within([node])
            written |= self.writes([node])  # what is read after it is read after it
        if (set(_reads([pair.second])) | bound_within([pair.second])) & bound_within(after):
            return None
        changed = bound_within([pair.second])
        if changed & set(_reads(after)) or self.writes([pair.second]) & (
            self.touches(after) | self.writes(after)
        ):
            return None
        if self.writes(after) & self.touches([pair.second]):
            return None
        return before, after

    def is_start(self, name: str, node: gast.stmt, pair: _Pair, body: list[gast.stmt]) -> bool:
        """Whether a statement gives the value that a sum of the second loop starts from."""
        inside = definitions([pair.second]).get(name, 0)
        return inside > 0 and self.counts[name] == inside + 1

    # ---- the one loop -------------------------------------------------------------------------------------------

    def loop(self, pair: _Pair) -> gast.stmt:
        """Both bodies in one loop."""
        names = {pair.second.target.id: pair.first.target.id}  # type: ignore[attr-defined]
        recorded: dict[str, str] = {}
        out: list[gast.stmt] = []
        for node in pair.first.body:
            found = _appended(node)
            if found is None or found[0] not in pair.tapes:
                out.append(node)
                continue
            tape, value = found
            if isinstance(value, gast.Name) and self.counts.get(value.id) == 1:
                recorded[tape] = value.id
            else:
                taken = next(
                    assigned(other) for other in pair.second.body if _taken(other, pair.position) == tape
                )
                assert taken is not None
                out.append(gast.copy_location(assign(taken, value), node))
                recorded[tape] = taken
        held = {key: name for node in pair.first.body for key, name in self.held(node, pair)}
        out.append(comment("reverse sweep of the iteration"))
        for node in pair.second.body:
            if is_copy(node) and node.value.id == assigned(node):  # type: ignore[attr-defined]
                continue
            tape_name = _taken(node, pair.position)
            name = assigned(node)
            if tape_name is not None and name is not None:
                names[name] = recorded[tape_name]
                continue
            node = rename_body([node], names)[0]
            for key, known in self.held(node, pair):
                if key in held and name is not None:
                    names[name] = held[key]
                    break
                assert known
            else:
                out.append(node)
        return with_fields(pair.first, body=out)  # type: ignore[no-any-return]

    def held(self, node: gast.stmt, pair: _Pair) -> Iterable[tuple[str, str]]:
        """The text of a value that an iteration computes once, with its name."""
        name = assigned(node)
        if name is None or is_derivative(name) or self.counts.get(name) != 1:
            return []
        value: Any = node.value  # type: ignore[attr-defined]
        loop = {pair.first.target.id}  # type: ignore[attr-defined]
        if isinstance(value, (gast.Name, gast.Constant)) or not self.memory.is_pure(value):
            return []
        if self.memory.is_written(name) or any(
            self.counts.get(key, 1) != 1 for key in names_in(value) - loop
        ):
            return []
        if self.touches([node]) & (self.writes([pair.first]) | self.writes([pair.second])):
            return []
        return [(expression_text(value), name)]

    # ---- memory -------------------------------------------------------------------------------------------------

    def writes(self, body: Iterable[gast.stmt]) -> set[tuple[str, int]]:
        cells = {cell for node in walk(body) for cell in self.memory.writes(node)}
        return {(root, one) for root, kind in cells for one in (ARRAYS, 2 * ARRAYS) if kind & one}

    def touches(self, body: Iterable[gast.stmt]) -> set[tuple[str, int]]:
        return {cell for node in walk(body) for part in headers(node) for cell in self.memory.touches(part)}


def _reads(body: Iterable[gast.stmt]) -> list[str]:
    return [name for node in walk(body) for name in statement_reads(node)]


def _stored_in(node: gast.stmt) -> list[str]:
    return [] if isinstance(node, gast.AugAssign) else [name for name in [stored(node)] if name is not None]


def _is_empty_list(node: gast.stmt) -> bool:
    value = getattr(node, "value", None)
    return assigned(node) is not None and isinstance(value, gast.List) and not value.elts


def _appended(node: gast.stmt) -> tuple[str, Any] | None:
    """The list and the value of ``tape.append(value)``."""
    call: Any = node.value if isinstance(node, gast.Expr) else None
    if (
        not isinstance(call, gast.Call)
        or not isinstance(call.func, gast.Attribute)
        or call.func.attr != "append"
    ):
        return None
    return (call.func.value.id, call.args[0]) if isinstance(call.func.value, gast.Name) else None


def _taken(node: gast.stmt, position: Any) -> str | None:
    """The tape that ``x = tape[i]`` reads at a position."""
    value = getattr(node, "value", None)
    if (
        assigned(node) is None
        or not isinstance(value, gast.Subscript)
        or not isinstance(value.value, gast.Name)
    ):
        return None
    return value.value.id if "_tape" in value.value.id and same(value.slice, position) else None


def _added_at(node: gast.stmt, objects: Any) -> str | None:
    """The array of ``np.add.at(array, index, values)``."""
    call: Any = node.value if isinstance(node, gast.Expr) else None
    if not isinstance(call, gast.Call) or not isinstance(call.func, gast.Attribute) or call.func.attr != "at":
        return None
    if objects.get(dotted(call.func.value) or "") is not np.add or not isinstance(call.args[0], gast.Name):
        return None
    return call.args[0].id


def _adds_to(value: Any, name: str) -> bool:
    """Whether an expression is a sum that a name is a term of, or the name alone."""
    while isinstance(value, gast.BinOp) and isinstance(value.op, (gast.Add, gast.Sub)):
        if isinstance(value.op, gast.Add) and isinstance(value.right, gast.Name) and value.right.id == name:
            return True
        value = value.left
    return isinstance(value, gast.Name) and value.id == name


def _is_reversed(first: gast.For, second: gast.For) -> Any:
    """The position of an iteration, if one loop runs over the range of another backwards; None if it does not."""
    one, other = first.iter, second.iter
    for call in (one, other):
        if not isinstance(call, gast.Call) or dotted(call.func) != "range":
            return None
    assert isinstance(one, gast.Call) and isinstance(other, gast.Call)
    if not 1 <= len(one.args) <= 2 or len(other.args) != 3 or literal(other.args[2]) != -1:
        return None
    start = one.args[0] if len(one.args) == 2 else constant(0)
    ends = [folded(binary(bound, gast.Sub, constant(1))) for bound in (one.args[-1], start)]
    if not all(same(folded(mine), end) for mine, end in zip(other.args, ends)):
        return None
    index = read_name(second.target.id)  # type: ignore[attr-defined]
    return index if literal(start) == 0 else binary(index, gast.Sub, start)
