"""The parts of a syntax tree, without the operators and contexts, which hold nothing: what every walk goes through."""

from __future__ import annotations

from typing import Any

import gast

_EMPTY = frozenset(
    ["attr", "conversion", "ctx", "id", "is_async", "kind", "module", "op", "ops", "type_comment"]
)


class _Fields(dict[type, tuple[str, ...]]):
    """The fields of each class of nodes that may hold nodes; looked up once per class."""

    def __missing__(self, cls: Any) -> tuple[str, ...]:
        fields = () if cls is gast.Constant else tuple(field for field in cls._fields if field not in _EMPTY)
        self[cls] = fields
        return fields


FIELDS = _Fields()


def children(node: Any) -> list[Any]:
    """The nodes right below a node, in the order of the fields; operators and contexts left out."""
    cls = node.__class__
    if cls is gast.BinOp:  # the most frequent ones first: what they hold is known
        return [node.left, node.right]
    if cls is gast.Constant:
        return []
    if cls is gast.Call:
        return [node.func, *node.args, *node.keywords]
    held = node.__dict__
    if cls is gast.Name:
        annotation = held.get("annotation")
        return [] if annotation is None else [annotation]
    if cls is gast.Assign:
        return [*node.targets, node.value]
    found: list[Any] = []
    for field in FIELDS[cls]:
        value = held.get(field)
        if value.__class__ is list:
            found += [item for item in value if isinstance(item, gast.AST)]
        elif value is not None and isinstance(value, gast.AST):
            found.append(value)
    return found


def key_of(node: Any) -> Any:
    """What an expression says, to compare it with others: two with one key are written alike."""
    cls = node.__class__
    if cls is gast.Name:
        return node.id
    if cls is gast.BinOp:
        return key_of(node.left), node.op.__class__, key_of(node.right)
    if cls is gast.Constant:
        return cls, node.value.__class__, repr(node.value)
    if cls is list:
        return tuple(map(key_of, node))
    if not isinstance(node, gast.AST):
        return (node,)
    held = node.__dict__
    return cls, *(key_of(held.get(field)) for field in node._fields if field != "ctx")


def nodes(tree: Any) -> list[Any]:
    """Every node of a tree, itself first, outer ones before inner ones; operators and contexts left out."""
    found = [tree]
    for node in found:  # grows while it is gone through
        cls = node.__class__
        if cls is gast.Constant or (cls is gast.Name and node.__dict__.get("annotation") is None):
            continue
        if cls is gast.BinOp:
            found.append(node.left)
            found.append(node.right)
        else:
            below = children(node)
            if below:
                found += below
    return found


def blocks_of(statement: gast.AST | None) -> list[list[gast.stmt]]:
    """The blocks of a compound statement."""
    fields = ("body", "orelse", "finalbody")
    blocks = [block for part in fields if isinstance(block := getattr(statement, part, None), list)]
    return blocks + [handler.body for handler in getattr(statement, "handlers", ())]
