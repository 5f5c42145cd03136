"""A recursive function that calls itself with another type of argument, and whose result is not differentiated."""


def h1(p0, k=2):
    if k <= 0:
        return 0.5
    return h1(p0, 0.5 - 1)


def f(x0, x1):
    s12 = h1(x1)
    return 0.5 * x0 + s12


POINT = (0.5, 1.1)
