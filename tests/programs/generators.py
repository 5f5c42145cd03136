"""Generator functions consumed inside the differentiated function."""

import itertools
import math

import numpy as np

from tests.programs.corpus import normal, program


@program(0.7, 4)
def generator_summed(x, n):
    def terms():
        for k in range(n):
            yield x**k / math.factorial(k)

    return sum(terms())


@program(0.7, 4)
def generator_looped(x, n):
    def powers(v, count):
        p = 1.0
        for _ in range(count):
            yield p
            p = p * v

    total = 0.0
    for i, p in enumerate(powers(x, n)):
        total += p * (i + 1)
    return total


def fibonacci_like(a, b, n):
    for _ in range(n):
        yield a
        a, b = b, a + 0.5 * b


@program(0.7, 0.3)
def generator_of_module(x, y):
    values = list(fibonacci_like(x, y, 5))
    return values[-1] * values[2] + len(values)


@program(0.7)
def generator_two_yields(x):
    def gen():
        yield x
        y = x * x
        yield y
        if y > 0.1:
            yield y * x

    total = 1.0
    for v in gen():
        total = total * v
    return total


@program([0.7, 0.2, 0.5])
def generator_yield_from(x):
    def gen(values):
        yield from values
        yield from (v * v for v in values)

    return sum(gen(x))


@program(normal(6))
def generator_of_windows(x):
    def windows(a, width):
        for i in range(len(a) - width + 1):
            yield a[i : i + width]

    return sum(np.prod(w) for w in windows(x, 3))


@program(0.7)
def generator_stopped_by_its_consumer(x):
    def powers():
        p = x
        while True:
            yield p
            p = p * x + 0.1

    total = 0.0
    for p in powers():
        if total > 1.5:
            break
        total += p
    return total * x


@program([0.7, 0.2, 0.5])
def generator_with_early_return(x):
    def until(values, limit):
        for v in values:
            if v < limit:
                return
            yield v * v

    return sum(until(x, 0.3)) + 2.0 * sum(until(x, 0.1))


@program([0.7, 0.2, 0.5])
def generator_enumerated_and_zipped(x):
    def squares():
        for v in x:
            yield v * v

    total = 0.0
    for k, v in enumerate(squares(), 1):
        total = total + k * v
    for a, b in zip(x, squares()):
        total = total + a * b
    return total


@program(0.7, 3)
def generator_that_writes_nonlocal(x, n):
    count = 0

    def steps():
        nonlocal count
        for k in range(n):
            count += 1
            yield x**k

    s = 0.0
    for v in steps():
        s = s * v + count
    return s * count


@program(normal(3, 2), writes=True)
def generator_of_rows_written(a):
    def rows(b):
        for i in range(len(b)):
            yield i, b[i]

    out = np.zeros(2)
    for i, row in rows(a):
        out += row * row * (i + 1.0)
    return np.sum(out)


@program([0.7, 0.2, 0.5])
def generators_chained(x):
    def doubled(values):
        for v in values:
            yield 2.0 * v

    def large(values):
        for v in values:
            if v > 0.5:
                yield v

    return sum(v * v for v in large(doubled(x)))


@program(0.7, 4)
def number_of_the_last_item(x, n):
    def terms():
        for i in range(n):
            yield x * i

    total = x
    for k, term in enumerate(terms()):
        total = total + term * k
    return total * k * term


@program(1.5)
def endless_loop_with_a_last_step(x):
    y, k = x, 0
    while True:
        k += 1
        if y > 20.0:
            y = y * x + 1.0
            break
        y = y * x
    return y * k


@program(0.7)
def number_of_trips_of_an_endless_loop(x):
    total = x
    for k in itertools.count():
        total = total * 1.3
        if total > 5.0:
            break
    return total * k
