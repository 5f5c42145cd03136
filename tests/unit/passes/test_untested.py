"""What branches give is compared by value only where nothing writes to it and the types agree."""

import numpy as np
import pytest

from s2sad.passes.untested import untested
from s2sad.testing.core import core, source

X = np.ones(3)


def _body(text, *arguments):
    return source(untested(core(text, *arguments)))


def test_same_values_need_no_test():
    text = """
def f(y_bar, c):
    if c:
        x_bar = y_bar
    else:
        x_bar = y_bar
    return x_bar * 2.0
"""
    assert "if c" not in _body(text, X, True)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            """
def f(y_bar, c):
    x_bar = np.zeros_like(y_bar)
    x_bar[0] += y_bar[1]
    if c:
        z_bar = y_bar + x_bar
    else:
        z_bar = y_bar
    return z_bar * 2.0
""",
            id="zero until it is written to",
        ),
        pytest.param(
            """
def f(y_bar, c):
    a_bar = np.zeros_like(y_bar)
    if c:
        k_bar = a_bar
    else:
        k_bar = np.zeros_like(y_bar)
    k_bar[0] += 1.0
    return a_bar * 2.0
""",
            id="one memory or two",
        ),
        pytest.param(
            """
def f(y_bar, c):
    if c:
        k_bar = 0.0
    else:
        k_bar = np.zeros_like(y_bar)
    return k_bar * 2.0
""",
            id="zero of another shape",
        ),
        pytest.param(
            """
def f(y_bar, c):
    b_bar = y_bar * 3.0
    if c:
        a_bar = y_bar
    else:
        a_bar = y_bar
        b_bar = y_bar
    return a_bar + b_bar
""",
            id="made by one branch only",
        ),
        pytest.param(
            """
def f(y_bar, c):
    if c:
        t_bar = y_bar
    if c:
        a_bar = y_bar
    else:
        a_bar = y_bar
        b_bar = y_bar * 2.0
    return a_bar * 2.0 if c else a_bar + b_bar
""",
            id="read where the branch was taken",
        ),
    ],
)
def test_a_test_that_makes_a_difference_stays(text):
    assert "if c" in _body(text, X, True)
