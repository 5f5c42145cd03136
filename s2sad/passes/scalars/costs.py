"""What working on numbers gains or costs, in nanoseconds of CPython: a group of vectors that gains nothing is left.

Of a statement, of its part of the reverse sweep, and of what is recorded for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gast
import numpy as np

from s2sad.tree.parts import nodes

TRIPS = 20
"""How often a loop is taken to run."""
NUMBER = 40
PACK, PACK_EACH, BOX = 600, 150, 120
UNPACK, UNPACK_EACH, UNPACK_INDEXED, UNBOX = 900, 60, 300, 60
_MADE = (np.zeros, np.ones, np.eye, np.identity, np.zeros_like, np.ones_like)
_FEW = 300
_ARITHMETIC, _ON_NUMBERS, _CALL, _ITEM = 1000, 90, 1500, 120


def of_numpy(node: gast.expr, on_arrays: bool, function: Any = None) -> int:
    """What an expression costs as NumPy computes it; `function` is what it calls."""
    if function in _MADE:
        return _FEW
    total = 0
    for part in nodes(node):
        if isinstance(part, (gast.BinOp, gast.UnaryOp)):
            total += _ARITHMETIC if on_arrays else _ON_NUMBERS
        elif isinstance(part, gast.Call):
            total += _CALL
        elif isinstance(part, gast.List):
            total += len(part.elts) * _ITEM
        elif isinstance(part, gast.Subscript):
            total += _ITEM
    return total


class Costs:
    """Sums up costs over groups of names that hand numbers to each other."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._entries: list[tuple[str, float]] = []

    def note(self, names: Iterable[str], cost: float) -> None:
        """A statement with these names costs so much more than before."""
        names = list(names)
        if not names:
            return
        for key in names:
            self._join(names[0], key)
        self._entries.append((names[0], cost))

    def losing(self) -> frozenset[str]:
        """The names of the groups that cost as much as before, or more."""
        totals: dict[str, float] = {}
        for key, cost in self._entries:
            root = self._root(key)
            totals[root] = totals.get(root, 0.0) + cost
        return frozenset(key for key in self._parent if totals.get(self._root(key), 0.0) >= 0.0)

    def _root(self, key: str) -> str:
        while self._parent.setdefault(key, key) != key:
            key = self._parent[key]
        return key

    def _join(self, one: str, other: str) -> None:
        self._parent[self._root(other)] = self._root(one)
