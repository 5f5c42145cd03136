"""A handler that raises itself goes on to the one around, which sees how far the body within came."""

import operator

FLAGS = []


def f(a, b, xs):
    log = 0.5
    try:
        try:
            b = operator.mul(*[0.9, b])
            a = FLAGS[2]
        except Exception:
            a += 1.3
            log[1] *= 0.2
        finally:
            a -= 1.0
        b = 2
    except Exception:
        pass
    return b * xs[0]


POINT = (1.2, 0.9, [0.7, 1.1])
