"""What blocks of core define, read and carry round loops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import gast

from s2sad.tree.build import constant, name, names_in
from s2sad.tree.dataflow import statements_in, walk
from s2sad.tree.parts import blocks_of, nodes


def carried_names(body: list[gast.stmt]) -> dict[int, set[str]]:
    """For each loop, the names assigned inside whose value outlives an iteration: read before, or outside."""
    found: dict[int, set[str]] = {}
    loops = [part for part in walk(body) if isinstance(part, (gast.For, gast.While))]
    everywhere = occurrences(body) if loops else Counter()
    for part in loops:
        inside = occurrences([part])
        assigned = defined_in(part.body)
        outside = {key for key in assigned if everywhere[key] > inside[key]}
        found[id(part)] = outside | (exposed(part.body) & assigned)
    return found


def occurrences(statements: list[gast.stmt]) -> Counter[str]:
    return Counter(
        part.id for statement in statements for part in nodes(statement) if isinstance(part, gast.Name)
    )


def exposed(statements: list[gast.stmt]) -> set[str]:
    """Names that may be read before these statements assign them."""
    found: set[str] = set()
    _expose(statements, set(), found)
    return found


def _expose(statements: list[gast.stmt], defined: set[str], found: set[str]) -> None:
    for statement in statements:
        if isinstance(statement, gast.If):
            found |= names_in(statement.test) - defined
            one, other = set(defined), set(defined)
            _expose(statement.body, one, found)
            _expose(statement.orelse, other, found)
            defined |= one & other
        elif isinstance(statement, (gast.For, gast.While)):
            found |= names_in(statement.iter if isinstance(statement, gast.For) else statement.test) - defined
            inner = defined | (names_in(statement.target) if isinstance(statement, gast.For) else set())
            _expose(statement.body, inner, found)
        elif isinstance(statement, gast.With):
            _expose(statement.body, defined, found)
        elif isinstance(statement, gast.Try):
            found |= names_in(statement.handlers) - defined - defined_in(statement.handlers)
            _expose(statement.body, defined, found)
        else:
            stored = defined_in([statement])
            plain = isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name)
            found |= (names_in(statement.value) if plain else names_in(statement)) - defined
            defined |= stored


def flag_of(statement: gast.Try) -> str | None:
    """The variable that notes which handler of a ``try`` ran; None where every handler raises."""
    for handler in statement.handlers:
        last = handler.body[-1]
        if isinstance(last, gast.Assign) and isinstance(last.value, gast.Constant):
            return last.targets[0].id  # type: ignore[no-any-return]
    return None


def completed(statement: gast.Try, types: Any) -> gast.expr | None:
    """The test whether the body of a ``try`` was completed; None where it was in any case."""
    flag = flag_of(statement)
    if flag is None:
        return None
    if getattr(types.get(flag), "dtype", "") == "bool":
        return gast.UnaryOp(gast.Not(), name(flag))
    return gast.Compare(name(flag), [gast.Eq()], [constant(0)])


def tried_names(statements: list[gast.stmt]) -> dict[str, list[gast.Try]]:
    """Names that the body of a ``try`` assigns, with all of them around it, outer ones first.

    A name is there if they were completed.
    """
    found: dict[str, list[gast.Try]] = {}
    for part in walk(statements):
        if isinstance(part, gast.Try):
            for key in defined_in(part.body):
                found.setdefault(key, []).append(part)
    return found


def breaks(statements: list[gast.stmt]) -> bool:
    """Whether statements hold a `break` of the loop they stand in."""
    return any(
        isinstance(s, gast.Break)
        or (isinstance(s, (gast.If, gast.With)) and (breaks(s.body) or breaks(getattr(s, "orelse", []))))
        for s in statements
    )


def assignments(statements: list[gast.stmt]) -> list[Any]:
    """Assignments to names, at any depth."""
    found: list[Any] = []
    for statement in statements:
        for part in statements_in(statement):
            if isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Name):
                found.append(part)
    return found


def definitions(statements: list[gast.stmt]) -> dict[str, list[gast.Assign]]:
    """The assignments of each name, at any depth."""
    found: dict[str, list[gast.Assign]] = {}
    for statement in assignments(statements):
        found.setdefault(statement.targets[0].id, []).append(statement)
    return found


def simple(statements: list[gast.stmt]) -> list[Any]:
    """Assignments to names outside of loops, at any depth of branches, ``with`` and ``try`` statements."""
    found: list[Any] = []
    for statement in statements:
        if isinstance(statement, gast.If):
            found += simple(statement.body) + simple(statement.orelse)
        elif isinstance(statement, (gast.With, gast.Try)):
            found += simple(statement.body)
        elif isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            found.append(statement)
    return found


def defined_in(statements: list[gast.stmt]) -> set[str]:
    """Names that statements assign, at any depth."""
    found: set[str] = set()
    for statement in statements:
        for part in nodes(statement):
            if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store):
                found.add(part.id)
    return found


def stores_of(statements: list[gast.stmt]) -> Counter[str]:
    """How often each name is assigned."""
    return Counter(
        part.id
        for statement in statements
        for part in nodes(statement)
        if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store)
    )


def without(statements: list[gast.stmt], dropped: Callable[[gast.stmt], bool]) -> list[gast.stmt]:
    """Statements without some of them, at any depth; what loses its whole body stays valid, or goes too."""
    kept: list[gast.stmt] = []
    for statement in statements:
        if dropped(statement):
            continue
        lost = False
        for part in ("body", "orelse"):
            inner = getattr(statement, part, None)
            if isinstance(inner, list):
                left = without(inner, dropped)
                lost = lost or (bool(inner) and not left)
                inner[:] = left
        if lost and isinstance(statement, gast.If) and not statement.body:
            if not statement.orelse:
                continue
            statement.body, statement.orelse = statement.orelse, []
            statement.test = gast.UnaryOp(op=gast.Not(), operand=statement.test)
        elif lost and not isinstance(statement, gast.If):
            statement.body = [gast.copy_location(gast.Pass(), statement)]  # type: ignore[attr-defined]
        kept.append(statement)
    return kept


def by_first_read(body: list[gast.stmt], carried: set[str]) -> tuple[set[str], set[str]]:
    """Names that may be carried: those read before an iteration may have assigned them, and those read only after it.

    The latter are variables that several ``try`` statements of the body assign, one after the other.
    """
    early: set[str] = set()
    late: set[str] = set()
    _note_reads(body, set(), carried, early, late)
    assert not early & late, f"read before and after an iteration assigns it: {sorted(early & late)}"
    return early, late


def _note_reads(
    block: list[gast.stmt], made: set[str], names: set[str], early: set[str], late: set[str]
) -> set[str]:
    """Sort the names that a block reads by whether it may have assigned them; what it may have assigned then."""
    for statement in block:
        blocks = blocks_of(statement)
        copies = isinstance(statement, gast.Assign) and isinstance(
            statement.value, gast.Name
        )  # needs no value
        read = set() if copies else read_by(statement) & names
        early |= read - made
        late |= read & made
        if not blocks:
            made = made | (defined_in([statement]) & names)
            continue
        ends = [_note_reads(inner, made, names, early, late) for inner in blocks]
        made = made.union(*ends)
    return made


def read_by(statement: gast.stmt) -> set[str]:
    """The names that a statement itself reads, without the blocks in it."""
    heads: list[Any] = [statement]
    if blocks_of(statement):
        heads = [getattr(statement, part) for part in ("test", "iter") if hasattr(statement, part)]
        heads += getattr(statement, "items", [])
    return {
        part.id for head in heads for part in nodes(head)
        if isinstance(part, gast.Name) and not isinstance(part.ctx, gast.Store)
    }  # fmt: skip
