"""A callee that writes is called in a test, a conditional expression and an index."""

import numpy as np


def h1(p0):
    p0[0] = 0.7 * np.sin(p0[1])
    p0 *= 1.3
    return np.sum(p0)


def f(x0):
    while h1(x0) < 2.82:
        x0 = 1.1 * x0
    y = 1.0 if h1(x0) > 0.3 else 2.0
    return y * np.sum(np.sin(x0)) + x0[int(h1(x0)) % 2]


POINT = (np.array([0.303, 0.8]),)
