"""Generator functions: a loop over one runs the generator's body, with the loop's own body wherever it yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.abstract.functions import structured
from s2sad.abstract.values import SHARED, Frame, Function, Iteration, Value
from s2sad.signature import Opaque, Static
from s2sad.tree.build import clone, constant, name, names_in, target
from s2sad.tree.parts import blocks_of
from s2sad.tree.scopes import bound_by, declared, is_generator, names_of_parameters, own_nodes, rename


class Fresh:
    """Marks a generator that was not used yet."""


FRESH = Fresh()


@dataclass(frozen=True, eq=False)
class Generator:
    """A call of a generator function.

    Attributes
    ----------
    function : Function
        The generator function.
    env : dict from str to Value
        Its parameters.
    used : str
        The variable that says whether it was consumed.
    start : Value or None
        Where `enumerate` counts from.
    """

    function: Function
    env: dict[str, Value]
    used: str
    start: Value | None = None


def generator(at: Any, function: Function, env: dict[str, Value]) -> Value:
    """What the call of a generator function gives."""
    made = Generator(function, env, f"used{SHARED}{at.next_shared()}")
    at.positions.add(made.used)
    at.frame.env[made.used] = Value(Static(FRESH), gast.Constant(None, None))
    return as_value(made, any(value.varied for value in env.values()))


def as_value(made: Generator, varied: bool) -> Value:
    """A generator as a value."""

    def no_item(k: Value) -> Value:
        raise AssertionError("a generator has no index")

    return Value(Opaque(), None, varied, iteration=Iteration(constant(0), no_item, generator=made))


def counted(value: Value, start: Value) -> Value:
    """``enumerate(generator)``."""
    made = value.iteration.generator  # type: ignore[union-attr]
    return as_value(Generator(made.function, made.env, made.used, start), value.varied)


def use(at: Any, made: Generator, node: gast.AST) -> None:
    """A generator gives its items once."""
    state = at.frame.env.get(made.used)
    if state is None or state.known is not FRESH:
        raise at.refuse("S107", "this generator may have been used before", "call the function again", node)
    at.frame.env[made.used] = Value(Static(None), gast.Constant(None, None))


def _is_left(body: list[gast.stmt]) -> bool:
    """Whether a loop may be left by its body: a `break` of a loop inside leaves that one only."""
    if any(isinstance(part, gast.Return) for part in own_nodes(body)):
        return True
    inner = {
        id(part)
        for loop in own_nodes(body)
        if isinstance(loop, (gast.For, gast.While))
        for part in own_nodes(loop.body)
    }
    return any(isinstance(part, gast.Break) and id(part) not in inner for part in own_nodes(body))


def check_ends(at: Any, made: Generator, node: gast.AST) -> None:
    """All items of a generator are wanted: it must come to an end."""
    for part in own_nodes(made.function.body):
        endless = isinstance(part, gast.While) and isinstance(part.test, gast.Constant) and part.test.value
        if endless and not _is_left(part.body):
            raise at.refuse("S104", "this generator has no end", "loop over it with `for`, and `break`", node)


def expanded(at: Any, made: Generator, statement: gast.For) -> list[gast.stmt]:
    """The loop as the generator's body, in the frame of the loop."""
    number = at.next_shared()

    def fresh(wanted: str) -> str:
        return f"{wanted}~g{number}_{at.next_shared()}"

    function = made.function
    _check_yields(at, function, statement)
    own = names_of_parameters(function.args)
    own |= {key for node in own_nodes(function.body) for key in bound_by(node)}
    own -= set(declared(function.body))
    names = {key: fresh(key) for key in sorted(own)}
    for key, value in made.env.items():
        at.frame.env[names[key]] = value
    if function.frame is not at.frame:
        names |= outer_names(at, function, names_in(list(function.body)) - own, fresh)
    body = rename(clone(list(function.body)), names)
    for node in own_nodes(body):
        if isinstance(node, gast.FunctionDef):
            node.name = names[node.name]
    counter = None
    if made.start is not None:
        counter = fresh("k")
        at.frame.env[counter] = at.assigned(made.start, "k")
    guard, seen = getattr(statement, "split", None) or (None, frozenset())
    loop = statement if guard is None else guard.body[0]
    inner = _leaving(clone(list(loop.body)))
    body = _replaced(body, lambda value: _one_item(loop, value, counter, inner))
    if guard is not None:
        body = [gast.copy_location(gast.Try(body, clone(guard.handlers), [], []), statement)]
    later = names_in([loop.target, *loop.body]) if guard is not None else set()
    later |= seen | getattr(statement, "later", names_in([loop.target, *loop.body]))
    rest = gast.Expr(gast.Tuple([name(key) for key in sorted(later)], gast.Load()))
    rest.only_seen = True
    return _without_rest(structured([*body, gast.copy_location(rest, statement)], fresh))


