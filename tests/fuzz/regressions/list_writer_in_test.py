"""A callee that a test calls writes into a list."""


def h1(p0):
    p0[0] = 0.7 * p0[1]
    return p0[0]


def f(x0, x1):
    l = [x0, x1]
    if h1(l) < 0.82:
        x0 = x0 * 2.0
    return x0 + l[0]


POINT = (0.4, 0.5)
