"""What may be out of bounds is tested before it is used; what cannot be, is not."""

import numpy as np
import pytest

from s2sad.passes.bounds import bounds
from s2sad.testing.core import core, runnable, source

X, A = np.linspace(0.5, 2.0, 5), np.arange(12.0).reshape(3, 4)


def after(text, *args):
    program = bounds(core(text, *args))
    return source(program), program.checked


def lines(text):
    return [line.strip() for line in text.splitlines()]


def test_loops_over_the_array_itself_need_nothing():
    text, checked = after(
        "def f(x):\n    s = 0.0\n    for i in range(1, len(x)):\n        s = s + x[i] * x[i - 1]\n    return s", X
    )
    assert "raise" not in text
    assert not checked


def test_a_loop_down():
    text, checked = after(
        "def f(x):\n    s = 0.0\n    for i in range(len(x) - 1, 0, -1):\n        s = s + x[i] * x[i - 1]\n    return s", X
    )
    assert "raise" not in text
    assert not checked


def test_one_test_before_the_innermost_loop():
    text, checked = after(
        "def f(a, n, m):\n    s = 0.0\n    for i in range(1, n):\n        for j in range(m - 1):\n"
        "            s = s + a[i, j] * a[i - 1, j + 1]\n    return s",
        A, 3, 4,
    )  # fmt: skip
    assert not checked
    assert text.count("raise") == 1
    place = lines(text).index('raise IndexError("index is out of bounds")')
    assert lines(text)[place + 1] == "for j in range(m - 1):"


@pytest.mark.parametrize(("n", "fits"), [(0, True), (1, True), (5, True), (6, False)])
def test_the_test_is_exact(n, fits):
    run = runnable(bounds(core("def f(x, n):\n    s = 0.0\n    for i in range(n):\n        s = s + x[i]\n    return s", X, n if n < 6 else 5)))
    if fits:
        assert run(X, n) == pytest.approx(sum(X[:n]))
    else:
        with pytest.raises(IndexError):
            run(X, n)


def test_a_loop_that_does_not_run_needs_nothing():
    run = runnable(
        bounds(core("def f(x, a, b):\n    s = 0.0\n    for i in range(a, b):\n        s = s + x[i]\n    return s", X, 2, 4))
    )
    assert run(X, 9, 9) == 0.0
    assert run(X, 9, 3) == 0.0
    with pytest.raises(IndexError):
        run(X, 2, 6)


def test_negative_places_count_from_the_end():
    text, checked = after("def f(x):\n    return x[-1] + x[-5]", X)
    assert not checked
    run = runnable(bounds(core("def f(x, k):\n    return x[k]", X, -5)))
    assert run(X, -5) == X[0]
    with pytest.raises(IndexError):
        run(X, -6)
    with pytest.raises(IndexError):
        run(X, 5)


def test_a_test_holds_from_there_on():
    text, _ = after("def f(x, k):\n    s = x[3]\n    t = x[2]\n    return s + t", X, 1)
    assert text.count("raise") == 1


def test_places_that_are_read_from_an_array_are_left_to_numba():
    text, checked = after(
        "def f(x, index):\n    s = 0.0\n    for k in range(len(index)):\n        i = index[k]\n        s = s + x[i]\n    return s",
        X, np.array([0, 4, 4]),
    )  # fmt: skip
    assert checked
    assert "raise" not in text


def test_what_is_read_on_a_condition_is_not_tested_for_all_turns():
    _, checked = after(
        "def f(x, n):\n    s = 0.0\n    for i in range(n):\n        if i < 5:\n            s = s + x[i]\n    return s", X, 9
    )
    assert checked


def test_while_loops_are_left_to_numba():
    _, checked = after(
        "def f(x):\n    i = 0\n    while x[i] < 1.0:\n        i = i + 1\n    return x[i]", X
    )
    assert checked


def test_a_bound_that_the_body_changes():
    _, checked = after(
        "def f(x, n):\n    s = 0.0\n    for i in range(n):\n        n = n + 1\n        s = s + x[n]\n    return s", X, 2
    )
    assert checked


def test_an_array_as_an_index_is_left_to_numba():
    _, checked = after("def f(x, index):\n    return x[index]", X, np.array([0, 1]))
    assert checked
