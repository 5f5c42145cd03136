"""Straight-line scalar programs: every operator, every way to bind a name, every way to spell a function."""

import math
from math import exp, sqrt

import numpy as np
from numpy import cos as cosine
from numpy import sin

from tests.programs.corpus import program

h, d, v1, v2, v3 = 20.0, 10.0, 0.7, 0.3, 0.45


@program(2.0, 17.0, numba=True)
def crossing(x1, x2):
    return (
        sqrt(x1**2 + d**2) / v1
        + sqrt(x2**2 + d**2) / v2
        + sqrt((h - x1 - x2) ** 2 + d**2) / v3
    )


@program([2.0, 17.0])
def crossing_of_a_list(x):
    x1, x2 = x
    return sqrt(x1**2 + d**2) / v1 + sqrt(x2**2 + d**2) / v2 + sqrt((h - x1 - x2) ** 2 + d**2) / v3


@program(3.0, 2.0, numba=True)
def arithmetic(x, y):
    return (x + y) * (x - y) / (x * y + 1.0) - -x + +y


@program(3.0, numba=True)
def identity(x):
    return x


@program(3.0, numba=True)
def constant(x):
    return 4.0


@program(3.0, 2.0, numba=True)
def independent_of_one(x, y):
    return x * x


@program(1.3, numba=True)
def used_twice(x):
    y = x * x
    return y * y + y


@program(1.3, numba=True)
def cube(x):
    return x * x * x


@program(1.3, numba=True)
def rebound(x):
    x = x * 2.0
    x = x + 1.0
    x = x * x
    return x


@program(1.3, 0.4, numba=True)
def swapped(x, y):
    x, y = y, x
    x, y = x * y, x - y
    return x / (2.0 + y)


@program(1.3, numba=True)
def chained_assignment(x):
    a = b = x * x
    a = a + 1.0
    return a * b


@program(1.3, numba=True)
def augmented(x):
    s = x
    s += x * x
    s -= 0.5
    s *= x
    s /= 3.0
    s **= 2
    return s


@program(1.3, 0.7, numba=True)
def annotated(x: float, y: float) -> float:
    z: float = x * y
    w: float
    w = z + x
    return w * z


@program(1.3, numba=True)
def walrus(x):
    return (y := x * 2.0) * y + x


@program(1.3, 2.2, numba=True)
def conditional_expression(x, y):
    return x * y if x < y else x + y


@program(2.5, 3, also=[(2.5, 2), (2.5, 1), (2.5, 0), (-1.5, 3)], wrt=0, numba=True)
def integer_power(x, n):
    return x**n


@program(2.5, 1.7, numba=True)
def real_power(x, p):
    return x**p


@program(1.3, numba=True)
def power_of_constant(x):
    return 2.0**x + 3**x


@program(-1.5, numba=True)
def negative_base(x):
    return x**2 + x**3 + x**-1 + x**-2


@program(2.25, numba=True)
def half_power(x):
    return x**0.5 + x**1.5 + x**-0.5


@program(7.5, 2.0, also=[(-7.5, 2.0)], numba=True)
def floor_and_mod(x, y):
    return x % y + x // y * x


@program(7.5, 2.0)
def divmod_like(x, y):
    q = x // y
    r = x - q * y
    return r * r * y


@program(1.3, 0.4, numba=True)
def several_from_math(x, y):
    return math.sin(x) * math.exp(-y) + math.log(x) / math.cosh(y) + math.atan2(x, y) + math.hypot(x, y)


@program(0.4, numba=True)
def trigonometry(x):
    return math.tan(x) + math.asin(x) + math.acos(x) + math.atan(x) + math.cos(x)


@program(0.4, numba=True)
def hyperbolic(x):
    return math.sinh(x) + math.tanh(x) + math.asinh(x) + math.acosh(1.0 + x) + math.atanh(x)


@program(0.4, numba=True)
def logarithms(x):
    return math.log(x) + math.log2(x) + math.log10(x) + math.log1p(x) + math.expm1(x)


@program(0.4)
def log_with_base(x):
    return math.log(x, 3.0) + math.pow(x, 3.0) + pow(x, 2)


