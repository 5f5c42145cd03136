"""What the loops of a program use, and which of it may be the same memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.analysis.memory import Memory
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.build import dotted
from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    definitions,
    parameters,
    statement_reads,
)
from s2sad.tree.parts import children

_MAKERS = (
    "np.empty",
    "np.zeros",
    "np.full",
    "np.copy",
    "np.zeros_like",
    "np.empty_like",
    "np.ones",
    "np.eye",
)


@dataclass
class Uses:
    """What a body of loops and assignments uses.

    Attributes
    ----------
    places : list of (str, tuple, bool)
        The elements of arrays: the array, its index as text, and whether it is written.
    exposed : set of str
        The numbers that are read before they are bound.
    bound : set of str
        The names that are bound.
    sizes : set of str
        The arrays of which a size is read.
    """

    places: list[tuple[str, tuple[str, ...], bool]] = field(default_factory=list)
    exposed: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    sizes: set[str] = field(default_factory=set)

    @property
    def mentioned(self) -> set[str]:
        return {array for array, _, _ in self.places} | self.exposed | self.bound | self.sizes


class Unfit(Exception):
    """There is something in a loop that is not followed."""


class Using:
    """What tells for a program what a loop uses, and whether two arrays may share memory.

    `origins` tells where each array was made, as far as that is known at a place.
    """

    def __init__(self, program: Program) -> None:
        self.types: dict[str, Any] = dict(program.types)
        self.memory = Memory(program)
        self.arguments = set(parameters(program.args))

    def note(self, node: Any, origins: dict[str, str]) -> None:
        """Follow what a statement binds."""
        for key in bound_within([node]):
            origins.pop(key, None)
        bound = assigned(node)
        if bound is None or not isinstance(self.types.get(bound), Array):
            return
        value = node.value
        while isinstance(value, gast.Subscript):
            value = value.value
        if isinstance(value, gast.Name) and value.id in origins:
            origins[bound] = origins[value.id]
        elif isinstance(value, gast.Call) and dotted(value.func) in _MAKERS and value is node.value:
            origins[bound] = f"made {id(node)}"

    def may_alias(self, a: str, b: str, origins: dict[str, str]) -> bool:
        """Whether two names may refer to the same memory."""
        if a == b:
            return True
        if not isinstance(self.types.get(a), Array) or not isinstance(self.types.get(b), Array):
            return False
        p, q = origins.get(a), origins.get(b)
        if p is not None and q is not None:
            return p == q or (p.startswith("argument") and q.startswith("argument"))
        return self.memory.root(a) == self.memory.root(b)

    # ---- what a loop uses ---------------------------------------------------------------------------------------

    def uses(self, loop: gast.For) -> Uses | None:
        """What a loop uses; None if there is anything in it but loops, and assignments of numbers and elements."""
        found = Uses()
        try:
            self.loop(loop, found, set())
        except Unfit:
            return None
        return found

    def loop(self, node: gast.For, found: Uses, known: set[str]) -> None:
        if not isinstance(node.target, gast.Name) or dotted(getattr(node.iter, "func", node)) != "range":
            raise Unfit
        self.expression(node.iter, found, known)
        found.bound.add(node.target.id)
        known = {*known, node.target.id}
        for inner in node.body:
            if isinstance(inner, gast.For):
                self.loop(inner, found, known)
            else:
                self.statement(inner, found, known)

    def statement(self, node: Any, found: Uses, known: set[str]) -> None:
        if not isinstance(node, (gast.Assign, gast.AugAssign)) or not self.memory.is_pure(node.value):
            raise Unfit
        self.expression(node.value, found, known)
        place = node.target if isinstance(node, gast.AugAssign) else node.targets[0]
        if isinstance(place, gast.Name):
            if not isinstance(self.types.get(place.id), Scalar):
                raise Unfit
            if isinstance(node, gast.AugAssign) and place.id not in known:
                found.exposed.add(place.id)
            found.bound.add(place.id)
            known.add(place.id)
        else:
            self.element(place, found, known, True)

    def expression(self, node: Any, found: Uses, known: set[str]) -> None:
        if isinstance(node, gast.Name):
            if isinstance(self.types.get(node.id), Scalar):
                found.exposed.update({node.id} - known)
            elif isinstance(self.types.get(node.id), Array) or node.id in self.arguments:
                raise Unfit
        elif isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name):
            self.element(node, found, known, False)
        elif (
            isinstance(node, gast.Attribute)
            and node.attr in ("shape", "size")
            and isinstance(node.value, gast.Name)
        ):
            found.sizes.add(node.value.id)
        else:
            for child in children(node):
                self.expression(child, found, known)

    def element(self, node: Any, found: Uses, known: set[str], written: bool) -> None:
        """``array[i, j]``."""
        array = getattr(getattr(node, "value", None), "id", "")
        own = self.types.get(array)
        parts = list(node.slice.elts) if isinstance(node.slice, gast.Tuple) else [node.slice]
        if not isinstance(own, Array) or own.shape is not None and len(own.shape) != len(parts):
            raise Unfit
        for part in parts:
            if isinstance(part, gast.Slice) or not isinstance(part, (gast.Name, gast.Constant, gast.BinOp)):
                raise Unfit
            self.expression(part, found, known)  # which an array in an index does not pass
        found.places.append((array, tuple(gast.dump(part) for part in parts), written))


def read_after(body: Sequence[Any], inside: frozenset[str] = frozenset()) -> set[str]:
    """The names that are read where no loop around binds them; `inside` has those of the loops around a body."""
    found: set[str] = set()
    for node in body:
        found |= set(statement_reads(node)) - inside
        own = inside.union(binds(node)) if isinstance(node, gast.For) else inside
        for block in blocks(node):
            found |= read_after(block, own)
    return found


def values_of(body: Sequence[Any], arguments: Iterable[str]) -> Counter[str]:
    """How many statements give each name a value; an argument has one from the start."""
    return Counter(definitions(body)) + Counter(arguments)
