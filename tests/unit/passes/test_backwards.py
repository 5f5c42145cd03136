"""Reversed loops go through tapes where their counter does nothing else and the tapes are as long as they count."""

import numpy as np
import pytest

from s2sad.passes.backwards import backwards
from s2sad.testing.core import core, runnable, source

X = np.array([0.5, -1.5, 2.0, 0.25])
COUNTED = """
    s_tape = []
    t_tape = []
    s = 1.0
    for i in range(n):
        s_tape.append(s)
        t = 2.0 * s
        t_tape.append(t)
        s = s + t
"""
LEFT = COUNTED.replace("        t =", "        if s > 20.0:\n            break\n        t =")
BACK = """
    a_bar = 0.0
    for k in range({length} - 1, -1, -1):
        s = s_tape[k]
        a_bar = a_bar * 0.5 + s
"""
BOTH = BACK.replace("a_bar = a_bar * 0.5 + s", "t = t_tape[k]\n        a_bar = a_bar * 0.5 + s * t")


def changed(text, n=3, **objects):
    program = core("def f(x, n):" + text + "    return a_bar, s", X, n, **objects)
    new = backwards(program)
    assert runnable(new)(X, n) == runnable(program)(X, n)
    return source(new)


@pytest.mark.parametrize("n", [0, 1, 5])
@pytest.mark.parametrize(
    "text",
    [
        COUNTED + BACK.format(length="n"),
        COUNTED + BACK.format(length="len(s_tape)"),
        COUNTED + BACK.format(length="len(t_tape)"),
        LEFT + BACK.format(length="len(s_tape)"),
        COUNTED.replace("range(n)", "range(len(x))") + BACK.format(length="len(x)"),
        COUNTED + BACK.format(length="n") + "    for k in range(n):\n        a_bar = a_bar + k\n",
    ],
)
def test_one_tape(text, n):
    assert "for s in s_tape[::-1]:\n        a_bar = a_bar * 0.5 + s\n" in changed(text, n)


@pytest.mark.parametrize("n", [0, 1, 5])
@pytest.mark.parametrize("length", ["n", "len(t_tape)"])
def test_two_tapes(length, n):
    text = changed(COUNTED + BOTH.format(length=length), n)
    assert "for s, t in zip(s_tape[::-1], t_tape[::-1]):" in text


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize(
    "text",
    [
        LEFT + BOTH.format(length="len(t_tape)"),  # one item of `s_tape` more than trips
        LEFT + BACK.format(length="len(t_tape)"),
        COUNTED + "    n = n - 1\n" + BACK.format(length="n"),
        COUNTED + "    s_tape.append(s)\n" + BACK.format(length="n"),
        COUNTED.replace("        s_tape", "        if s > 2.0:\n            s_tape.append(s)\n        s_tape")
        + BACK.format(length="n"),
        COUNTED + "    s_tape[0] = 4.0\n" + BACK.format(length="n"),
        COUNTED + BACK.format(length="n") + "        a_bar = a_bar + k\n",
        COUNTED + BACK.format(length="n") + "    a_bar = a_bar + k\n",
        COUNTED + BACK.format(length="n").replace("- 1, -1, -1", "- 1, 0, -1"),
        COUNTED.replace("range(n)", "range(1, n + 1)") + BACK.format(length="n"),
        COUNTED + "    zip = 2.0\n" + BOTH.format(length="n"),
        COUNTED
        + "    try:\n        a_bar = 1.0\n    except ValueError:\n        raise\n"
        + BACK.format(length="n"),
    ],
)
def test_counted_still(text, n):
    assert "[::-1]" not in changed(text, n)


def test_tape_of_tapes():
    text = """
    tapes = []
    for i in range(n):
        s_tape = []
        s = x[i]
        while s < 4.0:
            s_tape.append(s)
            s = s * s + 1.0
        tapes.append(s_tape)
    a_bar = 0.0
    for i in range(n - 1, -1, -1):
        s_tape_1 = tapes[i]
        for k in range(len(s_tape_1) - 1, -1, -1):
            s = s_tape_1[k]
            a_bar = a_bar * 0.5 + s
"""
    shown = changed(text)
    assert "for s_tape_1 in tapes[::-1]:\n        for s in s_tape_1[::-1]:\n" in shown
