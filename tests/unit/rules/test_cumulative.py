"""Cumulative products: zeros in every order, and complex numbers."""

import numpy as np
import pytest

from s2sad import check_grads, grad, hessian
from s2sad.rules.record import conj, rule

A = np.array([[[2.0, 0.0], [1.5, -1.0]], [[0.0, 3.0], [0.5, 0.0]]])
Z = np.array([2.0 + 1.5j, 0.3 - 1.0j, 0.5j, 1.5])


BY_AXIS = {
    None: lambda a: np.prod(a) * 2.0,
    0: lambda a: np.sum(np.prod(a, axis=0) * 2.0),
    1: lambda a: np.sum(np.prod(a, axis=1) * 2.0),
    -1: lambda a: np.sum(np.prod(a, axis=-1) * 2.0),
    (0, 2): lambda a: np.sum(np.prod(a, axis=(0, 2)) * 2.0),
    (-1, 1): lambda a: np.sum(np.prod(a, axis=(-1, 1), keepdims=True) * a),
}


@pytest.mark.parametrize("axis", BY_AXIS)
def test_hessian_of_a_product_at_zeros(axis):
    f = BY_AXIS[axis]
    full = hessian(f)(A)
    step = 1e-6
    for place in np.ndindex(A.shape):
        moved = np.zeros_like(A)
        moved[place] = step
        expected = (grad(f)(A + moved) - grad(f)(A - moved)) / (2.0 * step)
        assert np.allclose(full[place], expected, atol=1e-8)


@pytest.mark.parametrize("fun", [
    lambda z: np.sum(np.abs(np.cumprod(z)) ** 2),
    lambda z: np.sum(np.abs(np.cumprod(np.reshape(z, (2, 2)), axis=1)) ** 2),
    lambda z: np.sum(np.abs(np.prod(np.reshape(z, (2, 2, 1)), axis=(0, 2))) ** 2),
    lambda z: np.sum(np.abs(np.prod(np.reshape(z, (2, 2)), axis=0)) ** 2),
    lambda z: np.sum(np.abs(np.prod(np.reshape(z, (2, 2)))) ** 2),
])  # fmt: skip
def test_products_of_complex_numbers(fun):
    check_grads(fun, (Z,))


def test_infinite_products_of_factors_do_not_spoil_what_is_finite():
    from s2sad.runtime.recurrences import recurrence

    factors, terms = np.full(8, 1e200), np.zeros(8)
    terms[-1] = 1.0
    assert np.array_equal(recurrence(factors, terms), terms)


def scaled(z, k):
    return z * k


@rule(scaled)
class scaled_rule:
    def jvp(z, k, *, z_dot, k_dot):
        return z_dot * k, z * k_dot

    def vjp(z, k, *, y_bar):
        other = 1.0 * k
        return y_bar * conj(other), y_bar * conj(z)


def test_a_rules_own_variable_is_conjugated_where_it_may_be_complex():
    """In a rule's body a name that is bound there stands for a complex number if what it is made of does."""
    check_grads(lambda z: np.abs(np.sum(scaled(z, 1.0j * z))) ** 2, (Z,))
