"""Calls that the forward sweep has made already: the reverse sweep reads their results instead of making them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from s2sad.tree.build import dotted, name, names_in
from s2sad.tree.dataflow import blocks, rewrite
from s2sad.tree.parts import key_of, nodes


class Held:
    """The calls that single statements of the forward sweep hold under a name.

    Parameters
    ----------
    body : sequence of stmt
        The forward sweep.
    is_steady : callable
        Whether a statement's call, made again at any time, would give the same, and what it gave stays as it is.
    """

    def __init__(self, body: Sequence[gast.stmt], is_steady: Callable[[gast.Assign], bool]) -> None:
        self._is_steady = is_steady
        self._places: dict[int, tuple[int, ...]] = {}
        self._names: dict[Any, list[tuple[str, tuple[int, ...]]]] = {}
        self._functions: set[str] = set()
        self._bound: dict[int, set[str]] = {}
        self._walk(body, ())

    def _walk(self, body: Sequence[gast.stmt], around: tuple[int, ...], loop: Any = None) -> None:
        here = (*around, id(body))
        bound = [node for statement in body for node in nodes(statement)] + list(nodes(loop) if loop else ())
        self._bound[id(body)] = {
            node.id for node in bound if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load)
        }
        for statement in body:
            self._places[id(statement)] = here
            if isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Call):
                self._note(statement, here)
            for block in blocks(statement):
                self._walk(block, here, statement.target if isinstance(statement, gast.For) else None)

    def _note(self, statement: gast.Assign, place: tuple[int, ...]) -> None:
        path = dotted(statement.value.func)  # type: ignore[attr-defined]
        target = statement.targets[0]
        if path is None or not isinstance(target, gast.Name) or not self._is_steady(statement):
            return
        self._functions.add(path)
        self._names.setdefault(key_of(statement.value), []).append((target.id, place))

    def reused(self, node: Any, at: gast.AST | None) -> Any:
        """An expression of the reverse sweep of the statement `at`, with the results that are there then."""
        place = self._places.get(id(at))
        if place is None or not self._names:
            return node
        if not any(part.__class__ is gast.Call and self._may_be_held(part) for part in nodes(node)):
            return node

        def leave(part: Any) -> Any:
            if not self._may_be_held(part):
                return part
            for key, home in self._names.get(key_of(part), ()):
                if place[: len(home)] == home and not self._changed(part, place[len(home) :]):
                    return name(key)
            return part

        return rewrite(node, leave, atoms=False)

    def _changed(self, call: gast.expr, inside: tuple[int, ...]) -> bool:
        """Whether an operand of a call made outside of some blocks stands for other values inside of them."""
        return any(self._bound[block] & names_in(call) for block in inside)

    def _may_be_held(self, node: Any) -> bool:
        return isinstance(node, gast.Call) and dotted(node.func) in self._functions


def operands(statement: gast.Assign) -> set[str]:
    """The names that a statement reads and the one that it assigns."""
    return names_in(statement.value) | names_in(statement.targets)
