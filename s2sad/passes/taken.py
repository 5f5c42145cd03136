"""A slot of a cotangent that was taken is zeroed only if something reads it again.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(taken(core('''
... def f(x, n, y_bar):
...     x_bar = np.zeros_like(x)
...     z_bar = y_bar * x
...     for i in range(n, 0, -1):
...         t_bar = z_bar[i]
...         z_bar[i] = 0.0
...         x_bar[i] = t_bar
...         z_bar[i - 1] += t_bar * 0.5
...     for j in range(n):
...         t_bar__v1 = x_bar[j]
...         x_bar[j] = 0.0
...         x_bar[j + 1] += t_bar__v1
...         x_bar[j] += t_bar__v1 * 2.0
...     t_bar__v2 = z_bar[0]
...     z_bar[0] = 0.0
...     return x_bar, t_bar__v2
... ''', np.ones(3), 2, np.ones(3))))
def f(x, n, y_bar):
    x_bar = np.zeros_like(x)
    z_bar = y_bar * x
    for i in range(n, 0, -1):
        t_bar = z_bar[i]
        x_bar[i] = t_bar
        z_bar[i - 1] += t_bar * 0.5
    for j in range(n):
        t_bar__v1 = x_bar[j]
        x_bar[j + 1] += t_bar__v1
        x_bar[j] = t_bar__v1 * 2.0
    t_bar__v2 = z_bar[0]
    return x_bar, t_bar__v2

Only for buffers that no second name refers to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import gast

from s2sad.analysis.kinds import is_derivative
from s2sad.analysis.memory import Memory
from s2sad.analysis.places import are_apart
from s2sad.program import Program
from s2sad.signature import Array
from s2sad.tree.build import dotted, names_in
from s2sad.tree.dataflow import DEFERRED, binds, blocks, definitions, map_blocks, walk, with_fields
from s2sad.tree.parts import key_of, nodes

_LEAVES = (gast.Break, gast.Return, gast.Raise)


def taken(program: Program) -> Program:
    """Leave out the zeros that nothing reads."""
    if not any(_zeroed(node) for node in walk(program.body)):
        return program
    passing = _Taken(program)
    return program.replace(body=tuple(passing.block(list(program.body), (), [])))


class _Counter(NamedTuple):
    """The variable of a loop over a range: the least number it may be, and whether it goes up."""

    name: str
    least: int
    up: bool


class _Level(NamedTuple):
    """A block on the way to a statement: what follows there, and the compound statement that leads on."""

    through: gast.stmt
    after: Sequence[gast.stmt]
    names: frozenset[str]  # bound there before


class _Taken:
    def __init__(self, program: Program) -> None:
        self.types = program.types
        self.counts = definitions(program.body)
        self.program = program

    @cached_property
    def alone(self) -> frozenset[str]:
        """The names that share memory with no other."""
        memory = Memory(self.program)
        roots = {key: memory.root(key) for key in memory.locals if memory.kind(key)}
        sizes = Counter(roots.values())
        return frozenset(key for key, root in roots.items() if sizes[root] == 1)

    def block(
        self, body: list[Any], around: Sequence[_Level], counters: Sequence[_Counter]
    ) -> list[gast.stmt]:
        """The statements of a block without the zeros that nothing reads; `around`: the blocks it stands in."""
        made: set[str] = set()
        out = list(body)
        for k, node in enumerate(body):
            level = _Level(node, body[k + 1 :], frozenset(made))
            if blocks(node):
                out[k] = self.compound(node, [*around, level], counters)
            elif (
                (key := _zeroed(node)) is not None
                and self.is_own(key)
                and self.is_dead(node, key, level, around)
            ):
                out[k] = None
            made.update(binds(node))
        for k, node in enumerate(out):
            key = None if node is None else _zeroed(node)
            if key is not None and self.is_own(key):
                self.stored(out, k, key, counters)
        return [node for node in out if node is not None]

    def compound(self, node: Any, around: Sequence[_Level], counters: Sequence[_Counter]) -> gast.stmt:
        counter = _counted(node)
        known = counter is not None and self.counts[counter.name] == 1
        inner = [*counters, counter] if counter is not None and known else counters
        return map_blocks(node, lambda block: self.block(list(block), around, inner))

    def is_own(self, key: str) -> bool:
        """Whether a buffer is made once and has one name."""
        known = self.types.get(key)
        own = isinstance(known, Array) and is_derivative(key) and self.counts.get(key) == 1
        return own and key in self.alone

    # ---- zeros that are added to --------------------------------------------------------------------------------

    def stored(self, out: list[Any], k: int, key: str, counters: Sequence[_Counter]) -> None:
        """``b[i] = 0.0`` and, further down in the block, ``b[i] += e`` as ``b[i] = e``."""
        index = out[k].targets[0].slice
        slot, fixed = key_of(index), names_in(index)
        for j in range(k + 1, len(out)):
            node = out[j]
            if node is None:
                continue
            if isinstance(node, gast.AugAssign) and _is_item(node.target, key):
                if key_of(node.target.slice) == slot:
                    value = _added(node)
                    if value is not None and key not in names_in([value]):
                        target = with_fields(node.target, ctx=gast.Store())
                        out[j] = gast.copy_location(gast.Assign([target], value, None), node)
                        out[k] = None
                    return
            if fixed & set(definitions([node])) or any(isinstance(part, _LEAVES) for part in walk([node])):
                return
            others = _places(node, key)
            if others is None or (others and blocks(node)):
                return
            if not all(self.apart(index, other, counters) for other in others):
                return

    def apart(self, one: Any, other: Any, counters: Sequence[_Counter]) -> bool:
        """Whether two indices select different elements: ``i`` and ``i + 1``, where neither is negative."""
        for counter in counters:
            first, second = _offset(one, counter.name), _offset(other, counter.name)
            if first is not None and second is not None:
                return first != second and counter.least + min(first, second) >= 0
        return are_apart(one, other, self.types)

    # ---- zeros that nothing reads -------------------------------------------------------------------------------

    def is_dead(self, node: Any, key: str, own: _Level, around: Sequence[_Level]) -> bool:
        """Whether nothing that runs after a store reads the slot."""
        levels = [own, *reversed(around)]
        home = next((k for k, level in enumerate(levels) if key in level.names), None)
        if home is None:
            return False
        inside = levels[1 : home + 1]
        if any(isinstance(level.through, gast.Try) for level in inside):
            return False
        loops = [k for k in range(1, home + 1) if isinstance(levels[k].through, (gast.For, gast.While))]
        if not loops:
            return not any(_mentions(part, key) for level in levels[: home + 1] for part in level.after)
        loop = levels[loops[0]].through
        counter = _counted(loop)
        if len(loops) > 1 or counter is None or self.counts[counter.name] != 1:
            return False
        outside = [part for level in levels[loops[0] : home + 1] for part in level.after]
        return self.is_last(node, key, counter, loop, outside)

    def is_last(
        self, node: Any, key: str, counter: _Counter, loop: Any, outside: Sequence[gast.stmt]
    ) -> bool:
        """Whether a store in a loop is the last use of a slot there, and the slots are not read behind the loop."""
        own = _offset(node.targets[0].slice, counter.name)
        if own is None or counter.least + own < 0:
            return False
        seen = False
        for part in walk(loop.body):
            if part is node:
                seen = True
                continue
            for place in _places_of(part, key):
                offset = None if place is None else _offset(place, counter.name)
                if offset is None or counter.least + offset < 0:
                    return False
                if (offset < own if counter.up else offset > own) or (seen and offset == own):
                    return False
        for part in outside:
            places = _places(part, key)
            if places is None or not all(
                _number(place) is not None and 0 <= _number(place) < counter.least + own  # type: ignore[operator]
                for place in places
            ):
                return False
        return True


def _zeroed(node: Any) -> str | None:
    """The name of what a slot of is set to zero."""
    if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Subscript):
        return None
    owner, value = node.targets[0].value, node.value
    zero = isinstance(value, gast.Constant) and isinstance(value.value, float) and value.value == 0.0
    return owner.id if zero and isinstance(owner, gast.Name) and is_derivative(owner.id) else None


def _added(node: gast.AugAssign) -> Any:
    """What an update makes of zero."""
    if isinstance(node.op, gast.Add):
        return node.value
    return gast.UnaryOp(gast.USub(), node.value) if isinstance(node.op, gast.Sub) else None


def _is_item(node: Any, key: str) -> bool:
    return isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name) and node.value.id == key


def _mentions(node: Any, key: str) -> bool:
    return any(isinstance(part, gast.Name) and part.id == key for part in nodes(node))


def _places(node: Any, key: str) -> list[Any] | None:
    """The indices at which a statement, its blocks included, uses a buffer; None if it uses it in another way."""
    found = [place for part in walk([node]) for place in _places_of(part, key)]
    return None if None in found else found


def _places_of(node: Any, key: str) -> list[Any]:
    """The indices at which a statement without its blocks uses a buffer; None for each other use."""
    inner = {id(part) for block in blocks(node) for statement in block for part in nodes(statement)}
    parts = [part for part in nodes(node) if id(part) not in inner]
    uses = sum(isinstance(part, gast.Name) and part.id == key for part in parts)
    if not uses:
        return []
    places: list[Any] = [part.slice for part in parts if _is_item(part, key)]
    deferred = any(isinstance(part, DEFERRED) for part in parts)
    return [None] if deferred or len(places) != uses else places


def _counted(node: Any) -> _Counter | None:
    """The variable of a loop over a range from or down to a number, in steps of one."""
    if not isinstance(node, gast.For) or not isinstance(node.target, gast.Name):
        return None
    if not isinstance(node.iter, gast.Call) or dotted(node.iter.func) != "range":
        return None
    args = node.iter.args
    start = _number(args[0]) if len(args) > 1 else 0
    step = _number(args[2]) if len(args) > 2 else 1
    if step == 1 and start is not None:
        return _Counter(node.target.id, start, True)
    stop = _number(args[1]) if step == -1 else None
    return None if stop is None else _Counter(node.target.id, stop + 1, False)


def _offset(index: Any, counter: str) -> int | None:
    """``c`` of an index ``i + c``."""
    if isinstance(index, gast.Name):
        return 0 if index.id == counter else None
    if not isinstance(index, gast.BinOp) or not isinstance(index.left, gast.Name) or index.left.id != counter:
        return None
    number = _number(index.right)
    if number is None or not isinstance(index.op, (gast.Add, gast.Sub)):
        return None
    return number if isinstance(index.op, gast.Add) else -number


def _number(node: Any) -> int | None:
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, gast.Constant) and type(node.value) is int else None
