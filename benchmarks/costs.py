"""``python -m benchmarks costs``: what spellings of the same thing cost, the table that the emitter is designed by."""

from __future__ import annotations

import argparse
import json
import math
import timeit
from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks.machine import environment
from s2sad import grad
from s2sad.runtime.arrays import unbroadcast

_rng = np.random.default_rng(0)


def _f(p: float) -> float:
    return p * p


_derivative = grad(_f)
_derivative.specialize(2.0)
_emitted: dict[str, Any] = {"math": math, "np": np}
exec(_derivative.source, _emitted)

SCOPE: dict[str, Any] = {
    "np": np,
    "math": math,
    "p": 1.25,
    "q": np.float64(1.25),
    "i": 1,
    "j": 2,
    "s": _rng.normal(size=3),
    "u": _rng.normal(size=64),
    "x": _rng.uniform(1.0, 2.0, 10_000),
    "y": _rng.uniform(1.0, 2.0, 10_000),
    "g": _rng.normal(size=(64, 64)),
    "z": _rng.normal(size=(2_000, 8, 2)),
    "M": _rng.normal(size=(8, 8)),
    "L": _rng.normal(size=(8, 8)).tolist(),
    "tape": [0.5] * 100,
    "tuples": [(0.5, 0.5, 0.5, 0.5)] * 100,
    "taped": np.full(100, 0.5),
    "unbroadcast": unbroadcast,
    "df": _derivative,
    "df_emitted": _emitted["_f_grad"],
    "inspect_bind": __import__("inspect").signature(_f).bind,
}

TOPICS: dict[str, tuple[str, ...]] = {
    "sum of 64": ("np.sum(u)", "u.sum()", "np.add.reduce(u)"),
    "sum of 10,000": ("np.sum(x)", "x.sum()", "np.add.reduce(x)"),
    "sum over an axis, 64 x 64": ("np.sum(g, axis=0)", "g.sum(axis=0)", "np.add.reduce(g, 0)"),
    "sum over the last axis, 64 x 64": ("np.sum(g, axis=1)", "g.sum(axis=1)", "np.add.reduce(g, 1)"),
    "mean of 64": ("np.mean(u)", "u.mean()", "u.sum() / u.size"),
    "sum of products, 10,000": ("np.sum(x * y)", "(x * y).sum()", "np.dot(x, y)", "x @ y"),
    "sum of products over the last axis, 2,000 x 8 x 2": (
        "(z * z).sum(axis=2)", 'np.einsum("ijk,ijk->ij", z, z)', "z[:, :, 0] * z[:, :, 0] + z[:, :, 1] * z[:, :, 1]",
    ),
    "sum of products over the first axis, 2,000 x 8 x 2": (
        "(z * z).sum(axis=0)", 'np.einsum("ijk,ijk->jk", z, z)',
    ),
    "square, 10,000": ("x**2", "x * x", "np.square(x)"),
    "cube, 10,000": ("x**3", "x * x * x"),
    "square of a float": ("p**2", "p * p"),
    "cube of a float": ("p**3", "p * p * p"),
    "negated factor, 10,000": ("-(x * y)", "-x * y", "-1.0 * (x * y)"),
    "two constants, 10,000": ("x * 0.5 * 2.0", "(0.5 * 2.0) * x"),
    "roll of 64": ("np.roll(u, 1)", "np.concatenate((u[-1:], u[:-1]))"),
    "roll, 64 x 64": ("np.roll(g, 1, axis=1)", "np.concatenate((g[:, -1:], g[:, :-1]), axis=1)"),
    "outer product, 64": ("np.outer(u, u)", "u[:, None] * u", "np.multiply.outer(u, u)"),
    "vector times matrix, 64": ("g.T @ u", "u @ g", "np.dot(u, g)"),
    "sine of a float": ("np.sin(p)", "math.sin(p)"),
    "sine of a NumPy float": ("np.sin(q)", "math.sin(q)"),
    "product of scalars": ("q * q", "p * q", "p * p"),
    "item": ("s[1]", "M[i, j]", "M[i][j]", "L[i][j]", "M.item(i, j)"),
    "item stored": ("M[i, j] = p", "L[i][j] = p"),
    "item added to": ("M[i, j] += p", "L[i][j] += p"),
    "three items": ("a, b, c = s", "a = s[0]; b = s[1]; c = s[2]", "a, b, c = s.tolist()"),
    "array of three floats": ("np.array([p, p, p])", "np.array((p, p, p))"),
    "new array like 64": (
        "np.zeros_like(u)", "np.zeros(64)", "np.zeros(u.shape)", "np.empty_like(u)", "np.empty(64)",
        "np.full(u.shape, 1.0)", "np.ones_like(u)", "u.copy()", "np.copy(u)",
    ),
    "first contribution, 64": ("a = np.zeros_like(u); a += u", "a = u + 0.0", "a = u.copy()", "a = u * p"),
    "tie of a maximum, 10,000": ("np.where(x == 1.5, 0.5, x > 1.5)", "(x > 1.5) + 0.5 * (x == 1.5)"),
    "tape of 100 floats": (
        "t = []\nfor k in range(100): t.append(p)",
        "t = np.empty(100)\nfor k in range(100): t[k] = p",
        "t = [0.0] * 100\nfor k in range(100): t[k] = p",
    ),
    "four tapes of 100 floats": (
        "a = []; b = []; c = []; d = []\nfor k in range(100): a.append(p); b.append(p); c.append(p); d.append(p)",
        "a = []\nfor k in range(100): a.append((p, p, p, p))",
    ),
    "100 floats read back": (
        "for k in range(99, -1, -1): a = tape[k]", "for a in reversed(tape): pass",
        "for k in range(99, -1, -1): a = taped[k]",
    ),
    "100 times four floats read back": (
        "for k in range(99, -1, -1): a = tape[k]; b = tape[k]; c = tape[k]; d = tape[k]",
        "for k in range(99, -1, -1): a, b, c, d = tuples[k]", "for a, b, c, d in reversed(tuples): pass",
    ),
    "un-broadcast of 64, nothing to do": ("unbroadcast(u, u)", "u if u.shape == u.shape else unbroadcast(u, u)"),
    "dispatch": ("df_emitted(p)", "df(p)", "inspect_bind(p)"),
}  # fmt: skip


def nanoseconds(statements: Iterable[str], rounds: int = 31, seconds: float = 0.001) -> dict[str, float]:
    """The least time of each statement, in turns, without the loop around it."""
    timers = {text: timeit.Timer(text, globals=dict(SCOPE)) for text in ("pass", *statements)}
    counts = {}
    for text, timer in timers.items():
        number = 1
        while (elapsed := timer.timeit(number)) < seconds / 4:
            number *= 4
        counts[text] = max(1, round(number * seconds / elapsed))
    least = dict.fromkeys(timers, math.inf)
    for _ in range(rounds):
        for text, timer in timers.items():
            least[text] = min(least[text], 1e9 * timer.timeit(counts[text]) / counts[text])
    empty = least.pop("pass")
    return {text: float(f"{max(0.0, best - empty):.3g}") for text, best in least.items()}


def main(options: argparse.Namespace) -> int:
    """Print a JSON line for each topic."""
    unknown = [name for name in options.names if name not in TOPICS]
    if unknown:
        raise SystemExit(f"no topic {', '.join(unknown)}: choose from {', '.join(TOPICS)}")
    machine = environment()
    for name in options.names or TOPICS:
        print(json.dumps({"cost": name, "ns": nanoseconds(TOPICS[name])} | {"environment": machine}), flush=True)
    return 0
