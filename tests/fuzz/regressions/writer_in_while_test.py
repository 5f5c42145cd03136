"""A callee that writes is called in the second part of the test of a loop."""

import numpy as np


def h1(p0):
    p0[0] = 0.7 * np.sin(p0[1])
    p0 *= 1.3
    return np.sum(p0)


def f(x0):
    k = 0
    while k < 3 and h1(x0) < 2.82:
        x0 = 1.1 * x0
        k += 1
    return np.sum(np.sin(x0))


POINT = (np.array([0.303, 0.1]),)
