"""Memory is taken before a loop exactly where no turn sees another's."""

import numpy as np
import pytest

from s2sad.passes.reserve import reserve
from s2sad.signature import Array, Dim, ListOf, Scalar
from s2sad.testing.core import core, runnable, source

X = np.array([0.5, -1.5, 2.0])
PROGRAM = """
def f(x, n):
    s = 0.0
    y = np.zeros(3)
    t_tape = []
    for i in range(n):
        t = {made}
        t[0] = x[0] * (i + 1)
        t[1] = t[0] + x[1]
        t[2] = 1.0
        {turn}
        s = s + t[0] * t[1]
    {after}
    return s + y[0]
"""
PLAIN = {"made": "np.empty(3)", "turn": "u = t[0]", "after": "v = s"}


def reserved(types=None, **changes):
    program = core(PROGRAM.format(**{**PLAIN, **changes}), X, 4)
    three = Array("float64", (3,))
    known = {"t": three, "t_tape": ListOf(three), "y": three, **(types or {})}
    program = program.replace(types={**program.types, **known})
    new = reserve(program)
    assert runnable(new)(X, 4) == runnable(program)(X, 4)
    assert runnable(new)(X, 0) == runnable(program)(X, 0)
    return source(new)


def before_loop(text):
    return text[: text.index("    for i")]


@pytest.mark.parametrize("made", ["np.empty(3)", "np.empty(x.shape[0])", "np.zeros(3)", "np.zeros_like(y)"])
def test_made_once(made):
    assert "t = np.empty(" in before_loop(reserved(made=made))


def test_items_are_stored():
    text = reserved(made="np.array([x[0], 2.0, x[1]])")
    assert "    t = np.empty(3)\n" in before_loop(text)
    assert "        t[2] = x[1]\n" in text


def test_the_sizes_are_those_at_the_loop():
    text = reserved(made="np.empty(i + 3)")
    assert "t = np.empty" not in before_loop(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"turn": "y = t"},
        {"turn": "y = t[1:]"},
        {"turn": "t = np.empty(3)\n        t[0] = 1.0\n        t[1] = 2.0"},
        {"after": "s = s + (t[0] if n > 0 else 0.0)"},
    ],
)
def test_what_others_see_is_made_in_the_turn(changes):
    assert "    t = np.empty(3)\n" not in before_loop(reserved(**changes))


BACK = "for k in range(n - 1, -1, -1):\n        w = t_tape[k]\n        s = s + w[1]"


def test_recorded_arrays_are_rows():
    text = reserved(turn="t_tape.append(t)", after=BACK)
    assert "t_tape = np.empty((max(n, 0), 3))" in before_loop(text)
    assert "t_tape[i, 0] = x[0]" in text and "s + t_tape[k, 1]" in text and "append" not in text


def test_recorded_arrays_that_have_another_name_by_then_are_rows():
    turn = "u = t\n        w = u\n        t_tape.append(w)"
    three = Array("float64", (3,))
    text = reserved({"u": three, "w": three}, turn=turn, after="v = t_tape[n - 1][0] if n else 0.0")
    assert "        t = t_tape[i]\n" in text and "append" not in text


def test_recorded_arrays_whose_other_name_is_bound_again_stay_in_a_list():
    turn = "u = t\n        t = x * 2.0\n        t_tape.append(u)"
    text = reserved({"u": Array("float64", (3,))}, turn=turn, after="v = t_tape[n - 1][0] if n else 0.0")
    assert "t = t_tape[i]\n" not in text


def test_recorded_numbers_are_items():
    back = BACK.replace("w[1]", "w")
    text = reserved({"t_tape": ListOf(Scalar("float64")), "w": Scalar("float64")}, turn="t_tape.append(t[1])", after=back)
    assert "t_tape = np.empty(max(n, 0))" in before_loop(text)
    assert "t_tape[i] = t[1]" in text


def test_small_arrays_from_elsewhere_are_copied():
    text = reserved(turn="t_tape.append(y)", after=BACK)
    assert "t_tape[i, p] = y[p]" in text


def test_what_is_made_for_the_next_turn_is_its_row():
    text = reserved(turn="t_tape.append(y)\n        y = t", after=BACK)
    assert "t_tape = np.empty((max(n, 0) + 1, 3))" in before_loop(text) and "y = t_tape[0]" in before_loop(text)
    assert "t = t_tape[i + 1]" in text and "append" not in text


