"""The type of a primitive's result, found by trying the primitive on small arrays.

Every symbol of a dimension stands for a prime; two trials with different primes tell which sizes of the result follow
an operand's dimension and which are constant.

>>> from s2sad.rules.fresh import reset
>>> reset()
>>> n, m = Dim("x.0", one=False), Dim("x.1", one=False)
>>> x = Array("float64", (n, m))
>>> probe(np.sum, [x], {"axis": Scalar("int", 0)})
Array('float64', (x.1,))
>>> probe(np.diff, [x], {}), probe(np.sum, [x], {})
(Array('float64', (x.0, x.1-1)), Scalar('float64'))
>>> probe(np.max, [x], {"axis": Scalar("int"), "keepdims": Scalar("bool", True)})
Array('float64', (max#0, max#1))
>>> probe(round, [Scalar("float")], {}), probe(round, [Scalar("float"), Scalar("int", 2)], {})
(Scalar('int'), Scalar('float'))
"""

from __future__ import annotations

import itertools
import random
import types
import warnings
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Several
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from s2sad.rules.fresh import fresh_dim
from s2sad.signature import (
    NO_VALUE,
    WEAK,
    Array,
    Dim,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Scalar,
    Sequence,
    Size,
    Static,
    Type,
    item_type,
    join,
    kind_of,
    without_value,
)

_PRIMES = ((11, 17, 23, 31, 41, 47, 59, 67), (13, 29, 43, 61, 79, 97, 113, 131))
"""The sizes of the two trials.  No two sizes differ by the same in both, so what fits both is no chance."""

_NUMBERS = (0.5, 1.5, 3.0, -0.5)
_COUNTS = ((3, 4), (0, 1), (0, -1), (1, 1))
"""What a float and an int of unknown value are tried as; the ints of the two trials differ where they can."""

_MOST_SHIFT = 4
"""By how much a size of the result may differ from an operand's that it follows; less than from any prime to 1."""

_MOST_TIES = 3
"""How many pairs of sizes are taken as equal, at most, before all of them are."""

_UNKNOWN = "?"


@dataclass(frozen=True)
class _Trial:
    """What the parts of one trial's arguments are made of."""

    sizes: dict[str, int]
    number: float
    count: int
    second: bool
    unknown_rank: int = 1

    def size(self, size: Size) -> int:
        if isinstance(size, int):
            return size
        return max(self.sizes[size.symbol] + size.offset, 0)


class _Unsupported(Exception):
    """An argument of which no example can be made."""


def probe(
    primitive: Callable[..., Any], arg_types: Several[Type], kwarg_types: dict[str, Type] | None = None
) -> Type:
    """What is known of ``primitive(*args, **kwargs)`` for arguments of these types.

    Parameters
    ----------
    primitive : callable
        A function without effects.
    arg_types : sequence of Type
        The types of the positional arguments.
    kwarg_types : dict from str to Type, optional
        The types of the keyword arguments.

    Returns
    -------
    Type
        `Opaque` where the primitive could not be tried.
    """
    keywords = kwarg_types or {}
    every = [*arg_types, *keywords.values()]
    if any(isinstance(known, Never) for known in every):
        return Never()
    tried = _without_effects(primitive)
    if tried is None:
        return Opaque()
    try:
        found = _probe(tried, tuple(arg_types), tuple(keywords.items()))
    except TypeError:  # an argument that cannot be a key of the cache
        found = _probe.__wrapped__(tried, tuple(arg_types), tuple(keywords.items()))
    if found == Opaque() and all(isinstance(known, Scalar) for known in every):
        found = _probe(tried, *_without_values(arg_types, keywords))  # `1 / 0` raises, and is a float
    label = getattr(primitive, "__name__", "t")
    return _named(found, label)


def _without_values(arg_types: Several[Type], keywords: dict[str, Type]) -> tuple[Any, Any]:
    """The types of arguments of which no value is known."""
    named = tuple((key, without_value(known)) for key, known in keywords.items())
    return tuple(map(without_value, arg_types)), named


_EFFECTS: frozenset[Any] = frozenset([print, input, open, exec, eval, breakpoint, setattr, delattr, next])
_ACTING = frozenset(
    ["time", "os", "posix", "nt", "sys", "io", "_io", "logging", "shutil", "socket", "subprocess"]
)
_PLAIN = (types.ModuleType, type, np.ufunc, np.dtype, str, bytes, int, float, complex, tuple, frozenset)


