"""What both halves of pass `reserve` ask of a program: names, sizes, and what an expression is before a loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import gast

from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import Memory, is_append
from s2sad.analysis.nones import may_be_none
from s2sad.names import unused
from s2sad.program import Program
from s2sad.signature import Array, Dim, Scalar, Size, Type, is_joined
from s2sad.signature import Sequence as Items
from s2sad.tree.build import assign, call, constant, dotted, name, subscript, target
from s2sad.tree.dataflow import (
    assigned,
    binds,
    bound_within,
    definitions,
    headers,
    map_blocks,
    parameters,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes

_DERIVED = (gast.Add, gast.Sub, gast.Mult)


class Frame:
    """A program, and the names and sizes in it.

    Attributes
    ----------
    sure : set of str
        The names that are bound for certain where the walk over the blocks is.
    """

    def __init__(self, program: Program) -> None:
        self.body = program.body
        self.types = dict(program.types)
        self.memory = Memory(program)
        self.live = Liveness(program.body)
        self.counts = definitions(program.body)
        self.nones = may_be_none(walk(program.body))
        self.parameters = parameters(program.args)
        mentioned = {
            part.id
            for node in walk(program.body)
            for header in headers(node)
            for part in nodes(header)
            if isinstance(part, gast.Name)
        }
        self.taken = {*self.counts, *self.parameters, *mentioned, program.name}
        self.variables: list[str] = []
        self.sure = set(self.parameters)
        self.sizes = {size for key in self.parameters for size in _sizes(program.types.get(key))}
        self.classes: dict[str, set[str]] = {}
        for key in {*self.parameters, *self.counts}:
            self.classes.setdefault(self.memory.root(key), set()).add(key)

    def block(self, body: Sequence[Any]) -> list[Any]:
        """A block with what its loops need before them."""
        out: list[Any] = []
        outside = set(self.sure)
        for node in body:
            inner = map_blocks(node, self.block)
            if isinstance(inner, (gast.For, gast.While)):
                inner = self.loop(inner, id(node), out)
            out.append(inner)
            self.sure |= _surely_bound([node])
        self.sure = outside
        return out

    def loop(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop, after what it needs before it has gone to `out`."""
        raise NotImplementedError

    def fresh(self, stem: str, known: Type | None = None) -> str:
        """A name that is not used."""
        new = unused(stem, self.taken)
        self.types[new] = known or Scalar("int")
        return new

    def family(self, array: str) -> set[str]:
        """The names that may share memory with a name, itself among them."""
        return self.classes.get(self.memory.root(array), {array}) | {array}

    # ---- sizes --------------------------------------------------------------------------------------------------

    def before(self, node: Any, loop: Any, key: int) -> Any:
        """An expression that has the value of a size in each turn before the loop already; None if there is none.

        Parameters
        ----------
        node : expression
            A size, or a tuple of sizes.
        loop : statement
            The loop as it stands.
        key : int
            The `id` of the loop as the analyses know it.
        """
        return self._before(node, loop, key, bound_within([loop]))

    def _before(self, node: Any, loop: Any, key: int, bound: set[str]) -> Any:
        if isinstance(node, gast.Constant):
            return node
        if isinstance(node, gast.Name):
            return None if node.id in bound or node.id not in self.sure else node
        if isinstance(node, gast.Tuple):
            parts = [self._before(part, loop, key, bound) for part in node.elts]
            return None if any(part is None for part in parts) else with_fields(node, elts=parts)
        if isinstance(node, gast.BinOp) and isinstance(node.op, _DERIVED):
            left, right = (self._before(part, loop, key, bound) for part in (node.left, node.right))
            return None if left is None or right is None else with_fields(node, left=left, right=right)
        if calls(node, "max"):
            parts = [self._before(part, loop, key, bound) for part in node.args]
            return None if any(part is None for part in parts) else with_fields(node, args=parts)
        if isinstance(node, gast.Call) and dotted(node.func) == "len" and len(node.args) == 1:
            return None if self._before(node.args[0], loop, key, bound) is None else node
        if isinstance(node, gast.Attribute) and node.attr == "size" and isinstance(node.value, gast.Name):
            return None if node.value.id in bound or node.value.id not in self.sure else node
        whole = _of_shape(node)
        if whole is None:
            return None
        if whole not in bound:
            return node if whole in self.sure else None
        known = self.types.get(whole)
        size = known.shape[node.slice.value] if isinstance(known, Array) and known.shape else None
        return None if size is None else self.standing(size, key, bound)

    def standing(self, size: Size, key: int, bound: set[str]) -> Any:
        """A size that is a number, or a dimension of an array that is there before a loop."""
        if isinstance(size, int):
            return constant(size)
        if size not in self.sizes:
            return None
        names = sorted(
            key for key in self.live.names(self.live.entry[key]) if key in self.types and key in self.sure
        )
        for array in sorted(names, key=lambda one: (one in bound, one not in self.parameters, one)):
            known = self.types[array]
            if isinstance(known, Array) and known.shape is not None and size in known.shape:
                return subscript(
                    gast.Attribute(value=name(array), attr="shape", ctx=gast.Load()),
                    constant(known.shape.index(size)),
                )
        return None

    def is_same_shape(self, a: str, b: str) -> bool:
        """Whether two arrays are certain to have the same shape and dtype."""
        one, other = self.types.get(a), self.types.get(b)
        if not isinstance(one, Array) or not isinstance(other, Array):
            return False
        if one.dtype != other.dtype or one.shape is None or one.shape != other.shape:
            return False
        return all(isinstance(size, int) or is_certain(size) for size in one.shape)

    def shape_of(self, made: Any, key: str) -> list[Any] | None:
        """The shape of the array that ``key = np.empty(shape)`` makes."""
        if assigned(made) != key or not calls(made.value, "np.empty") or len(made.value.args) != 1:
            return None
        shape = made.value.args[0]
        return list(shape.elts) if isinstance(shape, gast.Tuple) else [shape]

    # ---- statements ---------------------------------------------------------------------------------------------

    def copied(self, item: Any, whole: str, place: Any, shape: Sequence[Any], at: Any) -> Any:
        """The loops that copy an array into a row."""
        while len(self.variables) < len(shape):
            self.variables.append(self.fresh("pqr"[len(self.variables)]))
        variables = self.variables[: len(shape)]
        index = [name(variable) for variable in variables]
        inner = index[0] if len(index) == 1 else gast.Tuple(elts=index, ctx=gast.Load())
        outer = gast.Tuple(elts=[place, *index], ctx=gast.Load())
        node: Any = gast.Assign(
            targets=[subscript(name(whole), outer, True)], value=subscript(item, inner), type_comment=None
        )
        for variable, size in reversed(list(zip(variables, shape))):
            node = gast.For(
                target=target(variable), iter=call("range", size), body=[node], orelse=[], type_comment=None
            )
        for part in walk([node]):
            gast.copy_location(part, at)
        return node

    def named(self, array: str, value: Any, at: Any) -> Any:
        """``array = value``."""
        return gast.copy_location(assign(array, value), at)


