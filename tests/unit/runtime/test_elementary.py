"""The elementary functions for compiled loops: close to NumPy's everywhere, the same at what is special."""

import numpy as np
import pytest

from s2sad.runtime.elementary import VECTOR

SPECIAL = np.array(
    [0.0, 1.0, 0.5, 0.625, 0.6249999, 1e-8, 1e-300, 1e-310, 5e-324, 2.2250738585072014e-308, 1.7e308, 19.0, 22.0]
    + [708.3, 709.7, 709.78271289338397, 709.79, 710.0, 745.1, 745.2, 746.0, 800.0, np.inf]
)
SPECIAL = np.concatenate([SPECIAL, -SPECIAL, [np.nan]])
RANDOM = np.random.default_rng(3)
SPREAD = np.concatenate(
    [
        RANDOM.uniform(-745.0, 709.0, 20_000),
        RANDOM.normal(size=20_000),
        1.0 + 1e-6 * RANDOM.normal(size=5_000),
        np.exp(RANDOM.uniform(-740.0, 709.0, 20_000)),
    ]
)


def compiled(function):
    """The function in a loop, as the backend has it."""
    numba = pytest.importorskip("numba")
    from s2sad.backends.numba.overloads import register

    register()

    @numba.njit(error_model="numpy", fastmath={"contract"})
    def loop(x):
        out = np.empty(len(x))
        for i in range(len(x)):
            out[i] = function(x[i])
        return out

    return loop


def distance(found, wanted):
    """In units in the last place; 0 for two NaNs and for equal infinities."""
    with np.errstate(all="ignore"):
        units = np.abs(found - wanted) / np.spacing(np.abs(wanted))
    return np.where((found == wanted) | (np.isnan(found) & np.isnan(wanted)), 0.0, units)


@pytest.mark.parametrize("plain", VECTOR, ids=lambda function: function.__name__)
def test_as_numpy_has_it(plain):
    loop = compiled(VECTOR[plain][0])
    for points in (SPECIAL, SPREAD):
        with np.errstate(all="ignore"):
            wanted = plain(points)
        found = loop(points)
        off = distance(found, wanted)
        assert off.max() <= 2.0, (points[off.argmax()], off.max())
        np.testing.assert_array_equal(np.signbit(found[~np.isnan(wanted)]), np.signbit(wanted[~np.isnan(wanted)]))


@pytest.mark.parametrize("plain", VECTOR, ids=lambda function: function.__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_other_numbers(plain, dtype):
    x = np.array([0.3, 1.7], dtype)
    numba = pytest.importorskip("numba")
    from s2sad.backends.numba.overloads import register

    register()
    vector = VECTOR[plain][0]
    found = numba.njit(lambda x: vector(x))(x[0])
    np.testing.assert_allclose(found, plain(x[0]), rtol=1e-6)


@pytest.mark.parametrize("plain", VECTOR, ids=lambda function: function.__name__)
def test_without_a_compiler(plain):
    assert VECTOR[plain][0](0.75) == plain(0.75)


@pytest.mark.parametrize("plain", VECTOR, ids=lambda function: function.__name__)
def test_formula(plain):
    """The text that is compiled, run by Python itself."""
    formula = VECTOR[plain][1]
    for x in (0.1, 0.7, 3.0, 40.0):
        np.testing.assert_allclose(formula(x), plain(x), rtol=1e-15)
