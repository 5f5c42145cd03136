"""NumPy functions that are written out in plain Python where a derivative flows through them."""

import numpy as np

from tests.programs.corpus import normal, positive, program

KNOTS = np.array([0.0, 1.0, 2.5, 3.0])
TABLE = np.array([1.0, 3.0, 2.0, 2.5])


# ---- interpolation --------------------------------------------------------------------------------
@program(0.7, TABLE, also=[(-0.3, TABLE), (3.2, TABLE), (2.7, TABLE)], numba=True)
def interp_number(x, fp):
    return np.interp(x, KNOTS, fp) ** 2


@program(np.array([-1.0, 0.7, 1.3, 4.0]), KNOTS, TABLE)
def interp_array(x, xp, fp):
    return np.sum(np.interp(x, xp, fp) ** 2)


@program(np.array([[-1.0, 0.7], [1.3, 4.0]]), TABLE, -0.4, 2.0)
def interp_sides(x, fp, low, high):
    return np.sum(np.interp(x, KNOTS, fp, left=low, right=high) ** 2)


@program(np.array([-1.0, 0.7, 1.3, 4.0]), np.array([0.4, 1.6, 0.9]), np.array([1.0, 3.0, 2.0]), 2.7)
def interp_periodic(x, xp, fp, period):
    return np.sum(np.interp(x, xp, fp, period=period) ** 2)


@program(0.4, 0.9)
def interp_lists(x, y):
    return np.interp(x, [0.0, y], [y, 3.0]) * np.sum(np.interp([x, y], [0.0, 1.0], [x, 2.0]))


@program(np.array([0.3, 4.0]), np.array([0.5]), np.array([2.0]))
def interp_of_one_knot(x, xp, fp):
    return np.sum(np.interp(x, xp, fp) ** 2) * np.interp(0.5, xp, fp)


@program(0.3, TABLE, numba=True)
def interp_in_a_loop(x, fp):
    for _ in range(3):
        x = 0.5 * x + np.interp(x, KNOTS, fp)
    return x


@program(np.array([0.0, 1.0, 3.0]), TABLE, smooth=False, expect=(np.array([2.0, -2.0 / 3.0, 1.0]), np.array([1.0, 1.0, 0.0, 1.0])))
def interp_at_knots(x, fp):
    return np.sum(np.interp(x, KNOTS, fp))


# ---- integrals and differences --------------------------------------------------------------------
@program(normal(5), 0.3, numba=True)
def trapezoid_evenly(y, dx):
    return np.trapezoid(y, dx=dx) ** 2


@program(normal(4), KNOTS)
def trapezoid_coordinates(y, x):
    return np.trapezoid(y * y, x)


@program(normal(4, 3), KNOTS, normal(4, 3))
def trapezoid_axis(y, x, each):
    return np.sum(np.trapezoid(y, x, axis=0) ** 2 * np.trapezoid(y, each, axis=-2))


@program(normal(5), 0.3)
def gradient_evenly(f, h):
    return np.sum(np.gradient(f, h) ** 2) + np.sum(np.gradient(f, edge_order=2) * f)


@program(normal(4), KNOTS)
def gradient_coordinates(f, x):
    return np.sum(np.gradient(f, x) ** 2) + np.sum(np.gradient(f, x, edge_order=2) * x)


@program(normal(3, 4), 0.3, KNOTS)
def gradient_plane(f, h, x):
    down, along = np.gradient(f, h, x, edge_order=2)
    return np.sum(down * along * along)


@program(normal(3, 4), 0.3)
def gradient_axes(f, h):
    along, down = np.gradient(f, h, axis=(1, 0))
    return np.sum(down**2 * along) + np.sum(np.gradient(f, axis=-1) ** 2)


@program(0.3)
def gradient_of_integers(h):
    return np.sum(np.gradient(np.array([1, 2, 4, 3]), h) ** 2)


# ---- polynomials ----------------------------------------------------------------------------------
@program(normal(4), 0.7, numba=True)
def polyval_number(p, x):
    return np.polyval(p, x) ** 2


@program(normal(4), positive(3), numba=True)
def polyval_array(p, x):
    return np.sum(np.polyval(p, x) ** 2)


@program(1.3, 0.4)
def polyval_lists(a, x):
    return np.polyval([a, 2, a * a], x) * np.sum(np.polyval([3, 1], [x, a]))


# ---- statistics -----------------------------------------------------------------------------------
GAPS = np.array([[0.5, np.nan, 1.5, -2.0], [1.0, 3.0, 0.3, np.nan], [-0.4, 0.8, 2.2, 1.7]])


def weighted(y):
    y = np.asarray(y)
    return np.sum(y * y * np.arange(1.0, y.size + 1.0).reshape(y.shape))


@program(normal(3, 5))
def covariance(m):
    return weighted(np.cov(m)) + weighted(np.cov(m, rowvar=False, bias=True))


