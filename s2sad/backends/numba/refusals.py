"""What Numba cannot compile, as far as a program tells: refused with its line, before anything is compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import gast

from s2sad.analysis.expression_types import type_of_expression
from s2sad.analysis.memory import is_append
from s2sad.errors import BackendError, Problem, problem_at
from s2sad.program import Program
from s2sad.signature import DictOf, ListOf, Opaque, Scalar, Static, Type
from s2sad.signature import Sequence as Items
from s2sad.tree.build import dotted, names_in
from s2sad.tree.dataflow import DEFERRED, assigned, children, headers, parameters, statement_reads, walk

ADVICE = (
    'use backend="numpy", which runs all that s2sad emits, or backend="auto", which chooses for each function'
)
Found = Iterable[tuple[gast.AST, str]]
"""The statements that Numba cannot compile, and what is wrong with each."""


def refuse_unsupported(program: Program) -> None:
    """Refuse what Numba has no code for, or compiles to something else; all of it at once."""
    families = (_changed_dicts, _closures, _handlers, _text_of_numbers)
    refuse(problem(program, *found) for family in families for found in family(program))


def refuse_saved(program: Program) -> None:
    """Refuse what a forward sweep cannot hand to Python and back."""
    families = (_lists_of_lists, _slices)
    refuse(problem(program, *found) for family in families for found in family(program))


def refuse_opaque(program: Program, arguments: Sequence[Type], kept: Sequence[int]) -> None:
    """Refuse objects of classes as arguments; `kept` are the places of those that are handed over."""
    for k in kept:
        known = arguments[k]
        if isinstance(known, Opaque) and known.cls is not None:
            raise BackendError(
                f"{program.primal_name or program.name}: parameter {parameters(program.args)[k]} is a "
                f"{known.cls.__name__}, which code that Numba compiles cannot take: {ADVICE}"
            )


def problem(program: Program, node: gast.AST, message: str) -> Problem:
    """What is wrong at a statement."""
    return problem_at(node, "S501", message, ADVICE, program.filename, program.source_lines)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise all problems as one error, each once, in the order of their lines."""
    told = sorted(set(problems), key=lambda told: (told.lineno, told.message))
    if told:
        raise BackendError("", told)


def _changed_dicts(program: Program) -> Found:
    """Dicts that are written to are no tuples."""
    for node in walk(program.body):
        for key in statement_reads(node):
            if isinstance(program.types.get(key), DictOf):
                yield node, f"`{key}` is a dict that is changed, which code that Numba compiles cannot hold"


def _closures(program: Program) -> Found:
    """Numba inlines them, and then removes as dead what a list or a tuple still holds."""
    for node in walk(program.body):
        if isinstance(node, gast.FunctionDef) or any(map(_has_closure, headers(node))):
            yield node, "a function or comprehension inside of code that Numba compiles is not supported"


def _has_closure(node: Any) -> bool:
    return isinstance(node, DEFERRED) or any(map(_has_closure, children(node)))


def _handlers(program: Program) -> Found:
    """Compiled arithmetic does not raise where CPython's does, so a handler would not run."""
    for node in walk(program.body):
        if isinstance(node, gast.Try):
            yield node, "`try` is not supported in code that Numba compiles: its arithmetic raises nothing"


def _text_of_numbers(program: Program) -> Found:
    """Numba writes a float as ``<object type:float64>``: text is made of whole numbers only."""
    for node in walk(program.body):
        if isinstance(node, gast.Raise):  # an exception's text may differ
            continue
        written = [value for part in headers(node) for value in _written_as_text(part)]
        if not all(_is_whole(type_of_expression(value, program.types)) for value in written):
            yield node, "text is made of a number here, which code that Numba compiles writes otherwise"


def _written_as_text(node: Any) -> list[Any]:
    """The values that an expression makes text of."""
    found = [value for part in children(node) for value in _written_as_text(part)]
    if isinstance(node, gast.FormattedValue):
        found.append(node.value)
    if isinstance(node, gast.Call) and dotted(node.func) in ("str", "repr", "format") and node.args:
        found.append(node.args[0])
    return found


def _is_whole(known: Type | None) -> bool:
    return isinstance(known, Static) or (
        isinstance(known, Scalar) and known.dtype in ("int", "bool", "int64")
    )


def _lists_of_lists(program: Program) -> Found:
    """Numba reads lists of lists from freed memory when they come back from Python."""
    last = program.body[-1]
    if isinstance(last, gast.Return):
        for key in sorted(names_in(last.value) & _nested_lists(program)):
            yield (
                last,
                f"`{key}` is a list of lists, which Numba cannot hand from the forward to the reverse sweep",
            )


def _slices(program: Program) -> Found:
    """Numba makes no Python object of a slice."""
    last = program.body[-1]
    if isinstance(last, gast.Return):
        for key in sorted(names_in(last.value)):
            known = program.types.get(key)
            known = known.item if isinstance(known, ListOf) else known
            if isinstance(known, Opaque) and known.cls is slice:
                yield (
                    last,
                    f"`{key}` is a slice, which Numba cannot hand from the forward to the reverse sweep",
                )


def _nested_lists(program: Program) -> set[str]:
    """The names that may hold lists of lists."""
    kinds = {key: known for key, known in program.types.items() if isinstance(known, ListOf)}
    nested = {key for key, known in kinds.items() if isinstance(known.item, ListOf)}
    lists = set(kinds) | set(_lists_made(program))
    for node in walk(program.body):
        if isinstance(node, gast.Expr) and is_append(node.value):
            item = node.value.args[0]
            unknown = isinstance(item, gast.Name) and isinstance(program.types.get(item.id), (Opaque, Items))
            if unknown or _holds_list(item, lists):
                nested.add(node.value.func.value.id)
    return nested


def _lists_made(program: Program) -> Iterator[str]:
    for node in walk(program.body):
        key = assigned(node)
        if key is not None and isinstance(node.value, gast.List):  # type: ignore[attr-defined]
            yield key


def _holds_list(node: Any, lists: set[str]) -> bool:
    if isinstance(node, gast.Tuple):
        return any(_holds_list(item, lists) for item in node.elts)
    return isinstance(node, gast.List) or (isinstance(node, gast.Name) and node.id in lists)
