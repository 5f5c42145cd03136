"""Inner products, unit directions and steps."""

import numpy as np
import pytest

from s2sad.testing.vectors import in_double, inner, random_like, step_along, unit_tangents


def test_inner_product_of_complex_numbers_is_real():
    assert inner(1.0 + 2.0j, 3.0 + 4.0j) == 11.0
    assert inner([1.0, None], [2.0, None]) == 2.0


def test_unit_tangents():
    value = {"w": np.zeros((2, 1), np.float32), "k": 2, "z": 1j}
    named = dict(unit_tangents(value, "p"))
    assert list(named) == ["p['w'][0, 0]", "p['w'][1, 0]", "p['z']", "p['z'].imag"]
    assert named["p['w'][1, 0]"]["w"].dtype == np.float32
    assert named["p['w'][1, 0]"]["w"][1, 0] == 1.0
    assert named["p['z'].imag"] == {"w": pytest.approx(np.zeros((2, 1))), "k": None, "z": 1j}


def test_at_most_so_many():
    assert len(list(unit_tangents(np.zeros(100), "x", limit=7))) == 7


def test_random_like_keeps_structure_and_precision():
    drawn = random_like([np.zeros(3, np.float32), 1.0, "text"], np.random.default_rng(0))
    assert drawn[0].dtype == np.float32
    assert isinstance(drawn[1], float)
    assert drawn[2] is None


def test_in_double_copies():
    x = np.ones(2, np.float32)
    wide = in_double([x, np.arange(2), "text"])
    assert wide[0].dtype == np.float64
    assert wide[1].dtype == np.arange(2).dtype
    assert in_double(np.ones(2)) is not x


def test_step_along():
    assert step_along([1.0, 2], [2.0, None], 0.5) == [2.0, 2]
