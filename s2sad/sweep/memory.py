"""Facts on memory: where each allocation is made and written, and whether a read comes after the last write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.tree.build import accumulated, names_in
from s2sad.tree.dataflow import assigned
from s2sad.tree.parts import children, nodes

_ATOMS = frozenset([gast.Name, gast.Constant])
LIST_WRITES = {"append", "pop", "extend", "insert", "clear", "reverse", "sort"}


@dataclass
class Place:
    """Where a statement stands: its position in the order of the text, and the loops around it."""

    position: int
    loops: tuple[int, ...]


@dataclass
class Memory:
    """Places of all statements, writes by allocation, and the loops around each allocation."""

    places: dict[int, Place] = field(default_factory=dict)
    writes: dict[Any, list[Place]] = field(default_factory=dict)
    made: dict[Any, tuple[int, ...]] = field(default_factory=dict)
    sites: Mapping[str, frozenset[Any]] = field(default_factory=dict)
    is_pure: Callable[[gast.Call], bool] = lambda node: True
    differentiated: frozenset[Any] = frozenset()

    def written_after(self, sites: frozenset[Any], statement: gast.stmt) -> bool:
        """Whether any of these allocations may be written after a statement has run, before the reverse sweep."""
        here = self.places.get(id(statement))
        return any(self._after(site, here) for site in sites)

    def _after(self, site: Any, here: Place | None) -> bool:
        if here is None:
            return bool(self.writes.get(site))
        outside = self.made.get(site, ())
        for write in self.writes.get(site, ()):
            if write.position > here.position:
                return True
            shared = [loop for loop in here.loops if loop in write.loops and loop not in outside]
            if shared or (write.position == here.position):
                return True
        return False

    def is_written(self, sites: frozenset[Any]) -> bool:
        """Whether any of these allocations is written at all."""
        return any(site in self.writes for site in sites)


def survey(
    body: tuple[gast.stmt, ...],
    sites: Mapping[str, frozenset[Any]],
    is_pure: Callable[[gast.Call], bool],
    differentiated: frozenset[Any] = frozenset(),
) -> Memory:
    """Walk a body once and note where memory is made and written.

    A call that is not pure may write its arguments, but not memory that is `differentiated`: a function that does
    that is entered by the interpreter, or refused.
    """
    memory = Memory(sites=sites, is_pure=is_pure, differentiated=differentiated)
    _walk(list(body), (), memory, [0])
    return memory


def _walk(statements: list[gast.stmt], loops: tuple[int, ...], memory: Memory, counter: list[int]) -> None:
    for statement in statements:
        counter[0] += 1
        place = Place(counter[0], loops)
        memory.places[id(statement)] = place
        for name_ in sorted(_written_names(statement)):
            for site in memory.sites.get(name_, ()):
                memory.writes.setdefault(site, []).append(place)
        for name_ in sorted(_handed_over(statement, memory.is_pure)):
            for site in memory.sites.get(name_, frozenset()) - memory.differentiated:
                memory.writes.setdefault(site, []).append(place)
        if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            for site in memory.sites.get(statement.targets[0].id, ()):
                known = memory.made.get(site)
                if known is None or len(loops) < len(known):
                    memory.made[site] = loops
        inner = (*loops, id(statement)) if isinstance(statement, (gast.For, gast.While)) else loops
        for part in ("body", "orelse"):
            nested = getattr(statement, part, None)
            if isinstance(nested, list):
                _walk(nested, inner, memory, counter)


def _handed_over(statement: gast.stmt, is_pure: Callable[[gast.Call], bool]) -> set[str]:
    """Names that a statement hands to calls that may write to them."""
    found: set[str] = set()
    if assigned(statement) is not None and statement.value.__class__ in _ATOMS:  # type: ignore[attr-defined]
        return found
    inside = {id(inner) for key in ("body", "orelse") for inner in statement.__dict__.get(key, ())}
    for part in children(statement):
        for inner in () if id(part) in inside else nodes(part):
            if inner.__class__ is gast.Call and not is_pure(inner):
                found |= names_in([*inner.args, *(k.value for k in inner.keywords)])
    return found


def _written_names(statement: gast.stmt) -> set[str]:
    """Names whose memory a statement writes."""
    if assigned(statement) is not None and statement.value.__class__ is not gast.Call:  # type: ignore[attr-defined]
        return set()
    targets: list[Any] = []
    if isinstance(statement, gast.Assign):
        targets = [t for t in statement.targets if isinstance(t, gast.Subscript)]
    elif isinstance(statement, gast.AugAssign) and isinstance(statement.target, gast.Subscript):
        targets = [statement.target]
    adds_to = accumulated(statement)
    if adds_to is not None:
        return {adds_to.id}
    found = {target.value.id for target in targets if isinstance(target.value, gast.Name)}
    value = getattr(statement, "value", None)
    if (
        isinstance(value, gast.Call)
        and isinstance(value.func, gast.Attribute)
        and value.func.attr in LIST_WRITES
    ):
        found |= names_in(value.func.value)
    return found
