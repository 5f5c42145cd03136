"""Whether a statement can be reached before a name is assigned: structured, one walk, iterations are not told apart.

What is assigned under a flag is assigned wherever the flag is found the same again.

>>> import gast
>>> body = gast.parse('''
... if n > 1:
...     m = a
... if n > 2:
...     k = m
... if taken:
...     m = a
... if taken:
...     k = m
... m = b
... k = m''').body
>>> [may_be_unassigned(body, "m", node) for node in (body[1].body[0], body[3].body[0], body[5])]
[True, False, False]
"""

from __future__ import annotations

from collections.abc import Sequence

import gast

from s2sad.tree.dataflow import binds, blocks, bound_within

Conditions = frozenset[tuple[str, bool]]
"""Flags, and what each is wherever the name is known to be assigned."""

LEAVING = (gast.Break, gast.Continue, gast.Raise, gast.Return)
NEVER: Conditions = frozenset()


def may_be_unassigned(body: Sequence[gast.stmt], name: str, statement: gast.stmt) -> bool:
    """Whether some path to a statement of the body passes no assignment to the name."""
    follower = _Follower(name, statement)
    follower.follow(body, NEVER)
    return follower.is_reached


class _Follower:
    """Follows the paths of a body; what is known before a statement is None where the name is assigned."""

    def __init__(self, name: str, statement: gast.stmt) -> None:
        self.name, self.statement = name, statement
        self.is_reached = False

    def follow(self, body: Sequence[gast.stmt], known: Conditions | None) -> Conditions | None:
        """What is known after a body."""
        for node in body:
            if known is None:
                return None
            self.is_reached |= node is self.statement
            if isinstance(node, LEAVING):
                return None  # nothing comes after
            known = self._after(node, known)
        return known

    def _after(self, node: gast.stmt, known: Conditions) -> Conditions | None:
        bound = set(binds(node))
        if isinstance(node, gast.If):
            return self._after_if(node, known)
        if isinstance(node, (gast.For, gast.While)):
            known = _without(known, bound | bound_within(node.body))
            self.follow(node.body, None if self.name in bound else known)
            return known
        if self.name in bound:  # by a handler too: where an error was caught, it is asked for afterwards
            return None
        known = _without(known, bound)
        inner = blocks(node)
        return self.follow(inner[0], known) if inner else known

    def _after_if(self, node: gast.If, known: Conditions) -> Conditions | None:
        flag = _flag(node.test)
        ends = []
        for block, is_taken in ((node.body, True), (node.orelse, False)):
            test = flag and (flag[0], flag[1] == is_taken)
            ends.append((test, self.follow(block, None if test in known else known)))
        left = [end for _, end in ends if end is not None]
        if not left:
            return None
        bound = bound_within([node])
        assigned = {test for test, end in ends if end is None and test and test[0] not in bound}
        return frozenset.intersection(*left) | assigned


def _without(known: Conditions, bound: set[str]) -> Conditions:
    return frozenset(one for one in known if one[0] not in bound) if known else known


def _flag(test: gast.expr) -> tuple[str, bool] | None:
    """The variable that a test is, and what it is where the test holds."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        inner = _flag(test.operand)
        return inner and (inner[0], not inner[1])
    return (test.id, True) if isinstance(test, gast.Name) else None
