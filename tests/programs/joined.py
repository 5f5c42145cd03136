"""Arrays, numbers and lists that are joined: lists of a number of items known only at run time, `np.r_` and `np.c_`."""

import numpy as np

from tests.programs.corpus import program

X, Y = np.array([0.3, 0.4]), np.array([0.5, 0.7])
W = np.arange(1.0, 20.0) ** 2


@program(X, Y, 2, also=[(X, Y, 0), (X, Y, 3)], wrt=(0, 1))
def stacked_with_a_repeated_list(x, y, n):
    z = np.hstack((x, [1.0] * n, y))
    return np.sum(z**2 * W[: len(z)])


@program(X, Y, 2, also=[(X, Y, 0), (X, Y, 3)], wrt=(0, 1))
def last_of_a_stack_with_a_repeated_list(x, y, n):
    z = np.hstack((x, n * [1.0, 2.0], y))
    return z[-1] * z[0]


@program(X, Y, 2, also=[(X, Y, 3)], wrt=(0, 1))
def rows_with_repeated_ones(x, y, n):
    z = np.vstack((x, [[1.0, 2.0]] * n, y))
    return np.sum(z**2 * W[: len(z), None])


@program(X, Y, 2, also=[(X, Y, 0), (X, Y, 3)], wrt=(0, 1))
def columns_with_repeated_ones(x, y, n):
    z = np.column_stack((x, [[1.0] * n] * 2, y))
    return np.sum(z**2 * W[: z.shape[1]])


@program(X, Y, 2, also=[(X, Y, 0), (X, Y, 3)], wrt=(0, 1))
def end_to_end_with_lists(x, y, n):
    z = np.concatenate((x, [2.0] + [1.0] * n, y, list(range(n))))
    return np.sum(z**2 * W[: len(z)])


@program(X, Y, wrt=(0, 1))
def arrays_and_numbers_in_r(x, y):
    z = np.r_[0.0, x, np.zeros(2), [1.0, 2.0], 1:4, x[0]:y[1]:3j, y]
    return np.sum(z**3 * W[: len(z)])


@program(X, Y, wrt=(0, 1))
def columns_of_c(x, y):
    design = np.c_[np.ones(len(x)), x, y**2]
    return np.sum((design @ design.T) ** 2)


@program(X, Y, wrt=(0, 1))
def matrices_in_r(x, y):
    return np.sum(np.r_[np.outer(x, y), np.outer(y, x)] @ x)


def extended(c, n):
    return np.r_[c, np.zeros(n - len(c))] if len(c) < n else c


@program(np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.7]), also=[(np.array([0.1, 0.2]), np.array([0.5, 0.7, 0.4]))], wrt=(0, 1))
def coefficients_of_one_length(b, a):
    n = max(len(a), len(b))
    lead = a[0]
    if lead != 1.0:
        a, b = a / lead, b / lead
    return np.sum(extended(a, n) * extended(b, n) ** 2)


@program(1.3, W[:8] / 50.0, True, also=[(1.3, W[:8] / 50.0, False)], wrt=(0, 1))
def window_summed_over_bands(cutoff, x, pass_zero):
    edges = np.hstack(([0.0] * pass_zero, np.atleast_1d(cutoff) / 5.0, [1.0] * (not pass_zero)))
    m = np.arange(5) - 2.0
    h = 0
    for left, right in edges.reshape(-1, 2):
        h += right * np.sinc(right * m)
        h -= left * np.sinc(left * m)
    h /= np.sum(h)
    return np.sum(np.convolve(x, h, mode="same") ** 2)
