"""Array expressions, element by element: what ``a[1:] + b * c`` is at one place.

A part that is not elementwise (a product of matrices, an item of a tape) is put in a variable before the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from s2sad.passes.loops.nest import RUNNING, Extent, element, shifted
from s2sad.signature import WEAK, Array, Scalar, Type, kind_of, static_value
from s2sad.sweep.typer import Typer
from s2sad.tree.algebra import literal
from s2sad.tree.build import call, constant, dotted, is_none, name
from s2sad.tree.dataflow import children
from s2sad.tree.indices import index_parts, spread
from s2sad.tree.printer import expression_text

MOST_RANK = 3
MOST_ROWS = 4
_NARROW = ("float32", "float16", "complex64")
_ARITHMETIC = (gast.Add, gast.Sub, gast.Mult, gast.Div, gast.Pow, gast.FloorDiv, gast.Mod)


class Unfit(Exception):
    """An expression that is left to Numba as it is."""


@dataclass
class Draft:
    """What an element needs besides its own text: hoisted statements, and what each loop must run over."""

    hoisted: list[Any] = field(default_factory=list)
    axes: list[list[Extent]] = field(default_factory=list)


class Elements:
    """Builds elements of expressions.

    Parameters
    ----------
    typer : Typer
        The types of expressions.
    hoist : callable
        Puts an expression in a variable before the loops, and returns the variable's name.
    lengths : callable
        ``lengths(name, axis)`` is the `Extent` of a variable's dimension.
    """

    def __init__(
        self,
        typer: Typer,
        objects: dict[str, Any],
        hoist: Callable[[Any, Draft], str],
        lengths: Callable[[str, int, Any], Extent],
    ) -> None:
        self.typer, self.objects, self.hoist, self.lengths = typer, objects, hoist, lengths

    # ---- what is elementwise ------------------------------------------------------------------------------------

    def rank(self, node: Any) -> int | None:
        known = self.typer(node)
        return known.rank if isinstance(known, (Scalar, Array)) else None

    def function(self, node: Any) -> Any:
        return self.objects.get(dotted(node.func) or "", _numpy(dotted(node.func)))

    def is_composite(self, node: Any) -> bool:
        """Whether an expression gives a new array, element by element."""
        if isinstance(node, gast.BinOp):
            return not isinstance(node.op, gast.MatMult)
        if isinstance(node, (gast.UnaryOp, gast.Compare)):
            return True
        if not isinstance(node, gast.Call):
            return False
        if is_copy(node) is not None:
            return isinstance(is_copy(node), gast.Subscript) or self.is_composite(is_copy(node))
        if self.rolled(node) is not None:
            return True
        function = self.function(node)
        if node.keywords:
            return False
        if function is np.full:
            return filled(node) is not None and isinstance(self.typer(node.args[1]), Scalar)
        if function is np.where:
            return len(node.args) == 3
        if function is np.stack:
            return self.rows(node) is not None
        if function is np.outer:
            return len(node.args) == 2 and all(self.rank(part) == 1 for part in node.args)
        if not isinstance(function, np.ufunc) or function.signature is not None:
            return False
        return function.nout == 1 and len(node.args) == function.nin

    # ---- one element --------------------------------------------------------------------------------------------

    def at(self, node: Any, index: Sequence[Any], draft: Draft) -> Any:
        """The element of an expression at an index, one part for each of its dimensions."""
        known = self.typer(node)
        if isinstance(known, Scalar):
            return self.scalar(node, draft)
        if not isinstance(known, Array) or not known.shape or len(known.shape) != len(index):
            raise Unfit
        if isinstance(node, gast.Name):
            return self.leaf(node, index, known, draft)
        if isinstance(node, gast.Subscript):
            return self.subscript(node, index, known, draft)
        if isinstance(node, gast.Attribute) and node.attr == "T":
            return self.at(node.value, tuple(reversed(index)), draft)
        if isinstance(node, gast.Call) and self.function(node) is np.full and self.is_composite(node):
            self.note_shape(filled(node), index, draft)
            return self.cast(self.scalar(node.args[1], draft), self.typer(node.args[1]), known)
        if self.is_composite(node):
            return self.composite(node, index, known, draft)
        if isinstance(node, gast.Call) and self.function(node) is np.zeros_like and not node.keywords:
            self.note_shape(node.args[0], index, draft)
            return constant(0.0)
        return self.leaf(name(self.hoist(node, draft)), index, known, draft)

    def note_shape(self, node: Any, index: Sequence[Any], draft: Draft) -> None:
        known = self.typer(node)
        if not isinstance(node, gast.Name) or not isinstance(known, Array) or known.rank != len(index):
            raise Unfit
        self.leaf(node, index, known, draft)

    def scalar(self, node: Any, draft: Draft) -> Any:
        """A number that is the same for every element."""
        if self.is_plain(node):
            return node
        return name(self.hoist(node, draft))

    def is_plain(self, node: Any) -> bool:
        """Whether a number is so plain that it may stand inside of the loops."""
        if isinstance(node, (gast.Name, gast.Constant)):
            return True
        if isinstance(node, gast.Attribute):
            return dotted(node) in self.objects or node.attr in ("size", "ndim")
        if isinstance(node, gast.Subscript):
            return isinstance(node.value, gast.Attribute) and node.value.attr == "shape"
        if isinstance(node, (gast.BinOp, gast.UnaryOp)):
            parts = list(children(node))  # a product of two vectors is a number, too
            numbers = all(isinstance(self.typer(part), Scalar) and self.is_plain(part) for part in parts)
            return numbers and len(expression_text(node)) <= 40
        return False

    def leaf(self, node: gast.Name, index: Sequence[Any], known: Array, draft: Draft) -> Any:
        for axis, part in enumerate(index):
            self.note(part, self.lengths(node.id, axis, known), draft)
        return element(node.id, index)

    def note(self, part: Any, extent: Extent, draft: Draft) -> None:
        """A dimension that a loop runs over."""
        if isinstance(part, gast.Name) and part.id in RUNNING:
            draft.axes[RUNNING.index(part.id)].append(extent)

    def composite(self, node: Any, index: Sequence[Any], known: Array, draft: Draft) -> Any:
        if is_copy(node) is not None:
            return self.at(is_copy(node), index, draft)
        if self.rolled(node) is not None:
            return self.turned(node, index, draft)
        rows = self.rows(node)
        if rows is not None:
            return self.stacked(rows, index, known, draft)
        if isinstance(node, gast.Call) and self.function(node) is np.outer:
            parts = [
                self.at(name(self.hoist(part, draft)) if self.is_composite(part) else part, (place,), draft)
                for part, place in zip(node.args, index)
            ]
            return gast.copy_location(gast.BinOp(left=parts[0], op=gast.Mult(), right=parts[1]), node)
        parts = operands(node)
        kinds = [self.typer(part) for part in parts]
        if not all(isinstance(kind, (Scalar, Array)) for kind in kinds):
            raise Unfit
        _refuse_bools(node, kinds)
        values = [
            self.cast(self.at(part, self.aligned(index, known, kind), draft), kind, known)
            for part, kind in zip(parts, kinds)
        ]
        return gast.copy_location(self.combined(node, values, kinds), node)

    def rolled(self, node: Any) -> tuple[int, int] | None:
        """The shift and the axis of ``np.roll`` by so little that an index that counts from the end does it."""
        if not isinstance(node, gast.Call) or self.function(node) is not np.roll or not node.args:
            return None
        known = self.typer(node.args[0])
        given = dict(zip(("shift", "axis"), node.args[1:])) | {word.arg: word.value for word in node.keywords}
        if set(given) - {"shift", "axis"} or not isinstance(known, Array) or not known.shape:
            return None
        shift, axis = (
            static_value(self.typer(given[key])) if key in given else None for key in ("shift", "axis")
        )
        axis = 0 if axis is None and len(known.shape) == 1 else axis
        if (
            type(shift) is not int
            or type(axis) is not int
            or not -len(known.shape) <= axis < len(known.shape)
        ):
            return None
        size = known.shape[axis]
        least = size if isinstance(size, int) else 1
        return (shift, axis % len(known.shape)) if abs(shift) <= least else None

    def turned(self, node: Any, index: Sequence[Any], draft: Draft) -> Any:
        """An element of a rolled array: Python's negative indices go round the end."""
        shift, axis = self.rolled(node) or (0, 0)
        whole = name(self.hoist(node.args[0], draft))
        known = self.typer(whole)
        assert isinstance(known, Array)
        extent = self.lengths(whole.id, axis, known)
        self.note(index[axis], extent, draft)
        place = shifted(index[axis], -shift)
        if shift < 0:
            place = gast.BinOp(left=place, op=gast.Sub(), right=extent.node)
        return self.leaf(whole, [*index[:axis], place, *index[axis + 1 :]], known, draft)

    def rows(self, node: Any) -> list[Any] | None:
        """The rows of ``np.stack((a, b))`` that are so few that each element may look which one it is of."""
        if not isinstance(node, gast.Call) or node.keywords or self.function(node) is not np.stack:
            return None
        alone = len(node.args) == 1 and isinstance(node.args[0], gast.Tuple)
        rows = node.args[0].elts if alone else []
        kinds = [self.typer(row) for row in rows]
        same = len(set(kinds)) == 1 and isinstance(kinds[0], Array) and bool(kinds[0].shape)
        return list(rows) if same and len(rows) <= MOST_ROWS else None

    def stacked(self, rows: list[Any], index: Sequence[Any], known: Array, draft: Draft) -> Any:
        """An element of stacked arrays."""
        if len(index) != len(known.shape or ()) or not isinstance(index[0], gast.Name):
            raise Unfit
        self.note(index[0], Extent(len(rows), constant(len(rows)), 0, ("size", len(rows))), draft)
        parts = [self.at(row, index[1:], draft) for row in rows]
        chosen = parts[-1]
        for k in range(len(rows) - 2, -1, -1):
            test = gast.Compare(left=index[0], ops=[gast.Eq()], comparators=[constant(k)])
            chosen = gast.IfExp(test=test, body=parts[k], orelse=chosen)
        return chosen

    def aligned(self, index: Sequence[Any], whole: Array, part: Type) -> tuple[Any, ...]:
        """The index of an operand that is broadcast."""
        assert isinstance(part, (Scalar, Array))
        if part.shape is None or whole.shape is None:
            raise Unfit
        count = len(part.shape)
        mine = list(index[len(index) - count :]) if count else []
        return tuple(constant(0) if size == 1 else place for size, place in zip(part.shape, mine))

    def cast(self, value: Any, kind: Any, whole: Array) -> Any:
        """A number of Python's takes the dtype of a narrow array, as NumPy has it."""
        if (
            whole.dtype in _NARROW
            and isinstance(kind, Scalar)
            and kind.dtype in WEAK
            and kind.dtype != "bool"
        ):
            return call(f"np.{whole.dtype}", value)
        return value

    def combined(self, node: Any, values: list[Any], kinds: list[Any]) -> Any:
        if isinstance(node, gast.BinOp):
            return gast.BinOp(left=values[0], op=node.op, right=values[1])
        if isinstance(node, gast.UnaryOp):
            inverted = isinstance(node.op, gast.Invert) and kinds[0].dtype in ("bool", "bool_")
            return gast.UnaryOp(op=gast.Not() if inverted else node.op, operand=values[0])
        if isinstance(node, gast.Compare):
            if len(node.ops) != 1:
                raise Unfit
            return gast.Compare(left=values[0], ops=node.ops, comparators=values[1:])
        if self.function(node) is np.where:
            return gast.IfExp(test=values[0], body=values[1], orelse=values[2])
        return gast.Call(func=node.func, args=values, keywords=[])

    # ---- views --------------------------------------------------------------------------------------------------

    def viewed(self, node: gast.Subscript, base: Array, draft: Draft) -> list[Any] | None:
        """What each part of an index selects.

        ``(start, items left out, None)`` for a slice, ``(0, 0, place)`` for a number, None for a new axis; the whole
        is None where there is another kind of index.
        """
        assert base.shape is not None
        found: list[Any] = []
        axis = 0
        for part in spread(index_parts(node), len(base.shape)):
            if is_none(part):
                found.append(None)
                continue
            if axis >= len(base.shape):
                return None
            one = _slice(part) if isinstance(part, gast.Slice) else self.number(part, draft)
            if one is None:
                return None
            found.append(one)
            axis += 1
        return [*found, *[(0, 0, None)] * (len(base.shape) - axis)]

    def number(self, part: Any, draft: Draft) -> tuple[int, int, Any] | None:
        """A number in an index: pass `bounds` has seen to it that it is in range."""
        known = self.typer(part)
        if not isinstance(known, Scalar) or kind_of(known.dtype) != "int":
            return None
        return 0, 0, part if self.is_plain(part) else name(self.hoist(part, draft))

    def subscript(self, node: gast.Subscript, index: Sequence[Any], known: Array, draft: Draft) -> Any:
        """The element of ``a[1:-1, None]``; any other index but numbers and plain slices is left to a view."""
        base = self.typer(node.value)
        view = None
        if isinstance(node.value, gast.Name) and isinstance(base, Array) and base.shape:
            view = self.viewed(node, base, draft)
        if view is None:
            return self.leaf(name(self.hoist(node, draft)), index, known, draft)
        places: list[Any] = []
        axis = own = 0
        for part in view:
            if part is None:  # a new axis
                own += 1
                continue
            start, less, place = part
            if place is not None:
                places.append(place)
            else:
                self.note(index[own], self.part(node, axis, base, less, known, own), draft)
                fixed = isinstance(index[own], gast.Constant)
                places.append(shifted(index[own], start) if not fixed else constant(start))
                own += 1
            axis += 1
        return element(node.value.id, places)

    def part(self, node: Any, axis: int, base: Type, less: int, known: Array, own: int) -> Extent:
        """A dimension of a view by slices: `less` items of the array's own are left out."""
        assert known.shape is not None and isinstance(base, Array)
        length = self.lengths(node.value.id, axis, base)
        key = (length.key, less) if less else length.key
        return Extent(known.shape[own], length.base, length.less + less, key)

    def view_extents(self, node: gast.Subscript, known: Array) -> list[Extent] | None:
        """The dimensions of a view of a variable; None where its index is not of numbers and plain slices."""
        draft, base = Draft(), self.typer(node.value)
        view = self.viewed(node, base, draft) if isinstance(base, Array) and base.shape else None
        if view is None or draft.hoisted or None in view:
            return None
        kept = [(axis, less) for axis, (_, less, place) in enumerate(view) if place is None]
        return [self.part(node, axis, base, less, known, own) for own, (axis, less) in enumerate(kept)]


