"""Generator expressions: a list is built in a loop, and given out once; a loop over one is the loop that it makes.

>>> from s2sad.syntax import show
>>> show("y = sum(a * a for a in x)")
t = []
for a in x:
    t.append(a * a)
y = sum(t)
>>> show('''squares = (a * a for a in x)
... y = sum(squares)''')
t = []
for a in x:
    t.append(a * a)
squares = iter(t)
y = sum(squares)
>>> show('''for square in (a * a for a in x if a > 0):
...     y = y + square''')
for a in x:
    if a > 0:
        square = a * a
        y = y + square
>>> show('''for p in (a * b for a in x for b in x):
...     if p > y:
...         break''')
def items():
    for a in x:
        for b in x:
            (yield a * b)
for p in items():
    if p > y:
        break
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal, _comprehension
from s2sad.syntax.list_comprehension import append
from s2sad.tree.build import call, dotted, names_in
from s2sad.tree.parts import nodes
from s2sad.tree.scopes import comprehension_variables

TITLE = "generator expression, as an argument, in a loop, or for a variable"
NODES = (gast.GeneratorExp, gast.Assign, gast.Call, gast.For)
HOISTS = (gast.GeneratorExp,)

#: What is known to use all items of its argument, and to do nothing else with it.
CONSUMERS = {
    "sum",
    "max",
    "min",
    "any",
    "all",
    "list",
    "tuple",
    "sorted",
    "dict",
    "set",
    "frozenset",
    "fsum",
    "prod",
}
CONSUMERS |= {"next", "iter", "extend"}
ADVICE = "Write a list comprehension: `[... for ... in ...]`."


def recognise(node: gast.AST, to: Lowering) -> bool:
    if isinstance(node, gast.GeneratorExp):
        return True
    if isinstance(node, gast.Call):
        return any(_is_kept(node, arg) for arg in node.args)
    if isinstance(node, gast.For):
        return isinstance(node.iter, gast.GeneratorExp)
    return isinstance(node, gast.Assign) and isinstance(node.value, gast.GeneratorExp)


def _consumes(func: gast.expr) -> bool:
    if isinstance(func, gast.Attribute) and func.attr == "join":
        return True
    path = dotted(func)
    return path is None or path.split(".")[-1] in CONSUMERS


def _is_kept(node: gast.Call, arg: gast.expr) -> bool:
    """Whether an argument is a generator expression that may not be used up at once."""
    if not isinstance(arg, gast.GeneratorExp):
        return False
    later = [*node.args[node.args.index(arg) + 1 :], *(keyword.value for keyword in node.keywords)]
    return not _consumes(node.func) or any(
        isinstance(part, gast.Call) for value in later for part in nodes(value)
    )


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if not isinstance(node, gast.GeneratorExp):
        return
    yield from _comprehension.refuse(node, parent)
    if not isinstance(parent, (gast.Starred, gast.Call, gast.YieldFrom, gast.For, gast.Assign)):
        message = "a generator expression is supported only as an argument, in a loop, or for a variable"
        yield Refusal(node, message, ADVICE)


def lower(node: gast.AST, to: Lowering) -> gast.expr | None:
    if isinstance(node, gast.Call):
        node.args = [
            _once(arg, arg) if _is_kept(node, arg) else arg  # type: ignore[arg-type]
            for arg in node.args
        ]
        return to.expression(node)
    if isinstance(node, gast.Assign):
        made = node.value
        items = to.expression(made)
        unpacked = isinstance(node.targets[0], (gast.Tuple, gast.List))
        node.value = items if unpacked else _once(made, items)  # type: ignore[arg-type]
        to.statement(node)
        return None
    if isinstance(node, gast.For):
        _loop(node, to)
        return None
    return _comprehension.collect(node, gast.List(elts=[], ctx=gast.Load()), append, to)


def _once(made: gast.GeneratorExp, items: gast.expr) -> gast.expr:
    """Items that are given once, with what the generator expression reads: by name, and the memory at a name."""
    inner = [made.elt, *(test for part in made.generators for test in part.ifs)]
    inner += [part.iter for part in made.generators[1:]]
    own = set(comprehension_variables(made))
    node = gast.copy_location(call("iter", items), made)
    node.reads = (frozenset(names_in(inner) - own), frozenset(names_in(made.generators[0].iter)))  # type: ignore[attr-defined]
    return node


def _loop(node: gast.For, to: Lowering) -> None:
    """A loop over a generator expression: its items are made one by one, each when the loop takes it."""
    made = node.iter
    assert isinstance(made, gast.GeneratorExp)
    leaves = bool(node.orelse) or any(isinstance(part, gast.Break) for part in nodes(node))
    if len(made.generators) > 1 and leaves:
        to.statement(_generator(node, to))
        to.statement(node)
        return

    def body(part: gast.expr) -> list[gast.stmt]:
        take = gast.Assign(targets=[node.target], value=part.elt, type_comment=None)
        return [gast.copy_location(take, part), *node.body]

    _comprehension.loop(made, body, to, orelse=node.orelse)


def _generator(node: gast.For, to: Lowering) -> gast.FunctionDef:
    """A generator function with the loops of a generator expression, which the loop calls instead."""
    made = node.iter
    identifier = to.fresh("items")
    body: gast.stmt = gast.Expr(gast.Yield(made.elt))
    for part in reversed(made.generators):
        for test in reversed(part.ifs):
            body = gast.If(test=test, body=[body], orelse=[])
        body = gast.For(target=part.target, iter=part.iter, body=[body], orelse=[], type_comment=None)
    node.iter = gast.copy_location(call(identifier), made)
    args = gast.arguments([], [], None, [], [], None, [])
    definition = gast.FunctionDef(identifier, args, [body], [], None, None, [])
    return gast.copy_location(definition, node)
