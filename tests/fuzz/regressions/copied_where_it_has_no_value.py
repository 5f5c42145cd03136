"""A name that a pattern binds on some paths of earlier loops, copied on a path that reads neither (seed 4451223)."""

import math

N = 2
FLAGS = [3, 2, 0, 2]


def f(a, b, xs):
    n, flags = N, FLAGS
    for _ in range(2):
        try:
            a = math.tanh(xs[1] * a)
        except ArithmeticError:
            b = math.tanh(0.4)
        k = 0
        while k < 2:
            k += 1
            match n:
                case 2:
                    a = math.tanh(a)
                case int(m):
                    a = math.sin(a)
    match (flags[0], b):
        case (0, m):
            b -= 0.23 * math.tanh(0.83)
        case (1 | 2, m) if n > 0:
            a = math.tanh((0.34 + xs[2]) * math.sin(m))
        case (_, m):
            if n > 1:
                a -= 1.43 * math.tanh(b)
    return 1 * a + 2 * b


POINT = (1.107, 0.622, [0.3, 0.7, 1.1])
