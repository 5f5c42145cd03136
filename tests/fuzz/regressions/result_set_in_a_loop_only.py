"""A name that only a loop's early return sets is carried round the loop without a value."""

import numpy as np


def h(x, k=2):
    if k <= 0:
        return x
    return np.sin(h(x * 0.8, k - 1))


def f(x0, x1):
    a = np.ones((3,))
    for i in range(4, -1, -1):
        if i % 2 == 0:
            a[1] = np.tanh(h(x1))
        elif a[-2] <= 0.76:
            if h(a[0]) > 0.72:
                return np.exp(-(a[0] ** 2))
            a[0] /= 1.3 + x0
    return a[-1] + x0 + np.mean(np.sin(a))


POINT = (-0.283, -1.025)
