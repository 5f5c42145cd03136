"""What is written out in Python has the values of NumPy's own functions, to their types, and their errors."""

import numpy as np
import pytest

from s2sad import check_grads, value_and_grad
from s2sad.abstract.composed import COMPOSED, SELDOM
from s2sad.errors import UnsupportedSyntax

X = np.array([0.0, 1.0, 2.5, 3.0])
Y = np.array([1.0, 3.0, 2.0, 2.5])
F = np.random.default_rng(5).normal(size=(4, 3))
Z = np.array([1.0 + 2.0j, 0.5j, -1.0, 0.3 - 0.2j])

GAPS = np.array([[0.5, np.nan, 1.5, -2.0], [1.0, 3.0, 0.3, np.nan], [-0.4, 0.8, 2.2, 1.7]])

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
    (np.cov, (F,), {}), (np.cov, (F.astype("f"),), {"rowvar": False}), (np.cov, (Y, X), {"bias": True}), (np.cov, (Z,), {}),
    (np.corrcoef, (F,), {}), (np.corrcoef, (Y, X), {}), (np.corrcoef, (Z, Z * X), {}), (np.cov, (Y, F[:, 0], False), {}),
    (np.quantile, (Y, 0.3), {}), (np.quantile, (Y.astype("f"), 0.3), {}), (np.quantile, (F, [0.2, 1.0]), {"axis": 0}),
    (np.quantile, (F, np.array([[0.2, 1.0]])), {"axis": 1}), (np.percentile, (F, 35), {"axis": (0, 1)}),
    (np.percentile, (list(Y), [0, 100]), {}), (np.quantile, (GAPS, 0.5), {"axis": 0}), (np.quantile, (GAPS, 0.5), {}),
    (np.quantile, (Y[:1], 0.5), {}), (np.quantile, (F, 0.9), {"axis": -1}),
    (np.quantile, (F, [0.2, 1.0]), {"axis": 0, "keepdims": True}), (np.percentile, (F, 20), {"keepdims": True}),
    (np.nanmedian, (GAPS,), {}), (np.nanmedian, (GAPS.astype("f"), 1), {"keepdims": True}), (np.nanmedian, (F, 0), {}),
    (np.nanquantile, (GAPS, [0.2, 0.9], 0), {}), (np.nanpercentile, (GAPS, 35.0, (0, 1)), {}),
    (np.nanpercentile, (GAPS, np.array([[10.0, 60.0]]), 1), {"keepdims": True}),
    (np.piecewise, (Y, [Y < 2, Y > 2], [-1.0, np.sin, 7.0]), {}), (np.piecewise, (Y, Y > 2, [np.exp]), {}),
    (np.insert, (Y, 1, 9.0), {}), (np.insert, (Y, [3, 0], [7.0, 8.0]), {}), (np.insert, (Y, slice(1, 3), [7, 8]), {}),
    (np.insert, (F, 1, X), {"axis": 1}), (np.insert, (F, -1, F[:2], 0), {}), (np.insert, (F, [1], [[7.0]], 1), {}),
    (np.insert, (F, [0, 2], F[:, :2], 1), {}), (np.insert, (F, 2, [1.0, 2.0]), {}), (np.insert, (Y, Y > 2, 0), {}),
    (np.resize, (Y, (3, 2)), {}), (np.resize, (F, 5), {}), (np.block, ([[F, F[:, :1]], [F[0], 5.0]],), {}),
    (np.block, ([Y, 1.0, X],), {}), (np.apply_along_axis, (np.cumsum, 0, F), {}),
    (np.apply_along_axis, (np.sum, 1, F), {}), (np.apply_over_axes, (np.sum, F, (0, 1)), {}),
    (np.polyfit, (X, Y, 2), {}), (np.polyfit, (X, F, 1), {"w": Y}), (np.polyder, (Y,), {"m": 2}),
    (np.polyadd, (Y, X[:2]), {}), (np.polysub, (Y[:1], X), {}), (np.fromfunction, (lambda i, j: i - j, (2, 3)), {}),
    (np.lib.stride_tricks.sliding_window_view, (F, (2, 2)), {}),
    (np.lib.stride_tricks.sliding_window_view, (F, 2), {"axis": -2}), (np.linalg.vector_norm, (F,), {"axis": 1}),
    (np.linalg.vector_norm, (F,), {"keepdims": True, "ord": 1}),
    (np.nanvar, (GAPS,), {}), (np.nanvar, (GAPS.astype("f"), 0), {"ddof": 1}), (np.nanstd, (GAPS, 1), {"keepdims": True}),
    (np.nanstd, (GAPS,), {}), (np.nanvar, (Z,), {}), (np.nanstd, (GAPS.astype("f"),), {}),
    (np.nanprod, (GAPS,), {}), (np.nanprod, (GAPS.astype("f"), 0), {}), (np.nancumsum, (GAPS,), {}),
    (np.nancumprod, (GAPS, 1), {}), (np.ediff1d, (F,), {"to_end": 1.0, "to_begin": [2.0, 3.0]}),
    (np.logspace, (0.1, 1.0, 5), {}), (np.logspace, (0.1, [1.0, 2.0], 5), {"endpoint": False, "axis": 1}),
    (np.geomspace, (-0.1, -1.0, 5), {}), (np.geomspace, (1.0, 1.0j, 3), {}), (np.geomspace, (2.0, 0.5, 4, False), {}),
    (np.vander, (Y,), {}), (np.vander, (Y.astype("f"), 2), {"increasing": True}), (np.vander, (list(Y), 6), {}),
    (np.bincount, ([0, 3, 3, 1], Y), {}), (np.bincount, ([0, 3, 3, 1], Y, 7), {}), (np.unwrap, (9 * Y,), {}),
    (np.unwrap, (9 * F,), {"axis": 0, "period": 2.5}), (np.unwrap, (np.array([0.0, np.pi, 0.0, -np.pi]),), {}),
    (np.select, ([Y < 2, Y < 3], [Y, -Y], 7.0), {}), (np.select, ([Y < 2], [Y.astype("f")]), {}),
    (np.delete, (F, [0, 2]), {}), (np.delete, (F, slice(1, None)), {"axis": 1}), (np.delete, (Y, Y > 2), {}),
    (np.linalg.matrix_power, (F[:3], 7), {}), (np.linalg.matrix_power, (F[:3].astype("f"), 0), {}),
    (np.linalg.multi_dot, ([X, F, F.T],), {}),
    *((np.correlate, (Z[:n], Z[:m] * X[:m] + 1j), {"mode": mode})
      for n in (1, 2, 3, 4) for m in (1, 2, 3, 4) for mode in ("valid", "same", "full")),
    (np.correlate, (Y.astype("f"), Y[:2].astype("f"), "same"), {}), (np.correlate, (Y, Z), {"mode": "same"}),
    (np.correlate, (Y[:3], Z), {"mode": "same"}), (np.correlate, (Z[:3], Y), {"mode": "same"}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "args", "named"), CALLS, ids=lambda value: getattr(value, "__name__", None))
