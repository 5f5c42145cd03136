"""An LSTM cell over 100 steps, 16 inputs and 32 hidden units: matrix-vector products and slices of gates."""

import numpy as np

from benchmarks.workload import Workload


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(w, r, b, out, xs, ys):
    n = out.shape[0]
    h, c = np.zeros(n), np.zeros(n)
    loss = 0.0
    for t in range(len(xs)):
        gates = w @ xs[t] + r @ h + b
        i = sigmoid(gates[:n])
        f = sigmoid(gates[n : 2 * n])
        o = sigmoid(gates[2 * n : 3 * n])
        g = np.tanh(gates[3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
        loss += (h @ out - ys[t]) ** 2
    return loss / len(xs)


def by_hand(w, r, b, out, xs, ys):
    n = out.shape[0]
    steps = len(xs)
    h, c = np.zeros(n), np.zeros(n)
    loss = 0.0
    tape = []
    for t in range(steps):
        gates = w @ xs[t] + r @ h + b
        s = 1.0 / (1.0 + np.exp(-gates[: 3 * n]))
        g = np.tanh(gates[3 * n :])
        c_next = s[n : 2 * n] * c + s[:n] * g
        e = np.tanh(c_next)
        h_next = s[2 * n :] * e
        miss = h_next @ out - ys[t]
        loss += miss * miss
        tape.append((h, c, s, g, e, h_next, miss))
        h, c = h_next, c_next
    w_bar, r_bar, b_bar, out_bar = np.zeros_like(w), np.zeros_like(r), np.zeros_like(b), np.zeros_like(out)
    h_bar, c_bar = np.zeros(n), np.zeros(n)
    gates_bar = np.empty(4 * n)
    for t in range(steps - 1, -1, -1):
        h, c, s, g, e, h_next, miss = tape[t]
        p = (2.0 / steps) * miss
        out_bar += p * h_next
        h_bar = h_bar + p * out
        i, f, o = s[:n], s[n : 2 * n], s[2 * n :]
        c_bar = c_bar + h_bar * o * (1.0 - e * e)
        gates_bar[:n] = c_bar * g
        gates_bar[n : 2 * n] = c_bar * c
        gates_bar[2 * n : 3 * n] = h_bar * e
        gates_bar[: 3 * n] *= s * (1.0 - s)
        gates_bar[3 * n :] = c_bar * i * (1.0 - g * g)
        w_bar += gates_bar[:, None] * xs[t]
        r_bar += gates_bar[:, None] * h
        b_bar += gates_bar
        h_bar = gates_bar @ r
        c_bar = c_bar * f
    return loss / steps, (w_bar, r_bar, b_bar, out_bar)


def arguments(small):
    steps, d, n = (4, 2, 3) if small else (100, 16, 32)
    rng = np.random.default_rng(9)
    return (
        0.3 * rng.normal(size=(4 * n, d)),
        0.3 * rng.normal(size=(4 * n, n)),
        0.1 * rng.normal(size=4 * n),
        rng.normal(size=n),
        rng.normal(size=(steps, d)),
        rng.normal(size=steps),
    )


WORKLOAD = Workload(lstm, by_hand, arguments, wrt=(0, 1, 2, 3), kinds={"loop", "blas"})
