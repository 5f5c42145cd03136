"""What a derivative records, and why: `Derivative.explain` and ``s2sad explain``.

The facts are the compiler's own: activity of typed core, the records of the adjoint.  The bytes are those that the
forward sweep keeps for the arguments given: it is run once.
"""

from __future__ import annotations

import ast
import html
import linecache
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2sad.abstract.values import Value
from s2sad.analysis.activity import dependence, sources_of
from s2sad.names import base
from s2sad.pipeline import Facts, described, facts_of
from s2sad.runtime.schedules import Run
from s2sad.tree.build import accumulated, names_in

if TYPE_CHECKING:
    from s2sad.derivative import Derivative

SCALAR = 32
"""Bytes of a Python float in a list: the object and its place."""


@dataclass(frozen=True)
class Line:
    """One line of the primal.

    Attributes
    ----------
    number : int
        The line number.
    text : str
        The source.
    status : str
        ``active``; ``varied`` where the result does not depend on it; ``constant``; empty where nothing is computed.
    because : tuple of str
        The arguments that it depends on.
    """

    number: int
    text: str
    status: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """One thing that the forward sweep keeps for the reverse sweep.

    Attributes
    ----------
    kind : str
        ``tape``, ``copy``, ``test``, ``trips``, ``residuals``; ``value`` for what stays alive without being copied.
    name : str
        Its name in the emitted source.
    variable : str
        The primal's variable.
    line : int
        Where it is computed.
    bytes : int
        What it holds, beyond what the arguments hold anyway.
    count : int
        The number of values on a tape, else 1.
    loop : int
        The line of the loop that a tape belongs to, else 0.
    readers : tuple of int
        The lines whose reverse reads it.
    """

    kind: str
    name: str
    variable: str
    line: int
    bytes: int
    count: int
    loop: int
    readers: tuple[int, ...]

    @property
    def why(self) -> str:
        """In words."""
        lines = " and ".join(map(str, self.readers)) if self.readers else "the reverse sweep"
        readers = f"{'lines' if len(self.readers) > 1 else 'line'} {lines}" if self.readers else lines
        if self.kind == "tape":
            return f"the loop of line {self.loop} binds it anew in each trip, and the reverse of {readers} reads it"
        if self.kind == "copy":
            return f"it is overwritten in place later, and the reverse of {readers} reads it"
        if self.kind == "test":
            return f"the branch of line {self.line} that was taken is reversed"
        if self.kind == "trips":
            return f"how often the loop of line {self.line} ran is known only once it has run"
        if self.kind == "random":
            return f"the checkpoint of line {self.line} draws the same random numbers again"
        if self.kind == "snapshots":
            return f"the loop of line {self.line} is computed again from them"
        if self.kind == "residuals":
            return f"what is called in line {self.line} saves it for its own reverse"
        return f"the reverse of {readers} reads it"


@dataclass(frozen=True)
class Saving:
    """What checkpoints would save in one loop.

    Attributes
    ----------
    line : int
        The loop's line.
    trips : int
        How often it ran.
    bytes : int
        What its tapes hold.
    checkpointed : int
        What snapshots and the tapes of one stretch would hold.
    snapshots : int
        The number of snapshots, and of trips that are recorded at a time.
    """

    line: int
    trips: int
    bytes: int
    checkpointed: int
    snapshots: int

    def __str__(self) -> str:
        return (
            f"line {self.line}: `for ... in s2sad.checkpointed(...)` would keep {self.snapshots} snapshots and record "
            f"{self.snapshots} of {self.trips} trips at a time: about {amount(self.checkpointed)} instead of "
            f"{amount(self.bytes)}"
        )


