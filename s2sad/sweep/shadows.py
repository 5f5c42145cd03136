"""Shadows: the cotangents of memory that is written in place, with a view for each view."""

from __future__ import annotations

import gast
import numpy as np

from s2sad.abstract.interpreter import Interpreted
from s2sad.names import base
from s2sad.rules.indexing import is_basic
from s2sad.signature import (
    Array,
    DictOf,
    ListOf,
    Scalar,
    Sequence,
    Type,
    kind_of,
)
from s2sad.sweep.cotangents import Cotangents
from s2sad.sweep.scan import completed, occurrences, simple
from s2sad.tree.build import (
    clone,
    name,
    subscript,
)


class Shadows(Cotangents):
    """Makes shadows where the block that allocates the primal is reversed."""

    def __init__(
        self, core: Interpreted, seeds: dict[str, gast.expr], taken: set[str], masked: bool = True,
        closed: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(core, seeds, taken, masked, closed)
        self._find_shadows()

    def _find_shadows(self) -> None:
        for key in self.core.types:
            known = self.core.types[key]
            if key in self.active and self._has_shadow(key, known):
                self.shadows[key] = self.fresh(f"{base(key)}_bar")
                self.types[self.shadows[key]] = known
        self._find_read_only()
        self.find_early()
        self._find_read_only()  # views of what has a shadow now
        self.early -= self.read_only.keys()

    def _has_shadow(self, key: str, known: Type) -> bool:
        if isinstance(known, Sequence):  # the parts of a split are views of what was split
            made = self.definitions.get(key, [])
            if not all(isinstance(item, Array) for item in known.items):
                return False
            return len(made) == 1 and self._viewed(made[0].value) is not None and self._written(key)
        return isinstance(known, DictOf) or (isinstance(known, (Array, ListOf)) and self._written(key))

    def _find_read_only(self) -> None:
        """Views that NumPy makes read-only, and views of those."""
        found = True
        while found:
            found = False
            for key, statements in self.definitions.items():
                if (
                    key in self.shadows
                    and key not in self.read_only
                    and any(map(self._is_read_only, statements))
                ):
                    self.read_only[key], found = statements[0], True
                    self.ambiguous = statements[0] if len(statements) > 1 else self.ambiguous

    def _is_read_only(self, statement: gast.Assign) -> bool:
        """Whether a view is made that nothing can be written through."""
        value = statement.value
        bound = self.bound(value) if isinstance(value, gast.Call) else None
        if bound is not None and bound.function in (np.diagonal, np.broadcast_to):
            return True
        return self._viewed(value) in self.read_only

    def _shadow(self, statement: gast.stmt) -> None:
        if isinstance(statement, gast.If):
            self._shadow_branches(statement)
        elif isinstance(statement, gast.With):
            self._shadow_context(statement)
        elif isinstance(statement, gast.Try):
            self._shadow_try(statement)
        if not isinstance(statement, gast.Assign) or not isinstance(statement.targets[0], gast.Name):
            return
        key = statement.targets[0].id
        if key not in self.shadows or key in self.read_only or (key, id(statement)) in self.hoisted:
            return
        if key in self.early:
            return
        self.at = statement
        self.emit_shadow(key, statement, self._shadow_value(key, statement))

    def _shadow_context(self, statement: gast.With) -> None:
        """What a `with` block makes may be read after it, so its shadows are made before its reverse."""
        for inner in statement.body:
            self._shadow(inner)
            if self._makes_shadow(inner):
                self.hoisted.add((inner.targets[0].id, id(inner)))  # type: ignore[attr-defined]

    def _shadow_try(self, statement: gast.Try) -> None:
        """What the body of a ``try`` makes may be read after it, if it was completed."""
        with self.emitting_into([]) as out:
            for inner in statement.body:
                self._shadow(inner)
                if self._makes_shadow(inner):
                    self.hoisted.add((inner.targets[0].id, id(inner)))  # type: ignore[attr-defined]
        test = completed(statement, self.types)
        self.at = statement
        if out and test is not None:
            self.emit(gast.If(test, out, []))
        else:
            self.out.extend(out)

    def _shadow_branches(self, statement: gast.If) -> None:
        """Shadows that a branch makes and that are read after it are made by a branch before the reverse sweep."""
        inside = [s for s in simple(statement.body) + simple(statement.orelse) if self._makes_shadow(s)]
        merged = {s.targets[0].id for s in inside if isinstance(s.value, gast.Name)}
        merged |= {key for key, count in occurrences([statement]).items() if self.everywhere[key] > count}
        if not merged & {s.targets[0].id for s in inside} or all(
            (s.targets[0].id, id(s)) in self.hoisted for s in inside
        ):
            return
        self.at = statement
        with self.emitting_into([]) as one:
            for inner in statement.body:
                self._shadow(inner)
        with self.emitting_into([]) as other:
            for inner in statement.orelse:
                self._shadow(inner)
        made = [s for s in (*statement.body, *statement.orelse) if self._makes_shadow(s)]
        self.hoisted.update((s.targets[0].id, id(s)) for s in made)  # type: ignore[attr-defined]
        for out, part in ((one, statement.body), (other, statement.orelse)):
            self.blocks[id(out)] = (out, part)  # what they read of a loop's iteration is provided there
        test: gast.expr = name(self._test(statement))
        if not one:
            one, other, test = other, [], gast.UnaryOp(gast.Not(), test)
        if one:
            self.emit(gast.If(test, one, other))

    def _makes_shadow(self, statement: gast.stmt) -> bool:
        if not isinstance(statement, gast.Assign) or not isinstance(statement.targets[0], gast.Name):
            return False
        key = statement.targets[0].id
        return key in self.shadows and key not in self.early

    def _shadow_value(self, key: str, statement: gast.Assign) -> gast.expr:
        """A buffer of zeros, or the same view of the shadow of what the primal is a view of."""
        value = statement.value
        source = self._viewed(value)
        if (
            source is None or source not in self.shadows
        ):  # what is not written hereafter has a cotangent of its own
            return self.zero_of(key, value)
        shadow = name(self.shadows[source])
        if isinstance(value, gast.Name):
            return shadow
        if isinstance(self.types[source], DictOf):
            self._refuse_alias(statement)
        if isinstance(value, gast.Subscript):
            index = self.replayed(value.slice, statement)
            return subscript(shadow, self.keeping_arrays(index, source, key))
        if isinstance(value, gast.Attribute):
            return gast.Attribute(shadow, value.attr, gast.Load())
        assert isinstance(value, gast.Call)
        rest = [self.replayed(arg, statement) for arg in value.args[1:]]
        keywords = [gast.keyword(k.arg, self.replayed(k.value, statement)) for k in value.keywords]
        if (
            isinstance(value.func, gast.Attribute)
            and isinstance(value.func.value, gast.Name)
            and value.func.value.id == source
        ):
            func: gast.expr = gast.Attribute(shadow, value.func.attr, gast.Load())
            return gast.Call(func, [self.replayed(arg, statement) for arg in value.args], keywords)
        return gast.Call(clone(value.func), [shadow, *rest], keywords)

    def _viewed(self, value: gast.expr) -> str | None:
        """The name that a value is a view of, or the same as."""
        if isinstance(value, gast.Name):
            return value.id
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
            if isinstance(self.types.get(value.value.id), Array) and is_basic(
                value.slice, self.types, self.typer(value.slice)
            ):
                return value.value.id
            if isinstance(self.types.get(value.value.id), (ListOf, Sequence, DictOf)):
                return value.value.id
            return None
        if isinstance(value, gast.Attribute) and isinstance(value.value, gast.Name):
            return value.value.id
        bound = self.bound(value) if isinstance(value, gast.Call) else None
        if bound is not None and bound.rule.view and isinstance(value, gast.Call) and value.args:
            first = value.args[0]
            known = self.typer(first)
            if bound.function is np.imag and isinstance(known, Array) and kind_of(known.dtype) != "complex":
                return None
            return first.id if isinstance(first, gast.Name) else None
        return None

    def _reverse_maybe_view(self, key: str, statement: gast.Assign) -> None:
        """A reshape that had to copy: its shadow is a buffer of its own, which flows back to the original's."""
        if not self.may_copy(statement.value):
            return
        with self.emitting_into([]) as body:
            own = name(self.shadows[key]) if key not in self.early else self.emptied(key)
            self._pull(key, statement.value, own, statement)
        self.emit(gast.If(gast.UnaryOp(gast.Not(), name(self.shares(statement))), body, []))

    def _test(self, statement: gast.If) -> str:
        if isinstance(statement.test, gast.Name) and statement.test.id in self.flags:
            return statement.test.id
        if id(statement) not in self.edits.tests:
            new = self.fresh("taken")
            self.types[new] = Scalar("bool")
            self.edits.tests[id(statement)] = new
            self.edits.note("test", "", new, statement)
        return self.edits.tests[id(statement)]
