"""What each kind of statement means to the interpreter; loops are in `loops`."""

from __future__ import annotations

import contextlib
import importlib
import operator
import sys
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.abstract.contexts import NONE, Contexts
from s2sad.abstract.functions import function_of
from s2sad.abstract.libraries import REPORTING, is_named, root_of
from s2sad.abstract.objects import holds_objects
from s2sad.abstract.overlap import guard_overlap
from s2sad.abstract.state import RAISED, Raised, Rerun
from s2sad.abstract.values import (
    Function,
    Identity,
    Value,
    container_of,
    fields_by_name,
    has_same_fields,
    holds_references,
    is_atom,
    is_function,
    is_list_of_parts,
    is_parameter,
    rebuilt,
    record_of,
)  # fmt: skip
from s2sad.abstract.writers import flat_store, flattened_array
from s2sad.names import base
from s2sad.objects import is_record
from s2sad.rules.indexing import may_repeat
from s2sad.rules.record import rule_of
from s2sad.runtime import sequences
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
    join,
    part_of,
    without_value,
)
from s2sad.tree.build import DELETED, assign, binary, call, clone, constant, dotted, name, subscript
from s2sad.tree.parts import nodes

Branch = tuple[list[gast.stmt], dict[Any, Value], bool]
IN_PLACE = (gast.Add, gast.Sub, gast.Mult, gast.Div)


