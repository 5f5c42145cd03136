"""Names that may be None, though their type is that of the value which they have else.

>>> import gast
>>> body = gast.parse('''
... s = None
... t = s
... u = np.zeros_like(t)
... v = 2.0
... tape = []
... tape.append(s)
... w = tape[0]
... pair = [v, None]
... ''').body
>>> sorted(may_be_none(body))
['pair', 's', 't', 'tape', 'u', 'w']
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gast

from s2sad.analysis.memory import is_append
from s2sad.tree.build import dotted, is_none


def may_be_none(statements: Iterable[gast.stmt], known: Iterable[str] = ()) -> frozenset[str]:
    """Names that may be None, lists that hold one, and zeros made like one, which have no dimensions then.

    Parameters
    ----------
    statements : iterable of statements
        All of a program, those in blocks too.
    known : iterable of str
        Names of which this is known: parameters, and what another program saved.
    """
    found = set(known)
    made = [pair for statement in statements if (pair := _made(statement)) is not None]
    before = -1
    while before != len(found):
        before = len(found)
        found |= {key for key, value in made if _may_be_none(value, found)}
    return frozenset(found)


def _made(statement: gast.stmt) -> tuple[str, Any] | None:
    """The name that a statement binds, or the list that it changes, and what with."""
    if isinstance(statement, gast.Expr) and is_append(statement.value):
        owner = statement.value.func.value
        return (owner.id, statement.value.args[0]) if isinstance(owner, gast.Name) else None
    if not isinstance(statement, gast.Assign):
        return None
    place = statement.targets[0]
    if isinstance(place, gast.Subscript):
        place = place.value
    return (place.id, statement.value) if isinstance(place, gast.Name) else None


def _may_be_none(value: Any, found: set[str]) -> bool:
    """Whether a value may be None: it is, or it is a part of what may be or hold it, or zeros like that."""
    if isinstance(value, gast.Call) and (dotted(value.func) or "").endswith("zeros_like"):
        value = value.args[0]
    while isinstance(value, gast.Subscript):
        value = value.value
    if isinstance(value, (gast.List, gast.Tuple)):
        return any(_may_be_none(item, found) for item in value.elts)
    if isinstance(value, gast.BinOp):  # `[None] * n`
        sides = [side for side in (value.left, value.right) if isinstance(side, gast.List)]
        return any(_may_be_none(side, found) for side in sides)
    if isinstance(value, gast.Dict):
        return any(_may_be_none(item, found) for item in value.values)
    return is_none(value) or (isinstance(value, gast.Name) and value.id in found)


__all__ = ["may_be_none"]
