"""Tuples, lists, dicts and NamedTuples as arguments, as intermediates and as results of calls."""

import math
from collections import namedtuple
from typing import NamedTuple

import numpy as np

from tests.programs.corpus import normal, program


class Spring(NamedTuple):
    stiffness: float
    rest: float


Point = namedtuple("Point", "x y")


@program((0.3, 1.2))
def tuple_argument(p):
    return p[0] * p[1] + p[0]


@program([0.3, 1.2, -0.7])
def list_argument(p):
    return p[0] * p[1] * p[-1] + p[2]


@program([[0.3, 1.2], [0.5, -0.7]])
def nested_list(p):
    return p[0][0] * p[1][1] - p[0][1] * p[1][0]


@program({"w": 0.3, "b": 1.2}, 0.8)
def dict_argument(p, x):
    return math.tanh(p["w"] * x + p["b"])


@program({"layer": {"w": normal(3, 2), "b": normal(2)}, "scale": 1.5}, normal(3))
def dict_of_dicts(p, x):
    return p["scale"] * np.sum(np.tanh(x @ p["layer"]["w"] + p["layer"]["b"]))


@program([normal(3), normal(3)])
def list_of_arrays(p):
    return np.sum(p[0] * p[1]) + np.sum(p[0])


@program([(normal(3, 2), normal(2)), (normal(2, 2), normal(2))], normal(3))
def list_of_layers(layers, x):
    for w, b in layers:
        x = np.tanh(x @ w + b)
    return np.sum(x)


@program(Spring(2.0, 0.5), 1.3)
def named_tuple(spring, x):
    return 0.5 * spring.stiffness * (x - spring.rest) ** 2


@program(Point(0.4, 1.1))
def named_tuple_unpacked(p):
    x, y = p
    return x * y + p.x


@program(0.4, 1.1)
def tuple_built(x, y):
    p = (x * y, x + y)
    return p[0] * p[1]


@program(0.4, 1.1)
def list_built(x, y):
    p = [x * y, x + y, 3.0]
    return p[0] * p[1] * p[2] + p[-2]


@program(0.4, 1.1)
def dict_built(x, y):
    p = {"product": x * y, "sum": x + y}
    return p["product"] * p["sum"]


@program(0.4, 1.1)
def named_tuple_built(x, y):
    s = Spring(x, rest=y)
    return s.stiffness * s.rest + s[0]


@program(0.4, 1.1)
def nested_unpacking(x, y):
    (a, b), c = (x, y), x * y
    [d, e] = [a * c, b]
    return a * b * c + d * e


@program([0.4, 1.1, 2.0, -0.3])
def starred_unpacking(p):
    first, *rest = p
    *init, last = rest
    return first * last + init[0] * init[1]


@program((0.4, 1.1))
def returned_pair(p):
    def rotate(a, b):
        return a * 0.8 - b * 0.6, a * 0.6 + b * 0.8

    u, v = rotate(*p)
    return u * v * v


@program(0.4, 1.1)
def tuple_concatenated(x, y):
    p = (x,) + (y, x * y)
    return p[2] * p[1] + p[0] * len(p)


@program([0.4, 1.1, 0.7, -0.2])
def list_sliced(p):
    q = p[1:3]
    return q[0] * q[1] + p[::2][1]


@program([0.4, 1.1, 0.7])
def list_reversed(p):
    q = p[::-1]
    return q[0] * q[0] + q[2]


@program([0.4, 1.1, 0.7])
def array_of_list(p):
    v = np.array(p)
    return np.sum(v * v * v)


@program(0.4, 1.1)
def array_of_expressions(x, y):
    v = np.array([x * y, x + y, 1.0])
    return np.sum(v * v)


@program(0.4, 1.1)
def matrix_of_expressions(a, b):
    m = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    v = np.array([b, 2.0])
    w = m @ v
    return w[0] * w[1]


@program([0.4, 1.1, 0.7])
def aggregated_list(p):
    return sum(p) * max(p) + min(p) * len(p)


