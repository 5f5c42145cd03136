"""Array statements as loops: what is fused, what goes through a copy, and what is left alone."""

import numpy as np
import pytest

from s2sad.passes.loops import loops, parallel_loops
from s2sad.testing.core import core, runnable, source

X, Y, A = np.linspace(0.5, 2.0, 5), np.linspace(-1.0, 1.0, 5), np.arange(6.0).reshape(2, 3) / 4


def after(text, *args, **objects):
    """A program's text after the pass, once the results before and after are seen to agree."""
    program = core(text, *args, **objects)
    changed = loops(program)
    before = runnable(program)(*[np.copy(a) if isinstance(a, np.ndarray) else a for a in args])
    result = runnable(changed)(*[np.copy(a) if isinstance(a, np.ndarray) else a for a in args])
    for p, q in zip(result if isinstance(result, tuple) else (result,), before if isinstance(before, tuple) else (before,)):
        assert np.shape(p) == np.shape(q)
        assert getattr(p, "dtype", None) == getattr(q, "dtype", None) or np.ndim(q) == 0
        assert np.allclose(p, q, rtol=1e-12)
    return source(changed)


def lines(text):
    return [line.strip() for line in text.splitlines()]


def test_an_expression_is_one_loop():
    text = after("def f(x, y):\n    z = np.sin(x) * y + 2.0\n    return z", X, Y)
    assert text == (
        "def f(x, y):\n"
        "    z = np.empty(x.shape[0])\n"
        "    for i in range(x.shape[0]):\n"
        "        z[i] = np.sin(x[i]) * y[i] + 2.0\n"
        "    return z\n"
    )


def test_the_size_of_a_temporary_that_vanishes_is_what_is_counted():
    text = after("def f(x, y):\n    t = x * 2.0\n    z = t / t.size + y / t.shape[0]\n    return z", X, Y)
    assert "z[i] = t / x.shape[0] + y[i] / x.shape[0]" in text


def test_neighbours_are_one_loop_and_temporaries_vanish():
    text = after("def f(x, y):\n    t = x * y\n    u = t - x\n    s = np.sum(u * t)\n    return s", X, Y)
    assert text.count("for ") == 1
    assert "np.empty" not in text


def test_a_temporary_that_is_read_later_stays():
    text = after("def f(x, y):\n    t = x * y\n    s = np.sum(t)\n    return s, t", X, Y)
    assert text.count("for ") == 1
    assert "t = np.empty" in text


def test_a_temporary_that_the_result_is_made_of_stays():
    text = after("def f(x):\n    t = x * x\n    return t + 1.0, t @ x", X)
    assert "t = np.empty" in text


def test_slices_are_shifted_indices():
    text = after("def f(u):\n    v = u[2:] - 2.0 * u[1:-1] + u[:-2]\n    return v", X)
    assert "v[i] = u[i + 2] - 2.0 * u[i + 1] + u[i]" in lines(text)
    assert "for i in range(u.shape[0] - 2):" in lines(text)


def test_a_store_into_a_slice_counts_from_its_start():
    text = after("def f(x, v):\n    u = x * 1.0\n    u[1:-1] += v[1:-1] * v[2:]\n    return u", X, Y)
    assert "u[i] += v[i] * v[i + 1]" in lines(text)
    assert "for i in range(1, x.shape[0] - 1):" in lines(text)


@pytest.mark.parametrize("store", ["u[1:] = u[:-1]", "u[:-1] = u[1:]", "u[1:] += 2.0 * u[:-1]", "u[::-1] = u", "u *= u[::-1]"])
def test_a_store_that_overlaps_what_it_reads(store):
    after(f"def f(x):\n    u = x * 1.0\n    {store}\n    return u", X)


def test_a_view_that_overlaps():
    after("def f(x):\n    u = x * 1.0\n    v = u[1:]\n    v += u[:-1]\n    u[:-1] *= v\n    return u", X)


def test_the_number_that_an_update_overwrites_is_read_first():
    text = after("def f(x):\n    u = x * 1.0\n    u *= u[0]\n    return u", X)
    assert lines(text).index("t = u[0]") < lines(text).index("u[i] *= t")


def test_what_reads_shifted_elements_is_not_fused():
    text = after("def f(x):\n    y = x * x\n    z = y[1:] + y[:-1]\n    w = y[1:] * 2.0\n    return z, w", X)
    assert text.count("for ") == 2


def test_accumulations_at_other_places_stay_loops_of_their_own():
    text = after(
        "def f(x):\n    u = x * 1.0\n    t = x[2:] * x[:-2]\n    u[2:] += t\n    u[:-2] += t\n    return u", X
    )
    assert text.count("for ") == 3


@pytest.mark.parametrize("size", [4, 5, 9])
def test_what_is_added_at_several_distances_is_gathered(size):
    adds = "    y[2:] += t\n    y[:-2] -= t\n    y[1:-1] += t * 2.0\n"
    text = after(f"def f(x):\n    y = np.copy(x)\n    t = x[1:-1] * x[1:-1]\n{adds}    return y", np.ones(size) / 3)
    assert text.count("for ") == 2
    assert "t = np.zeros(x.shape[0] + 2)" in text
    assert "y[i] += t[i] + t[i + 1] * 2.0 - t[i + 2]" in lines(text)


@pytest.mark.parametrize("made", ["y[1:-1] * 0.3", "y[1:-1] * np.sin(y[1:-1])", "y[1:-1] * y[2:]", "y[:-2] * 0.3"])
def test_what_is_added_in_its_own_place_is_gathered_too(made):
    adds = "    y[1:-1] -= t * 4.0\n    y[2:] += t\n    y[:-2] += t\n"
    text = after(f"def f(x):\n    y = np.copy(x)\n    t = {made}\n{adds}    return y", X)
    assert "y[i] += t[i] + t[i + 2] - t[i + 1] * 4.0" in lines(text)


