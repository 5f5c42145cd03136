"""An array of zeros that the primal made is not the buffer of a cotangent: the second pullback would add to it."""

import numpy as np


def f(x0, x1, x2):
    x2 = np.zeros_like(x2)
    b4 = x1
    b4 += 0.5
    return b4


POINT = (0.6, np.array([0.7, 1.1, 0.9]), np.array([0.3, 1.0, 0.7]))
