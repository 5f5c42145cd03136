"""Aligning sequences: soft dynamic time warping with a choice of distances, and a barycentre's objective."""

import itertools
import math

import numpy as np

DISTANCES = {
    "square": lambda a, b: (a - b) ** 2,
    "huber": lambda a, b: math.sqrt(1.0 + (a - b) ** 2) - 1.0,
    "relative": lambda a, b: (a - b) ** 2 / (1.0 + a * a + b * b),
}


def soft_minimum(values, gamma):
    """A smooth minimum; the exact one for no smoothing."""
    if gamma == 0.0:
        return min(values)
    least = min(values)
    return least - gamma * math.log(sum(math.exp(-(v - least) / gamma) for v in values))


def cost_matrix(x, y, kind):
    """The distances between all elements."""
    try:
        distance = DISTANCES[kind]
    except KeyError:
        raise ValueError(f"unknown distance {kind!r}; known are {sorted(DISTANCES)}") from None
    costs = np.zeros((len(x), len(y)))
    for (i, a), (j, b) in itertools.product(enumerate(x), enumerate(y)):
        costs[i, j] = distance(a, b)
    return costs


def soft_dtw(x, y, gamma=0.1, kind="square", band=None):
    """The cost of the best alignment; with `band`, elements far apart in time are not aligned."""
    costs = cost_matrix(x, y, kind)
    n, m = len(x), len(y)
    table = np.full((n + 1, m + 1), 1e6)
    table[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            if band is not None and abs(i - j) > band:
                continue
            before = (table[i - 1, j], table[i, j - 1], table[i - 1, j - 1])
            table[i, j] = costs[i - 1, j - 1] + soft_minimum(before, gamma)
    return table[n, m]


def divergence(x, y, **options):
    """The cost less that of aligning each sequence with itself: zero for equal sequences."""
    own = sum(soft_dtw(z, z, **options) for z in (x, y))
    return soft_dtw(x, y, **options) - 0.5 * own


def barycentre_objective(centre, sequences, weights, *, gamma=0.1, kind="huber"):
    """What the mean of sequences minimises, with a penalty on jumps."""
    terms = (weight * divergence(centre, other, gamma=gamma, kind=kind) for weight, other in zip(weights, sequences))
    jumps = sum((b - a) ** 2 for a, b in itertools.pairwise(centre))
    return sum(terms) + 0.01 * jumps
