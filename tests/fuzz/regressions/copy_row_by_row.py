"""The method `copy` lays an array out row by row, so that its `ravel` is a view."""

import numpy as np


def f(x0, x1):
    a = x1.copy()
    w = np.ravel(a)
    w[-2] *= x0
    b = a[::-1,]
    return b[0][1] * np.sum(a**2)


POINT = (0.5, np.array([[1.0, 0.5], [1.1, 1.0], [0.5, 0.5]]).T)
