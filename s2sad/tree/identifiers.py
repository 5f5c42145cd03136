"""Identifiers that a function does not use yet.

>>> import gast
>>> fresh = Identifiers(gast.parse("def f(t): return t + t_1"))
>>> fresh("t"), fresh("t"), fresh("flag")
('t_2', 't_3', 'flag')
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterator
from typing import Any

import gast

from s2sad.names import unused
from s2sad.tree.parts import children


class Identifiers:
    """Gives out identifiers that clash with none in a tree, each once; call it with the name that one would like."""

    def __init__(self, tree: gast.AST) -> None:
        self._taken = {*identifiers(tree), *dir(builtins), *keyword.kwlist}

    def __call__(self, wanted: str) -> str:
        return unused(wanted, self._taken)


def identifiers(tree: Any) -> Iterator[str]:
    """Every identifier that is bound or read in a tree: variables, parameters, functions, imported names."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, gast.Name):
            yield node.id
        elif isinstance(node, gast.AST):
            stack.extend(children(node))
            yield from _declared(node)


def _declared(node: gast.AST) -> Iterator[str]:
    if isinstance(node, (gast.FunctionDef, gast.AsyncFunctionDef, gast.ClassDef)):
        yield node.name
    elif isinstance(node, (gast.Global, gast.Nonlocal)):
        yield from node.names
    elif isinstance(node, gast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, (gast.MatchAs, gast.MatchStar)) and node.name is not None:
        yield node.name
    elif isinstance(node, gast.MatchMapping) and node.rest is not None:
        yield node.rest
