"""Types of core expressions, from the types of names.

>>> typer = Typer({"x": Array("float64", (3,)), "v": Opaque()}, {"np.array": np.array, "np.size": np.size})
>>> typer(gast.parse("np.array(x, dtype=int)").body[0].value)
Array('int64', (3,))
>>> typer(gast.parse("np.array(x, dtype=int) % np.size(v)").body[0].value)
Array('int64', (3,))
"""

from __future__ import annotations

import builtins
import functools
from collections.abc import Mapping
from typing import Any

import gast
import numpy as np

from s2sad.abstract.operators import BINARY, UNARY
from s2sad.objects import is_named_tuple
from s2sad.rules.indexing import index_type
from s2sad.rules.record import rule_of
from s2sad.rules.sizes import array_type, length_type, product
from s2sad.rules.typing import result_type
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Opaque,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    elementwise_type,
    item_type,
    join,
    kind_of,
    literal,
    static_value,
)  # fmt: skip
from s2sad.signature import (
    Mapping as MappingType,
)
from s2sad.tree.algebra import BY_VALUE
from s2sad.tree.build import dotted


class Typer:
    """Gives the type of an expression of names whose types are in `types` and objects in `objects`."""

    def __init__(self, types: Mapping[str, Type], objects: Mapping[str, Any]) -> None:
        self.types, self.objects = types, objects

    def __call__(self, node: gast.expr) -> Type:
        cls = node.__class__
        if cls is gast.Name:
            return self.types.get(node.id) or self.of_Name(node)  # type: ignore[attr-defined]
        if cls is gast.BinOp:
            return self.of_BinOp(node)
        handler = getattr(self, "of_" + cls.__name__, None)
        return Opaque() if handler is None else handler(node)

    def of_Constant(self, node: gast.Constant) -> Type:
        return literal(node.value)

    def of_Name(self, node: gast.Name) -> Type:
        from s2sad.abstract.state import constant_type

        if node.id in self.objects:
            return constant_type(self.objects[node.id], node.id)
        return Static(vars(builtins)[node.id]) if node.id in vars(builtins) else Opaque()

    def of_BinOp(self, node: gast.BinOp) -> Type:
        function = BINARY[type(node.op)]
        left, right = self(node.left), self(node.right)
        if left.__class__ is Scalar and right.__class__ is Scalar:
            return _of_numbers(function, left, right)
        if any(isinstance(side, (Sequence, ListOf)) for side in (left, right)):
            return container_arithmetic(node.op, left, right)
        return result_type(function, rule_of(function), [left, right], {})

    def of_UnaryOp(self, node: gast.UnaryOp) -> Type:
        if isinstance(node.op, gast.Not):
            return Scalar("bool")
        inner = self(node.operand)
        if isinstance(node.operand, gast.Constant) and isinstance(inner, Scalar):
            return literal(-node.operand.value) if isinstance(node.op, gast.USub) else inner
        function = UNARY[type(node.op)]
        return result_type(function, rule_of(function), [inner], {})

    def of_Compare(self, node: gast.Compare) -> Type:
        if not all(isinstance(op, BY_VALUE) for op in node.ops):
            return Scalar("bool")
        kinds = [self(part) for part in (node.left, *node.comparators)]
        if all(isinstance(kind, (Scalar, Array)) for kind in kinds) and any(
            isinstance(k, Array) for k in kinds
        ):
            return elementwise_type(*kinds, dtype="bool")
        if any(isinstance(kind, Array) for kind in kinds):  # with a list: an array
            return Array("bool", None)
        if any(kind == Opaque() for kind in kinds):
            return Opaque()  # what is not known may be an array
        return Scalar("bool")

    def of_BoolOp(self, node: gast.BoolOp) -> Type:
        return Scalar("bool")

    def of_IfExp(self, node: gast.IfExp) -> Type:
        return join(self(node.body), self(node.orelse))

    def of_Tuple(self, node: gast.Tuple) -> Type:
        return Sequence(tuple, tuple(self(elt) for elt in node.elts))

    def of_List(self, node: gast.List) -> Type:
        return Sequence(list, tuple(self(elt) for elt in node.elts))

    def of_Dict(self, node: gast.Dict) -> Type:
        keys = tuple(static_value(self(key)) for key in node.keys if key is not None)
        return MappingType(keys, tuple(self(value) for value in node.values))

    def of_Slice(self, node: gast.Slice) -> Type:
        return Opaque(slice)

    def of_Subscript(self, node: gast.Subscript) -> Type:
        base = self(node.value)
        if isinstance(base, Array):
            return index_type(base, node.slice, self.types)
        index = static_value(self(node.slice)) if not isinstance(node.slice, gast.Slice) else None
        if (
            isinstance(base, Sequence)
            and isinstance(index, int)
            and -len(base.items) <= index < len(base.items)
        ):
            return base.items[index]
        if isinstance(base, DictOf):
            return base.under(index)
        if isinstance(base, MappingType) and index in base.keys:
            return base.items[base.keys.index(index)]
        return item_type(base) if isinstance(base, (ListOf, Sequence)) else Opaque()

    def of_Attribute(self, node: gast.Attribute) -> Type:
        path = dotted(node)
        if path is not None and path in self.objects:
            from s2sad.abstract.state import constant_type

            return constant_type(self.objects[path], path)
        base = self(node.value)
        if node.attr == "T" and isinstance(base, Array):
            return Array(base.dtype, None if base.shape is None else base.shape[::-1])
        if node.attr == "shape" and isinstance(base, Array) and base.shape is not None:
            return Sequence(tuple, tuple(length_type(size) for size in base.shape))
        if node.attr == "size" and isinstance(base, Array) and base.shape is not None:
            return length_type(product(base.shape))
        if node.attr in ("size", "ndim"):
            return Scalar("int")
        if node.attr in ("real", "imag") and isinstance(base, (Array, Scalar)):
            return result_type(getattr(np, node.attr), rule_of(getattr(np, node.attr)), [base], {})
        if isinstance(base, Record) and node.attr in base.keys:
            return base.items[base.keys.index(node.attr)]
        fields = getattr(getattr(base, "cls", None), "_fields", ())
        if isinstance(base, Sequence) and node.attr in fields:
            return base.items[fields.index(node.attr)]
        return Opaque()

    def of_Call(self, node: gast.Call) -> Type:
        path = dotted(node.func)
        import builtins

        function = self.objects.get(path or "", getattr(builtins, path or "", None))
        if function is None and isinstance(node.func, gast.Attribute):
            return self._method(node)
        if function is None:
            return Opaque()
        args = [self(arg) for arg in node.args]
        keywords = {keyword.arg: self(keyword.value) for keyword in node.keywords}
        if is_named_tuple(function) and len(args) == len(function._fields):
            return Sequence(function, tuple(args))
        if function is len:
            return (
                length_type(args[0].shape[0])
                if isinstance(args[0], Array) and args[0].shape
                else Scalar("int")
            )
        try:
            found = result_type(function, rule_of(function), args, keywords)  # type: ignore[arg-type]
        except (TypeError, ValueError, KeyError):
            found = Opaque()
        counts = isinstance(found, Opaque) and (function is np.size or function is np.ndim)
        return Scalar("int") if counts else found

    def _method(self, node: gast.Call) -> Type:
        assert isinstance(node.func, gast.Attribute)
        base = self(node.func.value)
        if node.func.attr == "copy":
            return base
        if node.func.attr == "get" and isinstance(base, DictOf):
            return base.under(static_value(self(node.args[0])))
        if node.func.attr == "pop" and isinstance(base, ListOf):
            return base.item
        if not isinstance(base, (Array, Scalar)):
            return Opaque()
        from s2sad.rules.methods import method

        found = method(node.func.attr, base, list(node.args), {k.arg: k.value for k in node.keywords})
        if found is None:
            return Opaque()
        function, rest, named = found
        args = [base, *(self(a) if isinstance(a, gast.AST) else literal(a) for a in rest)]
        keywords = {k: self(v) if isinstance(v, gast.AST) else literal(v) for k, v in named.items()}
        return result_type(function, rule_of(function), args, keywords)


