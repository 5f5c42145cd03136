"""Unit and zero seeds go, signs meet their sums, literal index arithmetic is done, copies are followed.

>>> from s2sad.testing.core import core, show
>>> show(simplify(core('''
... def f(x, n, result_bar=1.0):
...     x_bar = 0.0
...     t_bar = result_bar
...     x_bar__v1 = x_bar + 1.0 * t_bar
...     x_bar__v2 = x_bar__v1 + -t_bar * x
...     return x_bar__v2
... ''')))
def f(x, n, result_bar=1.0):
    x_bar = 0.0
    t_bar = result_bar
    x_bar__v1 = result_bar
    x_bar__v2 = result_bar - result_bar * x
    return x_bar__v2

Copies are only followed here; `prune` drops those that nothing reads any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import gast

from s2sad.analysis.expression_types import type_of_expression
from s2sad.analysis.kinds import is_derivative, is_temporary, reality
from s2sad.analysis.memory import Memory
from s2sad.names import base
from s2sad.program import Program
from s2sad.signature import Array, Type
from s2sad.tree.algebra import signed_update, simplified
from s2sad.tree.copies import propagated
from s2sad.tree.dataflow import (
    assigned,
    blocks,
    definitions,
    is_copy,
    map_blocks,
    map_headers,
    rename_body,
    rewrite,
    walk,
)

_ZEROS = frozenset(["np.zeros_like", "numpy.zeros_like"])


def simplify(program: Program) -> Program:
    """Algebra that is exact or about our own seeds, and copies followed."""
    program = with_names_of_user(program)
    return program.replace(body=tuple(_Simplifier(program).body()))


def with_names_of_user(program: Program) -> Program:
    """Where a value gets a temporary's name and then the user's, it has the user's from the start."""
    counts = definitions(program.body)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for body in _bodies(program.body):
        copies = [node for node in body if is_copy(node)]
        made = {assigned(node) for node in body} if copies else set()
        for node in copies:
            new, old = assigned(node), node.value.id  # type: ignore[attr-defined]
            if new is None or new in taken or old in names or old not in made or not is_temporary(old):
                continue
            if counts[new] == counts[old] == 1 and not is_temporary(new) and not is_derivative(new):
                names[old] = new
                taken.add(new)
    if not names:
        return program
    body = _without_copies_of_itself(rename_body(program.body, names))
    return program.replace(body=tuple(body))


def _bodies(body: Sequence[gast.stmt]) -> Iterator[Sequence[gast.stmt]]:
    yield body
    for node in walk(body):
        yield from blocks(node)


def _without_copies_of_itself(body: Sequence[gast.stmt]) -> list[gast.stmt]:
    kept = [node for node in body if not (is_copy(node) and assigned(node) == node.value.id)]  # type: ignore[attr-defined]
    return [map_blocks(node, _without_copies_of_itself) for node in kept]


class _Simplifier:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.memory = Memory(program)
        self.real = reality(self.memory)
        self.counts = definitions(program.body)
        self.zeros = dict(self._zeros())

    def body(self) -> list[gast.stmt]:
        return propagated(self.program.body, self.wanted, self.visit)

    def wanted(self, name: str, source: str) -> bool:
        """Whether a copy is worth following: not one that keeps an older value of a user's loop variable."""
        if is_derivative(name) or is_temporary(name) or base(name) == base(source):
            return True
        return self.counts.get(source, 0) <= 1

    def visit(self, node: gast.stmt) -> gast.stmt:
        target = assigned(node)

        def real(part: Any, alone: bool) -> bool:
            return self.real(part) and (not alone or self.may_stand_alone(part, target))

        contributions = target is not None and is_derivative(target)
        changed = map_headers(node, lambda part: simplified(part, real, contributions))
        if isinstance(changed, gast.AugAssign):
            return signed_update(changed)
        if not self.zeros:
            return changed
        name = assigned(changed)
        if name is None:
            return changed
        return map_headers(changed, lambda part: rewrite(part, lambda inner: self.without_zero(inner, name)))

    def may_stand_alone(self, node: Any, target: str | None) -> bool:
        """Whether a value may be used in place of a fresh copy of it."""
        shared = self.memory.shared(node)
        if not shared:
            return True
        if target is None or not is_derivative(target):
            return False
        return not any(self.memory.is_written(name) for name in (target, *shared))

    def without_zero(self, node: Any, target: str) -> Any:
        """``zero + e`` as ``e``, where that is the same value and makes nothing share memory that is written to."""
        if not isinstance(node, gast.BinOp) or not isinstance(node.op, gast.Add):
            return node
        for zero, other in ((node.left, node.right), (node.right, node.left)):
            if (
                isinstance(zero, gast.Name)
                and zero.id in self.zeros
                and self.fits(self.zeros[zero.id], other)
            ):
                shared = [target, *self.memory.shared(other, array=True)]
                if len(shared) == 1 or not any(self.memory.is_written(name) for name in shared):
                    return other
        return node

    def fits(self, zero: Type | None, other: Any) -> bool:
        """Whether adding a zero of this type to an expression keeps its type."""
        if not isinstance(zero, Array):
            return self.real(other)
        return type_of_expression(other, self.memory.types) == zero

    def _zeros(self) -> Any:
        for node in walk(self.program.body):
            name = assigned(node)
            if (
                name is None
                or not is_derivative(name)
                or self.counts[name] != 1
                or self.memory.is_written(name)
            ):
                continue
            value = node.value  # type: ignore[attr-defined]
            if isinstance(value, gast.Constant) and isinstance(value.value, float) and value.value == 0.0:
                yield name, None
            elif isinstance(value, gast.Call) and _dotted(value.func) in _ZEROS and name in self.memory.types:
                yield name, self.memory.types[name]


def _dotted(node: Any) -> str:
    if isinstance(node, gast.Attribute) and isinstance(node.value, gast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""
