"""The traps that other tools fell into, one program each (section 7 of the design)."""

import math

import numpy as np

from tests.programs.corpus import normal, positive, program

RATE = 2.0


@program(normal(3), 1.5, writes=True)
def first_update_loses_its_store(x, e):
    y = x * 1.0
    y[0] += e
    return np.sum(y * y)


@program(normal(4), writes=True)
def view_written_through(x):
    y = x * 1.0
    v = y[1:3]
    v[:] = x[0]
    return np.sum(y * y)


def halve(v):
    v *= 0.5


@program(normal(4), writes=True)
def callee_mutates_and_returns_nothing(x):
    y = x * x
    halve(y)
    return np.sum(y * y)


@program(normal(4))
def repeated_fancy_indices(x):
    return np.sum(x[np.array([0, 0, 0, 2])] ** 2)


@program(positive(3, 1), positive(1, 4))
def size_one_broadcasting(a, b):
    return np.sum(a / b + a**b + np.maximum(a, b))


@program(normal(3), 2.0, writes=True)
def constant_store_keeps_activity(x, s):
    y = x * s
    y[0] = 7.0
    return np.sum(y * y)


@program(3, wrt=0)
def integer_input(n):
    return n * n * 0.5


@program(4.0)
def with_body(x):
    with np.errstate(all="ignore"):
        y = x * x
        z = y + x
    return z * y


@program(0.7)
def math_function(x):
    return math.sin(x) * float(x)


@program(np.array([0.3, 0.8]), writes=True)
def alias_updated(v):
    w = v
    w *= v
    return np.sum(w + v)


@program(0.7, 0)
def loop_that_runs_zero_times(x, n):
    s = x * x
    for i in range(n):
        s = s * x
    return s


@program(0.7, 0.2, also=[(0.7, 0.9)])
def undefined_on_one_path(x, y):
    if x > y:
        t = x * y
    s = x + y
    if x > y:
        s = s * t
    return s


@program(0.7, 4)
def loop_index_reassigned(x, n):
    s = 0.0
    for i in range(n):
        s = s + x * i
        i = 100
        s = s + x**2 * i
    return s


@program(1.5, also=[(0.5,)])
def test_after_its_operands_changed(x):
    t = x
    if t > 1.0:
        t = 0.1 * t
        x = x * x
    return x + t * x


@program(-2.0, 0.0, 3, wrt=(0, 1))
def powers_at_zero_and_below(x, z, n):
    return x**n + z**n + z**2 + x**-2


@program(np.array([-1.0, 4.0, 0.0]), smooth=False, expect=np.array([1.0, 0.25, 1.0]))
def where_leaks_no_nan(x):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sum(np.where(x > 0, np.sqrt(x), x))


_calls = []


def counted(x, scale=len(_calls) + 3.0):
    return x * scale


@program(0.7)
def default_evaluated_once(x):
    return counted(x) + counted(x, 2.0)


@program(0.7)
def global_read_at_the_call(x):
    return RATE * x


@program(normal(4))
def random_numbers_drawn_once(x):
    noise = np.random.default_rng(7).normal(size=4)
    y = x + 0.1 * noise
    return np.sum(y * np.sin(y) * noise)


@program(normal(3), normal(3))
def results_do_not_share_buffers(x, y):
    return np.sum(x + y)


@program(normal(3))
def cotangent_not_shared(x):
    a = x * 2.0
    b = a
    c = a + b
    return np.sum(c * c) + np.sum(a)


@program(0.0, 2.0)
def no_fold_of_zero_times(x, y):
    return 0.0 * y + x * y + 0 * x


@program(0.7)
def unused_raise_is_kept(x):
    if x < 0:
        raise ValueError("negative")
    return math.sqrt(x) * x


@program(0.3, 0.4, also=[(0.8, 0.4)])
def short_circuit(x, y):
    if x > 0.5 and math.log(x) > -1.0:
        return x * y
    return y * y


@program(1.3)
def name_clash_with_emitted_names(x):
    x_bar = x * x
    t = x_bar + x
    y_tape = t * x_bar
    result_bar = y_tape + t
    return result_bar * x_bar


@program(0.5)
def names_of_builtins_shadowed(x):
    sum = x * x
    max = sum + x
    return sum * max


@program(normal(3), writes=True)
def overwritten_before_use_by_partial(x):
    y = x * x
    z = np.sin(y)
    y[:] = 0.0
    return np.sum(z * z) + np.sum(y)


@program(normal(2, 2))
def float32_like_scalar_mix(a):
    return np.sum(a * 2 + 1) * 3


@program(np.array([0.5, 1.5], dtype=np.float32))
def float32_stays(x):
    return np.sum(x * x * np.float32(2.0))


@program(1.5, 2.0)
def deleted_name(x, y):
    t = x * y
    u = t * t
    del t
    return u + x
