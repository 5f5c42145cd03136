"""Elementwise array programs: every pair of shapes, size-1 axes, ranks that differ, dtypes, empty arrays."""

import numpy as np

from tests.programs.corpus import normal, positive, program, unit


@program(normal(5), normal(5), numba=True)
def same_shape(x, y):
    return np.sum(x * y + np.sin(x) / (2.0 + np.cos(y)))


@program(normal(5), 1.3, numba=True)
def scalar_and_array(x, s):
    return np.sum(s * x + s / (3.0 + x) - s**2)


@program(normal(4, 3), normal(3), numba=True)
def matrix_and_row(a, r):
    return np.sum(a * r + np.sin(a + r))


@program(normal(4, 3), normal(4, 1))
def matrix_and_column(a, c):
    return np.sum(np.tanh(a * c))


@program(normal(4, 1), normal(1, 3))
def column_and_row(c, r):
    return np.sum(np.exp(0.3 * c * r))


@program(positive(4, 1), positive(1, 3))
def division_of_size_one(c, r):
    return np.sum(c / r)


@program(positive(4, 1), positive(3))
def power_of_size_one(c, r):
    return np.sum(c**r)


@program(normal(1), normal(4))
def length_one(x, y):
    return np.sum(x * y * y)


@program(normal(1, 1), normal(2, 3))
def one_by_one(x, y):
    return np.sum(x / (3.0 + y * y))


@program(normal(2, 3, 4), normal(3, 1))
def rank_three(a, b):
    return np.sum(np.sin(a * b))


@program(normal(3), normal(2, 3, 4))
def leading_axes_by_none(x, a):
    return np.sum(x[None, :, None] * a)


@program(normal(4), normal(3), numba=True)
def outer_by_none(x, y):
    d = x[:, None] - y
    return np.sum(np.exp(-d * d))


@program(normal(5, 2))
def pairwise_distances(p):
    d = p[:, None, :] - p[None, :, :]
    return np.sum(np.sqrt(np.sum(d * d, axis=2) + 0.1))


@program(np.array(0.7), normal(3))
def zero_dimensional(x, y):
    return np.sum(x * y)


@program(normal(4, 1), normal(3))
def size_one_maximum(c, r):
    return np.sum(np.maximum(c, r) * r)


@program(normal(4, 1), normal(4, 3))
def size_one_minimum(c, a):
    return np.sum(np.minimum(c, a) ** 2)


@program(unit(4, 1), unit(4, 3))
def size_one_arctan2(c, a):
    return np.sum(np.arctan2(c, a))


@program(normal(4, 1), normal(3), positive(4, 3))
def where_broadcasts(c, r, a):
    return np.sum(np.where(a > 1.0, c * a, r))


@program(positive(6), numba=True)
def elementwise_chain(x):
    return np.sum(np.sqrt(x) * np.log(x) + np.exp(-x) / (1.0 + x * x))


@program(unit(6), numba=True)
def trigonometric(x):
    return np.sum(np.sin(x) * np.cos(x) + np.tan(x) + np.arcsin(x) - np.arccos(x) + np.arctan(x))


@program(unit(6), numba=True)
def hyperbolic(x):
    return np.sum(np.sinh(x) * np.cosh(x) + np.tanh(x) + np.arcsinh(x) + np.arctanh(x) + np.arccosh(x + 2.0))


@program(positive(6))
def exponentials(x):
    return np.sum(np.exp2(x) + np.expm1(x) + np.log2(x) + np.log10(x) + np.log1p(x) + np.cbrt(x))


@program(normal(6), normal(6))
def log_add(x, y):
    return np.sum(np.logaddexp(x, y))


@program(normal(6), normal(6))
def hypotenuse(x, y):
    return np.sum(np.hypot(x, y))


@program(normal(6))
def powers(x):
    return np.sum(x**2 + x**3 - np.square(x) + np.power(x, 4) + np.reciprocal(x))


@program(normal(6), 3, wrt=0)
def power_by_int_variable(x, n):
    return np.sum(x**n)


@program(positive(5), positive(5))
def power_of_arrays(x, y):
    return np.sum(x**y)


