"""A buffer that is written and then made anew of nothing differentiated, in a loop."""

import numpy as np


def f(x0, x1):
    total = 0.0
    for i in range(2, 4):
        x1[...] = 0.4 * x0 * x1
        total += np.sum(x1) * i
        x1 = np.ones(3)
    return x1 * x0 + total


POINT = (0.7, np.array([0.4, 0.3, 1.1]))
