"""``global`` of names that are only read goes: every name that is not assigned is one of the module.

>>> from s2sad.syntax import show
>>> show('''global rate
... y = rate * x''')
y = rate * x
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.parts import nodes

TITLE = "`global`, of names that are read"
NODES = (gast.Global,)


def refuse(node: gast.Global, parent: gast.AST | None) -> Iterator[Refusal]:
    written = _written(parent, set(node.names))
    if written:
        message = f"`{written}` is a global variable, and assigned: a derivative has no place for that"
        yield Refusal(node, message, "Pass the value as an argument, and return the new one.")


def _written(parent: gast.AST | None, names: set[str]) -> str | None:
    """One of the names that the statements around the declaration assign."""
    if parent is None:
        return None
    for part in nodes(parent):
        if isinstance(part, gast.Name) and isinstance(part.ctx, (gast.Store, gast.Del)) and part.id in names:
            return part.id
        if isinstance(part, gast.FunctionDef) and part is not parent and part.name in names:
            return part.name
    return None


def lower(node: gast.Global, to: Lowering) -> None:
    """It leaves nothing."""