def test_rows_as_long_as_an_argument():
    known = Array("float64", (Dim("m"),))
    types = {"x": known, "t": known, "t_tape": ListOf(known)}
    text = reserved(types, made="np.empty(x.shape[0])", turn="t_tape.append(t)", after=BACK)
    assert "t_tape = np.empty((max(n, 0), x.shape[0]))" in before_loop(text) and "t = t_tape[i]" in text


def test_parts_are_recorded_as_rows_of_the_whole():
    two, part = Array("float64", (2, 3)), Array("float64", (3,))
    made = "np.empty(3)\n        r = np.empty((2, 3))\n        r[0] = x\n        r[1] = x * i\n        a = r[1]"
    text = reserved({"r": two, "a": part, "t_tape": ListOf(part)}, made=made, turn="t_tape.append(a)", after=BACK)
    assert "r_tape = np.empty((max(n, 0), 2, 3))" in before_loop(text)
    assert "s + r_tape[k, 1, 1]" in text or "w = r_tape[k, 1]" in text


CARRIED = """
def f(x, n):
    s = 0.0
    {before}
    for i in range(n):
        t = np.empty(3)
        for j in range(3):
            t[j] = y[j] * x[2 - j]
        {turn}
        s = s + y[0]
    return s + y[1]{after}
"""


def carried(before="y = np.zeros(3)", turn="y = t", after=""):
    program = core(CARRIED.format(before=before, turn=turn, after=after), X, 4)
    three = Array("float64", (3,))
    program = program.replace(types={**program.types, "t": three, "y": three, "z": three})
    new = reserve(program)
    for n in (0, 1, 2, 5):
        x = X.copy()
        assert runnable(new)(x, n) == runnable(program)(X, n)
        assert (x == X).all()
    return source(new)


@pytest.mark.parametrize("before", ["y = np.ones(3)", "y = x", "y = x * 2.0"])
def test_two_arrays_take_turns(before):
    text = carried(before)
    assert "y_next = np.empty(3)" in before_loop(text)
    assert "y, y_next = t, y" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"before": "y = np.ones(3)\n    z = y", "after": " + z[0]"},
        {"before": "y = np.ones(3)\n    z = y", "turn": "z = y\n        y = t", "after": " + z[0]"},
        {"turn": "if i > 1:\n            y = t"},
        {"turn": "y = t[::-1]"},
    ],
)
def test_what_is_seen_later_is_made_anew(changes):
    assert "y_next" not in carried(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"turn": "t_tape.append(t)", "after": BACK + "\n    t_tape.append(y)"},
        {"turn": "t_tape.append(t)\n        t_tape.append(t)", "after": BACK},
        {"turn": "t_tape.append(t)", "after": BACK + "\n    s = s + len(t_tape)"},
        {"turn": "if i > 0:\n            t_tape.append(t)", "after": "v = s"},
        {"turn": "t_tape.append(y)", "after": BACK + "\n        w[0] = 3.0\n        s = s + y[0]"},
    ],
)
def test_other_lists_stay(changes):
    assert "append" in reserved(**changes)


def test_what_the_turns_of_an_inner_loop_record_is_not_one_array():
    """Each turn of the outer loop has a tape of its own, and each turn of the inner one an array of its own on it."""
    program = core(
        """
def f(x, n):
    s = 0.0
    for k in range(n):
        t_tape = []
        for i in range(k, k + 3):
            t = np.empty(3)
            t[0] = x[0] * (i + 1)
            t[1] = t[0] + x[1]
            t[2] = 1.0
            t_tape.append(t)
        for i in range(3):
            u = t_tape[i]
            s = s + u[0] * u[1] * (i + k)
    return s
""",
        X,
        4,
    )
    three = Array("float64", (3,))
    program = program.replace(types={**program.types, "t": three, "u": three, "t_tape": ListOf(three)})
    assert runnable(reserve(program))(X, 4) == runnable(program)(X, 4)


# ---- ranges of all kinds ----------------------------------------------------------------------------------------------

