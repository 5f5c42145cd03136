"""From the core that the adjoint emits to the text of the emission targets: comments and temporaries' names aside."""

import textwrap
from math import sqrt

import numpy as np
import pytest

from s2sad.passes.fuse import fuse
from s2sad.passes.name import name
from s2sad.passes.own import own
from s2sad.passes.prune import prune
from s2sad.passes.simplify import simplify
from s2sad.testing.core import core, runnable, source

PASSES = (simplify, prune, fuse, name, own)
CONSTANTS = {"sqrt": sqrt, "h": 20.0, "d": 10.0, "v1": 0.7, "v2": 0.3, "v3": 0.45}

CROSSING = """
def f(x1, x2, result_bar=1.0):
    # forward sweep
    t = x1 ** 2
    t__v1 = t + d ** 2
    t__v2 = sqrt(t__v1)
    t__v3 = t__v2 / v1
    t__v4 = x2 ** 2
    t__v5 = t__v4 + d ** 2
    t__v6 = sqrt(t__v5)
    t__v7 = t__v6 / v2
    t__v8 = t__v3 + t__v7
    t__v9 = h - x1
    t__v10 = t__v9 - x2
    t__v11 = t__v10 ** 2
    t__v12 = t__v11 + d ** 2
    t__v13 = sqrt(t__v12)
    t__v14 = t__v13 / v3
    t__v15 = t__v8 + t__v14
    # reverse sweep
    t_bar = result_bar
    t_bar__v1 = t_bar
    t_bar__v2 = t_bar
    t_bar__v3 = t_bar__v2 / v3
    t_bar__v4 = t_bar__v3 / (2.0 * t__v13)
    t_bar__v6 = t_bar__v4 * (2 * t__v10)
    t_bar__v7 = t_bar__v6
    x2_bar = -t_bar__v6
    x1_bar = -t_bar__v7
    t_bar__v10 = t_bar__v1 / v2
    t_bar__v11 = t_bar__v10 / (2.0 * t__v6)
    x2_bar__v1 = x2_bar + t_bar__v11 * (2 * x2)
    t_bar__v13 = t_bar__v1 / v1
    t_bar__v14 = t_bar__v13 / (2.0 * t__v2)
    x1_bar__v1 = x1_bar + t_bar__v14 * (2 * x1)
    return x1_bar__v1, x2_bar__v1
"""
CROSSING_CLEAN = """
def f(x1, x2, result_bar=1.0):
    # forward sweep
    t = sqrt(x1**2 + d**2)
    t_1 = sqrt(x2**2 + d**2)
    t_2 = h - x1 - x2
    t_3 = sqrt(t_2**2 + d**2)
    # reverse sweep
    t_bar = result_bar / v3 / t_3 * t_2
    x2_bar = result_bar / v2 / t_1 * x2 - t_bar
    x1_bar = result_bar / v1 / t * x1 - t_bar
    return x1_bar, x2_bar
"""

ITERATE = """
def f(x, n, result_bar=1.0):
    # forward sweep
    s = 0.5
    s_tape = []
    s__v1 = s
    for i in range(n):
        s_tape.append(s__v1)
        t = s__v1 * x
        t__v1 = np.sin(s__v1)
        t__v2 = t + t__v1
        s__v1 = t__v2
    # reverse sweep
    x_bar = 0.0
    s_bar__v1 = result_bar
    x_bar__v1 = x_bar
    for i__v1 in range(n - 1, -1, -1):
        s__v2 = s_tape[i__v1]
        t_bar = s_bar__v1
        t_bar__v1 = s_bar__v1
        x_bar__v2 = x_bar__v1 + t_bar * s__v2
        s_bar__v2 = t_bar * x
        s_bar__v3 = s_bar__v2 + t_bar__v1 * np.cos(s__v2)
        x_bar__v1 = x_bar__v2
        s_bar__v1 = s_bar__v3
    return x_bar__v1
"""
ITERATE_CLEAN = """
def f(x, n, result_bar=1.0):
    # forward sweep
    s = 0.5
    s_tape = []
    for i in range(n):
        s_tape.append(s)
        s = s * x + np.sin(s)
    # reverse sweep
    x_bar = 0.0
    s_bar = result_bar
    for i in range(n - 1, -1, -1):
        s = s_tape[i]
        x_bar += s_bar * s
        s_bar = s_bar * x + s_bar * np.cos(s)
    return x_bar
"""

