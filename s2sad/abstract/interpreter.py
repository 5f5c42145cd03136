"""One function, interpreted with the types of its arguments, until nothing new is learnt."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import MAX_ROUNDS, Callee, frame_of, renumber
from s2sad.abstract.functions import function_of
from s2sad.abstract.hooks import Hook
from s2sad.abstract.objects import spelled
from s2sad.abstract.packing import packed, taken_in
from s2sad.abstract.state import Lessons, Rerun, parameter, same_object, short
from s2sad.abstract.tries import Tries
from s2sad.abstract.values import (
    Frame,
    Function,
    Value,
    container_of,
    holds_references,
    is_atom,
    is_parameter,
)
from s2sad.errors import AmbiguousAlias
from s2sad.rules import fresh as fresh_dims
from s2sad.runtime.layout import duplicate
from s2sad.signature import (
    Array,
    ListOf,
    Optional,
    Record,
    Scalar,
    Sequence,
    Type,
    Veiled,
    item_type,
    without_none,
)
from s2sad.signature import Mapping as MappingOf
from s2sad.tree.build import assign, call, clone, constant, name, names_in, path, target
from s2sad.tree.dataflow import assigned, statements_in
from s2sad.tree.parts import nodes as nodes_of
from s2sad.tree.scopes import is_generator

MAX_RUNS = 400


@dataclass(frozen=True)
class Interpreted:
    """What interpretation gives: typed core, and facts about its names."""

    args: gast.arguments
    body: tuple[gast.stmt, ...]
    types: Mapping[str, Type]
    varied: frozenset[str]
    sites: Mapping[str, frozenset[Any]]
    contents: Mapping[Any, frozenset[Any]]
    written: frozenset[Any]
    objects: Mapping[str, Any]
    dependencies: Mapping[str, Type]
    inputs: Mapping[str, Value]
    leaves: Mapping[Value, str]
    result: Value
    calls: Mapping[str, Callee]
    paths: dict[str, Any]
    copied: bool = False
    """Whether it writes to its arguments: the core writes to copies."""
    inner_guards: tuple[Any, ...] = ()
    hooks: tuple[Hook, ...] = ()
    plans: Mapping[str, Any] = field(default_factory=dict)
    outside: tuple[Any, ...] = ()
    """What it reads from outside, and the calls that just run, as `Outside` has them."""

    @property
    def unsure(self) -> frozenset[str]:
        """The parameters that may be None."""
        return frozenset(key for key, value in self.inputs.items() if isinstance(value.type, Optional))

    def leaf(self, value: Value) -> str | None:
        """The name under which a part of a parameter is read, in whichever value of the interpreter it was found."""
        for other, key in self.leaves.items():
            if other is value or (other.items is None and other.node is value.node is not None):
                return key
        return None

    def object_node(self, value: Any) -> gast.expr:
        """The path by which the core reaches an object."""
        return path(next(key for key, known in self.objects.items() if same_object(known, value)))


def interpret(
    function: Any, signature: Mapping[str, Type], wrt: tuple[str, ...], taken: frozenset[str] = frozenset(),
    closed: bool = False, mixed: bool = False,
) -> Interpreted:  # fmt: skip
    """Interpret a Python function for one signature; `wrt` names the differentiated parameters.

    Names in `taken` are not given to callees.  With `closed`, what is emitted will be differentiated itself.  With
    `mixed`, small functions may be differentiated forward inside a reverse sweep.
    """
    lessons = Lessons()
    lessons.closed, lessons.mixed = closed, mixed
    for _ in range(MAX_RUNS):
        lessons.fresh = False
        fresh_dims.reset()
        run = _Run(lessons, function)
        run.callees.names |= taken
        try:
            interpreted = run.interpret(signature, wrt)
        except Rerun:
            continue
        except Exception:
            # a run that has learnt something goes on with what it knew before, and is thrown away however it ends:
            # what is refused in it, or fails, may be fine once all is known
            if lessons.fresh:
                continue
            raise
        if not lessons.fresh:
            return interpreted
    raise AssertionError("interpretation does not settle")


class _Run(Tries):
    """One run."""

    def __init__(self, lessons: Lessons, function: Any) -> None:
        super().__init__(lessons, Frame("", {}, {}))
        self.checkpoint = False
        self.inputs: dict[str, Value] = {}
        self.given_objects: dict[Any, Value] = {}
        self.renamed: dict[Value, Value] = {}
        self.written_parameters: dict[str, Value] = {}
        self.parameters = set()
        self.function: Function = function if isinstance(function, Function) else function_of(function, self)

    def interpret(self, signature: Mapping[str, Type], wrt: tuple[str, ...]) -> Interpreted:
        function = self.function
        outer = function.frame
        self.frame = Frame(outer.filename, outer.lines, outer.globals, outer.cells, None, ())
        self.parameters = set(signature)
        inputs: dict[str, Value] = {}
        for key, known in signature.items():
            inputs[key] = self._parameter(key, known, key in wrt)
            self.frame.env[key] = self.adopted(self._stored(inputs[key]))
        self.stack.append(function.body)
        if is_generator(function.body):
            raise self.refuse(
                "S101", f"{function.name} is a generator function: it has no single result to differentiate",
                "return the values in a list or a tuple", function.body[0],
            )  # fmt: skip
        self.share(self.frame, function, gast.Pass())
        self.entered.append(frozenset())
        self.copy_captures()
        result = self.refreshed(self.run_body(function.body))
        self.finished = True
        if not self.lessons.fresh:
            self.check_outside()
        returned = self._returned(result)
        statement = gast.Return(value=self.whole(returned))
        self.emit(statement)
        body = without_dead_copies([*self.guards(inputs), *self.entry, *self.out])
        renumber(body, self.calls, self.objects, self.callees.names)
        return Interpreted(
            function.args, body, self.types,
            frozenset(self.varied), self.sites,
            self.lessons.contents, frozenset(self.lessons.written), self.objects, self.dependencies, inputs,
            self.leaves, returned, self.calls, self.callees.paths,
            bool(self.lessons.copied or self.lessons.storage), tuple(self.inner_guards), tuple(self.hooks), self.plans,
        )  # fmt: skip

    # ---- guards ---------------------------------------------------------------------------------
    def guards(self, inputs: Mapping[str, Value]) -> list[gast.stmt]:
        """Arguments that share memory are refused when the code runs, where the primal writes into one of them."""
        outside = self.captures.values() if self.copies else ()
        arrays = [
            leaf for value in (*inputs.values(), *map(self._opened, outside)) for leaf in _arrays_of(value)
        ]
        written = [self._is_copied(leaf) for leaf in arrays]
        pairs = [(j, k) for k in range(len(arrays)) for j in range(k) if written[j] or written[k]]
        return [*self._identity_guards(inputs), *(self._guard(arrays[j], arrays[k]) for j, k in pairs)]

    def _identity_guards(self, inputs: Mapping[str, Value]) -> list[gast.stmt]:
        """Two arguments that are one object are refused, where the primal changes it under one of the names."""
        found = [obj for value in inputs.values() for obj in _objects_of(value)]
        changed = [obj.origin in self.lessons.changed for obj in found]
        guards: list[gast.stmt] = []
        for k, one in enumerate(found):
            for j in range(k):
                other = found[j]
                if one.type.cls is not other.type.cls or not (changed[j] or changed[k]):  # type: ignore[attr-defined]
                    continue
                nodes = [spelled(other.origin), spelled(one.origin)]
                both = f"{gast.unparse(nodes[0])} and {gast.unparse(nodes[1])}"
                write = self.lessons.line_of_write({one.origin, other.origin}) or "it"
                text = f"{both} are one object, and {write} changes it under one of the names: pass a copy"
                error = call(self.object_node(AmbiguousAlias), constant(text))
                test = gast.Compare(left=nodes[0], ops=[gast.Is()], comparators=[nodes[1]])
                guards.append(gast.If(test=test, body=[gast.Raise(exc=error, cause=None)], orelse=[]))
        return guards

    def _is_copied(self, leaf: Value) -> bool:
        return bool(self._origins(leaf) & self.lessons.copied)

    def _origins(self, leaf: Value) -> set[Any]:
        """The sites under which a part of an argument may have been written."""
        origins = {leaf.origin, leaf.origin[0]} if isinstance(leaf.origin[0], tuple) else {leaf.origin}
        return {*origins, *((*origin, "item") for origin in origins)}

    def _guard(self, one: Value, other: Value) -> gast.stmt:
        nodes = [spelled(one.origin), spelled(other.origin)]
        test = call(self.object_node(np.shares_memory), *nodes)
        error = call(self.object_node(AmbiguousAlias), constant(self._told([one, other], nodes)))
        return gast.If(test=test, body=[gast.Raise(exc=error, cause=None)], orelse=[])

    def _told(self, leaves: list[Value], nodes: list[gast.expr]) -> str:
        """What is wrong with two arguments that share memory: the statement that uses each, and the way out."""
        paths = [gast.unparse(node) for node in nodes]
        uses = [self._use(leaf, path) for leaf, path in zip(leaves, paths)]
        way = f"{'pass' if self._is_given(paths[0]) else 'make'} a copy of one of them (`{paths[0]}.copy()`)"
        return f"{paths[0]} and {paths[1]} share memory: {uses[0]}, and {uses[1]}; {way}"

    def _use(self, leaf: Value, path: str) -> str:
        """The statement that writes into an argument, else the first one that reads it."""
        written = self.lessons.line_of_write(self._origins(leaf))
        if written:
            return f"{written} writes into {path}"
        root = _root(path)
        for part in self.function.body:
            lines = [n.lineno for n in nodes_of(part) if isinstance(n, gast.Name) and n.id == root]
            if lines:
                return f"line {min(lines)} reads {path} (`{short(self.frame.lines.get(min(lines), ''))}`)"
        return (
            f"{path} is an argument too" if self._is_given(path) else f"{path} lives outside of the function"
        )

    def _is_given(self, path: str) -> bool:
        """Whether a path is an argument or a part of one."""
        return _root(path) in self.parameters

    # ---- callees --------------------------------------------------------------------------------
    def settle(self, callee: Callee, node: gast.AST) -> None:
        """Interpret a callee until its result is known."""
        for _ in range(MAX_ROUNDS):
            before = set(self.callees.known)
            core = self._callee_core(callee)
            if callee.result is not None and _same_result(callee.result, core.result):
                callee.core, callee.open = core, False
                self.dependencies.update(core.dependencies)
                self.inner_guards.extend(core.inner_guards)
                self.take_in(callee.function.name, *core.outside)
                return
            callee.result = core.result
            for key in set(self.callees.known) - before:
                del self.callees.known[key]
        raise self.refuse(
            "S106",
            f"the type of what {callee.function.name} returns cannot be found",
            "write it as a loop",
            node,
        )

    def _callee_core(self, callee: Callee) -> Interpreted:
        lessons = Lessons()
        for _ in range(MAX_RUNS):
            lessons.fresh = False
            lessons.closed = self.lessons.closed
            lessons.mixed = self.lessons.mixed and not callee.forward
            lessons.recursive |= self.lessons.recursive | {id(callee.function.body)}
            run = _Run(lessons, callee.function)
            run.callees = self.callees
            try:
                core = run.interpret_callee(callee)
            except Rerun:
                if any(site[:1] == ("parameter",) for site in lessons.storage if isinstance(site, tuple)):
                    self.at = run.at
                    run._check_writes(callee)
                continue
            except Exception:
                if lessons.fresh:  # thrown away, as in `interpret`
                    continue
                raise
            if not lessons.fresh:
                return core
        raise AssertionError("interpretation of a callee does not settle")

    def interpret_callee(self, callee: Callee) -> Interpreted:
        """The core of a callee, whose parameters are numbers and arrays."""
        self.frame = frame_of(callee.function, callee.env)
        self.parameters = set(callee.leaves)
        inputs: dict[str, Value] = {}
        self.stack.append(callee.function.body)
        self.checkpoint, self.is_callee = callee.checkpoint, True
        self.inputs = inputs
        for key, value in list(callee.env.items()):
            made = self._callee_parameter(value, inputs)
            if not self.checkpoint:
                made = self.adopted(made, "an argument of a recursive function")
            self.frame.env[key] = made
        before = [(frame, key, frame.env[key]) for frame, key, _ in callee.captures]
        try:
            for frame, key, value in callee.captures:
                frame.env[key] = self._callee_parameter(value, inputs)
            result = self.refreshed(self.run_body(callee.function.body))
        finally:
            for frame, key, value in before:
                frame.env[key] = value
        if not self.lessons.fresh:
            self._check_writes(callee)
            self.check_outside()
        callee.written = tuple(self.written_parameters)
        callee.packing = packed(self, result) if self.checkpoint else None
        callee.finals, callee.renamed = dict(self.written_parameters), self.renamed
        if callee.packing is not None:
            result = callee.packing.returned
        elif callee.written:
            finals = tuple(self.written_parameters.values())
            callee.silent = result.is_static and result.known is None
            result = container_of(Sequence(tuple, ()), finals if callee.silent else (result, *finals))
        returned = self._returned(result)
        self.emit(gast.Return(value=self.whole(returned)))
        args = gast.arguments(
            args=[gast.Name(key, gast.Param(), None, None) for key in callee.leaves], posonlyargs=[], vararg=None,
            kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[],
        )  # fmt: skip
        return Interpreted(
            args, without_dead_copies([*self.entry, *self.out]), self.types, frozenset(self.varied), self.sites,
            self.lessons.contents,
            frozenset(self.lessons.written), self.objects, self.dependencies, inputs, self.leaves, returned, self.calls,
            self.callees.paths, inner_guards=tuple(self.inner_guards), hooks=tuple(self.hooks), plans=self.plans,
            outside=(self.read_arrays(), self.touched, self.kept_alive, self.acts),
        )  # fmt: skip

    def _check_writes(self, callee: Callee) -> None:
        """A checkpoint may write into arrays that it is given; what else a callee writes into is refused."""
        what = (
            "is a checkpoint, and changes a list or dict" if callee.checkpoint else "calls itself, and writes"
        )
        others = {("parameter", key) for key in self.written_parameters}
        changed = {site for site in self.lessons.storage | self.lessons.written if is_parameter(site)}
        if (self.lessons.copied | changed) - others:
            raise self.refuse(
                "S108", f"{callee.function.name} {what} that it is given",
                "bind a new one instead, and return it", self.at,
            )  # fmt: skip

    def _callee_parameter(self, value: Value, inputs: dict[str, Value]) -> Value:
        if value.items is not None:
            if value.ident in self.given_objects:
                return self.given_objects[value.ident]
            self.handed_in.add(value.origin)
            items = tuple(self._callee_parameter(item, inputs) for item in value.items)
            if value.ident is not None and self.checkpoint:
                return taken_in(self, value, items)
            return value.but(items=items)
        if isinstance(value.node, gast.Name) and value.origin == ("parameter", value.node.id):
            key = value.node.id
            self.names.reserve(key)
            self.types[key] = without_none(value.type)
            self.sites[key] = value.sites
            if value.varied:
                self.varied.add(key)
            inputs[key] = value
            if isinstance(value.type, ListOf) and holds_references(value.type.item):
                item = (*value.origin, "item")
                self.lessons.learn_contents(value.origin, frozenset([item]))
                if isinstance(value.type.item, ListOf):
                    self.lessons.learn_contents(item, frozenset([item]))
            if self.checkpoint and value.origin in self.lessons.copied and isinstance(value.type, Array):
                del self.sites[key]
                varied = value.varied or (value.origin in self.lessons.varied_sites and value.type.is_real)
                self.written_parameters[key] = self._copied(value.but(varied=varied), key)
                return self.written_parameters[key]
        if value.is_static and (callable(value.known) or isinstance(value.known, types.ModuleType)):
            return value.but(
                node=self.object_node(
                    value.known, value.origin if isinstance(value.origin, str) else "function"
                )
            )
        return value

    def _returned(self, value: Value) -> Value:
        """The result, each differentiated part of it under a name."""
        if isinstance(value.type, Record) and value.items is not None:
            return self._returned_object(value)
        if value.items is not None:
            return value.but(items=tuple(self._returned(item) for item in value.items), node=None)
        if value.function is not None or value.iteration is not None or value.node is None:
            raise self.refuse("S107", "a function or iterator is returned", "return numbers or arrays")
        if value.type == Veiled():
            raise self.refuse(
                "S205", "the result was made of text, or an exception, that was made of a differentiated value",
                "use the number itself; or, if it is meant to be constant, `s2sad.stop_gradient` of it",
            )  # fmt: skip
        return self.atom(value, "result")

    def _returned_object(self, value: Value) -> Value:
        """An object that is returned: the caller's own where it was not changed."""
        assert value.items is not None
        items = tuple(item if self._is_kept(item) else self._returned(item) for item in value.items)
        if value.ident is not None and value.ident.base is not None:
            first = value.ident.items[: len(items)]
            value.ident.items = tuple(
                new if old is was else was for new, old, was in zip(items, value.items, first)
            )
        held = value.but(items=items, node=None)
        return held.but(node=self.whole_object(held))

    def _is_kept(self, item: Value) -> bool:
        """Whether a field goes back as it came: what is no number stays in the object."""
        return item.items is None and not item.varied and item.node is not None and not item.type.is_real

    def _opened(self, value: Value) -> Value:
        """What lives outside, with its parts."""
        assert value.node is not None
        return parameter(value.type, value.node, False, value.origin, self.object_node)

    def _parameter(self, key: str, known: Type, varied: bool) -> Value:
        site = ("parameter", key)
        self.names.reserve(key)
        self.types[key] = known
        if (
            site in self.lessons.storage
            and isinstance(known, Sequence)
            and not any(i.is_container for i in known.items)
        ):
            return self._copied_list(key, known, varied, site)
        value = self._with_objects(parameter(known, name(key), varied, site, self.object_node))
        if value.varied:
            self.varied.add(key)
        if value.items is None and not value.is_static:
            if site in self.lessons.copied and not isinstance(value.type, Scalar):
                return self._copied(self._as_written(value), key)
            self.sites[key] = value.sites
        return value

    def _as_written(self, value: Value) -> Value:
        """An array of a parameter that is not differentiated carries a derivative once one is written into it."""
        written = value.type.is_real and bool(value.sites & self.lessons.varied_sites)
        return value.but(varied=True) if written and not value.varied else value

    def _stored(self, value: Value) -> Value:
        """A parameter as its function holds it: what is changed in place is made anew, arrays and containers."""
        if value.items is None:
            held = self._as_written(value)
            written = held.origin in self.lessons.copied and isinstance(held.type, Array)
            return self._leaf(held, None) if written and not held.varied and not is_atom(held.node) else held
        items = tuple(self._stored(item) for item in value.items)
        if value.origin in self.lessons.storage:
            if isinstance(value.type, MappingOf):
                keys = [self.key(key) for key in value.type.keys]
                return self.table(value.origin, list(zip(keys, items)))
            return self.storage(value.origin, list(items), None)
        if any(map(self._is_made_anew, items)):  # the caller's container holds the caller's arrays
            return container_of(value.type, items, value.origin)
        return value

    def _is_made_anew(self, value: Value) -> bool:
        if value.items is not None:
            return value.node is None
        return value.origin in self.lessons.copied or value.origin in self.lessons.storage

    def _with_objects(self, value: Value) -> Value:
        """Functions and modules that are passed along are called by their own paths."""
        if value.origin in self.lessons.copied:
            value = value.but(sites=frozenset([("copied", value.origin)]))
        if value.items is not None:
            return value.but(items=tuple(self._with_objects(item) for item in value.items))
        if value.is_static and (callable(value.known) or isinstance(value.known, types.ModuleType)):
            return value.but(node=self.object_node(value.known))
        return value

    def _copied(self, value: Value, key: str) -> Value:
        """A parameter that is written to is copied on entry: the caller's array is never touched."""
        new = self.fresh(key)
        self.entry.append(assign(new, self.copy_of(clone(value.node), value.sites | {value.origin})))
        return self.named(new, value)

    def copy_of(self, node: Any, sites: frozenset[Any]) -> gast.expr:
        """A copy of an array; one that is reshaped lies in memory as the caller's does, so that views stay views."""
        if sites & self.lessons.reshaped:
            return call(self.object_node(duplicate), node)
        return gast.Call(gast.Attribute(node, "copy", gast.Load()), [], [])

    def _copied_list(self, key: str, known: Type, varied: bool, site: Any) -> Value:
        assert isinstance(known, Sequence)
        for item in known.items:
            self.lessons.learn_item(site, Value(item, sites=frozenset([(*site, "item")])))
        new = self.fresh(key)
        self.entry.append(assign(new, self._list_copy(name(key), item_type(known), site)))
        if varied and known.is_real:
            self.varied.add(key)
        varied = varied or site in self.lessons.varied_sites
        kind = ListOf(self.lessons.items.get(site, item_type(known)))
        return self.named(
            new, Value(kind, None, varied and known.is_real, sites=frozenset([site]), origin=site)
        )

    def _list_copy(self, node: gast.expr, item: Type, site: Any) -> gast.expr:
        """A list that shares nothing with the caller's; arrays in it are copied if they may be written."""
        if not isinstance(item, Array) or not {site, (*site, "item")} & self.lessons.copied:
            return call("list", node)
        element = self.fresh("v")
        self.types[element] = item
        copied = self.copy_of(name(element), frozenset([site, (*site, "item")]))
        each = gast.comprehension(target=target(element), iter=node, ifs=[], is_async=0)
        return gast.ListComp(elt=copied, generators=[each])

    def _leaf(self, value: Value, hint: str | None) -> Value:
        first = id(value.node) not in self.leaf_names
        held = super()._leaf(value, hint)
        if first and value.origin in self.lessons.copied and isinstance(value.type, Array):
            statement = self.entry[-1]
            assert isinstance(statement, gast.Assign)
            statement.value = self.copy_of(statement.value, value.sites | {value.origin})
        return held


