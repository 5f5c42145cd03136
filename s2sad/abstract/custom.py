"""Calls of functions with a rule of the user's: the call stays as it is, and the sweeps call the rule's functions."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callee, exact, flattened, functions_in
from s2sad.abstract.effects import may_write
from s2sad.abstract.functions import as_object, carries, function_of
from s2sad.abstract.objects import holds_objects
from s2sad.abstract.state import Lessons, Rerun
from s2sad.abstract.structural import structural
from s2sad.abstract.values import Value, container_of, holds_references
from s2sad.abstract.written import parts_of
from s2sad.errors import S2sadError
from s2sad.rules.custom import pullback_of_a_copy, pullback_only, tangent_of_copies, tangent_only
from s2sad.rules.record import Rule, rank
from s2sad.rules.typing import result_type
from s2sad.runtime.custom import (
    checked_cotangents,
    checked_like,
    checked_pair,
    checked_tangent,
    kept,
)
from s2sad.signature import (
    Array,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Scalar,
    Sequence,
    Static,
    Type,
    literal,
    without_value,
)
from s2sad.tree.build import call, clone, constant

MAX_ROUNDS = 12


@dataclass(eq=False)
class CustomCall:
    """One call of a function with a rule of the user's; stands among the callees.

    Attributes
    ----------
    name : str
        The function's name.
    rule : Rule
        Its rule.
    transposed : callable
        Gives the callee to whose gradient a rule for one mode is turned for the other mode.
    """

    name: str
    rule: Rule
    transposed: Callable[[], Callee]
    core: None = None
    wrt: tuple[str, ...] = ()


def call_custom(
    at: Any, function: Any, rule: Rule, args: list[Value], keywords: dict[str, Value], hint: str | None, node: Any,
    spelled: gast.expr | None,
) -> Value:  # fmt: skip
    """``y = f(*args)``, whose derivative the rule gives."""
    given = [_atomised(at, at.present(value)) for value in _bound(at, function, rule, args, keywords, node)]
    values = [_atomised(at, _functions_as_objects(at, value, node)) for value in given]
    label = _label(function)
    for part in (function, rule.fwd, rule.bwd, rule.jvp):
        if part is not None:
            at.act(Value(Static(part)), [], {}, node, False)
    for k in rule.static:
        if k < len(values) and values[k].varied and not at.passive:
            raise at.refuse(
                "S204", f"argument {k} of {label} is static, and a differentiated value is given for it",
                "mark it constant with s2sad.stop_gradient, or leave it out of the static ones", node,
            )  # fmt: skip
    if not at.passive and any(carries(value) and holds_objects(value) for value in values):
        raise at.refuse(
            "S204", f"an object with differentiated fields is given to {label}, which has a derivative rule",
            "give it the fields, in a tuple, dict or NamedTuple", node,
        )  # fmt: skip
    func = clone(spelled) if spelled is not None else at.object_node(function)
    whole = call(func, *(at.whole(value) for value in values))
    known, sites = _outcome(at, function, rule, given, node)
    if at.passive or not any(value.varied for value in values):
        return at.opened_inactive(Value(known, whole, sites=sites))
    if isinstance(known, Opaque):
        raise at.refuse(
            "S106", f"the type of what {label} returns cannot be found",
            "register it with s2sad.rules.rule(..., infer=...), which gives the type of the result", node,
        )  # fmt: skip
    named = at.bind(whole, Value(known, None, known.is_real, sites=sites), hint)
    at.calls[named.node.id] = CustomCall(
        label, rule, functools.cache(lambda: _transposed(at, label, rule, values, named, node))
    )
    return at.opened(named)  # type: ignore[no-any-return]


def _functions_as_objects(at: Any, value: Value, node: Any) -> Value:
    """A value whose local functions can be handed to the rule's functions when the code runs."""
    if value.items is not None and any(functions_in(item) for item in value.items):
        items = tuple(_functions_as_objects(at, item, node) for item in value.items)
        return container_of(value.type, items, value.origin)
    return value if value.function is None else as_object(at, value.function, node)


