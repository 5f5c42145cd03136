"""A parameter and an array that is written share a name that goes round a loop: both have shadows."""

import numpy as np


def f(x0, x1):
    for i in range(2):
        x1 = np.array(x1)
        x1[:] -= x0 * np.sin(x1)
    return np.mean(x1)


POINT = (0.5, np.array([0.6, -0.2]))
