"""Stores of numbers with a fraction into arrays that NumPy may have made of integers: a test stands before each.

In ``s = 0``, a loop that adds floats to `s`, and ``a = np.array([s, 1])``, the loop may run zero times, and the array
is then one of integers: ``a[0] = x`` cuts off the fraction, and there is nothing to differentiate.  Types say float
here, as they do wherever a number is an integer on one path and a float on another.  Before::

    a[0] = x

After::

    if a.dtype.kind in "biu":
        raise NotDifferentiable("program.py:7: this array was made of integers here, ...")
    a[0] = x
"""

from __future__ import annotations

import builtins
import copy
import dataclasses
import os
from collections.abc import Iterator, Mapping
from typing import Any

import gast

from s2sad.abstract.interpreter import Interpreted
from s2sad.errors import NotDifferentiable
from s2sad.signature import Array, ListOf, Scalar, Sequence, Type
from s2sad.sweep.typer import Typer
from s2sad.tree.build import call, clone, constant, dotted, name, names_in
from s2sad.tree.dataflow import assigned, statements_in
from s2sad.tree.parts import nodes

STORING = {"fill", "put", "place", "putmask", "fill_diagonal", "put_along_axis"}
"""Functions and methods that store into an array without asking for its type."""
CHOOSING = (max, min)
"""Functions that give one of their arguments as it is."""
ADVICE = "make it of floats: `0.0` rather than `0`, or `dtype=float`"


def fractions(core: Interpreted, filename: str, lines: Mapping[int, str]) -> Interpreted:
    """Put a test before each store that may cut off a fraction."""
    stores = [
        part for statement in core.body for part in statements_in(statement) if _stored_into(part, core)
    ]
    if not stores:
        return core
    whole = _Whole(core)
    doubtful = {id(part) for part in stores if whole.expr(name(_stored_into(part, core)))}  # type: ignore[arg-type]
    if not doubtful:
        return core
    objects = dict(core.objects)
    path = next((key for key, known in objects.items() if known is NotDifferentiable), "NotDifferentiable")
    while objects.setdefault(path, NotDifferentiable) is not NotDifferentiable:
        path += "_"
    writer = _Writer(core, doubtful, path, os.path.basename(filename), lines)
    return dataclasses.replace(core, body=tuple(writer.block(list(core.body))), objects=objects)


def _stored_into(statement: Any, core: Interpreted) -> str | None:
    """The array of floats, as the types have it, that a statement stores a float into; by its name."""
    owner: Any = None
    value: Any = None
    if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Subscript):
        owner, value = statement.targets[0].value, statement.value
    elif isinstance(statement, gast.Expr) and isinstance(statement.value, gast.Call):
        func = statement.value.func
        label = (dotted(func) or "").rpartition(".")[2]
        if label in STORING and isinstance(func, gast.Attribute):
            method = isinstance(func.value, gast.Name) and func.value.id in core.types
            owner = func.value if method else (statement.value.args or [None])[0]
    if not isinstance(owner, gast.Name):
        return None
    known = core.types.get(owner.id)
    if not isinstance(known, Array) or not known.is_real or _is_certain(value, core):
        return None
    return owner.id


def _is_certain(value: Any, core: Interpreted) -> bool:
    """Whether a value has no fraction."""
    if isinstance(value, gast.Constant):
        return isinstance(value.value, int)
    known = core.types.get(value.id) if isinstance(value, gast.Name) else None
    return isinstance(known, (Scalar, Array)) and not known.is_real


