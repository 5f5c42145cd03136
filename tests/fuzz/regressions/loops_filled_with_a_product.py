"""Mutation 5010468: under Numba, a product of vectors was computed anew for each element of the vector that it fills."""

import numpy as np


def f(x):
    x.fill(x @ x)
    return np.mean(x)

POINT = (np.array([1.0, 0.1]),)
