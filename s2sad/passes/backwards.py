"""A reversed loop that only counts to find its place on tapes goes through the tapes themselves.

>>> from s2sad.testing.core import core, show
>>> show(backwards(core('''
... def f(x, n, s_bar):
...     s = 0.5
...     s_tape = []
...     t_tape = []
...     for i in range(n):
...         t = s * x
...         s_tape.append(s)
...         t_tape.append(t)
...         s = s + t
...     for i in range(n - 1, -1, -1):
...         s = s_tape[i]
...         t = t_tape[i]
...         s_bar = s_bar * s + t
...     return s_bar
... ''', 2.0, 3, 1.0)))
def f(x, n, s_bar):
    s = 0.5
    s_tape = []
    t_tape = []
    for i in range(n):
        t = s * x
        s_tape.append(s)
        t_tape.append(t)
        s = s + t
    for s, t in zip(s_tape[::-1], t_tape[::-1]):
        s_bar = s_bar * s + t
    return s_bar

A copy of a list of references costs less than to look each of them up; Numba, which takes what is emitted as it is,
would refuse `reversed`.  Where the forward loop may be left by ``break``, tapes that it appends to on different sides
of it differ in length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import gast

from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.build import call, constant, dotted, name, subscript, target
from s2sad.tree.dataflow import (
    assigned,
    blocks,
    definitions,
    map_blocks,
    parameters,
    statement_reads,
    walk,
    with_fields,
)  # fmt: skip
from s2sad.tree.parts import key_of, nodes

_TAPE = re.compile(r"_tape(_\d+)?$")
MOST = 3
"""More tapes than these side by side do not read well."""


class _Tape(NamedTuple):
    """How often a tape is appended to: once in each trip of a loop, in one stretch of its body without ``break``."""

    loop: gast.stmt
    stretch: int
    breaks: bool  # whether the loop may be left by one


def backwards(program: Program) -> Program:
    """Let reversed loops go through tapes."""
    passing = _Backwards(program)
    if not passing.counts:
        return program
    body = tuple(passing.block(program.body))
    return program.replace(body=body, objects=passing.objects)


class _Backwards:
    def __init__(self, program: Program) -> None:
        self.program = program
        # what is left by an exception that is caught has appended to some of its tapes only
        caught = any(isinstance(node, gast.Try) for node in walk(program.body))
        found = {} if caught else dict(_tapes(program.body))
        any_loop = any(_counts_down(node) is not None for node in walk(program.body))
        self.counts = definitions(program.body) if any_loop else {}
        parts = [part for node in program.body for part in nodes(node)] if any_loop and found else []
        uses = Counter(key for part in parts for key in _mentioned(part))
        uses.subtract(key for part in parts for key in _read_at_a_place(part))
        # of the mentions of a tape, one makes it, one appends to it, and all others read from it
        self.tapes = {key: tape for key, tape in found.items() if uses[key] == 2 and self.counts[key] == 1}
        self.objects = dict(program.objects)

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        return [self.loop(map_blocks(node, self.block)) for node in body]

    def loop(self, node: Any) -> gast.stmt:
        """A loop over tapes in place of one that counts down, where it is one."""
        length = _counts_down(node)
        taken: list[tuple[str, str]] = []
        for part in node.body if length is not None else ():
            pair = _taken(part, node.target.id)
            if pair is None:
                break
            taken.append(pair)
        variables, tapes = [key for key, _ in taken], [tape for _, tape in taken]
        rest = node.body[len(taken) :] if taken else []
        if not rest or not 0 < len(taken) <= MOST or len({*variables, *tapes}) != 2 * len(taken):
            return node  # type: ignore[no-any-return]
        if not self.is_through_one(taken, length, rest) and not self.are_as_long(tapes, length):
            return node  # type: ignore[no-any-return]
        if not self.is_only_for_places(node.target.id, rest):
            return node  # type: ignore[no-any-return]
        if len(taken) > 1 and not self.may_zip():
            return node  # type: ignore[no-any-return]
        back: list[Any] = [subscript(name(tape), gast.Slice(None, None, constant(-1))) for tape in tapes]
        places: list[Any] = list(map(target, variables))
        if len(taken) == 1:
            return with_fields(node, target=places[0], iter=back[0], body=rest)  # type: ignore[no-any-return]
        self.objects["zip"] = zip
        both = gast.Tuple(elts=places, ctx=gast.Store())
        return with_fields(node, target=both, iter=call(name("zip"), *back), body=rest)  # type: ignore[no-any-return]

    def may_zip(self) -> bool:
        """Whether `zip` has no other meaning here."""
        local = "zip" in self.counts or "zip" in parameters(self.program.args)
        return not local and self.objects.get("zip", zip) is zip

    def is_only_for_places(self, counter: str, rest: Sequence[gast.stmt]) -> bool:
        """Whether nothing reads a counter but what was looked at, and loops that count with that name themselves."""
        return not _reads_of(rest, counter) and not _reads_outside(self.program.body, counter)

    def is_through_one(self, taken: list[tuple[str, str]], length: Any, rest: Sequence[gast.stmt]) -> bool:
        """Whether a loop counts down from the length of the one tape that it reads, and leaves it alone."""
        tape = taken[0][1]
        is_tape = _TAPE.search(tape) is not None and not isinstance(self.program.types.get(tape), Array)
        return is_tape and len(taken) == 1 and _length(length) == tape and not _mentions(rest, tape)

    def are_as_long(self, tapes: list[str], length: Any) -> bool:
        """Whether all tapes have the length that a loop counts down from."""
        known = [self.tapes.get(tape) for tape in tapes]
        one = known[0]
        if one is None or any(tape != one for tape in known):
            return False
        if (whose := _length(length)) in self.tapes:
            return self.tapes[whose] == one
        trips = _range_of(one.loop)
        return (
            trips is not None and not one.breaks and key_of(trips) == key_of(length) and self.is_fixed(length)
        )

    def is_fixed(self, node: Any) -> bool:
        """Whether an expression always has one value: a number that is bound once, or the length of an array."""
        if isinstance(node, gast.Constant):
            return True
        array = _length(node)
        key = getattr(node, "id", None) if array is None else array
        if key is None or self.counts.get(key, 0) + (key in parameters(self.program.args)) != 1:
            return False
        return isinstance(self.program.types.get(key), Array if array is not None else Scalar)


def _tapes(body: Sequence[gast.stmt]) -> Iterator[tuple[str, _Tape]]:
    """The empty lists that a later loop of the same block appends to."""
    empty: set[str] = set()
    for node in body:
        key = assigned(node)
        if key is not None and isinstance(node.value, gast.List) and not node.value.elts:  # type: ignore[attr-defined]
            empty.add(key)
        if isinstance(node, (gast.For, gast.While)):
            stretch = 0
            breaks = any(isinstance(part, gast.Break) for part in walk(node.body))
            for part in node.body:
                stretch += any(isinstance(inner, gast.Break) for inner in walk([part]))
                tape = _appended(part)
                if tape in empty:
                    yield tape, _Tape(node, stretch, breaks)
        for block in blocks(node):
            yield from _tapes(block)


def _appended(node: Any) -> Any:
    """The name of what a statement appends to."""
    func = getattr(getattr(node, "value", None), "func", None)
    is_append = isinstance(node, gast.Expr) and isinstance(func, gast.Attribute) and func.attr == "append"
    return getattr(func.value, "id", None) if is_append else None  # type: ignore[union-attr]


def _mentions(body: Sequence[gast.stmt], key: str) -> bool:
    return any(key in _mentioned(part) for node in body for part in nodes(node))


def _mentioned(part: Any) -> list[str]:
    return [part.id] if isinstance(part, gast.Name) else []


def _read_at_a_place(part: Any) -> list[str]:
    """The name of what an expression reads an item or the length of."""
    if (
        isinstance(part, gast.Subscript)
        and isinstance(part.ctx, gast.Load)
        and isinstance(part.value, gast.Name)
    ):
        return [part.value.id]
    owner = _length(part)
    return [] if owner is None else [owner]


def _counts_down(node: Any) -> Any:
    """``n`` of a loop over ``range(n - 1, -1, -1)``."""
    if not isinstance(node, gast.For) or not isinstance(node.target, gast.Name):
        return None
    if not isinstance(node.iter, gast.Call) or dotted(node.iter.func) != "range" or len(node.iter.args) != 3:
        return None
    start, stop, step = node.iter.args
    minus_one = key_of(constant(-1))
    is_last = isinstance(start, gast.BinOp) and isinstance(start.op, gast.Sub)
    if not is_last or key_of(start.right) != key_of(constant(1)):
        return None
    return start.left if key_of(stop) == minus_one == key_of(step) else None


def _taken(node: Any, counter: str) -> tuple[str, str] | None:
    """``(x, tape)`` of ``x = tape[counter]``."""
    key = assigned(node)
    value = node.value if key is not None else None
    if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
        return None
    here = isinstance(value.slice, gast.Name) and value.slice.id == counter
    return (key, value.value.id) if here and key is not None and key != counter else None


def _range_of(node: gast.stmt) -> Any:
    """``n`` of a loop over ``range(n)``."""
    if not isinstance(node, gast.For) or not isinstance(node.iter, gast.Call):
        return None
    return node.iter.args[0] if dotted(node.iter.func) == "range" and len(node.iter.args) == 1 else None


def _length(node: Any) -> str | None:
    """The name in ``len(name)``."""
    is_length = isinstance(node, gast.Call) and dotted(node.func) == "len" and len(node.args) == 1
    return node.args[0].id if is_length and isinstance(node.args[0], gast.Name) else None


def _reads_of(body: Sequence[gast.stmt], key: str) -> bool:
    return any(key in statement_reads(node) for node in walk(body))


def _reads_outside(body: Sequence[gast.stmt], counter: str) -> bool:
    """Whether something reads a counter outside of the loops that count with it."""
    for node in body:
        if counter in statement_reads(node):
            return True
        own = isinstance(node, gast.For) and getattr(node.target, "id", None) == counter
        if not own and any(_reads_outside(block, counter) for block in blocks(node)):
            return True
    return False
