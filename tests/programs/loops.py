"""Loops: carried values, every kind of range, nested and data-dependent ones, zero trips, loop variables."""

import math

import numpy as np

from tests.programs.corpus import normal, positive, program, unit


@program(0.4, 7, also=[(0.4, 0), (0.4, 1)], numba=True)
def iterate(x, n):
    s = 0.5
    for i in range(n):
        s = s * x + np.sin(s)
    return s


@program(1.1, 5, also=[(1.1, 0)], numba=True)
def power_by_loop(x, n):
    p = 1.0
    for _ in range(n):
        p = p * x
    return p


@program(0.7, 6, also=[(0.7, 0)], numba=True)
def linear_accumulation(x, n):
    s = 0.0
    for i in range(n):
        s = s + x * i
    return s


@program(0.7, 6, numba=True)
def index_in_the_value(x, n):
    s = 0.0
    for i in range(1, n + 1):
        s += x**i / i
    return s


@program(0.7, 2, 11, 3, also=[(0.7, 10, 2, -3), (0.7, 5, 5, 1), (0.7, 5, 2, 1), (0.7, 0, 10, 4)], wrt=0, numba=True)
def strides(x, start, stop, step):
    s = 1.0
    for i in range(start, stop, step):
        s = s * math.cos(x * i) + x
    return s


@program(0.7, numba=True)
def countdown(x):
    s = x
    for i in range(5, 0, -1):
        s = math.sin(s * i)
    return s


@program(0.7, 4, 3, also=[(0.7, 0, 3), (0.7, 3, 0)], numba=True)
def nested(x, n, m):
    s = 0.5
    for i in range(n):
        for j in range(m):
            s = math.sin(s * x + i * j)
    return s


@program(0.7, 5, numba=True)
def triangular(x, n):
    s = 0.5
    for i in range(n):
        for j in range(i):
            s = s + math.sin(s * x * j)
    return s


@program(0.7, 4, numba=True)
def inner_reset(x, n):
    total = 0.0
    for i in range(n):
        p = 1.0
        for j in range(i):
            p = p * x
        total = total + p * p
    return total


@program(0.7, 4, numba=True)
def two_loops(x, n):
    s = x
    for i in range(n):
        s = math.sin(s)
    for i in range(n):
        s = s * s + x
    return s


@program(0.7, 5, numba=True)
def two_carried(x, n):
    a, b = x, 1.0
    for i in range(n):
        a, b = b, math.sin(a) + b * x
    return a * b


@program(0.3, 0.2, 8, numba=True)
def leapfrog(q, p, n):
    dt = 0.1
    for k in range(n):
        p = p - dt * math.sin(q)
        q = q + dt * p
    return q * q + p * p


@program(0.7, 6, numba=True)
def branch_in_loop(x, n):
    s = x
    for i in range(n):
        if i % 2 == 0:
            s = s * x
        else:
            s = s + math.sin(x)
    return s


@program(0.7, 8, also=[(1.3, 8)], numba=True)
def branch_on_carried_value(x, n):
    s = x
    for i in range(n):
        if s > 1.0:
            s = 0.5 * s * s
        else:
            s = s + 0.3 * x
    return s


@program(0.7, 5, numba=True)
def carried_through_unused_index(x, n):
    s = x
    t = 0.0
    for _ in range(n):
        t = s * s
        s = t + 0.1
    return s


@program(0.7, 5, numba=True)
def value_from_last_trip(x, n):
    y = 0.0
    for i in range(n):
        y = math.sin(x * i)
    return y * y


@program(0.7, 5, numba=True)
def loop_variable_after_loop(x, n):
    s = x
    for i in range(n):
        s = s * 1.5
    return s * i


@program(0.7, 6, numba=True)
def loop_variable_reassigned(x, n):
    s = 0.0
    for i in range(n):
        i = i * 2
        s = s + x**2 * i
    return s


@program(0.7, 6, numba=True)
def bound_changed_in_body(x, n):
    s = x
    for i in range(n):
        n = 100
        s = s * x
    return s + n


@program(3.3, also=[(50.0,), (0.2,)], numba=True)
def newton_sqrt(a):
    y = a
    while True:
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    return y_next * y_next * a


@program(100.0, also=[(0.5,)], numba=True)
def while_halving(x):
    n = 0
    while x > 1.0:
        x = x * 0.5
        n = n + 1
    return x * x + n


@program(0.3, numba=True)
def while_counter(x):
    i = 0
    s = x
    while i < 6:
        s = math.sin(s) + x
        i += 1
    return s


@program(0.3, numba=True)
def while_nested(x):
    s = x
    i = 0
    while i < 3:
        j = 0
        while j < i + 1:
            s = s + math.sin(s * x)
            j += 1
        i += 1
    return s


@program(0.8, numba=True)
def while_in_for(x):
    total = 0.0
    for k in range(1, 5):
        y = x * k
        while y > 1.0:
            y = y * 0.6
        total += y * y
    return total


@program(normal(6), numba=True)
def over_array(x):
    s = 1.0
    for v in x:
        s = s + math.sin(v) * s
    return s


@program(normal(3, 4))
def over_rows(a):
    s = 0.0
    for row in a:
        s = s + np.sum(row * row) * np.sum(row)
    return s


@program([0.3, 0.8, -1.2])
def over_list(x):
    s = 1.0
    for v in x:
        s = s * v + 1.0
    return s


@program((0.3, 0.8, -1.2))
def over_tuple(x):
    s = 1.0
    for v in x:
        s = math.sin(s * v)
    return s