def without_dead_copies(body: list[gast.stmt]) -> tuple[gast.stmt, ...]:
    """The body without merge copies into names that nothing reads."""
    sources: dict[str, set[str]] = {}
    live: set[str] = set()
    for statement in body:
        for part in statements_in(statement):
            if _is_copy(part):
                sources.setdefault(part.targets[0].id, set()).add(part.value.id)
            else:
                live |= _read_here(part)
    stack = list(live)
    while stack:
        for source in sources.get(stack.pop(), ()):
            if source not in live:
                live.add(source)
                stack.append(source)
    return tuple(_swept(body, live))


def _is_copy(node: Any) -> bool:
    return (
        isinstance(node, gast.Assign)
        and isinstance(node.targets[0], gast.Name)
        and isinstance(node.value, gast.Name)
    )


def _read_here(statement: gast.stmt) -> set[str]:
    """Names that a statement itself reads, its blocks aside."""
    if assigned(statement) is not None:
        return names_in(statement.value)  # type: ignore[attr-defined]
    found: set[str] = set()
    for key, part in statement.__dict__.items():
        if key in ("body", "orelse"):
            continue
        if key in ("target", "targets"):
            parts = part if isinstance(part, list) else [part]
            found |= names_in([p for p in parts if not isinstance(p, gast.Name)])
        else:
            found |= names_in(part)
    return found


