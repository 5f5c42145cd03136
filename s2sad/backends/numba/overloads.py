"""What Numba lacks and emitted code calls: the runtime's transposes, `numpy.diagonal`, `numpy.roll` along an axis.

`register` tells Numba of them; each is chosen by the types of its arguments, as the functions that it stands for choose
by their values.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from s2sad.runtime import elementary
from s2sad.runtime.arrays import (
    embed_diagonal,
    flattened,
    last_write,
    numbers_of,
    unbroadcast,
    unstack,
)
from s2sad.runtime.assumed import real_valued, standing_still
from s2sad.runtime.order import share_ties
from s2sad.runtime.recurrences import recurrence, shifted

KNOWN: dict[Any, str] = {
    function: f"from {function.__module__} import {function.__name__}"
    for function in (
        unbroadcast,
        unstack,
        embed_diagonal,
        flattened,
        last_write,
        recurrence,
        shifted,
        numbers_of,
        share_ties,
        real_valued,
        standing_still,
        *(vector for vector, _ in elementary.VECTOR.values()),
    )
}
"""The functions of ours that compiled code may call, and how it imports them."""


@functools.lru_cache(maxsize=1)
def register() -> None:
    """Tell Numba, once."""
    from numba import types
    from numba.core.errors import TypingError
    from numba.cpython.unsafe import tuple as unsafe_tuple
    from numba.extending import overload
    from numba.np.numpy_support import as_dtype

    tuple_setitem: Any = unsafe_tuple.tuple_setitem

    def is_array(known: Any) -> bool:
        return isinstance(known, types.Array)

    def given(known: Any) -> Any:
        """The value of an argument that is a constant, or was left out."""
        return getattr(known, "literal_value", getattr(known, "value", known))

    @overload(np.shares_memory)
    def _shares_memory(a: Any, b: Any) -> Any:
        """Whether two arrays lie in one stretch of memory: as `numpy.may_share_memory`, which takes no search."""
        if not is_array(a) or not is_array(b):
            return lambda a, b: False

        def overlap(a: Any, b: Any) -> bool:
            if a.size == 0 or b.size == 0:
                return False
            first, last = a.ctypes.data, a.ctypes.data + a.itemsize
            for k in range(a.ndim):
                reach = (a.shape[k] - 1) * a.strides[k]
                first, last = (first + reach, last) if reach < 0 else (first, last + reach)
            begin, end = b.ctypes.data, b.ctypes.data + b.itemsize
            for k in range(b.ndim):
                reach = (b.shape[k] - 1) * b.strides[k]
                begin, end = (begin + reach, end) if reach < 0 else (begin, end + reach)
            return first < end and begin < last

        return overlap

    @overload(unbroadcast, strict=False)
    def _unbroadcast(wide: Any, like: Any) -> Any:
        if not is_array(wide):
            return (
                (lambda wide, like: np.full(like.shape, wide)) if is_array(like) else lambda wide, like: wide
            )
        if not is_array(like):
            return lambda wide, like: wide.sum()
        if like.ndim > wide.ndim:
            return lambda wide, like: np.broadcast_to(wide, like.shape).copy()
        rank, extra, dtype = like.ndim, wide.ndim - like.ndim, as_dtype(wide.dtype)
        if rank == 0:
            return None

        def summed(wide: Any, like: Any) -> Any:
            for axis in range(rank):
                if like.shape[axis] != wide.shape[axis + extra] and like.shape[axis] != 1:
                    raise ValueError("operands could not be broadcast together: their shapes differ")
            out = np.zeros(like.shape, dtype)
            for index, value in np.ndenumerate(wide):
                place = like.shape
                for axis in range(rank):
                    place = tuple_setitem(place, axis, 0 if like.shape[axis] == 1 else index[axis + extra])
                out[place] += value
            return out

        return summed

    exact: Any = {"error_model": "numpy", "fastmath": {"contract"}}  # a test of a divisor would be a branch
    for plain, (vector, compiled) in elementary.VECTOR.items():

        @overload(vector, strict=False, jit_options=exact)
        def _vector(x: Any, plain: Any = plain, compiled: Any = compiled) -> Any:
            return compiled if x == types.float64 else lambda x: plain(x)

    @overload(real_valued)
    def _real_valued(value: Any) -> Any:
        kind = value.dtype if is_array(value) else value
        if isinstance(kind, types.Complex):
            raise TypingError("a complex value of which no type was known meets differentiated values")
        return lambda value: value

    @overload(standing_still)
    def _standing_still(value: Any) -> Any:
        if is_array(value) and isinstance(value.dtype, (types.Integer, types.Boolean)):
            return lambda value: np.zeros(value.shape)
        if is_array(value):
            return lambda value: np.zeros_like(value)
        if isinstance(value, types.Complex):
            return lambda value: 0j
        if isinstance(value, (types.Number, types.Boolean)):
            return lambda value: 0.0
        raise TypingError("the tangent of a result that is no number")

    @overload(unstack, strict=False)
    def _unstack(whole: Any, axis: Any = 0) -> Any:
        if not is_array(whole) or given(axis) != 0:
            raise TypingError("unstack along another axis than the first")
        if whole.ndim == 1:

            def numbers(whole: Any, axis: Any = 0) -> Any:
                out = []
                for k in range(len(whole)):
                    out.append(whole[k])
                return out

            return numbers

        def rows(whole: Any, axis: Any = 0) -> Any:
            out = []
            for k in range(len(whole)):
                out.append(whole[k].copy())
            return out

        return rows

    @overload(flattened, strict=False)
    def _flattened(array: Any, order: Any = "C") -> Any:
        plain = is_array(array) and given(order) == "C"
        return (lambda array, order="C": array.flatten()) if plain else None

    @overload(embed_diagonal, strict=False)
    def _embed_diagonal(diagonal: Any, shape: Any, offset: Any = 0) -> Any:
        if not is_array(diagonal) or diagonal.ndim != 1 or getattr(shape, "count", 0) != 2:
            return None
        dtype = as_dtype(diagonal.dtype)

        def embedded(diagonal: Any, shape: Any, offset: Any = 0) -> Any:
            out = np.zeros(shape, dtype)
            row, column = max(-offset, 0), max(offset, 0)
            beyond = row + len(diagonal) > shape[0] or column + len(diagonal) > shape[1]
            if beyond and len(diagonal) > 0:
                raise IndexError("index is out of bounds")
            for k in range(len(diagonal)):
                out[row + k, column + k] = diagonal[k]
            return out

        return embedded

    @overload(last_write, strict=False)
    def _last_write(array: Any, index: Any) -> Any:
        plain = is_array(index) and index.ndim == 1 and isinstance(index.dtype, types.Integer)
        if not is_array(array) or array.ndim != 1 or not plain:
            return None

        def last(array: Any, index: Any) -> Any:
            order = np.full(array.shape[0], -1)
            for k in range(len(index)):
                if index[k] < -len(order) or index[k] >= len(order):
                    raise IndexError("index is out of bounds")
                order[index[k]] = k
            out = np.empty(len(index), np.bool_)
            for k in range(len(index)):
                out[k] = order[index[k]] == k
            return out

        return last

    def is_vector(known: Any) -> bool:
        return is_array(known) and known.ndim == 1

    @overload(recurrence, strict=False)
    def _recurrence(factors: Any, terms: Any, axis: Any = 0, backward: Any = False) -> Any:
        if not is_vector(factors) or not is_vector(terms) or given(axis) not in (0, -1):
            return None

        def solved(factors: Any, terms: Any, axis: Any = 0, backward: Any = False) -> Any:
            if len(factors) != len(terms):
                raise ValueError("factors and terms differ in length")
            out = terms.copy()
            for k in range(1, len(out)):
                if backward:
                    out[-1 - k] += factors[-k] * out[-k]
                else:
                    out[k] += factors[k] * out[k - 1]
            return out

        return solved

    @overload(shifted, strict=False)
    def _shifted(array: Any, by: Any = 1, axis: Any = 0, fill: Any = 0.0) -> Any:
        if not is_vector(array) or given(axis) not in (0, -1):
            return None

        def moved(array: Any, by: Any = 1, axis: Any = 0, fill: Any = 0.0) -> Any:
            out = np.full_like(array, fill)
            if by > 0:
                out[1:] = array[:-1]
            else:
                out[:-1] = array[1:]
            return out

        return moved

    @overload(numbers_of, strict=False)
    def _numbers_of(whole: Any) -> Any:
        if not is_array(whole) or whole.ndim != 1:
            return None

        def numbers(whole: Any) -> Any:
            out = []
            for k in range(len(whole)):
                out.append(whole[k])
            return out

        return numbers

    @overload(share_ties, strict=False)
    def _share_ties(ordered: Any, values: Any, axis: Any = -1) -> Any:
        plain = is_array(ordered) and is_array(values) and ordered.ndim == values.ndim == 1
        if not plain or given(axis) not in (0, -1):
            return None

        def shared(ordered: Any, values: Any, axis: Any = -1) -> Any:
            out = values.copy()
            first = 0
            while first < len(ordered):
                last, total = first + 1, values[first]
                while last < len(ordered) and ordered[last] == ordered[first]:
                    total += values[last]
                    last += 1
                for k in range(first, last):
                    out[k] = total / (last - first)
                first = last
            return out

        return shared

    @overload(np.diagonal, strict=False)
    def _diagonal(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
        if not is_array(a) or a.ndim != 2 or (given(axis1), given(axis2)) != (0, 1):
            return None

        def diagonal(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
            row, column = max(-offset, 0), max(offset, 0)
            size = max(min(a.shape[0] - row, a.shape[1] - column), 0)
            strides = (a.strides[0] + a.strides[1],)
            return np.lib.stride_tricks.as_strided(a[row:, column:], (size,), strides)

        return diagonal

    @overload(np.roll, strict=False)
    def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
        if not is_array(a) or not isinstance(shift, types.Integer) or not isinstance(axis, types.Integer):
            return None
        rank, dtype = a.ndim, as_dtype(a.dtype)

        def rolled(a: Any, shift: Any, axis: Any = None) -> Any:
            out = np.empty(a.shape, dtype)
            along = axis % rank
            size = a.shape[along]
            if a.size == 0:
                return out
            inner = 1
            for k in range(along + 1, rank):
                inner *= a.shape[k]
            block, cut = size * inner, shift % size * inner
            source, to = np.ascontiguousarray(a).reshape(a.size), out.reshape(a.size)
            for start in range(0, a.size, block):
                for k in range(cut):
                    to[start + k] = source[start + k + (block - cut)]
                for k in range(cut, block):
                    to[start + k] = source[start + k - cut]
            return out

        return rolled
