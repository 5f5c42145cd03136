"""What cheap arithmetic gives from what is recorded anyway is computed again instead (backend ``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(recompute(core('''
... def f(x, n):
...     t_tape = []
...     u_tape = []
...     for i in range(n):
...         t = np.exp(x * i)
...         t_tape.append(t)
...         u = 1.0 + t
...         u_tape.append(u)
...     s = 0.0
...     for k in range(n - 1, -1, -1):
...         v = t_tape[k]
...         w = u_tape[k]
...         s = s + v / w
...     return s
... ''', 2.0, 3)))
def f(x, n):
    t_tape = []
    for i in range(n):
        t = np.exp(x * i)
        t_tape.append(t)
        u = 1.0 + t
    s = 0.0
    for k in range(n - 1, -1, -1):
        v = t_tape[k]
        w = 1.0 + v
        s = s + v / w
    return s

In compiled loops an operation costs less than a load and a store, and no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.analysis.memory import ARRAYS, Memory, is_append
from s2sad.names import base, next_version
from s2sad.program import Program
from s2sad.signature import Array, ListOf, Scalar, kind_of
from s2sad.tree.build import assign, subscript
from s2sad.tree.build import name as read_name
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
    rewrite,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes

MOST_OPERATIONS = 4
_CHEAP = (gast.Add, gast.Sub, gast.Mult, gast.Div)


def recompute(program: Program) -> Program:
    """Drop what is recorded without need."""
    thinning = _Thinning(program)
    dropped = thinning.dropped()
    if not dropped:
        return program
    body = thinning.read_once(_without(program.body, dropped))
    return program.replace(body=tuple(body), types=thinning.types)


@dataclass
class _Tape:
    """A list of values: the loop that fills it, what it holds, and how that is computed."""

    loop: Any
    item: str
    value: Any = None


class _Thinning:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.types = dict(program.types)
        self.memory = Memory(program)
        self.counts = definitions(program.body)
        self.parameters = set(parameters(program.args))
        self.values = {
            assigned(node): node.value  # type: ignore[attr-defined]
            for node in walk(program.body)
            if self.counts.get(assigned(node) or "") == 1
        }
        self.top = {key for node in program.body for key in binds(node)} | self.parameters
        self.tapes = {key: tape for key, tape in self.found() if self.is_plain(key)}

    def found(self) -> Iterable[tuple[str, _Tape]]:
        """The lists that a loop of the function's own block appends a variable to."""
        for loop in self.program.body:
            if isinstance(loop, gast.For):
                for node in loop.body:
                    if isinstance(node, gast.Expr) and is_append(node.value):
                        item = node.value.args[0]
                        if isinstance(item, gast.Name):
                            yield node.value.func.value.id, _Tape(loop, item.id)

    def is_plain(self, key: str) -> bool:
        """Whether a list is made empty, appended to once, and else only looked up."""
        made = self.values.get(key)
        known = self.types.get(key)
        if not isinstance(made, gast.List) or made.elts or not isinstance(known, ListOf):
            return False
        mentions = looked_up = 0
        for part in (
            part for node in walk(self.program.body) for header in headers(node) for part in nodes(header)
        ):
            mentions += isinstance(part, gast.Name) and part.id == key
            if (
                isinstance(part, gast.Subscript)
                and isinstance(part.value, gast.Name)
                and part.value.id == key
            ):
                looked_up += isinstance(part.slice, gast.Name)
        return mentions == looked_up + 1 and looked_up > 0

    def dropped(self) -> dict[str, Any]:
        """The lists that are not needed, with what gives an item from the items of others."""
        kept, found = dict(self.tapes), {}
        for key, tape in self.tapes.items():
            del kept[key]
            value = self.again(tape.item, tape.loop, kept, top=True)
            if value is None or sum(isinstance(part, gast.BinOp) for part in nodes(value)) > MOST_OPERATIONS:
                kept[key] = tape
            else:
                found[key] = value
        return found

    def again(self, item: str, loop: Any, kept: dict[str, _Tape], top: bool = False) -> Any:
        """An expression that gives a variable of a loop's turn from kept lists, which stand for their items."""
        known = self.types.get(item)
        real = (
            isinstance(known, (Scalar, Array)) and known.shape is not None and kind_of(known.dtype) == "float"
        )
        if not real or self.memory.is_written(item, ARRAYS):
            return None
        for key, tape in () if top else kept.items():
            if tape.item == item and tape.loop is loop and self.counts.get(item) == 1:
                return read_name(f"{key}[]")
        if item not in bound_within([loop]):
            steady = item in self.top and self.counts.get(item, 0) + (item in self.parameters) == 1
            return read_name(item) if steady else None
        value = self.values.get(item)
        if value is None or not any(node.value is value for node in loop.body if assigned(node) == item):
            return None
        return self.parts(value, loop, kept)

    # ---- items --------------------------------------------------------------------------------------------------

    def read_once(self, body: Sequence[Any]) -> list[Any]:
        """A body whose loops look up each item once, first of all."""
        out = []
        for node in body:
            new = map_blocks(node, self.read_once)
            out.append(self.items_first(new) if isinstance(new, gast.For) else new)
        return out

    def items_first(self, loop: Any) -> Any:
        counter = loop.target.id if isinstance(loop.target, gast.Name) else ""
        looked_up = [
            part.value.id
            for node in walk(loop.body)
            for header in headers(node)
            for part in nodes(header)
            if self.is_item(part, counter)
        ]
        first, names = [], {}
        for key in dict.fromkeys(looked_up):
            reader = next((n for n in loop.body if assigned(n) and self.is_item(n.value, counter, key)), None)
            if reader is not None and self.counts.get(assigned(reader) or "") == 1:
                first.append(reader)
            elif looked_up.count(key) > 1:
                new = self.fresh(key)
                value = subscript(read_name(key), read_name(counter))
                first.append(gast.copy_location(assign(new, value), loop.body[0]))
            else:
                continue
            names[key] = assigned(first[-1])
        body = [node for node in loop.body if not any(node is other for other in first)]
        return with_fields(loop, body=[*first, *self.with_names(body, counter, names)])

    def is_item(self, node: Any, counter: str, key: str = "") -> bool:
        """Whether an expression looks up the item of this turn in a list."""
        if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
            return False
        own = isinstance(node.slice, gast.Name) and node.slice.id == counter
        return own and node.value.id in self.tapes and key in ("", node.value.id)

    def with_names(self, body: Sequence[Any], counter: str, names: dict[str, Any]) -> list[Any]:
        def leave(part: Any) -> Any:
            found = names.get(part.value.id) if self.is_item(part, counter) else None
            return part if found is None else gast.copy_location(read_name(found), part)

        return [
            map_blocks(
                map_headers(node, lambda part: rewrite(part, leave)),
                lambda inner: self.with_names(inner, counter, names),
            )
            for node in body
        ]

    def fresh(self, tape: str) -> str:
        """A name for the item of a list."""
        new = next_version(base(tape).removesuffix("_tape") or "t", self.types, self.counts)
        self.types[new] = self.types[tape].item  # type: ignore[attr-defined]
        return new

    # ---- expressions --------------------------------------------------------------------------------------------

    def parts(self, node: Any, loop: Any, kept: dict[str, _Tape]) -> Any:
        """The same for an expression of cheap arithmetic."""
        if isinstance(node, gast.Constant):
            return node if isinstance(node.value, (int, float)) else None
        if isinstance(node, gast.Name):
            return self.again(node.id, loop, kept)
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            inner = self.parts(node.operand, loop, kept)
            return None if inner is None else gast.UnaryOp(op=gast.USub(), operand=inner)
        if isinstance(node, gast.BinOp) and isinstance(node.op, _CHEAP):
            left, right = self.parts(node.left, loop, kept), self.parts(node.right, loop, kept)
            return None if left is None or right is None else gast.BinOp(left=left, op=node.op, right=right)
        return None


def _without(body: Sequence[Any], dropped: dict[str, Any]) -> list[Any]:
    """A body that neither makes nor fills some lists, and computes what it looked up in them."""

    def leave(part: Any) -> Any:
        if (
            isinstance(part, gast.Subscript)
            and isinstance(part.value, gast.Name)
            and part.value.id in dropped
        ):
            return gast.copy_location(_at(dropped[part.value.id], part.slice), part)
        return part

    out = []
    for node in body:
        made = assigned(node) in dropped
        filled = isinstance(node, gast.Expr) and is_append(node.value) and node.value.func.value.id in dropped
        if not made and not filled:
            new = map_headers(node, lambda part: rewrite(part, leave))
            out.append(map_blocks(new, lambda inner: _without(inner, dropped)) if blocks(new) else new)
    return out


def _at(value: Any, index: Any) -> Any:
    """An expression of items, at the place of one turn."""

    def leave(part: Any) -> Any:
        if isinstance(part, gast.Name) and part.id.endswith("[]"):
            return subscript(read_name(part.id[:-2]), index)
        return part

    return rewrite(value, leave)
