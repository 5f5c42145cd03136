"""Under Numba, what is looked up by an array of places was read before the loop that fills it."""

import numpy as np


def f(x, values):
    points = np.array([0.0, 1.0, 2.0, 3.0])
    i = np.clip(np.searchsorted(points, x) - 1, 0, len(points) - 2)
    t = (x - points[i]) / (points[i + 1] - points[i])
    return np.sum(values[i] * (1 - t) + values[i + 1] * t)

POINT = (np.array([0.3, 1.2, 2.4]), np.array([1.0, 4.0, 2.0, 7.0]))
