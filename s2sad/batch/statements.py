"""Statements of derivatives for several directions at once."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.analysis.kinds import is_shadow
from s2sad.analysis.memory import Memory
from s2sad.analysis.nones import may_be_none
from s2sad.batch.expressions import Batcher, comprehension
from s2sad.batch.lead import NotBatched, as_value, lead, padded
from s2sad.names import base
from s2sad.program import Program
from s2sad.rules.indexing import index_type
from s2sad.rules.record import rule_of
from s2sad.runtime import sequences, writes
from s2sad.runtime.custom import checked_cotangents, checked_tangent
from s2sad.runtime.directions import in_directions
from s2sad.signature import Array, DictOf, ListOf, Opaque, Optional, Scalar, Sequence, Type
from s2sad.signature import Mapping as MappingType
from s2sad.tree.build import (
    accumulated,
    assign,
    call,
    clone,
    constant,
    dotted,
    name,
    names_in,
    subscript,
    target,
)
from s2sad.tree.dataflow import binds, parameters, walk
from s2sad.tree.parts import nodes

IN_CONTAINERS = {sequences.extend, sequences.insert, sequences.reverse, sequences.clear, sequences.put_all}
IN_ARRAYS = {writes.each_at, writes.each_at_by, writes.each_at_two, writes.each_at_two_by}


@dataclass(frozen=True)
class Convention:
    """What of a program carries the leading axis.

    Attributes
    ----------
    parameters : tuple of str
        Parameters that do.
    names : frozenset of str
        Its tangents or cotangents.
    paired : bool
        Whether it returns ``(value, derivative)``, of which only the second does; else all that it returns does.
    unsure : frozenset of str
        Names that are None on some paths.
    early : frozenset of str
        Those of what a forward sweep saved that are buffers which it made for cotangents, or hold them.
    """

    parameters: tuple[str, ...]
    names: frozenset[str]
    paired: bool = False
    unsure: frozenset[str] = frozenset()
    early: frozenset[str] = frozenset()


class Statements(Batcher):
    """Batches the statements of one program."""

    def __init__(self, program: Program, own: Convention, others: Mapping[str, Convention]) -> None:
        super().__init__(program.types, program.objects, _count(program, own))
        self.program, self.own, self.others = program, own, others
        self.unsure = may_be_none(walk(program.body), own.unsure)
        self.memory = Memory(_with_apart_parameters(program))
        self.out: list[gast.stmt] = []
        self.contexts = 0
        self.buffers: set[int] = set()
        self._mark(list(walk(program.body)))

    def _mark(self, statements: list[gast.stmt]) -> None:
        """Find the names that carry the axis: derivatives, and what is computed from them."""
        self.names |= {*self.own.parameters, *self.own.early}
        self.names |= {key for key in self.own.names if self.types[key].is_real}
        self.pairs = {
            s.targets[0].id for s in statements
            if isinstance(s, gast.Assign) and isinstance(s.targets[0], gast.Name)
            and (self._convention(s.value, True) or self._is_tangent_rule(s.value))
        }  # fmt: skip
        before = -1
        while before != len(self.names):
            before = len(self.names)
            for statement in statements:
                self._mark_one(statement)

    def _mark_one(self, statement: gast.stmt) -> None:
        if isinstance(statement, (gast.Assign, gast.For)):
            value = statement.value if isinstance(statement, gast.Assign) else statement.iter
            made = isinstance(statement, gast.For) or isinstance(statement.targets[0], gast.Name)
            if made and (self.varies(value) or self._convention(value, False)):
                self.names |= {key for key in binds(statement) if key in self.types}

    def _convention(self, value: gast.expr, paired: bool) -> Convention | None:
        """The convention of an emitted function that is called here."""
        if not isinstance(value, gast.Call) or not isinstance(value.func, gast.Name):
            return None
        found = self.others.get(value.func.id)
        return found if found is not None and found.paired is paired else None

    # ---- blocks ---------------------------------------------------------------------------------
    def block(self, statements: Iterable[gast.stmt]) -> list[gast.stmt]:
        """The statements for all directions."""
        before, self.out = self.out, []
        for statement in statements:
            self.statement(statement)
        made, self.out = self.out, before
        return made

    def emit(self, statement: gast.stmt, like: gast.stmt) -> None:
        """Append a statement at the line of another."""
        self.out.append(gast.copy_location(statement, like))

    def statement(self, statement: gast.stmt) -> None:
        """One statement; whatever no form covers goes through the directions one by one."""
        handler = getattr(self, "on_" + type(statement).__name__, None)
        if handler is None:
            if names_in(statement) & self.names:
                raise NotBatched(type(statement).__name__)
            self.out.append(statement)
            return
        length = len(self.out)
        try:
            handler(statement)
        except NotBatched:
            del self.out[length:]
            self._by_directions(statement)

    def on_Assign(self, statement: gast.Assign) -> None:
        (place,) = statement.targets
        if id(statement) in self.buffers:
            self.out.append(statement)
            return
        if isinstance(place, gast.Subscript):
            self._store(place, statement)
            return
        value: gast.expr
        if self._is_rule(statement.value) and self.varies(statement.value):
            value = self._by_rows(statement)
        elif isinstance(place, gast.Name) and place.id in self.pairs:
            value = self._called(statement.value, self._convention(statement.value, True))
        elif self._convention(statement.value, False) is not None:
            value = self._called(statement.value, self._convention(statement.value, False))
        elif isinstance(place, gast.Name) and place.id in self.names:
            value = self._held(place.id, statement.value)
        elif self.varies(statement.value):
            raise NotBatched
        else:
            value = self.rest(statement.value)
        self.emit(gast.Assign([clone(place)], value, None), statement)

    def _is_rule(self, value: gast.expr) -> bool:
        """Whether a rule of the user's is called, which knows one direction only."""
        function = self.function(value.func) if isinstance(value, gast.Call) else None
        return function in (checked_cotangents, checked_tangent)

    def _is_tangent_rule(self, value: gast.expr) -> bool:
        return isinstance(value, gast.Call) and self.function(value.func) is checked_tangent

    def _by_rows(self, statement: gast.Assign) -> gast.expr:
        """What a rule gives for one direction after the other, and then each part of that as an array of its own."""
        (place,) = statement.targets
        known = self.types[place.id]
        if not isinstance(known, Sequence):
            raise NotBatched(place.id)
        rows, k = self.fresh(f"{base(place.id)}_rows"), self.inner("k")
        self.types[rows], self.types[k] = ListOf(known), Scalar("int")
        each = comprehension(self.at_direction(statement.value, name(k)), k, call("range", clone(self.count)))
        self.emit(gast.Assign([target(rows)], each, None), statement)
        if place.id in self.pairs:
            value = subscript(subscript(name(rows), constant(0)), constant(0))
            return gast.Tuple([value, self._column(rows, known.items[1], (1,))], gast.Load())
        return gast.Tuple(
            [self._column(rows, item, (index,)) for index, item in enumerate(known.items)], gast.Load()
        )

    def _column(self, rows: str, known: Type, path: tuple[Any, ...]) -> gast.expr:
        """One part of all rows: an array for each number or array in it."""
        if isinstance(known, (Sequence, MappingType)):
            keys = known.keys if isinstance(known, MappingType) else range(len(known.items))
            items = [self._column(rows, item, (*path, key)) for key, item in zip(keys, known.items)]
            if isinstance(known, MappingType):
                return gast.Dict(keys=[constant(key) for key in known.keys], values=items)
            if hasattr(known.cls, "_fields"):
                return call(self.object_node(known.cls), *items)
            return (gast.List if known.cls is list else gast.Tuple)(elts=items, ctx=gast.Load())
        if not isinstance(known, (Array, Scalar)):
            raise NotBatched(rows)
        row = "row" if isinstance(self.types.get("row"), Opaque) else self.inner("row")
        self.types[row] = Opaque()
        part: gast.expr = name(row)
        for key in path:
            part = subscript(part, constant(key))
        return self.np("stack", comprehension(part, row, name(rows)))

    def _held(self, key: str, value: gast.expr) -> gast.expr:
        """What a name holds: a number that is read from an array is a copy, as numbers are."""
        if self.varies(value):
            return self.item(value, self.types[key])
        if is_shadow(key) and isinstance(value, gast.Subscript):
            raise NotBatched(f"{key} was made in the forward sweep")
        known = self.types[key]
        return self.expanded(value, self.type(value) if isinstance(known, (Opaque, Optional)) else known)

    def shares_written_memory(self, node: gast.expr) -> bool:
        if isinstance(self.type(node), Scalar) or self._is_fresh(node):
            return False
        return any(self.memory.is_written(key) for key in self.memory.shared(node, True))

    def _is_fresh(self, node: gast.expr) -> bool:
        """Whether this is a part of what one of our runtime functions gives anew."""
        while isinstance(node, (gast.Subscript, gast.Attribute)):
            node = node.value
        function = self.function(node.func) if isinstance(node, gast.Call) else None
        rule = rule_of(function)
        ours = (getattr(function, "__module__", None) or "").startswith("s2sad.runtime")
        return rule is not None and not rule.view and ours

    def item(self, node: gast.expr, known: Type | None = None) -> gast.expr:
        """An expression in all directions; `known`: the type of the name that it gets."""
        made = self.every(node)
        if not self._may_be_view(made):
            return made
        kinds = [kind for kind in (known, self.type(node)) if kind is not None]
        if any(isinstance(kind, Scalar) for kind in kinds):
            return gast.Call(gast.Attribute(made, "copy", gast.Load()), [], [])
        if isinstance(made, gast.Subscript) and not any(
            isinstance(k, Array) and k.shape is not None for k in kinds
        ):
            raise NotBatched("it is not known whether a part of an array is a number")
        return made

    def _may_be_view(self, made: gast.expr) -> bool:
        """Whether this is a part of an array that is written in place."""
        while isinstance(made, (gast.Subscript, gast.Attribute)):
            made = made.value
        array = isinstance(made, gast.Name) and isinstance(self.types.get(made.id), Array)
        return array and self.memory.is_written(made.id)

    def _called(self, value: Any, convention: Convention | None) -> gast.expr:
        """A call of an emitted function that takes several directions too."""
        assert convention is not None
        count = len(convention.parameters)
        plain, derivatives = value.args[: len(value.args) - count], value.args[len(value.args) - count :]
        return gast.Call(clone(value.func), [*map(self.rest, plain), *map(self.every, derivatives)], [])

    # ---- stores ---------------------------------------------------------------------------------
    def _store(self, place: gast.Subscript, statement: gast.Assign) -> None:
        if not self.varies(place.value):
            if self.varies(statement.value):
                raise NotBatched
            self.emit(self.rest(statement), statement)
            return
        if isinstance(self.type(place.value), Array):
            slot = self._slot(place)
            self.emit(gast.Assign([slot], self._fitting(place, statement.value), None), statement)
            return
        slot = subscript(self(place.value), self.rest(place.slice), store=True)
        self.emit(gast.Assign([slot], self.item(statement.value), None), statement)

    def _slot(self, place: gast.Subscript) -> gast.Subscript:
        owner = self.type(place.value)
        assert isinstance(owner, Array)
        index = self.index(owner, place.slice)
        if index is None:
            raise NotBatched
        return subscript(self(place.value), index, store=True)

    def _fitting(self, place: gast.Subscript, value: gast.expr) -> gast.expr:
        """A value with its axes under those of the place it goes to."""
        if not self.varies(value):
            return self.rest(value)  # type: ignore[no-any-return]
        owner, have = self.type(place.value), self.rank(value)
        known: Type = owner
        if isinstance(owner, Array):
            known = index_type(owner, place.slice, self.types, self.type(place.slice))
        wide = known.rank if isinstance(known, (Scalar, Array)) else None
        if wide is None or have is None or have > wide:
            raise NotBatched
        return padded(self(value), wide - have)

    def on_AugAssign(self, statement: gast.AugAssign) -> None:
        place = statement.target
        if not isinstance(place, gast.Subscript) or not self.varies(place.value):
            if self.varies(statement.value):
                raise NotBatched
            self.emit(self.rest(statement), statement)
            return
        if isinstance(self.type(place.value), Array):
            value = self._fitting(place, statement.value)
            self.emit(gast.AugAssign(self._slot(place), statement.op, value), statement)
            return
        held = subscript(clone(place.value), clone(place.slice))
        if isinstance(self.type(held), Array):
            value = self._fitting(subscript(held, gast.Constant(Ellipsis, None)), statement.value)
            slot = subscript(self(place.value), self.rest(place.slice), store=True)
            self.emit(gast.AugAssign(slot, statement.op, value), statement)
            return
        # a number is replaced, not changed
        value = self(gast.BinOp(left=held, op=statement.op, right=statement.value))
        slot = subscript(self(place.value), self.rest(place.slice), store=True)
        self.emit(gast.Assign([slot], value, None), statement)

    def on_Expr(self, statement: gast.Expr) -> None:
        value = statement.value
        if not isinstance(value, gast.Call) or not self.varies(value):
            self.emit(self.rest(statement), statement)
            return
        owner = accumulated(statement)
        if owner is not None:
            self._accumulated(value, statement)
            return
        function = self.function(value.func)
        if function in IN_CONTAINERS:
            args = [self.given(self.type(arg), arg) for arg in value.args]
            self.emit(gast.Expr(gast.Call(clone(value.func), args, [])), statement)
            return
        method = isinstance(value.func, gast.Attribute) and function is None
        if method and isinstance(self.type(value.func.value), (ListOf, Sequence, MappingType, DictOf)):
            made = self._method(value)
            if made is None:
                raise NotBatched(value.func.attr)
            self.emit(gast.Expr(made), statement)
            return
        raise NotBatched

    def _accumulated(self, value: gast.Call, statement: gast.stmt) -> None:
        """``np.add.at(x_bar, index, terms)``."""
        owner, index, terms = value.args
        known = self.type(owner)
        if not isinstance(known, Array) or not self.varies(owner):
            raise NotBatched
        led = self.index(known, index)
        if led is None:
            raise NotBatched
        fitted = self._fitting(subscript(owner, index), terms)
        self.emit(gast.Expr(call(clone(value.func), self(owner), as_value(led), fitted)), statement)

    def _by_directions(self, statement: gast.stmt) -> None:
        """``for k in range(len(x_dot)):`` around a store that has no form for all directions."""
        stores = isinstance(statement, gast.Expr) or (
            isinstance(statement, (gast.Assign, gast.AugAssign))
            and isinstance(
                getattr(statement, "targets", [getattr(statement, "target", None)])[0], gast.Subscript
            )
        )
        touched = names_in(statement) & self.names
        if (
            not stores
            or not touched
            or not all(isinstance(self.types.get(k), (Array, Scalar)) for k in touched)
        ):
            raise NotBatched
        if isinstance(statement, gast.Expr) and not self._writes_arrays(statement.value):
            raise NotBatched
        k = self.fresh("k")
        self.types[k] = Scalar("int")
        loop = gast.For(
            target=target(k), iter=call("range", clone(self.count)), body=[self.at_direction(statement, name(k))],
            orelse=[], type_comment=None,
        )  # fmt: skip
        for part in nodes(loop):
            if isinstance(part, gast.stmt):
                gast.copy_location(part, statement)
        self.emit(loop, statement)

    def _writes_arrays(self, value: gast.expr) -> bool:
        """Whether this is a call of NumPy or of ours that writes to the arrays which it is given."""
        if not isinstance(value, gast.Call):
            return False
        function = self.function(value.func)
        if function is None:
            return isinstance(value.func, gast.Attribute) and isinstance(self.type(value.func.value), Array)
        path = dotted(value.func) or ""
        return function in IN_ARRAYS or path.startswith(("np.", "numpy."))

    # ---- control --------------------------------------------------------------------------------
    def on_If(self, statement: gast.If) -> None:
        if self.varies(statement.test):
            raise NotBatched
        new = copy.copy(statement)
        new.test = self.rest(statement.test)
        new.body, new.orelse = self.block(statement.body), self.block(statement.orelse)
        self.out.append(new)

    def on_For(self, statement: gast.For) -> None:
        new = copy.copy(statement)
        if self.varies(statement.iter):
            over = self.type(statement.iter)
            if not isinstance(over, (ListOf, Sequence)) or not isinstance(statement.target, gast.Name):
                raise NotBatched
            new.iter = self(statement.iter)
        else:
            new.iter = self.rest(statement.iter)
        new.body = self.block(statement.body)
        self.out.append(new)

    def on_While(self, statement: gast.While) -> None:
        if self.varies(statement.test):
            raise NotBatched
        new = copy.copy(statement)
        new.test, new.body = self.rest(statement.test), self.block(statement.body)
        self.out.append(new)

    def on_With(self, statement: gast.With) -> None:
        new = copy.copy(statement)
        self.contexts += 1
        new.body = self.block(statement.body)
        self.contexts -= 1
        self.out.append(new)

    def on_Try(self, statement: gast.Try) -> None:
        """What raises is the primal; but where a context makes errors of NumPy's warnings, any direction may."""
        handled = [handler.body for handler in statement.handlers]
        inner = [node for block in (statement.body, *handled) for node in walk(block)]
        contexts = self.contexts or any(isinstance(node, gast.With) for node in inner)
        if contexts or statement.orelse or statement.finalbody:
            raise NotBatched("Try")
        new = copy.copy(statement)
        new.body = self.block(statement.body)
        new.handlers = [copy.copy(handler) for handler in statement.handlers]
        for handler in new.handlers:
            handler.body = self.block(handler.body)
        self.out.append(new)

    def on_Return(self, statement: gast.Return) -> None:
        value = statement.value
        if self.own.paired:
            assert isinstance(value, gast.Tuple)
            first, second = value.elts
            made: gast.expr = gast.Tuple(elts=[self.rest(first), self.item(second)], ctx=gast.Load())
        else:
            made = self.item(value)
        self.emit(gast.Return(value=made), statement)

    # ---- the result -----------------------------------------------------------------------------
    def _with_buffers(self, body: Sequence_[gast.stmt]) -> list[gast.stmt]:
        """The statements, without those that take buffers out of what was saved: they are made for all directions."""
        taken = [
            s for s in body
            if isinstance(s, gast.Assign) and isinstance(s.targets[0], gast.Name) and s.targets[0].id in self.own.early
        ]  # fmt: skip
        if not taken:
            return list(body)
        buffers = self.fresh("buffers")
        self.types[buffers] = Sequence(tuple, tuple(self.types[s.targets[0].id] for s in taken))
        whole = gast.Tuple([clone(s.value) for s in taken], gast.Load())
        made = call(self.object_node(in_directions), whole, clone(self.count))
        parts = [assign(s.targets[0].id, subscript(name(buffers), constant(k))) for k, s in enumerate(taken)]
        new = [assign(buffers, made), *parts]
        self.buffers = {id(statement) for statement in new}
        last = body.index(taken[-1])
        rest = [s for s in body[:last] if s not in taken]
        return [*rest, *new, *body[last + 1 :]]

    def result(self) -> Program:
        """The program for all directions."""
        body = self.block(self._with_buffers(self.program.body))
        types = {key: lead(known) if key in self.names else known for key, known in self.types.items()}
        return self.program.replace(
            body=tuple(body), types=types, objects={**self.program.objects, **self.objects}
        )


