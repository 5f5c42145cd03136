"""Keys of arguments, and the guards on what a function refers to."""

import linecache
import re
import types
from typing import NamedTuple

import numpy as np
import pytest

from s2sad import grad
from s2sad.dispatch import Guard, key_of
from s2sad.signature import Scalar, Static, type_of


class Pair(NamedTuple):
    a: object
    b: object


def first(x):
    return x


VALUES = [
    True, 2, 2.0, 2j, None, np.float32(2), np.int64(2), np.zeros(3), np.zeros(1), np.zeros((3, 1)), np.zeros((1, 3)),
    np.zeros(3, np.float32), np.zeros(3, int), np.array(1.0), [1.0], [1.0, 2.0], [1], (1.0,), Pair(1.0, 2),
    {"a": 1.0}, {"b": 1.0}, {"a": np.zeros(1)}, "a", "b", b"a", first, len, np, float, object(), np.array("text"),
]  # fmt: skip


@pytest.mark.parametrize("p", VALUES, ids=lambda p: re.sub(" at 0x.*?>", ">", repr(p)))
def test_keys_tell_types_apart(p):
    for q in VALUES:
        if p is not q:
            assert key_of(p) != key_of(q) or type_of(p) == type_of(q)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (1.0, 2.0),
        (np.zeros(3), np.ones(4)),
        (np.zeros((1, 2)), np.ones((1, 5))),
        ([np.zeros(2)], [np.zeros(3)]),
        ({"a": 1}, {"a": 2}),
        ("a", "".join(["a"])),
        (first, first),
    ],
)
def test_equal_keys(p, q):
    assert key_of(p) == key_of(q)
    assert hash(key_of(p)) == hash(key_of(q))


def test_a_guard_sees_globals_closures_and_attributes(monkeypatch):
    captured = 1.0

    def function():
        return captured, RATE, np.pi, helper

    known = {name: Scalar("float") for name in ("captured", "RATE", "np.pi", "helper", "len")}
    guard = Guard(function, known)
    assert guard.unchanged()
    captured = 2.0
    assert not guard.unchanged()
    assert guard.still_fits()
    assert guard.unchanged()
    monkeypatch.setitem(globals(), "RATE", 3)
    assert not guard.unchanged()
    assert not guard.still_fits()
    monkeypatch.undo()
    assert guard.still_fits()
    monkeypatch.setitem(globals(), "helper", first)
    assert not guard.still_fits()


RATE = 2.0


def helper():
    return None


def test_a_guard_compares_values_that_were_compiled_in(monkeypatch):
    guard = Guard(reads_rate, {"RATE": Scalar("float", 2.0)})
    monkeypatch.setitem(globals(), "RATE", 2.0 + 0.0)
    assert guard.still_fits()
    monkeypatch.setitem(globals(), "RATE", 2.5)
    assert not guard.still_fits()


def reads_rate():
    return RATE


def test_a_guard_looks_into_containers(monkeypatch):
    table = [1.0, 2.0]

    def function():
        return table

    guard = Guard(function, {"table": type_of(table)})
    assert guard.unchanged()
    table[0] = np.zeros(2)
    assert not guard.unchanged()


def test_a_guard_sees_new_code():
    def function():
        return 1

    guard = Guard(function, {})
    assert guard.unchanged()
    function.__code__ = helper.__code__
    assert not guard.unchanged()
    assert not guard.still_fits()


def test_a_guard_follows_callees(monkeypatch):
    other = types.ModuleType("other")
    exec("LIMIT = 1.0\ndef callee(x):\n    return LIMIT * x", vars(other))
    callee = other.callee

    def function(x):
        return callee(x)

    guard = Guard(function, {"callee": Static(callee), "LIMIT": Scalar("float")})
    assert guard.unchanged()
    other.LIMIT = 2.0  # compiled in: only the function's own globals are read live
    assert not guard.unchanged()
    assert not guard.still_fits()
    other.LIMIT = guard.values[-1] if guard.values[-1] is not callee else guard.values[0]
    assert guard.still_fits()


def test_a_guard_watches_functions_that_are_passed():
    guard = Guard(first, {"RATE": Scalar("float")}, [reads_rate])
    assert [watched.name for watched in guard.watched] == ["RATE"]


def test_a_deleted_name_does_not_fit(monkeypatch):
    guard = Guard(reads_rate, {"RATE": Scalar("float")})
    monkeypatch.delitem(globals(), "RATE")
    assert not guard.still_fits()


def test_an_inner_guard_must_hold_too(monkeypatch):
    guard = Guard(first, {}, inner=[Guard(reads_rate, {"RATE": Scalar("float")})])
    assert guard.unchanged()
    monkeypatch.setitem(globals(), "RATE", "text")
    assert not guard.unchanged()


def test_where_a_slope_is_infinite_the_globals_are_those_of_now():
    scope = module_of("def f(x):\n    return x * x / k\n\ndef g(x):\n    return k * x ** 0.5\n", k=2.0)
    slope, other = grad(scope["f"]), grad(scope["g"])
    assert slope(1.0) == 1.0 and other(4.0) == 0.5
    scope["k"] = 0.0
    with pytest.raises(ZeroDivisionError):  # the primal's own
        slope(1.0)
    scope["k"] = -8.0
    assert other(0.0) == -np.inf
    scope["k"] = 8.0
    assert other(0.0) == np.inf and other(4.0) == 2.0


def module_of(text, **given):
    filename = f"<text {abs(hash(text))}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), given)
    return given
