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
    BOX,
    NUMBER,
    PACK,
    PACK_EACH,
    TRIPS,
    UNBOX,
    UNPACK,
    UNPACK_EACH,
    UNPACK_INDEXED,
    Costs,
    of_numpy,
)
from s2sad.passes.scalars.expressions import WEAK, Expressions
from s2sad.passes.scalars.small import Unfit, as_array, filled, indices, is_small, shape_of, single
from s2sad.runtime.arrays import numbers_of
from s2sad.signature import Array, Scalar, Sequence
from s2sad.tree.build import assign, call, clone, constant, dotted, name, names_in, subscript
from s2sad.tree.dataflow import binds, definitions, rewrite, rewritten, walk


class Rewriting(Expressions):
    """Writes a function anew.

    `numbers` and `vectors` are the names that are needed as those; of what loops and branches merge and has numbers,
    the vector is made where it is needed, but for those that are `carried` as both.
    """

    def __init__(
        self,
        core: Interpreted,
        numbers: frozenset[str],
        vectors: frozenset[str],
        carried: frozenset[str],
        left: frozenset[str],
    ) -> None:
        super().__init__(core, set(core.objects) | set(core.inputs))
        self.numbers, self.vectors, self.carried, self.left = set(numbers), set(vectors), set(carried), left
        self.costs = Costs()
        self.items: dict[str, np.ndarray] = {}
        self.made: dict[str, str] = {}
        self.asked: set[str] = set()
        self.used: set[str] = set()
        self.weight = 1.0
        self.varied = set(core.varied)
        self.changed = False
        self.in_test = False
        counts = definitions(core.body)
        self.merged = {key for key, count in counts.items() if count > 1}
        self.sources: dict[str, set[str]] = {}
        for statement in walk(core.body):
            if isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Name):
                for key in binds(statement):
                    self.sources.setdefault(key, set()).add(statement.value.id)
        for key in [key for key in self.merged if not self._is_merge(key, core)]:
            self.left |= {key}

    def _is_merge(self, key: str, core: Interpreted) -> bool:
        """Whether every definition of a name is a copy."""
        return all(
            isinstance(s, gast.Assign) and isinstance(s.value, (gast.Name, gast.Constant))
            for s in walk(core.body)
            if key in binds(s)
        )

    @property
    def wanted(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """What is needed in which form, copies' sources like the copies."""
        copied = {key for key in self.vectors if not self._is_made_where_needed(key)}
        return self._closed(self.numbers), self._closed(copied) | self.vectors, frozenset(self.carried)

    def _is_made_where_needed(self, key: str) -> bool:
        """Whether there is no vector of a merged name's numbers, but where one is needed."""
        return key in self.merged and key in self.numbers and key not in self.carried and key not in self.left

    def _closed(self, keys: set[str]) -> frozenset[str]:
        found, stack = set(keys), list(keys)
        while stack:
            for source in self.sources.get(stack.pop(), ()):
                if source not in found and self.is_candidate(source):
                    found.add(source)
                    stack.append(source)
        return frozenset(found)

    def is_candidate(self, key: str) -> bool:
        """Whether a name stands for a short vector or a number of NumPy's that nothing writes into."""
        if not is_small(self.core.types.get(key)):
            return False
        return (
            isinstance(self.core.types[key], Scalar)
            or not self.sites.get(key, frozenset()) & self.core.written
        )

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

    # ---- forms -----------------------------------------------------------------------------------
    def items_of(self, key: str) -> np.ndarray:
        if not self.is_candidate(key) or key in self.left:
            raise Unfit
        self.asked.add(key)
        self.used.add(key)
        if key not in self.items:
            self.items[key] = self._numbered(key)
        return self.items[key]

    def _numbered(self, key: str) -> np.ndarray:
        """New names for the numbers of a vector."""
        known = self.types[key]

        def make(index: tuple[int, ...]) -> gast.expr:
            suffix = "".join(map(str, index))
            new = self.fresh(f"{base(key)}{suffix}")
            self._declare(new, key)
            return name(new)

        return filled(shape_of(known), make)

    def _declare(self, new: str, like: str) -> None:
        self.types[new] = Scalar("float")
        if like in self.core.varied:
            self.varied.add(new)

    def bind(self, node: gast.expr, hint: str, known: Any = None) -> gast.expr:
        made = super().bind(node, hint, known)
        assert isinstance(made, gast.Name)
        if names_in(node) & self.varied:
            self.varied.add(made.id)
        return made

    def _hold(self, key: str) -> None:
        """A name has got its vector: its numbers are taken out where they are needed."""
        if key not in self.numbers or not self.is_candidate(key) or key in self.left or key in self.merged:
            return
        self.changed = True
        items = self.items.setdefault(key, self._numbered(key))
        known = self.types[key]
        if isinstance(known, Scalar):
            self._note([key], UNBOX)
            self._set(items[()], call(self.object_node(float), name(key)))
            return
        if len(known.shape) == 1:  # type: ignore[attr-defined]
            self._note([key], UNPACK + UNPACK_EACH * items.size)
            row = self.bind(
                call(self.object_node(numbers_of), name(key)),
                "t",
                Sequence(list, (Scalar("float"),) * items.size),
            )
            self.sites[row.id] = frozenset([("numbers", key)])  # type: ignore[attr-defined]
            for (k,) in indices(items.shape):
                self._set(items[k], subscript(clone(row), constant(k)))
            return
        self._note([key], UNPACK_INDEXED * items.size)
        for index in indices(items.shape):
            part = self.bind(subscript(name(key), constant(index)), "t", Scalar("float64"))
            self._set(items[index], call(self.object_node(float), part))

    def _set(self, new: gast.expr, value: gast.expr) -> None:
        assert isinstance(new, gast.Name)
        self.emit(assign(new.id, clone(value)))

    def _pack(self, key: str) -> None:
        """Make the vector of a name's numbers, where something needs it."""
        if key in self.vectors:
            self._make(key, key, self.items[key])

    def _make(self, key: str, new: str, items: np.ndarray) -> None:
        """Make the vector `new` of the numbers of `key`."""
        if isinstance(self.types[key], Scalar):
            self._note([key], BOX)
            self.emit(assign(new, call(self.object_node(np.float64), clone(items[()]))))
            return
        self._note([key], PACK + PACK_EACH * items.size)
        rows = gast.List(elts=[self._row(as_array(part), key) for part in items], ctx=gast.Load())
        self.emit(assign(new, call(self.object_node(np.array), rows)))

    def _row(self, items: np.ndarray, key: str) -> gast.expr:
        """A display of numbers; in core, one within another has a name."""
        if not items.ndim:
            return clone(items[()])  # type: ignore[no-any-return]
        elts = [self._row(as_array(part), key) for part in items]
        row = self.bind(gast.List(elts=elts, ctx=gast.Load()), "t")
        self.sites[row.id] = frozenset([("row", row.id)])  # type: ignore[attr-defined]
        return row

    def _note(self, names: Any, cost: float) -> None:
        self.costs.note(names, cost * self.weight)

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
        """What is stored into an array of floats may be a Python float."""
        goal = statement.targets[0] if isinstance(statement, gast.Assign) else statement.target
        value = statement.value
        owner = self.typer(goal.value) if isinstance(goal, gast.Subscript) else None
        number = isinstance(value, gast.Name) and isinstance(self.types.get(value.id), Scalar)
        if isinstance(owner, Array) and owner.dtype == "float64" and number and self._has_numbers(value.id):
            statement = copy.copy(statement)
            statement.value = clone(self.items_of(value.id)[()])
            self._commit()
        self._plain(statement)

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
                self.left |= {key}
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
        names = self.items[key] if key in self.items else self._numbered(key)
        self.items[key] = names
        for index in indices(items.shape):
            self._set(names[index], items[index])

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
        """The numbers of merged names."""
        found = set(self.merged)
        for key in self.merged & set(self.items):
            found |= {node.id for node in self.items[key].flat}
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
        body = self._block(statement.body)
        other = self._block(statement.orelse)
        self.out.append(gast.copy_location(gast.If(test=test, body=body, orelse=other), statement))

    def _on_While(self, statement: gast.While) -> None:
        self.weight *= TRIPS
        self.in_test = True
        test = self._test(statement.test)
        self.in_test = False
        body = self._block(statement.body)
        self.weight /= TRIPS
        self.out.append(
            gast.copy_location(gast.While(test=test, body=body, orelse=list(statement.orelse)), statement)
        )

    def _on_For(self, statement: gast.For) -> None:
        new = copy.copy(statement)
        new.iter = self._with_vectors(statement.iter)
        self.weight *= TRIPS
        with self.emitting_into([]) as out:
            for key in binds(gast.Assign(targets=[statement.target], value=constant(0), type_comment=None)):
                self._hold(key)
            self._statements(statement.body)
        self.weight /= TRIPS
        new.body = out
        self.out.append(new)

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


def _is_copy(statement: gast.Assign) -> bool:
    return isinstance(statement.value, (gast.Name, gast.Constant))
