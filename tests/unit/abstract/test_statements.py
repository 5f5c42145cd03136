"""Updates in place with the rarer operators: the array itself changes, and is seen through every other name."""

import numpy as np
import pytest

from s2sad import check_grads

M, N = np.array([[0.5, 1.2], [0.3, 2.0]]), np.array([[1.1, 0.4], [0.2, 0.9]])
X = np.array([1.5, 2.5, 3.7])


def product_under_another_name(m, n):
    w = m
    w @= n
    return (m * m).sum()


def product_seen_through_a_view(m, n):
    v = m[:]
    m @= n
    return (v * n).sum()


def product_of_a_stack(m, n):
    s = np.stack([m, n])
    s @= n
    s[0] @= m
    s[1, :, :] @= s[0]
    return (s**2).sum()


def product_of_a_row(m, n):
    m[0] @= n
    return (m * m).sum()


def products_in_a_loop(m, n):
    for _ in range(2):
        m @= n
    return (m * n).sum()


def whole_and_rest(x):
    y = x * 1
    w = y
    w //= 0.8
    w %= 1.3
    y **= 2
    return (y * x).sum()


def parts(x):
    y = x * 1
    y[0] //= 0.8
    y[1:] %= 1.3
    y[y > 1.0] **= 2
    y[[0, 2]] //= 1.1
    y[1] %= x[0]
    y[2] **= 3
    return (y * x).sum()


PRODUCTS = [product_under_another_name, product_seen_through_a_view, product_of_a_stack, product_of_a_row, products_in_a_loop]


@pytest.mark.parametrize("fun", PRODUCTS, ids=lambda fun: fun.__name__)
def test_matrix_products_in_place(fun):
    check_grads(fun, (M.copy(), N.copy()), order=2)


@pytest.mark.parametrize("fun", [whole_and_rest, parts])
def test_whole_parts_and_rests_in_place(fun):
    check_grads(fun, (X.copy(),), order=2)
