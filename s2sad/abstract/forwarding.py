"""Functions that hand their arguments on: `functools.partial` inside of a differentiated function, methods as values.

What is made has the parameters of what it calls, by name, so that they can be counted and chosen by `argnums`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import gast
import numpy as np

from s2sad.abstract.values import Frame, Function, Value
from s2sad.signature import Scalar, Static, literal
from s2sad.tree.build import constant, expression

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def made_here(at: Any, text: str, known: Mapping[str, Value], node: Any) -> Value:
    """A function of an expression over values that are known here, such as ``lambda y: f(k, y)``."""
    frame = Frame(at.frame.filename, at.frame.lines, at.frame.globals, {}, None, at.frame.prefix)
    frame.env = dict(known)
    with at.inside(frame):
        made: Value = at.visit(gast.copy_location(expression(text), node))
        return made


def forwarding(
    at: Any, fun: Value, args: Sequence[Value], keywords: Mapping[str, Value], node: Any
) -> Value | None:
    """A function of the parameters of `fun` that are not given here; None if its parameters are not known."""
    found = _parameters(fun, keywords)
    if found is None:
        return None
    known = {"s2sad_func": fun, **{f"s2sad_{k}": value for k, value in enumerate(args)}}
    parameters, handed, named_only = [], [f"s2sad_{k}" for k in range(len(args))], False
    for key, kind, default in found[len(args) :]:
        named_only = named_only or key in keywords
        value = keywords.get(key, default)
        if value is not None:
            known[f"s2sad_default_{key}"] = value
        shown = key if value is None else f"{key}=s2sad_default_{key}"
        if kind is inspect.Parameter.VAR_POSITIONAL:
            parameters.append(f"*{key}")
            handed.append(f"*{key}")
        elif kind is inspect.Parameter.VAR_KEYWORD:
            parameters.append(f"**{key}")
            handed.append(f"**{key}")
        elif kind in _POSITIONAL and not named_only:
            parameters.append(shown)
            handed.append(key)
        else:
            if not any(item.startswith("*") for item in parameters):
                parameters.append("*")
            parameters.append(shown)
            handed.append(f"{key}={key}")
    names = {key for key, _, _ in found}
    for key in keywords:
        if key not in names:  # one of those that ``**more`` takes
            known[f"s2sad_{key}"] = keywords[key]
            handed.insert(len(handed) - 1, f"{key}=s2sad_{key}")
    return made_here(at, f"lambda {', '.join(parameters)}: s2sad_func({', '.join(handed)})", known, node)


def _parameters(fun: Value, given: Mapping[str, Value]) -> list[tuple[str, Any, Value | None]] | None:
    """Name, kind and default of each parameter; of NumPy's those that are left out stay out."""
    if fun.function is not None:
        return _of_local(fun.function)
    try:
        signature = inspect.signature(fun.known)
    except (TypeError, ValueError):
        return None
    found, named_only = [], False
    for key, parameter in signature.parameters.items():
        options = key == "out" or parameter.kind is parameter.KEYWORD_ONLY
        unset = parameter.default is np._NoValue or (isinstance(fun.known, np.ufunc) and options)
        if unset and key not in given:  # handed on, its default would be an argument that is given
            named_only = True
            continue
        default = None if parameter.default is parameter.empty else _default(parameter.default)
        plain = parameter.kind in _POSITIONAL and named_only
        found.append((key, parameter.KEYWORD_ONLY if plain else parameter.kind, default))
    return found


def _of_local(function: Function) -> list[tuple[str, Any, Value | None]]:
    args, given = function.args, function.defaults
    kinds = inspect.Parameter
    found: list[tuple[str, Any, Value | None]] = [
        (arg.id, kinds.POSITIONAL_OR_KEYWORD, given.get(arg.id)) for arg in [*args.posonlyargs, *args.args]
    ]
    if args.vararg is not None:
        found.append((args.vararg.id, kinds.VAR_POSITIONAL, None))
    found += [(arg.id, kinds.KEYWORD_ONLY, given.get(arg.id)) for arg in args.kwonlyargs]
    if args.kwarg is not None:
        found.append((args.kwarg.id, kinds.VAR_KEYWORD, None))
    return found


def _default(value: Any) -> Value:
    known = literal(value)
    if isinstance(known, Scalar) or value is None or isinstance(value, (str, bool)):
        return Value(known, constant(value))
    return Value(Static(value))
