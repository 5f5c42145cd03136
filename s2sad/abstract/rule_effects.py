"""Whether a function of the user's derivative rule may write into what it is given: it then gets copies.

>>> def bwd(saved, y_bar):
...     y_bar *= saved
...     return (y_bar,)
>>> may_write(bwd), may_write(lambda saved, y_bar: (saved * y_bar,))
(True, False)
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Iterable
from typing import Any

import gast
import numpy as np

from s2sad.abstract.functions import prepared
from s2sad.errors import S2sadError
from s2sad.rules.record import Ruled
from s2sad.tree.build import dotted
from s2sad.tree.parts import nodes

IN_PLACE = {"fill", "sort", "put", "partition", "itemset", "resize", "append", "extend", "insert", "pop", "update",
            "clear", "remove", "reverse", "setdefault", "popitem", "setfield", "__setitem__"}  # fmt: skip
FIRST_WRITTEN = {
    "copyto",
    "put",
    "place",
    "putmask",
    "fill_diagonal",
    "at",
    "put_along_axis",
    "shuffle",
    "setattr",
}
LIBRARIES = {"numpy", "math", "scipy", "builtins"}
DEPTH = 8


def may_write(function: Any, depth: int = DEPTH) -> bool:
    """Whether a call may change the arguments; True where that cannot be seen."""
    if isinstance(function, Ruled):
        function = getattr(function, "fun", None)
    root = (getattr(function, "__module__", None) or "").split(".")[0]
    if root in LIBRARIES or isinstance(function, (types.BuiltinFunctionType, np.ufunc)):
        return getattr(function, "__name__", "") in FIRST_WRITTEN
    if not isinstance(function, types.FunctionType) or depth == 0:
        return True
    try:
        _, node = prepared(function)
    except S2sadError:
        return True
    return _writes(node, function, depth)


def _writes(node: Any, function: types.FunctionType, depth: int) -> bool:
    args = node.args
    given = {
        arg.id for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg] if arg
    }
    parts = [part for statement in node.body for part in nodes(statement)]
    while True:
        before = len(given)
        for part in parts:
            if isinstance(part, gast.Assign) and _may_be(part.value, given):
                given |= set(_names(part.targets))
            elif isinstance(part, (gast.For, gast.comprehension)) and _may_be(part.iter, given):
                given |= set(_names([part.target]))
        if len(given) == before:
            return any(_changes(part, given, function, depth) for part in parts)


def _names(targets: Iterable[Any]) -> list[str]:
    return [part.id for target in targets for part in nodes(target) if isinstance(part, gast.Name)]


def _may_be(node: Any, given: set[str]) -> bool:
    """Whether a value may share memory with one of the names."""
    if isinstance(node, gast.Name):
        return node.id in given
    if isinstance(node, (gast.BinOp, gast.UnaryOp, gast.Compare, gast.Constant, gast.JoinedStr)):
        return False
    if isinstance(node, gast.Lambda):
        return False
    children = [
        part for child in node.__dict__.values() for part in (child if isinstance(child, list) else [child])
    ]
    return any(_may_be(part, given) for part in children if isinstance(part, gast.AST))


def _changes(node: Any, given: set[str], function: types.FunctionType, depth: int) -> bool:
    if isinstance(node, gast.AugAssign):
        return _may_be(node.target, given)
    if isinstance(node, (gast.Assign, gast.Delete)):
        return any(not isinstance(target, gast.Name) and _stores(target, given) for target in node.targets)
    if not isinstance(node, gast.Call):
        return False
    label = (dotted(node.func) or "").split(".")[-1]
    handed = [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node.func, gast.Attribute) and label in IN_PLACE and _may_be(node.func.value, given):
        return True
    if any(keyword.arg == "out" and _may_be(keyword.value, given) for keyword in node.keywords):
        return True
    if not any(_may_be(arg, given) for arg in handed):
        return False
    if isinstance(node.func, gast.Name) and node.func.id in given:
        return False  # a function that is an argument: the function with the rule calls it too
    called = _found(node.func, function)
    return called is None or (called is not function and may_write(called, depth - 1))


def _stores(target: Any, given: set[str]) -> bool:
    if isinstance(target, (gast.Tuple, gast.List)):
        return any(_stores(item, given) for item in target.elts)
    return isinstance(target, (gast.Subscript, gast.Attribute)) and _may_be(target.value, given)


def _found(func: Any, function: types.FunctionType) -> Any:
    """What a call calls; None where that is not known.  Methods that do not write count as harmless."""
    path = dotted(func)
    if path is None:
        return None
    first, *rest = path.split(".")
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    try:
        found = cells[first].cell_contents if first in cells else function.__globals__.get(first)
        found = getattr(builtins, first, None) if found is None else found
        if found is None:
            return len if rest else None  # a method of an argument
        for key in rest:
            found = getattr(found, key)
    except (AttributeError, ValueError):
        return None
    return len if isinstance(found, type) else found


__all__ = ["may_write"]
