"""Several names assigned at once: one after the other, where no value reads a name that is assigned before it.

>>> from s2sad.syntax import show
>>> show("x, y = a + 1.0, x * b")
x, y = a + 1.0, x * b
>>> show("x, y = x + 1.0, a * b")
x = x + 1.0
y = a * b
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import names_in

TITLE = "several names at once, `a, b = c, d`"
NODES = (gast.Assign,)


def recognise(node: gast.Assign, to: Lowering) -> bool:
    if len(node.targets) != 1 or not isinstance(node.targets[0], gast.Tuple):
        return False
    targets, value = node.targets[0].elts, node.value
    if not isinstance(value, gast.Tuple) or len(value.elts) != len(targets):
        return False
    if not all(isinstance(target, gast.Name) for target in targets):
        return False
    if any(isinstance(item, gast.Starred) for item in value.elts):
        return False
    assigned: set[str] = set()
    for target, item in zip(targets, value.elts):
        if target.id in assigned | to.captured or names_in(item) & assigned:
            return False
        assigned.add(target.id)
    return True


def lower(node: gast.Assign, to: Lowering) -> None:
    for target, value in zip(node.targets[0].elts, node.value.elts):
        to.statement(gast.Assign(targets=[target], value=value, type_comment=None))
