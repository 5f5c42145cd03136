"""Finding compiled code again: the key of an argument, and the guard on the globals that the code was compiled for.

Two values with equal keys have equal types in the sense of `s2sad.signature.type_of`; the key is what can be read
off in a fraction of a microsecond.

>>> import numpy as np
>>> key_of(2.0), key_of(np.zeros((3, 1)))
(<class 'float'>, ('d', (False, True)))
"""

from __future__ import annotations

import builtins
import enum
import functools
import threading
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from s2sad.contents import look_into
from s2sad.objects import fields_of, is_named_tuple, is_record
from s2sad.signature import NO_VALUE, Opaque, Record, Scalar, Static, Type

_NUMPY_NUMBERS = (
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.longlong,
    np.ulonglong, np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble,
)  # fmt: skip
SIMPLE = frozenset({bool, int, float, complex, type(None), *_NUMPY_NUMBERS})
"""Classes whose instances all have one type: the class is their key."""

_MARK = "__s2sad_expected_"  # parameters of the generated check, apart from any name of the user
_ARRAY = np.ndarray


def exact_key_of(value: Any) -> Any:
    """A hashable key of an argument in which arrays stand with their shapes: quicker to make than `key_of`.

    >>> exact_key_of(2.0), exact_key_of([np.zeros((3, 1)), 1])
    (<class 'float'>, (<class 'list'>, ('d', (3, 1)), <class 'int'>))
    """
    kind = type(value)
    if kind in SIMPLE:
        return kind
    if kind is _ARRAY:
        return (value.dtype.char, value.shape)
    if (kind is list or kind is tuple) and len(value) > 4:
        kinds = set(map(type, value))  # many numbers of one class: a look at their classes is enough
        if len(kinds) == 1 and kinds <= SIMPLE:
            return (kind, len(value), kinds.pop())
    if kind is list or kind is tuple or is_named_tuple(kind):
        return (kind, *map(exact_key_of, value))
    if kind is dict and all(isinstance(key, (str, int, tuple)) for key in value):
        return (dict, tuple(value), *map(exact_key_of, value.values()))
    if isinstance(value, (str, bytes)):
        return (kind, value)
    if is_record(value):
        return _key_of_record(value, kind)
    if (
        callable(value)
        or isinstance(value, (type, types.ModuleType, np.dtype, enum.Enum))
        or value is Ellipsis
    ):
        # its entry in the cache holds the object, so that its id is not given to another one
        return (Static, id(value))
    return (Opaque, kind)


def key_of(value: Any) -> Any:
    """A hashable key that is equal for arguments that the same compiled code serves."""
    return without_sizes(exact_key_of(value))


def without_sizes(key: Any) -> Any:
    """An exact key with no more of an array's shape than which dimensions have size 1."""
    if type(key) is not tuple or not key:
        return key
    first = key[0]
    if isinstance(first, str):
        return (first, tuple([n == 1 for n in key[1]]))
    if first is dict:
        return (dict, key[1], *map(without_sizes, key[2:]))
    return (first, *map(without_sizes, key[1:]))


_inside: set[tuple[int, int]] = set()


def _key_of_record(value: Any, kind: type) -> Any:
    """The key of an object of a user's class; one that holds itself ends where it begins again."""
    here = (threading.get_ident(), id(value))
    if here in _inside:
        return (Opaque, kind)
    _inside.add(here)
    try:
        fields = fields_of(value)
        return (Record, kind, *fields, *map(exact_key_of, fields.values()))
    finally:
        _inside.discard(here)


def fitting(values: tuple[Any, ...], keys: tuple[Any, ...], small: int = 1) -> Any:
    """Which dimensions of the arrays among some values have equal sizes; `keys` are the values' keys.

    Sizes up to `small` are told themselves.

    >>> def equal(*values):
    ...     return fitting(values, tuple(map(key_of, values)))
    >>> a, b = np.zeros((3, 4)), np.zeros(4)
    >>> equal(a, b, 2.0), equal(b, b), equal(b), equal(2.0, 3.0), equal([1.0] * 9, b)
    ((0, 1, 1), -2, (), (), ())
    >>> fitting((a, b), (key_of(a), key_of(b)), small=3), fitting((a, a), (key_of(a), key_of(a)), small=3)
    ((-3, 1, 1), (-3, 1, -3, 1))
    """
    sizes: list[int] = []
    for value, key in zip(values, keys):
        if type(key) is tuple and not (len(key) == 3 and type(key[1]) is int):
            _collect_sizes((value,), sizes)
    count = len(sizes)
    if small > 1 and any(size <= small for size in sizes):
        return tuple([-size if size <= small else sizes.index(size) for size in sizes])
    if count < 2:
        return ()
    distinct = len(set(sizes))
    if distinct == count:
        return count
    return -count if distinct == 1 else tuple([sizes.index(size) for size in sizes])


