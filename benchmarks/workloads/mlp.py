"""A three-layer network on 128 examples of 784 inputs, its parameters a dict of dicts: matrix products."""

from math import sqrt

import numpy as np

from benchmarks.workload import Workload

LAYERS = ("first", "second", "last")


def layer(p, x):
    return np.tanh(x @ p["w"] + p["b"])


def mlp(params, x, target):
    hidden = layer(params["first"], x)
    hidden = layer(params["second"], hidden)
    out = hidden @ params["last"]["w"] + params["last"]["b"]
    return np.mean((out - target) ** 2)


def flatten(params, x, target):
    return (*(params[name][key] for name in LAYERS for key in "wb"), x, target)


def by_hand_flat(w1, b1, w2, b2, w3, b3, x, target):
    a = x @ w1
    a += b1
    np.tanh(a, a)
    b = a @ w2
    b += b2
    np.tanh(b, b)
    miss = b @ w3
    miss += b3
    miss -= target
    value = (miss * miss).sum() / miss.size
    out_bar = (2.0 / miss.size) * miss
    z_bar = out_bar @ w3.T
    z_bar *= 1.0 - b * b
    y_bar = z_bar @ w2.T
    y_bar *= 1.0 - a * a
    return value, (
        x.T @ y_bar, y_bar.sum(axis=0), a.T @ z_bar, z_bar.sum(axis=0), b.T @ out_bar, out_bar.sum(axis=0)
    )  # fmt: skip


def by_hand(params, x, target):
    value, g = by_hand_flat(*flatten(params, x, target))
    return value, ({name: {"w": g[2 * k], "b": g[2 * k + 1]} for k, name in enumerate(LAYERS)},)


def arguments(small):
    batch, sizes = (3, (4, 3, 3, 2)) if small else (128, (784, 128, 128, 10))
    rng = np.random.default_rng(10)
    params = {
        name: {"w": rng.normal(size=(m, n)) / sqrt(m), "b": rng.normal(size=n)}
        for name, m, n in zip(LAYERS, sizes, sizes[1:])
    }
    return params, rng.normal(size=(batch, sizes[0])), rng.normal(size=(batch, sizes[-1]))


WORKLOAD = Workload(
    mlp,
    by_hand,
    arguments,
    kinds={"array", "blas"},
    flatten=flatten,
    by_hand_flat=by_hand_flat,
    flat_wrt=(0, 1, 2, 3, 4, 5),
)
