"""Whole derivatives inside differentiated functions, and derivatives in every mixture: each variable its own."""

import numpy as np

from s2sad import elementwise_grad, grad, hessian, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp
from tests.programs.corpus import normal, program


def bell(x):
    return np.exp(-x * x)


def swirl(x):
    return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 3])


bell_slope = elementwise_grad(bell)


@program(normal(4))
def slope_of_each_element(x):
    return np.sum(bell_slope(x) ** 2)


@program(normal(4))
def curvature_of_each_element(x):
    return np.sum(elementwise_grad(elementwise_grad(bell))(x) * x)


@program(normal(3), 0.7)
def residual_of_a_network(w, a):
    def u(t):
        return np.tanh(w[0] * t + w[1]) * w[2]

    t = np.linspace(0.0, 1.0, 5)
    u_tt = elementwise_grad(elementwise_grad(u))
    return np.mean((u_tt(t) + a * u(t)) ** 2)


@program(normal(2))
def jacobian_by_columns(x):
    return np.sum(jacfwd(swirl)(x) ** 2)


@program(normal(2))
def jacobian_by_rows(x):
    return np.sum(jacrev(swirl)(x) ** 3)


@program(normal(2), 1.3)
def jacobian_of_a_closure(x, c):
    j = jacobian(lambda y: y * y * c + x[0])(x)
    return np.sum(j @ x)


@program(normal(3))
def determinant_of_a_hessian(x):
    return np.linalg.det(hessian(lambda y: np.sum(y**4) + y[0] * y[1] * y[2])(x))


@program(1.2)
def slope_of_a_curve(t):
    return np.sum(jacfwd(lambda s: np.array([np.cos(s), s * t]))(t) ** 2)


@program(1.3)
def grad_in_jvp(x):
    return x * jvp(lambda y: x * grad(lambda z: x * y * z * z)(y), (x,), (1.0,))[1]


@program(1.3)
def jvp_in_grad(x):
    return x * grad(lambda y: x * jvp(lambda z: x * y * z * z, (y,), (1.0,))[1])(x)


@program(1.3)
def grad_in_jvp_in_vjp(x):
    def inner(y):
        return y * jvp(lambda z: z * grad(lambda v: v * v * z * y * x)(z), (y,), (x,))[1]

    value, pull = vjp(inner, x * x)
    return value + x * pull(x)[0]


@program(1.3)
def vjp_in_jvp_in_grad(x):
    def pulled(y):
        value, pull = vjp(lambda z: z * z * y * x, y)
        return pull(value)[0]

    return grad(lambda y: jvp(pulled, (y * x,), (y,))[1])(x)


@program(1.3)
def vjp_in_vjp(x):
    def outer(y):
        value, pull = vjp(lambda z: np.sin(z * y) * x, y)
        return pull(x)[0] * y

    value, pull = vjp(outer, x)
    return pull(value)[0]


@program(1.3)
def jvp_in_jvp(x):
    def outer(y):
        return jvp(lambda z: np.sin(z * y) * x, (y,), (x,))[1]

    return jvp(outer, (x,), (x * x,))[1]


@program(1.1, 0.6)
def value_and_grad_in_jvp(x, w):
    def outer(y):
        value, slope = value_and_grad(lambda z: z * z * y * w)(y)
        return value * slope

    value, slope = jvp(outer, (x,), (w,))
    return value * slope


@program(1.1)
def one_function_in_both_roles(x):
    def f(y):
        return x * y * y

    return grad(f)(x) * jvp(f, (x,), (x,))[1] + grad(lambda x: f(x) * x)(x)
