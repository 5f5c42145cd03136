"""Two cotangents that a reversed loop only adds up are one where nothing can tell, and two where something can."""

import pytest

from s2sad import value_and_grad
from s2sad.passes.united import united
from s2sad.testing.core import core, runnable, source

ENDLESS = """
    tape = []
    while True:
        tape.append(x)
        x = 0.5 * x
        if x < 1.0:
            break
"""
COUNTED = """
    tape = []
    for k in range(n):
        tape.append(x)
        x = 0.5 * x
"""
REVERSED = """
    z_bar = x * 3.0
    y_bar = 0.0
    for k in range(len(tape) - 1, -1, -1):
        t_bar = z_bar + y_bar
        z_bar = 0.0
        y_bar = t_bar * tape[k]
"""


def both(text, *args):
    program = core("def f(x, n):" + text, *args)
    new = united(program)
    assert runnable(new)(*args) == runnable(program)(*args)
    return source(new)


@pytest.mark.parametrize(
    "text",
    [
        ENDLESS + REVERSED + "    return y_bar",
        ENDLESS + REVERSED.replace("z_bar + y_bar", "y_bar + z_bar") + "    return y_bar",
        ENDLESS + "    trips = len(tape)" + REVERSED.replace("len(tape)", "trips") + "    return y_bar",
        COUNTED + "    s_bar = 0.0" + REVERSED + "        s_bar = s_bar + t_bar\n    return s_bar",
    ],
)
@pytest.mark.parametrize("n", [1, 3])
def test_one(text, n):
    assert "z_bar" not in both(text, 9.0, n)


@pytest.mark.parametrize(
    "text",
    [
        COUNTED + REVERSED + "    return y_bar",  # with no trip `y_bar` is zero
        ENDLESS + REVERSED + "    return y_bar + z_bar",
        ENDLESS + REVERSED + "        t_bar = t_bar + y_bar\n    return y_bar",
        ENDLESS + REVERSED.replace("z_bar = 0.0", "z_bar = 0.5") + "    return y_bar",
        ENDLESS + REVERSED.replace("y_bar = 0.0", "y_bar = 1.0") + "    return y_bar",
        ENDLESS + REVERSED.replace("- 1, -1, -1", "- 2, -1, -1") + "    return y_bar",
        ENDLESS.replace("        tape.append(x)\n", "").replace("break", "break\n        tape.append(x)")
        + REVERSED
        + "    return y_bar",
        ENDLESS
        + "    z_bar = x\n    y_bar = 0.0\n    for k in range(len(tape) - 1, -1, -1):\n        y_bar = x\n"
        + "        t_bar = z_bar + y_bar\n        z_bar = 0.0\n    return t_bar",
    ],
)
@pytest.mark.parametrize("x", [9.0, 1.5])
def test_two(text, x):
    assert "z_bar" in both(text, x, 0 if "range(n)" in text else 2)


def test_zero_trips():
    def last(x, n):
        y = z = x
        for _ in range(n):
            z = 0.5 * (y + x / y)
            y = z
        return z * z * y

    for n in range(3):
        value, slope = value_and_grad(last)(3.0, n)
        step = 1e-6
        assert value == last(3.0, n)
        assert slope == pytest.approx((last(3.0 + step, n) - last(3.0 - step, n)) / (2.0 * step), rel=1e-6)
