"""Set comprehensions: a set of the items of a list; sets have no order, so they carry no derivative.

>>> from s2sad.syntax import show
>>> show("y = {g(k) for k in x}")
t = []
for k in x:
    t.append(g(k))
y = set(t)
"""

from __future__ import annotations

from collections.abc import Iterable

import gast

from s2sad.syntax import Lowering, Refusal, _comprehension
from s2sad.syntax.list_comprehension import append
from s2sad.tree.build import call

TITLE = "set comprehension"
NODES = (gast.SetComp,)
HOISTS = (gast.SetComp,)


def refuse(node: gast.SetComp, parent: gast.AST | None) -> Iterable[Refusal]:
    return _comprehension.refuse(node, parent)


def lower(node: gast.SetComp, to: Lowering) -> gast.expr:
    return call("set", _comprehension.collect(node, gast.List(elts=[], ctx=gast.Load()), append, to))
