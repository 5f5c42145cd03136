"""Unpacking: objects by their own iterators, lists and arrays of a length that is known when the code runs, stars."""

import math

import numpy as np

from tests.programs.corpus import normal, program


class Backwards:
    """Its items are not its fields in their order."""

    def __init__(self, a, b, c):
        self.a, self.b, self.c = a, b, c

    def __iter__(self):
        return iter([self.c, self.b, self.a])


class Generated(Backwards):
    def __iter__(self):
        yield self.c
        yield self.a * self.b
        yield self.b


class Indexed:
    def __init__(self, *items):
        self.items, self.gain = list(items), 2.0

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        return self.items[-1 - k] * self.gain


class Filled:
    def __init__(self):
        self.name, self.seen = "filled", []

    def add(self, value):
        self.seen.append(value)

    def __iter__(self):
        return iter(self.seen)


@program(0.7, 1.3)
def object_in_its_own_order(x, y):
    p, q, r = Backwards(x, 2.0 * y, 3.0 * x)
    return p + q * q + r * r * r


@program(0.7, 1.3)
def object_of_a_generator(x, y):
    p, q, r = Generated(x, y, x * y)
    first, *rest = Generated(y, x, 2.0)
    return p + q * q + r**3 + first * rest[0] + rest[1]


@program(0.7, 1.3)
def object_by_index(x, y):
    p, q = Indexed(x, y)
    return p * q * q + math.hypot(*Indexed(x, y * y))


@program(0.7, 1.3)
def object_filled_in_a_loop(x, y):
    made = Filled()
    for k in range(3):
        made.add(math.sin(k * x) + y)
    p, q, r = made
    first, *rest = made
    return p + q * q + r**3 * first + len(rest) * rest[1]


@program(0.7, 1.3)
def object_by_star(x, y):
    def weighted(p, q, r):
        return p + q * q + r**3

    everything = [y, *Backwards(x, y, 2.0 * x), x]
    return weighted(*Backwards(x, y, x * y)) + everything[1] * everything[3] ** 2


@program(0.7, 1.3)
def extremes_of_objects(x, y):
    return max(Generated(x, y, 0.1)) * min(Backwards(x, 2.0 * y, 3.0))


@program(normal(2))
def elements_of_an_argument(p):
    x, y = p
    return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2


@program(normal(5))
def elements_between(p):
    first, *between, last = p
    between.append(first * last)
    return sum(between) * last + len(between) * first


@program(normal(4))
def list_between(p):
    values = []
    for k in range(len(p)):
        values.append(math.sin(p[k]) * k)
    first, *between, last = values
    between[0] = 2.0 * first
    return sum(between) * last + values[1]


@program(normal(3))
def list_of_a_loop(p):
    values = [v * v for v in p]
    x, y, z = values
    values[0] = 3.0
    return x * y + z * values[0]


@program(normal(4, 2), wrt=(0,))
def rows_of_pairs(points):
    total = 0.0
    for x, y in points:
        total += x * y * y
    return total


@program(normal(4), np.array([[0, 1], [1, 3], [2, 0]]), wrt=(0,))
def pairs_of_places(u, edges):
    total = 0.0
    for i, j in edges:
        total += (u[i] - u[j]) ** 2 * u[i]
    return total


@program(normal(2), {2.0, 3.0}, wrt=(0,))
def items_of_a_set(p, weights):
    small, large = sorted(weights)
    low, high = weights
    return p[0] ** 2 * small + p[1] ** 2 * large + p[0] * (low + high)


@program(normal(3), [2.0, 3.0, 5.0], wrt=(0,))
def too_many_are_caught(p, weights):
    try:
        x, y = p * 2.0
        scale = 2.0
    except ValueError:
        x, y, z = p
        scale = 3.0 * z
    return x * y * scale
