"""What a branch of `np.where` sums over counts in all its elements, wherever the sum is taken."""

import numpy as np


def f(x):
    a = np.where(x > 1.0, np.sum(np.sqrt(x)), 0.0)
    return np.sum(a) + np.sum(np.where(x > 1.0, np.cumsum(np.log(x)), x))


POINT = (np.array([0.3, 1.4, 2.5]),)