def _label(function: Any) -> str:
    label = getattr(function, "__name__", type(function).__name__)
    return label if label.isidentifier() else "function"


def _bound(
    at: Any, function: Any, rule: Rule, args: list[Value], keywords: dict[str, Value], node: Any
) -> list[Value]:
    """One value per parameter, in order, as `fwd`, `bwd` and `jvp` get them."""
    try:
        signature = inspect.signature(rule.primitives[0])
    except (TypeError, ValueError):  # a function in C need not tell its parameters
        if not keywords:
            return args
        raise at.refuse(
            "S109", f"{_label(function)} does not tell its parameters, and is called with keywords here",
            "give the arguments by position", node,
        ) from None  # fmt: skip
    try:
        bound = signature.bind(*args, **keywords)
    except TypeError as error:
        raise at.refuse("S105", str(error), "call it as it is defined", node) from None
    if isinstance(rule.primitives[0], types.FunctionType):
        bound.apply_defaults()
    if bound.kwargs:
        raise at.refuse(
            "S109", f"{_label(function)} has a rule of its own and a keyword-only parameter",
            "give it positional parameters", node,
        )  # fmt: skip
    return [value if isinstance(value, Value) else _default(at, value) for value in bound.args]


def _default(at: Any, value: Any) -> Value:
    known = literal(value)
    if isinstance(known, Scalar) or value is None or isinstance(value, str):
        return Value(known, constant(value))
    return Value(without_value(known), at.object_node(value))


def _atomised(at: Any, value: Value) -> Value:
    """A value whose differentiated parts are names, so that cotangents can be handed to them."""
    if value.items is not None:
        if not value.varied and value.node is not None:
            return value
        return value.but(node=None, items=tuple(_atomised(at, item) for item in value.items))
    if value.is_static or value.function is not None:
        return value
    return at.atom(value)  # type: ignore[no-any-return]


# ---- the type of the result ---------------------------------------------------------------------
def _outcome(
    at: Any, function: Any, rule: Rule, values: list[Value], node: Any
) -> tuple[Type, frozenset[Any]]:
    """The type of what a call gives, and whose memory it may share."""
    primal, site = rule.primitives[0], at.site(node)
    types_ = [value.type for value in values]
    if rule.infer is not None:
        return rule.infer(*types_), frozenset([site])
    found = _guessed(at, primal, values, node) if isinstance(primal, types.FunctionType) else None
    if found is None:
        known = without_value(result_type(primal, None, types_, {}))
        return known, frozenset([site]) if holds_references(known) else frozenset()
    given = frozenset().union(*(value.sites for value in values))
    known = without_value(found.type)
    return known, (found.sites & given) | {site} if holds_references(known) else frozenset()


def _guessed(at: Any, primal: types.FunctionType, values: list[Value], node: Any) -> Value | None:
    """What interpreting a Python function gives; None where it cannot be interpreted: it still runs."""
    before = (dict(at.frame.env), at.names.copy(), at.at, at.lessons, dict(at.calls))
    at.lessons = Lessons()
    at.lessons.recursive |= before[3].recursive
    try:
        for _ in range(MAX_ROUNDS):
            at.lessons.fresh = False
            try:
                with at.emitting_into([]), at.passively(), at.guessing():
                    value: Value = at.enter(function_of(primal, at), values, {}, node)
            except Rerun:
                continue
            _check_unwritten(at, primal, values, node)
            if not at.lessons.fresh:
                return value
    except S2sadError as error:
        if error.code == "S108":
            raise
    finally:
        at.frame.env, at.names, at.at, at.lessons, calls = before
        at.calls.clear()
        at.calls.update(calls)
    return None


def _check_unwritten(at: Any, primal: Any, values: list[Value], node: Any) -> None:
    written = at.lessons.written
    if any(value.varied and value.sites & written for value in values):
        raise at.refuse(
            "S108", f"{_label(primal)} has a derivative rule of its own, and writes into its argument",
            "let it return a new array", node,
        )  # fmt: skip


