"""Steps whose derivative is known together: shifts that cancel, quotients of exponentials, roots; and look-alikes."""

import math

import numpy as np

from tests.programs.corpus import normal, positive, program


@program(normal(4, 3))
def log_sum_exp_of_rows(a):
    top = np.max(a, axis=1)
    return np.sum(np.sin(top + np.log(np.sum(np.exp(a - top[:, None]), axis=1))))


@program(normal(4, 3))
def log_sum_exp_kept_dimensions(a):
    top = np.max(a, axis=0, keepdims=True)
    s = np.log(np.sum(np.exp(a - top), axis=0, keepdims=True)) + top
    return np.sum(s * s)


@program(normal(5))
def log_sum_exp_of_all(x):
    top = np.max(x)
    return (top + np.log(np.sum(np.exp(x - top)))) ** 2


@program(normal(5), 0.3, wrt=(0, 1))
def shift_is_an_argument(x, shift):
    return shift + np.log(np.sum(np.exp(x - shift)))


@program(normal(5), 0.3, wrt=(0, 1))
def another_shift_is_added(x, shift):
    return 2.0 * shift + np.log(np.sum(np.exp(x - shift)))


@program(normal(3, 3))
def shift_of_the_other_axis(a):
    top = np.max(a, axis=1)
    return np.sum(top + np.log(np.sum(np.exp(a - top[None, :]), axis=1)))


@program(normal(3, 3))
def shift_meets_another_shape(a):
    top = np.max(a, axis=1, keepdims=True)
    return np.sum(np.sin(top + np.log(np.sum(np.exp(a - top), axis=1))))


@program(normal(4))
def exponential_is_used_again(x):
    top = np.max(x)
    e = np.exp(x - top)
    return top + np.log(np.sum(e)) + np.sum(e * e)


@program(normal(4, 3))
def softmax_of_rows(a):
    top = np.max(a, axis=1)
    e = np.exp(a - top[:, None])
    p = e / np.sum(e, axis=1)[:, None]
    return np.sum(p * p * p)


@program(normal(4, 3))
def softmax_of_columns_kept(a):
    e = np.exp(a - np.max(a, axis=0, keepdims=True))
    p = e / np.sum(e, axis=0, keepdims=True)
    return np.sum(np.sin(p))


@program(normal(3, 3))
def softmax_along_the_wrong_axis(a):
    e = np.exp(a - np.max(a, axis=0))
    p = e / np.sum(e, axis=1)[:, None]
    return np.sum(p * p)


@program(normal(4), normal(4), wrt=(0, 1))
def shift_is_written_between(x, w):
    top = w * 1.0
    d = x - top[0]
    top[0] = w[1]
    return top[0] + np.log(np.sum(np.exp(d)))


@program(normal(5), numba=True)
def logistic(x):
    p = 1.0 / (1.0 + np.exp(-x))
    return np.sum(p * p)


@program(normal(2), numba=True)
def logistic_of_numbers(x):
    p = 1 / (math.exp(-x[0] * x[1]) + 1)
    return p * p


@program(normal(4))
def logistic_whose_parts_are_used(x):
    e = np.exp(-x)
    u = 1.0 + e
    return np.sum(1.0 / u * e + u * e)


@program(normal(4))
def quotient_that_is_not_logistic(x):
    return np.sum(2.0 / (1.0 + np.exp(x)) + 1.0 / (2.0 + np.exp(x)) + 1.0 / (1.0 - np.exp(x + 3.0)))


@program(positive(4))
def times_its_root(x):
    s = x * x + 0.1
    return np.sum(1.0 / (s * np.sqrt(s))) + np.sum(np.sqrt(s) * s)


@program(positive(4), positive(4), wrt=(0, 1))
def times_the_root_of_another(x, y):
    return np.sum(x * np.sqrt(y) + np.sqrt(x) * y)


@program(normal(6), 2)
def slices_that_lie_apart(x, n):
    g = x * x
    m = x[:n].shape[0]
    return np.sum(np.sin(g[:m]) * g[m : 2 * m] + g[2 * m :] ** 2)


@program(normal(6))
def slices_that_overlap(x):
    g = x * x
    m = x[:2].shape[0]
    return np.sum(np.sin(g[: 2 * m]) * g[m : 3 * m]) + g[0] * g[-1]


@program(normal(1), normal(4), wrt=(0, 1))
def slice_of_one(x, y):
    n = y.shape[0]
    return np.sum(x[:n] * y)


@program(normal(4), normal(3, 4), wrt=(0, 1))
def sums_of_products(v, a):
    b = np.sum(a * v * 2.0, axis=0)
    return np.sum(b * b) + np.sum(-a * a * v, axis=1) @ np.ones(3)


@program(normal(3), wrt=(0,))
def number_beside_an_array(x):
    return np.sum(np.maximum(x[-3], np.ones((3, 4))), axis=0)
