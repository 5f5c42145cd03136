"""The Game of Life with soft rules on 64 x 64 cells that wrap around, 20 generations: `np.roll` and sigmoids."""

import numpy as np

from benchmarks.workload import Workload


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def neighbours(grid):
    rows = np.roll(grid, 1, axis=0) + grid + np.roll(grid, -1, axis=0)
    return np.roll(rows, 1, axis=1) + rows + np.roll(rows, -1, axis=1) - grid


def soft_life(grid, target, generations):
    for _ in range(generations):
        s = neighbours(grid) + 0.5 * grid
        grid = sigmoid(4.0 * (s - 2.25)) * sigmoid(4.0 * (3.75 - s))
    return np.sum((grid - target) ** 2)


def box(grid):
    """The sums over 3 x 3 cells, in slices: its own transpose."""
    tall = np.concatenate((grid[-1:], grid, grid[:1]))
    rows = tall[:-2] + grid + tall[2:]
    wide = np.concatenate((rows[:, -1:], rows, rows[:, :1]), axis=1)
    return wide[:, :-2] + rows + wide[:, 2:]


def by_hand(grid, target, generations):
    tape = []
    for _ in range(generations):
        s = box(grid) - 0.5 * grid
        p = 1.0 / (1.0 + np.exp(9.0 - 4.0 * s))
        q = 1.0 / (1.0 + np.exp(4.0 * s - 15.0))
        grid = p * q
        tape.append((p, q, grid))
    miss = grid - target
    grid_bar = 2.0 * miss
    for k in range(generations - 1, -1, -1):
        p, q, grid = tape[k]
        s_bar = 4.0 * (grid_bar * grid * (q - p))
        grid_bar = box(s_bar) - 0.5 * s_bar
    return (miss * miss).sum(), (grid_bar,)


def arguments(small):
    n, generations = (5, 2) if small else (64, 20)
    rng = np.random.default_rng(12)
    return rng.uniform(size=(n, n)), rng.uniform(size=(n, n)), generations


WORKLOAD = Workload(soft_life, by_hand, arguments, kinds={"loop", "stencil"})
