"""Products whose numbers are multiplied before they meet an array: each product of an array that goes is an array less.

>>> from s2sad.tree.build import names_in
>>> from s2sad.tree.printer import expression_text
>>> def weight(node):
...     return max({"x": 16.0, "w": 4.0}.get(name, 0.0) for name in {"", *names_in(node)})
>>> def show(text):
...     return expression_text(reordered(gast.parse(text, mode="eval").body, weight))
>>> show("-g * x * 0.5 * (2.0 * x)"), show("x * h * w"), show("(x * g)[:, None] / 2.0 * x")
('-g * x * x', 'h * w * x', '0.5 * g * x[:, None] * x')
>>> show("g / h * (h * x)"), show("g / h * x")
('g * x', 'g / h * x')
>>> show("x * w"), show("1.0 * x"), show("0.0 * x * 2.0"), show("100.0 * x * 2 * g")
('x * w', '1.0 * x', '2.0 * 0.0 * x', '200.0 * g * x')
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import gast

from s2sad.tree.algebra import same
from s2sad.tree.build import binary, constant, is_none
from s2sad.tree.dataflow import with_fields
from s2sad.tree.indices import index_parts

MOST_DIGITS = 6
Weight = Callable[[Any], float | None]
"""What an operation costs whose result is this expression: 0 for a number, None where that is not known."""


@dataclass
class Factors:
    """A product taken apart: its sign, its numbers, and its arrays, each with whether it divides."""

    negative: bool = False
    literal: float = 1.0
    numbers: list[tuple[Any, bool]] = field(default_factory=list)
    arrays: list[tuple[Any, bool]] = field(default_factory=list)
    cost: float = 0.0

    @property
    def is_one(self) -> bool:
        """Whether there is nothing but arrays."""
        return not self.negative and self.literal == 1.0 and not self.numbers

    def has(self, part: Any) -> bool:
        """Whether a product is multiplied by something."""
        return any(not divides and same(part, other) for other, divides in [*self.arrays, *self.numbers])

    def less(self, part: Any) -> Factors:
        """The product without one factor."""
        rest = Factors(self.negative, self.literal, list(self.numbers), list(self.arrays))
        for group in (rest.arrays, rest.numbers):
            for k, (other, divides) in enumerate(group):
                if not divides and same(part, other):
                    del group[k]
                    return rest
        return rest

    def coefficient(self) -> Any:
        """The product of the numbers, None if that is 1."""
        made = None if self.literal == 1.0 else constant(self.literal)
        for number, divides in sorted(self.numbers, key=lambda pair: pair[1]):
            if made is None and not divides:
                made = number
            else:
                made = binary(
                    constant(1.0) if made is None else made, gast.Div if divides else gast.Mult, number
                )
        return made


def factors_of(node: Any, weight: Weight) -> Factors | None:
    """A product taken apart; None where a factor is not known."""
    found = Factors()
    if not _collect(node, weight, found, False):
        return None
    found.numbers = _without_undone(found.numbers)
    return found


def _without_undone(numbers: list[tuple[Any, bool]]) -> list[tuple[Any, bool]]:
    """Factors without those that a product is divided by and multiplied by again."""
    kept: list[tuple[Any, bool]] = []
    for part, divides in numbers:
        undone = next((pair for pair in kept if pair[1] != divides and same(pair[0], part)), None)
        if undone is not None and isinstance(part, gast.Name):
            kept.remove(undone)
        else:
            kept.append((part, divides))
    return kept


def _collect(node: Any, weight: Weight, found: Factors, divides: bool) -> bool:
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        found.negative = not found.negative
        return _costs(node, weight, found) and _collect(node.operand, weight, found, divides)
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Mult, gast.Div)):
        inner = divides != isinstance(node.op, gast.Div)
        return (
            _costs(node, weight, found)
            and _collect(node.left, weight, found, divides)
            and _collect(node.right, weight, found, inner)
        )
    if _is_number(node) and _folds(found, node.value, divides):
        return True
    own = weight(node)
    if own is None:
        return False
    if own and _adds_axes(node):
        return _collect_inside(node, weight, found, divides)
    (found.arrays if own else found.numbers).append((node, divides))
    return True


def _costs(node: Any, weight: Weight, found: Factors) -> bool:
    own = weight(node)
    found.cost += own or 0.0
    return own is not None


def _collect_inside(node: Any, weight: Weight, found: Factors, divides: bool) -> bool:
    """The numbers of ``(k * x)[:, None]`` belong to the whole product."""
    inner = factors_of(node.value, weight)
    if inner is None:
        return False
    found.cost += inner.cost
    if not inner.arrays or not isinstance(node.value, (gast.BinOp, gast.UnaryOp)):
        found.arrays.append((node, divides))
        return True
    found.negative ^= inner.negative
    if not _folds(found, inner.literal, divides):
        inner.numbers.append((constant(inner.literal), False))
    found.numbers += [(number, divides != own) for number, own in inner.numbers]
    found.arrays.append((with_fields(node, value=product_of(Factors(arrays=inner.arrays), weight)), divides))
    return True


def _is_number(node: Any) -> bool:
    return isinstance(node, gast.Constant) and type(node.value) in (int, float)


def _folds(found: Factors, value: float, divides: bool) -> bool:
    """Multiply a literal into those before it, if that is as short to read and exact: ``0.5 * 2`` is ``1.0``."""
    if value == 0:
        return False
    made = found.literal / value if divides else found.literal * value
    if (divides or found.literal != 1.0) and not _is_exact(found.literal, value, made, divides):
        return False
    found.literal = float(made)
    return True


def _is_exact(one: float, other: float, made: float, divides: bool) -> bool:
    """Whether a product or quotient of literals is a short number without rounding."""
    digits = max(len(repr(abs(one))), len(repr(abs(other))))
    if not (is_short(made) or len(repr(abs(made))) <= digits) or not all(map(math.isfinite, (one, other))):
        return False
    a, b, c = map(Fraction, (one, other, made))
    return c * b == a if divides else a * b == c


def is_short(value: float) -> bool:
    """Whether a number is as short to read as those that it may stand for."""
    return value != 0.0 and math.isfinite(value) and len(repr(abs(value))) <= MOST_DIGITS


def _adds_axes(node: Any) -> bool:
    if not isinstance(node, gast.Subscript):
        return False
    parts = index_parts(node)
    new = list(map(is_none, parts))
    whole = [isinstance(part, gast.Slice) and part.lower is part.upper is part.step is None for part in parts]
    return any(new) and all(a or b for a, b in zip(new, whole))


def reordered(node: Any, weight: Weight) -> Any:
    """A product with its numbers first and its small arrays before the large ones, if that costs less."""
    found = factors_of(node, weight)
    if found is None or not found.arrays:
        return node
    new = product_of(found, weight)
    if not isinstance(new, (gast.BinOp, gast.UnaryOp)):
        return node  # a name or a part of an array is not an array of its own
    again = factors_of(new, weight)
    return new if again is not None and again.cost < found.cost else node


def product_of(found: Factors, weight: Weight) -> Any:
    """A product put together: its numbers, then its arrays from the smallest on; None for the empty product."""
    arrays = sorted(found.arrays, key=lambda pair: weight(pair[0]) or 0.0)
    made = found.coefficient()
    if made is None and not arrays:
        return None
    if made is None and all(divides for _, divides in arrays):
        made = constant(1.0)
    if made is None:
        first = next(pair for pair in arrays if not pair[1])
        arrays.remove(first)
        made = first[0]
    if found.negative:
        made = gast.UnaryOp(gast.USub(), made)
    for part, divides in arrays:
        made = binary(made, gast.Div if divides else gast.Mult, part)
    return made
