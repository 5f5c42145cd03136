"""Branches: values merged after an `if`, tests on values and on constants, names defined on some paths."""

import math

import numpy as np

from tests.programs.corpus import normal, program


@program(1.5, also=[(-1.5,)], numba=True)
def if_else(x):
    if x > 0:
        y = x * x
    else:
        y = -x
    return y * 3.0


@program(1.5, also=[(-1.5,)], numba=True)
def if_without_else(x):
    y = x
    if x > 0:
        y = x * x
    return y + x


@program(0.5, also=[(1.5,), (2.5,), (3.5,)], numba=True)
def elif_chain(x):
    if x < 1:
        y = x
    elif x < 2:
        y = x * x
    elif x < 3:
        y = x * x * x
    else:
        y = math.sqrt(x)
    return y * x


@program(1.5, 2.0, also=[(-1.5, 2.0), (1.5, -2.0), (-1.5, -2.0)], numba=True)
def nested(x, y):
    if x > 0:
        if y > 0:
            z = x * y
        else:
            z = x - y
    else:
        if y > 0:
            z = x + y
        else:
            z = x / y
    return z * z


@program(1.5, also=[(-0.5,)], numba=True)
def test_operand_overwritten(x):
    y = x * x
    if y > 1.0:
        y = y * x
        x = 3.0 * y
    return x * y


@program(1.5, 0.3, also=[(0.2, 0.3), (1.5, 2.0)], numba=True)
def boolean_operators(x, y):
    if (x > 1 and y < 1) or not x < 3:
        return x * y
    return x + y * y


@program(1.5, also=[(0.5,), (2.5,)], numba=True)
def chained_comparison(x):
    if 1.0 < x <= 2.0:
        return x * x
    return 2.0 * x


@program(1.5, also=[(-1.5,)])
def defined_in_one_branch_used_in_it(x):
    total = x
    if x > 0:
        t = x * x
        total = total + t
    return total


@program(1.5, True, also=[(1.5, False)], wrt=0, numba=True)
def static_test(x, square):
    if square:
        y = x * x
    else:
        y = x
    return y


@program(1.5, 3, also=[(1.5, 0), (1.5, -2)], wrt=0, numba=True)
def integer_test(x, n):
    if n > 0:
        y = x**n
    elif n == 0:
        y = x
    else:
        y = 1.0 / x
    return y


@program(1.5, also=[(-1.5,)], numba=True)
def both_sides_constant(x):
    if x > 0:
        y = 1.0
    else:
        y = 2.0
    return y * x


@program(1.5, also=[(-1.5,)], numba=True)
def one_side_constant(x):
    y = 0.0
    if x > 0:
        y = math.sin(x)
    return y + x * x


@program(1.5, 0.5, also=[(0.5, 1.5)], numba=True)
def swap_if_larger(x, y):
    if x > y:
        x, y = y, x
    return x * x + 3.0 * y


@program(1.5, also=[(-1.5,)], numba=True)
def several_results(x):
    if x > 0:
        a, b = x, x * x
    else:
        a, b = -x, 1.0
    return a * b + a


@program(1.5, also=[(-1.5,)])
def tuple_in_branch(x):
    if x > 0:
        pair = (x, 2.0 * x)
    else:
        pair = (x * x, 1.0)
    return pair[0] * pair[1]


@program(1.5, also=[(-1.5,)], numba=True)
def conditional_expressions_nested(x):
    return x if x > 1 else x * x if x > 0 else -x


@program(1.5, 0.4, numba=True)
def unused_branch_value(x, y):
    if x > y:
        z = x * y
    else:
        z = x
    z = x + y
    return z


@program(normal(4), also=[(-np.abs(normal(4)),)], numba=True)
def array_in_branch(x):
    if np.sum(x) > 0:
        y = x * x
    else:
        y = np.sin(x)
    return np.sum(y * x)


@program(normal(4), normal(4))
def scalar_or_array(x, y):
    if np.max(x) > 100.0:
        z = 1.0
    else:
        z = y
    return np.sum(z * x)


@program(1.5, also=[(-1.5,)])
def raising_branch(x):
    if x > 100:
        raise ValueError("too large")
    return x * x


@program(1.5, also=[(-1.5,)], numba=True)
def empty_branch(x):
    if x > 0:
        pass
    else:
        x = -x
    return x * x * x


@program(1.5, also=[(0.5,)])
def and_or_values(x):
    big = x > 1.0 and x < 10.0
    return x * x if big else x


@program(1.5, 2.5, also=[(2.5, 1.5)])
def reused_test(x, y):
    larger = x > y
    if larger:
        z = x * x
    else:
        z = y * y
    w = z * x if larger else z * y
    return w


@program(1.5, also=[(-1.5,)])
def branch_in_expression_statement(x):
    scale = {True: 2.0, False: 3.0}[x > 0]
    return scale * x * x


@program(0.5, also=[(1.5,), (-0.5,)], numba=True)
def smoothstep(x):
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    return x * x * (3.0 - 2.0 * x)


@program(0.5, 2.0, also=[(1.5, 2.0), (-3.0, 2.0)], numba=True)
def huber(r, delta):
    if abs(r) <= delta:
        loss = 0.5 * r * r
    else:
        loss = delta * (abs(r) - 0.5 * delta)
    return loss


@program(1.0, 2.0, 1.5, also=[(-3.0, 2.0, 1.5), (2.0, 2.0, 5.0)], numba=True)
def quadratic_roots(b, a, c):
    discriminant = b * b - 4.0 * a * c
    if discriminant >= 0:
        root = (-b + math.sqrt(discriminant)) / (2.0 * a)
    else:
        root = -b / (2.0 * a)
    return root * root


@program(0.3, 0.9, numba=True)
def is_instance(x, y):
    if isinstance(x, float):
        z = x * y
    else:
        z = np.sum(x) * y
    return z


@program(normal(3), also=[(normal(3, 2),), (2.5,)])
def on_rank(x):
    if np.ndim(x) == 0:
        return x * x
    if np.ndim(x) == 1:
        return np.sum(x)
    return np.sum(x * x)


@program(normal(5), also=[(normal(2),)])
def on_length(x):
    if len(x) > 3:
        return np.sum(x[:3] * x[1:4])
    return np.prod(x)


@program(0.612, [0.3, 0.7, 1.1], 3, also=[(0.612, [0.3, 0.7, 1.1], 0)], wrt=(0, 1))
def item_of_a_parameter_in_one_branch(b, xs, n):
    return b * (xs[0] if n > 1 else 0.29) + sum([xs[1] if n > 1 else b, 0.5])
