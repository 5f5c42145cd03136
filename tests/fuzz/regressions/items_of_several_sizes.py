"""Items of one list, one of which has size 1: two reads of the list need not have the same size."""

import numpy as np


def f(xs):
    s = 0.0
    for i in range(len(xs)):
        for j in range(len(xs)):
            s = s + np.sum(xs[i] * xs[j] * xs[j])
    return s


POINT = ([np.array([0.4, -0.7, 0.9]), np.array([0.6])],)
