"""What still stands in an array is looked up there; what may not stand there any more is recorded."""

import numpy as np
import pytest

from s2sad.passes.reread import reread
from s2sad.testing.core import core, runnable, source

X = np.array([0.3, -0.7, 1.1, 0.4, 0.9])
FORWARD = """
    y = np.copy(x)
    t_tape = []
    for i in range(1, n):
        t = y[i - 1]
        t_tape.append(t)
        y[i] = y[i] * t
"""
REVERSED = """
    s = 0.0
    for k in range(n - 1, 0, -1):
        t__v1 = t_tape[k - 1]
        s = s + t__v1 * t__v1
    return s + np.sum(y)
"""


def both(text, *args):
    """The text after the pass, which gives what it gave before."""
    args = args or (X, 5)
    program = core(f"def f(x, n):{text}", *args)
    new = reread(program)
    for n in (args[1], 2, 1, 0):
        try:
            expected = runnable(program)(args[0].copy(), n)
        except IndexError:
            continue
        np.testing.assert_array_equal(runnable(new)(args[0].copy(), n), expected)
    return source(new)


def test_an_item_that_is_read():
    text = both(FORWARD + REVERSED)
    assert "tape" not in text and "t__v1 = y[k - 1]" in text


def test_an_item_that_is_stored():
    text = both("""
    y = np.copy(x)
    t_tape = []
    for i in range(n - 2, -1, -1):
        t = np.sin(y[i + 1])
        t_tape.append(t)
        y[i] = t
    s = 0.0
    for k in range(0, n - 1):
        t__v1 = t_tape[n - 2 - k]
        s = s + t__v1 * k
    return s
""")
    assert "tape" not in text and "t__v1 = y[k]" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    s = 0.0\n", "    y[1] = 0.5\n    s = 0.0\n"),  # written afterwards
        ("    s = 0.0\n", "    y *= 0.5\n    s = 0.0\n"),
        ("    s = 0.0\n", "    z = y[1:]\n    z[0] = 0.5\n    s = 0.0\n"),
        ("    s = 0.0\n", "    z = y[1:]\n    z__v1 = z\n    z__v1[0] = 0.1\n    s = 0.0\n"),
        ("y[i] = y[i] * t", "y[i] = y[i] * t\n        y[i - 1] = 2.0"),  # in the turn
        ("y[i] = y[i] * t", "y[i] = y[i] * t\n        y[i - 2] = 2.0 * i"),  # it may count from the end
        ("t = y[i - 1]", "t = y[i]"),  # the item is replaced
        ("t = y[i - 1]", "t = y[i + 0 * n]"),
        ("y[i] = y[i] * t", "y[:] = y[i] * t"),
        ("y[i] = y[i] * t", "y[i] = y[i] * t\n        y = y * 1.5"),  # another array
        ("y[i] = y[i] * t", "y[i] = y[i] * t\n        if t > 2.0:\n            break"),
        ("y[i] = y[i] * t", "y[i] = y[i] * t\n        if t > 0.3:\n            y[i - 1] = 4.0"),
        ("y[i] = y[i] * t", "y[i] = y[i] * t\n        for j in range(2):\n            y[i - j] = t * j"),
        ("y[i] = y[i] * t", "y[i] = y[i] * t\n        j = i\n        while j > 0:\n            y[j] = t\n            j = j - 1"),
        ("range(1, n)", "range(1, n, 1 + 0 * n)"),
        ("t_tape.append(t)", "t_tape.append(t)\n        t_tape.append(t)"),
        ("t_tape.append(t)", "if t < 9.0:\n            t_tape.append(t)"),
        ("        t = y[i - 1]\n        t_tape", "        t = y[i - 1]\n        t = t * 0.5\n        t_tape"),
        ("t_tape[k - 1]", "t_tape[k - 2]"),  # may count from the end
        ("t_tape[k - 1]", "t_tape[-k]"),
        ("    s = 0.0\n", "    s = 0.0 + len(t_tape)\n"),
        ("    s = 0.0\n", "    t_tape.append(0.5)\n    s = 0.0 + t_tape.pop()\n"),
        ("    s = 0.0\n", "    s = 0.0\n    u_tape = t_tape\n"),
        ("    s = 0.0\n", "    s = 0.0\n    if n > 2:\n        s = t_tape[1] + s\n"),  # known to the user alone
        ("    for k in range(n - 1, 0, -1):\n", "    k = n - 1\n    for m in range(n - 1):\n"),
    ],
)
def test_what_may_have_changed_is_recorded(old, new):
    text = FORWARD + REVERSED
    assert old in text
    assert "t_tape.append" in both(text.replace(old, new, 1))


def test_writes_to_other_memory_do_not_matter():
    text = (FORWARD + REVERSED).replace("y[i] = y[i] * t", "y[i] = y[i] * t\n        z[i] = t\n        z[i - 1] = 1.0")
    assert "tape" not in both(text.replace("    t_tape", "    z = np.zeros(n)\n    t_tape", 1))


def test_writes_before_the_loop_do_not_matter():
    assert "tape" not in both((FORWARD + REVERSED).replace("    t_tape", "    y[0] = 0.2\n    t_tape", 1))


