"""What is recorded of memory that is written: nothing for linear updates, the overwritten part otherwise."""

import re

import numpy as np
import pytest

from s2sad import grad


def recurrence(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return np.sum(y)


def heat(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u)


def heat_in_two_dimensions(u, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] += 0.1 * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return np.sum(u)


def added_up(x):
    y = np.zeros(3)
    for i in range(len(x)):
        y[i % 3] += x[i] * x[i]
    return np.sum(y)


def gauss_seidel(u, f, sweeps):
    u = u.copy()
    n = len(u)
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - f[i, j] * u[i, j] ** 2)
    return np.sum(u)


VECTOR, MATRIX = np.linspace(0.1, 0.9, 6), np.linspace(0.1, 0.9, 16).reshape(4, 4)


def kept(source):
    """The names that the forward sweep keeps values under."""
    return set(re.findall(r"\w+_(?:tape|saved|old)(?:_\d+)?\b", source))


@pytest.mark.parametrize(
    "fun, args",
    [
        (recurrence, (VECTOR,)),
        (heat, (VECTOR, 0.1, 3)),
        (heat_in_two_dimensions, (MATRIX, 3)),
        (added_up, (VECTOR,)),
    ],
)
def test_linear_updates_record_nothing(fun, args):
    assert not kept(grad(fun).specialize(*args).source)


def test_gauss_seidel_records_scalars():
    source = grad(gauss_seidel).specialize(MATRIX, MATRIX, 2).source
    appended = re.findall(r"_tape(?:_\d+)?\.append\(([^\n]*)\)\n", source)
    elements = [item for item in appended if "_tape" not in item]
    assert elements
    assert all(f"{item} = u[i, j]\n" in source for item in elements)


def overwritten_after_it_was_summed(x):
    s = np.sum(x, axis=0)
    c = np.cumsum(x, axis=1)
    d = np.reshape(x, (-1,)) * 2.0
    x *= s
    return np.sum(x * x) + np.sum(c[0]) + np.sum(d)


def test_what_is_asked_for_its_size_alone_is_not_kept():
    """Sums, shapes and their like are linear: the items of what they were given are not needed."""
    x = np.array([[0.5, 1.5], [2.0, -1.0]])
    derivative = grad(overwritten_after_it_was_summed)
    text = derivative.specialize(x).source
    assert "_saved" not in text and text.count(".copy()") == 1, text  # a factor of a product
    numeric = [
        (overwritten_after_it_was_summed(x + e) - overwritten_after_it_was_summed(x - e)) / 2e-6
        for e in (1e-6 * unit.reshape(2, 2) for unit in np.eye(4))
    ]
    np.testing.assert_allclose(derivative(x).ravel(), numeric, rtol=1e-6)