def _with_apart_parameters(program: Program) -> Program:
    """The program with its parameters as variables: a tangent and its primal never share memory."""
    none = gast.arguments(
        args=[], posonlyargs=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    given = [assign(key, gast.Constant(None, None)) for key in parameters(program.args)]
    return program.replace(args=none, body=(*given, *program.body))


def _count(program: Program, own: Convention) -> gast.expr:
    """How many directions there are: the length of the first leaf of a derivative that is given."""
    for key in own.parameters:
        found = _first_leaf(program.types[key], name(key))
        if found is not None:
            return call("len", found)
    raise NotBatched("nothing to tell how many directions there are")


def _first_leaf(known: Type, node: gast.expr) -> gast.expr | None:
    if isinstance(known, (Scalar, Array)):
        return node if known.is_real else None
    if isinstance(known, (Sequence, MappingType)):
        fields = getattr(getattr(known, "cls", None), "_fields", None)
        keys = known.keys if isinstance(known, MappingType) else range(len(known.items))
        for k, (key, item) in enumerate(zip(keys, known.items)):
            part = (
                gast.Attribute(clone(node), fields[k], gast.Load()) if fields
                else subscript(clone(node), gast.Constant(key, None))
            )  # fmt: skip
            found = _first_leaf(item, part)
            if found is not None:
                return found
    if isinstance(known, ListOf):
        return _first_leaf(known.item, subscript(node, gast.Constant(0, None)))
    return None


__all__ = ["Convention", "Statements"]
