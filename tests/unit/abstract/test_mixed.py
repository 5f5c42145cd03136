"""Mixed mode: which functions are differentiated forward inside a reverse sweep, and that the result is the same."""

import importlib.util
import math

import numpy as np
import pytest

from s2sad import grad, hessian, jacrev, jvp, value_and_grad

X = np.array([0.3, 1.2, 2.0])


def root(a):
    y = a
    for _ in range(6):
        y = 0.5 * (y + a / y)
    return y


def of_two(a, b):
    y = a
    for _ in range(6):
        y = 0.5 * (y + b / y) * a
    return y


def kept_by_four(a, b):
    p, q, r, s = a, b, a, b
    for _ in range(3):
        p, q, r, s = q * r, r * s, s * p, p * q
    return p


def summed(x):
    total = 0.0
    for v in x:
        total = total * root(v * v) + v
    return total


def test_the_forward_sweep_keeps_a_slope_and_no_tape_of_tapes():
    source = grad(summed).specialize(X).source
    assert "def root_jvp(a, a_dot):" in source
    assert "root_slope_tape" in source
    assert "tape_tape" not in source
    assert "tape_tape" in grad(summed, mixed=False).specialize(X).source


def test_it_can_be_switched_off_and_gives_the_same():
    assert np.allclose(grad(summed)(X), grad(summed, mixed=False)(X), rtol=1e-14)
    assert np.allclose(hessian(summed)(X), hessian(summed, mixed=False)(X), rtol=1e-12)


def test_several_cotangents_share_the_slopes():
    def each(x):
        out = np.zeros(3)
        for k in range(3):
            out[k] = root(x[k]) * root(x[k - 1])
        return out

    made = jacrev(each).specialize(X)
    assert "root_jvp" in made.source
    expected = np.stack([jvp(each, (X,), (e,))[1] for e in np.eye(3)], axis=1)
    assert np.allclose(jacrev(each)(X), expected, rtol=1e-14)


def test_not_where_the_function_is_called_once():
    def once(x):
        return root(x) * x

    assert "root_jvp" not in grad(once).specialize(1.3).source


def test_not_in_forward_mode():
    from s2sad.derivative import Derivative

    assert "root_jvp" not in Derivative(summed, "jvp", 0).specialize(X).source


def calls_two(x, w):
    total = w
    for v in x:
        total = of_two(v * v, total)
    return total


def calls_four(x, w):
    total = w
    for v in x:
        total = kept_by_four(v, total)
    return total


def test_the_count_of_operations_decides_for_several_inputs():
    """Two runs with tangents cost more than one that records, unless there is much to record."""
    assert "of_two_jvp" not in grad(calls_two).specialize(X, 0.7).source
    source = grad(calls_four).specialize(X, 0.7).source
    assert ("kept_by_four_jvp" in source) == counted_as_better(kept_by_four)
    for fun in (calls_two, calls_four):
        got, expected = (grad(fun, argnums=(0, 1), mixed=on)(X, 0.7) for on in (True, False))
        assert np.allclose(got[0], expected[0], rtol=1e-13)
        assert got[1] == pytest.approx(expected[1], rel=1e-13)


def counted_as_better(fun):
    from s2sad.abstract.interpreter import interpret
    from s2sad.abstract.mixed import count
    from s2sad.signature import Scalar

    core = interpret(fun, {"a": Scalar("float"), "b": Scalar("float")}, ("a", "b"))
    return count(core).prefers_forward(2)


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
@pytest.mark.slow
def test_under_numba():
    assert np.allclose(grad(summed, backend="numba")(X), grad(summed)(X), rtol=1e-14)


def test_what_it_prints_is_printed_once(capsys):
    def told(v):
        s = v
        for _ in range(2):
            s = math.sin(s) * v
        print("told")
        return s

    def outer(x):
        total = 0.0
        for v in x:
            total = total + told(v) ** 2
        return total

    value, slope = value_and_grad(outer)([0.4, 0.9])
    assert capsys.readouterr().out == "told\n" * 2
    assert np.allclose(slope, grad(outer, mixed=False)([0.4, 0.9]), rtol=1e-14)
