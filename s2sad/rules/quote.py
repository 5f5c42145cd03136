"""Quoting: a rule's body put in place, its static tests decided, its operands substituted.

>>> from s2sad.rules.quote import Quoter
>>> def partial(x, n, *, y):
...     if n == 2:
...         return 2 * x
...     return n * x ** (n - 1)
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.rules import record
from s2sad.signature import NO_VALUE, Scalar, Type, kind_of, static_value
from s2sad.tree.build import assign, clone, constant, dotted, name, names_in
from s2sad.tree.dataflow import with_fields
from s2sad.tree.parts import nodes
from s2sad.tree.source import load_function


class NotStatic(Exception):
    """An expression whose value is not known at compile time."""


class RuleRefuses(Exception):
    """A rule that says, by raising, that it does not cover these arguments."""

    def __init__(self, message: str, advice: str = "Spell it so, or register a rule of your own.") -> None:
        super().__init__(message)
        self.advice = advice


def _namespace(function: Callable[..., Any]) -> dict[str, Any]:
    """The names that a rule's body sees."""
    cells = zip(function.__code__.co_freevars, (c.cell_contents for c in function.__closure__ or ()))
    return {**vars(builtins), **function.__globals__, **dict(cells)}


@functools.cache
def _own_namespace(module: str) -> dict[str, Any]:
    """The names in one of our own modules of rules, which nobody rebinds."""
    return {**vars(builtins), **vars(sys.modules[module])}


@functools.lru_cache(maxsize=4096)
def _names_of(node: gast.expr) -> frozenset[str]:
    """The names in an expression of a rule's body, which stays as it is."""
    return frozenset(names_in(node))


@functools.lru_cache(maxsize=4096)
def _calls(node: gast.expr) -> bool:
    """Whether an expression of a rule's body calls anything, or compares what has no value."""
    return any(isinstance(part, (gast.Call, gast.Compare)) for part in nodes(node))


@functools.lru_cache(maxsize=4096)
def _code_of(node: gast.expr) -> Any:
    return compile(gast.gast_to_ast(gast.Expression(body=clone(node))), "<rule>", "eval")


def _message(statement: gast.Raise) -> str:
    """What a rule's ``raise Error("...")`` says."""
    for part in nodes(statement):
        if isinstance(part, gast.Constant) and isinstance(part.value, str):
            return part.value
    return "the rule does not cover these arguments"


@dataclass(frozen=True)
class Binding:
    """What a name in a rule's body stands for: an expression, what is known of it, and whether it may be complex."""

    node: gast.expr
    type: Type
    is_complex: bool = False


@functools.cache
def body_of(function: Any) -> gast.FunctionDef:
    return load_function(function).node


