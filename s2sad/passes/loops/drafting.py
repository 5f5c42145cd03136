"""Statements to nests: each array statement on its own; what stands in the way goes into variables before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast
import numpy as np

from s2sad.analysis.memory import Memory
from s2sad.analysis.nones import may_be_none
from s2sad.names import unused
from s2sad.passes.loops.elements import MOST_RANK, Draft, Elements, Unfit
from s2sad.passes.loops.nest import (
    Extent,
    Nest,
    Store,
    allocation,
    is_certain,
    may_stretch,
    same_extent,
)
from s2sad.passes.loops.reductions import Reductions, new_draft, running
from s2sad.program import Program
from s2sad.signature import Array, Dim, Scalar, Type, kind_of
from s2sad.sweep.typer import Typer
from s2sad.tree.build import accumulated, assign, call, constant, name, subscript
from s2sad.tree.dataflow import (
    DEFERRED,
    assigned,
    binds,
    bound_within,
    definitions,
    headers,
    map_blocks,
    map_headers,
    own_names,
    parameters,
    reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts

SHAPE_ERROR = "operands could not be broadcast together: their shapes differ"


class Drafting(Reductions):
    """Turns the statements of one program into nests and other statements."""

    def __init__(self, program: Program) -> None:
        self.types: dict[str, Type] = dict(program.types)
        self.typer = Typer(self.types, program.objects)
        # a scatter puts numbers into an array, and nothing shares memory by it
        self.memory = Memory(program.replace(body=tuple(_without_scatters(program.body))))
        self.elements = Elements(self.typer, dict(program.objects), self.hoist, self.length)
        self.parameters = frozenset(parameters(program.args))
        self.taken = {*self.parameters, program.name, "np", "math"}
        for node in walk(program.body):
            self.taken.update(binds(node))
            for part in headers(node):
                self.taken.update(_all_names(part))
        self.taken.update(path.split(".")[0] for path in program.objects)
        self.versions: dict[str, int] = {}
        self.made: dict[str, list[Extent]] = {}
        self.own: set[str] = set()
        self.views: dict[str, set[str]] = {}
        self.counts = definitions(program.body)
        self.named = _named(program)
        self.place: Any = None

    # ---- names --------------------------------------------------------------------------------------------------

    def fresh(self, stem: str, known: Type) -> str:
        """A variable of our own."""
        new = unused(stem, self.taken)
        self.types[new] = known
        self.own.add(new)
        return new

    def rebind(self, names: Sequence[str]) -> None:
        """Note that names have new values: what was known of the shapes of the old ones does not hold."""
        for key in names:
            self.versions[key] = self.versions.get(key, 0) + 1
            self.made.pop(key, None)
        gone = set(names)
        for key, extents in list(self.made.items()):
            if any(gone & set(reads(extent.base)) for extent in extents):
                del self.made[key]

    def length(self, array: str, axis: int, known: Array) -> Extent:
        """A dimension of a variable."""
        assert known.shape is not None
        if array in self.made:
            return self.made[array][axis]
        size = known.shape[axis]
        if isinstance(size, int):
            return Extent(size, constant(size), 0, ("size", size))
        whole, place = self.named.get(size, (array, axis))
        attribute = gast.Attribute(value=name(whole), attr="shape", ctx=gast.Load())
        node = subscript(attribute, constant(place))
        key = ("size", size) if is_certain(size) else (array, axis, self.versions.get(array, 0))
        return Extent(size, node, 0, key)

    def hoist(self, node: Any, draft: Draft) -> str:
        """Put a part in a variable before the loops."""
        if isinstance(node, gast.Name):
            return node.id
        known = self.typer(node)
        if isinstance(known, Array) and (not known.shape or len(known.shape) > MOST_RANK):
            raise Unfit
        inner = self.extracted(node, draft.hoisted)
        if isinstance(inner, gast.Name) and inner.id in self.own:
            return inner.id
        variable = self.fresh("t", known)
        draft.hoisted.append(gast.copy_location(assign(variable, inner), self.place))
        self.note_shape(draft.hoisted[-1])
        return variable

    # ---- statements ---------------------------------------------------------------------------------------------

    def statement(self, node: Any) -> list[Any]:
        """A simple statement as nests and statements that do the same."""
        self.place = node
        before = dict(self.made)
        try:
            pieces = self.whole(node)
        except Unfit:
            self.made = before
            pieces = None
        if pieces is None and not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)):
            pieces = [node]
        if pieces is None:
            try:
                out: list[Any] = []
                new = map_headers(node, lambda part: self.extracted(part, out))
                self.note_view(new)
                pieces = [*out, *self.apart(new)]
            except Unfit:
                self.made = before
                pieces = [node]
        self.note_shape(node)
        made = {key: value for key, value in self.made.items() if key in binds(node)}
        self.rebind(binds(node))
        self.made.update(made)
        return pieces

    def note_shape(self, node: Any) -> None:
        """Remember that a variable has as many items as what it is a part or a rolled copy of."""
        variable = assigned(node)
        extents = self.extents_of(node.value) if variable is not None and variable not in self.made else None
        if variable is not None and extents is not None and variable not in reads(node.value):
            self.made[variable] = extents

    def extents_of(self, node: Any) -> list[Extent] | None:
        """The sizes of a view of a variable, or of a call that keeps the shape of one."""
        known = self.typer(node)
        if not isinstance(known, Array) or not known.shape:
            return None
        if (
            isinstance(node, gast.Call)
            and node.args
            and self.elements.function(node) in (np.roll, np.zeros_like)
        ):
            whole, given = node.args[0], len(node.args) + len(node.keywords)
            if isinstance(whole, gast.Name) and given == (
                3 if self.elements.function(node) is np.roll else 1
            ):
                return self.sizes(whole.id)
        if (
            isinstance(node, gast.Subscript)
            and isinstance(node.value, gast.Name)
            and is_view(node, self.typer)
        ):
            return self.elements.view_extents(node, known)
        return None

    def sizes(self, array: str) -> list[Extent] | None:
        """The sizes of a variable."""
        known = self.types.get(array)
        if not isinstance(known, Array) or not known.shape:
            return None
        return [self.length(array, axis, known) for axis in range(len(known.shape))]

    def apart(self, node: Any) -> list[Any]:
        """An update that is left to Numba, through a copy where it may overlap what it reads: Numba does not look."""
        if not isinstance(node, gast.AugAssign):
            return [node]
        target = node.target
        array = stored(node) or (target.id if isinstance(target, gast.Name) else None)
        if array is None:
            return [node]
        known = self.typer(node.value)
        number = isinstance(known, Scalar) or isinstance(self.typer(target), Scalar)
        if number or not any(self.may_overlap(key, array) for key in reads(node.value)):
            return [node]
        if isinstance(node.value, gast.Name) and isinstance(target, gast.Name) and node.value.id == target.id:
            return [node]
        variable = self.fresh("t", known)
        plain = isinstance(node.value, (gast.Name, gast.Subscript, gast.Attribute))
        value = call(gast.Attribute(value=node.value, attr="copy", ctx=gast.Load())) if plain else node.value
        return [self.placed(assign(variable, value)), with_fields(node, value=name(variable))]

    def may_overlap(self, key: str, array: str) -> bool:
        known = self.types.get(key)
        return not isinstance(known, Scalar) and key in self.types and self.may_alias(key, array)

    def whole(self, node: Any) -> list[Any] | None:
        """A statement that is a nest itself."""
        if isinstance(node, gast.AugAssign):
            return self.update(node)
        if isinstance(node, gast.Expr) and isinstance(node.value, gast.Call):
            return self.scattered(node.value)
        if not isinstance(node, gast.Assign) or len(node.targets) != 1:
            return None
        target = node.targets[0]
        if isinstance(target, gast.Subscript):
            return self.store(target, None, node.value)
        variable = assigned(node)
        if variable is None:
            return None
        return self.definition(variable, node.value)

    def definition(self, variable: str, value: Any) -> list[Any] | None:
        """``name = expression``."""
        known = self.typer(value)
        if isinstance(known, Array) and known.shape and self.elements.is_composite(value):
            pieces: list[Any] = []
            self.new_array(variable, value, known, pieces)
            return pieces
        if variable not in reads(value):
            pieces = []
            if self.reduction(value, variable, pieces):
                return pieces
        return None

    def new_array(self, variable: str, value: Any, known: Array, out: list[Any]) -> None:
        """A nest that fills a new array."""
        assert known.shape is not None
        if len(known.shape) > MOST_RANK or known.dtype == "float16":
            raise Unfit
        if variable in reads(value):
            raise Unfit
        draft = new_draft(len(known.shape))
        index = running(len(known.shape))
        item = Store(variable, index, self.elements.at(value, index, draft))
        nest = self.nest(draft, [item], out)
        nest.before.append(self.placed(allocation(variable, nest.extents, known.dtype)))
        nest.made.add(variable)
        self.made[variable] = list(nest.extents)
        out.append(nest)

    def update(self, node: gast.AugAssign) -> list[Any] | None:
        """``array op= expression``."""
        target = node.target
        if isinstance(target, gast.Name):
            known = self.types.get(target.id)
            if not isinstance(known, Array) or not known.shape or isinstance(node.op, gast.MatMult):
                return None
            return self.into(target, known, node.op, node.value)
        return self.store(target, node.op, node.value) if isinstance(target, gast.Subscript) else None

    def store(self, target: gast.Subscript, op: Any, value: Any) -> list[Any] | None:
        """``array[index] op= expression`` where the index selects a part with dimensions."""
        known = self.typer(target)
        if not isinstance(known, Array) or not known.shape or not isinstance(target.value, gast.Name):
            return None
        if isinstance(op, gast.MatMult) or not isinstance(self.typer(target.value), Array):
            return None  # an item of a list is bound anew
        return self.into(target, known, op, value)

    def into(self, target: Any, known: Array, op: Any, value: Any) -> list[Any] | None:
        """A nest that writes to the part of an array that `target` is."""
        assert known.shape is not None
        rank = len(known.shape)
        kind = self.typer(value)
        if rank > MOST_RANK or not isinstance(kind, (Scalar, Array)) or kind.shape is None:
            raise Unfit
        if len(kind.shape) > rank or kind_of(kind.dtype) == "complex" != kind_of(known.dtype):
            raise Unfit
        if kind_of(known.dtype) in ("int", "bool") and kind_of(kind.dtype) not in ("int", "bool"):
            raise Unfit
        if any(size == 1 != of for size, of in zip(known.shape[rank - len(kind.shape) :], kind.shape)):
            raise Unfit
        index = running(rank)
        draft = new_draft(rank)
        place = self.target(target, index, draft)
        array = place.value.id
        out: list[Any] = []
        whole = Array(known.dtype, known.shape)
        part = self.elements.at(value, self.elements.aligned(index, whole, kind), draft)
        item = Store(array, _indices(place), self.elements.cast(part, kind, whole), op)
        nest = self.nest(draft, [item], out)
        if self.overlaps(nest, item):
            return self.through_copy(item, kind, value, target, known, op)
        return [*out, nest]

    def target(self, target: Any, index: Sequence[Any], draft: Draft) -> Any:
        """The element that is written."""
        known = self.typer(target)
        if isinstance(target, gast.Name):
            return self.elements.leaf(target, index, known, draft)  # type: ignore[arg-type]
        before = len(draft.hoisted)
        place = self.elements.subscript(with_fields(target, ctx=gast.Load()), index, known, draft)  # type: ignore[arg-type]
        if len(draft.hoisted) > before and not is_view(target, self.typer):
            raise Unfit  # a copy was made of what the index selects
        return place

    def overlaps(self, nest: Nest, item: Store) -> bool:
        """Whether an element that is read may be one that another turn writes."""
        for array, index in nest.loads():
            if self.may_alias(array, item.array) and not (array == item.array and _same(index, item.index)):
                return True
        return False

    def through_copy(
        self, item: Store, kind: Any, value: Any, target: Any, known: Array, op: Any
    ) -> list[Any]:
        """What is stored is computed whole first."""
        if not isinstance(kind, Array) or not kind.shape:
            raise Unfit
        out: list[Any] = []
        variable = self.fresh("t", kind)
        if self.elements.is_composite(value):
            self.new_array(variable, value, kind, out)
        else:
            copied = call(gast.Attribute(value=value, attr="copy", ctx=gast.Load()))
            self.new_array(variable, copied, kind, out)
        last = self.into(target, known, op, name(variable))
        return [*out, *(last or [])]

    def may_alias(self, a: str, b: str) -> bool:
        """Whether two arrays may share memory."""
        return a == b or bool(self.roots(a) & self.roots(b))

    def roots(self, array: str) -> set[str]:
        """The classes of memory that an array may be in; one that we made alone is in its own."""
        seen = self.views.get(array, set())
        if array in self.own:
            return seen or {array}
        return {self.memory.root(array)} | seen

    # ---- expressions --------------------------------------------------------------------------------------------

    def extracted(self, node: Any, out: list[Any]) -> Any:
        """An expression with its elementwise parts and its sums computed before it, in nests that go to `out`."""
        if isinstance(node, (gast.Name, gast.Constant, gast.IfExp, gast.BoolOp, gast.Slice, *DEFERRED)):
            return node
        known = self.typer(node)
        if isinstance(known, Array) and known.shape and self.elements.is_composite(node):
            kept = len(out), dict(self.made)
            try:
                variable = self.fresh("t", known)
                self.new_array(variable, node, known, out)
                return name(variable)
            except Unfit:
                del out[kept[0] :]
                self.made = kept[1]
        kept = len(out), dict(self.made)
        try:
            reduced = self.reduction(node, None, out)
        except Unfit:
            del out[kept[0] :]
            self.made, reduced = kept[1], None
        if reduced is not None:
            return name(reduced)
        fields: dict[str, Any] = {}
        for field in node._fields:
            value = node.__dict__.get(field)
            if isinstance(value, list):
                new: Any = [self.extracted(p, out) if isinstance(p, gast.AST) else p for p in value]
                if any(a is not b for a, b in zip(new, value)):
                    fields[field] = new
            elif isinstance(value, gast.AST) and value._fields:
                new = self.extracted(value, out)
                if new is not value:
                    fields[field] = new
        return with_fields(node, **fields) if fields else node

    # ---- nests --------------------------------------------------------------------------------------------------

    def nest(self, draft: Draft, items: list[Any], out: list[Any]) -> Nest:
        """The nest of a draft: its extents chosen and, where they are not certainly equal, checked."""
        extents, checks = [], []
        for found in draft.axes:
            distinct: list[Extent] = []
            for extent in found:
                if not any(same_extent(extent, other) for other in distinct):
                    distinct.append(extent)
            if not distinct:
                extents.append(Extent(1, constant(1), 0, ("size", 1)))
                continue
            if len(distinct) > 1 and any(map(may_stretch, distinct)):
                raise Unfit
            chosen = min(found, key=lambda e: not isinstance(e.base, gast.Constant))
            extents.append(chosen)
            checks += [(chosen, other) for other in distinct if not same_extent(other, chosen)]
        nest = Nest(extents, items, self.place)
        for hoisted in draft.hoisted:
            if isinstance(hoisted, Nest):
                out.append(hoisted)
            else:
                nest.before.append(hoisted)
                self.note_view(hoisted)
        nest.before += [self.checked(*pair) for pair in checks]
        for item in items:
            if getattr(item.value, "lineno", None) is None:
                gast.copy_location(item.value, self.place)
        return nest

    def note_view(self, node: Any) -> None:
        """Remember what a variable may be a view of: Memory does not know the arrays that we made."""
        variable = assigned(node)
        if variable is not None and isinstance(self.types.get(variable), Array):
            shared = [*self.memory.shared(node.value, True), *self.own_shared(node.value)]
            self.views.setdefault(variable, set()).update(root for key in shared for root in self.roots(key))

    def own_shared(self, value: Any) -> list[str]:
        """The arrays that we made whose memory a value may share."""
        if isinstance(value, gast.BinOp) or (isinstance(value, gast.Call) and self.memory.makes_fresh(value)):
            return []
        return [key for key in reads(value) if key in self.own]

    def checked(self, a: Extent, b: Extent) -> Any:
        """A check that two loops run equally often."""
        test = gast.Compare(left=a.node, ops=[gast.NotEq()], comparators=[b.node])
        error = gast.Raise(exc=call("ValueError", constant(SHAPE_ERROR)), cause=None)
        return self.placed(gast.If(test=test, body=[self.placed(error)], orelse=[]))


def _named(program: Program) -> dict[Any, tuple[str, int]]:
    """The first argument, and its dimension, that has a size: one size is written in one way.

    What loops bind anew is left out: that its size is always the same is not seen by LLVM.  So is what may be None.
    """
    found: dict[Any, tuple[str, int]] = {}
    carried = bound_within(node for node in walk(program.body) if isinstance(node, (gast.For, gast.While)))
    bound = bound_within(program.body)
    left_out = carried | may_be_none(walk(program.body))
    keys = [key for key in parameters(program.args) if key not in left_out]
    for key in sorted(keys, key=lambda one: one in bound):
        known = program.types.get(key)
        for axis, size in enumerate(known.shape or () if isinstance(known, Array) else ()):
            if isinstance(size, Dim) and not size.offset and is_certain(size):
                found.setdefault(size, (key, axis))
    return found


def _without_scatters(body: Sequence[Any]) -> list[Any]:
    kept = [node for node in body if not (isinstance(node, gast.Expr) and accumulated(node) is not None)]
    return [map_blocks(node, _without_scatters) for node in kept]


def _indices(node: Any) -> tuple[Any, ...]:
    return tuple(node.slice.elts) if isinstance(node.slice, gast.Tuple) else (node.slice,)


def _same(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return [gast.dump(part) for part in a] == [gast.dump(part) for part in b]


def is_view(node: gast.Subscript, typer: Typer) -> bool:
    """Whether an index surely selects a view."""
    parts = index_parts(node)
    for part in parts:
        known = typer(part)
        integer = isinstance(known, Scalar) and kind_of(known.dtype) == "int"
        special = isinstance(part, gast.Constant) and part.value in (None, Ellipsis)
        if not (isinstance(part, gast.Slice) or integer or special):
            return False
    return True


def _all_names(node: Any) -> set[str]:
    found = set(reads(node))
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, DEFERRED):
            found |= own_names(part)
        stack.extend(child for child in part.__dict__.values() if isinstance(child, gast.AST))
        for child in part.__dict__.values():
            if isinstance(child, list):
                stack.extend(item for item in child if isinstance(item, gast.AST))
    return found
