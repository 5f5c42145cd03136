"""The options `kinks` and `where`: what happens where a derivative does not exist, and in the branch not taken."""

import inspect
import math

import numpy as np
import pytest

from s2sad import KinkError, grad, jvp, vjp


def absolute(x):
    return abs(x) * 2.0


def elements(x):
    y = np.abs(x)
    return np.sum(y * np.maximum(x, 1.0))


def root(x):
    return np.sqrt(x) + x**2


def largest(x):
    return np.max(x)


def largest_of_rows(x):
    return np.sum(np.max(x, axis=1))


def largest_number(x):
    return max(x, 1.0, 2.0) * x


def norm(x):
    return np.linalg.norm(x)


def spread(x):
    return np.std(x)


def ordered(x):
    return np.sum(np.sort(x) * np.arange(3.0))


def clipped(x):
    return np.sum(np.clip(x, 0.0, 1.0))


def clipped_from_below(x):
    return np.sum(np.clip(x, 0.0, None))


def in_loop(x):
    total = 0.0
    for i in range(3):
        total = total + np.abs(x - i)
    return total


def recursive(x, n):
    if n == 0:
        return abs(x)
    return recursive(x - 1.0, n - 1) * 2.0


def remainder(x):
    return x % 2.0


HIT = [
    (absolute, 0.0), (elements, np.array([0.0, 2.0])), (elements, np.array([0.5, 1.0])), (root, 0.0),
    (largest, np.array([1.0, 2.0, 2.0])), (largest_of_rows, np.array([[1.0, 1.0], [1.0, 2.0]])),
    (largest_number, 2.0), (norm, np.zeros(2)), (spread, np.ones(3)), (ordered, np.array([1.0, 2.0, 1.0])),
    (clipped, np.array([0.0, 0.5])), (clipped_from_below, np.array([0.0, 0.5])), (in_loop, 1.0), (remainder, 4.0),
]  # fmt: skip
MISSED = [
    (absolute, 0.5), (elements, np.array([0.5, 2.0])), (root, 0.5), (largest, np.array([1.0, 2.0, 3.0])),
    (largest_of_rows, np.array([[1.0, 3.0], [1.0, 2.0]])), (largest_number, 3.0), (norm, np.ones(2)),
    (spread, np.array([1.0, 2.0, 4.0])), (ordered, np.array([1.0, 2.0, 3.0])), (clipped, np.array([0.1, 0.5])),
    (clipped_from_below, np.array([0.1, 0.5])), (in_loop, 0.5), (remainder, 4.5),
]  # fmt: skip


def cases(chosen):
    return pytest.mark.parametrize("fun, x", chosen, ids=[f"{fun.__name__}-{k}" for k, (fun, _) in enumerate(chosen)])


def direction(x):
    return np.ones_like(x) if isinstance(x, np.ndarray) else 1.0


@cases(HIT)
def test_a_kink_raises_with_the_line(fun, x):
    first = inspect.getsourcelines(fun)[1]
    with np.errstate(all="ignore"):
        with pytest.raises(KinkError, match=r"test_kinks.py:\d+: ") as caught:
            grad(fun, kinks="raise")(x)
        with pytest.raises(KinkError):
            jvp(fun, (x,), (direction(x),), kinks="raise")
        with pytest.raises(KinkError):
            vjp(fun, x, kinks="raise")
    assert caught.value.code == "S401"
    line = int(str(caught.value).split("test_kinks.py:")[1].split(":")[0])
    assert first <= line < first + len(inspect.getsourcelines(fun)[0])


@cases(HIT)
def test_a_kink_gives_nan(fun, x):
    with np.errstate(all="ignore"):
        assert np.any(np.isnan(grad(fun, kinks="nan")(x)))
        value, tangent = jvp(fun, (x,), (direction(x),), kinks="nan")
        assert np.isnan(tangent)
        assert value == fun(x)


@cases(MISSED)
def test_elsewhere_the_option_changes_nothing(fun, x):
    expected = grad(fun)(x)
    for policy in ("nan", "raise"):
        np.testing.assert_allclose(grad(fun, kinks=policy)(x), expected, rtol=1e-14)


def test_nan_only_where_the_kink_is():
    np.testing.assert_array_equal(grad(elements, kinks="nan")(np.array([0.0, 2.0, 3.0])), [np.nan, 4.0, 6.0])


def test_a_kink_in_a_recursive_function():
    with pytest.raises(KinkError):
        grad(recursive, kinks="raise")(2.0, 2)
    assert math.isnan(grad(recursive, kinks="nan")(2.0, 2))
    assert grad(recursive, kinks="raise")(2.5, 2) == 4.0


def test_a_power_that_has_no_kink_is_not_tested():
    assert "raise" not in grad(lambda x: x**3 + x**2, kinks="raise").source


def test_what_carries_no_derivative_is_not_tested():
    def f(x):
        if abs(x) < 1.0:
            return x
        return 2.0 * x

    assert grad(f, kinks="raise")(0.0) == 1.0


def test_float32_stays():
    x = np.array([0.5, 2.0], dtype=np.float32)
    assert grad(elements, kinks="nan")(x).dtype == np.float32


def guarded_root(x):
    return np.sum(np.where(x > 0, np.sqrt(x), 0.0))


def test_where_masks_or_follows_ieee():
    x = np.array([-1.0, 0.0, 4.0])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(guarded_root)(x), [0.0, 0.0, 0.25])
        np.testing.assert_array_equal(grad(guarded_root, where="ieee")(x), [np.nan, np.nan, 0.25])


def test_kinks_of_a_branch_that_is_not_taken_do_not_count():
    def roots(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    def slopes(x):
        return np.sum(np.where(x > 0, np.abs(x - 1.0), np.abs(x)))

    x = np.array([0.0, 1.0, 4.0])
    for policy in ("raise", "nan"):
        np.testing.assert_array_equal(grad(roots, kinks=policy)(x), [0.0, 0.5, 0.25])
    np.testing.assert_array_equal(grad(slopes, kinks="raise")(np.array([2.0, 0.5, -4.0])), [1.0, -1.0, -1.0])
    with pytest.raises(KinkError):
        grad(slopes, kinks="raise")(np.array([2.0, 0.5, 0.0]))


@pytest.mark.parametrize(
    "root",
    [lambda x: math.sqrt(x), lambda x: x**0.5, lambda x: math.cbrt(x) if hasattr(math, "cbrt") else x ** (1 / 3)],
)
def test_an_infinite_slope_is_infinite_also_for_plain_floats(root):
    assert grad(root)(0.0) == math.inf
    assert jvp(root, (0.0,), (1.0,)) == (0.0, math.inf)
    value, pullback = vjp(root, 0.0)
    assert (value, pullback(1.0)) == (0.0, (math.inf,))


def test_a_division_of_the_primal_by_zero_is_raised():
    def inverse(x):
        return 1.0 / x

    for call in (lambda: grad(inverse)(0.0), lambda: jvp(inverse, (0.0,), (1.0,)), lambda: vjp(inverse, 0.0)):
        with pytest.raises(ZeroDivisionError):
            call()
