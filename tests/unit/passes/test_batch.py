"""The pass that gives derivatives a leading axis: what changes, what does not, and when it gives up."""

import numpy as np
import pytest

from s2sad.batch.lead import NotBatched
from s2sad.batch.statements import Convention
from s2sad.passes.batch import batch
from s2sad.testing.core import core, source


def batched(text, *args, paired=False, **objects):
    program = core(text, *args, **objects)
    given = tuple(key for key in program.types if key.endswith("_dot") and f"{key} =" not in text)
    names = frozenset(key for key in program.types if key.endswith("_dot"))
    return source(batch(program, Convention(given, names, paired), {}))


V, M = np.ones(3), np.ones((2, 3))


def test_the_primal_stays_as_it_is():
    text = batched(
        """
def f(x, x_dot):
    y = np.sum(x, axis=0)
    if np.sum(x) > 0.0:
        y_dot = np.sum(x_dot, axis=0)
    else:
        y_dot = np.zeros_like(y)
    return y_dot
""", M, M)  # fmt: skip
    assert "y = np.sum(x, axis=0)" in text
    assert "if np.sum(x) > 0.0:" in text
    assert "y_dot = np.sum(x_dot, axis=1)" in text
    assert "y_dot = np.zeros((len(x_dot), len(y)))" in text


def test_numbers_line_up_with_arrays():
    text = batched("def f(x, a, x_dot, a_dot):\n    y_dot = x_dot * a + x * a_dot\n    return y_dot", 2.0, V, 2.0, V)
    assert "y_dot = x_dot[:, None] * a + x * a_dot" in text


def test_only_the_second_of_a_pair_is_batched():
    text = batched("def f(x, x_dot):\n    y = x * x\n    return y, 0.0", 2.0, 1.0, paired=True)
    assert "return y, np.zeros(len(x_dot))" in text


def test_numbers_are_copied_where_the_array_is_written():
    text = batched("def f(x_dot):\n    t_dot = x_dot[0]\n    x_dot[0] = 0.0\n    y_dot = t_dot * 2.0\n    return y_dot", V)
    assert "t_dot = x_dot[:, 0].copy()" in text
    assert "x_dot[:, 0] = 0.0" in text


def test_a_test_that_depends_on_a_direction_has_no_form():
    with pytest.raises(NotBatched):
        batched("def f(x_dot):\n    while x_dot + 1.0:\n        x_dot = x_dot * 0.0 - 1.0\n    return x_dot", 1.0)


def test_what_has_no_form_goes_one_by_one():
    text = batched("def f(x_dot):\n    y_dot = np.kron(x_dot, x_dot[:2] * 0.0 + 1.0)\n    return y_dot", V)
    assert "np.stack([np.kron(x_dot_k, x_dot_k[:2] * 0.0 + 1.0) for x_dot_k in x_dot])" in text