@program(0.7)
def over_literal(x):
    s = 0.0
    for c in (1.0, -2.0, 0.5):
        s = s * x + c
    return s


@program(normal(5), normal(5))
def over_zip(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s = s + a * b * b
    return s


@program(normal(5))
def over_enumerate(x):
    s = 0.0
    for i, v in enumerate(x):
        s = s + i * v * v
    return s


@program(normal(5), normal(5))
def enumerate_of_zip(x, y):
    s = 0.0
    for k, (a, b) in enumerate(zip(x, y), 1):
        s = s + math.sin(a) * b / k
    return s


@program(normal(5))
def over_reversed(x):
    s = 0.5
    for v in reversed(x):
        s = math.tanh(s + v)
    return s


@program(0.7, 5)
def over_reversed_range(x, n):
    s = 0.5
    for i in reversed(range(n)):
        s = math.tanh(s * x + i)
    return s


@program({"a": 0.3, "b": 1.2})
def over_dict_items(p):
    s = 0.0
    for key, value in p.items():
        s = s + value * value * len(key)
    return s


@program({"a": 0.3, "b": 1.2})
def over_dict_values(p):
    s = 1.0
    for value in p.values():
        s = s * math.sin(value)
    return s


@program({"a": 0.3, "b": 1.2})
def over_dict_keys(p):
    s = 1.0
    for key in p:
        s = s * p[key]
    return s


@program(normal(6), numba=True)
def indexed(x):
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] * x[i]
    return s


@program(normal(6), numba=True)
def neighbours(x):
    s = 0.0
    for i in range(1, len(x)):
        s = s + (x[i] - x[i - 1]) ** 2
    return s


@program(normal(4, 3), numba=True)
def double_indexed(a):
    s = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s = s + a[i, j] * a[i, j] * (i + 1)
    return s


@program(0.7, positive(4), numba=True)
def horner(x, coefficients):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


@program(normal(4), unit(4, 4), 3, numba=True)
def matrix_power_loop(x, a, n):
    for k in range(n):
        x = np.tanh(a @ x)
    return np.sum(x * x)


@program(normal(5), 4, also=[(normal(5), 0)], numba=True)
def array_carried(x, n):
    y = x
    for k in range(n):
        y = np.sin(y) * x
    return np.sum(y)


@program(normal(5), 4, numba=True)
def array_accumulated(x, n):
    s = np.zeros(5)
    for k in range(n):
        s = s + x**k
    return np.sum(s * s)


@program(normal(5), 3)
def scalar_becomes_array(x, n):
    s = 0.0
    for k in range(n):
        s = s + x * k
    return np.sum(s * x)


@program(0.4, 0.2, numba=True)
def rk4(y, k):
    dt = 0.1
    t = 0.0
    for step in range(6):
        k1 = -k * y + math.sin(t)
        k2 = -k * (y + 0.5 * dt * k1) + math.sin(t + 0.5 * dt)
        k3 = -k * (y + 0.5 * dt * k2) + math.sin(t + 0.5 * dt)
        k4 = -k * (y + dt * k3) + math.sin(t + dt)
        y = y + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        t = t + dt
    return y


@program(0.4, 50)
def continued_fraction(x, n):
    y = 0.0
    for k in range(n, 0, -1):
        y = k * x / (1.0 + y)
    return y


@program(0.5, numba=True)
def bisection_is_constant(x):
    low, high = 0.0, 2.0
    for k in range(30):
        mid = 0.5 * (low + high)
        if mid * mid > 2.0:
            high = mid
        else:
            low = mid
    return low * x * x


@program(0.7, 3)
def else_on_for(x, n):
    s = x
    for i in range(n):
        s = s * x
    else:
        s = s + 2.0 * x
    return s


@program(0.7)
def else_on_while(x):
    s = x
    while s < 10.0:
        s = s * 2.0
    else:
        s = s + x * x
    return s


@program(0.7, 4)
def running_maximum(x, n):
    best = 0.0
    for i in range(n):
        best = max(best, math.sin(x * (i + 1)))
    return best * x


@program(0.7, 5)
def constants_inside(x, n):
    s = 0.0
    for i in range(n):
        a = 2.0 * i
        b = a + 1.0
        c = np.cos(b)
        s = s + c * x * x
    return s


@program(0.7, 4, numba=True)
def invariant_inside(x, n):
    s = 1.0
    for i in range(n):
        w = math.exp(x)
        s = s * w + i
    return s


@program(0.9, 4)
def fibonacci(x, n):
    a, b = 0.0, x
    for _ in range(n):
        a, b = b, a + b
    return a * b


@program(unit(3), 5, numba=True)
def power_iteration(x, n):
    a = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 3.0]])
    for k in range(n):
        x = a @ x
        x = x / np.sqrt(np.sum(x * x))
    return x @ a @ x


@program(1.5, 0.2)
def while_with_two_tests(x, y):
    n = 0
    while x > 0.1 and n < 20:
        x = x * 0.5 + 0.01 * y
        y = y * x
        n += 1
    return x + y


@program(0.7, [1, 4, 2])
def over_integer_list(x, powers):
    s = 0.0
    for p in powers:
        s += x**p
    return s


@program(0.5, 3, 2, numba=True)
def loop_in_branch(x, n, m):
    if n > m:
        s = x
        for i in range(n):
            s = s * math.sin(s)
    else:
        s = x * x
    return s


@program(normal(3), 10, numba=True)
def gradient_descent_inside(x, steps):
    y = np.zeros(3)
    for k in range(steps):
        g = 2.0 * (y - x) + 4.0 * y**3
        y = y - 0.05 * g
    return np.sum(y)
