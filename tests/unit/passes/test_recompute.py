"""What is recorded is computed again only where that is cheap and gives the same."""

import numpy as np
import pytest

from s2sad.passes.recompute import recompute
from s2sad.signature import Array, Dim, ListOf, Scalar
from s2sad.testing.core import core, runnable, source

X = np.array([0.5, -1.5, 2.0])
PROGRAM = """
def f(x, w):
    s = 0.0
    {before}
    t_tape = []
    u_tape = []
    for i in range(3):
        t = np.exp(x[i])
        t_tape.append(t)
        u = {value}
        {turn}
        u_tape.append(u)
    for k in range(2, -1, -1):
        v = t_tape[k]
        z = u_tape[{at}]
        s = s * w + v * z
    return s
"""
PLAIN = {"before": "c = w * 2.0", "value": "c - t", "turn": "d = 1.0", "at": "k"}


def dropped(**changes):
    program = core(PROGRAM.format(**{**PLAIN, **changes}), X, 1.5)
    number = Scalar("float64")
    known = {"t_tape": ListOf(number), "u_tape": ListOf(number), "c": number, "t": number, "u": number}
    program = program.replace(types={**program.types, **known})
    new = recompute(program)
    assert runnable(new)(X, 1.5) == runnable(program)(X, 1.5)
    return "u_tape" not in source(new)


@pytest.mark.parametrize("value", ["c - t", "-t", "1.0 / (1.0 + t)", "t * w", "t * t * t * t"])
def test_cheap(value):
    assert dropped(value=value)


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "np.sin(t)"},
        {"value": "t**3.5"},
        {"value": "x[i] + t"},
        {"value": "t * t * t * t * t * t"},
        {"turn": "u = u * s"},
        {"before": "c = 1.0", "turn": "c = c + u"},
        {"at": "k - 1"},
        {"value": "t * s", "turn": "s = s + 1.0"},
    ],
)
def test_recorded(changes):
    assert not dropped(**changes)


def test_arrays_are_computed_again_unless_they_are_written():
    text = """
def f(x):
    t_tape = []
    u_tape = []
    for i in range(3):
        t = np.exp(x * i)
        t_tape.append(t)
        u = t + 1.0
        {turn}
        u_tape.append(u)
    s = 0.0
    for k in range(2, -1, -1):
        v = t_tape[k]
        z = u_tape[k]
        s = s + v[0] * z[1]
    return s
"""
    many = Array("float64", (Dim("x.0", one=False),))
    for turn, expected in (("w = 1.0", True), ("u[0] = 5.0", False), ("t[1] = 2.0", False)):
        program = core(text.format(turn=turn), X)
        known = {"t_tape": ListOf(many), "u_tape": ListOf(many), "t": many, "u": many}
        program = program.replace(types={**program.types, **known})
        new = recompute(program)
        assert ("u_tape" not in source(new)) == expected, turn
        assert runnable(new)(X) == runnable(program)(X)


def test_each_item_is_read_once():
    program = core(PROGRAM.format(**{**PLAIN, "value": "t * t"}), X, 1.5)
    number = Scalar("float64")
    known = {"t_tape": ListOf(number), "u_tape": ListOf(number), "t": number, "u": number}
    text = source(recompute(program.replace(types={**program.types, **known})))
    assert text.count("t_tape[k]") == 1 and "z = v * v" in text
