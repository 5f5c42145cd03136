"""Exceptions that cut a block off: what was done before them counts, wherever they come from."""

import contextlib
import functools
import itertools
import math

import numpy as np

from tests.programs.corpus import program


# ---- progress that a handler sees, and what loops run over ------------------------------------
def steep(k):
    if k > 0:
        raise ZeroDivisionError
    return 1.0


def steps_of(x, k):
    yield x
    yield 3.0 * x * steep(k)


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def generator_that_raises(x, y, k):
    z = x
    try:
        z = z * y
        for j, v in enumerate(steps_of(x, k)):
            z = z * v + j
    except ZeroDivisionError:
        z = z * 2.0 * x * v
    return z + j * y


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def map_that_raises(x, y, k):
    z = x
    try:
        z = z * y
        for v in map(steep, [0, k]):
            z = z * v * 3.0
    except ZeroDivisionError:
        z = z * 2.0 * x
    return z


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def generator_expression_that_raises(x, y, k):
    z = x
    try:
        z = z * y
        for v in (steep(j) * x for j in (0, k)):
            z = z * v * 3.0
    except ZeroDivisionError:
        z = z * 2.0 * x
    return z


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 3)], wrt=(0, 1))
def loop_test_that_raises(x, y, k):
    z, n = x, 0
    try:
        while n < 3 and steep(n - k) * z < 100.0:
            z = z * y * 1.5
            n += 1
    except ZeroDivisionError:
        z = z * (n + 1)
    return z


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def list_that_grew_before_the_exception(x, y, k):
    log = [x]
    try:
        try:
            log.append(x * y)
            log[0] *= 3.0
            log.append(steep(k))
        except KeyError:
            log.append(5.0 * x)
        finally:
            log[1] *= y
    except ZeroDivisionError:
        log.append(x * 7.0)
    return x + sum(log) * len(log)


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def list_that_grew_inside_a_generator(x, y, k):
    def items(log):
        log.append(x)
        yield y
        log.append(x * steep(k))
        yield 3.0 * x

    z, log = x, []
    try:
        for v in items(log):
            z = z * v
    except ZeroDivisionError:
        z = z * 7.0
    return z + sum(log) * len(log)


@program(0.3, 0.7)
def append_that_always_raises(x, y):
    log = [x]
    try:
        log.append(steep(1))
    except ZeroDivisionError:
        pass
    return sum(log) * y


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def flag_and_value_of_a_try(x, y, k):
    failed = False
    z = x * y
    try:
        z = z * steep(k)
    except ZeroDivisionError:
        failed = True
    return z * x if failed else z


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def suppressed(x, y, k):
    z = x
    with contextlib.suppress(ZeroDivisionError, KeyError):
        z = x * y
        z = z * steep(k)
        z = z * 3.0
    return z * x


@program(0.3, 0.7, 1, also=[(0.3, 0.7, 0)], wrt=(0, 1))
def suppressed_in_a_loop(x, y, k):
    z = x
    for j in range(3):
        with contextlib.suppress(ZeroDivisionError):
            if j == 2:
                break
            z = z * y * steep(j * k)
    return z * x


def suppress(*errors):
    return contextlib.nullcontext()


@program(0.3, 0.7, refused="S109")
def another_function_called_suppress(x, y):
    z = x
    with suppress(ZeroDivisionError):
        z = x * y
    return z * x


class Rollback:
    """Looks at the exception."""

    def __init__(self):
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.count = 0 if kind is None else 1


ROLLBACK = Rollback()


@program(0.3, 0.7, 1, wrt=(0, 1), refused="S109")
def manager_that_would_see_the_exception(x, y, k):
    z = x
    try:
        z = z * y
        with ROLLBACK:
            z = z * 5.0
            z = z * steep(k)
    except ZeroDivisionError:
        z = z * (2.0 + ROLLBACK.count)
    return z


def both_sides(x):
    try:
        yield x
        yield x * x
    except ZeroDivisionError:
        yield 3.0 * x


@program(0.3, 0.7, refused="S109")
def generator_that_yields_in_a_try(x, y):
    z = x
    try:
        for v in both_sides(x):
            z = z * v * y * steep(1)
    except ZeroDivisionError:
        z = z * 7.0
    return z


