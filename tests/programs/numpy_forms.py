"""NumPy's functions in the forms of their arguments that are seldom written, but mean something."""

import numpy as np

from tests.programs.corpus import program

MATRIX = np.array([[0.3, -0.8, 1.7], [0.9, 2.2, 0.45]])
ROW = np.array([0.3, -0.8, 1.7, 0.9])


# ---- arguments beside the array that the result depends on ----------------------------------------
@program(MATRIX, 0.7)
def sum_from_a_number(a, c):
    return np.sum(a, initial=c) ** 2 + np.prod(np.sum(a, 0, None, None, False, c * c))


@program(MATRIX)
def sum_from_a_constant_where_a_mask_says(a):
    return np.prod(a.sum(axis=1, initial=2.0, where=a > 0.4, keepdims=True))


@program(MATRIX, 0.7)
def padded_with_a_differentiated_number(a, c):
    return np.sum(np.pad(a, ((1, 0), (2, 1)), constant_values=c) ** 3) + np.sum(np.pad(a[0], 2, "constant", constant_values=c * c) ** 2)


@program(MATRIX, 0.7)
def nan_replaced_by_a_differentiated_number(a, c):
    gaps = np.array([a[0, 0], np.nan, np.inf, -np.inf])
    return np.prod(np.nan_to_num(gaps, nan=c, posinf=c * c, neginf=a[1, 1]))


@program(MATRIX, refused="S203")
def freedom_that_is_differentiated(a):
    return np.std(a, ddof=a[0, 0])


@program(ROW, refused="S203")
def order_of_a_norm_that_is_differentiated(x):
    return np.linalg.norm(x, x[0] + 2.0)


@program(ROW, refused="S203")
def padded_with_two_differentiated_numbers(x):
    return np.sum(np.pad(x, 1, constant_values=(x[0], x[1])) ** 2)


@program(ROW, refused="S201")
def padded_with_the_largest(x):
    return np.sum(np.pad(x, 2, mode="maximum") ** 2)


# ---- several results of one ufunc -----------------------------------------------------------------
@program(MATRIX)
def parts_of_a_matrix(a):
    fraction, whole = np.modf(a)
    return np.sum(fraction * whole + fraction**2)


@program(ROW)
def parts_of_a_vector(x):
    parts = np.modf(x * 2.0)
    return np.sum(parts[0] ** 2 * x) + np.sum(parts[1])


# ---- lists of constants beside arrays -------------------------------------------------------------
@program(MATRIX)
def convolved_with_a_list(a):
    return np.sum(np.convolve(a[0], [1.0, 2.0, 0.5]) ** 2) + np.sum(np.convolve([1.0, 2.0], a[1], "same") ** 3)


@program(ROW)
def convolved_with_a_number(x):
    return np.sum(np.convolve(x, 2.0) ** 2)


@program(MATRIX)
def products_with_lists_of_lists(a):
    return np.prod(np.kron([[1.0, 2.0]], a)) + np.sum(np.linalg.solve([[1.0, 2.0], [3.0, 1.0]], a) ** 2)


# ---- how an array lies in memory ------------------------------------------------------------------
@program(MATRIX)
def columns_written_through_a_reshape(a):
    b = np.asfortranarray(a * 1.0)
    r = b.reshape(6, order="F")
    r[1] *= 3 * r[0]
    return np.sum(b * np.arange(6.0).reshape(2, 3))


@program(MATRIX, refused="S201")
def read_in_the_order_of_memory(a):
    return np.sum(a.ravel("K") * np.arange(6.0))


@program(MATRIX, 1)
def shape_of_as_many_ones_as_an_int_says(a, n):
    b = np.reshape(a, (1,) * n + a.shape)
    return np.sum(np.concatenate([b, 2.0 * b], -1) ** 2) + np.sum(np.broadcast_to(a, (2,) * n + a.shape) ** 3)


# ---- reductions from a number on, and of what a mask chooses --------------------------------------
@program(MATRIX, 0.5)
def extremes_from_a_number_on(a, c):
    largest = a.max(axis=1, initial=c, keepdims=True)
    return np.prod(largest) + np.min(a, initial=c * c, where=a > 0.0) ** 2 + np.max(a[0, :0], initial=c)


@program(MATRIX)
def products_and_means_of_what_is_chosen(a):
    return np.sum(np.prod(a, axis=0, initial=2.0, where=a > 0.4)) * np.mean(a, where=a > 0.4) + np.sum(a.mean(1, where=a > 0))


@program(MATRIX)
def weights_along_an_axis(a):
    means, sums = np.average(a, axis=1, weights=a[0] ** 2, returned=True)
    return np.sum(means * sums**2) + np.average(a, 0, [1.0, 3.0])[1] ** 2


@program(np.arange(24.0).reshape(2, 3, 4) ** 0.7, smooth=False)
def medians_over_axes(b):
    return np.median(b, axis=(0, 2)).prod() + np.percentile(b, 30, axis=1, keepdims=True).sum() ** 2


@program(MATRIX, smooth=False)
def medians_of_numbers(a):
    gaps = np.where(a < 0.0, np.nan, a)
    return np.nanmedian(gaps) ** 2 + np.sum(np.nanpercentile(gaps, 40, axis=1) ** 2)


# ---- methods of ufuncs ----------------------------------------------------------------------------
@program(MATRIX)
def reduced_by_ufuncs(a):
    out = np.zeros(3)
    np.add.reduce(a, 0, None, out)
    return np.sum(out**2) + np.multiply.reduce(a, axis=1, keepdims=True).sum() + np.maximum.reduce(a, axis=None) ** 2


