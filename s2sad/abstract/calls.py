"""What each kind of call means to the interpreter: primitives, and which function it is."""

from __future__ import annotations

import builtins
import functools
import operator
import types
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.abstract import chosen, composed, folds, iterators, ufunc_at, ufunc_methods  # noqa: F401 (registers what it knows)
from s2sad.abstract.classes import is_object
from s2sad.abstract.custom import call_custom
from s2sad.abstract.effects import FIRST_WRITTEN, IN_PLACE
from s2sad.abstract.entering import FOLDS, Entering
from s2sad.abstract.followed import check_followed
from s2sad.abstract.functions import function_of
from s2sad.abstract.modelled import given_to_numpy, is_modelled
from s2sad.abstract.object_calls import NO_VALUE as _NO_VALUE  # noqa: F401 (registers what it knows)
from s2sad.abstract.outputs import asks_for_out, is_untold_view, out_by_name, write_out
from s2sad.abstract.state import Raised, constant_type
from s2sad.abstract.structural import BY_CLASS, STRUCTURAL, python_class
from s2sad.abstract.values import (
    Value,
    container_of,
    holds_references,
)
from s2sad.abstract.writers import flattened_array
from s2sad.objects import has_names, is_named_tuple, is_record_class, is_registered
from s2sad.rules.layout import MAY_COPY
from s2sad.rules.record import Rule, is_hashable, parameters_of, rule_of
from s2sad.rules.sizes import unknown_shape
from s2sad.rules.typing import result_type
from s2sad.runtime.assumed import real_valued
from s2sad.runtime.containers import MODELS, ORIGINALS
from s2sad.runtime.lists import listed, lists_of
from s2sad.signature import (
    NO_VALUE,
    Array,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Optional,
    Scalar,
    Sequence,
    Static,
    Type,
    literal,
)
from s2sad.tree.build import constant, dotted

Builder = Callable[[list[gast.expr], dict[str, gast.expr]], gast.expr]

_COUNTING = (int, len, ord, hash)
"""Builtins that give an integer, whatever they are given."""
_SINGLE_DISPATCH = functools.singledispatch(lambda value: value).__code__  # type: ignore[attr-defined]
PRODUCTS = (np.dot, np.matmul, operator.matmul, np.inner, np.outer, np.vdot)
FALSE = Value(Scalar("bool", False), gast.Constant(False, None))


_NEEDING = frozenset([
    sum, min, max, sorted, reversed, enumerate, len, tuple, list, zip, any, all,
    np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.diag,
])  # fmt: skip
"""Functions that raise where they are given None."""


