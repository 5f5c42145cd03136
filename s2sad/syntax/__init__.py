"""The accepted language: one file per construct of Python, found by walking this folder.

A construct's module has

- ``TITLE``: what the documentation calls it;
- ``NODES``: the node classes that it looks at;
- ``HOISTS``: those of them that always need statements before the statement that they stand in;
- ``recognise(node, to)``: whether a node is the construct (without it: every node of these classes is);
- ``refuse(node, parent)``: the `Refusal`s of what is not supported of it (without it: nothing is refused);
- ``lower(node, to)``: its rewriting.  A statement is rewritten by what it emits; for an expression the statements
  that come before are emitted, and the expression that stands for its value is returned.

`to` is a `Lowering`.  A module without ``lower`` only refuses.  Modules that begin with an underscore are shared parts.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import NamedTuple, Protocol

import gast


class Refusal(NamedTuple):
    """Why a node is not accepted, and what to write instead."""

    node: gast.AST
    message: str
    advice: str


class Lowering(Protocol):
    """What a construct needs for its rewriting; the pass `lower` provides it."""

    active: set[str]  # the variables of the comprehensions that are being rewritten

    @property
    def outside(self) -> set[str]:
        """The names of the function, other than as variables of comprehensions."""

    @property
    def bound(self) -> set[str]:
        """The parameters and local variables of the function."""

    @property
    def captured(self) -> set[str]:
        """The names that inner functions mention."""

    @property
    def fresh(self) -> Callable[[str], str]:
        """Gives an identifier that the function does not use, near the one wanted."""

    def hoists(self, node: gast.AST) -> bool:
        """Whether statements have to come before an expression."""

    def emit(self, stmt: gast.stmt) -> None:
        """Add a statement that is done."""

    def statement(self, stmt: gast.stmt) -> None:
        """Lower a statement, and add what it becomes."""

    def block(self, stmts: Sequence[gast.stmt]) -> list[gast.stmt]:
        """Lower the statements of a block."""

    def expression(self, node: gast.expr) -> gast.expr:
        """Lower an expression: what has to come before is added, what stands for its value is returned."""

    def computing(self, name: str, node: gast.expr) -> list[gast.stmt]:
        """The statements that give a name the value of an expression."""

    def save(self, node: gast.expr) -> gast.Name:
        """Keep the value of a lowered expression in a temporary."""

    def operands(self, node: gast.AST) -> None:
        """Lower the expressions that a node evaluates, in Python's order."""

    def function(self, node: gast.FunctionDef) -> gast.FunctionDef:
        """Lower an inner function."""


@functools.cache
def constructs() -> tuple[ModuleType, ...]:
    """The modules of this folder, in the order of their names."""
    names = sorted(
        module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    )
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


@functools.cache
def _by_class() -> dict[type, tuple[ModuleType, ...]]:
    classes = dict.fromkeys(cls for module in constructs() for cls in module.NODES)
    return {cls: tuple(module for module in constructs() if cls in module.NODES) for cls in classes}


def constructs_of(cls: type) -> tuple[ModuleType, ...]:
    """The constructs that look at a node class."""
    return _by_class().get(cls, ())


@functools.cache
def hoisting() -> frozenset[type]:
    """The classes of expressions that always need statements before them."""
    return frozenset(cls for module in constructs() for cls in getattr(module, "HOISTS", ()))


def recognised(node: gast.AST, to: Lowering) -> ModuleType | None:
    """The construct that rewrites a node, if one does."""
    for module in constructs_of(type(node)):
        if hasattr(module, "lower") and (not hasattr(module, "recognise") or module.recognise(node, to)):
            return module
    return None


def refusals(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    """What is not supported at a node."""
    for module in constructs_of(type(node)):
        if hasattr(module, "refuse"):
            yield from module.refuse(node, parent)


def show(text: str) -> None:
    """Print what the statements of a function body become: the examples of this folder are written with it."""
    from s2sad.tree.identifiers import Identifiers
    from s2sad.tree.printer import statements_source

    lines = "\n".join(f"    {line}" for line in text.splitlines())
    node = gast.parse(f"def f():\n{lines}").body[0]
    lowered = importlib.import_module("s2sad.passes.lower").lower(node, Identifiers(node))
    print(statements_source(lowered.body), end="")
