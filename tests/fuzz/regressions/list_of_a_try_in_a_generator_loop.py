"""A list that only a handler in a loop makes has no value after the loop where no exception was raised."""

import itertools


def f(a, b, xs):
    n = 0.5

    def counted():
        for j in range(2):
            yield 0.5 * a
        yield b

    for v in counted():
        try:
            b = 1.0 / n
        except ZeroDivisionError:
            try:
                s = a * sum(a * p * q for p, q in itertools.pairwise([sum(xs), next((u for u in xs if u))]))
                a = a + s
            except ZeroDivisionError:
                pass
    return a * v * b


POINT = (0.652, 1.133, [1.1])