def test_a_size_has_a_name():
    text = (FORWARD + REVERSED).replace("y = np.copy(x)", "y = np.copy(x)\n    m = len(y)").replace("(1, n)", "(1, len(y))")
    text = text.replace("range(n - 1, 0, -1)", "range(m - 1)").replace("t_tape[k - 1]", "t_tape[m - 2 - k]")
    assert "t__v1 = y[m - k - 2]" in both(text)


def test_one_variable_counts_in_both_loops():
    text = (FORWARD + REVERSED).replace("for k in", "for i in").replace("k - 1", "i - 1")
    assert "t__v1 = y[i - 1]" in both(text)


def test_the_loop_itself_may_not_look_up():
    text = (FORWARD + REVERSED).replace("y[i] = y[i] * t", "y[i] = y[i] * t_tape[i - 1]")
    assert "t_tape.append" in both(text)


# ---- loops in loops ---------------------------------------------------------------------------------------------------

A = np.arange(16.0).reshape(4, 4) / 7.0
NESTED = """
    y = np.copy(x)
    t_tape_tape = []
    for i in range(n):
        t_tape = []
        t_tape_tape.append(t_tape)
        for j in range(i):
            t = y[i, j]
            t_tape.append(t)
            y[i, i] -= t * t
    s = 0.0
    for k in range(n - 1, -1, -1):
        t_tape__v1 = t_tape_tape[k]
        for m in range(k - 1, -1, -1):
            t__v1 = t_tape__v1[m]
            s = s + t__v1 * (m + 1)
    return s + np.sum(y)
"""


def test_lists_in_lists():
    text = both(NESTED, A, 4)
    assert "tape" not in text and "t__v1 = y[k, m]" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("y[i, i] -= t * t", "y[i, i] -= t * t\n            y[i, n - 1 - j] = t"),
        ("y[i, i] -= t * t", "y[i, i] -= t * t\n        y[i, 0] = 0.5"),
        ("y[i, i] -= t * t", "y[i, i] -= t * t\n        y[i] *= 0.5"),
        ("y[i, i] -= t * t", "y[i, i] -= t * t\n        y[:, 0] = 0.5"),
        ("y[i, i] -= t * t", "y[i, i] -= t * t\n            y[i, j - 1] = 1.5"),
        ("t = y[i, j]", "t = y[i, i]"),
        ("t_tape__v1[m]", "t_tape__v1[m - 1]"),
        ("range(k - 1, -1, -1)", "range(k - 1, -1 - k, -1)"),
        ("t_tape_tape[k]", "t_tape_tape[k - 0 * n]"),
    ],
)
def test_lists_in_lists_that_are_needed(old, new):
    assert old in NESTED
    assert "t_tape.append" in both(NESTED.replace(old, new, 1), A, 4)


def test_the_other_half_is_written():
    text = NESTED.replace("y[i, i] -= t * t", "y[i, i] -= t * t\n            y[j, i] = t")
    assert "tape" not in both(text, A, 4)


def test_a_list_that_is_looked_up_after_its_loop():
    text = NESTED.replace("    return s + np.sum(y)", "    s = s + t_tape__v1[0] if n < 0 else s\n    return s + np.sum(y)")
    assert "t_tape.append" in both(text, A, 4)


# ---- rows -------------------------------------------------------------------------------------------------------------

ROWS = """
    y = np.copy(x)
    t_tape = []
    u_tape = []
    for i in range(n - 1):
        t = y[i]
        t_tape.append(t.copy())
        u = np.sin(t)
        u_tape.append(u)
        y[i + 1] = u
    s = 0.0
    for k in range(n - 2, -1, -1):
        t__v1 = t_tape[k]
        u__v1 = u_tape[k]
        s = s + np.sum(t__v1 * u__v1)
    return s
"""


def test_rows():
    text = both(ROWS, A, 4)
    assert "tape" not in text and "t__v1 = y[k]" in text and "u__v1 = y[k + 1]" in text


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("y[i + 1] = u", "y[i + 1] = u\n        u *= 2.0", {"u"}),
        ("y[i + 1] = u", "y[i + 1] = u\n        y[i, 0] = 2.0", {"t", "u"}),
        ("y[i + 1] = u", "y[i + 1] = u\n        t *= 2.0", {"t", "u"}),
        ("y[i + 1] = u", "y[i + 1] = u[0]", {"u"}),
        ("    s = 0.0\n", "    s = 0.0\n    y[0, 0] = 3.0\n", {"t", "u"}),
        ("s = s +", "t__v1 *= 2.0\n        s = s +", {"t"}),  # a view would be written to
    ],
)
def test_rows_that_are_needed(old, new, kept):
    assert old in ROWS
    text = both(ROWS.replace(old, new, 1), A, 4)
    assert {key for key in "tu" if f"{key}_tape.append" in text} == kept


def test_rows_of_lists_of_the_users_are_copies():
    """They may be handed out: a view would hand out a part of the array."""
    text = both(ROWS.replace("t_tape", "seen"), A, 4)
    assert "seen.append" in text


def test_numbers_of_another_kind_are_converted_on_the_way():
    text = ROWS.replace("np.copy(x)", "np.zeros((4, 4), dtype=np.float32)")
    assert "u_tape.append" in both(text, A, 4) or "float32" in str(core(f"def f(x, n):{text}", A, 4).types["u"])
