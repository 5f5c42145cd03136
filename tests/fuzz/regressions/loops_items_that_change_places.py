"""For Numba, rows of one array took the place of a list whose items are replaced: a name of the old item showed the new one."""

import numpy as np


def f(x, m):
    r = [v * x for v in m]
    x, r[1] = r[1], x
    first = r[0]
    r[0], r[1] = r[1], r[0]
    return x[0] * r[1][0] + first[0] * r[0][0] ** 2


POINT = (np.array([0.4]), [0.3, 0.4])
