"""The tangent sweep: each statement of typed core, followed by the statement for its tangent.

An absent tangent is zero.  Memory that is written in place has a tangent buffer, written by the same stores.
"""

from __future__ import annotations

import builtins
import copy
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callee, Emitted
from s2sad.abstract.custom import CustomCall
from s2sad.abstract.hooks import hook_of
from s2sad.abstract.interpreter import Interpreted
from s2sad.abstract.written import with_parts
from s2sad.names import base
from s2sad.rules.quote import Binding, RuleRefuses
from s2sad.runtime.layout import arranged, duplicate
from s2sad.signature import Array, DictOf, ListOf, Opaque, Scalar, Sequence, kind_of
from s2sad.signature import Record as RecordType
from s2sad.sweep.custom import push_custom
from s2sad.sweep.emitter import Bound, same_shape, source_of
from s2sad.sweep.layout import Layout
from s2sad.sweep.masks import where_masks
from s2sad.sweep.scan import carried_names, completed, defined_in, definitions, flag_of, occurrences
from s2sad.sweep.terms import copied_list, guarded, may_overflow, times
from s2sad.tree.build import (
    accumulated,
    assign,
    binary,
    call,
    carriers_in,
    clone,
    dotted,
    is_none,
    name,
    names_in,
    subscript,
)
from s2sad.tree.parts import nodes

ARITHMETIC = (ZeroDivisionError, OverflowError, FloatingPointError, ValueError)
"""What the derivative of arithmetic may raise."""


