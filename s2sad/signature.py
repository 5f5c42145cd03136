"""Types of values: what the compiler knows of a value before it runs, and how an argument's type is read off.

A *signature* is the tuple of its arguments' types.  Types are immutable and hashable: they are cache keys.

>>> import numpy as np
>>> type_of(2.0)
Scalar('float')
>>> type_of(np.zeros((3, 1)), "x")
Array('float64', (x.0, 1))
>>> join(type_of(2.0), type_of(3))
Scalar('float')
"""

from __future__ import annotations

import collections
import collections.abc
import functools
import threading
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from s2sad.objects import fields_of, is_named_tuple, is_record


class _NoValue:
    """Marks a scalar whose value is not known at compile time."""

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE = _NoValue()
WEAK = {"bool": bool, "int": int, "float": float, "complex": complex}
_RANK_OF_KIND = {"bool": 0, "int": 1, "float": 2, "complex": 3}


@dataclass(frozen=True)
class Dim:
    """A dimension of an array: a symbol plus an offset, clipped at zero.

    ``one`` is False where the size is known not to be 1, None where it may be.
    """

    symbol: str
    offset: int = 0
    one: bool | None = None

    def __repr__(self) -> str:
        return self.symbol + (f"{self.offset:+d}" if self.offset else "")


@dataclass(frozen=True, repr=False)
class Spread(Dim):
    """The size that dimensions broadcast to, each of which may be 1."""

    parts: tuple[Dim, ...] = ()


Size = int | Dim


def may_be_one(size: Size) -> bool:
    """Whether a dimension can have size 1, which would broadcast."""
    return size == 1 if isinstance(size, int) else size.one is not False


def is_joined(size: Size) -> bool:
    """Whether a size is one of several: two dimensions with this symbol may then differ."""
    return isinstance(size, Dim) and "|" in size.symbol


class Type:
    """Base of all types."""

    @property
    def is_real(self) -> bool:
        """Whether a derivative can flow through a value of this type (floats and complex numbers too)."""
        return False

    @property
    def is_container(self) -> bool:
        return False


@dataclass(frozen=True)
class Scalar(Type):
    """A number; `dtype` is ``bool int float complex`` for Python's own, else the NumPy name."""

    dtype: str
    value: Any = NO_VALUE

    def __repr__(self) -> str:
        known = "" if self.value is NO_VALUE else f", {self.value!r}"
        return f"Scalar({self.dtype!r}{known})"

    @property
    def is_real(self) -> bool:
        return kind_of(self.dtype) in ("float", "complex")

    @property
    def rank(self) -> int:
        return 0

    @property
    def shape(self) -> tuple[Size, ...]:
        return ()


@dataclass(frozen=True)
class Array(Type):
    """An array of known dtype; ``shape`` is None where the rank is not known (it may then be a scalar too)."""

    dtype: str
    shape: tuple[Size, ...] | None = None

    def __repr__(self) -> str:
        return f"Array({self.dtype!r}, {self.shape})"

    @property
    def is_real(self) -> bool:
        return kind_of(self.dtype) in ("float", "complex")

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)


@dataclass(frozen=True)
class Sequence(Type):
    """A tuple or list of known length; ``cls`` is tuple, list or a NamedTuple class."""

    cls: type
    items: tuple[Type, ...]

    def __repr__(self) -> str:
        return f"{self.cls.__name__}{self.items!r}"

    @property
    def is_real(self) -> bool:
        return any(item.is_real for item in self.items)

    @property
    def is_container(self) -> bool:
        return True


@dataclass(frozen=True)
class ListOf(Type):
    """A list whose length is known only at run time, with items of one type."""

    item: Type

    @property
    def is_real(self) -> bool:
        return self.item.is_real

    @property
    def is_container(self) -> bool:
        return True


