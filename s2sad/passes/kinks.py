"""Kinks under ``kinks="raise"`` and ``kinks="nan"``: typed core gets a test beside each primitive that has a kink.

Before::

    y = np.abs(x)

After, with ``"raise"``::

    y = np.abs(x)
    if np.any(x == 0):
        raise KinkError("program.py:3: no derivative at this point: y = np.abs(x)")

and with ``"nan"``::

    t = np.abs(x)
    y = unless_kink(t, x == 0)

The transforms need not know: the first carries no derivative, the second has a rule.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
import os
from collections.abc import Mapping
from typing import Any

import gast

from s2sad.abstract.interpreter import Interpreted
from s2sad.abstract.values import Value
from s2sad.analysis.activity import useful
from s2sad.errors import KinkError
from s2sad.names import base
from s2sad.runtime.kink_guard import unless_kink
from s2sad.signature import Array, Scalar
from s2sad.sweep.emitter import Bound, Emitter, same_shape, source_of
from s2sad.sweep.masks import where_masks
from s2sad.sweep.scan import occurrences
from s2sad.tree.build import assign, call, clone, constant, name, names_in
from s2sad.tree.parts import nodes


def kinks(core: Interpreted, policy: str, filename: str, lines: Mapping[int, str]) -> Interpreted:
    """Guard every active primitive that has a kink; `policy` is ``"raise"`` or ``"nan"``."""
    guard = _Guard(core, policy, filename, lines)
    body = guard.block(list(core.body))
    return dataclasses.replace(
        core, body=tuple(body), types=guard.types, objects=guard.objects, sites=guard.sites,
        varied=core.varied | guard.made,
    )  # fmt: skip


class _Guard(Emitter):
    """Puts the tests in."""

    def __init__(self, core: Interpreted, policy: str, filename: str, lines: Mapping[int, str]) -> None:
        super().__init__(core, set())
        self.policy, self.filename, self.lines = policy, filename, lines
        self.active = core.varied & useful(core.body, _results(core.result), core.sites, core.written)
        self.made: set[str] = set()
        self.uses = occurrences(list(core.body))
        self.masks: dict[str, gast.expr] = {}
        self.known = set(core.inputs)
        self.raises = 0

    def is_active(self, key: str) -> bool:
        return key in self.active

    def block(self, statements: list[gast.stmt]) -> list[gast.stmt]:
        """The statements, guarded."""
        known, masks = set(self.known), self.masks
        self.masks = where_masks(statements, self, self.uses)
        with self.emitting_into([]) as out:
            for statement in statements:
                self.at = statement
                self._statement(statement)
                if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
                    self.known.add(statement.targets[0].id)
        self.known, self.masks = known, masks
        return out

    def _statement(self, statement: gast.stmt) -> None:
        nested = {part: getattr(statement, part, None) for part in ("body", "orelse")}
        parts = {part: inner for part, inner in nested.items() if isinstance(inner, list)}
        if parts:
            statement = copy.copy(statement)
            before = self.raises
            for part, inner in parts.items():
                setattr(statement, part, self.block(inner))
            if isinstance(statement, gast.Try) and self.raises > before:
                # a kink is not for the user's handlers
                again: list[gast.stmt] = [gast.Raise(None, None)]
                handler = gast.ExceptHandler(self.object_node(KinkError), None, again)
                statement.handlers = [gast.copy_location(handler, statement), *statement.handlers]
            self.out.append(statement)
        elif isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            self._assignment(statement, statement.targets[0].id)
        else:
            self.out.append(statement)

    def _assignment(self, statement: gast.Assign, key: str) -> None:
        bound = self.bound(statement.value) if key in self.active and key not in self.core.calls else None
        if bound is None or bound.rule.kink is None or not isinstance(self.types[key], (Scalar, Array)):
            self.out.append(statement)
            return
        before = len(self.out)
        result = self.fresh(base(key)) if self.policy == "nan" else key
        self.types[result] = self.types[key]
        hit = self._counted(key, _folded(self._hit(bound, result)))
        if isinstance(hit, gast.Constant) and hit.value is False:
            del self.out[before:]
            self.out.append(statement)
            return
        pending = self.out[before:]
        del self.out[before:]
        self._guarded(statement, key, result, hit, pending)

    def _guarded(
        self, statement: gast.Assign, key: str, result: str, hit: gast.expr, pending: list[gast.stmt]
    ) -> None:
        if self.policy == "raise":
            self.raises += 1
            self.out += [statement, *pending]
            test = self.np("any", hit) if isinstance(self.typer(hit), Array) else hit
            error = call(self.object_node(KinkError), constant(self._where(statement)))
            self.emit(gast.If(test, [gast.copy_location(gast.Raise(error, None), statement)], []))
            return
        self.made.add(result)
        if isinstance(self.types[key], Array):
            self.sites[result] = frozenset([("kink", key)])
        self.emit(assign(result, clone(statement.value)))
        self.out += pending
        self.emit(assign(key, call(self.object_node(unless_kink), name(result), hit)))

    def _counted(self, key: str, hit: gast.expr) -> gast.expr:
        """The kinks that count: in a branch of `np.where`, those in the places that are taken from it."""
        mask = self.masks.get(key)
        if mask is None or isinstance(hit, gast.Constant):
            return hit
        read = names_in(mask) - set(self.objects)
        written = (self.memory.is_written(self.sites.get(name_, frozenset())) for name_ in read)
        if read - self.known or any(written):  # it cannot be asked here
            return hit
        if isinstance(mask, gast.UnaryOp):
            mask = self.np("logical_not", clone(mask.operand))
        counted = self.np("logical_and", hit, clone(mask))
        return counted if self.policy == "raise" or same_shape(self.typer(counted), self.types[key]) else hit

    def _hit(self, bound: Bound, result: str) -> gast.expr:
        """Where the derivative does not exist, as an expression."""
        body = bound.rule.kink
        assert body is not None
        bindings = dict(bound.bindings)
        if bound.rule.kind == "template":
            operands = {p: self.operand(b.node) for p, b in bindings.items()}
            return self.parsed(self.template(body, bindings, operands, y=source_of(name(result))))
        renamed = dict(zip(_positional(bound.rule.vjp), _positional(body)))
        bindings = {renamed.get(p, p): binding for p, binding in bindings.items()}
        bindings["y"] = self.binding(name(result))
        (hit,) = self.quote(body, bindings, ("hit",), ["hit"])
        return hit

    def _where(self, statement: gast.stmt) -> str:
        line = getattr(statement, "lineno", 0)
        text = self.lines.get(line, "").strip()
        return f"{os.path.basename(self.filename)}:{line}: no derivative at this point: {text}"


def _positional(body: Any) -> list[str]:
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in inspect.signature(body).parameters.values() if p.kind in plain]


def _results(value: Value) -> list[str]:
    if value.items is not None:
        return [key for item in value.items for key in _results(item)]
    return [value.node.id] if isinstance(value.node, gast.Name) else []


def _folded(node: gast.expr) -> gast.expr:
    """The condition with what is known decided."""
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.BitAnd, gast.BitOr)):
        left, right = _folded(node.left), _folded(node.right)
        neutral = isinstance(node.op, gast.BitAnd)
        for one, other in ((left, right), (right, left)):
            if isinstance(one, gast.Constant) and isinstance(one.value, bool):
                return other if one.value is neutral else one
        return gast.BinOp(left=left, op=node.op, right=right)
    if isinstance(node, gast.Compare) and not any(isinstance(part, gast.Name) for part in nodes(node)):
        text = source_of(node)
        return gast.Constant(bool(eval(text, {})), None)
    return node
