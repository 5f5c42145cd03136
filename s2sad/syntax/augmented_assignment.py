"""Augmented assignment stays; Python reads the target before it evaluates the right side.

>>> from s2sad.syntax import show
>>> show("a[i] += sum(v for v in b)")
t = []
for v in b:
    t.append(v)
a[i] += sum(t)
>>> show("s += (s := 2.0)")
t = s
s = 2.0
t += s
s = t
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import assign, clone, name, target
from s2sad.tree.parts import nodes

TITLE = "augmented assignment, `a += e`, `a[i] += e`"
NODES = (gast.AugAssign,)


def recognise(node: gast.AugAssign, to: Lowering) -> bool:
    return to.hoists(node.value) and _may_change(node)


def _may_change(node: gast.AugAssign) -> bool:
    """Whether the right side may write to what the left side has read."""
    root = node.target
    while isinstance(root, (gast.Subscript, gast.Attribute)):
        root = root.value
    if not isinstance(root, gast.Name):
        return True
    return any(_may_write(inner, root.id) for inner in nodes(node.value))


def _may_write(node: gast.AST, identifier: str) -> bool:
    if isinstance(node, gast.NamedExpr):
        return node.target.id == identifier
    if not isinstance(node, gast.Call):
        return False
    receiver = [node.func.value] if isinstance(node.func, gast.Attribute) else []
    handed = [*receiver, *node.args, *(keyword.value for keyword in node.keywords)]
    quiet = isinstance(node.func, gast.Name) and node.func.id in ("len", "range", "enumerate", "zip")
    return not quiet and any(isinstance(part, gast.Name) and part.id == identifier for part in handed)


def lower(node: gast.AugAssign, to: Lowering) -> None:
    temporary = to.fresh("t")
    read = clone(node.target)
    read.ctx = gast.Load()
    holder = gast.Assign(targets=[node.target], value=read, type_comment=None)
    if isinstance(node.target, gast.Subscript):
        _keep_place(node.target, to)
        read = clone(node.target)
        read.ctx = gast.Load()
    to.emit(assign(temporary, read))
    value = to.expression(node.value)
    to.emit(gast.AugAssign(target=target(temporary), op=node.op, value=value))
    holder.value = name(temporary)
    to.emit(holder)


def _keep_place(place: gast.Subscript, to: Lowering) -> None:
    """The container and the index are evaluated once."""
    if not isinstance(place.value, gast.Name):
        place.value = to.save(to.expression(place.value))
    if not isinstance(place.slice, (gast.Constant, gast.Slice, gast.Tuple)):
        place.slice = to.save(to.expression(place.slice))
