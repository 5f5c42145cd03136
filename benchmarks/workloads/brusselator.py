"""The Brusselator with diffusion on a ring of 64 cells, by RK4: arrays of a hundred items, `np.roll`, a callee."""

import numpy as np

from benchmarks.workload import Workload


def field(y):
    u, v = y
    reaction = u * u * v
    du = 1.0 - 4.0 * u + reaction
    dv = 3.0 * u - reaction
    return np.array([du, dv]) + 0.2 * (np.roll(y, 1, axis=1) - 2.0 * y + np.roll(y, -1, axis=1))


def brusselator(y, steps, dt):
    for _ in range(steps):
        k1 = field(y)
        k2 = field(y + 0.5 * dt * k1)
        k3 = field(y + 0.5 * dt * k2)
        k4 = field(y + dt * k3)
        y = y + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return np.sum(y * y)


def diffused(y):
    ring = np.concatenate((y[:, -1:], y, y[:, :1]), axis=1)
    return 0.2 * (ring[:, :-2] - 2.0 * y + ring[:, 2:])


def field_by_hand(y):
    u, v = y[0], y[1]
    reaction = u * u * v
    f = diffused(y)
    f[0] += 1.0 - 4.0 * u + reaction
    f[1] += 3.0 * u - reaction
    return f


def field_transposed(y, g):
    u, v = y[0], y[1]
    p, q = g[0], g[1]
    reaction_bar = p - q
    y_bar = diffused(g)
    y_bar[0] += 3.0 * q - 4.0 * p + 2.0 * u * v * reaction_bar
    y_bar[1] += u * u * reaction_bar
    return y_bar


def by_hand(y, steps, dt):
    half, sixth, third = 0.5 * dt, dt / 6.0, dt / 3.0
    tape = []
    for _ in range(steps):
        k1 = field_by_hand(y)
        a = y + half * k1
        k2 = field_by_hand(a)
        b = y + half * k2
        k3 = field_by_hand(b)
        c = y + dt * k3
        tape.append((y, a, b, c))
        y = y + sixth * (k1 + 2.0 * (k2 + k3) + field_by_hand(c))
    y_bar = 2.0 * y
    for k in range(steps - 1, -1, -1):
        w, a, b, c = tape[k]
        g = third * y_bar
        c_bar = field_transposed(c, 0.5 * g)
        b_bar = field_transposed(b, g + dt * c_bar)
        a_bar = field_transposed(a, g + half * b_bar)
        y_bar = y_bar + a_bar + b_bar + c_bar + field_transposed(w, 0.5 * g + half * a_bar)
    return (y * y).sum(), (y_bar,)


def arguments(small):
    noise = 0.1 * np.random.default_rng(2).normal(size=(2, 8 if small else 64))
    return np.array([[1.0], [3.0]]) + noise, 5 if small else 200, 0.01


WORKLOAD = Workload(brusselator, by_hand, arguments, kinds={"loop"})
