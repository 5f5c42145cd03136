"""Reshapes of arrays that are written: a view where the array lies in memory so, a copy where not, as NumPy decides."""

import numpy as np

from tests.programs.corpus import program as register

WEIGHTS = np.array([[0.2, 0.5], [0.8, 0.1]])
BY_COLUMNS = np.array([[0.3, 0.1], [0.4, 0.7]]).T
WITH_GAPS = np.array([[0.3, 0.4, 0.1], [0.1, 0.7, 0.2]])[:, ::2]


_numbers = np.random.default_rng(31)


def normal(*shape):
    return _numbers.normal(size=shape)


def unit(*shape):
    return _numbers.uniform(0.1, 0.9, size=shape)


def program(*args, **options):
    return register(*args, writes=True, **options)


@program(0.3)
def tangent_in_another_order(x):
    a = WEIGHTS.T * 2.0 + x
    r = a.ravel()
    r[0] = x**2
    return np.sum(a**2) + np.sum(r)


@program(0.3, unit(3))
def product_in_another_order(x, y):
    a = np.sin(WEIGHTS.T) * x
    r = a.reshape(-1)
    r[1:] *= y
    return np.sum(a**2) + np.sum(r)


@program(normal(2, 2), 0.2)
def copy_made_in_a_loop(a, x):
    a = a * 1.0
    s = 0.0
    for i in range(2):
        r = a.T.ravel()
        r[0] *= x
        s = s + np.sum(r**2)
        a[0, 1] = x * s
    return s + np.sum(a**3)


@program(normal(2, 3), 2)
def view_made_in_a_loop(a, n):
    a = a.copy()
    for i in range(n):
        r = a.reshape(3, 2)
        r[0] *= r[2]
        r[i, 1] = np.sum(a)
    return np.sum(a**2)


@program(BY_COLUMNS, also=[(WITH_GAPS,)])
def argument_by_columns(x):
    r = x.ravel()
    r[0] = r[1] * 2.0
    return np.sum(x**2) + np.sum(r)


@program(np.array([0.3, 0.4, 0.1, 0.1, 0.7, 0.2, 0.1])[::2])
def argument_with_gaps(x):
    r = x.reshape(2, 2)
    r[0] = r[1] * 2.0
    return np.sum(x**2) + np.sum(r)


@program(BY_COLUMNS)
def to_columns(x):
    r = np.asfortranarray(x)
    r[0] = r[1] * 2.0
    return np.sum(x**2) + np.sum(r)


@program(BY_COLUMNS)
def to_rows(x):
    r = np.ascontiguousarray(x)
    r[0] = r[1] * 2.0
    return np.sum(x**2) + np.sum(r)


@program([BY_COLUMNS, BY_COLUMNS.T * 0.5])
def listed_arguments(xs):
    for i in range(2):
        r = xs[i].ravel()
        r[0] = r[1] * 2.0
    return np.sum(xs[0] ** 2) + np.sum(r) + np.sum(xs[1] ** 3)


@program(normal(2, 2), 0.2, also=[(normal(2, 2), -0.2)])
def transposed_in_a_branch(x, y):
    if y > 0.0:
        a = x.T
    else:
        a = x * 1.0
    b = a * y
    r = b.ravel()
    r[0] = r[1] * 2.0
    c = a.ravel()
    c[1] = y
    return np.sum(x**2) + np.sum(r * c) + np.sum(b**3)


@program(normal(6))
def grid_of_a_vector(x):
    y = np.zeros(6)
    grid = y.reshape(2, 3)
    for i in range(2):
        for j in range(3):
            grid[i, j] = x[3 * i + j] * y[j]  + x[j]
    return np.sum(y**2)


@program(normal(2, 3))
def reshaped_in_place_of_order(x):
    a = np.ones((2, 3)) * x
    columns = np.reshape(a, (3, 2), order="F")
    columns[0] = columns[1] * x[0, 0]
    return np.sum(a**2) + np.sum(columns)