def test_value_is_numpy_s(function, args, named):
    expected, found = function(*args, **named), COMPOSED[function](*args, **named)
    assert np.allclose(found, expected, rtol=1e-6 if np.asarray(expected).dtype.itemsize == 4 else 1e-13, equal_nan=True)
    assert (np.shape(found), np.asarray(found).dtype) == (np.shape(expected), np.asarray(expected).dtype)


SELDOM_CALLS = [
    (np.mean, (F,), {"where": F > 0}), (np.mean, (F.astype("f"), 0), {"where": F > -1.0, "keepdims": True}),
    (np.prod, (F, 0), {"initial": 2.0, "where": F > 0}), (np.prod, (F,), {"initial": 2.0, "keepdims": True}),
    (np.max, (F,), {"initial": 0.1}), (np.max, (F, 1), {"initial": 0.1, "where": F > 0}), (np.max, (Y[:0],), {"initial": 0.1}),
    (np.max, (F, (0, 1)), {"initial": 9.0, "keepdims": True}), (np.amin, (F, -1), {"initial": 0.1, "keepdims": True}),
    (np.min, (F[:0], 0), {"initial": 0.1}), (np.average, (F, 0, Y), {}),
    (np.average, (F, 1, [1, 2, 3]), {"keepdims": True}), (np.median, (F, (0, 1)), {}), (np.median, (F, (-1,)), {"keepdims": True}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "args", "named"), SELDOM_CALLS, ids=lambda value: getattr(value, "__name__", None))
def test_seldom_forms_have_the_value_that_numpy_gives(function, args, named):
    expected, found = function(*args, **named), SELDOM[function][0](*args, **named)
    assert np.allclose(found, expected, rtol=1e-6 if np.asarray(expected).dtype.itemsize == 4 else 1e-13)
    assert (np.shape(found), np.asarray(found).dtype) == (np.shape(expected), np.asarray(expected).dtype)


