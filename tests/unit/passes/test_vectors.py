"""Loops over exponentials: which take the functions without branches, and that their sums are those of before."""

import numpy as np
import pytest

from s2sad.passes.loops.vectors import FEW, vectors
from s2sad.testing.core import core, runnable, source

X = np.linspace(0.3, 2.0, 20)


def made(text, x=X):
    program = core("def f(x):" + text, x)
    return source(vectors(program))


LOOP = """
    total = 0.0
    y = np.empty(len(x))
    for i in range(len(x)):
        t = np.exp(-x[i])
        y[i] = t * np.log(x[i])
        total += y[i] * np.tanh(t)
    return total, y
"""


def test_taken_apart():
    from s2sad.runtime.elementary import vector_exp, vector_log, vector_tanh

    program = core("def f(x):" + LOOP, X)
    new = vectors(program)
    given = {"vector_exp": vector_exp, "vector_log": vector_log, "vector_tanh": vector_tanh}
    one, other = runnable(new, **given)(X), runnable(program)(X)
    assert one[0] == other[0]
    np.testing.assert_array_equal(one[1], other[1])
    text = source(new)
    assert text.count("for i in range(len(x)):") == 2
    assert "total += terms[i]" in text and "np.exp" not in text


@pytest.mark.parametrize(
    "change",
    [
        ("y[i] = t", "y[i] = total * t"),  # a sum that is read
        ("t = np.exp(-x[i])", "t = np.exp(-x[i]) + t"),  # carried
        ("t = np.exp(-x[i])", "t = np.exp(-x[i]) + np.sin(x[i])"),  # a call for each item
        ("t = np.exp(-x[i])", "t = np.exp(-x[i]) ** x[i]"),
        ("range(len(x))", "range(1, len(x))"),  # the terms would not start at zero
        ("range(len(x))", f"range({FEW})"),
        ("range(len(x))", "range(int(x[0]) + 19)"),  # it may be any number
        ("        y[i] =", "        if t > 0.5:\n            t = 0.5\n        y[i] ="),
    ],
)
def test_left_as_it_is(change):
    text = LOOP.replace("    y = ", "    t = 0.0\n    y = ").replace(*change)
    assert text.count(change[1])
    assert "vector_" not in made(text)


@pytest.mark.parametrize(
    ("count", "size"),
    [("x.shape[0]", "x.shape[0]"), ("m", "max(m, 0)"), ("len(x) - 1", "max(len(x) - 1, 0)"), ("20", "20")],
)
def test_numbers_of_terms(count, size):
    text = LOOP.replace("    total = 0.0", "    total = 0.0\n    m = len(x)").replace("range(len(x))", f"range({count})")
    assert f"terms = np.empty({size})" in made(text)


INNER = """
    out = np.empty(3)
    for k in range(3):
        {before}
        row = 0.0
        for i in range({count}):
            row += np.exp(x[i] * k)
        out[k] = row
    return out
"""


def test_memory_is_taken_once():
    text = made(INNER.format(before="m = k", count="len(x)"))
    assert text.index("terms = ") < text.index("for k")
    text = made(INNER.format(before="m = x[k:]", count="len(m)"))
    assert text.index("terms = ") > text.index("for k")


def test_without_a_sum():
    assert "vector_exp(x[i])" in made(
        "\n    y = np.empty(20)\n    for i in range(1, 20):\n        y[i] = np.exp(x[i])\n    return y"
    )


def test_numbers_outside_of_loops_and_other_dtypes():
    assert "vector_" not in made("\n    return np.exp(x[0])")
    assert "vector_" not in made(LOOP, X.astype(np.float32))
    assert "vector_" not in made("\n    y = x.copy()\n    for i in range(20):\n        y[i] = np.exp(x[i])", X + 1j)


def test_names_that_are_taken():
    assert "vector_exp(" not in made(LOOP.replace("    total = 0.0", "    total = 0.0\n    vector_exp = 1.0"))
    assert "terms_1[i]" in made(LOOP.replace("    total = 0.0", "    total = 0.0\n    terms = 1.0"))


def test_lists_may_grow():
    """Room that is taken once would be too small in the second turn."""
    text = """
    items = []
    total = 0.0
    for k in range(3):
        items.append(x[k])
        for i in range(len(items)):
            total += np.exp(items[i])
    return total
"""
    assert "terms" not in made(text)


STATE = """
    s = x * 1.0
    e = np.empty(len(x))
    u = np.empty(len(x))
    for k in range(3):
        t = np.empty(len(x))
        for i in range(len(x)):
            e[i] = np.exp(-x[i] * k)
            t[i] = s[i] * e[i]
        s = t
    return s, u
"""


def test_what_reads_a_state_has_a_loop_of_its_own():
    program = core("def f(x):" + STATE, X)
    new = vectors(program)
    from s2sad.runtime.elementary import vector_exp

    np.testing.assert_array_equal(runnable(new, vector_exp=vector_exp)(X)[0], runnable(program)(X)[0])
    assert source(new).count("for i in range(len(x)):") == 2


@pytest.mark.parametrize(
    "change",
    [
        ("t[i] = s[i] * e[i]", "t[i] = s[i] * e[i - 1]"),  # of another turn
        ("t[i] = s[i] * e[i]", "x[i] = s[i] * e[i]"),  # what the exponentials are of
        ("t[i] = s[i] * e[i]", "e[i] = s[i] * e[i]"),
        ("t[i] = s[i] * e[i]", "v = s[i]\n            t[i] = v * e[i]"),
        ("t[i] = s[i] * e[i]", "t[i] = u[i] * e[i]"),  # always the same array
    ],
)
def test_what_stays_in_the_loop_with_the_exponentials(change):
    text = made(STATE.replace(*change))
    assert text.count("for i in range(len(x)):") == 1 and "vector_exp" in text
