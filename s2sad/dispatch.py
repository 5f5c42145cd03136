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
from collections.abc import Callable, Iterable
from typing import Any

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


class Guard:
    """Watches the names outside a function that its compiled code depends on.

    ``unchanged()`` is one call that reads each name as the function itself would and compares by identity;
    ``still_fits()`` then decides whether what changed is of another kind.

    Parameters
    ----------
    function : function or None
        Whose globals and closure are read; None watches nothing.
    known : mapping from str to Type
        The names (dotted ones too) and what the compiler assumed of each.
    inner : Guard, optional
        A guard that must hold too.
    """

    __slots__ = ("code", "function", "inner", "keys", "known", "names", "unchanged")

    def __init__(
        self, function: types.FunctionType | None, known: dict[str, Type], inner: Guard | None = None
    ) -> None:
        self.function = function
        self.code = getattr(function, "__code__", None)
        self.inner = inner
        self.known = known
        self.names = sorted(known) if function is not None else []
        self.keys = [key_of(value) for value in self._values()]
        self._watch()

    def _values(self) -> list[Any]:
        return [_look_up(self.function, name) for name in self.names]

    def _watch(self) -> None:
        values = self._values()
        containers = any(isinstance(value, (list, dict, tuple)) for value in values)
        if containers or self.inner is not None:
            self.unchanged: Callable[[], bool] = self.still_fits  # items of a container may change in place
        else:
            self.unchanged = _identity_check(self.function, self.names, values)

    def still_fits(self) -> bool:
        """Whether every name has an object of the kind that was compiled for; if so, watch the new objects."""
        try:
            values = self._values()
        except (NameError, AttributeError):
            return False
        if getattr(self.function, "__code__", None) is not self.code:
            return False
        if [key_of(value) for value in values] != self.keys:
            return False
        if not all(_equals_known(self.known[name], value) for name, value in zip(self.names, values)):
            return False
        if self.unchanged != self.still_fits:
            self._watch()
        return self.inner is None or self.inner.still_fits()


def _equals_known(known: Type, value: Any) -> bool:
    """Whether a number whose value was compiled in still has that value."""
    return not (isinstance(known, Scalar) and known.value is not NO_VALUE) or bool(known.value == value)


def _look_up(function: Any, name: str) -> Any:
    first, *attributes = name.split(".")
    value = _variable(function, first)
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


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


def _identity_check(function: Any, names: Iterable[str], values: list[Any]) -> Callable[[], bool]:
    """A function without arguments that is true while every name still has the object in `values`.

    It is compiled to run in the user's own globals and closure, where Python caches such reads: a few nanoseconds
    for each name.
    """
    if function is None:
        return _always
    free = sorted({name.split(".")[0] for name in names} & set(function.__code__.co_freevars))
    expected = [f"{_MARK}{k}" for k in range(len(values) + 2)]
    tests = [f"{expected[0]}.__code__ is {expected[1]}"]
    tests += [f"{name} is {seen}" for name, seen in zip(names, expected[2:])]
    text = f"lambda {', '.join(seen + '=None' for seen in expected)}: {' and '.join(tests)}"
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    code = _inner_code(f"lambda {', '.join(free)}: {text}")
    closure = tuple(cells[name] for name in code.co_freevars)
    objects = (function, function.__code__, *values)
    return types.FunctionType(code, function.__globals__, "unchanged", objects, closure)


def _inner_code(text: str) -> types.CodeType:
    outer = compile(text, "<s2sad guard>", "eval").co_consts[0]
    return next(constant for constant in outer.co_consts if isinstance(constant, types.CodeType))


def _always() -> bool:
    return True
