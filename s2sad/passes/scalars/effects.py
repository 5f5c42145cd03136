"""Whether a function can be run again from its arguments, as if it had not run: it changes nothing but its own."""

from __future__ import annotations

import builtins
from typing import Any

import gast

from s2sad.abstract.interpreter import Interpreted
from s2sad.analysis.memory import is_pure_function
from s2sad.signature import Array, DictOf, ListOf, Mapping, Record, Scalar, Sequence
from s2sad.tree.build import dotted
from s2sad.tree.dataflow import walk
from s2sad.tree.parts import nodes

_OWN = (Array, DictOf, ListOf, Mapping, Record, Scalar, Sequence)
_UNCERTAIN = (gast.With, gast.Try, gast.FunctionDef, gast.Lambda, gast.ListComp, gast.GeneratorExp)
_INTO_ARGUMENTS = {"at", "copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis"}


def may_run_twice(core: Interpreted) -> bool:
    """Whether running a function has no effect but its result; what calls others that keep a body is left out."""
    if core.calls or core.hooks or core.plans or any(core.outside):
        return False
    for statement in walk(core.body):
        if isinstance(statement, _UNCERTAIN):
            return False
        for node in nodes(statement):
            if isinstance(node, _UNCERTAIN) or isinstance(node, gast.Call) and not _is_plain(node, core):
                return False
    return True


def _is_plain(node: gast.Call, core: Interpreted) -> bool:
    path = dotted(node.func)
    target: Any = None
    if path is not None:
        target = core.objects.get(path, getattr(builtins, path, None) if path not in core.types else None)
    if target is not None:
        if isinstance(target, type) and issubclass(target, BaseException):
            return True
        return is_pure_function(target) or _writes_its_own(target)
    if not isinstance(node.func, gast.Attribute):
        return False
    owner = node.func.value
    if isinstance(owner, gast.Constant):
        return True
    return isinstance(owner, gast.Name) and isinstance(core.types.get(owner.id), _OWN)


def _writes_its_own(target: Any) -> bool:
    """Functions of NumPy that write into an array, which is a local one: arguments that are written are copied."""
    module = getattr(target, "__module__", None) or type(getattr(target, "__self__", None)).__module__
    return module.startswith("numpy") and getattr(target, "__name__", "") in _INTO_ARGUMENTS
