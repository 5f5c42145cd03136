"""Mixed mode: forward mode for small functions inside a reverse sweep.

A function of one or few differentiated numbers that returns a number, with a loop in it, that is called in a loop,
would be recorded as a tape of tapes.  Where the count of operations says that it is no dearer, it keeps a body of its
own instead, which carries tangents along: the forward sweep keeps one slope for each input, and no tape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gast

from s2sad.abstract.callees import Callee, captured, exact, flattened
from s2sad.abstract.checkpoints import called, kind_of_argument
from s2sad.abstract.values import Function, Value
from s2sad.errors import S2sadError
from s2sad.objects import is_record
from s2sad.signature import Optional, Record, Scalar, kind_of
from s2sad.tree.build import names_in
from s2sad.tree.parts import nodes

if TYPE_CHECKING:
    from s2sad.abstract.interpreter import Interpreted

MOST_INPUTS = 3
_LOOPS = (gast.For, gast.While)
_OPERATIONS = (gast.BinOp, gast.UnaryOp, gast.Call)


@dataclass(frozen=True)
class Count:
    """Operations of the loops of a function, per trip.

    Attributes
    ----------
    primal : int
        Those of the function itself.
    derivative : int
        Products and sums of one sweep, forward or reverse: two for each differentiated operand.
    recorded : int
        The values that a reverse sweep would have to be given.
    """

    primal: int
    derivative: int
    recorded: int

    def prefers_forward(self, inputs: int) -> bool:
        """Whether a run with tangents for each input costs no more than one that records and one that reverses.

        A value that is recorded costs two operations, one to keep it and one to read it.

        >>> Count(2, 6, 1).prefers_forward(1), Count(2, 6, 1).prefers_forward(2), Count(2, 2, 4).prefers_forward(2)
        (True, False, True)
        """
        forward = inputs * (self.primal + self.derivative)
        return self.recorded > 0 and forward <= self.primal + self.derivative + 2 * self.recorded


def count(core: Interpreted) -> Count:
    """The count of operations of a function's typed core."""
    primal = derivative = 0
    recorded: set[str] = set()
    for statement in _looped(core.body, False):
        primal += sum(isinstance(part, _OPERATIONS) for part in nodes(statement.value))
        operands = names_in(statement.value) & core.varied
        if statement.targets[0].id not in core.varied or isinstance(statement.value, gast.Name):
            continue
        derivative += 2 * max(len(operands), 1)
        if not _is_sum(statement.value):
            recorded |= operands
    return Count(primal, derivative, len(recorded))


def _looped(body: Any, inside: bool) -> Any:
    """The assignments to names in loops."""
    for statement in body:
        if inside and isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            yield statement
        for part in (getattr(statement, "body", ()), getattr(statement, "orelse", ())):
            yield from _looped(part, inside or isinstance(statement, _LOOPS))


def _is_sum(node: gast.expr) -> bool:
    """Whether a reverse sweep reads nothing of an operation."""
    return isinstance(node, (gast.BinOp, gast.UnaryOp)) and isinstance(
        node.op, (gast.Add, gast.Sub, gast.USub)
    )


def forward_call(
    at: Any, function: Function, args: list[Value], keywords: dict[str, Value], node: gast.AST
) -> Value | None:
    """The call of a function that is differentiated forward; None where it is entered as any other."""
    if not _is_candidate(at, function, [*args, *keywords.values()]):
        return None
    key = ("forward", id(function.body), tuple(map(kind_of_argument, args)), *sorted(keywords))
    if key in at.lessons.inline:
        return None
    before = (at.snapshot(), at.names.copy(), at.at)
    with at.emitting_into([]):
        fits = _settled(at, function, args, keywords, node) is not None
    at.restore(before[0])
    at.names, at.at = before[1:]
    if not fits:
        at.lessons.inline.add(key)
        return None
    made = _settled(at, function, args, keywords, node)
    return None if made is None else called(at, *made, node)


def _is_candidate(at: Any, function: Function, given: list[Value]) -> bool:
    """Whether it is called in a loop, has one itself, and all that is differentiated in it are a few numbers."""
    if not at.lessons.mixed or at.passive or not at.breaks:
        return False
    if not any(isinstance(part, _LOOPS) for statement in function.body for part in nodes(statement)):
        return False
    values = [*given, *(capture.value for capture in captured(function))]
    if any(map(_has_object, values)):
        return False
    varied = [value for value in values if value.varied or value.function is not None]
    return 0 < len(varied) <= MOST_INPUTS and all(map(_is_number, varied))


def _has_object(value: Value) -> bool:
    """Whether there is an object in a value, which the function might change."""
    held = value.ident is not None or isinstance(value.type, Record)
    held = held or (value.is_static and is_record(value.known))
    return held or any(map(_has_object, value.items or ()))


def _is_number(value: Value) -> bool:
    known = value.type
    return isinstance(known, Scalar) and kind_of(known.dtype) == "float" and value.function is None


def _settled(
    at: Any, function: Function, args: list[Value], keywords: dict[str, Value], node: gast.AST
) -> tuple[Callee, list[tuple[str, Value]]] | None:
    """The callee and what it is given; None where it is better entered."""
    bound = at.bound_arguments(function, args, keywords, node)
    captures = captured(function)
    outer = {f"{c.variable}_outer" if c.variable in bound else c.variable: c.value for c in captures}
    values = {**bound, **outer}
    if any(isinstance(value.type, Optional) for value in values.values()):
        return None
    leaves: list[tuple[str, Value]] = []
    inner = {key: flattened(key, value, leaves) for key, value in values.items()}
    inner = {key: exact(value, dict(leaves)) for key, value in inner.items()}
    key = ("forward", id(function.body), tuple((k, kind_of_argument(v)) for k, v in values.items()))
    callee = at.callees.known.get(key)
    if callee is None:
        wrt = tuple(k for k, v in leaves if v.varied)
        callee = Callee(
            at.callees.fresh_name(function.name), function, {k: inner[k] for k in bound},
            [(c.frame, c.variable, inner[k]) for c, k in zip(captures, outer)], tuple(k for k, _ in leaves), wrt,
            forward=True,
        )  # fmt: skip
        try:
            at.settle(callee, node)
        except S2sadError:  # what is wrong with it shows where it is entered
            at.callees.names.discard(callee.name)
            return None
        if not _is_better(callee):
            at.callees.names.discard(callee.name)
            return None
        at.callees.known[key] = callee
    return callee, leaves


def _is_better(callee: Callee) -> bool:
    """Whether it returns a differentiated number, does nothing else, and costs no more with tangents."""
    result, core = callee.result, callee.core
    if (
        result is None
        or core is None
        or result.items is not None
        or not result.varied
        or not _is_number(result)
    ):
        return False
    if callee.written or core.calls or core.hooks or core.plans:
        return False
    if any(isinstance(part, gast.Try) for statement in core.body for part in nodes(statement)):
        return False  # tangents might raise what its handlers catch
    return count(core).prefers_forward(len(callee.wrt))
