"""Finding compiled code again: the key of an argument, and the guard on the globals that the code was compiled for.

Two values with equal keys have equal types in the sense of `s2sad.signature.type_of`; the key is what can be read
off in a fraction of a microsecond.

>>> import numpy as np
>>> key_of(2.0), key_of(np.zeros((3, 1)))
(<class 'float'>, ('d', (False, True)))
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from s2sad.signature import NO_VALUE, Opaque, Scalar, Static, Type

_NUMPY_NUMBERS = (
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.longlong,
    np.ulonglong, np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble,
)  # fmt: skip
SIMPLE = frozenset({bool, int, float, complex, type(None), *_NUMPY_NUMBERS})
"""Classes whose instances all have one type: the class is their key."""

_MARK = "__s2sad_expected_"  # parameters of the generated check, apart from any name of the user
_ARRAY = np.ndarray
_MANY_PLAIN = tuple((False,) * rank for rank in range(9))


def key_of(value: Any) -> Any:
    """A hashable key that is equal for arguments that the same compiled code serves."""
    kind = type(value)
    if kind in SIMPLE:
        return kind
    if kind is _ARRAY:
        shape = value.shape
        ones = tuple([n == 1 for n in shape]) if 1 in shape else _MANY_PLAIN[len(shape)]
        return (value.dtype.char, ones)
    if (kind is list or kind is tuple) and len(value) > 4:
        kinds = set(map(type, value))  # many numbers of one class: a look at their classes is enough
        if len(kinds) == 1 and kinds <= SIMPLE:
            return (kind, len(value), kinds.pop())
    if kind is list or kind is tuple or (isinstance(value, tuple) and hasattr(value, "_fields")):
        return (kind, *map(key_of, value))
    if kind is dict and all(isinstance(key, (str, int, tuple)) for key in value):
        return (dict, tuple(value), *map(key_of, value.values()))
    if isinstance(value, (str, bytes)):
        return (kind, value)
    if callable(value) or isinstance(value, (type, types.ModuleType, np.dtype)) or value is Ellipsis:
        # its entry in the cache holds the object, so that its id is not given to another one
        return (Static, id(value))
    return (Opaque, kind)


def fitting(values: tuple[Any, ...], keys: tuple[Any, ...]) -> Any:
    """Which dimensions of the arrays among some values have equal sizes; `keys` are the values' keys.

    >>> def equal(*values):
    ...     return fitting(values, tuple(map(key_of, values)))
    >>> a, b = np.zeros((3, 4)), np.zeros(4)
    >>> equal(a, b, 2.0), equal(b, b), equal(b), equal(2.0, 3.0), equal([1.0] * 9, b)
    ((0, 1, 1), -2, (), (), ())
    """
    sizes: list[int] = []
    for value, key in zip(values, keys):
        if type(key) is tuple and not (len(key) == 3 and type(key[1]) is int):
            _collect_sizes((value,), sizes)
    count = len(sizes)
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

    ``unchanged()`` reads each name as the function itself would and compares by identity; ``still_fits()`` then
    decides whether what changed is of another kind.

    Parameters
    ----------
    function : function or None
        Whose globals and closure are read; None watches nothing.
    known : mapping from str to Type
        The names (dotted ones too) and what the compiler assumed of each; names that only a callee knows are
        watched there.
    callees : iterable of function
        Functions that the code may call besides those that it names: those that were passed as arguments.
    inner : Guard, optional
        A guard that must hold too.
    """

    __slots__ = ("codes", "inner", "keys", "unchanged", "values", "watched")

    def __init__(
        self,
        function: types.FunctionType | None,
        known: Mapping[str, Type],
        callees: Iterable[types.FunctionType] = (),
        inner: Guard | None = None,
    ) -> None:
        self.inner = inner
        functions = [] if function is None else _reached([function, *callees], known)
        self.codes = [(reached, reached.__code__) for reached in functions]
        self.watched = [
            Watched(reached, name, known[name], reached is function)
            for reached in functions
            for name in sorted(known)
            if _mentions(reached.__code__, name.split(".")[0]) and _has(reached, name)
        ]
        self.values = [watched.value() for watched in self.watched]
        self.keys = [key_of(value) for value in self.values]
        self._watch()

    def _watch(self) -> None:
        containers = any(isinstance(value, (list, dict, tuple)) for value in self.values)
        if containers or self.inner is not None:
            self.unchanged: Callable[[], bool] = self.still_fits  # items of a container may change in place
        else:
            self.unchanged = _identity_check(self.codes, self.watched, self.values)

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
        return self.inner is None or self.inner.still_fits()


def _fits(watched: Watched, key: Any, old: Any, new: Any) -> bool:
    if key_of(new) != key or not (new is old or watched.live):
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


def _identity_check(
    codes: list[tuple[types.FunctionType, types.CodeType]], watched: list[Watched], values: list[Any]
) -> Callable[[], bool]:
    """A function without arguments that is true while every name still has the object in `values`."""
    checks = []
    for function, code in codes:
        names = {w.name: value for w, value in zip(watched, values) if w.function is function}
        checks.append(_check_of_function(function, code, names))
    if len(checks) == 1:
        return checks[0]

    def unchanged() -> bool:
        for check in checks:  # noqa: SIM110  (a generator costs more than the checks)
            if not check():
                return False
        return True

    return unchanged


def _check_of_function(
    function: types.FunctionType, code: types.CodeType, names: Mapping[str, Any]
) -> Callable[[], bool]:
    """The check of one function's names.

    It is compiled to run in that function's own globals and closure, where Python caches such reads: a few
    nanoseconds for each name.
    """
    free = sorted({name.split(".")[0] for name in names} & set(function.__code__.co_freevars))
    expected = [f"{_MARK}{k}" for k in range(len(names) + 2)]
    tests = [f"{expected[0]}.__code__ is {expected[1]}"]
    tests += [f"{name} is {seen}" for name, seen in zip(names, expected[2:])]
    text = f"lambda {', '.join(seen + '=None' for seen in expected)}: {' and '.join(tests)}"
    inner = _inner_code(f"lambda {', '.join(free)}: {text}")
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    closure = tuple(cells[name] for name in inner.co_freevars)
    return types.FunctionType(
        inner, function.__globals__, "unchanged", (function, code, *names.values()), closure
    )


def _inner_code(text: str) -> types.CodeType:
    outer = compile(text, "<s2sad guard>", "eval").co_consts[0]
    return next(constant for constant in outer.co_consts if isinstance(constant, types.CodeType))
