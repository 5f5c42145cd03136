"""``del``: a name has no value any more, an item is popped.

>>> from s2sad.syntax import show
>>> show('''del y
... del p[0], d["k"]''')
y = None
p.pop(0)
d.pop("k")

That ``None`` is `DELETED`: the interpreter refuses whatever reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.build import DELETED

TITLE = "`del`"
NODES = (gast.Delete,)


def refuse(node: gast.Delete, parent: gast.AST | None) -> Iterator[Refusal]:
    for target in _targets(node):
        if isinstance(target, gast.Subscript) and isinstance(target.slice, (gast.Slice, gast.Tuple)):
            yield Refusal(target, "`del` of a slice is not supported", "Build the list of what stays.")
        elif not isinstance(target, (gast.Name, gast.Subscript)):
            yield Refusal(
                target, "`del` of an attribute is not supported", "Use local variables in the function."
            )


def lower(node: gast.Delete, to: Lowering) -> None:
    for target in _targets(node):
        if isinstance(target, gast.Name):
            stored = gast.Name(target.id, gast.Store(), None, None)
            to.statement(gast.copy_location(gast.Assign([stored], gast.Constant(DELETED, None), None), node))
        elif isinstance(target, gast.Subscript):
            pop = gast.Attribute(value=_loaded(target.value), attr="pop", ctx=gast.Load())
            call = gast.Call(func=pop, args=[target.slice], keywords=[])
            call.deletes = True  # what an object of a user's class does then is another method
            to.statement(gast.copy_location(gast.Expr(value=gast.copy_location(call, node)), node))


def _loaded(node: gast.expr) -> gast.expr:
    if hasattr(node, "ctx"):
        node.ctx = gast.Load()
    return node


def _targets(node: gast.Delete) -> list[gast.expr]:
    """The targets, a parenthesised group of them taken apart."""
    found: list[gast.expr] = []
    for target in node.targets:
        found.extend(target.elts if isinstance(target, (gast.Tuple, gast.List)) else [target])
    return found
