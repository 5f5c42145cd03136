"""Python sees to it that there are as many items as names: so does what is emitted."""

import importlib.util

import numpy as np
import pytest

import s2sad

NUMBA = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
BACKENDS = ["numpy", pytest.param("numba", marks=NUMBA)]


def rosenbrock(p):
    x, y = p
    return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2


def pairs(points):
    total = 0.0
    for x, y in points:
        total += x * y
    return total


def ends(p):
    first, *between, last = p
    return first * last + sum(between)


def of_a_list(p):
    x, y = [v * v for v in p]
    return x * y


def unread(p):
    x, y = p
    return x * x


def weighted(p, w):
    a, b = w
    return p[0] * a + p[1] * b


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "function, wrong", [(rosenbrock, (3,)), (rosenbrock, (1,)), (pairs, (4, 3)), (unread, (3,)), (of_a_list, (3,))]
)  # fmt: skip
def test_another_number_of_items_is_an_error(function, wrong, backend):
    right = (4, 2) if function is pairs else (2,)
    derivative = s2sad.grad(function, backend=backend)
    derivative(np.linspace(0.5, 1.0, int(np.prod(right))).reshape(right))
    with pytest.raises(ValueError, match="to unpack"):
        function(np.ones(wrong))
    for call in (derivative, lambda x: s2sad.jvp(function, (x,), (x,))):
        with pytest.raises((ValueError, s2sad.UnsupportedSyntax), match=r"to unpack|S105"):
            call(np.ones(wrong))


@pytest.mark.parametrize("length", [0, 1])
def test_a_star_leaves_enough_for_the_other_names(length):
    assert s2sad.grad(ends)(np.array([2.0, 3.0])).tolist() == [3.0, 2.0]
    with pytest.raises((ValueError, s2sad.UnsupportedSyntax), match=r"to unpack|S105"):
        s2sad.grad(ends)(np.ones(length))


@pytest.mark.parametrize("weights", [{5, 7}, {5: "a", 7: "b"}, np.array([5, 7]), [5, 7], (5, 7)])
def test_inactive_values_are_unpacked_as_python_does(weights):
    a, b = weights
    assert s2sad.grad(weighted)(np.ones(2), weights).tolist() == [a, b]


@pytest.mark.parametrize("weights", [{5, 7, 9}, {5: "a"}, np.array([5, 7, 9])])
def test_inactive_values_of_another_number_are_an_error(weights):
    with pytest.raises((ValueError, s2sad.UnsupportedSyntax), match=r"to unpack|S105"):
        s2sad.grad(weighted)(np.ones(2), weights)


def test_one_assignment_to_several_names():
    source = s2sad.grad(weighted).specialize(np.ones(2), {5, 7}).source
    assert "a, b = w\n" in source and "len(" not in source


def test_arrays_are_indexed():
    """That takes a third of the time."""
    source = s2sad.grad(rosenbrock).specialize(np.ones(2)).source
    assert "if len(p) != 2:\n" in source and "x = p[0]\n" in source


def product(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


@pytest.mark.parametrize("backend", BACKENDS)
def test_strict_zip_compares_lengths(backend):
    derivative = s2sad.grad(product, backend=backend)
    assert derivative(np.ones(3), np.array([1.0, 2.0, 3.0])).tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="different lengths"):
        derivative(np.ones(3), np.ones(2))


def left_over(x, y):
    values = iter(x)
    first = next(values)
    return first * sum(a * b for a, b in zip(values, y, strict=True))


def test_strict_zip_compares_what_iterators_have_left():
    derivative = s2sad.grad(left_over)
    assert derivative(np.ones(3), np.array([1.0, 2.0])).tolist() == [3.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="different lengths"):
        derivative(np.ones(3), np.ones(3))
