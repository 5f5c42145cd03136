"""Loops whose iterations need nothing of each other: both sweeps in one loop; and loops that only look like that."""

import itertools
import math

import numpy as np

from tests.programs.corpus import normal, positive, program


@program(normal(5), normal(5), wrt=(0, 1), numba=True)
def sum_of_terms(x, w):
    total = 0.0
    for i in range(len(x)):
        a = math.sin(x[i]) * w[i]
        b = math.exp(0.1 * a) + a * a
        total += a * b
    return total


@program(normal(6), numba=True)
def starts_later(x):
    total = 0.0
    for i in range(1, len(x)):
        d = x[i] - x[i - 1]
        total += math.sqrt(1.0 + d * d)
    return total


@program(normal(5))
def total_is_needed_first(x):
    total = 0.0
    for i in range(len(x)):
        a = math.sin(x[i])
        total += a * a
    return math.exp(total)


@program(normal(5))
def two_totals(x):
    total, weight = 0.0, 0.0
    for i in range(len(x)):
        a = math.exp(x[i])
        total += a * x[i]
        weight += a
    return total / weight


@program(normal(4, 3), normal(3), wrt=(0, 1))
def rows(a, w):
    total = 0.0
    for i in range(a.shape[0]):
        row = a[i]
        s = math.tanh(row[0] * row[1] + row[2] * w[0])
        t = np.exp(row * w)
        total += s * s + np.sum(t * t)
    return total


@program(normal(5))
def recurrence_beside(x):
    total, s = 0.0, 0.5
    for i in range(len(x)):
        a = math.sin(x[i])
        s = s * a + 0.1
        total += a * a
    return total + s


@program(normal(5))
def state_that_carries_no_derivative(x):
    total, k = 0.0, 1.0
    for i in range(len(x)):
        a = math.sin(k * x[i])
        total += a * a
        k = 0.5 * k + 1.0
    return total


@program(normal(5))
def results_are_stored(x):
    y = np.zeros(5)
    total = 0.0
    for i in range(len(x)):
        a = math.sin(x[i])
        y[i] = a * a
        total += a
    return total + np.sum(y * y)


@program(normal(5), normal(3), wrt=(0, 1))
def inner_loop(x, w):
    total = 0.0
    for i in range(len(x)):
        s = x[i]
        for k in range(len(w)):
            s = math.sin(s) * w[k]
        total += s * s
    return total


@program(normal(5))
def branch_inside(x):
    total = 0.0
    for i in range(len(x)):
        a = x[i] * x[i] + 0.1
        if a > 0.5:
            a = math.sqrt(a)
        total += a * a * a
    return total


@program(normal(5))
def slots_are_shared(x):
    total = 0.0
    for i in range(len(x)):
        a = math.sin(x[i // 2]) * x[0]
        total += a * a
    return total


@program(0.7, 4)
def counter_in_the_terms(x, n):
    total = 0.0
    for i in range(n):
        a = math.sin(x * i)
        total += a * a * i
    return total


@program(normal(5))
def read_after_the_loop(x):
    total, last = 0.0, 0.0
    for i in range(len(x)):
        last = math.sin(x[i])
        total += last * last
    return total * 1.0 + last


@program(normal(4))
def twice_in_a_row(x):
    total = 0.0
    for i in range(len(x)):
        a = math.sin(x[i])
        total += a * a
    for i in range(len(x)):
        b = math.cos(x[i])
        total += b * a * b
    return total


@program(normal(4, 4))
def in_an_outer_loop(a):
    total = 0.0
    for i in range(4):
        row = 0.0
        for k in range(4):
            t = math.sin(a[i, k])
            row += t * t
        total += row
    return total


@program(positive(4))
def mean_of_terms(x):
    total = 0.0
    for i in range(len(x)):
        a = math.log(x[i])
        total += a * a
    return total / len(x)


@program(normal(3), positive(3), wrt=(0, 1))
def lists_made_after_the_loop(x, y):
    r = 1.0
    for a, b in itertools.combinations(y, 2):
        r -= a / b
    return r + list(itertools.accumulate(x, lambda a, b: a * b))[-1]


@program(normal(4), positive(4), wrt=(0, 1))
def memory_written_after_the_loop(x, y):
    total = 0.0
    for k in range(4):
        total += np.sin(x[k]) * y[k]
    w = y * 1.0
    for k in range(1, 4):
        w[k] += w[k - 1] * x[k]
    last = w[3]
    w[3] = x[0]
    return total + last * w[3]


@program(1.2, 0.3, normal(5, 7), wrt=(0, 1), numba=True)
def paths_that_do_not_meet(spot, sigma, z):
    s = spot * np.ones(z.shape[1])
    total = np.zeros(z.shape[1])
    for t in range(len(z)):
        s = s * np.exp(sigma * z[t])
        total += s
    return np.mean(np.tanh(total - 4.0)) * np.exp(-sigma)


@program(1.2, 0.3, normal(5, 7), wrt=(0, 1), numba=True)
def paths_that_meet_at_the_end(spot, sigma, z):
    s = spot * np.ones(z.shape[1])
    for t in range(len(z)):
        s = s * np.exp(sigma * z[t])
    return np.sum((s - np.mean(s)) ** 2)
