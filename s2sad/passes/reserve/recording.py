"""Lists that a loop appends to in each turn become arrays with a row for each turn.

A row is what is recorded itself where that is made in the turn, or carried from turn to turn: then the loop works in
the rows, and nothing is copied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import gast

from s2sad.analysis.kinds import is_derivative, is_shadow
from s2sad.analysis.memory import ARRAYS
from s2sad.passes.reserve.frame import Frame, appended_to, place_of, replaced
from s2sad.program import Program
from s2sad.signature import Array, ListOf, Scalar, kind_of
from s2sad.tree.algebra import folded, literal
from s2sad.tree.build import binary, call, clone, constant, dotted, name, subscript
from s2sad.tree.dataflow import (
    assigned,
    binds,
    bound_within,
    headers,
    map_blocks,
    map_headers,
    reads,
    rewrite,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import looks_up_item
from s2sad.tree.parts import nodes

MOST_ITEMS = 16
"""A recorded array with no more items is copied into its row where it is not made in the turn."""
_NUMBER = re.compile(r"_\d+$")
_DTYPES = ("float64", "int64")
_WEAK = {"float": "float64", "int": "int64"}


class Recording(Frame):
    """Gives what is recorded its rows.

    Attributes
    ----------
    whole : set of str
        The lists that became arrays.
    short : set of str
        Those of them with rows of a known length.
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.mentions, self.looked_up = _mentions(program.body)
        self.replaced = {
            node.targets[0].value.id
            for node in walk(program.body)
            if isinstance(node, gast.Assign)
            and isinstance(node.targets[0], gast.Subscript)
            and isinstance(node.targets[0].value, gast.Name)
        }
        """Lists and arrays of which an item is another one later."""
        self.whole: set[str] = set()
        self.short: set[str] = set()
        self.parts: dict[str, tuple[str, list[Any]]] = {}

    def finished(self, body: Sequence[Any]) -> list[Any]:
        """A body that looks up parts of rows where it looked up what was recorded of them."""

        def leave(part: Any) -> Any:
            found = isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name)
            tape = self.parts.get(part.value.id) if found else None
            if tape is None:
                return part
            place = gast.Tuple(elts=[part.slice, *tape[1]], ctx=gast.Load())
            return with_fields(part, value=name(tape[0]), slice=place)

        return [
            map_blocks(map_headers(node, lambda part: rewrite(part, leave)), self.finished) for node in body
        ]

    def loop(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop with lists that it appends to as arrays with a row for each turn."""
        turns = self.number_of_turns(loop) if isinstance(loop, gast.For) else None
        if turns is None:
            return loop
        loop = self.of_parts(loop, key, out)
        for node in list(loop.body):
            tape = appended_to(node)
            place = next((k for k, made in enumerate(out) if _is_empty_list(made, tape)), None)
            if tape is None or place is None or not self.is_tape(tape, loop):
                continue
            named = self.with_counter(loop)
            new = self.rows(named, key, node, tape)
            if new is None:
                continue
            loop = named
            self.taken.add(loop.target.id)
            body, shape, first = new
            count = binary(turns, gast.Add, constant(1)) if first else turns
            whole = gast.Tuple(elts=[count, *shape], ctx=gast.Load()) if shape else count
            made = out.pop(place)
            out.append(self.named(tape, call("np.empty", whole, *self.dtype(tape)), made))
            out += first
            loop = with_fields(loop, body=body)
            self.whole.add(tape)
            if all(isinstance(size, gast.Constant) for size in shape):
                self.short.add(tape)
            known: Any = self.types[tape]
            self.types[tape] = Array(_WEAK.get(known.item.dtype, known.item.dtype), None)
        assert {array for array, _ in self.parts.values()} <= self.whole
        return loop

    # ---- whether ------------------------------------------------------------------------------------------------

    def number_of_turns(self, loop: Any) -> Any:
        """How often a loop over a range of neighbours runs, None where that is not known before it."""
        args = (
            loop.iter.args if isinstance(loop.iter, gast.Call) and dotted(loop.iter.func) == "range" else []
        )
        if not args or any(isinstance(node, gast.Break) for node in walk(loop.body)):
            return None
        if not isinstance(loop.target, gast.Name) or loop.target.id in bound_within(loop.body):
            return None
        if any(
            isinstance(part, gast.Call) and dotted(part.func) != "len" for arg in args for part in nodes(arg)
        ):
            return None
        if len(args) == 1:
            count = args[0]
            certain = isinstance(count, (gast.Call, gast.Subscript)) or (
                isinstance(count, gast.Constant) and count.value >= 0
            )
            return count if certain else call("max", count, constant(0))
        step = literal(args[2]) if len(args) == 3 else 1
        looked_up = any(looks_up_item(part) for arg in args for part in nodes(arg))
        if (
            step not in (1, -1)
            or looked_up
            or {key for arg in args for key in reads(arg)} & bound_within(loop.body)
        ):
            return None
        start, stop = args[:2] if step == 1 else args[1::-1]
        return call("max", folded(binary(clone(stop), gast.Sub, clone(start))), constant(0))

    def turn(self, loop: Any) -> Any:
        """How many turns of a loop came before one of them."""
        args, own = loop.iter.args, name(loop.target.id)
        if len(args) == 1:
            return own
        if len(args) == 2 or literal(args[2]) == 1:
            return folded(binary(own, gast.Sub, clone(args[0])))
        return folded(binary(clone(args[0]), gast.Sub, own))

    def is_tape(self, tape: str, loop: Any) -> bool:
        """Whether a list is appended to once in a loop, and else only looked up."""
        known = self.types.get(tape)
        if not isinstance(known, ListOf) or not isinstance(known.item, (Scalar, Array)):
            return False
        items = [node.value.args[0] for node in loop.body if appended_to(node) == tape]
        if any(isinstance(item, gast.Name) and item.id in self.nones for item in items):
            return False
        if isinstance(known.item, Array) and tape in self.replaced:
            return False  # a name for the array that was there would be one for the row that is written
        appended = len(items)
        alone = self.counts.get(tape) == appended == 1
        only = self.mentions.get(tape) == self.looked_up.get(tape, 0) + 2
        return (
            alone and only and known.item.dtype in (*_DTYPES, *_WEAK) and kind_of(known.item.dtype) != "bool"
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

    # ---- rows ---------------------------------------------------------------------------------------------------

    def rows(
        self, loop: Any, key: int, node: Any, tape: str
    ) -> tuple[list[Any], list[Any], list[Any]] | None:
        """The body of a loop that fills rows instead of a list, the shape of a row, and what fills a first row."""
        item, counter = node.value.args[0], self.turn(loop)
        known: Any = self.types[tape].item  # type: ignore[attr-defined]
        if isinstance(known, Scalar):
            store = gast.Assign(targets=[subscript(name(tape), counter, True)], value=item, type_comment=None)
            return replaced(loop.body, node, [gast.copy_location(store, node)]), [], []
        if not isinstance(item, gast.Name) or not known.shape or len(known.shape) > 3:
            return None
        before = loop.body[: place_of(loop.body, node)]
        made = _last_binding(before, item.id)
        array, origin = _origin(before, item.id, made)
        shape = self.made_shape(origin, array, loop, key)
        if shape is not None:
            row = self.named(array, subscript(name(tape), counter), origin)
            return replaced(replaced(loop.body, origin, [row]), node, []), shape, []
        if made is None:
            carried = self.carried(loop, key, node, tape)
            if carried is not None:
                return carried
        small = all(isinstance(size, int) for size in known.shape)
        settled = self.settled(item.id, loop, node)
        if (
            settled is not None
            and small
            and math.prod(known.shape) <= MOST_ITEMS
            and self.is_value(item.id, tape)
        ):
            shape = [constant(size) for size in known.shape]
            copy = self.copied(item, tape, counter, shape, node)
            if settled is node:
                return replaced(loop.body, node, [copy]), shape, []
            return replaced(replaced(loop.body, settled, [settled, copy]), node, []), shape, []
        return None

    def made_shape(self, made: Any, key: str, loop: Any, place: int) -> list[Any] | None:
        """The shape, before a loop, of the array that each turn makes."""
        shape = self.shape_of(made, key) if made is not None else None
        found = [self.before(size, loop, place) for size in shape or ()]
        return None if not found or any(size is None for size in found) else found

    def carried(self, loop: Any, key: int, node: Any, tape: str) -> Any:
        """Rows for an array that a turn is given and makes anew for the next turn: that is made in the next row."""
        item = node.value.args[0].id
        found = self.successor(item, loop, key)
        if found is None or place_of(loop.body, node) > place_of(loop.body, found[0]):
            return None
        made, shape = found[1:]
        new = assigned(made) or ""
        next_row = subscript(name(tape), folded(binary(self.turn(loop), gast.Add, constant(1))))
        body = replaced(replaced(loop.body, made, [self.named(new, next_row, made)]), node, [])
        first = [
            self.copied(name(item), tape, constant(0), shape, node),
            self.named(item, subscript(name(tape), constant(0)), node),
        ]
        return body, shape, first

    def successor(self, item: str, loop: Any, key: int) -> tuple[Any, Any, list[Any]] | None:
        """Where a turn gives a name the array that it made for the next turn, where it made it, and its shape."""
        bindings = [other for other in walk(loop.body) if item in binds(other)]
        if item not in self.sure or len(bindings) != 1 or not any(one is bindings[0] for one in loop.body):
            return None
        bound = bindings[0]
        made: Any = bound
        if isinstance(getattr(bound, "value", None), gast.Name):
            found = [other for other in walk(loop.body) if bound.value.id in binds(other)]
            made = found[0] if len(found) == 1 and any(found[0] is other for other in loop.body) else None
        new = assigned(made) if made is not None else None
        if new is None or not self.is_same_shape(item, new):
            return None
        shape = self.made_shape(made, new, loop, key)
        if shape is None or not self.is_alone(item, key):
            return None
        return bound, made, shape

    def is_alone(self, item: str, key: int) -> bool:
        """Whether nobody else sees what is written to the array that the first turn is given, or writes to it."""
        entry = self.live.entry[key]
        family = {one for one in self.family(item) if not isinstance(self.types.get(one), ListOf)}
        if not all(isinstance(self.types.get(one), Array) for one in family):
            return False
        others = {one for one in family if one != item and entry & self.live.bit(one)}
        # nothing is written to the arguments
        return others <= {one for one in self.parameters if one not in self.counts}

    # ---- parts of what is made ----------------------------------------------------------------------------------

    def of_parts(self, loop: Any, key: int, out: list[Any]) -> Any:
        """A loop that records an array once where it recorded several of its parts."""
        recorded: dict[str, str] = {}
        for node in list(loop.body):
            tape = appended_to(node)
            place = next((k for k, made in enumerate(out) if _is_empty_list(made, tape)), None)
            if tape is None or place is None or not self.is_tape(tape, loop):
                continue
            part = self.part_of(node, loop, key)
            if part is None:
                continue
            array, index = part
            new: list[Any] = []
            if array not in recorded:
                recorded[array] = self.fresh(f"{_NUMBER.sub('', array)}_tape", ListOf(self.types[array]))
                self.counts[recorded[array]], self.mentions[recorded[array]] = 1, 2
                out.insert(
                    place, self.named(recorded[array], gast.List(elts=[], ctx=gast.Load()), out[place])
                )
                append = gast.Attribute(value=name(recorded[array]), attr="append", ctx=gast.Load())
                new = [gast.copy_location(gast.Expr(value=call(append, name(array))), node)]
            loop = with_fields(loop, body=replaced(loop.body, node, new))
            out[:] = [made for made in out if not _is_empty_list(made, tape)]
            self.parts[tape] = recorded[array], index
        return loop

    def part_of(self, node: Any, loop: Any, key: int) -> tuple[str, list[Any]] | None:
        """The array, and the place in it, of a recorded part such as ``y[0]``, if the array itself can be a row."""
        item = node.value.args[0]
        before = loop.body[: place_of(loop.body, node)]
        views = [
            other for other in walk(loop.body) if isinstance(item, gast.Name) and item.id in binds(other)
        ]
        if len(views) != 1 or not any(views[0] is other for other in before):
            return None
        value = views[0].value if assigned(views[0]) is not None else None  # type: ignore[attr-defined]
        if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
            return None
        array = value.value.id
        index = list(value.slice.elts) if isinstance(value.slice, gast.Tuple) else [value.slice]
        known: Any = self.types.get(array)
        if not isinstance(known, Array) or known.dtype != "float64" or not 1 < len(known.shape or ()) <= 3:
            return None
        if not all(isinstance(one, gast.Constant) and type(one.value) is int for one in index):
            return None
        bindings = [other for other in walk(loop.body) if array in binds(other)]
        if len(bindings) != 1:
            return None
        start = place_of(loop.body, views[0])
        early = any(bindings[0] is other for other in loop.body[:start])
        late = any(bindings[0] is other for other in loop.body[place_of(loop.body, node) :])
        if early and self.made_shape(bindings[0], array, loop, key) is not None:
            return array, index
        if late and self.successor(array, loop, key) is not None:
            return array, index
        return None

    # ---- copies -------------------------------------------------------------------------------------------------

    def settled(self, item: str, loop: Any, node: Any) -> Any:
        """The statement of a turn after which a recorded array stays as it is; None where there is none.

        The list holds the array itself: what is written to it in the turn, after it was recorded, is recorded too.
        """
        root, place = self.memory.root(item), place_of(loop.body, node)
        writers = [
            k
            for k, other in enumerate(loop.body)
            if any((root, ARRAYS) in self.memory.writes(part) for part in walk([other]))
        ]
        bound = [k for k, other in enumerate(loop.body) if item in bound_within([other])]
        if not bound:
            return None if self.memory.is_written(item, ARRAYS) else node
        if not writers:
            return node
        several = sum(item in binds(other) for other in walk(loop.body)) != 1
        leaves = any(isinstance(other, (gast.Break, gast.Continue, gast.Try)) for other in walk(loop.body))
        if several or leaves or bound[0] > place or item not in binds(loop.body[bound[0]]):
            return None  # it may be another array, or that of an earlier turn
        return loop.body[max(writers)] if max(writers) > place else node

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
                appended_to(node) or tape
                for node in walk(self.body)
                if appended_to(node) is not None and readers & set(reads(node.value.args[0]))  # type: ignore[attr-defined]
            }
            if grown <= readers:
                break
            readers |= grown
        others = readers - {tape}
        return not any(
            others & {stored(node), *_updated(node), *_handed_over(node)} for node in walk(self.body)
        )


def _last_binding(body: Sequence[Any], key: str) -> Any:
    """The last statement of a block that binds a name, or in which it is bound."""
    return next((node for node in reversed(body) if key in bound_within([node])), None)


def _origin(body: Sequence[Any], key: str, made: Any) -> tuple[str, Any]:
    """The name under which an array was made that has other names at the end of a block, and where."""
    while isinstance(made, gast.Assign) and assigned(made) == key and isinstance(made.value, gast.Name):
        other = made.value.id
        place = place_of(body, made)
        if other in bound_within(body[place:]):
            break
        key, made = other, _last_binding(body[:place], other)
    return key, made


def _stem(printed: str) -> str:
    """A printed name without its number and without what says that it is a tape."""
    return _NUMBER.sub("", _NUMBER.sub("", printed).removesuffix("_tape"))


def _updated(node: Any) -> list[str]:
    """The name that an update gives a new value, or writes to."""
    return [node.target.id] if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name) else []


def _handed_over(node: Any) -> list[str]:
    """What a call that stands alone may write to."""
    called = isinstance(node, gast.Expr) and isinstance(node.value, gast.Call)
    return reads(node.value) if called and appended_to(node) is None else []


def _is_empty_list(node: Any, key: str | None) -> bool:
    return (
        key is not None
        and assigned(node) == key
        and isinstance(node.value, gast.List)
        and not node.value.elts
    )


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
