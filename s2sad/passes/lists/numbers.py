"""Where the items of lists go: Python's floats do for arithmetic, and not for everything that NumPy's do for."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from typing import Any

import gast
import numpy as np

from s2sad.analysis.memory import is_append
from s2sad.names import base
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.sweep.typer import Typer
from s2sad.tree.build import dotted
from s2sad.tree.dataflow import assigned, walk

NOWHERE: frozenset[str] = frozenset()
_TAPE = re.compile(r"_tape(_\d+)?$")
_ARITHMETIC = (gast.Add, gast.Sub, gast.Mult, gast.Div)
_OF_FLOATS = (float, np.float64, abs, bool)


class Flow:
    """Follows the numbers that are read from arrays; `refused` are the arrays whose numbers must stay NumPy's."""

    def __init__(self, program: Program, rows: dict[str, str], arrays: frozenset[str]) -> None:
        self.program, self.rows, self.arrays = program, rows, arrays
        self.typer = Typer(program.types, program.objects)
        self.names: dict[str, frozenset[str]] = {}
        self.refused: set[str] = set()
        self.returned: set[str] = set()
        body = walk(program.body)
        while True:
            before = dict(self.names)
            self.refused.clear()
            for statement in body:
                self._statement(statement)
            if self.names == before:
                break

    def _statement(self, statement: Any) -> None:
        if isinstance(statement, (gast.If, gast.While)):
            self._test(statement.test)
        elif isinstance(statement, gast.For):
            self._refuse(self.of(statement.iter))
        elif isinstance(statement, gast.Assign):
            self._assign(statement)
        elif isinstance(statement, gast.AugAssign):
            self._augmented(statement)
        elif isinstance(statement, gast.Return):
            self._returned(statement.value)
        elif isinstance(statement, gast.Expr) and is_append(statement.value):
            self._appended(statement.value.func.value.id, self.of(statement.value.args[0]))
        elif isinstance(statement, gast.Expr) and isinstance(statement.value, gast.Constant):
            return
        else:
            for value in vars(statement).values():
                if isinstance(value, gast.AST):
                    self._refuse(self.of(value))

    def _assign(self, statement: gast.Assign) -> None:
        sources = self.of(statement.value)
        key = assigned(statement)
        if key is not None:
            if sources:
                self.names[key] = self.names.get(key, NOWHERE) | sources
            return
        self._target(statement.targets[0], sources)

    def _appended(self, key: str, sources: frozenset[str]) -> None:
        """The items of a list are what was put there."""
        if sources:
            self.names[key] = self.names.get(key, NOWHERE) | sources

    def _augmented(self, statement: gast.AugAssign) -> None:
        sources = self.of(statement.value)
        if not isinstance(statement.op, _ARITHMETIC):
            self._refuse(sources | self.of(statement.target))
        if isinstance(statement.target, gast.Name):
            key = statement.target.id
            if not isinstance(self.typer(statement.target), Array) and sources:
                self.names[key] = self.names.get(key, NOWHERE) | sources
            return
        self._target(statement.target, sources)

    def _target(self, goal: Any, sources: frozenset[str]) -> None:
        if not isinstance(goal, gast.Subscript):
            self._refuse(sources)
            return
        for part in goal.slice.elts if isinstance(goal.slice, gast.Tuple) else [goal.slice]:
            self._index(part)
        owner = self.typer(goal.value)
        if not isinstance(owner, Array) or owner.dtype != "float64":
            self._refuse(sources)

    def _returned(self, node: Any) -> None:
        """Numbers that are returned become NumPy's again."""
        if isinstance(node, gast.Tuple):
            for part in node.elts:
                self._returned(part)
        elif isinstance(node, gast.Name) and isinstance(self.typer(node), Scalar):
            if self.of(node):
                self.returned.add(node.id)
        elif isinstance(node, gast.Name) and _TAPE.search(base(node.id)):
            return  # read in the reverse sweep alone
        else:
            self._refuse(self.of(node))

    def _refuse(self, sources: Iterable[str]) -> None:
        self.refused |= set(sources)

    def _test(self, node: Any) -> None:
        if isinstance(node, gast.BoolOp):
            for part in node.values:
                self._test(part)
        elif isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Not):
            self._test(node.operand)
        elif isinstance(node, gast.Compare):
            for part in (node.left, *node.comparators):
                self.of(part)
        else:
            self._refuse(self.of(node))

    # ---- expressions -----------------------------------------------------------------------------
    def of(self, node: Any) -> frozenset[str]:
        """The arrays that the value of an expression is a number of, if it is one of Python's in place of NumPy's."""
        if isinstance(node, gast.Name):
            return self.names.get(node.id, NOWHERE)
        if isinstance(node, gast.Constant):
            return NOWHERE
        if isinstance(node, gast.Subscript):
            return self._item(node)
        if isinstance(node, gast.BinOp):
            return self._operation(node)
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, (gast.USub, gast.UAdd)):
            return self.of(node.operand)
        if isinstance(node, gast.IfExp):
            self._test(node.test)
            return self.of(node.body) | self.of(node.orelse)
        if isinstance(node, gast.Call):
            return self._call(node)
        for part in gast.iter_child_nodes(node):
            self._refuse(self.of(part))
        return NOWHERE

    def _item(self, node: gast.Subscript) -> frozenset[str]:
        index = [node.slice] if not isinstance(node.slice, gast.Tuple) else node.slice.elts
        for part in index:
            self._index(part)
        owner = node.value
        if isinstance(owner, gast.Name):
            key = self.rows.get(owner.id, owner.id)
            if key in self.arrays and not isinstance(self.typer(node), Array):
                return frozenset([key])
            return self.names.get(owner.id, NOWHERE)
        self._refuse(self.of(owner))
        return NOWHERE

    def _index(self, node: Any) -> None:
        """In an index, Python's integers are as good as NumPy's."""
        if isinstance(node, gast.BinOp):
            self._index(node.left)
            self._index(node.right)
        elif isinstance(node, gast.UnaryOp):
            self._index(node.operand)
        elif isinstance(node, gast.Slice):
            for part in (node.lower, node.upper, node.step):
                if part is not None:
                    self._index(part)
        else:
            self.of(node)

    def _operation(self, node: gast.BinOp) -> frozenset[str]:
        sources = self.of(node.left) | self.of(node.right)
        if not sources:
            return sources
        whole = (
            isinstance(node.op, gast.Pow)
            and isinstance(node.right, gast.Constant)
            and type(node.right.value) is int
        )
        integers = any(self._is_integer(key) for key in sources)
        if integers or not (isinstance(node.op, _ARITHMETIC) or whole):
            self._refuse(sources)
        known = self.typer(node)
        if isinstance(known, Array):
            if known.dtype != "float64":
                self._refuse(sources)
            return NOWHERE
        return sources

    def _is_integer(self, key: str) -> bool:
        known = self.program.types.get(key)
        return isinstance(known, Array) and known.dtype != "float64"

    def _call(self, node: gast.Call) -> frozenset[str]:
        path = dotted(node.func) or ""
        function: Any = self.program.objects.get(path, getattr(builtins, path, None))
        given = [*node.args, *[keyword.value for keyword in node.keywords]]
        if function in (np.stack, np.array) and len(given) == 1 and isinstance(given[0], gast.List):
            sources: frozenset[str] = frozenset().union(*map(self.of, given[0].elts))
            self._refuse(key for key in sources if self._is_integer(key))
            return NOWHERE
        sources = frozenset().union(*map(self.of, given)) if given else NOWHERE
        if isinstance(node.func, gast.Attribute) and not path:
            sources |= self.of(node.func.value)
        if not sources:
            return sources
        plain = getattr(function, "__module__", "") == "math" or function in _OF_FLOATS
        if not plain and not (isinstance(function, np.ufunc) and function.nin == 1 and len(given) == 1):
            self._refuse(sources)
        return sources if function is abs else NOWHERE
