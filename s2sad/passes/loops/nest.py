"""One loop nest: what is counted, what is done for each element, and what stands before and after.

Inside of a nest an index is a placeholder, ``@0`` for the outermost loop, so that nests of one shape fuse by putting
their bodies together; `printed` gives the loops their variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.signature import Size, is_joined, may_be_one
from s2sad.tree.build import assign, binary, call, constant, name, subscript
from s2sad.tree.dataflow import children, rewrite, with_fields

RUNNING = tuple(f"@{axis}" for axis in range(4))
"""The placeholders of the loop variables."""


@dataclass(frozen=True)
class Extent:
    """How often a loop runs: the size as the types know it, and the expression that gives it at run time."""

    size: Size
    base: Any
    less: int = 0
    key: Any = None

    @property
    def node(self) -> Any:
        """How often the loop runs; less than zero for not at all."""
        if self.size == 0:
            return constant(0)
        return shifted(self.base, -self.less)

    @property
    def length(self) -> Any:
        """The size of an array with an item for each turn."""
        return (
            call("max", self.node, constant(0))
            if self.less > 0 and not isinstance(self.size, int)
            else self.node
        )


def is_certain(size: Size) -> bool:
    """Whether two dimensions of this size are certainly equal: it is a number, or an argument's own dimension."""
    if isinstance(size, int):
        return True
    return not is_joined(size) and not set(size.symbol) & set("()#*/~:")


def same_extent(a: Extent, b: Extent) -> bool:
    """Whether two loops certainly run equally often."""
    return a.key == b.key or (a.size == b.size and is_certain(a.size))


def may_stretch(extent: Extent) -> bool:
    """Whether the dimension can have size 1, and so be stretched."""
    return may_be_one(extent.size)


@dataclass
class Store:
    """``array[index] op= value`` for each element; `op` is None for a plain assignment."""

    array: str
    index: tuple[Any, ...]
    value: Any
    op: Any = None
    function: str = ""


@dataclass
class Total:
    """``name += value`` for each element, or ``name = function(name, value)``."""

    name: str
    value: Any
    function: str = ""


@dataclass
class Nest:
    """Loops over a box of elements.

    Attributes
    ----------
    extents : list of Extent
        One per loop, outermost first.
    items : list of Store or Total
        What is done for each element, in order.
    before, after : list of statements
        What stands around the loops.
    opening, closing : list of statements
        What stands around the innermost loop, in the one outside of it.
    made : set of str
        Arrays that `before` allocates, one element for each element of the box.
    place : statement
        The user's statement that it comes from.
    comments : list of statements
        The comments that stood between nests that were put together.
    """

    extents: list[Extent]
    items: list[Any]
    place: Any
    before: list[Any] = field(default_factory=list)
    after: list[Any] = field(default_factory=list)
    opening: list[Any] = field(default_factory=list)
    closing: list[Any] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    comments: list[Any] = field(default_factory=list)

    @property
    def rank(self) -> int:
        return len(self.extents)

    @property
    def full(self) -> tuple[Any, ...]:
        """The index that runs over the whole box."""
        return tuple(name(RUNNING[axis]) for axis in range(self.rank))

    def reads(self) -> Iterable[Any]:
        """The expressions that are evaluated for each element."""
        for item in self.items:
            yield item.value

    def loads(self) -> list[tuple[str, tuple[Any, ...]]]:
        """The arrays that are read for each element, with their indices; in `opening` and `closing` too."""
        found: list[tuple[str, tuple[Any, ...]]] = []
        for item in self.items:
            _collect_loads(item.value, found)
            for part in item.index if isinstance(item, Store) else ():
                _collect_loads(part, found)
            if isinstance(item, Store) and (item.op is not None or item.function):
                found.append((item.array, item.index))
        return found

    def stores(self) -> list[tuple[str, tuple[Any, ...]]]:
        """The arrays that are written for each element, with their indices."""
        found = [(item.array, item.index) for item in self.items if isinstance(item, Store) and item.index]
        for node in self.closing:
            target = node.targets[0]
            if isinstance(target, gast.Subscript):
                found.append((target.value.id, indices_of(target)))
        return found


