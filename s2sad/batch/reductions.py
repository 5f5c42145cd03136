"""Sums and their kin over the axes of one direction."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.batch.axes import moved, shifted
from s2sad.batch.record import batched
from s2sad.signature import NO_VALUE
from s2sad.tree.build import call, clone, constant


def _reduction(function: str) -> Any:
    def form(b: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
             initial: Any = None, where: Any = None) -> gast.expr | None:  # fmt: skip
        keep, rank = b.known(keepdims), b.rank(a)
        where_to = moved(b.known(axis), rank)
        plain = all(b.known(given) is None for given in (dtype, out, initial, where))
        if where_to is NO_VALUE or keep is NO_VALUE or not plain:
            return None
        if rank == 0:
            return b(a)  # type: ignore[no-any-return]
        more = {"keepdims": constant(True)} if keep else {}
        return b.np(function, b(a), axis=constant(where_to), **more)  # type: ignore[no-any-return]

    return form


batched(np.sum)(_reduction("sum"))
batched(np.mean)(_reduction("mean"))


def _along(function: str) -> Any:
    """Functions with an `axis` of which None means the flattened array."""

    def form(b: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> gast.expr | None:
        along, rank = b.known(axis), b.rank(a)
        if along is NO_VALUE or not rank or (along is None and rank != 1):
            return None
        return b.np(function, b(a), axis=constant(1 if along is None else shifted(along)))  # type: ignore[no-any-return]

    return form


batched(np.cumsum)(_along("cumsum"))


@batched(np.flip)
def flip(b: Any, m: Any, axis: Any = None) -> gast.expr | None:
    where = moved(b.known(axis), b.rank(m))
    return None if where is NO_VALUE else b.np("flip", b(m), constant(where))


@batched(np.roll)
def roll(b: Any, a: Any, shift: Any, axis: Any = None) -> gast.expr | None:
    where, rank = b.known(axis), b.rank(a)
    if where is NO_VALUE or not rank or (where is None and rank != 1):
        return None
    return b.np("roll", b(a), clone(shift), axis=constant(1 if where is None else moved(where, rank)))  # type: ignore[no-any-return]


@batched(np.diff)
def diff(b: Any, a: Any, n: Any = 1, axis: Any = -1) -> gast.expr | None:
    times, where = b.known(n), b.known(axis)
    if times is NO_VALUE or where is NO_VALUE or b.rank(a) is None:
        return None
    return b.np("diff", b(a), constant(times), axis=constant(shifted(where)))  # type: ignore[no-any-return]


@batched(np.trace)
def trace(b: Any, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> gast.expr | None:
    return _diagonals(b, "trace", a, offset, axis1, axis2)


@batched(np.diagonal)
def diagonal(b: Any, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> gast.expr | None:
    return _diagonals(b, "diagonal", a, offset, axis1, axis2)


def _diagonals(b: Any, function: str, a: Any, offset: Any, axis1: Any, axis2: Any) -> gast.expr | None:
    by, first, second = b.known(offset), b.known(axis1), b.known(axis2)
    if NO_VALUE in (by, first, second) or b.rank(a) is None:
        return None
    axes = [constant(by), constant(shifted(first)), constant(shifted(second))]
    return b.np(function, b(a), *axes)  # type: ignore[no-any-return]


@batched(np.diag)
def diag(b: Any, v: Any, k: Any = 0) -> gast.expr | None:
    return diagonal(b, v, k) if b.rank(v) == 2 else None


def _triangle(function: str) -> Any:
    def form(b: Any, m: Any, k: Any = 0) -> gast.expr | None:
        by = b.known(k)
        return b.np(function, b(m), constant(by)) if by is not NO_VALUE and (b.rank(m) or 0) >= 2 else None

    return form


batched(np.triu)(_triangle("triu"))
batched(np.tril)(_triangle("tril"))


@batched(sum)
def builtin_sum(b: Any, iterable: Any, start: Any = None) -> gast.expr | None:
    zero = b.np("zeros", clone(b.count))
    return None if start is not None else call("sum", b(iterable), zero)