# ---- the other mode -----------------------------------------------------------------------------
def _transposed(at: Any, label: str, rule: Rule, values: list[Value], result: Value, node: Any) -> Callee:
    """A callee whose gradient is the rule's transpose: with it, a rule for one mode serves the other."""
    static = [values[k] for k in rule.static if k < len(values)]
    rest = [value for k, value in enumerate(values) if k not in rule.static]
    if rule.bwd is None:
        if rule.jvp is None:
            raise at.refuse(
                "S204",
                f"{label} has no derivative rule yet",
                "call defvjp or defjvp once before it is used",
                node,
            )
        function = function_of(tangent_of_copies if may_write(rule.jvp) else tangent_only, at)
        given = {"jvp": _rule(rule.jvp, f"{label}_jvp"), "name": Value(Static(label), constant(label))}
        given |= {"static": _fixed(static), "primals": _fixed(rest), "tangents": _moving(rest)}
    else:
        assert rule.fwd is not None
        function = function_of(pullback_of_a_copy if may_write(rule.bwd) else pullback_only, at)
        given = {"fwd": _rule(rule.fwd, f"{label}_fwd"), "bwd": _rule(rule.bwd, f"{label}_bwd")}
        given |= {
            "args": _fixed(values),
            "static": _fixed(static),
            "y_bar": _as_varied(_read(result.type, result.node, at.object_node)),
        }
    leaves: list[tuple[str, Value]] = []
    seen = {key: flattened(key, value, leaves) for key, value in given.items()}
    env = {key: exact(value, dict(leaves)) for key, value in seen.items()}
    wrt = tuple(key for key, value in leaves if value.varied)
    callee = Callee(
        at.callees.fresh_name(f"{label}_transposed"), function, env, [], tuple(k for k, _ in leaves), wrt,
        given=[clone(value.node) for _, value in leaves],
        nonlinear=at.problem("S204", *_no_transpose(rule, label), node),
    )  # fmt: skip
    at.settle(callee, node)
    at.calls[f"{callee.name}~"] = callee
    return callee


def _no_transpose(rule: Rule, label: str) -> tuple[str, str]:
    """What to say of a rule for one mode that the other mode cannot use."""
    if rule.bwd is None:
        what = f"the jvp rule of {label} is not linear in its tangents, so that it gives no reverse mode"
        return what, f"write it as a sum of tangents times values, or give {label} a custom_vjp"
    what = f"the bwd of {label} is not linear in the cotangent, so that it gives no forward mode"
    return what, "use the reverse mode, or give a custom_jvp"


def _rule(function: Any, hint: str) -> Value:
    """One of a rule's functions, under a name that tells whose it is."""
    return Value(Static(function), None, origin=hint)


def _fixed(values: list[Value]) -> Value:
    return container_of(Sequence(tuple, ()), tuple(_inactive(value) for value in values))


def _inactive(value: Value) -> Value:
    items = None if value.items is None else tuple(_inactive(item) for item in value.items)
    return value.but(varied=False, items=items)


def _moving(values: list[Value]) -> Value:
    """The tangents of values; numbers that cannot move have a float zero."""
    return container_of(Sequence(tuple, ()), tuple(_as_varied(value) for value in values))


def _read(known: Type, node: Any, object_node: Any) -> Value:
    """A result, its parts read where they are used."""
    if not isinstance(known, (Sequence, Mapping)):
        return Value(known, node)
    nodes = parts_of(known, node, object_node)
    return container_of(
        known, tuple(_read(item, part, object_node) for item, part in zip(known.items, nodes))
    )


def _as_varied(value: Value) -> Value:
    if value.items is not None:
        return value.but(items=tuple(_as_varied(item) for item in value.items), varied=value.type.is_real)
    known = value.type
    if isinstance(known, (Scalar, Array, ListOf)) and not known.is_real:
        return Value(Scalar("float"), constant(0.0))
    return value.but(varied=known.is_real, type=without_value(known))


