"""Tracebacks that show the user's line beside the emitted one.

`note_places` keeps, for every emitted text, which line of the user's each of its statements comes from; where an
exception passes through emitted code, `beside` puts an entry for the user's line behind the emitted one's.  The
exception itself stays what it is.
"""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from s2sad.program import Program
from s2sad.tree.dataflow import is_comment

#: Under this name the frame of an added entry holds the exception; no variable can be called so.
_MARK = ".error"


class Place(NamedTuple):
    """A statement or an expression of the user's; positions as in `ast`."""

    filename: str
    function: str
    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


class Span(NamedTuple):
    """An emitted statement or expression, and where it comes from."""

    lines: tuple[int, int]
    columns: tuple[int, int]
    place: Place

    def covers(self, first: int, last: int, start: int | None, end: int | None) -> bool:
        """Whether a position of a code object lies inside; a column that is not known may lie anywhere in its line."""
        if not self.lines[0] <= first <= last <= self.lines[1]:
            return False
        return (
            start is None
            or end is None
            or (first > self.lines[0] or start >= self.columns[0])
            and (last < self.lines[1] or end <= self.columns[1])
        )


_SPANS: dict[str, tuple[Span, ...]] = {}
_EMITTED: dict[str, tuple[str, tuple[Program, ...]]] = {}


def note_places(filename: str, text: str, programs: Sequence[Program]) -> None:
    """Remember what an emitted text was printed from; it is parsed again if need be, which is seldom."""
    _EMITTED[filename] = (text, tuple(programs))
    _SPANS.pop(filename, None)


def _spans(filename: str) -> tuple[Span, ...]:
    """Where each statement of an emitted text comes from; outer spans before the ones inside."""
    if filename not in _SPANS and filename in _EMITTED:
        text, programs = _EMITTED[filename]
        _SPANS[filename] = _of_programs(ast.parse(text), programs)
    return _SPANS.get(filename, ())


def _of_programs(module: ast.Module, programs: Sequence[Program]) -> tuple[Span, ...]:
    emitted = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    found: list[Span] = []
    for program in programs:
        if program.name in emitted:
            found += _of_block(emitted[program.name].body, program.body, program)
    return tuple(found)


def places_of_line(filename: str, line: int) -> list[Place]:
    """Where an emitted line comes from: the statement first, then the expressions in it from other lines."""
    return [span.place for span in _SPANS.get(filename, ()) if span.covers(line, line, None, None)][-1:]


def beside(error: BaseException) -> BaseException:
    """The exception, its traceback with the user's line after each emitted one; to be raised where it was caught."""
    entries = list(_entries(error.__traceback__))[1:]  # raising it again puts the first one back
    if not any(_is_emitted(entry) for entry in entries):
        return error.with_traceback(entries[0] if entries else None)
    shown: types.TracebackType | None = None
    for entry in reversed(entries):
        known = shown is not None and _MARK in shown.tb_frame.f_locals
        for place in [] if known else _places(entry)[::-1]:
            shown = types.TracebackType(shown, _frame(place, entry.tb_frame, error), -1, place.lineno)
        shown = types.TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return error.with_traceback(shown)


# ---- what comes from where ---------------------------------------------------------------------------------------


def _of_block(emitted: Sequence[ast.stmt], body: Sequence[Any], program: Program) -> Iterator[Span]:
    """Spans of a block; the printed one may lack `pass` and comments, and open with a docstring."""
    mine = [node for node in body if not is_comment(node)]
    theirs = emitted[len(emitted) - len(mine) :] if len(emitted) >= len(mine) else emitted
    for printed, node in zip(theirs, mine):
        if type(printed).__name__ == type(node).__name__:
            yield from _of_statement(printed, node, program)


