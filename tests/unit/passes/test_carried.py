"""Elements that the next turn looks up are variables where no other turn and no other name can see the difference."""

import numpy as np
import pytest

from s2sad.passes.loops.carried import carried
from s2sad.testing.core import core, runnable, source

X = np.array([0.5, -1.5, 2.0, 0.7, 1.1])
PROGRAM = """
def f(x, n):
    y = x.copy()
    z = y[1:]
    m = x.copy()
    s = 0.0
    t = 1.5
    tape = []
    for i in range({range}):
        {before}
        {store}
        {after}
    return y, s
"""
PLAIN = {"range": "1, n", "before": "t = x[i]", "store": "y[i] = 0.5 * y[i - 1] + t", "after": "u = t"}


def made(n=5, **changes):
    text = PROGRAM.format(**{**PLAIN, **changes})
    program = core(text, X, 5)
    new = carried(program)
    for count in (n, 2, 1, 0, -2):
        for got, wanted in zip(runnable(new)(X, count), runnable(program)(X, count)):
            np.testing.assert_array_equal(got, wanted)
    return source(new)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"range": "n", "store": "y[i] = 0.5 * y[i - 1] + t"},  # from the end, in the first turn
        {"range": "n - 2, -1, -1", "store": "y[i] = 0.5 * y[i + 1] + t"},
        {"range": "n - 1, 0, -1", "store": "y[i - 1] += 0.5 * y[i] + t"},
        {"range": "1, 4", "store": "y[i] -= y[i - 1] * y[i - 1]"},
        {"before": "t = y[i - 1] + x[i]", "store": "y[i] = t * y[i - 1]"},
        {"before": "t = y[i - 1]\n        tape.append(t)", "store": "y[i] = y[i - 1] + tape[i - 1]"},
        {"after": "s = s + y[i - 1]"},  # looked up again when it is stored: left there
    ],
)
def test_taken(changes):
    assert "y_last" in made(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"store": "y[i] = 0.5 * y[i - 2] + t"},
        {"store": "y[i] = t"},
        {"range": "n - 1, -1, -1", "store": "y[i] = 0.5 * y[i + 1] if i < n - 1 else t"},  # out of bounds at first
        {"range": "1, n, 2"},
        {"before": "y[0] = x[i]"},
        {"before": "z[i - 1] = x[i]"},
        {"before": "t = x[i] if i > 2 else y[i - 1]\n        y = y * 1.0"},
        {"store": "y[2 * i - i] = y[i - 1] + t"},
        {"store": "y[i] = y[i - 1]\n        y[i] = y[i] + t"},
        {"store": "y[i:] = 0.5 * y[i - 1] + t"},
        {"before": "i = i + 0\n        t = x[i]"},
        {"after": "if t > 0.0:\n            s = s + t"},
    ],
)
def test_left(changes):
    assert "y_last" not in made(**changes)


def test_two_arrays():
    text = made(store="y[i] = 0.5 * y[i - 1] + m[i - 1]", after="m[i] = m[i - 1] * y[i]")
    assert "y_last" in text and "m_last" in text


def test_other_dtypes():
    text = PROGRAM.format(**PLAIN).replace("y = x.copy()", "y = x.astype(np.float32)")
    assert "y_last" not in source(carried(core(text, X, 5)))
    assert "y_last" not in source(carried(core(PROGRAM.format(**PLAIN), np.arange(5), 5)))


def test_rows():
    text = """
def f(u, n):
    u = u.copy()
    for i in range(1, n):
        for j in range(1, n):
            u[i, j] = 0.25 * (u[i - 1, j] + u[i, j - 1]) + u[i, j]
    return u
"""
    u = np.arange(16.0).reshape(4, 4)
    program = core(text, u, 4)
    new = carried(program)
    np.testing.assert_array_equal(runnable(new)(u, 4), runnable(program)(u, 4))
    assert "u_last = u[i, 0] if n > 1 else 0.0" in source(new)


def test_names_that_are_taken():
    assert "y_last_1" in made(after="y_last = 2.0")

