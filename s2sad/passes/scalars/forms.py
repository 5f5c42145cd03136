"""The forms that a vector is at hand in: its numbers, the vector itself, or both."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.abstract.interpreter import Interpreted
from s2sad.names import base
from s2sad.passes.scalars.costs import (
    BOX,
    PACK,
    PACK_EACH,
    UNBOX,
    UNPACK,
    UNPACK_EACH,
    UNPACK_INDEXED,
    Costs,
)
from s2sad.passes.scalars.expressions import Expressions
from s2sad.passes.scalars.small import Unfit, as_array, filled, indices, is_small, shape_of
from s2sad.passes.scalars.stores import Groups
from s2sad.runtime.arrays import numbers_of
from s2sad.signature import Scalar, Sequence
from s2sad.tree.build import assign, call, clone, constant, name, names_in, subscript
from s2sad.tree.dataflow import binds, definitions, walk


class Forms(Expressions):
    """Knows of each vector which forms it has, and makes them.

    `numbers` and `vectors` are the names that are needed as those; of what loops and branches merge and has numbers,
    the vector is made where it is needed, but for those that are `carried` as both.
    """

    def __init__(
        self,
        core: Interpreted,
        numbers: frozenset[str],
        vectors: frozenset[str],
        carried: frozenset[str],
        left: frozenset[str],
    ) -> None:
        super().__init__(core, set(core.objects) | set(core.inputs))
        self.numbers, self.vectors, self.carried, self.left = set(numbers), set(vectors), set(carried), left
        self.costs = Costs()
        self.items: dict[str, np.ndarray] = {}
        self.asked: set[str] = set()
        self.used: set[str] = set()
        self.weight = 1.0
        self.varied = set(core.varied)
        self.changed = False
        self.in_test = False
        groups = Groups(core).of
        self.written = {key: names for key, names in groups.items() if not names & left}
        self.numbers |= set(self.written)
        self.fixed: dict[str, np.ndarray] = {}
        self.moving: set[str] = set()
        for names in set(self.written.values()):
            self.costs.note(sorted(names), 0.0)
        counts = definitions(core.body)
        self.merged = {key for key, count in counts.items() if count > 1}
        self.sources: dict[str, set[str]] = {}
        for statement in walk(core.body):
            if isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Name):
                for key in binds(statement):
                    self.sources.setdefault(key, set()).add(statement.value.id)
        for key in [key for key in self.merged if not self._is_merge(key, core)]:
            self._leave(key)

    def _is_merge(self, key: str, core: Interpreted) -> bool:
        """Whether every definition of a name is a copy."""
        return all(
            isinstance(s, gast.Assign) and isinstance(s.value, (gast.Name, gast.Constant))
            for s in walk(core.body)
            if key in binds(s)
        )

    def _leave(self, key: str) -> None:
        """A name stays a vector, and with it what shares its memory."""
        self.left |= {key, *self.written.get(key, ())}

    @property
    def wanted(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """What is needed in which form, copies' sources like the copies."""
        copied = {key for key in self.vectors if not self._is_made_where_needed(key)}
        return self._closed(self.numbers), self._closed(copied) | self.vectors, frozenset(self.carried)

    def _is_made_where_needed(self, key: str) -> bool:
        """Whether there is no vector of a merged name's numbers, but where one is needed."""
        if key in self.left or key in self.carried or key not in self.numbers:
            return False
        return key in self.merged or key in self.written

    def _closed(self, keys: set[str]) -> frozenset[str]:
        found, stack = set(keys), list(keys)
        while stack:
            for source in self.sources.get(stack.pop(), ()):
                if source not in found and self.is_candidate(source):
                    found.add(source)
                    stack.append(source)
        return frozenset(found)

    def is_candidate(self, key: str) -> bool:
        """Whether a name stands for a number of NumPy's, or for a vector that is written under no other name."""
        if not is_small(self.core.types.get(key)):
            return False
        return (
            isinstance(self.core.types[key], Scalar)
            or key in self.written
            or not self.core.sites.get(key, frozenset()) & self.core.written
        )

    # ---- forms -----------------------------------------------------------------------------------
    def items_of(self, key: str) -> np.ndarray:
        if not self.is_candidate(key) or key in self.left:
            raise Unfit
        self.asked.add(key)
        self.used.add(key)
        if key not in self.items:
            self.items[key] = self._numbered(key)
        return self.items[key]

    def _numbered(self, key: str) -> np.ndarray:
        """New names for the numbers of a vector."""
        known = self.types[key]

        def make(index: tuple[int, ...]) -> gast.expr:
            suffix = "".join(map(str, index))
            new = self.fresh(f"{base(key)}{suffix}")
            self._declare(new, key)
            return name(new)

        return filled(shape_of(known), make)

    def _declare(self, new: str, like: str) -> None:
        self.types[new] = Scalar("float")
        if like in self.core.varied:
            self.varied.add(new)

    def bind(self, node: gast.expr, hint: str, known: Any = None) -> gast.expr:
        made = super().bind(node, hint, known)
        assert isinstance(made, gast.Name)
        if names_in(node) & self.varied:
            self.varied.add(made.id)
        return made

    def _hold(self, key: str) -> None:
        """A name has got its vector: its numbers are taken out where they are needed."""
        if key not in self.numbers or not self.is_candidate(key) or key in self.left or key in self.merged:
            return
        self.changed = True
        items = self.items.setdefault(key, self._numbered(key))
        known = self.types[key]
        if isinstance(known, Scalar):
            self._note([key], UNBOX)
            self._set(items[()], call(self.object_node(float), name(key)))
            return
        if len(known.shape) == 1:  # type: ignore[attr-defined]
            self._note([key], UNPACK + UNPACK_EACH * items.size)
            row = self.bind(
                call(self.object_node(numbers_of), name(key)),
                "t",
                Sequence(list, (Scalar("float"),) * items.size),
            )
            self.sites[row.id] = frozenset([("numbers", key)])  # type: ignore[attr-defined]
            for (k,) in indices(items.shape):
                self._set(items[k], subscript(clone(row), constant(k)))
            return
        self._note([key], UNPACK_INDEXED * items.size)
        for index in indices(items.shape):
            part = self.bind(subscript(name(key), constant(index)), "t", Scalar("float64"))
            self._set(items[index], call(self.object_node(float), part))

    def _set(self, new: gast.expr, value: gast.expr) -> None:
        assert isinstance(new, gast.Name)
        self.emit(assign(new.id, clone(value)))

    def _pack(self, key: str) -> None:
        """Make the vector of a name's numbers, where something needs it."""
        if key in self.vectors:
            self._make(key, key, self.items[key])

    def _make(self, key: str, new: str, items: np.ndarray) -> None:
        """Make the vector `new` of the numbers of `key`."""
        if isinstance(self.types[key], Scalar):
            self._note([key], BOX)
            self.emit(assign(new, call(self.object_node(np.float64), clone(items[()]))))
            return
        self._note([key], PACK + PACK_EACH * items.size)
        rows = gast.List(elts=[self._row(as_array(part), key) for part in items], ctx=gast.Load())
        self.emit(assign(new, call(self.object_node(np.array), rows)))

    def _row(self, items: np.ndarray, key: str) -> gast.expr:
        """A display of numbers; in core, one within another has a name."""
        if not items.ndim:
            return clone(items[()])  # type: ignore[no-any-return]
        elts = [self._row(as_array(part), key) for part in items]
        row = self.bind(gast.List(elts=elts, ctx=gast.Load()), "t")
        self.sites[row.id] = frozenset([("row", row.id)])  # type: ignore[attr-defined]
        return row

    def _note(self, names: Any, cost: float) -> None:
        self.costs.note(names, cost * self.weight)
