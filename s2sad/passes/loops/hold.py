"""Elements that all turns of a loop look up or add to are held in variables while it runs (backend ``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(hold(core('''
... def f(a, b):
...     t = np.empty((3, 4))
...     for i in range(3):
...         for j in range(4):
...             row = 0.0
...             for k in range(2):
...                 row += a[i, k] * b[k, j]
...             t[i, j] = row
...     return t
... ''', np.ones((3, 2)), np.ones((2, 4)))))
def f(a, b):
    t = np.empty((3, 4))
    for i in range(3):
        a_0 = a[i, 0]
        a_1 = a[i, 1]
        for j in range(4):
            t[i, j] = a_0 * b[0, j] + a_1 * b[1, j]
    return t

LLVM does not do it: as far as it knows, what a loop stores may be what it looks up next.  The short loops inside of
such a loop are written out.  An element is held only if nothing else that the loop writes may be the same memory, and
if it is there for certain even where the loop has no turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from s2sad.names import unused
from s2sad.passes.loops.uses import Uses, Using, read_after, values_of
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.algebra import is_float_zero
from s2sad.tree.build import assign, binary, constant, dotted, name, subscript, substitute, target
from s2sad.tree.dataflow import (
    assigned,
    binds,
    bound_within,
    headers,
    map_blocks,
    parameters,
    rewritten,
    statement_reads,
    stored,
    walk,
    with_fields,
)
from s2sad.tree.indices import index_parts
from s2sad.tree.parts import children, nodes

FEW = 4
"""The most turns of a loop that is written out."""
MOST = 12
"""The most elements that are held at a time: what processors have registers for."""
_ROOM = ("np.empty", "np.zeros")


def hold(program: Program) -> Program:
    """Hold what all turns of a loop look up."""
    holding = _Hold(program)
    body = holding.block(program.body, {key: f"argument {key}" for key in parameters(program.args)}, [])
    return program.replace(body=tuple(body), types=holding.types)


class _Hold(Using):
    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.counts = values_of(program.body, self.arguments)
        self.mentions = _mentions(program.body)
        self.taken = {*self.mentions, *self.counts, *self.arguments, program.name}
        self.made = {key: node.value for node in walk(program.body) for key in binds(node) if _is_room(node)}
        self.first = {key for node in program.body for key in binds(node)}
        self.read_after = read_after(program.body)

    def block(self, body: Sequence[Any], origins: dict[str, str], around: list[Any]) -> list[Any]:
        """A block with its loops changed; `around` has the loops that it stands in."""
        out: list[Any] = []
        origins = dict(origins)
        for node in body:
            inside = {key: made for key, made in origins.items() if key not in bound_within([node])}
            new = self.held(node, inside, around) if isinstance(node, gast.For) else None
            if new is None:
                loops = [*around, node] if isinstance(node, gast.For) else around
                new = [map_blocks(node, lambda inner, i=inside, a=loops: self.block(inner, i, a))]  # type: ignore[misc]
            out += new
            self.note(node, origins)
        return out

    def held(self, loop: gast.For, origins: dict[str, str], around: list[Any]) -> list[Any] | None:
        """A loop between what looks up the elements that it holds and what puts them back; None if it holds none."""
        if not any(map(self.is_short, loop.body)) or not self.is_plain(loop):
            return None
        if self.uses(loop) is None:
            return None
        body = self.written_out(loop)
        uses = self.uses(with_fields(loop, body=body)) if body is not None else None
        if uses is None:
            return None
        elements = self.elements(body, uses, origins, loop, around)
        if not 0 < len(elements) <= MOST:
            return None
        before, after = [], []
        names: dict[str, str] = {}
        for text, (element, is_written) in elements.items():
            names[text] = self.fresh(element)
            before.append(gast.copy_location(assign(names[text], element), loop))
            if is_written:
                place = subscript(element.value, element.slice, True)
                put = gast.Assign(targets=[place], value=name(names[text]), type_comment=None)
                after.append(gast.copy_location(put, loop))
        return [*before, with_fields(loop, body=_in_variables(body, names)), *after]

    def fresh(self, element: Any) -> str:
        """The name of a variable for an element: of the array and of the number in its index."""
        numbers = [part.value for part in index_parts(element) if isinstance(part, gast.Constant)]
        new = unused("_".join([element.value.id, *map(str, numbers)]), self.taken)
        self.types[new] = Scalar("float64")
        return new

    # ---- short loops --------------------------------------------------------------------------------------------

    def is_plain(self, loop: gast.For) -> bool:
        """Whether a loop is over a range, and there are only assignments and short loops of these in it."""
        if not isinstance(loop.target, gast.Name) or dotted(getattr(loop.iter, "func", loop)) != "range":
            return False
        parts = [part for node in walk([loop]) for header in headers(node) for part in nodes(header)]
        if any(isinstance(part, (gast.IfExp, gast.BoolOp)) for part in parts):
            return False  # which look up an element only sometimes
        return all(
            self.is_short(node) or isinstance(node, (gast.Assign, gast.AugAssign)) for node in loop.body
        )

    def is_short(self, node: Any) -> bool:
        """Whether a statement is a loop with a few turns, and only assignments in it."""
        if not isinstance(node, gast.For) or not isinstance(node.target, gast.Name):
            return False
        if not 0 < _turns(node) <= FEW or node.target.id in self.read_after | bound_within(node.body):
            return False
        return all(isinstance(inner, (gast.Assign, gast.AugAssign)) for inner in node.body)

    def written_out(self, loop: gast.For) -> Any:
        """The body of a loop with the short loops in it that add up written out; None if there are none."""
        out: list[Any] = []
        changed = False
        for node in loop.body:
            short = self.is_short(node)
            rows = self.rows(node, out) if short else None
            if rows is not None:
                out = rows
            elif short and _is_long(loop) and self.adds_up(node, loop):
                out += [_at(inner, node.target.id, k) for k in range(_turns(node)) for inner in node.body]
            else:
                out.append(node)
                continue
            changed = True
        return self.without_names(out) if changed else None

    def rows(self, loop: gast.For, before: list[Any]) -> list[Any] | None:
        """What stands before a loop and the sums that it adds up, each as one expression; None if it does more."""
        out = list(before)
        sums = []
        for node in loop.body:
            if not isinstance(node, gast.AugAssign) or not isinstance(node.op, gast.Add):
                return None
            row = getattr(node.target, "id", "")
            start = next((k for k, other in enumerate(out) if assigned(other) == row), None)
            if start is None or not is_float_zero(out[start].value) or not _is_small(node.value):
                return None
            if self.counts[row] != 2 or any(
                row in statement_reads(other) for other in walk(out[start + 1 :])
            ):
                return None
            del out[start]
            terms = [_with(node.value, loop.target.id, k) for k in range(_turns(loop))]
            value = terms[0]
            for term in terms[1:]:
                value = gast.copy_location(binary(value, gast.Add, term), node)
            sums.append(gast.copy_location(assign(row, value), node))
        return [*out, *sums]

    def adds_up(self, short: gast.For, loop: gast.For) -> bool:
        """Whether a cheap short loop adds to elements that are the same in all turns of the loop around it."""
        bound = bound_within([loop]) - {short.target.id}
        places = [node.target for node in short.body if isinstance(node, gast.AugAssign)]
        held = [one for one in places if isinstance(one, gast.Subscript) and not bound & _names(one.slice)]
        return bool(held) and all(_is_small(node.value) for node in short.body)

    def without_names(self, body: list[Any]) -> list[Any]:
        """A body in which a number that the next statement only stores has no name."""
        out: list[Any] = []
        for node in body:
            last = assigned(out[-1]) if out else None
            alone = last is not None and self.counts[last] == 2 and self.mentions[last] == 3
            if alone and isinstance(node, gast.Assign) and stored(node) is not None:
                if isinstance(node.value, gast.Name) and node.value.id == last:
                    node = with_fields(node, value=out.pop().value)
            out.append(node)
        return out

    # ---- elements -----------------------------------------------------------------------------------------------

    def elements(
        self, body: list[Any], uses: Uses, origins: dict[str, str], loop: gast.For, around: list[Any]
    ) -> dict[str, tuple[Any, bool]]:
        """The elements that a loop may hold, by their text, and whether it adds to them."""
        bound = {*bound_within(body), loop.target.id}
        plain = [node for node in body if not isinstance(node, gast.For)]
        replaced = {gast.dump(_read(node.targets[0])) for node in plain if isinstance(node, gast.Assign)}
        found: dict[str, tuple[Any, bool]] = {}
        for element, is_written in (pair for node in plain for pair in _elements(node)):
            known = self.types.get(element.value.id)
            text = gast.dump(element)
            if bound & _names(element.slice) or not isinstance(known, Array) or known.dtype != "float64":
                continue
            if text in replaced:
                continue
            if self.is_apart(element, uses, origins) and self.is_there(element, loop, around):
                found[text] = (element, is_written or found.get(text, (None, False))[1])
        return found

    def is_apart(self, element: Any, uses: Uses, origins: dict[str, str]) -> bool:
        """Whether no other element that a loop uses may be the same, if one of the two is written."""
        array = element.value.id
        own = tuple(gast.dump(part) for part in index_parts(element))
        written = any(one == array and index == own and stores for one, index, stores in uses.places)
        return not any(
            (stores or written)
            and (one, index) != (array, own)
            and self.may_alias(one, array, origins)
            and not (one == array and _differ(index, own))
            for one, index, stores in uses.places
        )

    def is_there(self, element: Any, loop: gast.For, around: list[Any]) -> bool:
        """Whether an element is in its array, even if a loop that uses it has no turns."""
        if _turns(loop):
            return True
        array = element.value.id
        made = self.made.get(array)
        if made is None or self.counts[array] != 1 or array not in self.first:
            return False
        shape = made.args[0]
        sizes = list(shape.elts) if isinstance(shape, gast.Tuple) else [shape]
        parts = index_parts(element)
        return len(sizes) == len(parts) and all(
            self.is_within(part, size, around) for part, size in zip(parts, sizes)
        )

    def is_within(self, part: Any, size: Any, around: list[Any]) -> bool:
        """Whether an index is within a dimension."""
        if isinstance(part, gast.Constant) and isinstance(size, gast.Constant):
            return type(part.value) is int and 0 <= part.value < size.value
        if not isinstance(part, gast.Name) or not all(map(self.is_fixed, _names(size))):
            return False
        loops = [node for node in around if part.id in binds(node)]
        return len(loops) == 1 and _is_range(loops[0], size) and part.id not in bound_within(loops[0].body)

    def is_fixed(self, key: str) -> bool:
        """Whether a name has one value, and that from the start."""
        return self.counts[key] <= 1 and key in self.first | self.arguments


def _is_long(loop: gast.For) -> bool:
    """Whether a loop has more than a few turns, as far as that is known."""
    return not 0 < _turns(loop) <= FEW


def _turns(loop: gast.For) -> int:
    """How many turns a loop has, 0 where that is not known."""
    call = loop.iter
    if not isinstance(call, gast.Call) or dotted(call.func) != "range" or len(call.args) != 1:
        return 0
    count = call.args[0]
    return max(count.value, 0) if isinstance(count, gast.Constant) and type(count.value) is int else 0


def _is_range(loop: gast.For, size: Any) -> bool:
    """Whether a loop counts the items of a dimension."""
    call = loop.iter
    if not isinstance(call, gast.Call) or dotted(call.func) not in ("range", "prange"):
        return False
    return len(call.args) == 1 and gast.dump(call.args[0]) == gast.dump(size)


def _is_room(node: Any) -> bool:
    call = getattr(node, "value", None)
    return (
        isinstance(node, gast.Assign)
        and isinstance(call, gast.Call)
        and dotted(call.func) in _ROOM
        and bool(call.args)
    )


def _is_small(node: Any) -> bool:
    """Whether an expression is cheap to read several times: arithmetic on a few elements."""
    parts = nodes(node)
    calls = any(isinstance(part, gast.Call) for part in parts)
    return not calls and sum(isinstance(part, gast.BinOp) for part in parts) <= 6


def _elements(node: Any) -> list[tuple[Any, bool]]:
    """The elements that an assignment looks up, and those that it adds to."""
    found = [(part, False) for part in _items(node.value)]
    if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Subscript):
        found.append((_read(node.target), True))
    return found


def _items(node: Any) -> list[Any]:
    """The elements in an expression, from left to right."""
    found = [part for child in children(node) for part in _items(child)]
    own = isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name)
    return [*found, node] if own else found


def _read(place: Any) -> Any:
    """An element, or a name, as it is looked up."""
    return with_fields(place, ctx=gast.Load())


def _differ(p: tuple[str, ...], q: tuple[str, ...]) -> bool:
    """Whether two indices differ in a number that does not count from the end."""
    numbers = [gast.dump(constant(k)) for k in range(FEW)]
    return any(one != other and one in numbers and other in numbers for one, other in zip(p, q))


def _at(node: Any, variable: str, value: int) -> Any:
    """A statement of a loop as it is in one turn."""
    return rewritten(node, lambda part: _value_at(part, variable, value))


def _with(node: Any, variable: str, value: int) -> Any:
    """An expression as it is in one turn of a loop."""
    return substitute(node, {variable: constant(value)})


def _value_at(part: Any, variable: str, value: int) -> Any:
    if isinstance(part, gast.Name) and part.id == variable:
        return gast.copy_location(constant(value), part)
    return part


def _in_variables(body: Sequence[Any], names: dict[str, str]) -> list[Any]:
    """A body with variables in the place of elements."""

    def leave(part: Any) -> Any:
        if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name):
            held = names.get(gast.dump(_read(part)))
            if held is not None:
                plain = isinstance(part.ctx, gast.Load)
                return gast.copy_location(name(held) if plain else target(held), part)
        return part

    return [
        map_blocks(rewritten(node, leave), lambda inner: [rewritten(one, leave) for one in inner])
        for node in body
    ]


def _names(node: Any) -> set[str]:
    return {part.id for part in nodes(node) if isinstance(part, gast.Name)}


def _mentions(body: Sequence[Any]) -> dict[str, int]:
    """How often each name is bound or read."""
    found: dict[str, int] = {}
    for node in walk(body):
        for key in binds(node) if isinstance(node, (gast.Assign, gast.For)) else ():
            found[key] = found.get(key, 0) + 1
        for part in (inner for header in headers(node) for inner in nodes(header)):
            if isinstance(part, gast.Name):
                found[part.id] = found.get(part.id, 0) + 1
    return found
