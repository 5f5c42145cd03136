"""Writes by every index and by every function that writes: the rarer spellings."""

import numpy as np

from tests.programs.corpus import program as register

_numbers = np.random.default_rng(47)


def unit(*shape):
    return _numbers.uniform(0.1, 0.9, size=shape)


def program(*args, **options):
    return register(*args, writes=True, **options)


@program(unit(3), unit(2, 3))
def store_through_new_axis(x, m):
    y = np.zeros((2, 3))
    y[None, 0] = x**2
    y[1, None] = m[0] * x
    return np.sum(y * m)


@program(unit(2, 3), unit(3))
def store_by_list_and_slice(m, x):
    y = m * 2.0
    y[[1, 0, 1], 1:] = np.outer(x, x[:2])
    y[..., [0, 2]] *= x[0]
    return np.sum(y**2)


@program(unit(3, 3), unit(2))
def store_by_mask_of_rows(m, x):
    y = m.copy()
    rows = np.array([True, False, True])
    y[rows] = np.sin(m[rows])
    y[rows, 1] = x
    y[:, rows] *= x[:, None][0]
    return np.sum(y**2)


@program(unit(2, 2, 2))
def store_in_three_dimensions(m):
    y = np.zeros((2, 2, 2))
    y[..., 0] = m[1]
    y[0, :, 1] = m[0, 0] * y[1, :, 0]
    y[::-1, 1] += m[:, 0, :]
    return np.sum(y**3)


@program(unit(4))
def remainder_in_place(x):
    y = x * 7.3
    y %= 2.0
    z = x * 1.0
    z **= 3
    z //= 10.0
    z += y * x
    return np.sum(z * y)


@program(unit(4), unit(3))
def subtracted_at(x, v):
    y = x * 2.0
    np.subtract.at(y, [0, 0, 2], v)
    np.add.at(y, np.array([1, 1, 3]), v * v)
    return np.sum(y**2)


@program(unit(4), unit(3))
def multiplied_at(x, v):
    y = x * 2.0
    np.multiply.at(y, [0, 0, 2], v)
    np.divide.at(y, [1, 1, 3], v)
    return np.sum(y**2)


@program(unit(2, 3), unit(2))
def put_with_repeats(m, v):
    y = m * 1.0
    np.put(y, [0, 4, 0], v)
    np.put(y, [-1], v[0] * v[1])
    return np.sum(y**2)


@program(np.array([0.3, -0.4, 0.5, -0.2]), unit(2))
def placed(x, v):
    y = x * 2.0
    np.place(y, x < 0.0, v)
    np.place(y, x > 0.4, [v[0] * v[1]])
    return np.sum(y**3)


@program(np.array([0.3, -0.4, 0.5, -0.2]), unit(4))
def put_where_masked(x, v):
    y = x * 2.0
    np.putmask(y, x < 0.0, v)
    np.putmask(y, x > 0.4, v[0])
    return np.sum(y**3)


@program(np.array([0.3, -0.4, 0.5, -0.2]), unit(4))
def copied_where(x, v):
    y = x * 2.0
    np.copyto(y, v * v, where=x > 0.0)
    np.copyto(y[1:], v[0], where=x[1:] < -0.3)
    return np.sum(y**3)


@program(unit(2, 3), unit(3))
def flat_by_slice_and_list(m, x):
    y = m * 1.0
    y.flat[1:4] = x
    y.flat[[0, 5]] = x[:2] * y.flat[2]
    y.flat[-2] *= x[1]
    return np.sum(y**2)


@program(unit(3, 4), unit(3))
def diagonal_of_a_rectangle_filled(m, x):
    y = m * 2.0
    np.fill_diagonal(y, x)
    np.fill_diagonal(y[1:, 1:3], x[0] * x[1])
    return np.sum(y**2)


@program(unit(2, 3), unit(3, 2))
def results_into_arrays(m, k):
    a, v, w = np.zeros((2, 2)), np.zeros(3), np.zeros((2, 3))
    np.matmul(m, k, out=a)
    np.sum(m, axis=0, out=v)
    np.cumsum(m, axis=1, out=w)
    np.clip(w, 0.2, 0.9, out=w)
    np.mean(m * w, axis=0, out=v)
    return np.sum(a**2) + np.sum(v * w[0])


@program(unit(4))
def sorted_view(x):
    y = x * np.array([1.0, -2.0, 3.0, -0.5])
    tail = y[1:]
    tail.sort()
    y[::-1].sort()
    return np.sum(y * np.arange(4.0) ** 2)


@program(unit(3), 4)
def list_cleared_and_filled(x, n):
    kept = [x[0]]
    total = 0.0
    for i in range(n):
        kept.append(x[i % 3] * kept[-1])
        if len(kept) > 2:
            total += kept.pop(0) * kept[0]
        if i == 2:
            kept.clear()
            kept.extend([x[1], total])
    kept.insert(1, x[2] * total)
    kept.reverse()
    kept[:1] = [kept[0] * 2.0, x[0]]
    return total + sum(v * v for v in kept)


@program(unit(3), unit(3))
def dict_of_arrays_changed(x, y):
    held = {"a": x * 1.0}
    held.setdefault("b", y * x)[0] = x[1]
    held.setdefault("a", y)[1] *= y[2]
    held.update(c=held["a"] * 2.0)
    taken = held.pop("b")
    held["c"][2] = taken[0] * taken[1]
    return np.sum(held["a"] * held["c"]) + np.sum(taken)


@program(unit(3, 3), 0.6, also=[(unit(3, 3), 3.0)])
def left_early_after_writes(m, limit):
    y = m * 1.0
    for i in range(3):
        row = y[i]
        for j in range(3):
            row[j] += y[j, i] * m[i, j]
            if row[j] > limit:
                row[:] = limit * m[j]
                return np.sum(y**2)
        if np.sum(row) > 2.0 * limit:
            break
    else:
        y *= limit
    return np.sum(y)


@program(unit(3), 0, also=[(unit(3), 2)])
def views_of_no_trips(x, n):
    y = x * 2.0
    w = y[1:]
    for i in range(n):
        w = y[i:]
        w *= x[i]
    w[0] = x[0] ** 2
    return np.sum(y * y)


@program(unit(5))
def while_with_writes(x):
    y = x.copy()
    k = 0
    while y[k] < 2.0 and k < 4:
        y[k + 1] += y[k] * x[k + 1]
        y[k] *= 2.0
        k += 1
    return np.sum(y**2)


def doubled(a):
    a *= 2.0


def shifted(a, by):
    a[1:] += by * a[:-1]
    return a[::-1]


@program(unit(4), 0.7)
def callee_of_a_view(x, s):
    y = x * 1.0
    doubled(y[::2])
    back = shifted(y, s)
    back[0] *= s
    shifted(back[1:], y[0])[0] = s * s
    return np.sum(y**2)
