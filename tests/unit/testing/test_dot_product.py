"""The dot-product test agrees for right derivatives and shows wrong ones."""

import numpy as np
import pytest

from s2sad.testing import dot_product as module
from s2sad.testing import dot_product_test


def bilinear(x, y, n=2):
    return np.outer(x, y) * n, np.sum(x)


def test_modes_agree():
    assert dot_product_test(bilinear, (np.arange(3.0), np.ones(2), 3)) < 1e-12
    assert dot_product_test(bilinear, (np.arange(3.0), np.ones(2)), argnums=("y",), kwargs={"n": 3}) < 1e-12


def test_modes_that_disagree(monkeypatch):
    real = module.push_forward

    def wrong(*arguments):
        value, (a, b) = real(*arguments)
        return value, (1.1 * a, b)

    monkeypatch.setattr(module, "push_forward", wrong)
    assert dot_product_test(bilinear, (np.arange(3.0), np.ones(2))) > 1e-3


def test_a_derivative_that_is_zero_but_for_rounding():
    def constant(x):
        return np.sum(x * 1.7 / (x * x * 0.3) * x)

    assert dot_product_test(constant, (np.array([0.7, 0.5, 0.9]),)) < 1e-12


@pytest.mark.parametrize("fun", [lambda x: (x + 1.0, x), lambda x: (x * 2.0, np.inf)])
def test_modes_that_disagree_at_a_small_point_or_beside_infinity(fun, monkeypatch):
    real = module.push_forward

    def wrong(*arguments):
        value, (a, b) = real(*arguments)
        return value, (1.1 * a, b)

    monkeypatch.setattr(module, "push_forward", wrong)
    assert dot_product_test(fun, (1e-12,)) > 1e-3