def _collect_sizes(values: Iterable[Any], sizes: list[int]) -> None:
    for value in values:
        kind = type(value)
        if kind is _ARRAY:
            for size in value.shape:
                if size != 1:
                    sizes.append(size)
        elif kind in SIMPLE:
            continue
        elif isinstance(value, (list, tuple)):
            _collect_sizes(value, sizes)
        elif kind is dict:
            _collect_sizes(value.values(), sizes)
        elif is_record(value):
            here = (threading.get_ident(), id(value))
            if here not in _inside:
                _inside.add(here)
                _collect_sizes(fields_of(value).values(), sizes)
                _inside.discard(here)


class Watched(NamedTuple):
    """A name as one function sees it, and what its object must stay."""

    function: Any
    name: str
    known: Type
    live: bool  # emitted code reads it when it runs; else the object itself was compiled in

    def value(self) -> Any:
        """The object that the name has now."""
        first, *attributes = self.name.split(".")
        found = _variable(self.function, first)
        for attribute in attributes:
            found = getattr(found, attribute)
        return found


class Guard:
    """Watches the names outside a function that its compiled code depends on.

    ``unchanged()`` reads each name as the function itself would and compares by identity, and looks into containers,
    of which items may change in place; ``still_fits()`` then decides whether what changed is of another kind.

    Parameters
    ----------
    function : function or None
        Whose globals and closure are read; None watches nothing.
    known : mapping from str to Type
        The names (dotted ones too) and what the compiler assumed of each; names that only a callee knows are
        watched there.
    callees : iterable of function
        Functions that the code may call besides those that it names: those that were passed as arguments.
    inner : iterable of Guard
        Guards that must hold too: those of derivatives that the code was made of.
    """

    __slots__ = ("_checks", "_looks", "codes", "inner", "keys", "unchanged", "values", "watched")

    def __init__(
        self,
        function: types.FunctionType | None,
        known: Mapping[str, Type],
        callees: Iterable[types.FunctionType] = (),
        inner: Iterable[Guard] = (),
    ) -> None:
        self.inner = tuple(inner)
        functions = [] if function is None else _reached([function, *callees], known)
        self.codes = [(reached, reached.__code__) for reached in functions]
        self.watched = [
            Watched(reached, name, known[name], reached is function)
            for reached in functions
            for name in sorted(known)
            if _mentions(reached.__code__, name.split(".")[0]) and _has(reached, name)
        ]
        self.values = [watched.value() for watched in self.watched]
        self.keys = [_kind_of(value) for value in self.values]
        self._looks = {
            k: _look(kind, value)
            for k, (kind, value) in enumerate(zip(self.keys, self.values))
            if isinstance(value, (list, dict, tuple))
        }
        self._checks: list[tuple[types.FunctionType, int]] = []
        self._watch()

    def _watch(self) -> None:
        if self._checks:
            for check, k in self._checks:
                check.__defaults__ = self._expected(k)
        else:
            own, inner = self._own_check(), self.inner
            self.unchanged: Callable[[], bool] = (
                own if not inner else lambda: own() and all(map(_holds, inner))
            )

    @property
    def is_simple(self) -> bool:
        """Whether to compare objects is enough."""
        return not self.inner and not self._looks

    @property
    def live(self) -> dict[str, Any]:
        """The names that emitted code reads when it runs, and the objects that they have."""
        return {watched.name: value for watched, value in zip(self.watched, self.values) if watched.live}

    def _expected(self, k: int) -> tuple[Any, ...]:
        """What the check of the k-th function compares with."""
        function, code = self.codes[k]
        pairs = zip(self.watched, self.values)
        return (function, code, *(value for watched, value in pairs if watched.function is function))

    def _own_check(self) -> Callable[[], bool]:
        """A function without arguments: every name still has the object in `values`, of items of the same kinds."""
        checks = [self._check(k, "", "{tests}") for k in range(len(self.codes))]
        if len(checks) == 1:
            return checks[0]

        def unchanged() -> bool:
            for check in checks:  # noqa: SIM110  (a generator costs more than the checks)
                if not check():
                    return False
            return True

        return unchanged

    def guarded(self, run: Callable[..., Any], count: int, stale: Callable[..., Any]) -> Callable[..., Any]:
        """`run` of `count` arguments while nothing has changed, else `stale`, with the check in the same function."""
        if not self.inner and len(self.codes) == 1:
            given = [f"{_MARK}x{k}" for k in range(count)]
            call = f"{_MARK}run({', '.join(given)}) if {{tests}} else {_MARK}stale({', '.join(given)})"
            return self._check(0, "".join(f"{name}, " for name in given), call, run=run, stale=stale)

        def run_guarded(*values: Any) -> Any:
            return run(*values) if self.unchanged() else stale(*values)

        return run_guarded

    def _check(self, k: int, parameters: str, body: str, **given: Any) -> types.FunctionType:
        """A function of some parameters whose body asks whether the names of the k-th function are unchanged.

        It is compiled to run in that function's own globals and closure, where Python caches such reads: a few
        nanoseconds for each name.
        """
        function, _ = self.codes[k]
        places = [j for j, watched in enumerate(self.watched) if watched.function is function]
        names = [self.watched[j].name for j in places]
        looks = {f"look{j}": self._looks[j] for j in places if j in self._looks}
        given |= looks
        free = sorted({name.split(".")[0] for name in names} & set(function.__code__.co_freevars))
        expected = [f"{_MARK}{k}" for k in range(len(names) + 2)]
        tests = [f"{expected[0]}.__code__ is {expected[1]}"]
        tests += [f"{name} is {seen}" for name, seen in zip(names, expected[2:])]
        tests += [f"{_MARK}look{j}({self.watched[j].name})" for j in places if j in self._looks]
        text = f"lambda {parameters}{', '.join(expected)}: {body.format(tests=' and '.join(tests))}"
        inner = _inner_code(f"lambda {', '.join([*free, *(_MARK + key for key in given)])}: {text}")
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        cells.update({_MARK + key: types.CellType(value) for key, value in given.items()})
        closure = tuple(cells[name] for name in inner.co_freevars)
        made = types.FunctionType(inner, function.__globals__, "unchanged", self._expected(k), closure)
        self._checks.append((made, k))
        return made

    def still_fits(self) -> bool:
        """Whether every name has an object of the kind that was compiled for; if so, watch the new objects."""
        if any(function.__code__ is not code for function, code in self.codes):
            return False
        try:
            values = [watched.value() for watched in self.watched]
        except (NameError, AttributeError):
            return False
        pairs = zip(self.watched, self.keys, self.values, values)
        if not all(_fits(watched, key, old, new) for watched, key, old, new in pairs):
            return False
        if any(new is not old for new, old in zip(values, self.values)):
            self.values = values
            self._watch()
        return all(guard.still_fits() for guard in self.inner)


