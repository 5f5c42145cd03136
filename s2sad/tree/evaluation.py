"""What Python evaluates when it evaluates a node, in its order.

>>> import ast, gast
>>> node = gast.parse("f(x, *g(y), key=z)[a:b]", mode="eval").body
>>> [ast.unparse(gast.gast_to_ast(slot.get())) for slot in operands(node.value)]
['f', 'x', 'g(y)', 'z']
>>> [ast.unparse(gast.gast_to_ast(slot.get())) for slot in operands(node)]
['f(x, *g(y), key=z)', 'a', 'b']
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import gast

from s2sad.tree.parts import children


class Slot(NamedTuple):
    """A place in a tree that holds one expression."""

    holder: Any  # a list, or the attributes of a node
    key: Any

    def get(self) -> gast.expr:
        """The expression that is held."""
        return self.holder[self.key]

    def set(self, node: gast.expr) -> None:
        """Put another expression there."""
        self.holder[self.key] = node


def operands(node: gast.AST) -> Iterator[Slot]:
    """The expressions that are evaluated for a statement or an expression itself, without those of its blocks."""
    visit = _ORDER.get(type(node), _fields)
    yield from visit(node)


def contains(node: gast.AST, classes: Collection[type]) -> bool:
    """Whether a node of one of these classes occurs in a tree."""
    stack: list[Any] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, gast.AST):
            if type(item) in classes:
                return True
            stack += children(item)
    return False


def _fields(node: gast.AST, *wanted: str) -> Iterator[Slot]:
    for key in wanted or node._fields:
        value = getattr(node, key)
        if isinstance(value, list):
            yield from _items(value)
        elif isinstance(value, gast.AST):
            yield from _slot(vars(node), key, value)


def _items(values: list[Any]) -> Iterator[Slot]:
    for k, value in enumerate(values):
        if value is not None:
            yield from _slot(values, k, value)


def _slot(holder: Any, key: Any, value: gast.AST) -> Iterator[Slot]:
    """The slot itself, or those in it where it holds what is no value of its own."""
    if isinstance(value, (gast.Starred, gast.keyword, gast.Slice, gast.FormattedValue, gast.withitem)):
        yield from _fields(value)
    elif isinstance(value, gast.expr):
        yield Slot(holder, key)


def _call(node: gast.Call) -> Iterator[Slot]:
    # looking up a method is no event: only what it is looked up in is evaluated before the arguments
    holder, key = vars(node), "func"
    while isinstance(holder[key], gast.Attribute):
        holder, key = vars(holder[key]), "value"
    yield Slot(holder, key)
    yield from _fields(node, "args", "keywords")


def _subscript(node: gast.Subscript) -> Iterator[Slot]:
    yield Slot(vars(node), "value")
    index = node.slice
    sliced = isinstance(index, gast.Tuple) and any(isinstance(part, gast.Slice) for part in index.elts)
    yield from _items(index.elts) if sliced else _fields(node, "slice")


def _dict(node: gast.Dict) -> Iterator[Slot]:
    for k, key in enumerate(node.keys):
        if key is not None:
            yield Slot(node.keys, k)
        yield Slot(node.values, k)


def _defaults(node: gast.Lambda | gast.FunctionDef) -> Iterator[Slot]:
    yield from _items(node.args.defaults)
    yield from _items(node.args.kw_defaults)


def _assign(node: gast.Assign) -> Iterator[Slot]:
    yield Slot(vars(node), "value")
    for target in node.targets:
        yield from _target(target)


def _augmented(node: gast.AugAssign) -> Iterator[Slot]:
    yield from _target(node.target)
    yield Slot(vars(node), "value")


def _target(node: gast.expr) -> Iterator[Slot]:
    if isinstance(node, gast.Subscript):
        yield from _subscript(node)


def _named(node: gast.NamedExpr) -> Iterator[Slot]:
    yield Slot(vars(node), "value")


def _joined(node: gast.JoinedStr) -> Iterator[Slot]:
    for part in node.values:
        if isinstance(part, gast.FormattedValue):
            yield Slot(vars(part), "value")
            if part.format_spec is not None:
                yield from _joined(part.format_spec)


def _only(*wanted: str) -> Any:
    return lambda node: _fields(node, *wanted)


_ORDER = {
    gast.Call: _call,
    gast.Subscript: _subscript,
    gast.Dict: _dict,
    gast.Lambda: _defaults,
    gast.FunctionDef: _defaults,
    gast.NamedExpr: _named,
    gast.JoinedStr: _joined,
    gast.Assign: _assign,
    gast.AugAssign: _augmented,
    gast.If: _only("test"),
    gast.While: _only("test"),
    gast.For: _only("iter"),
    gast.With: _only("items"),
    gast.Try: lambda node: iter(()),
}
