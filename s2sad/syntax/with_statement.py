"""A ``with`` stays; several items become several statements, and a pattern after ``as`` is unpacked in the body.

``contextlib.suppress`` becomes a ``try``: the interpreter finds out whether it is that function.

>>> from s2sad.syntax import show
>>> show('''with np.errstate(divide="ignore"), quiet() as (a, b):
...     y = 1 / x''')
with np.errstate(divide="ignore"):
    with quiet() as t:
        a, b = t
        y = 1 / x
>>> show('''with suppress(ZeroDivisionError):
...     y = 1 / x''')
try:
    y = 1 / x
except suppress(ZeroDivisionError):
    pass
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.build import dotted, name, target
from s2sad.tree.place import at

TITLE = "`with`, of context managers that carry no derivative, and `with on_reverse(x) as x_bar`"
NODES = (gast.With,)


def recognise(node: gast.With, to: Lowering) -> bool:
    held = node.items[0].optional_vars
    if is_suppress(node.items[0]):
        return True
    return len(node.items) > 1 or not (held is None or isinstance(held, gast.Name))


def is_suppress(item: gast.withitem) -> bool:
    """Whether an item reads ``suppress(...)``."""
    call = item.context_expr
    plain = isinstance(call, gast.Call) and not call.keywords and item.optional_vars is None
    return plain and (dotted(call.func) or "").split(".")[-1] == "suppress"


def is_hook(item: gast.withitem) -> bool:
    """Whether an item reads ``on_reverse(...)``; what the name is, the interpreter finds out."""
    call = item.context_expr
    return isinstance(call, gast.Call) and (dotted(call.func) or "").split(".")[-1] == "on_reverse"


def refuse(node: gast.With, parent: gast.AST | None) -> Iterator[Refusal]:
    for item in node.items:
        if is_hook(item):
            yield from _leaving(node.body)
            if item.optional_vars is not None and not isinstance(item.optional_vars, gast.Name):
                yield Refusal(item.optional_vars, "a cotangent is unpacked here", "Give it a name.")


def _leaving(body: list[gast.stmt], loops: bool = False) -> Iterator[Refusal]:
    """Statements that would leave a body which runs in the reverse sweep."""
    for stmt in body:
        jumps = (gast.Return,) if loops else (gast.Return, gast.Break, gast.Continue)
        if isinstance(stmt, jumps):
            yield Refusal(stmt, "the body of `on_reverse` is left here", "Use if and else within it.")
        inside = loops or isinstance(stmt, (gast.For, gast.While))
        for part in ("body", "orelse"):
            if isinstance(getattr(stmt, part, None), list) and not isinstance(stmt, gast.FunctionDef):
                yield from _leaving(getattr(stmt, part), inside)


def lower(node: gast.With, to: Lowering) -> None:
    first, *rest = node.items
    body = node.body
    if rest:
        inner = gast.With(items=rest, body=body, type_comment=None)
        body = [gast.copy_location(inner, rest[0].context_expr)]
    if is_suppress(first):
        handler = gast.ExceptHandler(first.context_expr, None, [gast.Pass()])
        to.statement(gast.Try(body=body, handlers=[at(handler, first.context_expr)], orelse=[], finalbody=[]))
        return
    if not (first.optional_vars is None or isinstance(first.optional_vars, gast.Name)):
        held = to.fresh("t")
        unpack = gast.Assign(targets=[first.optional_vars], value=name(held), type_comment=None)
        body = [at(unpack, first.optional_vars), *body]
        first.optional_vars = target(held)
    to.statement(gast.With(items=[first], body=body, type_comment=None))