def _slice(part: gast.Slice) -> tuple[int, int, None] | None:
    start, stop = _bound(part.lower), _bound(part.upper)
    if part.step is not None or start is None or stop is None or start < 0 or stop > 0:
        return None
    if part.upper is not None and stop == 0:
        return None
    return start, start - stop, None


def _bound(node: Any) -> int | None:
    return 0 if node is None else literal(node)


def is_copy(node: Any) -> Any:
    """What ``a.copy()`` and ``np.copy(a)`` copy; None for other calls."""
    if not isinstance(node, gast.Call) or node.keywords:
        return None
    if dotted(node.func) == "np.copy" and len(node.args) == 1:
        return node.args[0]
    if isinstance(node.func, gast.Attribute) and node.func.attr == "copy" and not node.args:
        return node.func.value
    return None


def filled(node: Any) -> Any:
    """The array whose shape ``np.full(a.shape, value)`` takes; None for other shapes."""
    shape: Any = node.args[0] if len(node.args) == 2 else None
    if not isinstance(shape, gast.Attribute) or shape.attr != "shape":
        return None
    return shape.value if isinstance(shape.value, gast.Name) else None


def operands(node: Any) -> list[Any]:
    """The operands of an elementwise expression."""
    if isinstance(node, gast.BinOp):
        return [node.left, node.right]
    if isinstance(node, gast.UnaryOp):
        return [node.operand]
    if isinstance(node, gast.Compare):
        return [node.left, *node.comparators]
    return list(node.args)


def _refuse_bools(node: Any, kinds: list[Any]) -> None:
    """Sums and products of bools are bools in NumPy and integers in Numba."""
    arithmetic = isinstance(node, gast.BinOp) and isinstance(node.op, _ARITHMETIC)
    if (arithmetic or isinstance(node, gast.UnaryOp)) and all(
        kind_of(kind.dtype) == "bool" for kind in kinds
    ):
        if not (isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Invert)):
            raise Unfit


def _numpy(path: str | None) -> Any:
    parts = (path or "").split(".")
    return getattr(np, parts[1], None) if len(parts) == 2 and parts[0] == "np" else None
