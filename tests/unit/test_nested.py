"""Derivatives inside differentiated functions, and `stop_gradient`: what the corpus of programs does not show."""

import numpy as np
import pytest

from s2sad import S2sadError, grad, hvp, jvp, stop_gradient, value_and_grad, vjp
from s2sad.testing import check_grads


def square(x):
    return x * x


def apply(f, x):
    return f(x)


def vector(x):
    return np.array([x, x])


def test_an_emitted_derivative_is_entered_not_called():
    source = grad(lambda x: grad(square)(x) * x).specialize(2.0).source
    assert "grad(square)" not in source


def test_a_derivative_that_carries_none_is_called_as_it_is_written():
    def f(x):
        if grad(square)(2.0) > 3.0:
            return x
        return -x

    assert grad(f)(1.0) == 1.0


@pytest.mark.parametrize(
    "fun, message",
    [
        (lambda x: grad(apply, argnums=1)(lambda y: y * x, x), "made here"),
        (lambda x: grad(square, has_aux=True)(x)[0], "must return \\(value, aux\\)"),
        (lambda x: hvp(square)(x), "the direction 'p' is missing"),
        (lambda x: np.sum(grad(vector)(x)), "gradient is defined for a scalar"),
        (lambda x: grad(square, argnums=int(x))(x), "known only at run time"),
    ],
)
def test_what_cannot_be_done_is_refused(fun, message):
    with pytest.raises(S2sadError, match=message):
        grad(fun)(1.5)


def test_captured_integers_and_arrays():
    def outer(x, n, a):
        def inner(y):
            return np.sum(a * y) ** n

        return grad(inner)(x)

    check_grads(outer, (0.7, 3, np.array([1.0, 2.0])))


def test_options_of_an_inner_derivative():
    def outer(x):
        return grad(lambda y: abs(y) * x, kinks="nan")(0.0)

    assert np.isnan(grad(outer)(2.0))


def test_forward_and_reverse_agree_through_a_pullback():
    def f(x):
        value, pull = vjp(lambda y: np.sin(y) * x, x)
        return np.sum(pull(value)[0])

    x = np.array([0.3, -0.8])
    direction = np.array([1.0, -2.0])
    _, tangent = jvp(f, (x,), (direction,))
    np.testing.assert_allclose(tangent, grad(f)(x) @ direction, rtol=1e-12)
    check_grads(f, (x,))


def test_a_value_held_constant_must_not_be_written():
    def f(x):
        y = np.zeros(2)
        y[0] = x
        held = stop_gradient(y)
        held[1] = x
        return np.sum(y)

    with pytest.raises(S2sadError, match="stop_gradient"):
        grad(f)(1.0)


def test_a_copy_of_a_value_held_constant_may_be_written():
    def f(x):
        y = stop_gradient(x).copy()
        y[0] = x[1]
        return np.sum(y * y)

    np.testing.assert_array_equal(grad(f)(np.array([3.0, 4.0])), [0.0, 8.0])


@pytest.mark.parametrize("held", [lambda x: stop_gradient(x), lambda x: stop_gradient((x, [x]))[1][0]])
def test_held_values_have_no_derivative_in_either_mode(held):
    def f(x):
        return held(x) * x

    assert grad(f)(3.0) == 3.0
    assert jvp(f, (3.0,), (1.0,)) == (9.0, 3.0)
    assert value_and_grad(f)(3.0) == (9.0, 3.0)


def test_integers_in_the_result_have_tangent_zero():
    def f(x):
        return x * 2.0, len(x), np.argmax(x), np.arange(2), True, None, "name"

    x = np.array([1.0, 2.0])
    _, tangent = jvp(f, (x,), (np.ones(2),))
    np.testing.assert_array_equal(tangent[0], [2.0, 2.0])
    assert [type(t) for t in tangent[1:3]] == [float, float]
    np.testing.assert_array_equal(tangent[3], np.zeros(2))
    assert tangent[3].dtype == float
    assert tangent[1:3] == (0.0, 0.0) and tangent[4] == 0.0
    assert tangent[5] is None and tangent[6] == "name"


RATE = 2.0


def scaled(x):
    return RATE * adjusted(x)


def adjusted(x):
    return x * x


slope = grad(scaled)


def uses_slope(x):
    return slope(x) * x


def test_what_a_derivative_reads_is_watched_where_it_is_called(monkeypatch):
    derivative = grad(uses_slope)
    assert derivative(3.0) == 24.0
    monkeypatch.setitem(globals(), "RATE", 5.0)
    assert derivative(3.0) == 60.0
    monkeypatch.setitem(globals(), "adjusted", lambda x: x**3)
    assert derivative(3.0) == 5.0 * 9.0 * 9.0


def test_a_function_that_is_entered_from_its_own_derivative_is_refused():
    def powers(x, n):
        if n == 0:
            return x
        return grad(lambda z: z * z * powers(z, n - 1))(x)

    with pytest.raises(S2sadError, match="own derivative") as caught:
        grad(powers)(0.7, 2)
    assert caught.value.code == "S109"
