"""Short constructors for gast nodes, and text to nodes."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import gast

from s2sad.tree.parts import FIELDS

_READ = {"ctx": gast.Load(), "annotation": None, "type_comment": None}
_ASSIGNED = {"ctx": gast.Store(), "annotation": None, "type_comment": None}


def name(identifier: str) -> gast.Name:
    """A name that is read."""
    new: Any = gast.Name.__new__(
        gast.Name
    )  # the constructor checks its arguments, which takes five times as long
    new.__dict__.update(_READ)
    new.id = identifier
    return new  # type: ignore[no-any-return]


def target(identifier: str) -> gast.Name:
    """A name that is assigned."""
    new: Any = gast.Name.__new__(gast.Name)
    new.__dict__.update(_ASSIGNED)
    new.id = identifier
    return new  # type: ignore[no-any-return]


def constant(value: Any) -> gast.expr:
    """A literal; negative numbers become a unary minus, as the parser would give."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=-value, kind=None))
    if isinstance(value, slice):
        parts = (
            constant(part) if part is not None else None for part in (value.start, value.stop, value.step)
        )
        return gast.Slice(*parts)
    if isinstance(value, tuple):
        return gast.Tuple(elts=[constant(item) for item in value], ctx=gast.Load())
    if isinstance(value, list):
        return gast.List(elts=[constant(item) for item in value], ctx=gast.Load())
    return gast.Constant(value=value, kind=None)


def is_literal(value: Any) -> bool:
    """Whether a value has a literal; the member of an enum, a class or a function has a name."""
    if type(value) is tuple:
        return all(map(is_literal, value))
    return value is None or type(value) in (str, int, float, bool, complex, bytes)


def is_none(node: Any) -> bool:
    """Whether a node is the constant None."""
    return isinstance(node, gast.Constant) and node.value is None


def key_node(key: Any, object_node: Callable[[Any], gast.expr]) -> gast.expr:
    """A key of a dict as it is written: what is no literal by the name that `object_node` has for it."""
    return constant(key) if is_literal(key) else object_node(key)


def assign(identifier: str, value: gast.expr) -> gast.Assign:
    """``identifier = value``."""
    new: Any = gast.Assign.__new__(gast.Assign)
    held = new.__dict__
    held["targets"], held["value"], held["type_comment"] = [target(identifier)], value, None
    return new  # type: ignore[no-any-return]


class _Deleted:
    """What a name holds after ``del``; it prints as a value that nothing can be done with."""

    def __repr__(self) -> str:
        return "None"


DELETED = _Deleted()


def call(func: gast.expr | str, *args: gast.expr, **keywords: gast.expr) -> gast.Call:
    """``func(*args, **keywords)``; `func` may be a dotted path."""
    node = path(func) if isinstance(func, str) else func
    return gast.Call(
        func=node,
        args=list(args),
        keywords=[gast.keyword(arg=key, value=value) for key, value in keywords.items()],
    )


def path(dotted: str) -> gast.expr:
    """The expression of a dotted path."""
    first, *rest = dotted.split(".")
    node: gast.expr = name(first)
    for part in rest:
        node = gast.Attribute(value=node, attr=part, ctx=gast.Load())
    return node


def dotted(node: gast.AST) -> str | None:
    """The dotted path that an expression spells, or None."""
    if isinstance(node, gast.Name):
        return node.id
    if isinstance(node, gast.Attribute):
        inner = dotted(node.value)
        return None if inner is None else f"{inner}.{node.attr}"
    return None


def subscript(value: gast.expr, index: gast.expr, store: bool = False) -> gast.Subscript:
    """``value[index]``."""
    return gast.Subscript(value=value, slice=index, ctx=gast.Store() if store else gast.Load())


def binary(left: gast.expr, op: type, right: gast.expr) -> gast.BinOp:
    """``left op right``."""
    new: Any = gast.BinOp.__new__(gast.BinOp)
    held = new.__dict__
    held["left"], held["op"], held["right"] = left, op(), right
    return new  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> gast.expr:
    return gast.parse(text, mode="eval").body


