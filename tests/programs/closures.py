"""Nested functions, lambdas, captured values, functions as arguments and as results."""

import functools
import math

import numpy as np

from tests.programs.corpus import normal, program


def twice(f, x):
    return f(f(x))


def trapezoid(f, a, b, n):
    width = (b - a) / n
    total = 0.5 * (f(a) + f(b))
    for i in range(1, n):
        total = total + f(a + i * width)
    return total * width


def square(x):
    return x * x


@program(0.7)
def local_function(x):
    def cube(y):
        return y * y * y

    return cube(x) + cube(2.0 * x)


@program(0.7)
def local_lambda(x):
    f = lambda y: y * math.sin(y)
    return f(x) * f(x + 1.0)


@program(0.7, 1.3)
def captured(x, scale):
    def f(y):
        return scale * y * y

    return f(x) + f(scale)


@program(0.7, 1.3)
def captured_array(x, k):
    v = np.array([x, 2.0 * x])

    def f(t):
        return np.sum(v) * t

    return f(k) * f(x)


@program(0.7)
def captured_late(x):
    y = x

    def f(t):
        return t * y

    y = x * x
    return f(x)


@program(0.7)
def function_argument(x):
    return twice(math.sin, x) + twice(square, x)


@program(0.7)
def lambda_argument(x):
    return twice(lambda y: y * y + x, x)


@program(0.0, 1.3, 6)
def quadrature(a, b, n):
    return trapezoid(math.exp, a, b, n)


@program(1.3, 0.4)
def quadrature_of_captured(b, k):
    return trapezoid(lambda t: math.sin(k * t), 0.0, b, 5)


@program(0.7, math.sin, also=[(0.7, math.exp)], wrt=0)
def function_parameter(x, f):
    return f(x) * x


@program(0.7, square, wrt=0)
def user_function_parameter(x, f):
    return f(x) + f(x * 2.0)


@program(0.7)
def function_chosen(x):
    f = math.sin if x > 0.5 else math.cos
    return f(x) * x


@program(0.7)
def list_of_functions(x):
    s = x
    for f in (math.sin, math.cos, math.exp):
        s = f(s)
    return s


@program(0.7)
def dict_of_functions(x):
    table = {"sin": math.sin, "square": square}
    return table["square"](x) * table["sin"](x)


@program(0.7, 0.2)
def returned_function(x, k):
    def make(a):
        def f(y):
            return a * y * y

        return f

    g = make(k)
    h = make(x)
    return g(x) + h(k)


@program(0.7)
def composed(x):
    def compose(f, g):
        return lambda t: f(g(t))

    return compose(math.sin, math.exp)(x)


@program(0.7)
def closure_in_loop(x):
    s = x
    for i in range(3):
        def step(t):
            return t + 0.1 * math.sin(t * (i + 1))

        s = step(s)
    return s


@program(0.7)
def partial_application(x):
    f = functools.partial(lambda a, b: a * b * b, 3.0)
    return f(x)


@program(0.7)
def default_argument_captured(x):
    def f(t, k=2.0):
        return t * k

    return f(x) + f(x, 3.0) + f(x, k=x)


@program(0.7)
def nested_twice(x):
    def outer(a):
        def inner(b):
            return a * b + x

        return inner(a) * inner(2.0)

    return outer(x)


@program(normal(3))
def mapped(x):
    def f(v):
        return v * v

    return sum(map(f, x))


@program(0.7)
def recursive_local(x):
    def power(n):
        if n == 0:
            return 1.0
        return x * power(n - 1)

    return power(4)


@program(0.7)
def immediately_called(x):
    return (lambda y, z=2.0: y * z)(x * x)


@program(0.7, 0.2)
def newton(x, a):
    def f(t):
        return t**3 - a

    def df(t):
        return 3.0 * t * t

    for k in range(5):
        x = x - f(x) / df(x)
    return x


# ---- functions with effects in expressions that run on one path only -------------------------------
@program(0.7, 0, also=[(0.7, 1), (0.7, 2), (0.7, 6)], wrt=(0,))
def assigns_in_a_conditional_expression(a, n):
    t = 0.5 * a

    def step(v):
        nonlocal t
        t = t * v
        return t

    y = step(a) if n > 1 else 0.5
    z = (n > 5 or step(2.0) > 0) * a
    return 3 * t + y + z


@program(0.7, 0, also=[(0.7, 2)], wrt=(0,))
def assigns_a_constant_in_a_conditional_expression(a, n):
    t = 1.0

    def set_it():
        nonlocal t
        t = 2.0
        return 3.0

    y = set_it() if n > 1 else 0.5
    return t * a + y


@program(0.7, 0, also=[(0.7, 1), (0.7, 6)], wrt=(0,))
def assigns_in_the_test_of_a_loop(a, n):
    t = 1.0

    def grow():
        nonlocal t
        t += a
        return True

    k = 0
    while k < n and grow():
        k += 1
    return t * a


@program(0.7, 0, also=[(0.7, 101)], wrt=(0,))
def assigns_in_displays_and_assertions(a, n):
    c = 0.0

    def tick():
        nonlocal c
        c = c + 1.0
        return c

    d = {"u": 2.0}
    e = {**d, "v": tick()}
    assert tick() > 0
    m = tick() and a
    q = n > 100 and tick()
    return c * a + e["v"] + m + q


@program(0.3, [0.4, 1.0], 1, also=[(0.3, [0.4, 1.0], 3)], wrt=(0, 1))
def loop_in_one_branch_of_an_expression(a, xs, n):
    t = 0.5

    def level():
        nonlocal t
        return t

    s = level()
    u = [max(xs) if n > 1 else 0.5, *xs]
    return 3 * t * a + 4 * s + u[0]


@program(np.array([0.5, 1.5, 2.5]))
def default_list_of_a_lambda_is_one(x):
    f = lambda v, acc=[]: (acc.append(v), sum(acc))[1]  # noqa: E731
    return f(x[0]) * f(x[1])


@program(np.array([0.5, 1.5, 2.5]))
def default_list_of_a_local_function_is_one(x):
    def f(v, seen=[1.0]):  # noqa: B006
        seen.append(v * seen[-1])
        return sum(seen)

    total = 0.0
    for k in range(3):
        total += f(x[k])
    return total


@program(np.array([0.5, 1.5, 2.5]))
def default_array_and_dict_of_a_local_function_are_one(x):
    def f(v, acc=np.zeros(2), named={"s": 0.0}):  # noqa: B006, B008
        acc[0] += v
        named["s"] += acc[0] * v
        return named["s"]

    return f(x[0]) * f(x[1]) + f(x[2])


@program(0.7)
def wrapped_inside(x):
    def doubled(f):
        @functools.wraps(f)
        def inner(*args, **kwargs):
            return 2.0 * f(*args, **kwargs)

        return inner

    def power(p):
        def decorate(f):
            return functools.update_wrapper(lambda v: f(v) ** p, f)

        return decorate

    @doubled
    @power(3)
    def wave(v):
        return math.sin(v)

    @doubled
    def scaled(v, by=2):
        return v * by

    return wave(x) + scaled(x, by=3)


@program(0.7, refused="S109")
def cached_inside(x):
    @functools.lru_cache(maxsize=None)
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    return x * fibonacci(6)
