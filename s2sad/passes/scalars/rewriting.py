"""One round over a function: each vector in the forms that the rounds before have found to be needed."""

from __future__ import annotations

import builtins
import copy
import dataclasses
import math
from typing import Any

import gast
import numpy as np

from s2sad.abstract.interpreter import Interpreted
from s2sad.names import base
from s2sad.passes.scalars.costs import (
    NUMBER,
    TRIPS,
    of_numpy,
)
from s2sad.passes.scalars.expressions import ARITHMETIC, WEAK, filled_with_floats
from s2sad.passes.scalars.forms import Forms
from s2sad.passes.scalars.small import Unfit, as_array, filled, indices, is_small, shape_of, single
from s2sad.passes.scalars.stores import stored_in, stored_into
from s2sad.runtime.arrays import numbers_of
from s2sad.signature import Array, Scalar, Sequence
from s2sad.tree.build import assign, clone, constant, dotted, name, names_in
from s2sad.tree.dataflow import binds, rewrite, rewritten


class Rewriting(Forms):
    """Writes a function anew, statement by statement."""

    def run(self) -> None:
        """Rewrite the body."""
        with self.emitting_into([]) as body:
            for key in self.core.inputs:
                if key in self.core.types:
                    self._hold(key)
            self._statements(list(self.core.body))
        self.body = body

    def result(self) -> Interpreted:
        """The function as it is now."""
        new = {key for key in self.types if key not in self.core.types}
        return dataclasses.replace(
            self.core, body=tuple(self.body), types=self.types, objects=self.objects, sites=self.sites,
            varied=frozenset(self.varied) & (frozenset(self.core.types) | new),
        )  # fmt: skip

    # ---- statements ------------------------------------------------------------------------------
    def _statements(self, statements: list[gast.stmt]) -> None:
        for statement in statements:
            self.at = statement
            handler = getattr(self, "_on_" + type(statement).__name__, self._plain)
            handler(statement)

    def _block(self, statements: list[gast.stmt]) -> list[gast.stmt]:
        with self.emitting_into([]) as out:
            self._statements(statements)
        return out

    def _plain(self, statement: Any) -> None:
        """A statement that takes vectors as they are."""
        self.out.append(self._with_vectors(statement))
        for key in binds(statement):
            self._hold(key)

    def _on_Assign(self, statement: gast.Assign) -> None:
        goal = statement.targets[0]
        if not isinstance(goal, gast.Name):
            self._store(statement)
        elif isinstance(statement.value, (gast.Name, gast.Constant)) and self.is_candidate(goal.id):
            self._copy(statement, goal.id)
        elif goal.id in self.left or not self._in_numbers(statement, goal.id):
            self._plain(statement)

    def _on_AugAssign(self, statement: gast.AugAssign) -> None:
        self._store(statement)

    def _store(self, statement: Any) -> None:
        """What is stored into an array of floats may be a Python float; into a vector's numbers, a new one."""
        owner_name = stored_into(statement)
        if owner_name in self.written and owner_name not in self.left:
            assert owner_name is not None
            self._store_number(statement, owner_name)
            return
        goal = statement.targets[0] if isinstance(statement, gast.Assign) else statement.target
        value = statement.value
        owner = self.typer(goal.value) if isinstance(goal, gast.Subscript) else None
        number = isinstance(value, gast.Name) and isinstance(self.types.get(value.id), Scalar)
        if isinstance(owner, Array) and owner.dtype == "float64" and number and self._has_numbers(value.id):
            statement = copy.copy(statement)
            statement.value = clone(self.items_of(value.id)[()])
            self._commit()
        self._plain(statement)

    def _store_number(self, statement: Any, key: str) -> None:
        """A store into a short vector: its numbers are others from here on."""
        updated = isinstance(statement, gast.AugAssign)
        goal = statement.target if updated else statement.targets[0]
        self.asked, self.used = set(), {key}
        try:
            index = self._index(goal.slice)
            items = self.items_of(key).copy()
            part = as_array(items[index])
            if updated:
                if not isinstance(statement.op, ARITHMETIC):
                    raise Unfit
                value = self._operation(type(statement.op), self.named(part), self.atoms(statement.value))
            else:
                value = self.spread(filled_with_floats(self.atoms(statement.value), self), part.shape)
            if value.shape != part.shape:
                raise Unfit
        except (Unfit, IndexError):
            self._leave(key)
            return
        self._commit()
        places = np.empty(items.shape, object)
        for place in indices(items.shape):
            places[place] = place
        chosen = as_array(places[index]) if not isinstance(places[index], tuple) else single(places[index])
        for k in indices(part.shape):
            items[chosen[k]] = self._kept(value[k], key, chosen[k])
        self.items[key] = items
        self._note(
            self.used, NUMBER * part.size - (of_numpy(goal, False) + (1000 if part.ndim else 90) * updated)
        )

    def _has_numbers(self, key: str) -> bool:
        """Whether a name's numbers are at hand, and its vector is not."""
        return self.is_candidate(key) and key in self.items and key not in self.left

    def _copy(self, statement: gast.Assign, key: str) -> None:
        """A copy has the forms that are needed; that of a merged name has numbers with names of their own."""
        value: Any = statement.value
        if key in self.left or (key in self.vectors and not self._is_made_where_needed(key)):
            self.out.append(self._with_vectors(statement))
        if key in self.left:
            return
        self.asked, self.used = set(), {key}
        try:
            items = self._of_atom(value)
        except Unfit:
            if key in self.numbers:
                self._leave(key)
            elif key not in self.vectors:
                self.vectors.add(key)
            return
        if key not in self.numbers and (key in self.merged or not self._at_hand(value)):
            return
        if key in self.numbers:
            self._commit()
        self._note(self.used, 0.0)
        if key not in self.merged:
            self.items[key] = filled(items.shape, lambda index: self._kept(items[index], key, index))
            return
        if key not in self.fixed:
            self.fixed[key] = self.items[key] if key in self.items else self._numbered(key)
        self._follow(key, self.fixed[key], items)

    def _follow(self, key: str, names: np.ndarray, items: np.ndarray) -> None:
        """A vector has its numbers under these names from here on."""
        self.moving |= {node.id for node in names.flat}
        for index in indices(items.shape):
            if not _same_name(names[index], items[index]):
                self._set(names[index], items[index])
        self.items[key] = names

    def _of_atom(self, value: Any) -> np.ndarray:
        """The numbers of what is copied."""
        known = self.typer(value)
        if is_small(known):
            return self.items_of(value.id)
        if not isinstance(known, Scalar) or known.dtype not in WEAK:
            raise Unfit
        return single(value)

    def _at_hand(self, value: Any) -> bool:
        return not isinstance(value, gast.Name) or not is_small(self.typer(value)) or value.id in self.items

    def _in_numbers(self, statement: gast.Assign, key: str) -> bool:
        """Assign the numbers of an expression, where it can be spelled with numbers."""
        known = self.types[key]
        if isinstance(known, Sequence):
            return self._list(statement, key)
        if not self.is_candidate(key) and not (isinstance(known, Scalar) and known.dtype == "float"):
            return False
        if not self.is_candidate(key) and not self.touches(statement.value):
            return False
        before, self.asked, self.used = len(self.out), set(), {key} if self.is_candidate(key) else set()
        try:
            nodes = self.evaluate(statement.value)
            if nodes.shape != shape_of(known):
                raise Unfit
        except Unfit:
            del self.out[before:]
            return False
        self._commit()
        if self.is_candidate(key):
            self.items[key] = filled(nodes.shape, lambda index: self._kept(nodes[index], key, index))
        else:
            self.emit(assign(key, clone(nodes[()])))
        on_arrays = any(isinstance(self.core.types[used], Array) for used in self.used)
        spent = NUMBER * sum(isinstance(s, gast.Assign) and not _is_copy(s) for s in self.out[before:])
        self._note(
            self.used, spent - of_numpy(statement.value, on_arrays, self._application(statement.value)[0])
        )
        if self.is_candidate(key):
            self._pack(key)
        return True

    def _kept(self, node: gast.expr, key: str, index: tuple[int, ...]) -> gast.expr:
        """A number under the name of its vector; one that never changes may keep its own."""
        if isinstance(node, gast.Constant) or (
            isinstance(node, gast.Name) and node.id not in self._changing()
        ):
            return clone(node)
        new = self.fresh(base(key) + "".join(map(str, index)))
        self._declare(new, key)
        self.emit(assign(new, clone(node)))
        return name(new)

    def _changing(self) -> set[str]:
        """The numbers of merged names, and those that loops and branches merge."""
        found = self.merged | self.moving
        for key in self.merged & set(self.items):
            found |= {node.id for node in self.items[key].flat if isinstance(node, gast.Name)}
        return found

    def _list(self, statement: gast.Assign, key: str) -> bool:
        """``u.tolist()`` of numbers at hand is a display of them."""
        value = statement.value
        if not isinstance(value, gast.Call) or self._application(value)[0] is not numbers_of:
            return False
        source = value.args[0]
        if not isinstance(source, gast.Name) or source.id not in self.items or key in self.merged:
            return False
        self.asked, self.used = set(), set()
        elts = [clone(item) for item in self.items_of(source.id).flat]
        self._commit()
        self.emit(assign(key, gast.List(elts=elts, ctx=gast.Load())))
        return True

    def _commit(self) -> None:
        """What was asked for is needed."""
        self.changed = self.changed or bool(self.asked)
        self.numbers |= self.asked
        self.asked = set()

    def _on_If(self, statement: gast.If) -> None:
        test = self._test(statement.test)
        written = self._written_in([*statement.body, *statement.orelse])
        before = {key: self.items[key] for key in written}
        ends = []
        blocks = []
        for block in (statement.body, statement.orelse):
            self.items |= before
            blocks.append(self._block(block))
            ends.append({key: self.items[key] for key in written})
        for key in written:
            names = self._numbered(key)
            for block, end in zip(blocks, ends):
                with self.emitting_into(block):
                    self._follow(key, names, end[key])
        body, other = blocks
        self.out.append(gast.copy_location(gast.If(test=test, body=body, orelse=other), statement))

    def _on_While(self, statement: gast.While) -> None:
        self.weight *= TRIPS
        written = self._enter(statement.body)
        self.in_test = True
        test = self._test(statement.test)
        self.in_test = False
        body = self._block(statement.body)
        self._go_round(written, body)
        self.weight /= TRIPS
        self.out.append(
            gast.copy_location(gast.While(test=test, body=body, orelse=list(statement.orelse)), statement)
        )

    def _on_For(self, statement: gast.For) -> None:
        new = copy.copy(statement)
        new.iter = self._with_vectors(statement.iter)
        self.weight *= TRIPS
        written = self._enter(statement.body)
        with self.emitting_into([]) as out:
            for key in binds(gast.Assign(targets=[statement.target], value=constant(0), type_comment=None)):
                self._hold(key)
            self._statements(statement.body)
        self._go_round(written, out)
        self.weight /= TRIPS
        new.body = out
        self.out.append(new)

    def _written_in(self, body: list[gast.stmt]) -> list[str]:
        """The vectors with numbers that are there before some statements and written in them."""
        return [
            key
            for key in stored_in(body)
            if key in self.written and key in self.items and key not in self.left
        ]

    def _enter(self, body: list[gast.stmt]) -> dict[str, np.ndarray]:
        """Before a loop: the vectors that are written in it have numbers that each trip may change."""
        written = {}
        for key in self._written_in(body):
            written[key] = self.fixed[key] if key in self.fixed else self._numbered(key)
            self._follow(key, written[key], self.items[key])
        return written

    def _go_round(self, written: dict[str, np.ndarray], body: list[gast.stmt]) -> None:
        """At the end of a trip."""
        with self.emitting_into(body):
            for key, names in written.items():
                self._follow(key, names, self.items[key])

    # ---- expressions that stand whole --------------------------------------------------------------
    def _test(self, node: gast.expr) -> gast.expr:
        """A test; what it compares is spelled with numbers where that can be."""
        new = copy.copy(node)
        if isinstance(node, gast.BoolOp):
            new.values = [self._test(value) for value in node.values]
        elif isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Not):
            new.operand = self._test(node.operand)
        elif isinstance(node, gast.Compare):
            new.left = self._side(node.left)
            new.comparators = [self._side(part) for part in node.comparators]
        else:
            return self._with_vectors(node)  # type: ignore[no-any-return]
        return new

    def _side(self, node: gast.expr) -> gast.expr:
        known = self.typer(node)
        if isinstance(known, Scalar) and known.dtype in ("float64", *WEAK) and self.touches(node):
            self.asked, self.used, self.together = set(), set(), True
            try:
                items = self.evaluate(node)
                self._commit()
                self._note(self.used, NUMBER - of_numpy(node, not isinstance(node, gast.Name)))
                return clone(items[()])  # type: ignore[no-any-return]
            except Unfit:
                pass
            finally:
                self.together = False
        return self._with_vectors(node)  # type: ignore[no-any-return]

    def _with_vectors(self, node: Any) -> Any:
        """The same, where it reads vectors and NumPy's numbers as they are; shapes are known without the vector."""
        change = rewrite if isinstance(node, gast.expr) else rewritten
        new = change(clone(node), self._folded)
        read = names_in(new) - set([] if isinstance(node, gast.expr) else binds(node))
        made = {key: self._made_here(key, node) for key in sorted(read) if self._is_made_where_needed(key)}
        for key in read - set(made):
            self._need_vector(key)
        return substitute_in(new, made) if made else new

    def _made_here(self, key: str, node: Any) -> gast.expr:
        """The vector of a merged name's numbers, made before the statement that needs it."""
        if self.in_test and key in self.written:
            self._leave(key)
            return name(key)
        if self.in_test:
            self.carried.add(key)
            self._need_vector(key)
        items = self.items.setdefault(key, self._numbered(key))
        new = key if isinstance(node, gast.Return) else self.fresh(key)
        self.types[new] = self.core.types[key]
        self.sites[new] = self.sites.get(key, frozenset())
        if key in self.core.varied:
            self.varied.add(new)
        self._make(key, new, items)
        return name(new)

    def _folded(self, node: Any) -> Any:
        """A length or a shape as a number; in arithmetic with an array of floats, a Python float will do."""
        if isinstance(node, gast.Call) and len(node.args) == 1 and dotted(node.func) == "len":
            if self._is_vector(node.args[0]) and self.objects.get("len", builtins.len) is builtins.len:
                return constant(shape_of(self.types[node.args[0].id])[0])  # type: ignore[attr-defined]
        if isinstance(node, gast.Attribute) and self._is_vector(node.value):
            shape = shape_of(self.types[node.value.id])
            found = {"shape": shape, "ndim": len(shape), "size": math.prod(shape)}.get(node.attr)
            return node if found is None else constant(found)
        if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub, gast.Mult, gast.Div)):
            self._scaled(node)
        return node

    def _is_vector(self, node: Any) -> bool:
        return (
            isinstance(node, gast.Name) and node.id in self.items and isinstance(self.types[node.id], Array)
        )

    def _scaled(self, node: gast.BinOp) -> None:
        """Arithmetic of an array of floats and a number: the number may be Python's."""
        for side, other in (("left", "right"), ("right", "left")):
            one, two = getattr(node, side), self.typer(getattr(node, other))
            if not isinstance(one, gast.Name) or not isinstance(self.types.get(one.id), Scalar):
                continue
            if isinstance(two, Array) and two.dtype == "float64" and self._has_numbers(one.id):
                self.asked, self.used = set(), set()
                setattr(node, side, clone(self.items_of(one.id)[()]))
                self._commit()

    def _need_vector(self, key: str) -> None:
        if self.is_candidate(key):
            self.vectors.add(key)


def substitute_in(node: Any, values: dict[str, gast.expr]) -> Any:
    """An expression or a statement that reads other names."""
    names = {key: value.id for key, value in values.items() if isinstance(value, gast.Name)}
    change = rewrite if isinstance(node, gast.expr) else rewritten
    return change(
        node,
        lambda part: (
            name(names[part.id])
            if isinstance(part, gast.Name) and part.id in names and _is_read(part)
            else part
        ),
    )


def _is_read(node: gast.Name) -> bool:
    return isinstance(node.ctx, gast.Load)


def _same_name(one: gast.expr, other: gast.expr) -> bool:
    return isinstance(one, gast.Name) and isinstance(other, gast.Name) and one.id == other.id


def _is_copy(statement: gast.Assign) -> bool:
    return isinstance(statement.value, (gast.Name, gast.Constant))
