"""Chained comparisons stay, but become an ``and`` where an operand that may be skipped needs statements.

>>> from s2sad.syntax import show
>>> show("y = a < b < c")
y = a < b < c
>>> show("y = a < g(b) < (n := c)")
t = g(b)
t_1 = a < t
if t_1:
    n = c
    t_1 = t < n
y = t_1
"""

from __future__ import annotations

import gast

from s2sad.syntax import Lowering
from s2sad.tree.build import clone

TITLE = "comparison, chained too, `a < b < c`"
NODES = (gast.Compare,)


def recognise(node: gast.Compare, to: Lowering) -> bool:
    return any(to.hoists(value) for value in node.comparators[1:])


def lower(node: gast.Compare, to: Lowering) -> gast.expr:
    first = gast.copy_location(
        gast.Compare(left=node.left, ops=node.ops[:1], comparators=node.comparators[:1]), node
    )
    to.operands(first)
    middle = first.comparators[0]
    if not isinstance(middle, gast.Constant):
        middle = to.save(middle) if isinstance(first.left, (gast.Name, gast.Constant)) else _both(first, to)
    first.comparators = [middle]
    rest = gast.Compare(left=clone(middle), ops=node.ops[1:], comparators=node.comparators[1:])
    pair = gast.BoolOp(op=gast.And(), values=[first, gast.copy_location(rest, node)])
    return to.expression(gast.copy_location(pair, node))


def _both(first: gast.Compare, to: Lowering) -> gast.Name:
    """Save the left operand before the right one: that is the order in which Python evaluates them."""
    first.left = to.save(first.left)
    return to.save(first.comparators[0])
