"""Elements of an array with more dimensions of size 1 are elements of the array itself.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(seen_through(core('''
... def f(a):
...     s = 0.0
...     t = a[:, None]
...     for i in range(a.shape[0]):
...         s += t[i, 0, 1]
...     return s
... ''', np.ones((3, 2)))))
def f(a):
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i, 1]
    return s
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from s2sad.program import Program
from s2sad.signature import Array
from s2sad.tree.build import is_none, name
from s2sad.tree.dataflow import (
    assigned,
    bound_within,
    definitions,
    headers,
    map_blocks,
    rewritten,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import item_of
from s2sad.tree.parts import nodes

_WHOLE, _NEW = object(), object()


def seen_through(program: Program) -> Program:
    """Look up elements in the arrays themselves; views that nothing else uses are gone."""
    counts = definitions(program.body)
    mentions = [
        part.id
        for node in walk(program.body)
        for header in headers(node)
        for part in nodes(header)
        if isinstance(part, gast.Name)
    ]

    def block(body: Sequence[Any]) -> list[Any]:
        rest = list(body)
        out: list[Any] = []
        while rest:
            node = rest.pop(0)
            view = assigned(node)
            places = _places(node, program.types) if view is not None and counts[view] == 1 else None
            array = node.value.value.id if places is not None else ""
            if places is not None and array not in bound_within(rest) and _only_elements(view, places, rest):
                rest = [_changed(other, view, array, places) for other in rest]
                before = sum(key == view for key in mentions)
                if before == _count(view, body):
                    continue
            out.append(map_blocks(node, block))
        return out

    return program.replace(body=tuple(block(program.body)))


def _places(node: Any, types: Any) -> list[Any] | None:
    """What each part of the index of a view selects: a whole dimension, or a new one."""
    value = node.value
    if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
        return None
    whole, own = types.get(value.value.id), types.get(assigned(node))
    if not isinstance(whole, Array) or not isinstance(own, Array) or whole.shape is None or not own.shape:
        return None
    parts = list(value.slice.elts) if isinstance(value.slice, gast.Tuple) else [value.slice]
    found: list[Any] = []
    for part in parts:
        plain = isinstance(part, gast.Slice) and part.lower is part.upper is part.step is None
        if not plain and not is_none(part):
            return None
        found.append(_WHOLE if plain else _NEW)
    return [*found, *[_WHOLE] * (len(whole.shape) - found.count(_WHOLE))]


def _only_elements(view: str | None, places: list[Any], body: Sequence[Any]) -> bool:
    """Whether a view is only used for single elements of it, all of them found in the array."""
    rank = len(places)
    mentions = elements = 0
    for node in walk(body):
        for part in (inner for header in headers(node) for inner in nodes(header)):
            mentions += isinstance(part, gast.Name) and part.id == view
            index = item_of(part, view)
            if index is not None:
                plain = all(isinstance(one, (gast.Name, gast.Constant, gast.BinOp)) for one in index)
                elements += plain and len(index) == rank
    return mentions == elements > 0


def _count(view: str | None, body: Sequence[Any]) -> int:
    return sum(
        isinstance(part, gast.Name) and part.id == view
        for node in walk(body)
        for header in headers(node)
        for part in nodes(header)
    )


def _changed(node: Any, view: str | None, array: str, places: list[Any]) -> Any:
    """A statement that looks up the elements of a view in the array."""

    def leave(part: Any) -> Any:
        index = item_of(part, view)
        if index is None:
            return part
        whole: list[Any] = []
        for place, one in zip(places, index):
            if place is _WHOLE:
                whole.append(one)
        inner = whole[0] if len(whole) == 1 else gast.Tuple(elts=whole, ctx=gast.Load())
        return with_fields(part, value=name(array), slice=inner)

    if stored(node) == view or view in statement_reads(node):
        node = rewritten(node, leave)
    return map_blocks(node, lambda body: [_changed(other, view, array, places) for other in body])
