"""Dict comprehensions: a loop of stores; its variables stay inside.

>>> from s2sad.syntax import show
>>> show("y = {k: g(k) for k in x}")
y = {}
for k in x:
    y[k] = g(k)
>>> show("y = {h(k): g(k) for k in x}")
y = {}
for k in x:
    t = h(k)
    y[t] = g(k)
"""

from __future__ import annotations

from collections.abc import Iterable

import gast

from s2sad.syntax import Lowering, Refusal, _comprehension
from s2sad.tree.build import name, subscript

TITLE = "dict comprehension"
NODES = (gast.DictComp, gast.Assign)
HOISTS = (gast.DictComp,)


def recognise(node: gast.AST, to: Lowering) -> bool:
    if isinstance(node, gast.DictComp):
        return True
    only = len(node.targets) == 1 and isinstance(node.value, gast.DictComp)
    return only and _comprehension.may_fill(node.targets[0], node.value, to)


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterable[Refusal]:
    return _comprehension.refuse(node, parent) if isinstance(node, gast.DictComp) else ()


def lower(node: gast.AST, to: Lowering) -> gast.expr:
    into = node.targets[0].id if isinstance(node, gast.Assign) else None

    def store(container: str, part: gast.DictComp) -> list[gast.stmt]:
        return _store(container, part, to)

    value = node.value if into else node
    return _comprehension.collect(value, gast.Dict(keys=[], values=[]), store, to, into)


def _store(container: str, part: gast.DictComp, to: Lowering) -> list[gast.stmt]:
    """Python evaluates the key before the value, but the value of an assignment before its target."""
    key, stmts = part.key, []
    if not isinstance(key, (gast.Name, gast.Constant)) or to.hoists(part.value):
        temporary = to.fresh("t")
        stmts.append(_assign(gast.Name(temporary, gast.Store(), None, None), key))
        key = name(temporary)
    stmts.append(_assign(subscript(name(container), key, store=True), part.value))
    return [gast.copy_location(stmt, part.key) for stmt in stmts]


def _assign(target: gast.expr, value: gast.expr) -> gast.Assign:
    return gast.Assign(targets=[target], value=value, type_comment=None)
