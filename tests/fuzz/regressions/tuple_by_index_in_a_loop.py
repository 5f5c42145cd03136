"""A tuple read by a run-time index inside a loop, and again after it."""

import numpy as np


def f(x0, x1):
    t = (x0 * x1, np.sin(x0))
    y = x0
    for i in range(2):
        y = y + np.sqrt(t[i])
        for k in range(i):
            y = y * t[k]
    return y + t[(len(t) + 1) % 2]


POINT = (0.5, 0.2)
