"""Points where the derivative does not exist: the policy of the reference page `kinks`, as numbers."""

import math

import numpy as np

from tests.programs.corpus import program

INF = float("inf")


@program(0.0, smooth=False, expect=0.0, numba=True)
def abs_at_zero(x):
    return abs(x)


@program(np.array([0.0, -2.0, 0.0]), smooth=False, expect=np.array([0.0, -1.0, 0.0]))
def abs_array_at_zero(x):
    return np.sum(np.abs(x))


@program(1.0, 1.0, smooth=False, expect=(0.5, 0.5))
def maximum_tie(x, y):
    return np.maximum(x, y)


@program(1.0, 1.0, smooth=False, expect=(0.5, 0.5))
def minimum_tie(x, y):
    return np.minimum(x, y)


@program(np.array([1.0, 3.0, 3.0, 2.0]), smooth=False, expect=np.array([0.0, 0.5, 0.5, 0.0]))
def max_tie(x):
    return np.max(x)


@program(
    np.array([[1.0, 3.0], [1.0, 2.0]]), smooth=False, expect=np.array([[0.5, 0.0], [0.5, 1.0]])
)
def min_tie_axis(a):
    return np.sum(np.min(a, axis=0))


@program(0.5, smooth=False, expect=0.5)
def clip_at_bound(x):
    return np.clip(x, -0.5, 0.5)


@program(np.array([-0.5, 0.0, 0.5, 2.0]), smooth=False, expect=np.array([0.5, 1.0, 0.5, 0.0]))
def clip_array(x):
    return np.sum(np.clip(x, -0.5, 0.5))


@program(np.array([0.0, 0.0]), smooth=False, expect=np.array([0.0, 0.0]))
def norm_at_zero(x):
    return np.linalg.norm(x)


@program(0.0, 0.0, smooth=False, expect=(0.0, 0.0))
def hypot_at_zero(x, y):
    return np.hypot(x, y)


@program(0.0, 0.0, smooth=False, expect=(0.0, 0.0))
def arctan2_at_zero(x, y):
    return np.arctan2(x, y)


@program(2.0, 0, wrt=0, expect=0.0)
def power_zero(x, n):
    return x**n


@program(0.0, 0, wrt=0, smooth=False, expect=0.0)
def zero_to_the_zero(x, n):
    return x**n


@program(0.0, 2, wrt=0, expect=0.0)
def zero_squared(x, n):
    return x**n


@program(0.0, 1, wrt=0, expect=1.0)
def zero_to_the_one(x, n):
    return x**n


@program(np.array([0.0, -1.5, 2.0]), expect=np.array([0.0, 6.75, 12.0]))
def cube_of_array_with_zero(x):
    return np.sum(x**3)


@program(-1.5, expect=6.75)
def negative_base_cube(x):
    return x**3


@program(np.array([0.0, 4.0]), smooth=False, expect=np.array([0.0, 0.25]))
def where_guards_sqrt(x):
    return np.sum(np.where(x > 0, np.sqrt(x), 0.0))


@program(np.array([0.0, 2.0]), smooth=False, expect=np.array([0.0, -0.25]))
def where_guards_division(x):
    with np.errstate(divide="ignore"):
        return np.sum(np.where(x > 0, 1.0 / x, 1.0))


@program(np.array([0.0, 2.0]), smooth=False, expect=np.array([1.0, 0.0]))
def where_inside_guard(x):
    safe = np.where(x > 0, 1.0, x)
    return np.sum(safe)


@program(0.0, smooth=False, expect=0.0)
def sign_at_zero(x):
    return np.sign(x)


@program(2.0, smooth=False, expect=0.0)
def floor_at_integer(x):
    return np.floor(x) + math.ceil(x)


@program(np.array([2.0, 1.0, 2.0]), smooth=False, expect=np.array([2.5, 1.0, 2.5]))
def sort_tie(x):
    return np.sum(np.sort(x) * np.array([1.0, 2.0, 3.0]))


@program(np.array([0.0, 1.0]), smooth=False, expect=np.array([0.5, 1.0]))
def relu_at_zero(x):
    return np.sum(np.maximum(x, 0.0))


@program(np.array([0.0, 2.0, 3.0]), expect=np.array([6.0, 0.0, 0.0]))
def prod_with_one_zero(x):
    return np.prod(x)


@program(np.array([0.0, 0.0, 3.0]), expect=np.array([0.0, 0.0, 0.0]))
def prod_with_two_zeros(x):
    return np.prod(x)


@program(np.array([[[2.0, 0.0], [1.5, -1.0]], [[0.0, 3.0], [0.5, 0.0]]]))
def prod_over_two_axes_with_zeros(x):
    return np.sum(np.prod(x, axis=(0, 2)) * np.array([1.0, 2.0]))


@program(np.array([2.0, 0.0, 3.0, 0.0, 0.0, 1.5]))
def cumprod_with_three_zeros(x):
    return np.sum(np.cumprod(x) * np.array([1.0, 3.0, 0.5, 2.0, 1.0, -1.0]))


@program(np.array([[2.0, 0.0, 3.0, 0.0], [1.0, 0.0, 0.0, 0.5]]))
def cumprod_along_an_axis_with_zeros(x):
    return np.sum(np.cumprod(x, axis=1) * x) + np.sum(np.cumprod(x) * 2.0)
