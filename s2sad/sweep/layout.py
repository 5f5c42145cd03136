"""Views that depend on how an array lies in memory: a reshape gives a view where it can, and a copy where not.

What NumPy decided for the primal holds for its shadow and for its tangent: a test of the primal, kept by the forward
sweep, tells.  No test is needed where the array is known to be contiguous, since then a reshape is a view.
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.rules.layout import CONTIGUOUS, MAY_COPY, READ_AS_THEY_LIE
from s2sad.rules.quote import RuleRefuses
from s2sad.signature import Array, Scalar, static_value
from s2sad.sweep.emitter import Emitter
from s2sad.tree.build import assign, clone, constant, name, names_in
from s2sad.tree.parts import nodes


class Layout(Emitter):
    """Whether a name's memory is that of the array it was reshaped from."""

    definitions: dict[str, list[gast.Assign]]
    edits: Any

    def reshaped_sites(self, statements: list[gast.stmt]) -> frozenset[Any]:
        """Allocations that a reshape may or may not view."""
        found: frozenset[Any] = frozenset()
        for statement in statements:
            for part in nodes(statement):
                if isinstance(part, gast.Call) and self.is_reshape(part):
                    for key in names_in(part.args[:1]):
                        found |= self.core.sites.get(key, frozenset())
        return found

    def is_reshape(self, value: gast.expr) -> bool:
        """Whether a call gives a view or a copy, as its operand lies in memory."""
        bound = self.bound(value) if isinstance(value, gast.Call) else None
        return bound is not None and bound.function in MAY_COPY

    def may_copy(self, value: gast.expr) -> bool:
        """Whether only the call itself tells if its result is a view."""
        return self.is_reshape(value) and not self._is_view(value)

    def _is_view(self, value: Any) -> bool:
        bound = self.bound(value)
        assert bound is not None
        simple = len(value.args) <= (2 if bound.function is np.reshape else 1) and not value.keywords
        source = value.args[0]
        return (
            simple
            and bound.function is not np.asfortranarray
            and isinstance(source, gast.Name)
            and self.is_contiguous(source.id)
        )

    def is_contiguous(self, key: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether an array is certain to lie in memory row by row, without gaps."""
        made = self.definitions.get(key)
        if made is None:
            return False
        return all(self._makes_contiguous(statement.value, seen | {key}) for statement in made)

    def _makes_contiguous(self, value: gast.expr, seen: frozenset[str]) -> bool:
        if isinstance(value, gast.Name):
            return value.id in seen or self.is_contiguous(value.id, seen)
        if isinstance(value, (gast.BinOp, gast.UnaryOp)):
            known = self.typer(value)
            return isinstance(known, (Array, Scalar)) and known.shape is not None and len(known.shape) <= 1
        if not isinstance(value, gast.Call):
            return False
        bound = self.bound(value)
        if bound is None:
            return isinstance(value.func, gast.Attribute) and value.func.attr == "copy" and not value.args
        return bound.function in CONTIGUOUS and not any(keyword.arg == "order" for keyword in value.keywords)

    def is_row_by_row(self, value: Any) -> bool:
        """Whether what a reshape copies lies row by row."""
        bound = self.bound(value)
        order = bound.bindings.get("order") if bound is not None else None
        plain = order is None or static_value(order.type) in ("C", None)
        return bound is not None and bound.function is not np.asfortranarray and plain

    def order_told(self, bound: Any) -> dict[int, gast.expr]:
        """``order="A"`` asks how the primal lies: what to put in its place where a tangent is reshaped."""
        order = bound.bindings.get("order") if bound.function in READ_AS_THEY_LIE else None
        asked = None if order is None else static_value(order.type)
        if asked == "K":
            raise RuleRefuses("order='K' depends on how the array lies in memory: say 'C', 'F' or 'A'")
        if order is None or asked != "A":
            return {}
        primal = next(iter(bound.bindings.values())).node
        flags = gast.Attribute(gast.Attribute(clone(primal), "flags", gast.Load()), "fnc", gast.Load())
        return {id(order.node): gast.IfExp(flags, constant("F"), constant("C"))}

    def shares(self, statement: gast.Assign) -> str:
        """The name of the test, kept by the forward sweep, of whether a reshape gave a view."""
        key = (id(statement), "shares")
        if key not in self.edits.kept:
            value: Any = statement.value
            place: Any = statement.targets[0]
            new = self.fresh("is_view")
            self.types[new] = Scalar("bool")
            test = self.np("may_share_memory", name(place.id), name(value.args[0].id))
            made = gast.copy_location(assign(new, test), statement)
            self.edits.after.setdefault(id(statement), []).append(made)
            self.edits.kept[key] = new
        return self.edits.kept[key]


__all__ = ["Layout"]
