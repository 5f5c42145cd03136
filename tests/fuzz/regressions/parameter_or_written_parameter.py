"""Inside nested loops a name becomes another parameter, which is written."""

import numpy as np


def f(x0, x1, x2):
    for i in range(2):
        for a, b in zip(x1, x2):
            np.add.at(x2, 0, 0.5 * a * b * x0)
            x1 = x2
    return np.sum(x1 * x2)


POINT = (1.1, np.array([0.3, 0.2]), np.array([0.2, -0.4]))
