"""Copies ``x = y`` followed forward: where `x` is read and `y` still holds the same value, `y` is read instead.

>>> from s2sad.tree.printer import statements_source
>>> body = gast.parse('''
... t = s
... for i in range(n):
...     u = s
...     s = f(t, u)
...     g(u)
... ''').body
>>> print(statements_source(propagated(body, lambda x, y: True)), end="")
t = s
for i in range(n):
    u = s
    s = f(t, s)
    g(u)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    is_copy,
    map_headers,
    rename,
    statement_reads,
    with_fields,
)

Wanted = Callable[[str, str], bool]
Visit = Callable[[gast.stmt], gast.stmt]


def propagated(
    body: Sequence[gast.stmt], wanted: Wanted, visit: Visit = lambda node: node
) -> list[gast.stmt]:
    """A body with the copies that are `wanted` followed; `visit` rewrites each statement before it is looked at.

    The copies themselves stay: those that nothing reads any more are dead code.
    """
    return _Propagation(wanted, visit).body(body)


class _Propagation:
    """One walk; `source` is what each copied name stands for here, `copies` the other way round."""

    def __init__(self, wanted: Wanted, visit: Visit) -> None:
        self.wanted, self.visit = wanted, visit
        self.source: dict[str, str] = {}
        self.copies: dict[str, set[str]] = {}
        self._bound: dict[int, tuple[gast.stmt, set[str]]] = {}

    def body(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        return [self.statement(node) for node in body]

    def statement(self, node: gast.stmt) -> gast.stmt:
        loop = isinstance(node, (gast.For, gast.While))
        if loop:
            self.forget(self.bound(node))
        node = self.visit(self.renamed(node))
        inner = blocks(node)
        if not inner:
            self.forget(binds(node))
            self.note(node)
            return node
        self.forget(binds(node))
        before = dict(self.source)
        fields: dict[str, Any] = {}
        for field, block in zip(("body", "orelse"), inner):
            self.restore(before)
            fields[field] = self.body(block)
        self.restore(before)
        self.forget(self.bound(node))
        return with_fields(node, **fields)

    def renamed(self, node: gast.stmt) -> gast.stmt:
        if not self.source or isinstance(node, gast.FunctionDef):
            return node
        if not any(name in self.source for name in statement_reads(node)):
            return node
        return map_headers(node, lambda part: rename(part, self.source))

    def note(self, node: Any) -> None:
        if is_copy(node):
            name = assigned(node)
            source = node.value.id
            if name is not None and name != source and self.wanted(name, source):
                self.source[name] = source
                self.copies.setdefault(source, set()).add(name)

    def forget(self, names: Any) -> None:
        for name in names:
            self.source.pop(name, None)
            for copy in self.copies.pop(name, ()):
                if self.source.get(copy) == name:
                    del self.source[copy]

    def restore(self, source: dict[str, str]) -> None:
        if self.source != source:
            self.source = dict(source)
            self.copies = {}
            for name, origin in source.items():
                self.copies.setdefault(origin, set()).add(name)

    def bound(self, node: gast.stmt) -> set[str]:
        known = self._bound.get(id(node))
        if known is None:
            known = self._bound[id(node)] = (
                node,
                bound_within([node]),
            )  # an id is only good while its node lives
        return known[1]
