"""Operators between values: arithmetic of numbers and arrays, of containers, and of text."""

from __future__ import annotations

import operator
from typing import Any

import gast

from s2sad.abstract.conditions import Conditions
from s2sad.abstract.values import Value, container_of
from s2sad.signature import (
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Scalar,
    Sequence,
    Veiled,
    is_text,
    is_veiled,
    item_type,
    literal,
)
from s2sad.tree.build import constant

BINARY = {
    gast.Add: operator.add, gast.Sub: operator.sub, gast.Mult: operator.mul, gast.Div: operator.truediv,
    gast.Pow: operator.pow, gast.FloorDiv: operator.floordiv, gast.Mod: operator.mod,
    gast.MatMult: operator.matmul, gast.LShift: operator.lshift, gast.RShift: operator.rshift,
    gast.BitAnd: operator.and_, gast.BitOr: operator.or_, gast.BitXor: operator.xor,
}  # fmt: skip
BITWISE = (gast.BitAnd, gast.BitOr, gast.BitXor, gast.LShift, gast.RShift)
UNARY = {
    gast.USub: operator.neg,
    gast.UAdd: operator.pos,
    gast.Invert: operator.invert,
    gast.Not: operator.not_,
}
EXACT = (gast.Add, gast.Sub, gast.Mult)


class Operators(Conditions):
    """Unary and binary operators."""

    def visit_BinOp(self, node: gast.BinOp, hint: str | None) -> Value:
        left, right = self.visit_all([node.left, node.right])
        return self.binary(node.op, left, right, hint, node)

    def binary(self, op: gast.operator, left: Value, right: Value, hint: str | None, node: gast.AST) -> Value:
        """``left op right`` of two values."""
        function = BINARY[type(op)]
        if not left.type.__class__ is right.type.__class__ is Scalar:
            operated = self.operate(op, left, right, node)
            if operated is not None:
                return operated
            made = self._container_arithmetic(op, left, right, hint, node)
            if made is not None:
                return made
            if isinstance(op, BITWISE) and not self.passive and (left.varied or right.varied):
                raise self.refuse(
                    "S101", "an operator of bits, or of sets and dicts, on something differentiated that is neither",
                    "call the method by its name, or write a loop over the items", node,
                )  # fmt: skip
            if isinstance(op, gast.Add) and isinstance(left.known, str) and isinstance(right.known, str):
                return Value(literal(left.known + right.known), constant(left.known + right.known))
            if isinstance(op, gast.Mod) and is_text(left.type):
                return self._interpolated(left, right)
            for operand in (left, right):
                for prefix in ("__", "__r"):
                    self.act_of(operand, f"{prefix}{function.__name__.strip('_')}__", node)
        made = self.apply(
            function, [left, right], {}, hint, node,
            lambda nodes, _: gast.BinOp(left=nodes[0], op=type(op)(), right=nodes[1]),
        )  # fmt: skip
        if type(left.known) is type(right.known) is int and isinstance(op, EXACT):
            return made.but(type=literal(function(left.known, right.known)))  # an index of an unrolled loop
        if isinstance(made.node, gast.BinOp) and Opaque(set) in (left.type, right.type):
            return self.only_once(made.node, set, hint)
        return made

    def _interpolated(self, text: Value, values: Value) -> Value:
        """``text % values``."""
        with self.passively():
            whole = gast.BinOp(left=self.whole(text), op=gast.Mod(), right=self.whole(values))
        hides = any(part.varied or is_veiled(part.type) for part in (text, *(values.items or ()), values))
        return Value(Veiled(str) if hides and not self.passive else Opaque(str), whole)

    def _container_arithmetic(
        self, op: gast.operator, left: Value, right: Value, hint: str | None, node: gast.AST
    ) -> Value | None:
        if isinstance(op, gast.Add) and left.items is not None and right.items is not None:
            if isinstance(left.type, Sequence) and isinstance(right.type, Sequence):
                return self.sequence(left.type.cls, left.items + right.items, node)
        listed = [isinstance(part.type, ListOf) for part in (left, right)]
        real = any(part.varied or item_type(part.type).is_real for part in (left, right))
        if isinstance(op, gast.Add) and any(listed) and not self.passive and real:
            if all(part.items is not None or yes for part, yes in zip((left, right), listed)):
                return self.joined_lists(left, right, node)
        if isinstance(op, gast.BitOr) and not self.passive and DictOf in (type(left.type), type(right.type)):
            made = self.table(self.site(node), [], hint)
            for one in (left, right):
                self.table_update(made, [one], {}, node)
            return made
        if isinstance(op, gast.BitOr) and left.items is not None and right.items is not None:
            assert isinstance(left.type, Mapping) and isinstance(right.type, Mapping)
            merged = dict(zip(left.type.keys, left.items)) | dict(zip(right.type.keys, right.items))
            kind = Mapping(tuple(merged), tuple(item.type for item in merged.values()))
            return container_of(kind, tuple(merged.values()), self.site(node))
        if isinstance(op, gast.Mult):
            for one, other in ((left, right), (right, left)):
                if (
                    one.items is not None
                    and isinstance(one.type, Sequence)
                    and isinstance(other.type, Scalar)
                ):
                    if isinstance(other.known, int):
                        return self.sequence(one.type.cls, one.items * other.known, node)
                    return self.repeat(one, other, node)
        return None

    def visit_UnaryOp(self, node: gast.UnaryOp, hint: str | None) -> Value:
        if isinstance(node.op, gast.Not):
            return self._not(node)
        operand = self.visit(node.operand)
        function: Any = UNARY[type(node.op)]
        negated = self.negate_object(node.op, operand, node)
        if negated is not None:
            return negated
        if (
            isinstance(operand.known, (int, float, complex))
            and not operand.varied
            and operand.node is not None
        ):
            known = literal(function(operand.known))
            return Value(known, gast.UnaryOp(op=type(node.op)(), operand=self.whole(operand)))
        return self.apply(
            function,
            [operand],
            {},
            hint,
            node,
            lambda nodes, _: gast.UnaryOp(op=type(node.op)(), operand=nodes[0]),
        )
