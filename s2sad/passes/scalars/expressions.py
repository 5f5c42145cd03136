"""Expressions of short vectors, spelled as one expression for each number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import gast
import numpy as np

from s2sad.passes.scalars import functions
from s2sad.passes.scalars.small import (
    Unfit,
    as_array,
    as_nodes,
    filled,
    is_atom,
    is_small,
    shape_of,
    single,
)
from s2sad.signature import NO_VALUE, Array, Scalar, static_value
from s2sad.sweep.emitter import Emitter
from s2sad.tree.build import binary, call, clone, constant, names_in

ARITHMETIC = (gast.Add, gast.Sub, gast.Mult, gast.Div, gast.Pow)
WEAK = ("float", "int", "bool")


class Expressions(Emitter):
    """Gives the numbers of an expression; what they need is emitted, unless they must stand in one expression."""

    together = False
    """Whether everything must stand in one expression, as in the test of a loop."""

    def items_of(self, key: str) -> np.ndarray:
        """The numbers of a vector that has a name."""
        raise NotImplementedError

    def evaluate(self, node: gast.expr) -> np.ndarray:
        """The numbers of an expression, as an array of expressions of one operation each."""
        if isinstance(node, gast.Name):
            return self._name(node)
        if isinstance(node, gast.Constant):
            if type(node.value) not in (int, float):
                raise Unfit
            return single(node)
        known = self.typer(node)
        if isinstance(known, Scalar) and known.dtype in WEAK and not self.touches(node):
            return single(clone(node))
        found = self._compound(node)
        if not is_small(known) and not (isinstance(known, Scalar) and known.dtype in ("float", "int")):
            raise Unfit
        if found.shape != shape_of(known):
            raise Unfit
        return found

    def touches(self, node: gast.expr) -> bool:
        """Whether an expression reads a vector or number that this pass may have taken apart."""
        return any(is_small(self.types.get(key)) for key in names_in(node))

    def _name(self, node: gast.Name) -> np.ndarray:
        known = self.types.get(node.id)
        if is_small(known):
            return self.items_of(node.id)
        if isinstance(known, Scalar) and known.dtype in WEAK:
            return single(node)
        raise Unfit

    def _compound(self, node: gast.expr) -> np.ndarray:
        if isinstance(node, gast.BinOp) and isinstance(node.op, ARITHMETIC):
            return self._operation(type(node.op), self.atoms(node.left), self.atoms(node.right))
        if isinstance(node, gast.BinOp) and isinstance(node.op, gast.MatMult):
            return self.product(self.atoms(node.left), self.atoms(node.right))
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            return self._each(
                lambda item: gast.UnaryOp(op=gast.USub(), operand=item), self.atoms(node.operand)
            )
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.UAdd):
            return self.evaluate(node.operand)
        if isinstance(node, gast.Attribute) and node.attr == "T":
            return self.evaluate(node.value).T
        if isinstance(node, gast.Subscript):
            return self._item(node)
        if isinstance(node, gast.Call):
            return self._call(node)
        raise Unfit

    # ---- operands --------------------------------------------------------------------------------
    def atoms(self, node: gast.expr) -> np.ndarray:
        """The numbers of an operand, each with a name."""
        return self.named(self.evaluate(node))

    def named(self, items: np.ndarray) -> np.ndarray:
        """The same numbers, each with a name where there is room for a statement."""
        if self.together:
            return items
        return filled(items.shape, lambda index: self.number(items[index]))

    def number(self, node: gast.expr, hint: str = "t") -> gast.expr:
        """One number with a name."""
        return node if is_atom(node) else self.bind(node, hint, Scalar("float"))

    def shared(self, items: np.ndarray) -> np.ndarray:
        """The same numbers, which will be written more than once."""
        if self.together and not all(map(is_atom, items.flat)):
            raise Unfit
        return items

    def spread(self, items: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """The numbers as they broadcast to a shape."""
        if items.size != math.prod(shape):
            self.shared(items)
        try:
            return np.broadcast_to(items, shape)
        except ValueError:
            raise Unfit from None

    # ---- number by number ------------------------------------------------------------------------
    def _each(self, make: Callable[..., gast.expr], *operands: np.ndarray) -> np.ndarray:
        try:
            shape = np.broadcast_shapes(*[items.shape for items in operands])
        except ValueError:
            raise Unfit from None
        spread = [self.spread(items, shape) for items in operands]
        return filled(shape, lambda index: make(*[clone(items[index]) for items in spread]))

    def _operation(self, op: type, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        if op is gast.Pow:
            return self._each(self._power, left, right)
        return self._each(lambda p, q: binary(p, op, q), left, right)

    def _power(self, base: gast.expr, exponent: gast.expr) -> gast.expr:
        """A power; of a negative number with a fraction, Python's own operator would give a complex number."""
        positive = exponent.operand if isinstance(exponent, gast.UnaryOp) else exponent
        if isinstance(positive, gast.Constant) and float(positive.value).is_integer():
            return binary(base, gast.Pow, exponent)
        return call(self.object_node(math.pow), base, exponent)

    # ---- sums and products -----------------------------------------------------------------------
    def total(self, items: Iterable[gast.expr], op: type = gast.Add) -> gast.expr:
        """The sum of some numbers, from left to right as NumPy sums so few."""
        first, *rest = items
        whole = first
        for item in rest:
            whole = binary(whole if self.together else self.number(whole), op, item)
        return whole

    def _along(self, items: np.ndarray, axis: Any, op: type) -> np.ndarray:
        if axis is None:
            return single(self.total(list(items.flat), op))
        if not isinstance(axis, int):
            raise Unfit
        moved = np.moveaxis(items, axis, -1)
        return filled(moved.shape[:-1], lambda index: self.total(list(moved[index]), op))

    def product(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The matrix product, of vectors too."""
        if not left.ndim or not right.ndim or left.ndim > 2 or right.ndim > 2:
            raise Unfit
        rows, columns = np.atleast_2d(left), right.reshape(len(right), -1)
        if rows.shape[1] != columns.shape[0]:
            raise Unfit
        if len(rows) > 1:
            self.shared(right)
        if columns.shape[1] > 1:
            self.shared(left)
        both = filled(
            (len(rows), columns.shape[1]), lambda index: self._dot(rows[index[0]], columns[:, index[1]])
        )
        return both.reshape(left.shape[:-1] + right.shape[1:])

    def _dotted(self, function: Any, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        if function in (np.inner, np.vdot) and (left.ndim != 1 or right.ndim != 1):
            raise Unfit
        return self.product(left, right)

    def _dot(self, left: Iterable[gast.expr], right: Iterable[gast.expr]) -> gast.expr:
        terms = [binary(clone(p), gast.Mult, clone(q)) for p, q in zip(left, right)]
        return self.total([term if self.together else self.number(term) for term in terms])

    def _norm(self, items: np.ndarray) -> np.ndarray:
        """The length of a vector; `math.hypot` has the same derivative at zero."""
        return single(call(self.object_node(math.hypot), *[clone(item) for item in items.flat]))

    def _cross(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        if left.shape != (3,) or right.shape != (3,):
            raise Unfit
        self.shared(left), self.shared(right)

        def part(index: tuple[int, ...]) -> gast.expr:
            j, k = (index[0] + 1) % 3, (index[0] + 2) % 3
            first = binary(clone(left[j]), gast.Mult, clone(right[k]))
            second = binary(clone(left[k]), gast.Mult, clone(right[j]))
            if not self.together:
                first, second = self.number(first), self.number(second)
            return binary(first, gast.Sub, second)

        return filled((3,), part)

    # ---- order -----------------------------------------------------------------------------------
    def _item(self, node: gast.Subscript) -> np.ndarray:
        index = self._index(node.slice)
        items = self.evaluate(node.value)
        try:
            return as_array(items[index])
        except IndexError:
            raise Unfit from None

    def _index(self, node: Any) -> Any:
        """A subscript whose parts are known."""
        if isinstance(node, gast.Tuple):
            return tuple(map(self._index, node.elts))
        if isinstance(node, gast.List):
            return list(map(self._index, node.elts))
        if isinstance(node, gast.Slice):
            return slice(
                *[None if p is None else self.static(p) for p in (node.lower, node.upper, node.step)]
            )
        return self.static(node)

    def static(self, node: gast.expr) -> Any:
        """The value of an expression that is known: a number, None, or a tuple of those."""
        if isinstance(node, gast.Constant) and (
            node.value is None or type(node.value) in (int, bool, type(...))
        ):
            return node.value
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            return -self.static(node.operand)
        if isinstance(node, (gast.Tuple, gast.List)):
            return tuple(map(self.static, node.elts))
        known = self.typer(node)
        value = NO_VALUE if known is None else static_value(known)
        if type(value) is not int and value is not None:
            raise Unfit
        return value

    # ---- calls -----------------------------------------------------------------------------------
    def _call(self, node: gast.Call) -> np.ndarray:
        function, args, keywords = self._application(node)
        if function is None or any(isinstance(arg, gast.Starred) for arg in args):
            raise Unfit
        try:
            maker = self._maker(function, len(args), keywords)
        except TypeError:  # what cannot be a key
            raise Unfit from None
        if maker is None:
            raise Unfit
        return maker(node, args, keywords)

    def _maker(self, function: Any, count: int, keywords: dict[str, gast.expr]) -> Any:
        """What spells a call; None where nothing does."""
        plain = not keywords
        if plain and count == 1 and function in functions.OF_ONE:
            return lambda node, args, _: self._each(
                self._named_call(functions.OF_ONE[function]), self.atoms(*args)
            )
        if plain and count == 1 and function in functions.SAME:
            return lambda node, args, _: self.evaluate(args[0])
        if plain and count == 2 and function in functions.OF_TWO:
            return lambda node, args, _: self._each(
                self._named_call(functions.OF_TWO[function]), *map(self.atoms, args)
            )
        if plain and count == 2 and function in functions.OPERATORS:
            return lambda node, args, _: self._operation(
                functions.OPERATORS[function], *map(self.atoms, args)
            )
        if plain and count == 2 and function in functions.POWERS:
            return lambda node, args, _: self._operation(gast.Pow, *map(self.atoms, args))
        if function in (np.sum, np.prod, np.mean):
            return lambda node, args, keys: self._reduction(function, args, keys)
        return self._array_maker(function, count, plain)

    def _array_maker(self, function: Any, count: int, plain: bool) -> Any:
        if plain and count == 2 and function in functions.PRODUCTS:
            return lambda node, args, _: self._dotted(function, *map(self.atoms, args))
        if plain and count == 2 and function is np.outer:
            return lambda node, args, _: self._outer(*map(self.atoms, args))
        if plain and count == 2 and function is np.cross:
            return lambda node, args, _: self._cross(*map(self.atoms, args))
        if plain and count == 1 and function is np.linalg.norm:
            return lambda node, args, _: self._norm(self.atoms(args[0]))
        if plain and count == 1 and function is np.square:
            return lambda node, args, _: self._square(self.atoms(args[0]))
        if function in functions.COPIED and count == 1:
            return self._copied
        if function in functions.ARRANGED:
            return lambda node, args, keys: self._arranged(function, args, keys)
        if function in functions.FILLED or function in functions.EMPTY_SHAPES:
            return lambda node, args, keys: self._made(node, function)
        return None

    def _named_call(self, function: Any) -> Callable[[gast.expr], gast.expr]:
        return lambda *items: call(self.object_node(function), *items)

    def _square(self, items: np.ndarray) -> np.ndarray:
        return self._operation(gast.Mult, self.shared(items), items)

    def _outer(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return self._operation(gast.Mult, self.shared(left).reshape(-1, 1), self.shared(right).reshape(1, -1))

    def _reduction(self, function: Any, args: list[gast.expr], keywords: dict[str, gast.expr]) -> np.ndarray:
        if len(args) != 1 or set(keywords) - {"axis"}:
            raise Unfit
        axis = self.static(keywords["axis"]) if "axis" in keywords else None
        items = self.atoms(args[0])
        if not items.ndim:
            raise Unfit
        whole = self._along(items, axis, gast.Mult if function is np.prod else gast.Add)
        if function is not np.mean:
            return whole
        count = items.size // max(whole.size, 1)
        return self._operation(gast.Div, self.named(whole), single(constant(float(count))))

    def _copied(self, node: gast.Call, args: list[gast.expr], keywords: dict[str, gast.expr]) -> np.ndarray:
        """``np.array`` of a display, or of another vector."""
        for key, value in keywords.items():
            if key == "dtype" and self._is_float(value):
                continue
            if key != "copy":
                raise Unfit
        return self._display(args[0])

    def _is_float(self, node: gast.expr) -> bool:
        known = self.typer(node)
        return known is not None and static_value(known) in (float, np.float64)

    def _display(self, node: gast.expr) -> np.ndarray:
        if not isinstance(node, (gast.List, gast.Tuple)):
            return filled_with_floats(self.evaluate(node), self)
        parts = [self._display(elt) for elt in node.elts]
        if not parts or len({part.shape for part in parts}) != 1:
            raise Unfit
        return np.stack(parts)

    def _arranged(self, function: Any, args: list[gast.expr], keywords: dict[str, gast.expr]) -> np.ndarray:
        if not args:
            raise Unfit
        first = args[0]
        given: Any = (
            [self._display(elt) for elt in first.elts]
            if isinstance(first, (gast.List, gast.Tuple))
            else self.evaluate(first)
        )
        second = (
            [self._display(arg) for arg in args[1:2]]
            if function is np.append
            else [self.static(arg) for arg in args[1:2]]
        )
        rest = [self.static(arg) for arg in args[2:]]
        options = {key: self.static(value) for key, value in keywords.items()}
        try:
            found = as_nodes(function(given, *second, *rest, **options))
        except (TypeError, ValueError, IndexError):
            raise Unfit from None
        names = [id(item) for item in found.flat]
        if len(set(names)) != len(names):
            self.shared(found)
        return found

    def _made(self, node: gast.Call, function: Any) -> np.ndarray:
        """``np.zeros`` and the like, of a known shape."""
        known = self.typer(node)
        if not is_small(known) or not isinstance(known, Array):
            raise Unfit
        shape = shape_of(known)
        if function in functions.FILLED:
            return filled(shape, lambda index: constant(functions.FILLED[function]))
        if len(node.args) > 2 or {k.arg for k in node.keywords} - {"dtype"}:
            raise Unfit
        return filled(shape, lambda index: constant(1.0 if index[0] == index[1] else 0.0))


def filled_with_floats(items: np.ndarray, expressions: Expressions) -> np.ndarray:
    """The same numbers, integers as the floats that an array has in their place."""

    def as_float(node: gast.expr) -> gast.expr:
        if isinstance(node, gast.Constant):
            return constant(float(node.value))
        known = expressions.typer(node)
        if isinstance(known, Scalar) and known.dtype in ("int", "bool"):
            return call(expressions.object_node(float), node)
        return node

    return filled(items.shape, lambda index: as_float(items[index]))
