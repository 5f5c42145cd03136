"""Exact algebra, zero and unit seeds, copies."""

import numpy as np
import pytest

from s2sad.passes.simplify import simplify
from tests.unit.passes.rewriting import rewritten

X = np.array([1.0, 2.0, 4.0])


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("1.0 * x", "x"),
        ("x * 1.0", "x"),
        ("x / 1.0", "x"),
        ("2.0 * x * 1.0", "2.0 * x"),
        ("x + -y", "x - y"),
        ("x - -y", "x + y"),
        ("-x + y", "y - x"),
        ("x + -y * x", "x - y * x"),
        ("x + y * -x / y", "x - y * x / y"),
        ("-(-x)", "x"),
        ("-x * -y", "x * y"),
        ("x * (1.0 / y)", "x / y"),
        ("x * y + x * y", "2.0 * x * y"),
        ("x + x", "2.0 * x"),
        ("x / (2.0 * y) * (2 * x)", "x / y * x"),
        ("y ** (3 - 2)", "y"),
        ("x.copy() * y", "x * y"),
        # not exact, or a matter of infinities: left alone
        ("0 * x", "0 * x"),
        ("0.0 * x", "0.0 * x"),
        ("x - x", "x - x"),
        ("x / x", "x / x"),
        ("x * y / y", "x * y / y"),
        ("0.0 + x", "0.0 + x"),
        ("x + y + x", "x + y + x"),
    ],
)
def test_algebra(expression, expected):
    assert rewritten(simplify, f"def f(x, y):\n    return {expression}", np.float64(3.0), np.float64(7.0)).endswith(
        f"return {expected}"
    )


@pytest.mark.parametrize(
    "index, expected",
    [("n - 1 + 1", "n"), ("n + 1 - 1", "n"), ("n - 1 - 1", "n - 2"), ("1 * n", "n"), ("1 - 1", "0"), ("3 - n", "3 - n"),
     ("(n - 3) // -1", "3 - n"), ("n + 0", "n"), ("n * 2 - 1", "n * 2 - 1"), ("1 + n", "1 + n")],
)  # fmt: skip
def test_indices(index, expected):
    text = f"def f(x, n):\n    return x[{index}]"
    assert rewritten(simplify, text, np.arange(9.0), 2) == f"return x[{expected}]"


@pytest.mark.parametrize(
    "bounds, expected", [("0, 4, 1", "4"), ("1, n, 1", "1, n"), ("n - 1, 1 - 1, -1", "n - 1, 0, -1"), ("0, n", "0, n")]
)
def test_ranges(bounds, expected):
    text = f"def f(n):\n    s = 0\n    for i in range({bounds}):\n        print(i)\n    return s"
    assert f"range({expected})" in rewritten(simplify, text, 3)


def test_an_integer_times_one_is_a_float():
    assert rewritten(simplify, "def f(n):\n    return 1.0 * n", 3) == "return 1.0 * n"


def test_a_product_with_one_is_a_fresh_array():
    """A user may write into ``x * 1.0`` without writing into ``x``."""
    text = "def f(x):\n    y = x * 1.0\n    y[0] = 5.0\n    return x, y"
    assert "y = x * 1.0" in rewritten(simplify, text, X)
    assert rewritten(simplify, "def f(x):\n    return x * 1.0", X) == "return x * 1.0"


def test_zero_seed():
    text = """
    def f(x):
        x_bar = np.zeros_like(x)
        t_bar = x * 2.0
        x_bar__v1 = x_bar + t_bar
        s = 0.0
        s__v1 = s + x[0]
        return x_bar__v1, s__v1
    """
    assert "x_bar__v1 = t_bar" in rewritten(simplify, text, X)
    assert "s__v1 = s + x[0]" in rewritten(simplify, text, X)  # the user's own zero


def test_zero_seed_that_is_written_to_stays():
    text = """
    def f(x):
        x_bar = np.zeros_like(x)
        x_bar[0] += 1.0
        x_bar__v1 = x_bar + x * 2.0
        return x_bar__v1
    """
    assert "x_bar__v1 = x_bar + x * 2.0" in rewritten(simplify, text, X)


def test_zero_seed_of_another_shape_stays():
    text = "def f(x, y):\n    x_bar = np.zeros_like(x)\n    x_bar__v1 = x_bar + y\n    return x_bar__v1"
    assert "x_bar + y" in rewritten(simplify, text, np.ones((2, 3)), np.ones(3))


def test_copies_are_followed_until_their_source_changes():
    text = """
    def f(x, n):
        s = x
        for i in range(n):
            t = s
            u = t * x
            s = u + t
            v = s + t
        return s
    """
    assert "v = s + t" in rewritten(simplify, text, 2.0, 3)
    assert "u = s * x" in rewritten(simplify, text, 2.0, 3)


def test_a_users_copy_of_a_loop_variable_keeps_its_name():
    text = """
    def f(x, n):
        cur = x
        old = x
        for i in range(n):
            old__v1 = cur
            cur__v1 = cur * old__v1
            cur = cur__v1
        return cur
    """
    assert "cur__v1 = cur * old__v1" in rewritten(simplify, text, 1.1, 3)
