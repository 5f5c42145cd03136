"""From a Python function to one that the interpreter can enter: source, accept, lower, single exit; cached."""

from __future__ import annotations

import threading
import types
from collections.abc import Callable
from typing import Any

import gast

from s2sad.abstract.state import constant_type
from s2sad.abstract.values import Frame, Function, Value
from s2sad.signature import Scalar, Static, literal
from s2sad.tree.build import constant

_PREPARED: dict[tuple[types.CodeType, str], Any] = {}
_LOCK = threading.Lock()
_FRONT: list[Any] = []


def set_front(prepare: Any, structure: Any) -> None:
    """Tell how a function is brought to structured Python; the pipeline does, once."""
    _FRONT[:] = [prepare, structure]


def structured(body: list[gast.stmt], fresh: Callable[[str], str]) -> list[gast.stmt]:
    """Lowered statements that may `return` in the middle, left by no exit."""
    (definition,) = gast.parse("def expansion(): pass").body
    definition.body = body
    *statements, _ = _FRONT[1](definition, fresh).body
    return statements  # type: ignore[no-any-return]


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
        return state.visit(constant(value))
    node = (
        state.object_node(value) if not isinstance(constant_type(value), Static) else state.object_node(value)
    )
    return Value(constant_type(value, label), node)


__all__ = ["default_value", "function_of", "gast", "prepared", "set_front"]
