"""Products and sums of cotangents in their cheapest order, by the types of what they are made of.

>>> from s2sad.signature import Array, Dim, Scalar
>>> from s2sad.tree.dataflow import rewrite
>>> from s2sad.tree.printer import expression_text
>>> n, m = Dim("n", one=False), Dim("m", one=False)
>>> types = {"a": Array("float64", (n, m)), "b": Array("float64", (m,)), "g": Scalar("float"), "h": Scalar("float")}
>>> products = Products(Typer(types, {"np": np, "np.sum": np.sum}))
>>> def show(text):
...     return expression_text(rewrite(gast.parse(text, mode="eval").body, products))
>>> show("g * (2.0 * a)"), show("np.sum(-a * b, axis=0)"), show("a * b + a * g"), show("g * b - a * g")
('2.0 * g * a', '-np.sum(a, axis=0) * b', 'a * (b + g)', 'g * (b - a)')
>>> show("a * b - a * a + a * 2.0 - b"), show("a * b - g * g - a * g")
('a * (b - a + 2.0) - b', 'a * (b - g) - g * g')
>>> show("a * 0.5 - a"), show("4.0 * a * b * (1.0 - a) - 4.0 * a * b * (1.0 - b)")
('-0.5 * a', '4.0 * b * a * (b - a)')
>>> show("g * 0.5 * (2 * g)"), show("-g * 0.3 * (0.7 * g)"), show("2.0 / g * h * g"), show("h / g * g")
('g * g', '-g * 0.3 * (0.7 * g)', '2.0 * h', 'h')

Only for derivatives, whose terms may be put together in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import gast
import numpy as np

from s2sad.signature import Array, Scalar
from s2sad.sweep.emitter import same_shape
from s2sad.sweep.typer import Typer
from s2sad.tree.algebra import same, signed_sum
from s2sad.tree.build import binary, constant, dotted
from s2sad.tree.dataflow import children, with_fields
from s2sad.tree.factors import Factors, factors_of, is_short, product_of, reordered

_NUMBERS = frozenset(["int", "float", "float64"])
_PLACES = (gast.Name, gast.Subscript, gast.Attribute)
SCALAR = 0.05
"""What an operation on numbers costs, where one on an array with `k` dimensions costs ``4 ** k``."""


class Products:
    """Rewrites one expression whose parts are rewritten already.

    Parameters
    ----------
    typer : Typer
        Tells the types of expressions.
    quotients : mapping from str to expression, optional
        What names stand for, wherever an expression may be: ``g / t / b`` is ``g / a`` where `t` is ``a / b``.
    """

    def __init__(self, typer: Typer, quotients: Mapping[str, Any] | None = None) -> None:
        self.typer = typer
        self.quotients = quotients or {}
        self._weights: dict[int, tuple[Any, float | None]] = {}
        self._light: dict[int, Any] = {}  # products without an array

    def __call__(self, node: Any) -> Any:
        made = self._rewritten(node)
        if made is not node and isinstance(made, _PLACES) and isinstance(self.typer(made), Array):
            return node  # arithmetic makes an array of its own: this one may be written to
        return made

    def _rewritten(self, node: Any) -> Any:
        if isinstance(node, gast.BinOp):
            if isinstance(node.op, (gast.Mult, gast.Div)):
                if self.quotients:
                    node = self.cancelled(node)
                if not isinstance(node, gast.BinOp):
                    return node
                if self._is_light(node.left) and self._is_light(node.right):
                    node = self._folded(node)
                    self._light[id(node)] = node
                    return node
                return reordered(node, self.weight)
            if isinstance(node.op, (gast.Add, gast.Sub)):
                return self.shared(signed_sum(node))
        elif isinstance(node, gast.Call) and node.args and not isinstance(node.args[0], gast.Name):
            if self.typer.objects.get(dotted(node.func) or "") is np.sum:
                return self.summed(node)
        return node

    def _folded(self, node: gast.BinOp) -> Any:
        """A product of numbers, literals multiplied: ``g * 0.5 * (2 * h)`` is ``g * h``, and ``g / h * h`` is `g`."""
        undone = isinstance(node.op, gast.Mult) and _is_divided_by(node.left, node.right)
        if not undone and not (_has_literal(node.left) and _has_literal(node.right)):
            return node
        found = factors_of(node, self.weight)
        if found is None or any(isinstance(part, gast.Constant) for part, _ in found.numbers):
            return node
        if all(getattr(self.typer(part), "dtype", "") == "int" for part, _ in found.numbers):
            return node
        made = product_of(found, self.weight)
        return made if isinstance(made, (gast.BinOp, gast.Name)) else node

    def forget(self) -> None:
        """Forget the expressions seen so far."""
        self._weights.clear()
        self._light.clear()

    def _is_light(self, node: Any) -> bool:
        """Whether no factor of an operand, which was rewritten before, is known to be an array."""
        while isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            node = node.operand
        if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Mult, gast.Div)):
            return self._light.get(id(node)) is node
        return not self.weight(node)

    def weight(self, node: Any) -> float | None:
        """What an operation with this result costs: 0 for a number, None where that is not known."""
        known = self._weights.get(id(node))
        if known is None or known[0] is not node:
            known = self._weights[id(node)] = (node, self._weight(node))
        return known[1]

    def _weight(self, node: Any) -> float | None:
        known = self.typer(node)
        if isinstance(known, Scalar):
            return 0.0 if known.dtype in _NUMBERS else None
        if not isinstance(known, Array) or known.shape is None or known.dtype != "float64":
            return None
        return float(4 ** sum(size != 1 for size in known.shape))

    # ---- quotients ----------------------------------------------------------------------------------------------

    def cancelled(self, node: Any) -> Any:
        """A product with a quotient that it has a part of written out, if that leaves fewer factors."""
        found = factors_of(node, self.weight)
        pairs = [] if found is None else [*found.arrays, *found.numbers]
        for k, (factor, divides) in enumerate(pairs):
            whole = self.quotients.get(getattr(factor, "id", ""))
            inner = None if whole is None else factors_of(whole, self.weight)
            if found is None or inner is None or inner.negative or inner.literal != 1.0:
                continue
            rest, added = [*pairs[:k], *pairs[k + 1 :]], []
            for part, own in [*inner.arrays, *inner.numbers]:
                turned = divides != own
                place = next(
                    (j for j, pair in enumerate(rest) if pair[1] != turned and same(pair[0], part)), None
                )
                if place is None:
                    added.append((part, turned))
                else:
                    del rest[place]
            if len(rest) + len(added) >= len(pairs):
                continue
            left = Factors(found.negative, found.literal)
            for part, own in [*rest, *added]:
                (left.arrays if self.weight(part) else left.numbers).append((part, own))
            made = product_of(left, self.weight)
            if made is not None and same_shape(self.typer(made), self.typer(node)):
                return made
        return node

    # ---- sums of elements ---------------------------------------------------------------------------------------

    def summed(self, node: Any) -> Any:
        """A sum whose constant factors are multiplied afterwards."""
        found = factors_of(node.args[0], self.weight)
        if found is None or any(keyword.arg != "axis" for keyword in node.keywords) or len(node.args) != 1:
            return node
        axis = node.keywords[0].value if node.keywords else None
        inside = Factors(arrays=[pair for pair in found.arrays if not self.is_constant(pair[0], node, axis)])
        if not any(not divides for _, divides in inside.arrays):
            return node
        outside = Factors(found.negative, found.literal, found.numbers, [])
        outside.arrays = [pair for pair in found.arrays if not any(pair is other for other in inside.arrays)]
        rest = product_of(inside, self.weight)
        if rest is None or not same_shape(self.typer(rest), self.typer(node.args[0])):
            return node
        if not outside.arrays and outside.is_one:
            return node
        total = with_fields(node, args=[rest])
        if outside.arrays:
            outside.arrays.insert(0, (total, False))
        else:
            outside.numbers.append((total, False))
        return product_of(outside, self.weight)

    def is_constant(self, part: Any, node: Any, axis: Any) -> bool:
        """Whether a factor has no dimension along the axis of a sum."""
        if not isinstance(axis, gast.Constant) or type(axis.value) is not int or axis.value < 0:
            return False
        whole, own = self.typer(node.args[0]), self.typer(part)
        assert isinstance(whole, Array) and isinstance(own, Array)
        return axis.value < len(whole.shape or ()) - len(own.shape or ())

    # ---- sums of products ---------------------------------------------------------------------------------------

    def shared(self, node: Any) -> Any:
        """``r * a + r * b`` as ``r * (a + b)``, if that costs less, also where other terms stand between them."""
        made = self.shared_by_two(node)
        if made is not node or not _is_sum(node.left) or not isinstance(node.right, gast.BinOp):
            return made
        terms = _terms(node.left)
        for k, (term, minus) in enumerate(terms):
            subtracts = minus != isinstance(node.op, gast.Sub)
            pair = binary(term, gast.Sub if subtracts else gast.Add, node.right)
            found = self.shared_by_two(pair)
            if found is not pair:
                return _total([*terms[:k], (found, minus), *terms[k + 1 :]])
        return node

    def shared_by_two(self, node: Any) -> Any:
        """A sum of two terms with a factor of both taken out, or all that they share, if that costs less."""
        left, right = (factors_of(side, self.weight) for side in (node.left, node.right))
        if left is None or right is None:
            return node
        common = [
            factor
            for factor, divides in [*left.arrays, *left.numbers]
            if not divides and isinstance(factor, (gast.Name, gast.Subscript)) and right.has(factor)
        ]
        if not common:
            return node
        choices = [[factor] for factor in common]
        if len(common) > 1 or left.literal == right.literal != 1.0:
            choices.append(common)
        made = [self.without(choice, left, right, node.op) for choice in choices]
        return min([node, *(one for one in made if one is not None)], key=self.cost)

    def without(self, choice: list[Any], left: Factors, right: Factors, op: Any) -> Any:
        """A sum with some factors of both its terms taken out, None where that is none."""
        outside = Factors()
        for factor in choice:
            if not left.has(factor) or not right.has(factor):
                return None  # it is there once, and was taken
            left, right = left.less(factor), right.less(factor)
            (outside.arrays if self.weight(factor) else outside.numbers).append((factor, False))
        if len(choice) > 1 and left.literal == right.literal:
            outside.literal, left.literal, right.literal = left.literal, 1.0, 1.0
        one, other = (product_of(side, self.weight) or _unit(side) for side in (left, right))
        total = _added(one, op, other)
        if len(choice) == 1 and isinstance(getattr(total, "op", None), (gast.Add, gast.Sub)):
            return binary(choice[0], gast.Mult, total)
        whole = factors_of(total, self.weight)
        if whole is None:
            return None
        if isinstance(total, gast.BinOp) and isinstance(total.op, (gast.Add, gast.Sub)):
            (outside.arrays if self.weight(total) else outside.numbers).append((total, False))
            return product_of(outside, self.weight)
        whole = factors_of(binary(product_of(outside, self.weight), gast.Mult, total), self.weight)
        return None if whole is None else product_of(whole, self.weight)

    def cost(self, node: Any) -> float:
        """What all operations of an expression cost."""
        own = 0.0
        if isinstance(node, (gast.BinOp, gast.UnaryOp)):
            own = max(self.weight(node) or 0.0, SCALAR)
        return own + sum(map(self.cost, children(node)))


def _is_sum(node: Any) -> bool:
    return isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub))


def _terms(node: Any) -> list[tuple[Any, bool]]:
    """The terms of a sum, from the left, each with whether it is subtracted."""
    if not _is_sum(node):
        return [(node, False)]
    return [*_terms(node.left), (node.right, isinstance(node.op, gast.Sub))]


def _total(terms: list[tuple[Any, bool]]) -> Any:
    total = terms[0][0]
    for term, minus in terms[1:]:
        total = signed_sum(binary(total, gast.Sub if minus else gast.Add, term))
    return total


def _unit(empty: Factors) -> Any:
    """What is left of a product of which all factors were taken."""
    return gast.UnaryOp(gast.USub(), constant(1.0)) if empty.negative else constant(1.0)


def _added(left: Any, op: Any, right: Any) -> Any:
    """``a + b``, that of two literals as one if it is as short, and ``b - a`` for ``(1.0 - a) - (1.0 - b)``."""
    one, other = _literal(left), _literal(right)
    if one is not None and other is not None:
        value = one + other if isinstance(op, gast.Add) else one - other
        if is_short(value) and Fraction(value) == Fraction(one) + Fraction(other) * (
            1 if isinstance(op, gast.Add) else -1
        ):
            made = constant(abs(float(value)))
            return made if value > 0 else gast.UnaryOp(gast.USub(), made)
    if isinstance(op, gast.Add) and same(left, right):
        return binary(constant(2.0), gast.Mult, left)
    if isinstance(op, gast.Sub) and _is_difference(left) and _is_difference(right):
        if isinstance(left.left, gast.Constant) and same(left.left, right.left):
            return binary(right.right, gast.Sub, left.right)
    return with_fields(binary(left, gast.Add, right), op=op)


def _is_divided_by(node: Any, part: Any) -> bool:
    """Whether a name is among the divisors of a product."""
    while isinstance(part, gast.Name) and isinstance(node, gast.BinOp):
        if isinstance(node.op, gast.Div) and same(node.right, part):
            return True
        if not isinstance(node.op, (gast.Mult, gast.Div)):
            break
        node = node.left
    return False


def _has_literal(node: Any) -> bool:
    """Whether a product has a number written out among its factors."""
    while isinstance(node, gast.UnaryOp):
        node = node.operand
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Mult, gast.Div)):
        return _has_literal(node.left) or _has_literal(node.right)
    return isinstance(node, gast.Constant)


def _is_difference(node: Any) -> bool:
    return isinstance(node, gast.BinOp) and isinstance(node.op, gast.Sub)


def _literal(node: Any) -> float | None:
    sign = 1.0
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        sign, node = -1.0, node.operand
    is_number = isinstance(node, gast.Constant) and type(node.value) in (int, float)
    return sign * float(node.value) if is_number else None
