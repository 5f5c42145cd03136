"""`optimize="scalars"`: the same numbers, from vectors that are worked on as numbers."""

import math

import numpy as np
import pytest

from s2sad import grad, jvp, value_and_grad, vjp
from s2sad.options import Options
from s2sad.structure import leaves

U, V = np.array([0.7, -1.2, 0.4]), np.array([1.1, 0.3, -0.8])
M = np.array([[1.3, 0.2], [-0.4, 0.9]])


def arithmetic(u, v):
    return np.sum((2.0 * u - v) * u / (3.0 + v**2) + u * v**3)


def unpacked(u, v):
    x, y, z = u
    w = np.array([y - x, x * (2.0 - z) - y, x * y - z])
    return np.sum(w * v)


def functions(u, v):
    t = np.exp(0.1 * u) + np.sin(v) * np.cos(u) + np.tanh(v) + np.sqrt(u * u + 1.0) + np.log(v * v + 2.0)
    return np.sum(t * np.arctan2(u, 2.0 + v)) + np.hypot(u[0], v[2]) + np.sum(np.abs(u))


def products(u, v):
    return np.dot(u, v) + (u @ v) * np.linalg.norm(u) + np.sum(np.cross(u, v) * v[::-1]) + np.inner(v, v)


def slices(u, v):
    t = np.concatenate([u[1:], v[:1]])
    s = np.stack([u[:2], v[1:]])
    return np.sum(t * t) + np.sum(s @ s.T) + np.sum(s[:, ::-1] * s[0]) + np.mean(s, axis=0)[1] + np.prod(u)


def matrices(m, v):
    a = m @ m.T + np.eye(2)
    b = np.outer(v[:2], v[1:]) * a
    return np.sum(b.T.ravel()[1:] * v) + np.trace(a)


def loop(u, v):
    for k in range(7):
        u = u + 0.1 * k * np.array([v[0] * u[1], u[2] - u[0], np.sin(u[1])])
    return np.dot(u, v)


def branch(u, v):
    w = u * v
    for _ in range(4):
        if np.dot(w, w) > 0.05:
            w = 0.5 * w + u * u
        else:
            w = w - v
    return w[0] * w[1] + w[2]


def while_loop(u, v):
    w = u + v
    while np.sum(w * w) > 0.1:
        w = w * 0.6
    return np.sum(w * v)


def needs_the_vector(u, v):
    table = np.arange(12.0).reshape(4, 3)
    total = 0.0
    for _ in range(3):
        u = 0.3 * (u * v + v)
        total = total + np.sum(table @ u)
    return total + np.max(u)


def rows(points, v):
    total = 0.0
    for k in range(len(points)):
        p = points[k]
        d = p - v
        total += np.sqrt(np.dot(d, d)) * d[1]
    return total


def in_place(u, v):
    w, z = u.copy(), np.zeros(3)
    for k in range(5):
        w += 0.1 * v * z
        w[0] = w[1] * z[2] + 0.1 * k
        t = w * 2.0
        t[1:] -= w[:2]
        z = z + t
        if t[0] > 0.3:
            z[1] += 0.5 * w[2]
        else:
            z[::2] *= v[:2]
    return np.sum(w * z)


def reversed_in_place(u, v):
    w = u * v
    for _ in range(3):
        w[:] = w[::-1] + 0.2 * u
        for j in range(2):
            w[1] *= v[2] - 0.1 * j
    return w[0] * w[1] + w[2]


def rotated(m, v):
    r = np.eye(2)
    for _ in range(4):
        r = r @ m
        r[0] -= 0.1 * r[1]
        r[1, 0] = v[0]
        r /= np.sqrt(np.sum(r * r))
    return np.sum(r * m) * v[1]


def indexed(u, v):
    total = 0.0
    for _ in range(3):
        r = 0.0
        for k in range(3):
            r += u[k] * v[k - 1] * np.sin(u[k])
        for k, x in enumerate(u):
            if x > 0.2:
                r -= x * v[2 - k]
        w = np.zeros(3)
        for j in range(len(v)):
            w[j] = v[j] + r
        u = 0.9 * u + 0.01 * w
        total += r
    return total + r


