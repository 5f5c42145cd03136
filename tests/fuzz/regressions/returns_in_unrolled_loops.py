"""No turn returns: what the turns of an unrolled loop would return is copied where they meet (6201112, language)."""

import numpy as np


def f(x0, x1):
    firsts = (np.sum(np.full((1, 3), -0.84) ** 2), -1.4, 0.03)
    s = 0.5 * (firsts[2] + 0.3)
    for v in firsts:
        k = 0
        while k < 3:
            k += 1
            if -0.7 < firsts[-3] < 0.9:
                return 0.5 * (v + v)
        s = np.tanh(0.87 + 0.3 * firsts[-2])
    return x0 + x1 + s


POINT = (0.513, -0.044)
