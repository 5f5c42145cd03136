"""A copy of a global array is written to: the backend numba wrote to the array itself."""

import numpy as np

o1 = np.array([0.5])


def f(x0):
    y = np.array(o1)
    y[0] = 1
    return o1 + y * x0


POINT = (0.9,)
