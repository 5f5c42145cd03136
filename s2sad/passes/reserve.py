"""Memory is taken once: arrays that each turn of a loop makes for itself, and rows for what is recorded (``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(reserve(core('''
... def f(x, n):
...     s = 0.0
...     t_tape = []
...     for i in range(n):
...         u = np.empty(3)
...         for j in range(3):
...             u[j] = x[j] * i
...         t_tape.append(u[0] * u[2])
...     for i in range(n):
...         s = s + t_tape[i]
...     return s
... ''', np.ones(3), 2)))
def f(x, n):
    s = 0.0
    t_tape = np.empty(max(n, 0))
    u = np.empty(3)
    for i in range(n):
        for j in range(3):
            u[j] = x[j] * i
        t_tape[i] = u[0] * u[2]
    for i in range(n):
        s = s + t_tape[i]
    return s

What is recorded stays a list where the number of turns, or how large an item is, is not known before the loop.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import gast

from s2sad.analysis.kinds import is_derivative, is_shadow
from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import Memory, is_append
from s2sad.analysis.turns import Turns
from s2sad.program import Program
from s2sad.signature import Array, Dim, ListOf, Scalar, Type, kind_of
from s2sad.signature import Sequence as Items
from s2sad.tree.build import assign, call, constant, dotted, name, subscript
from s2sad.tree.dataflow import (
    assigned,
    binds,
    bound_within,
    definitions,
    headers,
    map_blocks,
    map_headers,
    parameters,
    reads,
    rewrite,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.parts import nodes

MOST_ITEMS = 16
"""A recorded array with no more items is copied into its row where it is not made in the turn."""


def reserve(program: Program) -> Program:
    """Take memory before loops."""
    reserving = _Reserving(program)
    body = reserving.block(program.body)
    return program.replace(body=tuple(body), types=reserving.types)


class _Reserving:
    def __init__(self, program: Program) -> None:
        self.body = program.body
        self.types = dict(program.types)
        self.memory = Memory(program)
        self.live = Liveness(program.body)
        self.turns = Turns(program, self.memory, self.live)
        self.counts = definitions(program.body)
        self.mentions, self.looked_up = _mentions(program.body)
        self.taken = {*self.counts, *parameters(program.args), *self.mentions, program.name}
        self.variables: list[str] = []
        self.whole: set[str] = set()
        self.sizes = {size for key in parameters(program.args) for size in _sizes(program.types.get(key))}

    def block(self, body: Sequence[Any]) -> list[Any]:
        """A block with what its loops need before them."""
        out: list[Any] = []
        for node in body:
            inner = map_blocks(node, self.block)
            if isinstance(inner, gast.For):
                inner = self.recorded(inner, id(node), out)
            if isinstance(inner, (gast.For, gast.While)):
                inner = self.hoisted(inner, id(node), out)
            if isinstance(inner, gast.For):
                inner = self.direct(inner, id(node))
            out.append(inner)
        return out

    def fresh(self, stem: str) -> str:
        """A name that is not used."""
        candidate, count = stem, 0
        while candidate in self.taken:
            count += 1
            candidate = f"{stem}_{count}"
        self.taken.add(candidate)
        self.types[candidate] = Scalar("int")
        return candidate

    # ---- what is recorded ---------------------------------------------------------------------------------------

    def recorded(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop with lists that it appends to as arrays with a row for each turn."""
        turns = self.number_of_turns(loop)
        for node in list(loop.body) if turns is not None else []:
            tape = _appended_to(node)
            place = next((k for k, made in enumerate(out) if _is_empty_list(made, tape)), None)
            if tape is None or place is None or not self.is_tape(tape, loop):
                continue
            named = self.with_counter(loop)
            new = self.rows(named, key, node, tape)
            if new is None:
                continue
            loop = named
            self.taken.add(loop.target.id)
            body, shape = new
            whole = gast.Tuple(elts=[turns, *shape], ctx=gast.Load()) if shape else turns
            made = out.pop(place)
            out.append(gast.copy_location(assign(tape, call("np.empty", whole, *self.dtype(tape))), made))
            loop = with_fields(loop, body=body)
            self.whole.add(tape)
        return loop

    def direct(self, loop: Any, key: int) -> Any:
        """A loop that reads and writes the items of rows without a name for the row: a name is counted when it runs."""
        outside = self.live.entry[key] | self.live.after[key]
        counter = loop.target.id if isinstance(loop.target, gast.Name) else ""
        for node in list(loop.body):
            row = assigned(node)
            if row is None or not _is_row(node.value, self.whole, counter) or outside & self.live.bit(row):
                continue
            if sum(row in binds(other) for other in walk(loop.body)) == 1 and _only_items(loop.body, row):
                body = [other for other in loop.body if assigned(other) != row]
                loop = with_fields(loop, body=_with_items(body, row, node.value))
        return loop

    def number_of_turns(self, loop: Any) -> Any:
        """How often a loop over a range from 0 runs, None where that is not known before it."""
        args = (
            loop.iter.args if isinstance(loop.iter, gast.Call) and dotted(loop.iter.func) == "range" else []
        )
        if len(args) != 1 or any(isinstance(node, gast.Break) for node in walk(loop.body)):
            return None
        if not isinstance(loop.target, gast.Name) or loop.target.id in bound_within(loop.body):
            return None
        count = args[0]
        if any(isinstance(part, gast.Call) and dotted(part.func) != "len" for part in nodes(count)):
            return None
        certain = isinstance(count, (gast.Call, gast.Subscript)) or (
            isinstance(count, gast.Constant) and count.value >= 0
        )
        return count if certain else call("max", count, constant(0))

    def is_tape(self, tape: str, loop: Any) -> bool:
        """Whether a list is appended to once in a loop, and else only looked up."""
        known = self.types.get(tape)
        if not isinstance(known, ListOf) or not isinstance(known.item, (Scalar, Array)):
            return False
        appended = sum(_appended_to(node) == tape for node in loop.body)
        alone = self.counts[tape] == appended == 1 and self.mentions[tape] == self.looked_up.get(tape, 0) + 2
        return (
            alone and kind_of(known.item.dtype) in ("float", "int") and known.item.dtype in (*_DTYPES, *_WEAK)
        )

    def dtype(self, tape: str) -> list[Any]:
        """The second argument of ``np.empty`` for a list's items."""
        known: Any = self.types[tape]
        dtype = _WEAK.get(known.item.dtype, known.item.dtype)
        return [] if dtype == "float64" else [gast.Attribute(value=name("np"), attr=dtype, ctx=gast.Load())]

    def with_counter(self, loop: Any) -> Any:
        """A loop whose variable has a name."""
        if loop.target.id != "_" or any("_" in statement_reads(node) for node in walk(loop.body)):
            return loop
        new = self.fresh("turn")
        self.taken.discard(new)  # until it is used
        return with_fields(loop, target=with_fields(loop.target, id=new))

    def rows(self, loop: Any, key: int, node: Any, tape: str) -> tuple[list[Any], list[Any]] | None:
        """The body of a loop that fills rows instead of a list, and the shape of a row."""
        item, counter = node.value.args[0], name(loop.target.id)
        known: Any = self.types[tape].item  # type: ignore[attr-defined]
        if isinstance(known, Scalar):
            store = gast.Assign(targets=[subscript(name(tape), counter, True)], value=item, type_comment=None)
            return _replaced(loop.body, node, [gast.copy_location(store, node)]), []
        if not isinstance(item, gast.Name) or not known.shape or len(known.shape) > 3:
            return None
        before = loop.body[: _place(loop.body, node)]
        made = next((other for other in reversed(before) if item.id in bound_within([other])), None)
        shape = self.shape_of(made, item.id) if made is not None else None
        small = all(isinstance(size, int) for size in known.shape)
        if shape is not None and small:
            row = gast.copy_location(assign(item.id, subscript(name(tape), counter)), made)
            return _replaced(_replaced(loop.body, made, [row]), node, []), shape
        if small and math.prod(known.shape) <= MOST_ITEMS and self.is_value(item.id, tape):
            return _replaced(loop.body, node, [self.copied(item, tape, counter, known.shape, node)]), [
                constant(size) for size in known.shape
            ]
        return None

    def is_value(self, item: str, tape: str) -> bool:
        """Whether it is what an array holds that is recorded, and not the array, which is written to later."""
        if any(is_derivative(stem) or is_shadow(stem) for stem in map(_stem, (item, tape))):
            return False
        readers = {tape}
        while True:
            grown = {
                key
                for node in walk(self.body)
                if isinstance(node, gast.Assign) and readers & set(self.memory.shared(node.value))
                for key in binds(node)
            }
            grown |= {
                _appended_to(node) or tape
                for node in walk(self.body)
                if _appended_to(node) is not None and readers & set(reads(node.value.args[0]))  # type: ignore[attr-defined]
            }
            if grown <= readers:
                break
            readers |= grown
        others = readers - {tape}
        return not any(
            others & {stored(node), *_updated(node), *_handed_over(node)} for node in walk(self.body)
        )

    def shape_of(self, made: Any, key: str) -> list[Any] | None:
        """The shape of the array that ``key = np.empty(shape)`` makes."""
        if assigned(made) != key or not _calls(made.value, "np.empty") or len(made.value.args) != 1:
            return None
        shape = made.value.args[0]
        return list(shape.elts) if isinstance(shape, gast.Tuple) else [shape]

    def copied(self, item: Any, tape: str, counter: Any, shape: Sequence[int], place: Any) -> Any:
        """The loops that copy an array into its row."""
        while len(self.variables) < len(shape):
            self.variables.append(self.fresh("pqr"[len(self.variables)]))
        variables = self.variables[: len(shape)]
        index = [name(variable) for variable in variables]
        inner = index[0] if len(index) == 1 else gast.Tuple(elts=index, ctx=gast.Load())
        outer = gast.Tuple(elts=[counter, *index], ctx=gast.Load())
        node: Any = gast.Assign(
            targets=[subscript(name(tape), outer, True)], value=subscript(item, inner), type_comment=None
        )
        for variable, size in reversed(list(zip(variables, shape))):
            target = gast.Name(id=variable, ctx=gast.Store(), annotation=None, type_comment=None)
            count = call("range", constant(size))
            node = gast.For(target=target, iter=count, body=[node], orelse=[], type_comment=None)
        for part in walk([node]):
            gast.copy_location(part, place)
        return node

    # ---- what each turn makes -----------------------------------------------------------------------------------

    def hoisted(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop with the arrays that its turns make for themselves made before it."""
        for node in list(walk(loop.body)):
            array = assigned(node)
            if array is None or not isinstance(node.value, gast.Call):
                continue
            made = self.made(node, loop, key)
            if made is None or not self.is_of_turn(array, loop, key):
                continue
            body = _replaced(loop.body, node, made[1])
            if body is not loop.body:
                loop = with_fields(loop, body=body)
                out.append(gast.copy_location(assign(array, made[0]), node))
        return loop

    def made(self, node: Any, loop: Any, key: int) -> tuple[Any, list[Any]] | None:
        """What makes an array before a loop, and what is left to do in each turn."""
        value, array = node.value, assigned(node) or ""
        if _calls(value, "np.empty") and self.is_there(value, loop, key):
            return value, []
        if _calls(value, "np.zeros") and self.is_there(value, loop, key):
            empty = with_fields(value, func=with_fields(value.func, attr="empty"))
            return empty, [self.filled(array, node)]
        known = self.types.get(array)
        if not isinstance(known, Array) or known.dtype != "float64" or known.shape is None:
            return None
        if (
            _calls(value, "np.zeros_like")
            and len(value.args) == 1
            and all(isinstance(n, int) for n in known.shape)
        ):
            sizes = [constant(size) for size in known.shape]
            shape = sizes[0] if len(sizes) == 1 else gast.Tuple(elts=sizes, ctx=gast.Load())
            return call("np.empty", shape), [self.filled(array, node)]
        if _calls(value, "np.array") and len(value.args) == 1 and isinstance(value.args[0], gast.List):
            items = value.args[0].elts
            if len(known.shape) == 1 and known.shape[0] == len(items):
                return call("np.empty", constant(len(items))), [
                    gast.copy_location(
                        gast.Assign([subscript(name(array), constant(k), True)], item, None), node
                    )
                    for k, item in enumerate(items)
                ]
        return None

    def filled(self, array: str, node: Any) -> Any:
        zero = constant(0.0)
        fill = call(gast.Attribute(value=name(array), attr="fill", ctx=gast.Load()), zero)
        return gast.copy_location(gast.Expr(value=fill), node)

    def is_there(self, value: Any, loop: Any, key: int) -> bool:
        """Whether the arguments of a call have the same values before a loop."""
        bound = bound_within([loop])
        sizes = [part for argument in value.args for part in nodes(argument) if self.is_size(part, key)]
        fixed = {id(part.value.value) for part in sizes}
        plain = (gast.Name, gast.Constant, gast.Tuple, gast.Attribute, gast.Subscript)
        for part in (inner for argument in value.args for inner in nodes(argument)):
            if not isinstance(part, plain):
                return False
            if isinstance(part, gast.Name) and part.id in bound and id(part) not in fixed:
                return False
        return True

    def is_size(self, node: Any, key: int) -> bool:
        """Whether a node is ``array.shape[k]`` of an array whose sizes are those of an argument, and that is there."""
        if not isinstance(node, gast.Subscript) or not isinstance(node.slice, gast.Constant):
            return False
        whole = node.value
        if (
            not isinstance(whole, gast.Attribute)
            or whole.attr != "shape"
            or not isinstance(whole.value, gast.Name)
        ):
            return False
        known = self.types.get(whole.value.id)
        there = self.live.entry[key] & self.live.bit(whole.value.id)
        if not isinstance(known, Array) or known.shape is None or not there:
            return False
        size = known.shape[node.slice.value]
        return isinstance(size, int) or size in self.sizes

    def is_of_turn(self, array: str, loop: Any, key: int) -> bool:
        """Whether an array is made once in each turn, and none of its memory is seen by another turn or after."""
        outside = self.live.entry[key] | self.live.after[key]
        bound = bound_within([loop])
        family = self.turns.classes.get(self.memory.root(array), {array}) | {array}
        return sum(array in binds(node) for node in walk(loop.body)) == 1 and all(
            other in bound and not outside & self.live.bit(other) for other in family
        )


_NUMBER = re.compile(r"_\d+$")
_DTYPES = ("float64", "int64")
_WEAK = {"float": "float64", "int": "int64"}


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
        if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name) and part.value.id == row:
            index = part.slice.elts if isinstance(part.slice, gast.Tuple) else [part.slice]
            items += all(isinstance(one, (gast.Name, gast.Constant, gast.BinOp)) for one in index)
    return mentions == items


def _with_items(body: Sequence[Any], row: str, whole: Any) -> list[Any]:
    """A body with the items of a row as items of the whole array."""

    def leave(part: Any) -> Any:
        if (
            not isinstance(part, gast.Subscript)
            or not isinstance(part.value, gast.Name)
            or part.value.id != row
        ):
            return part
        index = part.slice.elts if isinstance(part.slice, gast.Tuple) else [part.slice]
        place = gast.Tuple(elts=[whole.slice, *index], ctx=gast.Load())
        return with_fields(part, value=whole.value, slice=place)

    def change(node: Any) -> Any:
        fields: dict[str, Any] = {}
        if isinstance(node, gast.Assign):
            fields["targets"] = [rewrite(node.targets[0], leave)]
        if isinstance(node, gast.AugAssign):
            fields["target"] = rewrite(node.target, leave)
        node = with_fields(map_headers(node, lambda part: rewrite(part, leave)), **fields)
        return map_blocks(node, lambda inner: [change(other) for other in inner])

    return [change(node) for node in body]


def _sizes(known: Type | None) -> Iterable[Any]:
    """The sizes of the arrays in an argument that have a name of their own."""
    if isinstance(known, Array):
        return [size for size in known.shape or () if isinstance(size, Dim) and not size.offset]
    if isinstance(known, Items):
        return [size for item in known.items for size in _sizes(item)]
    return []


def _calls(node: Any, path: str) -> bool:
    return isinstance(node, gast.Call) and dotted(node.func) == path and not node.keywords


def _appended_to(node: Any) -> str | None:
    """The list that a statement appends to."""
    return node.value.func.value.id if isinstance(node, gast.Expr) and is_append(node.value) else None


def _stem(printed: str) -> str:
    """A printed name without its number and without what says that it is a tape."""
    return _NUMBER.sub("", _NUMBER.sub("", printed).removesuffix("_tape"))


def _updated(node: Any) -> list[str]:
    """The name that an update gives a new value, or writes to."""
    return [node.target.id] if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name) else []


def _handed_over(node: Any) -> list[str]:
    """What a call that stands alone may write to."""
    called = isinstance(node, gast.Expr) and isinstance(node.value, gast.Call)
    return reads(node.value) if called and _appended_to(node) is None else []


def _is_empty_list(node: Any, key: str | None) -> bool:
    return (
        key is not None
        and assigned(node) == key
        and isinstance(node.value, gast.List)
        and not node.value.elts
    )


def _place(body: Sequence[Any], node: Any) -> int:
    return next(k for k, other in enumerate(body) if other is node)


def _replaced(body: Sequence[Any], node: Any, new: Sequence[Any]) -> Any:
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


def _mentions(body: Iterable[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """How often each name is bound or read, and how often an item of it is looked up."""
    found: dict[str, int] = {}
    items: dict[str, int] = {}
    for node in walk(body):
        for key in binds(node):
            found[key] = found.get(key, 0) + 1
        for part in (inner for header in headers(node) for inner in nodes(header)):
            if isinstance(part, gast.Name):
                found[part.id] = found.get(part.id, 0) + 1
            if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name):
                if not isinstance(part.slice, gast.Slice):
                    items[part.value.id] = items.get(part.value.id, 0) + 1
    return found, items
