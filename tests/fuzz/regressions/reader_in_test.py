"""A callee that only reads is called in a test."""

import numpy as np


def h1(p0):
    return np.sin(p0)


def f(x0):
    if np.sum(h1(x0)) < 0.82:
        x0 = x0 * 2.0
    return np.sum(np.sin(x0))


POINT = (np.array([0.303, 0.1]),)
