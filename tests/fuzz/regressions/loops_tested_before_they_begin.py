"""Mutation 5020803: under Numba, the test before a loop asked for the size of an array that only the loop makes."""

import numpy as np

o1 = np.array([[-1.17, 1.175, -0.336], [-0.726, 0.023, -0.77], [0.846, -0.523, 0.353]])


def f(x0):
    b13 = o1
    for row14 in b13:
        row14[-3] = 0.3 * x0[2]
    return np.sum(b13) + x0[0]


POINT = (np.array([0.594, -0.954, -0.929]),)
OUTSIDE = (o1,)
