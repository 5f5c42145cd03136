"""A ``with`` that names nothing stays, and so does ``on_reverse``; several items become several statements.

>>> from s2sad.syntax import show
>>> show('''with np.errstate(divide="ignore"), quiet():
...     y = 1 / x''')
with np.errstate(divide="ignore"):
    with quiet():
        y = 1 / x
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.build import dotted

TITLE = "`with np.errstate(...)`, `with on_reverse(x) as x_bar`"
NODES = (gast.With,)


def recognise(node: gast.With, to: Lowering) -> bool:
    return len(node.items) > 1


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
        elif item.optional_vars is not None:
            message = "`with ... as ...` is not supported: what it opens carries no derivative"
            yield Refusal(item.optional_vars, message, "Open it outside the function, and pass what is read.")


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
    inner = gast.copy_location(gast.With(items=rest, body=node.body, type_comment=None), rest[0].context_expr)
    to.statement(gast.With(items=[first], body=[inner], type_comment=None))
