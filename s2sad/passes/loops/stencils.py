"""What one array adds to another at several distances is gathered in one nest: the transpose of a stencil.

An array that is only added to others, shifted by ``0, 1, ...``, is given a border of zeros instead, so that each
element of the other array can be completed in one turn, by one sum, wherever it lies.  What the nest that makes the
array adds of it to the other one itself goes into that sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import gast

from s2sad.passes.loops.drafting import Drafting
from s2sad.passes.loops.nest import RUNNING as VARIABLES
from s2sad.passes.loops.nest import Extent, Nest, Store, element, is_certain, same_extent, shift_of, shifted
from s2sad.signature import Array, Dim, Size
from s2sad.tree.build import binary, call
from s2sad.tree.dataflow import assigned, rewrite, statement_reads, with_fields

Shifts = tuple[int, ...]


def gathered(pieces: list[Any], drafting: Drafting, lives_on: Callable[[str, list[Any]], bool]) -> list[Any]:
    """The pieces of a block with nests that scatter one array as one nest; `lives_on`: is it read in those pieces?"""
    out: list[Any] = []
    k = 0
    while k < len(pieces):
        out.append(pieces[k])
        k += 1
        if not isinstance(out[-1], Nest):
            continue
        for array in sorted(out[-1].made):
            count = _scatters(out[-1], array, pieces[k:])
            if count > 1 and not lives_on(array, pieces[k + count :]):
                found = _one_nest(out[-1], array, pieces[k : k + count], drafting)
                if found is not None:
                    out[-1:] = found
                    k += count
                    break
    return out


def _scatters(first: Nest, array: str, pieces: Sequence[Any]) -> int:
    """How many of the nests that follow do nothing but to add an array to another one, the same for all."""
    count = 0
    target = ""
    for piece in pieces:
        item = _scatter(first, array, piece)
        if item is None or target not in ("", item.array):
            break
        target = item.array
        count += 1
    return count


def _scatter(first: Nest, array: str, piece: Any) -> Store | None:
    if not isinstance(piece, Nest) or len(piece.items) != 1 or piece.rank != first.rank:
        return None
    if piece.before or piece.after or piece.opening or piece.closing or piece.made or piece.comments:
        return None
    item = piece.items[0]
    if not isinstance(item, Store) or not isinstance(item.op, (gast.Add, gast.Sub)) or item.array == array:
        return None
    if not _is_multiple(item.value, array, first) or _shifts(item.index) is None:
        return None
    return item if all(map(same_extent, piece.extents, first.extents)) else None


def _is_multiple(node: Any, array: str, nest: Nest) -> bool:
    """Whether an expression is zero where an array's element of the turn is: that element, or a fixed multiple."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        return _is_multiple(node.operand, array, nest)
    if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Mult):
        sides = (node.left, node.right)
        number = any(isinstance(side, gast.Constant) and math.isfinite(side.value) for side in sides)
        return number and any(_is_multiple(side, array, nest) for side in sides)
    return _is_plain(node, array, nest)


def _is_plain(node: Any, array: str, nest: Nest) -> bool:
    """Whether an expression is an array's element of the turn."""
    return (
        isinstance(node, gast.Subscript)
        and isinstance(node.value, gast.Name)
        and node.value.id == array
        and gast.dump(node.slice) == gast.dump(element(array, nest.full).slice)
    )


def _shifts(index: tuple[Any, ...]) -> Shifts | None:
    """How far an index is from that of the turn, in each dimension."""
    found = [shift_of(part) for part in index]
    if any(part is None or part[0] != VARIABLES[axis] for axis, part in enumerate(found)):
        return None
    return tuple(part[1] for part in found if part is not None)


def _one_nest(first: Nest, array: str, nests: Sequence[Nest], drafting: Drafting) -> list[Nest] | None:
    """The nest that makes an array, now with a border, and the one that gathers it."""
    items: list[Store] = [nest.items[0] for nest in nests]
    first, own = _without_own(first, array, items[0].array)
    items[:0] = own
    shifts = [_shifts(item.index) or () for item in items]
    low, high = (tuple(map(pick, zip(*shifts))) for pick in (min, max))
    border = tuple(b - a for a, b in zip(low, high))
    extents = _extents(first, items[0].array, low, high, drafting)
    if extents is None or not any(border) or not _may_move(first, array):
        return None
    terms = []
    for item, shift in zip(items, shifts):
        index = tuple(shifted(part, b - s) for part, b, s in zip(first.full, high, shift))
        value = _with_element(item.value, array, first, index)
        terms.append((type(item.op), gast.copy_location(value, item.value)))
    place = tuple(shifted(part, a) for part, a in zip(first.full, low))
    return [
        _bordered(first, array, border, extents),
        Nest(extents, [_sum_stored(items[0].array, place, terms)], nests[0].place),
    ]