def indices_of(node: gast.Subscript) -> tuple[Any, ...]:
    """The items of an index."""
    return tuple(node.slice.elts) if isinstance(node.slice, gast.Tuple) else (node.slice,)


def _collect_loads(node: Any, found: list[tuple[str, tuple[Any, ...]]]) -> None:
    if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name):
        found.append((node.value.id, indices_of(node)))
    for child in children(node):
        _collect_loads(child, found)


def element(array: str, index: Iterable[Any], store: bool = False) -> gast.Subscript:
    """``array[i, j]``."""
    parts = list(index)
    whole = parts[0] if len(parts) == 1 else gast.Tuple(elts=parts, ctx=gast.Load())
    return subscript(name(array), whole, store)


def shifted(node: Any, by: int) -> Any:
    """An expression and a number more, without sums of sums.

    >>> from s2sad.tree.printer import expression_text
    >>> expression_text(shifted(shifted(name("i"), 2), -1)), expression_text(shifted(constant(3), -1))
    ('i + 1', '2')
    """
    if by == 0:
        return node
    if isinstance(node, gast.Constant) and isinstance(node.value, int):
        return constant(node.value + by)
    if isinstance(node, gast.BinOp) and isinstance(node.right, gast.Constant):
        if isinstance(node.op, (gast.Add, gast.Sub)) and isinstance(node.right.value, int):
            own = node.right.value if isinstance(node.op, gast.Add) else -node.right.value
            return shifted(node.left, own + by)
    return binary(node, gast.Add if by > 0 else gast.Sub, constant(abs(by)))


def shift_of(node: Any) -> tuple[str, int] | None:
    """The placeholder in an index and what is added to it; None for any other index."""
    if isinstance(node, gast.Name):
        return (node.id, 0) if node.id in RUNNING else None
    if isinstance(node, gast.BinOp) and isinstance(node.left, gast.Name) and node.left.id in RUNNING:
        if isinstance(node.right, gast.Constant) and isinstance(node.op, (gast.Add, gast.Sub)):
            by = node.right.value
            return node.left.id, by if isinstance(node.op, gast.Add) else -by
    return None


def printed(nest: Nest, variables: list[str], parallel: bool = False) -> list[gast.stmt]:
    """The statements of a nest."""
    starts = _starts(nest)
    parallel = parallel and is_free_of_races(nest)
    single = [isinstance(extent.base, gast.Constant) and extent.size == 1 for extent in nest.extents]
    values = {
        RUNNING[axis]: constant(0) if single[axis] else shifted(name(variables[axis]), -starts[axis])
        for axis in range(nest.rank)
    }

    def finished(node: Any) -> Any:
        return _with_indices(node, values)

    body: list[gast.stmt] = []
    for item in nest.items:
        body.append(_item(item, finished))
    for axis in reversed(range(nest.rank)):
        count = gast.copy_location(
            _range(nest.extents[axis], starts[axis], parallel and axis == 0), nest.place
        )
        loop = gast.For(
            target=gast.Name(id=variables[axis], ctx=gast.Store(), annotation=None, type_comment=None),
            iter=count, body=body, orelse=[], type_comment=None,
        )  # fmt: skip
        body = body if single[axis] else [gast.copy_location(loop, nest.place)]
        if axis == nest.rank - 1 and (nest.opening or nest.closing):
            body = [
                *(_moved(node, finished, nest.place) for node in nest.opening), *body,
                *(_moved(node, finished, nest.place) for node in nest.closing),
            ]  # fmt: skip
    return [*nest.comments, *nest.before, *body, *nest.after]


def _moved(node: Any, finished: Callable[[Any], Any], place: Any) -> Any:
    fields = {"value": finished(node.value), "targets": [finished(node.targets[0])]}
    return gast.copy_location(with_fields(node, **fields), place)


