"""Generator functions stay; ``yield from`` becomes a loop of ``yield``.

>>> from s2sad.syntax import show
>>> show('''def g(x):
...     yield 1.0
...     yield from x''')
def g(x):
    (yield 1.0)
    for t in x:
        (yield t)
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.build import name, target

TITLE = "generator function that is used up inside the function: `yield`, `yield from`"
NODES = (gast.Yield, gast.YieldFrom, gast.Expr)


def recognise(node: gast.AST, to: Lowering) -> bool:
    return isinstance(node, gast.Expr) and isinstance(node.value, gast.YieldFrom)


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if isinstance(node, (gast.Yield, gast.YieldFrom)) and not isinstance(parent, gast.Expr):
        message = "the value of a `yield` is not supported: nothing is sent into the generator"
        yield Refusal(node, message, "Make the `yield` a statement of its own.")


def lower(node: gast.Expr, to: Lowering) -> None:
    item = to.fresh("t")
    step = gast.Expr(value=gast.Yield(value=name(item)))
    to.statement(
        gast.For(target=target(item), iter=node.value.value, body=[step], orelse=[], type_comment=None)
    )
