"""Rules of the user's own: what they may look like, and how they are refused."""

import copy
import math
from functools import partial

import numpy as np
import pytest

from s2sad import (
    CustomRuleError,
    S2sadError,
    check_grads,
    custom_jvp,
    custom_vjp,
    grad,
    jacfwd,
    jacrev,
    jvp,
    vjp,
)
from s2sad.rules import elementwise, rule


def sum_of_products(a, b):
    return np.sum(a * b)


def ruled(bwd, fwd=None, static=()):
    fun = custom_vjp(lambda x, y: np.sum(x) * y, static)
    fun.defvjp(fwd or (lambda x, y: (np.sum(x) * y, (x, y))), bwd)
    return fun


POINT = (np.ones(3), 2.0)


@pytest.mark.parametrize(
    ("bwd", "text"),
    [
        (lambda res, g: (g * res[1],), "tuple of 2 cotangents"),
        (lambda res, g: g * res[1], "tuple of 2 cotangents"),
        (lambda res, g: (g * res[1], g * np.sum(res[0])), r"shape \(\), its argument has shape \(3,\)"),
        (lambda res, g: (g * np.ones(4), g * np.sum(res[0])), r"shape \(4,\), its argument has shape \(3,\)"),
        (lambda res, g: ([g, g], g), "a list of 2, its argument is a ndarray"),
        (lambda res, g: (g * 1j * np.ones(3), g), "is complex, its argument is real"),
    ],
)
def test_wrong_cotangents(bwd, text):
    fun = ruled(bwd)
    with pytest.raises(CustomRuleError, match=text) as caught:
        grad(lambda x, y: fun(x, y))(*POINT)
    assert caught.value.code == "S204"


def test_none_is_zeros():
    fun = ruled(lambda res, g: (None, g * np.sum(res[0])))
    x_bar, y_bar = grad(lambda x, y: fun(x, y) * y, argnums=(0, 1))(*POINT)
    assert np.array_equal(x_bar, np.zeros(3))
    assert y_bar == 12.0
    assert grad(grad(lambda y, x: fun(x, y) * y))(2.0, np.ones(3)) == 6.0


def test_wrong_structure():
    fun = custom_vjp(lambda p: p["a"] * p["b"])
    fun.defvjp(lambda p: (p["a"] * p["b"], p), lambda p, g: ({"a": g * p["b"]},))
    with pytest.raises(CustomRuleError, match="dict with the keys 'a', 'b'"):
        grad(lambda p: fun(p))({"a": 1.0, "b": 2.0})


def test_wrong_tangent():
    fun = custom_jvp(lambda x: x * 2.0)
    fun.defjvp(lambda primals, tangents: (primals[0] * 2.0, np.sum(tangents[0])))
    with pytest.raises(CustomRuleError, match="tangent"):
        jvp(lambda x: np.sum(fun(x)), (np.ones(3),), (np.ones(3),))


def test_rule_without_functions():
    for fun in (custom_vjp(math.sin), custom_jvp(math.sin)):
        with pytest.raises(CustomRuleError, match="no derivative rule yet"):
            grad(lambda x, fun=fun: fun(x))(1.0)


def test_static_argument_that_is_differentiated():
    fun = ruled(lambda y, res, g: (g * y * np.ones(3),), static=1)
    assert np.array_equal(grad(lambda x: fun(x, 2.0))(np.ones(3)), 2.0 * np.ones(3))
    with pytest.raises(CustomRuleError, match="static"):
        grad(lambda x, y: fun(x, y), argnums=1)(*POINT)


def test_argument_that_is_written():
    def doubled(x):
        x *= 2.0
        return np.sum(x)

    fun = custom_vjp(doubled)
    fun.defvjp(lambda x: (doubled(x), None), lambda res, g: (g,))
    with pytest.raises(S2sadError) as caught:
        grad(lambda x: fun(x))(np.ones(3))
    assert caught.value.code == "S108"


def test_keyword_arguments_and_defaults():
    def power(x, n=3):
        return x**n

    fun = custom_vjp(power, nondiff_argnums=1)
    fun.defvjp(lambda x, n: (x**n, x), lambda n, x, g: (100.0 * n * g,))
    assert grad(lambda x: fun(x))(2.0) == 300.0
    assert grad(lambda x: fun(n=2, x=x))(2.0) == 200.0


def test_as_the_differentiated_function_itself():
    fun = custom_vjp(lambda x, y: x * y)
    fun.defvjp(lambda x, y: (x * y, (x, y)), lambda res, g: (10.0 * g * res[1], g * res[0]))
    assert grad(fun, argnums=(0, 1))(2.0, 3.0) == (30.0, 2.0)
    assert vjp(fun, 2.0, 3.0)[1](1.0) == (30.0, 2.0)


def test_function_with_a_rule_as_the_differentiated_function():
    def softplus(x):
        return math.log(1.0 + math.exp(x))

    @elementwise(softplus)
    def softplus_rule(x, *, y):
        return 7.0 * (1.0 - math.exp(-y))

    assert grad(softplus)(0.0) == 3.5