# ---- derivatives of what the sweeps emit --------------------------------------------------------
@structural(checked_cotangents)
def _checked_cotangents(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    given, wanted, name = args
    items, likes = at.parts(given, node), at.parts(wanted, node)
    if len(items) != len(likes):
        raise at.refuse(
            "S204", f"the rule of {name.known} returns {len(items)} cotangents, not {len(likes)}",
            "return one for each argument that is not static", node,
        )  # fmt: skip
    pairs = zip(items, likes)
    return container_of(Sequence(tuple, ()), tuple(_like(at, item, like, name, node) for item, like in pairs))


@structural(checked_tangent)
def _checked_tangent(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    given, name = args
    single = isinstance(given.type, (Scalar, Array))
    items = [] if single else at.parts(given, node)
    if len(items) != 2:
        raise at.refuse("S204", f"the rule of {name.known} must return (value, tangent)", "return both", node)
    return container_of(Sequence(tuple, ()), (items[0], _like(at, items[1], items[0], name, node)))


@structural(checked_pair)
def _checked_pair(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    given, name = args
    if given.items is None and not isinstance(given.type, (Sequence, Mapping, Scalar, Array)):
        return Value(Opaque(), call(at.object_node(checked_pair), at.whole(given), at.whole(name)))
    items = at.parts(given, node) if isinstance(given.type, Sequence) else []
    if len(items) != 2:
        raise at.refuse(
            "S204", f"the fwd of {name.known} must return (value, residuals)", "return both", node
        )
    return container_of(Sequence(tuple, ()), tuple(items))


@structural(kept)
def _kept(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    return _copied(at, args[0], node)


def _copied(at: Any, value: Value, node: Any) -> Value:
    if value.items is not None:
        return container_of(value.type, tuple(_copied(at, item, node) for item in value.items), at.site(node))
    if isinstance(value.type, Array):
        return at.call_known(np.copy, [value], {}, None, node)  # type: ignore[no-any-return]
    return value


def _like(at: Any, value: Value, like: Value, name: Value, node: Any) -> Value:
    """A cotangent with the structure of what it belongs to; None is zeros."""
    if like.items is not None:
        parts = [value] * len(like.items) if _is_none(value) else _parts_as(at, value, like, name, node)
        items = tuple(_like(at, part, item, name, node) for part, item in zip(parts, like.items))
        return container_of(like.type, items, at.site(node))
    if _is_none(value) or not (like.type.is_real or isinstance(like.type, Opaque)):
        return _zeros(at, like, node)
    if not isinstance(like.type, (Scalar, Array)):
        return value
    if isinstance(value.type, Never):
        return value
    ranks = rank(value.type), rank(like.type)
    if None not in ranks and ranks[0] != ranks[1]:
        raise at.refuse(
            "S204", f"what the rule of {name.known} returns has rank {ranks[0]}, and belongs to a value of rank "
            f"{ranks[1]}", "return the derivative in the shape of the value", node,
        )  # fmt: skip
    if getattr(value.type, "shape", None) != like.type.shape or like.type.shape is None:
        return at.call_known(checked_like, [value, _inactive(like), name], {}, None, node)  # type: ignore[no-any-return]
    return value


def _is_none(value: Value) -> bool:
    return value.is_static and value.known is None


def _parts_as(at: Any, value: Value, like: Value, name: Value, node: Any) -> list[Value]:
    if isinstance(like.type, Mapping) and isinstance(value.type, Mapping) and value.items is not None:
        if set(value.type.keys) == set(like.type.keys):
            return [value.items[value.type.keys.index(key)] for key in like.type.keys]
    elif isinstance(like.type, Sequence):
        parts: list[Value] = at.parts(value, node)
        if len(parts) == len(like.type.items):
            return parts
    raise at.refuse(
        "S204", f"a cotangent that the rule of {name.known} returns has not the structure of its argument",
        "return the same containers, with None for zeros", node,
    )  # fmt: skip


def _zeros(at: Any, like: Value, node: Any) -> Value:
    if isinstance(like.type, Array):
        return at.call_known(np.zeros_like, [_inactive(like)], {}, None, node)  # type: ignore[no-any-return]
    return Value(Scalar("float", 0.0), constant(0.0))
