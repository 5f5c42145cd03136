"""A lambda stays, but becomes a ``def`` where its body needs statements.

>>> from s2sad.syntax import show
>>> show("g = lambda v: v * v")
g = lambda v: v * v
>>> show("g = lambda v: sum(a * a for a in v)")
def function(v):
    t = []
    for a in v:
        t.append(a * a)
    return sum(t)
g = function
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import name

TITLE = "`lambda`"
NODES = (gast.Lambda,)


def recognise(node: gast.Lambda, to: Lowering) -> bool:
    return to.hoists(node.body)


def lower(node: gast.Lambda, to: Lowering) -> gast.expr:
    to.operands(node)
    identifier = to.fresh("function")
    definition = gast.FunctionDef(
        name=identifier, args=node.args, body=[gast.copy_location(gast.Return(value=node.body), node.body)],
        decorator_list=[], returns=None, type_comment=None, type_params=[],
    )  # fmt: skip
    to.emit(to.function(gast.copy_location(definition, node)))
    return name(identifier)
