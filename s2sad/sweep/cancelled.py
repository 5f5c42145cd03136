"""Contributions that cancel: a shift that makes an exponential safe has no effect, so it needs no cotangent.

``top + np.log(np.sum(np.exp(x - top)))`` is the same for any `top`, and so is ``e / np.sum(e)`` with
``e = np.exp(x - top)``: whatever `top` is, what reaches it by its two ways adds up to zero.

>>> from s2sad.signature import Dim
>>> body = gast.parse('''
... d = x - top
... e = np.exp(d)
... s = np.sum(e)
... l = np.log(s)
... y = top + l''').body
>>> types = {"x": Array("float64", (Dim("n"),)), "top": Scalar("float64"), "s": Scalar("float64")}
>>> objects = {"np.exp": np.exp, "np.sum": np.sum, "np.log": np.log}
>>> found = cancelled(body, types, objects, lambda name: True)
>>> found == {(id(body[0]), "top"), (id(body[4]), "top")}
True
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast
import numpy as np

from s2sad.signature import Array, Opaque, Scalar, Type
from s2sad.sweep.emitter import same_shape
from s2sad.sweep.terms import new_axes
from s2sad.tree.build import dotted
from s2sad.tree.dataflow import blocks
from s2sad.tree.parts import nodes

_EXPONENTIALS, _LOGARITHMS = (np.exp, math.exp), (np.log, math.log)


def cancelled(
    body: Sequence[gast.stmt],
    types: Mapping[str, Type],
    objects: Mapping[str, Any],
    steady: Callable[[str], bool],
) -> set[tuple[int, str]]:
    """The operands, by statement and name, whose contributions together are zero.

    Parameters
    ----------
    body : sequence of stmt
        Typed core.
    types, objects : mapping
        The types of its names, and what its global names are.
    steady : callable
        Whether a name always has one value, which is not written to.
    """
    if not any(objects.get(path) in _EXPONENTIALS for path in objects if path.endswith("exp")):
        return set()
    counts = Counter(part.id for node in body for part in nodes(node) if isinstance(part, gast.Name))
    found: set[tuple[int, str]] = set()
    _walk(body, lambda block: _Block(block, types, objects, counts, steady), found)
    return found


def _walk(body: Sequence[gast.stmt], block_of: Callable[[Any], _Block], found: set[tuple[int, str]]) -> None:
    block = block_of(body)
    for statement in body:
        found |= block.at(statement)
        for inner in blocks(statement):
            _walk(inner, block_of, found)


class _Block:
    """The assignments of one block, where a chain of them is followed."""

    def __init__(self, body: Sequence[gast.stmt], types: Any, objects: Any, counts: Any, steady: Any) -> None:
        self.types, self.objects, self.counts, self.steady = types, objects, counts, steady
        self.made: dict[str, Any] = {}
        for statement in body:
            if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
                name = statement.targets[0].id
                self.made[name] = None if name in self.made else statement

    def at(self, statement: Any) -> set[tuple[int, str]]:
        """What cancels because of what a statement computes."""
        value = getattr(statement, "value", None)
        if not isinstance(statement, gast.Assign) or not isinstance(value, gast.BinOp):
            return set()
        if isinstance(value.op, gast.Add):
            for shift, other in ((value.left, value.right), (value.right, value.left)):
                place = self.of_logarithm(shift, other)
                if place is not None:
                    return {(id(statement), shift.id), place}
        place = self.of_quotient(value) if isinstance(value.op, gast.Div) else None
        return set() if place is None else {place}

    def of_logarithm(self, shift: Any, other: Any) -> tuple[int, str] | None:
        """The place of the shift in ``shift + np.log(np.sum(np.exp(x - shift)))``."""
        inner = self.argument(other, _LOGARITHMS, 2) if isinstance(shift, gast.Name) else None
        total = self.total(inner, 2)
        if total is None or not same_shape(self.type(shift), self.type(inner)):
            return None
        return self.shift(total.args[0], total, 2, shift.id)

    def of_quotient(self, value: gast.BinOp) -> tuple[int, str] | None:
        """The place of the shift in ``e / np.sum(e)`` with ``e = np.exp(x - shift)``."""
        below = value.right
        spread = self.value(below, 2)
        if isinstance(spread, gast.Subscript):
            below = spread.value
        total = self.total(below, 2)
        if total is None or not isinstance(value.left, gast.Name) or value.left.id != _id(total.args[0]):
            return None
        if isinstance(spread, gast.Subscript) and not self.undoes(spread, total):
            return None
        if spread is total and not self.is_everywhere(below, total):
            return None
        return self.shift(value.left, total, 3, None)

    def shift(self, terms: Any, total: Any, uses: int, wanted: str | None) -> tuple[int, str] | None:
        """Where the shift is taken off, if it is the same for all terms of a sum."""
        inner = self.argument(terms, _EXPONENTIALS, uses)
        difference = self.value(inner, 2)
        if not isinstance(difference, gast.BinOp) or not isinstance(difference.op, gast.Sub):
            return None
        if not isinstance(difference.left, gast.Name) or not isinstance(difference.right, gast.Name):
            return None
        if _id(difference.left) == _id(difference.right):
            return None
        taken = difference.right
        spread = self.value(taken, None)
        if isinstance(spread, gast.Subscript) and self.undoes(spread, total):
            origin = _id(spread.value)
        elif self.is_everywhere(taken, total):
            origin = taken.id
        else:
            return None
        if origin is None or not self.steady(origin) or not self.steady(taken.id):
            return None
        return (id(self.made[inner.id]), taken.id) if wanted in (None, origin) else None

    # ---- single steps -------------------------------------------------------------------------------------------

    def value(self, node: Any, uses: int | None) -> Any:
        """What a name of this block stands for, if it is mentioned so often."""
        statement = self.made.get(_id(node) or "")
        if statement is None or (uses is not None and self.counts[node.id] != uses):
            return None
        return statement.value

    def argument(self, node: Any, functions: tuple[Any, ...], uses: int) -> Any:
        made = self.value(node, uses)
        if not isinstance(made, gast.Call) or self.objects.get(dotted(made.func) or "") not in functions:
            return None
        return made.args[0] if len(made.args) == 1 and not made.keywords else None

    def total(self, node: Any, uses: int) -> Any:
        """The sum that a name stands for."""
        made = self.value(node, uses)
        if not isinstance(made, gast.Call) or self.objects.get(dotted(made.func) or "") is not np.sum:
            return None
        plain = all(keyword.arg in ("axis", "keepdims") for keyword in made.keywords)
        return made if plain and len(made.args) == 1 and isinstance(made.args[0], gast.Name) else None

    def axis(self, total: Any) -> Any:
        """The axis of a sum: None for all of them, False where it is not known."""
        given = {keyword.arg: keyword.value for keyword in total.keywords}
        if "axis" not in given:
            return None
        node = given["axis"]
        sign = -1 if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub) else 1
        node = node.operand if sign < 0 else node
        rank = self.rank(total.args[0])
        known = isinstance(node, gast.Constant) and type(node.value) is int and rank is not None
        return (sign * node.value) % rank if known and rank else False

    def type(self, node: Any) -> Type:
        return self.types.get(_id(node) or "", Opaque())  # type: ignore[no-any-return]

    def rank(self, node: Any) -> int | None:
        known = self.type(node)
        if isinstance(known, Scalar):
            return 0
        return len(known.shape) if isinstance(known, Array) and known.shape is not None else None

    def undoes(self, spread: gast.Subscript, total: Any) -> bool:
        """Whether an index puts the axis of a sum back."""
        axis, rank = self.axis(total), self.rank(total.args[0])
        if axis is None or axis is False or rank is None or self.rank(spread.value) != rank - 1:
            return False
        return new_axes(spread.slice, rank - 1) == [k == axis for k in range(rank)]

    def is_everywhere(self, node: Any, total: Any) -> bool:
        """Whether a value is surely one number for all terms of a sum."""
        axis, rank = self.axis(total), self.rank(total.args[0])
        if axis is None:
            return self.rank(node) == 0
        known = self.type(node)
        if axis is False or not isinstance(known, Array) or known.shape is None or len(known.shape) != rank:
            return False
        return known.shape[axis] == 1


def _id(node: Any) -> str | None:
    return node.id if isinstance(node, gast.Name) else None
