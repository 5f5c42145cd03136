"""The first contribution makes a buffer, also where it has views already."""

import numpy as np
import pytest

from s2sad.passes.first import first
from s2sad.testing.core import core, runnable, source

X, Y = np.array([0.3, -0.7, 1.1]), np.array([2.0, 0.5, -1.0])
VIEWED = """
    x_bar = np.zeros_like(x)
    tail_bar = x_bar[1:]
    t = y * 3.0
    x_bar[...] += 2.0 * t
    tail_bar[...] *= 0.5
    return x_bar, tail_bar * y[1:]
"""


def both(text):
    program = core("def f(x, y):" + text, X, Y)
    new = first(program)
    for found, known in zip(runnable(new)(X.copy(), Y.copy()), runnable(program)(X.copy(), Y.copy())):
        np.testing.assert_array_equal(found, known)
    return source(new)


def test_views_are_made_after_it():
    text = both(VIEWED)
    assert "zeros_like" not in text
    assert text.index("x_bar = 2.0 * t") < text.index("tail_bar = x_bar[1:]")


def test_views_of_views():
    text = both(VIEWED.replace("    t = ", "    last_bar = tail_bar[1:]\n    t = ").replace("*= 0.5", "*= 0.5\n    last_bar[...] = 7.0"))
    assert "zeros_like" not in text and text.index("x_bar = 2.0 * t") < text.index("last_bar = tail_bar[1:]")


def test_one_number_for_all():
    text = both(VIEWED.replace("2.0 * t", "2.5"))
    assert "x_bar = np.full_like(x, 2.5)" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    t = y * 3.0\n", "    tail_bar[...] += y[1:]\n    t = y * 3.0\n"),  # it contributes before
        ("    t = y * 3.0\n", "    t = y * 3.0 + tail_bar[0]\n"),  # it is read before
        ("2.0 * t", "2.0 * t * tail_bar[0]"),
        ("2.0 * t", "2.0 * t + x_bar"),
        ("2.0 * t", "t"),  # it would be the same array
        ("2.0 * t", "2.0 * t[:1]"),  # of another size
        ("tail_bar = x_bar[1:]", "tail_bar = x_bar[1:].copy()"),
        ("    tail_bar = x_bar[1:]\n    t = y * 3.0\n", "    k = 1\n    tail_bar = x_bar[k:]\n    k = 2\n    t = y * k\n"),
        ("    t = y * 3.0\n", "    t = y * 3.0\n    if t[0] > 0.0:\n        tail_bar[...] += 1.0\n"),
    ],
)
def test_what_makes_a_difference_keeps_the_zeros(old, new):
    assert old in VIEWED
    assert "zeros_like" in both(VIEWED.replace(old, new, 1))


def test_parts_that_overlap_are_added_to():
    text = both("""
    x_bar = np.zeros_like(x)
    x_bar[1:] += y[1:]
    x_bar[:2] += y[:2]
    return x_bar, y
""")
    assert "x_bar[1:] = y[1:]" in text and "x_bar[:2] += y[:2]" in text or text.count("+=") == 2


def test_what_is_taken_away_first_is_stored_with_a_minus():
    assert "x_bar = -2.0 * t" in both(VIEWED.replace("+= 2.0 * t", "-= 2.0 * t"))


LOOP = """
    x_bar = np.zeros_like(x)
    for i in range(1, 3):
        x_bar[i - 1] += y[i] * 2.0
    return x_bar, y
"""


@pytest.mark.parametrize(
    ("old", "new", "stored"),
    [
        ("i - 1", "i", True),
        ("+=", "-=", True),
        ("range(1, 3)", "range(2, 0, -1)", True),
        ("range(1, 3)", "range(len(x) - 1, 0, -1)", True),
        ("i - 1", "i - 2", False),  # it counts from the end
        ("i - 1", "i - i", False),
        ("i - 1", "3 - i", False),
        ("range(1, 3)", "range(2)", False),
        ("range(1, 3)", "range(2, -1, -1)", False),
        ("range(1, 3)", "(1, 1, 2)", False),
        ("        x_bar", "        x_bar[0] += 1.0\n        x_bar", False),
        ("    for", "    for _ in range(2):\n     for", False),
    ],
)
def test_items_of_a_loop(old, new, stored):
    assert old in LOOP
    text = both(LOOP.replace(old, new, 1).replace("     for i in range(1, 3):\n        x", "        for i in range(1, 3):\n            x"))
    assert ("+=" not in text and "-=" not in text) == stored


@pytest.mark.parametrize("value", ["c[i] * y[i]", "c[i] / y[i]", "c[i] * 2 * y[i]", "(y[i] > 0.0) * y[i]", "2 * y[i]"])
def test_no_mask_and_no_unsigned_number_is_negated(value):
    """``-c * y`` of an unsigned `c` is another number, and NumPy negates no mask."""
    counts = np.array([1, 2, 200], dtype=np.uint8)
    text = LOOP.replace("y[i] * 2.0", value).replace("range(1, 3)", "range(0, 2)").replace("i - 1", "i").replace("+=", "-=")
    program = core("def f(x, y, c):" + text, X, Y, counts)
    new = first(program)
    for found, known in zip(runnable(new)(X, Y, counts), runnable(program)(X, Y, counts)):
        np.testing.assert_array_equal(found, known)
    assert f"x_bar[i] = -({value})" in source(new)


@pytest.mark.parametrize("value", ["c[i]", "y[i] > 0.0"])
def test_what_is_no_float_is_taken_away(value):
    counts = np.array([1, 2, 200], dtype=np.uint8)
    text = LOOP.replace("y[i] * 2.0", value).replace("+=", "-=")
    program = core("def f(x, y, c):" + text, X, Y, counts)
    new = first(program)
    np.testing.assert_array_equal(runnable(new)(X, Y, counts)[0], runnable(program)(X, Y, counts)[0])
    assert "-=" in source(new)
