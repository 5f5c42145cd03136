"""Gauss-Seidel sweeps over the items of a 64 x 64 grid, 20 of them: element loops that read what they have written."""

import numpy as np

from benchmarks.workload import Workload


def gauss_seidel(b, sweeps):
    n = b.shape[0]
    u = np.zeros_like(b)
    for sweep in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] + b[i, j])
    return np.sum(u * u)


def by_hand(b, sweeps):
    n = b.shape[0]
    u = np.zeros_like(b)
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] + b[i, j])
    u_bar = 2.0 * u
    b_bar = np.zeros_like(b)
    for _ in range(sweeps):
        for i in range(n - 2, 0, -1):
            for j in range(n - 2, 0, -1):
                t = 0.25 * u_bar[i, j]
                u_bar[i, j] = 0.0
                u_bar[i - 1, j] += t
                u_bar[i + 1, j] += t
                u_bar[i, j - 1] += t
                u_bar[i, j + 1] += t
                b_bar[i, j] += t
    return (u * u).sum(), (b_bar,)


def by_hand_scalars(b, sweeps):
    n = len(b)
    rows = b.tolist()
    u = [[0.0] * n for _ in range(n)]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            above, row, below, b_row = u[i - 1], u[i], u[i + 1], rows[i]
            last = row[0]
            for j in range(1, n - 1):
                row[j] = last = 0.25 * (above[j] + below[j] + last + row[j + 1] + b_row[j])
    value = sum(t * t for row in u for t in row)
    u_bar = [[2.0 * t for t in row] for row in u]
    b_bar = [[0.0] * n for _ in range(n)]
    for _ in range(sweeps):
        for i in range(n - 2, 0, -1):
            above, row, below, b_row = u_bar[i - 1], u_bar[i], u_bar[i + 1], b_bar[i]
            for j in range(n - 2, 0, -1):
                t = 0.25 * row[j]
                row[j] = 0.0
                above[j] += t
                below[j] += t
                row[j - 1] += t
                row[j + 1] += t
                b_row[j] += t
    return value, (np.array(b_bar),)


def arguments(small):
    n, sweeps = (6, 3) if small else (64, 20)
    return np.random.default_rng(4).normal(size=(n, n)), sweeps


WORKLOAD = Workload(
    gauss_seidel, by_hand, arguments, kinds={"scalar loop", "loop"}, by_hand_scalars=by_hand_scalars
)
