"""A list of arrays that carry no derivative is written by a run-time index."""

import numpy as np


def f(x0):
    a = np.zeros((3, 1))
    r = [np.stack([np.array([0.5, 0.1, 2.0])])]
    i = 1
    r[i % 1] *= 0.3
    a[()] = r[0][0, 2] * x0
    return np.sum(a)


POINT = (1.1,)
