"""How a loop uses an array: item by item, by rows of which only items are used, or in another way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.analysis.memory import ARRAYS, Memory, may_hold_arrays
from s2sad.program import Program
from s2sad.rules.sizes import Length
from s2sad.signature import Array, Scalar, kind_of
from s2sad.tree.build import dotted, names_in
from s2sad.tree.dataflow import assigned, binds, headers, walk
from s2sad.tree.parts import nodes

DTYPES = ("float64", "int64")


@dataclass
class Uses:
    """What a loop does with one array."""

    written: bool = False
    rows: set[str] = field(default_factory=set)
    """The names of its rows."""


class Survey:
    """The arrays that a loop uses item by item, of those that are there before it."""

    def __init__(self, program: Program, memory: Memory, loop: gast.stmt) -> None:
        self.program, self.memory, self.loop = program, memory, loop
        self.types = program.types
        self.statements = list(walk([loop]))
        self.parts = [(statement, own_nodes(statement)) for statement in self.statements]
        self.bound = {key for node in self.statements for key in binds(node)}
        self.read = {key for node in self.statements for key in names_in(node)}
        self.written = {
            root for node in self.statements for root, kind in memory.writes(node) if kind == ARRAYS
        }

    def arrays(self) -> dict[str, Uses]:
        """Each array that may become a list in the loop."""
        found: dict[str, Uses] = {}
        for key in sorted(self.read - self.bound):
            known = self.types.get(key)
            if isinstance(known, Array) and known.dtype in DTYPES and known.rank in (1, 2):
                uses = self._uses(key)
                if uses is not None and self._is_alone(key, uses):
                    found[key] = uses
        return found

    def _is_alone(self, key: str, uses: Uses) -> bool:
        """Whether nothing else in the loop reaches the array's memory, or nothing writes to it."""
        if self.memory.root(key) not in self.written:
            return True
        root = self.memory.root(key)
        known = {other for other in self.read | self.bound if other in self.types}
        same = {other for other in known if self._reaches(other) and self.memory.root(other) == root}
        return same <= {key, *uses.rows}

    def _reaches(self, key: str) -> bool:
        """Whether a name is one of an array, or of a list that may hold one."""
        return bool(self.memory.kind(key) & ARRAYS) or may_hold_arrays(self.types[key])

    def _uses(self, key: str) -> Uses | None:
        """How the array is used; None if not only by items."""
        uses = Uses()
        allowed: set[int] = set()
        for statement, parts in self.parts:
            for node in parts:
                if isinstance(node, gast.Subscript) and is_named(node.value, key):
                    if self.is_item(node):
                        uses.written |= is_target(node, statement)
                    elif not self._is_row(node, statement, uses):
                        return None
                    allowed.add(id(node.value))
                elif is_size(node, key):
                    allowed.add(id(size_of(node)))
        for _, parts in self.parts:
            if any(is_named(node, key) and id(node) not in allowed for node in parts):
                return None
        return uses if all(self._is_used_by_items(row, uses) for row in uses.rows) else None

    # ---- indices ---------------------------------------------------------------------------------
    def is_item(self, node: gast.Subscript) -> bool:
        """Whether a subscript selects one number."""
        known = self.types.get(node.value.id)  # type: ignore[attr-defined]
        rank = known.rank if isinstance(known, Array) else None
        if isinstance(node.slice, gast.Tuple):
            return rank == len(node.slice.elts) == 2 and all(map(self._is_index, node.slice.elts))
        return rank == 1 and self._is_index(node.slice)

    def _is_index(self, node: gast.expr) -> bool:
        """Whether an expression is an integer: of names, constants and items of arrays of integers."""
        if isinstance(node, gast.Constant):
            return type(node.value) is int
        if isinstance(node, gast.Name):
            known = self.types.get(node.id)
            return is_length(known) or isinstance(known, Scalar) and kind_of(known.dtype) == "int"
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            return self._is_index(node.operand)
        if isinstance(node, gast.BinOp) and isinstance(
            node.op, (gast.Add, gast.Sub, gast.Mult, gast.FloorDiv, gast.Mod)
        ):
            return self._is_index(node.left) and self._is_index(node.right)
        if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name):
            known = self.types.get(node.value.id)
            return isinstance(known, Array) and kind_of(known.dtype) == "int" and self.is_item(node)
        if isinstance(node, gast.Call) and dotted(node.func) in ("len", "int"):
            return True
        return (
            isinstance(node, gast.Subscript)
            and isinstance(node.value, gast.Attribute)
            and node.value.attr == "shape"
        )

    # ---- rows ------------------------------------------------------------------------------------
    def _is_row(self, node: gast.Subscript, statement: gast.stmt, uses: Uses) -> bool:
        """Whether a row is taken that has a name of its own, or whose numbers are taken out at once."""
        known = self.types.get(node.value.id)  # type: ignore[attr-defined]
        if not isinstance(known, Array) or known.rank != 2 or not self._is_index(node.slice):
            return False
        if row_update(statement) is node:
            uses.written = True
            return self._is_number_by_number(statement, known)
        key = assigned(statement)
        if key is None:
            return False
        value = statement.value  # type: ignore[attr-defined]
        if value is node:
            uses.rows.add(key)
            return True
        return is_numbers_of(value) and value.args[0] is node

    def _is_number_by_number(self, statement: Any, known: Array) -> bool:
        """Whether a row may be written one number after the other: as many as it has, which read no items."""
        elts = statement.value.args[0].elts
        reads_items = any(isinstance(node, gast.Subscript) for elt in elts for node in nodes(elt))
        return known.shape is not None and known.shape[1] == len(elts) and not reads_items

    def _is_used_by_items(self, row: str, uses: Uses) -> bool:
        """Whether of a row's name nothing but items are used, in this loop alone."""
        for statement, parts in self.parts:
            if row in binds(statement):
                value = getattr(statement, "value", None)
                if assigned(statement) != row or not isinstance(value, gast.Subscript):
                    return False
            items = [
                n
                for n in parts
                if isinstance(n, gast.Subscript) and is_named(n.value, row) and self.is_item(n)
            ]
            uses.written |= any(is_target(node, statement) for node in items)
            own = sum(is_named(node, row) for node in parts) - (assigned(statement) == row)
            if own != len(items):
                return False
        inside = {id(statement) for statement in self.statements}
        outside = [statement for statement in walk(self.program.body) if id(statement) not in inside]
        return not any(is_named(node, row) for statement in outside for node in own_nodes(statement))


