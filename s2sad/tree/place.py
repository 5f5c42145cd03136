"""Places: which line of the user's source a node stands for."""

from __future__ import annotations

from typing import TypeVar

import gast

Node = TypeVar("Node", bound=gast.AST)


def at(node: Node, place: gast.AST) -> Node:
    """The node, with the place of another given to every part that has none."""
    if getattr(place, "lineno", None) is None:
        return node
    stack: list[gast.AST] = [node]
    while stack:
        inner = stack.pop()
        if "lineno" in inner._attributes and getattr(inner, "lineno", None) is None:
            gast.copy_location(inner, place)
        for value in inner.__dict__.values():
            if isinstance(value, gast.AST):
                stack.append(value)
            elif isinstance(value, list):
                stack.extend(item for item in value if isinstance(item, gast.AST))
    return node
