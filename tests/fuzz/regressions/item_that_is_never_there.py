"""Python 4106253: an item under a key that a dict never has, on a path of a loop that copies it (UnboundLocalError)."""

import math


class Failure(Exception):
    pass
N = 1
FLAGS = [3, 0, 2, 3]

def f(a, b, xs):
    n, flags = (N, FLAGS)
    count = 0
    table = {0: a, 2: b}
    try:
        a = table[flags[1]]
    except (KeyError, OverflowError):
        pass

    def gen3(start):
        g = start
        for j in range(1):
            yield (g * xs[1])
        yield from [g, a]
    for v4 in gen3(xs[1]):
        match (n, xs[0]):
            case [0, first]:
                a += first
            case [1 | 2, _] if n > 0:
                try:
                    a = table[3] * next((v for v in xs if v > 0.5))
                except (LookupError, ArithmeticError, Failure):
                    break
                finally:
                    b -= {1: math.cos}[n % 2](v4)
                    count = count + 1
            case [_, other]:
                a += other
    return 1 * a
POINT = (1.19, 0.888, [0.3, 0.7, 1.1])
