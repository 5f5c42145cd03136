"""From a Python function to one that the interpreter can enter: source, accept, lower, single exit; cached."""

from __future__ import annotations

import functools
import threading
import types
from collections.abc import Callable
from typing import Any

import gast

from s2sad.abstract.state import constant_type
from s2sad.abstract.values import Frame, Function, Value
from s2sad.signature import Opaque, Scalar, Static, literal
from s2sad.tree.build import call, constant

_PREPARED: dict[tuple[types.CodeType, str], Any] = {}
_LOCK = threading.Lock()
_FRONT: list[Any] = []
_LIFT: list[Any] = []


def set_front(prepare: Any, structure: Any) -> None:
    """Tell how a function is brought to structured Python; the pipeline does, once."""
    _FRONT[:] = [prepare, structure]


def set_lift(lift: Any) -> None:
    """Tell how a function that was made inside the differentiated one is made anew at module level."""
    _LIFT[:] = [lift]


def as_object(at: Any, function: Function, node: Any) -> Value:
    """A function that was made inside the differentiated one, as a value that running code can hand on.

    What it captures, and its defaults, are bound when the code runs, and must not be differentiated.
    """
    if function.args.vararg is not None or function.args.kwarg is not None:
        raise at.refuse(
            "S107", "this function takes any number of arguments, and is given to a derivative rule",
            "name its parameters", node,
        )  # fmt: skip
    lifted = _LIFT[0](at, function, node)
    made: Value = Value(Static(lifted.made), at.object_node(lifted.made))
    kept = {**function.defaults, **lifted.captures}
    if not kept:
        return made
    for key, value in kept.items():
        if carries(value):
            raise at.refuse(
                "S204", f"this function captures {key}, which is differentiated, and is given to a derivative rule",
                f"give {key} to the rule as an argument of its own, or mark it with s2sad.stop_gradient", node,
            )  # fmt: skip
    bound = {key: at.whole(value) for key, value in kept.items()}
    return Value(Opaque(functools.partial), call(at.object_node(functools.partial), made.node, **bound))


def carries(value: Value) -> bool:
    """Whether a value or a part of it is differentiated."""
    return value.varied or any(carries(item) for item in value.items or ())


def structured(body: list[gast.stmt], fresh: Callable[[str], str]) -> list[gast.stmt]:
    """Lowered statements that may `return` in the middle, left by no exit."""
    (definition,) = gast.parse("def expansion(): pass").body
    definition.body = body
    statements: list[gast.stmt] = _FRONT[1](definition, fresh).body
    return statements[:-1]


def prepared(function: types.FunctionType) -> Any:
    """The function's structured source; each code object is prepared once."""
    code = function.__code__
    key = (code, code.co_filename)  # the same code in two files is equal
    with _LOCK:
        if key not in _PREPARED:
            _PREPARED[key] = _FRONT[0](function)
        return _PREPARED[key]


def function_of(function: Any, state: Any) -> Function:
    """A function that can be entered."""
    source, node = prepared(function)
    cells = dict(
        zip(function.__code__.co_freevars, (cell.cell_contents for cell in function.__closure__ or ()))
    )
    frame = Frame(source.filename, source.lines, function.__globals__, cells)
    frame.owner = _class_name(function)
    return Function(function.__name__, node.args, node.body, frame, _defaults(function, state))


def _class_name(function: types.FunctionType) -> str:
    """The class that a method was defined in."""
    *_, owner, _name = ("", *function.__qualname__.split("."))
    return "" if owner == "<locals>" else owner


def _defaults(function: types.FunctionType, state: Any) -> dict[str, Value]:
    """Defaults are objects made when the function was defined: numbers become literals, the rest is read live."""
    code = function.__code__
    plain = code.co_varnames[: code.co_argcount]
    pairs = dict(zip(plain[len(plain) - len(function.__defaults__ or ()) :], function.__defaults__ or ()))
    pairs |= function.__kwdefaults__ or {}
    return {key: default_value(value, f"{function.__name__}_{key}", state) for key, value in pairs.items()}


def default_value(value: Any, label: str, state: Any) -> Value:
    """A default, made when the function or class was defined."""
    known = literal(value)
    if isinstance(known, Scalar) or value is None or isinstance(value, str):
        return Value(known, constant(value))
    if isinstance(value, (tuple, list)) and all(isinstance(literal(item), Scalar) for item in value):
        shown: Value = state.visit(constant(value))
        return shown.but(origin=("global", label)) if isinstance(value, list) else shown
    node = state.object_node(value)
    read: Value = state.as_read(value, gast.unparse(node), node, constant_type(value, label))
    return read


__all__ = ["default_value", "function_of", "gast", "prepared", "set_front"]
