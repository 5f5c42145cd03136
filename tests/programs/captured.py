"""Arrays that live outside of the function and are written in it: work buffers, captured state, tables made anew."""

import types

import numpy as np

import s2sad
from tests.programs.corpus import program

X = np.array([0.5, 1.5, 2.5, 0.7])
Y = np.array([1.2, 0.4, 0.9, 2.0])
work = np.zeros(4)
table = np.arange(4.0)
rows = np.zeros((3, 4))
plant = types.SimpleNamespace(state=np.zeros(4), gain=2.0)


@program(X)
def buffer(x):
    work[:] = x * x
    return work.sum()


@program(X, Y)
def buffer_filled_in_a_loop(x, y):
    work[0] = x[0]
    for i in range(1, 4):
        work[i] = work[i - 1] * x[i] + y[i]
    return (work * y).sum()


@program(X)
def buffer_read_before_it_is_written_again(x):
    work[:] = x
    first = work * x
    work[:] = 3.0 * first
    return (work * first).sum()


@program(X)
def rows_of_a_buffer(x):
    rows[:] = 0.0
    for k, row in enumerate(rows):
        row[:] = x ** (k + 1)
        if k:
            row += rows[k - 1]
    return (rows[2] * rows[1]).sum()


@program(X, Y)
def out_into_a_buffer(x, y):
    np.multiply(x, y, out=work)
    np.sin(work, out=work)
    return (work * x).sum()


@program(X)
def buffer_under_another_name(x):
    w = work
    w[:] = x
    w *= x
    return (work * w).sum()


@program(X)
def attribute_of_an_object(x):
    plant.state[:] = 1.0
    for k in range(3):
        plant.state[1:] += plant.gain * plant.state[:-1] * x[k]
    return plant.state @ x


@program(X)
def filled_and_sorted(x):
    work.fill(2.0)
    np.add.at(work, [0, 0, 3], x[:3])
    work.sort()
    return (work * x).sum()


def store(o, x):
    o[:] = x * o + 1.0


@program(X)
def kernel_on_a_buffer(x):
    work[:] = 1.0
    store(work, x)
    store(work, x)
    return (work * x).sum()


def total():
    return work.sum()


@program(X)
def helper_that_reads_it(x):
    work[:] = 3.0
    before = total()
    work[:] = x
    return before * (x * work).sum() + total()


def doubled():
    work[:] = 2.0 * work


@program(X)
def helper_that_writes_it(x):
    work[:] = 1.0
    y = x * work
    doubled()
    return (y * x * work).sum()


def each():
    for value in work:
        yield value * value


@program(X)
def generator_that_reads_it(x):
    work[:] = x
    s = 0.0
    for value in each():
        s += value * x[0]
    return s


def make():
    buffer = np.ones(4)

    def filled(x):
        buffer[0] = 1.0

        def store_next(i):
            buffer[i] = x[i] * buffer[i - 1]

        for i in range(1, 4):
            store_next(i)
        return (buffer * x).sum()

    return filled


captured_by_a_closure = program(X)(make())


@program(X)
def swapped_with_a_local_array(x):
    a, b = work, np.ones(4)
    a[:] = x
    for _ in range(3):
        b[1:] = a[:-1] * x[1:]
        a, b = b, a
    return (a * x).sum()


@program(X)
def written_on_one_path(x):
    work[:] = 1.0
    if x[0] > 0:
        work[0] = x[0] * x[1]
    else:
        work[1] = x[2]
    return work[0] * x[1] + work[1] * x[2]


@program(X)
def kept_in_a_dict(x):
    parts = {"a": work, "b": table}
    parts["a"][:] = x * parts["b"]
    return (work * x).sum()


@program(X)
def order_by_a_key_that_reads_it(x):
    work[:] = [3.0, 1.0, 2.0, 0.0]
    first = sorted(range(4), key=lambda i: work[i])
    work[:] = x
    then = sorted(range(4), key=lambda i: work[i])
    return x[first[0]] * x[then[0]] * work[then[1]]


def square(y):
    work[:] = y * y
    return (work * work).sum()


@program(X)
def gradient_of_what_writes_it(x):
    work[:] = x
    return (s2sad.grad(square)(x) * work).sum()


@program(X)
def zero_trips(x):
    work[:] = x
    for i in range(3, 3):
        work[i] = x[i]
    while work[0] < 0:
        work[0] += x[0]
    return (work * x).sum()


@program(X)
def left_early(x):
    work[:] = 1.0
    for i in range(4):
        work[i] = x[i] * 2.0
        if work[i] > 2.5:
            return work[i] * x[0] + work[3]
    return work.sum()


@program(X, Y, wrt=(0,))
def shuffled_by_a_library(x, y):
    work[:] = y
    np.random.seed(3)
    first = x * work
    np.random.shuffle(work)
    return (first * x * work).sum()