def _without_effects(primitive: Any) -> Any:
    """What can be tried in place of a primitive so that nobody notices; None if nothing can.

    Random draws are tried on a generator of our own: the user's stays where it is.
    """
    owner = getattr(primitive, "__self__", None)
    for kind, fresh in (
        (np.random.RandomState, _state),
        (np.random.Generator, _generator),
        (random.Random, _random),
    ):
        if isinstance(owner, kind):
            return getattr(fresh(), primitive.__name__, None)
    if owner is not None and not isinstance(owner, _PLAIN):
        return None  # a method of an object that it may change
    try:
        acts = primitive in _EFFECTS
    except TypeError:
        acts = False
    module = (getattr(primitive, "__module__", None) or "").split(".")
    return None if acts or module[0] in _ACTING or module[:2] == ["numpy", "random"] else primitive


@lru_cache(maxsize=1)
def _state() -> Any:
    return np.random.RandomState(0)


@lru_cache(maxsize=1)
def _generator() -> Any:
    return np.random.default_rng(0)


@lru_cache(maxsize=1)
def _random() -> Any:
    return random.Random(0)


@lru_cache(maxsize=4096)
def _probe(
    primitive: Callable[..., Any], arg_types: tuple[Type, ...], kwarg_items: tuple[tuple[str, Type], ...]
) -> Type:
    every = [*arg_types, *(known for _, known in kwarg_items)]
    ranks = (1, 2, 3, 0) if any(map(_has_unknown_rank, every)) else (1,)
    for ties, number, counts, unknown_rank in _settings(every, ranks):
        trials = tuple(
            _Trial(_sizes(every, ties, primes), number, count, second, unknown_rank)
            for primes, count, second in zip(_PRIMES, counts, (False, True))
        )
        first = _try(primitive, arg_types, kwarg_items, trials[0])
        second = NO_VALUE if first is NO_VALUE else _try(primitive, arg_types, kwarg_items, trials[1])
        if second is NO_VALUE:
            continue
        surely = len(ties) <= _MOST_TIES  # else sizes were made equal that need not be
        known = _describe(first, second, trials, _dimensions(every) if surely else [])
        return _forget_rank(known) if len(ranks) > 1 else known
    return Opaque()


def _settings(
    every: list[Type], ranks: tuple[int, ...]
) -> Iterator[tuple[tuple[tuple[str, Size], ...], float, tuple[int, int], int]]:
    """Ways to choose the arguments, the likeliest first: which sizes are equal, then the values, then the ranks."""
    numbers = _NUMBERS if any(map(_has_unknown_number, every)) else _NUMBERS[:1]
    counts = _COUNTS if any(map(_has_unknown_int, every)) else _COUNTS[:1]
    values = list(itertools.product(counts, numbers))
    for rank in ranks:
        for ties, tried in itertools.chain([((), values)], ((ties, values[:1]) for ties in _ties(every))):
            for count, number in tried:
                yield ties, number, count, rank


def _ties(every: list[Type]) -> Iterator[tuple[tuple[str, Size], ...]]:
    """Sets of sizes to take as equal, ever more of them."""
    dims = _dimensions(every)
    symbols = list(dict.fromkeys(dim.symbol for dim in dims if isinstance(dim, Dim)))
    fixed = sorted({dim for dim in dims if isinstance(dim, int)})
    pairs: list[tuple[str, Size]] = []
    for k, symbol in enumerate(symbols):
        pairs += [(symbol, Dim(other)) for other in symbols[:k]]
        pairs += [(symbol, size) for size in fixed]
    if len(symbols) <= 6:
        for count in range(1, _MOST_TIES + 1):
            yield from itertools.islice(itertools.combinations(pairs, count), 120)
    yield tuple((symbol, Dim(symbols[0])) for symbol in symbols[1:]) + (("", 1),) * (_MOST_TIES + 1)


def _sizes(every: list[Type], ties: tuple[tuple[str, Size], ...], primes: tuple[int, ...]) -> dict[str, int]:
    symbols = dict.fromkeys(dim.symbol for dim in _dimensions(every) if isinstance(dim, Dim))
    endless = itertools.chain(primes, itertools.count(primes[-1] + 10, primes[1] - primes[0]))
    sizes: dict[str, int] = dict(zip(symbols, endless))
    for symbol, target in ties:
        sizes[symbol] = target if isinstance(target, int) else sizes[target.symbol]
    return sizes


