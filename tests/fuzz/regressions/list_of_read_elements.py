"""A list holds what an element was when the list was made, not what it is after a store."""

import numpy as np


def f(x0):
    a1 = np.ones(4)
    r5 = [np.sin(a1[-3])]
    for _ in range(3):
        a1[0:-1] = r5
    return np.sum(a1) * x0


POINT = (1.169,)
