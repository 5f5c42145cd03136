"""An argument that is an item of a dict which is written to was copied like an array (seed 5010186)."""

import math

N = 0


def f(a, b):
    d = dict(zip(["p", "q"], [b, math.tanh(a)]))
    try:
        b = math.tanh(1.0 / N * 0.8)
    except ZeroDivisionError:
        d = {k: d[k] * 0.8 for k in sorted(d)}
    if N < 1:
        for _ in range(2):
            d["q"] += 0.2 * b
    return sum(d.values()) * b


POINT = (0.405, 1.088)
