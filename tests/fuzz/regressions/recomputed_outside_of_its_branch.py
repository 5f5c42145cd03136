"""What the only branch that goes on makes is read after it: it is not computed again from what the branch keeps."""

import math


def f(a, b, xs):
    table = {}
    for _ in xs:
        try:
            a = table[1]
        except KeyError:
            b = math.tanh(b)
            b -= 1.3
        b -= b * xs[0]
    return b - a


POINT = (0.8, 0.8, [0.7, 1.1])
