"""What each kind of expression means to the interpreter."""

from __future__ import annotations

import builtins
import inspect
import operator
from typing import Any

import gast
import numpy as np

from s2sad.abstract import shared
from s2sad.abstract.index_tricks import TOOLS, joined
from s2sad.abstract.outside import Outside, is_fixed
from s2sad.abstract.state import constant_type
from s2sad.abstract.values import Function, Value, container_of, is_atom, is_list_of_parts, is_parameter
from s2sad.abstract.writers import flat, flat_index, flattened_array
from s2sad.objects import is_record
from s2sad.rules.indexing import index_type, is_basic
from s2sad.rules.methods import ATTRIBUTES
from s2sad.rules.record import rule_of
from s2sad.rules.sizes import length_type, product
from s2sad.runtime import matching
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Optional,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    Veiled,
    elementwise_type,
    is_text,
    is_veiled,
    item_type,
    join,
    literal,
    part_of,
    static_value,
    type_of,
)
from s2sad.tree.build import assign, call, constant, dotted, name, subscript
from s2sad.tree.build import path as path_node
from s2sad.tree.parts import nodes

BINARY = {
    gast.Add: operator.add, gast.Sub: operator.sub, gast.Mult: operator.mul, gast.Div: operator.truediv,
    gast.Pow: operator.pow, gast.FloorDiv: operator.floordiv, gast.Mod: operator.mod,
    gast.MatMult: operator.matmul, gast.LShift: operator.lshift, gast.RShift: operator.rshift,
    gast.BitAnd: operator.and_, gast.BitOr: operator.or_, gast.BitXor: operator.xor,
}  # fmt: skip
UNARY = {
    gast.USub: operator.neg,
    gast.UAdd: operator.pos,
    gast.Invert: operator.invert,
    gast.Not: operator.not_,
}
EXACT = (gast.Add, gast.Sub, gast.Mult)
COMPARE = {
    gast.Eq: operator.eq, gast.NotEq: operator.ne, gast.Lt: operator.lt, gast.LtE: operator.le, gast.Gt: operator.gt,
    gast.GtE: operator.ge, gast.Is: operator.is_, gast.IsNot: operator.is_not,
    gast.In: lambda a, b: a in b, gast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


COMPARE_METHODS = {
    gast.Eq: "eq", gast.NotEq: "ne", gast.Lt: "lt", gast.LtE: "le", gast.Gt: "gt", gast.GtE: "ge", gast.Is: "is",
    gast.IsNot: "is", gast.In: "contains", gast.NotIn: "contains",
}  # fmt: skip
BY_VALUE = {gast.Eq, gast.NotEq, gast.Lt, gast.LtE, gast.Gt, gast.GtE}
"""Comparisons that NumPy makes item by item."""
INTRINSIC = {"s2sad.is_sequence": matching.is_sequence, "s2sad.is_mapping": matching.is_mapping}
"""What lowered code calls by names that no user's name can be."""


class Expressions(Outside):
    """Expressions; calls are in `calls`."""

    def visit(self, node: gast.expr, hint: str | None = None) -> Value:
        """The value of an expression; active parts are emitted, the rest stays whole."""
        return getattr(self, "visit_" + type(node).__name__)(node, hint)

    def visit_all(self, nodes: list[gast.expr]) -> list[Value]:
        """The values of several expressions, evaluated from left to right."""
        values: list[Value] = []
        for node in nodes:
            before = len(self.out)
            value = self.visit(node)
            if len(self.out) > before:
                self._settle(values, before)
            values.append(value)
        return [self.refreshed(value) for value in values]

    def _settle(self, values: list[Value], position: int) -> None:
        """Name the pending expressions that read memory or call: something is now evaluated after them."""
        late = self.out[position:]
        del self.out[position:]
        for k, value in enumerate(values):
            values[k] = self.held(value)
        self.out.extend(late)

    def held(self, value: Value) -> Value:
        """A value that is read now, not where it is used: the memory that it reads may be written until then."""
        if value.items is not None:
            if value.node is not None:
                return value
            items = tuple(self.held(item) for item in value.items)
            return value if all(a is b for a, b in zip(items, value.items)) else value.but(items=items)
        if value.node is None or value.varied or is_atom(value.node) or value.is_static:
            return value
        if is_parameter(value.origin) or not self._reads_memory(value.node):
            return value
        return self.atom(value)

    def _reads_memory(self, node: gast.expr) -> bool:
        """Whether an expression calls something, or reads memory that is written somewhere."""
        return any(
            isinstance(part, (gast.Call, gast.Subscript))
            or (isinstance(part, gast.Name) and self.sites.get(part.id, frozenset()) & self.lessons.written)
            for part in nodes(node)
        )

    # ---- atoms ----------------------------------------------------------------------------------
    def visit_Constant(self, node: gast.Constant, hint: str | None) -> Value:
        return Value(literal(node.value), constant(node.value))

    def visit_Name(self, node: gast.Name, hint: str | None) -> Value:
        if (self.frame, node.id) in self.pending:
            return self.pending[self.frame, node.id]()
        place = self.frame.place(node.id)
        if place is not None and place[1] in place[0]:
            value = place[0][place[1]] = self.refreshed(self.relearnt(place[0][place[1]]))
            if value.origin == "deleted":
                raise self.refuse(
                    "S103",
                    f"name {node.id!r} was deleted",
                    "use it before the `del`, or assign it again",
                    node,
                )
            shared.check(self, value, node)
            return value
        found = self.read_name(node.id)
        if found is not None:
            return found
        if hasattr(builtins, node.id):
            return Value(Static(getattr(builtins, node.id)), name(node.id))
        if node.id in INTRINSIC:
            return Value(Static(INTRINSIC[node.id]), self.object_node(INTRINSIC[node.id]))
        raise self.refuse(
            "S103", f"name {node.id!r} is not defined here", "define it before this line, or import it", node
        )

    def relearnt(self, value: Value) -> Value:
        """A list with what this run has learnt of it, so that the run learns more: it will not be the last."""
        lessons = self.lessons
        if not lessons.fresh:
            return value
        if is_list_of_parts(value) and value.origin in lessons.storage:
            for item in value.items or ():
                lessons.learn_item(value.origin, item)
            known: Type = ListOf(lessons.items.get(value.origin, Never()))
            made = Value(known, None, value.varied, sites=frozenset([value.origin]), origin=value.origin)
            return self.bind(self.whole(value), made)
        if not isinstance(value.type, ListOf) or len(value.sites) != 1:
            return value
        (site,) = value.sites
        known = ListOf(join(value.type.item, lessons.items.get(site, Never())))
        varied = value.varied or (site in lessons.varied_sites and not self.passive)
        return (
            value if known == value.type and varied == value.varied else value.but(type=known, varied=varied)
        )

    # ---- displays -------------------------------------------------------------------------------
    def visit_Tuple(self, node: gast.Tuple, hint: str | None) -> Value:
        return self._display(Sequence(tuple, ()), node, node.elts)

    def visit_List(self, node: gast.List, hint: str | None) -> Value:
        shown = self._display(Sequence(list, ()), node, node.elts)
        if self.site(node) not in self.lessons.storage:
            return shown
        assert shown.items is not None
        return self.storage(self.site(node), list(shown.items), hint)

    def sequence(self, cls: type, items: tuple[Value, ...], node: Any) -> Value:
        """A new tuple or list of known items; a run-time list where it is changed in place later."""
        site = self.site(node)
        if cls is list and site in self.lessons.storage:
            return self.storage(site, list(items), None)
        return container_of(Sequence(cls, ()), items, site)

    def storage(self, site: Any, items: list[Value], hint: str | None) -> Value:
        """A list that is changed in place later: a run-time list."""
        for item in items:
            self.lessons.learn_item(site, item)
        known = ListOf(self.lessons.items.get(site, Never()))
        nodes = [self.whole(self.atom(item) if item.varied else item) for item in items]
        varied = site in self.lessons.varied_sites or any(item.varied for item in items)
        if varied:
            self.lessons.learn(self.lessons.varied_sites, site)
        value = Value(known, None, varied and not self.passive, sites=frozenset([site]), origin=site)
        return self.bind(gast.List(elts=nodes, ctx=gast.Load()), value, hint)

    def check_items(self, site: Any, node: gast.AST) -> None:
        """A list that carries a derivative holds nothing of which no type is known: the derivative would end there."""
        known = self.lessons.items.get(site, Never())
        if site in self.lessons.varied_sites and isinstance(known, Opaque) and not self.lessons.fresh:
            raise self.refuse(
                "S106", "this list holds differentiated values and others of which no type is known",
                "keep the others in a list of their own, or make them numbers first (`float(v)`)", node,
            )  # fmt: skip

    def _display(self, kind: Sequence, node: gast.expr, elts: list[gast.expr]) -> Value:
        items: list[Value] = []
        plain = [elt.value if isinstance(elt, gast.Starred) else elt for elt in elts]
        for elt, value in zip(elts, self.visit_all(plain)):
            items.extend(self.parts(value, elt) if isinstance(elt, gast.Starred) else [value])
        return container_of(kind, tuple(items), self.site(node))

    def visit_Dict(self, node: gast.Dict, hint: str | None) -> Value:
        keys: list[Any] = []
        items: list[Value] = []
        before, state = len(self.out), self.snapshot()
        for key, value in zip(node.keys, self.visit_all(list(node.values))):
            if key is None:
                if isinstance(value.type, DictOf):
                    del self.out[before:]
                    self.restore(state)
                    return self._spread_table(node, hint)
                if not isinstance(value.type, Mapping) or value.items is None:
                    raise self.refuse(
                        "S104", "** of a dict whose keys are not known", "write the keys out", node
                    )
                new = list(zip(value.type.keys, value.items))
            else:
                known = self.visit(key).known
                if known is NO_VALUE:
                    return self._opaque_dict(node, hint)
                new = [(known, value)]
            for k, v in new:
                if k in keys:
                    items[keys.index(k)] = v
                else:
                    keys.append(k)
                    items.append(v)
        types = Mapping(tuple(keys), tuple(item.type for item in items))
        if self.site(node) in self.lessons.storage:
            pairs = [(Value(literal(key), constant(key)), item) for key, item in zip(keys, items)]
            return self.table(self.site(node), pairs, hint)
        return container_of(types, tuple(items), self.site(node))

    def visit_Set(self, node: gast.Set, hint: str | None) -> Value:
        values = self.visit_all(list(node.elts))
        if any(value.varied for value in values) and not self.passive:
            raise self.refuse(
                "S101", "a set of differentiated values: sets have no order", "use a list", node
            )
        return Value(Opaque(set), gast.Set(elts=[self.whole(value) for value in values]))

    def need_table(self, owner: Value, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for tables")

    def table(self, site: Any, pairs: list[tuple[Value, Value]], hint: str | None = None) -> Value:
        raise AssertionError("given by the mixin for tables")

    def table_item(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        raise AssertionError("given by the mixin for tables")

    def _spread_table(self, node: gast.Dict, hint: str | None) -> Value:
        """``{**table, key: value}``."""
        made = self.table(self.site(node), [], hint)
        for key, part in zip(node.keys, node.values):
            value = self.visit(part)
            if key is None:
                self.table_update(made, [value], {}, node)
            else:
                self.write_item(made, self.visit(key), value, node)
        return made

    def table_update(
        self, owner: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        raise AssertionError("given by the mixin for tables")

    def write_item(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for tables")

    def _opaque_dict(self, node: gast.Dict, hint: str | None) -> Value:
        """A dict with a key that is known only at run time."""
        values = self.visit_all([*[key for key in node.keys if key is not None], *node.values])
        for key in values[: len(values) - len(node.values)]:
            self.check_key(key, node)
        if any(value.varied for value in values) and None not in node.keys:
            middle = len(values) // 2
            return self.table(self.site(node), list(zip(values[:middle], values[middle:])), hint)
        nodes = [self.whole(value) for value in values]
        half = len(nodes) // 2
        return Value(Opaque(dict), gast.Dict(keys=nodes[:half], values=nodes[half:]), origin=self.site(node))

    def check_key(self, key: Value, node: gast.AST) -> None:
        """Refuse a differentiated number as the key of a dict: it may be read from there."""
        if key.varied and not self.passive:
            raise self.refuse(
                "S205", "a differentiated number is a key, from which it may be read",
                "use a list of pairs; or, if the key is meant to be constant, `s2sad.stop_gradient` of it", node,
            )  # fmt: skip

    def parts(self, value: Value, node: gast.expr) -> list[Value]:
        """The items of a container of known length."""
        if value.items is not None:
            if isinstance(value.type, Mapping):
                return [Value(literal(key), constant(key)) for key in value.type.keys]
            return list(value.items)
        iteration = self.iteration(value, node)
        if iteration is not None and iteration.count is not None:
            return [
                iteration.item(self.visit_Constant(gast.Constant(k, None), None))
                for k in range(iteration.count)
            ]
        raise self.refuse(
            "S104", "the number of items unpacked here is not known at compile time",
            "index the items, or loop over them", node,
        )  # fmt: skip

    def iteration(self, value: Value, node: gast.AST) -> Any:
        raise AssertionError("given by the mixin for loops")

    # ---- operators ------------------------------------------------------------------------------
    def visit_BinOp(self, node: gast.BinOp, hint: str | None) -> Value:
        left, right = self.visit_all([node.left, node.right])
        return self.binary(node.op, left, right, hint, node)

    def binary(self, op: gast.operator, left: Value, right: Value, hint: str | None, node: gast.AST) -> Value:
        """``left op right`` of two values."""
        operated = self.operate(op, left, right, node)
        if operated is not None:
            return operated
        made = self._container_arithmetic(op, left, right, node)
        if made is not None:
            return made
        if isinstance(op, gast.Mod) and is_text(left.type):
            return self._interpolated(left, right)
        function = BINARY[type(op)]
        for operand in (left, right):
            for prefix in ("__", "__r"):
                self.act_of(operand, f"{prefix}{function.__name__.strip('_')}__", node)
        made = self.apply(
            function, [left, right], {}, hint, node,
            lambda nodes, _: gast.BinOp(left=nodes[0], op=type(op)(), right=nodes[1]),
        )  # fmt: skip
        if type(left.known) is type(right.known) is int and isinstance(op, EXACT):
            return made.but(type=literal(function(left.known, right.known)))  # an index of an unrolled loop
        return made

    def _interpolated(self, text: Value, values: Value) -> Value:
        """``text % values``."""
        with self.passively():
            whole = gast.BinOp(left=self.whole(text), op=gast.Mod(), right=self.whole(values))
        hides = any(part.varied or is_veiled(part.type) for part in (text, *(values.items or ()), values))
        return Value(Veiled(str) if hides and not self.passive else Opaque(str), whole)

    def _container_arithmetic(
        self, op: gast.operator, left: Value, right: Value, node: gast.AST
    ) -> Value | None:
        if isinstance(op, gast.Add) and left.items is not None and right.items is not None:
            if isinstance(left.type, Sequence) and isinstance(right.type, Sequence):
                return self.sequence(left.type.cls, left.items + right.items, node)
        listed = [isinstance(part.type, ListOf) for part in (left, right)]
        real = any(part.varied or item_type(part.type).is_real for part in (left, right))
        if isinstance(op, gast.Add) and any(listed) and not self.passive and real:
            if all(part.items is not None or yes for part, yes in zip((left, right), listed)):
                return self.joined_lists(left, right, node)
        if isinstance(op, gast.BitOr) and isinstance(left.type, Mapping) and isinstance(right.type, Mapping):
            assert left.items is not None and right.items is not None
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

    def repeat(self, items: Value, times: Value, node: gast.AST) -> Value | None:
        raise AssertionError("given by the mixin for calls")

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

    def _not(self, node: gast.UnaryOp) -> Value:
        with self.passively():
            operand = self.as_test(self.visit(node.operand))
        truth = self.truth(operand)
        known = Scalar("bool") if truth is None else Scalar("bool", not truth)
        return Value(known, gast.UnaryOp(op=gast.Not(), operand=self.whole(operand)))

    def visit_Compare(self, node: gast.Compare, hint: str | None) -> Value:
        with self.passively():
            values = self.visit_all([node.left, *node.comparators])
        if len(node.ops) == 1:
            compared = self.compare_objects(node.ops[0], values[0], values[1], node)
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
                del self.out[before:]
                self.restore(state)
                return self._choice(node, kept, position, hint)
            kept.append(value)
            if truth is stop:
                break
        if len(kept) == 1:
            return kept[0]
        if any(value.varied for value in kept) and not self.passive:
            del self.out[start:]
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
        whole = [self.whole(value) for value in kept]
        first = gast.BoolOp(op=type(node.op)(), values=whole) if len(whole) > 1 else whole[0]
        left = self.bind(first, Value(Scalar("bool"), first))
        rest = node.values[position:]
        other = gast.BoolOp(op=type(node.op)(), values=rest) if len(rest) > 1 else rest[0]
        is_and = isinstance(node.op, gast.And)
        return self.choose(left, (other, left) if is_and else (left, other), hint)

    def choose(self, test: Value, branches: tuple[Any, Any], hint: str | None) -> Value:
        raise AssertionError("given by the mixin for statements")

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
        plain = plain and not (_is_function(body) and _is_function(orelse))
        if plain and not body.varied and not orelse.varied and body.items is None and orelse.items is None:
            whole = gast.IfExp(test=self.whole(test), body=self.whole(body), orelse=self.whole(orelse))
            return Value(join(body.type, orelse.type), whole, sites=body.sites | orelse.sites)
        del self.out[before:]
        self.restore(state)
        return self.choose(test, (node.body, node.orelse), hint)

    # ---- attributes and items -------------------------------------------------------------------
    def visit_Attribute(self, node: gast.Attribute, hint: str | None) -> Value:
        return self.attribute(self.visit(node.value), node.attr, hint, node)

    def attribute(self, value: Value, attr: str, hint: str | None, node: gast.AST) -> Value:
        """``value.attr``."""
        value = self.present(value)
        if value.is_static and not isinstance(value.known, (str, bytes)):
            return self._static_attribute(value, attr, node)
        if isinstance(value.type, Sequence) and attr in getattr(value.type.cls, "_fields", ()):
            position = value.type.cls._fields.index(attr)  # type: ignore[attr-defined]
            if value.items is not None:
                return value.items[position]
            return self.item(value, Value(Scalar("int", position), constant(position)), hint, node)
        if isinstance(value.type, (Array, Scalar)):
            return self._array_attribute(value, attr, hint, node)
        if value.varied:
            raise self.refuse(
                "S103", f"attribute {attr!r} of a differentiated object", "pass the parts instead", node
            )
        known: Type = part_of(value.type)
        if _is_range(value) and attr in ("start", "stop", "step"):
            known = Scalar("int")
        return Value(
            known, gast.Attribute(value=self.whole(value), attr=attr, ctx=gast.Load()), sites=value.sites
        )

    def _static_attribute(self, value: Value, attr: str, node: gast.AST) -> Value:
        try:
            inner = getattr(value.known, attr)
        except AttributeError as error:
            self.certain(AttributeError, "S103", str(error), "check the spelling", node)
        path = dotted(value.node) if value.node is not None else None
        self.read_member(value.known, attr, inner, f"{path or 'it'}.{attr}")
        if isinstance(inspect.getattr_static(type(value.known), attr, None), property):
            self.act_of(value, attr, node)
        if path is None:
            made = gast.Attribute(value=self.whole(value), attr=attr, ctx=gast.Load())
            return self.as_read(inner, gast.unparse(made), made, constant_type(inner))
        if path in self.objects and self.objects[path] is value.known and is_record(value.known):
            path = f"{path}.{attr}"  # the object can be reached, also from a method in another module
            self.objects[path] = inner
            return self.read_outside(inner, path, path_node(path))
        return self.outside(inner, f"{path}.{attr}")

    def _array_attribute(self, value: Value, attr: str, hint: str | None, node: gast.AST) -> Value:
        if attr == "T":
            import numpy

            return self.apply(
                numpy.transpose, [value], {}, hint, node,
                lambda nodes, _: gast.Attribute(value=nodes[0], attr="T", ctx=gast.Load()),
            )  # fmt: skip
        if attr in ("real", "imag"):
            import numpy

            return self.call_known(getattr(numpy, attr), [value], {}, hint, node)
        whole = gast.Attribute(value=self.whole(value), attr=attr, ctx=gast.Load())
        if attr == "shape" and isinstance(value.type, Array) and value.type.shape is not None:
            items = tuple(
                Value(
                    length_type(size),
                    subscript(
                        gast.Attribute(value=self.whole(value), attr="shape", ctx=gast.Load()), constant(k)
                    ),
                )
                for k, size in enumerate(value.type.shape)
            )
            return Value(Sequence(tuple, tuple(item.type for item in items)), whole, False, items)
        if attr == "ndim" and value.type.rank is not None:  # type: ignore[attr-defined]
            return Value(Scalar("int", value.type.rank), whole)  # type: ignore[attr-defined]
        if attr == "size" and value.type.shape is not None:  # type: ignore[attr-defined]
            return Value(length_type(product(value.type.shape)), whole)  # type: ignore[attr-defined]
        if attr in ("size", "itemsize", "nbytes"):
            return Value(Scalar("int"), whole)
        if attr == "dtype":
            import numpy

            from s2sad.signature import WEAK

            known = value.type.dtype  # type: ignore[attr-defined]
            return Value(Static(numpy.dtype(WEAK.get(known, known))), whole)
        if attr == "flat":
            return flat(value, whole)
        if attr in ATTRIBUTES:
            return Value(Opaque(), whole)
        raise self.refuse(
            "S103", f"arrays have no attribute {attr!r} that is supported", "use a NumPy function", node
        )

    def visit_Subscript(self, node: gast.Subscript, hint: str | None) -> Value:
        value = self.visit(node.value)
        if any(value.known is tool for tool in TOOLS):
            return joined(self, value.known, node, hint)
        before = len(self.out)
        index = self.index(node.slice)
        value = self.refreshed(value)
        plain = value.node is not None and not value.varied and not is_atom(value.node)
        if len(self.out) > before and plain and value.ident is None:
            value = self.atom(value)
        return self.item(value, index, hint, node)

    def index(self, node: gast.expr) -> Value:
        """An index: always inactive, whole."""
        with self.passively():
            if isinstance(node, gast.Slice):
                parts = [
                    self.visit(p) if p is not None else None for p in (node.lower, node.upper, node.step)
                ]
                whole = gast.Slice(*(None if p is None else self.whole(p) for p in parts))
                known = [None if p is None else p.known for p in parts]
                static = Static(slice(*known)) if NO_VALUE not in known else Opaque(slice)
                return Value(static, whole)
            if isinstance(node, gast.Tuple):
                values = [self.index(elt) for elt in node.elts]
                whole = gast.Tuple(elts=[self.whole(v) for v in values], ctx=gast.Load())
                return Value(Sequence(tuple, tuple(v.type for v in values)), whole, False, tuple(values))
            return self.visit(node)

    def item(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        """``value[index]``."""
        self.act_of(value, "__getitem__", node)
        array = flattened_array(value)
        if array is not None:
            return self.item(array, flat_index(self, array, index, node), hint, node)
        value = self.present(value)
        if isinstance(value.type, Record):
            return self.call_method(value, "__getitem__", [index], {}, node)
        if value.items is not None:
            found = self._static_item(value, index, node)
            if found is not None:
                return found
        if value.items and isinstance(value.type, Sequence) and all(map(_is_function, value.items)):
            return self.function_at(value.items, index)
        if value.items and isinstance(value.type, Mapping) and all(map(_is_function, value.items)):
            return self.function_under(value.type.keys, value.items, index)
        fixed = self._object_in(value, index)
        if fixed is not None:
            return fixed
        if isinstance(value.type, Mapping) and value.items is not None and value.varied and not self.passive:
            self.need_table(value, node)
        if value.items and all(isinstance(part.type, Record) for part in value.items):
            return self.object_at(value, index, hint, node)
        index_node = self.index_node(index)
        if isinstance(value.type, Never):  # of a call about which nothing is known yet
            whole = subscript(self.whole(value), index_node)
            return self.bind(whole, Value(Never(), None, value.varied and not self.passive))
        if isinstance(value.type, Array):
            return self._array_item(value, index, index_node, hint)
        if isinstance(value.type, (ListOf, Sequence)):
            return self._list_item(self._by_reference(value), index, index_node, hint, node)
        if isinstance(value.type, DictOf):
            return self.table_item(value, index, hint, node)
        if value.varied:
            raise self.refuse("S101", "this index into a differentiated container", "use constant keys", node)
        known: Type = part_of(value.type)
        if _is_range(value):
            known = Opaque(range) if isinstance(index_node, gast.Slice) else Scalar("int")
        return Value(known, subscript(self.whole(value), index_node), sites=value.sites)

    def _object_in(self, value: Value, index: Value) -> Value | None:
        """A function, class or string in a global table, as its type tells: that is checked at every call."""
        key, known = index.known, value.type
        if value.items is not None or value.node is None or key is NO_VALUE or isinstance(key, slice):
            return None
        if isinstance(known, Mapping) and key in known.keys:
            held = known.items[known.keys.index(key)]
        elif (
            isinstance(known, Sequence)
            and isinstance(key, int)
            and -len(known.items) <= key < len(known.items)
        ):
            held = known.items[key]
        else:
            return None
        if not isinstance(held, Static) or not (callable(held.value) or isinstance(held.value, str)):
            return None
        return Value(held, subscript(self.whole(value), self.whole(index)))

    def function_at(self, functions: tuple[Value, ...], index: Value) -> Value:
        """A function from a list, by an index known only at run time."""
        place = subscript(call("range", constant(len(functions))), self.whole(index))
        number = self.bind(place, Value(Scalar("int"), None), "choice")
        return Value(Opaque(), number.node, choices=functions)

    def function_under(self, keys: tuple[Any, ...], functions: tuple[Value, ...], key: Value) -> Value:
        """A function from a dict, by a key known only at run time."""
        places = gast.Dict(keys=[constant(k) for k in keys], values=[constant(k) for k in range(len(keys))])
        number = self.bind(subscript(places, self.whole(key)), Value(Scalar("int"), None), "choice")
        return Value(Opaque(), number.node, choices=functions)

    def index_node(self, index: Value) -> gast.expr:
        return self.whole(index)

    def _static_item(self, value: Value, index: Value, node: gast.AST) -> Value | None:
        known = index.known
        assert value.items is not None
        if known is NO_VALUE or isinstance(index.type, Opaque):
            return None
        if isinstance(value.type, Mapping):
            if known not in value.type.keys:
                self.certain(
                    KeyError,
                    "S103",
                    f"the dict has no key {known!r}",
                    f"its keys are {value.type.keys}",
                    node,
                )
            return value.items[value.type.keys.index(known)]
        try:
            if isinstance(known, slice):
                assert isinstance(value.type, Sequence)
                cls = tuple if hasattr(value.type.cls, "_fields") else value.type.cls
                return self.sequence(cls, value.items[known], node)
            return value.items[known]
        except IndexError:
            return None

    def _array_item(self, value: Value, index: Value, index_node: gast.expr, hint: str | None) -> Value:
        types = {n: self.types[n] for n in _names(index_node) if n in self.types}
        known = index_type(value.type, index_node, types, index.type)
        basic = is_basic(index_node, types, index.type)
        sites = value.sites if basic and isinstance(known, Array) else frozenset()
        if not sites and isinstance(known, Array):
            sites = frozenset([self.site(self.at)])
        written = bool(sites & self.lessons.varied_sites)  # a copy that takes a derivative later
        varied = (value.varied or written) and known.is_real and not self.passive
        if not varied:
            return Value(known, subscript(self.whole(value), index_node), sites=sites)
        base = self.atom(value)
        node = subscript(self.whole(base), index_node)
        key = gast.dump(node)
        block, held = self.loads.get(key, (None, None))
        if held is None or block is not self.out or hint is not None:
            held = self.bind(node, Value(known, None, True, sites=sites), hint)
            self.loads[key] = (self.out, held)
        return held

    def _list_item(
        self, value: Value, index: Value, index_node: gast.expr, hint: str | None, node: gast.AST
    ) -> Value:
        if isinstance(index.type, Opaque) or isinstance(index.known, slice):
            known: Type = ListOf(item_type(value.type))
            if (value.varied or item_type(value.type).is_real) and not self.passive:
                return self.list_slice(value, index_node, node)
        else:
            known = item_type(value.type)
        if isinstance(known, Opaque) and value.varied and not self.passive:
            raise self.refuse(
                "S106", "the items of this list are of different kinds, or of kinds that are not known",
                "keep what is differentiated in a list of its own", node,
            )  # fmt: skip
        held = frozenset().union(*(self.lessons.contents.get(site, frozenset()) for site in value.sites))
        if not isinstance(value.type, ListOf) or not held:
            held |= value.sites
        sites = held if not isinstance(known, (Scalar, Static, Never)) else frozenset()
        if not (value.varied and known.is_real) or self.passive:
            return Value(known, subscript(self.whole(value), index_node), sites=sites)
        base = self.named_container(value)
        made = Value(known, None, True, sites=sites)
        named = self.bind(subscript(self.whole(base), index_node), made, hint)
        return self.opened(named)

    def _by_reference(self, value: Value) -> Value:
        """A list or tuple kept in parts whose arrays are written, read by a run-time index: a list of references."""
        if value.items is None or not value.sites & self.lessons.written or self.passive:
            return value
        if not any(isinstance(item.type, (Array, ListOf)) for item in value.items):
            return value
        block, held = self.wholes.get(value, (None, value))
        if block is not self.out:
            site = (value.origin or self.site(self.at), "references")
            held = self.storage(site, list(value.items), None)
            self.wholes[value] = (self.out, held)
        return held

    def joined_lists(self, left: Value, right: Value, node: gast.AST) -> Value:
        raise AssertionError("given by the mixin for calls")

    def list_slice(self, value: Value, index: gast.expr, node: gast.AST) -> Value:
        raise AssertionError("given by the mixin for calls")

    def named_container(self, value: Value) -> Value:
        """A container as one name, for an index that is known only at run time."""
        if value.node is not None and is_atom(value.node):
            return value.but(items=None)
        whole = value.but(items=None)
        if value.node is not None:  # a part of a parameter is one value, under one name
            whole = self.wholes.setdefault(value, (None, whole))[1]
        else:
            block, whole = self.wholes.get(value, (None, whole))
            if block is not self.out:  # a name bound in another block may have no value here
                whole = self.bind(self.whole(value), value.but(items=None))
                self.wholes[value] = (self.out, whole)
        if is_atom(whole.node):
            return whole
        return self._leaf(whole, None) if value.varied else self.atom(whole)

    def opened(self, value: Value) -> Value:
        """A container held under a name, with its parts (each read by a constant index)."""
        if not isinstance(value.type, (Sequence, Mapping)):
            return value
        keys = value.type.keys if isinstance(value.type, Mapping) else range(len(value.type.items))
        fields = getattr(getattr(value.type, "cls", None), "_fields", None)
        items = []
        for k, (key, known) in enumerate(zip(keys, value.type.items)):
            if fields:
                node: gast.expr = gast.Attribute(value=self.whole(value), attr=fields[k], ctx=gast.Load())
            else:
                node = subscript(self.whole(value), constant(key))
            varied = value.varied and known.is_real
            part = Value(known, None, varied, sites=value.sites)
            items.append(self.opened(self.bind(node, part) if varied else part.but(node=node)))
        return value.but(items=tuple(items))

    # ---- strings, slices, functions -------------------------------------------------------------
    def visit_JoinedStr(self, node: gast.JoinedStr, hint: str | None) -> Value:
        with self.passively():
            parts = [self.visit(part) for part in node.values]
        nodes = [part.node if part.node is not None else self.whole(part) for part in parts]
        hides = any(is_veiled(part.type) for part in parts) and not self.passive
        return Value(Veiled(str) if hides else Opaque(str), gast.JoinedStr(values=nodes))

    def visit_FormattedValue(self, node: gast.FormattedValue, hint: str | None) -> Value:
        spec = self.visit(node.format_spec).node if node.format_spec is not None else None
        value = self.visit(node.value)
        whole = self.whole(value)
        hides = value.varied or is_veiled(value.type)
        return Value(
            Veiled(str) if hides else Opaque(str),
            gast.FormattedValue(value=whole, conversion=node.conversion, format_spec=spec),
        )

    def visit_Lambda(self, node: gast.Lambda, hint: str | None) -> Value:
        body = gast.Return(value=node.body)
        gast.copy_location(body, node)
        function = Function(
            "<lambda>",
            node.args,
            self.lessons.lambdas.setdefault(id(node), (node, [body]))[1],
            self.frame,
            self.defaults_of(node.args),
        )
        return Value(Static(function), None, function=function)

    def defaults_of(self, args: gast.arguments) -> dict[str, Value]:
        """The defaults of a function made here, evaluated now."""
        plain = [*args.posonlyargs, *args.args]
        pairs = list(zip(plain[len(plain) - len(args.defaults) :], args.defaults))
        pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults) if d is not None]
        defaults = {}
        for arg, node in pairs:
            value = self.visit(node)
            simple = value.items is not None or value.function is not None or value.is_static
            defaults[arg.id] = self.held(value) if simple else self.atom(value)
        return defaults

    def visit_Starred(self, node: gast.Starred, hint: str | None) -> Value:
        raise self.refuse("S104", "`*` here", "write the items out", node)

    def present(self, value: Value) -> Value:
        raise AssertionError

    # ---- given by the mixin for classes ---------------------------------------------------------
    def operate(self, op: gast.operator, left: Value, right: Value, node: gast.AST) -> Value | None:
        raise AssertionError

    def negate_object(self, op: gast.unaryop, operand: Value, node: gast.AST) -> Value | None:
        raise AssertionError

    def compare_objects(self, op: gast.cmpop, left: Value, right: Value, node: gast.AST) -> Value | None:
        raise AssertionError

    def as_test(self, value: Value) -> Value:
        raise AssertionError

    def call_method(
        self, owner: Value, name: str, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        raise AssertionError

    def object_at(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        raise AssertionError

    # ---- given by the mixin for calls -----------------------------------------------------------
    def apply(
        self, function: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any, build: Any
    ) -> Value:
        raise AssertionError

    def call_known(
        self, function: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
    ) -> Value:
        raise AssertionError


def changed(before: dict[Any, Value], after: dict[Any, Value]) -> bool:
    """Whether variables and objects that were there before have other values and fields now."""
    return any(after.get(ident) is not value for ident, value in before.items())


def _always_true(known: Any) -> bool:
    """Whether an object is true whatever its state: its class says nothing of it."""
    return not any(inspect.getattr_static(type(known), name, None) for name in ("__bool__", "__len__"))


def _is_range(value: Value) -> bool:
    """Whether a value is a `range`, made by a call or kept."""
    called = isinstance(value.node, gast.Call) and dotted(value.node.func) == "range"
    return called or (isinstance(value.type, Opaque) and value.type.cls is range)


def _is_function(value: Value) -> bool:
    return (
        value.function is not None or value.choices is not None or (value.is_static and callable(value.known))
    )


def _names(node: gast.AST) -> set[str]:
    from s2sad.tree.build import names_in

    return names_in(node)


def _type_of_comparison(ops: list[gast.cmpop], kinds: list[Type]) -> Type:
    """The type of a comparison: an array where one is compared by value, also with a list."""
    if not all(type(op) in BY_VALUE for op in ops):
        return Scalar("bool")
    if not any(isinstance(known, Array) for known in kinds):
        return Opaque() if any(known == Opaque() for known in kinds) else Scalar("bool")
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
    for one, other in ((left, right), (right, left)):
        if isinstance(one.type, Static) and one.known is None:
            return None if isinstance(other.type, (Opaque, Optional)) else False
    return None


__all__ = ["BINARY", "Expressions", "assign", "rule_of", "static_value", "type_of"]