class Quoter:
    """Quotes one body; `fresh`, `emit` and `object_node` are the compiler's."""

    def __init__(
        self,
        function: Callable[..., Any],
        bindings: Mapping[str, Binding],
        fresh: Callable[[str], str],
        emit: Callable[[gast.stmt], None],
        object_node: Callable[[Any], gast.expr],
    ) -> None:
        self.function = function
        self.bindings = dict(bindings)
        self.fresh, self.emit, self.object_node = fresh, emit, object_node
        ours = (function.__module__ or "").startswith("s2sad.rules.") and function.__closure__ is None
        self.globals = _own_namespace(function.__module__) if ours else _namespace(function)

    def results(self) -> list[gast.expr]:
        """The expressions that the body returns, one per item of a returned tuple."""
        returned = self._run(body_of(self.function).body)
        assert returned is not None, f"{self.function} returns nothing"
        returned = self._choose(returned)
        items = returned.elts if isinstance(returned, gast.Tuple) else [returned]
        return [self.quoted(item) for item in items]

    def _choose(self, node: gast.expr) -> gast.expr:
        while isinstance(node, gast.IfExp):
            node = node.body if self._decided(node.test) else node.orelse
        return node

    def _decided(self, test: gast.expr) -> Any:
        """Which case of a rule applies."""
        try:
            return self.static(test)
        except NotStatic:
            used = {part.id for part in nodes(test) if isinstance(part, gast.Name)} & set(self.bindings)
            unknown = [key for key in sorted(used) if static_value(self.bindings[key].type) is NO_VALUE]
            given = [key for key in unknown if isinstance(self.bindings[key].type, Scalar)] or unknown
            raise RuleRefuses(
                f"the derivative depends on {' and '.join(given) or 'what'}, known only at run time",
                "Write a constant.",
            ) from None

    def _run(self, statements: list[gast.stmt]) -> gast.expr | None:
        for statement in statements:
            if isinstance(statement, gast.Return):
                return statement.value
            if isinstance(statement, gast.If):
                returned = self._run(statement.body if self._decided(statement.test) else statement.orelse)
                if returned is not None:
                    return returned
            elif isinstance(statement, gast.Assign):
                self._assign(statement)
            elif isinstance(statement, gast.Raise):
                raise RuleRefuses(_message(statement))
            elif not isinstance(statement, (gast.Expr, gast.Pass)):
                raise TypeError(f"{type(statement).__name__} in a rule's body")
        return None

    def _assign(self, statement: gast.Assign) -> None:
        (target,) = statement.targets
        if isinstance(target, gast.Tuple):
            values = statement.value.elts if isinstance(statement.value, gast.Tuple) else None
            if values is None:
                known = self.static(statement.value)
                for elt, item in zip(target.elts, known):
                    self.bindings[elt.id] = Binding(constant(item), record_type(item))
                return
            pairs = list(zip(target.elts, values))
        else:
            pairs = [(target, statement.value)]
        for elt, value in pairs:
            try:
                known = self.static(value)
                if hasattr(known, "__array_interface__"):  # no constant can be written for an array
                    raise NotStatic
                self.bindings[elt.id] = Binding(constant(known), record_type(known))
            except NotStatic:
                quoted = self.quoted(value)
                if not isinstance(quoted, (gast.Name, gast.Constant)):
                    new = self.fresh("t")
                    self.emit(assign(new, quoted))
                    quoted = name(new)
                self.bindings[elt.id] = Binding(quoted, Type(), self._kind(value) == "complex")

    # ---- static evaluation ----------------------------------------------------------------------
    def static(self, node: gast.expr) -> Any:
        """The value of an expression that static facts decide."""
        space: dict[str, Any] = {}
        unknown = False
        for key in _names_of(node) & self.bindings.keys():
            known = static_value(self.bindings[key].type)
            space[key] = self.bindings[key].type if known is NO_VALUE else known
            if known is NO_VALUE and type(self.bindings[key].type) is Type:
                raise NotStatic
            unknown |= isinstance(space[key], Type)
        if unknown and any(isinstance(part, gast.Name) and isinstance(space.get(part.id), Type)
                           for part in _outside_static_calls(node, self.globals)):  # fmt: skip
            raise NotStatic
        try:
            return eval(_code_of(node), {**self.globals, **space} if space else self.globals)
        except (AttributeError, TypeError, NameError) as error:
            raise NotStatic from error

    # ---- substitution ---------------------------------------------------------------------------
    def quoted(self, node: Any) -> Any:
        """A copy of an expression with operands in place of parameters."""
        cls: Any = node.__class__
        if cls is gast.Name:
            return self._name(node)
        if cls is gast.BinOp:
            return self._folded(
                with_fields(node, left=self.quoted(node.left), right=self.quoted(node.right)), node
            )
        if cls is gast.Constant:
            return with_fields(node)
        if cls is list:
            return [self.quoted(item) for item in node]
        if not isinstance(node, gast.AST):
            return node
        if isinstance(node, gast.IfExp):
            try:
                return self.quoted(node.body if self.static(node.test) else node.orelse)
            except NotStatic:
                pass
        if isinstance(node, gast.Call):
            folded = self._call(node)
            if folded is not None:
                return folded
        if cls is gast.Attribute and node.attr in _OF_A_NUMBER and isinstance(node.value, gast.Name):
            known = self.bindings.get(node.value.id)
            if known is not None and isinstance(known.type, Scalar):
                return constant(_OF_A_NUMBER[node.attr])
        if isinstance(node, gast.Attribute) and dotted(node) is not None:
            root = dotted(node).split(".")[0]  # type: ignore[union-attr]
            if root not in self.bindings and root in self.globals:
                return self.object_node(eval(dotted(node), self.globals))  # type: ignore[arg-type]
        parts = {
            key: self.quoted(part)
            for key, part in node.__dict__.items()
            if isinstance(part, (list, gast.AST))
        }
        return self._folded(with_fields(node, **parts), node)

    def _folded(self, new: gast.expr, node: gast.expr) -> gast.expr:
        """Arithmetic on constants is done now."""
        divides = isinstance(node, gast.BinOp) and isinstance(node.op, gast.Div)  # 1 / 0.7 is rounded: kept
        if isinstance(node, (gast.BinOp, gast.UnaryOp)) and not divides and self._may_be_static(node):
            try:
                known = self.static(node)
            except NotStatic:
                return new
            if isinstance(known, (int, float)):
                return constant(known)
        return new

    def _may_be_static(self, node: gast.expr) -> bool:
        """Whether static facts may decide an expression: one that calls nothing needs the values of all its names."""
        if _calls(node):
            return True
        known = (self.bindings[key].type for key in _names_of(node) if key in self.bindings)
        return all(static_value(one) is not NO_VALUE for one in known)

    def _name(self, node: gast.Name) -> gast.expr:
        if node.id in self.bindings:
            return clone(self.bindings[node.id].node)
        value = self.globals[node.id]
        if getattr(builtins, node.id, None) is value:
            return name(node.id)
        return self.object_node(value)

    def _call(self, node: gast.Call) -> gast.expr | None:
        path = dotted(node.func)
        function = self.globals.get(path) if path and "." not in path else None
        if function is getattr(record, "conj", record):
            inner = self.quoted(node.args[0])
            kind = self._kind(node.args[0])
            return (
                inner
                if kind != "complex"
                else gast.Call(func=self.object_node(_conjugate()), args=[inner], keywords=[])
            )
        if function is not None and record.is_hashable(function) and function in record.STATIC_FUNCTIONS:
            try:
                return constant(self.static(node))
            except NotStatic:
                return None
        return None

    def _kind(self, node: gast.expr) -> str:
        """``complex`` if any operand in an expression is."""
        for part in nodes(node):
            if isinstance(part, gast.Name) and part.id in self.bindings:
                bound = self.bindings[part.id]
                if bound.is_complex or kind_of(getattr(bound.type, "dtype", "float")) == "complex":
                    return "complex"
        return "float"


_OF_A_NUMBER = {"shape": (), "size": 1, "ndim": 0}
"""What a rule may ask of an array: Python's own numbers do not have it."""


def _conjugate() -> Any:
    import numpy

    return numpy.conj


def record_type(value: Any) -> Type:
    """The type of a static value in a rule's body."""
    from s2sad.signature import Static, literal

    known = literal(value)
    return known if static_value(known) is not NO_VALUE else Static(value)


def _outside_static_calls(node: gast.AST, globals_: Mapping[str, Any]) -> list[gast.AST]:
    """The parts of an expression that are not arguments of a static function."""
    found: list[gast.AST] = []
    stack: list[Any] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, gast.Call) and isinstance(part.func, gast.Name):
            function = globals_.get(part.func.id)
            if function is not None and record.is_hashable(function) and function in record.STATIC_FUNCTIONS:
                if function in (record.rank, isinstance) or getattr(function, "takes_types", True):
                    continue
        if isinstance(part, gast.Compare) and all(isinstance(op, (gast.Is, gast.IsNot)) for op in part.ops):
            continue
        found.append(part)
        for item in part.__dict__.values():
            stack.extend(item if isinstance(item, list) else [item] if isinstance(item, gast.AST) else [])
    return found
