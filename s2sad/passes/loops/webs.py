"""An array that is bound anew gets a name of its own, so that loops over both may join and memory be taken before.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(separated(core('''
... def f(x):
...     t = x * 2.0
...     u = t + 1.0
...     t = u * t
...     return t
... ''', np.ones(3))))
def f(x):
    t_1 = x * 2.0
    u = t_1 + 1.0
    t = u * t_1
    return t
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import gast

from s2sad.analysis.liveness import Liveness
from s2sad.program import Program
from s2sad.signature import Array
from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    definitions,
    headers,
    map_blocks,
    map_headers,
    parameters,
    rename,
    rename_statement,
    statement_reads,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes

_NUMBER = re.compile(r"_\d+$")


def separated(program: Program) -> Program:
    """Give arrays that are bound more than once in a block a name each, and those of a loop names of its own."""
    separating = _Separating(program)
    body = separating.block(separating.loops(program.body))
    return program.replace(body=tuple(body), types=separating.types)


class _Separating:
    def __init__(self, program: Program) -> None:
        self.types = dict(program.types)
        self.parameters = parameters(program.args)
        self.taken = {*self.parameters, program.name}
        for node in walk(program.body):
            self.taken.update(binds(node))
            parts = [part for header in headers(node) for part in nodes(header)]
            self.taken.update(part.id for part in parts if isinstance(part, gast.Name))

    def loops(self, body: Sequence[Any]) -> list[Any]:
        """A body whose loops have names of their own for arrays that no turn finds, and no later statement reads."""
        counts, live = definitions(body), Liveness(body)
        own = {id(loop): self.of_loop(loop, live) for loop in _outermost(body)}
        bound: dict[str, int] = {}
        for loop in _outermost(body):
            inside = definitions([loop])
            for key in own[id(loop)]:
                bound[key] = bound.get(key, 0) + inside[key]
        kept = set(self.parameters)

        def change(node: Any) -> Any:
            if id(node) not in own:
                return map_blocks(node, lambda inner: [change(part) for part in inner])
            names: dict[str, str] = {}
            inside = definitions([node])
            for key in own[id(node)]:
                first = bound[key] == counts[key] and key not in kept
                if not first and inside[key] < counts[key]:
                    names[key] = self.fresh(key)
                kept.add(key)
            return _renamed(node, names) if names else node

        return [change(node) for node in body]

    def of_loop(self, loop: Any, live: Liveness) -> list[str]:
        """The arrays that are bound in a loop and used nowhere else."""
        if any(isinstance(part, gast.FunctionDef) for part in walk([loop])):
            return []
        seen = live.entry[id(loop)] | live.after[id(loop)] | live.escaping
        if isinstance(loop, gast.For):  # its header is read before the first turn
            seen |= live.bits(statement_reads(loop))
        bound = sorted(bound_within([loop]))
        return [key for key in bound if isinstance(self.types.get(key), Array) and not seen & live.bit(key)]

    def block(self, body: Sequence[Any]) -> list[Any]:
        out = list(body)
        last: dict[str, int] = {}
        for k, node in enumerate(body):
            key = assigned(node)
            if key is None or not isinstance(self.types.get(key), Array):
                continue
            if key in last and self.may_part(key, out[last[key] + 1 : k]):
                self.part(key, out, last[key], k)
            last[key] = k
        return [map_blocks(node, self.block) for node in out]

    def may_part(self, key: str, between: Sequence[Any]) -> bool:
        """Whether nothing but the statements between two bindings can see what the first one binds."""
        return not any(
            isinstance(node, (gast.Break, gast.FunctionDef))
            or (key in binds(node) and not isinstance(node, gast.AugAssign))
            for node in walk(between)
        )

    def part(self, key: str, out: list[Any], first: int, second: int) -> None:
        """Rename what is bound at one place and read until another one."""
        new = self.fresh(key)
        names = {key: new}
        target = with_fields(out[first].targets[0], id=new)
        out[first] = with_fields(out[first], targets=[target])
        for k in range(first + 1, second):
            out[k] = _renamed(out[k], names)
        out[second] = map_headers(out[second], lambda part: rename(part, names))

    def fresh(self, key: str) -> str:
        stem, count = _NUMBER.sub("", key), 1
        while f"{stem}_{count}" in self.taken:
            count += 1
        new = f"{stem}_{count}"
        self.taken.add(new)
        self.types[new] = self.types[key]
        return new


def _outermost(body: Sequence[Any]) -> list[Any]:
    """The loops that are in no other loop."""
    found: list[Any] = []
    for node in body:
        if isinstance(node, (gast.For, gast.While)):
            found.append(node)
        else:
            found += [loop for block in blocks(node) for loop in _outermost(block)]
    return found


def _renamed(node: Any, names: dict[str, str]) -> Any:
    return map_blocks(rename_statement(node, names), lambda body: [_renamed(inner, names) for inner in body])
