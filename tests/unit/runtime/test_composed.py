"""What is written out in Python has the values of NumPy's own functions, to their types, and their errors."""

import numpy as np
import pytest

from s2sad import check_grads, value_and_grad
from s2sad.abstract.composed import COMPOSED

X = np.array([0.0, 1.0, 2.5, 3.0])
Y = np.array([1.0, 3.0, 2.0, 2.5])
F = np.random.default_rng(5).normal(size=(4, 3))
Z = np.array([1.0 + 2.0j, 0.5j, -1.0, 0.3 - 0.2j])

CALLS = [
    (np.interp, (0.7, X, Y), {}), (np.interp, (np.float32(0.7), X, Y.astype("f")), {}),
    (np.interp, (np.array([-1.0, 0.0, 0.7, 3.0, 4.0]), X, Y), {}), (np.interp, (-1.0, X, Y, 7.0), {}),
    (np.interp, (9.0, X, Y), {"right": -1.0}), (np.interp, ([0.2, 0.4], list(X), list(Y)), {}),
    (np.interp, (np.array(0.7), X, Y), {}), (np.interp, (np.array([0.3, 5.0]), X, Z), {}),
    (np.interp, (np.array([0.3, 5.0, -7.0]), X, Y), {"period": 2.7}), (np.interp, (0.3, X, Y), {"period": -2.7}),
    (np.interp, (np.array([0.3, np.nan, 1.0]), X[:1], Y[:1]), {}),
    (np.trapezoid, (Y,), {}), (np.trapezoid, (Y, X), {}), (np.trapezoid, (F,), {"dx": 0.5, "axis": 0}),
    (np.trapezoid, (F, X), {"axis": 0}), (np.trapezoid, (F, F), {"axis": -2}), (np.trapezoid, (Z, X), {}),
    (np.trapezoid, (Y.astype("f"),), {}), (np.trapezoid, (list(Y), list(X)), {}),
    (np.gradient, (Y,), {}), (np.gradient, (Y, 0.5), {}), (np.gradient, (Y, X), {"edge_order": 2}),
    (np.gradient, (F,), {"axis": 1}), (np.gradient, (F, X), {"axis": 0}), (np.gradient, (Z, 0.5), {}),
    (np.gradient, (Y.astype("f"), X), {}), (np.gradient, (list(Y), list(X)), {}), (np.gradient, (F[:2, 0],), {}),
    (np.polyval, (Y, 0.7), {}), (np.polyval, (Y, F), {}), (np.polyval, (list(Y), 2), {}), (np.polyval, (Z, X), {}),
    (np.polyval, (Y.astype("f"), np.float32(0.3)), {}), (np.polyval, ([3, 2], 0.7), {}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "args", "named"), CALLS, ids=lambda value: getattr(value, "__name__", None))
def test_value_is_numpy_s(function, args, named):
    expected, found = function(*args, **named), COMPOSED[function](*args, **named)
    assert np.allclose(found, expected, rtol=1e-6 if np.asarray(expected).dtype.itemsize == 4 else 1e-13, equal_nan=True)
    assert (np.shape(found), np.asarray(found).dtype) == (np.shape(expected), np.asarray(expected).dtype)


WRONG = [
    (lambda x: np.sum(np.interp(x, X, Y[:3])), Y), (lambda x: np.sum(np.gradient(x, X[:2])), Y),
    (lambda x: np.sum(np.gradient(x)), Y[:1]), (lambda x: np.sum(np.gradient(x, edge_order=2)), Y[:2]),
    (lambda x: np.sum(np.trapezoid(x, X[:3])), Y),
]  # fmt: skip


@pytest.mark.parametrize(("fun", "x"), WRONG)
def test_errors_are_numpy_s(fun, x):
    with pytest.raises(ValueError) as expected:
        fun(x)
    with pytest.raises(ValueError) as found:
        value_and_grad(fun)(x)
    assert str(found.value).startswith(str(expected.value)[:20])


def test_complex_tables():
    check_grads(lambda z: np.abs(np.interp(0.7, X, z)) ** 2 + np.abs(np.trapezoid(z, X)) ** 2, (Z,), order=2)
    check_grads(lambda z: np.sum(np.abs(np.gradient(z, X)) ** 2) + np.abs(np.polyval(z, z[0])) ** 2, (Z,), order=2)


def test_nothing_is_written_out_where_no_derivative_flows():
    source = value_and_grad(lambda x: x * np.interp(0.3, X, Y)).specialize(2.0).source
    assert "np.interp(0.3, X, Y)" in source