def indexed_twice(m, v):
    out = np.zeros((2, 2))
    for _ in range(2):
        for i in range(2):
            for j in range(2):
                s = 0.0
                for k in range(2):
                    s += m[i, k] * m[k, j] * v[k]
                out[i, j] = s + 0.1 * out[j, i]
    last = 0.0
    for n in range(0, 3, 2):
        last = last + v[n] * n
    return np.sum(out * m) + last + n


CASES = [
    (arithmetic, (U, V)), (unpacked, (U, V)), (functions, (U, V)), (products, (U, V)), (slices, (U, V)),
    (matrices, (M, V)), (loop, (U, V)), (branch, (U, V)), (while_loop, (U, V)), (needs_the_vector, (U, V)),
    (indexed, (U, V)), (indexed_twice, (M, V)), (in_place, (U, V)), (reversed_in_place, (U, V)), (rotated, (M, V)),
    (rows, (np.arange(15.0).reshape(5, 3) * 0.1, V)),
]  # fmt: skip


def close(got, expected):
    mine, theirs = list(leaves(got)), list(leaves(expected))
    assert [where for where, _ in mine] == [where for where, _ in theirs]
    for (_, p), (_, q) in zip(mine, theirs):
        np.testing.assert_allclose(p, q, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("fun", "point"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_same_numbers(fun, point):
    plain, scalars = value_and_grad(fun, (0, 1)), value_and_grad(fun, (0, 1), optimize="scalars")
    made = scalars.specialize(*point)
    assert made.compiled.in_scalars
    expected, got = plain(*point), scalars(*point)
    close(got, expected)
    assert type(got[0]) is type(expected[0])
    assert made._without is None  # nothing raised on the way
    directions = tuple(np.cos(np.arange(p.size)).reshape(p.shape) for p in point)
    close(jvp(fun, point, directions, optimize="scalars"), jvp(fun, point, directions))
    close(vjp(fun, *point, optimize="scalars")[1](0.7), vjp(fun, *point)[1](0.7))


def test_the_source_has_numbers():
    source = grad(loop, optimize="scalars").specialize(U, V).source
    loops = source[source.index("for k") :]
    assert "np." not in loops[: loops.index("return")]


def test_short_loops_over_items_are_written_out():
    source = grad(indexed, (0, 1), optimize="scalars").specialize(U, V).source
    assert source.count("for ") - source.count("Gradient of indexed for") - source.count("line ") <= 2


def test_off_is_off():
    made = value_and_grad(arithmetic).specialize(U, V)
    assert not made.compiled.in_scalars
    assert "float64[n]" in made.source or "float64[:]" in made.source
    with pytest.raises(ValueError, match="choose one of True, False, 'scalars'"):
        Options(optimize="scalar")
    with pytest.raises(ValueError, match="optimize=1"):
        Options(optimize=1)


def test_every_size_has_its_own_code():
    def total(u):
        return np.sum(u * u * u)

    derivative = grad(total, optimize="scalars")
    for size in (3, 4, 1, 2, 5, 9, 3, 4):
        u = np.arange(1.0, size + 1.0)
        np.testing.assert_allclose(derivative(u), 3.0 * u * u)


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_other_dtypes_stay_arrays(dtype):
    def total(u):
        w = 0.1 * u * u
        return np.real(np.sum(w * w))

    u = np.array([1.1, 2.3, 0.7], dtype)
    made = grad(total, optimize="scalars").specialize(u)
    np.testing.assert_array_equal(made(u), grad(total)(u))
    assert made(u).dtype == dtype


def test_what_another_name_sees_being_written_stays_an_array():
    def total(u, n):
        w = u.copy()
        v = w[:2]
        for k in range(n):
            w[k % 3] = w[k % 3] * u[1]
            v += 1.0
        return np.sum(w * w) + np.sum(u * u * u)

    def kept(u):
        w = u * 1.0
        history = [w]
        for k in range(3):
            before = w
            w[k] += before[0] * u[1]
            history.append(w)
        return np.sum(history[0] * history[2]) + before[1]

    def ended(u):
        w = u * 1.0
        for k in range(3):
            w[0] += 0.5 * u[k]
            if w[0] > 1.0:
                break
            w[1] *= 2.0
        return np.sum(w * w)

    close(grad(total, optimize="scalars")(U, 4), grad(total)(U, 4))
    for fun in (kept, ended):
        close(grad(fun, optimize="scalars")(U), grad(fun)(U))


# ---- where Python's numbers raise ----------------------------------------------------------------------------------
def ratio(u):
    s = u / u[0]
    for _ in range(3):
        s = s * u + 1.0
    return np.sum(1.0 / (1.0 + s * s)) + s[1] / u[0]


def logarithm(u):
    w = u
    for _ in range(2):
        w = w * u
    return np.sum(np.log(w)) + np.sum(np.sqrt(w))


def power(u):
    w = u * 1.5
    for _ in range(2):
        w = w * 1.1
    return np.sum(w**1.5) + w[0] ** 0.5


def large(u):
    w = u
    for _ in range(4):
        w = np.exp(w) * u
    return np.sum(w)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("fun", "u"),
    [
        (ratio, [0.0, 1.0, 2.0]), (logarithm, [0.0, 1.0, -2.0]), (power, [-1.0, 2.0, 0.0]),
        (large, [9.0, 1.0, -3.0]), (large, [np.nan, np.inf, -np.inf]), (power, [np.inf, 0.0, 2.0]),
    ],
)  # fmt: skip
def test_what_numpy_has_where_python_raises(fun, u):
    u = np.array(u)
    scalars = value_and_grad(fun, optimize="scalars")
    assert scalars.specialize(u).compiled.in_scalars
    got, expected = scalars(u), value_and_grad(fun)(u)
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(got[1], expected[1], rtol=1e-12)
    fine = np.array([0.3, 0.5, 0.7])
    close(scalars(fine), value_and_grad(fun)(fine))  # and the next call is quick again


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_reverse_sweep_may_raise_alone():
    """The point is kept, and arrays that are changed between the sweeps do not change it."""

    def total(u):
        w = u
        for _ in range(2):
            w = w * 1.5
        return np.sum(np.sqrt(w))

    u = np.array([0.0, 1.0, 4.0])
    _, pull = vjp(total, u, optimize="scalars")
    expected = vjp(total, u.copy())[1](1.0)
    u[:] = 3.0
    close(pull(1.0), expected)


def test_errors_are_the_users_own():
    def checked(u):
        w = u
        for _ in range(2):
            w = w * u
        if w[0] < 0.0:
            raise ValueError("negative")
        return np.sum(w / u)

    def past_the_end(u, k):
        w = u * u * u + u * u
        return np.sum(w * w) + u[k]

    with pytest.raises(ValueError, match="negative"):
        grad(checked, optimize="scalars")(np.array([-1.0, 2.0, 3.0]))
    with pytest.raises(IndexError, match="out of bounds"):
        grad(past_the_end, optimize="scalars")(U, 7)


def test_effects_run_once(capsys):
    def noisy(u):
        w = u
        for _ in range(3):
            w = w * u
        print("once")
        return np.sum(w / u[0])

    made = grad(noisy, optimize="scalars").specialize(U)
    assert not made.compiled.in_scalars
    made(U)
    assert capsys.readouterr().out == "once\n"


def test_a_float_stays_numpys_where_it_matters():
    """Python's `**` of a negative number gives a complex one, and its bool is no array of NumPy's."""

    def total(u):
        w = u * u
        for _ in range(3):
            w = w - u
        s = np.sum(w)
        return abs(s) ** 1.5 + math.sqrt(s * s) + float(~(s > 0.0)) + s.item()

    close(grad(total, optimize="scalars")(U), grad(total)(U))


def test_what_is_called_by_one_that_may_not_run_twice_is_left_alone(capsys):
    def power(u, n):
        return u * power(u, n - 1) if n > 1 else u * 1.0

    def noisy(u, n):
        w = power(u, n)
        print("once")
        return np.sum(w / u[0])

    derivative = grad(noisy, optimize="scalars")
    assert not derivative.specialize(U, 3).compiled.in_scalars
    close(derivative(U, 3), grad(noisy)(U, 3))
    assert capsys.readouterr().out == "once\n" * 2
