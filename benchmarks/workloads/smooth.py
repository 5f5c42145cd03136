"""An element-wise recurrence in place, 2,000 items: item reads and writes are all there is."""

import numpy as np

from benchmarks.workload import Workload


def smooth(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i] * x[i]
    return np.sum(y)


def by_hand(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        t = x[i]
        y[i] = 0.5 * y[i - 1] + t * t
    y_bar = np.ones_like(x)
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, 0, -1):
        t = y_bar[i]
        y_bar[i - 1] += 0.5 * t
        x_bar[i] = t * (2.0 * x[i])
    x_bar[0] = y_bar[0]
    return y.sum(), (x_bar,)


def by_hand_scalars(x):
    items = x.tolist()
    y = last = items[0]
    for t in items[1:]:
        last = 0.5 * last + t * t
        y += last
    x_bar = [0.0] * len(items)
    t_bar = 1.0
    for i in range(len(items) - 1, 0, -1):
        x_bar[i] = t_bar * (2.0 * items[i])
        t_bar = 1.0 + 0.5 * t_bar
    x_bar[0] = t_bar
    return y, (np.array(x_bar),)


def arguments(small):
    return (np.random.default_rng(1).normal(size=8 if small else 2_000),)


WORKLOAD = Workload(smooth, by_hand, arguments, kinds={"scalar loop", "loop"}, by_hand_scalars=by_hand_scalars)