@functools.lru_cache(maxsize=4096)
def _of_numbers(function: Any, left: Scalar, right: Scalar) -> Type:
    return result_type(function, rule_of(function), [left, right], {})


def container_arithmetic(op: gast.operator, left: Type, right: Type) -> Type:
    """The type of ``items * count``, of ``items + items``, and of an array and a list, which is taken as an array."""
    sides = (left, right)
    if any(isinstance(side, Array) for side in sides):
        function = BINARY[type(op)]
        return result_type(function, rule_of(function), [array_type(side) for side in sides], {})
    if isinstance(op, gast.Add) and isinstance(left, Sequence) and isinstance(right, Sequence):
        return Sequence(_plain(left), left.items + right.items)
    if isinstance(op, gast.Add) and all(isinstance(side, (Sequence, ListOf)) for side in sides):
        return ListOf(join(item_type(left), item_type(right)))
    items, count = sides if isinstance(right, Scalar) else sides[::-1]
    if isinstance(op, gast.Mult) and isinstance(count, Scalar) and kind_of(count.dtype) in ("int", "bool"):
        known = static_value(count)
        if isinstance(items, Sequence) and isinstance(known, int):
            return Sequence(_plain(items), items.items * known)
        return ListOf(item_type(items))
    return Opaque()


def _plain(known: Sequence) -> type:
    return list if known.cls is list else tuple


__all__ = ["Static", "Typer"]
