"""Conditions: comparisons, `and`, `or`, `not`, conditional expressions, and what of them is known when compiling."""

from __future__ import annotations

import inspect
import operator
import types
from typing import Any

import gast
import numpy as np

from s2sad.abstract import chosen
from s2sad.abstract.displays import Displays
from s2sad.abstract.outside import is_fixed
from s2sad.abstract.values import Value, is_function
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Optional,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    elementwise_type,
    join,
    without_none,
)
from s2sad.tree.algebra import BY_VALUE
from s2sad.tree.build import call, constant

COMPARE = {
    gast.Eq: operator.eq, gast.NotEq: operator.ne, gast.Lt: operator.lt, gast.LtE: operator.le, gast.Gt: operator.gt,
    gast.GtE: operator.ge, gast.Is: operator.is_, gast.IsNot: operator.is_not,
    gast.In: lambda a, b: a in b, gast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
COMPARE_METHODS = {
    gast.Eq: "eq", gast.NotEq: "ne", gast.Lt: "lt", gast.LtE: "le", gast.Gt: "gt", gast.GtE: "ge", gast.Is: "is",
    gast.IsNot: "is", gast.In: "contains", gast.NotIn: "contains",
}  # fmt: skip


class Conditions(Displays):
    """Conditions, and values that are chosen by them."""

    def _not(self, node: gast.UnaryOp) -> Value:
        with self.passively():
            operand = self.as_test(self.visit(node.operand))
        truth = self.truth(operand)
        known = Scalar("bool") if truth is None else Scalar("bool", not truth)
        return Value(known, gast.UnaryOp(op=gast.Not(), operand=self.whole(operand)))

    def visit_Compare(self, node: gast.Compare, hint: str | None) -> Value:
        start, before = len(self.out), self.snapshot()
        with self.passively():
            values = self.visit_all([node.left, *node.comparators])
        asked = any(value.ident is not None for value in values)
        outside = any(_has_compare_methods(value) for value in values)
        if not self.passive and (asked or outside):  # a class says what comes of it
            self.take_back(start)
            self.restore(before)
            values = self.visit_all([node.left, *node.comparators])
            if outside and any(value.varied for value in values):
                raise self.refuse(
                    "S201", "a differentiated number is compared with an object from outside, whose method cannot be "
                    "looked into", "call the method by its name, or a plain function", node,
                )  # fmt: skip
        if len(node.ops) == 1:
            compared = self.compare_objects(node.ops[0], values[0], values[1], node)
            compared = compared or chosen.compared(self, node.ops[0], values[0], values[1])
            if compared is not None:
                return compared
        known = self._compare_known(node.ops, values)
        if known is not None:
            return Value(Scalar("bool", known), gast.Constant(known, None))
        whole = gast.Compare(
            left=self.whole(values[0]), ops=list(node.ops), comparators=[self.whole(v) for v in values[1:]]
        )
        compared_type = _type_of_comparison(node.ops, [v.type for v in values])
        if any(v.is_static and not is_fixed(v.known) and not isinstance(v.known, np.ndarray) for v in values):
            for value in values:
                for operation in node.ops:
                    self.act_of(value, f"__{COMPARE_METHODS[type(operation)]}__", node)
            return self.atom(Value(compared_type, whole))
        if not isinstance(compared_type, Array):
            return Value(compared_type, whole)
        site = self.site(node)  # a mask may be written, as any array
        return Value(compared_type, whole, sites=frozenset([site]), origin=site)

    def _compare_known(self, ops: list[gast.cmpop], values: list[Value]) -> bool | None:
        """The outcome of a comparison that types decide, else None."""
        results: list[bool] = []
        for op, left, right in zip(ops, values, values[1:]):
            if isinstance(op, (gast.Is, gast.IsNot)):
                outcome = _identity(left, right)
                if outcome is None:
                    return None
                results.append(outcome if isinstance(op, gast.Is) else not outcome)
                continue
            if (
                isinstance(op, (gast.In, gast.NotIn))
                and isinstance(right.type, Mapping)
                and left.known is not NO_VALUE
            ):
                results.append((left.known in right.type.keys) == isinstance(op, gast.In))
                continue
            if left.known is NO_VALUE or right.known is NO_VALUE:
                return None
            if not (is_fixed(left.known) and is_fixed(right.known)):
                return None  # what an object says of itself may change
            results.append(bool(COMPARE[type(op)](left.known, right.known)))
        return all(results)

    def visit_BoolOp(self, node: gast.BoolOp, hint: str | None) -> Value:
        """``and`` / ``or``: what types decide is dropped; differentiated operands make it a choice."""
        stop = isinstance(node.op, gast.Or)
        kept: list[Value] = []
        start, first = len(self.out), self.snapshot()
        for position, operand in enumerate(node.values):
            before, state = len(self.out), self.snapshot()
            value = self.as_test(self.visit(operand)) if self.passive else self.visit(operand)
            truth = self.truth(value)
            last = position == len(node.values) - 1
            if truth is not None and truth is not stop and not last:
                continue
            if kept and (len(self.out) > before or changed(state, self.snapshot())):
                if any(one.varied for one in kept) and not self.passive:
                    self.take_back(start)
                    self.restore(first)
                    return self._deciding(node.op, node.values, hint)
                self.take_back(before)
                self.restore(state)
                return self._choice(node, kept, position, hint)
            kept.append(value)
            if truth is stop:
                break
        if len(kept) == 1:
            return kept[0]
        if any(value.varied for value in kept) and not self.passive:
            self.take_back(start)
            self.restore(first)
            return self._deciding(node.op, node.values, hint)
        whole = gast.BoolOp(op=type(node.op)(), values=[self.whole(value) for value in kept])
        known: Type = kept[0].type
        for value in kept[1:]:
            known = join(known, value.type)
        return Value(known if isinstance(known, (Scalar, Array)) else Scalar("bool"), whole)

    def _deciding(self, op: gast.boolop, nodes: list[gast.expr], hint: str | None) -> Value:
        """A differentiated value of ``a and b`` or ``a or b``: the first operand decides which it is."""
        first = self.atom(self.visit(nodes[0]), hint)
        if len(nodes) == 1:
            return first
        rest = (
            nodes[1]
            if len(nodes) == 2
            else gast.copy_location(gast.BoolOp(op=op, values=nodes[1:]), nodes[1])
        )
        test = Value(Scalar("bool"), self.whole(first))
        return self.choose(test, (rest, first) if isinstance(op, gast.And) else (first, rest), hint)

    def _choice(self, node: gast.BoolOp, kept: list[Value], position: int, hint: str | None) -> Value:
        """The operands before `position` are whole; the rest emits statements, so it runs only when they say so."""
        whole = [self._length_test(value) if self.passive else self.whole(value) for value in kept]
        first = gast.BoolOp(op=type(node.op)(), values=whole) if len(whole) > 1 else whole[0]
        left = self.bind(first, Value(Scalar("bool"), first))
        rest = node.values[position:]
        other = gast.BoolOp(op=type(node.op)(), values=rest) if len(rest) > 1 else rest[0]
        is_and = isinstance(node.op, gast.And)
        return self.choose(left, (other, left) if is_and else (left, other), hint)

    def _length_test(self, value: Value) -> gast.expr:
        """An operand of a test, of a list or dict whether there is something in it: a choice is of one kind."""
        whole = self.whole(value)
        if not isinstance(value.type, (ListOf, DictOf)):
            return whole
        return gast.Compare(left=call("len", whole), ops=[gast.Gt()], comparators=[constant(0)])

    def truth(self, value: Value) -> bool | None:
        """The truth of a value where it is known at compile time."""
        if value.function is not None:
            return True
        if isinstance(value.type, Record):
            return True
        if value.items is not None:
            return bool(value.items)
        known = value.known
        if known is NO_VALUE:
            return None
        return bool(known) if is_fixed(known) else True if _always_true(known) else None

    def visit_IfExp(self, node: gast.IfExp, hint: str | None) -> Value:
        with self.passively():
            test = self.as_test(self.visit(node.test))
        truth = self.truth(test)
        if truth is not None:
            return self.visit(node.body if truth else node.orelse, hint)
        before, state = len(self.out), self.snapshot()
        body, orelse = self.visit(node.body), self.visit(node.orelse)
        plain = (
            len(self.out) == before
            and not changed(state, self.snapshot())
            and body.node is not None
            and orelse.node is not None
        )
        plain = plain and not (is_function(body) and is_function(orelse))
        if plain and not body.varied and not orelse.varied and body.items is None and orelse.items is None:
            whole = gast.IfExp(test=self.whole(test), body=self.whole(body), orelse=self.whole(orelse))
            return Value(join(body.type, orelse.type), whole, sites=body.sites | orelse.sites)
        self.take_back(before)
        self.restore(state)
        return self.choose(test, (node.body, node.orelse), hint)


def changed(before: dict[Any, Value], after: dict[Any, Value]) -> bool:
    """Whether variables and objects that were there before have other values and fields now."""
    return any(after.get(ident) is not value for ident, value in before.items())


def _always_true(known: Any) -> bool:
    """Whether an object is true whatever its state: its class says nothing of it."""
    return not any(inspect.getattr_static(type(known), name, None) for name in ("__bool__", "__len__"))


def _has_compare_methods(value: Value) -> bool:
    """Whether an object from outside says in Python what comparisons with it give."""
    if not value.is_static or is_fixed(value.known) or isinstance(value.known, (type, types.ModuleType)):
        return False
    found = (
        inspect.getattr_static(type(value.known), f"__{name}__", None)
        for name in ("lt", "le", "gt", "ge", "eq")
    )
    return any(isinstance(method, types.FunctionType) for method in found)


def _type_of_comparison(ops: list[gast.cmpop], kinds: list[Type]) -> Type:
    """The type of a comparison: an array where one is compared by value, also with a list."""
    if not all(isinstance(op, BY_VALUE) for op in ops):
        return Scalar("bool")
    maybe = any(isinstance(known, Optional) for known in kinds)
    kinds = [without_none(known) for known in kinds]
    if not any(isinstance(known, Array) for known in kinds):
        return Opaque() if any(known == Opaque() for known in kinds) else Scalar("bool")
    if maybe and any(isinstance(op, (gast.Eq, gast.NotEq)) for op in ops):
        return Array("bool", None)  # None can be asked whether it is equal
    numbers = [_as_array(known) for known in kinds]
    if all(isinstance(known, (Scalar, Array)) for known in numbers):
        return elementwise_type(*numbers, dtype="bool")
    return Array("bool", None)


def _as_array(known: Type) -> Type:
    """What NumPy makes of a list of numbers that stands beside an array."""
    if isinstance(known, Sequence) and all(isinstance(item, Scalar) for item in known.items):
        return Array("int64", (len(known.items),))
    return known


def _identity(left: Value, right: Value) -> bool | None:
    """``left is right`` as far as types tell."""
    if isinstance(left.type, Static) and isinstance(right.type, Static):
        if is_fixed(left.known) or is_fixed(right.known):
            return left.type == right.type
        return None  # which object stands there may change
    if isinstance(left.known, bool) and isinstance(right.known, bool):
        return left.known is right.known
    for one, other in ((left, right), (right, left)):
        if isinstance(one.type, Static) and one.known is None:
            return None if isinstance(other.type, (Opaque, Optional)) else False
        if isinstance(one.known, bool) and isinstance(other.type, Array):
            return False
    return None
