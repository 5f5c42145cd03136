"""Derivatives called inside differentiated functions, and values held constant."""

import numpy as np

import s2sad
from s2sad import grad, jvp, stop_gradient, value_and_grad, vjp
from tests.programs.corpus import normal, program


def cube(x):
    return x * x * x


def weighted(w, x):
    return w * x * x + np.sin(w)


cube_grad = grad(cube)


@program(2.0, expect=1.0)
def perturbation_confusion(x):
    return x * grad(lambda y: x + y)(1.0)


@program(1.3)
def perturbation_confusion_product(x):
    def inner(y):
        return x * y * y

    return x * grad(inner)(x)


@program(1.3)
def three_levels(x):
    return grad(lambda y: y * grad(lambda z: z * y * x)(y) * x)(x) * x


@program(1.3)
def one_name_in_three_functions(x):
    y = x * x

    def f(x):
        def g(y):
            return x * y * y

        return grad(g)(x) + y

    return grad(f)(2.0 * x) * y


@program(1.3)
def derivative_of_global(x):
    return cube_grad(x) * x


@program(1.3)
def derivative_made_inside(x):
    slope = grad(cube)
    return slope(x) + slope(2.0 * x) * s2sad.grad(cube)(x)


@program(1.3)
def maker_without_function(x):
    by_second = grad(argnums=1)
    return by_second(weighted)(x, x) * x


@program(0.7)
def second_derivative(x):
    return grad(grad(cube))(x) * grad(grad(lambda y: y**4 * x))(x)


@program(1.2)
def value_and_gradients(x):
    value, (by_w, by_x) = value_and_grad(weighted, argnums=(0, 1))(x, 3.0)
    return value * by_w + by_x


@program(1.2)
def tuple_of_one(x):
    (only,) = grad(lambda u: u**3, argnums=(0,))(x)
    a, b = grad(lambda u, v: u * u * v * x, argnums=(0, 1))(x, 3.0)
    return only * a + b


@program(1.2)
def direction(x):
    value, tangent = jvp(weighted, (x, 2.0), (1.0, x))
    return value * tangent


@program(1.2)
def direction_of_local(x):
    def f(a, b):
        return a * b * x, a + b

    (p, q), (p_dot, q_dot) = jvp(f, (x, 2.0), (1.0, x))
    return p * p_dot + q * q_dot


@program(1.2)
def pulled_back(x):
    value, pull = vjp(weighted, x, 2.0)
    a, b = pull(x)
    return value * a + b


@program(1.2)
def pulled_back_twice(x):
    value, pull = vjp(lambda a: (a * x, a**2), x)
    (g,) = pull((1.0, x))
    (h,) = pull((x, 2.0))
    return g * value[0] + h


@program(1.2)
def hessian_times_vector(x):
    def f(y, k=2.0):
        return y**4 * x * k

    value, tangent = jvp(grad(f), (x,), (x * x,))
    return value + tangent


@program(normal(3))
def gradient_of_array(x):
    g = grad(lambda z: np.sum(np.tanh(z) * x))(x)
    return np.sum(g * g)


@program(0.8)
def force(x):
    p = np.array([1.0, 2.0, 3.0]) * x

    def energy(q):
        return np.sum(q**2 * p[:, None] ** 2)

    f = -grad(energy)(np.ones((3, 2)) * x)
    return np.sum(f * f)


@program(2.0)
def newton_by_gradient(a):
    def residual(y):
        return y * y - a

    y = a
    for _ in range(6):
        y = y - residual(y) / grad(residual)(y)
    return y


@program(0.6)
def descent(x):
    w = 1.0
    for _ in range(10):
        w = w - 0.1 * grad(lambda v: (v - x) ** 2 + v**4)(w)
    return w


@program(0.6)
def made_in_loop(x):
    s = x
    for i in range(3):

        def f(y):
            return y * y * x * i

        slope = grad(f)
        s = s + slope(s) * 0.1
    return s


@program(1.3, also=((0.4,),))
def branch_on_gradient(x):
    if grad(cube)(x) > 3.0:
        return grad(cube)(x) * 2.0
    return x


@program(1.3)
def gradient_of_constant(x):
    return grad(cube)(2.0) * x


@program(0.9)
def gradient_of_containers(x):
    def loss(p, q=1.5):
        return p["w"] * p["w"] * q + p["b"][0] * x

    g = grad(loss)({"w": x, "b": [x, 2.0]})
    return g["w"] + g["b"][0] * x + g["b"][1]


@program(0.9)
def integers_promoted(x):
    value, (a, b) = value_and_grad(lambda p: p[0] * p[1] * x)((x, 2))
    return value + a * b


