"""Central differences and complex steps, on functions whose derivatives are known."""

import numpy as np
import pytest

from s2sad.testing import central_difference, complex_step, numerical_gradient


def test_central_difference():
    slope = central_difference(
        lambda x, n: {"s": np.sin(x), "n": n}, (np.ones(2), 3), (np.array([1.0, 0.0]), None)
    )
    np.testing.assert_allclose(slope["s"], [np.cos(1.0), 0.0], rtol=1e-9)
    assert slope["n"] == 0


def test_single_precision_arguments_are_taken_in_double():
    slope = central_difference(np.exp, (np.float32(1.0),), (1.0,))
    assert slope == pytest.approx(np.e, rel=1e-8)


def test_single_precision_results_take_a_larger_step():
    slope = central_difference(lambda x: np.float32(np.exp(x)), (1.0,), (1.0,))
    assert slope == pytest.approx(np.e, rel=1e-3)


def test_the_primal_may_write_to_its_argument():
    def spoil(x):
        x[0] = 5.0
        return np.sum(x)

    x = np.ones(2)
    assert central_difference(spoil, (x,), (np.ones(2),)) == pytest.approx(1.0)
    assert x[0] == 1.0


def test_complex_step():
    assert complex_step(np.tan, (0.5,), (1.0,)) == pytest.approx(1.0 / np.cos(0.5) ** 2, rel=1e-15)
    assert complex_step(lambda x: float(x), (0.5,), (1.0,)) is None
    assert complex_step(lambda x: np.array([x], dtype=float), (0.5,), (1.0,)) is None
    assert complex_step(lambda x: 1.0 if x > 0 else x, (0.5,), (1.0,)) is None
    assert complex_step(lambda z: z, (0.5j,), (1.0,)) is None


def test_numerical_gradient():
    g = numerical_gradient(lambda p: p["a"] * np.sum(p["b"] ** 2), ({"a": 2.0, "b": np.array([1.0, 3.0])},))
    assert g["a"] == pytest.approx(10.0)
    np.testing.assert_allclose(g["b"], [4.0, 12.0], rtol=1e-8)


def test_numerical_gradient_of_a_complex_argument():
    g = numerical_gradient(lambda z: np.abs(z) ** 2, (1.0 + 2.0j,))
    assert g == pytest.approx(2.0 + 4.0j)
