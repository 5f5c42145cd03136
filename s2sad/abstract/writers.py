"""NumPy functions that write into their first argument, and `.flat`: each is a store of the language itself."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import integer, structural
from s2sad.abstract.values import Value, container_of
from s2sad.rules.fresh import fresh_dim
from s2sad.runtime import writes
from s2sad.signature import NO_VALUE, Array, ListOf, Opaque, Scalar, Sequence, Static, kind_of
from s2sad.tree.build import binary, call, constant, expression, subscript

NONE = Value(Static(None), gast.Constant(None, None))
EVERYTHING = Value(Static(Ellipsis), gast.Constant(Ellipsis, None))
FLAT = "flat"


def numbers(at: Any, value: Value, node: Any) -> Value:
    """A list of numbers as an array."""
    if value.items is not None or isinstance(value.type, ListOf):
        return at.call_known(np.array, [value], {}, None, node)
    return value


def counted(at: Any, value: Value, count: Value, node: Any) -> Value:
    """As many values as there are places; one number stands for all of them."""
    value = numbers(at, value, node)
    if isinstance(value.type, Scalar) or value.type == Array(getattr(value.type, "dtype", ""), ()):
        return value
    return at.enter(function_of(writes.cycled, at), [value, count], {}, node)


def given(names: tuple[str, ...], args: list[Value], keywords: dict[str, Value]) -> dict[str, Value]:
    """Arguments by the names of a function's parameters."""
    return dict(zip(names, args)) | keywords


def rank_of(at: Any, array: Value, label: str, node: Any) -> int:
    """The rank of an array that is about to be written."""
    if not isinstance(array.type, Array) or array.type.rank is None:
        raise at.refuse(
            "S106", f"{label} of something whose rank is not known", "write by index instead", node
        )
    return array.type.rank


