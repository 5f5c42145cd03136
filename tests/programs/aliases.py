"""Names that may or may not stand for memory that is written in place, before or after they get it."""

import numpy as np

from tests.programs.corpus import program

X = np.array([0.3, -1.2, 0.7])


@program(X, 0, also=[(X, 1), (X, 2)], wrt=0, writes=True)
def written_after_a_branch(x, c):
    a = x * 2.0
    p = x * 3.0
    if c:
        k = a
    else:
        k = p
    a[0] = x[1] * 5.0
    return np.sum(k * k * x) + np.sum(a)


@program(X, 0, also=[(X, 1), (X, 2)], wrt=0, writes=True)
def written_before_a_branch(x, c):
    a = x * 2.0
    a[1] = x[0]
    p = np.zeros(3)
    if c:
        k = a
    else:
        k = p
    v = a[1:]
    return np.sum(k * x) * np.sum(v * v)


@program(X, 0, also=[(X, 1), (X, 2)], wrt=0, writes=True)
def view_chosen_in_loop(x, c):
    y = x * x
    y[0] = y[1] * 2.0
    z = y[1:]
    s = 0.0
    for i in range(3):
        w = y
        if i > c:
            w = z
        s = s + np.sum(w) * s + w[0]
    return s


@program(X, 0, also=[(X, 1), (X, 2)], wrt=0, writes=True)
def view_of_what_grows(x, c):
    y = np.zeros(3)
    for i in range(3):
        w = y[:2]
        y[i] = x[i] * np.sum(w) + x[0]
    t = y.T
    return np.sum(t * t)


@program(X, 0, also=[(X, 1), (X, 2)], wrt=0, writes=True)
def alias_from_some_iteration_on(x, c):
    y = np.zeros(3)
    k = x * 1.0
    for i in range(4):
        if i == c:
            k = y
        if i == 2:
            y[0] = np.sum(k) * x[1]
    return np.sum(k * k) + np.sum(y)


@program(X, 0, also=[(X, 1), (X, 2)], wrt=0, writes=True)
def made_in_a_context(x, c):
    with np.errstate(all="ignore"):
        y = x * x
        v = y[1:]
        y[1] = 3.0 * x[0]
    y[2] = v[0] * x[1]
    return np.sum(v * v) + np.sum(y)


@program(X, 0, also=[(X, 1), (X, 2)], wrt=0, writes=True)
def view_of_a_branch(x, c):
    p = x * 1.0
    if c:
        a = x * 2.0
        a[0] = x[1]
        if c > 1:
            b = a[1:]
            b[0] = x[0] * a[0]
            p = b
        else:
            p = a
    q = p * p
    p[0] = q[-1]
    return np.sum(p * q)


@program(X, 0, also=[(X, 1), (X, 3), (X, 5)], wrt=0, writes=True)
def parameter_goes_round_with_memory_that_is_written(k, c):
    y = np.zeros(3)
    for i in range(4):
        if i == c:
            k = y
        if i == 2:
            y[0] = np.sum(k) * 2.0
    return np.sum(k * k) + np.sum(y)
