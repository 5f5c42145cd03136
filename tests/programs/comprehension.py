"""Comprehensions and generator expressions, with tests, nested, over every iterable."""

import math

import numpy as np

from tests.programs.corpus import normal, program


@program([0.4, 1.1, 0.7])
def over_list(p):
    q = [v * v for v in p]
    return q[0] + q[1] * q[2]


@program(0.4, 5)
def over_range(x, n):
    return sum([x**i for i in range(n)])


@program([0.4, -1.1, 0.7])
def with_test(p):
    return sum([v * v for v in p if v > 0])


@program(0.4, 6)
def with_index_test(x, n):
    return sum(x**i for i in range(n) if i % 2 == 0)


@program(0.4, 3)
def nested_for(x, n):
    return sum([math.sin(x * i + j) for i in range(n) for j in range(i + 1)])


@program(normal(3))
def nested_list(x):
    m = [[a * b for a in x] for b in x]
    return m[0][1] * m[2][2]


@program(normal(3))
def array_of_nested(x):
    m = np.array([[a * b for a in x] for b in x])
    return np.sum(np.tanh(m))


@program(normal(4))
def array_of_list(x):
    y = np.array([math.sin(v) for v in x])
    return np.sum(y * x)


@program(0.4, 4)
def generator_in_sum(x, n):
    return sum(math.sin(x * i) for i in range(n))


@program([0.4, 1.1, 0.7])
def generator_in_max(p):
    return max(v * v - v for v in p) * p[0]


@program([0.4, 1.1, 0.7])
def generator_in_min(p):
    return min(v * v - v for v in p)


@program([0.4, 1.1, 0.7])
def generator_in_list(p):
    q = list(v * 2.0 for v in p)
    return q[0] * q[2]


@program([0.4, 1.1, 0.7])
def generator_in_tuple(p):
    a, b, c = tuple(v * 2.0 for v in p)
    return a * b + c


@program([0.4, 1.1, 0.7], also=[([-0.4, 1.1, 0.7],)])
def generator_in_any_and_all(p):
    if all(v > 0 for v in p):
        return p[0] * p[1]
    if any(v > 1 for v in p):
        return p[2] * p[2]
    return p[0]


@program(normal(4), normal(4))
def over_zip(x, y):
    return sum(a * b * b for a, b in zip(x, y))


@program(normal(4))
def over_enumerate(x):
    return sum(i * v * v for i, v in enumerate(x))


@program({"a": 0.3, "b": 1.2})
def over_items(p):
    return sum(len(k) * v * v for k, v in p.items())


@program({"a": 0.3, "b": 1.2}, 2.0)
def dict_comprehension(p, s):
    q = {k: v * s for k, v in p.items()}
    return q["a"] * q["b"]


@program([0.4, 1.1], [0.3, -0.5])
def cartesian(p, q):
    return sum(a * b * b for a in p for b in q)


@program(0.7, 3)
def captured_value(x, n):
    y = x * x
    return sum([y * i + x for i in range(n)])


@program(0.7)
def shadowed_name(x):
    y = sum([x * 2.0 for x in (x, 3.0 * x)])
    return y * x


@program(normal(3, 2))
def rows(a):
    return sum([np.sum(row) ** 2 for row in a])


@program(normal(4))
def stack_of_comprehension(x):
    return np.sum(np.stack([np.sin(x * k) for k in range(3)]) ** 2)


@program(normal(4))
def concatenate_of_comprehension(x):
    return np.sum(np.concatenate([x * k for k in (1.0, 2.0)]) ** 3)


@program([0.4, 1.1, 0.7])
def conditional_element(p):
    return sum(v * v if v > 0.5 else v for v in p)


@program(normal(4))
def map_and_filter(x):
    return sum(map(math.sin, x)) + sum(filter(lambda v: v > 0, x))


@program([0.7, 0.3, 1.2])
def sorted_list(p):
    q = sorted(p)
    return q[0] + 2.0 * q[1] + 3.0 * q[2] ** 2


@program(0.3, 0)
def empty_sum(x, n):
    return sum([x * i for i in range(n)]) + x


@program([0.7, 0.3, 1.2])
def sum_with_start(p):
    return sum(p, p[0] * p[0])


@program(0.3)
def product_by_math(x):
    factors = [x + k for k in range(1, 4)]
    p = 1.0
    for f in factors:
        p *= f
    return p
