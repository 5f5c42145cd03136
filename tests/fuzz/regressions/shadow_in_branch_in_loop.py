"""A branch inside a loop makes a list whose items are written: its shadow is made in every round."""

import numpy as np


def f(x0, x1):
    for i in range(2, -1, -1):
        if x0 <= -1.1:
            pass
        else:
            rows = [[x1[0][-1, i] * x0, x0]]
            for row in rows:
                row[0] = 0.5 * row[1] * row[0]
            x0 = sum(rows[0])
    return x0


POINT = (0.5, [np.array([[0.4, 0.7, 0.5]])])
