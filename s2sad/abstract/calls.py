"""What each kind of call means to the interpreter: primitives, methods, functions that are entered."""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import operator
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.abstract import composed, iterators, late, ufunc_at  # noqa: F401 (registers what it knows)
from s2sad.abstract.callees import Callee, Emitted, captured, flattened, functions_in, shape_key
from s2sad.abstract.classes import Classes, is_object
from s2sad.abstract.custom import call_custom
from s2sad.abstract.functions import function_of
from s2sad.abstract.generators import check_ends, generator
from s2sad.abstract.mixed import forward_call
from s2sad.abstract.object_calls import NO_VALUE as _NO_VALUE  # noqa: F401 (registers what it knows)
from s2sad.abstract.objects import class_attribute, holds_objects
from s2sad.abstract.outputs import asks_for_out, astype_in_place, is_untold_view, out_by_name, write_out
from s2sad.abstract.state import RAISED, Raised, Rerun, constant_type
from s2sad.abstract.structural import BY_CLASS, STRUCTURAL
from s2sad.abstract.tables import WRITING
from s2sad.abstract.values import (
    Frame,
    Function,
    Identity,
    Iteration,
    Value,
    Yielded,
    container_of,
    holds_references,
    is_atom,
)
from s2sad.abstract.writers import EVERYTHING, flat_index, flattened_array
from s2sad.objects import is_record_class, is_registered
from s2sad.rules.layout import MAY_COPY
from s2sad.rules.methods import method
from s2sad.rules.record import Rule, Ruled, parameters_of, rule_of
from s2sad.rules.sizes import unknown_shape
from s2sad.rules.skeleton import path_of, suggestion
from s2sad.rules.typing import result_type
from s2sad.runtime import sequences
from s2sad.runtime.checkpoints import checkpoint
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Optional,
    Scalar,
    Sequence,
    Static,
    Type,
    Veiled,
    is_text,
    is_veiled,
    item_type,
    kind_of,
    literal,
    part_of,
)
from s2sad.tree.build import binary, call, clone, constant, dotted, names_in, subscript
from s2sad.tree.scopes import declared, is_generator, owned, written_inside

Builder = Callable[[list[gast.expr], dict[str, gast.expr]], gast.expr]

FOLDS = {builtins.sum: sequences.sum_of, builtins.max: sequences.max_of, builtins.min: sequences.min_of}
"""Builtins over containers, and the plain Python functions that stand in for them."""
_COUNTING = (int, len, ord, hash)
"""Builtins that give an integer, whatever they are given."""
_LOOKING_UP = frozenset(["get", "setdefault", "pop", "index", "count", "find", "startswith", "endswith"])
"""Methods that only compare their argument with what they have."""
PRODUCTS = (np.dot, np.matmul, operator.matmul, np.inner, np.outer, np.vdot)
FALSE = Value(Scalar("bool", False), gast.Constant(False, None))
RUNNING = (itertools.combinations, itertools.permutations, itertools.product)
"""Iterators that run as they are where nothing carries a derivative, and raise nothing while they do."""

MAX_DEPTH = 24
"""How deep a function is entered for ever new objects before it is taken as recursive."""


