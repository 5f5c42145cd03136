"""Exponentials, logarithms and hyperbolic tangents in array statements and in loops, beside sums and what is carried."""

import math

import numpy as np

from tests.programs.corpus import normal, positive, program


@program(normal(5))
def sum_beside_the_elements(x):
    t = np.exp(-x)
    return np.sum(x * t) * np.sum(np.tanh(t))


@program(positive(4, 3))
def sums_of_rows(x):
    scaled = x - np.max(x, axis=1)[:, None]
    total = np.log(np.sum(np.exp(scaled), axis=1))
    return np.sum(total * x[:, 0])


@program(positive(5), writes=True)
def loop_over_items(x):
    y = np.zeros_like(x)
    total = 0.0
    for i in range(len(x)):
        y[i] = math.log(x[i]) * math.tanh(x[i])
        total += math.exp(-y[i])
    return total + np.sum(y * y)


@program(positive(5), writes=True)
def what_the_next_turn_needs(x):
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = np.exp(-x[i]) + 0.5 * y[i - 1]
    carried = 1.0
    for v in y:
        carried = np.tanh(carried + v)
    return carried * np.sum(y)


@program(normal(3, 4), writes=True)
def sums_in_inner_loops(x):
    out = np.zeros(3)
    for i in range(3):
        row = 0.0
        for j in range(x.shape[1]):
            row += np.exp(-x[i, j]) - np.tanh(x[i, j])
        out[i] = row
    return np.sum(out * out)


@program(normal(5))
def beside_functions_of_the_library(x):
    return np.sum(np.sin(np.exp(0.3 * x)) * np.log1p(x * x))


@program(positive(5))
def integers_and_logarithms(x):
    n = np.arange(1, 6)
    return np.sum(np.log(n) * x + np.exp(-n) * np.log(x))


@program(normal(5))
def names_that_the_loops_use(x):
    terms = np.exp(x)
    vector_exp = 2.0 * terms
    return np.sum(terms * np.tanh(vector_exp))


@program(positive(4), positive(4), wrt=(0, 1))
def logarithm_of_a_quotient(a, b):
    d = np.log(a / b) / b
    return np.sum(d * d * d + a * d**2)


@program(positive(4), 1.3, wrt=(0, 1))
def powers_of_one_array(x, k):
    return np.sum(x**4 - k * x**3 + x**2) + np.sum((k * x) ** 3)


@program(normal(4), normal(4), wrt=(0, 1))
def factors_of_both_terms(a, b):
    p = 1.0 / (1.0 + np.exp(-(4.0 * (a - 0.5))))
    q = 1.0 / (1.0 + np.exp(-(4.0 * (0.7 - a * b))))
    g = p * q
    return np.sum(g * (0.5 * a - b) - (0.25 * b * a - b * a))


@program(positive(6), 3)
def sums_over_windows(x, m):
    total = 0.0
    for k in range(len(x)):
        window = x[k : k + m]
        row = 0.0
        for i in range(len(window)):
            row += np.exp(-window[i])
        total += row * row
    return total


@program(positive(6))
def sums_over_a_list_that_grows(x):
    items = []
    total = 0.0
    for k in range(len(x)):
        items.append(x[k] * 0.5)
        for i in range(len(items)):
            total += math.tanh(items[i]) * math.log(1.5 + items[i])
    return total
