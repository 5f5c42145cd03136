"""Arrays that each turn of a loop makes for itself are made before the loop, and those for the next turn take turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import gast

from s2sad.passes.reserve.frame import Frame, calls, place_of, replaced
from s2sad.program import Program
from s2sad.signature import Array
from s2sad.tree.build import call, constant, name, subscript, target
from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    headers,
    map_blocks,
    rewritten,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import item_of
from s2sad.tree.parts import nodes


class Keeping(Frame):
    """Takes the memory of loops before them.

    Parameters
    ----------
    program : Program
        What `Recording` gave.
    short : set of str
        The arrays with a short row for each turn.
    """

    def __init__(self, program: Program, short: set[str]) -> None:
        super().__init__(program)
        self.short = short

    def loop(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop with the memory that it needs taken before it."""
        loop = self.swapped(self.hoisted(loop, key, out), key, out)
        return self.direct(loop, key) if isinstance(loop, gast.For) else loop

    # ---- rows without a name ------------------------------------------------------------------------------------

    def direct(self, loop: Any, key: int) -> Any:
        """A loop that reads and writes the items of rows without a name for the row: a name is counted when it runs."""
        outside = self.live.entry[key] | self.live.after[key]
        counter = loop.target.id if isinstance(loop.target, gast.Name) else ""
        for node in list(loop.body):
            row = assigned(node)
            if row is None or not _is_row(node.value, self.short, counter) or outside & self.live.bit(row):
                continue
            if sum(row in binds(other) for other in walk(loop.body)) == 1 and _only_items(loop.body, row):
                body = [other for other in loop.body if assigned(other) != row]
                loop = with_fields(loop, body=_with_items(body, row, node.value))
        return loop

    # ---- what each turn makes -----------------------------------------------------------------------------------

    def hoisted(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop with the arrays that its turns make for themselves made before it."""
        for node in list(_once_in_a_turn(loop.body)):
            array = assigned(node)
            if array is None or not isinstance(node.value, gast.Call):
                continue
            made = self.made(node, loop, key)
            if made is None or not self.is_of_turn(array, loop, key):
                continue
            body = replaced(loop.body, node, made[1])
            if body is not loop.body:
                loop = with_fields(loop, body=body)
                out.append(self.named(array, made[0], node))
        return loop

    def made(self, node: Any, loop: Any, key: int) -> tuple[Any, list[Any]] | None:
        """What makes an array before a loop, and what is left to do in each turn."""
        value, array = node.value, assigned(node) or ""
        if calls(value, "np.empty") or calls(value, "np.zeros"):
            sizes = [self.before(value.args[0], loop, key), *value.args[1:]]
            if sizes[0] is None:
                return None
            empty = with_fields(value, func=with_fields(value.func, attr="empty"), args=sizes)
            if calls(value, "np.empty"):
                return empty, []
            if any(node is other for other in loop.body) and self.is_refilled(array, node, loop, key):
                return with_fields(value, args=sizes), []
            return empty, [self.filled(array, node)]
        known = self.types.get(array)
        if not isinstance(known, Array) or known.dtype != "float64" or known.shape is None:
            return None
        if (
            calls(value, "np.zeros_like")
            and len(value.args) == 1
            and all(isinstance(n, int) for n in known.shape)
        ):
            sizes = [constant(size) for size in known.shape]
            shape = sizes[0] if len(sizes) == 1 else gast.Tuple(elts=sizes, ctx=gast.Load())
            return call("np.empty", shape), [self.filled(array, node)]
        if calls(value, "np.array") and len(value.args) == 1 and isinstance(value.args[0], gast.List):
            items = value.args[0].elts
            if len(known.shape) == 1 and known.shape[0] == len(items):
                return call("np.empty", constant(len(items))), [
                    gast.copy_location(
                        gast.Assign([subscript(name(array), constant(k), True)], item, None), node
                    )
                    for k, item in enumerate(items)
                ]
        return None

    def is_refilled(self, array: str, made: Any, loop: Any, key: int) -> bool:
        """Whether each turn writes the same elements of an array of zeros, and then reads: the others stay zeros."""
        stores = [node for node in walk(loop.body) if stored(node) == array]
        if len(stores) != 1 or not isinstance(stores[0], gast.Assign) or not _only_items(loop.body, array):
            return False
        store: Any = stores[0]
        variables: set[str] = set()
        block, rest = loop.body[place_of(loop.body, made) + 1 :], list[Any]()
        while not any(node is store for node in block):
            outer = next((node for node in block if any(store is one for one in walk([node]))), None)
            if not isinstance(outer, gast.For) or not calls(outer.iter, "range"):
                return False
            if any(self.before(part, loop, key) is None for part in outer.iter.args):
                return False
            k = place_of(block, outer)
            rest += [*block[:k], *(block[k + 1 :] if variables else [])]
            variables.update(binds(outer))
            block = outer.body
        inner = place_of(block, store)
        index = store.targets[0].slice
        parts = index.elts if isinstance(index, gast.Tuple) else [index]
        own = [place for node in block[inner + 1 :] for place in _places(node, array)]
        early = [place for node in (*rest, *block[:inner]) for place in _places(node, array)]
        plain = all(_runs_with(part, variables) for part in parts)
        return plain and not early and all(place == gast.dump(index) for place in own)

    def filled(self, array: str, node: Any) -> Any:
        """``array.fill(0.0)``."""
        fill = call(gast.Attribute(value=name(array), attr="fill", ctx=gast.Load()), constant(0.0))
        return gast.copy_location(gast.Expr(value=fill), node)

    def is_of_turn(self, array: str, loop: Any, key: int) -> bool:
        """Whether an array is made once in each turn, and none of its memory is seen by another turn or after."""
        outside = self.live.entry[key] | self.live.after[key]
        bound = bound_within([loop])
        return sum(array in binds(node) for node in walk(loop.body)) == 1 and all(
            other in bound and not outside & self.live.bit(other) for other in self.family(array)
        )

    # ---- what a turn makes for the next one -----------------------------------------------------------------------

    def swapped(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop whose turns make an array for the next turn: two arrays take turns."""
        for node in list(loop.body):
            carried = assigned(node)
            if (
                carried not in self.sure
                or carried in self.nones
                or not isinstance(self.types.get(carried), Array)
            ):
                continue
            made = self.maker(carried, node, loop)
            new = assigned(made) if made is not None else None
            if new is None or not self.is_same_shape(carried, new) or not self.are_two(carried, loop, key):
                continue
            empty = self.made(made, loop, key)
            if empty is None:
                continue
            spare = self.fresh(f"{carried}_next", self.types[carried])
            fill = empty[1]
            if new == carried:
                swap = self.exchange([carried, spare], [spare, carried], node)
                body = replaced(loop.body, node, [swap, *fill])
            else:
                swap = self.exchange([carried, spare], [new, carried], node)
                body = replaced(loop.body, node, [swap])
                body = replaced(body, made, [self.named(new, name(spare), made), *fill])
            copy = call(gast.Attribute(value=name(carried), attr="copy", ctx=gast.Load()))
            out += [self.named(carried, copy, node), self.named(spare, empty[0], node)]
            loop = with_fields(loop, body=body)
        return loop

    def maker(self, carried: str, node: Any, loop: Any) -> Any:
        """The statement that makes the array that a name is given at the end of a turn."""
        if sum(carried in binds(other) for other in walk(loop.body)) != 1:
            return None
        if not isinstance(node.value, gast.Name):
            return node
        found = [other for other in walk(loop.body) if node.value.id in binds(other)]
        before = loop.body[: place_of(loop.body, node)]
        return found[0] if len(found) == 1 and any(found[0] is other for other in before) else None

    def are_two(self, carried: str, loop: Any, key: int) -> bool:
        """Whether, from turn to turn, nothing but one name refers to memory of its class."""
        family = self.family(carried)
        if not all(isinstance(self.types.get(one), Array) for one in family):
            return False
        bound = bound_within([loop])
        entry, after = self.live.entry[key], self.live.after[key]
        if not entry & self.live.bit(carried):
            return False
        arguments = {one for one in self.parameters if one not in self.counts}
        seen = {one for one in family if (entry | after) & self.live.bit(one)} - {carried}
        # what the arguments hold stays as it is: nothing is written to them
        return seen <= arguments and family - arguments <= bound | {carried}

    def exchange(self, names: Sequence[str], values: Sequence[str], node: Any) -> Any:
        """``a, b = c, d``."""
        left = gast.Tuple(elts=[target(key) for key in names], ctx=gast.Store())
        right = gast.Tuple(elts=[name(key) for key in values], ctx=gast.Load())
        return gast.copy_location(gast.Assign(targets=[left], value=right, type_comment=None), node)


def _once_in_a_turn(body: Iterable[Any]) -> Iterable[Any]:
    """The statements that a turn runs at most once: those of inner loops may keep what each of their turns makes."""
    for node in body:
        yield node
        if not isinstance(node, (gast.For, gast.While)):
            yield from _once_in_a_turn([part for block in blocks(node) for part in block])


def _runs_with(node: Any, variables: set[str]) -> bool:
    """Whether an index is a loop variable, a number, or their sum."""
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub)):
        return _runs_with(node.left, variables) and isinstance(node.right, gast.Constant)
    return isinstance(node, gast.Constant) or (isinstance(node, gast.Name) and node.id in variables)