@program(0.4, numba=True)
def numpy_on_scalars(x):
    return np.sin(x) + np.exp(x) * np.sqrt(x) + np.arctan2(x, 2.0) + np.log1p(x)


@program(0.4, numba=True)
def imported_names(x):
    return sin(x) * cosine(x) + exp(-x)


@program(0.4, np, wrt=0)
def module_as_argument(x, xp):
    return xp.sin(x) * xp.exp(xp.cos(x))


@program(-1.3, also=[(1.3,)], numba=True)
def absolute(x):
    return abs(x) * x + math.fabs(x)


@program(1.3, 2.2, -0.4)
def builtin_extrema(x, y, z):
    return max(x, y, z) * min(x, y) + max([x, y]) * min((y, z))


@program(1.3, 2.0)
def casts_keep_the_derivative(x, y):
    return float(x) * y + np.float64(x) * float(y)


@program(1.3, 2.2, numba=True)
def wasted_work(x, y):
    unused = x * y
    unused = math.sin(unused)
    t = x + y
    return t * t


@program(1.3)
def literals(x):
    return 0 * x + 1 * x + x / 1 + x - 0 + 1e-3 * x + 0x10 * x


@program(1.3, 2.2, numba=True)
def pythagoras(x, y):
    a = x * x
    b = y * y
    c = a + b
    return math.sqrt(c)


@program(0.7, numba=True)
def nested_functions(x):
    return math.sin(math.cos(math.exp(math.sin(x))))


@program(0.7, 0.3)
def degrees_and_radians(x, y):
    return math.radians(x) * math.degrees(y) + np.deg2rad(x) * np.rad2deg(y)


@program(3, 2.0, wrt=(0, 1))
def integer_argument_is_promoted(n, x):
    return n * x + n * n


@program(np.float64(1.3), 2.0)
def numpy_scalar_argument(x, y):
    return x * y + np.tanh(x)


@program(np.array(1.3), 2.0)
def zero_dimensional(x, y):
    return x * y + np.tanh(x)


@program(1.3)
def kinetic_with_docstring(v):
    """Kinetic energy.

    It has a docstring of several lines.
    """
    mass = 2.0  # a comment that is kept
    return 0.5 * mass * v**2


@program(0.3, 1.2)
def lots_of_temporaries(x, y):
    a = x + y
    b = a * x
    c = b - y
    e = c / (1.0 + a * a)
    f = math.exp(-e)
    g = f * b + c
    k = g**2 - a
    m = math.sin(k) + math.cos(e)
    return m * k + g


@program(1.3, 0.2)
def complex_free_conjugate(x, y):
    return x.real * y + x.conjugate()


@program(1.7)
def formatted_text(x):
    label = f"x = {x:.3f}"
    return x * len(label)


@program(1.7)
def docstring_and_print(x):
    "A docstring of one line."
    y = x * x
    print("y is", y)
    return y


@program(1.7)
def asserting(x):
    assert x > 0, "positive"
    return math.sqrt(x)


@program(1.7, "square", also=[(1.7, "cube")])
def string_switch(x, kind):
    if kind == "square":
        return x * x
    return x * x * x


@program(1.7, None, also=[(1.7, 2.0)], wrt=0)
def optional_argument(x, scale):
    if scale is None:
        scale = 3.0
    return x * x * scale


@program(1.7, True, also=[(1.7, False)], wrt=0)
def flag(x, doubled):
    return x * (2.0 if doubled else 1.0) * x


@program(0.7)
def texts_that_are_looked_up(x):
    table = {"0.7": 3.0, "0.8": 4.0}
    digits = int(f"{x:.0f}")
    if "%.1f" % x not in table:
        raise KeyError("no {:.1f} in the table".format(x))
    return x * table.get("%.1f" % x, 1.0) * table[f"{x:.1f}"] + x ** (2 + digits) * len(str(0.5))


@program(0.7, np.array([0.3, 1.2]))
def texts_about_constants(x, y):
    names = [f"w{k}" for k in range(2)]
    weights = {name: y[k] for k, name in enumerate(names)}
    return x * float("0.5") + weights["w0"] * float("%d" % 3) * weights["".join(["w", "1"])]
