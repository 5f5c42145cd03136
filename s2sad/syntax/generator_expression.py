"""Generator expressions, as the argument of a function that uses all of them: a list is built in a loop.

>>> from s2sad.syntax import show
>>> show("y = sum(a * a for a in x)")
t = []
for a in x:
    t.append(a * a)
y = sum(t)
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal, _comprehension
from s2sad.syntax.list_comprehension import append
from s2sad.tree.build import dotted

TITLE = (
    "generator expression inside `sum`, `max`, `min`, `any`, `all`, `list`, `tuple`, `sorted`, `dict`, `join`"
)
NODES = (gast.GeneratorExp,)
HOISTS = (gast.GeneratorExp,)

CONSUMERS = {"sum", "max", "min", "any", "all", "list", "tuple", "sorted", "dict", "set", "fsum"}
CONSUMERS |= {"math.fsum", "math.prod"}


def refuse(node: gast.GeneratorExp, parent: gast.AST | None) -> Iterator[Refusal]:
    yield from _comprehension.refuse(node, parent)
    if not _is_consumed(node, parent):
        message = (
            "a generator expression is supported only as the argument of sum, max, min, any, all, list, "
        )
        yield Refusal(
            node, message + "tuple, sorted or dict", "Write a list comprehension: `[... for ... in ...]`."
        )


def _is_consumed(node: gast.GeneratorExp, parent: gast.AST | None) -> bool:
    if isinstance(parent, gast.Starred):
        return True
    if not isinstance(parent, gast.Call) or not parent.args or parent.args[0] is not node:
        return False
    joins = isinstance(parent.func, gast.Attribute) and parent.func.attr == "join"
    return joins or dotted(parent.func) in CONSUMERS


def lower(node: gast.GeneratorExp, to: Lowering) -> gast.expr:
    return _comprehension.collect(node, gast.List(elts=[], ctx=gast.Load()), append, to)