@program((0.4, {"a": 1.1, "b": [0.7, 2.0]}))
def deep_mixture(p):
    q = p[1]
    return p[0] * q["a"] + q["b"][0] * q["b"][1]


@program(0.4, 1.1)
def pair_in_loop(x, y):
    state = (x, y)
    for i in range(4):
        state = (state[1], math.sin(state[0]) + state[1] * 0.5)
    return state[0] * state[1]


@program(0.4, 1.1)
def dict_in_loop(x, y):
    state = {"q": x, "p": y}
    for i in range(4):
        p = state["p"] - 0.1 * math.sin(state["q"])
        state = {"q": state["q"] + 0.1 * p, "p": p}
    return state["q"] * state["p"]


@program({"w": normal(2), "b": 0.3})
def dict_rebuilt(p):
    moved = {k: v * 2.0 for k, v in p.items()}
    return np.sum(moved["w"] * moved["b"])


@program({"w": normal(2), "b": normal(2)})
def dict_get(p):
    return np.sum(p.get("w") * p["b"])


@program([0.4, 1.1, 0.7])
def stacked(p):
    x, y, z = p
    return np.sum(np.stack([x, y, z]) ** 2)


@program([normal(2), normal(2)])
def list_to_matrix(rows):
    a = np.stack(rows)
    return np.sum(a @ a.T)


@program(0.5, 2.0)
def same_value_twice(x, y):
    p = [x, x, y]
    return p[0] * p[1] * p[2]


@program((normal(3), normal(3)), 0.5)
def part_unused(p, x):
    return np.sum(p[0]) * x


@program({"used": 1.5, "unused": 0.3})
def entry_unused(p):
    return p["used"] ** 2


@program([0.4, 1.1, 0.7, -0.2])
def pairwise(p):
    s = 0.0
    for a, b in zip(p[:-1], p[1:]):
        s = s + (a - b) ** 2
    return s


@program([0.4, 1.1, 0.7])
def membership(p):
    s = 0.0
    for i, v in enumerate(p):
        if i in (0, 2):
            s = s + v * v
    return s


@program([{"m": 1.0, "v": 0.3}, {"m": 2.0, "v": -0.4}])
def list_of_dicts(bodies):
    energy = 0.0
    for body in bodies:
        energy = energy + 0.5 * body["m"] * body["v"] ** 2
    return energy


@program(2.0, 3.0, 2, also=[(1.5, -0.5, 0)])
def tuple_of_a_loop_read_in_the_next(x, y, n):
    s = 0.0
    for k in range(n):
        t = x, y
        s += t[k] * t[k]
    a = x
    for k in range(n):
        a += s * t[k]
    return a


def squared_steps(p):
    return sum((p["w"][k + 1] - p["w"][k]) ** 2 for k in range(len(p["w"]) - 1))


@program({"w": [0.5, -0.2, 0.9]})
def list_in_a_dict_read_in_two_functions(p):
    total = 0.0
    for k in range(len(p["w"])):
        total = total + p["w"][k] ** 3
    return total - squared_steps(p)


@program(normal(3), writes=True)
def choice_among_the_items_of_a_list(x):
    items = []
    for value in x:
        items.append(2.0 * value)
    known = np.where([True, False, True], x, 3.0 * x)
    return np.sum(np.where(np.array(items) > 0.0, items, known))


@program(normal(3))
def choice_among_numbers_written_out(x):
    return np.sum(np.where([v > 0.0 for v in x], [v * v for v in x], -1.0))


COEFFICIENTS = (1.0, 2.0)


@program(normal(3))
def list_of_a_global_tuple(x):
    scaled = list(COEFFICIENTS)
    for k in range(len(scaled)):
        scaled[k] *= x[0]
    scaled.append(x[1])
    return sum(c * c for c in scaled)


@program(normal(3))
def list_of_a_captured_tuple(x):
    weights = (0.5, x[1], 2.0)

    def weighted(y):
        v = list(weights)
        v[1] = v[1] * y
        for k in range(3):
            v[k] += y
        return v[0] * v[1] * v[2]

    return weighted(x[0]) + weighted(x[2])
