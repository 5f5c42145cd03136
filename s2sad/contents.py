"""What is in a container that lives outside: one look tells whether the types are those that were compiled for.

Lists and dicts change in place, so their items are looked at before every call.  The look is one Python expression,
made for the key of the container (`dispatch.key_of`, or `dispatch.exact_key_of` with the shapes of arrays), which takes
a fraction of the time that making the key takes.

>>> from s2sad.dispatch import key_of
>>> gains = {"p": 2.0, "w": [1.0, 2.0]}
>>> holds = look_into(key_of(gains))
>>> gains["p"] = 3.0
>>> holds(gains)
True
>>> gains["w"].append(4.0)
>>> holds(gains)
False
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad.signature import Static

_MOST = 200
"""How many items are looked at one by one; more of different kinds are told by making the key."""


def look_into(key: Any) -> Callable[[Any], bool] | None:
    """A function that tells whether an object is of a key; None where only making its key can tell."""
    text = _Text()
    try:
        tests = text.of("value", key)
    except _Unknown:
        return None
    made: Callable[[Any], bool] = eval(f"lambda value: {' and '.join(tests)}", text.constants)
    return made


class _Unknown(Exception):
    """A kind of object that no expression tells."""


class _Text:
    """The expression, and the objects that it compares with."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {"array": np.ndarray}
        self.count = 0

    def name(self, value: Any) -> str:
        """A name for an object to compare with."""
        key = f"known_{len(self.constants)}"
        self.constants[key] = value
        return key

    def of(self, place: str, key: Any) -> list[str]:
        """The tests of what stands at a place; each may rely on those before it."""
        self.count += 1
        if self.count > _MOST:
            raise _Unknown
        if isinstance(key, type):
            return [f"type({place}) is {self.name(key)}"]
        if not isinstance(key, tuple):
            raise _Unknown
        first = key[0]
        if isinstance(first, str):
            return self._of_array(place, *key)
        if first is Static:
            return [f"id({place}) == {key[1]}"]
        if first in (str, bytes):
            return [f"type({place}) is {self.name(first)}", f"{place} == {self.name(key[1])}"]
        if first is dict:
            return self._of_dict(place, *key[1:])
        if isinstance(first, type) and issubclass(first, (list, tuple)):
            return self._of_sequence(place, *key)
        raise _Unknown

    def _of_array(self, place: str, char: str, shape: tuple[Any, ...]) -> list[str]:
        tests = [f"type({place}) is array", f"{place}.dtype.char == {char!r}"]
        if not all(isinstance(size, bool) for size in shape):
            return [*tests, f"{place}.shape == {shape!r}"]
        tests.append(f"{place}.ndim == {len(shape)}")
        if not any(shape):
            return [*tests, f"1 not in {place}.shape"] if shape else tests
        return [*tests, f"tuple([size == 1 for size in {place}.shape]) == {shape!r}"]

    def _of_dict(self, place: str, keys: tuple[Any, ...], *items: Any) -> list[str]:
        tests = [f"type({place}) is dict", f"tuple({place}) == {self.name(keys)}"]
        kinds = self._kinds(f"{place}.values()", items)
        if kinds:
            return [*tests, kinds]
        places = [f"{place}[{self.name(key)}]" for key in keys]
        return [*tests, *(test for at, item in zip(places, items) for test in self.of(at, item))]

    def _of_sequence(self, place: str, cls: type, *items: Any) -> list[str]:
        if len(items) == 2 and isinstance(items[0], int):  # many numbers of one class
            items = (items[1],) * items[0]
        tests = [f"type({place}) is {self.name(cls)}", f"len({place}) == {len(items)}"]
        kinds = self._kinds(place, items)
        if kinds:
            return [*tests, kinds]
        return [*tests, *(test for k, item in enumerate(items) for test in self.of(f"{place}[{k}]", item))]

    def _kinds(self, place: str, items: tuple[Any, ...]) -> str | None:
        """One look at the classes of many numbers of one class."""
        alike = len(items) > 3 and isinstance(items[0], type) and all(item is items[0] for item in items)
        return f"set(map(type, {place})) == {self.name({items[0]})}" if alike else None
