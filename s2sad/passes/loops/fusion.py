"""Neighbouring nests become one where every element is touched in the same turn by both, and temporaries vanish."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import gast

from s2sad.analysis.memory import CONTAINERS, is_append
from s2sad.passes.loops.drafting import Drafting, is_view
from s2sad.passes.loops.nest import Nest, Store, same_extent, shift_of
from s2sad.signature import Array, ListOf, Scalar
from s2sad.tree.build import binary, name
from s2sad.tree.dataflow import assigned, binds, is_comment, reads, rewrite, statement_reads

FARTHEST = 12
"""How many pieces back a nest looks for one to join."""


def fused(pieces: list[Any], drafting: Drafting, ends: Callable[[str], bool]) -> list[Any]:
    """The pieces of a block with neighbouring nests put together; `ends` tells what is read after the block."""
    out: list[Any] = []
    for piece in pieces:
        previous = _partner(out, piece, drafting) if isinstance(piece, Nest) else None
        if previous is not None:
            between = out[previous + 1 :]
            comments = between if all(map(is_comment, between)) else []
            out[previous] = _together(out[previous], piece, comments)
            out[previous + 1 :] = [] if comments else between
        elif out and isinstance(out[-1], Nest) and _may_go_before(piece, out[-1], drafting):
            out[-1].before.append(piece)
        elif out and isinstance(out[-1], Nest) and (_is_recording(piece) or _is_of_numbers(piece, drafting)):
            out[-1].after.append(piece)  # what it binds does not keep the next nest away
        else:
            out.append(piece)
    for k, piece in enumerate(out):
        if isinstance(piece, Nest):
            _shed(piece, drafting, functools.partial(lives_on, after=out[k + 1 :], ends=ends))
    return out


def _partner(out: list[Any], nest: Nest, drafting: Drafting) -> int | None:
    """The place of a nest that another can join: the last one, or one before it if nothing in between is in the way."""
    for k in range(len(out) - 1, max(len(out) - FARTHEST, 0) - 1, -1):
        if isinstance(out[k], Nest) and _may_fuse(out[k], nest, drafting):
            return k
        if not is_comment(out[k]) and not _may_pass(nest, out[k], drafting):
            return None
    return None


def _may_pass(nest: Nest, piece: Any, drafting: Drafting) -> bool:
    """Whether a nest may come before a piece that stands before it."""
    bound, used = _bound_around(nest), _mentioned(nest) | {array for array, _ in nest.stores()}
    if isinstance(piece, Nest):
        made, mentioned = _bound_around(piece), _mentioned(piece) | {array for array, _ in piece.stores()}
        written = {array for array, _ in piece.stores()}
    elif assigned(piece) is not None and drafting.memory.is_pure(piece.value):
        made, mentioned, written = {*binds(piece)}, {*binds(piece), *statement_reads(piece)}, set()
    else:
        return False
    if made & used or bound & mentioned:
        return False
    pairs = [(one, other) for one in written for other in used]
    pairs += [(one, other) for one, _ in nest.stores() for other in mentioned]
    return not any(one == other or _alias(one, other, drafting) for one, other in pairs)


def _is_of_numbers(piece: Any, drafting: Drafting) -> bool:
    """Whether a statement computes one number from others."""
    if not isinstance(piece, (gast.Assign, gast.AugAssign)):
        return False
    bound = binds(piece)
    names = [*bound, *(key for key in statement_reads(piece) if key in drafting.types)]
    numbers = all(isinstance(drafting.types.get(key), Scalar) for key in names)
    return len(bound) == 1 and numbers and drafting.memory.is_pure(piece.value)


def _is_recording(piece: Any) -> bool:
    """Whether a statement puts what a name refers to in a list."""
    return (
        isinstance(piece, gast.Expr) and is_append(piece.value) and isinstance(piece.value.args[0], gast.Name)
    )


def _may_go_before(piece: Any, nest: Nest, drafting: Drafting) -> bool:
    """Whether a statement names a part of an array, or an item of a list, that is there before the loops of a nest."""
    bound = assigned(piece)
    if (
        bound is None
        or not isinstance(piece.value, gast.Subscript)
        or not isinstance(piece.value.value, gast.Name)
    ):
        return False
    whole, part = drafting.types.get(piece.value.value.id), drafting.types.get(bound)
    if not isinstance(part, Array) or not part.shape or bound in (*_mentioned(nest), *nest.made):
        return False
    listed = isinstance(whole, ListOf)
    if not listed and not (isinstance(whole, Array) and is_view(piece.value, drafting.typer)):
        return False
    done = {key for node in nest.after for key in binds(node)} | _totals(nest)
    read = set(statement_reads(piece))
    return not (done & read or _grows(nest, read, drafting)) and drafting.memory.is_pure(piece.value)


def _grows(nest: Nest, names: Iterable[str], drafting: Drafting) -> bool:
    """Whether one of some names is that of a list to which something is appended after the loops of a nest."""
    memory = drafting.memory
    recorded = [key for node in nest.after if _is_recording(node) for key in reads(node.value.func)]
    roots = set(map(memory.root, recorded))
    return any(memory.kind(key) & CONTAINERS and memory.root(key) in roots for key in names)


# ---- whether ----------------------------------------------------------------------------------------------------


def _may_fuse(a: Nest, b: Nest, drafting: Drafting) -> bool:
    if a.rank != b.rank or not all(map(same_extent, a.extents, b.extents)):
        return False
    if _bound_around(b) & _used(a):
        return False
    written_a, written_b = a.stores(), b.stores()
    pairs = [(one, other) for one in written_a for other in (*b.loads(), *written_b)]
    pairs += [(one, other) for one in written_b for other in a.loads()]
    if not all(_independent(one, other, a, drafting) for one, other in pairs):
        return False
    finished = {bound for node in a.after for bound in binds(node)} | _totals(a)
    if _values_read(b.before, {array for array, _ in written_a} | finished, drafting):
        return False
    if _inside(b) & finished or _grows(a, _inside(b) | _read_before(b), drafting):
        return False
    return not _values_read(a.after, {array for array, _ in written_b} | _totals(b), drafting)


def _bound_around(nest: Nest) -> set[str]:
    """What a nest binds, other than the elements of arrays."""
    around = (*nest.before, *nest.after)
    return {bound for node in around for bound in binds(node)} | nest.made | _totals(nest)


def _used(nest: Nest) -> set[str]:
    """What a nest mentions from its loops on."""
    after = {key for node in nest.after for key in (*statement_reads(node), *binds(node))}
    arrays = {array for array, _ in (*nest.loads(), *nest.stores())}
    return after | arrays | _inside(nest) | _totals(nest) | nest.made


def _inside(nest: Nest) -> set[str]:
    """What is read in the loops."""
    found = {key for value in nest.reads() for key in reads(value)}
    found |= {key for node in (*nest.opening, *nest.closing) for key in statement_reads(node)}
    return found | {key for extent in nest.extents for key in reads(extent.base)}


def _independent(one: tuple[str, Any], other: tuple[str, Any], a: Nest, drafting: Drafting) -> bool:
    """Whether a write and another access are apart, or of the same element in the same turn."""
    if not drafting.may_alias(one[0], other[0]):
        return True
    if one[0] != other[0]:
        return False
    return _are_apart(one[1], other[1]) or _same_element(one[1], other[1], a)


def _are_apart(p: Any, q: Any) -> bool:
    """Whether two indices differ in a number."""
    places = [(part.value, other.value) for part, other in zip(p, q) if _is_place(part) and _is_place(other)]
    return any(one != other for one, other in places)


def _is_place(node: Any) -> bool:
    """Whether an index is a number that does not count from the end."""
    return isinstance(node, gast.Constant) and type(node.value) is int and node.value >= 0


def _same_element(p: Any, q: Any, a: Nest) -> bool:
    texts = [gast.dump(part) for part in p]
    if texts != [gast.dump(part) for part in q]:
        return False
    used = {shift[0] for shift in map(shift_of, p) if shift is not None}
    return {f"@{axis}" for axis in range(a.rank)} <= used


def _totals(nest: Nest) -> set[str]:
    found = {item.name for item in nest.items if not isinstance(item, Store)}
    return found | {bound for node in nest.opening for bound in binds(node)}


def _values_read(statements: list[Any], written: set[str], drafting: Drafting) -> bool:
    """Whether statements read what is written; the shape of an array is not."""
    for node in statements:
        if _is_recording(node):
            continue  # a list holds the array itself
        for inner in _walk(node):
            for key in _value_reads(inner):
                if any(key == other or _alias(key, other, drafting) for other in written):
                    return True
    return False


def _walk(node: Any) -> list[Any]:
    inner = [part for field in ("body", "orelse") for part in getattr(node, field, [])]
    return [node, *(deep for part in inner for deep in _walk(part))]


def _value_reads(node: Any) -> list[str]:
    def leave(part: Any) -> Any:
        shape = (
            isinstance(part, gast.Attribute) and part.attr == "shape" and isinstance(part.value, gast.Name)
        )
        return gast.Constant(value=0, kind=None) if shape else part

    found: list[str] = []
    for field in ("value", "test", "exc"):
        part = getattr(node, field, None)
        if isinstance(part, gast.AST):
            found += reads(rewrite(part, leave))
    if isinstance(node, gast.Assign) and not isinstance(node.targets[0], gast.Name):
        found += statement_reads(node)
    if isinstance(node, gast.AugAssign):
        found += reads(node.target)
    return found


def _alias(a: str, b: str, drafting: Drafting) -> bool:
    arrays = isinstance(drafting.types.get(a), Array) and isinstance(drafting.types.get(b), Array)
    return arrays and drafting.may_alias(a, b)


def _together(a: Nest, b: Nest, comments: list[Any]) -> Nest:
    return Nest(
        a.extents, [*a.items, *b.items], a.place, [*a.before, *b.before], [*a.after, *b.after],
        [*a.opening, *b.opening], [*a.closing, *b.closing], a.made | b.made,
        [*a.comments, *comments, *b.comments],
    )  # fmt: skip


# ---- temporaries that vanish ------------------------------------------------------------------------------------


def _mentioned(piece: Any) -> set[str]:
    if not isinstance(piece, Nest):
        inner = {key for part in _walk(piece) for key in (_mentioned(part) if isinstance(part, Nest) else ())}
        return inner | {
            key for part in _walk(piece) if not isinstance(part, Nest) for key in statement_reads(part)
        }
    found = {key for value in piece.reads() for key in reads(value)}
    found |= {item.array for item in piece.items if isinstance(item, Store)}
    around = (*piece.before, *piece.after, *piece.opening, *piece.closing)
    found |= {key for extent in piece.extents for key in reads(extent.base)}
    return found | {key for node in around for part in _walk(node) for key in statement_reads(part)}


def _shed(nest: Nest, drafting: Drafting, lives_on: Callable[[str], bool]) -> None:
    """Arrays that only live inside of a nest become variables of its body."""
    for array in sorted(nest.made):
        known = drafting.types[array]
        if lives_on(array) or not isinstance(known, Array):
            continue
        made = next((node for node in nest.before if assigned(node) == array), None)
        around = [n for n in (*nest.before, *nest.after, *nest.opening, *nest.closing) if n is not made]
        if any(array in statement_reads(part) for node in around for part in _walk(node)):
            continue
        if not all(_is_full(index, nest) for key, index in [*nest.loads(), *nest.stores()] if key == array):
            continue
        nest.made.remove(array)
        nest.before = [node for node in nest.before if node is not made]
        once = drafting.counts.get(array) == 1 and array not in drafting.parameters  # its sizes may be read
        alone = array in drafting.own or once
        number = array if alone else drafting.fresh(array, drafting.types[array])
        drafting.types[number] = Scalar(known.dtype)
        for item in nest.items:
            item.value = _with_number(_with_extents(item.value, array, nest), array, number)
            if isinstance(item, Store) and item.array == array:
                item.array, item.index = number, ()


def lives_on(array: str, after: list[Any], ends: Callable[[str], bool]) -> bool:
    """Whether an array is read after a nest: by what follows in the block, or after that."""
    for piece in after:
        if isinstance(piece, Nest):
            if array in piece.made and array not in _read_before(piece):
                return False
        elif assigned(piece) == array and array not in statement_reads(piece):
            return False
        if array in _mentioned(piece):
            return True
    return ends(array)


def _read_before(nest: Nest) -> set[str]:
    """What the statements before the loops read."""
    return {key for node in nest.before for part in _walk(node) for key in statement_reads(part)}


def _is_full(index: Any, nest: Nest) -> bool:
    return [gast.dump(part) for part in index] == [gast.dump(part) for part in nest.full]


def _with_extents(node: Any, array: str, nest: Nest) -> Any:
    """An expression with what is counted in the place of the sizes of an array that is no more."""

    def is_of_array(part: Any, attr: str) -> bool:
        return (
            isinstance(part, gast.Attribute) and part.attr == attr and getattr(part.value, "id", "") == array
        )

    def leave(part: Any) -> Any:
        if is_of_array(part, "size"):
            sizes = [extent.length for extent in nest.extents]
            return gast.copy_location(functools.reduce(lambda a, b: binary(a, gast.Mult, b), sizes), part)
        if isinstance(part, gast.Subscript) and is_of_array(part.value, "shape"):
            return gast.copy_location(nest.extents[part.slice.value].length, part)
        return part

    return rewrite(node, leave)


def _with_number(node: Any, array: str, number: str) -> Any:
    def leave(part: Any) -> Any:
        if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Name) and part.value.id == array:
            return gast.copy_location(name(number), part)
        return part

    return rewrite(node, leave)
