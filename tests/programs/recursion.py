"""Recursion: direct, mutual, over lists and arrays, with several results, with an early way out."""

import math

import numpy as np

from tests.programs.corpus import normal, program


@program(0.7, 5, also=[(0.7, 0)])
def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


@program(0.7, 9)
def fast_power(x, n):
    if n == 0:
        return 1.0
    half = fast_power(x, n // 2)
    if n % 2 == 0:
        return half * half
    return half * half * x


@program(0.7, 6)
def fibonacci(x, n):
    if n < 2:
        return x * n
    return fibonacci(x, n - 1) + x * fibonacci(x, n - 2)


def even_part(x, n):
    if n == 0:
        return x
    return math.sin(odd_part(x, n - 1))


def odd_part(x, n):
    if n == 0:
        return x * x
    return math.cos(even_part(x, n - 1)) * x


@program(0.7, 5)
def mutual(x, n):
    return even_part(x, n) + odd_part(x, n)


@program(100.0)
def until_small(x):
    if x < 1.0:
        return x * x
    return until_small(0.5 * x) + 0.1 * x


@program(normal(8))
def tree_sum(x):
    if len(x) == 1:
        return x[0] * x[0]
    m = len(x) // 2
    return tree_sum(x[:m]) * 0.5 + tree_sum(x[m:])


@program([0.3, 0.8, 1.2])
def horner_list(p):
    def go(i, x):
        if i == len(p):
            return 0.0
        return p[i] + x * go(i + 1, x)

    return go(0, p[0])


@program(0.3, 1.2, 4)
def several_results(x, y, n):
    def step(a, b, k):
        if k == 0:
            return a, b
        return step(b, math.sin(a) + b, k - 1)

    a, b = step(x, y, n)
    return a * b


@program(0.9, 4)
def ackermann_like(x, n):
    if n <= 0:
        return x
    if x > 2.0:
        return x * 0.5
    return ackermann_like(x * 1.3, n - 1) + ackermann_like(x, n - 2)


def simpson(f, a, fa, b, fb):
    m = 0.5 * (a + b)
    fm = f(m)
    return m, fm, (b - a) / 6.0 * (fa + 4.0 * fm + fb)


def adaptive(f, a, fa, b, fb, whole, m, fm, depth):
    lm, flm, left = simpson(f, a, fa, m, fm)
    rm, frm, right = simpson(f, m, fm, b, fb)
    delta = left + right - whole
    if depth == 0 or abs(delta) < 1e-9:
        return left + right + delta / 15.0
    return adaptive(f, a, fa, m, fm, left, lm, flm, depth - 1) + adaptive(
        f, m, fm, b, fb, right, rm, frm, depth - 1
    )


@program(1.2)
def adaptive_quadrature(b):
    fa, fb = math.exp(0.0), math.exp(b)
    m, fm, whole = simpson(math.exp, 0.0, fa, b, fb)
    return adaptive(math.exp, 0.0, fa, b, fb, whole, m, fm, 3)


@program(normal(3), 3)
def array_recursion(x, n):
    def go(v, k):
        if k == 0:
            return np.sum(v * v)
        return go(np.sin(v) * x, k - 1)

    return go(x, n)


# ---- lists that change after a function that calls itself was given them ------------------------
def last_squared(items, w, count):
    if count == 0:
        return w + items[-1] ** 2
    return last_squared(items, w * 0.5, count - 1)


def parts_summed(arrays, w, count):
    if count == 0:
        return w + np.sum(arrays[-1] ** 2)
    return parts_summed(arrays, w * 0.5, count - 1) * np.sum(arrays[0])


def first_and_last(rows, w, count):
    if count == 0:
        return w + rows[-1][0] ** 2
    return first_and_last(rows, w * 0.5, count - 1) * rows[0][1]


@program(normal(), 4, writes=True)
def list_that_is_shorter_after_the_call(a, n):
    items = []
    for k in range(n):
        items.append(a * k)
    y = last_squared(items, a, 2)
    items.pop()
    return sum(items) * y


@program(normal(), 3, writes=True)
def list_that_changes_between_calls(a, n):
    total = 0.0
    items = [a]
    for k in range(n):
        total += last_squared(items, a, k)
        items.append(total)
        if k % 2:
            items.pop(0)
    return total * sum(items)


@program(normal(), 3, writes=True)
def list_of_arrays_that_changes_after_the_call(a, n):
    arrays = []
    for k in range(n):
        arrays.append(np.array([a, k + 1.0]))
    y = parts_summed(arrays, a, 2)
    arrays.pop()
    arrays[0] = np.array([1.0, a, a])
    return np.sum(arrays[-1]) * y + np.sum(arrays[0])


@program(normal(), 3, writes=True)
def inner_list_that_grows_after_the_call(a, n):
    rows = []
    for k in range(n):
        rows.append([a, k * a])
    y = first_and_last(rows, a, 2)
    rows.append([y, a])
    rows[0].append(y)
    return rows[-1][0] * y + sum(rows[0])


@program(normal(2), 2, writes=True)
def array_written_after_the_call(x, n):
    y = np.sin(x)
    total = cubes_summed(y, x[0], n)
    y[0] = 3.0
    y *= x[1]
    return np.sum(y) * total


@program(0.3 * normal(2), 3, writes=True)
def array_written_between_calls(x, n):
    y = np.sin(x)
    total = 0.0
    for k in range(n):
        total += cubes_summed(y, x[0], k)
        y[0] *= total
    return np.sum(y) * total


def cubes_summed(y, w, count):
    if count == 0:
        return w + np.sum(y**3)
    return cubes_summed(y, w * 0.5, count - 1) * np.sum(y**2)


@program(normal(), 3, writes=True)
def listed_arrays_written_after_the_call(a, n):
    arrays = []
    for k in range(n):
        arrays.append(np.array([a, k + 1.0]))
    y = parts_summed(arrays, a, 2)
    arrays[0][0] = 3.0
    arrays[-1] *= a
    return np.sum(arrays[-1]) * y + np.sum(arrays[0])


def tail_of(y, count):
    if count == 0:
        return y[1:]
    return tail_of(y, count - 1)


@program(normal(3), 2, refused="S202")
def array_of_which_the_result_is_a_part_is_written(x, n):
    y = np.sin(x)
    tail = tail_of(y, n)
    y[1] = 3.0
    return np.sum(tail) * np.sum(y)


# ---- results whose size is that of an argument --------------------------------------------------
def butterfly(x):
    n = len(x)
    if n == 1:
        return x
    even, odd = butterfly(x[::2]), butterfly(x[1::2])
    out = np.zeros(n)
    for k in range(n // 2):
        out[k] = even[k] + odd[k] * math.cos(k)
        out[k + n // 2] = even[k] - odd[k] * math.cos(k)
    return out


@program(normal(4))
def fast_transform(x):
    return np.sum(butterfly(x) ** 3)


@program(normal(4))
def fast_transforms_of_parts(x):
    return np.sum(butterfly(x[:2]) ** 2) * np.sum(butterfly(x * x[0])) + np.sum(butterfly(x[3:]) * x)


def halved(x, count):
    if count == 0:
        return x * 1.0
    return halved(x[: len(x) // 2], count - 1) + x[0]


@program(normal(4))
def result_shorter_than_its_argument(x):
    return np.sum(halved(x, 1) * x[2:]) + np.sum(halved(x, 2) * x) * halved(x[:2], 1)[0]
