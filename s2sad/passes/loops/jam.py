"""Neighbouring loops over the same range become one, whatever is inside of them (backend ``numba``).

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(jam(core('''
... def f(a, b):
...     s = np.empty(3)
...     total = 0.0
...     for i in range(3):
...         row = 0.0
...         for j in range(2):
...             row += a[i, j]
...         s[i] = row
...     for i in range(3):
...         total += np.sqrt(s[i]) * b[i]
...     return total
... ''', np.ones((3, 2)), np.ones(3))))
def f(a, b):
    total = 0.0
    for i in range(3):
        row = 0.0
        for j in range(2):
            row += a[i, j]
        total += np.sqrt(row) * b[i]
    return total

Two loops are put together if what the one writes and the other uses is used by each turn at places of its own, and if
that pays: an array that then is only used in the turn that writes it becomes a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import gast

from s2sad.passes.loops.uses import Uses, Using
from s2sad.passes.loops.views import seen_through
from s2sad.passes.loops.webs import separated
from s2sad.program import Program
from s2sad.signature import Array, Scalar
from s2sad.tree.build import dotted, name, target
from s2sad.tree.dataflow import (
    assigned,
    binds,
    bound_within,
    definitions,
    headers,
    is_comment,
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
from s2sad.tree.parts import children, nodes

FARTHEST = 8
"""How many statements back a loop looks for one to join."""


def jam(program: Program) -> Program:
    """Put loops together, and turn arrays of which a turn uses one element into numbers."""
    program = seen_through(separated(program))
    jamming = _Jam(program)
    body = jamming.block(program.body, {key: f"argument {key}" for key in parameters(program.args)})
    program = program.replace(body=tuple(body))
    return _contracted(program) if jamming.count else program


class _Jam(Using):
    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.count = 0

    def block(self, body: Sequence[Any], origins: dict[str, str]) -> list[Any]:
        """A block with its loops put together; `origins` tells where each array was made, as far as that is known."""
        out: list[Any] = []
        origins = dict(origins)
        for node in body:
            inside = {key: made for key, made in origins.items() if key not in bound_within([node])}
            new = map_blocks(node, lambda inner, inside=inside: self.block(inner, inside))  # type: ignore[misc]
            place = self.partner(out, new, origins)
            while place is not None:
                new = self.together(out.pop(place), new, inside)
                place = self.partner(out, new, origins)
            out.append(new)
            self.note(node, origins)
        return out

    def together(self, a: Any, b: Any, origins: dict[str, str]) -> Any:
        """One loop for two."""
        self.count += 1
        return with_fields(a, body=self.block([*a.body, *b.body], origins))

    # ---- whether ------------------------------------------------------------------------------------------------

    def partner(self, out: Sequence[Any], loop: Any, origins: dict[str, str]) -> int | None:
        """The place of a loop that may come right before another, as its first half."""
        mine = self.uses(loop) if isinstance(loop, gast.For) else None
        if mine is None:
            return None
        for k in range(len(out) - 1, max(len(out) - FARTHEST, 0) - 1, -1):
            node = out[k]
            theirs = self.uses(node) if isinstance(node, gast.For) and _same_range(node, loop) else None
            if (
                theirs is not None
                and _pays(theirs, mine)
                and self.may_join(node, theirs, loop, mine, origins)
            ):
                if all(self.are_apart(one, theirs, origins) for one in out[k + 1 :]):
                    return k
            if is_comment(node) or not isinstance(node, (gast.For, gast.Assign, gast.Expr)):
                return None
        return None

    def are_apart(self, node: Any, uses: Uses, origins: dict[str, str]) -> bool:
        """Whether a statement and a loop before it may change places."""
        if not isinstance(node, gast.For):
            return self.may_pass(node, uses, origins)
        other = self.uses(node)
        if other is None or (other.bound & uses.mentioned) - _variables(node):
            return False
        if uses.bound & (other.exposed | other.sizes) or other.bound & uses.exposed:
            return False
        return not any(
            (written or stores) and self.may_alias(array, place, origins)
            for array, _, written in uses.places
            for place, _, stores in other.places
        )

    def may_join(self, a: gast.For, first: Uses, b: gast.For, second: Uses, origins: dict[str, str]) -> bool:
        """Whether each turn of the second loop may follow that turn of the first one."""
        if not set(reads(b.iter)).isdisjoint(first.bound) or second.exposed & first.bound:
            return False
        if first.exposed & second.bound or (first.sizes | second.sizes) & (first.bound | second.bound):
            return False
        if not isinstance(a.target, gast.Name):
            return False
        own = gast.dump(name(a.target.id))
        for array, index, written in first.places:
            for other, place, stored_too in second.places:
                if not (written or stored_too) or not self.may_alias(array, other, origins):
                    continue
                if array != other or not any(p == q == own for p, q in zip(index, place)):
                    return False
        return True

    def may_pass(self, node: Any, uses: Uses, origins: dict[str, str]) -> bool:
        """Whether a statement between two loops may stand before the first: it names, makes or fills an array."""
        filled = _filled(node)
        if filled is not None:
            return not any(self.may_alias(filled, array, origins) for array, _, _ in uses.places)
        key = assigned(node)
        if key is None or key in uses.mentioned or not self.memory.is_pure(node.value):
            return False
        if uses.bound & set(reads(node.value)):
            return False
        view = isinstance(self.types.get(key), Array) and self.is_view(node.value)
        written = {array for array, _, stores in uses.places if stores}
        return view or not any(
            self.may_alias(one, array, origins) for one in _values(node.value) for array in written
        )

    def is_view(self, node: Any) -> bool:
        """Whether an expression gives memory, or a part of it, and reads none: an index that is an array copies."""
        while isinstance(node, gast.Subscript):
            if not all(isinstance(self.types.get(key), Scalar) for key in reads(node.slice)):
                return False
            node = node.value
        return isinstance(node, gast.Name) or (
            isinstance(node, gast.Call) and dotted(node.func) in ("np.empty", "np.zeros")
        )


def _pays(first: Uses, second: Uses) -> bool:
    """Whether an element that the first loop writes is the only one of its array that both use in a turn."""
    written = {array for array, _, stores in first.places if stores} & {
        array for array, _, _ in second.places
    }
    return any(
        len({index for array, index, _ in (*first.places, *second.places) if array == one}) == 1
        for one in written
    )


def _variables(loop: gast.For) -> set[str]:
    """The variables of a loop and of those in it."""
    return {key for node in walk([loop]) if isinstance(node, gast.For) for key in binds(node)}


def _same_range(a: gast.For, b: gast.For) -> bool:
    return gast.dump(a.target) == gast.dump(b.target) and gast.dump(a.iter) == gast.dump(b.iter)


def _filled(node: Any) -> str | None:
    """The array of ``array.fill(0.0)``."""
    call = node.value if isinstance(node, gast.Expr) else None
    if (
        not isinstance(call, gast.Call)
        or not isinstance(call.func, gast.Attribute)
        or call.func.attr != "fill"
    ):
        return None
    plain = all(isinstance(part, gast.Constant) for part in call.args)
    return call.func.value.id if plain and isinstance(call.func.value, gast.Name) else None


def _values(node: Any) -> Iterator[str]:
    """The names whose values an expression reads; the size of an array is not one."""
    if isinstance(node, gast.Attribute) and node.attr in ("shape", "size"):
        return
    if isinstance(node, gast.Name):
        yield node.id
    for child in children(node):
        yield from _values(child)


# ---- arrays that become numbers ---------------------------------------------------------------------------------


def _contracted(program: Program) -> Program:
    """Arrays of which each turn of a loop uses the one element that it wrote are numbers."""
    body, types = list(program.body), dict(program.types)
    counts = definitions(program.body)
    for array in sorted(counts):
        known = types.get(array)
        if counts[array] != 1 or not isinstance(known, Array) or known.dtype != "float64":
            continue
        made = next(node for node in walk(body) if array in binds(node))
        value = made.value if isinstance(made, gast.Assign) else None
        if not isinstance(value, gast.Call) or dotted(value.func) != "np.empty":
            continue
        store = _only_store(array, body, made)
        if store is not None:
            body = _as_number(array, body, made, store)
            types[array] = Scalar("float64")
    return program.replace(body=tuple(body), types=types)


def _only_store(array: str, body: Sequence[Any], made: Any) -> Any:
    """The statement that writes an element of an array, if only what follows it uses the array, and that element."""
    places = [node for node in walk(body) if array in statement_reads(node)]
    store = next((node for node in places if stored(node) == array), None)
    if store is None or not isinstance(store, gast.Assign) or isinstance(store.value, gast.Constant):
        return None
    block = _after(body, store)
    index = store.targets[0].slice  # type: ignore[attr-defined]
    following = {id(node) for node in walk(block)}
    if not all(id(node) in following for node in places) or array in reads(store.value):
        return None
    if set(reads(index)) & bound_within(block):
        return None
    mentions = elements = 0
    for part in (part for node in walk(body) for header in headers(node) for part in nodes(header)):
        mentions += isinstance(part, gast.Name) and part.id == array
        if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name) and part.value.id == array:
            elements += gast.dump(part.slice) == gast.dump(index)
    return store if mentions == elements else None


def _after(body: Sequence[Any], node: Any) -> list[Any]:
    """A statement and what follows it in its block."""
    found: list[Any] = []

    def look(block: list[Any]) -> list[Any]:
        for k, other in enumerate(block):
            if other is node:
                found.extend(block[k:])
            map_blocks(other, look)
        return block

    look(list(body))
    return found


def _as_number(array: str, body: Sequence[Any], made: Any, store: Any) -> list[Any]:
    """A body with a number in the place of an array; with the number that is written, if that has a name."""
    held = store.value.id if isinstance(store.value, gast.Name) else array
    if held in bound_within(_after(body, store)):
        held = array

    def leave(part: Any) -> Any:
        if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name) and part.value.id == array:
            return gast.copy_location(name(held), part)
        return part

    def change(block: Sequence[Any]) -> list[Any]:
        out = []
        for node in block:
            if node is made or (node is store and held != array):
                continue
            if stored(node) == array:
                own: Any = target(held)
                node = with_fields(
                    node, **({"targets": [own]} if isinstance(node, gast.Assign) else {"target": own})
                )
            out.append(map_blocks(map_headers(node, lambda part: rewrite(part, leave)), change))
        return out

    return change(body)