def own_nodes(statement: Any) -> list[Any]:
    """The nodes of a statement without those of its blocks."""
    if isinstance(statement, gast.For):
        return [*nodes(statement.target), *nodes(statement.iter)]
    if isinstance(statement, (gast.If, gast.While)):
        return list(nodes(statement.test))
    if not walk([statement])[1:]:
        return list(nodes(statement))
    return [node for part in headers(statement) for node in nodes(part)]


def is_target(node: Any, statement: Any) -> bool:
    """Whether a statement writes to the place that a node names."""
    return node is getattr(statement, "target", None) or any(
        node is goal for goal in getattr(statement, "targets", ())
    )


def is_named(node: Any, key: str) -> bool:
    """Whether a node is a name."""
    return isinstance(node, gast.Name) and node.id == key


def is_length(known: Any) -> bool:
    """Whether a type is that of an array's size."""
    return isinstance(known, Length)


def is_numbers_of(node: Any) -> bool:
    """Whether an expression takes the numbers out of a vector."""
    return isinstance(node, gast.Call) and dotted(node.func) == "numbers_of" and len(node.args) == 1


def is_size(node: Any, key: str) -> bool:
    """Whether an expression reads the size of an array."""
    return size_of(node) is not None and is_named(size_of(node), key)


def size_of(node: Any) -> Any:
    """The array whose size an expression reads."""
    if isinstance(node, gast.Call) and dotted(node.func) == "len" and len(node.args) == 1:
        return node.args[0]
    if isinstance(node, gast.Attribute) and node.attr in ("shape", "size", "ndim"):
        return node.value
    return None


def row_update(statement: Any) -> gast.Subscript | None:
    """The row of a statement that writes a display of numbers to it: ``rows[i] += np.stack([x, y])``, or ``=``."""
    if isinstance(statement, gast.Assign):
        goal = statement.targets[0]
    elif isinstance(statement, gast.AugAssign):
        goal = statement.target
    else:
        return None
    value = statement.value
    is_display = (
        isinstance(value, gast.Call)
        and dotted(value.func) in ("np.stack", "np.array", "numpy.stack", "numpy.array")
        and len(value.args) == 1
        and not value.keywords
        and isinstance(value.args[0], gast.List)
    )
    return goal if is_display and isinstance(goal, gast.Subscript) else None
