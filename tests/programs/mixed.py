"""Small functions with loops that are called in loops: forward mode inside a reverse sweep."""

import math

import numpy as np

from s2sad import checkpointed, grad
from tests.programs.corpus import normal, positive, program


def root(a, trips=6):
    y = a
    for _ in range(trips):
        y = 0.5 * (y + a / y)
    return y


def root_to(a, tolerance):
    y = a
    while abs(y * y - a) > tolerance:
        y = 0.5 * (y + a / y)
    return y


def horner(x, coefficients):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


def mixed_product(x, y, n):
    s = x
    for k in range(n):
        s = math.sin(s * y) + x * k
    return s


def leaky(x):
    s = x
    for k in range(4):
        if s > 1.0:
            s = s * 0.5
            continue
        s = math.exp(s)
        if s > 3.0:
            break
    return s


def guarded(x):
    s = x
    for _ in range(3):
        try:
            s = math.log(s) + 2.0
        except ValueError:
            s = -s
    return s


def spread(x):
    y = np.zeros(3)
    for k in range(3):
        y[k] = x * (y[k - 1] + 1.0)
    return y


class Potential:
    def __init__(self, k):
        self.k = k

    def __call__(self, r):
        e = 0.0
        for n in range(1, 4):
            e = e * math.cos(e) + self.k * r**n
        return e


potential = Potential(0.7)


@program(positive(4), 0.7)
def slope_of_a_function_in_a_loop(x, w):
    total = 0.0
    for v in x:
        total = total + root(1.0 + w * v * v)
    return total


@program(positive(4), 0.7)
def slope_of_a_while_loop(x, w):
    total = 0.0
    for v in x:
        total = total * 0.5 + root_to(v + w, 1e-12) * root(w, trips=5)
    return total


@program(normal(3), normal(4))
def coefficients_are_differentiated_too(x, c):
    total = 0.0
    for v in x:
        total = total + horner(v, c)
    return total


@program(normal(3), normal(4), wrt=0)
def coefficients_are_constant(x, c):
    values = np.zeros(3)
    for k in range(3):
        values[k] = horner(x[k], c) * horner(x[k - 1], c)
    return np.sum(values)


@program(normal(3), 0.6)
def two_differentiated_inputs(x, w):
    total = 1.0
    for v in x:
        total = total + mixed_product(v, w, 3) * mixed_product(total, v, 2)
    return total


@program([0.2, 1.4, 0.9])
def branches_and_breaks_in_the_function(x):
    return sum([leaky(v) * v for v in x])


@program(normal(2, 3))
def called_in_nested_loops(a):
    total = 0.0
    for i in range(2):
        for j in range(3):
            total = total + leaky(a[i, j] * total)
    return total


@program(0.4, 0.8)
def captures_a_differentiated_number(x, w):
    def inner(v):
        s = v
        for _ in range(3):
            s = math.sin(s * w)
        return s

    y = x
    for _ in range(3):
        y = y + inner(2.0)
    return y


@program(0.4, 0.8)
def carried_from_call_to_call(x, w):
    n = 0
    while n < 4:
        x = leaky(x * w)
        n += 1
    return x


@program(positive(3))
def what_may_raise_is_recorded(x):
    total = 0.0
    for v in x:
        total = total + guarded(v)
    return total


@program(normal(3))
def an_array_is_recorded(x):
    total = 0.0
    for v in x:
        total = total + np.sum(spread(v)) ** 2
    return total


@program(positive(3))
def object_that_is_called(x):
    total = 0.0
    for v in x:
        total = total * potential(v)
        total = total + v
    return total


@program(positive(3))
def slope_under_a_gradient(x):
    total = 0.0
    for v in x:
        total = total + grad(root)(v) * root(v * total + 1.0)
    return total


@program(positive(3), 4, wrt=0)
def slope_under_a_checkpoint(x, n):
    total = 0.5
    for k in checkpointed(range(n)):
        total = root(total + x[k % 3]) * total
    return total


@program(positive(3))
def result_is_partly_constant(x):
    kept = []
    for v in x:
        kept.append(root(v))
        kept.append(root(2.0))
    return kept[0] * kept[1] * kept[2] + kept[-1]
