"""The tangent of a result that a recursive function computes of constants is zero, not the result."""


def h(p, k=2):
    return 1.1 if k <= 0 else h(0.5, k - 1)


def f(x0, x1):
    return h(0.9)


POINT = (0.3, 0.4)