def test_methods():
    class Model:
        gain = 3.0

        @custom_vjp
        def predict(self, x):
            return self.gain * x

    Model.predict.defvjp(lambda self, x: (self.gain * x, None), lambda res, g: (None, 10.0 * g))
    model = Model()
    assert model.predict(2.0) == 6.0
    assert grad(lambda x: model.predict(x) * x)(2.0) == 26.0


def test_decorated_with_partial():
    @partial(custom_jvp, nondiff_argnums=(0,))
    def apply(f, x):
        return f(x)

    @apply.defjvp
    def apply_jvp(f, primals, tangents):
        return f(primals[0]), 5.0 * tangents[0]

    assert grad(lambda x: apply(math.sin, x) * 2.0)(0.3) == 10.0


def test_number_of_derivatives_of_a_quoted_rule():
    def product(a, b):
        return np.sum(a * b)

    @rule(product)
    class product_rule:
        def jvp(a, b, *, a_dot, b_dot, y):
            return np.sum(a_dot * b), np.sum(a * b_dot)

        def vjp(a, b, *, y, y_bar):
            return y_bar * b

    with pytest.raises(CustomRuleError, match="1 derivatives, not 2"):
        grad(lambda a, b: product(a, b))(np.ones(2), np.ones(2))


@pytest.mark.parametrize("wrong", [lambda b: b[:1], lambda b: np.concatenate((b, b))])
def test_shape_of_a_quoted_rule(wrong):
    def product(a):
        return np.sum(a * a)

    @rule(product)
    class product_rule:
        def jvp(a, *, a_dot, y):
            return 2.0 * np.sum(a_dot * a)

        def vjp(a, *, y, y_bar):
            return wrong(y_bar * a)

    with pytest.raises(CustomRuleError, match="shape"):
        grad(lambda a: product(a))(np.ones(2))


def test_rank_of_a_quoted_rule_is_checked_before_anything_runs():
    def product(a):
        return np.sum(a * a)

    @rule(product)
    class product_rule:
        def jvp(a, *, a_dot, y):
            return 2.0 * np.sum(a_dot * a)

        def vjp(a, *, y, y_bar):
            return y_bar

    with pytest.raises(CustomRuleError, match="rank 0 for a value of rank 1"):
        grad(lambda a: product(a)).specialize(np.ones(2))


def test_forward_mode_is_the_transpose_of_the_reverse_mode():
    fun = ruled(lambda res, g: (7.0 * g * res[1] * np.ones(3), 5.0 * g * np.sum(res[0])))
    value, tangent = jvp(lambda x, y: fun(x, y), POINT, (np.array([1.0, 0.0, 2.0]), 10.0))
    assert (value, tangent) == (6.0, 7.0 * 2.0 * 3.0 + 5.0 * 3.0 * 10.0)


def test_residuals_may_be_what_is_written_later():
    fun = custom_vjp(np.exp)
    fun.defvjp(lambda x: 2 * (np.exp(x),), lambda y, g: (g * y,))

    def f(x):
        y = fun(x)
        t = np.sum(y)
        y[0] = 0.0
        return t + np.sum(y)

    check_grads(f, (np.array([0.3, -0.2]),))


def test_many_functions_of_one_name():
    one, two = custom_vjp(lambda x: x), custom_vjp(lambda x: x)
    one.defvjp(lambda x: (x, None), lambda res, g: (2.0 * g,))
    two.defvjp(lambda x: (x, None), lambda res, g: (3.0 * g,))
    assert grad(lambda x: one(x) * two(x))(5.0) == 25.0
    assert jvp(lambda x: one(x) * two(x), (5.0,), (1.0,)) == (25.0, 25.0)


def test_copies():
    fun = custom_vjp(math.sin)
    assert copy.copy(fun)(0.3) == fun(0.3) == math.sin(0.3)
    assert repr(fun) == "<custom_vjp of sin>"
    with pytest.raises(TypeError):
        custom_vjp(3.0)


@custom_vjp
def bent(params, x):
    return {"y": np.sin(x) * params["w"], "s": (np.sum(x), x[0] * params["w"])}


def bent_bwd(saved, bar):
    w, x = saved
    slope = bar["y"] * np.cos(x) * w + bar["s"][0]
    slope[0] += bar["s"][1] * w
    return {"w": np.sum(bar["y"] * np.sin(x)) + bar["s"][1] * x[0]}, slope


bent.defvjp(lambda params, x: (bent(params, x), (params["w"], x)), bent_bwd)


@custom_jvp
def curved(x, y):
    return x * y**2


@curved.defjvp
def curved_jvp(primals, tangents):
    (x, y), (x_dot, y_dot) = primals, tangents
    return curved(x, y), x_dot * y**2 + 2.0 * x * y * y_dot


