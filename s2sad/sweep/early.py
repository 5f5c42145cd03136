"""Shadows that are made in the forward sweep, each right after the primal that it belongs to.

Where a reference goes round a loop (buffers that are swapped) or is kept in a list, only the forward sweep knows which
array a name stands for.  Its shadow then is made, viewed, put into lists and handed on by the same statements, so that
the reverse sweep finds it under the shadow's own name, recorded as any other value.
"""

from __future__ import annotations

from typing import Any

import gast

from s2sad.names import base
from s2sad.signature import Array, DictOf, ListOf, Never, Scalar, Type, item_type, without_none
from s2sad.sweep.layout import Layout
from s2sad.sweep.terms import copied_list
from s2sad.tree.build import assign, call, clone, constant, name, subscript, substitute, target

MAX_SHOWN = 4
"""So many zeros of a list are written out."""


class Early(Layout):
    """Shadows made by the forward sweep."""

    active: Any
    shadows: dict[str, str]
    read_only: dict[str, gast.Assign]
    carried: dict[int, set[str]]
    entry_names: set[str]

    def find_early(self) -> None:
        """Names whose shadows are made early: those that go round a loop or are kept in lists, and all they may be."""
        self.early: set[str] = set()
        self.mirrored: set[int] = set()
        self.allocated: set[str] = set()
        self.first_items: dict[str, str] = {}
        self.cleared: set[str] = set()
        swapped = set(self.shadows) & set().union(*self.carried.values(), set())
        kept = {key for key in self.active if holds_memory(self.types[key]) and self._holds_written(key)}
        memory = [key for key in sorted(self.active) if isinstance(self.types[key], (Array, ListOf, DictOf))]
        sites = self._reached({key for key in swapped | kept if key not in self.read_only}, memory)
        for key in memory:
            if key not in self.read_only and self._sites(key) & sites:
                self.early.add(key)
                self.shadows[key] = self.fresh(f"{base(key)}_shadow")
                self.types[self.shadows[key]] = self.types[key]
        for names in self.carried.values():
            names.update(self.shadows[key] for key in list(names) if key in self.early)

    def _sites(self, key: str) -> frozenset[Any]:
        own = self.core.sites.get(key, frozenset())
        return own.union(*(self.core.contents.get(site, frozenset()) for site in own))

    def _holds_written(self, key: str) -> bool:
        """Whether memory that a list holds references to is written in place."""
        own = self.core.sites.get(key, frozenset())
        return any(self.memory.is_written(self.core.contents.get(site, frozenset())) for site in own)

    def _reached(self, wanted: set[str], memory: list[str]) -> set[Any]:
        """Allocations that names of a set may stand for, closed over all names that may share one of them."""
        sites: set[Any] = set().union(*(self._sites(key) for key in wanted), set())
        while True:
            more = set().union(*(self._sites(key) for key in memory if self._sites(key) & sites), sites)
            if more == sites:
                return sites
            sites = more

    # ---- the forward sweep's part ---------------------------------------------------------------
    def parameter_shadows(self) -> list[gast.stmt]:
        """Shadows of parameters: no statement makes a parameter, so they are made on entry."""
        with self.emitting_into([]) as out:
            for key in self._early_parameters():
                self.allocated.add(self.shadows[key])
                self.emit(assign(self.shadows[key], self.zero(self.types[key], name(key))))
        return out

    def _early_parameters(self) -> list[str]:
        return [key for key in sorted(self.early) if key in self.core.inputs and key not in self.definitions]

    def mirror(self, statement: gast.stmt) -> None:
        """What the forward sweep does to shadows after one of its statements."""
        if id(statement) in self.mirrored:
            return
        self.mirrored.add(id(statement))
        with self.emitting_into([]) as out:
            self._mirror(statement)
        for made in out:
            gast.copy_location(made, statement)
        if out:
            self.edits.after.setdefault(id(statement), []).extend(out)

    def _mirror(self, statement: gast.stmt) -> None:
        if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], gast.Name):
            key = statement.targets[0].id
            if key in self.early:
                self.emit_shadow(key, statement, self._early_value(key, statement))
                self._keep_items(key, statement)
            elif self._is_early_call(statement.value, "pop"):
                self.emit(gast.Expr(self._shadow_call(statement.value)))
        elif isinstance(statement, gast.Assign):
            self._mirror_store(statement)
        elif isinstance(statement, gast.Expr) and self._is_early_call(statement.value, "append"):
            self._mirror_append(statement)

    def emit_shadow(self, key: str, statement: gast.Assign, value: gast.expr) -> None:
        """Make a shadow; where the primal is a copy, so that its shadow is no view, a buffer of its own."""
        made = assign(self.shadows[key], value)
        source = self.shadows.get(self._viewed(statement.value) or "")
        if source is None or not self.may_copy(statement.value):
            self.emit(made)
            return
        zeros = substitute(value, {source: self.np("zeros_like", name(source))})
        self.allocated.add(self.shadows[key])
        self.emit(gast.If(name(self.shares(statement)), [made], [assign(self.shadows[key], zeros)]))

    def _keep_items(self, key: str, statement: gast.Assign) -> None:
        """The shadows that a copied list starts with: their items' cotangents are those of what was copied."""
        sites = self.core.sites.get(key, frozenset())
        if (
            copied_list(statement.value) is None
            or not self.shares_items(key)
            or not self.memory.is_written(sites)
        ):
            return
        self.first_items[key] = self.fresh(f"{base(key)}_shadows")
        self.types[self.first_items[key]] = self.types[key]
        self.emit(assign(self.first_items[key], call("list", name(self.shadows[key]))))

    def _is_early_call(self, node: gast.expr, attr: str) -> bool:
        if (
            not isinstance(node, gast.Call)
            or not isinstance(node.func, gast.Attribute)
            or node.func.attr != attr
        ):
            return False
        owner = node.func.value
        return (
            isinstance(owner, gast.Name)
            and owner.id in self.early
            and isinstance(self.types[owner.id], ListOf)
        )

    def _shadow_call(self, node: Any) -> gast.expr:
        func = gast.Attribute(name(self.shadows[node.func.value.id]), node.func.attr, gast.Load())
        return gast.Call(func, [clone(arg) for arg in node.args], [])

    def _mirror_append(self, statement: Any) -> None:
        node = statement.value
        (item,) = node.args
        func = gast.Attribute(name(self.shadows[node.func.value.id]), "append", gast.Load())
        self.emit(gast.Expr(call(func, self._early_item(item, self.types[node.func.value.id], statement))))

    def _mirror_store(self, statement: gast.Assign) -> None:
        place = statement.targets[0]
        assert isinstance(place, gast.Subscript)
        owner = place.value
        if (
            not isinstance(owner, gast.Name)
            or owner.id not in self.early
            or not holds_memory(self.types[owner.id])
        ):
            return
        slot = subscript(name(self.shadows[owner.id]), clone(place.slice), store=True)
        self.emit(
            gast.Assign([slot], self._early_item(statement.value, self.types[owner.id], statement), None)
        )

    def _early_item(self, item: gast.expr, container: Type, statement: gast.stmt) -> gast.expr:
        """The shadow of what is put into a list; an item that carries no derivative has a buffer that nobody reads."""
        if isinstance(item, gast.Name) and item.id in self.early:
            return name(self.shadows[item.id])
        known = self.typer(item)
        if isinstance(known, Scalar):
            if isinstance(container, ListOf) and holds_memory(container):  # numbers and arrays in one list
                self._refuse_alias(statement)
            return constant(0.0)
        if isinstance(item, gast.Constant):  # None stands for an item that nothing reads
            return clone(item)
        return self.zero(known, clone(item))

    def _early_value(self, key: str, statement: gast.Assign) -> gast.expr:
        value = statement.value
        if self._is_early_call(value, "pop"):
            return self._shadow_call(value)
        source = self._viewed(value)
        if source is None or source not in self.shadows:
            return self._allocation(key, statement)
        if source not in self.early:
            self._refuse_alias(statement)
        shadow = name(self.shadows[source])
        if isinstance(value, gast.Name):
            return shadow
        if isinstance(value, gast.Subscript):
            return subscript(shadow, self.keeping_arrays(clone(value.slice), source, key))
        if isinstance(value, gast.Attribute):
            return gast.Attribute(shadow, value.attr, gast.Load())
        assert isinstance(value, gast.Call)
        keywords = [clone(keyword) for keyword in value.keywords]
        func = value.func
        if isinstance(func, gast.Attribute) and isinstance(func.value, gast.Name) and func.value.id == source:
            return gast.Call(
                gast.Attribute(shadow, func.attr, gast.Load()), [clone(arg) for arg in value.args], keywords
            )
        return gast.Call(clone(func), [shadow, *(clone(arg) for arg in value.args[1:])], keywords)

    def _allocation(self, key: str, statement: gast.Assign) -> gast.expr:
        """A buffer of zeros; for a list of arrays, the list of their shadows."""
        value = statement.value
        self.allocated.add(self.shadows[key])
        known = self.types[key]
        if isinstance(value, gast.List) and holds_memory(known):
            return gast.List([self._early_item(elt, known, statement) for elt in value.elts], gast.Load())
        if isinstance(value, gast.Dict) and holds_memory(known):
            items = [self._early_item(item, known, statement) for item in value.values]
            return gast.Dict([clone(k) for k in value.keys], items)
        of_numbers = isinstance(known, ListOf) and isinstance(known.item, Scalar)
        if of_numbers and isinstance(value, gast.List) and len(value.elts) <= MAX_SHOWN:
            if not any(isinstance(elt, gast.Starred) for elt in value.elts):
                return gast.List([constant(0.0) for _ in value.elts], gast.Load())
        if isinstance(known, DictOf) and holds_memory(known):  # what it holds at first carries no derivative
            held = self.typer(value)
            if isinstance(held, DictOf) and isinstance(item_type(held), (Array, Never)):
                return self.zeros_in_table(held, value if isinstance(value, gast.Name) else name(key))
            self._refuse_alias(statement)
        # what goes round a loop is read before it is assigned, not after
        return self.zero_of(key, value, value if isinstance(value, gast.Name) else None)

    def keeping_arrays(self, index: gast.expr, source: str, key: str) -> gast.expr:
        """An index of an array that gives an array also where it names one element: a number is no view."""
        owner, item = self.types[source], self.types[key]
        parts = list(index.elts) if isinstance(index, gast.Tuple) else [index]
        known = not isinstance(owner, Array) or not isinstance(item, Array) or item.shape is not None
        if known or any(isinstance(part, gast.Constant) and part.value is Ellipsis for part in parts):
            return index
        return gast.Tuple([*parts, gast.Constant(Ellipsis, None)], gast.Load())

    # ---- the reverse sweep's part ---------------------------------------------------------------
    def shares_items(self, key: str) -> bool:
        """Whether a list's shadow holds the very buffers of its items, so that nothing is handed on."""
        return key in self.early and holds_memory(self.types[key])

    def emptied(self, key: str) -> gast.expr:
        """What a buffer holds; the buffer is zeros again, for the next time that the reverse sweep runs."""
        self.cleared.add(key)
        shadow = name(self.shadows[key])
        if not isinstance(self.types[key], Array):
            return self._emptied_list(key)
        held = self.bind(
            gast.Call(gast.Attribute(clone(shadow), "copy", gast.Load()), [], []), self.shadows[key]
        )
        place = subscript(shadow, gast.Constant(Ellipsis, None), store=True)
        self.emit(gast.Assign([place], constant(0.0), None))
        return held

    def _emptied_list(self, key: str) -> gast.expr:
        shadow = name(self.first_items.get(key, self.shadows[key]))
        known = self.types[key]
        if not isinstance(known, ListOf) or not isinstance(known.item, Array):
            return shadow
        copied, cleared = self.fresh("v"), self.fresh("v")
        self.types[copied] = self.types[cleared] = known.item
        each = gast.comprehension(target=target(copied), iter=shadow, ifs=[], is_async=0)
        copy = gast.Call(gast.Attribute(name(copied), "copy", gast.Load()), [], [])
        held = self.bind(gast.ListComp(elt=copy, generators=[each]), shadow.id, known)
        self.emit(gast.For(target(cleared), clone(shadow), [_zeros(cleared)], [], None))
        return held

    def clear_parameters(self) -> list[gast.stmt]:
        """Shadows of parameters that are not asked for are zeros again, for the next run of the reverse sweep."""
        with self.emitting_into([]) as out:
            for key in [*self._early_parameters(), *sorted(self.early & self.entry_names)]:
                known, shadow = self.types[key], self.shadows[key]
                if key in self.cleared:
                    continue
                if isinstance(known, Array):
                    self.emit(_zeros(shadow))
                elif isinstance(known, ListOf) and isinstance(known.item, Array):
                    item = self.fresh("v")
                    self.types[item] = known.item
                    self.emit(gast.For(target(item), name(shadow), [_zeros(item)], [], None))
        return out

    def has_early_lists(self) -> bool:
        """Whether the reverse sweep consumes a list that the forward sweep made, so that it can run only once."""
        return any(
            isinstance(self.types[key], (ListOf, DictOf)) and not holds_memory(self.types[key])
            for key in self.early
        )

    # ---- given by the reverse sweep -------------------------------------------------------------
    def _viewed(self, value: gast.expr) -> str | None:
        raise NotImplementedError

    def _refuse_alias(self, statement: gast.stmt) -> None:
        raise NotImplementedError


def _zeros(key: str) -> gast.stmt:
    """``x[...] = 0.0``."""
    place = subscript(name(key), gast.Constant(Ellipsis, None), store=True)
    return gast.Assign([place], constant(0.0), None)


def holds_memory(known: Type) -> bool:
    """Whether a list's or dict's items are memory themselves, so that the list holds references to them."""
    if isinstance(known, DictOf):
        kinds = [*known.items, *([known.rest] if known.rest is not None else [])]
        return any(isinstance(without_none(kind), (Array, ListOf, DictOf)) for kind in kinds)
    return isinstance(known, ListOf) and isinstance(without_none(known.item), (Array, ListOf, DictOf))


__all__ = ["Early", "holds_memory"]
