"""A branch makes an alias that is read later, and a view in a branch of its own."""

import numpy as np


def f(x0, x1):
    a = np.zeros((2, 3))
    if x0 > 0.9:
        b = a
        a = np.cos(b)
    else:
        for row in a:
            row[:] = x0
        if x1[0] > 0.0:
            a[0] = np.sum(a[()])
            x1[0] += np.prod(a)
    return sum(x1) + np.sum(a)


POINT = (0.6, [0.4])
