"""What the reverse sweep asks the forward sweep for: copies of what is overwritten, tests, tapes."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.abstract.interpreter import Interpreted
from s2sad.names import base
from s2sad.signature import Array, ListOf, Opaque, Scalar, Type
from s2sad.sweep.early import Early
from s2sad.sweep.terms import copied
from s2sad.tree.build import assign, call, clone, dotted, name, names_in, target
from s2sad.tree.parts import key_of, nodes


@dataclass(frozen=True)
class Record:
    """Something that the forward sweep records for the reverse sweep.

    Attributes
    ----------
    kind : {"tape", "copy", "test", "trips", "residuals"}
        One value for each trip of a loop; a value that is overwritten later; the branch taken; how often a loop ran;
        what a callee or a user's rule saves.
    variable : str
        What is recorded, by its name in core; for tests and trips empty.
    held : str
        The name in core under which it is kept.
    line : int
        The user's line that makes it, or whose branch or loop it is.
    loop : int
        The line of the loop whose tape it is, else 0.
    read_as : str
        The name in core under which the reverse sweep reads it.
    """

    kind: str
    variable: str
    held: str
    line: int
    loop: int = 0
    read_as: str = ""


@dataclass
class Edits:
    """Statements that the reverse sweep asks the forward sweep for, before or after one of its own."""

    before: dict[int, list[gast.stmt]] = field(default_factory=dict)
    after: dict[int, list[gast.stmt]] = field(default_factory=dict)
    tests: dict[int, str] = field(default_factory=dict)
    trips: dict[int, str] = field(default_factory=dict)
    bounds: dict[int, list[gast.expr]] = field(default_factory=dict)
    kept: dict[Any, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)

    def note(
        self, kind: str, variable: str, held: str, at: gast.AST, loop: int = 0, read_as: str = ""
    ) -> None:
        """Note what is recorded, for a report."""
        line = getattr(at, "lineno", 0) or 0
        self.records[held] = Record(kind, variable, held, line, loop, read_as or held)


class Keeping(Early):
    """The primal values that the reverse sweep may read, as they were at a statement."""

    def __init__(self, core: Interpreted, taken: set[str]) -> None:
        super().__init__(core, taken)
        self.edits = Edits()

    def primal(self, node: gast.expr, statement: gast.stmt, result: bool = False) -> gast.expr:
        """A primal operand as the reverse sweep may read it: a copy where its memory is overwritten later."""
        known = self.types.get(node.id) if isinstance(node, gast.Name) else None
        if not isinstance(node, gast.Name) or not isinstance(known, (Array, ListOf, Opaque)):
            return node
        if not self.memory.written_after(self.reached_from(node.id), statement):
            return node
        key = (id(statement), node.id)
        if key not in self.edits.kept:
            saved = self.fresh(base(node.id) + "_saved")
            self.types[saved] = self.types[node.id]
            copied = self.as_it_is(clone(node), known)
            place = self.edits.after if result else self.edits.before
            place.setdefault(id(statement), []).append(gast.copy_location(assign(saved, copied), statement))
            self.edits.kept[key] = saved
            self.edits.note("copy", node.id, saved, statement)
        return name(self.edits.kept[key])

    def reached_from(self, key: str) -> frozenset[Any]:
        """The allocations that a name may stand for, and those that what it holds may stand for."""
        found: set[Any] = set()
        left = list(self.core.sites.get(key, ()))
        while left:
            site = left.pop()
            if site not in found:
                found.add(site)
                left.extend(self.core.contents.get(site, ()))
        return frozenset(found)

    def as_it_is(self, node: gast.expr, known: Type) -> gast.expr:
        """A copy of an array or a list, of which nothing changes with the original."""
        if isinstance(known, Array) and known.shape is None:  # it may be a number
            return self.np("copy", node)
        if isinstance(known, ListOf) and isinstance(known.item, (Array, ListOf)):
            item = self.fresh("v")
            self.types[item] = known.item
            each = gast.comprehension(target=target(item), iter=node, ifs=[], is_async=0)
            return gast.ListComp(elt=self.as_it_is(name(item), known.item), generators=[each])
        if isinstance(known, Array) or (isinstance(known, ListOf) and isinstance(known.item, Scalar)):
            return gast.Call(gast.Attribute(node, "copy", gast.Load()), [], [])
        return call(self.object_node(copy.deepcopy), node)

    def replayed(self, node: gast.expr, statement: gast.stmt) -> gast.expr:
        """An inactive expression as the reverse sweep may evaluate it again; kept beforehand if it changes."""
        if isinstance(node, gast.Tuple):
            return gast.Tuple(elts=[self.replayed(elt, statement) for elt in node.elts], ctx=gast.Load())
        if isinstance(node, gast.Slice):
            parts = (node.lower, node.upper, node.step)
            return gast.Slice(*(None if part is None else self.replayed(part, statement) for part in parts))
        if not self._changes(node, statement):
            return clone(node)
        key = (id(statement), "value", key_of(node))
        if key not in self.edits.kept:
            saved = self.fresh("index")
            known = self.typer(node)
            self.types[saved] = known
            value = clone(node)
            if isinstance(known, Array) and known.shape is not None:
                value = value if isinstance(node, (gast.Compare, gast.BinOp)) else copied(value)
            elif isinstance(known, ListOf) and isinstance(known.item, Scalar):
                value = call("list", value)
            elif isinstance(known, ListOf):  # lists in it may be changed too
                value = self.np("array", value)
            elif not isinstance(known, Scalar):
                value = call(self.object_node(copy.deepcopy), value)
            statement_new = gast.copy_location(assign(saved, value), statement)
            self.edits.before.setdefault(id(statement), []).append(statement_new)
            self.edits.kept[key] = saved
            self.edits.note("copy", saved, saved, statement)
        return name(self.edits.kept[key])

    def _changes(self, node: gast.expr, statement: gast.stmt) -> bool:
        for part in nodes(node):
            if isinstance(part, gast.Call) and not (self.is_pure_call(part) and dotted(part.func) != "print"):
                return True
        held = [self.reached_from(key) for key in names_in(node)]
        return any(sites and self.memory.written_after(sites, statement) for sites in held)
