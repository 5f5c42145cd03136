"""Generator expressions: a list is built in a loop, and given out once.

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
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import gast

from s2sad.syntax import Lowering, Refusal, _comprehension
from s2sad.syntax.list_comprehension import append
from s2sad.tree.build import call, dotted, names_in
from s2sad.tree.parts import nodes
from s2sad.tree.scopes import comprehension_variables, names_of_parameters

TITLE = "generator expression, as an argument, in a loop, or for a variable"
NODES = (gast.GeneratorExp, gast.Assign, gast.Call, gast.FunctionDef)
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
    return isinstance(node, gast.Assign) and isinstance(node.value, gast.GeneratorExp)


def _consumes(func: gast.expr) -> bool:
    if isinstance(func, gast.Attribute) and func.attr == "join":
        return True
    path = dotted(func)
    return path is None or path.split(".")[-1] in CONSUMERS


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if isinstance(node, gast.FunctionDef):
        yield from _late(node)
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
    return _comprehension.collect(node, gast.List(elts=[], ctx=gast.Load()), append, to)
