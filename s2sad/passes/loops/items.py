"""What stands in the way of taking the items along a dimension some hundreds at a time, for pass `strips`."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.names import unused
from s2sad.passes.loops.uses import Unfit, Using, values_of
from s2sad.program import Program
from s2sad.signature import Scalar
from s2sad.tree.build import binary, clone, dotted, name
from s2sad.tree.dataflow import (
    assigned,
    binds,
    headers,
    rewritten,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts
from s2sad.tree.parts import nodes

ROOM = ("np.empty", "np.zeros", "np.ones")
"""What makes an array of a shape that is given."""


class Items(Using):
    """One dimension, and what a function does along it.

    Attributes
    ----------
    own : set of str
        The arrays, and the views of them, that each strip has for itself.
    sums : set of str
        The numbers that are sums over the items.
    kept : set of str
        The arrays along the dimension that are read after the loops.
    ranks : dict from str to int
        How many dimensions these arrays have.
    strip, start, count : str
        The variables for the number of a strip, its first item, and how many it has.
    """

    def __init__(self, program: Program, tape: Any) -> None:
        super().__init__(program)
        self.program, self.tape = program, assigned(tape)
        self.size = last_of(tape.value.args[0])
        self.counts = values_of(program.body, self.arguments)
        mentioned = {key for node in walk(program.body) for key in mentioned_in(node)}
        self.taken = {*mentioned, *self.arguments, program.name}
        self.own: set[str] = set()
        self.sums: set[str] = set()
        self.kept: set[str] = set()
        self.ranks: dict[str, int] = {}
        self.seeded: set[int] = set()
        self.before: list[Any] = []
        self.later: list[Any] = []
        self.body: list[Any] = list(program.body)
        self.strip, self.start, self.count = (
            unused(stem, self.taken) for stem in ("strip", "start", "count")
        )
        self.types.update(dict.fromkeys((self.strip, self.start, self.count), Scalar("int")))

    def is_over_items(self, node: Any) -> bool:
        """Whether this is a loop over the dimension."""
        call_ = node.iter if isinstance(node, gast.For) else None
        if not isinstance(call_, gast.Call) or dotted(call_.func) != "range" or len(call_.args) != 1:
            return False
        return is_same(call_.args[0], self.size)

    def is_room(self, node: Any) -> bool:
        """Whether a statement makes an array whose last dimension it is."""
        made = node.value if assigned(node) is not None else None
        if not isinstance(made, gast.Call) or dotted(made.func) not in ROOM or len(made.args) != 1:
            return False
        return is_same(last_of(made.args[0]), self.size)

    # ---- sums --------------------------------------------------------------------------------------------------------

    def find_sums(self, region: list[Any]) -> None:
        """The numbers that loops over items add to, and those that are computed of them in loops around."""
        for loop in (node for node in walk(region) if self.is_over_items(node)):
            known: set[str] = set()
            for node in loop.body:
                if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
                    self.sums |= {node.target.id} - known
                known.update(binds(node))
        inner = [
            node for outer in region if not self.is_over_items(outer) for node in getattr(outer, "body", [])
        ]
        size = -1
        while size != len(self.sums):
            size = len(self.sums)
            for node in inner:
                if isinstance(node, gast.AugAssign) and self.sums & set(statement_reads(node)):
                    self.sums.update(binds(node))

    def is_homogeneous(self, node: Any) -> bool:
        """Whether the value for all items is the sum of the values for the strips."""
        if isinstance(node, gast.Name):
            return node.id in self.sums
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            return self.is_homogeneous(node.operand)
        if not isinstance(node, gast.BinOp):
            return False
        left, right = node.left, node.right
        if isinstance(node.op, (gast.Add, gast.Sub)):
            return self.is_homogeneous(left) and self.is_homogeneous(right)
        if isinstance(node.op, gast.Mult) and not self.sums & names_of(left):
            return self.is_homogeneous(right)
        if isinstance(node.op, (gast.Mult, gast.Div)) and not self.sums & names_of(right):
            return self.is_homogeneous(left)
        return False

    # ---- loops over items --------------------------------------------------------------------------------------------

    def items(self, loop: gast.For) -> Any:
        """A loop over the items of a strip."""
        if self.uses(loop) is None or not all(
            isinstance(node, (gast.Assign, gast.AugAssign)) for node in loop.body
        ):
            raise Unfit
        variable = loop.target.id
        local: set[str] = set()
        for node in loop.body:
            key = next(iter(binds(node)), None)
            read = set(statement_reads(node)) - ({key} if isinstance(node, gast.AugAssign) else set())
            if read & self.sums or key == variable:
                raise Unfit
            if isinstance(node, gast.AugAssign) and key is not None and key not in local:
                if not isinstance(node.op, (gast.Add, gast.Sub)):
                    raise Unfit
            elif key is not None:
                local.add(key)
            self.check_elements(node, variable)
        if local & self.sums:
            raise Unfit
        self.check_local(loop, local)
        shifted = binary(name(self.start), gast.Add, name(variable))

        def leave(part: Any) -> Any:
            if isinstance(part, gast.Name) and part.id == variable:
                return gast.copy_location(clone(shifted), part)
            return part

        def change(part: Any) -> Any:
            """An element of a strip's own array stays; all else is at its place in the whole dimension."""
            if (
                isinstance(part, gast.Subscript)
                and isinstance(part.value, gast.Name)
                and part.value.id in self.own
            ):
                return part
            if isinstance(part, gast.Name):
                return leave(part)
            fields = {}
            for field, value in part.__dict__.items():
                if isinstance(value, gast.AST) and not isinstance(value, gast.expr_context):
                    fields[field] = change(value)
                elif isinstance(value, list):
                    fields[field] = [change(one) if isinstance(one, gast.AST) else one for one in value]
            return with_fields(part, **fields)

        body = []
        for node in loop.body:
            node = self.resized(node)
            place = node.target if isinstance(node, gast.AugAssign) else node.targets[0]
            place = place if isinstance(place, gast.Name) else change(place)
            fields: Any = {"target": place} if isinstance(node, gast.AugAssign) else {"targets": [place]}
            body.append(with_fields(node, value=change(node.value), **fields))
        return with_fields(loop, iter=with_fields(loop.iter, args=[name(self.count)]), body=body)

    def check_elements(self, node: Any, variable: str) -> None:
        """That what is written is at the place of the item."""
        written = stored(node)
        if written is not None and written not in self.own | self.kept:
            raise Unfit
        for header in headers(node):
            for part in nodes(header):
                array = getattr(part.value, "id", None) if isinstance(part, gast.Subscript) else None
                if array in self.own | self.kept:
                    *others, last = index_parts(part)
                    if 1 + len(others) != self.ranks[array]:
                        raise Unfit
                    if not (isinstance(last, gast.Name) and last.id == variable):
                        raise Unfit
                    if any(variable in names_of(other) for other in others):
                        raise Unfit
                elif array is not None and any(
                    self.memory.root(array) == self.memory.root(one) for one in self.own | self.kept
                ):
                    raise Unfit

    def check_local(self, loop: gast.For, local: set[str]) -> None:
        """That what is computed for one item is read for that item only."""
        own = {id(node) for other in self.over_items(local) for node in other.body}
        for node in walk(self.body):
            read = local & set(statement_reads(node))
            if read and id(node) not in own:
                raise Unfit
        for other in self.over_items(local):
            seen: set[str] = set()
            for node in other.body:
                mentioned = statement_reads(node)
                if set(mentioned) & local - seen:
                    raise Unfit
                seen.update(binds(node))

    def over_items(self, local: set[str]) -> list[Any]:
        """The loops over items that mention certain numbers."""
        loops = [node for node in walk(self.body) if self.is_over_items(node)]
        return [loop for loop in loops if local & {key for node in loop.body for key in mentioned_in(node)}]

    # ---- sizes -------------------------------------------------------------------------------------------------------

    def resized(self, node: Any) -> Any:
        """A statement with the whole dimension in the place of the size of a strip's own array."""

        def leave(part: Any) -> Any:
            if isinstance(part, gast.Attribute) and getattr(part.value, "id", None) in self.own:
                if part.attr != "size" or self.ranks[part.value.id] != 1:
                    raise Unfit
                return clone(self.size)
            return part

        return rewritten(node, leave)


def last_of(shape: Any) -> Any:
    """The last dimension of a shape."""
    return shape.elts[-1] if isinstance(shape, gast.Tuple) and shape.elts else shape


def is_same(a: Any, b: Any) -> bool:
    """Whether two expressions are spelled alike."""
    return gast.dump(a) == gast.dump(b)


def names_of(node: Any) -> set[str]:
    """The names in an expression."""
    return {part.id for part in nodes(node) if isinstance(part, gast.Name)}


def mentioned_in(node: Any) -> list[str]:
    """What a statement itself reads or binds."""
    return [*statement_reads(node), *binds(node)]