def expression(text: str) -> gast.expr:
    """The expression that a text spells."""
    return copy.deepcopy(_parsed(text))


def clone(node: Any) -> Any:
    """A deep copy of a tree, quicker than `copy.deepcopy`; operators and contexts, which hold nothing, are shared."""
    cls: Any = node.__class__
    if cls is list:
        return [clone(item) for item in node]
    if not isinstance(node, gast.AST):
        return node
    new: Any = cls.__new__(cls)
    held = new.__dict__
    held.update(node.__dict__)
    if cls is gast.Name and held.get("annotation") is None:
        return new
    if cls is gast.BinOp:
        held["left"], held["right"] = clone(held["left"]), clone(held["right"])
        return new
    for field in FIELDS[cls]:
        value = held.get(field)
        if value is not None and (value.__class__ is list or isinstance(value, gast.AST)):
            held[field] = clone(value)
    return new


_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def placed(new: Any, old: gast.AST) -> Any:
    """A node at the place of another one in the user's text; quicker than `gast.copy_location`."""
    here, there = new.__dict__, old.__dict__
    for key in _PLACE:
        if key in there:
            here[key] = there[key]
    return new


def substitute(node: Any, values: dict[str, gast.expr]) -> Any:
    """A copy of an expression with names read replaced."""
    if isinstance(node, list):
        return [substitute(item, values) for item in node]
    if not isinstance(node, gast.AST):
        return node
    if isinstance(node, gast.Name) and node.id in values:
        return clone(values[node.id])
    cls: Any = type(node)
    new = cls.__new__(cls)
    for key, item in node.__dict__.items():
        setattr(new, key, substitute(item, values) if isinstance(item, (list, gast.AST)) else item)
    return new


def accumulated(statement: gast.stmt) -> gast.Name | None:
    """The array that ``np.add.at(array, index, values)`` adds to; None for any other statement."""
    value = statement.value if isinstance(statement, gast.Expr) else None
    if not isinstance(value, gast.Call) or len(value.args) != 3 or not isinstance(value.args[0], gast.Name):
        return None
    path = dotted(value.func)
    return value.args[0] if path is not None and path.endswith(".add.at") else None


def slices_in(index: gast.expr) -> gast.expr:
    """An index that is given as a value, ``slice(a, b)`` spelled as between brackets."""
    if isinstance(index, gast.Tuple):
        return gast.Tuple(elts=[slices_in(elt) for elt in index.elts], ctx=gast.Load())
    if not isinstance(index, gast.Call) or dotted(index.func) != "slice" or index.keywords:
        return index
    bounds = index.args if len(index.args) > 1 else [gast.Constant(None, None), *index.args]
    parts = [None if is_none(b) else b for b in bounds]
    return gast.Slice(*parts, *[None] * (3 - len(parts)))


def carriers_in(node: Any) -> set[str]:
    """The names whose values an expression may give on: what only a condition asks for carries no derivative.

    >>> sorted(carriers_in(gast.parse("a if b > 0.0 else 1.0 * c", mode="eval").body))
    ['a', 'c']
    """
    if isinstance(node, gast.IfExp):
        return carriers_in(node.body) | carriers_in(node.orelse)
    return names_in(node)


def names_in(node: Any) -> set[str]:
    """Every name that occurs in a tree."""
    found: set[str] = set()
    stack = list(node) if isinstance(node, list) else [node]
    while stack:
        item = stack.pop()
        cls = item.__class__
        if cls is gast.Name:
            found.add(item.id)
        elif cls is gast.BinOp:
            stack.append(item.left)
            stack.append(item.right)
        elif cls is not gast.Constant and isinstance(item, gast.AST):
            held = item.__dict__
            for field in FIELDS[cls]:
                value = held.get(field)
                if value.__class__ is list:
                    stack += value
                elif value is not None:
                    stack.append(value)
        elif cls is list:
            stack += item
    return found
