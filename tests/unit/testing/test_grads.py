"""`check_grads`: it passes what is right, and says where something is wrong."""

import numpy as np
import pytest

from s2sad.testing import check_grads, grads


def product(x, p, n):
    return {"r": np.sin(x) * p["a"] ** n, "k": 3}, p["b"] * x[0]


def norm(x):
    return np.sum(x * np.tanh(x))


ARGUMENTS = (np.linspace(0.1, 1.0, 4), {"a": 2.0, "b": 0.5}, 3)


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")])
def test_structured_arguments_and_results(modes):
    check_grads(product, ARGUMENTS, modes=modes)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (3,), (1, 2), (0,), (20, 10)])
def test_arrays(dtype, shape):
    check_grads(norm, (np.full(shape, 0.7, dtype=dtype),))


def test_large_and_small_numbers():
    check_grads(scaled, (1e6,))
    check_grads(scaled, (1e-6,))


def scaled(x):
    return 1e8 * x * x + 1e3


def test_second_order():
    check_grads(norm, (np.array([0.3, 1.2]),), order=2)
    check_grads(product, ARGUMENTS, order=2)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("rev", r"reverse mode, derivative with respect to x\[1, 0\]: got .*, expected"),
        ("fwd", "forward mode"),
    ],
)
def test_a_wrong_derivative_is_named(monkeypatch, mode, words):
    real = grads.central_difference

    def wrong(fun, primals, tangents, eps=None):
        return real(fun, primals, tangents, eps) + tangents[0][1, 0]

    monkeypatch.setattr(grads, "central_difference", wrong)
    with pytest.raises(AssertionError, match="derivatives of norm are wrong") as caught:
        check_grads(norm, (np.ones((2, 1)),), modes=(mode,))
    assert caught.match(words)
    assert str(caught.value).count("\n") == 1


def test_modes_that_disagree(monkeypatch):
    monkeypatch.setattr(grads, "dot_product_test", lambda *_, **__: 0.5)
    with pytest.raises(AssertionError, match="forward and reverse mode of norm disagree"):
        check_grads(norm, (2.0,))


def test_only_integers():
    with pytest.raises(TypeError, match="no argument holds a float"):
        check_grads(norm, (2,))


@pytest.mark.parametrize(("keyword", "words"), [({"order": 3}, "order=3"), ({"modes": ("up",)}, "mode 'up'")])
def test_misuse(keyword, words):
    with pytest.raises(ValueError, match=words):
        check_grads(norm, (2.0,), **keyword)