def _item(item: Any, finished: Callable[[Any], Any]) -> Any:
    value = finished(item.value)
    if item.function:
        held = finished(element(item.array, item.index)) if isinstance(item, Store) else name(item.name)
        value = gast.copy_location(call(item.function, held, value), item.value)
    if isinstance(item, Total):
        target: Any = gast.Name(id=item.name, ctx=gast.Store(), annotation=None, type_comment=None)
        if item.function:
            return gast.copy_location(
                gast.Assign(targets=[target], value=value, type_comment=None), item.value
            )
        return gast.copy_location(gast.AugAssign(target=target, op=gast.Add(), value=value), item.value)
    target = (
        finished(element(item.array, item.index, store=True))
        if item.index
        else gast.Name(id=item.array, ctx=gast.Store(), annotation=None, type_comment=None)
    )
    if item.op is None:
        new: Any = gast.Assign(targets=[target], value=value, type_comment=None)
    else:
        new = gast.AugAssign(target=target, op=item.op, value=value)
    return gast.copy_location(new, item.value)


def allocation(array: str, extents: Iterable[Extent], dtype: str) -> Any:
    """``array = np.empty(shape)`` for the whole box."""
    sizes = [extent.length for extent in extents]
    shape = sizes[0] if len(sizes) == 1 else gast.Tuple(elts=sizes, ctx=gast.Load())
    kind = [call_path(dtype)] if dtype != "float64" else []
    return assign(array, call("np.empty", shape, *kind))


def call_path(dtype: str) -> Any:
    """How a dtype is written."""
    return gast.Attribute(value=name("np"), attr="bool_" if dtype == "bool" else dtype, ctx=gast.Load())


def _range(extent: Extent, start: int, parallel: bool) -> Any:
    function = "prange" if parallel else "range"
    stop = shifted(extent.node, start)
    return call(function, constant(start), stop) if start else call(function, stop)


def is_free_of_races(nest: Nest) -> bool:
    """Whether the turns of the outermost loop touch different elements, so that they may run at the same time."""
    places: dict[str, tuple[int, str]] = {}
    for array, index in nest.stores():
        own = [(axis, gast.dump(part)) for axis, part in enumerate(index) if _runs(part)]
        if len(own) != 1:
            return False
        if places.setdefault(array, own[0]) != own[0]:
            return False
    for array, index in nest.loads():
        if array in places:
            axis, text = places[array]
            if axis >= len(index) or gast.dump(index[axis]) != text:
                return False
    return nest.rank > 0


def _runs(part: Any) -> bool:
    """Whether an index runs with the outermost loop, and with nothing else."""
    shift = shift_of(part)
    return shift is not None and shift[0] == RUNNING[0]


def _starts(nest: Nest) -> list[int]:
    """Where the loops start: so that the array that is written is indexed plainly."""
    for item in nest.items:
        if isinstance(item, Store) and item.array not in nest.made:
            parts = [shift_of(part) for part in item.index]
            found = {part[0]: part[1] for part in parts if part is not None}
            return [max(found.get(RUNNING[axis], 0), 0) for axis in range(nest.rank)]
    return [0] * nest.rank


def _with_indices(node: Any, values: dict[str, Any]) -> Any:
    def leave(part: Any) -> Any:
        if isinstance(part, gast.Name):
            return values.get(part.id, part)
        if isinstance(part, gast.BinOp) and isinstance(part.right, gast.Constant):
            if isinstance(part.op, (gast.Add, gast.Sub)) and type(part.right.value) is int:
                if isinstance(part.left, gast.BinOp) and isinstance(part.left.left, gast.Name):
                    if part.left.left.id in {v.left.id for v in values.values() if isinstance(v, gast.BinOp)}:
                        by = part.right.value if isinstance(part.op, gast.Add) else -part.right.value
                        return shifted(part.left, by)
        return part

    return rewrite(node, leave)
