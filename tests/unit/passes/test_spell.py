"""Sums and products of cotangents in their cheapest order, also where a part was computed just before."""

from typing import Any

import numpy as np
import pytest

from s2sad.passes.spell import spell
from s2sad.testing.core import core, runnable, source

A, B, G = np.array([0.5, -1.5, 2.0]), np.array([1.5, 0.4, -0.7]), np.array([0.2, 0.3, -0.9])


def spelled(text):
    program = core("def f(a, b, g):\n" + text, A, B, G)
    new = spell(program)
    np.testing.assert_allclose(runnable(new)(A, B, G), runnable(program)(A, B, G), rtol=1e-13)
    return source(new)


def test_a_product_meets_the_sum_that_it_has_factors_with():
    text = spelled("    t_bar = 4.0 * g * a * (1.0 - a) * b\n    s_bar = t_bar - 4.0 * g * a * b * (1.0 - b)\n    return s_bar")
    assert "s_bar = 4.0 * " in text and "(b - a)" in text and "t_bar" not in text


@pytest.mark.parametrize(
    "between",
    ["    b = a * 2.0\n", "    b[0] = 3.0\n", "    if a[0] > 0.0:\n        g = g * 2.0\n"],
)
def test_not_where_a_factor_changes_on_the_way(between):
    text = spelled(
        "    g = g * 1.0\n    b = b * 1.0\n    t_bar = g * a * b\n" + between + "    s_bar = t_bar - g * a * b\n    return s_bar"
    )
    assert "t_bar = " in text


def test_not_where_it_is_read_again():
    text = spelled("    t_bar = g * a * b\n    s_bar = t_bar - g * a * (1.0 - b)\n    return s_bar + t_bar")
    assert "t_bar = " in text


def test_not_what_a_user_named():
    text = spelled("    t = g * a * b\n    s_bar = t - g * a * (1.0 - b)\n    return s_bar")
    assert "t = " in text


def test_not_inside_of_a_comprehension():
    text = spelled("    t_bar = g * a\n    s_bar = b + np.stack([v for v in t_bar]) * b\n    return s_bar")
    assert "t_bar = " in text


def test_a_quotient_is_written_out_where_that_is_shorter():
    assert "x_bar = g / a" in spelled("    t = a / b\n    x_bar = g / t / b\n    return x_bar + t")
    assert "x_bar = g * a" in spelled("    t = a / b\n    x_bar = g * t * b\n    return x_bar + t")
    assert "x_bar = g / t / a" in spelled("    t = a / b\n    x_bar = g / t / a\n    return x_bar + t")


def test_a_quotient_twice():
    assert "x_bar = g / a / t" in spelled("    t = a / b\n    x_bar = g / t / b / t\n    return x_bar + t")


def test_a_quotient_twice_in_one_node():
    """Passes share the nodes of expressions."""
    program = core("def f(a, b, g):\n    t = a / b\n    x_bar = g / t / b / t\n    return x_bar", A, B, G)
    division: Any = program.body[1].value
    division.right = division.left.left.right
    np.testing.assert_allclose(runnable(spell(program))(A, B, G), G / (A / B) / B / (A / B), rtol=1e-13)


def test_a_quotient_of_what_is_written_later_stays():
    text = spelled("    b = b * 1.0\n    t = a / b\n    b[0] = 2.0\n    x_bar = g / t / b\n    return x_bar + t")
    assert "x_bar = g / t / b" in text
    text = spelled("    t = a\n    for k in range(2):\n        t = a / b\n        b = b + 1.0\n    x_bar = g / t / b\n    return x_bar")
    assert "x_bar = g / t / b" in text


def test_broadcast_quotients_keep_the_shape():
    program = core("def f(a, b, g):\n    t = a / b\n    x_bar = g / t / b\n    return x_bar", 2.0, B, 3.0)
    assert runnable(spell(program))(2.0, B, 3.0).shape == (3,)


def test_what_arithmetic_makes_is_not_copied():
    text = spelled("    a_bar = (g * b).copy()\n    b_bar = g[1:].copy()\n    c = (a * b).copy()\n    a_bar[1:] += b_bar\n    return a_bar + c")
    assert "a_bar = g * b\n" in text and "g[1:].copy()" in text
    assert "(a * b).copy()" in text  # as the user has it
