"""Rewrite surface constructs to the few that the compiler knows: the driver of the files in `s2sad/syntax`.

>>> from s2sad.tree.identifiers import Identifiers
>>> from s2sad.tree.printer import function_source
>>> node = gast.parse('''
... def f(x):
...     (a, b), c = x
...     return sum(a * v for v in c) if (n := len(c)) > b else n
... ''').body[0]
>>> print(function_source(lower(node, Identifiers(node))), end="")
def f(x):
    t, c = x
    a, b = t
    n = len(c)
    if n > b:
        t_2 = []
        for v in c:
            t_2.append(a * v)
        t_1 = sum(t_2)
    else:
        t_1 = n
    return t_1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import gast

from s2sad.syntax import hoisting, recognised
from s2sad.tree.build import assign, clone, name
from s2sad.tree.evaluation import contains, operands
from s2sad.tree.parts import nodes
from s2sad.tree.place import at
from s2sad.tree.scopes import captured, names_of_parameters, outside_comprehensions, stored

Fresh = Callable[[str], str]


def lower(node: gast.FunctionDef, fresh: Fresh) -> gast.FunctionDef:
    """Rewrite a function, and the functions inside it, to structured Python.

    Parameters
    ----------
    node : gast.FunctionDef
        An accepted function; it is left as it is.
    fresh : callable
        Gives an identifier that the function does not use, near the one wanted.
    """
    return _Lowering(clone(node), fresh).run()


class _Lowering:
    """The rewriting of one function; see `s2sad.syntax.Lowering`."""

    def __init__(self, node: gast.FunctionDef, fresh: Fresh) -> None:
        self.node = node
        self.fresh = fresh
        self.active: set[str] = set()
        self._place: gast.AST = node
        self._out: list[gast.stmt] = []

    @cached_property
    def outside(self) -> set[str]:
        return outside_comprehensions(self.node)

    @cached_property
    def bound(self) -> set[str]:
        return stored(self.node.body) | names_of_parameters(self.node.args)

    @cached_property
    def captured(self) -> set[str]:
        return captured(self.node)

    def run(self) -> gast.FunctionDef:
        """The rewritten function."""
        self.node.decorator_list, self.node.type_params = [], []
        self.node.body = self.block(self.node.body)
        return self.node

    def function(self, node: gast.FunctionDef) -> gast.FunctionDef:
        return _Lowering(node, self.fresh).run()

    # ---- statements -----------------------------------------------------------------------------

    def emit(self, stmt: gast.stmt) -> None:
        self._out.append(at(stmt, self._place))

    def statement(self, stmt: gast.stmt) -> None:
        self._statement(at(stmt, self._place))

    def _statement(self, stmt: gast.stmt) -> None:
        """A statement with its place in every part."""
        outer, self._place = self._place, stmt
        construct = recognised(stmt, self)
        if construct is not None:
            construct.lower(stmt, self)
        else:
            self._plain(stmt)
        self._place = outer

    def _plain(self, stmt: gast.stmt) -> None:
        """A statement that stays: only its expressions and its blocks are rewritten."""
        self.operands(stmt)
        if isinstance(stmt, (gast.If, gast.For, gast.While, gast.With, gast.Try)):
            stmt.body = self.block(stmt.body)
        if isinstance(stmt, (gast.If, gast.Try)) and stmt.orelse:
            stmt.orelse = self.block(stmt.orelse)
        if isinstance(stmt, gast.Try):
            for handler in stmt.handlers:
                handler.body = self.block(handler.body)
            stmt.finalbody = self.block(stmt.finalbody) if stmt.finalbody else []
        self._out.append(stmt)

    def block(self, stmts: Sequence[gast.stmt]) -> list[gast.stmt]:
        outer, self._out = self._out, []
        for stmt in stmts:
            self._statement(stmt)
        inner, self._out = self._out, outer
        return inner or [at(gast.Pass(), self._place)]

    def computing(self, name: str, node: gast.expr) -> list[gast.stmt]:
        outer, self._out = self._out, []
        self.emit(assign(name, self.expression(node)))
        inner, self._out = self._out, outer
        return inner

    # ---- expressions ----------------------------------------------------------------------------

    def hoists(self, node: gast.AST) -> bool:
        return contains(node, hoisting())

    def expression(self, node: gast.expr) -> gast.expr:
        if not self.hoists(node):
            return node
        construct = recognised(node, self)
        if construct is not None:
            return at(construct.lower(node, self), node)
        self.operands(node)
        return node

    def operands(self, node: gast.AST) -> None:
        slots = list(operands(node))
        hoisting = [k for k, slot in enumerate(slots) if self.hoists(slot.get())]
        for k in range(hoisting[-1] + 1 if hoisting else 0):
            value = self.expression(slots[k].get())
            later = [slot.get() for slot in slots[k + 1 : hoisting[-1] + 1]]
            if later and not _stays(value, later):
                value = self.save(value)
            slots[k].set(value)

    def save(self, node: gast.expr) -> gast.Name:
        temporary = self.fresh("t")
        self.emit(at(assign(temporary, node), node))
        return at(name(temporary), node)


def _stays(value: gast.expr, later: list[gast.expr]) -> bool:
    """Whether an operand may be evaluated after others that Python evaluates later."""
    if isinstance(value, gast.Name):
        return value.id not in _bound_by_walrus(later)
    return isinstance(value, (gast.Constant, gast.Lambda))


def _bound_by_walrus(values: list[gast.expr]) -> set[str]:
    inner = (part for value in values for part in nodes(value))
    return {part.target.id for part in inner if isinstance(part, gast.NamedExpr)}