def closing_down(x):
    try:
        yield x
        yield 3.0 * x * x
    finally:
        x = 0.0


@program(0.3, 0.7)
def generator_that_yields_before_finally(x, y):
    z = x
    for k, v in enumerate(closing_down(x)):
        z = z * v * y + k
    return z


# ---- items that are made one by one -------------------------------------------------------------
@program(0.3, 0.7)
def generator_expression_reads_what_the_loop_changes(x, y):
    a = x
    for v in (a * k for k in (1.0, 2.0, 3.0)):
        a = a + v * y
    return a


@program(0.3, 0.7)
def nested_generator_expression_left_early(x, y):
    a = x
    for v in (a * k * j for k in (1.0, 2.0, 3.0) for j in range(3) if j != 1):
        a = a + v * y
        if v > 1.0:
            break
    else:
        a = a * 100.0
    return a * v


@program(0.3, 0.7)
def generator_expression_keeps_its_variable(x, y):
    a, k = x, 2.0
    for v in (a * k for k in (1.0, 2.0, 3.0) if k != 2.0):
        if v > 50.0:
            break
        if v < 0.0:
            continue
        a = a + v * y * k
    else:
        a = a * x
    return a * k


@program(0.3, 0.7)
def map_reads_what_the_loop_changes(x, y):
    a = x
    for v in map(lambda t: t * a, [1.0, 2.0, 3.0]):
        a = a + v * y
    return a


@program(0.3, 0.7, refused="S101")
def filter_reads_what_the_loop_changes(x, y):
    a = x
    for v in filter(lambda t: t < a, [0.1, 0.5, 0.4, 0.3]):
        a = a + v * y
    return a


@program(0.3, 0.7, refused="S101")
def zipped_generator_reads_what_the_loop_changes(x, y):
    a = x
    for v, w in zip((a * k for k in (1.0, 2.0, 3.0)), [x, y, x]):
        a = a + v * y * w
    return a


@program(0.3, 0.7, refused="S101")
def accumulate_reads_what_the_loop_changes(x, y):
    a = x
    for v in itertools.accumulate([0.1, 0.3, 0.4], lambda p, q: p * q * a):
        a = a + v * y
    return a


# ---- in loops, with tapes -----------------------------------------------------------------------
def unlucky(v, k):
    if k % 3 == 0:
        raise KeyError(k)
    return math.sin(v) * v


@program(0.3, 0.7)
def try_in_a_try_in_a_loop(x, y):
    z = x
    for k in range(5):
        try:
            try:
                w = unlucky(z, k) * y
            except KeyError:
                w = 2.0 * y
            z = math.tanh(z * w)
            z = z * (1.0 / (k - 2))
        except ZeroDivisionError:
            z = z * 3.0 * x
    return z


@program(0.3, 0.7)
def branch_in_a_try_in_a_loop(x, y):
    z = x
    for k in range(6):
        try:
            if k > 1:
                w = unlucky(z, k) * y
                z = math.sin(z * w) * w
            else:
                w = math.exp(z)
            z = z * unlucky(w, k + 1) * w
        except KeyError:
            z = z * 3.0 * x
    return z


@program(0.3, 0.7, [0.3, 0.7, 1.1])
def always_raises_in_a_loop(x, y, xs):
    for k in range(12):
        for v in xs:
            try:
                x = unlucky(v, 3 * k) * x
            except KeyError:
                pass
    return x * y


@program(0.6, 1.1, [0.3, 0.7, 1.1], 3, also=[(0.6, 1.1, [0.3, 0.7, 1.1], 2)], wrt=(0, 1))
def value_before_the_exception(a, b, xs, k):
    try:
        b = math.tanh(xs[k] * (0.58 + b))
        b += 0.73 * math.tanh(next((v for v in xs if v > 0.5), a))
    except IndexError:
        a = a * 3.0
    return a * b


def products(start, xs):
    g = start
    for j in range(2):
        yield g * xs[1]
    yield g