@program(0.9)
def calls_captured_functions(x):
    def scaled(z, k=x):
        return cube(z) * k

    def f(y):
        return scaled(y) + scaled(2 * y)

    return grad(f)(x)


@program(0.9)
def captures_a_derivative(x):
    slope = grad(lambda z: z**3 * x)

    def g(y):
        return slope(y) * y

    return grad(g)(x)


@program(0.9)
def loop_under_gradient(x):
    def f(y):
        s = y
        for i in range(4):
            s = s * y + np.sin(s) * x
            if s > 2.0:
                s = s * 0.3
        return s

    return grad(f)(0.3 * x)


@program(1.7)
def while_under_gradient(x):
    def f(y):
        s = y
        while s < 10.0:
            s = s * x + y
        return s

    return grad(f)(x)


@program(0.9, writes=True)
def stores_under_gradient(x):
    def f(y):
        z = np.zeros(3)
        z[0] = y * x
        z[1:] = z[0] ** 2
        return np.sum(z * z)

    return grad(f)(x)


def _made(scale):
    def f(x):
        return x * grad(lambda y: scale * y * y * x)(x)

    return f


captured_by_the_user = program(0.9)(_made(1.5))
captured_by_the_user.__name__ = "captured_by_the_user"


@program(1.3, expect=1.3, smooth=False)
def held(x):
    return x * stop_gradient(x)


@program(normal(3), smooth=False, expect=np.zeros(3))
def held_array(x):
    y = stop_gradient(x * 2.0)
    return np.sum(y * y)


@program(1.3, 0.4, smooth=False, expect=(0.4 * 0.4 + 2.6, 0.0))
def held_containers(x, y):
    state = stop_gradient({"a": [y, x], "b": (x * 2.0,)})
    return x * state["a"][0] * y**0 * state["a"][0] + state["b"][0] * x


@program([1.0, 2.0], smooth=False, expect=[2.0, 1.0])
def held_list(p):
    q = stop_gradient(p)
    return p[0] * q[1] + p[1] * q[0]


@program(1.3, smooth=False, expect=1.3)
def held_in_loop(x):
    s = 0.0
    for _ in range(3):
        s = stop_gradient(s + x)
    return s / 3.0 * x


@program(normal(3), smooth=False, expect=np.ones(3), writes=True)
def held_buffer(x):
    y = np.zeros(3)
    y[:] = x
    z = stop_gradient(y)
    y[0] = y[0] * 1.0
    return np.sum(y) + 0.0 * np.sum(z)


@program(1.3, smooth=False, expect=0.0)
def held_under_gradient(x):
    return grad(lambda y: stop_gradient(y) * y)(x) * 0.0 + stop_gradient(x)


@program(np.array([0.5, 1.5, 2.5]))
def pullback_of_a_point_that_is_overwritten(x):
    a = x * 1.0
    _, pull = s2sad.vjp(lambda z: (z * z).sum(), a)
    a[:] = 0.5
    return pull(1.0)[0].sum() * x[0] + a.sum()


@program(np.array([0.5, 1.5, 2.5]))
def pullback_of_a_captured_array_that_is_overwritten(x):
    b = x * 1.0
    _, pull = s2sad.vjp(lambda z: (z * z * b).sum(), x)
    b[:] = 0.5
    return pull(1.0)[0].sum() * x[0] + b.sum()


@program(np.array([0.5, 1.5, 2.5]))
def pullback_beside_a_value_that_is_overwritten(x):
    y, pull = s2sad.vjp(lambda z: np.exp(z), x)
    y *= 0.5
    return (pull(np.ones(3))[0] * y).sum()


@program(np.array([0.5, 1.5, 2.5]))
def pullback_of_a_list_that_is_overwritten(x):
    parts = [x * 1.0, x * 2.0]
    _, pull = s2sad.vjp(lambda p: (p[0] * p[1]).sum(), parts)
    parts[0][:] = 0.0
    parts[1] = x
    (bars,) = pull(1.0)
    return (bars[0] * bars[1]).sum()


@program(np.array([0.5, 1.5, 2.5]))
def pushforward_of_a_point_that_is_overwritten(x):
    a = x * 1.0
    _, push = s2sad.linearize(lambda z: (z * z * z).sum(), a)
    a[:] = 0.5
    return push(x) * x[0]


@program(np.array([0.5, 1.5, 2.5]))
def pullbacks_kept_in_a_loop(x):
    state, total = x * 1.0, 0.0
    for _ in range(2):
        _, pull = s2sad.vjp(lambda z: (z * z * state).sum(), x)
        state *= 1.5
        total += pull(1.0)[0] @ x
    return total
