"""The 2-D heat equation in place on 128 x 128 points, 200 steps: a linear stencil, so nothing has to be recorded."""

import numpy as np

from benchmarks.workload import Workload


def heat(u, k, steps):
    u = u.copy()
    for t in range(steps):
        u[1:-1, 1:-1] += k * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return np.sum(u * u)


def by_hand(u, k, steps):
    u = u.copy()
    inner, below, above, right, left = (
        u[1:-1, 1:-1], u[2:, 1:-1], u[:-2, 1:-1], u[1:-1, 2:], u[1:-1, :-2]
    )  # fmt: skip
    for _ in range(steps):
        inner += k * (below + above + right + left - 4.0 * inner)
    u_bar = 2.0 * u
    inner, below, above, right, left = (
        u_bar[1:-1, 1:-1], u_bar[2:, 1:-1], u_bar[:-2, 1:-1], u_bar[1:-1, 2:], u_bar[1:-1, :-2]
    )  # fmt: skip
    for _ in range(steps):
        z = k * inner
        below += z
        above += z
        right += z
        left += z
        inner -= 4.0 * z
    return (u * u).sum(), (u_bar,)


def arguments(small):
    n, steps = (6, 4) if small else (128, 200)
    return np.random.default_rng(3).normal(size=(n, n)), 0.1, steps


WORKLOAD = Workload(heat, by_hand, arguments, kinds={"loop", "stencil"})