class Calls(Entering):
    """Calls."""

    def _may_write(self, func: Value, node: gast.Call) -> bool:
        """Whether a call may write into arrays: of a Python function that is given some, or sees those around it."""
        if func.function is not None and not all(
            isinstance(part, gast.Return) for part in func.function.body
        ):
            return True
        if func.is_static and getattr(func.known, "__name__", None) in FIRST_WRITTEN | IN_PLACE:
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
                continue
            value = self.parted(value)
            if isinstance(value.type, Mapping) and value.items is not None:
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
        if is_object(func) or (
            isinstance(func.type, Sequence) and self.method_of(func, "__call__") is not None
        ):
            return self.call_method(func, "__call__", args, keywords, node)
        if func.function is not None:
            return self.enter(func.function, args, keywords, node)
        if func.choices is not None:
            return self._one_of(func, args, keywords, hint, node)
        if func.origin == "conflict":
            raise self.refuse(
                "S106", "this function is another one on each path to here, or in each iteration",
                "choose among functions that are there before, and give them what they need as arguments", node,
            )  # fmt: skip
        if not func.is_static:
            return self._inactive_call(func, args, keywords, node)
        if chosen.is_none(func):
            raise Raised(chosen.none_is_called(self))
        function = func.known
        if not is_hashable(function):
            return self._user_call(func, args, keywords, hint, node)
        if function in _NEEDING:
            args = [self.present(arg) if isinstance(arg.type, Optional) else arg for arg in args]
        handler = STRUCTURAL.get(function)
        if handler is not None:
            made = handler(self, args, keywords, hint, node)
            if made is not None:
                return made
        by_class = BY_CLASS.get(type(function))
        if by_class is not None:
            made = by_class(self, function, args, keywords, hint, node)
            if made is not None:
                return made
        if isinstance(function, types.FunctionType) and function.__code__ is _SINGLE_DISPATCH and args:
            chosen_by = python_class(args[0])
            if chosen_by is not None:
                return self.call(self.static(function.dispatch(chosen_by)), args, keywords, hint, node)  # type: ignore[attr-defined]
        if function in FOLDS and _over_container(args) and (len(args) == 1 or function is builtins.sum):
            return self._fold(func, args, keywords, node)
        rule = rule_of(function)
        if rule is not None:
            args = [self.used_up(value, node) for value in args]
        if rule is not None and rule.kind == "custom":
            return call_custom(self, function, rule, args, keywords, hint, node, func.node)
        if rule is not None:
            return self.call_known(function, args, keywords, hint, node, func.node)
        if is_named_tuple(function):
            return self._named_tuple(function, args, keywords, node)
        if has_names(function) and not self.passive:
            if any(value.varied or self.must_enter(value) for value in [*args, *keywords.values()]):
                raise self.refuse(
                    "S109", f"{function.__name__} says itself how its tuples are made or walked over, and holds "
                    "differentiated values", "use a dataclass, or a method under a name of its own", node,
                )  # fmt: skip
        if isinstance(function, type) and is_record_class(function) and not is_registered(function):
            return self.construct(function, args, keywords, hint, node)
        if isinstance(function, type) and function in ORIGINALS:
            return self.construct(function, args, keywords, hint, node)
        if isinstance(function, type) and function in MODELS and is_modelled(self, args, keywords, node):
            return self.construct(MODELS[function], args, keywords, hint, node)
        if function is lists_of:
            return self.enter(function_of(listed, self), args, keywords, node)
        if isinstance(function, functools._lru_cache_wrapper):
            if any(value.varied or self.must_enter(value) for value in [*args, *keywords.values()]):
                return self._user_call(self.static(function.__wrapped__), args, keywords, hint, node)
        return self._user_call(func, args, keywords, hint, node)

    def _fold(self, func: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST) -> Value:
        """`sum`, `max` or `min` of a container: a loop where it is differentiated, else it just runs."""
        function = function_of(FOLDS[func.known], self)
        inactive = self.passive or not any(value.varied for value in args)
        if inactive and not any(map(self.must_enter, args)):
            outcome = self._guessed(lambda: self.enter(function, args, keywords, node))
            if isinstance(outcome.type, Scalar):
                return self._inactive_call(func, args, keywords, node, outcome=outcome)
        return self.enter(function, args, keywords, node)

    def _one_of(
        self, func: Value, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST
    ) -> Value:
        """A call of one of several functions, by its number."""
        args = [self._settled(value, "t") for value in args]
        keywords = {key: self._settled(value, key) for key, value in keywords.items()}

        def branch(pairs: list[tuple[int, Value]]) -> Value:
            (number, first), *rest = pairs
            if not rest:
                return self.call(first, args, keywords, hint, node)
            test = chosen.is_one_of(func, [number])
            branches = (lambda: self.call(first, args, keywords, hint, node), lambda: branch(rest))
            return self.choose(test, branches, hint)

        return branch(chosen.without_none(self, func))

    def fixed_value(self, given: Any, node: gast.expr) -> Value:
        """Part of an object that lives outside: a function by identity, anything else read where it stands."""
        known = constant_type(given)
        if isinstance(known, Static) or callable(given):
            return self.static(given) if callable(given) else Value(known, node)
        label = gast.unparse(node)
        return self.opened_constant(self.as_read(given, label, node, known), label)

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
        args = [given_to_numpy(self.present(arg)) for arg in args]
        keywords = {key: self.present(value) for key, value in keywords.items()}
        args = self._arrays(function, rule, args)
        elementwise = rule is not None and rule.kind == "elementwise"
        if elementwise and not self.passive:
            args = self._real_operands(args, node)
        known = result_type(function, rule, [a.type for a in args], {k: v.type for k, v in keywords.items()})
        everything = [*args, *keywords.values()]
        site = self.site(node)
        if is_untold_view(function, args, keywords):
            self.refuse_written_view(function, args, known, site, node)
        self._check_arguments(function, rule, args, keywords, node)
        check_followed(self, function, rule, args, keywords, node)
        varied = any(value.varied for value in everything) and not self.passive
        if not varied and elementwise and any(arg.type == Opaque() for arg in args):
            known = Opaque()  # what is complex, too
        flows = rule is not None and rule.kind not in ("nondifferentiable", "zero")
        if function in _COUNTING and isinstance(known, Opaque):
            known = Scalar("int")
        if varied and flows and known == Opaque() and (elementwise or gives_an_array(function)):
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

    def refuse_written_view(
        self, function: Any, args: list[Value], known: Type, site: Any, node: gast.AST
    ) -> None:
        """A view that the rule does not follow: nothing may be written through it, or under it."""
        sites = frozenset([site]).union(*(arg.sites for arg in args))
        if holds_references(known) and sites & self.lessons.written:
            ways = {
                np.einsum: ", or use `np.diagonal` or `np.transpose`",
                np.meshgrid: ", or leave `copy=` out",
            }
            raise self.refuse(
                "S202", f"this {function.__name__} gives a view of its argument, and "
                f"{self.lessons.line_of_write(sites) or 'a later line'} writes into one of the two",
                f"copy it (`.copy()`){ways.get(function, '')}", node,
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
        names = parameters_of(rule.vjp)
        parameters = names.values()
        if not keywords and "overwrite_input" not in names:
            return
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            return
        if "overwrite_input" in names:
            place = list(names).index("overwrite_input")
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

    def _real_operands(self, args: list[Value], node: gast.AST) -> list[Value]:
        """Operands of unknown type, beside differentiated ones, are looked at: they are taken for real numbers."""
        if not any(arg.varied for arg in args):
            return args
        unknown = [arg.type == Opaque() and arg.node is not None and not arg.varied for arg in args]
        return [
            self.call_known(real_valued, [arg], {}, None, node) if looked else arg
            for arg, looked in zip(args, unknown)
        ]

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
        elif rule is not None and rule.kind == "general" and is_numpys(function):
            operands = dict.fromkeys(rule.wrt)
            names = parameters_of(rule.vjp)
            args = [
                self._beside_arrays(arg, args) if key in operands else arg for key, arg in zip(names, args)
            ]
        if rule is None or rule.kind not in ("elementwise", "linear", "general") or function is np.array:
            return args
        if (rule.kind == "elementwise" and not _is_of_lists(function, args)) or function is np.where:
            args = [self._beside_arrays(arg, args) for arg in args]
        if not any(map(_is_varied_list, args)):
            return args
        if not is_numpys(function):
            return args
        return [
            self.call_known(np.array, [arg], {}, None, self.at) if _is_varied_list(arg) else arg  # type: ignore[arg-type]
            for arg in args
        ]

    def _beside_arrays(self, arg: Value, args: list[Value]) -> Value:
        """A list of numbers beside a differentiated operand: the arithmetic of the rule needs an array."""
        listed = isinstance(arg.type, (ListOf, Sequence)) and is_of_numbers(arg.type)
        if listed and any(other.varied for other in args):
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


def _is_memory(known: Type) -> bool:
    """Whether a callee could write into a value of this type."""
    return not isinstance(known, Scalar)


def _over_container(args: list[Value]) -> bool:
    if not args:
        return False
    first = args[0]
    held = first.items is not None or isinstance(first.type, (ListOf, Array)) or first.iteration is not None
    return held and len(args) <= 2


def _is_of_lists(function: Any, args: list[Value]) -> bool:
    """Whether an operator is Python's own, of lists and Python's numbers: only beside an array is it arithmetic."""
    own = (getattr(function, "__module__", "") or "") == "_operator"
    plain = (
        isinstance(arg.type, (Sequence, ListOf))
        or (isinstance(arg.type, Scalar) and arg.type.dtype in ("float", "int", "bool", "complex"))
        for arg in args
    )
    return own and all(plain)


def _is_varied_list(value: Value) -> bool:
    return value.varied and (value.items is not None or isinstance(value.type, ListOf))


def is_numpys(function: Any) -> bool:
    """Whether a function is one of NumPy's."""
    return isinstance(function, np.ufunc) or (getattr(function, "__module__", None) or "").startswith("numpy")


def is_of_numbers(known: Type) -> bool:
    """Whether a value is a number, or lists of numbers, nested or not."""
    if isinstance(known, ListOf):
        return is_of_numbers(known.item)
    if isinstance(known, Sequence):
        return all(map(is_of_numbers, known.items))
    return isinstance(known, Scalar)


def gives_an_array(function: Any) -> bool:
    """Whether a function is one of NumPy's that gives one array or number, never several."""
    rule = rule_of(function)
    return is_numpys(function) and rule is not None and rule.kind in ("elementwise", "linear", "general")


__all__ = ["Calls"]
