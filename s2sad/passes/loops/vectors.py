"""Loops over exponentials, logarithms and hyperbolic tangents let a compiler work on several items at once.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(vectors(core('''
... def f(x):
...     total = 0.0
...     x_bar = np.empty(x.shape[0])
...     for i in range(x.shape[0]):
...         t = np.exp(-x[i])
...         total += x[i] * t
...         x_bar[i] = (1.0 - x[i]) * t
...     return total, x_bar
... ''', np.zeros(5))))
def f(x):
    total = 0.0
    x_bar = np.empty(x.shape[0])
    terms = np.empty(x.shape[0])
    for i in range(x.shape[0]):
        t = vector_exp(-x[i])
        terms[i] = x[i] * t
        x_bar[i] = (1.0 - x[i]) * t
    for i in range(x.shape[0]):
        total += terms[i]
    return total, x_bar

A sum is taken item by item, in its order, which is one item at a time; so it gets a loop of its own, and the loop with
the exponentials keeps the terms, as many as an array has items that is there anyway.  What reads an array that is
another one in each turn of a loop around, as a state is, has a loop of its own too: where that lies, a compiler cannot
tell.  Where something else in a loop keeps its turns in their order, or calls what has no such form, all stays as it
is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from s2sad.analysis.memory import Memory
from s2sad.names import unused
from s2sad.passes.loops.nest import element
from s2sad.program import Program
from s2sad.runtime.elementary import VECTOR
from s2sad.signature import Array, Scalar, Type
from s2sad.sweep.typer import Typer
from s2sad.tree.build import assign, call, clone, constant, dotted, name, placed
from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    definitions,
    headers,
    map_blocks,
    map_headers,
    reads,
    rewrite,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes

_FUNCTIONS = {function: vector.__name__ for function, (vector, _) in VECTOR.items()}
_FUNCTIONS |= {getattr(math, function.__name__): key for function, key in _FUNCTIONS.items()}
_OBJECTS = {vector.__name__: vector for vector, _ in VECTOR.values()}
_ARITHMETIC = frozenset(
    [abs, float, max, min, math.sqrt, math.fabs, np.sqrt, np.abs, np.maximum, np.minimum, np.square]
)
"""Functions that processors have for several numbers at once."""
_FLOATS = frozenset(["float", "float64"])
FEW = 16
"""A sum of no more items is not worth a loop of its own."""
MANY = 10_000
"""A sum of more items, where that is written as a number, may have more terms than memory has room for."""


def vectors(program: Program) -> Program:
    """Put such loops in the form that a compiler wants."""
    making = _Vectors(program)
    if not making.names:
        return program
    body = tuple(making.block(program.body))
    return program.replace(body=body, types=making.types, objects={**program.objects, **_OBJECTS})


class _Vectors:
    def __init__(self, program: Program) -> None:
        self.types, self.objects = dict(program.types), program.objects
        places: dict[str, Type] = {
            key: Scalar("int")
            for node in walk(program.body)
            if isinstance(node, gast.For)
            for key in binds(node)
        }
        self.typer = Typer({**places, **self.types}, self.objects)
        parts = [part for node in walk(program.body) for whole in headers(node) for part in nodes(whole)]
        self.taken = {part.id for part in parts if isinstance(part, gast.Name)}
        self.taken |= {key for node in walk(program.body) for key in binds(node)} | set(program.types)
        called = any(self.function(part) in _FUNCTIONS for part in parts if isinstance(part, gast.Call))
        self.counts = counts = definitions(program.body)
        self.memory = Memory(program)
        self.sizes: set[str] = set()
        for node in walk(program.body):
            key = assigned(node)
            value: Any = getattr(node, "value", None)
            if key is not None and counts[key] == 1 and not isinstance(value, gast.Constant):
                self.sizes |= {key} if self.is_size(value) else set()
        self.room: dict[int, gast.stmt] = {}
        self.names = called and self.taken.isdisjoint(_OBJECTS)

    def function(self, node: gast.Call) -> Any:
        path = dotted(node.func) or ""
        found = self.objects.get(path)
        if found is None and path.partition(".")[0] in ("np", "math"):
            found = getattr(np if path.startswith("np.") else math, path.partition(".")[2], None)
        return found if callable(found) and getattr(found, "__hash__", None) else None

    def block(self, body: Sequence[gast.stmt]) -> list[gast.stmt]:
        out: list[gast.stmt] = []
        for node in body:
            if isinstance(node, gast.For) and not any(blocks(part) for part in node.body):
                out += self.loop(node)
                continue
            new: Any = map_blocks(node, self.block)
            if isinstance(new, (gast.For, gast.While)):
                bound = bound_within([node])
                early = [
                    part for part in new.body if id(part) in self.room and not bound & set(reads(part.value))
                ]
                out += early  # memory is taken once, not in each turn
                new = with_fields(new, body=[part for part in new.body if part not in early])
            out.append(new)
        return out

    def loop(self, node: gast.For) -> list[gast.stmt]:
        """An innermost loop, and what goes before and behind it."""
        calls = [part for inner in node.body for whole in headers(inner) for part in nodes(whole)]
        wanted = [part for part in calls if isinstance(part, gast.Call) and self.vector(part) is not None]
        sums = self.sums(node) if wanted and all(map(self.is_arithmetic, calls)) else None
        if sums is None:
            return [node]
        before: list[gast.stmt] = []
        adding: list[gast.stmt] = []
        body: list[gast.stmt] = []
        for part in node.body:
            made = map_headers(part, lambda whole: rewrite(whole, self.spelled))
            if part in sums:
                terms = unused("terms", self.taken)
                self.types[terms] = Array("float64", None)
                assert isinstance(node.target, gast.Name) and isinstance(node.iter, gast.Call)
                made_room = assign(terms, call("np.empty", _never_less_than_zero(node.iter.args[0])))
                before.append(placed(made_room, part))
                self.room[id(made_room)] = made_room
                place = [name(node.target.id)]
                store = gast.Assign(
                    targets=[element(terms, place, store=True)], value=made.value, type_comment=None
                )
                adding.append(gast.copy_location(with_fields(made, value=element(terms, place)), part))
                made = gast.copy_location(store, part)
            body.append(made)
        parts = [part for part in (*self.parted(body), adding) if part]
        return [*before, *(gast.copy_location(with_fields(node, body=part), node) for part in parts)]

    def parted(self, body: list[Any]) -> tuple[list[Any], list[Any]]:
        """What a loop does, and what can be done behind it because it reads an array that is another one each time.

        A compiler that cannot tell where that array lies leaves the whole loop as it is.
        """
        local = {key for part in body for key in binds(part)}
        cut = len(body)
        while cut and self.is_plain_store(body[cut - 1], local):
            cut -= 1
        front, back = body[:cut], body[cut:]
        loads = [self.elements(part.value) for part in back]
        if not front or not any(self.counts.get(key, 0) > 1 for found in loads for key, _ in found):
            return body, []
        stores = [_stored_element(part) for part in front]
        made = {pair for pair in stores if pair is not None}
        read = {pair for part in front for whole in headers(part) for pair in self.elements(whole)}
        early, late = ({self.memory.root(key) for key, _ in pairs} for pairs in (read | made, made))
        for part, found in zip(back, loads):
            key, _ = _stored_element(part) or ("", "")
            if self.memory.root(key) in early:
                return body, []
            if any(self.memory.root(array) in late and (array, index) not in made for array, index in found):
                return body, []
        return front, back

    def is_plain_store(self, part: Any, local: set[str]) -> bool:
        """Whether a statement stores into an array, from items of arrays and numbers of before, without a call."""
        if _stored_element(part) is None or any(isinstance(inner, gast.Call) for inner in nodes(part)):
            return False
        return not local & {key for whole in headers(part) for key in reads(whole)}

    def elements(self, node: Any) -> set[tuple[str, str]]:
        """The items of arrays in an expression: the array, and its index as text."""
        return {
            (part.value.id, gast.dump(part.slice))
            for part in nodes(node)
            if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name)
        }

    def spelled(self, part: Any) -> Any:
        key = self.vector(part) if isinstance(part, gast.Call) else None
        return part if key is None else with_fields(part, func=name(key))

    def vector(self, node: gast.Call) -> str | None:
        """The name of what stands for a called function."""
        key = _FUNCTIONS.get(self.function(node))
        if key is None or len(node.args) != 1 or node.keywords:
            return None
        known = self.typer(node.args[0])
        return key if isinstance(known, Scalar) and known.dtype in _FLOATS else None

    def is_arithmetic(self, node: Any) -> bool:
        """Whether a part of an expression has a form for several numbers at once."""
        if isinstance(node, gast.Call):
            return self.vector(node) is not None or self.function(node) in _ARITHMETIC
        if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Pow, gast.Mod, gast.FloorDiv)):
            return isinstance(node.op, gast.Pow) and isinstance(node.right, gast.Constant)
        return True

    def sums(self, node: gast.For) -> list[gast.stmt] | None:
        """The statements that add to a number; None where the turns of a loop need each other otherwise."""
        if not isinstance(node.target, gast.Name) or not isinstance(node.iter, gast.Call):
            return None
        if dotted(node.iter.func) not in ("range", "prange"):
            return None
        found: list[gast.stmt] = []
        bound: set[str] = set()
        for part in node.body:
            if isinstance(part, gast.AugAssign) and isinstance(part.target, gast.Name):
                if not self.is_sum(part, node):
                    return None
                found.append(part)
            elif not isinstance(part, (gast.Assign, gast.AugAssign)):
                return None
            elif assigned(part) is not None:
                bound.add(assigned(part) or "")
        seen: set[str] = set()
        for part in node.body:  # nothing is carried from turn to turn
            if ({key for whole in headers(part) for key in reads(whole)} & bound) - seen:
                return None
            seen |= set(binds(part))
        in_order = len(node.iter.args) == 1 and dotted(node.iter.func) == "range"
        return found if not found or (in_order and self.is_size(node.iter.args[0])) else None

    def is_size(self, node: Any) -> bool:
        """Whether a number of turns is more than a few, and the size of an array: the terms take no more than that."""
        if isinstance(node, gast.Constant):
            return type(node.value) is int and FEW < node.value <= MANY
        if isinstance(node, gast.Name):
            return node.id in self.sizes
        if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Sub):
            return self.is_size(node.left)
        if isinstance(node, gast.Call):
            return dotted(node.func) == "len" and self.is_array(node.args[0])
        shape = node.value if isinstance(node, gast.Subscript) else None
        return isinstance(shape, gast.Attribute) and shape.attr == "shape" and self.is_array(shape.value)

    def is_array(self, node: Any) -> bool:
        """Whether an expression is the name of an array, which never grows, as a list may."""
        return isinstance(node, gast.Name) and isinstance(self.types.get(node.id), Array)

    def is_sum(self, node: gast.AugAssign, loop: gast.For) -> bool:
        """Whether a statement adds to a number that nothing else in the loop touches."""
        total = node.target.id
        uses = [
            part.id
            for inner in loop.body
            for whole in headers(inner)
            for part in nodes(whole)
            if isinstance(part, gast.Name)
        ]
        uses += [key for inner in loop.body for key in binds(inner)]
        known = self.types.get(total)
        is_float = isinstance(known, Scalar) and known.dtype in _FLOATS
        return isinstance(node.op, (gast.Add, gast.Sub)) and is_float and uses.count(total) <= 2


def _stored_element(node: Any) -> tuple[str, str] | None:
    """The array that a statement stores an item into, and the index as text."""
    target = node.targets[0] if isinstance(node, gast.Assign) else getattr(node, "target", None)
    if not isinstance(target, gast.Subscript) or not isinstance(target.value, gast.Name):
        return None
    return target.value.id, gast.dump(target.slice)


def _never_less_than_zero(count: Any) -> Any:
    """A number of turns as the size of an array."""
    at_least = isinstance(count, (gast.Constant, gast.Subscript, gast.Call))
    return clone(count) if at_least else call("max", clone(count), constant(0))
