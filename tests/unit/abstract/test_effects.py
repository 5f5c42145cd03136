"""Effects that are read from source: what a call may write and read outside."""

import functools
import operator
import random

import numpy as np
import pytest

from s2sad.abstract.effects import effects_of, may_write

table = np.ones(3)
window = table[1:]
names = ["a", "b"]
nested = {"a": {"b": 1}}
buffers = [np.zeros(2), np.zeros(2)]
level = 1.0


def twice(z):
    z *= 2


class Recorder:
    def __init__(self):
        self.rows = np.zeros(3)
        self.count = 0

    def record(self):
        self._store()

    def _store(self):
        self.count += 1
        self.rows[0] = 2.0

    @property
    def first(self):
        names.append("c")
        return self.rows[0]


recorder = Recorder()


def through_a_call():
    twice(table)


def by_a_library():
    np.random.shuffle(table)


def out():
    np.multiply(table, 2.0, out=table)


def view():
    part = table[1:]
    part += 1


def other_view():
    window[0] = 1.0


def mapped():
    list(map(lambda z: twice(z), [table]))


def local_function():
    def inner(z):
        z[0] = 1

    inner(table)


def returned():
    def get():
        return table

    get()[0] = 1.0


def returned_by_a_lambda():
    get = lambda: table  # noqa: E731
    get()[0] = 1.0


def _get():
    return table


def returned_by_another():
    _get()[0] = 1.0


def star():
    twice(*[table])


def setter():
    operator.setitem(table, 0, 1.0)


def in_a_lambda():
    run = lambda: twice(table)  # noqa: E731
    run()


WRITERS = [through_a_call, by_a_library, out, view, other_view, mapped, local_function, returned_by_another, returned, returned_by_a_lambda,
           star, setter, in_a_lambda, functools.partial(twice, table)]  # fmt: skip


@pytest.mark.parametrize("function", WRITERS)
def test_what_writes_into_the_table(function):
    assert effects_of(function).writes(table)


def reads():
    return float(table.sum()) + 1.0


def copies():
    t = float(table[0])
    t += 1
    q = table.copy()
    q[0] = 3.0
    s = np.zeros(3)
    s += table
    return q + s + t


def prints():
    print(table, len(names), f"{nested}")


@pytest.mark.parametrize("function", [reads, copies, prints])
def test_what_only_reads_it(function):
    found = effects_of(function)
    assert found.reads(table)
    assert not found.written


def test_arrays_in_lists_and_dicts_in_dicts():
    def fun():
        buffers[0][:] = 1.0
        nested["a"]["b"] += 1

    found = effects_of(fun)
    assert found.writes(buffers[0])
    assert found.writes(nested["a"])
    assert not found.writes(table)


def test_fields_of_objects_and_their_arrays():
    found = effects_of(recorder.record)
    assert found.writes(recorder.rows)
    assert ("field", id(recorder), "count") in found.written
    assert not found.writes(table)


def test_properties_are_gone_through():
    assert effects_of(lambda: recorder.first).writes(names)


def test_globals_and_captured_variables_that_are_assigned():
    def fun():
        global level
        level += 1.0

    assert ("name", id(globals()), "level") in effects_of(fun).written


def test_a_list_that_is_given():
    given = [3.0, 1.0]
    assert effects_of(random.shuffle, [given]).writes(given)
    assert not effects_of(random.choice, [given]).writes(given)


def test_a_function_without_source_may_write_all_that_it_names():
    space = {"table": table}
    exec("def fun():\n    return table.sum()", space)
    assert effects_of(space["fun"]).writes(table)


def test_a_recursive_function_ends():
    def fun(n):
        if n:
            fun(n - 1)
        table[n] = 0.0

    assert effects_of(fun).writes(table)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (twice, True), (random.shuffle, True), (random.choice, False), (np.sum, False), (np.copyto, True), (len, False),
        (lambda a: a.fill(0.0), True), (lambda a: np.exp(a, out=a), True), (lambda a: a + 1, False),
        (lambda f, a: f(a), False), (np.random.default_rng(0).shuffle, True),
    ],
)  # fmt: skip
def test_may_write(function, expected):
    assert may_write(function) is expected