@structural(np.copyto)
def _copyto(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    named = given(("dst", "src", "casting", "where"), args, keywords)
    target, source = named["dst"], named["src"]
    rank_of(at, target, "copyto", node)
    where = named.get("where")
    if where is not None and where.known is not True:
        source = at.call_known(np.where, [where, numbers(at, source, node), target], {}, None, node)
    at.store(target, EVERYTHING, source, node)
    return NONE


@structural(np.fill_diagonal)
def _fill_diagonal(
    at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    named = given(("a", "val", "wrap"), args, keywords)
    array = named["a"]
    rank = rank_of(at, array, "fill_diagonal", node)
    array = at.atom(array)
    if isinstance(named["val"].type, Array) and named["val"].sites & array.sites:
        raise at.refuse(
            "S202", "these values may share memory with the array whose diagonal they are put into",
            "copy them first (`.copy()`): NumPy reads them while it stores", node,
        )  # fmt: skip
    if "wrap" in named and named["wrap"].known is not False and rank == 2:
        if named["wrap"].known is not True:
            raise at.refuse("S109", "a `wrap` of fill_diagonal that is not known here", "write it out", node)
        columns = subscript(gast.Attribute(value=at.whole(array), attr="shape", ctx=gast.Load()), constant(1))
        step = gast.Slice(None, None, binary(columns, gast.Add, constant(1)))
        flat_store(at, array, Value(Opaque(slice), step), named["val"], node)
        return NONE
    shape = gast.Attribute(value=at.whole(array), attr="shape", ctx=gast.Load())
    count = at.atom(integer(call("min", shape)))
    line = gast.Call(func=at.object_node(np.arange), args=[at.whole(count)], keywords=[])
    places = at.bind(line, Value(Array("int64", (fresh_dim("arange"),)), None))
    index = container_of(Sequence(tuple, ()), (places,) * rank)
    at.store(array, index, counted(at, named["val"], count, node), node)
    return NONE


@structural(np.diag)
def _diag(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    """The diagonal of a matrix is a view of it, that of a vector is a matrix of its own."""
    named = given(("v", "k"), args, keywords)
    known = named["v"].type
    if isinstance(known, Array) and known.rank is None and not at.passive:
        raise at.refuse(
            "S106", "`np.diag` of something whose rank is not known: a view of a matrix, or a matrix of its own",
            "write `np.diagonal`, or reshape it first", node,
        )  # fmt: skip
    if not isinstance(known, Array) or known.rank != 2:
        return None
    return at.call_known(np.diagonal, list(named.values()), {}, hint, node)


@structural(np.put)
def _put(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    named = given(("a", "ind", "v", "mode"), args, keywords)
    rank_of(at, named["a"], "put", node)
    array, places = at.atom(named["a"]), named["ind"]
    mode = named["mode"].known if "mode" in named else "raise"
    if mode not in ("raise", "wrap", "clip"):
        raise at.refuse("S109", "a mode of put that is not known here", "write it out", node)
    if mode != "raise":
        size = gast.Attribute(value=at.whole(array), attr="size", ctx=gast.Load())
        bounds = (
            [integer(size)]
            if mode == "wrap"
            else [integer(constant(0)), integer(binary(size, gast.Sub, constant(1)))]
        )
        places = at.call_known(
            np.remainder if mode == "wrap" else np.clip, [numbers(at, places, node), *bounds], {}, None, node
        )
    flat_store(at, array, places, named["v"], node)
    return NONE


@structural(np.place)
def _place(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    named = given(("arr", "mask", "vals"), args, keywords)
    rank_of(at, named["arr"], "place", node)
    mask = at.atom(numbers(at, named["mask"], node))
    count = integer(gast.Call(func=at.object_node(np.count_nonzero), args=[at.whole(mask)], keywords=[]))
    at.store(named["arr"], mask, counted(at, named["vals"], at.atom(count), node), node)
    return NONE


@structural(np.putmask)
def _putmask(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    named = given(("a", "mask", "values"), args, keywords)
    array, mask, values = (
        named["a"],
        at.atom(numbers(at, named["mask"], node)),
        numbers(at, named["values"], node),
    )
    rank_of(at, array, "putmask", node)
    if isinstance(values.type, Scalar):
        at.store(array, mask, values, node)
        return NONE
    whole = gast.Call(func=at.object_node(np.flatnonzero), args=[at.whole(mask)], keywords=[])
    places = at.bind(whole, Value(Array("int64", (fresh_dim("places"),)), None))
    chosen = at.enter(function_of(writes.cycled_at, at), [values, places], {}, node)
    at.store(array, flat_index(at, array, places, node), chosen, node)
    return NONE


@structural(np.ix_)
def _ix(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    """``np.ix_(rows, columns)``: each list of places along a dimension of its own."""
    arrays = [numbers(at, value, node) for value in args]
    if not all(
        isinstance(a.type, Array) and a.type.rank == 1 and kind_of(a.type.dtype) == "int" for a in arrays
    ):
        return None
    parts = []
    for k, array in enumerate(arrays):
        places = ", ".join(":" if axis == k else "None" for axis in range(len(arrays)))
        index = at.index(expression(f"x[{places}]").slice)
        parts.append(at.item(at.atom(array), index, None, node))
    return container_of(Sequence(tuple, ()), tuple(parts))


def set_part(at: Any, array: Value, attr: str, value: Value, node: Any) -> bool:
    """``z.real = value``, ``z.imag = value`` and ``a.flat = values``; False for what is no such part of an array."""
    if not isinstance(array.type, Array):
        return False
    is_complex = kind_of(array.type.dtype) == "complex"
    array = at.atom(array)
    if attr == FLAT:
        every = Value(Static(slice(None)), gast.Slice(None, None, None))
        flat_store(at, array, every, value, node)
        return True
    if attr == "real" or (attr == "imag" and is_complex):
        at.store(at.attribute(array, attr, None, node), EVERYTHING, value, node)
        return True
    return False


# ---- .flat --------------------------------------------------------------------------------------
def flat(array: Value, whole: gast.expr) -> Value:
    """``array.flat``."""
    return Value(Opaque(np.flatiter), whole, origin=(FLAT, array))


def flattened_array(value: Value) -> Value | None:
    """The array that a value is the `.flat` of."""
    if isinstance(value.origin, tuple) and value.origin and value.origin[0] == FLAT:
        return value.origin[1]
    return None


def flat_index(at: Any, array: Value, index: Value, node: Any) -> Value:
    """The index into the array itself for an index into its elements in order."""
    rank = rank_of(at, array, "`.flat`", node)
    size = gast.Attribute(value=at.whole(at.atom(array)), attr="size", ctx=gast.Load())
    if isinstance(index.type, Scalar) and rank == 1:
        return index
    if type(index.known) is int and index.known == 0:
        return container_of(Sequence(tuple, ()), (index,) * rank)
    if isinstance(index.type, Scalar) and _from_the_start(index):
        place = integer(at.whole(index))
    elif isinstance(index.type, Scalar):
        place = at.bind(subscript(call("range", size), at.whole(index)), integer(constant(0)).but(node=None))
    else:
        if isinstance(index.type, Array) and index.type.rank != 1:
            raise at.refuse(
                "S109", "`.flat` with an index of several dimensions", "flatten the index first", node
            )
        line = gast.Call(func=at.object_node(np.arange), args=[size], keywords=[])
        chosen = subscript(line, at.index_node(index))
        place = at.bind(chosen, Value(Array("int64", (fresh_dim("places"),)), None))
    if rank == 1:
        return place
    parts: list[Value] = []
    rest = place
    for axis in range(rank - 1, -1, -1):
        length = subscript(
            gast.Attribute(value=at.whole(at.atom(array)), attr="shape", ctx=gast.Load()), constant(axis)
        )
        here = binary(at.whole(rest), gast.Mod, length) if axis else at.whole(rest)
        parts.append(at.bind(here, rest.but(node=None)))
        rest = at.bind(binary(at.whole(rest), gast.FloorDiv, length), rest.but(node=None)) if axis else rest
    return container_of(Sequence(tuple, ()), tuple(parts[::-1]))


def _is_vector(array: Value) -> bool:
    return isinstance(array.type, Array) and array.type.rank == 1


def _from_the_start(index: Value) -> bool:
    """Whether an index is a count of elements from the first: one that is too large is so on the first axis too."""
    return type(index.known) is int and index.known >= 0


def flat_store(at: Any, array: Value, index: Value, value: Value, node: Any) -> None:
    """``array.flat[index] = value``: values start over where there are fewer than places."""
    array = at.atom(array)
    value = numbers(at, value, node)
    if isinstance(index.type, (Static, Opaque)) and isinstance(value.type, Scalar) and _is_vector(array):
        at.store(array, index, value, node)  # a slice, of which one value fills all
        return
    where = flat_index(at, array, index, node)
    if not isinstance(index.type, Scalar) and not isinstance(value.type, Scalar):
        first = where if where.items is None else where.items[0]
        value = counted(at, value, at.atom(integer(call("len", at.whole(first)))), node)
    at.store(array, where, value, node)


__all__ = ["NO_VALUE", "flat", "flat_index", "flat_store", "flattened_array"]
