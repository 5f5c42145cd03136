"""Leapfrog for 16 bodies in three dimensions, 100 steps in place: broadcasting, reductions and updates."""

import numpy as np

from benchmarks.workload import Workload


def n_body(q, v, masses, steps):
    q, v = q.copy(), v.copy()
    dt = 0.01
    for step in range(steps):
        r = q[None, :, :] - q[:, None, :]
        s = np.sum(r * r, axis=2) + 0.05
        w = masses / (s * np.sqrt(s))
        v += dt * np.sum(w[:, :, None] * r, axis=1)
        q += dt * v
    return np.sum(v * v) + np.sum(q * q)


def by_hand(q, v, masses, steps):
    q, v = q.copy(), v.copy()
    dt = 0.01
    tape = []
    for _ in range(steps):
        r = q[None, :, :] - q[:, None, :]
        s = (r * r).sum(axis=2) + 0.05
        w = masses / (s * np.sqrt(s))
        tape.append((r, s, w))
        v += dt * (w[:, :, None] * r).sum(axis=1)
        q += dt * v
    q_bar, v_bar = 2.0 * q, 2.0 * v
    for k in range(steps - 1, -1, -1):
        r, s, w = tape[k]
        v_bar += dt * q_bar
        f_bar = (dt * v_bar)[:, None, :]
        s_bar = -3.0 * (f_bar * r).sum(axis=2) * w / s
        r_bar = w[:, :, None] * f_bar + s_bar[:, :, None] * r
        q_bar += r_bar.sum(axis=0) - r_bar.sum(axis=1)
    return (v * v).sum() + (q * q).sum(), (q_bar, v_bar)


def arguments(small):
    n, steps = (4, 3) if small else (16, 100)
    rng = np.random.default_rng(5)
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 3)), rng.uniform(0.5, 1.5, n), steps


WORKLOAD = Workload(n_body, by_hand, arguments, wrt=(0, 1), kinds={"loop"})
