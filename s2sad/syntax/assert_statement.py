"""``assert`` stays; its message is evaluated only where it fails.

>>> from s2sad.syntax import show
>>> show("assert x > 0, ', '.join(str(v) for v in y)")
if not x > 0:
    t = []
    for v in y:
        t.append(str(v))
    assert False, ", ".join(t)
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import constant

TITLE = "`assert`"
NODES = (gast.Assert,)


def recognise(node: gast.Assert, to: Lowering) -> bool:
    certain = isinstance(node.test, gast.Constant)  # the one that is left in the branch
    return not certain and node.msg is not None and to.hoists(node.msg)


def lower(node: gast.Assert, to: Lowering) -> None:
    failed = gast.UnaryOp(op=gast.Not(), operand=node.test)
    body = [gast.Assert(test=constant(False), msg=node.msg)]
    to.statement(gast.If(test=failed, body=body, orelse=[]))
