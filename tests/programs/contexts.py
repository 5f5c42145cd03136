"""with statements: where the effect matters in both sweeps, and where it is an effect of the forward sweep."""

import contextlib
import decimal
import io
import math
import threading
import time
import warnings

import numpy as np

from tests.programs.corpus import normal, positive, program

LOCK = threading.Lock()


class Timer:
    """Measures a block."""

    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def __exit__(self, *exc):
        self.seconds = time.perf_counter() - self.start
        return False


@contextlib.contextmanager
def section(name):
    yield len(name)


@program(normal(3), np.array([1.0, 0.0, 2.0]), wrt=0)
def errstate(x, d):
    with np.errstate(divide="ignore", invalid="ignore"):
        q = x * x / d
        y = np.where(d == 0.0, x, q)
    return np.sum(y)


@program(0.7)
def timer(x):
    with Timer():
        y = x * x
    return y * x


@program(0.7)
def timer_named(x):
    with Timer() as t:
        y = math.sin(x)
    assert t.seconds >= 0.0
    return y * y


@program(0.7)
def lock(x):
    with LOCK:
        y = x**3
    return y


@program(0.7)
def value_of_the_manager(x):
    with section("abc") as n:
        y = x**n
    return y * n


@program(0.7)
def several_managers(x):
    with section("ab") as n, Timer(), np.errstate(all="ignore"):
        y = x * n
    return y * y


@program(0.7)
def nested_managers(x):
    with section("ab"):
        y = x * x
        with section("abcd") as k:
            y = y * k
        z = y * x
    return z


@program(0.7)
def redirect(x):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        print("x is", x)
        y = x * 2.0
    return y * len(out.getvalue()) ** 0


@program(0.7, 1.4)
def return_inside(x, y):
    with section("ab"):
        if x > 0.0:
            return x * y
        y = y * y
    return y


@program([0.4, 1.4, 0.6])
def in_a_loop(x):
    total = 0.0
    for v in x:
        with section("abc") as n:
            if v > 1.0:
                continue
            total = total + v**n
    return total


@program(0.7)
def null_context(x):
    with contextlib.nullcontext(2.0) as k:
        return x * k


@program(0.7)
def suppressed(x):
    y = x
    with contextlib.suppress(KeyError):
        y = x * x
    return y


@program(0.7)
def stack(x):
    with contextlib.ExitStack() as s:
        n = s.enter_context(section("abc"))
        y = x**n
    return y


@program(0.7)
def local_decimal_context(x):
    with decimal.localcontext(decimal.Context(prec=20)) as context:
        y = x * context.prec
    return y * y


@program(normal(3))
def print_options(x):
    with np.printoptions(precision=3):
        label = str(x.shape)
    return np.sum(x * x) * len(label)


@program(0.7)
def caught_warnings(x):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.warn("hello", stacklevel=1)
        y = x * x
    return y * len(seen)


@program(positive(3))
def loop_inside(x):
    s = 0.0
    with np.errstate(over="ignore"):
        for v in x:
            s = s * v + math.log(v)
    return s


@program(positive(3))
def value_made_inside_read_after_it_in_a_loop(x):
    s = 1.0
    for v in x:
        with np.errstate(over="ignore"):
            y = np.exp(v) * s
        s = s * y * y
    return s


@program(0.3, [0.4, 1.0], 1, also=[(0.3, [0.4, 1.0], 0)], wrt=(0, 1))
def null_context_of_an_item_in_a_try(a, xs, n):
    s = a
    try:
        s = s * xs[0]
        with contextlib.nullcontext(xs[1] * s) as m:
            s = s + m
            s = s * m / n
    except ZeroDivisionError:
        s = s * 2.0
    return s