@pytest.mark.parametrize(
    "adds",
    [
        "    y[2:] += t\n    y[:-2] -= t\n    y[1:-1] += t\n    y[0] += t[0]\n",  # it is read later
        "    y[2:] += t\n    y[:-2] -= t\n    y[1:-1] -= t * x[0]\n",  # a border of zeros may not stay one
        "    y[2:] += t\n    y[:-2] *= t\n",
        "    y[2:] = t\n    y[:-2] += t\n",
        "    y[2:] += t\n    y[:-2] += y[1:-1]\n",
    ],
)
def test_other_stores_at_a_distance_stay_loops_of_their_own(adds):
    text = after(f"def f(x):\n    y = np.copy(x)\n    t = x[1:-1] * x[1:-1]\n{adds}    return y", X)
    assert "np.zeros" not in text


def test_a_sum_that_a_statement_needs_ends_the_loop():
    text = after("def f(x):\n    s = np.sum(x)\n    y = x / s\n    return y", X)
    assert text.count("for ") == 2


def test_broadcasting():
    text = after("def f(a, x):\n    b = a * x + a[:, 0][:, None] * 2.0\n    return b", A, X[:3])
    assert "a[i, j] * x[j]" in text


def test_sums_along_axes():
    text = after("def f(a):\n    p = np.sum(a * a, axis=0)\n    q = np.sum(a * a, axis=1)\n    return p, q", A)
    assert "p[j] += a[i, j] * a[i, j]" in lines(text)
    assert "row += a[i, j] * a[i, j]" in lines(text)
    assert "q[i] = row" in lines(text)
    after("def f(a):\n    return np.sum(a, axis=-1, keepdims=True) * a, np.mean(a), np.sum(a, 0)", A)


def test_what_is_true_is_counted():
    text = after("def f(a):\n    p = np.sum(a > 0.3, axis=1, keepdims=True)\n    return p, np.sum(a > 0.5), np.sum(a < 0.2, axis=0)", A)
    assert "np.sum" not in text and "p[i, 0] = row" in lines(text)


def test_extremes_and_means_along_axes():
    text = after("def f(a):\n    p = np.max(a, axis=1)\n    q = np.min(a, axis=0)\n    m = np.mean(a, axis=1)\n    return p, q, m", A)
    assert "row = np.maximum(row, a[i, j])" in text
    assert "q[j] = np.minimum(q[j], a[i, j])" in text
    assert "row_1 / a.shape[1]" in text


def test_a_scatter_adds_up():
    index = np.array([0, 2, 0])
    text = after("def f(x, index, v):\n    y = x * 1.0\n    np.add.at(y, index, v * 2.0)\n    return y", X, index, X[:3])
    assert "y[index[i]] +=" in text


def test_numbers_between_loops_do_not_keep_them_apart():
    text = after("def f(x, k):\n    t = x * x\n    s = np.sum(t)\n    n = k * 2.0\n    u = t * x\n    return s, n, u", X, 1.5)
    assert text.count("for ") == 1


def test_masks_and_choices():
    text = after("def f(x, y):\n    z = np.where(x > y, x * y, 0.0)\n    return z", X, Y)
    assert "x[i] * y[i] if x[i] > y[i] else 0.0" in text


def test_float32_stays_float32():
    narrow = X.astype(np.float32)
    text = after("def f(x):\n    y = 2.0 * x + 1.0\n    return y", narrow)
    assert "np.float32(2.0) * x[i] + np.float32(1.0)" in text
    assert "np.empty(x.shape[0], np.float32)" in text


def test_products_of_matrices_stay_calls():
    text = after("def f(a, x):\n    y = np.tanh(a @ (2.0 * x)) * 3.0\n    return y", A, X[:3])
    assert "a @ t" in text


def test_sizes_that_may_differ_are_compared():
    program = core("def f(x, k):\n    y = x * 1.0\n    z = y[:k] + y[:k]\n    return y, z", X, 3)
    assert "slice" not in source(loops(program))
    text = source(loops(core("def f(x, n):\n    y = np.zeros(n)\n    y += x\n    return y", X, 5)))
    run = runnable(loops(core("def f(x, n):\n    y = np.zeros(n)\n    y += x\n    return y", X, 5)))
    assert np.allclose(run(X, 5), X)
    if "!=" in text:
        with pytest.raises(ValueError, match="broadcast"):
            run(X, 4)


def test_a_list_item_is_bound_anew():
    after("def f(x):\n    p = [x * 1.0, x * 2.0]\n    q = p[0]\n    p[0] = p[1]\n    return q, p[0]", X)


def test_bools_are_not_added():
    text = after("def f(x):\n    y = (x > 1.0) + (x < 0.7)\n    return y", X)
    assert "y = t_1 + t_2" in lines(text)


def test_loop_variables_meet_no_name():
    text = after("def f(x, i):\n    j = i + 1\n    y = x * j\n    return y", X, 2)
    assert "for k in range" in text


def test_an_array_in_a_branch():
    after("def f(x, c):\n    y = x * 2.0\n    if c > 0:\n        y = y * x\n        z = y + 1.0\n    else:\n        z = y\n    return z, y", X, 1)


def test_a_scatter_is_never_shared_among_cores():
    program = core("def f(a):\n    s = np.sum(a * a, axis=0)\n    b = a * 2.0\n    return s, b", A)
    text = source(parallel_loops(program))
    assert "prange" not in text.split("np.zeros")[1].split("np.empty")[0]
    shifted = core("def f(x):\n    u = x * 1.0\n    u[1:] += x[:-1]\n    return u", X)
    assert source(parallel_loops(shifted)).count("prange") == 2
