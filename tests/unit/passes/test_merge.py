"""A loop and its reverse become one exactly where the new order does not show."""

import math

import numpy as np
import pytest

from s2sad import value_and_grad
from s2sad.passes.merge import merge
from s2sad.testing.core import core, runnable, source

X = np.array([0.5, -1.5, 2.0])
PROGRAM = """
def f(x, w, result_bar=1.0):
    s = 0.0
    {before}
    t_tape = []
    for i in range(len(x)):
        t = np.sin(w * x[i])
        t_tape.append({item})
        {forward}
        s = s + t * t
    {between}
    w_bar = 0.0
    x_bar = np.zeros_like(x)
    for k in range(len(x) - 1, -1, -1):
        u = t_tape[{at}]
        w_bar = {update}
        x_bar[{slot}] += u
        {reverse}
    return s, w_bar, x_bar
"""
PLAIN = {
    "before": "pass_ = 0.0", "item": "t", "forward": "v = 1.0", "between": "seed = result_bar * 2.0", "at": "k",
    "update": "w_bar + seed * u * x[k]", "slot": "k", "reverse": "z = u",
}  # fmt: skip


def loops_of(**changes):
    program = core(PROGRAM.format(**{**PLAIN, **changes}), X, 1.5)
    new = merge(program)
    for one, other in zip(runnable(new)(X, 1.5), runnable(program)(X, 1.5)):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    return source(new).count("for ")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"item": "t * 2.0"},
        {"item": "1.5"},
        {"forward": "w_1 = t\n        print(end='')"},
        {"update": "w_bar - (seed * u + x[k])"},
        {"update": "seed * u + w_bar"},
        {"slot": "0"},
        {"slot": "k - 1"},
        {"reverse": "x_bar[0] -= 2.0 * u"},
        {"between": "seed = 2.0\n    x_2 = s * 3.0\n    print(x_2 * 0.0, end='')"},
        {"between": "seed = 2.0\n    y_bar = np.zeros(3)\n    y_bar[...] += seed", "reverse": "w_bar = w_bar + y_bar[k]"},
        {"reverse": "for j in range(2):\n            w_bar = w_bar + u * j"},
        {"reverse": "if u > 0.0:\n            w_bar = w_bar + u"},
        {"reverse": "row = np.zeros(2)\n        row[1] += u\n        w_bar = w_bar + row[1]"},
    ],
)
def test_put_together(changes):
    assert loops_of(**changes) == 1 + str(changes).count("for j")


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "k - 1"},
        {"update": "w_bar * 2.0 + u"},
        {"update": "w_bar + w_bar * u"},
        {"update": "seed * u"},
        {"between": "seed = s * 2.0"},
        {"between": "seed = 2.0\n    t_tape.append(3.0)"},
        {"between": "seed = 2.0\n    t_tape = list(t_tape)"},
        {"reverse": "print(u, end='')"},
        {"reverse": "x_bar[k] = x_bar[k] + x_bar[k - 1]"},
        {"reverse": "x_bar[0] = u"},
        {"reverse": "w_bar = w_bar + x_bar[1]"},
        {"reverse": "v = u\n        s = u"},
        {"before": "y = np.zeros(3)", "forward": "y[i] = t", "reverse": "w_bar = w_bar + y[0]"},
        {"before": "y = np.zeros(3)", "forward": "t = t + y[0]", "reverse": "y[0] += u"},
        {"between": "seed = 2.0\n    for j in range(2):\n        seed = seed + 1.0"},
        {"before": "held = []", "forward": "held.append(t)", "reverse": "w_bar = w_bar + held[0]"},
    ],
)
def test_left_alone(changes):
    assert loops_of(**changes) == 2 + str(changes).count("for j")


def test_what_is_recorded_may_change_later_in_the_turn():
    text = """
    def f(x):
        t_tape = []
        t = 1.0
        for i in range(len(x)):
            t_tape.append(t)
            t = t * x[i]
        w_bar = 0.0
        for k in range(len(x) - 1, -1, -1):
            w_bar = w_bar + t_tape[k] * x[k]
        return t, w_bar
    """
    program = core(text.replace("\n    ", "\n"), X)
    assert source(merge(program)).count("for ") == 1
    assert runnable(merge(program))(X) == pytest.approx(runnable(program)(X))


def mixture(x, mu, s):
    total = 0.0
    for i in range(len(x)):
        p = 0.0
        for k in range(len(mu)):
            d = (x[i] - mu[k]) / s[k]
            if d > 0.0:
                p += math.exp(-0.5 * d * d) / s[k]
            else:
                p += math.exp(-0.25 * d * d) / s[k]
        total += math.log(p)
    return -total


def test_independent_observations_record_nothing():
    pytest.importorskip("numba")
    arguments = np.linspace(-1.0, 2.0, 7), np.array([0.1, 1.0]), np.array([0.5, 0.8])
    made = value_and_grad(mixture, argnums=(0, 1, 2), backend="numba").specialize(*arguments)
    assert "_tape_tape" not in made.source
    value, gradient = made(*arguments)
    expected, by_numpy = value_and_grad(mixture, argnums=(0, 1, 2))(*arguments)
    assert value == pytest.approx(expected)
    for one, other in zip(gradient, by_numpy):
        np.testing.assert_allclose(one, other, rtol=1e-12)