class _Whole:
    """Which values may be integers where their types say float."""

    def __init__(self, core: Interpreted) -> None:
        self.core, self.typer = core, _AsIntegers(core, self)
        self.values: dict[str, list[Any]] = {}
        for statement in core.body:
            for part in statements_in(statement):
                self._note(part)
        self.found: set[str] = set()
        while True:
            new = {
                key
                for key, values in self.values.items()
                if key not in self.found and any(map(self.expr, values))
            }
            if not new:
                break
            self.found |= new

    def _note(self, part: Any) -> None:
        key = assigned(part)
        if key is not None:
            self.values.setdefault(key, []).append(part.value)
        elif isinstance(part, gast.For):
            for target in nodes(part.target):
                if isinstance(target, gast.Name):
                    self.values.setdefault(target.id, []).append(part.iter)
        elif isinstance(part, gast.Assign) and isinstance(part.targets[0], gast.Subscript):
            owner = part.targets[0].value
            if isinstance(owner, gast.Name) and not isinstance(self.core.types.get(owner.id), Array):
                self.values.setdefault(owner.id, []).append(part.value)  # an item of a list or dict
        elif isinstance(part, gast.Expr) and isinstance(part.value, gast.Call):
            func = part.value.func
            if isinstance(func, gast.Attribute) and isinstance(func.value, gast.Name):
                self.values.setdefault(func.value.id, []).extend(part.value.args)

    def expr(self, node: Any) -> bool:
        """Whether an expression may be an integer, or an array or a list with one."""
        if isinstance(node, gast.Name):
            return self._name(node.id)
        if isinstance(node, gast.Constant):
            return isinstance(node.value, int)
        if isinstance(node, gast.BinOp):
            return not isinstance(node.op, gast.Div) and self.expr(node.left) and self.expr(node.right)
        if isinstance(node, gast.UnaryOp):
            return self.expr(node.operand)
        if isinstance(node, gast.IfExp):
            return self.expr(node.body) or self.expr(node.orelse)
        if isinstance(node, (gast.List, gast.Tuple)):
            return bool(node.elts) and all(map(self.expr, node.elts))
        if isinstance(node, gast.Dict):
            return any(map(self.expr, node.values))
        if isinstance(node, (gast.Subscript, gast.Starred)):
            return self.expr(node.value)
        if isinstance(node, gast.Attribute):
            path = dotted(node)
            known = self.core.objects.get(path) if path else None
            return isinstance(known, int) if path in self.core.objects else self.expr(node.value)
        if isinstance(node, gast.Call):
            return self.call(node, self.typer.of_Call(node))
        if isinstance(node, (gast.ListComp, gast.GeneratorExp)):
            for generator in node.generators:
                if self.expr(generator.iter):
                    self.found |= names_in(generator.target)
            return self.expr(node.elt)
        if isinstance(node, gast.BoolOp):
            return any(map(self.expr, node.values))
        return isinstance(node, gast.Compare)

    def _name(self, key: str) -> bool:
        known = self.core.types.get(key)
        if isinstance(known, (Scalar, Array)) and not known.is_real:
            return True
        if key in self.values or key in self.found:
            return key in self.found
        if isinstance(known, Sequence):  # a parameter
            return any(isinstance(item, Scalar) and not item.is_real for item in known.items)
        if isinstance(known, ListOf):
            return not known.is_real
        return isinstance(self.core.objects.get(key), int)

    def call(self, node: gast.Call, known: Type) -> bool:
        """Whether a call may give an integer; `known` is the type of what it gives for such arguments."""
        function = self.typer.function(node)
        if function is sum:  # of nothing it is 0
            return len(node.args) < 2 or self.expr(node.args[1])
        if function not in CHOOSING and isinstance(known, (Scalar, Array)):
            return not known.is_real
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if function is None and isinstance(node.func, gast.Attribute):
            return self.expr(node.func.value)  # a method
        arrays = [arg for arg in given if isinstance(self.core.types.get(getattr(arg, "id", "")), Array)]
        return any(map(self.expr, arrays or given)) or not given


class _AsIntegers(Typer):
    """Types of calls, of which what may be an integer is one."""

    def __init__(self, core: Interpreted, whole: _Whole) -> None:
        super().__init__(core.types, core.objects)
        self.whole = whole

    def __call__(self, node: gast.expr) -> Type:
        known = super().__call__(node)
        whole = self.whole.call(node, known) if isinstance(node, gast.Call) else self.whole.expr(node)
        return _integers(known) if whole else known

    def function(self, node: gast.Call) -> Any:
        """The function that is called; None where it is a method."""
        path = dotted(node.func) or ""
        return self.objects.get(path, getattr(builtins, path, None))


def _integers(known: Type) -> Type:
    """A type of numbers, as one of integers."""
    if isinstance(known, Scalar):
        return Scalar("int") if known.is_real else known
    if isinstance(known, Array):
        return Array("int64", known.shape) if known.is_real else known
    if isinstance(known, Sequence):
        return Sequence(known.cls, tuple(map(_integers, known.items)))
    return ListOf(_integers(known.item)) if isinstance(known, ListOf) else known


class _Writer:
    """Puts the tests in."""

    def __init__(
        self, core: Interpreted, doubtful: set[int], path: str, file: str, lines: Mapping[int, str]
    ) -> None:
        self.core, self.doubtful, self.path, self.file, self.lines = core, doubtful, path, file, lines
        self.raises = 0

    def block(self, statements: list[gast.stmt]) -> list[gast.stmt]:
        """The statements, with the tests."""
        return [made for statement in statements for made in self._statement(statement)]

    def _statement(self, statement: gast.stmt) -> Iterator[gast.stmt]:
        if id(statement) in self.doubtful:
            yield gast.copy_location(self._test(statement), statement)
        nested = {part: getattr(statement, part, None) for part in ("body", "orelse")}
        parts = {part: inner for part, inner in nested.items() if isinstance(inner, list)}
        if parts:
            before, statement = self.raises, copy.copy(statement)
            for part, inner in parts.items():
                setattr(statement, part, self.block(inner))
            if isinstance(statement, gast.Try) and self.raises > before:  # not for the user's handlers
                again: list[gast.stmt] = [gast.Raise(None, None)]
                handler = gast.ExceptHandler(name(self.path), None, again)
                statement.handlers = [gast.copy_location(handler, statement), *statement.handlers]
        yield statement

    def _test(self, statement: gast.stmt) -> gast.stmt:
        self.raises += 1
        line = getattr(statement, "lineno", 0)
        text = self.lines.get(line, "").strip()
        told = f"{self.file}:{line}: the array was made of integers here, and NumPy cuts off what is stored: {ADVICE}"
        owner = name(_stored_into(statement, self.core))  # type: ignore[arg-type]
        kind = gast.Attribute(gast.Attribute(owner, "dtype", gast.Load()), "kind", gast.Load())
        test = gast.Compare(left=kind, ops=[gast.In()], comparators=[constant("biu")])
        error = call(clone(name(self.path)), constant(f"{told} ({text})" if text else told))
        return gast.If(test, [gast.copy_location(gast.Raise(error, None), statement)], [])


__all__ = ["fractions"]
