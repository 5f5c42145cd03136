"""A branch of which both sides give the same cotangent is dropped, with its tape; other branches on it stay."""

import math


def f(a, b, xs):
    for k in range(5):
        step = (b * b - a) / (2.0 * b)
        b -= step
        if abs(step) < 1e-3:
            a = a * 1.5
            break
        if k == 1:
            b = math.tanh(b)
        else:
            b = b + 0.0
    else:
        b = xs[0]
    return a * b


POINT = (1.2, 0.9, [0.7, 1.1])
