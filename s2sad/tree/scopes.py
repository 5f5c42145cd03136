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
from s2sad.tree.parts import children

Comprehension = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
InnerFunction = (gast.FunctionDef, gast.AsyncFunctionDef, gast.Lambda)
_ATOMS = frozenset([gast.Name, gast.Constant])
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def stored(node: Any) -> set[str]:
    """The names that a tree binds, those of inner functions and comprehensions included."""
    return {name for inner in _walk(node) for name in bound_by(inner)}


def bound_by(node: gast.AST) -> set[str]:
    """The names that a node itself binds.

    >>> [sorted(bound_by(part)) for part in gast.parse("import a.b, c as d").body[0].names]
    [['a'], ['d']]
    """
    if _is_stored(node):
        return {node.id}
    if isinstance(node, gast.FunctionDef):
        return {node.name}
    if isinstance(node, gast.alias):
        return {(node.asname or node.name).partition(".")[0]}
    if isinstance(node, (gast.MatchAs, gast.MatchStar)):
        return {node.name} - {None}
    return {node.rest} - {None} if isinstance(node, gast.MatchMapping) else set()


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
        if hasattr(node, "reads"):  # of a generator expression
            node.reads = tuple(frozenset(names.get(key, key) for key in part) for part in node.reads)
    return node


def names_of_parameters(args: gast.arguments) -> set[str]:
    """Every parameter."""
    stars = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return {arg.id for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *stars)}


def declared(body: list[gast.stmt]) -> list[str]:
    r"""The names that a function itself declares `nonlocal`.

    >>> body = gast.parse("nonlocal a\nif b:\n    nonlocal c\ndef g():\n    nonlocal d").body
    >>> declared(body), sorted(written_inside(body))
    (['a', 'c'], ['d'])
    """
    names = [name for node in own_statements(body) if isinstance(node, gast.Nonlocal) for name in node.names]
    return list(dict.fromkeys(names))


def written_inside(body: list[gast.stmt]) -> set[str]:
    """The variables of a function that functions inside it declare `nonlocal`."""
    found: set[str] = set()
    for node in own_statements(body):
        if isinstance(node, gast.FunctionDef):
            own = names_of_parameters(node.args) | {
                n for part in own_nodes(node.body) for n in bound_by(part)
            }
            found |= set(declared(node.body)) | (written_inside(node.body) - own)
    return found - set(declared(body)) if found else found


def owned(args: gast.arguments, body: list[gast.stmt]) -> set[str]:
    """The variables of a function that functions inside it declare `nonlocal`, if they are its own."""
    written = written_inside(body)
    if not written:
        return written
    return written & (names_of_parameters(args) | {key for node in own_nodes(body) for key in bound_by(node)})


def is_generator(body: list[gast.stmt]) -> bool:
    """Whether a function with this body is a generator function."""
    return any(isinstance(node, (gast.Yield, gast.YieldFrom)) for node in own_nodes(body))


def own_nodes(body: list[gast.stmt]) -> Iterator[gast.AST]:
    """Every node of a function's body, functions inside it as one node."""
    stack: list[Any] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if node.__class__ not in _ATOMS and not isinstance(node, InnerFunction):
            stack.extend(reversed(children(node)))


def own_statements(body: list[gast.stmt]) -> Iterator[gast.stmt]:
    """Every statement of a function's body, functions inside it as one statement."""
    for node in body:
        yield node
        if not isinstance(node, InnerFunction):
            for field in _BLOCKS:
                for part in getattr(node, field, ()):
                    yield from own_statements([part] if isinstance(part, gast.stmt) else part.body)
