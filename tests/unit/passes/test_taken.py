"""Zeros in cotangents that nothing reads again are left out; all others stay, and the results with them."""

import numpy as np
import pytest

from s2sad import vjp
from s2sad.passes.taken import taken
from s2sad.testing.core import core, runnable, source

X = np.array([0.5, -1.5, 2.0, 0.25])
HEAD = "def f(x, y_bar):\n    x_bar = np.zeros_like(x)\n    z_bar = y_bar * x\n"


def cleaned(*body):
    """A program with these lines, before and after, run on both."""
    program = core(HEAD + "\n".join(f"    {line}" for line in body), X, X + 3.0)
    new = taken(program)
    before, after = runnable(program)(X, X + 3.0), runnable(new)(X, X + 3.0)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    return source(new)


DOWN, UP = "for i in range(len(x) - 1, 0, -1):", "for i in range(len(x) - 1):"
TAKE = ["    t_bar = z_bar[i]", "    z_bar[i] = 0.0", "    x_bar[i] = t_bar * 2.0"]


@pytest.mark.parametrize(
    "body",
    [
        [DOWN, *TAKE, "    z_bar[i - 1] += t_bar", "return x_bar, z_bar[0]"],
        [UP, *TAKE, "    z_bar[i + 1] += t_bar", "return x_bar, 0.0"],
        [UP, *TAKE, "return x_bar, x[0]"],
        [UP, "    if x[i] > 0.0:", *(f"    {line}" for line in TAKE), "return x_bar, x[0]"],
        ["t_bar = z_bar[2]", "z_bar[2] = 0.0", "x_bar[1] += t_bar", "return x_bar, t_bar"],
        ["for k in range(2):", "    w_bar = x * x", "    w_bar[1] = 0.0", "    x_bar[k] = x[k]", "return x_bar, z_bar"],
    ],
)
def test_nothing_reads_it(body):
    assert "= 0.0" not in cleaned(*body)


@pytest.mark.parametrize(
    "body, stored",
    [
        ([UP, *TAKE, "    z_bar[i + 1] += t_bar", "    z_bar[i] += x[i]", "return x_bar, z_bar"], "z_bar[i] = x[i]"),
        ([UP, *TAKE, "    z_bar[i] -= x[i]", "return x_bar, z_bar"], "z_bar[i] = -x[i]"),
        (["z_bar[1:] = 0.0", "z_bar[0] *= 2.0", "z_bar[1:] += x[1:]", "return x_bar, z_bar"], "z_bar[1:] = x[1:]"),
    ],
)
def test_it_is_added_to(body, stored):
    text = cleaned(*body)
    assert "= 0.0" not in text
    assert stored in text


@pytest.mark.parametrize(
    "body",
    [
        [DOWN, *TAKE, "    z_bar[i - 1] += t_bar", "return x_bar, z_bar"],
        [DOWN, *TAKE, "return x_bar, z_bar[1]"],
        [DOWN, *TAKE, "return x_bar, z_bar[-1]"],
        [UP, *TAKE, "    z_bar[i - 1] += t_bar", "return x_bar, 0.0"],  # the last of them, then the one before
        [DOWN, *TAKE, "    z_bar[i - 2] += t_bar", "return x_bar, 0.0"],  # -1 is the last
        [UP, *TAKE, "    x_bar[0] += z_bar[i]", "return x_bar, 0.0"],
        [UP, "    x_bar[0] += np.sum(z_bar)", *TAKE, "return x_bar, 0.0"],
        ["for i in range(len(x) - 2, -1, -1):", *TAKE, "    z_bar[i + 1] += t_bar", "return x_bar, z_bar[3]"],
        ["for k in range(2):", f"    {UP}", *(f"    {line}" for line in TAKE), "return x_bar, 0.0"],
        ["w_bar = z_bar[:2]", UP, *TAKE, "return x_bar, w_bar"],
        ["for k in range(2):", "    t_bar = y_bar[1]", "    y_bar[1] = 0.0", "    x_bar[k] = t_bar", "return x_bar, t_bar"],
    ],
)
def test_it_is_read(body):
    assert "_bar[i] = 0.0" in cleaned(*body) or "y_bar[1] = 0.0" in cleaned(*body)


@pytest.mark.parametrize(
    "body",
    [
        ["z_bar[0] = 0.0", "z_bar[-1] *= 2.0", "z_bar[0] += x[0]", "return x_bar, z_bar"],
        ["z_bar[0] = 0.0", "x_bar[0] = np.sum(z_bar)", "z_bar[0] += x[0]", "return x_bar, z_bar"],
        ["k = 0", "z_bar[k] = 0.0", "k = 1", "z_bar[k] += x[0]", "return x_bar, z_bar"],
        ["z_bar[0] = 0.0", "z_bar[0] += z_bar[1]", "return x_bar, z_bar"],
        ["z_bar[0] = 0.0", "if x[0] > 3.0:", "    z_bar[0] += x[0]", "return x_bar, z_bar"],
        ["for i in range(-1, 2):", "    z_bar[i] = 0.0", "    z_bar[i + 1] *= 3.0", "    z_bar[i] += 1.0",
         "return x_bar, z_bar"],
    ],
)  # fmt: skip
def test_what_lies_between_may_read_it(body):
    assert "= 0.0" in cleaned(*body)


def filter_in_place(x):
    y = x.copy()
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i] * y[i]
    y[0] = y[0] * y[len(x) - 1]
    return y


def test_pullbacks_run_twice():
    value, pullback = vjp(filter_in_place, X)
    seed = np.array([1.0, -2.0, 0.5, 3.0])
    first = pullback(seed)[0].copy()
    np.testing.assert_array_equal(pullback(seed)[0], first)
    numeric = [np.dot(seed, filter_in_place(X + d) - filter_in_place(X - d)) / 2e-6 for d in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(first, numeric, rtol=1e-7)
