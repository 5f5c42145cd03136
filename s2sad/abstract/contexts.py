"""What a ``with`` means to the interpreter: a context manager just runs, an object's two methods are entered."""

from __future__ import annotations

import contextlib
import inspect
import io
import textwrap
import threading
import types
import warnings
from typing import Any

import gast
import numpy as np

from s2sad.abstract.hooks import run_hook
from s2sad.abstract.method_calls import MethodCalls
from s2sad.abstract.values import Value, record_of
from s2sad.errors import UnsupportedSyntax
from s2sad.objects import is_record_class
from s2sad.signature import NO_VALUE, Opaque, Record, Scalar, Static
from s2sad.tree.build import assign, constant, name, names_in
from s2sad.tree.build import target as build_target
from s2sad.tree.parts import nodes
from s2sad.tree.scopes import is_generator, own_nodes

NONE = Value(Static(None), gast.Constant(None, None))
BLIND = (
    np.errstate, np.printoptions, warnings.catch_warnings, contextlib.nullcontext, contextlib.closing, open,
    contextlib.redirect_stdout, contextlib.redirect_stderr, io.IOBase, threading.Lock, threading.RLock,
    type(threading.Lock()), type(threading.RLock()),
)  # fmt: skip
"""Context managers that do the same whether their body raises or not."""


class Contexts(MethodCalls):
    """Context managers."""

    def run(self, statements: list[gast.stmt]) -> bool:
        raise AssertionError("given by the mixin for statements")

    def assigned(self, value: Value, variable: str) -> Value:
        raise AssertionError("given by the mixin for statements")

    def run_With(self, statement: gast.With) -> bool:
        if run_hook(self, statement):
            return False
        (item,) = statement.items
        known = self._manager(item.context_expr)
        if known is contextlib.nullcontext:
            return self._null_context(item, statement)
        if _makes_object(item.context_expr, known):
            manager = self.visit(item.context_expr)
        else:
            with self.passively():
                manager = self.visit(item.context_expr)
        if isinstance(manager.type, Record):
            return self._with_object(manager, item, statement)
        made_by = known if known is not NO_VALUE else type(manager.known)
        self._check_blind(made_by, item, statement)
        completed = None if never_catches(made_by) else self._not_completed()
        held = None
        with self.emitting_into([]) as body:
            if item.optional_vars is not None:
                held = self.fresh(item.optional_vars.id)
                self.types[held] = Opaque()
                given = self.bind(name(held), Value(Opaque(), None), item.optional_vars.id)
                self.frame.bind(item.optional_vars.id, given)
            left = self.run(statement.body)
            if completed is not None and not left:
                self.emit(assign(completed, constant(True)))
        items = [gast.withitem(self.whole(manager), None if held is None else build_target(held))]
        self.emit(gast.With(items=items, body=body, type_comment=None))
        if completed is not None and not left:
            self._check_completed(completed)
        return left

    def _check_blind(self, made_by: Any, item: gast.withitem, statement: gast.With) -> None:
        """Where the body handles exceptions that are caught around the ``with``, its `__exit__` does not see them."""
        unused = item.optional_vars is None or item.optional_vars.id not in names_in(statement.body)
        if hasattr(statement, "split") and not (
            is_blind(made_by) or (made_by is contextlib.ExitStack and unused)
        ):
            raise self.refuse(
                "S109", "an exception in this `with` is caught around it, and its `__exit__` would see that",
                "catch it inside of the `with`", statement,
            )  # fmt: skip

    def _not_completed(self) -> str:
        """A flag for a body that a context manager may cut off."""
        flag = self.fresh("completed")
        self.types[flag] = Scalar("bool")
        self.emit(assign(flag, constant(False)))
        return flag

    def _check_completed(self, flag: str) -> None:
        text = "this `with` caught an exception: write `try` and `except` instead"
        where = f"{self.frame.filename}:{getattr(self.at, 'lineno', 0)}"
        error = gast.Call(self.object_node(UnsupportedSyntax), [constant(f"{where}: {text}")], [])
        test = gast.UnaryOp(gast.Not(), name(flag))
        self.emit(gast.If(test=test, body=[gast.Raise(exc=error, cause=None)], orelse=[]))

    def _with_object(self, manager: Value, item: gast.withitem, statement: gast.With) -> bool:
        """An object as context manager: its two methods run before and after the body."""
        given = self.call_method(manager, "__enter__", [], {}, statement)
        if item.optional_vars is not None:
            self.frame.bind(item.optional_vars.id, self.assigned(given, item.optional_vars.id))
        before = len(self.out)
        left = self.run(statement.body)
        self.at = statement
        raises = any(isinstance(part, gast.Raise) for inner in self.out[before:] for part in nodes(inner))
        if raises and not never_catches(record_of(manager).cls):
            raise self.refuse(
                "S109", "the body of this `with` raises exceptions, and the `__exit__` of this object may catch them",
                "use `try` and `except`", statement,
            )  # fmt: skip
        if left or self.tries:
            raise self.refuse(
                "S109", "an exception or `break` inside of this `with` would be seen by its `__exit__`",
                "call the methods without `with`", statement,
            )  # fmt: skip
        caught = self.call_method(manager, "__exit__", [NONE, NONE, NONE], {}, statement)
        if caught.known not in (None, False):
            raise self.refuse(
                "S109",
                "the `__exit__` of this object catches exceptions",
                "use `try` and `except`",
                statement,
            )
        return False

    def _manager(self, node: gast.expr) -> Any:
        """The class or function that a context manager is made by, where that is known."""
        if not isinstance(node, gast.Call):
            return None
        with self.emitting_into([]), self.guessing(), self.trying():
            return self.visit(node.func).known

    def _null_context(self, item: gast.withitem, statement: gast.With) -> bool:
        """``nullcontext(value)`` does nothing, and gives its argument."""
        if item.optional_vars is not None:
            given = item.context_expr.args or [gast.Constant(None, None)]
            value = self.visit(given[0], item.optional_vars.id)
            self.frame.bind(item.optional_vars.id, self.assigned(value, item.optional_vars.id))
        return self.run(statement.body)


def is_blind(made_by: Any) -> bool:
    """Whether a context manager does the same whether its body raises or not."""
    inherits = isinstance(made_by, type) and issubclass(made_by, io.IOBase)
    return inherits or any(made_by is known for known in BLIND)


def never_catches(made_by: Any) -> bool:
    """Whether what a class or function makes lets every exception of its body through."""
    if is_blind(made_by):
        return True
    wrapped = getattr(made_by, "__wrapped__", made_by)
    function = wrapped if isinstance(wrapped, types.FunctionType) else getattr(made_by, "__exit__", None)
    if not isinstance(function, types.FunctionType):
        return False
    try:
        (definition,) = gast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, SyntaxError, TypeError, ValueError):
        return False
    for part in own_nodes(definition.body):
        value = part.value if isinstance(part, gast.Return) else None
        if value is not None and not (isinstance(value, gast.Constant) and not value.value):
            return False
        if function is wrapped and isinstance(part, gast.Try) and part.handlers:
            return False
        if function is wrapped and isinstance(part, gast.With):
            return False
    return function is not wrapped or is_generator(definition.body)


def _makes_object(node: gast.expr, made_by: Any) -> bool:
    """Whether a context manager may be an object of a class in Python."""
    if not isinstance(node, gast.Call):
        return True
    plain = isinstance(made_by, types.FunctionType) and not hasattr(made_by, "__wrapped__")
    return plain or (isinstance(made_by, type) and is_record_class(made_by))
