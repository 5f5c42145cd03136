"""Where statements stand: which block they are in, what they define, and what surely has a value before them."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.tree.build import name, substitute
from s2sad.tree.parts import blocks_of, nodes

SIMPLE = frozenset([gast.Assign, gast.AugAssign, gast.Expr])


def surely_set(block: list[gast.stmt], place: Any, known: set[str]) -> tuple[set[str], bool]:
    """The names that have a value when control comes to a statement, and whether it is in this block."""
    known = set(known)
    for statement in block:
        if statement is place:
            return known, True
        inner = [surely_set(part, place, known) for part in blocks_of(statement)]
        for names, found in inner:
            if found:
                return names, True
        if isinstance(statement, gast.If):
            known |= set.intersection(*(names for names, _ in inner))
        elif isinstance(statement, gast.With):
            known |= inner[0][0]
        elif not isinstance(statement, (gast.For, gast.While)):
            known |= set(definitions_in([statement]))
    return known, False


def all_in(statements: list[gast.stmt]) -> list[gast.stmt]:
    found: list[gast.stmt] = []
    _collect(statements, found)
    return found


def _collect(statements: list[gast.stmt], found: list[gast.stmt]) -> None:
    for statement in statements:
        found.append(statement)
        if statement.__class__ not in SIMPLE:
            for block in blocks_of(statement):
                _collect(block, found)


def definitions_in(statements: list[gast.stmt]) -> dict[str, list[gast.stmt]]:
    """Names that statements assign, in order, with the statements that do."""
    found: dict[str, list[gast.stmt]] = {}
    for statement in all_in(statements):
        if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            found.setdefault(statement.targets[0].id, []).append(statement)
        elif isinstance(statement, gast.For) and isinstance(statement.target, gast.Name):
            found.setdefault(statement.target.id, []).append(statement)
    return found


def parents_of(statements: list[gast.stmt]) -> dict[int, Any]:
    """The compound statement that each statement is in; those at the top are in none."""
    return {
        id(inner): statement
        for statement in all_in(statements)
        for block in blocks_of(statement)
        for inner in block
    }


def owners_of(statements: list[gast.stmt]) -> dict[int, Any]:
    """The compound statement that each block belongs to."""
    return {id(block): statement for statement in all_in(statements) for block in blocks_of(statement)}


def reads_of(statements: list[gast.stmt]) -> list[str]:
    """Names that statements read but do not assign, in order of appearance."""
    assigned = set(definitions_in(statements))
    found: dict[str, None] = {}
    for statement in statements:
        for part in nodes(statement):
            if isinstance(part, gast.Name) and part.id not in assigned:
                found[part.id] = None
    return list(found)


def renamed(node: gast.expr, renames: dict[str, str]) -> gast.expr:
    """An expression with other names in it."""
    return substitute(node, {key: name(new) for key, new in renames.items()})


def rename_reads(statements: list[gast.stmt], renames: dict[str, str]) -> None:
    """Rename reads in place."""
    for statement in statements:
        for part in nodes(statement):
            if isinstance(part, gast.Name) and part.id in renames:
                part.id = renames[part.id]
