"""Derivatives inside differentiated functions: `grad`, `value_and_grad`, `vjp` and `jvp` as callees like any other.

A derivative that is called for arguments of known types is compiled for these types, and what was emitted is entered
as any function of the user's would be: it is plain Python.  Each derivative has variables of its own, so nesting is
right without any bookkeeping: d/dx [x * d/dy (x + y)] = 1.

A function made inside the differentiated one is *lifted* first: a module-level function is made of it, whose
parameters are its own and then every variable that it captures.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad import api
from s2sad.abstract.callees import captured, general
from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import structural, structural_class
from s2sad.abstract.values import Frame, Function, Value, container_of, rebuilt
from s2sad.api import grad, jvp, recent_derivative, value_and_grad, vjp
from s2sad.arguments import Parameters
from s2sad.derivative import Derivative, Transformed
from s2sad.jacobians import MAKERS, HessianProduct
from s2sad.load import load
from s2sad.options import make_options
from s2sad.signature import (
    NO_VALUE,
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
from s2sad.tree.build import assign, call, clone, constant, expression, name, names_in
from s2sad.tree.printer import function_source
from s2sad.tree.scopes import rename, stored
from s2sad.whole import WholeDerivative

ADVICE = "differentiate a function of your own, defined with `def` or `lambda`"


@dataclass(frozen=True, eq=False)
class LocalDerivative:
    """The derivative of a function that was made inside the differentiated one.

    ``steps`` are the ways to differentiate, innermost first: a mode, argnums and options each.
    """

    function: Function
    steps: tuple[tuple[str, Any, dict[str, Any]], ...]


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
    if known.pop("has_aux", False):
        raise at.refuse("S109", "has_aux inside a differentiated function", "return the value alone", node)
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
    derivative = _derivative(fun.known, mode, argnums, options)
    spelled = None
    if fun.node is not None and isinstance(node, gast.Call):
        spelled = gast.Call(func=clone(node.func), args=[clone(fun.node)], keywords=[
            gast.keyword(key, constant(value)) for key, value in {"argnums": argnums, **options}.items()
        ])  # fmt: skip
    return Value(Static(derivative), spelled)


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
    if mode not in MAKERS:
        return Derivative(fun, mode, argnums, False, make_options(options))
    rest = {key: value for key, value in options.items() if key != "chunk"}
    return MAKERS[mode](fun, argnums, False, make_options(rest), options.get("chunk"))


# ---- calling ------------------------------------------------------------------------------------
@structural_class(Derivative, *MAKERS.values())
def _call_derivative(
    at: Any, derivative: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    if derivative.mode == "primal":  # `jit(f)` is `f`
        return at._user_call(Value(Static(derivative.primal)), args, keywords, hint, node)  # type: ignore[no-any-return]
    if at.passive and not any(_only_inside(value) for value in [*args, *keywords.values()]):
        return None
    return _called(at, derivative, _bound(at, derivative, args, keywords, node), node)


@structural_class(LocalDerivative)
def _call_local(
    at: Any, made: LocalDerivative, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value:
    derivative, values = _lifted(at, made, args, keywords, node)
    return _called(at, derivative, values, node)


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
    if derivative.has_aux:
        raise at.refuse("S109", "has_aux inside a differentiated function", "return the value alone", node)
    if isinstance(derivative, HessianProduct):
        raise at.refuse(
            "S109",
            "hvp inside a differentiated function",
            "use jvp of a gradient: jvp(grad(f), (x,), (p,))",
            node,
        )
    result = _entered(at, derivative, values, [], node)[0]
    if isinstance(derivative, WholeDerivative) or derivative.single or len(derivative.wrt) > 1:
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
    if derivative.arranges and not isinstance(derivative.primal, Transformed):
        raise at.refuse("S101", f"the derivative of {derivative.primal!r} is called here", ADVICE, node)
    try:
        bound = derivative.bind(tuple(args), dict(keywords))
    except TypeError as error:
        raise at.refuse("S105", str(error), "call it as the primal is called", node) from None
    names = Parameters(derivative.primal).names
    return {key: _as_value(at, value, node) for key, value in zip(names, bound)}


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
    if known.pop("has_aux", False):
        raise at.refuse("S109", "has_aux inside a differentiated function", "return the value alone", node)
    step = (mode, tuple(range(len(primals))), known)
    if fun.function is not None:
        return _lifted(at, LocalDerivative(fun.function, (step,)), primals, {}, node)
    if isinstance(fun.known, LocalDerivative):
        return _lifted(at, LocalDerivative(fun.known.function, (*fun.known.steps, step)), primals, {}, node)
    if not fun.is_static or not callable(fun.known):
        raise at.refuse("S107", "which function is differentiated here is not known", ADVICE, node)
    derivative = recent_derivative(fun.known, mode, tuple(range(len(primals))), known)
    return derivative, _bound(at, derivative, primals, {}, node)


@structural(jvp)
def _jvp(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    given = dict(zip(("fun", "primals", "tangents"), args)) | keywords
    fun, primals, tangents = (given.pop(key) for key in ("fun", "primals", "tangents"))
    point, directions = at.parts(primals, node), at.parts(tangents, node)
    if len(point) != len(directions):
        raise at.refuse(
            "S105", f"{len(point)} primals and {len(directions)} tangents", "give one for each", node
        )
    derivative, values = _at_point(at, fun, "jvp", point, given, node)
    directions = [_promoted(v, Scalar("float")) if isinstance(v.type, Scalar) else v for v in directions]
    return _entered(at, derivative, values, directions, node)[0]


@structural(vjp)
def _vjp(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    fun, *primals = args
    derivative, values = _at_point(at, fun, "vjp", primals, keywords, node)
    pair, compiled = _entered(at, derivative, values, [], node)
    value, saved = at.parts(pair, node)
    return container_of(Sequence(tuple, ()), (value, _pullback(at, compiled.reverse, saved, node)))


def _pullback(at: Any, reverse: types.FunctionType, saved: Value, node: Any) -> Value:
    """A function of the cotangent, for what the forward sweep saved."""
    frame = Frame(at.frame.filename, at.frame.lines, at.frame.globals, {}, None, at.frame.prefix)
    frame.env = {
        "s2sad_saved": saved,
        "s2sad_reverse": Value(function=function_of(reverse, at), type=Static(reverse)),
    }
    with at.inside(frame):
        pull = gast.copy_location(expression("lambda cotangent: s2sad_reverse(s2sad_saved, cotangent)"), node)
        made: Value = at.visit(pull)
        return made


# ---- functions made inside ----------------------------------------------------------------------
@dataclass
class _Scope:
    """Names in a lifted function: each captured variable has one, whatever frame it comes from."""

    taken: set[str]
    chosen: dict[tuple[int, str], str] = field(default_factory=dict)

    def name_of(self, frame: Frame, variable: str) -> str:
        key = (id(frame), variable)
        if key not in self.chosen:
            candidate, count = variable, 0
            while candidate in self.taken:
                count += 1
                candidate = f"{variable}_{count}"
            self.taken.add(candidate)
            self.chosen[key] = candidate
        return self.chosen[key]


class Lifted:
    """A function made inside another one, as one at module level: what it captures follows its own parameters.

    Attributes
    ----------
    made : function
        The function.
    own : list of str
        Its own parameters.
    captures : dict from str to Value
        The others, and what they stand for.
    """

    def __init__(self, at: Any, function: Function, node: Any) -> None:
        self.at, self.node = at, node
        self.own = _ordered(function.args)
        self.captures: dict[str, Value] = {}
        self.scope = _Scope(set(self.own) | stored(list(function.body)) | {function.name})
        self.helpers: list[gast.stmt] = []
        self.cells: dict[str, str] = {}
        found = _captured(function)
        for capture in found:
            if not _is_local(capture.value):
                self.captures[self.scope.name_of(capture.frame, capture.variable)] = capture.value
        for capture in found:
            if _is_local(capture.value):
                self._help(capture.value, self.scope.name_of(capture.frame, capture.variable))
        body = self._renamed(function, list(function.body))
        args = gast.arguments(
            args=[_parameter(key) for key in [*self.own, *self.captures]], posonlyargs=[], vararg=None,
            kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[],
        )  # fmt: skip
        label = function.name if function.name.isidentifier() else "inner"
        self.made: Any = _loaded(
            _definition(label, args, [*self.helpers, *body]), label, function.frame.globals
        )

    def _help(self, value: Value, label: str) -> None:
        """Define a captured function, or the derivative of one, inside the lifted one."""
        if value.function is not None:
            self.helpers.append(self._helper(value.function, label))
            return
        made = value.known
        primal = f"{label}_primal"
        self.helpers.append(self._helper(made.function, primal))
        node: gast.expr = name(primal)
        for mode, argnums, options in made.steps:
            known = {"argnums": argnums, **options}
            node = call(_MAKERS[mode], node, **{key: constant(given) for key, given in known.items()})
        self.helpers.append(assign(label, node))

    def _helper(self, function: Any, label: str) -> gast.stmt:
        """A captured function: one inside the lifted one."""
        args = clone(function.args)
        keys = [arg.id for arg in [*args.posonlyargs, *args.args]]
        defaults = {key: self._default(label, key, value) for key, value in function.defaults.items()}
        args.defaults = [defaults[key] for key in keys if key in defaults]
        args.kw_defaults = [defaults.get(arg.id) for arg in args.kwonlyargs]
        return _definition(label, args, self._renamed(function, list(function.body)))

    def _default(self, label: str, key: str, value: Value) -> gast.expr:
        new = f"{label}_{key}"
        while new in self.scope.taken:
            new += "_1"
        self.scope.taken.add(new)
        self.captures[new] = value
        return name(new)

    def _renamed(self, function: Function, body: list[gast.stmt]) -> list[gast.stmt]:
        """A copy of a body in which captured variables have their names in the lifted function."""
        own = set(_ordered(function.args)) | stored(body)
        table = {}
        for key in sorted(names_in(body) - own):
            frame = _home(function.frame, key)
            if frame is not None:
                table[key] = self.scope.name_of(frame, key)
            elif key in _cells(function.frame):
                table[key] = self._cell(function, key)
        new: list[gast.stmt] = rename(
            clone(body), {old: given for old, given in table.items() if old != given}
        )
        return new

    def _cell(self, function: Function, key: str) -> str:
        """A variable that the user's function itself captured."""
        if key not in self.cells:
            with self.at.inside(function.frame):
                value = self.at.visit(gast.copy_location(name(key), self.node))
            self.cells[key] = self.scope.name_of(function.frame, key)
            self.captures[self.cells[key]] = value
        return self.cells[key]


