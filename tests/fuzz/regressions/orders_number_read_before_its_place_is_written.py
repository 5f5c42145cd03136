"""Mutation 6000053: in several directions, a number put on a tape was a view of what is written afterwards."""

import numpy as np


def f(x0):
    np.multiply.at(x0, [-3], x0[1])
    return np.sum(x0)

POINT = (np.array([1.1, 0.6, 0.2]),)
