"""``next`` of a generator expression stops at the first item.

>>> from s2sad.syntax import show
>>> show("y = next((a * a for a in x if a > 1), 0.0)")
found = False
for a in x:
    if a > 1:
        found = True
        t = a * a
        break
if not found:
    t = 0.0
y = t
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering, _comprehension
from s2sad.tree.build import assign, call, constant, name

TITLE = "`next` of a generator expression"
NODES = (gast.Call,)


def recognise(node: gast.Call, to: Lowering) -> bool:
    if not isinstance(node.func, gast.Name) or node.func.id != "next" or "next" in to.bound or node.keywords:
        return False
    return len(node.args) in (1, 2) and isinstance(node.args[0], gast.GeneratorExp)


def lower(node: gast.Call, to: Lowering) -> gast.expr:
    generator, *default = node.args
    found, temporary = to.fresh("found"), to.fresh("t")
    to.emit(assign(found, constant(False)))

    def take(part: gast.GeneratorExp) -> list[gast.stmt]:
        return [assign(found, constant(True)), assign(temporary, part.elt), gast.Break()]

    def leave(part: gast.GeneratorExp) -> list[gast.stmt]:
        return [gast.If(test=name(found), body=[gast.Break()], orelse=[])]

    _comprehension.loop(generator, take, to, after=leave)
    missing: list[gast.stmt] = [gast.Raise(exc=call("StopIteration"), cause=None)]
    if default:
        missing = to.computing(temporary, default[0])
    to.emit(gast.If(test=gast.UnaryOp(op=gast.Not(), operand=name(found)), body=missing, orelse=[]))
    return name(temporary)
