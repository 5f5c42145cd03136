"""Language 5000085: under Numba, a loop over an array that it binds anew got a new name for it in its header, too."""

import numpy as np


def f(x0, x1):
    x1 = np.roll(x1, 1)
    for i5, e4 in x1:
        for e6 in x1:
            x0 = 0.5 * x0
        x1 = 0.4 * x1
    return x0 + np.sum(x1)

POINT = (0.2, np.array([[0.3, 0.4], [0.5, 0.6]]))
