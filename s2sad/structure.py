"""The leaves of nested containers: walk them, and rebuild the same structure from others.

>>> paths({"w": [1.0, 2.0]}, "p")
["p['w'][0]", "p['w'][1]"]
>>> map_leaves(lambda leaf: 2 * leaf, {"w": [1.0, 2.0]})
{'w': [2.0, 4.0]}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from s2sad.objects import fields_of, is_record, replaced


def _children(value: Any) -> list[tuple[str, Any]] | None:
    """The items of a container with the text that selects each; None for a leaf."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [(f".{name}", item) for name, item in zip(value._fields, value)]
    if type(value) in (tuple, list):
        return [(f"[{k}]", item) for k, item in enumerate(value)]
    if type(value) is dict:
        return [(f"[{key!r}]", item) for key, item in value.items()]
    if is_record(value):
        return [(f".{name}", item) for name, item in fields_of(value).items()]
    return None


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf of `value`, in order, with the expression that selects it."""
    children = _children(value)
    if children is None:
        yield path, value
        return
    for selector, item in children:
        yield from leaves(item, path + selector)


def paths(value: Any, path: str = "") -> list[str]:
    """The expressions that select the leaves of `value`."""
    return [where for where, _ in leaves(value, path)]


def map_leaves(change: Callable[..., Any], value: Any, *others: Any) -> Any:
    """A container of the same structure with each leaf changed; `others` have the structure of `value`."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*_map_items(change, value, others))
    if type(value) in (tuple, list):
        return type(value)(_map_items(change, value, others))
    if type(value) is dict:
        return {
            key: map_leaves(change, item, *(other[key] for other in others)) for key, item in value.items()
        }
    if is_record(value):
        fields = [fields_of(other) for other in others]
        return replaced(value, **{
            key: map_leaves(change, item, *(other[key] for other in fields)) for key, item in fields_of(value).items()
        })  # fmt: skip
    return change(value, *others)


def _map_items(change: Callable[..., Any], value: Any, others: tuple[Any, ...]) -> list[Any]:
    return [map_leaves(change, item, *(other[k] for other in others)) for k, item in enumerate(value)]


def same_structure(a: Any, b: Any) -> bool:
    """Whether two values have the same containers around their leaves."""
    first, second = _children(a), _children(b)
    if first is None or second is None:
        return first is second
    if type(a) is not type(b) or len(first) != len(second):
        return False
    if is_record(a):
        a, b = fields_of(a), fields_of(b)
    if type(a) is dict:
        return a.keys() == b.keys() and all(same_structure(a[key], b[key]) for key in a)
    return all(same_structure(p[1], q[1]) for p, q in zip(first, second))
