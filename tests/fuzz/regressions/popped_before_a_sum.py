"""An item is taken off a list before a loop walks it: the call stays where it is."""

import numpy as np


def f(x0, x1):
    s = x1.pop()
    return s * x0 + sum(x1) * np.sin(s)


POINT = (0.5, [0.3, 0.017])
