"""Derivatives inside differentiated functions: `grad`, `value_and_grad`, `vjp` and `jvp` as callees like any other.

A derivative that is called for arguments of known types is compiled for these types, and what was emitted is entered
as any function of the user's would be: it is plain Python.  Each derivative has variables of its own, so nesting is
right without any bookkeeping: d/dx [x * d/dy (x + y)] = 1.

A function made inside the differentiated one is *lifted* first (`s2sad.lifting`): a module-level function is made of
it, whose parameters are its own and then every variable that it captures.
"""

from __future__ import annotations

import types
from dataclasses import dataclass, replace
from typing import Any

import gast
import numpy as np

from s2sad import api
from s2sad.abstract.callees import general
from s2sad.abstract.forwarding import forwarding, made_here
from s2sad.abstract.functions import function_of
from s2sad.abstract.late import reads_of
from s2sad.abstract.outside import is_outside
from s2sad.abstract.state import copied_parameter
from s2sad.abstract.structural import structural, structural_class
from s2sad.abstract.values import Value, container_of, rebuilt
from s2sad.api import grad, jvp, linearize, recent_derivative, value_and_grad, vjp
from s2sad.arguments import Parameters
from s2sad.derivative import Derivative, Transformed
from s2sad.jacobians import MAKERS, HessianProduct, direction_name
from s2sad.lifting import Lifted, LocalDerivative, ordered
from s2sad.options import make_options
from s2sad.rules.record import Ruled
from s2sad.runtime import sequences
from s2sad.signature import (
    NO_VALUE,
    Array,
    ListOf,
    Mapping,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    kind_of,
    literal,
    without_none,
    without_value,
)
from s2sad.tree.build import call, clone, constant
from s2sad.whole import WholeDerivative

ADVICE = "differentiate a function of your own, defined with `def` or `lambda`"


@dataclass(frozen=True, eq=False)
class Maker:
    """``grad(argnums=...)``, which waits for its function."""

    mode: str
    argnums: Any
    options: dict[str, Any]


