"""Temporaries that are read once go back into the expression that reads them.

>>> from s2sad.testing.core import core, show
>>> show(fuse(core('''
... def f(x, y, result_bar=1.0):
...     t = x * y
...     t__v1 = np.sin(t)
...     s = t__v1 + x
...     t_bar = -s
...     x_bar = t_bar * y
...     x_bar__v1 = result_bar + x_bar
...     y_bar = t_bar * x
...     return x_bar__v1, y_bar
... ''')))
def f(x, y, result_bar=1.0):
    s = np.sin(x * y) + x
    t_bar = -s
    return result_bar + t_bar * y, t_bar * x

A value moves only to a place that is reached once from where it was, with nothing in between that binds a name it
reads, writes to memory it reads, or has an effect if it has one; and only as long as the line stays readable.  What a
user named stays named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.analysis.kinds import invented, is_derivative, reality
from s2sad.analysis.memory import ARRAYS, CONTAINERS, Memory
from s2sad.names import base
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.algebra import filled, signed_update
from s2sad.tree.build import placed
from s2sad.tree.dataflow import (
    DEFERRED,
    assigned,
    binds,
    blocks,
    bound_within,
    captured,
    children,
    definitions,
    headers,
    is_comment,
    is_copy,
    map_blocks,
    map_headers,
    parameters,
    reads,
    rewrite,
    scopes,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts
from s2sad.tree.parts import nodes
from s2sad.tree.printer import LINE_LENGTH, expression_text

MOST_OPERATORS = 12
"""More operators than this on one line are not read at one glance."""
MOST_IN_RESULT = 2
"""A result of several values reads best as names and short expressions."""
MOST_ACROSS_SWEEPS = 1
"""What the forward sweep computes stays there, unless it is one operator on names."""
COPIES_OF_ATOM = 2
MOST_ROUNDS = 3
_VERSION = re.compile(r"__v\d+")


def fuse(program: Program) -> Program:
    """Put temporaries that are read once back where they are read."""
    program = with_stable_tests(program)
    for _ in range(MOST_ROUNDS):
        fuser = _Fuser(program)
        program = program.replace(body=tuple(fuser.block(program.body, 1)))
        if not fuser.again:
            break
    return program


def with_stable_tests(program: Program) -> Program:
    """Comparisons of parameters that never change are written where they are asked, in both sweeps."""
    counts = definitions(program.body)
    versions = {base(name) for name in counts}
    stable = {
        name for name in parameters(program.args) if isinstance(program.types.get(name), Scalar)
    } - versions
    is_invented = invented(program)
    tests: dict[str, Any] = {}
    for node in walk(program.body):
        name = assigned(node)
        if name is None or counts[name] != 1 or not is_invented(name):
            continue
        value = node.value  # type: ignore[attr-defined]
        if _is_test(value, stable):
            tests[name] = value
    if tests:  # what a comprehension asks stays outside of it
        every = (scope for node in walk(program.body) for part in headers(node) for scope in scopes(part))
        inside = {name for scope in every for name in captured(scope)}
        tests = {name: value for name, value in tests.items() if name not in inside}
    return program.replace(body=tuple(_with_values(program.body, tests))) if tests else program


def _is_test(node: Any, stable: set[str]) -> bool:
    if not isinstance(node, gast.Compare) or len(node.ops) != 1:
        return False
    operands = (node.left, *node.comparators)
    return all(_is_number(part) or getattr(part, "id", None) in stable for part in operands)


def _is_number(node: Any) -> bool:
    return isinstance(node.operand if isinstance(node, gast.UnaryOp) else node, gast.Constant)


def _with_values(body: Sequence[gast.stmt], values: dict[str, Any]) -> list[gast.stmt]:
    def leave(part: Any) -> Any:
        return values.get(part.id, part) if isinstance(part, gast.Name) else part

    out = []
    for node in body:
        if assigned(node) in values:
            continue
        node = map_headers(node, lambda part: rewrite(part, leave))
        out.append(map_blocks(node, lambda block: _with_values(block, values)))
    return out


@dataclass
class _Candidate:
    """A value that may move to where its name is read."""

    value: Any
    clock: int
    place: int
    pure: bool
    reads: frozenset[str]
    touches: frozenset[tuple[str, int]]
    writes: frozenset[tuple[str, int]]
    operators: int
    calls: bool
    section: int
    left: int


class _Fuser:
    def __init__(self, program: Program) -> None:
        self.types = program.types
        self.memory = Memory(program)
        self.real = reality(self.memory)
        self.is_invented = invented(program)
        self.counts = definitions(program.body)
        self.uses: dict[str, int] = {}
        self.homes: dict[str, int | None] = {}
        self.reads: dict[int, list[str]] = {}  # of the statements as they were
        self._count(program.body)
        self.clock = 0
        self.section = 0
        self.again = False
        self.read: dict[str, int] = {}
        self.bound: dict[str, int] = {}
        self.written: dict[tuple[str, int], int] = {}
        self.effect = 0
        self.touched: dict[tuple[str, int], int] = {}
        self.may_reorder = (
            False  # whether any value with effects may move: only then it matters what reads memory
        )
        self.candidates: dict[str, _Candidate] = {}
        self.guarded = False

    def _count(self, body: Sequence[gast.stmt]) -> None:
        """How often each name is read, and in which block: None for several, and for places reached many times."""
        for node in body:
            once = not isinstance(node, (gast.While, gast.FunctionDef))
            read = self.reads[id(node)] = statement_reads(node)
            for name in read:
                self.uses[name] = self.uses.get(name, 0) + 1
                home = id(body) if once else None
                self.homes[name] = home if self.homes.get(name, home) == home else None
            for block in blocks(node):
                self._count(block)

    # ---- one block ----------------------------------------------------------------------------------------------

    def block(self, body: Sequence[gast.stmt], depth: int) -> list[gast.stmt]:
        outer, self.candidates = self.candidates, {}
        out: list[gast.stmt | None] = []
        for node in body:
            self.clock += 1
            self.section += is_section(node)
            node, read = self.filled(node, depth, out)
            inner = blocks(node)
            if inner:
                node = self.compound(node, inner, depth)
            else:
                self.note(node, read)
                self.consider(node, read, id(body), len(out))
            out.append(node)
        self.candidates = outer
        return [node for node in out if node is not None]

    def compound(self, node: gast.stmt, inner: Any, depth: int) -> gast.stmt:
        outer, self.guarded = self.guarded, self.guarded or isinstance(node, gast.Try)
        fields = {field: self.block(block, depth + 1) for field, block in zip(("body", "orelse"), inner)}
        self.guarded = outer
        # whatever the statement does may have happened by its end, and by the start of its second iteration
        self.clock += 1
        for name in bound_within([node]):
            self.bound[name] = self.clock
        for part in walk([node]):
            self._note_memory(part)
            for name in statement_reads(part):
                self.read[name] = self.clock
        return with_fields(node, **fields)

    def note(self, node: gast.stmt, read: Sequence[str]) -> None:
        for name in read:
            self.read[name] = self.clock
        for name in binds(node):
            self.bound[name] = self.clock
        self._note_memory(node)

    def _note_memory(self, node: gast.stmt) -> None:
        for cell in _cells(self.memory.writes(node)):
            self.written[cell] = self.clock
        for part in headers(node) if self.may_reorder else ():
            for cell in self.memory.touches(part):
                self.touched[cell] = self.clock
        if isinstance(node, (gast.Assert, gast.Raise)) or not all(map(self.memory.is_pure, headers(node))):
            self.effect = self.clock

    # ---- what may move ------------------------------------------------------------------------------------------

    def consider(self, node: Any, read: Sequence[str], home: int, place: int) -> None:
        """Note the value of a statement as one that may move."""
        name = assigned(node)
        if name is None or self.counts[name] != 1 or self.homes.get(name) != home:
            return
        uses = self.uses.get(name, 0)
        if uses != 1 and not (uses <= COPIES_OF_ATOM and self.is_cheap_atom(node.value)):
            return
        if not self.is_invented(name) or scopes(node.value):
            return
        writes: set[tuple[str, int]] = set()
        pure = self.memory.is_pure(node.value)
        if not pure:
            writes.update(_cells(self.memory.writes(node)))
            self.may_reorder = True
        touches: Iterable[tuple[str, int]] = (
            () if self.is_view(node.value) else self.memory.touches(node.value)
        )
        self.candidates[name] = _Candidate(
            _placed(node.value, node), self.clock, place, pure, frozenset(read),
            frozenset(touches), frozenset(writes), operators(node.value),
            _computes(node.value), self.section, uses,
        )  # fmt: skip

    def is_view(self, node: Any) -> bool:
        """Whether an expression is surely a view: what is written below it in the meantime is seen either way."""
        if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
            return False
        parts = index_parts(node)
        basic = all(isinstance(part, (gast.Slice, gast.Constant)) for part in parts)
        array = self.memory.kind(node.value.id) == ARRAYS
        return basic and array and any(isinstance(part, gast.Slice) for part in parts)

    def is_cheap_atom(self, node: Any) -> bool:
        """Whether an expression is so small that two readers may each have it: an item of a container, a transpose."""
        if isinstance(node, gast.Attribute):
            return node.attr == "T" and isinstance(node.value, gast.Name)
        if not isinstance(node, gast.Subscript) or not isinstance(node.slice, gast.Constant):
            return False
        if isinstance(node.value, gast.Name):
            name = node.value.id
            container = name in self.memory.parameters and self.memory.kind(name) != ARRAYS
            return container and not self.memory.is_written(name)
        return self.is_cheap_atom(node.value)

    # ---- moving -------------------------------------------------------------------------------------------------

    def filled(self, node: gast.stmt, depth: int, out: list[gast.stmt | None]) -> tuple[gast.stmt, list[str]]:
        """A statement with the values that may move into it, and the names that it then reads."""
        before = self.reads[id(node)]
        if isinstance(node, (gast.While, gast.FunctionDef, gast.Assert, gast.Raise)):
            return node, before
        if self.candidates.keys().isdisjoint(before):
            return node, before
        for name in dict.fromkeys(before):
            candidate = self.candidates.get(name)
            if candidate is None or not self.may_move(candidate, name, node, out):
                continue
            moved = self.moved(node, name, candidate)
            if moved is None or not self.is_readable(moved, candidate, depth):
                continue
            after = statement_reads(moved)
            if name in after:
                continue
            count = before.count(name)
            candidate.left -= count
            # algebra may have left fewer reads of something, which may then move itself
            self.again |= len(after) < len(before) + count * (len(reads(candidate.value)) - 1)
            node, before = moved, after
            if candidate.left <= 0:
                del self.candidates[name]
                out[candidate.place] = None
        return node, before

    def may_move(
        self, candidate: _Candidate, name: str, node: gast.stmt, out: list[gast.stmt | None]
    ) -> bool:
        since = candidate.clock
        if self.guarded and not self.memory.cannot_raise(candidate.value):
            if not self.is_next(candidate, out) or not _comes_first(name, node):
                return False  # which of two statements raises first is seen by who catches it
        if candidate.section != self.section and (
            candidate.operators > MOST_ACROSS_SWEEPS or candidate.calls
        ):
            return False
        if any(self.bound.get(other, 0) > since for other in candidate.reads):
            return False
        if any(self.written.get(cell, 0) > since for cell in candidate.touches):
            return False
        if is_copy(node) and not self.is_next(candidate, out) and not self.would_meet(candidate, name, node):
            return False  # the name pass gives both one name, and the statement stays in its place
        return candidate.pure or self.may_move_effect(candidate, node)

    def would_meet(self, candidate: _Candidate, name: str, copy: gast.stmt) -> bool:
        """Whether an older value of what a copy updates is still read after the new one is there."""
        target = binds(copy)[0]
        stems = {base(name), base(target)}
        older = [target, *(other for other in candidate.reads if base(other) in stems)]
        return any(self.read.get(other, 0) > candidate.clock for other in older)

    def is_next(self, candidate: _Candidate, out: list[gast.stmt | None]) -> bool:
        return all(other is None or is_comment(other) for other in out[candidate.place + 1 :])

    def may_move_effect(self, candidate: _Candidate, node: gast.stmt) -> bool:
        """Whether a call with effects may run where its value is read: nothing that would show it comes first."""
        if self.effect > candidate.clock or not all(map(self.memory.is_pure, headers(node))):
            return False
        if any(has(part, gast.IfExp, gast.BoolOp, *DEFERRED) for part in headers(node)):
            return False
        if any(self.touched.get(cell, 0) > candidate.clock for cell in candidate.writes):
            return False
        return not any(self.memory.touches(part) & candidate.writes for part in headers(node))

    def moved(self, node: gast.stmt, name: str, candidate: _Candidate) -> gast.stmt | None:
        """The statement with a name replaced by its value, None where the name is not simply read."""

        def real(part: Any, alone: bool) -> bool:
            return self.real(part) and not (alone and self.memory.shared(part))

        target = assigned(node)
        contributions = target is not None and is_derivative(target)
        new = map_headers(node, lambda part: filled(part, name, candidate.value, real, contributions))
        if new is node:
            return None
        if stored(node) is not None and stored(new) is None:
            return None  # what is written into has a name
        if stored(node) == name and self.is_item(candidate.value) and _is_all_of(node, name):
            return None  # `item += value` is better read than `items[k][...] += value`
        return signed_update(new) if isinstance(new, gast.AugAssign) else new

    def is_item(self, value: Any) -> bool:
        """Whether an expression looks up an item of something else than an array."""
        whole = value.value if isinstance(value, gast.Subscript) else None
        return isinstance(whole, gast.Name) and not isinstance(self.types.get(whole.id), Array)

    def is_readable(self, node: Any, candidate: _Candidate, depth: int) -> bool:
        parts = headers(node)
        if sum(map(operators, parts)) > MOST_OPERATORS and candidate.operators > 0:
            return False
        if isinstance(node, gast.Return) and isinstance(node.value, (gast.Tuple, gast.Dict)):
            if candidate.operators > MOST_IN_RESULT:
                return False
        width = sum(len(_VERSION.sub("", expression_text(part))) for part in parts)
        return 4 * depth + width + self.overhead(node) <= LINE_LENGTH

    def overhead(self, node: Any) -> int:
        """The width of what stands around a statement's expressions."""
        name = assigned(node)
        if name is not None:
            return len(_VERSION.sub("", name.split("~")[0])) + 3
        return 8