@program(MATRIX)
def accumulated_by_ufuncs(a):
    return np.sum(np.add.accumulate(a, axis=1) ** 2) + np.prod(np.maximum.accumulate(a, axis=1)) + np.sum(
        np.minimum.accumulate(a[1]) ** 2) + np.multiply.accumulate(a)[1, 2]


@program(MATRIX)
def outer_of_ufuncs(a):
    return np.sum(np.exp(-np.subtract.outer(a[0], a[1]) ** 2)) + np.sum(np.divide.outer(2.0, a) * np.maximum.outer(a, 0.5))


@program(MATRIX)
def logs_of_sums_of_exponentials(a):
    return np.prod(np.logaddexp.reduce(a, axis=1)) + np.sum(np.add.reduceat(a.ravel(), [0, 2, 5]) ** 2)


# ---- written out ----------------------------------------------------------------------------------
@program(ROW)
def pieces_of_a_function(x):
    return np.sum(np.piecewise(x, [x < 0.0, x > 1.0], [lambda t: t**2, 2.0, lambda t: np.sin(t) * x[0]]) ** 2)


@program(MATRIX)
def inserted_and_repeated(a):
    wider = np.insert(a, 1, a[:, 0] ** 2, axis=1)
    return np.sum(wider**2 * np.arange(4.0)) + np.insert(a, [0, 4], a[0, :2])[5] ** 2 + np.prod(np.resize(a, (2, 4)))


@program(MATRIX)
def blocks(a):
    return np.sum(np.block([[a, a[:, :1] ** 2], [np.zeros((1, 3)), 2.0]]) ** 3) + np.prod(np.block([a[0], a[1, 0]]))


@program(MATRIX)
def along_and_over_axes(a):
    shares = np.apply_along_axis(lambda row: row / row.sum(), 1, a)
    return np.sum(shares**2) * np.apply_over_axes(np.sum, a, (0, 1))[0, 0]


@program(MATRIX)
def windows_and_their_places(a):
    windows = np.lib.stride_tricks.sliding_window_view(a, 2, axis=1)
    total = 0.0
    for (i, j), value in np.ndenumerate(a):
        total += (i + j) * value**2
    return np.sum(windows[..., 0] * windows[..., 1] ** 2) * total


@program(MATRIX, refused="S202")
def windows_of_what_is_written_later(a):
    b = a.copy()
    windows = np.lib.stride_tricks.sliding_window_view(b, 2, axis=1)
    b[0] = 5.0
    return np.sum(windows**2)


@program(ROW)
def fitted_by_a_polynomial(y):
    return np.polyfit(np.arange(4.0), y, 1, w=np.arange(1.0, 5.0)) @ np.array([1.0, 2.0])


@program(MATRIX)
def written_along_an_axis(a):
    b = a.copy()
    np.put_along_axis(b, np.argmax(a, 1, keepdims=True), a[:, :1] * 2.0, axis=1)
    return np.sum(b**2)


@program(MATRIX, 3)
def stacks_of_lists_of_any_length(a, n):
    rows = []
    for i in range(n):
        rows.append(a[i % 2] * i)
    return np.sum(np.vstack(rows) ** 2) + np.sum(np.hstack(rows) ** 3) + np.sum(np.column_stack(rows)[0]) ** 2


@program(ROW)
def no_differences_are_the_array_itself(x):
    y = np.ones(4)
    z = np.diff(y, n=0)
    y[:] = x
    return np.sum(z**2)


LINES = [np.poly1d([1.0, 2.0]), np.poly1d([3.0, 4.0])]


@program(ROW)
def objects_that_have_no_hash_are_called(x):
    return np.sum(LINES[0](2.0) * x + LINES[1](2.0) * x**2)


@program(np.array([[2.0, 0.3], [0.4, 1.5]]))
def places_of_triangles(a):
    upper, lower = np.triu_indices_from(a, k=1), np.tril_indices_from(a)
    return np.prod(a[upper]) * np.sum(a[lower] ** 2)


# ---- what is drawn at random is drawn once --------------------------------------------------------
@program(ROW)
def places_drawn_at_random(x):
    draw = np.random.default_rng(3)
    y = x.copy()
    y[draw.integers(4)] += x[draw.integers(4)] ** 2
    y[draw.integers(1, 3):] *= x[0]
    return x[draw.integers(4)] * y[draw.integers(4)] ** 2 + np.prod(x[draw.permutation(4)] * y[draw.permutation(4)])


@program(ROW)
def places_drawn_in_a_loop(x):
    draw = np.random.default_rng(5)
    total = x[0]
    for k in range(draw.integers(2, 5)):
        total = total * x[k % 4] + x[draw.integers(4)] ** 2 * k
    return total + sum(x[draw.integers(4)] * k for k in range(5)) ** 2


@program(MATRIX)
def rows_drawn_at_random_and_written(a):
    draw = np.random.default_rng(0)
    b = a * a
    row = b[int(draw.integers(2))]
    row[1] += a[0, 2] ** 3
    return np.sum(b * np.arange(6.0).reshape(2, 3))


@program(MATRIX, refused="S202")
def row_of_a_place_that_may_be_several(a):
    draw = np.random.default_rng(0)
    b = a * a
    row = b[draw.integers(2)]
    row[1] += a[0, 2] ** 3
    return np.sum(b * np.arange(6.0).reshape(2, 3))
