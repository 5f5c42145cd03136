"""Python 4103848: a part of an argument that a pattern names, first read after paths met, lost its cotangent."""

import contextlib

FLAGS = [0, 3]


def f(b, xs):
    flags = FLAGS
    try:
        match (flags[1], xs[0]):
            case [0, m]:
                pass
            case [1 | 2, m] if flags[0] > 0:
                pass
            case [_, m]:
                b = m * m
    except ValueError:
        pass
    try:
        pass
    except ValueError:
        with contextlib.nullcontext(0.5) as m:
            pass
    return b


POINT = (0.4, [1.1])