def _places(node: Any, array: str) -> list[str]:
    """The indices that a statement reads an array at."""
    return [
        gast.dump(part.slice)
        for inner in walk([node])
        for header in headers(inner)
        for part in nodes(header)
        if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name) and part.value.id == array
    ]


def _is_row(node: Any, tapes: set[str], counter: str) -> bool:
    """Whether an expression is the row of this turn."""
    if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
        return False
    return node.value.id in tapes and isinstance(node.slice, gast.Name) and node.slice.id == counter


def _only_items(body: Iterable[Any], row: str) -> bool:
    """Whether a variable is only used for single items."""
    mentions = items = 0
    for part in (part for node in walk(body) for header in headers(node) for part in nodes(header)):
        mentions += isinstance(part, gast.Name) and part.id == row
        index = item_of(part, row)
        if index is not None:
            items += all(isinstance(one, (gast.Name, gast.Constant, gast.BinOp)) for one in index)
    return mentions == items


def _with_items(body: Sequence[Any], row: str, whole: Any) -> list[Any]:
    """A body with the items of a row as items of the whole array."""

    def leave(part: Any) -> Any:
        index = item_of(part, row)
        if index is None:
            return part
        place = gast.Tuple(elts=[whole.slice, *index], ctx=gast.Load())
        return with_fields(part, value=whole.value, slice=place)

    def change(node: Any) -> Any:
        return map_blocks(rewritten(node, leave), lambda inner: [change(other) for other in inner])

    return [change(node) for node in body]
