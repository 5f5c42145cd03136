"""Arrays that are made without a derivative and take one when they are written, however they were made."""

import numpy as np

from tests.programs.corpus import program as register

W = np.array([0.5, 0.7, 0.9])
TABLE = np.array([[0.5, 0.7, 0.9], [0.1, 0.2, 0.3]])
COUNTS = np.array([1, 2, 3])


def program(*args, **options):
    return register(*args, writes=True, **options)


def zeros(n):
    return np.zeros(n)


def filled(n, value):
    made = np.full(n, value)
    made[0] = 2.0 * value
    return made


@program(0.8)
def made_by_a_function(x):
    a = zeros(3)
    b = filled(3, 0.4)
    a[0] = x
    b[1:] *= x
    return np.sum(a * b) + np.sum(b * b)


@program(0.8)
def made_by_a_local_function(x):
    def made(n):
        return np.ones(n)

    a = made(3)
    a[0] = x * a[1]
    return np.sum(a * a)


@program(0.8)
def copy_of_a_constant(x):
    a = W.copy()
    a[0] = x
    b = np.copy(W)
    b[1] = a[0] * x
    return np.sum(a * b)


@program(0.8)
def whole_numbers_as_floats(x):
    a = COUNTS.astype(float)
    a[0] *= x
    return np.sum(a * a)


@program(0.8, np.array([0.5, 0.2, 0.7]), wrt=0)
def picked_by_mask(x, w):
    a = w[w > 0.3]
    a[0] = x
    return np.sum(a * a)


@program(0.8, np.array([0.5, 0.2, 0.7]), wrt=0)
def picked_by_list(x, w):
    a = w[[0, 2, 2]]
    a += x
    a[0] *= x
    return np.sum(a * a)


@program(0.8)
def picked_by_order(x):
    a = W[np.argsort(-W)]
    a[1] = x
    return np.sum(a * W)


@program(0.8)
def picked_by_two_lists(x):
    a = TABLE[[0, 1], [1, 2]]
    b = TABLE[[0, 1], 1:]
    a[0] = x
    b *= x
    return np.sum(a * a) + np.sum(b * a)


@program(0.8)
def picked_from_zeros(x):
    a = np.zeros(3)
    b = a[np.array([0, 2])]
    b += x
    a[0] = x * x
    return np.sum(b * b) + np.sum(a)


@program(0.8)
def on_one_of_two_paths(x):
    a = np.zeros(3) if x > 2.0 else W * 1.0
    a[0] = x
    return np.sum(a * a)


@program(0.8)
def unpacked_rows(x):
    a, b = np.zeros((2, 3))
    a[0] = x
    b[1] = x * x
    return np.sum(a) + np.sum(b * b)


@program(0.8)
def split_of_zeros(x):
    a, b = np.split(np.zeros(4), 2)
    a[0] = x
    b[:] = a * x
    return np.sum(a) + np.sum(b * b)


@program(0.8)
def stacked_constants(x):
    a = np.stack([W, W])
    a[1, 0] = x
    b = np.where(W > 0.6, W, 0.0)
    b[1] = a[1, 0] * x
    return np.sum(a * a) + np.sum(b * b)


@program(0.8)
def list_of_lists_of_constants(x):
    a = [[0.0] * 2 for _ in range(2)]
    a[0][1] = x
    a[1][0] = a[0][1] * x
    return a[0][1] ** 2 + a[1][0]


@program(0.8)
def one_array_twice_in_a_list(x):
    a = [np.zeros(2)] * 2
    a[0][0] = x
    a[1][1] = x * a[0][0]
    return np.sum(a[1] * a[0])


@program(0.8, refused="S202")
def view_by_einsum(x):
    a = np.zeros((3, 3))
    d = np.einsum("ii->i", a)
    d[1] = x
    return np.sum(a)


@program(np.array([[0.3, 0.4], [0.5, 0.1]]))
def rows_in_a_list(a):
    rows = list(a)
    rows[0][1] = 5.0 * a[1, 0]
    return np.sum(a * a) + np.sum(rows[1])


@program(np.array([[0.3, 0.4], [0.5, 0.1]]))
def rows_comprehended(a):
    b = a * 1.0
    rows = [row for row in b]
    for i in range(2):
        rows[i][i] = a[0, 0] ** 2
    for row in rows:
        row *= 2.0
    return np.sum(b * b)