def _without_own(first: Nest, array: str, target: str) -> tuple[Nest, list[Store]]:
    """The nest that makes an array without what it adds of it to the target itself, and that.

    It may be added behind the nest if each turn has read what it wants of the target before, in the same place.
    """
    own = first.items[-1]
    if (
        not (isinstance(own, Store) and isinstance(own.op, (gast.Add, gast.Sub)) and own.array == target)
        or not _is_multiple(own.value, array, first)
        or _shifts(own.index) is None
        or first.after
        or first.closing
    ):
        return first, []
    rest = replace(first, items=first.items[:-1])
    around = [*rest.before, *rest.opening]
    here = [gast.dump(part) for part in own.index]
    if any(target in statement_reads(node) for node in around) or any(
        key == target and [gast.dump(part) for part in index] != here
        for key, index in (*rest.loads(), *rest.stores())
    ):
        return first, []
    return rest, [own]


def _sum_stored(target: str, index: tuple[Any, ...], terms: Sequence[tuple[type, Any]]) -> Store:
    """What adds several terms, each with its sign, to one element."""
    ordered = sorted(terms, key=lambda term: term[0] is gast.Sub)
    sign, total = ordered[0]
    for other, term in ordered[1:]:
        total = binary(total, gast.Add if other is sign else gast.Sub, term)
    return Store(target, index, gast.copy_location(total, terms[0][1]), sign())


def _with_element(node: Any, array: str, nest: Nest, index: tuple[Any, ...]) -> Any:
    """An expression with another element of an array in the place of that of the turn."""

    def leave(part: Any) -> Any:
        return gast.copy_location(element(array, index), part) if _is_plain(part, array, nest) else part

    return rewrite(node, leave)


def _extents(first: Nest, target: str, low: Shifts, high: Shifts, drafting: Drafting) -> list[Extent] | None:
    """The loops over all elements of the target that anything is added to."""
    known = drafting.types.get(target)
    if not isinstance(known, Array) or known.shape is None or len(known.shape) != first.rank:
        return None
    found = []
    for axis, extent in enumerate(first.extents):
        whole = drafting.length(target, axis, known)
        rest = _difference(known.shape[axis], extent.size)
        if rest is None or rest < high[axis]:
            return None
        less = rest - high[axis] + low[axis]
        size = known.shape[axis]
        left: Size = size - less if isinstance(size, int) else replace(size, offset=size.offset - less)
        key = (whole.key, less) if less else whole.key
        found.append(Extent(left, whole.base, whole.less + less, key))
    return found


def _difference(a: Size, b: Size) -> int | None:
    """How much larger one size is than another."""
    if isinstance(a, int) and isinstance(b, int):
        return a - b
    if isinstance(a, Dim) and isinstance(b, Dim) and a.symbol == b.symbol and is_certain(a):
        return a.offset - b.offset
    return None


def _may_move(nest: Nest, array: str) -> bool:
    """Whether nothing but the elements of an array, each in its turn, is used where it is made."""
    made = [node for node in nest.before if assigned(node) == array]
    around = [node for node in (*nest.before, *nest.after, *nest.opening, *nest.closing) if node not in made]
    if len(made) != 1 or any(array in statement_reads(node) for node in around):
        return False
    stores = [item for item in nest.items if isinstance(item, Store) and item.array == array]
    if len(stores) != 1 or stores[0].op is not None or stores[0].function:
        return False
    return all(_shifts(index) == (0,) * nest.rank for key, index in nest.loads() if key == array)


def _bordered(nest: Nest, array: str, border: Shifts, extents: Sequence[Extent]) -> Nest:
    """The nest that makes an array, with a border of zeros on all sides."""
    moved = tuple(shifted(part, b) for part, b in zip(nest.full, border))
    items = []
    for item in nest.items:
        own = isinstance(item, Store) and item.array == array
        changed = {"index": moved} if own else {}
        items.append(replace(item, value=_with_element(item.value, array, nest, moved), **changed))
    sizes = [replace(extent, less=extent.less - b).length for extent, b in zip(extents, border)]
    shape = sizes[0] if len(sizes) == 1 else gast.Tuple(elts=sizes, ctx=gast.Load())
    before = [
        with_fields(node, value=call("np.zeros", shape, *node.value.args[1:]))
        if assigned(node) == array
        else node
        for node in nest.before
    ]
    return replace(nest, items=items, before=before)
