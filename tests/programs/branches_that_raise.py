"""Branches beside one that raises: what they make is there after both, in loops too."""

import math

import numpy as np

from tests.programs.corpus import positive, program


def no_number(v):
    raise ValueError(f"{v} is too large")


@program(0.6, positive(3), numba=True)
def the_other_branch_raises(b, x):
    for v in x:
        if v > 9.0:
            raise ValueError("too large")
        else:
            b = math.tanh(b * v)
    return b


@program(0.6, positive(3), numba=True)
def the_last_branch_raises(b, x):
    for v in x:
        if v < 9.0:
            b = math.exp(-b * v)
        else:
            raise ValueError("too large")
    return b


@program(0.6, positive(3))
def a_call_raises_in_the_other_branch(b, x):
    for v in x:
        if v > 9.0:
            no_number(v)
        else:
            b = math.tanh(b * v)
    return b


@program(0.6, positive(3), numba=True)
def branches_that_raise_within_others(b, x):
    for v in x:
        if v > 0.0:
            if v > 9.0:
                raise ValueError("too large")
            else:
                b = math.tanh(b * v)
        else:
            raise KeyError("negative")
    return b


@program(0.6, positive(3), numba=True)
def one_of_four_branches_goes_on(b, x):
    for v in x:
        if v > 20.0:
            c = 1.0
        elif v > 9.0:
            raise ValueError("too large")
        elif v > 0.0:
            c = math.tanh(b * v)
        else:
            raise ValueError("negative")
        b = c * c
    return b


@program(0.6, positive(3))
def a_case_raises(b, x):
    for v in x:
        match v > 9.0:
            case True:
                raise ValueError("too large")
            case _:
                b = math.tanh(b * v)
    return b


@program(0.6, positive(3), numba=True)
def a_while_loop_that_is_left_or_raises(b, x):
    for v in x:
        while True:
            if v < 9.0:
                b = math.tanh(b * v)
                break
            raise ValueError("too large")
        b = b * b
    return b


@program(0.6, positive(3), numba=True)
def raises_in_a_function(b, x):
    def step(u, v):
        if v > 9.0:
            raise ValueError("too large")
        else:
            w = math.tanh(u * v)
        return w * w

    for v in x:
        b = step(b, v) + step(b * 2.0, v)
    return b


@program(0.6, positive(3))
def a_body_that_always_raises(b, x):
    for v in x:
        try:
            raise ValueError("in any case")
        except IndexError:
            b = 3.0
        except ValueError:
            b = math.tanh(b * v)
    return b


@program(0.6, positive(3))
def a_body_that_always_raises_and_finally(b, x):
    for v in x:
        try:
            raise ValueError("in any case")
        except ValueError:
            b = math.tanh(b * v)
        finally:
            b = b * 1.1
    return b


@program(0.6, positive(3))
def a_body_that_always_raises_until_it_is_left(b, x):
    for v in x:
        while True:
            try:
                raise ValueError("in any case")
            except ValueError:
                b = math.tanh(b * v)
                if b < 1.0:
                    break
    return b


@program(0.6, positive(3))
def a_key_that_is_never_there(b, x):
    table = {}
    for v in x:
        try:
            b = table[1]
        except KeyError:
            b = math.tanh(b * v)
    return b


@program(positive(3), numba=True)
def arrays_beside_a_branch_that_raises(x):
    y = x
    for k in range(3):
        if not np.all(np.isfinite(y)):
            raise FloatingPointError("not finite")
        else:
            y = np.tanh(y * x[k])
    return np.sum(y)
