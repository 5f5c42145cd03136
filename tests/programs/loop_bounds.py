"""Bounds of loops that are no longer what they were when the loop is run backwards."""

import math

import numpy as np

from tests.programs.corpus import program

X, Y = np.array([0.3, 0.7, 1.1]), np.array([1.0, 2.0, 0.5])


@program(X, Y, wrt=(0,))
def length_of_a_list_that_grows(x, y):
    l = [x[0], x[1]]
    for i in range(3):
        l.insert(0, x[2] * l[-1] * l[0])
        for k in range(len(l) - 1, 0, -1):
            l[k] = l[k] * l[k - 1]
        l.append(y[0])
    return sum(l)


@program(X, Y, wrt=(0,))
def start_that_moves(x, y):
    n = 1
    s = x[0]
    for i in range(3):
        for k in range(n, 6, 2):
            s = s * math.sin(s + k) + x[1]
        n = n + 1
    return s


@program(X, Y, wrt=(0,))
def numbers_of_a_list_that_is_written(x, y):
    n = [0, 5, 1]
    s = x[0]
    for i in range(3):
        for k in range(n[0], n[1], n[2]):
            s = s * math.sin(s + k) + x[1]
        n[0] = n[0] + 1
        n[2] = n[2] + 1
    return s


@program(X, Y, wrt=(0,))
def numbers_that_the_loop_writes(x, y):
    n = [0, 6, 1]
    s = x[0]
    for k in range(n[0], n[1], n[2]):
        n[0] = n[0] + 1
        n[1] = n[1] - 1
        n[2] = n[2] + 1
        s = s * math.sin(s + k) + x[1]
    return s


@program(X, Y, wrt=(0,))
def start_of_a_loop_backwards_that_the_loop_writes(x, y):
    n = [5]
    s = x[0]
    for k in range(n[0], -1, -1):
        n[0] = n[0] - 2
        s = s * math.sin(s + k) + x[1]
    return s


def damped(p, k=2):
    if k <= 0:
        return p
    return np.sin(damped(0.5 * p, k - 1.5))


@program(0.8)
def inserted_by_a_recursive_function(x):
    items = [0.7]
    for _ in range(2):
        items.insert(0, damped(x))
    return sum(items)
