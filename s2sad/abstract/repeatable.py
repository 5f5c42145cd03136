"""Whether an expression may be evaluated again: no random draw, and no call that acts or whose insides are not known.

>>> from s2sad.tree.build import expression
>>> may_differ(expression("len(a) - 1"), {}, {}), may_differ(expression("rng.integers(6)"), {}, {})
(False, True)
"""

from __future__ import annotations

import builtins
import math
import types
from collections.abc import Mapping as Table
from typing import Any

import gast
import numpy as np

from s2sad.rules.record import is_hashable, rule_of
from s2sad.signature import Array, DictOf, ListOf, Mapping, Scalar, Sequence, Type
from s2sad.tree.build import dotted
from s2sad.tree.parts import nodes

_ACTING = frozenset([next, input, open, print, exec, eval, setattr, delattr, __import__])
_CHANGING = frozenset(
    ["pop", "popitem", "setdefault", "update", "append", "extend", "insert", "remove", "sort", "fill"]
)
_PLAIN = (Array, Scalar, ListOf, Sequence, Mapping, DictOf)


def may_differ(node: gast.AST, objects: Table[str, Any], known: Table[str, Type]) -> bool:
    """Whether a second evaluation may give something else than the first one, or do something again."""
    return any(
        isinstance(part, gast.Call) and not _is_repeatable(part, objects, known) for part in nodes(node)
    )


def _is_repeatable(node: gast.Call, objects: Table[str, Any], known: Table[str, Type]) -> bool:
    path = dotted(node.func)
    if path is not None and path in objects:
        return _is_steady(objects[path])
    if isinstance(node.func, gast.Name):
        return hasattr(builtins, node.func.id) and _is_steady(getattr(builtins, node.func.id))
    if not isinstance(node.func, gast.Attribute) or node.func.attr in _CHANGING:
        return False
    owner = node.func.value
    if isinstance(owner, gast.Constant):
        return True
    return isinstance(owner, gast.Name) and isinstance(known.get(owner.id), _PLAIN)


def _is_steady(function: Any) -> bool:
    """Whether a function is one of Python's or NumPy's that gives the same for the same."""
    if not is_hashable(function) or function in _ACTING:
        return False
    if rule_of(function) is not None or isinstance(function, (np.ufunc, type)):
        return not isinstance(function, type) or function.__module__ in ("builtins", "numpy")
    if isinstance(function, types.BuiltinMethodType) and isinstance(function.__self__, types.ModuleType):
        return function.__self__ in (builtins, math)
    module = getattr(function, "__module__", None) or ""
    return module.startswith("numpy") and not module.startswith("numpy.random")
