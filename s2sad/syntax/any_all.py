"""``any`` and ``all`` of a generator expression stop at the first element that decides.

>>> from s2sad.syntax import show
>>> show("y = any(a > 1 for a in x)")
t = False
for a in x:
    if a > 1:
        t = True
        break
y = t
>>> show("y = all(a > 1 for b in x for a in b)")
t = True
for b in x:
    for a in b:
        if not a > 1:
            t = False
            break
    if not t:
        break
y = t
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering, _comprehension
from s2sad.tree.build import assign, constant, name

TITLE = "`any` and `all` of a generator expression"
NODES = (gast.Call,)


def recognise(node: gast.Call, to: Lowering) -> bool:
    if not isinstance(node.func, gast.Name) or len(node.args) != 1 or node.keywords:
        return False
    if node.func.id not in ("any", "all") or node.func.id in to.bound:
        return False
    return isinstance(node.args[0], gast.GeneratorExp)


def lower(node: gast.Call, to: Lowering) -> gast.expr:
    decisive, temporary = node.func.id == "any", to.fresh("t")
    to.emit(assign(temporary, constant(not decisive)))

    def decide(part: gast.GeneratorExp) -> list[gast.stmt]:
        body = [assign(temporary, constant(decisive)), gast.Break()]
        return [gast.copy_location(gast.If(test=_when(part.elt, decisive), body=body, orelse=[]), part.elt)]

    def leave(part: gast.GeneratorExp) -> list[gast.stmt]:
        return [gast.If(test=_when(name(temporary), decisive), body=[gast.Break()], orelse=[])]

    _comprehension.loop(node.args[0], decide, to, after=leave)
    return name(temporary)


def _when(test: gast.expr, true: bool) -> gast.expr:
    return test if true else gast.copy_location(gast.UnaryOp(op=gast.Not(), operand=test), test)