@dataclass(frozen=True)
class DictOf(Type):
    """A dict that is changed in place: the types of the items under known keys, and of those under any other key."""

    keys: tuple[Any, ...]
    items: tuple[Type, ...]
    rest: Type | None = None

    @property
    def is_real(self) -> bool:
        return any(item.is_real for item in self.items) or (self.rest is not None and self.rest.is_real)

    @property
    def is_container(self) -> bool:
        return True

    def under(self, key: Any) -> Type:
        """The type of the item under a key; `NO_VALUE` stands for any key."""
        if key is not NO_VALUE and key in self.keys:
            found = self.items[self.keys.index(key)]
            return found if self.rest is None else join(found, self.rest)
        if key is NO_VALUE:
            return item_type(self)
        return Never() if self.rest is None else self.rest

    def holding(self, key: Any, item: Type, covering: Callable[[Type, Type], Type] | None = None) -> DictOf:
        """The type once an item is put under a key; `covering` joins it with that of what was there."""
        both = covering or join
        if key is NO_VALUE:
            return DictOf(self.keys, self.items, item if self.rest is None else both(self.rest, item))
        if key not in self.keys:
            return DictOf((*self.keys, key), (*self.items, item), self.rest)
        new = tuple(both(old, item) if k == key else old for k, old in zip(self.keys, self.items))
        return DictOf(self.keys, new, self.rest)


@dataclass(frozen=True)
class Mapping(Type):
    """A dict of known keys."""

    keys: tuple[Any, ...]
    items: tuple[Type, ...]

    def __repr__(self) -> str:
        return "dict" + repr(dict(zip(self.keys, self.items)))

    @property
    def is_real(self) -> bool:
        return any(item.is_real for item in self.items)

    @property
    def is_container(self) -> bool:
        return True


@dataclass(frozen=True)
class Record(Type):
    """An object of a user's class: its fields by name."""

    cls: type
    keys: tuple[str, ...]
    items: tuple[Type, ...]

    def __repr__(self) -> str:
        fields = ", ".join(f"{key}={item!r}" for key, item in zip(self.keys, self.items))
        return f"{self.cls.__name__}({fields})"

    @property
    def is_real(self) -> bool:
        return any(item.is_real for item in self.items)

    @property
    def is_container(self) -> bool:
        return True


