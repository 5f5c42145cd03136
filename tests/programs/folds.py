"""Functions that make one number of many items: `math.prod` and its relatives, Python's `statistics`, `np.fromiter`."""

import functools
import math
import operator
import statistics

import numpy as np

from tests.programs.corpus import program

XS, YS = [0.7, 0.3, 0.9], [1.0, 0.2, 0.4]


@program(0.7, 4)
def product_of_generator_expression(x, n):
    return math.prod(x + k for k in range(n)) * math.prod((v * x for v in (1.0, 2.0)), start=x)


@program(XS)
def product_of_generator(xs):
    def large():
        for v in xs:
            if v > 0.5:
                yield v * v

    return math.prod(large()) + math.prod(map(math.sin, xs)) * math.prod([v + 1.0 for v in xs])


@program(XS)
def product_of_filtered(xs):
    return math.prod(filter(lambda v: v > 0.5, xs)) * math.prod(xs, start=2.0)


@program(XS)
def reduced_generator_expression(xs):
    return functools.reduce(operator.mul, (v + 1.0 for v in xs)) + functools.reduce(math.hypot, (v * v for v in xs), 0.5)


@program(XS, YS)
def distances(xs, ys):
    return math.dist([v * v for v in xs], ys) + math.dist(xs, ys)


@program(XS)
def array_from_iterator(xs):
    cubes = np.fromiter((v**3 for v in xs), float)
    return np.sum(cubes**2) + np.fromiter(map(math.sin, xs), dtype=float).sum()


@program(XS)
def means(xs):
    return statistics.mean(xs) * statistics.fmean(v * v for v in xs) + statistics.harmonic_mean(xs, weights=[1.0, 2.0, 3.0])


@program(XS)
def other_means(xs):
    return statistics.geometric_mean(xs) + statistics.harmonic_mean(xs) * statistics.median([v for v in xs if v > 0.5])


@program(XS)
def spreads(xs):
    return statistics.stdev(xs) + statistics.pstdev(xs) * statistics.variance(xs) + statistics.pvariance(xs, 0.3)


@program(XS, YS)
def relations(xs, ys):
    return statistics.covariance(xs, ys) * statistics.correlation(xs, ys)


@program(0.7, [1.0, -2.0, 0.5], wrt=0)
def inactive_folds(x, ws):
    return x * sum(ws) * max(ws) + x**2 * sum(w * w for w in ws) * min(abs(w) for w in ws) * math.prod(ws)


@program(np.array([0.7, 0.3]), 3)
def tested_by_folds(v, n):
    if sum(v) > 0.5 and max(v) < 3.0:
        return v[0] * sum(range(n)) * sum(k * k for k in range(n))
    return v[1]


@program(0.7, np.array([[0.1, 0.2], [1.0, 2.0]]))
def sum_of_rows_written(x, a):
    t = sum([row for row in a])
    t[0] += x
    return np.sum(t * x)


@program(0.7, np.array([[0.1, 0.2], [1.0, 2.0]]))
def sum_of_rows_replaced(x, a):
    t = sum([row * x for row in a])
    t[0] = x * t[1]
    return np.sum(t * x)


@program(0.7, 0.6)
def item_of_mixed_list_written(x, y):
    mixed = [0.4, y, np.ones(4) * x]
    v = mixed[2]
    v[1] = sum(v[2] * y for _ in v)
    total = 0.0
    for item in v:
        total = total + item * y
    v[0] = total
    return np.sum(v * v)


@program(XS)
def numpy_of_comprehensions(xs):
    spread = np.std([v * v for v in xs]) + np.ptp([v * v for v in xs]) + np.linalg.norm([v + 1.0 for v in xs])
    return np.mean([v * v for v in xs]) * np.sum([math.sin(v) for v in xs]) + np.prod([v + 1.0 for v in xs]) * spread


@program(XS)
def running_sums_of_comprehensions(xs):
    ordered = np.sort([v * v for v in xs]) * np.arange(3.0)
    return np.cumsum([v + 1.0 for v in xs])[1] * np.max([v * v for v in xs]) + np.diff([v * v for v in xs])[0] + np.sum(ordered)


@program(np.array([[0.7, 0.3], [0.2, 1.1]]))
def numpy_of_a_list_of_rows(a):
    rows = [row * row for row in a]
    return np.sum(np.mean(rows, axis=0) * np.max(rows, axis=1)) + np.sum(np.transpose(rows) @ a)
