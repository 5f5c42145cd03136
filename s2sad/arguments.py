"""Parameters of a primal: binding, `argnums`, types from annotations, and which arguments have a derivative."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterable
from collections.abc import Sequence as AbstractSequence
from typing import Any

import numpy as np

from s2sad.errors import InvalidArgnums, NotDifferentiable, SourceUnavailable
from s2sad.load import calling, load
from s2sad.objects import fields_of, is_declared_real, is_record, replaced
from s2sad.rules.record import Ruled, rule_of
from s2sad.runtime.checkpoints import checkpoint
from s2sad.signature import (
    Array,
    ListOf,
    Mapping,
    Opaque,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    kind_of,
    type_of,
    without_value,
)

VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
Argnums = int | str | AbstractSequence["int | str"]


class Parameters:
    """The parameters of a function: how a call's arguments are laid out, one value per parameter.

    >>> Parameters(lambda x, *rest, n=2: x).bind((1.0, 2.0, 3.0), {})
    (1.0, (2.0, 3.0), 2)
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        self.function_name = getattr(fun, "__name__", type(fun).__name__)
        self.signature = signature_of(fun)
        parameters = list(self.signature.parameters.values())
        self.names = tuple(parameter.name for parameter in parameters)
        self.plain = all(
            parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
            for parameter in parameters
        )
        self._defaults = tuple(
            parameter.default for parameter in parameters if parameter.default is not parameter.empty
        )
        self._required = len(self.names) - len(self._defaults)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """One value per parameter, defaults filled in; ``*args`` is one tuple and ``**kwargs`` one dict."""
        if self.plain and not kwargs and self._required <= len(args) <= len(self.names):
            return args + self._defaults[len(args) - self._required :]
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.function_name}(): {error}") from None
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def unbind(self, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments of a call, from one value per parameter."""
        bound = inspect.BoundArguments(self.signature, dict(zip(self.names, values)))
        return bound.args, bound.kwargs

    def annotated_types(self) -> dict[str, Type]:
        """A type per parameter from its annotation, else its default; else a real scalar."""
        return {name: _declared_type(p) for name, p in self.signature.parameters.items()}

    def resolve(self, argnums: Argnums) -> tuple[str, ...]:
        """The parameters that `argnums` selects, by name."""
        if isinstance(argnums, str) or not isinstance(argnums, Iterable):
            return (self._resolve_one(argnums),)
        chosen = tuple(self._resolve_one(item) for item in argnums)
        for name in chosen:
            if chosen.count(name) > 1:
                raise InvalidArgnums(
                    f"argnums={argnums!r} selects parameter {name!r} of {self.function_name} twice"
                )
        return chosen

    def _resolve_one(self, item: Any) -> str:
        if isinstance(item, str):
            if item not in self.names:
                raise InvalidArgnums(f"argnums={item!r}: {self.function_name} has {self._described()}")
            return item
        if isinstance(item, (bool, np.bool_)) or not isinstance(item, (int, np.integer)):
            raise InvalidArgnums(
                f"argnums must be an int, a parameter's name or a sequence of them, not {item!r}"
            )
        if not -len(self.names) <= item < len(self.names):
            raise InvalidArgnums(
                f"argnums={item} is out of range: {self.function_name} has {self._described()}"
            )
        return self.names[item]

    def _described(self) -> str:
        return f"the parameters {', '.join(self.names)}" if self.names else "no parameters"


def signature_of(fun: Callable[..., Any]) -> inspect.Signature:
    """The signature of `fun`, with annotations as objects where they can be evaluated."""
    try:
        return inspect.signature(fun, eval_str=True)
    except (NameError, AttributeError, SyntaxError, TypeError, ValueError):
        pass  # an annotation that is only there for a type checker, or no signature at all
    try:
        return inspect.signature(fun)
    except ValueError:
        raise SourceUnavailable(
            f"{getattr(fun, '__name__', fun)!r} does not tell its parameters, so it cannot be differentiated: "
            "wrap it in a Python function"
        ) from None


def position_of_star(fun: Callable[..., Any]) -> int | None:
    """The position of ``*args`` among the parameters of a function."""
    code = getattr(fun, "__code__", None)
    if code is not None and not code.co_flags & inspect.CO_VARARGS:
        return None
    kinds = [parameter.kind for parameter in signature_of(fun).parameters.values()]
    kind = inspect.Parameter.VAR_POSITIONAL
    return kinds.index(kind) if kind in kinds else None


def per_parameter(fun: Callable[..., Any], items: AbstractSequence[Any]) -> tuple[Any, ...]:
    """One item for each positional argument of a function, as one for each parameter: ``*args`` takes a tuple.

    >>> per_parameter(lambda x, *rest: x, (1.0, 2.0, 3.0))
    (1.0, (2.0, 3.0))
    """
    starred = position_of_star(fun)
    if starred is None or starred >= len(items):
        return tuple(items)
    return (*items[:starred], tuple(items[starred:]))


class Adapter:
    """Lays out the arguments of a callable for the plain function behind it.

    ``functools.partial``, bound methods and objects with `__call__` fix leading arguments of a function; everything
    else stands for itself.

    >>> import functools
    >>> adapter = Adapter(functools.partial(lambda x, y: x, 2))
    >>> adapter.arrange((5,))
    (2, 5)
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        self.function: Any = _plain(fun)
        self.fixed: tuple[Any, ...] = ()
        while True:
            if isinstance(self.function, functools.partial):
                inner, leading = self.function.func, self.function.args
            elif isinstance(self.function, types.MethodType):
                inner, leading = self.function.__func__, (self.function.__self__,)
            elif _is_callable_object(self.function) and not isinstance(self.function, (Ruled, checkpoint)):
                inner, leading = type(self.function).__call__, (self.function,)
            else:
                break
            self.function, self.fixed = _plain(inner), (*leading, *self.fixed)
        self.trivial = self.function is fun
        if _brings_rule(self.function):
            self.function = _caller_of(self.function)
        if not self.trivial:
            self._lay_out(fun)

    def _lay_out(self, fun: Callable[..., Any]) -> None:
        outer, self.names = tuple(signature_of(fun).parameters), tuple(signature_of(self.function).parameters)
        kinds = [p.kind for p in signature_of(self.function).parameters.values()]
        if any(kind in VARIADIC for kind in kinds):
            raise NotDifferentiable(
                f"{fun!r} fixes arguments of a function with *args or **kwargs: wrap it in a function of its own"
            )
        count = len(self.fixed)
        self.places = tuple(outer.index(name) for name in self.names[count:])

    def arrange(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of the plain function; what follows the callable's own (tangents) stays at the end."""
        if self.trivial:
            return values
        count = len(self.places)
        return (*self.fixed, *[values[k] for k in self.places], *values[count:])

    def arrange_types(self, known: dict[str, Type]) -> dict[str, Type]:
        """The types of the plain function's arguments."""
        if self.trivial:
            return known
        fixed = {name: type_of(value, name) for name, value in zip(self.names, self.fixed)}
        return {**fixed, **{name: known[name] for name in self.names[len(fixed) :]}}


def _plain(fun: Any) -> Any:
    """A cached function without its cache, which changes no value; a wrapper as a function with its own parameters."""
    if isinstance(fun, functools._lru_cache_wrapper):
        fun = fun.__wrapped__
    wraps = isinstance(fun, types.FunctionType) and hasattr(fun, "__wrapped__")
    if wraps and fun.__code__.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return calling(fun, signature_of(fun))
    return fun


def _brings_rule(fun: Callable[..., Any]) -> bool:
    """Whether a function is differentiated by a rule or as a checkpoint, not through its body."""
    if isinstance(fun, checkpoint):
        return True
    rule = rule_of(fun)
    return rule is not None and (rule.kind == "custom" or isinstance(fun, types.FunctionType))


def _caller_of(fun: Callable[..., Any]) -> Callable[..., Any]:
    """A function that calls `fun`, which has a rule, and does nothing else."""
    parameters = signature_of(fun).parameters.values()
    if any(p.kind in VARIADIC or p.kind is p.KEYWORD_ONLY for p in parameters):
        raise NotDifferentiable(
            f"{fun!r} has a derivative rule, and *args, **kwargs or keyword-only parameters: "
            "call it in a function of your own, and differentiate that"
        )
    names = ", ".join(p.name for p in parameters)
    label = getattr(fun, "__name__", "function")
    label = label if label.isidentifier() else "function"
    text = f"def call_{label}({names}):\n    return {label}({names})\n"
    return load(text, f"call_{label}", lambda: None, {label: fun}, "s2sad")


def _is_callable_object(fun: Any) -> bool:
    return isinstance(inspect.getattr_static(type(fun), "__call__"), types.FunctionType)


def python_function(fun: Callable[..., Any]) -> Callable[..., Any]:
    """`fun` if it has Python source to differentiate."""
    if isinstance(fun, types.FunctionType):
        return fun
    kind = "a class" if isinstance(fun, type) else "not written in Python"
    raise SourceUnavailable(
        f"{getattr(fun, '__name__', fun)!r} is {kind}, so there is no source to differentiate: "
        "call it in a function of your own, and differentiate that"
    )


def _declared_type(parameter: inspect.Parameter) -> Type:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return Sequence(tuple, ())
    if parameter.kind is parameter.VAR_KEYWORD:
        return Mapping((), ())
    declared = None if parameter.annotation is parameter.empty else _from_annotation(parameter.annotation)
    if declared is not None:
        return declared
    if parameter.default is not parameter.empty:
        return type_of(parameter.default, parameter.name)
    return Scalar("float")


def _from_annotation(annotation: Any) -> Type | None:
    """The type that an annotation states; None where it states none that the compiler knows."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if hasattr(origin, "__value__"):  # an alias made by a `type` statement, as NumPy's NDArray is from 2.5 on
        annotation = origin.__value__[arguments]
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in (bool, int, float, complex):
        return Scalar(annotation.__name__)
    if annotation is np.ndarray or origin is np.ndarray:
        return Array(_annotated_dtype(arguments), None)
    if origin is list and arguments:
        item = _from_annotation(arguments[0])
        return None if item is None else ListOf(item)
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        items = [_from_annotation(argument) for argument in arguments]
        return None if None in items else Sequence(tuple, tuple(item for item in items if item is not None))
    if isinstance(annotation, type) and issubclass(annotation, np.number):
        return Scalar(np.dtype(annotation).name)
    return None


def _annotated_dtype(arguments: tuple[Any, ...]) -> str:
    """The dtype in ``np.ndarray[shape, np.dtype[np.float32]]`` (``NDArray[np.float32]``); float64 if none."""
    stated = typing.get_args(arguments[1]) if len(arguments) == 2 else ()
    if stated and isinstance(stated[0], type) and issubclass(stated[0], np.generic):
        try:
            return np.dtype(stated[0]).name
        except TypeError:
            pass  # an abstract class such as np.floating
    return "float64"


def differentiable(known: Type, path: str) -> Type:
    """The type that a differentiable argument has in the compiled code: integer scalars become floats.

    Raises `NotDifferentiable` with the path of the leaf that has no derivative.
    """
    if isinstance(known, Sequence):
        names = [f".{name}" for name in known.cls._fields] if hasattr(known.cls, "_fields") else None
        selectors = names or [f"[{k}]" for k in range(len(known.items))]
        items = (differentiable(item, path + where) for item, where in zip(known.items, selectors))
        return Sequence(known.cls, tuple(items))
    if isinstance(known, Mapping):
        pairs = zip(known.keys, known.items)
        return Mapping(known.keys, tuple(differentiable(item, f"{path}[{key!r}]") for key, item in pairs))
    if isinstance(known, Record):
        return _differentiable_object(known, path)
    if isinstance(known, ListOf):
        return ListOf(differentiable(known.item, f"{path}[...]"))
    if isinstance(known, Scalar) and kind_of(known.dtype) == "int":
        return Scalar("float")
    if isinstance(known, (Scalar, Array)) and kind_of(known.dtype) in ("float", "complex"):
        return without_value(known)
    raise _refusal(known, path)


def _differentiable_object(known: Record, path: str) -> Record:
    """An object: its real numbers are differentiated, and integers that its class declares real; the rest stays."""
    items = tuple(
        _differentiable_part(item, is_declared_real(known.cls, key))
        for key, item in zip(known.keys, known.items)
    )
    made = Record(known.cls, known.keys, items)
    if not made.is_real:
        raise NotDifferentiable(
            f"{path} is a {known.cls.__name__} without a field that is a float or an array of floats: leave it out of "
            "argnums, or annotate its integer fields as float"
        )
    return made


def _differentiable_part(known: Type, declared: bool) -> Type:
    if isinstance(known, Sequence):
        return Sequence(known.cls, tuple(_differentiable_part(item, False) for item in known.items))
    if isinstance(known, Mapping):
        return Mapping(known.keys, tuple(_differentiable_part(item, False) for item in known.items))
    if isinstance(known, Record):
        parts = zip(known.keys, known.items)
        items = tuple(_differentiable_part(item, is_declared_real(known.cls, key)) for key, item in parts)
        return Record(known.cls, known.keys, items)
    if isinstance(known, Scalar) and kind_of(known.dtype) == "int" and declared:
        return Scalar("float")
    return without_value(known) if known.is_real else known


def _refusal(known: Type, path: str) -> NotDifferentiable:
    if isinstance(known, Array):
        return NotDifferentiable(
            f"{path} is an array of dtype {known.dtype}, which would truncate its gradient: "
            f"pass {path}.astype(float), or leave it out of argnums"
        )
    return NotDifferentiable(
        f"{path} is {_described(known)}, which has no derivative: leave it out of argnums, "
        "or pass a float, an array of floats or a container of these"
    )


def _described(known: Type) -> str:
    if isinstance(known, Scalar):
        return "a bool"
    if isinstance(known, Static) and known.value is None:
        return "None"
    if isinstance(known, Static):
        return f"a {type(known.value).__name__}"
    if isinstance(known, Opaque) and known.cls is not None:
        return f"a {known.cls.__name__}"
    return "of a type that is not known"


def promoted(value: Any) -> Any:
    """`value` with the integer scalars in it as floats."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(promoted, value))
    if type(value) in (tuple, list):
        return type(value)(map(promoted, value))
    if type(value) is dict:
        return {key: promoted(item) for key, item in value.items()}
    if is_record(value):
        return _promoted_object(value)
    return float(value) if isinstance(value, (int, np.integer)) else value


def _promoted_object(value: Any) -> Any:
    """An object with the integers in it as floats that its class declares real."""
    if is_record(value):
        fields = fields_of(value)
        new = {
            key: float(item)
            if isinstance(item, (int, np.integer))
            and not isinstance(item, bool)
            and is_declared_real(type(value), key)
            else _promoted_object(item)
            for key, item in fields.items()
        }
        return value if all(new[key] is fields[key] for key in fields) else replaced(value, **new)
    if type(value) in (tuple, list):
        return type(value)(map(_promoted_object, value))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_promoted_object, value))
    if type(value) is dict:
        return {key: _promoted_object(item) for key, item in value.items()}
    return value