def is_certain(size: Dim) -> bool:
    """Whether two dimensions of this size are equal."""
    return not is_joined(size) and not set(size.symbol) & set("()#*/~:")


def calls(node: Any, path: str) -> bool:
    """Whether an expression is a call of a function by its path, with no keywords."""
    return isinstance(node, gast.Call) and dotted(node.func) == path and not node.keywords


def appended_to(node: Any) -> str | None:
    """The list that a statement appends to."""
    return node.value.func.value.id if isinstance(node, gast.Expr) and is_append(node.value) else None


def _surely_bound(body: Iterable[Any]) -> set[str]:
    """The names that have a value after a block, whatever branches it took."""
    found: set[str] = set()
    for node in body:
        if isinstance(node, gast.Assign):
            found.update(binds(node))
        elif isinstance(node, gast.With):
            found |= _surely_bound(node.body)
        elif isinstance(node, gast.If):
            found |= _surely_bound(node.body) & _surely_bound(node.orelse)
    return found


def place_of(body: Sequence[Any], node: Any) -> int:
    """Where a statement stands in a block."""
    return next(k for k, other in enumerate(body) if other is node)


def replaced(body: Sequence[Any], node: Any, new: Sequence[Any]) -> Any:
    """A body with other statements in the place of one; the body itself where a block would be left empty."""
    changed = False

    def within(block: list[Any]) -> list[Any]:
        nonlocal changed
        for k, other in enumerate(block):
            if other is node:
                if not new and len(block) == 1:
                    return block
                changed = True
                return [*block[:k], *new, *block[k + 1 :]]
        return [map_blocks(other, within) for other in block]

    found = within(list(body))
    return found if changed else body


def _of_shape(node: Any) -> str | None:
    """The array of ``array.shape[k]``."""
    if not isinstance(node, gast.Subscript) or not isinstance(node.slice, gast.Constant):
        return None
    whole = node.value
    if (
        not isinstance(whole, gast.Attribute)
        or whole.attr != "shape"
        or not isinstance(whole.value, gast.Name)
    ):
        return None
    return whole.value.id


def _sizes(known: Type | None) -> Iterable[Any]:
    """The sizes of the arrays in an argument that have a name of their own."""
    if isinstance(known, Array):
        return [size for size in known.shape or () if isinstance(size, Dim) and not size.offset]
    if isinstance(known, Items):
        return [size for item in known.items for size in _sizes(item)]
    return []
