"""Reductions, cumulative sums, sorting: every spelling of `axis` and `keepdims`, functions and methods."""

import numpy as np

from tests.programs.corpus import normal, positive, program


@program(normal(4, 3), numba=True)
def total(a):
    return np.sum(a * a)


@program(normal(4, 3), numba=True)
def sum_axis_0(a):
    s = np.sum(a, axis=0)
    return np.sum(s * s)


@program(normal(4, 3), numba=True)
def sum_axis_last(a):
    s = np.sum(a, axis=-1)
    return np.sum(s * s * s)


@program(normal(2, 3, 4))
def sum_axis_tuple(a):
    s = np.sum(a, axis=(0, 2))
    return np.sum(s**3)


@program(normal(2, 3, 4))
def sum_keepdims(a):
    return np.sum(a / (2.0 + np.sum(a * a, axis=1, keepdims=True)))


@program(normal(4, 3))
def sum_axis_none(a):
    return a.sum(axis=None) ** 2


@program(normal(4, 3))
def sum_method(a):
    return np.sum(a.sum(0) * a.sum(axis=0)) + a.sum(1)[0]


@program(normal(4, 3))
def mean(a):
    return np.mean(a) ** 2 + np.sum(np.mean(a, axis=0) ** 2) + np.sum(a.mean(1, keepdims=True) ** 3)


@program(normal(4, 3))
def variance(a):
    return np.var(a) + np.sum(np.var(a, axis=0)) + np.sum(a.var(axis=1) ** 2)


@program(normal(4, 3))
def deviation(a):
    return np.std(a) + np.sum(np.std(a, axis=0)) + np.sum(a.std(axis=1, keepdims=True) * a)


@program(normal(4, 3))
def variance_with_ddof(a):
    return np.var(a, ddof=1) * np.std(a, ddof=1) + np.sum(np.var(a, axis=1, ddof=1))


@program(positive(4))
def product(x):
    return np.prod(x) * x[0]


@program(positive(3, 4))
def product_axis(a):
    return np.sum(np.prod(a, axis=0)) + np.sum(a.prod(axis=1) ** 2)


@program(np.array([1.3, 0.0, -0.7, 2.0]))
def product_with_zero(x):
    return np.prod(x)


@program(normal(4, 3))
def maximum(a):
    return np.max(a) ** 2 + np.sum(np.max(a, axis=0) ** 2) + np.sum(a.max(1))


@program(normal(4, 3))
def minimum(a):
    return np.min(a) ** 2 + np.sum(np.amin(a, axis=0) ** 2) + np.sum(a.min(axis=1, keepdims=True) * a)


@program(normal(4, 3))
def peak_to_peak(a):
    return np.amax(a) - np.amin(a) * np.max(a)


@program(normal(5))
def cumulative_sum(x):
    return np.sum(np.cumsum(x) ** 2)


@program(normal(4, 3))
def cumulative_sum_axis(a):
    return np.sum(np.cumsum(a, axis=0) ** 2) + np.sum(a.cumsum(1) ** 3) + np.sum(np.cumsum(a) ** 2)


@program(positive(5))
def cumulative_product(x):
    return np.sum(np.cumprod(x) ** 2)


@program(normal(6))
def differences(x):
    return np.sum(np.diff(x) ** 2) + np.sum(np.diff(x, n=2) ** 3)


@program(normal(4, 3))
def differences_axis(a):
    return np.sum(np.diff(a, axis=0) ** 2) + np.sum(np.diff(a) ** 2)


@program(normal(6))
def sorted_values(x):
    return np.sum(np.sort(x) * np.arange(6.0))


@program(normal(4, 3))
def sorted_axis(a):
    return np.sum(np.sort(a, axis=0) * np.arange(12.0).reshape(4, 3))


@program(normal(6))
def argsort_then_gather(x):
    order = np.argsort(x)
    y = x[order]
    return np.sum(y[1:] * y[:-1])


@program(normal(6))
def argmax_then_pick(x):
    return x[np.argmax(x)] * x[x.argmin()]


@program(normal(4, 3))
def norm(a):
    return np.linalg.norm(a) + np.sum(np.linalg.norm(a, axis=1) ** 3)


@program(normal(5))
def vector_norms(x):
    return np.linalg.norm(x) * np.linalg.norm(x, 1) + np.linalg.norm(x, np.inf) + np.linalg.norm(x, 3)


@program(normal(5))
def any_and_all(x):
    if np.any(x > 100) or not np.all(x < 100):
        return np.sum(x)
    return np.sum(x * x)


@program(normal(4, 3))
def gaussian_likelihood(x):
    mu = x.mean(axis=0)
    centred = x - mu
    cov = centred.T @ centred / x.shape[0] + np.eye(3)
    return np.log(np.linalg.det(cov))


@program(normal(5))
def sum_of_list_of_sums(x):
    return sum([np.sum(x), np.sum(x * x), np.max(x)])


@program(normal(5))
def builtins_on_arrays(x):
    return sum(x * x) + max(x) * min(x)


@program(positive(5))
def average(x):
    return np.average(x) * np.median(x)


@program(positive(5))
def entropy(x):
    p = x / x.sum()
    return -(p * np.log(p)).sum()


@program(normal(4, 3))
def trace_and_diagonal(a):
    return np.trace(a) ** 2 + np.sum(np.diag(a) ** 3) + np.sum(np.diagonal(a, 1))


@program(normal(4))
def diag_builds_matrix(x):
    return np.sum(np.diag(x) @ np.diag(x) + np.diag(x, 1)[:4, :4])


@program(normal(3, 3))
def triangles(a):
    return np.sum(np.triu(a) @ np.tril(a, -1))


# ---- convolution ----------------------------------------------------------------------------------
@program(normal(6), normal(3))
def convolution(x, taps):
    y = np.convolve(x, taps)
    return np.sum(y * y * y)


@program(normal(6), normal(4), also=[(normal(3), normal(4))])
def convolution_of_the_same_size(x, taps):
    y = np.convolve(x, taps, mode="same")
    return np.sum(y * y) + y[0]


@program(normal(6), normal(3), also=[(normal(3), normal(6))])
def convolution_where_both_overlap(x, taps):
    y = np.convolve(x, taps / np.sum(taps * taps), "valid")
    return np.sum(np.sin(y))


@program(normal(9))
def residual_of_a_moving_average(x):
    smooth = np.convolve(x, np.ones(3) / 3.0, mode="same")
    return np.mean((x - smooth) ** 2) * x[0]