def _of_statement(printed: Any, node: Any, program: Program) -> Iterator[Span]:
    place = _user_place(node, program)
    blocks = [key for key in ("body", "orelse") if getattr(printed, key, None)]
    last = printed.body[0].lineno - 1 if blocks else printed.end_lineno
    if place is not None:
        yield Span((printed.lineno, max(last, printed.lineno)), (0, sys.maxsize), place)
    for key, part in ast.iter_fields(printed):
        if key not in blocks:
            yield from _of_expression(part, getattr(node, key, None), place, program)
    for key in blocks:
        yield from _of_block(getattr(printed, key), getattr(node, key), program)


def _of_expression(printed: Any, node: Any, outer: Place | None, program: Program) -> Iterator[Span]:
    """Spans of the expressions that come from another line than what they stand in."""
    if isinstance(printed, list) and isinstance(node, list) and len(printed) == len(node):
        for one, other in zip(printed, node):
            yield from _of_expression(one, other, outer, program)
    if not isinstance(printed, ast.AST) or type(printed).__name__ != type(node).__name__:
        return
    place = _user_place(node, program)
    if (
        isinstance(printed, ast.expr)
        and place is not None
        and outer is not None
        and place.lineno != outer.lineno
    ):
        yield Span(
            (printed.lineno, printed.end_lineno or printed.lineno),
            (printed.col_offset, printed.end_col_offset or sys.maxsize),
            place,
        )
        outer = place
    for key, part in ast.iter_fields(printed):
        yield from _of_expression(part, getattr(node, key, None), outer, program)


def _user_place(node: Any, program: Program) -> Place | None:
    lineno = getattr(node, "lineno", None)
    if not lineno:
        return None
    end = getattr(node, "end_lineno", None) or lineno
    columns = getattr(node, "col_offset", None) or 0, getattr(node, "end_col_offset", None) or 0
    name = program.primal_name
    function = name if lineno in program.source_lines else f"a callee of {name}"
    return Place(program.filename, function, lineno, columns[0], end, columns[1])


# ---- tracebacks --------------------------------------------------------------------------------------------------


def _entries(traceback: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _is_emitted(entry: types.TracebackType) -> bool:
    return entry.tb_frame.f_code.co_filename in _EMITTED


def _places(entry: types.TracebackType) -> list[Place]:
    """Where the code that an entry stands in comes from.

    It is the innermost expression that is known; without columns, all that the line was put together from.
    """
    spans = _spans(entry.tb_frame.f_code.co_filename)
    position = _position(entry)
    around = [span for span in spans if span.covers(*position)]
    if position[2] is not None:
        return [span.place for span in around[-1:]]
    statement = max((k for k, span in enumerate(around) if span.columns == (0, sys.maxsize)), default=0)
    return list({span.place.lineno: span.place for span in around[statement:]}.values())


def _position(entry: types.TracebackType) -> tuple[int, int, int | None, int | None]:
    """Lines and columns of an entry; before Python 3.11 the columns are not known."""
    line = entry.tb_lineno
    if hasattr(entry.tb_frame.f_code, "co_positions") and entry.tb_lasti >= 0:
        positions = list(entry.tb_frame.f_code.co_positions())
        first, last, start, end = positions[entry.tb_lasti // 2]
        if first == line:
            return line, last or line, start, end
    return line, line, None, None


def _frame(place: Place, emitted: types.FrameType, error: BaseException) -> types.FrameType:
    """A frame at the user's line, with the variables of the emitted function."""
    where = {key: getattr(place, key) for key in ("lineno", "col_offset", "end_lineno", "end_col_offset")}
    statement = ast.Raise(exc=ast.Name(id=_MARK, ctx=ast.Load(), **where), cause=None, **where)
    code = compile(ast.Module(body=[statement], type_ignores=[]), place.filename, "exec")
    variables: Mapping[str, Any] = {**emitted.f_locals, _MARK: error}
    try:
        exec(code.replace(co_name=place.function), emitted.f_globals, dict(variables))
    except BaseException as raised:
        inner = raised.__traceback__.tb_next if raised.__traceback__ is not None else None
        assert inner is not None
        return inner.tb_frame
    raise AssertionError("raising an exception does not raise")
