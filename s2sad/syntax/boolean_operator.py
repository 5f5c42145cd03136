"""``and`` and ``or`` stay, but become an ``if`` where an operand after the first needs statements of its own.

>>> from s2sad.syntax import show
>>> show("y = a and b and (n := g(1)) and c")
t = a and b
if t:
    n = g(1)
    t = n and c
y = t
>>> show("y = a or (n := g(1))")
t = a
if not t:
    n = g(1)
    t = n
y = t
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import assign, name

TITLE = "`and`, `or`, `not`"
NODES = (gast.BoolOp,)


def recognise(node: gast.BoolOp, to: Lowering) -> bool:
    return any(to.hoists(value) for value in node.values[1:])


def lower(node: gast.BoolOp, to: Lowering) -> gast.expr:
    cut = next(k for k, value in enumerate(node.values) if k and to.hoists(value))
    temporary = to.fresh("t")
    to.emit(assign(temporary, to.expression(_joined(node, node.values[:cut]))))
    test: gast.expr = name(temporary)
    if isinstance(node.op, gast.Or):
        test = gast.UnaryOp(op=gast.Not(), operand=test)
    to.emit(gast.If(test=test, body=to.computing(temporary, _joined(node, node.values[cut:])), orelse=[]))
    return name(temporary)


def _joined(node: gast.BoolOp, values: list[gast.expr]) -> gast.expr:
    if len(values) == 1:
        return values[0]
    return gast.copy_location(gast.BoolOp(op=node.op, values=values), node)
