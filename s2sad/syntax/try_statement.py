"""``try`` stays; its ``finally`` is written after it, and in a handler that raises again.

>>> from s2sad.syntax import show
>>> show('''try:
...     y = 1 / x
... except (ZeroDivisionError, ValueError) as error:
...     y = 0.0
... else:
...     y = y + 1.0''')
try:
    y = 1 / x
except (ZeroDivisionError, ValueError) as error:
    y = 0.0
else:
    y = y + 1.0
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Refusal

TITLE = "`try`, `except`, `else`, `finally`"
NODES = (gast.Try, gast.ExceptHandler, gast.TryStar)


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if isinstance(node, gast.TryStar):
        message = (
            "`except*` is not supported: which handlers run is not known before the group of exceptions is"
        )
        yield Refusal(node, message, "Use `except`.")
    elif isinstance(node, gast.Try):
        for part in _exits(node.finalbody):
            message = f"`{type(part).__name__.lower()}` in a `finally` is not supported: it would swallow exceptions"
            yield Refusal(part, message, "Leave after the `try` statement.")


def _exits(body: list[gast.stmt]) -> Iterator[gast.stmt]:
    """What leaves a block other than by its end."""
    for node in body:
        if isinstance(node, (gast.Return, gast.Break, gast.Continue)):
            yield node
        elif isinstance(node, (gast.For, gast.While)):
            yield from (part for part in _exits([*node.body, *node.orelse]) if isinstance(part, gast.Return))
        elif not isinstance(node, (gast.FunctionDef, gast.ClassDef)):
            for key in ("body", "orelse", "finalbody"):
                yield from _exits(getattr(node, key, None) or [])
            for handler in getattr(node, "handlers", ()):
                yield from _exits(handler.body)