@program(0.3, [0.4, 1.0], 1, also=[(0.3, [0.4, 1.0], 7)], wrt=(0, 1))
def sums_in_a_try_in_a_loop_over_a_generator(a, xs, n):
    b = a
    for v in products(a, xs):
        if n > 5:
            try:
                b = sum(p * q for p, q in itertools.pairwise([n, v, 2.0]))
            except ArithmeticError:
                pass
    return b * a


@program(0.8, 0.6, [0.3, 0.7, 1.1], 1, also=[(0.8, 0.6, [0.3, 0.7, 1.1], 2)], wrt=(0, 1, 2))
def branch_in_a_try_that_is_recorded(a, b, xs, n):
    table = {0: a, 2: b}
    for v in [xs[2] * xs[1] for _ in range(2)]:
        try:
            a = table[n] * {0: math.sin, 1: math.cos}[n % 2](xs[0] + a)
        except KeyError:
            a = a * v
    return a + 2 * b


@program(0.7, [0.3, 0.4], 0, also=[(0.7, [0.3, 0.4], 1), (0.7, [0.3, 0.4], 2)], wrt=(0, 1))
def loop_in_a_try_that_is_not_reached(a, xs, n):
    table = {0: a, 2: a * a}
    u = a
    for k in range(3):
        try:
            t = table[(n + k) % 3]
            s = 0.0
            for v in xs:
                s = s + v * t * s + v * k
            u = u * math.tanh(s)
        except KeyError:
            u = u * 1.5
    return u * a


@program(0.7, [0.3, 0.4], 0, also=[(0.7, [0.3, 0.4], 1), (0.7, [0.3, 0.4], 2)], wrt=(0, 1))
def while_loop_in_a_try_that_is_not_reached(a, xs, n):
    table = {0: a, 2: a * a}
    u = a
    for k in range(3):
        try:
            u = u * 1.1
            t = table[(n + k) % 3]
            s = 0.1
            while s < 1.0:
                s = s + s * t * xs[0] + 0.2
            u = u * math.tanh(s)
        except KeyError:
            u = u * 1.5
    return u * a


@program(0.7, [0.3, 0.4, 0.9], 0, also=[(0.7, [0.3, 0.4, 0.9], 1), (0.7, [0.3, 0.4, 0.9], 5)], wrt=(0, 1))
def loop_variable_of_a_try_with_finally(a, xs, n):
    held = 1.0
    try:
        for k, v in enumerate(xs):
            a += v * a
            held = held * v / (k - n)
            a += sum(p * q for p, q in itertools.pairwise([1.0, v, held]))
    except ZeroDivisionError:
        a = a * 2.0
    finally:
        a += functools.reduce(lambda p, q: p * q + a, xs)
    return a * held * v


@program(0.7, [0.3, 0.4], 0, also=[(0.7, [0.3, 0.4], 1), (0.7, [0.3, 0.4], 2)], wrt=(0, 1))
def function_chosen_in_a_handler(a, xs, n):
    caught = []
    try:
        a = a * xs[0] / n
    except ZeroDivisionError:
        step = [math.sin, math.tanh, abs][(n + 1) % 2]
        caught.append(1)
    try:
        a = a * xs[1] / (n - 1)
    except ZeroDivisionError:
        step = [math.cos, math.exp][n % 2]
        caught.append(2)
    if caught:
        a = step(a * xs[1])
    return a


@program(0.7, [0.3, 0.4], 0, also=[(0.7, [0.3, 0.4], 1), (0.7, [0.3, 0.0], 1)], wrt=(0, 1))
def constant_that_raises(b, xs, n):
    for k in range(2):
        try:
            b = math.tanh(b + (1.0 / 0 if k == n else 2.0) * next(v for v in xs if v))
        except ZeroDivisionError:
            b = b * xs[0]
    return b


def pairs_of(a, b):
    yield from [b, 0.5 * a]


@program(0.7, 0.4, [0.3, 0.9], 1, also=[(0.7, 0.4, [0.3, 0.9], 3)], wrt=(0, 1, 2))
def iterators_in_a_try_over_a_generator(a, b, xs, n):
    try:
        for v in pairs_of(a, b):
            a += sum(p * q for p, q in itertools.pairwise([a * 1.34, v])) * xs[n]
    except IndexError:
        a = a * 2.0
    return a * b


