"""A ``while`` test that needs statements is evaluated at the top of the body.

>>> from s2sad.syntax import show
>>> show('''while (r := g(x)) > 1 and x < 9:
...     x = x + r''')
while True:
    r = g(x)
    if not (r > 1 and x < 9):
        break
    x = x + r
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import constant
from s2sad.tree.place import at

TITLE = "`while`"
NODES = (gast.While,)


def recognise(node: gast.While, to: Lowering) -> bool:
    return not node.orelse and to.hoists(node.test)


def lower(node: gast.While, to: Lowering) -> None:
    leave = at(gast.If(test=_opposite(node.test), body=[gast.Break()], orelse=[]), node.test)
    body = [leave, *node.body]
    to.statement(gast.While(test=constant(True), body=body, orelse=[]))


def _opposite(test: gast.expr) -> gast.expr:
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    return gast.UnaryOp(op=gast.Not(), operand=test)
