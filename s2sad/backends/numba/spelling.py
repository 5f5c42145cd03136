"""How things are spelled for Numba that it would compile to something else.

Numba rewrites a list that a loop fills, and of which ``np.array`` makes an array, to an array that the loop fills, and
drops the list (``numba.core.inline_closurecall``, 0.68), also where something else holds the list:

>>> from s2sad.testing.core import core, show
>>> show(with_lists_kept(core('''
... def f(x):
...     tape = []
...     t = []
...     tape.append(t)
...     for k in range(3):
...         t.append(x)
...     y = np.array(t)
...     return y, tape
... ''', 1.0)))
def f(x):
    tape = []
    t = []
    tape.append(t)
    for k in range(3):
        t.append(x)
    y = np.asarray(t)
    return y, tape

A branch that leaves ``while True`` is on every path through the function, so Numba (0.68) gives a variable that is
assigned there a name of its own, and gives it to what is assigned further down in the loop too: the next trip reads the
old value.  With a test that only looks like one, the branch is one of two ways out:

>>> show(with_tests_in_loops(core('''
... def f(x):
...     while True:
...         y = x * 1.5
...         if y > 5.0:
...             x = y
...             break
...         x = y
...     return x
... ''', 1.0)))
def f(x):
    while 1 == 1:
        y = x * 1.5
        if y > 5.0:
            x = y
            break
        x = y
    return x
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import gast
import numpy as np

from s2sad.program import Program
from s2sad.tree.build import clone, constant, dotted, path
from s2sad.tree.parts import nodes


def with_lists_kept(program: Program) -> Program:
    """``np.asarray(t)`` for ``np.array(t)`` where the list `t` has another use too."""
    every = [node for statement in program.body for node in nodes(statement)]
    paths = {"np.array", *(key for key, known in program.objects.items() if known is np.array)}
    made = [key for node in every if (key := _list_of(node, paths)) is not None]
    if not made:
        return program
    uses = Counter(node.id for node in every if isinstance(node, gast.Name))
    harmless = Counter([*made, *(key for node in every if (key := _filled(node)) is not None)])
    spelled = {key for key in made if uses[key] > harmless[key]}
    if not spelled:
        return program
    body = tuple(clone(statement) for statement in program.body)
    for statement in body:
        for node in nodes(statement):
            if _list_of(node, paths) in spelled:
                node.func = path("np.asarray")
    return program.replace(body=body)


def with_tests_in_loops(program: Program) -> Program:
    """``while 1 == 1`` for ``while True`` where a branch that leaves assigns what the rest of the loop assigns too."""
    loops = [node for statement in program.body for node in nodes(statement) if _is_misread(node)]
    if not loops:
        return program
    body = tuple(clone(statement) for statement in program.body)
    for statement in body:
        for node in nodes(statement):
            if _is_misread(node):
                node.test = gast.Compare(left=constant(1), ops=[gast.Eq()], comparators=[constant(1)])
    return program.replace(body=body)


def _is_misread(node: Any) -> bool:
    """Whether this is a loop without a test in which a variable is assigned both before a ``break`` and elsewhere."""
    if not isinstance(node, gast.While) or not isinstance(node.test, gast.Constant):
        return False
    leaving = Counter(key for block in _leaving(node.body) for key in _stored(block))
    every = Counter(_stored(node.body))
    return any(every[key] > count for key, count in leaving.items())


def _leaving(block: list[gast.stmt]) -> list[list[gast.stmt]]:
    """The blocks of a loop's body that end with ``break``."""
    found = [block] if block and isinstance(block[-1], gast.Break) else []
    for statement in block:
        if not isinstance(statement, (gast.For, gast.While)):
            for part in ("body", "orelse"):
                found += _leaving(getattr(statement, part, None) or [])
    return found


def _stored(block: list[gast.stmt]) -> list[str]:
    return [
        node.id for statement in block for node in nodes(statement)
        if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Store)
    ]  # fmt: skip


def _list_of(node: Any, paths: set[str]) -> str | None:
    """The name that ``np.array`` is given."""
    if not isinstance(node, gast.Call) or dotted(node.func) not in paths or len(node.args) != 1:
        return None
    return node.args[0].id if isinstance(node.args[0], gast.Name) else None


def _filled(node: Any) -> str | None:
    """The list that a node makes, or appends to."""
    if (
        isinstance(node, gast.Assign)
        and isinstance(node.targets[0], gast.Name)
        and isinstance(node.value, gast.List)
    ):
        return node.targets[0].id
    if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr == "append":
        return node.func.value.id if isinstance(node.func.value, gast.Name) else None
    return None


__all__ = ["with_lists_kept", "with_tests_in_loops"]