RANGES = """
def f(x, n):
    s = 0.0
    t_tape = []
    first = 1
    for i in range({range}):
        t = x[i % 3] * (i + 1)
        t_tape.append(t)
        {turn}
    k = 0
    for i in range({range}):
        s = s * 0.5 + t_tape[k]
        k = k + 1
    return s
"""


def ranged(count, turn="u = t"):
    program = core(RANGES.format(range=count, turn=turn), X, 7)
    program = program.replace(types={**program.types, "t_tape": ListOf(Scalar("float64"))})
    new = reserve(program)
    for n in (7, 2, 1, 0, -3):
        assert runnable(new)(X, n) == runnable(program)(X, n)
    return source(new)


@pytest.mark.parametrize(
    ("count", "turn"),
    [
        ("2, n", "i - 2"),
        ("first, n + 1", "i - first"),
        ("n - 2, -1, -1", "n - i - 2"),
        ("n, 0, -1", "n - i"),
        ("n - 3, n, 1", "i - n + 3"),
    ],
)
def test_ranges(count, turn):
    text = ranged(count)
    assert "t_tape = np.empty(max(" in text
    assert f"t_tape[{turn}] = t" in text


@pytest.mark.parametrize("count", ["0, n, 2", "n, 0, -2", "0, n, first"])
def test_steps(count):
    assert "t_tape = []" in ranged(count)


def test_a_start_that_the_loop_changes():
    assert "t_tape = []" in ranged("first, n", turn="first = i + 2")


# ---- what is written after it is recorded --------------------------------------------------------------------------------

WRITTEN = """
def f(x, n):
    s = 0.0
    t_tape = []
    for i in range(n):
        t = np.copy(x)
        t_tape.append(t)
        {turn}
        s = s + t[0] * t[1]
    for k in range(n - 1, -1, -1):
        w = t_tape[k]
        s = s + w[1] * (k + 1)
    return s
"""


def written(turn):
    program = core(WRITTEN.format(turn=turn), X, 4)
    three = Array("float64", (3,))
    program = program.replace(types={**program.types, "t": three, "t_tape": ListOf(three), "w": three})
    new = reserve(program)
    for n in (0, 1, 4):
        assert runnable(new)(X, n) == runnable(program)(X, n)
    return source(new)


@pytest.mark.parametrize(
    "turn",
    [
        "t[1] = 0.5 * i",
        "t[1] *= 2.0",
        "v = t[1:]\n        v[0] = i",
        "for j in range(2):\n            t[j] = t[j + 1]",
        "if i > 1:\n            t[1] = 4.0",
        "t[1] = 0.5 * i\n        s = s + 1.0\n        t[1] += 1.0",
    ],
)
def test_the_list_holds_the_array_itself(turn):
    """A copy made where it is appended would not have what is written to it afterwards."""
    text = written(turn)
    assert text.index("t_tape[i, p] = t[p]") > text.index(turn.split("\n")[-1].strip())


@pytest.mark.parametrize("turn", ["t *= 1.5", "t[1] = 0.5\n        t = x * 2.0", "t[1] = 0.5\n        if i > 2:\n            break"])
def test_an_array_that_may_be_another_one_later_stays_in_a_list(turn):
    assert "t_tape.append(t)" in written(turn)


def test_an_array_of_before_that_is_written_stays_in_a_list():
    text = reserved(turn="t_tape.append(y)\n        y[0] = i", after=BACK)
    assert "t_tape.append(y)" in text


def test_a_size_is_that_of_an_array_that_is_there_for_certain():
    """`z`, which a branch makes, was asked for the size before the loop."""
    program = core(
        """
def f(x, n):
    y = x
    if n > 3:
        z = x * 2.0
    for i in range(n):
        t = np.empty(y.shape[0])
        for j in range(y.shape[0]):
            t[j] = y[j] * 2.0
        y = t
    if n > 3:
        y = y + z
    return y
""",
        X,
        4,
    )
    known = Array("float64", (Dim("m"),))
    program = program.replace(types={**program.types, "t": known, "x": known, "y": known, "z": known})
    new = reserve(program)
    for n in (0, 2, 5):
        np.testing.assert_array_equal(runnable(new)(X, n), runnable(program)(X, n))
    assert "y_next = np.empty(y.shape[0])" in source(new)
