"""Results of several shapes of memory, pulled back twice."""

import numpy as np


def f(x):
    r = np.asfortranarray(x)
    r[0] = r[1] * 2.0
    w = x.ravel()
    w[-1] *= x[0, 0]
    return np.sum(x**2) + np.sum(r)


POINT = (np.array([[0.3, 0.1], [0.4, 0.7]]).T,)
