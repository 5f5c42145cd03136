"""Stores of views into their own memory: as NumPy does it, or refused where NumPy itself writes before it reads."""

import numpy as np
import pytest

from s2sad import AmbiguousAlias, grad

X = np.linspace(0.5, 2.0, 10)


def same_step(x):
    b = x.copy()
    b[1:] = b[:-1]
    v, w = b[2:], b[:-2]
    v[:] = w
    v[::-1] = w
    b[::2] = b[1::2]
    return (b * x).sum()


def rows_and_columns(x):
    b = x.copy().reshape(2, 5)
    b[0] = b[1]
    b[:, 1] = b[:, 2]
    b[:, :2] = b[:, 1:3]
    b[1, 1:] = b[1, :-1]
    return (b * b).sum()


def steps_that_vary(x):
    b = x.copy()
    for k in range(1, 4):
        b[k::k] = b[:-k:k]
    return (b * x).sum()


def swapped_halves(x):
    b = x.copy()
    b[::2], b[1::2] = b[1::2], b[::2]
    return (b * x).sum()


def picked_places(x):
    b = x.copy()
    b[np.array([1, 2, 3])] = b[:3]
    b[[4, 5]] = b[3:5]
    b[b > 1.0] = b[b > 1.0] * x[0]
    return (b * x).sum()


@pytest.mark.parametrize("fun", [same_step, rows_and_columns, steps_that_vary, swapped_halves, picked_places])
def test_what_numpy_copies_first(fun):
    expected = [(fun(X + h) - fun(X - h)) / 2e-6 for h in 1e-6 * np.eye(10)]
    derivative = grad(fun)
    np.testing.assert_allclose(derivative(X), expected, rtol=1e-6, atol=1e-8)
    assert "shares_memory" not in derivative.source


def other_step(x):
    b = x.copy()
    b[::2] = b[:5]
    return (b * x).sum()


def row_into_a_column(x):
    b = x[:9].reshape(3, 3).copy()
    b[:, 2] = b[1]
    return (b * b).sum()


def through_a_reshape(x):
    b = x.copy()
    rows = b.reshape(2, 5)
    b[::2] = rows[0]
    return (b * x).sum()


def by_copyto(x):
    b = x.copy()
    np.copyto(b[::2], b[:5])
    return (b * x).sum()


@pytest.mark.parametrize("fun", [other_step, row_into_a_column, through_a_reshape, by_copyto])
def test_what_numpy_writes_before_it_is_read_is_refused_with_its_line(fun):
    with pytest.raises(AmbiguousAlias, match=r"line \d+ \(`.* stores a view of an array into memory"):
        grad(fun)(X)


def test_memory_that_only_might_be_shared_is_told_when_the_code_runs():
    def fun(x):
        rows = x.reshape(2, 5).copy()
        flat = rows.reshape(-1)
        flat[:3] = rows[1, 1:4]
        return (rows * rows).sum()

    expected = [(fun(X + h) - fun(X - h)) / 2e-6 for h in 1e-6 * np.eye(10)]
    np.testing.assert_allclose(grad(fun)(X), expected, rtol=1e-6, atol=1e-8)