_MAKERS = {mode: f"s2sad_{mode}" for mode in ("grad", "value_and_grad", *MAKERS)}


def _is_local(value: Value) -> bool:
    return value.function is not None or isinstance(value.known, LocalDerivative)


def _captured(function: Function) -> list[Any]:
    """What a function captures, itself or through local functions and derivatives of such."""
    found: dict[tuple[int, str], Any] = {}
    stack, seen = [function], set()
    while stack:
        here = stack.pop(0)
        if id(here.body) in seen:
            continue
        seen.add(id(here.body))
        for capture in captured(here):
            found.setdefault((id(capture.frame), capture.variable), capture)
            if isinstance(capture.value.known, LocalDerivative):
                stack.append(capture.value.known.function)
    return list(found.values())


def _ordered(args: gast.arguments) -> list[str]:
    """All parameters, in the order of a signature."""
    rest = [args.vararg] if args.vararg is not None else []
    named = [args.kwarg] if args.kwarg is not None else []
    return [arg.id for arg in [*args.posonlyargs, *args.args, *rest, *args.kwonlyargs, *named]]


def _home(frame: Frame | None, key: str) -> Frame | None:
    while frame is not None:
        if key in frame.env:
            return frame
        frame = frame.parent
    return None


def _cells(frame: Frame | None) -> Iterable[str]:
    while frame is not None:
        if frame.cells:
            return frame.cells
        frame = frame.parent
    return ()


def _parameter(key: str) -> gast.Name:
    return gast.Name(id=key, ctx=gast.Param(), annotation=None, type_comment=None)


def _definition(label: str, args: gast.arguments, body: list[gast.stmt]) -> gast.FunctionDef:
    return gast.FunctionDef(
        name=label, args=args, body=body, decorator_list=[], returns=None, type_comment=None, type_params=[]
    )


_LOADED: dict[tuple[str, int], types.FunctionType] = {}


def _loaded(definition: gast.FunctionDef, label: str, namespace: Any) -> Any:
    """The function of a definition; the same text among the same globals gives the same function."""
    text = function_source(definition)
    key = (text, id(namespace))
    if key not in _LOADED:
        makers = {spelled: getattr(api, mode) for mode, spelled in _MAKERS.items()}
        objects = {key: maker for key, maker in makers.items() if key in text}
        anchor = types.FunctionType((lambda: None).__code__, namespace)
        _LOADED[key] = load(text, label, anchor, objects, "s2sad")  # type: ignore[assignment]
    return _LOADED[key]


__all__ = ["Lifted", "LocalDerivative", "Maker"]
