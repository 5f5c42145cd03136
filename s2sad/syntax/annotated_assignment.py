"""Annotated assignment: the annotation of a local variable is not evaluated, so it is dropped.

>>> from s2sad.syntax import show
>>> show("y: float = 2.0")
y = 2.0
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering

TITLE = "annotated assignment, `x: float = e`"
NODES = (gast.AnnAssign,)


def lower(node: gast.AnnAssign, to: Lowering) -> None:
    if node.value is not None:
        to.statement(gast.Assign(targets=[node.target], value=node.value, type_comment=None))