@dataclass(frozen=True)
class Report:
    """What is differentiated and what is recorded, line by line, for some arguments.

    Attributes
    ----------
    title : str
        The function, the types of its arguments, and the parameters that are differentiated.
    lines : tuple of Line
        The source.
    held : tuple of Held
        What is kept between the sweeps, largest first.
    savings : tuple of Saving
        The loops in which checkpoints pay.
    """

    title: str
    lines: tuple[Line, ...]
    held: tuple[Held, ...]
    savings: tuple[Saving, ...]

    @property
    def bytes(self) -> int:
        """What the forward sweep keeps, beyond the arguments."""
        return sum(held.bytes for held in self.held)

    def held_at(self, line: int) -> tuple[Held, ...]:
        """What is recorded of what a line computes."""
        return tuple(held for held in self.held if held.line == line and held.kind != "value")

    def __str__(self) -> str:
        rows = [self._row(line) for line in self.lines]
        width = max((len(row[1]) for row in rows), default=0)
        noted = max((len(row[2]) for row in rows), default=0)
        shown = [f"{n:>5}  {why:<{width}}  {kept:<{noted}}  {text}".rstrip() for n, why, kept, text in rows]
        out = [self.title, "", f"{'line':>5}  {'':<{width}}  {'':<{noted}}  source", *shown, ""]
        out.append(f"kept for the reverse sweep: {amount(self.bytes)}")
        out += [f"  {_named(held)}: {amount(held.bytes)}; {held.why}" for held in self.held]
        out += ["", *map(str, self.savings)] if self.savings else []
        return "\n".join(out) + "\n"

    def _row(self, line: Line) -> tuple[int, str, str, str]:
        why = {"active": ", ".join(line.because), "varied": "unused", "constant": "constant"}.get(
            line.status, ""
        )
        kept = sum(held.bytes for held in self.held_at(line.number))
        note = " + ".join(dict.fromkeys(held.kind for held in self.held_at(line.number)))
        return line.number, why, f"{note} {amount(kept)}" if note else "", line.text

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th style='text-align:left'>{key}</th>" for key in ("line", "because of", "kept", "source")
        )
        rows = "".join(
            f"<tr{_shade(line)}><td>{n}</td><td>{html.escape(why)}</td><td>{html.escape(kept)}</td>"
            f"<td style='text-align:left'><code style='white-space:pre'>{html.escape(text)}</code></td></tr>"
            for line, (n, why, kept, text) in zip(self.lines, map(self._row, self.lines))
        )
        items = "".join(
            f"<li>{html.escape(f'{_named(held)}: {amount(held.bytes)}; {held.why}')}</li>"
            for held in self.held
        )
        items += "".join(f"<li>{html.escape(str(saving))}</li>" for saving in self.savings)
        return (
            f"<p><code>{html.escape(self.title)}</code></p><table><tr>{head}</tr>{rows}</table>"
            f"<p>kept for the reverse sweep: {amount(self.bytes)}</p><ul>{items}</ul>"
        )


def _shade(line: Line) -> str:
    return " style='background:#eef6ff'" if line.status == "active" else ""


def _named(held: Held) -> str:
    what = {
        "tape": f"a tape of {held.count} values of {held.variable}",
        "copy": f"{_copies(held.count)} of {held.variable}",
        "test": "a branch", "random": "states of random generators", "trips": "a number of trips",
        "snapshots": "snapshots of a loop",
        "residuals": f"what {held.variable} needs",
        "value": f"{held.variable} of line {held.line}" if held.line else held.variable,
    }  # fmt: skip
    return f"{held.name}, {what[held.kind]}"


def _copies(count: int) -> str:
    return "a copy" if count == 1 else f"{count} copies"