WRONG = [
    (lambda x: np.sum(np.interp(x, X, Y[:3])), Y), (lambda x: np.sum(np.gradient(x, X[:2])), Y),
    (lambda x: np.sum(np.gradient(x)), Y[:1]), (lambda x: np.sum(np.gradient(x, edge_order=2)), Y[:2]),
    (lambda x: np.sum(np.trapezoid(x, X[:3])), Y), (lambda x: np.quantile(x, 1.2), Y), (lambda x: np.percentile(x, -1), Y),
    (lambda x: np.sum(np.geomspace(x[0], 0.0)), Y), (lambda x: np.sum(np.bincount([0, -1], x)), Y[:2]),
    (lambda x: np.sum(np.bincount([0, 1], x)), Y), (lambda x: np.sum(np.select([x > 0], [x, x])), Y),
    (lambda x: np.sum(np.linalg.outer(x, x)), F), (lambda x: np.sum(np.vander(x)), F),
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


REFUSED = [
    lambda x: np.quantile(x, 0.3, method="nearest"), lambda x: np.sum(np.cov(x, aweights=x * x)),
    lambda x: np.nanmedian(x, overwrite_input=True), lambda x: np.sum(np.logspace(0.1, x, 3, True, 10.0, float)),
    lambda x: np.nanvar(x, mean=2.0), lambda x: np.sum(np.geomspace(x, 2.0, axis=0)),
]  # fmt: skip


@pytest.mark.parametrize("fun", REFUSED)
def test_an_argument_that_is_not_taken_is_refused_by_name(fun):
    with pytest.raises(UnsupportedSyntax, match="S109 `[a-z_]+` of np"):
        value_and_grad(fun)(Y)


def test_no_spread_has_no_slope():
    assert np.array_equal(value_and_grad(lambda x: np.nanstd(x))(np.ones(3))[1], np.zeros(3))


def test_complex_matrices():
    square = np.outer(Z, Z[::-1]) + 2.0 * np.eye(4)
    check_grads(lambda z: np.sum(np.abs(np.cov(z)) ** 2) + np.nanvar(z) + np.abs(np.vdot(z, z)), (square,), order=2)
    check_grads(lambda z: np.abs(np.linalg.vecdot(z, z * z)[0]) ** 2, (square,), order=2)
    check_grads(lambda z: np.sum(np.abs(np.linalg.matrix_power(z, 3)) ** 2), (square,), order=2)
    check_grads(lambda a, b: np.sum(np.abs(np.geomspace(a, b, 4)) ** 2), (1.0 + 0.5j, 0.3 - 2.0j), order=2)


def test_complex_correlations():
    check_grads(lambda a, v: np.sum(np.abs(np.correlate(a, v, "same")) ** 2), (Z[:2], Z), order=2)
    check_grads(lambda a, v: np.sum(np.abs(np.correlate(a, v, "full")) ** 2), (Z, Z[:2] * 1j), order=2)


@pytest.mark.skipif(not hasattr(np, "vecmat"), reason="newer than this NumPy")
def test_products_of_stacks():
    check_grads(lambda a, x: np.sum(np.matvec(a, x) ** 2) * np.sum(np.vecmat(x, a.T)), (F, F[0]), order=2)
    check_grads(lambda z: np.abs(np.vecdot(z, [1.0, 2.0, 3.0j, 4.0])) ** 2 + np.abs(np.vecmat(z, np.outer(z, z))[0]), (Z,))


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="newer than this NumPy")
def test_cumulative_with_an_initial_element():
    check_grads(lambda x: np.sum(np.cumulative_sum(x, include_initial=True) ** 2), (Y,), order=2)
    check_grads(lambda x: np.sum(np.cumulative_prod(x, axis=1, include_initial=True) ** 2), (F,), order=2)
    check_grads(lambda x: np.sum(np.unstack(x, axis=1)[2] ** 2), (F,))


def test_nothing_is_written_out_where_no_derivative_flows():
    source = value_and_grad(lambda x: x * np.interp(0.3, X, Y)).specialize(2.0).source
    assert "np.interp(0.3, X, Y)" in source


@pytest.mark.parametrize(("a", "b"), [(F, Y), (F, F), (F.T, X[:3]), (F.astype("f"), Y.astype("f")), (F[:, [0, 0, 1]], Y)])
def test_least_squares(a, b):
    for rcond in (None, -1, 1e-6):
        for found, expected in zip(COMPOSED[np.linalg.lstsq](a, b, rcond), np.linalg.lstsq(a, b, rcond)):
            assert np.allclose(found, expected, atol=1e-5 if a.dtype == "f" else 1e-12) and np.shape(found) == np.shape(expected)
    if np.linalg.matrix_rank(a) == min(a.shape):
        check_grads(lambda a, b: np.sum(np.linalg.lstsq(a, b)[0] ** 2), (a.astype(float), b.astype(float)))
