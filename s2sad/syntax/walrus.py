"""Assignment expressions: the assignment comes before; what Python evaluates earlier still is.

>>> from s2sad.syntax import show
>>> show("y = (n := g(1)) + n")
n = g(1)
y = n + n
>>> show("y = g(1) + (n := 2)")
t = g(1)
n = 2
y = t + n
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import assign, name

TITLE = "assignment expression, `(n := e)`"
NODES = (gast.NamedExpr,)
HOISTS = (gast.NamedExpr,)


def lower(node: gast.NamedExpr, to: Lowering) -> gast.expr:
    to.statement(gast.copy_location(assign(node.target.id, node.value), node))
    return name(node.target.id)
