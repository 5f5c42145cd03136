"""Which names of a function are variables of its comprehensions, and which are captured by inner functions.

>>> import gast
>>> node = gast.parse("def f(x): return [i * k for i in x], lambda: x").body[0]
>>> sorted(outside_comprehensions(node)), sorted(captured(node))
(['f', 'k', 'x'], ['x'])
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from s2sad.tree.build import names_in

Comprehension = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
InnerFunction = (gast.FunctionDef, gast.AsyncFunctionDef, gast.Lambda)


def stored(node: Any) -> set[str]:
    """The names that a tree binds, those of inner functions and comprehensions included."""
    names = {inner.id for inner in _walk(node) if _is_stored(inner)}
    return names | {inner.name for inner in _walk(node) if isinstance(inner, gast.FunctionDef)}


def comprehension_variables(node: gast.expr) -> list[str]:
    """The variables of a comprehension, in the order in which they are bound."""
    names = [inner.id for part in node.generators for inner in _walk(part.target) if _is_stored(inner)]
    return list(dict.fromkeys(names))


def _is_stored(node: gast.AST) -> bool:
    return isinstance(node, gast.Name) and isinstance(node.ctx, gast.Store)


def outside_comprehensions(function: gast.FunctionDef) -> set[str]:
    """The names that occur in a function other than as a variable of a comprehension."""
    return {function.name, *_outside(function, frozenset())}


def _outside(node: Any, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _outside(item, bound)
    elif isinstance(node, gast.Name):
        if node.id not in bound:
            yield node.id
    elif isinstance(node, Comprehension):
        inner = bound | set(comprehension_variables(node))
        yield from _outside(node.generators[0].iter, bound)
        yield from _outside([part.iter for part in node.generators[1:]], inner)
        rest = ("elt",) if not isinstance(node, gast.DictComp) else ("key", "value")
        yield from _outside([getattr(node, key) for key in rest], inner)
        yield from _outside([test for part in node.generators for test in part.ifs], inner)
    elif isinstance(node, gast.AST):
        if isinstance(node, gast.FunctionDef):
            yield node.name
        for value in node.__dict__.values():
            yield from _outside(value, bound)


def captured(function: gast.FunctionDef) -> set[str]:
    """The names that occur in functions and lambdas inside a function."""
    inner = (node for node in _walk(function.body) if isinstance(node, InnerFunction))
    return {name for node in inner for name in names_in(node)}


def _walk(node: Any) -> Iterator[gast.AST]:
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, gast.AST):
            yield item
            stack.extend(reversed(list(item.__dict__.values())))


def rename(node: Any, names: dict[str, str]) -> Any:
    """Rename variables in a tree, in place; a lambda that has one as a parameter of its own keeps it."""
    if isinstance(node, list):
        for item in node:
            rename(item, names)
    elif isinstance(node, gast.Name):
        node.id = names.get(node.id, node.id)
    elif isinstance(node, gast.AST):
        if isinstance(node, gast.Lambda):
            rename([node.args.defaults, node.args.kw_defaults], names)
            own = names_of_parameters(node.args)
            names = {old: new for old, new in names.items() if old not in own}
            rename(node.body, names)
            return node
        for value in node.__dict__.values():
            rename(value, names)
    return node


def names_of_parameters(args: gast.arguments) -> set[str]:
    """Every parameter."""
    stars = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return {arg.id for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *stars)}
