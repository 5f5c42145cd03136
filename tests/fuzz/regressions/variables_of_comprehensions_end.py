"""The variables of a comprehension have no value after it, on no path."""

import itertools
import math


def f(a, b, xs):
    k = 0
    while k < 3:
        k += 1
        try:
            a = math.tanh(1.0 / (k - 2) * a)
        except ZeroDivisionError:
            b = math.tanh(sum(p * q for p, q in itertools.pairwise([1.21, b, 0.29 * a])))
        else:
            b += 1.15 * math.tanh(a)
        finally:
            b -= 0.6 * math.tanh(sum(p * q for p, q in itertools.combinations(xs, 2)) * 0.34)
    return a * b


POINT = (0.502, 0.736, [0.3, 0.7, 1.1])