def _holds(guard: Any) -> bool:
    """Whether what a guard watches is as it was, or of the kind that it was."""
    unchanged = getattr(guard, "unchanged", None)
    return (unchanged is not None and unchanged()) or bool(guard.still_fits())


def _kind_of(value: Any) -> Any:
    """The key of a value, and which dimensions of its arrays have equal sizes: the compiler relies on both."""
    key = key_of(value)
    return key, fitting((value,), (key,))


def _look(kind: Any, value: Any) -> Callable[[Any], bool]:
    """A function that tells whether what is in a container is of the same kinds."""
    key, sizes = kind
    holds = look_into(exact_key_of(value) if sizes else key)
    if holds is None:
        return lambda value: bool(_kind_of(value) == kind)
    # the same shapes have the same equal sizes; others may have them too
    return holds if not sizes else lambda value: holds(value) or bool(_kind_of(value) == kind)


def _fits(watched: Watched, key: Any, old: Any, new: Any) -> bool:
    if _kind_of(new) != key or not (new is old or watched.live):
        return False
    known = watched.known
    return not (isinstance(known, Scalar) and known.value is not NO_VALUE) or bool(known.value == new)


def _reached(functions: list[types.FunctionType], known: Mapping[str, Type]) -> list[types.FunctionType]:
    """The functions, and those that they call by one of the names."""
    for function in functions:  # grows on the way
        for name in known:
            if _mentions(function.__code__, name.split(".")[0]) and _has(function, name):
                callee = Watched(function, name, known[name], True).value()
                if isinstance(callee, types.FunctionType) and callee not in functions:
                    functions.append(callee)
    return functions


def _mentions(code: types.CodeType, name: str) -> bool:
    """Whether a function, or one defined in it, reads a name from outside."""
    if name in code.co_names or name in code.co_freevars:
        return True
    return any(_mentions(inner, name) for inner in code.co_consts if isinstance(inner, types.CodeType))


def _has(function: types.FunctionType, name: str) -> bool:
    try:
        Watched(function, name, Opaque(), True).value()
    except (NameError, AttributeError):
        return False
    return True


def _variable(function: types.FunctionType, name: str) -> Any:
    code = function.__code__
    if name in code.co_freevars:
        try:
            return (function.__closure__ or ())[code.co_freevars.index(name)].cell_contents
        except ValueError:
            raise NameError(f"free variable {name!r} has no value yet") from None
    if name in function.__globals__:
        return function.__globals__[name]
    try:
        return getattr(builtins, name)
    except AttributeError:
        raise NameError(f"name {name!r} is not defined") from None


@functools.lru_cache(maxsize=1024)
def _inner_code(text: str) -> types.CodeType:
    outer = compile(text, "<s2sad guard>", "eval").co_consts[0]
    return next(constant for constant in outer.co_consts if isinstance(constant, types.CodeType))
