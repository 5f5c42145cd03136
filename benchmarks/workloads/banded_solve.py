"""A tridiagonal solve by elimination and substitution, 1,000 unknowns: item loops with divisions."""

import numpy as np

from benchmarks.workload import Workload


def banded_solve(lower, diagonal, upper, rhs):
    n = len(diagonal)
    d = diagonal.copy()
    x = rhs.copy()
    for i in range(1, n):
        w = lower[i - 1] / d[i - 1]
        d[i] -= w * upper[i - 1]
        x[i] -= w * x[i - 1]
    x[n - 1] /= d[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = (x[i] - upper[i] * x[i + 1]) / d[i]
    return np.sum(x * x)


def by_hand(lower, diagonal, upper, rhs):
    n = len(diagonal)
    d = diagonal.copy()
    y = rhs.copy()
    w = np.empty(n - 1)
    for i in range(1, n):
        t = lower[i - 1] / d[i - 1]
        w[i - 1] = t
        d[i] -= t * upper[i - 1]
        y[i] -= t * y[i - 1]
    x = np.empty(n)
    x[n - 1] = y[n - 1] / d[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = (y[i] - upper[i] * x[i + 1]) / d[i]
    # reverse: x_bar[i] becomes the cotangent of y[i]
    x_bar = 2.0 * x
    d_bar = np.empty(n)
    upper_bar = np.empty(n - 1)
    lower_bar = np.empty(n - 1)
    for i in range(n - 1):
        t = x_bar[i] / d[i]
        x_bar[i] = t
        d_bar[i] = -t * x[i]
        x_bar[i + 1] -= t * upper[i]
        upper_bar[i] = -t * x[i + 1]
    t = x_bar[n - 1] / d[n - 1]
    x_bar[n - 1] = t
    d_bar[n - 1] = -t * x[n - 1]
    for i in range(n - 1, 0, -1):
        t, s = w[i - 1], d_bar[i]
        w_bar = -(x_bar[i] * y[i - 1] + s * upper[i - 1])
        x_bar[i - 1] -= t * x_bar[i]
        upper_bar[i - 1] -= t * s
        q = w_bar / d[i - 1]
        lower_bar[i - 1] = q
        d_bar[i - 1] -= q * t
    return (x * x).sum(), (lower_bar, d_bar, upper_bar, x_bar)


def by_hand_scalars(lower, diagonal, upper, rhs):
    lower, d, upper, y = lower.tolist(), diagonal.tolist(), upper.tolist(), rhs.tolist()
    n = len(d)
    w = []
    for i in range(1, n):
        t = lower[i - 1] / d[i - 1]
        w.append(t)
        d[i] -= t * upper[i - 1]
        y[i] -= t * y[i - 1]
    x = [0.0] * n
    x[-1] = last = y[-1] / d[-1]
    for i in range(n - 2, -1, -1):
        x[i] = last = (y[i] - upper[i] * last) / d[i]
    x_bar = [2.0 * t for t in x]
    d_bar, upper_bar, lower_bar = [0.0] * n, [0.0] * (n - 1), [0.0] * (n - 1)
    for i in range(n - 1):
        t = x_bar[i] / d[i]
        x_bar[i] = t
        d_bar[i] = -t * x[i]
        x_bar[i + 1] -= t * upper[i]
        upper_bar[i] = -t * x[i + 1]
    t = x_bar[-1] / d[-1]
    x_bar[-1] = t
    d_bar[-1] = -t * x[-1]
    for i in range(n - 1, 0, -1):
        t, s = w[i - 1], d_bar[i]
        w_bar = -(x_bar[i] * y[i - 1] + s * upper[i - 1])
        x_bar[i - 1] -= t * x_bar[i]
        upper_bar[i - 1] -= t * s
        q = w_bar / d[i - 1]
        lower_bar[i - 1] = q
        d_bar[i - 1] -= q * t
    value = sum(t * t for t in x)
    return value, tuple(map(np.array, (lower_bar, d_bar, upper_bar, x_bar)))


def arguments(small):
    n = 6 if small else 1_000
    rng = np.random.default_rng(14)
    return (
        rng.uniform(-1.0, 1.0, n - 1),
        rng.uniform(3.0, 4.0, n),
        rng.uniform(-1.0, 1.0, n - 1),
        rng.normal(size=n),
    )


WORKLOAD = Workload(
    banded_solve,
    by_hand,
    arguments,
    wrt=(0, 1, 2, 3),
    kinds={"scalar loop", "loop"},
    by_hand_scalars=by_hand_scalars,
)