def _check_yields(at: Any, function: Function, node: gast.AST) -> None:
    """What the loop's body raises is not raised in the generator: no handler may stand around a ``yield``."""
    for part in own_nodes(function.body):
        if isinstance(part, gast.Try) and part.handlers and is_generator([*part.body]):
            raise at.refuse(
                "S109",
                "this generator yields inside of a `try` with handlers",
                "yield after the `try` statement",
                node,
            )


def _without_rest(body: list[gast.stmt]) -> list[gast.stmt]:
    """Statements without the one that stands for what comes after them."""
    for node in body:
        for block in blocks_of(node):
            if block:
                block[:] = _without_rest(block) or [gast.copy_location(gast.Pass(), node)]
    return [node for node in body if not hasattr(node, "only_seen")]


def outer_names(at: Any, function: Function, free: set[str], fresh: Callable[[str], str]) -> dict[str, str]:
    """What a function reads of its surroundings, for a body that stands elsewhere."""
    renamed: dict[str, str] = {}
    for key in sorted(free):
        shared = _shared(function.frame, key)
        if shared is not None:
            renamed[key] = fresh(key)
            at.frame.shared[renamed[key]] = shared
        elif (
            function.frame.lookup(key) is not None
            or key in function.frame.globals
            or key in _cells(function.frame)
        ):
            with at.inside(function.frame):
                value = at.visit(name(key))
            renamed[key] = fresh(key)
            at.frame.env[renamed[key]] = value
    return renamed


def _cells(frame: Frame | None) -> Any:
    while frame is not None:
        if frame.cells:
            return frame.cells
        frame = frame.parent
    return ()


def _shared(frame: Frame | None, key: str) -> str | None:
    while frame is not None:
        if key in frame.shared:
            return frame.shared[key]
        if key in frame.env:
            return None
        frame = frame.parent
    return None


def _one_item(
    loop: gast.For, value: gast.expr, counter: str | None, body: list[gast.stmt]
) -> list[gast.stmt]:
    """The loop's body for one item."""
    start: list[gast.stmt] = [gast.Assign([clone(loop.target)], value, None)]
    if counter is not None:
        pair = gast.Tuple(elts=[name(counter), value], ctx=gast.Load())
        step = gast.AugAssign(target=target(counter), op=gast.Add(), value=constant(1))
        start = [gast.Assign([clone(loop.target)], pair, None), step]
    return [*(gast.copy_location(part, loop) for part in start), *clone(body)]


def _leaving(body: list[gast.stmt]) -> list[gast.stmt]:
    """The loop's body, where `break` leaves the generator."""
    out: list[gast.stmt] = []
    for node in body:
        if isinstance(node, gast.Break):
            node = gast.copy_location(gast.Return(value=None), node)
        elif not isinstance(node, (gast.For, gast.While, gast.FunctionDef)):
            for block in blocks_of(node):
                block[:] = _leaving(block)
        out.append(node)
    return out


def _replaced(body: list[gast.stmt], item: Callable[[gast.expr], list[gast.stmt]]) -> list[gast.stmt]:
    """The generator's body with statements in place of each ``yield``."""
    out: list[gast.stmt] = []
    for node in body:
        if isinstance(node, gast.Expr) and isinstance(node.value, gast.Yield):
            out.extend(item(node.value.value or gast.Constant(None, None)))
            continue
        if isinstance(node, gast.Return):
            node.value = None
        elif not isinstance(node, gast.FunctionDef):
            for block in blocks_of(node):
                block[:] = _replaced(block, item)
        out.append(node)
    return out


__all__ = [
    "Generator",
    "check_ends",
    "counted",
    "expanded",
    "generator",
    "is_generator",
    "outer_names",
    "use",
]
