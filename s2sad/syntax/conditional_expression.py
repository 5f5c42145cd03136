"""Conditional expressions stay, but become an ``if`` where a branch needs statements of its own.

>>> from s2sad.syntax import show
>>> show("y = a if c else b")
y = a if c else b
>>> show("y = (n := 1) if c else b")
if c:
    n = 1
    t = n
else:
    t = b
y = t
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import name

TITLE = "conditional expression, `a if c else b`"
NODES = (gast.IfExp,)


def recognise(node: gast.IfExp, to: Lowering) -> bool:
    return to.hoists(node.body) or to.hoists(node.orelse)


def lower(node: gast.IfExp, to: Lowering) -> gast.expr:
    test, temporary = to.expression(node.test), to.fresh("t")
    body, orelse = (to.computing(temporary, branch) for branch in (node.body, node.orelse))
    to.emit(gast.If(test=test, body=body, orelse=orelse))
    return name(temporary)
