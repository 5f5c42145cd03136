"""The backend ``numba``: what goes in and out, what is refused, and what happens then."""

import importlib.util
import math
import traceback
import types
import warnings
from typing import NamedTuple

import numpy as np
import pytest

from s2sad import AmbiguousAlias, BackendError, grad, jit, jvp, value_and_grad, vjp

pytestmark = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")


@pytest.fixture(autouse=True, scope="module")
def cache_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("S2SAD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


class Spring(NamedTuple):
    stiffness: float
    rest: float


def iterate(x, n):
    s = 0.5
    for _ in range(n):
        s = s * x + math.sin(s)
    return s


def layer(p, x):
    return np.sum(np.tanh(x @ p["w"] + p["b"]))


rate = 3.0


def with_global(x):
    return rate * x * x


def with_einsum(x):
    return np.sum(np.einsum("ij->j", x * x))


def test_value_and_gradient_of_a_loop():
    assert value_and_grad(iterate, backend="numba")(0.4, 100) == pytest.approx(value_and_grad(iterate)(0.4, 100))


def test_dicts_that_are_changed_are_refused():
    def changed(p):
        q = {}
        for key in p:
            q[key] = p[key] * 2.0
        q["a"] += 1.0
        return q["a"] * q["b"]

    with pytest.raises(BackendError, match="dict that is changed"):
        grad(changed, backend="numba")({"a": 1.0, "b": 2.0})


def test_dicts_that_are_looked_up_at_run_time_are_refused():
    """As a tuple it would be read at the wrong place."""

    def chosen(x):
        return {1: 2.0, 0: 3.0}[x > 0.0] * x

    with pytest.raises(BackendError, match="known only at run time"):
        grad(chosen, backend="numba")(1.0)


def test_text_made_of_floats_is_refused():
    """Numba writes ``<object type:float64>`` for a float; whole numbers are right."""

    def read(x):
        return x * 2.0 if f"{x}" == "1.0" else x

    def counted(x, n):
        return x * 2.0 if str(n) == "3" and f"{n}" == "3" else x

    with pytest.raises(BackendError) as info:
        grad(read, backend="numba")(1.0)
    assert info.value.code == "S501"
    assert grad(counted, backend="numba")(1.0, 3) == 2.0


def test_handlers_are_refused():
    """Compiled arithmetic gives an infinity where CPython raises, so the handler would not run."""

    def guarded(x, y):
        try:
            q = x / y
        except ZeroDivisionError:
            q = 0.0
        return q * x

    with pytest.raises(BackendError, match="`try` is not supported"):
        grad(guarded, backend="numba")(1.0, 0.0)
    with pytest.warns(RuntimeWarning, match="try"):
        assert grad(guarded, backend="auto")(1.0, 0.0) == grad(guarded)(1.0, 0.0)


def overwrites(x, y):
    z = y + 1.0
    y[:] = 0.5
    return (z * x).sum()


def test_arguments_that_share_memory_are_refused():
    whole = np.arange(8.0)
    compiled = value_and_grad(overwrites, argnums=(0, 1), backend="numba")
    for x, y in [(whole[:4], whole[4:]), (whole[::-1][:4], whole[:4]), (whole[:0], whole[:0])]:
        value, gradients = compiled(x, y)
        expected, wanted = value_and_grad(overwrites, argnums=(0, 1))(x, y)
        assert value == expected
        for found, known in zip(gradients, wanted):
            np.testing.assert_allclose(found, known)
    for x, y in [(whole[:4], whole[:4]), (whole[:4], whole[3:7]), (whole[::-1][:4], whole[4:])]:
        with pytest.raises(AmbiguousAlias, match="x and y share memory"):
            compiled(x, y)
    np.testing.assert_array_equal(whole, np.arange(8.0))


def copied(x):
    y = x * x
    z = np.array(y)
    z[0] = x[1]
    return np.sum(y * z)


def copied_as_floats(x):
    y = x * x
    z = np.array(y, dtype=np.float64)
    z[0] = x[1]
    return np.sum(y * z)


def test_an_argument_that_is_copied_stays_as_it_is():
    """Its name is that of a number too, further down."""

    def f(x):
        y = np.array(x)
        y[1] = 0.5
        s = np.sum(y**2)
        x = np.arctan(x * x)
        return np.sum(x) + s

    x = np.array([0.3, -0.7, 1.1])
    value, gradient = value_and_grad(f, backend="numba")(x)
    assert x.tolist() == [0.3, -0.7, 1.1]
    assert value == pytest.approx(f(x), rel=1e-14)
    np.testing.assert_allclose(gradient, value_and_grad(f)(x)[1], rtol=1e-13)


OUTSIDE = types.SimpleNamespace(weights=np.array([0.5, 0.7]))
KNOWN = np.array([0.5, 0.7])


def test_an_array_of_an_array_outside_is_a_copy():
    """What the compiled function wrote to was the array outside."""

    def of_a_global(x):
        y = np.array(KNOWN)
        y[0] = 1.0
        return np.sum(KNOWN + y * x)

    def of_an_attribute(x):
        y = np.array(OUTSIDE.weights)
        y[0] = 1.0
        return np.sum(OUTSIDE.weights + y * x)

    for fun in (of_a_global, of_an_attribute):
        for _ in range(2):
            value, gradient = value_and_grad(fun, backend="numba")(0.9)
            assert (value, gradient) == (pytest.approx(2.73, rel=1e-15), 1.7)
        assert jit(fun)(0.9) == pytest.approx(2.73, rel=1e-15)
    assert KNOWN.tolist() == OUTSIDE.weights.tolist() == [0.5, 0.7]


@pytest.mark.parametrize("copied", [copied, copied_as_floats])
def test_an_array_of_an_array_is_a_copy(copied):
    x = np.array([0.5, -1.5, 2.0])
    value, gradient = value_and_grad(copied, backend="numba")(x)
    assert value == copied(x)
    np.testing.assert_allclose(gradient, [-1.5, 0.25 - 4.0 * 1.5**3, 32.0])


def test_a_store_is_not_lost_behind_a_comprehension():
    """Numba inlines a comprehension, and then takes a store into an array for dead that only a list still holds."""

    def kept(x):
        buffer = np.zeros(3)
        history = []
        for k in range(3):
            buffer[k] = x[k] * x[0]
            history.append(buffer)
        copies = [held.copy() for held in history]
        buffer[0] = 7.0 * x[1]
        return np.sum(history[0] * copies[1])

    x = np.array([0.3, 1.2, 0.7])
    value, gradient = value_and_grad(kept, backend="numba")(x)
    expected, reference = value_and_grad(kept)(x)
    assert value == pytest.approx(expected)
    assert np.allclose(gradient, reference, rtol=1e-12)


@pytest.mark.parametrize(
    "loss",
    [
        lambda a: np.sum(np.roll(a, 1, axis=1) * np.roll(a, -1, axis=0) * a),
        lambda a: np.sum(np.max(a, axis=1) * np.min(a, axis=1)) + np.sum(np.max(a, axis=0)),
        lambda a: np.sum(np.mean(a, axis=0) ** 2) + np.sum(np.mean(a * a, axis=1, keepdims=True) * a),
        lambda a: np.sum(a[[0, 2, 0]] ** 2),
        lambda a: np.sum(np.concatenate([a, 2.0 * a]) ** 2) + np.sum(np.array([a[0], a[1]]) ** 3),
        lambda a: np.sum(np.where(a > 0.5, a, 0.0) * a[:, :1]),
        lambda a: np.sum(np.roll(a, 5, axis=1) * np.roll(a, -3, axis=0) * np.roll(a[0], -1)),
        lambda a: np.sum(np.sort(a[0] * np.array([1.0, 1.0, 0.0, 0.0])) * np.arange(4.0)),
        lambda a: np.sum(np.stack((a[0], a[1] * 2.0, a[2])) * a),
        lambda a: np.linalg.det(a[:2, :2]) + np.sum(np.linalg.inv(a[1:, 1:3]) ** 2),
        lambda a: np.sum((a @ a.T) @ a[:, 0] * (a[:, 1] @ a)[:3]) + a[0] @ a[1],
        lambda a: np.sum(np.outer(a[0] * 2.0, a[1]) ** 2),
        lambda a: np.sum(np.diag(a) ** 2) + np.sum(np.diagonal(a[:, ::-1], -1) * 3.0) + np.sum(np.diagonal(a, 7)),
    ],
    ids=[
        "roll", "extremes", "means", "repeated_places", "joined", "masked", "rolled_far", "ties", "stacked",
        "two_by_two", "products", "outer", "diagonals",
    ],
)
def test_spellings(loss):
    a = np.sin(np.arange(12.0).reshape(3, 4)) + 0.1
    value, gradient = value_and_grad(loss, backend="numba")(a)
    expected, reference = value_and_grad(loss)(a)
    assert value == pytest.approx(expected)
    assert np.allclose(gradient, reference, rtol=1e-12, atol=1e-14)


def test_a_diagonal_shows_what_is_written_later():
    def f(a):
        b = a * 1.0
        d = np.diagonal(b)
        b[0, 0] = 5.0 * a[1, 1]
        return np.sum(d**2)

    a = np.array([[2.0, 0.3], [0.4, 3.0]])
    value, gradient = value_and_grad(f, backend="numba")(a)
    assert (value, gradient.tolist()) == (234.0, [[0.0, 0.0], [0.0, 156.0]])


def test_small_sizes_are_known_and_others_fit_too():
    loss = value_and_grad(lambda a: np.sum(a @ a.T), backend="numba")
    for size in (2, 3, 4, 5, 6, 3, 0):
        a = np.cos(np.arange(2.0 * size)).reshape(2, size)
        assert np.allclose(loss(a)[1], 2.0 * np.sum(a, axis=0) * np.ones((2, 1)))
    small = loss.specialize(np.ones((2, 3)))
    assert "float64[2, 3]" in small.source and small(np.ones((2, 3)))[0] == 12.0
    with pytest.raises(TypeError, match="other types"):
        small(np.ones((2, 4)))
    assert "float64[:, 3]" not in loss.specialize(np.ones((5, 6))).source


def test_an_inverse_of_a_singular_matrix_raises():
    loss = value_and_grad(lambda a: np.sum(np.linalg.inv(a)), backend="numba")
    with pytest.raises(np.linalg.LinAlgError):
        loss(np.ones((2, 2)))


def test_what_is_emitted_is_decorated():
    gradient = grad(iterate, backend="numba")
    assert gradient.source.startswith('@njit(error_model="numpy", fastmath={"contract"}, cache=True)\ndef iterate_grad(')
    assert grad(iterate, backend="numba", fastmath=True).source.startswith('@njit(error_model="numpy", fastmath=True,')


def test_containers_keep_their_structure():
    p = {"w": np.ones((3, 2)), "b": np.array([0.1, 0.2])}
    x = np.arange(12.0).reshape(4, 3) / 10
    mine, theirs = grad(layer, backend="numba")(p, x), grad(layer)(p, x)
    assert list(mine) == ["w", "b"]
    for key in p:
        assert np.allclose(mine[key], theirs[key], rtol=1e-12)


def test_named_tuples_and_lists():
    def energy(spring, x):
        return 0.5 * spring.stiffness * (x[0] - spring.rest) ** 2 + x[1] * spring.rest

    got = grad(energy, argnums=(0, 1), backend="numba")(Spring(2.0, 0.5), [1.5, 3.0])
    assert got == (Spring(0.5, 1.0), [2.0, 0.5])


def test_a_long_list_is_an_array_inside():
    def total(p):
        s = 0.0
        for k in range(len(p)):
            s += p[k] * p[k]
        return s

    numbers = [0.5 * k for k in range(40)]
    assert grad(total, backend="numba")(numbers) == [2.0 * v for v in numbers]


def test_a_list_that_is_used_as_a_list_is_made_one():
    def product(p):
        s = 1.0
        for k in range(len(p)):
            s *= p[k]
        return s

    gradient = grad(product, backend="numba")
    assert gradient([2.0, 3.0, 4.0]) == [12.0, 8.0, 6.0]
    assert "p = list(p_items)" in gradient.source


def test_a_tuple_stays_a_tuple():
    def product(p):
        s = 1.0
        for v in p:
            s *= v
        return s

    gradient = grad(product, backend="numba")
    assert gradient((2.0, 3.0, 4.0)) == (12.0, 8.0, 6.0)
    assert gradient([2.0, 3.0, 4.0]) == [12.0, 8.0, 6.0]


def test_tapes_of_arrays():
    def repeated(x):
        y = x * 1.0
        for _ in range(3):
            y = np.sin(y) * x
        return np.sum(y * y)

    x = np.linspace(0.5, 2.0, 5)
    assert np.allclose(grad(repeated, backend="numba")(x), grad(repeated)(x), rtol=1e-12)


def test_out_of_bounds_raises_at_the_line():
    def too_far(x, n):
        s = 0.0
        for i in range(n):
            s += x[i] * x[i]
        return s

    gradient = grad(too_far, backend="numba")
    assert gradient(np.ones(3), 3).tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(IndexError) as caught:
        gradient(np.ones(3), 4)
    shown = "".join(traceback.format_exception(caught.value))
    assert "s += x[i] * x[i]" in shown


def test_an_index_from_an_array_is_tested_by_numba():
    def gathered(x, index):
        s = 0.0
        for k in index:
            s += x[k] ** 2
        return s

    gradient = grad(gathered, backend="numba")
    assert "boundscheck=True" in gradient.specialize(np.ones(3), np.array([0, 2])).source
    with pytest.raises(IndexError):
        gradient(np.ones(3), np.array([3]))


def test_shapes_that_do_not_fit_raise():
    def summed(x, n):
        y = np.zeros(n)
        y += x
        return np.sum(y * y)

    gradient = grad(summed, backend="numba")
    assert gradient(np.ones(3), 3).tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(ValueError, match="broadcast"):
        gradient(np.ones(3), 4)


def test_globals_are_read_at_each_call(monkeypatch):
    gradient = grad(with_global, backend="numba")
    assert gradient(2.0) == 12.0
    monkeypatch.setitem(with_global.__globals__, "rate", 5.0)
    assert gradient(2.0) == 20.0
    assert gradient.cache_info().misses == 1


def test_captured_arrays_are_read_at_each_call():
    weights = np.array([1.0, 2.0])

    def loss(x):
        return np.sum(weights * x * x)

    gradient = grad(loss, backend="numba")
    x = np.array([1.0, 1.0])
    assert gradient(x).tolist() == [2.0, 4.0]
    weights = np.array([3.0, 3.0])
    assert gradient(x).tolist() == [6.0, 6.0]


def test_float32_stays_float32():
    x = np.array([1.0, 2.0], np.float32)
    value, gradient = value_and_grad(lambda x: np.sum(2.0 * np.sin(x)), backend="numba")(x)
    assert gradient.dtype == np.float32
    assert np.asarray(value).dtype == np.float32
    assert np.allclose(gradient, 2.0 * np.cos(x))


def test_pullback_and_pushforward():
    def both(x, k):
        return k * np.sin(x), np.sum(x) * k

    x = np.linspace(0.0, 1.0, 4)
    value, pullback = vjp(both, x, 2.0, backend="numba")
    expected, reference = vjp(both, x, 2.0)
    bars = (np.ones(4), 3.0)
    assert np.allclose(value[0], expected[0])
    assert np.allclose(pullback(bars)[0], reference(bars)[0])
    assert pullback(bars)[1] == pytest.approx(reference(bars)[1])
    mine, theirs = jvp(both, (x, 2.0), (x, 1.0), backend="numba"), jvp(both, (x, 2.0), (x, 1.0))
    assert np.allclose(mine[1][0], theirs[1][0])
    assert mine[1][1] == pytest.approx(theirs[1][1])


def test_second_order():
    def cubed(x):
        return x * x * x

    assert grad(grad(cubed), backend="numba")(2.0) == 12.0
    assert grad(grad(cubed, backend="numba"), backend="numba")(2.0) == 12.0


def test_division_by_zero_gives_an_infinity():
    assert grad(lambda x: 1.0 / x, backend="numba")(0.0) == -math.inf


def test_what_numba_cannot_take_is_refused_with_the_line():
    with pytest.raises(BackendError) as caught:
        grad(with_einsum, backend="numba")(np.ones((2, 3)))
    assert caught.value.code == "S501"
    assert "einsum" in str(caught.value)


def test_what_numba_says_is_told_once():
    """Every derivative of the function and types has the same compiled function."""

    def either(x, m):
        s, total = None, x
        for k in range(3):
            if x > 0.4:
                s = m[0] * k
            if s is not None:
                total += np.sum(s) * x
        return total if s is None else total + np.sum(s)

    told = set()
    for _ in range(3):
        with pytest.raises(BackendError) as caught:
            value_and_grad(either, argnums=(0, 1), backend="numba")(0.3, np.eye(2))
        told.add(str(caught.value))
    assert len(told) == 1


def test_random_state_is_refused_before_anything_is_compiled():
    """Compiled code has a state of its own, so `np.random.seed` would not hold."""

    def noisy(x):
        return x * np.random.normal()

    with pytest.raises(BackendError, match=r"np\.random\.normal"):
        grad(noisy, backend="numba").specialize(1.0)


def test_auto_compiles_what_it_can():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grad(iterate, backend="auto")(0.4, 3) == pytest.approx(grad(iterate)(0.4, 3))


def test_auto_falls_back_and_says_why_once():
    gradient = grad(with_einsum, backend="auto")
    x = np.arange(6.0).reshape(2, 3)
    with pytest.warns(RuntimeWarning, match="einsum"):
        assert np.allclose(gradient(x), 2.0 * x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.allclose(gradient(x), 2.0 * x)
    assert "@njit" not in gradient.source


def test_auto_falls_back_for_a_pullback():
    def rows(x):
        return np.einsum("ij->j", x * x)

    x = np.arange(6.0).reshape(2, 3)
    with pytest.warns(RuntimeWarning, match="einsum"):
        _, pullback = vjp(rows, x, backend="auto")
    assert np.allclose(pullback(np.ones(3))[0], 2.0 * x)


def test_without_numba(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BackendError, match="pip install"):
        grad(iterate, backend="numba")
    with pytest.warns(RuntimeWarning, match="needs the package numba"):
        grad(iterate, backend="auto")(0.4, 3)


def test_a_reshape_that_may_be_a_copy_is_refused_where_it_is_written():
    """What loops make lies in memory row by row, and NumPy's own result may not."""
    weights = np.arange(6.0).reshape(2, 3)

    def flattened(x):
        a = np.sin(weights.T) * x
        r = a.reshape(-1)
        r[1:] *= 2.0
        return np.sum(a**2) + np.sum(r)

    for compiled in (jit(flattened), grad(flattened, backend="numba")):
        with pytest.raises(BackendError, match="lies in memory"):
            compiled(0.3)


# ---- the primal --------------------------------------------------------------------------------------------------
def scaled(x, k):
    return np.sum(np.sin(x) * x) * k


def test_the_primal_compiled():
    compiled = jit(scaled)
    x = np.linspace(0.0, 1.0, 5)
    assert compiled(x, 3) == pytest.approx(scaled(x, 3))
    assert "for i in range(x.shape[0])" in compiled.source
    assert compiled.__doc__ == "`scaled`, compiled."


def test_the_primal_compiled_keeps_integers():
    @jit
    def triangle(n):
        total = 0
        for k in range(n):
            total += k
        return total

    assert triangle(10) == 45
    assert type(triangle(10)) is int


def test_a_compiled_primal_is_differentiated_as_it_was():
    x = np.linspace(0.0, 1.0, 5)
    compiled = jit(scaled)
    assert np.allclose(grad(compiled)(x, 3), grad(scaled)(x, 3))
    assert np.allclose(grad(lambda x: compiled(x, 3) * x[0])(x), grad(lambda x: scaled(x, 3) * x[0])(x))


def test_a_compiled_primal_does_not_write_to_its_arguments():
    def overwriting(x):
        x[0] = 1.0
        return np.sum(x)

    with pytest.raises(BackendError, match="writes to its arguments"):
        jit(overwriting)(np.ones(3))


def test_loops_on_several_cores():
    def loss(a, b):
        return np.sum(np.tanh(a * b) + a)

    a, b = np.linspace(0.0, 1.0, 12).reshape(3, 4), np.linspace(1.0, 2.0, 12).reshape(3, 4)
    gradient = grad(loss, (0, 1), backend="numba", parallel=True)
    for mine, theirs in zip(gradient(a, b), grad(loss, (0, 1))(a, b)):
        assert np.allclose(mine, theirs, rtol=1e-12)
    assert "prange" in gradient.source
    assert "parallel=True" in gradient.source


def test_lists_of_lists_do_not_go_from_sweep_to_sweep():
    """Numba would read them from freed memory: wrong numbers, or a crash."""

    def f(x):
        s, y, n = x, x * x, 0
        while n < 4:
            m = 0
            while s > 0.5 * n and m < 3:
                s = s * 0.8
                y = y + np.sin(y) * s
                m += 1
            n += 1
        return y

    assert grad(f, backend="numba")(3.7) == pytest.approx(grad(f)(3.7))
    with pytest.raises(BackendError, match="list of lists") as caught:
        vjp(f, 3.7, backend="numba")
    assert caught.value.code == "S501"
    with pytest.warns(RuntimeWarning, match="list of lists"):
        assert vjp(f, 3.7, backend="auto")[1](1.0)[0] == pytest.approx(grad(f)(3.7))


def test_slices_do_not_go_from_sweep_to_sweep():
    """Numba makes no Python object of a slice."""

    def f(x):
        half = len(x) // 2
        head, tail = slice(None, half), slice(half, None)
        return np.sum(x[head]) * np.sum(x[tail] ** 2)

    x = np.array([0.3, 0.5, 0.9, 0.2])
    assert np.allclose(grad(f, backend="numba")(x), grad(f)(x))
    with pytest.raises(BackendError, match="is a slice") as caught:
        vjp(f, x, backend="numba")
    assert caught.value.code == "S501"


def test_lists_of_views_that_lie_differently_do_not_go_from_sweep_to_sweep():
    """Numba would read one as if it lay as the other: a crash, or wrong numbers."""

    def f(x):
        rows, a = [], x * 1.0
        for _ in range(4):
            rows.append(a)
            a = a[::-1]
        s = np.zeros(3)
        for row in rows:
            s = s * row + x
        return s

    x = np.array([0.3, 0.5, 0.9])
    _, pullback = vjp(f, x, backend="numba")
    with pytest.raises(BackendError, match="views") as caught:
        pullback(np.ones(3))
    assert caught.value.code == "S501"
    with pytest.warns(RuntimeWarning, match="views"):
        assert np.allclose(vjp(f, x, backend="auto")[1](np.ones(3))[0], vjp(f, x)[1](np.ones(3))[0])


def test_a_list_that_starts_with_none_is_no_array():
    def f(x, n):
        s = None
        for _ in range(n):
            s = x * 2.0 if s is None else np.sin(s) * x
        return s

    assert grad(f, backend="numba")(0.7, 4) == pytest.approx(grad(f)(0.7, 4))


def test_an_endless_loop_with_a_last_step():
    """Numba would give 0 for the count, as it names what is assigned before a ``break``."""

    def f(x):
        total, k = x, 0
        while True:
            after = k + 1
            total = total * 1.3
            if total > 5.0:
                count, k = k, after
                break
            k = after
        return total * count

    assert grad(f, backend="numba")(0.7) == grad(f)(0.7)


# ---- exponentials of many numbers -------------------------------------------------------------------------------------


def portfolio(spot, strike, volatility):
    root = volatility * 1.2
    d = np.log(spot / strike) / root + 0.5 * root
    return np.sum(spot * np.tanh(d) - strike * np.exp(-0.03) * np.tanh(d - root))


def softmax_rows(x):
    top = np.exp(x - np.max(x, axis=1)[:, None])
    return np.sum(np.log(np.sum(top, axis=1)) * np.tanh(x[:, 0]))


def items(x):
    n = len(x)
    y = np.zeros(n)
    total = 0.0
    for i in range(n):
        y[i] = np.exp(-x[i]) * math.log(1.0 + x[i] * x[i])
        total += math.tanh(y[i])
    for i in range(1, n):
        y[i] += 0.5 * y[i - 1]
    return total + np.sum(y)


@pytest.mark.parametrize("size", [1, 2, 17, 100])
def test_exponentials_of_many_numbers(size):
    rng = np.random.default_rng(size)
    a, b, c = rng.uniform(80.0, 120.0, (2, size)).tolist() + [rng.uniform(0.1, 0.5, size)]
    points = [(portfolio, (np.array(a), np.array(b), c)), (softmax_rows, (rng.normal(size=(size, size + 20)),))]
    for fun, point in [*points, (items, (rng.normal(size=size),))]:
        wrt = tuple(range(len(point)))
        fast = value_and_grad(fun, argnums=wrt, backend="numba")
        value, slopes = fast(*point)
        wanted, expected = value_and_grad(fun, argnums=wrt)(*point)
        assert value == pytest.approx(wanted, rel=1e-13)
        for slope, reference in zip(slopes, expected):
            np.testing.assert_allclose(slope, reference, rtol=1e-11, atol=1e-13)
    assert "vector_exp(" in fast.source
