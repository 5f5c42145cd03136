"""`optimize="scalars"`: arrays that loops use item by item are lists, and nobody can tell."""

import math

import numpy as np
import pytest

from s2sad import check_grads, grad, value_and_grad, vjp
from s2sad.derivative import Derivative
from s2sad.options import Options
from s2sad.structure import leaves

RNG = np.random.default_rng(5)
X, Y, GRID = RNG.normal(size=9), RNG.normal(size=9), RNG.normal(size=(5, 6))


def recurrence(x, y):
    z = np.zeros_like(x)
    for i in range(1, len(x)):
        z[i] = 0.5 * z[i - 1] * y[i] + x[i] * x[i]
    return np.sum(z * z)


def sweep(grid, k):
    u = np.zeros_like(grid)
    n, m = grid.shape
    for _ in range(k):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] + grid[i, j])
    return np.sum(u * u)


def in_place(x, y):
    x = x.copy()
    for i in range(1, len(x)):
        w = y[i - 1] / (2.0 + x[i - 1] * x[i - 1])
        x[i] -= w * y[i]
    for i in range(len(x) - 2, -1, -1):
        x[i] = x[i] - y[i] * x[i + 1]
    return np.sum(x * x)


def by_rows(grid, index):
    total = 0.0
    for k in range(len(index)):
        row = grid[index[k]]
        other = grid[-1]
        total += row[0] * other[1] - row[-1] ** 2
    return total


def written_rows(grid):
    g = grid.copy()
    for i in range(1, len(g)):
        row = g[i]
        for j in range(g.shape[1]):
            row[j] = row[j] * g[i - 1, j]
    return np.sum(g * g)


def while_loop(x, y):
    z = x.copy()
    i = 1
    while i < len(x):
        z[i] = z[i - 1] * y[i]
        i += 1
    return np.sum(z)


def read_before_and_after(x):
    z = x * 2.0
    v = z[1:4]
    for i in range(len(x)):
        z[i] = z[i] * x[i]
    v *= 3.0
    for i in range(len(x)):
        z[i] = z[i] + np.sum(v)
    return np.sum(z * x)


def branches(x, y):
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0.0 and not y[i] > 0.5:
            total += np.sqrt(x[i]) * y[i]
        elif abs(x[i]) < 1.0:
            total -= x[i] ** 3
    return total


def rebound(x, y):
    t = np.cos(x)
    total = 0.0
    for i in range(len(t)):
        total += t[i] * y[i]
    t = np.sin(y)
    for i in range(len(t)):
        total += t[i] * x[i]
    return total


def rows_of_displays(points):
    p = points.copy()
    total = 0.0
    for i in range(1, len(p)):
        p[i] = np.array([p[i, 1], p[i, 0] * p[i - 1, 1]])
        x, y = p[i - 1, 0] * 2.0, p[i, 1] + 1.0
        p[i - 1] = np.array([y, x])
        p[i] += np.array([x])
        total += p[i, 0] * y
    return total + np.sum(p * p)


def there_and_back(x, y):
    z = x * 1.0
    n = len(x)
    for i in range(1, n):
        z[i] -= y[i] * z[i - 1]
    z[n - 1] /= y[0]
    z[0] = 2
    for i in range(n - 2, -1, -1):
        z[i] = (z[i] - y[i] * z[i + 1]) / (3 + z[0] ** 2)
    return np.sum(z * z)


def looked_at_between(x, y):
    z = x * 1.0
    half = z[:4]
    total = 0.0
    for k in range(2):
        for i in range(1, len(x)):
            z[i] -= y[i] * z[i - 1]
        half *= 1.5
        for i in range(1, len(x)):
            z[i] += 0.5 * z[i - 1]
            total += z[i]
        z = z * 1.5
        for i in range(1, len(x)):
            z[i] -= y[i] * z[i - 1]
        if z[1] > 50.0:
            break
        z[2] = z[3] * np.sum(y)
        for i in range(len(x)):
            z[i] = z[i] * 0.5
    return np.sum(z * z) + total


CASES = [
    (there_and_back, (X, Y), (0, 1)), (looked_at_between, (X, Y), (0, 1)),
    (looked_at_between, (9.0 * X, Y), (0, 1)),
    (recurrence, (X, Y), (0, 1)), (sweep, (GRID, 3), (0,)), (in_place, (X, Y), (0, 1)),
    (by_rows, (GRID, np.array([0, 3, 3, -2, 1, 4])), (0,)), (written_rows, (GRID,), (0,)), (while_loop, (X, Y), (0, 1)),
    (read_before_and_after, (X,), (0,)), (branches, (X, Y), (0, 1)), (rebound, (X, Y), (0, 1)),
    (rows_of_displays, (GRID[:, :2],), (0,)), (rows_of_displays, (GRID[:4, 3:5].copy(),), (0,)),
]  # fmt: skip


def close(got, expected):
    mine, theirs = list(leaves(got)), list(leaves(expected))
    assert [where for where, _ in mine] == [where for where, _ in theirs]
    for (_, p), (_, q) in zip(mine, theirs):
        assert type(p) is type(q)
        np.testing.assert_allclose(p, q, rtol=1e-11, atol=1e-13)


