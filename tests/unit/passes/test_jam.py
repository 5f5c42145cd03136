"""Loops are put together exactly where each turn of the second may follow that turn of the first."""

import numpy as np
import pytest

from s2sad.passes.loops.jam import jam
from s2sad.passes.loops.webs import separated
from s2sad.passes.reserve import reserve
from s2sad.signature import Array
from s2sad.testing.core import core, runnable, source

A, B = np.arange(6.0).reshape(3, 2) / 4, np.array([0.5, -1.5, 2.0])
ROWS = """
def f(a, b):
    s = np.empty(3)
    t = np.zeros(3)
    n = 3
    total = 0.0
    for i in range(n):
        row = 0.0
        for j in range(2):
            row += a[i, j]
        s[i] = row
    {between}
    for i in range({stop}):
        {second}
    return total + t[0]{after}
"""
PLAIN = {"between": "k = 1", "stop": "n", "second": "total += s[i] * b[i]", "after": ""}


def jammed(text=ROWS, **changes):
    program = core(text.format(**{**PLAIN, **changes}), A, B)
    new = jam(program)
    a, b = A.copy(), B.copy()
    assert runnable(new)(a, b) == runnable(program)(A.copy(), B.copy())
    return source(new)


def test_an_array_of_sums_becomes_a_number():
    text = jammed()
    assert text.count("for i") == 1 and "s = np.empty" not in text
    assert "total += row * b[i]" in text


def test_what_is_looked_up_by_an_array_of_places_stays_behind_the_loop_that_fills_them():
    text = jammed(
        """
def f(a, b):
    places = np.empty(3, np.int64)
    s = np.empty(3)
    total = 0.0
    for i in range(3):
        s[i] = b[i] * 2.0
        places[i] = 2 - i
    found = b[places]
    for i in range(3):
        total += s[i] * found[i]
    return total
"""
    )
    assert text.index("places[i] =") < text.index("found = b[places]") < text.index("total +=")


def test_a_loop_over_an_array_that_it_binds_anew_keeps_its_name():
    text = jammed(
        """
def f(a, b):
    t = b * 2.0
    total = 0.0
    for i in range(len(t)):
        t = a[i] * 3.0
        total += t[0]
    t = b + 1.0
    return total + t[0]
"""
    )
    header = text[text.index("range(len(") :].split("(")[2].split(")")[0]
    assert f"{header} = b * 2.0" in text


def test_inner_loops_are_put_together_too():
    text = jammed(
        """
def f(a, b):
    s = np.empty((3, 2))
    total = 0.0
    for i in range(3):
        for j in range(2):
            s[i, j] = a[i, j] * 2.0
    for i in range(3):
        for j in range(2):
            total += s[i, j] * b[i]
    return total
"""
    )
    assert text.count("for ") == 2 and "s = a[i, j] * 2.0" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"between": "t.fill(0.0)"},
        {"between": "u = t[1:]"},
        {"between": "for k in range(2):\n        t[k] = b[k]"},
        {"second": "s[i] += b[i]\n        total += s[i]"},
    ],
)
def test_what_is_apart_may_stand_before(changes):
    assert jammed(**changes).count("for i") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"second": "total += s[2 - i] * b[i]"},
        {"second": "total += s[i] * s[0]"},
        {"stop": "2"},
        {"between": "n = 2"},
        {"between": "s[1] = 3.0"},
        {"between": "s.fill(1.0)"},
        {"between": "t = s * 2.0"},
        {"between": "for k in range(2):\n        s[k] = b[k]"},
        {"between": "total = np.sum(s)"},
        {"between": "u = s", "second": "u[0] = 2.0\n        total += s[i]"},
        {"second": "total += s[i] * row"},
        {"second": "t[i] = s[i]\n        s[i] = 1.0", "between": "t = s"},
        {"second": "total += s[i] * np.sum(s)"},
        {"second": "total += s[i]\n        n = 2"},
        {"second": "print(s[i])"},
    ],
)
def test_what_reads_other_turns_keeps_its_loop(changes):
    assert jammed(**changes).count("for i") == 2


def test_arguments_may_be_one_array():
    text = """
def f(a, b):
    s = np.empty(3)
    a = a[:, 0]
    total = 0.0
    for i in range(3):
        s[i] = b[i] + a[i]
        total += a[0]
    for i in range(3):
        b[i] = s[i]
    return total
"""
    assert jammed(text).count("for i") == 2


@pytest.mark.parametrize("after", [" + s[1]", " + s[i]"])
def test_what_is_read_later_stays_an_array(after):
    text = jammed(after=after)
    assert "s = np.empty(3)" in text and "s[i] = row" in text


def test_what_is_read_before_it_is_written_stays_an_array():
    text = """
def f(a, b):
    s = np.empty(3)
    total = 0.0
    s.fill(1.0)
    for i in range(3):
        total += s[i]
        s[i] = a[i, 0]
    for i in range(3):
        total += s[i] * b[i]
    return total
"""
    assert "s = np.empty(3)" in jammed(text)


def test_an_array_of_each_of_two_loops_has_two_names():
    text = """
def f(a, b):
    total = 0.0
    for i in range(3):
        s = np.empty(3)
        s[0] = a[i, 0]
        total += s[0]
    for i in range(3):
        s = np.empty(3)
        s[1] = b[i]
        total += s[1]
    return total
"""
    program = core(text, A, B)
    program = program.replace(types={**program.types, "s": Array("float64", (3,))})
    changed = separated(program)
    assert runnable(changed)(A, B) == runnable(program)(A, B)
    assert source(changed).count("s = np.empty(3)") == source(changed).count("s_1 = np.empty(3)") == 1
    reserved = source(reserve(changed))
    assert reserved.index("s_1 = np.empty(3)") < reserved.index("for i", reserved.index("for i") + 1)
