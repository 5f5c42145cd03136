"""The ``else`` of a loop follows it, behind a flag if the loop has a ``break``.

>>> from s2sad.syntax import show
>>> show('''for v in x:
...     if v > 1:
...         break
... else:
...     v = 0''')
broken = False
for v in x:
    if v > 1:
        broken = True
        break
if not broken:
    v = 0
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import assign, constant, name
from s2sad.tree.place import at

TITLE = "`else` on a loop"
NODES = (gast.For, gast.While)


def recognise(node: gast.For | gast.While, to: Lowering) -> bool:
    return bool(node.orelse)


def lower(node: gast.For | gast.While, to: Lowering) -> None:
    orelse, node.orelse = node.orelse, []
    if not _breaks(node.body):
        for stmt in (node, *orelse):
            to.statement(stmt)
        return
    flag = to.fresh("broken")
    to.emit(assign(flag, constant(False)))
    node.body = _flagged(node.body, flag)
    to.statement(node)
    unbroken = gast.UnaryOp(op=gast.Not(), operand=name(flag))
    to.statement(at(gast.If(test=unbroken, body=orelse, orelse=[]), orelse[0]))


def _breaks(stmts: list[gast.stmt]) -> bool:
    return any(isinstance(stmt, gast.Break) or any(map(_breaks, _blocks(stmt))) for stmt in stmts)


def _blocks(stmt: gast.stmt) -> list[list[gast.stmt]]:
    """The blocks of a statement in which a ``break`` leaves the loop around it."""
    if isinstance(stmt, (gast.For, gast.While)):
        return [stmt.orelse]
    if isinstance(stmt, gast.If):
        return [stmt.body, stmt.orelse]
    if isinstance(stmt, gast.Try):
        return [stmt.body, *(handler.body for handler in stmt.handlers), stmt.orelse, stmt.finalbody]
    return [stmt.body] if isinstance(stmt, gast.With) else []


def _flagged(stmts: list[gast.stmt], flag: str) -> list[gast.stmt]:
    """Set the flag before every ``break``."""
    out: list[gast.stmt] = []
    for stmt in stmts:
        if isinstance(stmt, gast.Break):
            out.append(at(assign(flag, constant(True)), stmt))
        for block in _blocks(stmt):
            block[:] = _flagged(block, flag)
        out.append(stmt)
    return out
