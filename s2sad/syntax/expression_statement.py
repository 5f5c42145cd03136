"""Expression statements: calls stay; docstrings, constants and names do nothing and go.

>>> from s2sad.syntax import show
>>> show('''"A docstring."
... print("x")
... ...''')
print("x")
>>> show("[print(v) for v in x if v]")
for v in x:
    if v:
        print(v)
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.syntax._comprehension import loop

TITLE = "expression statement and docstring"
NODES = (gast.Expr,)


def recognise(node: gast.Expr, to: Lowering) -> bool:
    return not isinstance(node.value, gast.YieldFrom)


def lower(node: gast.Expr, to: Lowering) -> None:
    if isinstance(node.value, gast.ListComp):
        loop(node.value, lambda part: [gast.Expr(value=part.elt)], to)
        return
    to.operands(node)
    if not isinstance(node.value, (gast.Constant, gast.Name)):
        to.emit(node)