NEWTON = """
def f(a, result_bar=1.0):
    # forward sweep
    y = a
    y_tape = []
    y__v1 = y
    while True:
        y_tape.append(y__v1)
        t = a / y__v1
        t__v1 = y__v1 + t
        y_next = 0.5 * t__v1
        if abs(y_next - y__v1) < 1e-12:
            break
        else:
            y__v1 = y_next
    t__v2 = y_next * y_next
    t__v3 = t__v2 * a
    # reverse sweep
    t_bar = result_bar
    t_bar__v1 = t_bar * a
    a_bar = t_bar * t__v2
    y_next_bar = t_bar__v1 * y_next
    y_next_bar__v1 = y_next_bar + t_bar__v1 * y_next
    y_bar = 0.0
    a_bar__v1 = a_bar
    y_next_bar__v2 = y_next_bar__v1
    y_bar__v1 = y_bar
    for k in range(len(y_tape) - 1, -1, -1):
        y__v2 = y_tape[k]
        y_next_bar__v3 = y_next_bar__v2 + y_bar__v1
        t_bar__v2 = 0.5 * y_next_bar__v3
        t_bar__v3 = t_bar__v2
        y_bar__v2 = t_bar__v2
        a_bar__v2 = a_bar__v1 + t_bar__v3 / y__v2
        y_bar__v3 = y_bar__v2 + -t_bar__v3 * a / (y__v2 * y__v2)
        y_next_bar__v4 = 0.0
        a_bar__v1 = a_bar__v2
        y_bar__v1 = y_bar__v3
        y_next_bar__v2 = y_next_bar__v4
    a_bar__v3 = a_bar__v1 + y_bar__v1
    return a_bar__v3
"""
NEWTON_CLEAN = """
def f(a, result_bar=1.0):
    # forward sweep
    y_tape = []
    y = a
    while True:
        y_tape.append(y)
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    # reverse sweep
    a_bar = result_bar * (y_next * y_next)
    y_next_bar = 2.0 * result_bar * a * y_next
    y_bar = 0.0
    for k in range(len(y_tape) - 1, -1, -1):
        y = y_tape[k]
        t_bar = 0.5 * (y_next_bar + y_bar)
        a_bar += t_bar / y
        y_bar = t_bar - t_bar * a / (y * y)
        y_next_bar = 0.0
    return a_bar + y_bar
"""

SMOOTH = """
def f(x, result_bar=1.0):
    # forward sweep
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        t = y[i - 1]
        t__v1 = 0.5 * t
        t__v2 = x[i]
        t__v3 = t__v2 * t__v2
        t__v4 = t__v1 + t__v3
        y[i] = t__v4
    # reverse sweep
    y_bar = np.full(x.shape, result_bar)
    x_bar = np.zeros_like(x)
    for i__v1 in range(len(x) - 1, 1 - 1, -1):
        t__v5 = x[i__v1]
        t_bar = y_bar[i__v1]
        t_bar__v1 = t_bar
        t_bar__v3 = 0.5 * t_bar__v1
        y_bar[i__v1 - 1] += t_bar__v3
        t_bar__v4 = t_bar * (2.0 * t__v5)
        x_bar[i__v1] += t_bar__v4
    x_bar[0] += y_bar[0]
    return x_bar
"""
SMOOTH_CLEAN = """
def f(x, result_bar=1.0):
    # reverse sweep
    y_bar = np.full(x.shape, result_bar)
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, 0, -1):
        t_bar = y_bar[i]
        y_bar[i - 1] += 0.5 * t_bar
        x_bar[i] += t_bar * (2.0 * x[i])
    x_bar[0] += y_bar[0]
    return x_bar
"""

HEAT = """
def f(u, k, steps, result_bar=1.0):
    # forward sweep
    u__v1 = u.copy()
    w_tape = []
    for t in range(steps):
        t__v1 = u__v1[2:]
        t__v2 = u__v1[1:-1]
        t__v3 = 2.0 * t__v2
        t__v4 = t__v1 - t__v3
        t__v5 = u__v1[:-2]
        t__v6 = t__v4 + t__v5
        w = np.tanh(t__v6)
        w_tape.append(w)
        t__v8 = k * w
        u__v1[1:-1] += t__v8
    t__v9 = u__v1 * u__v1
    t__v10 = np.sum(t__v9)
    # reverse sweep
    u_bar = result_bar * u__v1 + result_bar * u__v1
    k_bar = 0.0
    k_bar__v1 = k_bar
    for t__v11 in range(steps - 1, -1, -1):
        w__v1 = w_tape[t__v11]
        s_bar = u_bar[1:-1]
        k_bar__v2 = k_bar__v1 + np.sum(s_bar * w__v1)
        t_bar__v1 = k * s_bar
        z_bar = t_bar__v1 * (1.0 - w__v1 * w__v1)
        u_bar[2:] += z_bar
        t_bar__v3 = -z_bar
        u_bar[1:-1] += 2.0 * t_bar__v3
        u_bar[:-2] += z_bar
        k_bar__v1 = k_bar__v2
    return u_bar, k_bar__v1
"""
HEAT_CLEAN = """
def f(u, k, steps, result_bar=1.0):
    # forward sweep
    u = u.copy()
    w_tape = []
    for t in range(steps):
        w = np.tanh(u[2:] - 2.0 * u[1:-1] + u[:-2])
        w_tape.append(w)
        u[1:-1] += k * w
    # reverse sweep
    u_bar = 2.0 * result_bar * u
    k_bar = 0.0
    for t in range(steps - 1, -1, -1):
        w = w_tape[t]
        s_bar = u_bar[1:-1]
        k_bar += np.sum(s_bar * w)
        z_bar = k * s_bar * (1.0 - w * w)
        u_bar[2:] += z_bar
        u_bar[1:-1] -= 2.0 * z_bar
        u_bar[:-2] += z_bar
    return u_bar, k_bar
"""

