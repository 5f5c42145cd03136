"""Containers in emitted code: how one is written of its parts, and how its parts are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from s2sad.abstract.objects import object_display
from s2sad.objects import is_named_tuple
from s2sad.signature import Mapping, Record, Sequence
from s2sad.tree.build import clone, constant, dotted, key_node, subscript


def display(
    known: Sequence | Mapping | Record, parts: list[gast.expr], object_node: Callable[[Any], gast.expr]
) -> gast.expr:
    """A container of the same class and keys."""
    if isinstance(known, Mapping):
        return gast.Dict(keys=[key_node(key, object_node) for key in known.keys], values=parts)
    if isinstance(known, Record):
        return object_display(known, parts, object_node)
    if hasattr(known.cls, "_fields"):
        return gast.Call(func=object_node(known.cls), args=parts, keywords=[])
    shape = gast.List if known.cls is list else gast.Tuple
    return shape(elts=parts, ctx=gast.Load())


def shown_parts(node: gast.expr, objects: dict[str, Any]) -> list[gast.expr] | None:
    """The parts of a tuple, a list or a named tuple, as `display` writes them; None for any other expression."""
    if isinstance(node, (gast.Tuple, gast.List)):
        return list(node.elts)
    if isinstance(node, gast.Call) and is_named_tuple(objects.get(dotted(node.func) or "")):
        return list(node.args)
    return None


def with_parts(node: Any, parts: list[gast.expr]) -> gast.expr:
    """A tuple, list or named tuple of other parts."""
    if isinstance(node, gast.Call):
        return gast.Call(clone(node.func), parts, [])
    made: gast.expr = type(node)(elts=parts, ctx=gast.Load())
    return made


def parts_of(
    known: Sequence | Mapping | Record, node: gast.expr, object_node: Callable[[Any], gast.expr]
) -> list[gast.expr]:
    """Expressions for the parts of a container."""
    fields = (
        known.keys if isinstance(known, Record) else getattr(getattr(known, "cls", None), "_fields", None)
    )
    if fields:
        return [gast.Attribute(value=clone(node), attr=field, ctx=gast.Load()) for field in fields]
    if isinstance(known, Mapping):
        return [subscript(clone(node), key_node(key, object_node)) for key in known.keys]
    return [subscript(clone(node), constant(k)) for k in range(len(known.items))]
