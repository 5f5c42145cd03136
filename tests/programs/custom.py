"""Derivative rules of the user's own, for functions, methods and functions in C, and code in the reverse sweep."""

import ctypes
import math
from functools import partial
from typing import NamedTuple

import numpy as np

import s2sad
from s2sad import custom_jvp, custom_vjp, on_reverse
from s2sad.rules import rule
from tests.programs.corpus import normal, positive, program


@custom_vjp
def softplus(x):
    return np.logaddexp(0.0, x)


def softplus_fwd(x):
    y = softplus(x)
    return y, y


def softplus_bwd(y, y_bar):
    return (y_bar * (1.0 - np.exp(-y)),)


softplus.defvjp(softplus_fwd, softplus_bwd)


@custom_vjp
def affine(params, x):
    return {"y": params["w"] @ x + params["b"], "norm": np.sum(params["w"] * params["w"])}


def affine_fwd(params, x):
    return affine(params, x), {"w": params["w"], "x": x}


def affine_bwd(saved, y_bar):
    w, x = saved["w"], saved["x"]
    w_bar = np.outer(y_bar["y"], x) + 2.0 * y_bar["norm"] * w
    return {"w": w_bar, "b": y_bar["y"]}, w.T @ y_bar["y"]


affine.defvjp(affine_fwd, affine_bwd)


@partial(custom_vjp, nondiff_argnums=(0, 2))
def newton(step, x, trips):
    for _ in range(trips):
        x = step(x)
    return x


def newton_fwd(step, x, trips):
    y = newton(step, x, trips)
    return y, (x, y)


def newton_bwd(step, trips, saved, y_bar):
    x, y = saved
    return (y_bar * 0.5**trips * np.ones_like(x),)


newton.defvjp(newton_fwd, newton_bwd)


def halved(x):
    return 0.5 * x


@custom_jvp
def cross(x, y):
    return x * x * y


@cross.defjvp
def cross_jvp(primals, tangents):
    x, y = primals
    x_dot, y_dot = tangents
    return cross(x, y), 2.0 * x * y * x_dot + x * x * y_dot


@custom_jvp
def ratio(x, y):
    return x / y


ratio.defjvps(lambda t, value, x, y: t / y, lambda t, value, x, y: -t * value / y)


@custom_jvp
def first_of(x, k):
    return x * 3.0


first_of.defjvps(lambda t, value, x, k: 3.0 * t, None)


class Layer:
    """A method and an attribute that its rule reads."""

    def __init__(self, gain):
        self.gain = gain

    def apply(self, x):
        return self.gain * np.tanh(x)


@rule(Layer.apply, static=0)
class layer_rule:
    def fwd(self, x):
        t = np.tanh(x)
        return self.gain * t, t

    def bwd(self, t, y_bar):
        return (self.gain * y_bar * (1.0 - t * t),)


layer = Layer(1.5)


erfc_in_c = ctypes.CDLL(None).erfc
erfc_in_c.argtypes, erfc_in_c.restype = [ctypes.c_double], ctypes.c_double
erfc = custom_vjp(erfc_in_c)
erfc.defvjp(
    lambda x: (erfc(x), x),
    lambda x, y_bar: (-2.0 / math.sqrt(math.pi) * math.exp(-x * x) * y_bar,),
)


class Pair(NamedTuple):
    a: float
    b: float


@custom_vjp
def turned(pair):
    return Pair(pair.b, pair.a * pair.a)


turned.defvjp(lambda pair: (Pair(pair.b, pair.a * pair.a), pair.a), lambda a, bar: (Pair(2.0 * a * bar.b, bar.a),))


@program(normal(4))
def rule_for_arrays(x):
    return np.sum(softplus(2.0 * x) * x)


@program(0.7)
def rule_for_numbers(x):
    return softplus(x * x) + x


@program({"w": normal(2, 3), "b": normal(2)}, normal(3))
def rule_with_containers(params, x):
    out = affine(params, x)
    return np.sum(out["y"] ** 2) + out["norm"]


@program({"w": normal(2, 2), "b": normal(2)}, normal(2), 3, wrt=(0, 1))
def rule_in_a_loop(params, x, n):
    for _ in range(n):
        x = np.tanh(affine(params, x)["y"])
    return np.sum(x)


@program(1.3, 4, wrt=0)
def rule_with_static_arguments(x, n):
    return newton(halved, x * x, n) * x


@program(0.6, also=[(-0.4,)])
def rule_in_a_branch(x):
    y = softplus(x) if x > 0.0 else softplus(-2.0 * x)
    return y * y


@program(1.2, 0.7)
def rule_for_the_tangent(x, y):
    return cross(x * y, y) * x


@program(1.2, 0.7)
def one_tangent_rule_per_argument(x, y):
    return ratio(x * x, y) + ratio(y, x)


@program(1.2)
def tangent_rule_for_one_argument(x):
    return first_of(x * x, 2.0)


@program(normal(3), 3, wrt=0)
def tangent_rule_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        total = total + np.sum(cross(x, x * total + 1.0))
    return total