# ---- making -------------------------------------------------------------------------------------
@structural(grad)
def _grad(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    return _made(at, "grad", args, keywords, node)


@structural(value_and_grad)
def _value_and_grad(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    return _made(at, "value_and_grad", args, keywords, node)


def _made_whole(mode: str) -> None:
    """Teach what a call of `jacfwd` and its kin means."""

    @structural(getattr(api, mode))
    def make(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
        return _made(at, mode, args, keywords, node)


for _mode in MAKERS:
    _made_whole(_mode)


@structural_class(Maker)
def _apply_maker(
    at: Any, maker: Maker, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value:
    return _derivative_value(at, args[0], maker.mode, maker.argnums, maker.options, node)


def _made(at: Any, mode: str, args: list[Value], keywords: dict[str, Value], node: Any) -> Value:
    """``grad(f, argnums, **options)``: everything but `f` must be known."""
    given = dict(zip(("fun", "argnums"), args)) | keywords
    fun = given.pop("fun", None)
    known = {key: _known(at, value, node) for key, value in given.items()}
    argnums = known.pop("argnums", 0)
    if fun is None:
        return Value(Static(Maker(mode, argnums, known)))
    return _derivative_value(at, fun, mode, argnums, known, node)


def _known(at: Any, value: Value, node: Any) -> Any:
    if value.known is NO_VALUE:
        raise at.refuse(
            "S107",
            "how to differentiate is known only at run time",
            "write argnums and options as constants",
            node,
        )
    return value.known


def _derivative_value(
    at: Any, fun: Value, mode: str, argnums: Any, options: dict[str, Any], node: Any
) -> Value:
    if isinstance(argnums, list):
        argnums = tuple(argnums)
    step = (mode, argnums, options)
    if fun.function is not None:
        return Value(Static(LocalDerivative(fun.function, (step,))))
    if isinstance(fun.known, LocalDerivative):
        return Value(Static(LocalDerivative(fun.known.function, (*fun.known.steps, step))))
    if not fun.is_static or not callable(fun.known):
        raise at.refuse("S107", "which function is differentiated here is not known", ADVICE, node)
    if _hands_on(fun.known):
        wrapped = forwarding(at, fun, [], {}, node)
        if wrapped is not None and wrapped.function is not None:
            return Value(Static(LocalDerivative(wrapped.function, (step,))))
    derivative = _derivative(fun.known, mode, argnums, options)
    spelled = None
    if fun.node is not None and isinstance(node, gast.Call):
        spelled = gast.Call(func=clone(node.func), args=[clone(fun.node)], keywords=[
            gast.keyword(key, constant(value)) for key, value in {"argnums": argnums, **options}.items()
        ])  # fmt: skip
    return Value(Static(derivative), spelled)


def _hands_on(fun: Any) -> bool:
    """Whether a callable is no plain function, but a method, a `functools.partial` or an object that is called."""
    return not isinstance(fun, (types.FunctionType, types.BuiltinFunctionType, type, Transformed, Ruled))


_MADE: dict[Any, Transformed] = {}


def _derivative(fun: Any, mode: str, argnums: Any, options: dict[str, Any]) -> Any:
    """One derivative for each function and way to differentiate, so that it compiles once."""
    key = (id(fun), mode, argnums, tuple(options.items()))
    found = _MADE.get(key)
    if found is None:
        if len(_MADE) >= 256:
            _MADE.clear()
        found = _MADE[key] = _new(fun, mode, argnums, options)
    return found


def _new(fun: Any, mode: str, argnums: Any, options: dict[str, Any]) -> Transformed:
    has_aux = bool(options.get("has_aux", False))
    rest = make_options({key: value for key, value in options.items() if key not in ("has_aux", "chunk")})
    if mode not in MAKERS:
        return Derivative(fun, mode, argnums, has_aux, rest)
    return MAKERS[mode](fun, argnums, has_aux, rest, options.get("chunk"))


# ---- calling ------------------------------------------------------------------------------------
@structural_class(Derivative, *MAKERS.values())
def _call_derivative(
    at: Any, derivative: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    if derivative.mode == "primal":  # `jit(f)` is `f`
        return at._user_call(Value(Static(derivative.primal)), args, keywords, hint, node)  # type: ignore[no-any-return]
    if at.passive and not any(_only_inside(value) for value in [*args, *keywords.values()]):
        return None
    if isinstance(derivative, HessianProduct):
        rest, direction = _without_direction(at, derivative.direction, args, keywords, node)
        return _multiplied(at, derivative, _bound(at, derivative, rest, keywords, node), direction, node)
    return _called(at, derivative, _bound(at, derivative, args, keywords, node), node)


@structural_class(LocalDerivative)
def _call_local(
    at: Any, made: LocalDerivative, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value:
    if made.steps[-1][0] == "hvp":
        label = direction_name(ordered(made.function.args))
        args, direction = _without_direction(at, label, args, keywords, node)
        derivative, values = _lifted(at, made, args, keywords, node)
        return _multiplied(at, derivative, values, direction, node)
    derivative, values = _lifted(at, made, args, keywords, node)
    return _called(at, derivative, values, node)


def _without_direction(
    at: Any, label: str, args: list[Value], keywords: dict[str, Value], node: Any
) -> tuple[list[Value], Value]:
    """The arguments ``(x, p, *args)`` of a product with a Hessian, `p` apart."""
    if label in keywords:
        return args, keywords.pop(label)
    if len(args) < 2:
        raise at.refuse("S105", f"the direction {label!r} is missing", "call it as h(x, p, *args)", node)
    return [args[0], *args[2:]], args[1]


def _multiplied(at: Any, derivative: Any, values: dict[str, Value], direction: Value, node: Any) -> Value:
    """The product of a Hessian with a direction: the tangent of the gradient."""
    directions = [direction] if derivative.single else at.parts(direction, node)
    if len(directions) != len(derivative.wrt):
        raise at.refuse(
            "S105",
            f"{len(directions)} directions for {len(derivative.wrt)} parameters",
            "give one for each",
            node,
        )
    directions = [_promoted(part, _floats(part.type)) for part in directions]
    result = _entered(at, derivative.sweeps[0], values, directions, node)[0]
    if derivative.single or len(derivative.wrt) > 1:
        return result
    return container_of(Sequence(tuple, ()), (result,))


def _lifted(
    at: Any, made: LocalDerivative, args: list[Value], keywords: dict[str, Value], node: Any
) -> tuple[Derivative, dict[str, Value]]:
    """A local function's derivative as that of a function at module level, and its arguments."""
    lifted = Lifted(at, made.function, node)
    derivative: Any = lifted.made
    for mode, argnums, options in made.steps:
        derivative = _derivative(derivative, mode, _names(lifted.own, argnums), options)
    return derivative, {**at.bound_arguments(made.function, args, keywords, node), **lifted.captures}


def _names(own: list[str], argnums: Any) -> Any:
    """`argnums` by name: the lifted function has more parameters than the user's."""
    if isinstance(argnums, tuple):
        return tuple(_names(own, item) for item in argnums)
    return own[argnums] if isinstance(argnums, int) and -len(own) <= argnums < len(own) else argnums


def _called(at: Any, derivative: Any, values: dict[str, Value], node: Any) -> Value:
    """The gradient, or value and gradient, as the caller sees it."""
    result = _entered(at, derivative, values, [], node)[0]
    if isinstance(derivative, WholeDerivative) or derivative.has_aux:
        return result
    if derivative.single or len(derivative.wrt) > 1:
        return result
    if derivative.mode == "grad":
        return container_of(Sequence(tuple, ()), (result,))
    value, gradient = at.parts(result, node)
    return container_of(Sequence(tuple, ()), (value, container_of(Sequence(tuple, ()), (gradient,))))


def _entered(
    at: Any, derivative: Any, values: dict[str, Value], extra: list[Value], node: Any
) -> tuple[Value, Any]:
    """What the emitted function gives for these arguments, and all that was compiled."""
    for key, value in values.items():
        if _only_inside(value):
            raise at.refuse(
                "S107", f"{key!r} of a derivative is a function or iterator that is made here",
                "define it at module level, or capture it where it is called", node,
            )  # fmt: skip
    values = {key: at.present(value) for key, value in values.items()}
    raw = {key: _signature_type(key, value) for key, value in values.items()}
    compiled, known, guard = derivative.emitted_for(raw)
    if guard is not None:
        at.inner_guards.append(guard)
    given = [_promoted(values[key], known[key]) if key in values else _constant(known[key]) for key in known]
    given += extra
    return at.enter(function_of(compiled.function, at), given, {}, node), compiled


def _constant(known: Type) -> Value:
    """The unit cotangent that the derivative of a derivative hands over."""
    assert isinstance(known, Scalar)
    return Value(known, constant(known.value))


def _signature_type(key: str, value: Value) -> Type:
    """The type of an argument as a signature has it: sizes and values of the caller are not the callee's."""
    known = without_none(value.type)
    if value.items is not None:
        parts = list(known.keys) if isinstance(known, (Mapping, Record)) else range(len(value.items))
        items = tuple(_signature_type(f"{key}_{part}", item) for part, item in zip(parts, value.items))
        if isinstance(known, Record):
            return Record(known.cls, known.keys, items)
        return Mapping(known.keys, items) if isinstance(known, Mapping) else Sequence(known.cls, items)  # type: ignore[attr-defined]
    if value.is_static:
        return known
    return general(without_value(known), key)


def _promoted(value: Value, wanted: Type) -> Value:
    """An integer as the float that the emitted code takes."""
    if value.items is not None and isinstance(wanted, (Sequence, Mapping, Record)):
        items = tuple(_promoted(item, want) for item, want in zip(value.items, wanted.items))
        if all(new is old for new, old in zip(items, value.items)):
            return value
        return rebuilt(value, items).but(ident=None)
    have = value.type
    if not isinstance(have, Scalar) or not isinstance(wanted, Scalar) or kind_of(wanted.dtype) != "float":
        return value
    if kind_of(have.dtype) != "int":
        return value
    if value.known is not NO_VALUE:
        return Value(literal(float(value.known)), constant(float(value.known)))
    return Value(Scalar("float"), call("float", clone(value.node)))


def _bound(
    at: Any, derivative: Any, args: list[Value], keywords: dict[str, Value], node: Any
) -> dict[str, Value]:
    """One value per parameter of the primal."""
    if _arranges(derivative) and not isinstance(derivative.primal, Transformed):
        raise at.refuse("S101", f"the derivative of {derivative.primal!r} is called here", ADVICE, node)
    try:
        bound = derivative.bind(tuple(args), dict(keywords))
    except TypeError as error:
        raise at.refuse("S105", str(error), "call it as the primal is called", node) from None
    names = Parameters(derivative.primal).names
    return {key: _as_value(at, value, node) for key, value in zip(names, bound)}


def _arranges(derivative: Any) -> bool:
    """Whether the primal's own arguments are handed over in another order than its parameters have."""
    inner = derivative
    while isinstance(inner, WholeDerivative):
        inner = inner.sweeps[0]
    while isinstance(inner.primal, Transformed):
        inner = inner.primal
    return bool(inner.arranges)


def _as_value(at: Any, given: Any, node: Any) -> Value:
    """What `bind` gives for a parameter: a value, a tuple or dict of values, or a default."""
    if isinstance(given, Value):
        return given
    if isinstance(given, tuple):
        return container_of(Sequence(tuple, ()), tuple(_as_value(at, item, node) for item in given))
    if isinstance(given, dict) and all(isinstance(key, str) for key in given):
        items = tuple(_as_value(at, item, node) for item in given.values())
        return container_of(Mapping(tuple(given), ()), items)
    known = literal(given)
    if isinstance(known, Scalar) or given is None or isinstance(given, str):
        return Value(known, constant(given))
    return Value(without_value(known), at.object_node(given))


def _only_inside(value: Value) -> bool:
    """Whether a value exists only inside the interpreter."""
    if value.items is not None:
        return any(_only_inside(item) for item in value.items)
    made_here = value.function is not None or value.iteration is not None
    return made_here or isinstance(value.known, (LocalDerivative, Maker))


# ---- vjp and jvp --------------------------------------------------------------------------------
def _at_point(
    at: Any, fun: Value, mode: str, primals: list[Value], options: dict[str, Value], node: Any
) -> tuple[Derivative, dict[str, Value]]:
    """The derivative with respect to all of the primals, and its arguments."""
    known = {key: _known(at, value, node) for key, value in options.items()}
    step = (mode, tuple(range(len(primals))), known)
    if fun.function is not None:
        return _lifted(at, LocalDerivative(fun.function, (step,)), primals, {}, node)
    if isinstance(fun.known, LocalDerivative):
        return _lifted(at, LocalDerivative(fun.known.function, (*fun.known.steps, step)), primals, {}, node)
    if fun.is_static and callable(fun.known) and _hands_on(fun.known):
        wrapped = forwarding(at, fun, [], {}, node)
        if wrapped is not None and wrapped.function is not None:
            return _lifted(at, LocalDerivative(wrapped.function, (step,)), primals, {}, node)
    if not fun.is_static or not callable(fun.known):
        raise at.refuse("S107", "which function is differentiated here is not known", ADVICE, node)
    derivative = recent_derivative(fun.known, mode, tuple(range(len(primals))), known)
    return derivative, _bound(at, derivative, primals, {}, node)


@structural(jvp)
def _jvp(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    given = dict(zip(("fun", "primals", "tangents"), args)) | keywords
    fun, primals, tangents = (given.pop(key) for key in ("fun", "primals", "tangents"))
    has_aux = _has_aux(at, given, node)
    point, directions = at.parts(primals, node), at.parts(tangents, node)
    if len(point) != len(directions):
        raise at.refuse(
            "S105", f"{len(point)} primals and {len(directions)} tangents", "give one for each", node
        )
    derivative, values = _at_point(at, fun, "jvp", point, given, node)
    directions = [_promoted(part, _floats(part.type)) for part in directions]
    result = _entered(at, derivative, values, directions, node)[0]
    if not has_aux:
        return result
    value, tangent = at.parts(result, node)
    (value, aux), (tangent, _) = _pair(at, value, node), _pair(at, tangent, node)
    return container_of(Sequence(tuple, ()), (value, tangent, aux))


def _floats(known: Type) -> Type:
    """The type of a direction for a value of this type: its integers are floats."""
    if isinstance(known, Scalar) and kind_of(known.dtype) == "int":
        return Scalar("float")
    if isinstance(known, (Sequence, Mapping, Record)):
        return replace(known, items=tuple(map(_floats, known.items)))
    return known


def _pair(at: Any, value: Value, node: Any) -> list[Value]:
    """``(value, aux)``, as a function with `has_aux` returns it."""
    items: list[Value] = at.parts(value, node)
    if len(items) != 2:
        raise at.refuse(
            "S105", "with has_aux=True the function must return (value, aux)", "return both", node
        )
    return items


@structural(vjp)
def _vjp(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    fun, *primals = args
    has_aux = _has_aux(at, keywords, node)
    derivative, values = _at_point(at, fun, "vjp", primals, keywords, node)
    pair, compiled = _entered(at, derivative, values, [], node)
    value, saved = at.parts(pair, node)
    reads = reads_of(at, [*values.values(), value]).sites
    known = {
        "s2sad_saved": _kept(at, saved, reads, node),
        "s2sad_reverse": Value(function=function_of(compiled.reverse, at), type=Static(compiled.reverse)),
    }
    if not has_aux:
        pull = made_here(at, "lambda cotangent: s2sad_reverse(s2sad_saved, cotangent)", known, node)
        return container_of(Sequence(tuple, ()), (value, pull))
    value, aux = _pair(at, value, node)
    known["s2sad_silent"] = _silent(at, aux, node)
    pull = made_here(
        at, "lambda cotangent: s2sad_reverse(s2sad_saved, (cotangent, s2sad_silent))", known, node
    )
    return container_of(Sequence(tuple, ()), (value, pull, aux))


@structural(linearize)
def _linearize(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    """Value and pushforward; the tangent that comes with the value is not used, and so is not emitted."""
    fun, *primals = args
    point = container_of(Sequence(tuple, ()), tuple(primals))
    point = _kept(at, point, reads_of(at, [point]).sites, node)
    given = {"fun": fun, "primals": point}
    value, _, *aux = at.parts(_jvp(at, [], given | {"tangents": point} | keywords, hint, node), node)
    known = {"s2sad_jvp": Value(Static(jvp)), "s2sad_fun": fun, "s2sad_primals": point}
    options = "".join(f", {key}={_known(at, item, node)!r}" for key, item in keywords.items())
    push = made_here(
        at, f"lambda *tangents: s2sad_jvp(s2sad_fun, s2sad_primals, tangents{options})[1]", known, node
    )
    return container_of(Sequence(tuple, ()), (value, push, *aux))


def _kept(at: Any, value: Value, shared: frozenset[Any], node: Any) -> Value:
    """What a pullback keeps: arrays that it shares with its caller are copied, if they are written anywhere."""
    if value.items is not None:
        items = tuple(_kept(at, item, shared, node) for item in value.items)
        same = all(new is old for new, old in zip(items, value.items))
        return value if same else container_of(value.type, items, at.site(node))
    theirs = [site for site in value.sites if site in shared or is_outside(copied_parameter(site))]
    held = [site for site in theirs for site in at.lessons.contents.get(site, ())]
    if not at.lessons.written.intersection([*theirs, *held]):
        return value
    if isinstance(value.type, Array):
        copied: Value = at.enter(function_of(sequences.copy_of, at), [value], {}, node)
        return copied
    if isinstance(value.type, ListOf) and isinstance(value.type.item, (Array, Scalar)):
        function = sequences.copies_of if isinstance(value.type.item, Array) else sequences.list_of
        copied = at.enter(function_of(function, at), [value], {}, node)
        return copied
    raise at.refuse(
        "S202", "this pullback keeps a list or dict that is changed somewhere",
        "give it a copy (`copy.deepcopy`)", node,
    )  # fmt: skip


def _has_aux(at: Any, options: dict[str, Value], node: Any) -> bool:
    """Take `has_aux` out of the options."""
    given = options.pop("has_aux", None)
    return given is not None and bool(_known(at, given, node))


def _silent(at: Any, value: Value, node: Any) -> Value:
    """The cotangent of a value that nothing flows back from."""
    if value.items is not None:
        items = tuple(_silent(at, item, node) for item in value.items)
        return container_of(value.type, items, at.site(node))
    if isinstance(value.type, Array) and value.type.is_real:
        zeros: Value = at.call_known(np.zeros_like, [value.but(varied=False)], {}, None, node)
        return zeros
    return (
        Value(Scalar("float", 0.0), constant(0.0))
        if value.type.is_real
        else Value(Static(None), constant(None))
    )


__all__ = ["Lifted", "LocalDerivative", "Maker"]