def _try(
    primitive: Callable[..., Any],
    arg_types: tuple[Type, ...],
    kwarg_items: tuple[tuple[str, Type], ...],
    trial: _Trial,
) -> Any:
    """The primitive's result on examples, or `NO_VALUE` where it raises."""
    try:
        args = [_example(known, trial) for known in arg_types]
        kwargs = {key: _example(known, trial) for key, known in kwarg_items}
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return primitive(*args, **kwargs)
    except Exception:  # whatever it is, the user's call will raise it again in its place
        return NO_VALUE


# ---- examples ---------------------------------------------------------------------------------------
def _example(known: Type, trial: _Trial) -> Any:
    """A value of a type."""
    if isinstance(known, Scalar):
        return _scalar(known, trial)
    if isinstance(known, Array):
        shape = (7,) * trial.unknown_rank if known.shape is None else tuple(map(trial.size, known.shape))
        return _array(known.dtype, shape, trial)
    if isinstance(known, Sequence):
        items = [_example(item, trial) for item in known.items]
        return known.cls(*items) if hasattr(known.cls, "_fields") else known.cls(items)
    if isinstance(known, ListOf):
        return [_example(known.item, trial) for _ in range(3 if trial.second else 2)]
    if isinstance(known, Mapping):
        return dict(zip(known.keys, (_example(item, trial) for item in known.items)))
    if isinstance(known, Static):
        return known.value
    raise _Unsupported(known)


def _scalar(known: Scalar, trial: _Trial) -> Any:
    if known.value is not NO_VALUE:
        return known.value
    kind = kind_of(known.dtype)
    value = {
        "bool": trial.second,
        "int": trial.count,
        "float": trial.number,
        "complex": complex(trial.number, 0.25),
    }.get(kind)
    if value is None:
        raise _Unsupported(known)
    if kind == "int" and np.dtype(WEAK.get(known.dtype, known.dtype)).kind == "u":
        value = abs(trial.count)
    return WEAK[known.dtype](value) if known.dtype in WEAK else np.dtype(known.dtype).type(value)


def _array(dtype: str, shape: tuple[int, ...], trial: _Trial) -> Any:
    """Distinct numbers around the trial's; the last two axes make a well-conditioned matrix."""
    size = int(np.prod(shape))
    kind = kind_of(dtype)
    if kind == "bool":  # the two trials choose different numbers of items
        return (np.arange(size) % 2 == 0).reshape(shape) | trial.second
    if kind == "int":
        return np.full(shape, min(abs(trial.count), 1), dtype)
    spread: Any = np.arange(size, dtype=float).reshape(shape) / (4.0 * size * max([1, *shape[-1:]]) + 1.0)
    values: Any = trial.number + spread
    if len(shape) == 1 and trial.second:  # so that what chooses items by value gives another number of them
        values = trial.number * (np.arange(size) % 2)
    if len(shape) >= 2:
        values = values / (2.0 * max(shape[-1], 1)) + np.eye(shape[-2], shape[-1])
    return (values + 0.25j * spread if kind == "complex" else values).astype(dtype)


