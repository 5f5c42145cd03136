"""Whether two indices certainly select different elements of an array.

>>> from s2sad.rules.sizes import Length
>>> from s2sad.signature import Dim
>>> types = {"n": Length("int", size=Dim("x.0"))}
>>> def apart(one, other):
...     return are_apart(*(gast.parse(f"x[{text}]", mode="eval").body.slice for text in (one, other)), types)
>>> apart(":n", "n:2 * n"), apart("3 * n:", "n:2 * n"), apart("0", "1"), apart(":, 0", ":, 1"), apart("2:4", "4")
(True, True, True, True, True)
>>> apart(":2 * n", "n:"), apart("0", "-1"), apart(":, 0", "0, :"), apart("k:", ":k")
(False, False, False, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import gast

from s2sad.rules.sizes import Length
from s2sad.signature import Type


class _Bound(NamedTuple):
    """``times * name``, with no name a number; an end that is left open has no `times`."""

    name: str | None
    times: int | None


_START, _END = _Bound(None, 0), _Bound(None, None)


def are_apart(one: Any, other: Any, types: Mapping[str, Type]) -> bool:
    """Whether two indices of one array have no element in common, whatever its size is.

    Parameters
    ----------
    one, other : gast.expr
        What stands between the brackets.
    types : mapping from str to Type
        The types of the names in them: a length is not negative.
    """
    left, right = (list(index.elts) if isinstance(index, gast.Tuple) else [index] for index in (one, other))
    for a, b in zip(left, right):
        first, second = _range(a, types), _range(b, types)
        if first is None or second is None:
            return False  # what follows may belong to other dimensions
        if _ends_before(first, second) or _ends_before(second, first):
            return True
    return False


def _range(part: Any, types: Mapping[str, Type]) -> tuple[_Bound, _Bound] | None:
    """From where to where one part of an index reaches, None where that is not known."""
    if isinstance(part, gast.Slice):
        if part.step is not None:
            return None
        low = _START if part.lower is None else _bound(part.lower, types)
        high = _END if part.upper is None else _bound(part.upper, types)
        return None if low is None or high is None else (low, high)
    if isinstance(part, gast.Constant) and type(part.value) is int:
        return _Bound(None, part.value), _Bound(None, part.value + 1)
    return None


def _bound(node: Any, types: Mapping[str, Type]) -> _Bound | None:
    if isinstance(node, gast.Constant) and type(node.value) is int:
        return _Bound(None, node.value)
    if isinstance(node, gast.Name) and isinstance(types.get(node.id), Length):
        return _Bound(node.id, 1)
    if (
        isinstance(node, gast.BinOp)
        and isinstance(node.op, gast.Mult)
        and isinstance(node.left, gast.Constant)
    ):
        inner = _bound(node.right, types)
        if inner is not None and inner.name is not None and type(node.left.value) is int:
            return _Bound(inner.name, node.left.value * (inner.times or 0))
    return None


def _ends_before(one: tuple[_Bound, _Bound], other: tuple[_Bound, _Bound]) -> bool:
    (_, end), (start, _) = one, other
    if end.times is None or start.times is None:
        return False
    return end.times <= start.times and (end.name == start.name or end.times == 0)