class Calls(Classes):
    """Calls."""

    def visit_Call(self, node: gast.Call, hint: str | None) -> Value:
        if isinstance(node.func, gast.Attribute):
            owner = self.visit(node.func.value)
            if is_object(owner):
                return self._object_call(owner, node, hint)
            if not owner.is_static or isinstance(owner.known, (str, bytes)):
                return self._method_call(owner, node.func.attr, node, hint)
            func = self.attribute(owner, node.func.attr, None, node.func)
        else:
            func = self.visit(node.func)
        if self.passive and self.emits and self._may_write(func, node):
            with (
                self.actively()
            ):  # a test is inactive, but what a function writes into arrays on the way is not
                args, keywords = self.arguments(node)
                return self.call(func, args, keywords, hint, node)
        args, keywords = self.arguments(node)
        return self.call(func, args, keywords, hint, node)

    def _object_call(self, owner: Value, node: gast.Call, hint: str | None) -> Value:
        """A method of an object: it may change the object, so it is entered also where its result is inactive."""
        assert isinstance(node.func, gast.Attribute)
        if self.passive and self.emits:
            with self.actively():
                return self._object_call(owner, node, hint)
        args, keywords = self.arguments(node)
        owner = self.refreshed(owner)
        name = self.mangled(node.func.attr)
        found = self.method_of(owner, name)
        if isinstance(found, types.FunctionType) and name not in owner.type.keys:  # type: ignore[attr-defined]
            return self.enter(function_of(found, self), [owner, *args], keywords, node)
        return self.call(self.attribute(owner, node.func.attr, None, node), args, keywords, hint, node)

    def _may_write(self, func: Value, node: gast.Call) -> bool:
        """Whether a call may write into arrays: of a Python function that is given some, or sees those around it."""
        if func.function is not None and not all(
            isinstance(part, gast.Return) for part in func.function.body
        ):
            return True
        if (
            not isinstance(func.known if func.is_static else None, types.FunctionType)
            and func.function is None
        ):
            return False
        before = (dict(self.frame.env), self.names.copy(), self.at, dict(self.calls))
        try:
            with self.emitting_into([]), self.guessing(), self.trying():
                args, keywords = self.arguments(node)
            return any(
                _is_memory(value.type) and not value.is_static for value in [*args, *keywords.values()]
            )
        finally:
            self.frame.env, self.names, self.at, calls = before
            self.calls.clear()
            self.calls.update(calls)

    def arguments(self, node: gast.Call) -> tuple[list[Value], dict[str, Value]]:
        """The arguments of a call, ``*`` and ``**`` spread out."""
        plain = [arg.value if isinstance(arg, gast.Starred) else arg for arg in node.args]
        values = self.visit_all([*plain, *(keyword.value for keyword in node.keywords)])
        args: list[Value] = []
        for arg, value in zip(node.args, values):
            args.extend(self.parts(value, arg) if isinstance(arg, gast.Starred) else [value])
        keywords: dict[str, Value] = {}
        for keyword, value in zip(node.keywords, values[len(plain) :]):
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value.type, Mapping) and value.items is not None:
                keywords.update(zip(value.type.keys, value.items))
            else:
                raise self.refuse(
                    "S104", "the keys of this ** argument are not known", "write them out", node
                )
        return args, keywords

    def call(
        self, func: Value, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST
    ) -> Value:
        """``func(*args, **keywords)`` of values."""
        func = self.present(func)
        if is_object(func):
            return self.call_method(func, "__call__", args, keywords, node)
        if func.function is not None:
            return self.enter(func.function, args, keywords, node)
        if func.choices is not None:
            return self._one_of(func, args, keywords, hint, node)
        if not func.is_static:
            return self._inactive_call(func, args, keywords, node)
        function = func.known
        handler = STRUCTURAL.get(function) if _hashable(function) else None
        if handler is not None:
            made = handler(self, args, keywords, hint, node)
            if made is not None:
                return made
        by_class = BY_CLASS.get(type(function))
        if by_class is not None:
            made = by_class(self, function, args, keywords, hint, node)
            if made is not None:
                return made
        if function in FOLDS and _over_container(args) and (len(args) == 1 or function is builtins.sum):
            return self.enter(function_of(FOLDS[function], self), args, keywords, node)
        rule = rule_of(function)
        if rule is not None:
            args = [self.used_up(value, node) for value in args]
        if rule is not None and rule.kind == "custom":
            return call_custom(self, function, rule, args, keywords, hint, node, func.node)
        if rule is not None:
            return self.call_known(function, args, keywords, hint, node, func.node)
        if isinstance(function, type) and issubclass(function, tuple) and hasattr(function, "_fields"):
            return self._named_tuple(function, args, keywords, node)
        if isinstance(function, type) and is_record_class(function) and not is_registered(function):
            return self.construct(function, args, keywords, hint, node)
        if isinstance(function, functools._lru_cache_wrapper):
            if any(value.varied or _must_enter(value) for value in [*args, *keywords.values()]):
                return self._user_call(self.static(function.__wrapped__), args, keywords, hint, node)
        return self._user_call(func, args, keywords, hint, node)

    def used_up(self, value: Value, node: gast.AST) -> Value:
        """The items of a generator as a list; any other value as it is."""
        if value.iteration is None or value.iteration.generator is None:
            return value
        check_ends(self, value.iteration.generator, node)
        return self.enter(function_of(sequences.list_of, self), [value], {}, node)

    def _one_of(
        self, func: Value, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST
    ) -> Value:
        """A call of one of several functions, by its number."""
        assert func.choices is not None
        first, *rest = func.choices
        args = [self._settled(value, "t") for value in args]
        keywords = {key: self._settled(value, key) for key, value in keywords.items()}
        if not rest:
            return self.call(first, args, keywords, hint, node)
        test = Value(Scalar("bool"), gast.Compare(clone(func.node), [gast.Eq()], [constant(0)]))
        others = func.but(node=binary(clone(func.node), gast.Sub, constant(1)), choices=tuple(rest))
        branches = (
            lambda: self.call(first, args, keywords, hint, node),
            lambda: self.call(others, args, keywords, hint, node),
        )
        return self.choose(test, branches, hint)

    def must_enter(self, value: Value) -> bool:
        """Whether a value exists only inside the interpreter, or may be changed by what it is given to."""
        return _must_enter(value)

    def fixed_value(self, given: Any, node: gast.expr) -> Value:
        """Part of an object that lives outside: a function by identity, anything else read where it stands."""
        known = constant_type(given)
        if isinstance(known, Static) or callable(given):
            return self.static(given) if callable(given) else Value(known, node)
        return self.opened_constant(
            Value(known, node, sites=frozenset([("global", gast.unparse(node))])), gast.unparse(node)
        )

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

    def _named_tuple(self, cls: Any, args: list[Value], keywords: dict[str, Value], node: gast.AST) -> Value:
        given = dict(zip(cls._fields, args)) | keywords
        defaults = {key: Value(literal(v), constant(v)) for key, v in cls._field_defaults.items()}
        missing = [field for field in cls._fields if field not in given and field not in defaults]
        if missing or len(args) > len(cls._fields):
            raise self.refuse("S105", f"{cls.__name__} needs {cls._fields}", "give each field once", node)
        items = tuple(given.get(field, defaults.get(field)) for field in cls._fields)
        return container_of(Sequence(cls, ()), items, self.site(node))  # type: ignore[arg-type]

    # ---- primitives -----------------------------------------------------------------------------
    def call_known(
        self, function: Any, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST,
        spelled: gast.expr | None = None,
    ) -> Value:  # fmt: skip
        """A call of a function that has a rule."""
        func = spelled if spelled is not None and dotted(spelled) else self.object_node(function)
        args, keywords = out_by_name(function, args, keywords)
        if asks_for_out(keywords):
            return write_out(self, function, args, keywords, node, func)

        def build(nodes: list[gast.expr], named: dict[str, gast.expr]) -> gast.expr:
            spread = [gast.keyword(arg=key, value=value) for key, value in named.items()]
            return gast.Call(func=func, args=nodes, keywords=spread)

        return self.apply(function, args, keywords, hint, node, build)

    def apply(
        self, function: Any, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST,
        build: Builder,
    ) -> Value:  # fmt: skip
        """A primitive of values: emitted where it carries a derivative, whole otherwise."""
        if any(isinstance(value.type, Never) for value in [*args, *keywords.values()]):
            return self._unknown_yet(args, keywords, build)
        rule = rule_of(function)
        args = [self.present(arg) for arg in args]
        keywords = {key: self.present(value) for key, value in keywords.items()}
        args = self._arrays(function, rule, args)
        known = result_type(function, rule, [a.type for a in args], {k: v.type for k, v in keywords.items()})
        everything = [*args, *keywords.values()]
        site = self.site(node)
        if is_untold_view(function, args, keywords):
            self._refuse_written_view(function, args, known, site, node)
        self._check_arguments(function, rule, args, keywords, node)
        varied = any(value.varied for value in everything) and not self.passive
        flows = rule is not None and rule.kind not in ("nondifferentiable", "zero")
        if function in _COUNTING and isinstance(known, Opaque):
            known = Scalar("int")
        if varied and flows and known == Opaque() and gives_an_array(function):
            known = unknown_shape(*(value.type for value in everything))
        known = self._veiled(known, everything, node, varied and flows)
        depends = varied and known.is_real
        if rule is None and (depends or (varied and known == Opaque())):
            self._missing_rule(function, node)
        depends = depends and flows
        varied = depends or (site in self.lessons.varied_sites and not self.passive)
        sites = self._result_sites(rule, args, known, site)
        value = Value(known, None, varied, sites=sites, origin=site)
        if not varied:
            with self.passively():
                whole = build([self.whole(a) for a in args], {k: self.whole(v) for k, v in keywords.items()})
            return self.opened_inactive(value.but(node=whole))
        nodes = [self._operand(a) for a in args]
        named = {key: self._operand(value) for key, value in keywords.items()}
        return self.opened(self.bind(build(nodes, named), value, hint))

    def _veiled(self, known: Type, values: list[Value], node: gast.AST, flows: bool = False) -> Type:
        """The type of a result, noting text that is made of differentiated values: no number may be read from it.

        `flows`: the result depends on differentiated values smoothly, whatever its type.
        """
        if self.passive:
            return known
        hidden = any(is_veiled(value.type) for value in values)
        if hidden and known.is_real:
            raise self.refuse(
                "S205", "a number is read from text that was made of a differentiated value",
                "use the number itself; or, if it is meant to be constant, `s2sad.stop_gradient` of it", node,
            )  # fmt: skip
        if (hidden or flows) and isinstance(known, Opaque):
            return Veiled(known.cls)
        if is_text(known) and any(map(_depends, values)):
            return Veiled(known.cls if isinstance(known, Opaque) else None)
        return known

    def _refuse_written_view(
        self, function: Any, args: list[Value], known: Type, site: Any, node: gast.AST
    ) -> None:
        """A view that the rule does not follow: nothing may be written through it, or under it."""
        sites = frozenset([site]).union(*(arg.sites for arg in args))
        if holds_references(known) and sites & self.lessons.written:
            way = "`np.diagonal` or `np.transpose`" if function is np.einsum else "leave `copy=` out"
            raise self.refuse(
                "S202", f"this {function.__name__} gives a view of its argument, and "
                f"{self.lessons.line_of_write(sites) or 'a later line'} writes into one of the two",
                f"copy it (`.copy()`), or {'use ' if function is np.einsum else ''}{way}", node,
            )  # fmt: skip

    def _unknown_yet(self, args: list[Value], keywords: dict[str, Value], build: Builder) -> Value:
        """A result computed from that of a callee about which nothing is known yet."""
        values = [*args, *keywords.values()]
        with self.passively():
            whole = build([self.whole(a) for a in args], {k: self.whole(v) for k, v in keywords.items()})
        return self.bind(
            whole, Value(Never(), None, any(value.varied for value in values) and not self.passive)
        )

    def _check_arguments(
        self, function: Any, rule: Rule | None, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> None:
        """Every keyword given must be one that the rule knows: one that it did not see would change the value."""
        if rule is None or rule.vjp is None:
            return
        parameters = parameters_of(rule.vjp).values()
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            return
        if "overwrite_input" in parameters_of(rule.vjp):
            place = list(parameters_of(rule.vjp)).index("overwrite_input")
            keywords = {**keywords, **({"overwrite_input": args[place]} if len(args) > place else {})}
            if keywords.get("overwrite_input", FALSE).known is not False:
                raise self.refuse("S203", "an input that is overwritten", "leave `overwrite_input` out", node)
        known = {p.name for p in parameters} - {"y", "y_bar"}
        for key, value in keywords.items():
            if key not in known and not (value.is_static and value.known is None):
                label = getattr(function, "__name__", "this function")
                raise self.refuse(
                    "S203", f"the rule of {label} does not know the argument {key!r}",
                    "leave it out, or do the same with other functions", node,
                )  # fmt: skip

    def present(self, value: Value) -> Value:
        """A value that is used is not None: it would raise.  `.flat` is the elements in order."""
        array = flattened_array(value)
        if array is not None:
            return self.call_known(np.ravel, [array], {}, None, self.at or gast.Pass())
        return value.but(type=value.type.item) if isinstance(value.type, Optional) else value

    def opened_inactive(self, value: Value) -> Value:
        """An inactive result that is a tuple: named, so that its parts can be read."""
        if isinstance(value.type, (Sequence, Mapping)) and value.items is None:
            return self.opened(self.atom(value))
        return value

    def _operand(self, value: Value) -> gast.expr:
        if value.items is not None and value.node is None:
            return self.whole(value)
        if value.items is not None and value.varied:
            return self.whole(value.but(node=None))
        if value.known is not NO_VALUE and value.node is not None and not value.varied:
            return self.whole(value)
        if value.function is not None or value.is_static:
            return self.whole(value)
        return self.whole(self.atom(value))

    def _arrays(self, function: Any, rule: Rule | None, args: list[Value]) -> list[Value]:
        """Lists given where a rule expects arrays become arrays first."""
        if function in PRODUCTS:
            args = [self._beside_arrays(arg, args) for arg in args]
        if rule is None or rule.kind not in ("elementwise", "linear", "general") or function is np.array:
            return args
        if rule.kind == "elementwise" or function is np.where:
            args = [self._beside_arrays(arg, args) for arg in args]
        if not any(arg.items is not None and arg.varied for arg in args):
            return args
        if not (getattr(function, "__module__", "") or "").startswith("numpy") and not isinstance(
            function, np.ufunc
        ):
            return args
        return [
            self.call_known(np.array, [arg], {}, None, self.at)
            if arg.items is not None and arg.varied
            else arg  # type: ignore[arg-type]
            for arg in args
        ]

    def _beside_arrays(self, arg: Value, args: list[Value]) -> Value:
        """A list of numbers beside a differentiated operand: the arithmetic of the rule needs an array."""
        numbers = isinstance(arg.type, ListOf) and isinstance(arg.type.item, Scalar)
        numbers |= isinstance(arg.type, Sequence) and all(isinstance(t, Scalar) for t in arg.type.items)
        if numbers and any(other.varied for other in args):
            return self.call_known(np.array, [arg], {}, None, self.at)  # type: ignore[arg-type]
        return arg

    def _result_sites(self, rule: Rule | None, args: list[Value], known: Type, site: Any) -> frozenset[Any]:
        if not holds_references(known):
            return frozenset()
        if rule is not None and rule.view and args:
            if any(function in MAY_COPY for function in rule.primitives):
                self.lessons.learn_reshaped(args[0].sites)
            if isinstance(known, ListOf):  # a list of views, as many as the code finds when it runs
                self.lessons.learn_item(site, Value(known.item, sites=args[0].sites | {site}))
                return frozenset([site])
            return args[0].sites | frozenset([site])
        return frozenset([site])

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

    # ---- methods --------------------------------------------------------------------------------
    def _method_call(self, owner: Value, attr: str, node: gast.Call, hint: str | None) -> Value:
        owner = self.present(owner)
        if isinstance(owner.type, Sequence) and hasattr(owner.type.cls, "_fields"):
            made = self._named_tuple_method(owner, attr, node)
            if made is not None:
                return made
        if isinstance(owner.type, Sequence) and attr in getattr(owner.type.cls, "_fields", ()):
            args, keywords = self.arguments(node)
            return self.call(self.attribute(owner, attr, None, node), args, keywords, hint, node)
        if isinstance(owner.type, (Array, Scalar)):
            return self._array_method(owner, attr, node, hint)
        if attr == "append" and self._only(owner):
            grown = self._grown(node.func.value, owner, node)  # type: ignore[attr-defined]
            if grown is not None:
                return grown
        if isinstance(owner.type, DictOf) or (isinstance(owner.type, Mapping) and attr in WRITING):
            table_handler = getattr(self, f"table_{attr}", None)
            if table_handler is not None:
                args, keywords = self.arguments(node)
                return table_handler(owner, args, keywords, node)
        handler = getattr(self, f"container_{attr}", None)
        if handler is not None and (isinstance(owner.type, (ListOf, Sequence, Mapping))):
            args, keywords = self.arguments(node)
            made = handler(owner, args, keywords, node)
            if made is not None:
                return made
        args, keywords = self.arguments(node)
        func = Value(
            part_of(owner.type),
            gast.Attribute(value=self._owner(owner), attr=attr, ctx=gast.Load()),
            owner.varied,
        )
        return self._inactive_call(func, args, keywords, node, owner)

    def _named_tuple_method(self, owner: Value, attr: str, node: gast.Call) -> Value | None:
        """``_replace``, ``_asdict``, and what the class of a NamedTuple defines itself."""
        cls: Any = owner.type.cls  # type: ignore[attr-defined]
        if owner.items is None or attr in cls._fields:
            return None
        if attr == "_replace":
            _, keywords = self.arguments(node)
            given = {**dict(zip(cls._fields, owner.items)), **keywords}
            return self._named_tuple(cls, [], given, node)
        if attr == "_asdict":
            return container_of(Mapping(cls._fields, ()), owner.items, self.site(node))
        if isinstance(class_attribute(cls, attr), types.FunctionType):
            args, keywords = self.arguments(node)
            return self.enter(function_of(class_attribute(cls, attr), self), [owner, *args], keywords, node)
        return None

    def _only(self, owner: Value) -> bool:
        """Whether a list kept in parts is held by one variable or field only, so that it can grow as a value."""
        if owner.items is None or not isinstance(owner.type, Sequence) or owner.type.cls is not list:
            return False
        return self.held_once(owner)

    def held_once(self, owner: Value) -> bool:
        """Whether a container kept in parts is held by one variable or field only."""
        if owner.node is not None or owner.origin in self.lessons.storage:
            return False
        frames: dict[int, Frame] = {}
        for active in [*self.frames, self.frame]:
            frame: Frame | None = active
            while frame is not None:
                frames[id(frame)] = frame
                frame = frame.parent
        values = [value for frame in frames.values() for value in frame.env.values() if value.ident is None]
        fields = [item for obj in self.heap.values() for item in obj.items or ()]
        return sum(_holds(value, owner.origin) for value in [*values, *fields]) == 1

    def _grown(self, holder: gast.expr, owner: Value, node: gast.Call) -> Value | None:
        """``variable.append(item)`` or ``obj.field.append(item)`` of a list kept in parts."""
        if isinstance(holder, gast.Name):
            if self.frame.env.get(self.frame.key(holder.id)) is not owner:
                return None
        elif not isinstance(holder, gast.Attribute):
            return None
        obj = self.visit(holder.value) if isinstance(holder, gast.Attribute) else None
        if obj is not None and (not is_object(obj) or self.mangled(holder.attr) not in obj.type.keys):  # type: ignore[attr-defined]
            return None
        args, _ = self.arguments(node)
        (item,) = args
        simple = item.items is not None or item.function is not None or item.is_static
        held = self.held(item) if simple else self.atom(item)
        assert owner.items is not None
        grown = container_of(Sequence(list, ()), (*owner.items, held), owner.origin)
        self.writes.note(owner.origin, resized=True)
        if obj is not None:
            self.set_field(obj, self.mangled(holder.attr), grown, node)  # type: ignore[attr-defined]
        else:
            self.frame.bind(holder.id, grown)  # type: ignore[attr-defined]
        return Value(Static(None), gast.Constant(None, None))

    def _owner(self, owner: Value) -> gast.expr:
        with self.passively():
            return self.whole(owner)

    def _item_of(self, owner: Value, args: list[Value], hint: str | None, node: gast.AST) -> Value:
        """``array.item(k)`` counts the elements in order; ``array.item(i, j)`` is ``array[i, j]``."""
        (index,) = args if len(args) == 1 else (container_of(Sequence(tuple, ()), tuple(args)),)
        if len(args) == 1 and index.items is None:
            index = flat_index(self, owner, index, node)
        return self.item(owner, index, hint, node)

    def _array_method(self, owner: Value, attr: str, node: gast.Call, hint: str | None) -> Value:
        args, keywords = self.arguments(node)
        if attr == "fill":
            every = Value(Static(Ellipsis), gast.Constant(Ellipsis, None))
            self.store(owner, every, args[0], node)
            return Value(Static(None), gast.Constant(None, None))
        if attr == "sort":
            every = Value(Static(Ellipsis), gast.Constant(Ellipsis, None))
            self.store(owner, every, self.call_known(np.sort, [owner, *args], keywords, None, node), node)
            return Value(Static(None), gast.Constant(None, None))
        if attr == "copy" and not args and not keywords and isinstance(owner.type, Array):
            self.lessons.copies.add(self.site(node))
            if (
                self.site(node) in self.lessons.reshaped
            ):  # the method copies row by row, `np.copy` as it finds things
                keywords = {"order": Value(Static("C"), constant("C"))}
        if (
            attr in ("conj", "conjugate")
            and isinstance(owner.type, Array)
            and kind_of(owner.type.dtype) != "complex"
        ):
            return owner  # NumPy gives the very array
        if attr == "put":
            return self.call(self.static(np.put), [owner, *args], keywords, hint, node)
        if attr == "view" and not args and not keywords and isinstance(owner.type, Array):
            return self.item(owner, EVERYTHING, hint, node)
        if attr == "astype" and "copy" in keywords:
            made, keywords = astype_in_place(self, owner, args, keywords, node)
            if made is not None:
                return made
        if attr == "item" and args and isinstance(owner.type, Array):
            return self._item_of(owner, args, hint, node)
        if attr == "tolist" and isinstance(owner.type, Array) and owner.type.rank == 2:
            return self.enter(function_of(sequences.rows_to_lists, self), [owner], {}, node)
        found = method(attr, owner.type, list(args), dict(keywords))
        if found is None:
            raise self.refuse(
                "S201",
                f"method {attr!r} of an array or number has no rule",
                "use a NumPy function that has one",
                node,
            )
        function, rest, named = found
        operands, by_name = out_by_name(function, [owner, *self._adapted(rest)], self._adapted_named(named))
        if asks_for_out(by_name):
            return write_out(self, function, operands, by_name, node, self.object_node(function))

        def build(nodes: list[gast.expr], spelled: dict[str, gast.expr]) -> gast.expr:
            given = [gast.keyword(arg=key, value=value) for key, value in spelled.items()]
            return gast.Call(func=self.object_node(function), args=nodes, keywords=given)

        return self.apply(function, operands, by_name, hint, node, build)

    def _adapted(self, values: list[Any]) -> list[Value]:
        return [value if isinstance(value, Value) else self._packed(value) for value in values]

    def _adapted_named(self, values: dict[str, Any]) -> dict[str, Value]:
        return {
            key: value if isinstance(value, Value) else self._packed(value) for key, value in values.items()
        }

    def _packed(self, value: Any) -> Value:
        """What a method's adaptation put in: a tuple of values, or a plain constant."""
        if isinstance(value, (tuple, list)) and any(isinstance(item, Value) for item in value):
            return container_of(Sequence(tuple, ()), tuple(self._adapted(list(value))))
        return Value(literal(value), constant(value))

    # ---- lists and dicts ------------------------------------------------------------------------
    def container_append(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        (item,) = args
        for site in owner.sites:
            self.lessons.learn_item(site, item)
            self.wrote(site, resized=True)
            if item.varied and not self.passive:
                self.lessons.learn(self.lessons.varied_sites, site)
            self.check_items(site, node)
        func = gast.Attribute(value=self.whole(owner), attr="append", ctx=gast.Load())
        given = self.whole(self.atom(item) if item.varied else self.ready(item))
        self.emit(gast.Expr(value=gast.Call(func=func, args=[given], keywords=[])))
        return Value(Static(None), gast.Constant(None, None))

    def container_pop(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if not isinstance(owner.type, (ListOf, Sequence)):
            return None
        self.need_storage(owner, node)
        if args and args[0].known != -1:
            return self.enter(function_of(sequences.pop_at, self), [owner, *args], {}, node)
        assert isinstance(owner.type, ListOf)
        for site in owner.sites:
            self.wrote(site, resized=True)
        func = gast.Attribute(value=self.whole(owner), attr="pop", ctx=gast.Load())
        held = frozenset().union(*(self.lessons.contents.get(site, frozenset()) for site in owner.sites))
        sites = held if holds_references(owner.type.item) else frozenset()
        value = Value(
            owner.type.item, None, owner.varied and owner.type.item.is_real and not self.passive, sites=sites
        )
        return self.opened(self.bind(gast.Call(func=func, args=[], keywords=[]), value))

    def container_extend(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.extend, self), [owner, *args], {}, node)

    def container_insert(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.insert, self), [owner, *args], {}, node)

    def container_sort(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        reverse = keywords.get("reverse", Value(Scalar("bool", False), gast.Constant(False, None)))
        key = keywords.get("key", Value(Static(None), gast.Constant(None, None)))
        order = iterators.order_by(self, owner, key, self.whole(reverse), node)
        self.enter(function_of(sequences.sort_in_place, self), [owner, order], {}, node)
        return Value(Static(None), gast.Constant(None, None))

    def container_reverse(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.reverse, self), [owner], {}, node)

    def container_clear(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if isinstance(owner.type, Mapping):
            return None
        self.need_storage(owner, node)
        return self.enter(function_of(sequences.clear, self), [owner], {}, node)

    def container_remove(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        self.need_storage(owner, node)
        place = self.container_index(owner, args, keywords, node)
        self.enter(function_of(sequences.pop_at, self), [owner, self.atom(place)], {}, node)
        return Value(Static(None), gast.Constant(None, None))

    def container_index(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        """Where an item stands: an integer, so it carries no derivative."""
        with self.passively():
            func = gast.Attribute(value=self._owner(owner), attr="index", ctx=gast.Load())
            return Value(
                Scalar("int"), gast.Call(func=func, args=[self.whole(arg) for arg in args], keywords=[])
            )

    def container_count(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value:
        with self.passively():
            func = gast.Attribute(value=self._owner(owner), attr="count", ctx=gast.Load())
            return Value(
                Scalar("int"), gast.Call(func=func, args=[self.whole(arg) for arg in args], keywords=[])
            )

    def container_items(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if owner.items is None or not isinstance(owner.type, Mapping):
            return None
        pairs = [
            container_of(Sequence(tuple, ()), (Value(literal(key), constant(key)), item))
            for key, item in zip(owner.type.keys, owner.items)
        ]
        return container_of(Sequence(tuple, ()), tuple(pairs))

    def container_keys(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if owner.items is None or not isinstance(owner.type, Mapping):
            return None
        return container_of(
            Sequence(tuple, ()), tuple(Value(literal(key), constant(key)) for key in owner.type.keys)
        )

    def container_values(
        self, owner: Value, args: list[Value], keywords: Any, node: gast.AST
    ) -> Value | None:
        if owner.items is None or not isinstance(owner.type, Mapping):
            return None
        return container_of(Sequence(tuple, ()), owner.items)

    def container_get(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if owner.items is None or not isinstance(owner.type, Mapping) or args[0].known is NO_VALUE:
            return None
        if args[0].known in owner.type.keys:
            return owner.items[owner.type.keys.index(args[0].known)]
        return args[1] if len(args) > 1 else Value(Static(None), gast.Constant(None, None))

    def named_tuple_replace(self, owner: Value, keywords: dict[str, Value], node: gast.AST) -> Value:
        """``point._replace(x=...)``."""
        assert owner.items is not None and isinstance(owner.type, Sequence)
        fields = owner.type.cls._fields  # type: ignore[attr-defined]
        unknown = [key for key in keywords if key not in fields]
        if unknown:
            raise self.refuse(
                "S105", f"{owner.type.cls.__name__} has no field {unknown[0]!r}", "check the spelling", node
            )
        items = tuple(keywords.get(key, item) for key, item in zip(fields, owner.items))
        return container_of(Sequence(owner.type.cls, ()), items, self.site(node))

    def container_copy(self, owner: Value, args: list[Value], keywords: Any, node: gast.AST) -> Value | None:
        if isinstance(owner.type, ListOf) and (owner.varied or owner.type.is_real) and not self.passive:
            return self.enter(function_of(sequences.list_of, self), [owner], {}, node)
        if owner.items is None:
            return None
        if self.site(node) in self.lessons.storage and isinstance(owner.type, Mapping):
            keys = [Value(literal(key), constant(key)) for key in owner.type.keys]
            return self.table(self.site(node), list(zip(keys, owner.items)))
        if self.site(node) in self.lessons.storage:
            return self.storage(self.site(node), list(owner.items), None)
        return container_of(owner.type, owner.items, self.site(node))

    def joined_lists(self, left: Value, right: Value, node: gast.AST) -> Value:
        """``a + b`` of lists of which one is a run-time list."""
        return self.enter(function_of(sequences.joined, self), [left, right], {}, node)

    def list_slice(self, value: Value, index: gast.expr, node: gast.AST) -> Value:
        """``items[a:b:c]`` of a run-time list: a new list, filled by a loop."""
        held = self.named_container(value)
        whole = subscript(call("range", call("len", self.whole(held))), index)
        indices = self.bind(whole, Value(Opaque(range), None), "indices")

        def place(k: Value) -> Value:
            return self.bind(subscript(self.whole(indices), self.whole(k)), Value(Scalar("int"), None), "k")

        places = Value(Opaque(), None, iteration=Iteration(call("len", self.whole(indices)), place))
        return self.enter(function_of(sequences.sliced, self), [held, places], {}, node)

    def need_storage(self, owner: Value, node: gast.AST) -> None:
        """A list that is changed in place is a run-time list from where it was made: learn that, and start anew."""
        if owner.items is None and not isinstance(owner.type, Sequence):
            return
        if (
            owner.origin is None and owner.sites
        ):  # it comes out of another list: any of those that were put there
            self.lessons.learn(self.lessons.storage, *owner.sites)
            if self.lessons.fresh:
                raise Rerun
        if owner.origin is None:
            raise self.refuse("S108", "this list cannot be changed in place", "build a new list", node)
        if owner.origin in self.lessons.storage:  # learnt before, and of no use
            raise self.refuse(
                "S108", "this list lives outside of the function, and is changed in place here",
                "return what you want to keep", node,
            )  # fmt: skip
        self.lessons.learn(self.lessons.storage, owner.origin)
        raise Rerun

    def repeat(self, items: Value, times: Value, node: gast.AST) -> Value | None:
        """``[a] * n`` with a length known only at run time."""
        whole = gast.BinOp(left=self.whole(items.but(node=None)), op=gast.Mult(), right=self.whole(times))
        item = items.items[0].type if items.items else Opaque()
        site = self.site(node)
        self.lessons.learn_item(site, items.items[0] if items.items else Value(Opaque()))
        if items.varied:
            return self.enter(function_of(sequences.repeat, self), [items, times], {}, node)
        varied = site in self.lessons.varied_sites and not self.passive
        value = Value(
            ListOf(self.lessons.items.get(site, item)), whole, varied, sites=frozenset([site]), origin=site
        )
        return self.bind(whole, value) if varied else value

    # ---- functions ------------------------------------------------------------------------------
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
        depends = any(value.varied for value in values) and not self.passive
        into_text = owner is not None and is_text(owner.type)  # "...".format(x)
        if depends and not into_text:
            label = dotted(func.node) if func.node is not None and dotted(func.node) else "this function"
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
            items = args[0].origin
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
        nodes = [self.whole(self.atom(value)) for _, value in leaves]
        func = gast.Name(callee.primal, gast.Load(), None, None)
        self.objects[callee.primal] = Emitted(callee.primal)
        return self._called_out(
            callee, gast.Call(func=func, args=nodes, keywords=[]), [v for _, v in leaves], node
        )

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
        known = callee.result_type
        varied = bool(callee.wrt) and (callee.result is None or callee.result.varied) and not self.passive
        sites = frozenset([self.site(node)])
        if callee.result is not None and any(_is_parameter_site(site) for site in callee.result.sites):
            sites = sites.union(*(value.sites for value in given)) | {("shared", self.site(node))}
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
        raise AssertionError

    def store(self, owner: Value, index: Value, value: Value, node: gast.AST) -> None:
        raise AssertionError


def _holds(value: Value, origin: Any) -> int:
    """How often a value holds the container that was made at a place; objects hold theirs themselves."""
    if value.ident is not None:
        return 0
    if value.origin == origin and value.items is not None:
        return 1
    return sum(_holds(item, origin) for item in value.items or ())


def objects_in(values: list[Value]) -> frozenset[Identity]:
    """The objects that values are."""
    return frozenset(value.ident for value in values if value.ident is not None)


def inactive(value: Value) -> Value:
    """The value, none of its parts differentiated."""
    if value.items is not None:
        return value.but(items=tuple(inactive(item) for item in value.items), varied=False)
    return value.but(varied=False)


def _is_parameter_site(site: Any) -> bool:
    return isinstance(site, tuple) and len(site) == 2 and site[0] in ("parameter", "shared")


def _is_plain(known: Type) -> bool:
    """Whether a type is that of numbers and arrays, or of tuples, lists and dicts of them."""
    if isinstance(known, (Sequence, Mapping)):
        return getattr(known, "cls", dict) in (tuple, list, dict) and all(map(_is_plain, known.items))
    return isinstance(known, (Scalar, Array))


def _is_memory(known: Type) -> bool:
    """Whether a callee could write into a value of this type."""
    return not isinstance(known, Scalar)


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


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _over_container(args: list[Value]) -> bool:
    if not args:
        return False
    first = args[0]
    held = first.items is not None or isinstance(first.type, (ListOf, Array)) or first.iteration is not None
    return held and len(args) <= 2


__all__ = ["Calls", "subscript"]


def gives_an_array(function: Any) -> bool:
    """Whether a function is one of NumPy's that gives one array or number, never several."""
    rule = rule_of(function)
    numpys = isinstance(function, np.ufunc) or (getattr(function, "__module__", None) or "").startswith(
        "numpy"
    )
    return numpys and rule is not None and rule.kind in ("elementwise", "linear", "general")


def _depends(value: Value) -> bool:
    """Whether a value, or anything in it, depends on a differentiated input."""
    return value.varied or any(map(_depends, value.items or ()))
