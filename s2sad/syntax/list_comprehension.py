"""List comprehensions: a loop that appends; its variables stay inside.

>>> from s2sad.syntax import show
>>> show("y = [a * b for a in x if a > 0 for b in a]")
y = []
for a in x:
    if a > 0:
        for b in a:
            y.append(a * b)
>>> show('''x = 1.0
... y = g([x for x in range(3)])''')
x = 1.0
t = []
for x_1 in range(3):
    t.append(x_1)
y = g(t)
"""

from __future__ import annotations

from collections.abc import Iterable

import gast

from s2sad.syntax import Lowering, Refusal, _comprehension
from s2sad.tree.build import call, name

TITLE = "list comprehension"
NODES = (gast.ListComp, gast.Assign)
HOISTS = (gast.ListComp,)


def recognise(node: gast.AST, to: Lowering) -> bool:
    if isinstance(node, gast.ListComp):
        return True
    only = len(node.targets) == 1 and isinstance(node.value, gast.ListComp)
    return only and _comprehension.may_fill(node.targets[0], node.value, to)


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterable[Refusal]:
    return _comprehension.refuse(node, parent) if isinstance(node, gast.ListComp) else ()


def lower(node: gast.AST, to: Lowering) -> gast.expr:
    into = node.targets[0].id if isinstance(node, gast.Assign) else None
    value = node.value if into else node
    return _comprehension.collect(value, gast.List(elts=[], ctx=gast.Load()), append, to, into)


def append(container: str, part: gast.expr) -> list[gast.stmt]:
    """Append the element to the container."""
    method = gast.Attribute(value=name(container), attr="append", ctx=gast.Load())
    return [gast.copy_location(gast.Expr(value=call(method, part.elt)), part.elt)]
