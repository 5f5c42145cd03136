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
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import gast
import numpy as np

from s2sad.program import Program
from s2sad.tree.build import clone, dotted
from s2sad.tree.parts import nodes


def with_lists_kept(program: Program) -> Program:
    """``np.asarray(t)`` for ``np.array(t)`` where the list `t` is used for something else too."""
    every = [node for statement in program.body for node in nodes(statement)]
    paths = {"np.array", *(path for path, known in program.objects.items() if known is np.array)}
    made = [key for node in every if (key := _list_of(node, paths)) is not None]
    if not made:
        return program
    uses = Counter(node.id for node in every if isinstance(node, gast.Name))
    harmless = Counter([*made, *(key for node in every if (key := _filled(node)) is not None)])
    held = {key for key in made if uses[key] > harmless[key]}
    if not held:
        return program
    body = tuple(clone(statement) for statement in program.body)
    for statement in body:
        for node in nodes(statement):
            if _list_of(node, paths) in held:
                node.func.attr = "asarray"
    return program.replace(body=body)


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


__all__ = ["with_lists_kept"]
