"""A loop over items of different kinds is written out; what follows a handler that may break it comes after the handler."""

import itertools
import math


def f(a, b, xs):
    for v in itertools.chain(xs[:1], [b, a]):
        try:
            b = math.log(v - 0.6) * b
        except ValueError:
            b = b * a
            if b < 0.1:
                break
        else:
            a = a * 2.0
            if a > 5.0:
                break
        a = a + b * v
    for g in (math.sin, math.log, math.exp):
        try:
            a = g(a - 1.9)
        except Exception:
            break
    return a * b + xs[1]


POINT = (0.754, 0.553, [0.7, 1.1])