def amount(count: int) -> str:
    """Bytes in words.

    >>> amount(96), amount(12_500), amount(3_200_000)
    ('96 B', '12.5 kB', '3.2 MB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} B"


# ---- making -------------------------------------------------------------------------------------
def explain(derivative: Derivative, vjp: Derivative, values: tuple[Any, ...]) -> Report:
    """The report of a derivative at some arguments; `vjp` is the same one split in two sweeps."""
    made = vjp.at(values)
    _, (_, saved, _) = made.push(values)
    target, known, _ = vjp._target(made.signature)
    facts = facts_of(target, known, vjp.wrt, vjp.options)
    held = _held(facts, saved, values)
    title = f"{derivative.primal_name}({described(known, vjp.wrt)})"
    return Report(title, _lines(facts), held, _savings(held, facts))


def _lines(facts: Facts) -> tuple[Line, ...]:
    """Each line of the primal, and those of what it calls in the same file."""
    core, active = facts.core, facts.adjoint.reverse.active
    because = dependence(sources_of(core.body, core.sites, core.written), core.varied, _inputs(facts))
    found: dict[int, tuple[set[str], set[str]]] = {}
    for statement, names in _made(core.body):
        line = getattr(statement, "lineno", None)
        if line is None:  # what reads a parameter's parts on entry
            continue
        statuses, labels = found.setdefault(line, (set(), set()))
        for key in names:
            statuses.add("active" if key in active else "varied" if key in core.varied else "constant")
            labels.update(because.get(key, ()) if key in active else ())
    _callee_lines(facts, because, found)
    _yields(facts, found)
    own = facts.source.lines
    numbers = sorted({*_span(facts), *(n for n in found if n in own or _text(facts, n))})
    order = ("active", "varied", "constant")
    lines = []
    for number in numbers:
        statuses, labels = found.get(number, (set(), set()))
        status = next((s for s in order if s in statuses), "")
        lines.append(Line(number, _text(facts, number), status, tuple(sorted(labels))))
    return tuple(lines)


def _callee_lines(
    facts: Facts, because: Mapping[str, frozenset[str]], found: dict[int, tuple[set[str], set[str]]]
) -> None:
    """The lines of checkpoints and recursive functions in the same file: active because of what they are given."""
    for key, callee in facts.core.calls.items():
        adjoint = facts.callees.get(callee.name)
        if adjoint is None or callee.core is None or callee.function.frame.filename != facts.source.filename:
            continue
        for statement, names in _made(callee.core.body):
            line = getattr(statement, "lineno", None)
            if line is None or isinstance(statement, gast.Return):
                continue
            statuses, labels = found.setdefault(line, (set(), set()))
            active = any(name in adjoint.reverse.active for name in names)
            statuses.add("active" if active else "constant")
            labels.update(because.get(key, ()) if active else ())


def _yields(facts: Facts, found: dict[int, tuple[set[str], set[str]]]) -> None:
    """The lines that yield a variable, of which core has no statement: as what is assigned to it in that function."""
    try:
        tree = ast.parse("".join(linecache.getlines(facts.source.filename)))
    except SyntaxError:
        return
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.end_lineno is None:
            continue
        span = range(function.lineno, function.end_lineno + 1)
        for part in ast.walk(function):
            if not isinstance(part, (ast.Yield, ast.YieldFrom)) or part.lineno in found or part.value is None:
                continue
            read = {node.id for node in ast.walk(part.value) if isinstance(node, ast.Name)}
            for statement, names in _made(facts.core.body):
                line = getattr(statement, "lineno", None)
                if line in span and line in found and any(base(key) in read for key in names):
                    statuses, labels = found.setdefault(part.lineno, (set(), set()))
                    statuses |= found[line][0]
                    labels |= found[line][1]


def _span(facts: Facts) -> Iterable[int]:
    """The lines of the primal itself."""
    return facts.source.lines if len(facts.source.lines) < 400 else ()


def _text(facts: Facts, number: int) -> str:
    text = facts.source.lines.get(number) or linecache.getline(facts.source.filename, number)
    return text.rstrip()


def _inputs(facts: Facts) -> dict[str, str]:
    """The names of core that are differentiated inputs, as the user spells them."""
    found = {key: key for key in facts.adjoint.wrt if facts.core.inputs[key].items is None}
    for value, key in facts.core.leaves.items():
        if isinstance(value, Value) and value.node is not None:
            found[key] = gast.unparse(value.node).strip()
    return found


def _made(body: Iterable[gast.stmt]) -> Iterable[tuple[Any, list[str]]]:
    """Each statement of core with the names that it computes or writes."""
    for statement in body:
        if isinstance(statement, (gast.Assign, gast.AugAssign)):
            targets = statement.targets if isinstance(statement, gast.Assign) else [statement.target]
            yield statement, [t.id if isinstance(t, gast.Name) else t.value.id for t in targets]
        elif isinstance(statement, gast.Return) and statement.value is not None:
            yield statement, sorted(names_in(statement.value))
        elif accumulated(statement) is not None:
            yield statement, [accumulated(statement).id]  # type: ignore[union-attr]
        for part in ("body", "orelse"):
            inner = getattr(statement, part, None)
            if isinstance(inner, list):
                yield from _made(inner)


def _held(facts: Facts, saved: tuple[Any, ...], values: tuple[Any, ...]) -> tuple[Held, ...]:
    """What the forward sweep gave to the reverse sweep, and how much of it is not the arguments' own memory."""
    seen: set[int] = set()
    held_bytes(values, seen)
    records, adjoint = facts.adjoint.records, facts.adjoint
    own = set(facts.core.inputs)
    made = {names[0]: statement for statement, names in _made(adjoint.core.body) if len(names) == 1}
    lines: dict[str, set[int]] = {}
    for statement in adjoint.backward:
        _readers(statement, lines)
    found = []
    for key, value in zip(adjoint.saved, saved):
        record, count = records.get(key), held_bytes(value, seen)
        if record is None and (key in own or count == 0):
            continue
        kind = record.kind if record else "value"
        variable = base(record.variable) if record else base(key)
        if record is not None and record.variable in records:  # the tape of a branch or of a copy
            inner = records[record.variable]
            kind, variable = inner.kind, base(inner.variable)
        line = record.line if record else getattr(made.get(key), "lineno", 0)
        readers = lines.get(record.read_as if record else key, set())
        found.append(Held(
            kind, facts.printed.get(key, base(key)), variable or base(key), line, count,
            len(value) if isinstance(value, list) else 1, record.loop if record else 0, tuple(sorted(readers)),
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda item: -item.bytes))