def _is_all_of(node: Any, name: str) -> bool:
    """Whether a statement writes into all of an array: ``name[...] op= value``."""
    target: Any = node.target if isinstance(node, gast.AugAssign) else node.targets[0]
    if not isinstance(target, gast.Subscript) or not isinstance(target.value, gast.Name):
        return False
    every = isinstance(target.slice, gast.Constant) and target.slice.value is Ellipsis
    return every and target.value.id == name


def _placed(value: Any, statement: gast.stmt) -> Any:
    """A value that keeps the line of its statement where it moves."""
    if value.__dict__.get("lineno") is not None or statement.__dict__.get("lineno") is None:
        return value
    return placed(with_fields(value), statement)


def _cells(writes: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Pairs of a class and one kind, from pairs of a class and kinds."""
    return ((root, one) for root, kind in writes for one in (ARRAYS, CONTAINERS) if kind & one)


def is_section(node: gast.stmt) -> bool:
    """Whether a statement is the comment that opens a sweep."""
    return is_comment(node) and str(node.value.value).endswith("sweep")  # type: ignore[attr-defined]


_PLAIN = frozenset([gast.Name, gast.Constant, gast.Subscript, gast.Attribute])
_OPERATIONS = frozenset([gast.BinOp, gast.BoolOp, gast.Compare, gast.IfExp, gast.Call])


def operators(node: Any) -> int:
    """How many operators and calls an expression has; an index counts as one more name."""
    count = 0
    while node.__class__ is gast.BinOp:
        if node.right.__class__ not in _PLAIN:
            count += operators(node.right)
        count += 1
        node = node.left
    cls = node.__class__
    if cls in _PLAIN:
        return count
    own = 1 if cls in _OPERATIONS else 0
    return count + own + sum(map(operators, children(node)))


def _computes(node: Any) -> bool:
    """Whether an expression calls anything but `len`."""
    while node.__class__ is gast.BinOp:
        if node.right.__class__ is not gast.Name and _computes(node.right):
            return True
        node = node.left
    if node.__class__ is gast.Name or node.__class__ is gast.Constant:
        return False
    if isinstance(node, gast.Call) and not (isinstance(node.func, gast.Name) and node.func.id == "len"):
        return True
    return any(map(_computes, children(node)))


def has(node: Any, *kinds: type) -> bool:
    """Whether a node of one of these kinds occurs in an expression."""
    return any(isinstance(part, kinds) for part in nodes(node))


def _comes_first(name: str, node: gast.stmt) -> bool:
    """Whether a name is read before anything else in a statement is computed."""
    parts = [part for header in headers(node) for part in _in_order(header)]
    for part in parts:
        if isinstance(part, gast.Name) and part.id == name:
            return True
        if isinstance(
            part, (gast.BinOp, gast.UnaryOp, gast.Call, gast.Subscript, gast.Compare, gast.IfExp, *DEFERRED)
        ):
            return False
    return False


def _in_order(node: Any) -> Iterator[Any]:
    """Names and operations in the order in which they are evaluated."""
    for child in children(node):
        yield from _in_order(child)
    yield node
