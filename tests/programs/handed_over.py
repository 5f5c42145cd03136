"""Functions that keep a body of their own: what they are given and what they return may be one and the same memory."""

import math

import numpy as np

from s2sad import checkpoint
from tests.programs.corpus import program, unit


def same(u, n):
    if n == 0:
        return u
    return same(u, n - 1)


def listed(u, n):
    if n == 0:
        return [u]
    return listed(u, n - 1) + [u * n]


def fills(xs, x, n):
    if n == 0:
        return x
    xs.append(x * n)
    return fills(xs, x * x, n - 1)


@checkpoint
def makes(x, u):
    return [u, u * x]


@checkpoint
def collects(x, u):
    out = []
    for i in range(3):
        out.append(u if i == 0 else u * x * i)
    return out


@checkpoint
def by_number(u, n):
    out = {}
    for i in range(n):
        out[i] = u
    return out


@checkpoint
def squares(d, x):
    total = 0.0
    for key in d:
        total = total + d[key] * d[key] * x
    return total


@checkpoint
def scaled(p, p_0):
    return p[0] * p_0 + p[1]


@program(unit(2), writes=True, refused="S202")
def recursive_result_read_after_its_argument_is_written(x):
    u = x * 2.0
    v = same(u, 2)
    u[0] = 5.0 * x[0]
    return np.sum(v * u)


@program(unit(2), writes=True)
def recursive_result_of_an_argument_written_before(x):
    u = x * 2.0
    u[0] = 5.0 * x[0]
    v = same(u, 2)
    return np.sum(v * u)


@program(unit(2), writes=True)
def recursive_result_is_made_again_after_each_write(x):
    u = x * 2.0
    s = 0.0
    for i in range(3):
        v = same(u, 2)
        s = s + np.sum(v * u)
        u[0] = 5.0 * x[1] * i
    return s


@program(unit(2), writes=True, refused="S202")
def recursive_result_carried_over_a_write(x):
    u = x * 2.0
    v = u * 1.0
    s = 0.0
    for i in range(3):
        s = s + np.sum(v * u)
        v = same(u, 2)
        u[0] = 5.0 * x[1] * i
    return s


@program(unit(2), writes=True, refused="S202")
def list_from_recursion_read_after_a_write(x):
    u = x * 2.0
    v = listed(u, 2)
    u[0] = 5.0 * x[0]
    return np.sum(v[0] * u) + np.sum(v[-1])


@program(0.7, unit(2), writes=True, refused="S202")
def list_from_a_checkpoint_read_after_a_write(x, w):
    u = x * w
    made = makes(x, u)
    u[0] = 5.0 * x
    return np.sum(made[0] * made[1])


@program(0.7, unit(2), writes=True, refused="S202")
def filled_list_from_a_checkpoint_read_after_a_write(x, w):
    u = x * w
    made = collects(x, u)
    u[0] = 5.0 * x
    return np.sum(made[0] * made[1])


@program(unit(2), writes=True, refused="S202")
def dict_from_a_checkpoint_read_after_a_write(x):
    u = x * 2.0
    made = by_number(u, 3)
    u[0] = 5.0 * x[1]
    return np.sum(made[0] * u)


@program(unit(2))
def dict_from_a_checkpoint(x):
    made = by_number(x * x, 3)
    return np.sum(made[0] * x) + made[2][1]


@program(0.7, refused="S108")
def dict_given_to_a_checkpoint(x):
    made = {}
    for i in range(3):
        made[i] = x * i
    return squares(made, x) * made[1]


@program(0.7, refused="S108")
def list_filled_by_a_recursive_function(x):
    xs = [x]
    y = fills(xs, x, 3)
    return y * xs[-1] + len(xs)


@program(0.7)
def items_named_as_another_variable(x):
    p = (x, 2.0 * x)
    p_0 = 3.0 * x
    step = checkpoint(lambda q: math.sin(p[0] * p_0) * p[1] * q)
    return step(x) + scaled(p, p_0)
