"""Sums, means and extremes as nests, and scatters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gast
import numpy as np

from s2sad.passes.loops.elements import MOST_RANK, Draft, Elements, Unfit
from s2sad.passes.loops.nest import RUNNING, Extent, Nest, Store, Total, element
from s2sad.signature import Array, Scalar, Type, kind_of, static_value
from s2sad.tree.build import assign, binary, call, constant, dotted, name

FEW = 4
"""Products of matrices whose dimensions are no larger are loops."""


class Reductions:
    """The part of `Drafting` that turns reductions and scatters into nests."""

    elements: Elements
    made: dict[str, list[Extent]]
    typer: Any
    place: Any

    def fresh(self, stem: str, known: Type) -> str:
        """See `Drafting`."""
        raise NotImplementedError

    def nest(self, draft: Draft, items: list[Any], out: list[Any]) -> Nest:
        """See `Drafting`."""
        raise NotImplementedError

    def length(self, array: str, axis: int, known: Array) -> Extent:
        """See `Drafting`."""
        raise NotImplementedError

    def hoist(self, node: Any, draft: Draft) -> str:
        """See `Drafting`."""
        raise NotImplementedError

    def may_alias(self, a: str, b: str) -> bool:
        """See `Drafting`."""
        raise NotImplementedError

    def placed(self, node: Any) -> Any:
        """The node at the place of the statement that it comes from."""
        return gast.copy_location(node, self.place)

    def reduction(self, node: Any, variable: str | None, out: list[Any]) -> str | None:
        """A sum or a mean as a nest; returns the variable that holds it, None where it is neither."""
        if isinstance(node, gast.BinOp) and isinstance(node.op, gast.MatMult):
            return self.product(node, variable, out)
        if isinstance(node, gast.Call) and self.elements.function(node) in (np.linalg.inv, np.linalg.det):
            return self.two_by_two(node, variable, out)
        found = _reduction(node, self.elements)
        if found is None:
            return None
        operand, axis, kept, function = found
        mean = function is np.mean
        known, result = self.typer(operand), self.typer(node)
        if not isinstance(known, Array) or not isinstance(result, (Scalar, Array)) or result.shape is None:
            return None
        if kind_of(known.dtype) == "bool" and function is np.sum:
            known = replace(known, dtype="int64")  # what is true is counted
        if not known.shape or len(known.shape) > MOST_RANK or kind_of(known.dtype) == "bool":
            return None
        sums = function in (np.sum, np.mean)
        if sums and isinstance(result, Scalar) and (axis is None or (len(known.shape) == 1 and not kept)):
            return self.total(operand, known, result, mean, variable, out)
        if isinstance(axis, int) and isinstance(result, Array):
            return self.along(operand, known, result, axis % len(known.shape), kept, function, variable, out)
        return None

    def total(
        self, operand: Any, known: Array, result: Scalar, mean: bool, variable: str | None, out: list[Any]
    ) -> str:
        """``np.sum(a)``: the sum is taken in double precision."""
        assert known.shape is not None
        draft = new_draft(len(known.shape))
        value = self.elements.at(operand, running(len(known.shape)), draft)
        narrow = known.dtype in ("float32", "complex64", "float16")
        wanted = variable or self.fresh("total", result)
        finishing = narrow or mean
        name_ = self.fresh("total", result) if finishing and variable else wanted
        nest = self.nest(draft, [Total(name_, gast.copy_location(value, self.place))], out)
        nest.before.append(self.placed(assign(name_, _zero(known.dtype))))
        if finishing:
            value = name(name_)
            if mean:
                sizes = [extent.node for extent in nest.extents]
                count = sizes[0]
                for size in sizes[1:]:
                    count = binary(count, gast.Mult, size)
                value = binary(value, gast.Div, count)
            if narrow:
                value = call(f"np.{result.dtype}", value)
            final = wanted if variable else self.fresh("mean" if mean else "total", result)
            nest.after.append(self.placed(assign(final, value)))
            wanted = final
        out.append(nest)
        return wanted

    def product(self, node: gast.BinOp, variable: str | None, out: list[Any]) -> str | None:
        """A product of small matrices and vectors: for these a call costs more than the arithmetic."""
        sides = [self.typer(node.left), self.typer(node.right)]
        if not all(isinstance(side, Array) and _is_small(side) for side in sides):
            return None
        left, right = (len(side.shape) for side in sides)
        rank = left + right - 2
        summed = (running(rank + 1)[-1],)
        rows, columns = running(left - 1), running(rank)[left - 1 :]
        draft = new_draft(rank + 1)
        parts = [
            self.elements.at(self.held(part, draft), index, draft)
            for part, index in ((node.left, (*rows, *summed)), (node.right, (*summed, *columns)))
        ]
        value = gast.copy_location(binary(parts[0], gast.Mult, parts[1]), self.place)
        result = self.typer(node)
        if rank == 0:
            wanted = variable or self.fresh("total", result)
            nest = self.nest(draft, [Total(wanted, value)], out)
            nest.before.append(self.placed(assign(wanted, constant(0.0))))
            out.append(nest)
            return wanted
        wanted, row = variable or self.fresh("t", result), self.fresh("row", Scalar("float64"))
        nest = self.nest(draft, [Total(row, value)], out)
        sizes = [extent.length for extent in nest.extents[:-1]]
        shape = sizes[0] if rank == 1 else gast.Tuple(elts=sizes, ctx=gast.Load())
        nest.before.append(self.placed(assign(wanted, call("np.empty", shape))))
        self.made[wanted] = nest.extents[:-1]
        nest.opening.append(self.placed(assign(row, constant(0.0))))
        target = element(wanted, running(rank), store=True)
        nest.closing.append(self.placed(gast.Assign(targets=[target], value=name(row), type_comment=None)))
        out.append(nest)
        return wanted

    def two_by_two(self, node: Any, variable: str | None, out: list[Any]) -> str | None:
        """The determinant or the inverse of a matrix of two rows and two columns."""
        known = self.typer(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if not isinstance(known, Array) or known.shape != (2, 2) or known.dtype != "float64":
            return None
        draft = new_draft(0)
        matrix = self.hoist(node.args[0], draft)
        out += draft.hoisted
        (a, b), (c, d) = ([element(matrix, map(constant, (i, j))) for j in range(2)] for i in range(2))
        inverse = self.elements.function(node) is np.linalg.inv
        wanted = variable or self.fresh("t", self.typer(node))
        size = self.fresh("det", Scalar("float64")) if inverse else wanted
        value = binary(binary(a, gast.Mult, d), gast.Sub, binary(b, gast.Mult, c))
        out.append(self.placed(assign(size, value)))
        if inverse:
            test = gast.Compare(left=name(size), ops=[gast.Eq()], comparators=[constant(0.0)])
            error = call("np.linalg.LinAlgError", constant("Singular matrix"))
            singular = self.placed(gast.Raise(exc=error, cause=None))
            out.append(self.placed(gast.If(test=test, body=[singular], orelse=[])))
            shape = gast.Tuple(elts=[constant(2), constant(2)], ctx=gast.Load())
            out.append(self.placed(assign(wanted, call("np.empty", shape))))
            minus = [gast.UnaryOp(op=gast.USub(), operand=part) for part in (b, c)]
            for place, part in zip(((0, 0), (0, 1), (1, 0), (1, 1)), (d, *minus, a)):
                target = element(wanted, map(constant, place), store=True)
                item = binary(part, gast.Div, name(size))
                out.append(self.placed(gast.Assign(targets=[target], value=item, type_comment=None)))
        return wanted

    def held(self, node: Any, draft: Draft) -> Any:
        """An operand whose items are looked up more than once: what has to be computed is put in a variable."""
        return name(self.hoist(node, draft)) if self.elements.is_composite(node) else node

    def along(
        self,
        operand: Any,
        known: Array,
        result: Array,
        axis: int,
        kept: bool,
        function: Any,
        variable: str | None,
        out: list[Any],
    ) -> str:
        """``np.sum(a, axis)``, or the mean, the maximum or the minimum along an axis."""
        assert known.shape is not None
        rank = len(known.shape)
        pick = {np.max: "np.maximum", np.min: "np.minimum"}.get(function, "")
        if known.dtype not in (
            ("float64",) if pick or function is np.mean else ("float64", "complex128", "int64")
        ):
            raise Unfit
        draft = new_draft(rank)
        index = running(rank)
        value = gast.copy_location(self.elements.at(operand, index, draft), self.place)
        wanted = variable or self.fresh("total", result)
        place = tuple(constant(0) if k == axis else part for k, part in enumerate(index) if kept or k != axis)
        last = axis == rank - 1
        row = self.fresh("row", Scalar(known.dtype)) if last else ""
        item: Any = Total(row, value, pick)
        if not last:
            item = Store(wanted, place, value, None if pick else gast.Add(), pick)
        nest = self.nest(draft, [item], out)
        count = nest.extents[axis].node
        if function is np.mean and not last:
            item.value = self.placed(binary(item.value, gast.Div, count))
        if pick:
            nest.before.append(self.not_empty(count))
        least = gast.Attribute(name("np"), "inf", gast.Load())
        least = gast.UnaryOp(op=gast.USub(), operand=least) if function is np.max else least
        lengths = [
            e.length if k != axis else constant(1) for k, e in enumerate(nest.extents) if kept or k != axis
        ]
        shape = lengths[0] if len(lengths) == 1 else gast.Tuple(elts=lengths, ctx=gast.Load())
        dtype = [] if known.dtype == "float64" else [gast.Attribute(name("np"), known.dtype, gast.Load())]
        make = call("np.empty" if last else "np.zeros", shape, *dtype)
        if pick and not last:
            make = call("np.full", shape, least)
        nest.before.append(self.placed(assign(wanted, make)))
        if not kept:
            self.made[wanted] = [extent for k, extent in enumerate(nest.extents) if k != axis]
        if last:
            nest.opening.append(self.placed(assign(row, least if pick else _zero(known.dtype))))
            target = element(wanted, place, store=True)
            result_of_row = binary(name(row), gast.Div, count) if function is np.mean else name(row)
            nest.closing.append(
                self.placed(gast.Assign(targets=[target], value=result_of_row, type_comment=None))
            )
        out.append(nest)
        return wanted

    def not_empty(self, count: Any) -> Any:
        """A check that there is a largest item."""
        test = gast.Compare(left=count, ops=[gast.Eq()], comparators=[constant(0)])
        text = "zero-size array to a reduction operation which has no identity"
        error = gast.Raise(exc=call("ValueError", constant(text)), cause=None)
        return self.placed(gast.If(test=test, body=[self.placed(error)], orelse=[]))

    def scattered(self, node: Any) -> list[Any] | None:
        """``np.add.at(array, index, values)`` for an array of places, or a tuple of these."""
        if dotted(node.func) != "np.add.at" or len(node.args) != 3 or node.keywords:
            return None
        target, places, values = node.args
        known, kind = self.typer(target), self.typer(values)
        parts = list(places.elts) if isinstance(places, gast.Tuple) else [places]
        kinds = [self.typer(part) for part in parts]
        ranks = [
            one.rank if isinstance(one, Array) and kind_of(one.dtype) == "int" else None for one in kinds
        ]
        if not isinstance(target, gast.Name) or not isinstance(known, Array) or not known.shape:
            return None
        if not isinstance(kind, (Scalar, Array)) or kind.shape is None or any(rank != 1 for rank in ranks):
            return None
        rest = len(known.shape) - len(parts)
        rank = 1 + rest
        if rest < 0 or rank > MOST_RANK or len(kind.shape) > rank:
            return None
        index, draft = running(rank), new_draft(rank)
        out: list[Any] = []
        where = [self.elements.at(part, index[:1], draft) for part in parts]
        for axis in range(rest):
            self.elements.note(index[1 + axis], self.length(target.id, len(parts) + axis, known), draft)
        first: Any = kinds[0]
        whole = Array(known.dtype, (first.shape[0], *known.shape[len(parts) :]))
        value = self.elements.at(values, self.elements.aligned(index, whole, kind), draft)
        item = Store(target.id, (*where, *index[1:]), gast.copy_location(value, self.place), gast.Add())
        nest = self.nest(draft, [item], out)
        if any(self.may_alias(array, target.id) for array, place in nest.loads() if array != target.id):
            raise Unfit
        if sum(array == target.id for array, _ in nest.loads()) > 1:
            raise Unfit
        return [*out, nest]


def _is_small(known: Array) -> bool:
    """Whether a matrix or vector of numbers has few items for certain."""
    few = known.shape is not None and all(isinstance(size, int) and size <= FEW for size in known.shape)
    return few and known.dtype == "float64" and len(known.shape or ()) in (1, 2)


def _reduction(node: Any, elements: Elements) -> tuple[Any, Any, bool, Any] | None:
    """The operand, axis and form of ``np.sum(a, axis, keepdims=...)`` or ``np.mean(a)``."""
    if not isinstance(node, gast.Call) or not node.args or len(node.args) > 2:
        return None
    function = elements.function(node)
    if function not in (np.sum, np.mean, np.max, np.min):
        return None
    given = {keyword.arg: static_value(elements.typer(keyword.value)) for keyword in node.keywords}
    axis = static_value(elements.typer(node.args[1])) if len(node.args) == 2 else given.pop("axis", None)
    kept = given.pop("keepdims", False)
    if given or kept not in (True, False) or not (axis is None or type(axis) is int):
        return None
    if axis is None and (kept or function in (np.max, np.min)):
        return None
    return node.args[0], axis, kept, function


def _zero(dtype: str) -> Any:
    kind = kind_of(dtype)
    return constant({"complex": 0j, "int": 0, "bool": 0}.get(kind, 0.0))


def new_draft(rank: int) -> Draft:
    """A draft for loops over so many dimensions."""
    return Draft([], [[] for _ in range(rank)])


def running(rank: int) -> tuple[Any, ...]:
    """The index that runs over all of them."""
    return tuple(name(RUNNING[axis]) for axis in range(rank))
