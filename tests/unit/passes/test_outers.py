"""Outer products of a reversed loop are put together where nothing can tell, and stay where something can."""

import numpy as np
import pytest

from s2sad import grad
from s2sad.passes.outers import outers
from s2sad.testing.core import core, runnable, source

FORWARD = """
    h_tape = []
    for k in range(n):
        h_tape.append(h)
        h = np.tanh(w @ h)
    h_bar = h
    w_bar = np.zeros_like(w)
"""
REVERSED = """
    for k in range(n - 1, -1, -1):
        h = h_tape[k]
        t_bar = h_bar * (1.0 - h * h)
        w_bar__v1 = w_bar + np.outer(t_bar, h)
        h_bar = w.T @ t_bar
        w_bar = w_bar__v1
"""
W, H = np.array([[0.3, -0.2], [0.5, 0.7]]), np.array([0.4, -0.6])


def both(text, n=3):
    program = core("def f(w, h, n):" + text, W, H, 3)
    new = outers(program)
    np.testing.assert_allclose(runnable(new)(W, H, n), runnable(program)(W, H, n), rtol=1e-14)
    return source(new)


@pytest.mark.parametrize("n", [-2, 0, 1, 3])
def test_put_together(n):
    text = both(FORWARD + REVERSED + "    return w_bar", n)
    assert "np.outer" not in text
    assert "    w_bar = w_bar + t_bar_rows.T @ h_rows\n" in text


def test_what_is_read_in_the_loop_is_kept():
    extra = REVERSED.replace("h_bar = w.T", "h_bar = w_bar[0] + w.T")
    assert "np.outer" in both(FORWARD + extra + "    return w_bar")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        h_bar =", "        t_bar[0] = 0.0\n        h_bar ="),
        ("        w_bar__v1", "        t_bar[0] = 0.5\n        w_bar__v1"),
        ("t_bar = h_bar * (1.0 - h * h)", "t_bar = h_bar\n        h_bar[0] = 2.0"),
    ],
)
def test_vectors_that_are_written(old, new):
    """Rows are copies."""
    assert "np.outer" not in both(FORWARD + REVERSED.replace(old, new) + "    return w_bar")


def test_one_row_for_two_sums():
    more = REVERSED.replace("        h_bar", "        v_bar__v1 = v_bar + np.outer(t_bar, h_bar)\n        h_bar", 1)
    more += "        v_bar = v_bar__v1\n"
    text = both(FORWARD + "    v_bar = np.zeros((2, 2))\n" + more + "    return w_bar, v_bar")
    assert text.count("t_bar_rows[k] = t_bar") == 1 and "np.outer" not in text


@pytest.mark.parametrize("count", ["len(h_tape)", "m"])
def test_counts(count):
    text = both(FORWARD + "    m = len(h_tape)\n" + REVERSED.replace("n - 1", f"{count} - 1") + "    return w_bar")
    assert f"np.empty(({count}, w_bar.shape[0]))" in text


@pytest.mark.parametrize("count", ["range(0, n)", "range(n - 1, -1, -2)", "reversed(range(n))", "range(abs(n) - 1, -1, -1)"])
def test_other_loops(count):
    text = FORWARD + REVERSED.replace("range(n - 1, -1, -1)", count) + "    return w_bar"
    assert "np.outer" in both(text)


def test_nothing_recorded():
    """Where the loop reads no recorded arrays, it would hold more than before."""
    text = "    w_bar = np.zeros_like(w)\n" + REVERSED.replace("h_tape[k]", "w[k % 2]").replace("h_bar", "h")
    assert "np.outer" in both("\n" + text + "    return w_bar")


def test_loops_that_are_left():
    left = REVERSED + "        if k == 1:\n            break\n"
    assert "np.outer" in both(FORWARD + left + "    return w_bar")


def test_emitted():
    def f(w, h, n):
        for _ in range(n):
            h = np.tanh(w @ h)
        return np.sum(h)

    slope = grad(f)
    assert slope(W, H, 0).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    slope(W, H, 3)
    assert "t_bar_rows.T @ h_rows" in slope.source
    plain = grad(f, optimize=False)
    np.testing.assert_allclose(slope(W, H, 3), plain(W, H, 3), rtol=1e-13)
    assert "_rows" not in plain.source


@pytest.mark.parametrize("between", ["t_bar[0] = 0.0", "t_bar = t_bar * 2.0"])
def test_two_sums_with_a_write_between(between):
    more = REVERSED.replace(
        "        h_bar", f"        {between}\n        v_bar__v1 = v_bar + np.outer(t_bar, h)\n        h_bar", 1
    )
    more += "        v_bar = v_bar__v1\n"
    text = both(FORWARD + "    v_bar = np.zeros((2, 2))\n" + more + "    return w_bar, v_bar")
    assert text.count("[k] = t_bar\n") == 2 and "np.outer" not in text


FILLED = """
    y = np.zeros((n + 1, 2))
    y[0] = h
    for k in range(n):
        y[k + 1] = np.tanh(w @ y[k])
    h_bar = y[n]
    w_bar = np.zeros_like(w)
    for k in range(n - 1, -1, -1):
        h = y[k + 1]
        t_bar = h_bar * (1.0 - h * h)
        w_bar__v1 = w_bar + np.outer(t_bar, y[k])
        h_bar = w.T @ t_bar
        w_bar = w_bar__v1
    return w_bar
"""


@pytest.mark.parametrize("n", [0, 1, 3])
def test_rows_of_an_array_that_the_function_filled(n):
    text = both(FILLED, n)
    assert "np.outer" not in text
    assert "    w_bar = w_bar + t_bar_rows.T @ y[: max(n, 0)]\n" in text


def test_rows_by_a_name():
    text = both(FILLED.replace("np.outer(t_bar, y[k])", "np.outer(t_bar, h)"))
    assert "t_bar_rows.T @ y[1 : max(n, 0) + 1]" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        h_bar = w.T", "        y[k] = t_bar\n        h_bar = w.T"),  # it is another row behind the loop
        ("np.outer(t_bar, y[k])", "np.outer(t_bar, y[k - 1])"),  # it counts from the end
        ("np.outer(t_bar, y[k])", "np.outer(t_bar, y[:, 0][k : k + 2])"),
        ("np.outer(t_bar, y[k])", "np.outer(t_bar, y[n - k])"),
    ],
)
def test_other_rows_are_copied(old, new):
    assert old in FILLED
    text = both(FILLED.replace(old, new, 1))
    assert "t_bar_rows.T @ y[" not in text and "np.outer" not in text
