"""The array in a list argument is read, then another one takes its place."""

import numpy as np


def f(x1, x2):
    a = x2 * 1.0
    b = np.zeros(3)
    for i in range(1):
        b[:] = a[::-1] * x1[0]
        a, b = b, a
    b[...] = x1[0]
    x1[-1] = a
    x1[0][1] = x2[0]
    return np.sum(a) + np.sum(b**2)


POINT = ([np.array([0.394, 1.153, -0.212])], np.array([-0.983, -0.266, -0.47]))
