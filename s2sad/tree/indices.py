"""The parts of an index.

>>> place = gast.parse("a[i, ..., 0]").body[0].value
>>> [type(part).__name__ for part in index_parts(place)]
['Name', 'Constant', 'Constant']
>>> [type(part).__name__ for part in spread(index_parts(place), 4)]
['Name', 'Slice', 'Slice', 'Constant']
"""

from __future__ import annotations

from typing import Any

import gast

from s2sad.tree.algebra import literal


def index_parts(node: gast.Subscript) -> list[Any]:
    """What stands between the brackets, one for each comma."""
    return list(node.slice.elts) if isinstance(node.slice, gast.Tuple) else [node.slice]


def looks_up_item(node: Any) -> bool:
    """Whether an expression looks an item up, other than of a shape."""
    owner = node.value if isinstance(node, gast.Subscript) else None
    return owner is not None and not (isinstance(owner, gast.Attribute) and owner.attr == "shape")


def spread(parts: list[Any], rank: int) -> list[Any]:
    """The parts of an index into an array of some rank, with slices for ``...``."""
    where = [k for k, p in enumerate(parts) if isinstance(p, gast.Constant) and p.value is Ellipsis]
    if len(where) != 1:
        return parts
    given = sum(not (isinstance(p, gast.Constant) and p.value in (None, Ellipsis)) for p in parts)
    whole = gast.Slice(lower=None, upper=None, step=None)
    return [*parts[: where[0]], *[whole] * (rank - given), *parts[where[0] + 1 :]]


def shifted(part: Any) -> tuple[str, int] | None:
    """The variable and the number of an index such as ``i`` or ``i - 1``; else None.

    >>> [shifted(gast.parse(text, mode="eval").body) for text in ("i", "i - 1", "2 * i")]
    [('i', 0), ('i', -1), None]
    """
    if isinstance(part, gast.Name):
        return part.id, 0
    if not isinstance(part, gast.BinOp) or not isinstance(part.left, gast.Name):
        return None
    offset = literal(part.right)
    if offset is None or not isinstance(part.op, (gast.Add, gast.Sub)):
        return None
    return part.left.id, offset if isinstance(part.op, gast.Add) else -offset


def item_of(node: Any, key: str | None) -> list[Any] | None:
    """The parts of the index where a node is an item or a slice of a variable, ``key[...]``; else None."""
    if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name) and node.value.id == key:
        return index_parts(node)
    return None