def test_a_rule_in_several_directions_is_called_for_each_and_the_sweep_is_not():
    x = np.array([0.3, 0.8, 1.2])

    def outer(x, w):
        out = bent({"w": w * w}, x)
        return out["y"] * out["s"][0] + out["s"][1]

    made = jacrev(outer, argnums=(0, 1)).specialize(x, 0.7)
    assert "bent_bar_rows" in made.source
    assert "by_directions" not in made.source
    by_x, by_w = jacrev(outer, argnums=(0, 1))(x, 0.7)
    for k, unit in enumerate(np.eye(3)):
        assert np.allclose(by_x[:, k], jvp(outer, (x, 0.7), (unit, 0.0))[1])
    assert np.allclose(by_w, jvp(outer, (x, 0.7), (np.zeros(3), 1.0))[1])
    forward = jacfwd(lambda v: curved(np.sin(v), v) * v).specialize(x)
    assert "curved_pair_rows" in forward.source
    assert np.allclose(forward(x), np.diag(x**3 * np.cos(x) + 3.0 * x**2 * np.sin(x)))


def test_fwd_must_give_a_pair():
    for fwd, found in ((lambda x, y: np.sum(x) * y, "float64"), (lambda x, y: (np.sum(x) * y, x, y), "tuple of 3")):
        fun = ruled(lambda res, g: (None, g), fwd)
        with pytest.raises(CustomRuleError, match=f"value, residuals.*{found}"):
            grad(lambda x, y, fun=fun: fun(x, y))(*POINT)


def test_jvp_must_give_a_pair_also_where_it_is_transposed():
    fun = custom_jvp(lambda x: x * 2.0)
    fun.defjvp(lambda primals, tangents: primals[0] * 2.0)
    with pytest.raises(CustomRuleError, match="value, tangent"):
        jvp(lambda x: np.sum(fun(x)), (np.ones(3),), (np.ones(3),))
    with pytest.raises(S2sadError, match="value, tangent"):
        grad(lambda x: np.sum(fun(x)))(np.ones(3))


def test_wrong_rank_where_a_rule_is_transposed():
    fun = custom_jvp(lambda x: x * 2.0)
    fun.defjvp(lambda primals, tangents: (primals[0] * 2.0, np.sum(tangents[0])))
    with pytest.raises(S2sadError, match="rank 0"):
        grad(lambda x: np.sum(fun(x)))(np.ones(3))


@pytest.mark.parametrize(
    "rule_",
    [
        lambda primals, tangents: (2.0 * primals[0], tangents[0] ** 2),
        lambda primals, tangents: (2.0 * primals[0], tangents[0] if np.sum(tangents[0]) > 0.0 else -tangents[0]),
        lambda primals, tangents: (2.0 * primals[0], np.abs(tangents[0])),
    ],
)
def test_a_rule_that_is_not_linear_has_no_transpose(rule_):
    fun = custom_jvp(lambda x: x * 2.0)
    fun.defjvp(rule_)
    with pytest.raises(S2sadError, match="not linear in its tangents") as caught:
        grad(lambda x: np.sum(fun(x)))(np.ones(3))
    assert caught.value.code == "S204"


def test_clipped_cotangents_have_no_forward_mode():
    fun = custom_vjp(lambda x: x * 1.0)
    fun.defvjp(lambda x: (x * 1.0, None), lambda saved, bar: (np.clip(bar, -1.0, 1.0),))
    assert np.array_equal(grad(lambda x: np.sum(fun(x) ** 2))(np.array([0.2, 3.0])), [0.4, 1.0])
    with pytest.raises(S2sadError, match="not linear in the cotangent"):
        jvp(lambda x: np.sum(fun(x)), (np.ones(3),), (np.ones(3),))


def test_one_rule_per_parameter():
    fun = custom_jvp(lambda x: x * 2.0)
    with pytest.raises(CustomRuleError, match="2 rules"):
        fun.defjvps(lambda x_dot, y, x: 2.0 * x_dot, None)


def test_positions_of_static_arguments():
    with pytest.raises(ValueError, match="2 positional parameters"):
        custom_vjp(lambda x, y: x * y, nondiff_argnums=2)
    with pytest.raises(ValueError, match="2 positional parameters"):
        custom_jvp(lambda x, y: x * y, nondiff_argnums=-3)


def test_functions_made_here_must_not_capture_what_is_differentiated():
    @partial(custom_vjp, nondiff_argnums=0)
    def apply(fun, x):
        return fun(x)

    apply.defvjp(lambda fun, x: (fun(x), x), lambda fun, x, bar: (bar * x,))
    with pytest.raises(S2sadError, match="captures y") as caught:
        grad(lambda x, y: apply(lambda t: t * y, x) * y, argnums=1)(0.3, 0.5)
    assert caught.value.code == "S204"


def test_objects_with_differentiated_fields_are_refused():
    class Spring:
        def __init__(self, k):
            self.k = k

    fun = custom_vjp(lambda spring, x: spring.k * x)
    fun.defvjp(lambda spring, x: (spring.k * x, (spring.k, x)), lambda saved, bar: (None, bar * saved[0]))
    assert grad(lambda x: fun(Spring(3.0), x))(2.0) == 3.0
    with pytest.raises(S2sadError, match="differentiated fields") as caught:
        grad(lambda x, k: fun(Spring(k), x), argnums=1)(2.0, 3.0)
    assert caught.value.code == "S204"