class Statements(Contexts):
    """Statements."""

    def run_body(self, body: list[gast.stmt]) -> Value:
        """Run a function's body; its last statement is the return."""
        result = NONE
        for statement in body:
            if isinstance(statement, gast.Return):
                self.at = statement
                return self.visit(statement.value, "result") if statement.value is not None else NONE
            if self.run([statement]):
                return result.but(origin=RAISED)
        return result

    def run(self, statements: list[gast.stmt]) -> bool:
        """Run statements; True where control leaves by `break` or `raise`."""
        for statement in statements:
            self.at = statement
            if self.caught_in(getattr(self, "run_" + type(statement).__name__), statement):
                return True
        return False

    def caught_in(self, step: Callable[..., bool | None], *args: Any) -> bool:
        """Do a step; True where control leaves in it, also by an exception that is raised for certain."""
        try:
            return bool(step(*args))
        except Raised as raised:
            self.emit(gast.Raise(exc=raised.exception, cause=None))
            return True

    # ---- assignment -----------------------------------------------------------------------------
    def run_Assign(self, statement: gast.Assign) -> None:
        (target,) = statement.targets
        if isinstance(statement.value, gast.Constant) and statement.value.value is DELETED:
            assert isinstance(target, gast.Name)
            self.frame.bind(target.id, Value(Opaque(), None, origin="deleted"))
        elif isinstance(target, gast.Name):
            self.frame.bind(target.id, self.assigned(self.visit(statement.value, target.id), target.id))
        elif isinstance(target, gast.Subscript):
            value = self.visit(statement.value)
            owner, index = self.visit(target.value), self.once(self.index(target.slice))
            if not self._kept_in_parts(target.value, owner, index, value):
                self.store(owner, index, value, statement)
        elif isinstance(target, gast.Attribute):
            value = self.visit(statement.value, self._field_hint(target))
            self.set_attribute(self.visit(target.value), target.attr, value, statement)
        elif isinstance(target, (gast.Tuple, gast.List)):
            self._unpack(target, self.visit(statement.value), statement)
        else:
            raise self.refuse("S101", "this assignment target", "assign to a name or an item", target)

    def _kept_in_parts(self, place: gast.expr, owner: Value, index: Value, value: Value) -> bool:
        """``table[key] = function``: functions exist when compiling only, so the table is kept in parts."""
        if not isinstance(owner.type, Mapping) or owner.items is None or not isinstance(place, gast.Name):
            return False
        if not is_function(value) or index.known is NO_VALUE or not self.held_once(owner):
            return False
        items = dict(zip(owner.type.keys, owner.items)) | {index.known: value}
        kind = Mapping(tuple(items), tuple(item.type for item in items.values()))
        self.frame.bind(place.id, container_of(kind, tuple(items.values()), owner.origin))
        return True

    def assigned(self, value: Value, variable: str) -> Value:
        """A value as a variable holds it: under a name, unless it is known in parts or by identity."""
        if value.items is not None:
            return self.held(value)
        if value.function is not None or value.iteration is not None or value.choices is not None:
            return value
        if value.is_static:
            return value
        if value.node is None:
            return self.atom(value, variable)
        if is_atom(value.node):
            if isinstance(value.node, gast.Name) and value.node.id in self.types:
                return (
                    value
                    if _same_base(value.node.id, variable)
                    else self.bind(clone(value.node), value, variable)
                )
            return self.bind(clone(value.node), value, variable)
        return self.atom(value, variable)

    def _unpack(self, target: gast.Tuple, value: Value, statement: gast.stmt) -> None:
        if value.iteration is not None:
            value = container_of(Sequence(tuple, ()), tuple(self.parts(value, target)))
        elts = target.elts
        stars = [k for k, elt in enumerate(elts) if isinstance(elt, gast.Starred)]
        if value.items is None and not stars:
            if isinstance(value.type, (Array, ListOf)):
                value = self.atom(value)
                parts = [
                    self.item(value, self._index(k), _hint(elt), statement) for k, elt in enumerate(elts)
                ]
            else:
                parts = self._opaque_parts(value, len(elts), statement)
        else:
            parts = (
                self.parts(value, statement.value)
                if value.items is not None
                else self._rest(value, elts, stars[0])
            )
        if stars and value.items is not None:
            first, behind = stars[0], len(elts) - stars[0] - 1
            middle = tuple(parts[first : len(parts) - behind])
            starred = self.sequence(list, middle, target)
            parts = [*parts[:first], starred, *parts[len(parts) - behind :]]
        if len(parts) != len(elts):
            raise self.refuse(
                "S105",
                f"{len(parts)} values are unpacked into {len(elts)} names",
                "make them match",
                statement,
            )
        new = [self._part(part, elt) for part, elt in zip(parts, elts)]
        for elt, part in zip(elts, new):
            inner = elt.value if isinstance(elt, gast.Starred) else elt
            if isinstance(inner, gast.Name):
                self.frame.bind(inner.id, part)
            elif isinstance(inner, gast.Subscript):
                self.store(self.visit(inner.value), self.once(self.index(inner.slice)), part, statement)
            elif isinstance(inner, gast.Attribute):
                self.set_attribute(self.visit(inner.value), inner.attr, part, statement)
            else:
                self._unpack(inner, part, statement)

    def _part(self, part: Value, elt: gast.expr) -> Value:
        inner = elt.value if isinstance(elt, gast.Starred) else elt
        return self.assigned(part, inner.id) if isinstance(inner, gast.Name) else part

    def _index(self, k: int) -> Value:
        return Value(Scalar("int", k), constant(k))

    def _opaque_parts(self, value: Value, count: int, statement: gast.stmt) -> list[Value]:
        if value.varied:
            raise self.refuse("S104", "this value cannot be unpacked", "index it", statement)
        known = part_of(value.type)
        whole = self.bind(self.whole(value), Value(known, None, sites=value.sites))
        return [
            Value(known, subscript(self.whole(whole), constant(k)), sites=value.sites) for k in range(count)
        ]

    def _rest(self, value: Value, elts: list[gast.expr], star: int) -> list[Value]:
        """``a, *rest = array``: the star takes a slice."""
        if not isinstance(value.type, Array):
            raise self.refuse("S104", "* takes an unknown number of items here", "use slices", self.at)
        value = self.atom(value)
        behind = len(elts) - star - 1
        parts = [self.item(value, self._index(k), _hint(elts[k]), self.at) for k in range(star)]  # type: ignore[arg-type]
        stop = gast.Constant(-behind, None) if behind else None
        middle = self.index(gast.Slice(constant(star), constant(stop.value) if stop else None, None))
        parts.append(self.item(value, middle, _hint(elts[star]), self.at))  # type: ignore[arg-type]
        for k in range(behind, 0, -1):
            parts.append(self.item(value, Value(Scalar("int", -k), constant(-k)), _hint(elts[-k]), self.at))  # type: ignore[arg-type]
        return parts

    def run_AnnAssign(self, statement: gast.AnnAssign) -> None:
        if statement.value is not None and isinstance(statement.target, gast.Name):
            value = self.visit(statement.value, statement.target.id)
            self.frame.bind(statement.target.id, self.assigned(value, statement.target.id))

    def run_AugAssign(self, statement: gast.AugAssign) -> None:
        target = statement.target
        if isinstance(target, gast.Subscript):
            owner = self.visit(target.value)
            index = self.once(self.index(target.slice))
            if self.site(statement) in self.lessons.read_first:
                old = self.atom(self.item(owner, index, None, statement))
                new = self.binary(statement.op, old, self.visit(statement.value), None, statement)
                self.store(owner, index, new, statement)
                return
            before = self.writes.now
            value = self.visit(statement.value)
            if self.writes.after(before, owner.sites) and self._gives_a_copy(owner, index, statement):
                self.lessons.learn(self.lessons.read_first, self.site(statement))
                raise Rerun
            self._update(owner, index, statement.op, value, statement)
            return
        if isinstance(target, gast.Attribute):
            self._update_attribute(target, statement)
            return
        assert isinstance(target, gast.Name)
        value = self.visit(gast.Name(target.id, gast.Load(), None, None))
        other = self.visit(statement.value)
        made = self._changed_in_place(self.refreshed(value), other, statement)
        if made is None:
            self._check_other_names(value, target.id, statement)
            made = self.binary(statement.op, self.refreshed(value), other, target.id, statement)
        elif made is value:
            return
        self.frame.bind(target.id, self.assigned(made, target.id))

    def _gives_a_copy(self, owner: Value, index: Value, node: gast.AST) -> bool:
        """Whether ``owner[index]`` is a value of its own, and not a view or an object that is changed in place."""
        names = self.names.copy()
        with self.emitting_into([]):
            old = self.item(owner, index, None, node)
        self.names = names
        return isinstance(old.type, (Scalar, Opaque)) or not old.sites & owner.sites

    def _field_hint(self, target: gast.Attribute) -> str:
        """What a field's new value is named after: the object where a variable holds it."""
        held = self.frame.lookup(target.value.id) if isinstance(target.value, gast.Name) else None
        return target.attr if held is None or held.ident is None else f"{held.ident.label}_{target.attr}"

    def _update_attribute(self, target: gast.Attribute, statement: gast.AugAssign) -> None:
        """``obj.field op= value``: what is changed in place is stored again, as Python does."""
        owner = self.visit(target.value)
        value = self.attribute(owner, target.attr, None, target)
        other = self.visit(statement.value)
        made = self._changed_in_place(self.refreshed(value), other, statement)
        if made is None:
            self._check_other_names(value, "", statement)
            made = self.binary(
                statement.op, self.refreshed(value), other, self._field_hint(target), statement
            )
        elif made is value and (owner.is_static or isinstance(owner.type, Array)):
            return
        self.set_attribute(owner, target.attr, made, statement)

    def _changed_in_place(self, value: Value, other: Value, statement: gast.AugAssign) -> Value | None:
        """What the target of ``value op= other`` is then, where the value itself is changed; None where it is not."""
        if isinstance(value.type, Array) and value.type.rank is not None:
            self._update(value, self.everything(), statement.op, other, statement)
            return value
        if isinstance(value.type, ListOf) or (isinstance(value.type, Sequence) and value.type.cls is list):
            self.need_storage(value, statement)
            change = sequences.multiply if isinstance(statement.op, gast.Mult) else sequences.extend
            self.enter(function_of(change, self), [value, other], {}, statement)
            return value
        if isinstance(value.type, (Mapping, DictOf)) and isinstance(statement.op, gast.BitOr):
            self.table_update(value, [other], {}, statement)
            return value
        return self.in_place(statement.op, value, other, statement)

    def _check_other_names(
        self, value: Value, variable: str, statement: gast.stmt, holders: frozenset[Any] = frozenset()
    ) -> None:
        unknown = isinstance(value.type, (Array, Opaque))
        other = self._seen_elsewhere(value, variable, holders) if unknown else None
        if other is not None:
            raise self.refuse(
                "S202", f"an array of a rank that is not known here is updated in place, and {other}",
                "write `x[...] += y`, or `x = x + y` if the other name is to keep its value", statement,
            )  # fmt: skip

    def _seen_elsewhere(self, value: Value, variable: str, holders: frozenset[Any]) -> str | None:
        """What else sees the memory of a variable's value: a number is rebound, an array changes for it too."""
        contents = (held for site, held in self.lessons.contents.items() if site not in holders)
        if value.sites & frozenset().union(*contents):
            return "is kept in a list"
        others = (
            key
            for frame in {id(frame): frame for frame in [*self.frames, self.frame]}.values()
            for key, other in frame.env.items()
            if not (frame is self.frame and key == variable) and other.sites & value.sites
        )
        key = next(others, None)
        return None if key is None else f"has another name, {key}{self._bound_at(key)}"

    def _bound_at(self, key: str) -> str:
        """Where a variable is bound, in words."""
        for body in reversed(self.stack):
            for part in (node for statement in body for node in nodes(statement)):
                if isinstance(part, gast.Name) and part.id == key and not isinstance(part.ctx, gast.Load):
                    return f" (line {part.lineno})"
        return ""

    def everything(self) -> Value:
        """The index ``...``."""
        return Value(Static(Ellipsis), gast.Constant(Ellipsis, None))

    def _update(
        self, owner: Value, index: Value, op: gast.operator, value: Value, statement: gast.stmt
    ) -> None:
        """``owner[index] op= value``."""
        owner = self.given(owner)
        types_ = {key: self.types[key] for key in _reads(index.node) if key in self.types}
        direct = isinstance(owner.type, Array) and isinstance(op, IN_PLACE)
        if direct and not may_repeat(self.index_node(index), types_, index.type):
            self.write(owner, index, value, statement, op)
            return
        whole = (
            isinstance(index.type, Static) and index.type.value is Ellipsis and isinstance(owner.type, Array)
        )
        old = owner if whole else self.item(owner, index, None, statement)
        if isinstance(owner.type, Record):
            made = self._changed_in_place(old, value, statement)  # type: ignore[arg-type]
            made = self.binary(op, old, value, None, statement) if made is None else made
            self.store(owner, index, made, statement)
            return
        held = isinstance(owner.type, (ListOf, Sequence, Mapping, DictOf))
        if held and isinstance(old.type, Array) and old.type.rank is not None:
            self._update(old, self.everything(), op, value, statement)
            return
        if held:
            self._check_other_names(old, "", statement, owner.sites)
        self.store(owner, index, self.binary(op, old, value, None, statement), statement)

    def given(self, value: Value) -> Value:
        """What is written into is not None: it would raise."""
        return self.present(value) if isinstance(value.type, Optional) else value

    def once(self, index: Value) -> Value:
        """An index that is evaluated once, before the store."""
        if index.node is not None and any(isinstance(part, gast.Call) for part in nodes(index.node)):
            return self.atom(index) if not isinstance(index.node, (gast.Slice, gast.Tuple)) else index
        return index

    def store(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        """``owner[index] = value``."""
        owner = self.given(owner)
        if isinstance(owner.type, Record):
            self.call_method(owner, "__setitem__", [index, value], {}, node)
            return
        array = flattened_array(owner)
        if array is not None:
            if isinstance(value.type, Array) and value.sites & array.sites:
                raise self.refuse(
                    "S202", "these values may share memory with the array that `.flat` stores them in",
                    "copy them first (`.copy()`): NumPy reads them while it stores", node,
                )  # fmt: skip
            flat_store(self, array, index, value, node)
            return
        if isinstance(owner.type, (Mapping, DictOf)):
            self.need_table(owner, node)
            self.write_item(owner, index, value, node)
            return
        if isinstance(owner.type, Sequence) and owner.type.cls is list:
            self.need_storage(owner, node)
        if isinstance(owner.type, ListOf) and (
            isinstance(index.type, Opaque) or isinstance(index.known, slice)
        ):
            self._store_slice(owner, index, value, node)
            return
        if isinstance(owner.type, Array) and (value.items is not None or isinstance(value.type, ListOf)):
            value = self.call_known(np.array, [value], {}, None, node)
        self.write(owner, index, value, node, None)

    def _store_slice(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        """``items[a:b] = values``: the list may grow or shrink."""
        if not isinstance(index.node, gast.Slice):
            raise self.refuse("S101", "a store into this slice of a list", "store the items in a loop", node)
        step = _constant_step(index.node.step)
        if step is None:
            raise self.refuse("S101", "a step that is not known here", "store the items in a loop", node)
        whole = gast.Call(
            func=gast.Name("len", gast.Load(), None, None), args=[self.whole(self.atom(owner))], keywords=[]
        )
        places = gast.Call(func=gast.Name("range", gast.Load(), None, None), args=[whole], keywords=[])
        held = self.bind(subscript(places, self.index_node(index)), Value(Opaque(range), None), "places")
        extended = step != 1
        ends = [
            self.bind(
                gast.Attribute(value=self.whole(held), attr=end, ctx=gast.Load()),
                Value(Scalar("int"), None),
                end,
            )
            for end in (("start", "step") if extended else ("start", "stop"))
        ]
        if extended:  # as many items as places
            count = self.bind(call("len", self.whole(held)), Value(Scalar("int"), None), "count")
            self.enter(function_of(sequences.set_places, self), [owner, *ends, count, value], {}, node)
            return
        self.enter(function_of(sequences.set_slice, self), [owner, *ends, value], {}, node)

    def write(
        self, owner: Value, index: Value, value: Value, node: gast.AST, op: gast.operator | None
    ) -> None:
        """A store or, with `op`, an update in place."""
        if not isinstance(owner.type, (Array, ListOf)):
            self._write_elsewhere(owner, index, value, node)
            return
        self.claim(owner, value, node)
        base = self.atom(owner)
        target = subscript(self.whole(base), self.index_node(index), store=True)
        value = self.atom(value) if value.varied else self.ready(value)
        if op is None:
            guard_overlap(self, owner, target, value, node)
        given = self.whole(value)
        if op is not None:
            self.emit(gast.AugAssign(target=target, op=type(op)(), value=given))
        else:
            self.emit(gast.Assign(targets=[target], value=given, type_comment=None))

    def claim(self, owner: Value, value: Value, node: gast.AST) -> None:
        """Note that `value` is written into the memory of `owner`."""
        carries = value.varied and owner.type.is_real and not self.passive
        if (
            carries
            and not owner.varied
            and not self.lessons.fresh
            and owner.sites <= self.lessons.varied_sites
        ):
            raise self.refuse(
                "S108", "this takes a derivative, and what made the memory that it is written into is not followed",
                "make the array here (`np.zeros_like`, `.copy()`) and write into that", node,
            )  # fmt: skip
        for site in owner.sites:
            self._check_writable(site, owner, node)
            self.wrote(site)
            self.lessons.note_write(site, node, self.frame.lines)
            if isinstance(owner.type, ListOf):
                self.lessons.learn_item(site, value)
            if carries:
                self.lessons.learn(self.lessons.varied_sites, site)
            if isinstance(owner.type, ListOf):
                self.check_items(site, node)

    def _check_writable(self, site: Any, owner: Value, node: gast.AST) -> None:
        if is_parameter(site):
            self.lessons.learn(self.lessons.copied, site)
        if isinstance(site, tuple) and site and site[0] == "shared":
            raise self.refuse(
                "S202", "what a recursive function returned may share memory with its arguments, and is written here",
                "copy it (`.copy()`) before writing", node,
            )  # fmt: skip
        if isinstance(site, tuple) and site and site[0] == "held":
            raise self.refuse(
                "S108",
                "what stop_gradient returned is written in place here",
                "copy it (`.copy()`) before writing",
                node,
            )
        if isinstance(site, tuple) and site and site[0] == "global":
            self.write_outside(site, node)

    def _write_elsewhere(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        if value.varied or owner.varied or isinstance(owner.type, (Mapping, Sequence)):
            raise self.refuse(
                "S108",
                "a write into a dict, tuple or object is not supported",
                "use a list or an array",
                node,
            )
        for site in owner.sites:  # what an unknown function gave may be an array
            if not is_parameter(site) and site[:1] != ("global",):
                self.wrote(site)
                self.lessons.note_write(site, node, self.frame.lines)
        target = subscript(self.whole(self.atom(owner)), self.index_node(index), store=True)
        self.emit(gast.Assign(targets=[target], value=self.whole(value), type_comment=None))

    # ---- effects --------------------------------------------------------------------------------
    def run_Expr(self, statement: gast.Expr) -> None:
        if isinstance(statement.value, gast.Constant):
            return
        if isinstance(statement.value, gast.Call) and self._is_effect(statement.value):
            with self.passively():
                value = self.visit(statement.value)
        else:
            value = self.visit(statement.value)
        if value.node is not None and not is_atom(value.node) and not value.varied:
            self.emit(gast.Expr(value=self.whole(value)))

    def _is_effect(self, node: gast.Call) -> bool:
        """Whether a call made for its effect can just run: it cannot write to differentiated memory."""
        path = dotted(node.func)
        root = path.split(".")[0] if path else None
        if path is None or self.frame.lookup(root or "") is not None:
            return False
        if isinstance(node.func, gast.Attribute) and not self.visit(node.func.value).is_static:
            return False
        function = self.visit(node.func)
        if not function.is_static:
            return True
        known = function.known
        if isinstance(known, types.FunctionType) and not is_named(known):
            return False
        if isinstance(known, types.MethodType) and is_record(known.__self__):
            return False
        if rule_of(known) is not None:
            return False
        if known is print or root_of(known) in REPORTING:
            return True
        with self.passively(), self.trying(), self.emitting_into([]):
            args, keywords = self.arguments(node)
        return not any(holds_references(value.type) for value in [*args, *keywords.values()])

    def run_Assert(self, statement: gast.Assert) -> None:
        start, state = len(self.out), self.snapshot()
        with self.passively():
            test = self.as_test(self.visit(statement.test))
        if self.truth(test) is True:
            return
        message = None
        if statement.msg is not None:
            before, moment = len(self.out), self.writes.now
            with self.passively():
                message = self.visit(statement.msg)
            if (
                len(self.out) > before or self.writes.now > moment
            ):  # it is evaluated only where the test fails
                del self.out[start:]
                self.restore(state)
                raised = gast.Raise(exc=call("AssertionError", statement.msg), cause=None)
                branch = gast.If(negated(statement.test), [gast.copy_location(raised, statement)], [])
                self.run_If(gast.copy_location(branch, statement))
                return
        self.emit(gast.Assert(test=self.whole(test), msg=None if message is None else self.whole(message)))

    def run_Raise(self, statement: gast.Raise) -> bool:
        with self.passively():
            raised = self.visit(statement.exc) if statement.exc is not None else None
            cause = self.visit(statement.cause) if statement.cause is not None else None
        self.emit(
            gast.Raise(
                exc=None if raised is None else self.whole(raised),
                cause=None if cause is None else self.whole(cause),
            )
        )
        return True

    def run_Pass(self, statement: gast.Pass) -> None:
        return None

    def run_Nonlocal(self, statement: gast.Nonlocal) -> None:
        return None

    def run_Import(self, statement: gast.Import) -> bool:
        (part,) = statement.names
        module = self._imported(part.name, statement)
        if module is None:
            return True
        variable = part.asname or part.name.split(".")[0]
        if part.asname is None:
            module = sys.modules[variable]
        self.frame.bind(variable, Value(Static(module), self.object_node(module)))
        return False

    def run_ImportFrom(self, statement: gast.ImportFrom) -> bool:
        (part,) = statement.names
        module = self._imported("." * (statement.level or 0) + (statement.module or ""), statement)
        if module is None:
            return True
        if not hasattr(module, part.name):
            with contextlib.suppress(ImportError):
                importlib.import_module(f"{module.__name__}.{part.name}")
        if not hasattr(module, part.name):
            return self._cannot_import(f"cannot import name {part.name!r} from {module.__name__!r}")
        owner = Value(Static(module), self.object_node(module))
        held = self.attribute(owner, part.name, None, statement)
        self.frame.bind(part.asname or part.name, held)
        return False

    def _imported(self, path: str, statement: gast.stmt) -> types.ModuleType | None:
        """The module, imported now: that it was is what an `import` is for."""
        try:
            return importlib.import_module(path, self.frame.globals.get("__package__"))
        except ImportError as error:
            self._cannot_import(str(error))
            return None

    def _cannot_import(self, message: str) -> bool:
        """The import fails where it stands, when the code runs: there it may be caught."""
        error = gast.Call(gast.Name("ImportError", gast.Load(), None, None), [constant(message)], [])
        self.emit(gast.Raise(exc=error, cause=None))
        return True

    def run_FunctionDef(self, statement: gast.FunctionDef) -> None:
        function = Function(
            statement.name, statement.args, statement.body, self.frame, self.defaults_of(statement.args)
        )
        self.frame.bind(statement.name, Value(Static(function), None, function=function))

    # ---- branches -------------------------------------------------------------------------------
    def run_If(self, statement: gast.If) -> bool:
        with self.passively():
            test = self.as_test(self.visit(statement.test))
        truth = self.truth(test)
        if truth is not None:
            return self.run(statement.body if truth else statement.orelse)
        at = self.at
        branches = [self._branch(statement.body), self._branch(statement.orelse)]
        self.at = at
        return self._join_branches(test, branches)

    def _branch(self, statements: list[gast.stmt]) -> Branch:
        before = self.snapshot()
        with self.emitting_into([]) as out:
            left = self.run(statements)
        after = self.snapshot()
        self.restore(before)
        return out, after, left

    def _join_branches(self, test: Value, branches: list[Branch]) -> bool:
        going = [branch for branch in branches if not branch[2]]
        if len(going) == 1:
            self.restore(going[0][1])
        elif going:
            self._merge_envs(going)
        (body, _, _), (orelse, _, _) = branches
        whole = self.whole(test)
        if not body:
            body, orelse, whole = orelse, [], negated(whole)
        if body:
            self.emit(gast.If(test=whole, body=body, orelse=orelse))
        elif any(isinstance(part, gast.Call) for part in nodes(whole)):
            self.emit(gast.Expr(value=whole))
        return not going

    def _merge_envs(self, branches: list[Branch]) -> None:
        (out, env, _), (other_out, other_env, _) = branches
        merged: dict[str, Value] = {}
        self._merge_heaps([heap_of(env), heap_of(other_env)], [out, other_out])
        for key in dict.fromkeys(key for key in [*env, *other_env] if not isinstance(key, Identity)):
            one, other = env.get(key), other_env.get(key)
            if one is other:
                assert one is not None
                merged[key] = one
            else:
                one = None if one is None else self.refreshed(one, env)
                other = None if other is None else self.refreshed(other, other_env)
                merged[key] = self.merge(key, [(one, out), (other, other_out)])
        self.frame.env = merged

    def _merge_heaps(self, heaps: list[Any], outs: list[list[gast.stmt]]) -> None:
        """The fields of all objects after two paths."""
        one, other = heaps
        self.heap = {}  # takes the objects that merging makes
        merged = {}
        for ident in dict.fromkeys([*one, *other]):
            held = [self.refreshed(heap[ident], heap) if ident in heap else None for heap in (one, other)]
            merged[ident] = self._merge_object(ident, list(zip(held, outs)))
        self.heap |= merged

    def _merge_object(self, ident: Identity, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """The fields of one object after several paths."""
        values = [value for value, _ in choices if value is not None]
        if len(values) == 1:
            return partial(values[0], next(out for value, out in choices if value is not None))
        if all(value is values[0] for value in values):
            return values[0]
        tables = [fields_by_name(value) for value in values]
        merged = {}
        for key in dict.fromkeys(key for table in tables for key in table):
            held = [table.get(key) for table in tables]
            item = held[0]
            same = all(other is item for other in held)
            pairs = [(item, out) for item, (_, out) in zip(held, choices)]
            merged[key] = item if same and item is not None else self.merge(f"{ident.label}_{key}", pairs)
        kind = Record(record_of(values[0]).cls, tuple(merged), ())
        return container_of(kind, tuple(merged.values()), values[0].origin).but(ident=ident)

    def merge(self, variable: str, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """One value for what comes from several paths; each path ends with a copy into the merge name."""
        choices = [(value and self.relearnt(value), out) for value, out in choices]
        values = [value for value, _ in choices if value is not None]
        first = values[0]
        if len(values) == 1:
            return partial(first, next(out for value, out in choices if value is not None))
        if all(_same(first, value) for value in values):
            return first
        origins = {value.origin for value in values if isinstance(value.origin, str)}
        if origins & {"conflict", "deleted"}:
            return Value(Opaque(), None, origin="deleted" if origins == {"deleted"} else "conflict")
        if all(value.ident is not None for value in values):
            return self._merge_objects(variable, choices)
        if (
            all(value.items is not None for value in values)
            and len({_structure(value) for value in values}) == 1
        ):
            assert first.items is not None
            items = tuple(
                self.merge(variable, [(None if v is None else v.items[k], out) for v, out in choices])  # type: ignore[index]
                for k in range(len(first.items))
            )
            return rebuilt(first, items)
        grown = self.grew_differently(values)
        if grown is not None:
            return self.named(self.fresh(variable), grown)
        if all(is_function(value) for value in values):
            return self.chosen(variable, choices)
        if any(value.function is not None or value.iteration is not None for value in values):
            return Value(Opaque(), None, origin="conflict")
        if any(
            value.is_static and value.known is not None and not isinstance(value.known, str)
            for value in values
        ):
            return Value(Opaque(), None, origin="conflict")
        joined = self.joined(values)
        if joined.varied and not joined.type.is_real and not isinstance(joined.type, Never):
            return Value(Opaque(), None, origin="conflict")
        for held in values:
            self.held_by_reference(joined.type, held)
        new = self.fresh(variable)
        for value, out in _at_homes(choices):
            self.copy_into(new, value, out)
        return self.named(new, joined.but(homes=_homes(choices)))

    def _merge_objects(self, variable: str, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """One of several objects: of one class, and with fields that can be told apart only when the code runs."""
        values = [value for value, _ in choices if value is not None]
        model = values[0]
        if not all(has_same_fields(value, model) for value in values):
            return Value(Opaque(), None, origin="conflict")
        fields = [(None if value is None else fields_by_name(value), out) for value, out in choices]
        items = tuple(
            self.merge(f"{base(variable)}_{key}", [(None if f is None else f[key], out) for f, out in fields])
            for key in record_of(model).keys
        )
        return self.united(record_of(model), items, base(variable), values)

    def held_by_reference(self, known: Type, value: Value) -> None:
        """A list or dict kept in parts that meets a run-time one is one too: learn that."""
        if isinstance(known, (ListOf, DictOf)) and value.items is not None and value.origin is not None:
            if isinstance(value.type, Mapping) or is_list_of_parts(value):
                self.lessons.learn(self.lessons.storage, value.origin)

    def chosen(self, variable: str, choices: list[tuple[Value | None, list[gast.stmt]]]) -> Value:
        """One of several functions: each path notes the number of its own."""
        new = self.fresh(f"{base(variable)}_choice")
        functions: list[Value] = []
        numbers: list[tuple[Value | None, list[gast.stmt]]] = []
        for value, out in choices:
            if value is None:
                numbers.append((None, out))
                continue
            first, several = len(functions), value.choices is not None
            functions.extend(value.choices or (value,))
            number: gast.expr = constant(first)
            if several:
                number = binary(clone(value.node), gast.Add, number) if first else clone(value.node)
            numbers.append((Value(Scalar("int"), number, homes=value.homes if several else None), out))
        for number, out in _at_homes(numbers):
            self.copy_into(new, number, out)
        named = self.named(new, Value(Scalar("int"), None))
        return Value(Opaque(), named.node, choices=tuple(functions), homes=_homes(numbers))

    def grew_differently(self, values: list[Value]) -> Value | None:
        """A list that has different lengths on different paths must be a run-time list: learn that.

        The run that learns it goes on with such a list, to learn what it can of the rest.
        """
        first = values[0]
        if any(value.items is not None and value.ident is None and holds_objects(value) for value in values):
            self.unroll()
        if (
            is_list_of_parts(first)
            and all(v.items is not None and v.origin == first.origin for v in values)
            and first.origin is not None
        ):
            self.lessons.learn(self.lessons.storage, first.origin)
            if not self.lessons.fresh:
                raise Rerun
            lists = [self.relearnt(value) for value in values]
            return lists[0].but(type=lists[-1].type, varied=any(value.varied for value in lists))
        return None

    def joined(self, values: list[Value]) -> Value:
        """What is known of a value that is one of several."""
        known = values[0].type
        for value in values[1:]:
            known = join(known, value.type)
        sites = frozenset().union(*(value.sites for value in values))
        return Value(known, None, any(value.varied for value in values), sites=sites)

    def copy_into(self, new: str, value: Value, out: list[gast.stmt]) -> None:
        """Append ``new = value``, before a `break` that ends the statements; only where the value is assigned."""
        if value.homes is not None:
            for home in value.homes:
                self.copy_into(new, value.but(homes=None), home)
            return
        for end in tails(out):
            tail = [end.pop()] if end and isinstance(end[-1], gast.Break) else []
            with self.emitting_into(end):
                held = self.atom(value, new) if value.varied or value.items is not None else value
                self.emit(assign(new, self.whole(held.but(items=None) if held.node is not None else held)))
            end.extend(tail)

    def _of_branch(self, branch: Any, hint: str | None) -> Value:
        """What a branch gives: a value, an expression, or what is to be done."""
        if isinstance(branch, Value):
            return branch
        return self.visit(branch, hint) if isinstance(branch, gast.AST) else branch()

    def choose(self, test: Value, branches: tuple[Any, Any], hint: str | None) -> Value:
        """``a if test else b`` as an `if` statement."""
        before, values = self.snapshot(), []
        ends: list[Branch] = []
        for branch in branches:
            self.restore(before)
            with self.emitting_into([]) as out:
                values.append(read(self.refreshed(self._of_branch(branch, hint))))
            ends.append((out, self.snapshot(), False))
        self._merge_envs(ends)
        outs = [out for out, _, _ in ends]
        merged = self.merge(hint or "t", list(zip(values, outs)))
        if outs[0] or outs[1]:
            body, orelse, whole = outs[0], outs[1], self.whole(test)
            if not body:
                body, orelse, whole = orelse, [], negated(whole)
            self.emit(gast.If(test=whole, body=body, orelse=orelse))
        return merged


def heap_of(state: Any) -> dict[Identity, Value]:
    """The objects of a snapshot."""
    return {key: value for key, value in state.items() if isinstance(key, Identity)}


def partial(value: Value, out: list[gast.stmt]) -> Value:
    """A value that is assigned on one of two paths only."""
    if value.items is not None:
        return value.but(items=tuple(partial(item, out) for item in value.items))
    return value.but(homes=value.homes or (out,)) if value.node is not None else value


def read(value: Value) -> Value:
    """A value that an expression has read: there, it is assigned."""
    if value.items is not None:
        items = tuple(map(read, value.items))
        return value if all(map(operator.is_, items, value.items)) else value.but(items=items)
    return value if value.homes is None else value.but(homes=None)


def _homes(choices: list[tuple[Value | None, list[gast.stmt]]]) -> tuple[list[gast.stmt], ...] | None:
    """Where a merged value is assigned, if not everywhere."""
    if all(value is not None and value.homes is None for value, _ in choices):
        return None
    return tuple(out for _, out in _at_homes(choices))


def _at_homes(choices: list[tuple[Value | None, list[gast.stmt]]]) -> list[tuple[Value, list[gast.stmt]]]:
    """Each value with the blocks after which it is assigned; a block that several share, once: it holds one value."""
    found: dict[int, tuple[Value, list[gast.stmt]]] = {}
    for value, out in choices:
        if value is not None:
            held = (
                value if value.homes is None else value.but(homes=None)
            )  # a part of a parameter stays itself
            for home in value.homes or (out,):
                found.setdefault(id(home), (held, home))
    return list(found.values())


def tails(out: list[gast.stmt]) -> list[list[gast.stmt]]:
    """Where to append so that a `break` stays in tail position: the ends that do not leave."""
    last = out[-1] if out else None
    if isinstance(last, gast.If) and breaks([last]):
        ends = [*tails(last.body), *tails(last.orelse)]
        return [end for end in ends if not (end and isinstance(end[-1], (gast.Break, gast.Raise)))]
    if isinstance(last, gast.With) and breaks([last]):
        return tails(last.body)
    return [out]


def breaks(statements: list[gast.stmt]) -> bool:
    """Whether statements hold a `break` of the loop they stand in."""
    for statement in statements:
        if isinstance(statement, gast.Break):
            return True
        if isinstance(statement, (gast.If, gast.With)):
            if breaks(statement.body) or breaks(getattr(statement, "orelse", [])):
                return True
    return False


def negated(test: gast.expr) -> gast.expr:
    """``not test``."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    return gast.UnaryOp(op=gast.Not(), operand=test)


def _same(one: Value, other: Value) -> bool:
    if one is other:
        return True
    if one.ident is not None or other.ident is not None:
        return one.ident is other.ident
    if one.is_static and other.is_static:
        return one.type == other.type
    if one.function is not None or other.function is not None:
        return one.function is other.function and one.function is not None
    if isinstance(one.node, gast.Name) and isinstance(other.node, gast.Name) and one.items is None:
        return one.node.id == other.node.id and one.type == other.type
    return False


def _structure(value: Value) -> Any:
    if value.items is None:
        return None
    if value.ident is not None:
        return "object"
    head = value.type.keys if isinstance(value.type, Mapping) else (value.type.cls, len(value.items))  # type: ignore[attr-defined]
    return (head, tuple(_structure(item) for item in value.items))


def _same_base(identifier: str, variable: str) -> bool:
    from s2sad.names import base

    return base(identifier) == variable


def _hint(elt: gast.expr) -> str | None:
    inner = elt.value if isinstance(elt, gast.Starred) else elt
    return inner.id if isinstance(inner, gast.Name) else None


def _reads(node: Any) -> set[str]:
    from s2sad.tree.build import names_in

    return names_in(node) if node is not None else set()


def _constant_step(node: gast.expr | None) -> int | None:
    """The step of a slice: 1 where there is none, None where it is not known."""
    sign = 1
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        sign, node = -1, node.operand
    if node is None or (isinstance(node, gast.Constant) and node.value is None):
        return 1
    return sign * node.value if isinstance(node, gast.Constant) and isinstance(node.value, int) else None


__all__ = ["NO_VALUE", "Never", "Rerun", "Statements", "name", "without_value"]