class Static(Type):
    """An object known by identity at compile time: a module, function, class, string, None, slice."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def _key(self) -> Any:
        value = self.value
        if value is None or isinstance(value, (str, bytes, bool, int, float, complex)):
            return (type(value), value)
        return id(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        name = getattr(self.value, "__name__", None)
        return f"Static({name or repr(self.value)})"


@dataclass(frozen=True)
class Opaque(Type):
    """Anything else: it runs, but no derivative flows through it."""

    cls: type | None = None


@dataclass(frozen=True)
class Veiled(Opaque):
    """Text made of a differentiated value, or what was made of such text: a number read from it has a derivative."""


@dataclass(frozen=True)
class Optional(Type):
    """None on some path, else a value of a type."""

    item: Type

    @property
    def is_real(self) -> bool:
        return self.item.is_real


@dataclass(frozen=True)
class Never(Type):
    """The type of a value that no path has defined yet: the neutral element of `join`."""


def part_of(known: Type) -> Opaque:
    """The type of what is taken out of a value of a type about which nothing more is known."""
    return Veiled() if is_veiled(known) else Opaque()


def is_text(known: Type) -> bool:
    """Whether values of a type are strings, or arrays of what is no number."""
    if isinstance(known, Array):
        return kind_of(known.dtype) == "other"
    cls = type(known.value) if isinstance(known, Static) else getattr(known, "cls", None)
    return isinstance(known, (Opaque, Static)) and cls is not None and issubclass(cls, (str, bytes))


@functools.cache
def kind_of(dtype: str) -> str:
    """The kind of a dtype: ``bool``, ``int``, ``float``, ``complex`` or ``other``."""
    if dtype in WEAK:
        return dtype
    letter = np.dtype(dtype).kind
    return {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}.get(letter, "other")


def promote(*dtypes: str) -> str:
    """The dtype of an elementwise result, as NumPy 2 promotes (Python's own numbers are weak)."""
    if all(dtype in WEAK for dtype in dtypes):
        return max(dtypes, key=lambda dtype: _RANK_OF_KIND[dtype])
    # a weak scalar is stood in for by its type's smallest value
    stand_ins = [WEAK[dtype](0) if dtype in WEAK else np.dtype(dtype) for dtype in dtypes]
    return np.result_type(*stand_ins).name


def type_of(value: Any, name: str = "x", sizes: dict[int, Size] | None = None) -> Type:
    """The type of an argument; `name` makes the symbols of its dimensions.

    Dimensions of one size share a symbol, within the value and with those already in `sizes`: operations on arrays
    that fit are then known to fit, and those that do not are kept so that NumPy refuses them.  Where `sizes` maps a
    number to itself, dimensions of that size have it in their type.
    """
    sizes = {} if sizes is None else sizes
    if isinstance(value, (bool, int, float, complex)) and not isinstance(value, np.generic):
        return Scalar(type(value).__name__) if type(value).__name__ in WEAK else Opaque(type(value))
    if isinstance(value, np.ndarray):
        if type(value) is not np.ndarray or value.dtype.kind not in "biufc":
            return Opaque(type(value))
        shape = tuple(
            1 if n == 1 else sizes.setdefault(n, Dim(f"{name}.{k}", one=False))
            for k, n in enumerate(value.shape)
        )
        return Array(value.dtype.name, shape)
    if isinstance(value, np.generic):
        return Scalar(value.dtype.name) if value.dtype.kind in "biufc" else Opaque(type(value))
    if type(value) in (tuple, list) or is_named_tuple(type(value)):
        return Sequence(
            type(value), tuple(type_of(item, f"{name}_{k}", sizes) for k, item in enumerate(value))
        )
    if type(value) is dict and all(isinstance(key, (str, int, tuple)) for key in value):
        return Mapping(
            tuple(value), tuple(type_of(item, f"{name}_{key}", sizes) for key, item in value.items())
        )
    if (
        value is None
        or value is Ellipsis
        or isinstance(value, (str, bytes, type, types.ModuleType, np.dtype))
    ):
        return Static(value)
    if is_record(value):
        return _record_type(value, name, sizes)
    if callable(value):
        return Static(value)
    return Opaque(type(value))


_inside: set[tuple[int, int]] = set()


def _record_type(value: Any, name: str, sizes: dict[int, Size]) -> Type:
    """The type of an object of a user's class; an object that holds itself ends in one that nothing is known of."""
    here = (threading.get_ident(), id(value))
    if here in _inside:
        return Opaque(type(value))
    _inside.add(here)
    try:
        fields = fields_of(value)
        items = tuple(type_of(item, f"{name}_{key}", sizes) for key, item in fields.items())
        return Record(type(value), tuple(fields), items)
    finally:
        _inside.discard(here)


def literal(value: Any) -> Type:
    """The type of a constant that stands in the source: like `type_of`, with its value known."""
    if type(value) in (bool, int, float, complex):
        return Scalar(type(value).__name__, value)
    return type_of(value)


def shown(known: Type, letters: collections.abc.Mapping[Size, str] = MappingProxyType({})) -> str:
    """A type as a reader wants it: ``float``, ``float64[:, 1]``, ``{'w': float64[n]}`` with letters for sizes."""
    if isinstance(known, Scalar):
        return known.dtype
    if isinstance(known, Array):
        if known.shape is None:
            return f"{known.dtype} array"
        sizes = ", ".join(
            str(size) if isinstance(size, int) else letters.get(size, ":") for size in known.shape
        )
        return f"{known.dtype}[{sizes}]"
    if isinstance(known, Sequence):
        items = ", ".join(shown(item, letters) for item in known.items)
        if len(known.items) > 4 and len(set(map(shown, known.items))) == 1:
            items = f"{shown(known.items[0], letters)} * {len(known.items)}"
        if known.cls is list:
            return f"[{items}]"
        return f"({items})" if known.cls is tuple else f"{known.cls.__name__}({items})"
    if isinstance(known, Mapping):
        return (
            "{"
            + ", ".join(f"{key!r}: {shown(item, letters)}" for key, item in zip(known.keys, known.items))
            + "}"
        )
    if isinstance(known, Static):
        return getattr(known.value, "__name__", None) or repr(known.value)
    if isinstance(known, Record):
        fields = (f"{key}: {shown(item, letters)}" for key, item in zip(known.keys, known.items))
        return f"{known.cls.__name__}({', '.join(fields)})"
    cls = getattr(known, "cls", None)
    return cls.__name__ if cls is not None else type(known).__name__.lower()


def letters_of(kinds: Iterable[Type]) -> dict[Size, str]:
    """A letter for each size that several dimensions share."""
    found: collections.Counter[Size] = collections.Counter(
        size for known in kinds for size in _sizes_in(known)
    )
    shared = [size for size, count in found.items() if count > 1 and not isinstance(size, int)]
    return dict(zip(shared, "nmkpqrstuv"))


def _sizes_in(known: Type) -> list[Size]:
    if isinstance(known, Array):
        return list(known.shape or ())
    if isinstance(known, (Sequence, Mapping, Record)):
        return [size for item in known.items for size in _sizes_in(item)]
    return []


def without_value(known: Type) -> Type:
    """The same type, its value forgotten."""
    if isinstance(known, Scalar) and known.value is not NO_VALUE:
        return Scalar(known.dtype)
    return known


def static_value(known: Type) -> Any:
    """The value of a type known at compile time, else `NO_VALUE`."""
    if isinstance(known, Static):
        return known.value
    if isinstance(known, Scalar):
        return known.value
    if isinstance(known, Sequence):
        values = [static_value(item) for item in known.items]
        if any(value is NO_VALUE for value in values):
            return NO_VALUE
        return known.cls(*values) if hasattr(known.cls, "_fields") else known.cls(values)
    return NO_VALUE


def join(a: Type, b: Type) -> Type:
    """The least type that covers both: what is known of a value that comes from two paths."""
    if a == b or isinstance(b, Never):
        return a
    if isinstance(a, Never):
        return b
    if isinstance(a, (Scalar, Array)) and isinstance(b, (Scalar, Array)):
        return _join_numbers(a, b)
    if isinstance(a, Optional) or isinstance(b, Optional) or _is_none(a) or _is_none(b):
        return _join_optional(a, b)
    if isinstance(a, Sequence) and isinstance(b, Sequence) and a.cls is b.cls:
        if len(a.items) == len(b.items):
            return Sequence(a.cls, tuple(map(join, a.items, b.items)))
    if isinstance(a, Mapping) and isinstance(b, Mapping) and a.keys == b.keys:
        return Mapping(a.keys, tuple(map(join, a.items, b.items)))
    if isinstance(a, Record) and isinstance(b, Record) and a.cls is b.cls and a.keys == b.keys:
        return Record(a.cls, a.keys, tuple(map(join, a.items, b.items)))
    if isinstance(a, DictOf) and isinstance(b, DictOf):
        return _join_dicts(a, b)
    if isinstance(a, DictOf) and isinstance(b, Mapping):
        return _join_dicts(a, DictOf(b.keys, tuple(map(without_value, b.items))))
    if isinstance(a, Mapping) and isinstance(b, DictOf):
        return join(b, a)
    if _is_list(a) and _is_list(b):
        return ListOf(join(item_type(a), item_type(b)))
    return part_of(a) if is_veiled(a) else part_of(b)


def is_veiled(known: Type) -> bool:
    """Whether a value is, or holds, text made of a differentiated value."""
    if isinstance(known, (Optional, ListOf)):
        return is_veiled(known.item)
    return isinstance(known, Veiled) or any(map(is_veiled, getattr(known, "items", ())))


def _is_none(known: Type) -> bool:
    return isinstance(known, Static) and known.value is None


def _join_optional(a: Type, b: Type) -> Type:
    present = [without_none(known) for known in (a, b) if not _is_none(known)]
    covered = present[0]
    for known in present[1:]:
        covered = join(covered, known)
    return covered if isinstance(covered, (Opaque, Static)) else Optional(without_value(covered))


def without_none(known: Type) -> Type:
    """The type of a value that is there."""
    return known.item if isinstance(known, Optional) else known


def _join_numbers(a: Scalar | Array, b: Scalar | Array) -> Type:
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        same = a.dtype if a.dtype == b.dtype else promote(a.dtype, b.dtype)
        return Scalar(same)
    dtype = promote(a.dtype, b.dtype)
    if a.rank is None or a.rank != b.rank:
        return Array(dtype if dtype not in WEAK else np.dtype(WEAK[dtype]).name, None)
    if isinstance(a, Scalar) or isinstance(b, Scalar):
        return Array(dtype if dtype not in WEAK else np.dtype(WEAK[dtype]).name, None)
    assert a.shape is not None and b.shape is not None
    return Array(dtype, tuple(map(_join_sizes, a.shape, b.shape)))


def _join_sizes(p: Size, q: Size) -> Size:
    if p == q:
        return p
    not_one = not may_be_one(p) and not may_be_one(q)
    either = dict.fromkeys([*_alternatives(p), *_alternatives(q)])  # what is covered already adds nothing
    return Dim(f"({'|'.join(either)})", one=False if not_one else None)


def _alternatives(size: Size) -> list[str]:
    """The sizes that a joined one covers.

    >>> _alternatives(Dim("(3|(a|b)+1|n)"))
    ['3', '(a|b)+1', 'n']
    """
    text = str(size)
    if not isinstance(size, Dim) or size.offset or not text.startswith("("):
        return [text]
    parts, depth = [""], 0
    for letter in text[1:-1]:
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _join_dicts(a: DictOf, b: DictOf) -> Type:
    for key, item in zip(b.keys, b.items):
        a = a.holding(key, item)
    return a if b.rest is None else a.holding(NO_VALUE, b.rest)


def _is_list(known: Type) -> bool:
    return isinstance(known, ListOf) or (isinstance(known, Sequence) and known.cls is list)


def item_type(known: Type) -> Type:
    """The type that covers every item of a container."""
    if isinstance(known, ListOf):
        return known.item
    if isinstance(known, (Sequence, Mapping, DictOf)):
        covered: Type = Never()
        for item in known.items:
            covered = join(covered, without_value(item))
        if isinstance(known, DictOf) and known.rest is not None:
            covered = join(covered, known.rest)
        return covered
    if isinstance(known, Array) and known.shape:
        rest = known.shape[1:]
        return Array(known.dtype, rest) if rest else Scalar(known.dtype)
    if isinstance(known, Array):
        return Array(known.dtype, None)
    return Opaque()


def broadcast(*operands: Type) -> tuple[Size, ...] | None:
    """The shape of an elementwise result; None where an operand's rank is not known."""
    shapes = [operand.shape for operand in operands if isinstance(operand, (Scalar, Array))]
    if any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    rank = max((len(shape) for shape in known), default=0)
    out: list[Size] = []
    for axis in range(rank):
        sizes = [shape[axis - rank + len(shape)] for shape in known if axis - rank + len(shape) >= 0]
        out.append(_broadcast_sizes(sizes))
    return tuple(out)


def _broadcast_sizes(sizes: list[Size]) -> Size:
    distinct = list(dict.fromkeys(size for size in sizes if size != 1))
    if not distinct:
        return 1
    certain = [size for size in distinct if not may_be_one(size)]
    if certain:
        return certain[0]
    if len(distinct) == 1:
        return distinct[0]
    return spread(distinct)


def spread(sizes: Iterable[Size]) -> Size:
    """What sizes that may be 1 broadcast to: the same however they are put together.

    >>> n, m = Dim("n"), Dim("m")
    >>> spread([spread([n, m]), m]) == spread([m, n])
    True
    """
    parts = {part for size in sizes for part in (size.parts if isinstance(size, Spread) else (size,))}
    ordered = tuple(sorted((part for part in parts if isinstance(part, Dim)), key=str))
    return Spread("(" + "^".join(map(str, ordered)) + ")", parts=ordered)


def elementwise_type(*operands: Type, dtype: str | None = None) -> Type:
    """The type of an elementwise NumPy result: NumPy gives a NumPy scalar for rank 0."""
    numbers = [operand for operand in operands if isinstance(operand, (Scalar, Array))]
    dtype = dtype or promote(*(number.dtype for number in numbers))
    if dtype in WEAK:
        dtype = np.dtype(WEAK[dtype]).name
    shape = broadcast(*numbers)
    return Scalar(dtype) if shape == () else Array(dtype, shape)
