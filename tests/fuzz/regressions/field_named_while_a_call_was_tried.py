"""A field of an argument first read while the arguments of a call were tried: its name was given twice (seed 5030130)."""

import math


class Cell:
    def __init__(self, u, v):
        self.u, self.v = u, v * 0.8


def scaled(v, *, by=0.5, **rest):
    return v * by + sum(rest.values())


def f(a, p):
    setattr(p, "v", math.tanh(scaled(p.v * 0.3, by=math.sin(a))))
    return 3 * p.u * p.v + a


POINT = (0.599, Cell(0.43, 0.62))
