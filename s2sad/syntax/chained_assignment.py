"""Chained assignment: one assignment per target, from left to right.

>>> from s2sad.syntax import show
>>> show("a = b = g(1)")
a = g(1)
b = a
>>> show("a = b = 0.0")
a = 0.0
b = 0.0
>>> show("a[0] = b = g(1)")
t = g(1)
a[0] = t
b = t
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import clone, name
from s2sad.tree.scopes import stored

TITLE = "chained assignment, `a = b = e`"
NODES = (gast.Assign,)


def recognise(node: gast.Assign, to: Lowering) -> bool:
    return len(node.targets) > 1


def lower(node: gast.Assign, to: Lowering) -> None:
    value, targets = to.expression(node.value), node.targets
    if not _is_lasting(value, stored(targets)):
        first = targets[0]
        if isinstance(first, gast.Name) and first.id not in stored(targets[1:]):
            to.statement(_assignment(first, value))
            value, targets = name(first.id), targets[1:]
        else:
            value = to.save(value)
    for target in targets:
        to.statement(_assignment(target, clone(value)))


def _is_lasting(value: gast.expr, assigned: set[str]) -> bool:
    """Whether the value can be written once per target."""
    return isinstance(value, gast.Constant) or (isinstance(value, gast.Name) and value.id not in assigned)


def _assignment(target: gast.expr, value: gast.expr) -> gast.Assign:
    return gast.Assign(targets=[target], value=value, type_comment=None)
