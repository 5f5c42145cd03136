"""What is recorded of an item that is still in its array when it is wanted is looked up there again.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(reread(core('''
... def f(x, n):
...     y = np.copy(x)
...     t_tape = []
...     for i in range(1, n):
...         t = y[i - 1]
...         t_tape.append(t)
...         y[i] = y[i] * t
...     s = 0.0
...     for k in range(n - 1, 0, -1):
...         t__v1 = t_tape[k - 1]
...         s = s + t__v1 * t__v1
...     return s
... ''', np.ones(3), 3)))
def f(x, n):
    y = np.copy(x)
    for i in range(1, n):
        t = y[i - 1]
        y[i] = y[i] * t
    s = 0.0
    for k in range(n - 1, 0, -1):
        t__v1 = y[k - 1]
        s = s + t__v1 * t__v1
    return s

Loops that fill an array in order do not come back to what they have left behind, and no statement after them writes to
the array.  The item may be one that is read, as here, or one that is stored; a number or a row; in one loop or in
loops in loops, for which something is recorded as lists in lists.  That no later turn writes to it is shown for each
store by one index that differs (P. Feautrier, Dataflow analysis of array and scalar references, 1991, has it exactly).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gast

from s2sad.analysis.linear import Form, add, is_nonnegative, number, substitute, symbol
from s2sad.analysis.memory import ARRAYS, Memory, is_append
from s2sad.names import base
from s2sad.program import Program
from s2sad.signature import Array, Scalar, is_joined, kind_of
from s2sad.sweep.typer import Typer
from s2sad.tree.algebra import literal
from s2sad.tree.build import binary, clone, constant, dotted
from s2sad.tree.build import name as read_name
from s2sad.tree.dataflow import (
    assigned,
    binds,
    blocks,
    bound_within,
    definitions,
    headers,
    map_blocks,
    map_headers,
    parameters,
    rewrite,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts
from s2sad.tree.parts import nodes
from s2sad.tree.printer import expression_text


def reread(program: Program) -> Program:
    """Record nothing that still stands in an array."""
    if not any(isinstance(node, gast.For) for node in program.body):
        return program
    reading = _Rereading(program)
    reading.find()
    return program.replace(body=tuple(reading.block(program.body))) if reading.values else program


@dataclass(frozen=True)
class _Run:
    """A loop over a range of step 1 or -1: its variable, the first value, and the number of turns."""

    loop: gast.For
    counter: str
    start: Form
    step: int
    count: Form

    @property
    def facts(self) -> list[Form]:
        """What is not negative in a turn."""
        counted = add(number(0), add(symbol(self.counter), self.start, -1), self.step)
        return [counted, add(add(self.count, number(1), -1), counted, -1)]


@dataclass(frozen=True)
class _Place:
    """An item of an array in a turn of loops in loops: the indices, and where the statement stands in the last loop."""

    item: gast.Subscript
    path: tuple[_Run, ...]
    parts: tuple[Form, ...]
    position: int
    owner: str


@dataclass(frozen=True)
class _Tape:
    """What a loop appends to a list: a variable, or a list that an inner loop fills."""

    path: tuple[_Run, ...]
    position: int
    value: Any


class _Rereading:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.typer = Typer(program.types, program.objects)
        self.memory = Memory(program)
        self.counts = definitions(program.body)
        own = {key for node in program.body if not isinstance(node, gast.For) for key in binds(node)}
        self.steady = {key for key in own if self.counts[key] == 1} | set(parameters(program.args)) - set(
            self.counts
        )
        self.terms: dict[Any, Any] = {}  # of the forms, by their symbols
        self.means: dict[str, Form] = {}  # what names stand for: `n = len(x)`
        self.sizes: set[Any] = set()
        self.tapes: dict[str, _Tape] = {}
        self.stores: dict[str, list[_Place | None]] = {}  # to the memory of an array
        self.values: dict[int, Any] = {}  # what is looked up, by the node that looked it up in a list
        self.dropped: set[str] = set()  # lists

    # ---- numbers ------------------------------------------------------------------------------------------------

    def form(self, node: Any, counters: Sequence[_Run]) -> Form | None:
        """A whole number as a sum of names that stay as they are, of sizes, and of the variables of loops around it."""
        value = literal(node)
        if value is not None:
            return number(value)
        if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub)):
            left, right = self.form(node.left, counters), self.form(node.right, counters)
            sign = 1 if isinstance(node.op, gast.Add) else -1
            return None if left is None or right is None else add(left, right, sign)
        known = self.typer(node)
        if not isinstance(known, Scalar) or kind_of(known.dtype) != "int":
            return None
        if isinstance(node, gast.Name) and node.id in self.means:
            return self.means[node.id]
        if isinstance(node, gast.Name):
            key, fixed = node.id, any(run.counter == node.id for run in counters)
        else:
            key, fixed = expression_text(node), self.is_size(node)
        if not fixed and key not in self.steady:
            return None
        self.terms.setdefault(key, node)
        return symbol(key)

    def is_size(self, node: Any) -> bool:
        """Whether an expression is the size of an array that stays the same."""
        owner: Any = None
        if isinstance(node, gast.Call) and dotted(node.func) == "len" and len(node.args) == 1:
            owner = node.args[0]
        elif isinstance(node, gast.Subscript) and isinstance(node.value, gast.Attribute):
            owner = (
                node.value.value if node.value.attr == "shape" and literal(node.slice) is not None else None
            )
        found = (
            isinstance(owner, gast.Name) and owner.id in self.steady and isinstance(self.typer(owner), Array)
        )
        if found:
            self.sizes.add(expression_text(node))
        return found

    def run(self, loop: Any, around: Sequence[_Run]) -> _Run | None:
        """How a loop counts, if it does so in steps of one."""
        if not isinstance(loop.target, gast.Name) or not isinstance(loop.iter, gast.Call):
            return None
        counter, args = loop.target.id, loop.iter.args
        if dotted(loop.iter.func) != "range" or counter in bound_within(loop.body):
            return None
        if any(run.counter == counter for run in around):
            return None
        step = literal(args[2]) if len(args) == 3 else 1
        start, stop = (constant(0), args[0]) if len(args) == 1 else args[:2]
        first, end = self.form(start, around), self.form(stop, around)
        if step not in (1, -1) or first is None or end is None:
            return None
        return _Run(loop, counter, first, step, add(number(0), add(end, first, -1), step))

    def is_never_negative(self, form: Form, facts: Sequence[Form]) -> bool:
        return is_nonnegative(form, self.sizes, facts)

    # ---- what is recorded, and where it stands ------------------------------------------------------------------

    def find(self) -> None:
        """Find what is recorded without need."""
        body = self.program.body
        for k, node in enumerate(body):
            if not isinstance(node, gast.For):
                self.note_meaning(node)
                continue
            self.tapes, self.stores = {}, {}
            self.gather([node], ())
            rest = body[k + 1 :]
            after = {root for later in walk(rest) for root in self.written(later)} if self.tapes else set()
            for key, tape in self.tapes.items():
                place = self.place(tape, after)
                chain = self.chain(key, tape) if place is not None else None
                if place is not None and chain is not None:
                    self.look_up(chain, place, rest)

    def written(self, node: Any) -> list[str]:
        """The arrays that a statement itself writes to."""
        return [root for root, kind in self.memory.writes(node) if kind == ARRAYS]

    def note_meaning(self, node: Any) -> None:
        """Note the sum that a name stands for; it stands for the size that is all of it."""
        key = assigned(node)
        form = self.form(node.value, ()) if key in self.steady else None
        if key is None or form is None or not form[0]:
            return
        self.means[key] = form
        if form == symbol(form[0][0][0]) and not isinstance(self.terms[form[0][0][0]], gast.Name):
            self.terms[form[0][0][0]] = read_name(key)

    def gather(self, body: Sequence[Any], path: tuple[_Run, ...]) -> None:
        """Note what is recorded and what is stored in loops in loops."""
        for p, node in enumerate(body):
            if isinstance(node, gast.Expr) and is_append(node.value) and path:
                self.tapes[node.value.func.value.id] = _Tape(path, p, node.value.args[0])
            self.note_stores(node, path, p)
            if isinstance(node, gast.For):
                run = self.run(node, path)
                leaves = any(isinstance(part, (gast.Break, gast.Try)) for part in walk(node.body))
                if run is not None and not leaves:
                    self.gather(node.body, (*path, run))
                    continue
            for part in walk([inner for block in blocks(node) for inner in block]):
                self.note_stores(part, path if isinstance(node, gast.If) else None, p)

    def note_stores(self, node: Any, path: tuple[_Run, ...] | None, position: int) -> None:
        for root in self.written(node):
            target = node.target if isinstance(node, gast.AugAssign) else getattr(node, "targets", [None])[0]
            known = (
                path is not None and stored(node) is not None and self.memory.root(stored(node) or "") == root
            )
            place = self.item(target, path or (), position) if known else None
            self.stores.setdefault(root, []).append(place)

    def item(self, node: Any, path: tuple[_Run, ...], position: int) -> _Place | None:
        """An item or a row of an array, where that is certain."""
        if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
            return None
        known = self.typer(node.value)
        if not isinstance(known, Array) or known.shape is None or node.value.id not in self.steady:
            return None
        facts = [fact for run in path for fact in run.facts]
        parts: list[Form] = []
        for part in index_parts(node):
            form = self.form(part, path)
            if form is None or not self.is_never_negative(form, facts):
                break  # what follows makes it a part of this, or there is another item that counts from the end
            parts.append(form)
        return _Place(node, path, tuple(parts), position, node.value.id) if parts else None

    def place(self, tape: _Tape, after: set[str]) -> _Place | None:
        """Where the variable that is recorded is read from or stored, if it stays there."""
        body = tape.path[-1].loop.body
        value = _uncopied(tape.value)
        made = [node.value for node in body if isinstance(value, gast.Name) and assigned(node) == value.id]
        if len(made) == 1 and _uncopied(made[0]) is not made[0]:
            value = _uncopied(made[0])
        if not isinstance(value, gast.Name) or self.counts.get(value.id) != 1:
            return None
        known = self.typer(value)
        if not isinstance(known, Scalar) and not (isinstance(known, Array) and _is_certain(known)):
            return None
        for p, node in enumerate(body):
            target = None
            if p < tape.position and assigned(node) == value.id:
                target = node.value
            elif (
                isinstance(node, gast.Assign)
                and isinstance(node.value, gast.Name)
                and node.value.id == value.id
            ):
                target = node.targets[0]
                if self.memory.is_written(value.id, ARRAYS):
                    continue
            place = self.item(target, tape.path, p)
            if place is None or len(place.parts) < len(index_parts(place.item)):
                continue
            # what is stored may be converted on the way
            if self.typer(with_fields(place.item, ctx=gast.Load())) == known and self.stays(place, after):
                return place
        return None

    # ---- whether it stays ---------------------------------------------------------------------------------------

    def stays(self, place: _Place, after: set[str]) -> bool:
        """Whether nothing writes to an item later, of all that the loops store."""
        root = self.memory.root(place.owner)
        return root not in after and all(
            store is not None and self.is_apart(place, store) for store in self.stores.get(root, [])
        )

    def is_apart(self, place: _Place, store: _Place) -> bool:
        """Whether a store leaves an item alone in all turns that come after."""
        if store.owner != place.owner:
            return False
        common = sum(1 for one, other in zip(place.path, store.path) if one.loop is other.loop)
        last = place.path[:common][-1].loop
        same_turn = self.position_in(last, place) < self.position_in(last, store)
        ahead = [symbol(run.counter) for run in place.path[:common]]
        theirs = {run.counter: (run.counter, "later") for run in store.path}
        facts = [fact for run in place.path for fact in run.facts]
        later = [_renamed(fact, theirs) for run in store.path for fact in run.facts]
        for level in [*range(common), *([common] if same_turn else [])]:
            equal = {run.counter: (run.counter, "later") for run in place.path[:level]}
            known = [_renamed(fact, equal) for fact in facts] + later
            if level < common:
                run = place.path[level]
                moved = add(symbol((run.counter, "later")), ahead[level], -1)
                known.append(add(add(number(0), moved, run.step), number(1), -1))
            if not any(
                self.differ(_renamed(store_part, theirs), _renamed(part, equal), known)
                for store_part, part in zip(store.parts, place.parts)
            ):
                return False
        return True

    def position_in(self, loop: gast.For, place: _Place) -> int:
        """Which statement of a loop something is in."""
        inner = next((run.loop for run, above in zip(place.path[1:], place.path) if above.loop is loop), None)
        if inner is None:
            return place.position
        return next(k for k, node in enumerate(loop.body) if node is inner)

    def differ(self, one: Form, other: Form, facts: Sequence[Form]) -> bool:
        """Whether two indices are certainly not the same."""
        apart = add(one, other, -1), add(other, one, -1)
        return any(self.is_never_negative(add(form, number(1), -1), facts) for form in apart)

    @cached_property
    def mentions(self) -> Counter[str]:
        """How often each name occurs."""
        return Counter(
            part.id
            for node in walk(self.program.body)
            for whole in [*headers(node), *getattr(node, "targets", [])]
            for part in nodes(whole)
            if isinstance(part, gast.Name)
        )

    # ---- where it is looked up ----------------------------------------------------------------------------------

    def chain(self, key: str, tape: _Tape) -> list[str] | None:
        """The lists from the outermost one, where each loop around has filled one that the next loop made."""
        chain = [key]
        for level in range(len(tape.path) - 1, 0, -1):
            above = [
                name
                for name, other in self.tapes.items()
                if isinstance(other.value, gast.Name) and other.value.id == chain[0]
            ]
            if len(above) != 1 or self.tapes[above[0]].path != tape.path[:level]:
                return None
            if not self.is_made_in(chain[0], tape.path[level - 1].loop.body):
                return None
            chain.insert(0, above[0])
        return chain if self.is_made_in(chain[0], self.program.body) else None

    def is_made_in(self, key: str, body: Sequence[Any]) -> bool:
        """Whether a block makes a list, empty, and it is never another one."""
        made = next((node.value for node in body if assigned(node) == key), None)
        return isinstance(made, gast.List) and not made.elts and self.counts[key] == 1

    def look_up(self, chain: list[str], place: _Place, rest: Sequence[Any]) -> None:
        """Note the items to look up, if lists are looked up in certain turns and nothing else is done with them."""
        if isinstance(self.typer(place.item), Array):
            written = self.memory.written.get(self.memory.root(chain[-1]), 0) & ARRAYS
            if written or not base(chain[0]).endswith("_tape"):
                return  # a view of the array would not be as good as a copy
        looking = _Looking(self, chain[0], place)
        if not looking.follow(rest, ()):
            return
        for key in looking.lists:
            # it is made; the loop appends to it, and appends it to the list above
            others = 1 + (key in chain) + (key in chain[1:])
            if self.mentions[key] != looking.found[key] + others or (
                key not in chain and self.counts[key] != 1
            ):
                return
        if looking.values:
            self.values |= looking.values
            self.dropped |= {*looking.lists, *chain}

    def node(self, form: Form) -> Any:
        """A form as an expression: ``n - i - 2``."""
        made: Any = None
        rest = form[1]
        for key, factor in sorted(form[0], key=lambda term: term[1] < 0):
            term = clone(self.terms[key])
            term = term if abs(factor) == 1 else binary(constant(abs(factor)), gast.Mult, term)
            if made is not None:
                made = binary(made, gast.Add if factor > 0 else gast.Sub, term)
            elif factor > 0:
                made = term
            else:
                made, rest = binary(constant(rest), gast.Sub, term), 0
        if made is None:
            return constant(rest)
        return binary(made, gast.Add if rest > 0 else gast.Sub, constant(abs(rest))) if rest else made

    # ---- the new program ----------------------------------------------------------------------------------------

    def block(self, body: Sequence[Any]) -> list[Any]:
        """A block that looks items up where they stand."""
        out = []
        for node in body:
            filled = (
                isinstance(node, gast.Expr)
                and is_append(node.value)
                and node.value.func.value.id in self.dropped
            )
            if filled or assigned(node) in self.dropped:
                continue
            new = map_headers(node, lambda part: rewrite(part, self.leave))
            out.append(map_blocks(new, self.block))
        return out

    def leave(self, part: Any) -> Any:
        value = self.values.get(id(part))
        return part if value is None else gast.copy_location(value, part)


class _Looking:
    """Where items are looked up that one list has, or lists in it."""

    def __init__(self, reading: _Rereading, outermost: str, place: _Place) -> None:
        self.reading, self.place = reading, place
        # the turns that lead to a list, and the loops that they are known in
        self.lists: dict[str, tuple[list[Form], tuple[_Run, ...]]] = {outermost: ([], ())}
        self.found: Counter[str] = Counter()
        self.values: dict[int, Any] = {}

    def follow(self, body: Sequence[Any], around: tuple[_Run, ...]) -> bool:
        """Whether all turns that are looked up were recorded."""
        for node in body:
            for whole in headers(node):
                if not all(self.take(part, node, around) for part in nodes(whole)):
                    return False
            run = self.reading.run(node, around) if isinstance(node, gast.For) else None
            within = around if run is None else (*around, run)
            if not all(self.follow(block, within) for block in blocks(node)):
                return False
        return True

    def take(self, part: Any, statement: Any, around: tuple[_Run, ...]) -> bool:
        """Whether an expression looks up what was recorded, or nothing."""
        if not isinstance(part, gast.Subscript) or not isinstance(part.value, gast.Name):
            return True
        key = part.value.id
        if key not in self.lists:
            return True
        turns = self.turns(key, part.slice, around)
        if turns is None:
            return False
        self.found[key] += 1
        if len(turns) == len(self.place.path):
            self.values[id(part)] = self.item(turns)
            return True
        inner = assigned(statement)
        if inner is None or statement.value is not part:
            return False
        self.lists[inner] = turns, around
        return True

    def turns(self, key: str, index: Any, around: tuple[_Run, ...]) -> list[Form] | None:
        """The turns that a place in a list stands for, None where one may not have been."""
        before, known_in = self.lists[key]
        turn = self.reading.form(index, around)
        if turn is None or around[: len(known_in)] != known_in:
            return None
        facts = [fact for run in around for fact in run.facts]
        count = self.then(self.place.path[len(before)].count, self.counted(before))
        left = add(add(count, turn, -1), number(1), -1)
        certain = all(self.reading.is_never_negative(form, facts) for form in (turn, left))
        return [*before, turn] if certain else None

    def counted(self, turns: Sequence[Form]) -> list[Form]:
        """The values of the loops' variables in some turns."""
        values: list[Form] = []
        for run, turn in zip(self.place.path, turns):
            values.append(add(self.then(run.start, values), turn, run.step))
        return values

    def then(self, form: Form, values: Sequence[Form]) -> Form:
        """A form with the values of the loops' variables."""
        counters = [run.counter for run in self.place.path]
        form = _renamed(form, {counter: (counter, "then") for counter in counters})
        for counter, value in zip(counters, values):
            form = substitute(form, (counter, "then"), value)
        return form

    def item(self, turns: Sequence[Form]) -> Any:
        """What stands where the item was recorded."""
        values = self.counted(turns)
        parts = [self.reading.node(self.then(form, values)) for form in self.place.parts]
        whole = parts[0] if len(parts) == 1 else gast.Tuple(elts=parts, ctx=gast.Load())
        return with_fields(self.place.item, slice=whole, ctx=gast.Load())


def _uncopied(node: Any) -> Any:
    """What is copied, where an expression is a copy."""
    copies = (
        isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr == "copy"
    )
    return node.func.value if copies and not node.args else node


def _is_certain(known: Array) -> bool:
    """Whether two arrays of a type have one shape."""
    return known.shape is not None and not any(map(is_joined, known.shape))


def _renamed(form: Form, names: dict[str, Any]) -> Form:
    """A form with other symbols."""
    for key, new in names.items():
        form = substitute(form, key, symbol(new))
    return form