@program(normal(3))
def rule_for_a_method(x):
    return np.sum(layer.apply(x) * x)


@program(0.4)
def rule_for_a_function_in_c(x):
    return erfc(x * x) * x


@program(0.4, 0.9)
def rule_with_named_tuples(x, y):
    p = turned(Pair(x * y, y))
    return p.a * p.b


@program(0.4, 0.9)
def rule_under_closures(x, y):
    def inner(z):
        return softplus(z * y) + cross(z, x)

    return inner(x) * inner(y)


@program(normal(3))
def rule_in_a_nested_derivative(x):
    return np.sum(s2sad.grad(lambda y: np.sum(softplus(y) * y))(x) * x)


@program(positive(3))
def result_of_a_rule_is_written(x):
    y = softplus(x)
    z = y * y
    y[0] = x[1]
    return np.sum(y * z)


# ---- code in the reverse sweep: at these points it changes nothing --------------------------------------------------
@program(normal(3))
def hook_that_clips(x):
    y = x * x
    with on_reverse(y) as y_bar:
        y_bar = np.clip(y_bar, -1e3, 1e3)
    return np.sum(y * y)


@program(normal(3), 3, wrt=0)
def hook_in_a_loop(x, n):
    s = x
    for i in range(n):
        s = np.sin(s) * 2.0
        if i % 2 == 0:
            with s2sad.on_reverse(s) as s_bar:
                norm = np.sqrt(np.sum(s_bar * s_bar))
                if norm > 1e3:
                    s_bar *= 1e3 / norm
                assert np.all(np.isfinite(s_bar)), i
    return np.sum(s * s)


@program(1.3)
def hook_of_an_array_written_in_place(x):
    y = np.zeros(3)
    y[0] = x
    y[1] = x * x
    with on_reverse(x) as x_bar, on_reverse(y) as y_bar:
        y_bar = y_bar + 0.0 * y
        x_bar = x_bar * 1.0
    y[2] = y[0] * y[1]
    return np.sum(y * y)


def squared(v):
    w = v * v
    with on_reverse(w) as w_bar:
        assert np.all(np.isfinite(w_bar))
    return w


@program(0.8)
def hook_in_a_callee(x):
    return squared(squared(x)) + squared(2.0)


@program(0.8)
def hook_of_what_nothing_uses(x):
    y = x * x
    with on_reverse(y) as y_bar:
        assert y_bar == 0.0
    return x * 3.0


@program(0.8)
def hook_without_a_name(x):
    y = x * x
    with on_reverse(y):
        print("the reverse sweep passes here")
    return y * y


@custom_vjp
def halves(params, x):
    return [params["w"] @ x + params["b"][0], params["b"][1] * np.sum(x)]


def halves_fwd(params, x):
    return halves(params, x), [params, x]


def halves_bwd(saved, bars):
    params, x = saved
    w_bar = np.outer(bars[0], x)
    return {"w": w_bar, "b": [bars[0], bars[1] * np.sum(x)]}, params["w"].T @ bars[0] + bars[1] * params["b"][1]


halves.defvjp(halves_fwd, halves_bwd)


@program({"w": normal(3, 3), "b": [normal(3), 0.6]}, normal(3))
def rule_with_lists(params, x):
    y, s = halves({"w": params["w"] ** 2, "b": [np.sin(params["b"][0]), params["b"][1]]}, x)
    return np.sum(np.sin(y)) * s


@partial(custom_vjp, nondiff_argnums=(1, -1))
def applied(x, fun, y, mode):
    return fun(x) * y


def applied_fwd(x, fun, y, mode):
    return fun(x) * y, (x, y)


def applied_bwd(fun, mode, saved, bar):
    x, y = saved
    return (bar * np.cos(x) * y if mode == "sine" else bar * y), bar * fun(x)


applied.defvjp(applied_fwd, applied_bwd)


@program(0.3, 0.7)
def static_functions_made_here(x, y):
    shift = 0.0

    def plain(t):
        return t + shift

    return applied(x * y, lambda t: np.sin(t), y, "sine") * x + applied(y, plain, x, "plain")


@custom_vjp
def doubled(y):
    return y * y


def doubled_bwd(y, bar):
    bar *= 2.0
    bar *= y
    return (bar,)


doubled.defvjp(lambda y: (y * y, y), doubled_bwd)


@program(normal(3))
def rule_that_writes_into_its_cotangent(x):
    y = x * 2.0
    return np.sum(doubled(y) * x) + np.sum(y * x)


class Gain:
    def __init__(self, k):
        self.k = k

    @custom_vjp
    def of(self, x):
        return np.sin(x) * self.k


Gain.of.defvjp(lambda self, x: (np.sin(x) * self.k, (self.k, x)), lambda saved, bar: (None, bar * np.cos(saved[1]) * saved[0]))


@program(normal(3))
def rule_for_a_method_of_an_object_made_here(x):
    gain = Gain(3.0)
    return np.sum(gain.of(x) * gain.of(2.0 * x))
