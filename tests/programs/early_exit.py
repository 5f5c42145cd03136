"""Early ways out: `return`, `break` and `continue` anywhere, also from nested loops, and `else` on loops."""

import math

import numpy as np

from tests.programs.corpus import normal, program


@program(1.5, also=[(-1.5,)], numba=True)
def early_return(x):
    if x > 0:
        return x * x
    return -x


@program(0.5, also=[(1.5,), (2.5,)], numba=True)
def three_returns(x):
    if x < 1:
        return x
    y = x * x
    if y < 5:
        return y * 2.0
    return y * y


@program(0.7, 10, also=[(0.1, 10)], numba=True)
def return_in_loop(x, n):
    s = x
    for i in range(n):
        s = s * 1.5
        if s > 2.0:
            return s * s
    return s


@program(0.7, 10, also=[(0.1, 10)], numba=True)
def break_in_loop(x, n):
    s = x
    for i in range(n):
        if s > 2.0:
            break
        s = s * 1.5
    return s * x


@program(0.7, 10, numba=True)
def break_in_the_middle(x, n):
    s = x
    for i in range(n):
        s = s + x * x
        if s > 3.0:
            break
        s = s * 1.1
    return s


@program(0.7, 6, numba=True)
def continue_in_loop(x, n):
    s = x
    for i in range(n):
        if i % 2 == 0:
            continue
        s = s * math.cos(s)
    return s


@program(0.7, 6, numba=True)
def continue_after_work(x, n):
    s = x
    for i in range(n):
        s = s * 1.2
        if s > 1.0:
            continue
        s = s + math.sin(x)
    return s


@program(0.7, 9, numba=True)
def break_and_continue(x, n):
    s = x
    for i in range(n):
        if i == 2:
            continue
        if s > 4.0:
            break
        s = s * 1.4 + 0.1
    return s


@program(0.7, 5, also=[(0.01, 5)], numba=True)
def return_from_nested_loops(x, n):
    s = x
    for i in range(n):
        for j in range(n):
            s = s * 1.3 + 0.01 * j
            if s > 2.5:
                return s * x
    return s


@program(0.7, 5, numba=True)
def break_inner_only(x, n):
    s = x
    for i in range(n):
        for j in range(n):
            if j > i:
                break
            s = s + 0.1 * x * s
    return s


@program(0.7, 5, numba=True)
def break_both(x, n):
    s = x
    done = False
    for i in range(n):
        for j in range(n):
            s = s * 1.2
            if s > 2.0:
                done = True
                break
        if done:
            break
        s = s + 0.01
    return s


@program(0.7, 5, also=[(0.01, 5)])
def else_not_reached(x, n):
    s = x
    for i in range(n):
        s = s * 2.0
        if s > 4.0:
            break
    else:
        s = s + 100.0 * x
    return s


@program(0.7, also=[(0.05,)])
def while_else_break(x):
    k = 0
    s = x
    while k < 5:
        s = s * 1.5
        if s > 2.0:
            break
        k += 1
    else:
        s = s * s
    return s


@program(0.7, numba=True)
def while_true_two_exits(x):
    s = x
    k = 0
    while True:
        s = s * 1.1
        if s > 3.0:
            break
        k += 1
        if k == 7:
            break
        s = s + 0.05 * x
    return s * k


@program(0.7, numba=True)
def while_continue(x):
    s = x
    k = 0
    while k < 8:
        k += 1
        if k % 3 == 0:
            continue
        s = s * math.cos(s * k)
    return s


@program(0.7, numba=True)
def return_in_while(x):
    while True:
        x = x * x + 0.5
        if x > 5.0:
            return x


@program(0.7, 4, numba=True)
def return_first_trip(x, n):
    for i in range(n):
        return x * x
    return x


@program(0.7, numba=True)
def break_first_trip(x):
    s = x
    for i in range(5):
        break
    return s * s


@program(1.5, 2.0, also=[(-1.5, 2.0), (1.5, -2.0)], numba=True)
def returns_in_nested_ifs(x, y):
    if x > 0:
        if y > 0:
            return x * y
        z = x - y
    else:
        z = x + y
        if z > 100:
            return z
    return z * z


@program(0.4, 6, numba=True)
def return_after_loop_in_branch(x, n):
    if n > 3:
        s = x
        for i in range(n):
            s = s + math.sin(s)
            if s > 2.0:
                return s
        return s * 2.0
    return x


@program(normal(6), 0.5, numba=True)
def first_larger(x, threshold):
    for v in x:
        if v > threshold:
            return v * v
    return threshold * 3.0


@program(0.9, 3)
def raise_unless_found(x, n):
    s = x
    for i in range(10):
        s = s * 0.9
        if i == n:
            return s
    raise RuntimeError("not found")


@program(2.0, 1.0, also=[(0.3, 5.0)], numba=True)
def fixed_point(x, start):
    y = start
    for k in range(100):
        new = 0.5 * math.cos(y) + 0.1 * x
        if abs(new - y) < 1e-13:
            y = new
            break
        y = new
    return y * x


@program(normal(4), 20)
def converge_array(x, n):
    y = x
    for k in range(n):
        new = 0.5 * np.sin(y) + 0.2 * x
        if np.max(np.abs(new - y)) < 1e-3:
            break
        y = new
    return np.sum(y)


@program(0.6, 3, numba=True)
def unreachable_code(x, n):
    for i in range(n):
        x = x * 1.5
        continue
        x = x * 100.0
    return x


@program(1.5, also=[(-1.5,)])
def implicit_defaults(x):
    result = None
    if x > 0:
        result = x * x
    if result is None:
        return x
    return result