def made(fun, mode, wrt, point, options):
    return Derivative(fun, mode, wrt, False, options).at(point)


@pytest.mark.parametrize(("fun", "point", "wrt"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_same_numbers(fun, point, wrt):
    scalars = value_and_grad(fun, wrt, optimize="scalars")
    before = [np.copy(p) for p in point]
    value, gradients = scalars(*point)
    expected = value_and_grad(fun, wrt)(*point)
    assert type(value) is type(expected[0])
    close((float(value), gradients), (float(expected[0]), expected[1]))
    assert scalars.specialize(*point)._without is None
    options = [Options(optimize=chosen) for chosen in ("scalars", True)]
    pushed = [made(fun, "jvp", wrt, point, each).run(*point, *(point[k] for k in wrt)) for each in options]
    np.testing.assert_allclose(pushed[0][1], pushed[1][1], rtol=1e-11)
    pairs = [made(fun, "vjp", wrt, point, each) for each in options]
    pulled = [pair.pull(pair.push(point)[1], 0.3) for pair in pairs]
    close(*pulled)
    for p, q in zip(point, before):
        np.testing.assert_array_equal(p, q)


def source(fun, *point, wrt=0):
    return value_and_grad(fun, wrt, optimize="scalars").specialize(*point).source


def test_items_and_rows_are_read_from_lists():
    emitted = source(recurrence, X, Y)
    assert "x_items = x.tolist()" in emitted
    assert emitted.count("x.tolist()") == 1  # one list for both sweeps
    assert "z_items[i] = 0.5 * z_items[i - 1] * " in emitted
    rows = source(sweep, GRID, 3)
    assert "u_row = u_rows[i]" in rows
    assert "u_rows[" not in rows[rows.index("for j") : rows.index("u[...]")]


def test_an_array_that_the_loop_may_not_go_through_is_asked_for_its_size():
    def looked_up(table, index):
        total = 0.0
        for k in range(len(index)):
            total += table[index[k]] * table[k]
        return total

    index = np.array([1, 5, 2])
    assert "table_items = lists_of(table, len(index))" in source(looked_up, np.arange(9.0), index)
    derivative, plain = value_and_grad(looked_up, optimize="scalars"), value_and_grad(looked_up)
    for size in (9, 100_000):
        table = np.linspace(0.0, 1.0, size)
        np.testing.assert_array_equal(derivative(table, index)[1], plain(table, index)[1])


def test_other_uses_keep_the_array():
    def views(x):
        z = x.copy()
        total = 0.0
        for i in range(len(x) - 1):
            z[i : i + 2] *= x[i]
            total += z[i]
        return total

    def aliased(x):
        z = x.copy()
        v = z[1:]
        for i in range(len(x) - 1):
            z[i] = z[i] * x[i]
            v[i] = v[i] + 1.0
        return np.sum(z)

    for fun in (views, aliased):
        assert "z_items" not in source(fun, X)
        close(value_and_grad(fun, optimize="scalars")(X), value_and_grad(fun)(X))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numpys_numbers_where_pythons_are_not_the_same():
    """A power of a negative number is no number, division by zero is infinite, and single precision is kept."""

    def powers(x):
        total = 0.0
        for i in range(len(x)):
            total += x[i] ** 1.5 + 1.0 / x[i]
        return total

    for x in (np.array([-1.0, 2.0, 3.0, 1.0, 2.0]), np.array([0.0, 2.0, 3.0, 1.0, 2.0]), np.ones(7, np.float32) / 3):
        got, expected = value_and_grad(powers, optimize="scalars")(x), value_and_grad(powers)(x)
        np.testing.assert_allclose(got[0], expected[0], rtol=1e-12)
        np.testing.assert_allclose(got[1], expected[1], rtol=1e-12)
        assert got[1].dtype == expected[1].dtype


def test_errors_are_numpys_own():
    def past_the_end(x):
        total = 0.0
        for i in range(len(x)):
            total += x[i] * x[i + 1]
        return total

    with pytest.raises(IndexError, match="out of bounds for axis 0 with size 9"):
        value_and_grad(past_the_end, optimize="scalars")(X)


def test_lists_that_are_returned_hold_numpys_numbers():
    def collected(x):
        out = []
        for i in range(len(x)):
            out.append(x[i] * x[i])
        return out

    value, _ = vjp(collected, X, optimize="scalars")
    assert all(type(item) is np.float64 for item in value)


def test_a_list_is_kept_from_loop_to_loop():
    text = value_and_grad(there_and_back, (0, 1), optimize="scalars").specialize(X, Y).source
    forward, reverse = text.split("# reverse sweep")
    assert forward.count("z.tolist()") == 1
    assert "z_items[n - 1] /= float(" in forward
    assert "z_items[0] = float(2)" in forward
    assert reverse.count("z_bar.tolist()") <= 2


def test_code_with_lists_of_any_size_is_differentiated_again():
    def decay(x, n):
        out = np.zeros(n)
        for i in range(n):
            out[i] = x * math.exp(-0.3 * i * x)
            out[i] *= 2.0
        return out @ out

    assert "lists_of(out, n)" in grad(decay, optimize="scalars").specialize(0.8, 6).source
    check_grads(decay, (0.8, 6), order=2, optimize="scalars")
