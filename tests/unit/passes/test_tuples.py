"""Containers of known items as tuples."""

from typing import NamedTuple

import numpy as np

from s2sad.passes.tuples import tuples
from s2sad.testing.core import core, source


class Point(NamedTuple):
    x: float
    y: float


def after(text, *args, **objects):
    return source(tuples(core(text, *args, **objects)))


def test_dicts_are_read_by_place():
    text = after('def f(p):\n    return p["b"] * p["a"]["c"]', {"a": {"c": 2.0}, "b": 3.0})
    assert text == "def f(p):\n    return p[1] * p[0][0]\n"


def test_fields_are_read_by_place():
    assert after("def f(p):\n    return p.y - p.x", Point(1.0, 2.0)) == "def f(p):\n    return p[1] - p[0]\n"


def test_results_are_tuples():
    text = after('def f(x):\n    return {"a": [x, x * x], "b": Point(x, 1.0)}', 2.0, Point=Point)
    assert text == "def f(x):\n    return (x, x * x), (x, 1.0)\n"


def test_a_tuple_of_a_list_is_put_back_outside():
    """The type itself, which the program may name too, has no fields."""
    text = after("def f(x):\n    q = [x, x * x]\n    return x, tuple(q)", 2.0, tuple=tuple)
    assert text == "def f(x):\n    q = [x, x * x]\n    return x, q\n"


def test_a_list_with_places_that_are_known_stays_a_tuple():
    assert after("def f(p):\n    return p[0] * p[-1] * len(p)", [1.0, 2.0]) == (
        "def f(p):\n    return p[0] * p[-1] * len(p)\n"
    )


def test_contexts_that_silence_warnings_vanish():
    text = after('def f(x):\n    with np.errstate(divide="ignore"):\n        y = 1.0 / x\n    return y', np.ones(2))
    assert "with" not in text
