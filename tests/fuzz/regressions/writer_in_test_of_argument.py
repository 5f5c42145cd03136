"""A callee that a test calls writes into the argument of the program."""

import numpy as np


def h1(p0):
    p0[0] = 0.7 * np.sin(p0[1])
    return np.sum(p0)


def f(x0):
    if h1(x0) < 0.82:
        x0 = 2.0 * x0
    return np.sum(np.sin(x0))


POINT = (np.array([0.303, 0.1]),)
