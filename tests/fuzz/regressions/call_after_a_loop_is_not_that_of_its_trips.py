"""What a call after a loop gave is not what the same call gives for the values of the loop's trips."""

import numpy as np


def f(x0, x1):
    a2 = x1
    for i6 in range(2):
        a2 = np.cos(a2)
    return np.sin(a2)


POINT = (0.1, 0.5)