def _swept(block: list[gast.stmt], live: set[str]) -> list[gast.stmt]:
    out = []
    for statement in block:
        if _is_copy(statement) and statement.targets[0].id not in live:  # type: ignore[attr-defined]
            continue
        for part in ("body", "orelse"):
            inner = getattr(statement, part, None)
            if isinstance(inner, list):
                inner[:] = _swept(inner, live)
        if isinstance(statement, gast.If) and not statement.body:
            if not statement.orelse:
                if any(isinstance(part, gast.Call) for part in nodes_of(statement.test)):
                    out.append(gast.copy_location(gast.Expr(value=statement.test), statement))
                continue
            statement.body, statement.orelse = statement.orelse, []
            statement.test = gast.UnaryOp(op=gast.Not(), operand=statement.test)
        if isinstance(statement, (gast.For, gast.While, gast.With, gast.Try)) and not statement.body:
            statement.body = [gast.copy_location(gast.Pass(), statement)]
        out.append(statement)
    return out


def _root(path: str) -> str:
    """The name that a path begins with."""
    return path.split(".")[0].split("[")[0]


def _arrays_of(value: Value) -> list[Value]:
    """The arrays in a parameter."""
    if value.items is not None:
        return [leaf for item in value.items for leaf in _arrays_of(item)]
    if isinstance(value.type, ListOf) and isinstance(value.type.item, Array):
        return []
    return [value] if isinstance(value.type, Array) and value.type.shape != () else []


def _objects_of(value: Value) -> list[Value]:
    """The objects of user classes in a parameter."""
    own = [value] if isinstance(value.type, Record) else []
    return own + [obj for item in value.items or () for obj in _objects_of(item)]


def _same_result(one: Value, other: Value) -> bool:
    if one.items is not None or other.items is not None:
        if one.items is None or other.items is None or len(one.items) != len(other.items):
            return False
        return all(_same_result(a, b) for a, b in zip(one.items, other.items))
    return _settled_type(one.type) == _settled_type(other.type) and one.varied == other.varied


def _settled_type(known: Type) -> Type:
    """The type without the symbols of its sizes, which differ from run to run."""
    if isinstance(known, Array) and known.shape is not None:
        return Array(known.dtype, tuple(1 if size == 1 else 0 for size in known.shape))
    return known


__all__ = ["Interpreted", "Scalar", "interpret"]
