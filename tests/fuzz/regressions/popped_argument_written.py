"""An array is taken off a list argument and written: the caller's stays as it is."""

import numpy as np


def f(x0, x1):
    b = x1.pop()
    b[-2] = x0 * b[0]
    return np.sum(b**2)


POINT = (0.8, [np.array([1.0, 0.4, 0.3])])
