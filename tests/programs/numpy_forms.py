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
