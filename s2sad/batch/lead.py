"""The leading axis in types and indices.

>>> lead(Scalar("float")), lead(Array("float32", (3,)))
(Array('float64', (directions,)), Array('float32', (directions, 3)))
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.signature import (
    WEAK,
    Array,
    DictOf,
    Dim,
    ListOf,
    Mapping,
    Optional,
    Record,
    Scalar,
    Sequence,
    Size,
    Type,
)
from s2sad.tree.build import call, clone, constant, subscript

DIRECTIONS = Dim("directions")


class NotBatched(Exception):
    """A program in which some step has no form for several directions; one direction at a time is always right."""


def lead(known: Type) -> Type:
    """The type with the leading axis on each leaf that has a derivative."""
    if isinstance(known, (Scalar, Array)):
        if not known.is_real:
            return known
        dtype = known.dtype if known.dtype not in WEAK else np.dtype(WEAK[known.dtype]).name
        return Array(dtype, None if known.shape is None else (DIRECTIONS, *known.shape))
    if isinstance(known, Sequence):
        return Sequence(known.cls, tuple(map(lead, known.items)))
    if isinstance(known, Mapping):
        return Mapping(known.keys, tuple(map(lead, known.items)))
    if isinstance(known, Record):
        return Record(known.cls, known.keys, tuple(map(lead, known.items)))
    if isinstance(known, ListOf):
        return ListOf(lead(known.item))
    if isinstance(known, DictOf):
        rest = None if known.rest is None else lead(known.rest)
        return DictOf(known.keys, tuple(map(lead, known.items)), rest)
    if isinstance(known, Optional):
        return Optional(lead(known.item))
    return known


def whole() -> gast.Slice:
    """``:``."""
    return gast.Slice(None, None, None)


def padded(node: gast.expr, count: int) -> gast.expr:
    """A batched value with `count` axes of size 1 after the leading one: ``node[:, None]``."""
    if count <= 0:
        return node
    index = [whole(), *(gast.Constant(None, None) for _ in range(count))]
    return subscript(node, gast.Tuple(elts=index, ctx=gast.Load()))


def led(index: gast.expr, items: int | None) -> gast.expr:
    """The index of one direction's value, as that of all: ``i`` as ``:, i``.  `items`: the length of a tuple's name."""
    if isinstance(index, gast.Tuple):
        parts: list[Any] = [clone(part) for part in index.elts]
        if parts and isinstance(parts[0], gast.Constant) and parts[0].value is Ellipsis:
            return clone(index)  # type: ignore[no-any-return]
        parts = parts or [gast.Constant(Ellipsis, None)]
    elif isinstance(index, gast.Constant) and index.value is Ellipsis:
        return clone(index)  # type: ignore[no-any-return]
    elif items is not None:
        parts = [subscript(clone(index), constant(k)) for k in range(items)]
    else:
        parts = [clone(index)]
    return gast.Tuple(elts=[whole(), *parts], ctx=gast.Load())


def as_value(index: gast.expr) -> gast.expr:
    """An index as an argument: slices are calls of `slice`."""
    if isinstance(index, gast.Tuple):
        return gast.Tuple(elts=[as_value(part) for part in index.elts], ctx=gast.Load())
    if isinstance(index, gast.Slice):
        bounds = [part or gast.Constant(None, None) for part in (index.lower, index.upper, index.step)]
        return call("slice", *(bounds[1:2] if index.lower is None and index.step is None else bounds))
    return index


def sizes_of(node: gast.expr, shape: tuple[Size, ...]) -> list[gast.expr]:
    """An expression for each dimension of an array; its length where it has one."""
    if len(shape) == 1:
        return [call("len", clone(node))]
    dims = gast.Attribute(value=clone(node), attr="shape", ctx=gast.Load())
    return [subscript(clone(dims), constant(k)) for k in range(len(shape))]
