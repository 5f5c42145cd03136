"""Dicts that each iteration makes anew or fills as it goes: the keys of the tangents are those of the dict."""

import math

import numpy as np

from tests.programs.corpus import normal, program


@program(normal(4), writes=True)
def forward_algorithm(x):
    moves = [[0.7, 0.3], [0.4, 0.6]]
    alpha = {s: math.log(0.5) for s in (0, 1)}
    for o in x:
        new = {}
        for s in (0, 1):
            terms = [alpha[r] + math.log(moves[r][s]) for r in (0, 1)]
            m = max(terms)
            new[s] = m + math.log(sum(math.exp(t - m) for t in terms)) - (o - s) ** 2
        alpha = new
    m = max(alpha.values())
    return m + math.log(sum(math.exp(v - m) for v in alpha.values()))


@program(normal(3), writes=True)
def value_iteration(x):
    values = {s: 0.0 for s in range(3)}
    for _ in range(3):
        new = dict(values)
        for s in values:
            new[s] = max(x[s] + 0.9 * values[(s + 1) % 3], 0.1 * values[s])
        values = new
    return sum(v * v for v in values.values())


@program(normal(4), writes=True)
def numbers_as_keys_are_numbers(x):
    alpha = {0: 0.5, 1: 0.7}
    for o in x:
        new = {}
        for s in alpha:
            new[s] = alpha[s] * o + s
        alpha = new
    return alpha[0] * alpha[1]


@program(normal(4), writes=True)
def arrays_that_a_loop_replaces(x):
    w = {"a": np.zeros(4), "b": np.ones(4)}
    for _ in range(3):
        w = {key: v - 0.1 * (v - x) for key, v in w.items()}
    return np.sum(w["a"] * w["b"])


@program(normal(4), writes=True)
def arrays_that_are_written_on_the_way(x):
    w = {"a": np.zeros(4), "b": np.ones(4)}
    for _ in range(2):
        new = {}
        for key, v in w.items():
            v = v * x + 1.0
            v[0] = x[1]
            new[key] = v
        w = new
    return np.sum(w["a"] * w["b"])


@program(normal(4), writes=True)
def totals_by_a_key_that_may_be_new(x):
    total = {}
    for k in range(4):
        key = k % 2
        if key in total:
            total[key] += x[k] ** 2
        else:
            total[key] = x[k]
    return total[0] * total[1]


@program(normal(4), writes=True)
def totals_where_a_key_is_missed(x):
    total = {}
    for k, v in enumerate(x):
        key = "positive" if v > 0 else "negative"
        try:
            total[key] += v**2
        except KeyError:
            total[key] = v
    return sum(v * v for v in total.values())


@program(normal(2))
def distances_that_are_found(x):
    graph = {"a": {"b": 1.0, "c": 2.0}, "b": {"c": 0.5}, "c": {}}
    distance = {"a": 0.0}
    for node in ("a", "b", "c"):
        for other, w in graph[node].items():
            d = distance[node] + w * x[0] ** 2
            if other not in distance or d < distance[other]:
                distance[other] = d
    return distance["c"] * x[1]