class Forward(Layout):
    """One tangent sweep over one function."""

    def __init__(self, core: Interpreted, inputs: dict[str, gast.expr], taken: set[str]) -> None:
        super().__init__(core, taken)
        self.active = {key for key in core.varied if key in core.types and core.types[key].is_real}
        self.dots: dict[str, str] = {}
        self.leaf_dots = inputs
        self.masks = where_masks(list(core.body), self, occurrences(list(core.body)))
        self.callees: dict[str, Callee] = {}
        self.forms: dict[str, str] = {}
        self.carried = carried_names(list(core.body))
        self.definitions = definitions(list(core.body))
        self.reshaped = self.reshaped_sites(list(core.body))

    def is_active(self, key: str) -> bool:
        return key in self.active

    def dot(self, key: str) -> str:
        """The name of a name's tangent."""
        if key not in self.dots:
            self.dots[key] = self.fresh(f"{base(key)}_dot")
            self.types[self.dots[key]] = self.types[key]
        return self.dots[key]

    def tangent_of(self, node: gast.expr) -> gast.expr | None:
        """The tangent of an operand; None where it is zero."""
        if isinstance(node, gast.Name):
            return name(self.dot(node.id)) if node.id in self.active else None
        shown = self.shown_parts(node)
        if shown is not None:
            parts = [self.tangent_of(part) for part in shown]
            if all(part is None for part in parts):
                return None
            return with_parts(
                node, [self.zero(self.typer(e), e) if p is None else p for p, e in zip(parts, shown)]
            )
        if isinstance(node, gast.Dict):
            parts = [self.tangent_of(value) for value in node.values]
            if all(part is None for part in parts):
                return None
            filled = [self.zero(self.typer(v), v) if p is None else p for p, v in zip(parts, node.values)]
            return gast.Dict(keys=[clone(key) for key in node.keys], values=filled)
        if isinstance(node, gast.Subscript):  # a container in a container
            inner = self.tangent_of(node.value)
            return None if inner is None else subscript(inner, clone(node.slice))
        if isinstance(node, gast.Attribute) and isinstance(self.typer(node.value), (Sequence, RecordType)):
            inner = self.tangent_of(node.value)
            return None if inner is None else gast.Attribute(value=inner, attr=node.attr, ctx=gast.Load())
        return None

    # ---- blocks ---------------------------------------------------------------------------------
    def block(self, statements: list[gast.stmt]) -> None:
        """Statements and their tangents, in order."""
        for statement in statements:
            self.at = statement
            handler = getattr(self, "forward_" + type(statement).__name__, None)
            if handler is None:
                self.emit(statement)
            else:
                handler(statement)

    def forward_Return(self, statement: gast.Return) -> None:
        return None

    def forward_Assign(self, statement: gast.Assign) -> None:
        (place,) = statement.targets
        if isinstance(place, gast.Subscript):
            self._store(place, statement)
            return
        assert isinstance(place, gast.Name)
        key = place.id
        if key not in self.active:
            self.emit(statement)
            return
        if key in self.leaf_dots:
            self.emit(statement)
            dot = self.leaf_dots[key]
            if isinstance(statement.value, gast.Call):  # a part that is written to is copied on entry
                dot = self._copied(dot, key)
            self.emit(assign(self.dot(key), dot))
            return
        if key in self.core.calls:
            called = self.core.calls[key]
            if isinstance(called, CustomCall):
                push_custom(self, key, called, statement)
            else:
                self._callee(key, called, statement)
            return
        with self.emitting_into([]) as before:
            made = self._tangent(key, statement.value)
        self.emit(statement)
        self.out.extend(before)
        held = self._held(key, statement.value, made)
        if self._is_written(key) and isinstance(held, gast.Call) and self.may_copy(statement.value):
            self._viewed_or_copied(key, statement.value, held)
        else:
            self.emit(assign(self.dot(key), held))

    def _is_written(self, key: str) -> bool:
        return self.memory.is_written(self.core.sites.get(key, frozenset()))

    def _copied(self, dot: gast.expr, key: str) -> gast.expr:
        """A tangent in memory of its own, which lies as the primal does where a reshape asks how."""
        if self._is_written(key) and self.core.sites.get(key, frozenset()) & self.reshaped:
            return call(self.object_node(arranged), dot, name(key))
        return gast.Call(gast.Attribute(dot, "copy", gast.Load()), [], [])

    def _viewed_or_copied(self, key: str, value: Any, held: gast.expr) -> None:
        """The tangent of a reshape is a view where the primal is one, and a copy where that is one."""
        test = self.np("may_share_memory", name(key), clone(value.args[0]))
        if self.is_row_by_row(value):
            own = call(gast.Attribute(clone(held), "copy", gast.Load()))
        else:
            own = call(self.object_node(arranged), clone(held), name(key))
        self.emit(gast.If(test, [assign(self.dot(key), held)], [assign(self.dot(key), own)]))

    def _held(self, key: str, value: gast.expr, made: gast.expr | None) -> gast.expr:
        """A tangent as a name holds it: memory that is written in place shares nothing that the primal does not."""
        if made is None and is_none(value):
            return clone(value)
        if made is None and self._is_zeros(value):
            return clone(value)  # of the same size, whether or not the buffer itself is needed
        if made is None:
            return self.zero_of(key, value)
        known = self.types[key]
        if self._is_narrower(key, value, made):
            return gast.BinOp(made, gast.Add(), gast.Constant(0j, None))
        if self._lies_otherwise(key, value, made):
            bound = self.bound(made) if isinstance(made, gast.Call) else None
            made = made.args[0] if bound is not None and bound.function is duplicate else made  # type: ignore
            return call(self.object_node(arranged), made, name(key))
        operands = [self.core.sites.get(k, frozenset()) for k in [key, *names_in(value)]]
        is_written = any(self.memory.is_written(sites) for sites in operands)
        widened = self._is_broadcast(made) and not self._is_broadcast(value)
        if widened and is_written:  # NumPy gives a read-only view
            return gast.Call(gast.Attribute(made, "copy", gast.Load()), [], [])
        is_array = isinstance(known, Array) or isinstance(
            self.typer(made), Array
        )  # of no dimensions, or more
        if is_array and isinstance(made, (gast.Name, gast.Subscript, gast.Attribute)):
            aliased = isinstance(value, (gast.Name, gast.Subscript, gast.Attribute))
            if not aliased and is_written:
                return gast.Call(gast.Attribute(made, "copy", gast.Load()), [], [])
        return made

    def _is_narrower(self, key: str, value: gast.expr, made: gast.expr) -> bool:
        """Whether the tangent of a complex array that is written in place would have no room for what is written."""
        known, have = self.types[key], self.typer(made)
        if not isinstance(known, Array) or kind_of(known.dtype) != "complex" or not self._is_written(key):
            return False
        if isinstance(value, (gast.Name, gast.Subscript, gast.Attribute)) or (
            isinstance(have, Array) and kind_of(have.dtype) == "complex"
        ):
            return False
        bound = self.bound(value)
        return bound is None or not bound.rule.view or bound.function is np.asarray

    def _lies_otherwise(self, key: str, value: gast.expr, made: gast.expr) -> bool:
        """Whether a tangent may lie in memory in another order than its primal, which is written and reshaped."""
        sites = self.core.sites.get(key, frozenset())
        if not isinstance(self.types[key], Array) or not sites & self.reshaped or not self._is_written(key):
            return False
        if isinstance(value, (gast.Name, gast.Subscript, gast.Attribute)) or self.is_contiguous(key):
            return False
        bound = self.bound(value)
        return bound is None or not bound.rule.view

    def _is_broadcast(self, node: gast.expr) -> bool:
        bound = self.bound(node) if isinstance(node, gast.Call) else None
        return bound is not None and bound.function is np.broadcast_to

    def _is_zeros(self, value: gast.expr) -> bool:
        """Whether this makes an array of zeros."""
        return isinstance(value, gast.Call) and self.objects.get(dotted(value.func) or "") is np.zeros_like

    def _tangent(self, key: str, value: gast.expr) -> gast.expr | None:
        if isinstance(value, (gast.Name, gast.Dict)) or self.shown_parts(value) is not None:
            made = self.tangent_of(value)
            if made is None and isinstance(value, gast.List):
                return gast.List(
                    elts=[self.zero(self.typer(elt), elt) for elt in value.elts], ctx=gast.Load()
                )
            if made is None and isinstance(value, gast.Dict):
                zeros = [self.zero(self.typer(part), part) for part in value.values]
                return gast.Dict(keys=[clone(key) for key in value.keys], values=zeros)
            return made
        if isinstance(value, gast.Subscript):
            inner = self.tangent_of(value.value)
            return None if inner is None else subscript(inner, clone(value.slice))
        if isinstance(value, gast.Attribute) and isinstance(value.value, gast.Name):
            inner = self.tangent_of(value.value)
            return None if inner is None else gast.Attribute(value=inner, attr=value.attr, ctx=gast.Load())
        if isinstance(value, gast.Dict) and isinstance(self.types[key], DictOf):
            return self._filled(value)
        copied = copied_list(value)
        if copied is not None:
            dot = self.tangent_of(copied)
            return None if dot is None else _replaced(value, {id(copied): dot})
        if (
            isinstance(value, gast.Call)
            and isinstance(value.func, gast.Attribute)
            and dotted(value.func) not in self.objects
        ):
            owner = self.tangent_of(value.func.value)
            if value.func.attr in ("copy", "pop") and owner is not None:
                return gast.Call(gast.Attribute(owner, value.func.attr, gast.Load()), [], [])
        bound = self.bound(value)
        assert bound is not None or not carriers_in(value) & self.active, (
            f"no derivative of {source_of(value)}"
        )
        if bound is None or bound.rule.vjp is None:
            return None
        if bound.function in (np.ascontiguousarray, np.asfortranarray) and isinstance(value, gast.Call):
            dot = self.tangent_of(value.args[0])  # a copy where the primal is one
            return None if dot is None else gast.Call(clone(value.func), [dot], [])
        return self._rule(key, bound, value)

    def _callee(self, key: str, callee: Callee, statement: gast.Assign) -> None:
        """A function that keeps its own body gives its value and its tangent together."""
        self.callees[callee.name] = callee
        self.objects[f"{callee.name}_jvp"] = Emitted(f"{callee.name}_jvp")
        assert isinstance(statement.value, gast.Call)
        given = dict(zip(callee.leaves, statement.value.args))
        dots = []
        for leaf in callee.wrt:
            dot = self.tangent_of(given[leaf])
            dots.append(self.zero(self.typer(given[leaf]), given[leaf]) if dot is None else dot)
        pair = self.fresh(f"{callee.name}_pair")
        self.types[pair] = Opaque()
        self.emit(
            assign(
                pair, gast.Call(name(f"{callee.name}_jvp"), [*map(clone, statement.value.args), *dots], [])
            )
        )
        self.emit(assign(key, subscript(name(pair), gast.Constant(0, None))))
        self.emit(assign(self.dot(key), subscript(name(pair), gast.Constant(1, None))))

    def zero_table(self, known: DictOf, like: gast.expr) -> gast.expr:
        """The zero tangent of a dict that is changed in place has the same keys."""
        if isinstance(like, gast.Dict):
            return self._filled(like)
        return self.zeros_in_table(known, like)

    def _filled(self, value: gast.Dict) -> gast.expr:
        """The tangent of a dict that is changed in place has the same keys."""
        parts = [self.tangent_of(item) for item in value.values]
        filled = [self.zero(self.typer(v), v) if p is None else p for p, v in zip(parts, value.values)]
        return gast.Dict(keys=[clone(key) for key in value.keys], values=filled)

    # ---- rules ----------------------------------------------------------------------------------
    def _rule(self, key: str, bound: Bound, value: gast.expr) -> gast.expr | None:
        wanted = [p for p in bound.rule.wrt if p in bound.bindings and self._varies(bound.bindings[p].node)]
        if not wanted:
            return None
        bindings = dict(bound.bindings)
        bindings["y"] = Binding(name(key), self.types[key])
        if bound.rule.kind == "elementwise":
            return self._elementwise(key, bound, bindings, wanted)
        if bound.rule.kind == "linear":
            return self._linear(bound, value, wanted)
        if bound.rule.kind == "template":
            dots = {
                k: name(self.dot(k))
                for k in names_in([b.node for b in bound.bindings.values()]) & self.active
            }
            operands = {p: self.operand(b.node, dots) for p, b in bound.bindings.items()}
            return self.parsed(
                self.template(bound.rule.jvp, bound.bindings, operands, y=source_of(name(key)))
            )
        return self._general(key, bound, bindings, wanted)

    def _varies(self, node: gast.expr) -> bool:
        return self.tangent_of(node) is not None

    def _elementwise(
        self, key: str, bound: Bound, bindings: dict[str, Binding], wanted: list[str]
    ) -> gast.expr:
        total: gast.expr | None = None
        for p, partial in zip(bound.rule.wrt, self.quote(bound.rule.vjp, bindings, bound.rule.wrt, wanted)):
            if p in wanted:
                dot = self.tangent_of(bound.bindings[p].node)
                assert dot is not None
                mask = self.masks.get(key) if may_overflow(partial) else None
                if mask is not None and self._guards(mask, key):
                    term = guarded(dot, partial, clone(mask), self.np)
                else:
                    term = times(dot, partial)
                total = term if total is None else binary(total, gast.Add, term)
        assert total is not None
        return self.full(self.real_part(total, self.types[key]), name(key))

    def _guards(self, mask: gast.expr, key: str) -> bool:
        """Whether a mask can be evaluated here, and has the shape of the value."""
        made = {
            s.targets[0].id
            for s in self.out
            if isinstance(s, gast.Assign) and isinstance(s.targets[0], gast.Name)
        }
        local = names_in(mask) - set(self.objects)
        if not local <= made | set(self.core.inputs):
            return False
        known = self.typer(mask)
        return isinstance(known, Scalar) or (
            same_shape(known, self.types[key]) and same_shape(self.types[key], known)
        )

    def _linear(self, bound: Bound, value: gast.expr, wanted: list[str]) -> gast.expr:
        """The primitive itself, of the tangents."""
        table = {id(bound.bindings[p].node): self.tangent_of(bound.bindings[p].node) for p in wanted}
        fixed = {
            id(bound.bindings[p].node): self.zero(self.typer(bound.bindings[p].node), bound.bindings[p].node)
            for p in bound.rule.wrt if p in bound.bindings and p not in wanted
        }  # fmt: skip
        return _replaced(value, {**fixed, **table, **self.order_told(bound)})

    def _general(
        self, key: str, bound: Bound, bindings: dict[str, Binding], wanted: list[str]
    ) -> gast.expr | None:
        for p in bound.rule.wrt:
            if p in bound.bindings:
                node = bound.bindings[p].node
                dot = self.tangent_of(node)
                filled = self.zero(self.typer(node), node) if dot is None else dot
                bindings[f"{p}_dot"] = Binding(filled, self.typer(node))
        total: gast.expr | None = None
        out = self.out
        for p, term in zip(bound.rule.wrt, self.quote(bound.rule.jvp, bindings, bound.rule.wrt, wanted)):
            if p in wanted:
                total = term if total is None else binary(total, gast.Add, term)
        assert out is self.out
        partly = any(p in bound.bindings and p not in wanted for p in bound.rule.wrt)
        if total is not None:
            # the operand without a tangent may be the one that the result has its shape from
            total = self.full(total, name(key)) if partly else self.fitting(bound, total, name(key))
        return total

    # ---- stores ---------------------------------------------------------------------------------
    def _store(self, place: gast.Subscript, statement: gast.Assign) -> None:
        assert isinstance(place.value, gast.Name)
        key = place.value.id
        if key in self.active:
            dot = self.tangent_of(statement.value)
            slot = subscript(name(self.dot(key)), clone(place.slice), store=True)
            known = self.typer(place)
            if (
                dot is None
                and isinstance(self.types[key], (ListOf, DictOf))
                and not isinstance(known, Scalar)
            ):
                self.emit(statement)  # the zeros are as many as there are numbers in what is stored
                self.emit(gast.Assign([slot], self.zero(known, clone(place)), None))
                return
            self.emit(gast.Assign([slot], gast.Constant(0.0, None) if dot is None else dot, None))
        self.emit(statement)

    def forward_AugAssign(self, statement: gast.AugAssign) -> None:
        place, op, value = statement.target, statement.op, statement.value
        assert isinstance(place, gast.Subscript) and isinstance(place.value, gast.Name)
        key = place.value.id
        if key in self.active:
            slot = subscript(name(self.dot(key)), clone(place.slice), store=True)
            dot = self.tangent_of(value)
            if isinstance(op, (gast.Add, gast.Sub)):
                if dot is not None:
                    self.emit(gast.AugAssign(slot, type(op)(), dot))
            else:
                self._product(slot, place, op, value, dot)
        self.emit(statement)

    def _product(
        self,
        slot: gast.Subscript,
        place: gast.Subscript,
        op: gast.operator,
        value: gast.expr,
        dot: gast.expr | None,
    ) -> None:
        old = subscript(clone(place.value), clone(place.slice))
        if dot is not None and isinstance(op, gast.Div):
            self.emit(
                gast.AugAssign(slot, gast.Sub(), binary(binary(old, gast.Div, clone(value)), gast.Mult, dot))
            )
        term = binary(old, gast.Mult, dot) if dot is not None and isinstance(op, gast.Mult) else None
        if term is not None and self._share(
            place.value, value
        ):  # the operand's tangent is about to be scaled too
            term = self.bind(term, "t_dot")
        self.emit(gast.AugAssign(clone(slot), type(op)(), clone(value)))
        if term is not None:
            self.emit(gast.AugAssign(clone(slot), gast.Add(), term))

    def _share(self, one: gast.expr, other: gast.expr) -> bool:
        """Whether two operands may share memory."""
        sites = [
            frozenset().union(*(self.core.sites.get(key, frozenset()) for key in names_in(e)))
            for e in (one, other)
        ]
        return bool(sites[0] & sites[1])

    def _accumulate(self, owner: gast.Name, value: gast.Call) -> None:
        """``np.add.at(owner, index, values)`` of the tangents."""
        dot = self.tangent_of(value.args[2])
        if owner.id in self.active and dot is not None:
            self.emit(gast.Expr(call(clone(value.func), name(self.dot(owner.id)), clone(value.args[1]), dot)))

    def forward_Expr(self, statement: gast.Expr) -> None:
        if hook_of(statement, self.objects) is not None:
            return
        value = statement.value
        adds_to = accumulated(statement)
        if adds_to is not None:
            assert isinstance(value, gast.Call)
            self._accumulate(adds_to, value)
        if isinstance(value, gast.Call) and isinstance(value.func, gast.Attribute):
            owner = value.func.value
            if (
                isinstance(owner, gast.Name)
                and owner.id in self.active
                and isinstance(self.types[owner.id], DictOf)
            ):
                func = gast.Attribute(name(self.dot(owner.id)), value.func.attr, gast.Load())
                self.emit(gast.Expr(gast.Call(func, [clone(arg) for arg in value.args], [])))
            if value.func.attr == "append" and isinstance(owner, gast.Name) and owner.id in self.active:
                item = value.args[0]
                dot = self.tangent_of(item)
                known = self.types[owner.id].item  # type: ignore[attr-defined]
                func = gast.Attribute(name(self.dot(owner.id)), "append", gast.Load())
                self.emit(gast.Expr(call(func, self.zero(known, item) if dot is None else dot)))
        self.emit(statement)

    # ---- control --------------------------------------------------------------------------------
    def _inside(self, statements: list[gast.stmt]) -> list[gast.stmt]:
        with self.emitting_into([]) as out:
            self.block(statements)
        return out

    def forward_If(self, statement: gast.If) -> None:
        self._nested(statement)

    def forward_For(self, statement: gast.For) -> None:
        self._nested(statement)

    def forward_While(self, statement: gast.While) -> None:
        self._nested(statement)

    def forward_With(self, statement: gast.With) -> None:
        self._nested(statement)

    def forward_Try(self, statement: gast.Try) -> None:
        """A ``try``: the tangents follow it, so that nothing but the primal can raise in it."""
        inside = self._inside(statement.body)
        new = copy.copy(statement)
        self.at = statement
        enters = any(key in self.core.calls for key in defined_in(statement.body))
        if not enters and all(map(self._can_be_parted, inside)):
            new.body = self._parted(inside, tangents=False)
            self.emit(new)
            self._after_try(statement, self._parted(inside, tangents=True))
            return
        if flag_of(statement) is not None:
            self._check_tangents(statement, inside)
        new.body = inside
        self.emit(new)

    def _can_be_parted(self, statement: gast.stmt) -> bool:
        """Whether the tangents in a statement can be computed after all of it: nothing is repeated, or overwritten."""
        if isinstance(statement, gast.If):
            plain = not any(isinstance(part, (gast.Call, gast.Subscript)) for part in nodes(statement.test))
            return plain and all(map(self._can_be_parted, [*statement.body, *statement.orelse]))
        if isinstance(statement, gast.Try):
            return all(map(self._can_be_parted, statement.body))
        if isinstance(statement, (gast.Raise, gast.Pass, gast.Assert)):
            return True
        return isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name)

    def _parted(self, body: list[gast.stmt], tangents: bool) -> list[gast.stmt]:
        """The tangents among statements, or the others."""
        out: list[gast.stmt] = []
        for statement in body:
            if isinstance(statement, (gast.If, gast.Try)):
                new = copy.copy(statement)
                new.body = self._parted(statement.body, tangents)
                new.orelse = self._parted(statement.orelse, tangents)
                if isinstance(statement, gast.Try) and tangents:
                    out.extend(new.body)
                elif new.body or new.orelse:
                    new.body = new.body or [gast.copy_location(gast.Pass(), statement)]
                    out.append(new)
            elif isinstance(statement, gast.Assign):
                if (statement.targets[0].id not in self.core.types) == tangents:
                    out.append(statement)
            elif not tangents:
                out.append(statement)
        return out

    def _after_try(self, statement: gast.Try, tangents: list[gast.stmt]) -> None:
        test = completed(statement, self.types)
        if tangents and test is not None:
            self.emit(gast.If(test=test, body=tangents, orelse=[]))
        else:
            self.out.extend(tangents)

    def _check_tangents(self, statement: gast.Try, inside: list[gast.stmt]) -> None:
        """Tangents among the statements of a ``try`` must not raise what its handlers catch."""
        if not any(map(self._catches_arithmetic, statement.handlers)):
            return
        for part in (part for s in inside for part in nodes(s)):
            if isinstance(part, gast.Assign) and getattr(part.targets[0], "id", None) not in self.core.types:
                for inner in nodes(part.value):
                    divides = isinstance(inner, gast.BinOp) and isinstance(inner.op, (gast.Div, gast.Pow))
                    if divides and isinstance(self.typer(inner), Scalar):
                        raise RuleRefuses(
                            "forward mode of a loop inside a `try` that catches arithmetic errors: "
                            "the derivative might raise one itself; use reverse mode"
                        )

    def _catches_arithmetic(self, handler: gast.ExceptHandler) -> bool:
        if handler.type is None:
            return True
        kinds = handler.type.elts if isinstance(handler.type, gast.Tuple) else [handler.type]
        for kind in kinds:
            path = dotted(kind) or ""
            known = self.objects.get(path, getattr(builtins, path, Exception))
            if not isinstance(known, type) or any(issubclass(e, known) for e in ARITHMETIC):
                return True
        return False

    def _nested(self, statement: Any) -> None:
        new = copy.copy(statement)
        new.body = self._inside(statement.body)
        if isinstance(statement, gast.If):
            new.orelse = self._inside(statement.orelse)
        self.at = statement
        self.emit(new)


def _replaced(node: Any, table: dict[int, gast.expr | None]) -> Any:
    """A copy of an expression with some of its nodes replaced."""
    if id(node) in table:
        return table[id(node)]
    if isinstance(node, list):
        return [_replaced(item, table) for item in node]
    if not isinstance(node, gast.AST):
        return node
    cls: Any = type(node)
    new = cls.__new__(cls)
    for key, item in node.__dict__.items():
        setattr(new, key, _replaced(item, table) if isinstance(item, (list, gast.AST)) else item)
    return new
