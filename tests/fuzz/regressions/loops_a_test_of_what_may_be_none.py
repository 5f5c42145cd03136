"""For Numba, the comparison of an array that may be None was taken for one of numbers."""

import numpy as np


def f(x, m):
    u, s = -3, None
    for _ in m:
        if s is None:
            s = x
        else:
            u = s
    return np.sum(np.where(u > 0.17, 0.5, m) * x)


POINT = (np.array([-0.054, 0.697, 0.618]), [-0.894, 0.773, -0.643])
