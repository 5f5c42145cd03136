"""Which buffers each name may refer to at each place: forward, to the fixed point of every loop.

A buffer is known by the statement that makes it; ``"outside"`` is memory of the caller.

>>> from s2sad.testing.core import core
>>> import numpy as np
>>> program = core('''
... def f(x):
...     a = x * 2.0
...     b = a
...     c = b[1:]
...     return c
... ''', np.ones(3))
>>> last = Buffers(program).before[id(program.body[-1])]
>>> last["a"].sites == last["b"].sites, last["c"].view, last["x"].sites
(True, True, frozenset({'outside'}))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gast
import numpy as np

from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import ARRAYS, Memory, is_append
from s2sad.program import Program
from s2sad.tree.build import dotted, is_none
from s2sad.tree.dataflow import binds, blocks, headers, parameters, reads, statements_in, stored

OUTSIDE = "outside"


@dataclass(frozen=True)
class Reference:
    """What a name refers to: the buffers it may be, or may hold; `view`: perhaps a part of one."""

    sites: frozenset[Any]
    view: bool = False

    def __or__(self, other: Reference) -> Reference:
        return Reference(self.sites | other.sites, self.view or other.view)


NOTHING = Reference(frozenset())
State = dict[str, Reference]


class Buffers:
    """Buffers of the names of a program."""

    def __init__(self, program: Program) -> None:
        self.memory = Memory(program)
        self._program = program
        self._breaks: list[State] = []

    @cached_property
    def live(self) -> Liveness:
        """Which names are still read after each statement."""
        return Liveness(self._program.body)

    @cached_property
    def absent(self) -> set[str]:
        """Names that are None on some path."""
        return {name for statement in self._program.body for name in _set_to_none(statement)}

    @cached_property
    def before(self) -> dict[int, State]:
        """What each name refers to before a statement, by the statement's ``id``: not asked where all are numbers."""
        self._before: dict[int, State] = {}
        outside = Reference(frozenset([OUTSIDE]))
        start = {name: outside for name in parameters(self._program.args) if self.memory.kind(name)}
        self._body(self._program.body, start)
        return self._before

    def refers(self, name: str, state: Mapping[str, Reference]) -> Reference:
        """What a name refers to; a global belongs to the caller."""
        if name in self.memory.locals:
            return state.get(name, NOTHING)
        return Reference(frozenset([OUTSIDE])) if self.memory.kind(name) else NOTHING

    def others(self, name: str, node: gast.stmt, state: Mapping[str, Reference]) -> frozenset[Any]:
        """The buffers that other names which are still read after a statement refer to."""
        found: set[Any] = set()
        for other in self.live.names(self.live.after[id(node)]):
            if other != name:
                found |= self.refers(other, state).sites
        return frozenset(found)

    def is_owned(self, name: str, node: gast.stmt) -> bool:
        """Whether, before a statement, a name is the only one that refers to its buffer from then on."""
        state = self.before[id(node)]
        mine = state.get(name, NOTHING)
        if mine.view or not mine.sites or OUTSIDE in mine.sites:
            return False
        return not mine.sites & self.others(name, node, state)

    # ---- forward ------------------------------------------------------------------------------------------------

    def _body(self, body: Sequence[gast.stmt], state: State) -> State:
        for node in body:
            self._before[id(node)] = state
            state = self._statement(node, state)
        return state

    def _statement(self, node: Any, state: State) -> State:
        if isinstance(node, gast.Break):
            self._breaks.append(state)
            return {}
        if isinstance(node, gast.If):
            return _joined([self._body(block, dict(state)) for block in blocks(node)])
        if isinstance(node, (gast.For, gast.While)):
            return self._loop(node, state)
        if isinstance(node, gast.With):
            return self._body(node.body, self._bind(node, state, node.items[0].context_expr))
        if isinstance(
            node, gast.Try
        ):  # its body may stop anywhere, so that a name may hold what it did before
            return _joined([self._body(node.body, dict(state)), dict(state)])
        if isinstance(node, (gast.Assign, gast.FunctionDef)):
            return self._assign(node, state)
        if isinstance(node, gast.Expr) and is_append(node.value):
            return self._put(node.value.func.value.id, node.value.args, state)
        if isinstance(node, gast.Expr) and self._keeps_nothing(node.value):
            return state
        if isinstance(node, gast.Expr) and not self.memory.is_pure(node.value):
            return self._mixed([name for part in headers(node) for name in reads(part)], state)
        return state

    def _assign(self, node: Any, state: State) -> State:
        if isinstance(node, gast.FunctionDef):
            return state
        into = stored(node)
        if into is not None:
            return self._put(into, [node.value], state)
        return self._bind(node, state, node.value)

    def _bind(self, node: Any, state: State, value: Any) -> State:
        bound = binds(node)
        new = dict(state)
        for name in bound:
            kind = self.memory.kind(name)
            if not kind:
                new.pop(name, None)
                continue
            if isinstance(value, gast.Name):
                held, types = self.refers(value.id, state), self.memory.types
                # under a wider type a buffer may not be as large, or as precise, as the name's type says
                new[name] = Reference(held.sites, held.view or types.get(name) != types.get(value.id))
                continue
            held = NOTHING
            for other in self.memory.shared(value, array=self.memory._is_array([name])):
                held |= self.refers(other, state)
            if self.memory._gives_derivative(value, bound):
                held = NOTHING
            view = bool(held.sites) or self.memory.is_read_only(value)
            new[name] = Reference(held.sites | {id(node)}, view)
        return new

    def _put(self, container: str, values: Iterable[Any], state: State) -> State:
        if self.memory.kind(container) == ARRAYS:  # which holds numbers
            return state
        held = self.refers(container, state)
        for value in values:
            for other in self.memory.shared(value):
                held |= Reference(self.refers(other, state).sites)
        if held == state.get(container):
            return state
        return {**state, container: held}

    def _mixed(self, names: Iterable[str], state: State) -> State:
        """After a call that may put any of its arguments into any other."""
        involved = [name for name in names if self.memory.kind(name) and name in self.memory.locals]
        together = NOTHING
        for name in involved:
            together |= self.refers(name, state)
        return {**state, **dict.fromkeys(involved, together)}

    def _keeps_nothing(self, value: Any) -> bool:
        """Whether a call is ``np.add.at(...)``: it writes numbers into an array, and no reference anywhere."""
        path = dotted(value.func) if isinstance(value, gast.Call) else None
        owner, _, method = (path or "").rpartition(".")
        return method == "at" and isinstance(self.memory.objects.get(owner), np.ufunc)

    def _loop(self, node: Any, state: State) -> State:
        outer = self._breaks
        head = self._bind(node, state, node.iter) if isinstance(node, gast.For) else state
        while True:
            self._breaks = []
            end = self._body(node.body, dict(head))
            again = _joined([head, self._bind(node, end, node.iter) if isinstance(node, gast.For) else end])
            if again == head:
                break
            head = again
        after = _joined([state, head, *self._breaks])
        self._breaks = outer
        return after


def _joined(states: list[State]) -> State:
    first, *rest = states
    out = dict(first)
    for state in rest:
        for name, reference in state.items():
            out[name] = out[name] | reference if name in out else reference
    return out


def _set_to_none(statement: gast.stmt) -> list[str]:
    """The names that a statement, or one inside it, sets to None: on that path they hold nothing."""
    return [
        part.targets[0].id
        for part in statements_in(statement)
        if isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Name)
        and is_none(part.value)
    ]  # fmt: skip
