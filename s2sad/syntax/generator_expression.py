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

from collections import Counter
from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal, _comprehension
from s2sad.syntax.list_comprehension import append
from s2sad.tree.build import call, dotted, names_in
from s2sad.tree.parts import nodes
from s2sad.tree.scopes import bound_by, comprehension_variables, is_generator, names_of_parameters, own_nodes

TITLE = "generator expression, as an argument, in a loop, or for a variable"
NODES = (gast.GeneratorExp, gast.Assign, gast.Call, gast.For, gast.FunctionDef)
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
        return not _consumes(node.func) and any(isinstance(arg, gast.GeneratorExp) for arg in node.args)
    if isinstance(node, gast.For):
        return isinstance(node.iter, gast.GeneratorExp)
    return isinstance(node, gast.Assign) and isinstance(node.value, gast.GeneratorExp)


def _consumes(func: gast.expr) -> bool:
    if isinstance(func, gast.Attribute) and func.attr == "join":
        return True
    path = dotted(func)
    return path is None or path.split(".")[-1] in CONSUMERS


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if isinstance(node, gast.FunctionDef):
        yield from _late(node)
        yield from _changed_by_loop(node)
    if not isinstance(node, gast.GeneratorExp):
        return
    yield from _comprehension.refuse(node, parent)
    if not isinstance(parent, (gast.Starred, gast.Call, gast.YieldFrom, gast.For, gast.Assign)):
        message = "a generator expression is supported only as an argument, in a loop, or for a variable"
        yield Refusal(node, message, ADVICE)


def _late(function: gast.FunctionDef) -> Iterator[Refusal]:
    """A generator that is kept reads variables when it is used; here they would be read before."""
    kept = [
        part.value
        for part in nodes(function)
        if isinstance(part, gast.Assign) and isinstance(part.value, gast.GeneratorExp)
    ]
    if not kept:
        return
    bound = Counter(
        part.id
        for part in nodes(function)
        if isinstance(part, gast.Name) and isinstance(part.ctx, gast.Store)
    ) + Counter(names_of_parameters(function.args))
    for node in kept:
        later = [node.elt, *(test for part in node.generators for test in part.ifs)]
        later += [part.iter for part in node.generators[1:]]
        names = names_in(later) - set(comprehension_variables(node))
        changed = sorted(key for key in names if bound[key] > 1)
        if changed:
            message = f"this generator expression is kept, and reads `{changed[0]}`, which is assigned more than once"
            yield Refusal(node, message, ADVICE)


ONE_BY_ONE = {"map", "zip", "enumerate", "starmap"}
"""What makes an item when the loop takes it; the others are made before the loop."""


def _changed_by_loop(function: gast.FunctionDef) -> Iterator[Refusal]:
    """A loop that assigns what the iterator it runs over reads: the items would have been made with the old value."""
    inner = {part.name: part for part in own_nodes(function.body) if isinstance(part, gast.FunctionDef)}
    for loop in own_nodes(function.body):
        if not isinstance(loop, gast.For) or isinstance(loop.iter, gast.GeneratorExp):
            continue
        assigned = {key for stmt in loop.body for part in own_nodes([stmt]) for key in bound_by(part)}
        for node, read in _read_late(loop.iter, inner):
            changed = sorted(read & assigned)
            if changed:
                message = (
                    f"this is called while the loop runs, and reads `{changed[0]}`, which the loop assigns"
                )
                yield Refusal(node, message, "Loop over plain values, and compute in the body.")


def _read_late(
    node: gast.expr, functions: dict[str, gast.FunctionDef]
) -> Iterator[tuple[gast.expr, set[str]]]:
    """The functions and generators in what a loop runs over, and the names that they read."""
    if not isinstance(node, gast.Call):
        return
    one_by_one = (dotted(node.func) or "").split(".")[-1] in ONE_BY_ONE
    for arg in [*node.args, *(keyword.value for keyword in node.keywords)]:
        if isinstance(arg, gast.GeneratorExp):
            yield arg, names_in(arg) - set(comprehension_variables(arg))
        elif isinstance(arg, gast.Lambda) and not one_by_one:
            yield arg, names_in(arg.body) - names_of_parameters(arg.args)
        elif isinstance(arg, gast.Name) and arg.id in functions and not one_by_one:
            yield arg, _read_by(functions[arg.id])
        elif isinstance(arg, gast.Call) and getattr(arg.func, "id", None) in functions:
            made = functions[arg.func.id]
            if is_generator(made.body) and dotted(node.func) != "enumerate":
                yield arg, _read_by(made)
        else:
            yield from _read_late(arg, functions)


def _read_by(made: gast.FunctionDef) -> set[str]:
    """The names around a function that it reads."""
    own = {key for part in own_nodes(made.body) for key in bound_by(part)}
    return names_in(made.body) - own - names_of_parameters(made.args)


def lower(node: gast.AST, to: Lowering) -> gast.expr | None:
    if isinstance(node, gast.Call):
        for k, arg in enumerate(node.args):
            if isinstance(arg, gast.GeneratorExp):
                node.args[k] = gast.copy_location(call("iter", call("list", arg)), arg)
        return to.expression(node)
    if isinstance(node, gast.Assign):
        items = to.expression(node.value)
        unpacked = isinstance(node.targets[0], (gast.Tuple, gast.List))
        node.value = items if unpacked else gast.copy_location(call("iter", items), node.value)
        to.statement(node)
        return None
    if isinstance(node, gast.For):
        _loop(node, to)
        return None
    return _comprehension.collect(node, gast.List(elts=[], ctx=gast.Load()), append, to)


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
