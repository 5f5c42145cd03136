"""What is the same in every direction is put together; the values stay."""

import numpy as np
import pytest

from s2sad.batch.lead import DIRECTIONS
from s2sad.passes.gather import gather
from s2sad.signature import Array
from s2sad.testing.core import core, runnable, source

X, D = np.array([0.5, -1.5, 2.0]), np.arange(6.0).reshape(2, 3)


def gathered(text):
    program = core(f"def f(x, x_dot):\n    y_dot = {text}\n    return y_dot", X, D)
    moving = {key: Array("float64", (DIRECTIONS, 3)) for key in ("x_dot", "y_dot")}
    return program, gather(program.replace(types={**program.types, **moving}))


@pytest.mark.parametrize(
    "before, after",
    [
        ("x_dot * 2 * x", "x_dot * (2 * x)"),
        ("2 * (x_dot * 3.0)", "x_dot * 6.0"),
        ("-(x_dot * x) * 2.0", "x_dot * (-2.0 * x)"),
        ("x_dot * x + x_dot * 2.0", "x_dot * (x + 2.0)"),
        ("x_dot * x - x_dot[0] * x - x_dot * 3.0", "x_dot * (x - 3.0) - x_dot[0] * x"),
        ("x_dot * x", "x_dot * x"),
        ("x * x * 2.0", "x * x * 2.0"),
        ("x_dot + x_dot * x", "x_dot + x_dot * x"),
        ("np.sum(x_dot * x * 2.0, axis=1)", "np.sum(x_dot * (2.0 * x), axis=1)"),
    ],
)
def test_rewritten(before, after):
    program, new = gathered(before)
    assert f"y_dot = {after}\n" in source(new)
    np.testing.assert_allclose(runnable(new)(X, D), runnable(program)(X, D), rtol=1e-15)


def buffers(body):
    lines = "\n".join(f"    {line}" for line in body)
    text = f"def f(x, x_dot):\n    y_dot = np.zeros((2, 3))\n{lines}\n    return y_dot"
    program = core(text, X, D)
    moving = {key: Array("float64", (DIRECTIONS, 3)) for key in ("x_dot", "y_dot")}
    return program, gather(program.replace(types={**program.types, **moving}))


@pytest.mark.parametrize(
    "body, first",
    [
        (["y_dot[:, 1:] += x_dot[:, 1:] * x[1:]", "y_dot[:, :-1] += x_dot[:, 1:]"], "y_dot[:, 1:] = "),
        (["y_dot[:, 1:] -= x_dot[:, 1:]"], "y_dot[:, 1:] -= "),
        (["y_dot[:, 1:] += y_dot[:, :-1] + 1.0"], "y_dot[:, 1:] += "),
    ],
)
def test_first_contribution(body, first):
    program, new = buffers(body)
    assert first in source(new)
    np.testing.assert_array_equal(runnable(new)(X, D), runnable(program)(X, D))


def test_a_program_without_directions_stays():
    program = core("def f(x):\n    y = x * 2 * x\n    return y", 2.0)
    assert gather(program) is program
