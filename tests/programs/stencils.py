"""Stencils in place: what one array adds to another at several distances, and arrays carried from step to step."""

import numpy as np

from tests.programs.corpus import normal, program, unit


@program(normal(6), 0.1, 3, also=[(normal(2), 0.1, 2), (normal(3), 0.1, 1), (normal(6), 0.1, 0)], wrt=(0, 1), numba=True)
def rod(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@program(normal(4, 5), 0.1, 2, also=[(normal(3, 3), 0.1, 3), (normal(2, 4), 0.1, 1)], numba=True)
def plate(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] += k * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1])
    return np.sum(u * u)


@program(normal(7), normal(7), 4, also=[(normal(7), normal(7), 0)], numba=True)
def waves(u, v, steps):
    u, v = u.copy(), v.copy()
    for _ in range(steps):
        v[1:-1] += 0.3 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u[2:-2] += 0.3 * v[2:-2]
    return np.sum(u * v)


@program(normal(6), unit(4))
def spread(x, w):
    y = np.zeros(x.size)
    t = x[1:-1] * w
    y[2:] += t
    y[:-2] -= t
    y[1:-1] += 3.0 * t
    return np.sum(y**3)


@program(normal(2, 5), 3, also=[(normal(2, 5), 0), (normal(2, 5), 1)], numba=True)
def carried_and_recorded_in_parts(y, steps):
    for _ in range(steps):
        u, v = y[0], y[1]
        half = np.stack((u * v, u - v))
        y = y + 0.1 * np.stack((half[0] * half[1], half[1] * u))
    return np.sum(y * y)


@program(normal(3, 3), normal(3), 4, also=[(normal(3, 3), normal(3), 0)], numba=True)
def carried_beside_its_start(a, x, steps):
    y, s = x, 0.0
    for _ in range(steps):
        y = np.tanh(a @ y)
        s = s + y @ x
    return s


@program(normal(4), 3, also=[(normal(4), 0)], numba=True)
def carried_and_written(x, steps):
    y = x * 1.0
    s = 0.0
    for k in range(steps):
        z = np.sin(y) + x
        z[k] = z[k] * y[0]
        s = s + y[1] * z[2]
        y = z
    return s + np.sum(y)
