"""Functions that a call enters, runs as they are, or leaves functions of their own."""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import types
from collections.abc import Callable
from typing import Any

import gast

from s2sad.abstract import late, modelled, shared
from s2sad.abstract.callees import Callee, Emitted, captured, flattened, functions_in, seen_outside, shape_key
from s2sad.abstract.containers import Containers
from s2sad.abstract.functions import carries, function_of
from s2sad.abstract.generators import check_ends, generator
from s2sad.abstract.mixed import forward_call
from s2sad.abstract.objects import holds_objects
from s2sad.abstract.outside import ADVICE
from s2sad.abstract.state import RAISED, Raised, Rerun
from s2sad.abstract.values import (
    Frame,
    Function,
    Identity,
    Value,
    Yielded,
    container_of,
    holds_references,
    is_atom,
)
from s2sad.rules.record import Ruled, rule_of
from s2sad.rules.skeleton import path_of, suggestion
from s2sad.rules.typing import result_type
from s2sad.runtime import sequences
from s2sad.runtime.checkpoints import checkpoint
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Scalar,
    Sequence,
    Static,
    Type,
    Veiled,
    is_text,
    is_veiled,
    item_type,
)
from s2sad.tree.build import constant, dotted, names_in
from s2sad.tree.scopes import declared, is_generator, owned, written_inside

FOLDS = {builtins.sum: sequences.sum_of, builtins.max: sequences.max_of, builtins.min: sequences.min_of}
"""Builtins over containers, and the plain Python functions that stand in for them."""
_LOOKING_UP = frozenset(["get", "setdefault", "pop", "index", "count", "find", "startswith", "endswith"])
"""Methods that only compare their argument with what they have."""
RUNNING = (itertools.combinations, itertools.permutations, itertools.product)
"""Iterators that run as they are where nothing carries a derivative, and raise nothing while they do."""

MAX_DEPTH = 24
"""How deep a function is entered for ever new objects before it is taken as recursive."""


