"""Terrain crossing: a scalar function of three terms, a microsecond long, so that overhead is all there is."""

from math import sqrt

from benchmarks.workload import Workload

h, d = 20.0, 10.0
v1, v2, v3 = 0.7, 0.3, 0.45


def crossing(x1, x2):
    return sqrt(x1**2 + d**2) / v1 + sqrt(x2**2 + d**2) / v2 + sqrt((h - x1 - x2) ** 2 + d**2) / v3


def by_hand(x1, x2):
    dd = d * d
    t = h - x1 - x2
    r1 = sqrt(x1 * x1 + dd)
    r2 = sqrt(x2 * x2 + dd)
    r3 = sqrt(t * t + dd)
    t_bar = t / (v3 * r3)
    return r1 / v1 + r2 / v2 + r3 / v3, (x1 / (v1 * r1) - t_bar, x2 / (v2 * r2) - t_bar)


def arguments(small):
    return 2.0, 17.0


WORKLOAD = Workload(crossing, by_hand, arguments, wrt=(0, 1))