def _readers(statement: Any, lines: dict[str, set[int]]) -> None:
    """For each name, the lines of the statements of the reverse sweep that read it."""
    blocks = [getattr(statement, part, None) for part in ("body", "orelse")]
    inner = [block for block in blocks if isinstance(block, list)]
    line = getattr(statement, "lineno", None)
    if line and not inner:
        for key in names_in([getattr(statement, part, None) for part in ("value", "test")]):
            lines.setdefault(key, set()).add(line)
    for block in inner:
        for part in block:
            _readers(part, lines)


def held_bytes(value: Any, seen: set[int]) -> int:
    """The memory of a value that was not counted before; a view counts as what it is a view of.

    >>> a = np.zeros(10)
    >>> seen = set()
    >>> held_bytes([a, a[2:]], seen) == 80 + sys.getsizeof([a, a]), held_bytes(a, seen)
    (True, 0)
    """
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        if id(value) in seen:
            return 0
        seen.add(id(value))
        return int(value.nbytes)
    if isinstance(value, (list, tuple, dict)):
        if id(value) in seen:
            return 0
        seen.add(id(value))
        items = value.values() if isinstance(value, dict) else value
        return sys.getsizeof(value) + sum(held_bytes(item, seen) for item in items)
    if isinstance(value, Run):
        return held_bytes([part for _, part in value.snapshots.items()], seen) if value.in_memory else 0
    return sys.getsizeof(value) if isinstance(value, (float, complex, np.generic)) else 0


def _savings(held: Iterable[Held], facts: Facts) -> tuple[Saving, ...]:
    """For each loop with tapes: what snapshots at every `sqrt(n)`-th trip would keep instead."""
    loops: dict[int, list[Held]] = {}
    for item in held:
        if item.loop:
            loops.setdefault(item.loop, []).append(item)
    carried, done = _carried(facts), _checkpointed(facts)
    found = []
    for line, tapes in sorted(loops.items()):
        if line in done:
            continue
        trips = max(tape.count for tape in tapes)
        total = sum(tape.bytes for tape in tapes)
        if trips < 4:
            continue
        stretch = math.ceil(math.sqrt(trips))
        state = sum(tape.bytes for tape in tapes if tape.variable in carried.get(line, set())) / trips
        state = state or SCALAR
        reduced = int(stretch * (state + total / trips))
        if reduced < total:
            found.append(Saving(line, trips, total, reduced, stretch))
    return tuple(found)


def _checkpointed(facts: Facts) -> set[int]:
    """The lines of loops that are checkpointed already: each stretch of one is a function."""
    checkpoints = [callee for callee in facts.core.calls.values() if getattr(callee, "checkpoint", False)]
    loops = [part for callee in checkpoints for part in callee.function.body]
    return {part.lineno for part in loops if isinstance(part, (gast.For, gast.While))}


def _carried(facts: Facts) -> Mapping[int, set[str]]:
    """For each loop's line, the variables that go round it."""
    reverse = facts.adjoint.reverse
    found: dict[int, set[str]] = {}
    for _, loop in reverse.loops.values():
        found.setdefault(loop.lineno, set()).update(base(key) for key in reverse.carried.get(id(loop), ()))
    return found


__all__ = ["Held", "Line", "Report", "Saving", "explain"]
