"""A callee that a test calls writes into its argument: the write is differentiated."""

import numpy as np


def h1(p0):
    p0[0] = 0.7 * np.sin(p0[1])
    return np.sum(p0)


def f(x0):
    a = x0 * 2.0
    if h1(a) < 0.82:
        a *= 1.5
    return np.sum(np.sin(a))


POINT = (np.array([0.303, 0.1]),)
