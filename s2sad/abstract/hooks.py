"""``with on_reverse(x) as x_bar:`` for the interpreter: a mark in core, and beside it the body, in core too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gast

from s2sad.abstract.values import Value
from s2sad.names import base
from s2sad.runtime.hooks import on_reverse
from s2sad.signature import Array, Scalar, without_value
from s2sad.tree.build import call, clone, constant, dotted, name, names_in
from s2sad.tree.parts import nodes


@dataclass(frozen=True, eq=False)
class Hook:
    """The body of one ``with on_reverse(...)``.

    Attributes
    ----------
    pairs : tuple of tuple of str
        For each variable: its name in core, the name of its cotangent, and the name that this has after the body.
    body : list of gast.stmt
        Core statements.
    written : frozenset of str
        The cotangents that the body changes in place.
    """

    pairs: tuple[tuple[str, str, str], ...]
    body: list[gast.stmt]
    written: frozenset[str]


def hook_of(statement: gast.AST, objects: Any) -> int | None:
    """The number of the hook that a statement of core marks; None for any other statement."""
    node = statement.value if isinstance(statement, gast.Expr) else None
    if not isinstance(node, gast.Call) or objects.get(dotted(node.func) or "") is not on_reverse:
        return None
    return node.args[0].value  # type: ignore[no-any-return]


def run_hook(at: Any, statement: gast.With) -> bool:
    """Interpret the body, whose values are cotangents, for the reverse sweep; False where this is no hook."""
    chain, body = _chain(at, statement)
    if not chain:
        return False
    watched: list[Any] = [_watched(at, item) for item in chain]
    if not all(value.varied for value in watched) or at.passive:
        return True
    before = at.snapshot()
    out: list[gast.stmt] = []
    with at.passively(), at.emitting_into(out):
        starts: list[Any] = [_start(at, item, value) for item, value in zip(chain, watched)]
        at.run(body)
        ends = [at.whole(at.atom(_end(at, item, start))) for item, start in zip(chain, starts)]
    at.restore(before)
    own = _defined(out) | {start.node.id for start in starts}
    written = _written(out)
    if not written <= own:
        raise at.refuse(
            "S108", "the body of on_reverse changes an array of the function's in place",
            "copy it (`.copy()`), or change the cotangent only", statement,
        )  # fmt: skip
    triples = zip(watched, starts, ends)
    pairs = tuple((value.node.id, start.node.id, end.id) for value, start, end in triples)
    at.hooks.append(Hook(pairs, out, frozenset(written)))
    reads = sorted(names_in(out) & set(at.types) - own)
    mark = call(at.object_node(on_reverse), constant(len(at.hooks) - 1), *(clone(v.node) for v in watched))
    mark.args += [name(key) for key in reads]
    at.emit(gast.Expr(value=mark))
    return True


def _chain(at: Any, statement: gast.With) -> tuple[list[gast.withitem], list[gast.stmt]]:
    """The items of hooks that stand directly in each other, and the innermost body."""
    (item,) = statement.items
    func = item.context_expr.func if isinstance(item.context_expr, gast.Call) else None
    if func is None or dotted(func) is None or at.visit(func).known is not on_reverse:
        return [], []
    if len(statement.body) == 1 and isinstance(statement.body[0], gast.With):
        more, body = _chain(at, statement.body[0])
        if more:
            return [item, *more], body
    return [item], statement.body


def _watched(at: Any, item: gast.withitem) -> Value:
    call_ = item.context_expr
    if len(call_.args) != 1 or call_.keywords or not isinstance(call_.args[0], gast.Name):
        raise at.refuse(
            "S109", "on_reverse of something other than a variable", "give it a name first", call_
        )
    value: Value = at.present(at.visit(call_.args[0]))
    if not value.varied:
        return value
    if value.items is not None or not isinstance(value.type, (Scalar, Array)):
        raise at.refuse(
            "S109", "on_reverse of a container", "name the number or the array in it that is meant", call_
        )
    return at.atom(value)  # type: ignore[no-any-return]


def _start(at: Any, item: gast.withitem, value: Value) -> Value:
    """The cotangent as the body finds it."""
    wanted = item.optional_vars.id if item.optional_vars is not None else f"{base(value.node.id)}_bar"  # type: ignore[union-attr]
    new = at.fresh(wanted)
    site = ("cotangent", new)
    sites = frozenset([site]) if isinstance(value.type, Array) else frozenset()
    start = at.named(new, Value(without_value(value.type), None, sites=sites, origin=site))
    at.frame.env[wanted] = start
    return start  # type: ignore[no-any-return]


def _end(at: Any, item: gast.withitem, start: Value) -> Value:
    """The cotangent as the body leaves it."""
    if item.optional_vars is None:
        return start
    value: Value = at.frame.env[item.optional_vars.id]
    known = value.type
    fits = isinstance(known, (Scalar, Array)) and (known.shape is None or start.type.shape is None or (  # type: ignore[attr-defined]
        len(known.shape) == len(start.type.shape)  # type: ignore[attr-defined]
    ))  # fmt: skip
    if not fits:
        raise at.refuse(
            "S204", "the body of on_reverse leaves a cotangent of another kind or rank",
            "give it the shape that the variable has", item.optional_vars,
        )  # fmt: skip
    return (
        value
        if value.node is not None and not isinstance(value.node, gast.Constant)
        else at.bind(value.node, value)
    )  # type: ignore[no-any-return]


def _defined(statements: list[gast.stmt]) -> set[str]:
    return {
        part.id
        for statement in statements
        for part in nodes(statement)
        if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store)
    }


def _written(statements: list[gast.stmt]) -> set[str]:
    """Names whose memory is written in place."""
    return {
        part.value.id
        for statement in statements
        for part in nodes(statement)
        if isinstance(part, gast.Subscript)
        and isinstance(part.ctx, gast.Store)
        and isinstance(part.value, gast.Name)
    }
