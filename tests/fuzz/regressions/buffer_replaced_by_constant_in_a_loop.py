"""A name of a written array goes round a loop that gives it an array without a derivative."""

import numpy as np


def f(x):
    a = x * x
    b = a.copy()
    for i in range(0):
        b[2] = 0.5
        a, b = b, a
    b = a[:]
    for i in range(2):
        a = np.ones(4)
    return np.mean(b) + np.sum(a)

POINT = (np.array([0.678, 0.44, -0.81, -0.277]),)