class Entering(Containers):
    """Functions of the user's, entered in place of their calls."""

    def used_up(self, value: Value, node: gast.AST) -> Value:
        """The items of a generator as a list; any other value as it is."""
        if value.iteration is None or value.iteration.generator is None:
            return value
        check_ends(self, value.iteration.generator, node)
        return self.enter(function_of(sequences.list_of, self), [value], {}, node)

    def must_enter(self, value: Value) -> bool:
        """Whether a value exists only inside the interpreter, or may be changed by what it is given to."""
        return _must_enter(value)

    def _bound_method(self, func: Value, node: gast.AST) -> tuple[Any, Value] | None:
        """The function and the object of a method, or of an object that can be called."""
        known = func.known
        if isinstance(known, types.MethodType) and isinstance(
            known.__func__, (types.FunctionType, Ruled, checkpoint)
        ):
            if isinstance(func.node, gast.Attribute):
                return known.__func__, Value(Static(known.__self__), func.node.value)
            return known.__func__, Value(Static(known.__self__), self.object_node(known.__self__))
        called = vars(type(known)).get("__call__")
        if isinstance(called, types.FunctionType) and not isinstance(known, type):
            return called, func
        return None

    def _veiled(self, known: Type, values: list[Value], node: gast.AST, flows: bool = False) -> Type:
        """The type of a result, noting text that is made of differentiated values: no number may be read from it.

        `flows`: the result depends on differentiated values smoothly, whatever its type.
        """
        if self.passive:
            return known
        hidden = any(is_veiled(value.type) for value in values)
        if hidden and known.is_real:
            raise self.refuse(
                "S205", "a number is read from text, or from an exception, that was made of a differentiated value",
                "use the number itself; or, if it is meant to be constant, `s2sad.stop_gradient` of it", node,
            )  # fmt: skip
        if (hidden or flows) and isinstance(known, Opaque):
            return Veiled(known.cls)
        if is_text(known) and any(map(carries, values)):
            return Veiled(known.cls if isinstance(known, Opaque) else None)
        return known

    def opened_inactive(self, value: Value) -> Value:
        """An inactive result that is a tuple: named, so that its parts can be read."""
        if isinstance(value.type, (Sequence, Mapping)) and value.items is None:
            return self.opened(self.atom(value))
        return value

    def _missing_rule(self, function: Any, node: gast.AST, count: int = 1) -> None:
        label = getattr(function, "__name__", repr(function))
        module = getattr(function, "__module__", None)
        shown = f"{module}.{label}" if module else label
        func = node.func if isinstance(node, gast.Call) else None
        spelled = dotted(func) if func is not None else None
        raise self.refuse(
            "S201",
            f"no derivative rule for {shown}, which is called with a differentiated argument",
            suggestion(function, spelled or path_of(function), len(node.args) if func is not None else count),
            node,
        )

    def _user_call(
        self, func: Value, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST
    ) -> Value:
        function = func.known
        needed = any(_must_enter(value) for value in [*args, *keywords.values()])
        if isinstance(function, types.FunctionType) and (needed or not self.passive):
            active = any(value.varied for value in [*args, *keywords.values()])
            active = active or self.site(node) in self.lessons.varied_sites  # it makes what takes one later
            if active or needed:
                return self.enter(function_of(function, self), args, keywords, node)
            before = self.writes.now
            outcome = self._outcome(func, args, keywords)
            if isinstance(outcome.type, Static) or self._acted(before, [*args, *keywords.values()]):
                # a function that may be called with anything, or memory that is written: both are followed
                return self.enter(function_of(function, self), args, keywords, node)
            return self._inactive_call(func, args, keywords, node, outcome=outcome)
        if any(value.varied for value in [*args, *keywords.values()]) and not self.passive:
            method_ = self._bound_method(func, node)
            ruled = method_ is not None and (rule_of(method_[0]) or isinstance(method_[0], checkpoint))
            if method_ is not None and ruled:
                return self.call(Value(Static(method_[0])), [method_[1], *args], keywords, hint, node)
            if method_ is not None:
                return self.enter(function_of(method_[0], self), [method_[1], *args], keywords, node)
            self._missing_rule(function, node)
        if needed:
            method_ = self._bound_method(func, node)
            if method_ is not None:
                return self.enter(function_of(method_[0], self), [method_[1], *args], keywords, node)
        return self._inactive_call(func, args, keywords, node)

    def _acted(self, moment: int, given: list[Value]) -> bool:
        """Whether what was interpreted since a moment wrote into memory that it was given."""
        reads = late.reads_of(self, given)
        return self.writes.since(late.Watch(moment, reads), self.frame) is not None

    def _inactive_call(
        self,
        func: Value,
        args: list[Value],
        keywords: dict[str, Value],
        node: gast.AST,
        owner: Value | None = None,
        outcome: Value | None = None,
    ) -> Value:
        """A call that carries no derivative just runs; arrays given to it may be written."""
        values = [*args, *keywords.values()]
        if self.act(func, args, keywords, node, owner):
            return self._followed(func, args, keywords, node)
        depends = any(value.varied for value in values) and not self.passive
        into_text = owner is not None and is_text(owner.type)  # "...".format(x)
        if depends and not into_text:
            modelled.model(self, owner)
            path = None if func.node is None else dotted(func.node)
            label = "this function" if path is None or "~" in path else path
            raise self.refuse(
                "S201", f"{label} is called with a differentiated argument, and cannot be looked into",
                "pass it as a plain function, or register a rule", node,
            )  # fmt: skip
        whole = gast.Call(
            func=self.whole(func),
            args=[self.whole(value) for value in args],
            keywords=[gast.keyword(arg=key, value=self.whole(value)) for key, value in keywords.items()],
        )
        outcome = outcome or self._outcome(func, args, keywords)
        known = outcome.type
        if isinstance(known, Never) and not self.trials:
            self.emit(gast.Expr(value=whole))
            text = constant("unreachable: what is called here raises an exception")
            raise Raised(gast.Call(self.object_node(AssertionError), [text], []))
        known = Opaque() if isinstance(known, (Static, Never)) else known
        if not (isinstance(func.node, gast.Attribute) and func.node.attr in _LOOKING_UP):
            known = Veiled(str) if depends else self._veiled(known, [func, *values], node)
        made = Value(known, whole, sites=outcome.sites | {self.site(node)})
        return self.opened_inactive(made.but(origin=self._yielded(func, args, keywords)))

    def _followed(self, func: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST) -> Value:
        """A call that would just run, entered: it has to do with memory from outside that is written here."""
        function = func.known
        if isinstance(function, functools._lru_cache_wrapper):
            function = function.__wrapped__
        method = self._bound_method(func, node)
        if method is not None:
            function, args = method[0], [method[1], *args]
        if not isinstance(function, types.FunctionType):
            raise self.refuse(
                "S108", "this call has to do with what lives outside and is written here, and cannot be looked into",
                ADVICE, node,
            )  # fmt: skip
        return self.enter(function_of(function, self), args, keywords, node)

    def _yielded(self, func: Value, args: list[Value], keywords: dict[str, Value]) -> Yielded | None:
        """What is known of the items of an iterator that just runs."""
        if any(func.known is known for known in RUNNING):
            return Yielded(safe=True)
        if not isinstance(func.known, types.FunctionType) or not inspect.isgeneratorfunction(func.known):
            return None

        def listed() -> Value:
            items = self.enter(function_of(func.known, self), args, keywords, self.at or gast.Pass())
            return Value(item_type(self.used_up(items, self.at or gast.Pass()).type))

        item = self._guessed(listed).type
        return Yielded(item if isinstance(item, Scalar) else None)

    def _outcome(self, func: Value, args: list[Value], keywords: dict[str, Value]) -> Value:
        """What an inactive call gives: its type, `Never` if it raises for certain, and whose memory it shares."""
        folds = any(func.known is known for known in FOLDS)
        if folds and len(args) == 1 and not keywords:
            items, given = args[0].origin, args[0].type
            if isinstance(given, Sequence) and all(isinstance(item, Scalar) for item in given.items):
                return Value(result_type(func.known, None, [given], {}))
            return Value(items.item if isinstance(items, Yielded) and items.item is not None else Opaque())
        if not func.is_static or not isinstance(func.known, types.FunctionType):
            return Value(Opaque())
        made = self._guessed(
            lambda: self.enter(function_of(func.known, self), args, keywords, self.at or gast.Pass())
        )
        return made.but(sites=made.sites & late.reads_of(self, [*args, *keywords.values()]).sites)

    def _guessed(self, step: Callable[[], Value]) -> Value:
        """What an inactive Python function gives, found by entering it without emitting."""
        if len(self.stack) > 20:
            return Value(Opaque())
        before = (dict(self.frame.env), self.names.copy(), self.at)
        calls, trials = dict(self.calls), self.trials
        try:
            with self.emitting_into([]), self.passively(), self.guessing(), self.trying():
                self.trials = 0
                value = step()
            if value.origin == RAISED:
                return Value(Never())
            if value.function is not None or value.choices is not None or callable(value.known):
                return Value(Static(callable))
            return Value(value.type if _is_plain(value.type) else Opaque(), sites=value.sites)
        except Raised:
            return Value(Never())
        except (SyntaxError, Rerun):  # what cannot be entered still runs: its result is just not known
            return Value(Opaque())
        finally:
            self.trials = trials
            self.frame.env, self.names, self.at = before
            self.calls.clear()  # the names given meanwhile are given again
            self.calls.update(calls)

    def enter(
        self, function: Function, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        """Interpret a function's body in place of the call."""
        if (
            self._is_recursive(function, [*args, *keywords.values()])
            or id(function.body) in self.lessons.recursive
        ):
            self.lessons.learn(self.lessons.recursive, id(function.body))
            return self.call_out(function, args, keywords, node)
        outer = function.frame
        if is_generator(function.body):
            return generator(self, function, self.bound_arguments(function, args, keywords, node))
        found = forward_call(self, function, args, keywords, node)
        if found is not None:
            return found
        frame = Frame(
            outer.filename,
            outer.lines,
            outer.globals,
            outer.cells,
            outer,
            self.frame.prefix + (self.site(node)[0],),
        )
        frame.env = self.bound_arguments(function, args, keywords, node)
        plain = [*function.args.posonlyargs, *function.args.args]
        frame.first = plain[0].id if plain else None
        self.share(frame, function, node)
        self.stack.append(function.body)
        self.entered.append(objects_in([*args, *keywords.values()]))
        at = self.at
        try:
            with self.inside(frame):
                return self.run_body(function.body)
        finally:
            self.stack.pop()
            self.entered.pop()
            self.at = at

    def _is_recursive(self, function: Function, given: list[Value]) -> bool:
        """Whether a function is being entered already: for the same objects, since a structure of objects ends."""
        inside = [idents for body, idents in zip(self.stack, self.entered) if body is function.body]
        objects = objects_in(given)
        return bool(inside) and (not objects or objects in inside or len(inside) > MAX_DEPTH)

    def share(self, frame: Frame, function: Function, node: gast.AST) -> None:
        """Prepare a function's frame for the variables that it shares with functions inside and around it."""
        missing = frame.adopt(declared(function.body))
        if missing:
            raise self.refuse(
                "S108", f"{function.name} writes {missing[0]!r} of a function that is not differentiated with it",
                "pass the value as an argument, and return the new one", node,
            )  # fmt: skip
        frame.share(owned(function.args, function.body), self.next_shared)

    def next_shared(self) -> int:
        """A number for the next shared variable."""
        self.shared_count += 1
        return self.shared_count

    def call_out(
        self, function: Function, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        """Call a function that keeps its own body: a recursive one."""
        self._check_shares_nothing(function, node)
        bound = self.bound_arguments(function, args, keywords, node)
        captures = captured(function, bound.values())
        self._check_defaults([*bound.values(), *(capture.value for capture in captures)], node)
        outer: dict[str, Value] = {}
        for capture in captures:
            label = capture.variable
            while label in bound or label in outer:
                label += "_outer"
            outer[label] = capture.value
        values = {**bound, **outer}
        if self.passive:
            values = {key: inactive(value) for key, value in values.items()}
        leaves: list[tuple[str, Value]] = []
        inner = {key: flattened(key, value, leaves) for key, value in values.items()}
        key = (id(function.body), tuple((k, shape_key(v)) for k, v in values.items()))
        callee = self.callees.known.get(key)
        if callee is None:
            wrt = tuple(k for k, v in leaves if v.varied)
            callee = Callee(
                self.callees.fresh_name(function.name), function, {k: inner[k] for k in bound},
                [(c.frame, c.variable, inner[k]) for c, k in zip(captures, outer)], tuple(k for k, _ in leaves), wrt,
            )  # fmt: skip
            self.callees.known[key] = callee
            self.settle(callee, node)
        self.check_tables(leaves, function.name, node)
        nodes = [self.whole(self.atom(value)) for _, value in leaves]
        func = gast.Name(callee.primal, gast.Load(), None, None)
        self.objects[callee.primal] = Emitted(callee.primal)
        return self._called_out(
            callee, gast.Call(func=func, args=nodes, keywords=[]), [v for _, v in leaves], node
        )

    def check_tables(self, leaves: list[tuple[str, Value]], label: str, node: gast.AST) -> None:
        """The cotangent of a dict whose keys only the running code knows is not handed from function to function."""
        found = next((key for key, value in leaves if isinstance(value.type, DictOf) and value.varied), None)
        if found is not None and not self.passive:
            raise self.refuse(
                "S108", f"{label} keeps its own body, and is given {found}, a dict that is filled while the code runs",
                "keep the numbers in a list or an array, or give it what it reads of the dict", node,
            )  # fmt: skip

    def _check_defaults(self, values: list[Value], node: gast.AST) -> None:
        """A default of a local function lives in the caller, where a recursive function cannot read it."""
        for function in [inner for value in values for inner in functions_in(value)]:
            for key, default in function.defaults.items():
                if default.node is not None and names_in(default.node) & set(self.types):
                    raise self.refuse(
                        "S107", f"{function.name} is given to a recursive function, and its default {key!r} is a value",
                        "capture the value instead of making it a default", node,
                    )  # fmt: skip

    def _check_shares_nothing(self, function: Function, node: gast.AST) -> None:
        if declared(function.body) or written_inside(function.body):
            raise self.refuse(
                "S108", f"{function.name} calls itself, and writes a variable with `nonlocal`",
                "pass the value as an argument, and return the new one", node,
            )  # fmt: skip
        frame: Frame | None = function.frame
        while frame is not None:
            both = sorted(set(frame.shared) & names_in(list(function.body)))
            if both:
                raise self.refuse(
                    "S108", f"{function.name} calls itself, and reads {both[0]!r}, which is written with `nonlocal`",
                    "pass the value as an argument", node,
                )  # fmt: skip
            frame = frame.parent

    def _called_out(self, callee: Callee, whole: gast.expr, given: list[Value], node: gast.AST) -> Value:
        outer = [(leaf, value.type) for leaf, value in zip(callee.leaves, given)]
        known = seen_outside(callee.result_type, outer, callee.name)
        varied = bool(callee.wrt) and (callee.result is None or callee.result.varied) and not self.passive
        sites = frozenset([self.site(node)])
        if callee.result is not None and any(_is_parameter_site(site) for site in callee.result.sites):
            own = frozenset().union(*(value.sites for value in given))
            sites |= own | shared.held_in(self, own) | {(shared.MARK, self.site(node))}
            shared.note(self, sites, callee.function.name)
        if isinstance(known, ListOf) and holds_references(known.item):  # any of them may be what was given
            own = frozenset().union(*(value.sites for value in given))
            held = frozenset([(shared.MARK, self.site(node))]) | own | shared.held_in(self, own)
            shared.note(self, held, callee.function.name)
            self.lessons.learn_contents(self.site(node), held)
        value = Value(known, None, varied, sites=sites if holds_references(known) else frozenset())
        named = self.bind(whole, value)
        assert isinstance(named.node, gast.Name)
        self.calls[named.node.id] = callee
        return self.opened(named)

    def settle(self, callee: Callee, node: gast.AST) -> None:
        raise AssertionError("given by the run")

    def bound_arguments(
        self, function: Function, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> dict[str, Value]:
        spec = function.args
        plain = [arg.id for arg in [*spec.posonlyargs, *spec.args]]
        only = [arg.id for arg in spec.kwonlyargs]
        env: dict[str, Value] = dict(zip(plain, args))
        rest, named = args[len(plain) :], dict(keywords)
        if spec.vararg is not None:
            env[spec.vararg.id] = container_of(Sequence(tuple, ()), tuple(rest))
        elif rest:
            raise self.refuse(
                "S105",
                f"{function.name} takes {len(plain)} positional arguments, not {len(args)}",
                "give fewer",
                node,
            )
        for key in [key for key in named if key in plain or key in only]:
            if key in env:
                raise self.refuse("S105", f"argument {key!r} is given twice", "give it once", node)
            env[key] = named.pop(key)
        if spec.kwarg is not None:
            types_ = Mapping(tuple(named), tuple(value.type for value in named.values()))
            env[spec.kwarg.id] = container_of(types_, tuple(named.values()))
        elif named:
            raise self.refuse(
                "S105", f"{function.name} has no parameter {next(iter(named))!r}", "check the spelling", node
            )
        for key in [*plain, *only]:
            if key not in env and key not in function.defaults:
                raise self.refuse("S105", f"{function.name} needs argument {key!r}", "give it", node)
            env.setdefault(key, function.defaults[key] if key not in env else env[key])
        return {key: self._settled(value, key) for key, value in env.items()}

    def _settled(self, value: Value, hint: str) -> Value:
        """An argument evaluated once, before the callee's body."""
        if value.items is not None:
            return self.held(value)
        simple = value.function is not None or value.is_static or value.iteration is not None
        if simple or is_atom(value.node) or _is_read(value):
            return value
        return self.atom(value, hint)

    # ---- given by other mixins ------------------------------------------------------------------
    def run_body(self, body: list[gast.stmt]) -> Value:
        raise AssertionError("given by the mixin for statements")


def objects_in(values: list[Value]) -> frozenset[Identity]:
    """The objects that values are."""
    return frozenset(value.ident for value in values if value.ident is not None)


def inactive(value: Value) -> Value:
    """The value, none of its parts differentiated."""
    if value.items is not None:
        return value.but(items=tuple(inactive(item) for item in value.items), varied=False)
    return value.but(varied=False)


def _is_parameter_site(site: Any) -> bool:
    return isinstance(site, tuple) and len(site) in (2, 3) and site[0] in ("parameter", shared.MARK)


def _is_plain(known: Type) -> bool:
    """Whether a type is that of numbers and arrays, or of tuples, lists and dicts of them."""
    if isinstance(known, (Sequence, Mapping)):
        return getattr(known, "cls", dict) in (tuple, list, dict) and all(map(_is_plain, known.items))
    return isinstance(known, (Scalar, Array))


def _must_enter(value: Value) -> bool:
    """Whether a value exists only inside the interpreter, or may be changed by what it is given to."""
    if holds_objects(value):
        return True
    if value.items is not None and value.node is None:
        return any(_must_enter(item) for item in value.items)
    return value.function is not None or value.iteration is not None


def _is_read(value: Value) -> bool:
    """Whether reading the value twice costs nothing: a part of a parameter."""
    node = value.node
    while isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Constant):
        node = node.value
    return isinstance(node, (gast.Name, gast.Constant)) and value.node is not None and not value.varied