# ---- results ----------------------------------------------------------------------------------------
def _describe(a: Any, b: Any, trials: tuple[_Trial, ...], dims: list[Size]) -> Type:
    """The type that covers the results of both trials."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.dtype.kind not in "biufc" or a.dtype != b.dtype:
            return Opaque(np.ndarray)
        if a.ndim != b.ndim:
            return Array(a.dtype.name, None)
        return Array(a.dtype.name, tuple(_size(p, q, trials, dims) for p, q in zip(a.shape, b.shape)))
    if type(a) is not type(b):
        return _joined(a, b, trials, dims)
    if type(a).__name__ in WEAK and type(a) is WEAK[type(a).__name__]:
        return Scalar(type(a).__name__)
    if isinstance(a, np.generic):
        return Scalar(a.dtype.name) if a.dtype.kind in "biufc" else Opaque(type(a))
    if a is None or (a is b and (isinstance(a, type) or callable(a) or isinstance(a, np.dtype))):
        return Static(a)
    if isinstance(a, (tuple, list)):
        return _describe_items(a, b, trials, dims)
    if type(a) is dict and list(a) == list(b):
        return Mapping(tuple(a), tuple(_describe(p, q, trials, dims) for p, q in zip(a.values(), b.values())))
    return Opaque(type(a))


def _joined(a: Any, b: Any, trials: tuple[_Trial, ...], dims: list[Size]) -> Type:
    first, second = _describe(a, a, trials, dims), _describe(b, b, trials, dims)
    if isinstance(first, Array):
        first = Array(first.dtype, None)
    if isinstance(second, Array):
        second = Array(second.dtype, None)
    return join(first, second)


def _describe_items(a: Any, b: Any, trials: tuple[_Trial, ...], dims: list[Size]) -> Type:
    items = tuple(_describe(p, q, trials, dims) for p, q in zip(a, b))
    if len(a) == len(b):
        return Sequence(type(a), items)
    whole = item_type(Sequence(type(a), items)) if items else Never()
    return ListOf(without_value(whole)) if type(a) is list else Opaque(type(a))


def _size(p: int, q: int, trials: tuple[_Trial, ...], dims: list[Size]) -> Size:
    """The operand's dimension, or the constant, that gives both sizes; else a size that nothing is known of."""
    for dim in sorted(dims, key=lambda dim: isinstance(dim, Dim) and dim.one is not False):
        if isinstance(dim, Dim) and (trials[0].size(dim), trials[1].size(dim)) == (p, q):
            return dim
    for dim in dims:
        if not isinstance(dim, Dim):
            continue
        shift = p - trials[0].size(dim)
        follows = trials[0].sizes[dim.symbol] != trials[1].sizes[dim.symbol] and shift == q - trials[1].size(
            dim
        )
        if follows and abs(shift) <= _MOST_SHIFT:
            return Dim(dim.symbol, dim.offset + shift) if dim.offset >= 0 or shift <= 0 else Dim(_UNKNOWN)
    return p if p == q else Dim(_UNKNOWN)


def _named(known: Type, label: str) -> Type:
    """The same type with a symbol of its own for each size that nothing is known of."""
    if isinstance(known, Array) and known.shape is not None:
        sizes = (
            fresh_dim(label) if isinstance(size, Dim) and size.symbol == _UNKNOWN else size
            for size in known.shape
        )
        return Array(known.dtype, tuple(sizes))
    if isinstance(known, Sequence):
        return Sequence(known.cls, tuple(_named(item, label) for item in known.items))
    if isinstance(known, Mapping):
        return Mapping(known.keys, tuple(_named(item, label) for item in known.items))
    if isinstance(known, ListOf):
        return ListOf(_named(known.item, label))
    return known


def _forget_rank(known: Type) -> Type:
    """What a try with one rank tells of all ranks."""
    if isinstance(known, Scalar) and known.dtype not in WEAK:
        return Array(known.dtype, None)
    if isinstance(known, Array):
        return Array(known.dtype, None)
    if isinstance(known, Sequence):
        return Sequence(known.cls, tuple(map(_forget_rank, known.items)))
    return ListOf(_forget_rank(known.item)) if isinstance(known, ListOf) else known


# ---- what is unknown of the arguments -----------------------------------------------------------------
def _leaves(known: Type) -> Iterator[Type]:
    if isinstance(known, (Sequence, Mapping)):
        for item in known.items:
            yield from _leaves(item)
    elif isinstance(known, ListOf):
        yield from _leaves(known.item)
    else:
        yield known


def _dimensions(every: list[Type]) -> list[Size]:
    """The dimensions of all arrays among the arguments, each once."""
    arrays = [leaf for known in every for leaf in _leaves(known) if isinstance(leaf, Array) and leaf.shape]
    return list(dict.fromkeys(dim for array in arrays for dim in array.shape or ()))


def _has_unknown_rank(known: Type) -> bool:
    return any(isinstance(leaf, Array) and leaf.shape is None for leaf in _leaves(known))


def _has_unknown_number(known: Type) -> bool:
    return any(
        isinstance(leaf, Array) or (isinstance(leaf, Scalar) and leaf.value is NO_VALUE)
        for leaf in _leaves(known)
    )


def _has_unknown_int(known: Type) -> bool:
    return any(
        isinstance(leaf, (Scalar, Array))
        and kind_of(leaf.dtype) == "int"
        and getattr(leaf, "value", NO_VALUE) is NO_VALUE
        for leaf in _leaves(known)
    )
