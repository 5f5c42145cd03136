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
