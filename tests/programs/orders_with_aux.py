"""Aux, products with a Hessian, pushforwards, methods and partials under derivatives, inside differentiated functions."""

from functools import partial

import numpy as np

from s2sad import checkpoint, grad, hessian, hvp, jacfwd, jacrev, jvp, linearize, value_and_grad, vjp
from tests.programs.corpus import normal, program


def fitted(w, x):
    r = np.tanh(w * x)
    return np.sum(r * r), {"r": r, "n": 3, "name": "a"}


def scaled(w):
    return np.sin(w) * w, np.sum(w)


@program(normal(3), normal(3))
def aux_of_a_gradient(w, x):
    g, aux = grad(fitted, has_aux=True)(w, x)
    return np.sum(g * aux["r"]) * aux["n"]


@program(normal(3), normal(3))
def aux_of_value_and_gradient(w, x):
    (v, aux), g = value_and_grad(fitted, has_aux=True)(w, x)
    return v * np.sum(g * aux["r"] * x)


@program(normal(3), normal(3))
def aux_of_a_closure(w, x):
    def inner(v):
        y = v * x
        return np.sum(y**3), (y, {"s": np.sum(v)})

    (v, (y, d)), g = value_and_grad(inner, has_aux=True)(w)
    return v * np.sum(g * y) + d["s"]


@program(normal(3))
def aux_of_jacobians(w):
    J, s = jacfwd(scaled, has_aux=True)(w)
    K, s2 = jacrev(lambda v: (np.sin(v) * w, v[0] * w[1]), has_aux=True)(w * s)
    return np.sum(J @ K) * s2


@program(normal(3))
def aux_of_both_modes(w):
    v, pull, s = vjp(scaled, w, has_aux=True)
    (a,) = pull(v * s)
    v2, t, s3 = jvp(scaled, (w,), (a,), has_aux=True)
    return np.sum(v2 * t) * s3


@program(normal(3))
def aux_of_a_pushforward(w):
    v, push, s = linearize(scaled, w, has_aux=True)
    return np.sum(push(v) * push(w)) * s


@program(normal(3), normal(3))
def aux_and_several_arguments(w, x):
    gs, aux = grad(fitted, argnums=(0, 1), has_aux=True)(w, x)
    (g1,), _ = grad(fitted, argnums=(0,), has_aux=True)(w, x)
    return np.sum(gs[0] * gs[1] * aux["r"] * g1)


@program(normal(3), normal(3))
def aux_by_a_decorator(w, x):
    @grad(has_aux=True)
    def f(v):
        return np.sum(v * v * x), v[0]

    g, a = f(w)
    return np.sum(g) * a


@program(normal(3), normal(3))
def aux_of_a_gradient_of_a_gradient(w, x):
    def outer(v):
        g, aux = grad(fitted, has_aux=True)(v, x)
        return np.sum(g * g) * aux["r"][0], aux

    g2, a2 = grad(outer, has_aux=True)(w)
    return np.sum(g2 * a2["r"])


@program(0.8, 1.1)
def aux_in_a_loop(x, y):
    t = 0.0
    for k in range(3):
        g, a = grad(lambda z: (z**3 * y, z * k), has_aux=True)(x * k)
        t = t + g * a
    return t


def twisted(x, c):
    return np.sum(np.sin(x) * x[::-1]) * c


@program(normal(3), 0.7)
def product_with_a_hessian(x, c):
    return (
        np.sum(hvp(twisted)(x, x * x, c) ** 2)
        + np.sum(hessian(twisted)(x, c))
        + np.sum(hvp(twisted)(x, p=x, c=c))
    )


@program(normal(3), 0.7)
def product_of_products(x, c):
    h = hvp(lambda y: np.sum(y**3 * c) * y[0])
    return np.sum(h(x, h(x, x)))


@program(normal(3), normal(2))
def product_with_a_hessian_of_two(x, z):
    def f(a, b):
        return np.sum(a) ** 2 * np.sum(b**3)

    p, q = hvp(f, argnums=(0, 1))(x, (x, z), z)
    (r,) = hvp(f, argnums=(1,))(x, (z,), z)
    return np.sum(p) * np.sum(q * r)


@program(normal(3))
def pushed_forward_twice(x):
    v, push = linearize(lambda y: np.tanh(y) * x, x)
    return np.sum(push(x) * v)


@program(normal(3), normal(3))
def pushed_through_stores(x, z):
    def f(a, b):
        out = np.zeros(3)
        for i in range(3):
            out[i] = a[i] * b[i] ** 2
            a[i] = out[i]
        return {"o": out, "n": np.sum(a)}

    v, push = linearize(f, x, z)
    t = push(z, x)
    u = push(x, x)
    return np.sum(v["o"] * t["o"]) + t["n"] * u["n"] * np.sum(x)


@program(0.4, 1.2)
def derivative_reads_what_is_nonlocal(x, y):
    count = 0.0

    def f(z):
        nonlocal count
        count = count + z * y
        return z * count

    f(x)
    g = grad(lambda z: z * count * x)(y)
    f(g)
    return grad(lambda z: z * z * count * x)(y) + count


class Model:
    def __init__(self, a):
        self.a = a

    def energy(self, x):
        return np.sum(self.a * np.sin(x) ** 2)

    def __call__(self, x, y=2.0):
        return np.sum(self.a * x**3) * y


model = Model(1.5)


@program(normal(3))
def derivatives_of_methods(x):
    return np.sum(grad(model.energy)(x) ** 2) + np.sum(hvp(model.energy)(x, x))


@program(normal(3), 0.7)
def derivative_of_a_partial(x, c):
    return np.sum(grad(partial(twisted, c=c))(x) * x)


@program(normal(3))
def derivative_of_a_called_object(x):
    return np.sum(grad(model)(x)) + np.sum(grad(model)(x, y=x[0]) * x)


@program(normal(3), 0.4)
def methods_in_both_modes(x, c):
    v, pull = vjp(model.energy, x)
    (a,) = pull(c)
    w, t = jvp(model.energy, (x,), (a,))
    return t * v


@program(normal(3))
def checkpoint_under_a_gradient(x):
    @checkpoint
    def f(y):
        for _ in range(3):
            y = np.sin(y) * x
        return y

    return np.sum(grad(lambda z: np.sum(f(f(z))))(x) * x)