VIEW = """
def f(x, result_bar=1.0):
    # forward sweep
    y = 2.0 * x
    tail = y[1:]
    tail_tape = tail.copy()
    t = x[:-1]
    tail[...] *= t
    t__v1 = y * y
    t__v2 = np.sum(t__v1)
    # reverse sweep
    y_bar = result_bar * y + result_bar * y
    x_bar = np.zeros_like(x)
    tail_bar = y_bar[1:]
    t_bar = tail_bar * tail_tape
    x_bar[:-1] += t_bar
    tail_bar[...] *= t
    x_bar__v1 = x_bar + 2.0 * y_bar
    return x_bar__v1
"""
VIEW_CLEAN = """
def f(x, result_bar=1.0):
    # forward sweep
    y = 2.0 * x
    tail = y[1:]
    tail_tape = tail.copy()
    t = x[:-1]
    tail *= t
    # reverse sweep
    y_bar = 2.0 * result_bar * y
    x_bar = np.zeros_like(x)
    tail_bar = y_bar[1:]
    x_bar[:-1] += tail_bar * tail_tape
    tail_bar *= t
    return x_bar + 2.0 * y_bar
"""

MLP = """
def f(params, x, target, result_bar=1.0):
    # forward sweep
    t = params["hidden"]
    y, layer_saved = layer_forward(t, x)
    t__v2 = params["out"]
    out = y @ t__v2
    t__v3 = out - target
    t__v4 = t__v3 ** 2
    t__v5 = np.mean(t__v4)
    # reverse sweep
    t_bar = result_bar
    t_bar__v1 = t_bar / t__v4.size
    t_bar__v2 = t_bar__v1 * (2 * t__v3)
    out_bar = t_bar__v2
    t_bar__v4 = out_bar @ t__v2.T
    t_bar__v3 = y.T @ out_bar
    t_bar__v5 = layer_reverse(layer_saved, t, x, t_bar__v4)
    params_bar = {"hidden": t_bar__v5, "out": t_bar__v3}
    return params_bar
"""
MLP_CLEAN = """
def f(params, x, target, result_bar=1.0):
    # forward sweep
    y, layer_saved = layer_forward(params["hidden"], x)
    out = y @ params["out"]
    # reverse sweep
    t_bar = result_bar / out.size * (2 * (out - target))
    t_bar_1 = layer_reverse(layer_saved, params["hidden"], x, t_bar @ params["out"].T)
    return {"hidden": t_bar_1, "out": y.T @ t_bar}
"""


def layer_forward(p, x):
    y = np.tanh(x @ p["w"] + p["b"])
    return y, y


def layer_reverse(y, p, x, y_bar):
    z_bar = y_bar * (1.0 - y * y)
    return {"w": x.T @ z_bar, "b": np.sum(z_bar, axis=0)}


LAYERS = {"layer_forward": layer_forward, "layer_reverse": layer_reverse}
numbers = np.random.default_rng(3)
WEIGHTS = {"hidden": {"w": numbers.normal(size=(3, 4)), "b": numbers.normal(size=4)}, "out": numbers.normal(size=(4, 2))}

CASES = {
    "crossing": (CROSSING, CROSSING_CLEAN, (2.0, 17.0), CONSTANTS),
    "iterate": (ITERATE, ITERATE_CLEAN, (0.4, 7), {}),
    "newton_sqrt": (NEWTON, NEWTON_CLEAN, (3.3,), {}),
    "smooth": (SMOOTH, SMOOTH_CLEAN, (numbers.normal(size=9),), {}),
    "heat": (HEAT, HEAT_CLEAN, (numbers.normal(size=12), 0.3, 5), {}),
    "through_view": (VIEW, VIEW_CLEAN, (numbers.normal(size=6),), {}),
    "mlp_loss": (MLP, MLP_CLEAN, (WEIGHTS, numbers.normal(size=(5, 3)), numbers.normal(size=(5, 2))), LAYERS),
}


def flat(value):
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in flat(value[key])]
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in flat(item)]
    return [np.asarray(value)]


@pytest.mark.parametrize("case", CASES)
def test_target(case):
    text, clean_text, args, objects = CASES[case]
    parts = (core("def layer_forward(): pass"), core("def layer_reverse(): pass"))
    program = core(text, *args, parts=parts, **objects)
    expected = flat(runnable(program, **objects)(*args))
    for clean in PASSES:
        program = clean(program)
        result = flat(runnable(program, **objects)(*args))
        assert all(np.allclose(a, b, rtol=1e-12) for a, b in zip(result, expected)), clean.__name__
    assert source(program) == textwrap.dedent(clean_text).lstrip("\n")
