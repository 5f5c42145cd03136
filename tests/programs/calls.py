"""Calls of user functions: positional, keyword, defaults, `*args`, `**kwargs`, several results, loops inside."""

import math

import numpy as np

from tests.programs.corpus import normal, program

GRAVITY = 9.81


def square(x):
    return x * x


def product_and_sum(x, y):
    return x * y, x + y


def scaled(x, factor=2.0, *, offset=0.0):
    return x * factor + offset


def damped(x, n):
    s = x
    for i in range(n):
        s = s * math.cos(s)
    return s


def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def total(*values):
    s = 0.0
    for v in values:
        s = s + v * v
    return s


def weighted(**weights):
    s = 0.0
    for key, value in weights.items():
        s = s + value * len(key)
    return s


def layer(p, x):
    return np.tanh(x @ p["w"] + p["b"])


def normalise(v):
    return v / np.sqrt(np.sum(v * v))


@program(0.7, 1.2)
def simple(x, y):
    return square(x) * square(y)


@program(0.7, 1.2)
def two_results(x, y):
    p, s = product_and_sum(x, y)
    return p * s


@program(0.7, 1.2)
def one_of_two_results(x, y):
    p, _ = product_and_sum(x, y)
    return p * x


@program(0.7, 1.2)
def keywords(x, y):
    return scaled(x) + scaled(x, y) + scaled(x, offset=y) + scaled(factor=x, x=y)


@program(0.7, 5)
def callee_with_loop(x, n):
    return damped(x, n) * damped(x * x, n)


@program(0.7, also=[(-2.0,), (4.0,)])
def callee_with_early_return(x):
    return clamp(x, -1.0, 2.0) * x


@program(0.7, 1.2)
def callee_in_loop(x, y):
    s = x
    for i in range(4):
        s = damped(s * y, 2) + s
    return s


@program(0.7, 1.2)
def callee_in_branch(x, y):
    if x < y:
        return damped(x, 3)
    return square(y)


@program(0.7, 1.2, 0.3)
def variadic(x, y, z):
    return total(x, y, z) + total(x)


@program([0.7, 1.2, 0.3])
def unpacked_arguments(p):
    return total(*p) * total(p[0], *p[1:])


@program(0.7, 1.2)
def keyword_variadic(x, y):
    return weighted(a=x, bb=y * x)


@program({"x": 0.7, "factor": 1.2})
def unpacked_keywords(p):
    return scaled(**p, offset=1.0)


@program(0.7, 1.2)
def active_and_constant(x, y):
    return scaled(3.0, x) * scaled(y, 2.0)


@program(0.7)
def global_constant(x):
    return GRAVITY * x * x


@program(
    {"hidden": {"w": normal(3, 4), "b": normal(4)}, "out": normal(4, 2)}, normal(5, 3), normal(5, 2), wrt=0
)
def mlp_loss(params, x, target):
    out = layer(params["hidden"], x) @ params["out"]
    return np.mean((out - target) ** 2)


@program(normal(3), normal(3))
def array_callee(x, y):
    return np.sum(normalise(x) * normalise(y))


@program(normal(3), 0.8)
def scalar_and_array_call(x, s):
    return np.sum(square(x)) * square(s)


@program(0.7)
def call_of_call(x):
    return square(damped(square(x), 2))


@program(0.7)
def callee_result_unused(x):
    damped(x, 3)
    return x * x


@program(0.7, 1.2)
def callee_given_same_twice(x, y):
    p, s = product_and_sum(x, x)
    return p * s * y


@program(0.7, 1.2)
def result_tuple_indexed(x, y):
    return product_and_sum(x, y)[1] * product_and_sum(y, x)[0]


def _private_rate(t, k):
    return -k * t + math.sin(t)


@program(0.7, 0.4)
def euler(y, k):
    for i in range(5):
        y = y + 0.1 * _private_rate(y, k)
    return y


def lorenz(state, sigma, rho, beta):
    x, y, z = state
    return sigma * (y - x), x * (rho - z) - y, x * y - beta * z


def shifted(state, rate, dt):
    return tuple(s + dt * r for s, r in zip(state, rate))


@program((1.0, 0.5, 0.8), 10.0, 28.0, 8.0 / 3.0)
def lorenz_midpoint(state, sigma, rho, beta):
    dt = 0.01
    for i in range(5):
        half = shifted(state, lorenz(state, sigma, rho, beta), 0.5 * dt)
        state = shifted(state, lorenz(half, sigma, rho, beta), dt)
    return state[0] * state[1] + state[2]


class Oscillator:
    """A plain object with a method; it is not differentiated through."""

    stiffness = 3.0

    def energy(self, q, p):
        return 0.5 * p * p + 0.5 * self.stiffness * q * q


OSCILLATOR = Oscillator()


@program(0.7, 0.2)
def method_of_global(q, p):
    return OSCILLATOR.energy(q, p)


@program(0.7)
def static_call_in_default(x, f=math.sin):
    return f(x) * x


@program(0.7, 3)
def integer_result(x, n):
    def half(k):
        return k // 2

    return x ** half(n + 3)
