"""Nested unpacking: one level at a time, so that a pattern has names (one of them starred) only.

>>> from s2sad.syntax import show
>>> show("(a, b), *c = x")
t, *c = x
a, b = t
>>> show("i, a[i] = x")
i, t = x
a[i] = t
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal
from s2sad.tree.build import name, target
from s2sad.tree.parts import nodes
from s2sad.tree.scopes import stored

TITLE = "unpacking, nested and starred, `(a, b), *c = e`"
NODES = (gast.Assign, gast.Tuple, gast.List)


def recognise(node: gast.AST, to: Lowering) -> bool:
    if not isinstance(node, gast.Assign) or len(node.targets) != 1:
        return False
    pattern = node.targets[0]
    return isinstance(pattern, gast.List) or (isinstance(pattern, gast.Tuple) and not _is_flat(pattern))


def _is_flat(pattern: gast.Tuple) -> bool:
    return all(isinstance(_bare(part), gast.Name) for part in pattern.elts)


def _bare(part: gast.expr) -> gast.expr:
    return part.value if isinstance(part, gast.Starred) else part


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if isinstance(node, (gast.Tuple, gast.List)) and isinstance(node.ctx, gast.Store) and not node.elts:
        yield Refusal(node, "unpacking into nothing is not supported", "Leave the statement out.")


def lower(node: gast.Assign, to: Lowering) -> None:
    pattern = node.targets[0]
    value = to.expression(node.value)
    later: list[tuple[gast.expr, str]] = []
    parts = [_outer(part, later, to) for part in pattern.elts]
    flat = gast.copy_location(gast.Tuple(elts=parts, ctx=gast.Store()), pattern)
    to.statement(gast.Assign(targets=[flat], value=value, type_comment=None))
    for part, temporary in later:
        to.statement(gast.Assign(targets=[part], value=name(temporary), type_comment=None))


def _outer(part: gast.expr, later: list[tuple[gast.expr, str]], to: Lowering) -> gast.expr:
    """The part of the pattern, or a temporary for it where its turn comes after another part's."""
    inner = _bare(part)
    if isinstance(inner, gast.Name) and not _waits(inner.id, later):
        return part
    temporary = to.fresh("t")
    later.append((inner, temporary))
    holder = gast.copy_location(target(temporary), inner)
    return (
        gast.copy_location(gast.Starred(value=holder, ctx=gast.Store()), part)
        if inner is not part
        else holder
    )


def _waits(identifier: str, later: list[tuple[gast.expr, str]]) -> bool:
    """Targets are assigned from left to right: one that is put off holds up those that it could read or assign."""
    earlier = [part for part, _ in later]
    subscripts = (isinstance(inner, gast.Subscript) for part in earlier for inner in nodes(part))
    return identifier in stored(earlier) or any(subscripts)