@program(0.7, 0.4, [0.3, 0.9], 1, also=[(0.7, 0.4, [0.3, 0.9], 3)], wrt=(0, 1, 2))
def next_in_a_try_over_two_values(a, b, xs, n):
    u = a
    for v in [a, b]:
        try:
            u, *rest, w = [next((x * v for x in xs if x > 0.5), next(x for x in xs if x > 0.1)), *xs]
            a = a * w * xs[n]
        except IndexError:
            pass
    first, *rest = xs
    return a * u * first * rest[0]


@program(0.5, [0.3, 0.4], 1, also=[(0.5, [0.3, 0.4], 2), (0.5, [0.3, 0.4], 0)], wrt=(0, 1))
def list_made_in_a_try_in_a_branch(a, xs, n):
    failed = False
    if n > 0:
        try:
            t = []
            for x in xs:
                t.append(x * a)
            u = xs[n]
        except IndexError:
            failed = True
    if n > 0 and not failed:
        return t[0] * t[1] * u
    return a


@program(0.5, [0.3, 0.4], 1, also=[(0.5, [0.3, 0.4], 6), (0.5, [0.3, 0.4], 0)], wrt=(0, 1))
def array_made_in_a_with_in_a_branch(a, xs, n):
    if n > 0:
        with np.errstate(all="ignore"):
            if n < 5:
                t = np.zeros(2)
                t[0] = a * xs[0]
                t[1] = xs[1] * t[0]
    if 0 < n < 5:
        return t[0] * t[1]
    return a


def improved(c, k, n):
    new = c.copy()
    for j in range(3):
        residual = new**2 - c - k
        if j == n:
            raise ValueError("no convergence")
        new -= residual / (2.0 * new + 1.0)
    return new


@program(np.array([0.7, 1.3]), 0.6, 0, also=[(np.array([0.7, 1.3]), 0.6, n) for n in (-1, 1, 5)], wrt=(0, 1))
def callee_that_updates_its_own_array_and_raises(c, k, n):
    for m in range(3):
        try:
            c = improved(c, k, n + m)
        except ValueError:
            c = c * 0.9
    return np.sum(c**2)


@program(np.array([0.7, 1.3]), 0.6, 0, also=[(np.array([0.7, 1.3]), 0.6, n) for n in (1, 2, 5)], wrt=(0, 1))
def array_made_and_written_in_a_try(c, k, n):
    s, table = 0.0, [k, 2.0, 3.0]
    w = np.zeros(2)
    for m in range(3):
        try:
            w = np.zeros(2)
            w[0] = c[0] * k
            w[1] = w[0] * c[1] * table[m + n]
            w *= 2.0
            s += np.sum(w)
        except IndexError:
            c = c * 0.9 + w
    return np.sum(c**2) * s


@program(np.array([0.7, 1.3]), 0.6, 0, also=[(np.array([0.7, 1.3]), 0.6, n) for n in (1, 2, 5)], wrt=(0, 1))
def array_kept_in_a_list_before_a_raise(c, k, n):
    s, kept, table = 0.0, [], [k, 2.0, 3.0]
    for m in range(3):
        try:
            w = np.empty(2)
            w[:] = c * k
            kept.append(w)
            w[1] *= table[m + n]
            s += np.sum(w)
        except IndexError:
            c = c * 0.9
    return np.sum(c**2) * s * sum(w[1] for w in kept)


@program(0.5, [1.1, 0.4])
def tried_generator_assigns_again(b, xs):
    for _ in xs:
        try:

            def twice():
                yield from [0.5, 0.6]

            for weight in twice():
                b = b * weight + sum(v * weight for v in xs)
        except ValueError:
            break
    return b


@program(0.7, [1.1, 0.3])
def tried_generator_of_nested_loops(a, xs):
    try:

        def twice():
            yield 0.5
            yield 0.6

        for weight in twice():
            for _ in xs:
                a -= next(v * a * weight for v in xs if v > 0.1)
    except ValueError:
        pass
    return a