@program(normal(5), normal(5))
def covariance_of_two(x, y):
    return weighted(np.cov(x, y, ddof=0)) * np.cov(x) + np.corrcoef(x, y)[0, 1]


@program(normal(3, 5))
def correlation(m):
    return weighted(np.corrcoef(m)) + weighted(np.corrcoef(m, rowvar=False)[:2])


@program(normal(5), 0.3)
def quantile_number(a, q):
    return np.quantile(a, q) ** 2 + np.percentile(a, 100 * q)


@program(normal(3, 5), np.array([0.3, 0.7]))
def quantile_axes(a, q):
    return weighted(np.quantile(a, q, axis=1)) + weighted(np.percentile(a, [10, 90], axis=0)) + np.quantile(a, 0.4, axis=(0, 1))


@program(1.3)
def statistics_of_numbers(x):
    a = np.where(np.isnan(GAPS), GAPS, x * np.nan_to_num(GAPS))
    return np.nanvar(a) + weighted(np.nanvar(a, axis=0, ddof=1)) + weighted(np.nanstd(a, 1, keepdims=True)) * np.nanstd(a)


@program(1.3)
def products_of_numbers(x):
    a = np.where(np.isnan(GAPS), GAPS, x * np.nan_to_num(GAPS))
    return np.nanprod(a) + weighted(np.nancumsum(a, axis=1)) + weighted(np.nancumprod(a)) + weighted(np.nanprod(a, axis=0))


# ---- sequences ------------------------------------------------------------------------------------
@program(normal(5), 0.3)
def differences(x, a):
    return weighted(np.ediff1d(x, a, [a, 2.0])) * weighted(np.ediff1d(x))


@program(normal(5), normal(3))
def correlated(x, y):
    return weighted(np.correlate(x, y)) + weighted(np.correlate(y, x, "full")) * weighted(np.correlate(x, y, mode="same"))


@program(normal(2), normal(5))
def correlated_with_a_longer_one(x, y):
    return weighted(np.correlate(x, y, "same")) + weighted(np.correlate(x, y, "valid"))


@program(0.2, 1.2, 2.0)
def spaced_logs(a, b, base):
    return weighted(np.logspace(a, b, 4, base=base)) + np.logspace(a, b)[7] + weighted(np.geomspace(a, b, 4)) + weighted(np.geomspace(-a, -b, 4, endpoint=False))


@program(normal(4))
def powers(x):
    return weighted(np.vander(x)) + weighted(np.vander(x, 3, increasing=True))


@program(normal(5), wrt=0)
def binned(x):
    return weighted(np.bincount(np.array([0, 2, 2, 1, 0]), x * x, minlength=6))


@program(4.0 * normal(6), 0.7)
def unwrapped(p, period):
    return weighted(np.unwrap(p)) + weighted(np.unwrap(p, period=period))


# ---- choosing and arranging -----------------------------------------------------------------------
@program(normal(5))
def selected(x):
    return weighted(np.select([x < 0, x < 1], [x * x, 3 * x], default=x**3)) + weighted(np.select([x < 0], [x * x]))


@program(normal(3, 5))
def deleted(x):
    return weighted(np.delete(x, [1, 2])) + weighted(np.delete(x, slice(0, 2), axis=1)) + weighted(np.delete(x, -1, 0))


@program(normal(3, 5), normal(5))
def broadcast_together(x, y):
    p, q = np.broadcast_arrays(x, y)
    return weighted(p * q) + weighted(np.matrix_transpose(p + q) if hasattr(np, "matrix_transpose") else (p + q).T)


# ---- matrices -------------------------------------------------------------------------------------
SQUARE = np.array([[2.0, 0.3, -0.5], [0.1, -1.5, 0.4], [0.7, 0.2, 1.8]])


@program(normal(3), normal(3, 5), SQUARE)
def many_products(x, a, m):
    return weighted(np.linalg.multi_dot([x, m, a])) + weighted(np.linalg.outer(x, a[0])) + np.linalg.tensordot(a, a)


@program(SQUARE)
def matrix_powers(a):
    return weighted(np.linalg.matrix_power(a, 5)) + weighted(np.linalg.matrix_power(a, -2) @ np.linalg.matrix_power(a, 0))


@program(SQUARE, 6, also=[(SQUARE, 1), (SQUARE, 0), (SQUARE, -3)], wrt=0)
def matrix_power_by_a_number(a, n):
    return weighted(np.linalg.matrix_power(a, n) * a)


@program(SQUARE, normal(3))
def parts_of_matrices(a, x):
    return np.linalg.trace(a @ a, offset=1) + weighted(np.linalg.diagonal(a)) + weighted(np.linalg.cross(a, x)) + weighted(np.linalg.matmul(a, x)) + weighted(np.linalg.matrix_transpose(a) @ x)


@program(normal(3, 5))
def norms_of_matrices(a):
    return weighted(np.linalg.svdvals(a)) + np.linalg.matrix_norm(a) + weighted(np.linalg.vecdot(a, 2 * a + 1, axis=0))
