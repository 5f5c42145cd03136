"""`optimize="scalars"` read the items of `x` as they were before the loop, which writes to `x` as an item of `q`."""

import numpy as np


def f(x, y):
    q = [x, y]
    a = 0.0
    for i in range(3):
        a = x[i] * x[i]
        q[i % 2].fill(0.5)
    return a


POINT = (np.array([0.398, 0.316, 0.506]), np.array([0.2, 0.1]))
