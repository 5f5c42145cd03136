"""Arguments that the function overwrites: work arrays, outputs, lists and dicts of them, differentiated or not."""

import numpy as np

from tests.programs.corpus import program as register

_numbers = np.random.default_rng(31)


def normal(*shape):
    return _numbers.normal(size=shape)


def unit(*shape):
    return _numbers.uniform(0.1, 0.9, size=shape)


def program(*args, **options):
    return register(*args, writes=True, **options)


@program(unit(3), np.zeros(3), wrt=(0,))
def output_argument(x, out):
    out[:] = x * x
    return np.sum(out)


@program(0.7, normal(3, 3), np.zeros((3, 3)), wrt=(0, 1))
def kernel_style(alpha, a, out):
    for i in range(1, 3):
        out[i, 1:] = alpha * a[i, :-1] * out[i - 1, 1:] + a[i, 1:]
    out *= alpha
    return np.sum(out**2)


@program(unit(3), [np.ones(3), np.full(3, 0.7)], wrt=(0,))
def list_of_outputs(x, buffers):
    buffers[0][:] = x * x
    return np.sum(np.stack(buffers)) + np.sum(buffers[1] * buffers[0])


@program(unit(3), [np.ones(3), np.full(3, 0.7)], wrt=(0,))
def outputs_by_index(x, buffers):
    for i in range(2):
        buffers[i][:] = x * x * (i + 1)
    return np.sum(buffers[1] * buffers[0])


@program(unit(3), [np.ones(3), np.full(3, 0.7)], 3, wrt=(0,))
def outputs_in_turn(x, buffers, n):
    for i in range(n):
        buffers[i % 2][i] = x[i] * buffers[(i + 1) % 2][0]
    return np.sum(buffers[1] * buffers[0])


@program(unit(3), [np.ones(3), np.full(3, 0.7)], wrt=(0,))
def outputs_added_to(x, buffers):
    for b in buffers:
        b += x
    return np.sum(buffers[1] * buffers[0])


@program(unit(3), [np.ones(3), np.full(3, 0.7)], wrt=(0,))
def outputs_swapped(x, buffers):
    a, b = buffers
    for i in range(3):
        b[:] = a * x
        a, b = b, a
    return np.sum(a)


@program(unit(3), {"a": np.ones(3), "b": np.full(3, 0.7)}, wrt=(0,))
def outputs_in_a_dict(x, held):
    held["a"][0] = x[0] ** 3
    held["b"] = held["a"] * x
    return np.sum(held["b"])


@program([unit(3), normal(3)])
def listed_by_index(xs):
    for i in range(2):
        xs[i][0] *= xs[1 - i][1]
    return np.sum(xs[0] * xs[1])


@program(unit(3))
def list_of_locals_by_index(x):
    a = x * 2.0
    b = x * 3.0
    both = [a, b]
    for i in range(2):
        both[i][0] *= both[1 - i][1]
    return np.sum(a * b)


@program(unit(3), normal(3))
def tuple_of_arguments_by_index(x, y):
    both = (x, y)
    for i in range(2):
        both[i][0] *= both[1 - i][1]
    return np.sum(x * y)


@program(unit(3), normal(3), 4)
def tuple_read_by_index_after_a_write(x, y, n):
    both = (x * 1.0, y * 1.0)
    first = both[0]
    s = 0.0
    for i in range(n):
        first[i % 3] = s + both[(i + 1) % 2][i % 3]
        s = s + both[i % 2][0] ** 2
    return s
