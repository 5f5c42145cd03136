"""Arrays in a list that is not differentiated are written: by constants, and by what is differentiated."""

import numpy as np


def f(x0, x1, x2):
    x1[0][-2] = 1.1
    for row in x2:
        row[0] = x0 * row[1]
    return x0 * np.sum(x1[0]) + np.sum(x2[0] * x2[1])


POINT = (0.1, [np.array([0.3, 0.1])], [np.array([0.3, 0.1]), np.array([0.7, 0.2])])
WRT = (0,)
