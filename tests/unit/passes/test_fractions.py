"""Stores of fractions into arrays that NumPy made of integers, where the types say float."""

import math

import numpy as np
import pytest

from s2sad import NotDifferentiable, grad, jvp

X = np.array([1.7, 2.5, 3.1])


def loop_of_no_trips(x):
    s = 0
    for v in x[:0]:
        s += v
    a = np.array([s, 1])
    a[0] = x[0]
    return a.sum() * x[1]


def sum_of_nothing(x):
    a = np.array([sum(x[:0]), 2])
    a[0] = x[0]
    return a.sum() * x[1]


def one_of_two(x):
    a = np.full(3, 0 if x[0] > 0 else 1.5)
    a[1:] = x[1:]
    return a.sum() * x[1]


def view_of_it(x):
    s = 0
    if x[0] < 0:
        s = x[1]
    a = np.array([s, s])
    b = a[1:]
    b[0] = x[0]
    return (a * a).sum()


def list_of_it(x):
    items = [0, 0]
    if x[0] < 0:
        items[0] = x[1]
    a = np.array(items)
    a[1] = x[0] * 3
    return a.sum() * x[1]


def builtin(x):
    a = np.repeat(max(0, x[0] - 10), 2)
    a[1] = x[0] * 3
    return a.sum() * x[1]


def filled(x):
    a = np.array([sum(x[:0]), 2])
    a.fill(x[0])
    return a.sum() * x[1]


def in_a_try(x):
    a = np.array([sum(x[:0]), 2])
    try:
        a[0] = x[0]
        y = 1.0 / x[0]
    except Exception:
        y = 0.0
    return a.sum() * x[1] * y


REFUSED = [loop_of_no_trips, sum_of_nothing, one_of_two, view_of_it, list_of_it, builtin, filled, in_a_try]


@pytest.mark.parametrize("fun", REFUSED, ids=lambda fun: fun.__name__)
def test_a_fraction_that_would_be_cut_off_is_refused_with_its_line(fun):
    with pytest.raises(NotDifferentiable, match="test_fractions.py:[0-9]+: the array was made of integers"):
        grad(fun)(X)
    with pytest.raises(NotDifferentiable, match="S302"):
        jvp(fun, (X,), (np.ones(3),))


def loop_of_trips(x):
    s = 0
    for v in x:
        s += v
    a = np.array([s, 1])
    a[0] = x[0] * s
    return a.sum() * x[1]


def test_the_same_code_is_differentiated_where_the_array_is_of_floats():
    assert '.dtype.kind in "biu"' in _source(loop_of_trips)
    steps = 1e-6 * np.eye(3)
    expected = [(loop_of_trips(X + h) - loop_of_trips(X - h)) / 2e-6 for h in steps]
    np.testing.assert_allclose(grad(loop_of_trips)(X), expected, rtol=1e-6)
    np.testing.assert_allclose(grad(lambda x: grad(loop_of_trips)(x).sum())(X), _second(), rtol=1e-5)


def _second():
    gradient = grad(loop_of_trips)
    return [(gradient(X + h) - gradient(X - h)).sum() / 2e-6 for h in 1e-6 * np.eye(3)]


def floats(x):
    a = np.array([x[0], 1])
    a[1] = x[1]
    b = np.zeros(2)
    b[0] = a[1] * 2
    c = [0.0] * 2
    c[0] = b[0]
    d = np.array(c) / 2
    d[1] = a[0]
    return (a * b).sum() + d.sum()


def integers(x):
    order = np.zeros(3, dtype=int)
    order[0] = 2
    return x[order].sum()


def floats_of_what_may_be_integers(x):
    s = 0
    for v in x[:0]:
        s += v
    b = np.array([s, 1])
    made = np.array([b.mean(), math.exp(s), np.interp(s, [0, 1], [2, 3])])
    chosen = np.where(x > 2, b[0], 1.5)
    cast = b.astype(float)
    made[0] = chosen[1] = cast[0] = x[0]
    return (made * chosen).sum() + cast.sum()


@pytest.mark.parametrize("fun", [floats, integers, floats_of_what_may_be_integers])
def test_no_test_stands_where_none_is_needed(fun):
    assert "biu" not in _source(fun)


def _source(fun):
    derivative = grad(fun)
    derivative(X)
    return derivative.source