@program(normal(6))
def absolute(x):
    return np.sum(np.abs(x) * x + np.fabs(x) + np.absolute(x))


@program(normal(6))
def piecewise_constant(x):
    return np.sum(x * np.floor(x) + x * np.sign(x) + np.ceil(x) * x)


@program(normal(6))
def clipped(x):
    return np.sum(np.clip(x, -0.5, 0.5) * x)


@program(normal(6), -0.4, 0.6)
def clipped_by_arguments(x, low, high):
    return np.sum(np.clip(x, low, high) ** 2)


@program(normal(6), numba=True)
def relu(x):
    return np.sum(np.maximum(x, 0.0) ** 2)


@program(normal(6))
def where_two_sides(x):
    return np.sum(np.where(x > 0, np.sin(x), x * x))


@program(normal(6))
def where_masks_nan(x):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sum(np.where(x > 0, np.sqrt(np.abs(x) * np.sign(x)), 0.5 * x))


@program(normal(6))
def compared(x):
    mask = (x > 0) & (x < 1)
    return np.sum(x * x * mask)


@program(normal(5), normal(5))
def comparison_counts(x, y):
    return np.sum(x) * np.sum(x > y)


@program(normal(3, 4))
def standardised(a):
    centred = a - a.mean(axis=0)
    return np.sum((centred / (1.0 + a.std(axis=0))) ** 3)


@program(normal(3, 4))
def softmax_rows(a):
    shifted = a - np.max(a, axis=1, keepdims=True)
    e = np.exp(shifted)
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum(p * p)


@program(normal(3, 4))
def log_sum_exp(a):
    m = a.max(axis=1)
    return np.sum(m + np.log(np.sum(np.exp(a - m[:, None]), axis=1)))


@program(np.zeros((0,)), 1.3)
def empty_array(x, s):
    return np.sum(x * s) + s


@program(np.zeros((0, 3)), normal(3))
def empty_rows(a, r):
    return np.sum(a * r) + np.sum(r * r)


@program(normal(4), normal(4))
def ufuncs_by_name(x, y):
    return np.sum(np.add(x, y) * np.subtract(x, y) + np.multiply(x, 2.0) - np.divide(x, 3.0 + y) + np.negative(y))


@program(normal(4, 3), numba=True)
def polynomial_of_matrix(a):
    return np.sum(1.0 + a * (2.0 + a * (3.0 + a)))


@program(positive(5), positive(5), 0.2, 0.05, 1.0)
def black_scholes_like(spot, strike, vol, rate, maturity):
    root = vol * np.sqrt(maturity)
    d1 = (np.log(spot / strike) + (rate + 0.5 * vol**2) * maturity) / root
    d2 = d1 - root
    logistic1 = 1.0 / (1.0 + np.exp(-1.702 * d1))
    logistic2 = 1.0 / (1.0 + np.exp(-1.702 * d2))
    return np.sum(spot * logistic1 - strike * np.exp(-rate * maturity) * logistic2)


@program(normal(5))
def array_result(x):
    return np.sin(x) * x


@program(normal(4, 3), normal(3))
def matrix_result(a, r):
    return a * r + 1.0


@program(normal(3), normal(3))
def pair_of_arrays_result(x, y):
    return x * y, np.sum(x) + y


@program(normal(3))
def dict_result(x):
    return {"square": x * x, "total": np.sum(x)}


@program(unit(4), unit(4))
def shared_subexpressions(x, y):
    a = np.sin(x * y)
    b = np.sin(x * y) + 1.0
    return np.sum(a * b)


@program(normal(4), numba=True)
def augmented_rebinding_of_scalars(x):
    s = 0.0
    for v in x:
        s += v * v
        s *= 0.9
    return s


@program(normal(4))
def float_power_and_mod(x):
    return np.sum(np.float_power(np.abs(x), 1.5) + np.mod(x, 3.0) * x)


@program(0.2, 2.0)
def power_of_a_line(a, base):
    """In the second order a cotangent starts, in one branch, as a read-only broadcast of a temporary."""
    y = np.asarray(base ** np.linspace(a, 1.0, 4))
    return np.sum(y * y)
