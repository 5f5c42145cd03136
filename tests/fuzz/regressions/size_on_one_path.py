"""A variable holds a derivative on one path and a size or an element of a constant on another."""

import numpy as np


def f(x0, x1):
    a = np.zeros((3, 3))
    s = x0 * 2.0
    if x0 < 0.7:
        s = x1.size
    for i in range(2):
        s = s * x1[0]
        if i == 0 and x0 > 0.55:
            s = x1.shape[0]
    return s + (x1[1] if x0 > 2.0 else a[2][2])


POINT = (0.6, np.array([0.3, 0.4]))
