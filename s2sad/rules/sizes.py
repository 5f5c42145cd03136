"""Arithmetic on the sizes of arrays while they are only symbols.

A symbol made here is the formula of the size, so that equal symbols mean equal sizes; where no formula can be given
the symbol is a fresh one.

>>> n, m = Dim("x.0", one=False), Dim("x.1", one=False)
>>> product([n, 1, m]), total([n, n]), slice_size(n, 1, -1)
((x.0*x.1), (x.0+x.0), x.0-2)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad.rules.fresh import fresh_dim
from s2sad.rules.record import static
from s2sad.signature import (
    NO_VALUE,
    WEAK,
    Array,
    Dim,
    ListOf,
    Never,
    Scalar,
    Sequence,
    Size,
    Type,
    broadcast,
    is_joined,
    kind_of,
    may_be_one,
    promote,
    static_value,
)

Shape = tuple[Size, ...]


def lenient(infer: Callable[..., Type]) -> Callable[..., Type]:
    """Leave arguments that NumPy refuses to NumPy: the user's own error comes from the user's own line."""

    @functools.wraps(infer)
    def inferred(*args: Any, **kwargs: Any) -> Type:
        try:
            return infer(*args, **kwargs)
        except (TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError):
            return unknown_shape(*args, *kwargs.values())

    return inferred


def unknown_shape(*given: Any) -> Array:
    """The type of what NumPy makes of some values, of which no more is known than whether it is complex."""
    return Array("complex128" if any(map(_has_complex, given)) else "float64", None)


def _has_complex(known: Any) -> bool:
    return isinstance(known, (Scalar, Array, Sequence, ListOf)) and kind_of(dtype_of(known)) == "complex"


@dataclass(frozen=True, repr=False)
class Length(Scalar):
    """An int that is the size of a dimension: ``len(x)`` and the items of ``x.shape``."""

    size: Dim | None = None

    def __repr__(self) -> str:
        return f"Length({self.size})"


def length_type(size: Size) -> Scalar:
    """The type of an int that is a size: known, or tied to its symbol.

    >>> length_type(3), length_type(Dim("x.0"))
    (Scalar('int', 3), Length(x.0))
    """
    return Scalar("int", size) if isinstance(size, int) else Length("int", size=size)


@static
def is_zero(x: Any) -> bool:
    """Whether an argument is known to be zero: a default that need not be written."""
    return isinstance(x, (int, np.integer)) and x == 0


@static
def is_double(*values: Any) -> bool:
    """Whether all of these are real and of double precision, so that constants need no dtype."""
    dtypes = [dtype_of(x) if isinstance(x, Type) else np.asarray(x).dtype.name for x in values]
    return all(strong(dtype) == "float64" for dtype in dtypes)


@static
def is_square(x: Any) -> bool:
    """Whether the two dimensions of a matrix are certainly equal."""
    shape = shape_of(x) if isinstance(x, Type) else np.shape(x)
    return shape is not None and len(shape) == 2 and shape[0] == shape[1]


@static
def plain(axes: tuple[int, ...]) -> Any:
    """Several axes, or the only one: as one writes them."""
    return axes[0] if len(axes) == 1 else axes


def strong(dtype: str) -> str:
    """The NumPy dtype that an array made of such numbers has."""
    return np.dtype(WEAK[dtype]).name if dtype in WEAK else dtype


def promote_arrays(*known: Type) -> str:
    """The dtype of a result for which NumPy first makes arrays of its arguments."""
    return promote(*(strong(dtype_of(one)) for one in known))


def number(dtype: str, shape: Shape | None) -> Type:
    """The type of a result that NumPy gives as a scalar where it has no dimensions."""
    return Scalar(strong(dtype)) if shape == () else Array(strong(dtype), shape)


def dtype_of(known: Type) -> str:
    """The dtype of a value, or of the array that NumPy makes of it."""
    if isinstance(known, (Scalar, Array)):
        return known.dtype
    if isinstance(known, Sequence) and not known.items:
        return "float64"
    if isinstance(known, Sequence):
        return promote(*(dtype_of(item) for item in known.items))
    if isinstance(known, ListOf):
        return dtype_of(known.item)
    return "float64"  # nothing is known: if it takes part in a differentiable result, it is a real number


def shape_of(known: Type) -> Shape | None:
    """The shape of a value, or of the array that NumPy makes of it."""
    if isinstance(known, (Scalar, Array)):
        return known.shape
    if isinstance(known, Sequence):
        return _stacked(len(known.items), [shape_of(item) for item in known.items])
    if isinstance(known, ListOf):  # an empty list makes a vector
        item = () if isinstance(known.item, Never) else shape_of(known.item)
        return _stacked(fresh_dim("list"), [item])
    return None


def _stacked(count: Size, shapes: list[Shape | None]) -> Shape | None:
    if not shapes:
        return (count,)
    first = shapes[0]
    if first is None or any(shape is None or len(shape) != len(first) for shape in shapes):
        return None
    return (count, *(_certain(sizes) for sizes in zip(*(shape for shape in shapes if shape is not None))))


def _certain(sizes: Iterable[Size]) -> Size:
    """One of several sizes that must all be equal: the one of which most is known."""
    candidates = list(sizes)
    return min(candidates, key=lambda size: (not isinstance(size, int), may_be_one(size)))


def same_sizes(sizes: Iterable[Size]) -> Size:
    """See `_certain`."""
    return _certain(sizes)


def array_type(known: Type) -> Type:
    """The type of ``np.asarray(value)``."""
    return Array(strong(dtype_of(known)), shape_of(known))


def shift(size: Size, by: int) -> Size:
    """A size and a number more; a negative `by` is clipped at zero."""
    if isinstance(size, int):
        return max(size + by, 0)
    if by == 0:
        return size
    if by < 0 or size.offset >= 0:  # only then does clipping once say the same as clipping twice
        return Dim(size.symbol, size.offset + by)
    return Dim(f"({size}{by:+d})")


def product(sizes: Iterable[Size]) -> Size:
    """The size of an array that is flattened."""
    factors = [size for size in sizes if size != 1]
    known = math.prod(size for size in factors if isinstance(size, int))
    symbols = sorted((size for size in factors if isinstance(size, Dim)), key=str)
    if not symbols or known == 0:
        return known
    if len(symbols) == 1 and known == 1:
        return symbols[0]
    text = "*".join(([] if known == 1 else [str(known)]) + [str(symbol) for symbol in symbols])
    sure = known != 1 or any(symbol.one is False for symbol in symbols)
    return Dim(f"({text})", one=False if sure else None)


def total(sizes: Iterable[Size]) -> Size:
    """The size of arrays that are joined end to end."""
    terms = list(sizes)
    known = sum(size for size in terms if isinstance(size, int))
    symbols = sorted((size for size in terms if isinstance(size, Dim)), key=str)
    if not symbols:
        return known
    if len(symbols) == 1:
        moved = shift(symbols[0], known)
        return Dim(moved.symbol, moved.offset, one=False) if isinstance(moved, Dim) and known > 1 else moved
    text = "+".join([str(symbol) for symbol in symbols] + ([] if known == 0 else [str(known)]))
    return Dim(f"({text})", one=False if known > 1 else None)


def quotient(size: Size, by: Size) -> Size:
    """What is left of a size that is divided: the -1 of `reshape`."""
    if by == 1:
        return size
    if isinstance(size, int) and isinstance(by, int) and by:
        return size // by
    return Dim(f"({size}/{by})")


def slice_size(size: Size, start: int | None, stop: int | None, step: int | None = None) -> Size:
    """How many items a slice takes.

    >>> slice_size(Dim("n"), 2, None), slice_size(Dim("n"), None, 3), slice_size(7, 1, None, 2)
    (n-2, min(n,3), 3)
    """
    if isinstance(size, int):
        return len(range(*slice(start, stop, step).indices(size)))
    if step in (None, 1):
        return _step_one(size, start or 0, stop)
    if start is None and stop is None and step == -1:
        return size
    return Dim(f"slice({size},{start},{stop},{step})")


def smaller(size: Dim, other: Size) -> Dim:
    """The smaller of two sizes: not 1 if neither is.

    >>> smaller(Dim("n", one=False), 3), smaller(Dim("n", one=False), 3).one, smaller(Dim("n"), 3).one
    (min(n,3), False, None)
    """
    if size == other and not is_joined(size):
        return size
    sure = not may_be_one(size) and not may_be_one(other)
    return Dim(f"min({size},{other})", one=False if sure else None)


def _step_one(size: Dim, start: int, stop: int | None) -> Size:
    if start >= 0 and (stop is None or stop < 0):
        return shift(size, -start + (stop or 0))
    if start == 0 and stop is not None and stop > 1:
        return smaller(size, stop)
    if start >= 0 and stop is not None:
        return shift(Dim(f"min({size},{stop})"), -start) if stop > start else 0
    if stop is None or stop < 0:
        return shift(Dim(f"min({size},{-start})"), stop or 0)
    return Dim(f"slice({size},{start},{stop})")


def to_shape(known: Type | None, stem: str) -> Shape | None:
    """The shape that an argument `shape` stands for: an int, or a tuple or list of ints."""
    if known is None:
        return None
    value = static_value(known)
    if isinstance(value, (int, np.integer)):
        return (int(value),)
    if isinstance(known, Scalar):
        return (_to_size(known, stem),)
    if isinstance(known, Sequence):
        return tuple(_to_size(item, stem) for item in known.items)
    if isinstance(known, Array) and known.shape and isinstance(known.shape[0], int):
        return tuple(fresh_dim(stem) for _ in range(known.shape[0]))
    return None


def _to_size(known: Type, stem: str) -> Size:
    if isinstance(known, Length) and known.size is not None:
        return known.size
    value = static_value(known)
    return int(value) if isinstance(value, (int, np.integer)) else fresh_dim(stem)


def static_axis(known: Type | None, default: Any) -> Any:
    """The value of an argument such as `axis`: its default where it is left out, `NO_VALUE` where unknown."""
    return default if known is None else static_value(known)


def dtype_argument(known: Type | None, default: str) -> str:
    """The dtype that an argument `dtype` stands for."""
    value = static_axis(known, None)
    if value is None or value is NO_VALUE:
        return default
    return np.dtype(value).name


def broadcast_shapes(*shapes: Shape | None) -> Shape | None:
    """The shape that these broadcast to."""
    return broadcast(*(Array("float64", shape) for shape in shapes))


__all__ = [
    "Length", "Shape", "array_type", "broadcast_shapes", "dtype_argument", "dtype_of", "lenient", "number", "product",
    "promote_arrays", "quotient", "same_sizes", "shape_of", "shift", "slice_size", "smaller", "static_axis", "strong",
    "to_shape", "total",
]  # fmt: skip
