"""``ufunc.at(array, index, values)``: the updates in place in which an index may repeat."""

from __future__ import annotations

import functools
from typing import Any

import gast
import numpy as np

from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import integer, structural
from s2sad.abstract.values import Value
from s2sad.abstract.writers import NONE, numbers
from s2sad.rules.indexing import may_repeat
from s2sad.rules.record import registered
from s2sad.runtime import writes
from s2sad.signature import Array, ListOf, Scalar, Sequence
from s2sad.tree.build import call, names_in, slices_in

ONE_BY_ONE = {
    (1, 0): writes.each_at, (1, 1): writes.each_at_by, (2, 0): writes.each_at_two, (2, 1): writes.each_at_two_by,
}  # fmt: skip
"""What updates one place after the other, by the number of arrays in the index and of operands."""


def _accumulate(
    ufunc: Any, at: Any, args: list[Value], keywords: Any, hint: Any, node: gast.Call
) -> Value | None:
    """``np.add.at`` is a statement of core: the sweeps know its derivative."""
    owner, index, value = args
    if not isinstance(owner.type, Array):
        return None
    value = numbers(at, value, node)
    if ufunc is np.subtract:
        value = at.call_known(np.negative, [value], {}, None, node)
    at.claim(owner, value, node)
    given = at.whole(at.atom(value) if value.varied else value)
    where = slices_in(at.whole(index))
    func = gast.Attribute(value=at.object_node(np.add), attr="at", ctx=gast.Load())
    at.emit(gast.Expr(value=call(func, at.whole(at.atom(owner)), where, given)))
    return NONE


def _update(
    ufunc: Any, at: Any, args: list[Value], keywords: Any, hint: Any, node: gast.Call
) -> Value | None:
    """Any other: one store where no place comes twice, one place after the other where one may."""
    array, index, *values = args
    if not isinstance(array.type, Array) or array.type.rank is None:
        raise at.refuse("S109", f"{ufunc.__name__}.at of this", "write a loop over the places", node)
    values = [numbers(at, value, node) for value in values]
    if not _is_places(index):
        index = index.but(node=slices_in(at.whole(index)))
        types = {key: at.types[key] for key in names_in(index.node) if key in at.types}
        if not may_repeat(index.node, types, index.type):
            old = at.item(array, index, None, node)
            at.store(array, index, at.call_known(ufunc, [old, *values], {}, None, node), node)
            return NONE
    several = isinstance(index.type, Sequence) and index.type.cls is tuple and index.items is not None
    places = list(index.items or ()) if several else [index]
    places = [at.atom(numbers(at, place, node)) for place in places if _is_places(place)]
    step = ONE_BY_ONE.get((len(places), len(values)))
    if step is None or several and len(places) < len(index.items or ()):
        raise at.refuse("S109", f"this index of {ufunc.__name__}.at", "write a loop over the places", node)
    values = [_for_each(at, value, places, array, node) for value in values]
    at.enter(function_of(step, at), [array, *places, *values, at.static(ufunc)], {}, node)
    return NONE


def _is_places(index: Value) -> bool:
    """Whether an index is a list of places, in which one may come twice."""
    if isinstance(index.type, ListOf) or (isinstance(index.type, Sequence) and index.type.cls is list):
        return True
    return isinstance(index.type, Array) and index.type.rank == 1 and index.type.dtype != "bool"


def _for_each(at: Any, value: Value, places: list[Value], array: Value, node: Any) -> Value:
    """A value for each place."""
    if isinstance(value.type, Scalar):
        count = integer(call("len", at.whole(places[0])))
        return at.atom(at.call_known(np.full, [count, value], {}, None, node))
    rank = array.type.rank - len(places) + 1  # type: ignore[attr-defined]
    if not isinstance(value.type, Array) or value.type.rank != rank:
        raise at.refuse("S109", "values of this shape in `at`", "write a loop over the places", node)
    return value


for _ufunc in registered():
    if isinstance(_ufunc, np.ufunc) and _ufunc.signature is None and _ufunc.nout == 1:
        _handler = _accumulate if _ufunc in (np.add, np.subtract) else _update
        structural(_ufunc.at)(functools.partial(_handler, _ufunc))
