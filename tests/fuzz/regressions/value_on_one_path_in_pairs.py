"""A result that an early return gives, and the last line otherwise: the pair of functions keeps both."""

import numpy as np


def f(x0, x1):
    s = x1[0] * x0
    if s > 10.0:
        pass
    elif s > 0.5:
        return np.sin(s) * np.array([1.0, s])
    return np.array([s, x0])


POINT = (1.0, [0.8])
