"""Operands of which no type is known are taken for real numbers: what is complex is refused, in both modes."""

from collections import OrderedDict

import numpy as np
import pytest

from s2sad import NotDifferentiable, grad, jvp

X = np.array([0.7, 1.3])
Z = X + 0.2j
table = OrderedDict(wave=1.0 + 2.0j, gain=2.0)


def times(x):
    return np.abs(table["wave"] * x[0])


def through_a_function(x):
    return np.abs(np.sum(np.exp(2.0 * table["wave"]) * x))


def power(x):
    return np.abs(table["wave"] ** x[0])


@pytest.mark.parametrize("fun", [times, through_a_function, power])
@pytest.mark.parametrize("at", [X, Z], ids=["real", "complex"])
def test_what_is_complex_is_refused(fun, at):
    with pytest.raises(NotDifferentiable, match="complex number or array, of which no type is known"):
        grad(fun)(at)
    with pytest.raises(NotDifferentiable):
        jvp(fun, (at,), (np.ones_like(at),))


def test_what_is_said_to_be_complex_is_differentiated():
    def fun(x):
        return np.abs(complex(table["wave"]) * x[0])

    np.testing.assert_allclose(grad(fun)(X), [abs(table["wave"]), 0.0])


def test_a_real_operand_of_unknown_type_beside_complex_ones():
    def fun(z):
        return np.abs(np.sum(table["gain"] * z)) ** 2

    np.testing.assert_allclose(grad(fun)(Z), np.full(2, 2.0 * table["gain"] ** 2 * np.sum(Z)))
