"""References: which array a name stands for, through loops, lists, dicts and callees."""

import numpy as np

from tests.programs.corpus import program as register

VECTOR = np.array([0.3, 1.2, 0.7])


def program(*args, **options):
    return register(*args, writes=True, **options)


@program(VECTOR, VECTOR**2 + 0.1)
def gradient_written_while_shared(x, y):
    t = x[0] * 3.0
    z = x + y
    return np.sum(z * z) + t * t


@program(VECTOR, VECTOR**2 + 0.1)
def gradient_written_in_loop_while_shared(x, y):
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] ** 2 * y[i]
    z = x + y
    return np.sum(z * z) * s


@program(VECTOR)
def buffers_swapped_with_store(x):
    a = x * 1.0
    b = np.zeros(3)
    for k in range(3):
        b[:] = np.sin(a) * x
        b[0] = a[2]
        a, b = b, a
    return np.sum(a * a) + b[1]


@program(VECTOR)
def views_appended_then_written(x):
    y = np.concatenate([x * x, x])
    p = []
    for k in range(3):
        p.append(y[2 * k : 2 * k + 2])
    p[0][0] = x[2]
    p[1] *= x[1]
    for r in p:
        r[1] += r[0] * x[0]
    return np.sum(y * y)


@program(VECTOR)
def rows_in_a_growing_list(x):
    rows = []
    for k in range(3):
        rows.append(x * (k + 1.0))
    for k in range(3):
        rows[k][0] = rows[k - 1][1] * x[k]
        rows[k] *= x
    rows[0], rows[1] = rows[1], rows[0]
    rows[0][2] = 5.0 * x[0]
    last = rows.pop()
    last[1] = x[0]
    rows.append(last)
    rows.insert(0, last)
    rows[0][2] *= 2.0
    return np.sum(rows[0] * rows[1]) + np.sum(rows[-1] ** 2) + np.sum(np.stack(rows)[1])


@program(VECTOR)
def lists_in_a_list_written(x):
    m = []
    for i in range(3):
        r = []
        for j in range(i + 1):
            r.append(x[i] * x[j])
        m.append(r)
    m[2][0] = x[0] * m[1][1]
    m[1].append(m[2][0] * x[1])
    z = m[1]
    z[0] *= 2.0
    return sum(m[1]) * m[2][0] + sum([sum(r) for r in m])


@program(VECTOR)
def three_buffers_rotated(x):
    cur, nxt, old = x.copy(), x * 2.0, np.zeros(3)
    n = 0
    while n < 4 and np.sum(cur) < 50.0:
        for i in range(3):
            nxt[i] = cur[i] * cur[i - 1] + 0.1 * old[i]
        old, cur, nxt = cur, nxt, old
        n += 1
        if n == 3:
            nxt = np.ones(3) * x[0]
    return np.sum(cur * old) + nxt[0]


@program(VECTOR)
def view_rebound_in_loop(x):
    y = x * x
    v = y[:2]
    for k in range(3):
        v *= x[k]
        v[0] += 1.0
        if k == 1:
            v = y[1:]
    return np.sum(y * y)


@program(VECTOR)
def arrays_in_a_dict_shared(x):
    d = {"a": x * x, "b": x * 2.0}
    d["c"] = d["a"]
    d["c"][0] = x[1]
    d["b"][1:] *= x[2]
    d["a"] = d["a"] * 2.0
    return np.sum(d["a"] * d["b"]) + np.sum(d["c"] ** 2)


@program(VECTOR)
def array_twice_in_a_list(x):
    z = np.zeros(3)
    p = [z, x * x]
    p.append(z)
    p[2][1] = x[0] * x[1]
    p[0][0] = p[2][1] * x[2]
    return np.sum(z * x) + np.sum(p[1] * p[0])


@program(VECTOR)
def read_only_diagonals(x):
    y = x * x
    d = np.diagonal(np.outer(y, y) * 1.0)
    b = np.outer(x, y)
    e = np.diagonal(b)
    v = e[1:]
    b[0, 0] = x[1]
    b[1, 1] *= 3.0
    return np.sum(d * e) + v[0] ** 2 + e[0] * e[1] + np.sum(v)


@program(VECTOR)
def read_only_broadcast(x):
    y = x * x
    big = np.broadcast_to(y, (2, 3))
    s = 0.0
    for i in range(3):
        s = s + big[1, i] * big[0, 0]
        y[i] = x[i] * s
    return s + np.sum(big**2)


@program(VECTOR)
def broadcast_in_loop(x):
    y = x * x
    for i in range(2):
        big = np.broadcast_to(y, (2, 3))
        y[i] = np.sum(big * big)
    return np.sum(y)


@program(VECTOR)
def diagonal_read_while_written(x):
    a = np.outer(x, x)
    for i in range(2):
        a[i, i] = a[i, i] * a.diagonal()[2] + np.sum(np.diagonal(a, 1))
    return np.trace(a)


@program(VECTOR)
def list_of_arrays_sliced(x):
    p = []
    for k in range(3):
        p.append(x * (k + 1.0))
    s = 0.0
    for row in p[1:]:
        s = s + np.sum(row * row)
    last = p.pop(0)
    p.insert(0, last * last)
    return s + np.sum(p[0] * p[1])


@program(VECTOR)
def matrix_of_lists(x):
    m = [[0.0] * 3 for _ in range(3)]
    for i in range(3):
        for j in range(3):
            m[i][j] = x[i] * x[j]
    m[1][2] += m[0][0]
    return m[1][2] * m[2][1] + m[0][0] + sum([sum(r) for r in m])


@program(VECTOR)
def flat_slices(x):
    a = np.zeros((2, 3))
    a.flat[1:5:2] = x[0] * x[1]
    a.flat[-1] = x[2]
    a.flat[[0, 2]] += x[:2]
    s = 0.0
    for v in a.flat:
        s = s + v * v
    return s + np.sum(a.T.flat[1:3])


@program(VECTOR)
def dict_of_arrays_in_loop(x):
    d = {"a": x * x, "n": 2.0}
    for k in range(3):
        d["a"] = d["a"] * x + d["n"]
        d["n"] = np.sum(d["a"]) * 0.1
    return np.sum(d["a"]) * d["n"]


@program(VECTOR)
def dict_read_by_variable(x):
    names = ["a", "b", "c"]
    d = {"a": x[0] * x[1], "b": x[1], "c": x[2] ** 2}
    s = 0.0
    for n in names:
        s += d[n] * d[n]
    for i in range(3):
        s += d[names[i]]
    return s


@program(VECTOR)
def dicts_in_a_list_written(x):
    ds = []
    for k in range(3):
        ds.append({"v": x[k], "w": x[k] * x[0]})
    ds[0]["v"] = x[2] * x[1]
    return sum(e["v"] * e["w"] for e in ds)


@program(VECTOR)
def view_of_either_rank(x):  # unknown rank alias
    y = x * x
    if x[0] > 0:
        w = y
    else:
        w = y[1:]
    w *= 2.0
    w[0] = x[1]
    return np.sum(y * y)


@program(VECTOR)
def overlapping_arguments(x):  # callee writes both args aliasing
    y = np.concatenate([x, x])

    def mix(a, b):
        a[:] = b * 2.0
        b += a

    mix(y[1:], y[:-1])
    return np.sum(y * y * np.arange(6.0))


@program(VECTOR)
def reshaped_copies(x):
    y = np.outer(x, x)
    f = y.T.ravel()
    f[0] = 5.0 * x[0]
    g = y.ravel()
    g[1] = x[2]
    return np.sum(y * y) + np.sum(f)


@program(VECTOR)
def rows_written_in_iteration(x):
    a = np.outer(x, x)
    for row in a:
        row[0] = row[1] * x[2]
        row *= 2.0
    for i, r in enumerate(a.T):
        r[i] += x[i]
    return np.sum(a * a)


@program(VECTOR)
def list_items_swapped_in_loop(x):
    st = [x * 1.0, np.zeros(3)]
    for k in range(3):
        st[1][:] = np.sin(st[0]) * x
        st = [st[1], st[0]]
    return np.sum(st[0] * st[1])


@program(VECTOR)
def masks_and_repeats(x):
    y = x * x
    m = y > 0.1
    y[m] *= x[m]
    y[~m] = 0.0
    idx = np.argsort(x)
    y[idx[:2]] += y[idx[1:]]
    y[[0, 0, 1]] = x
    y[np.array([0, 0, 1])] += x
    return np.sum(y * y)


@program(VECTOR)
def out_into_views(x):
    y = x * x
    np.add(y, x, out=y[:])
    np.exp(y[:2], out=y[1:])
    np.cumsum(y, out=y)
    z = np.maximum(y, 1.0, out=np.empty(3))
    return np.sum(y * z)


@program(VECTOR)
def same_buffer_appended(x):
    buf = np.zeros(3)
    hist = []
    for k in range(3):
        buf[k] = x[k] * x[0]
        hist.append(buf)
    hist2 = [h.copy() for h in hist]
    buf[0] = 7.0 * x[1]
    return np.sum(hist[0] * hist2[1])


@program(VECTOR)
def views_of_views_reshaped(x):
    y = x * x
    s = np.swapaxes(np.stack([y, y]), 0, 1)
    s[0, 1] = x[2]
    q = np.squeeze(s[:, :1])
    q[1] = x[0]
    e = np.expand_dims(y, 0)
    e[0, 2] = 2.0 * x[1]
    return np.sum(s * s) + np.sum(y * y)


@program(VECTOR)
def real_and_imaginary_views(x):
    c = x * (1 + 2j)
    c.imag[1] = x[0] * x[2]
    c.real[:] *= 2.0
    r = c.real
    r[0] = x[1]
    return np.sum(np.abs(c) ** 2)


@program(VECTOR)
def views_in_containers(x):
    a = np.outer(x, x)
    b = a[1]
    d = {"r": b, "k": [a[0], a[2]]}
    d["r"][0] = x[0] * 3
    for z in d["k"]:
        z *= x[1]
    d["k"][1][2] = 0.5 * x[2]
    return np.sum(a**2)


@program(VECTOR)
def either_of_two_arrays(x):
    y = x * 1.0
    z = y if x[0] > 5 else x * 2.0
    z += 1.0
    y *= x
    return np.sum(z * y)


@program(VECTOR)
def contiguous_copies(x):
    a = np.outer(x, x)
    f = np.asfortranarray(a)
    c = np.ascontiguousarray(a.T)
    g = np.asarray(a, dtype=np.float64)
    a[0, 1] = x[0]
    g[2, 2] *= x[1]
    return np.sum(f * f) + np.sum(c**3) + np.sum(a * g)


@program(VECTOR)
def diag_is_a_view(x):
    a = np.outer(x, x)
    d = np.diag(a)
    a[1, 1] = x[0] * 5
    return np.sum(d * d) + np.sum(np.diag(x)[1]) + np.sum(np.diag(a, 1))


@program(VECTOR)
def list_slices_stored(x):
    p = [x[0], x[1]]
    p[0], p[1] = p[1] * 2.0, p[0]
    p[0:1] = [x[2] * p[1], x[0]]
    p *= 2
    p[:] = [v * v for v in p]
    p[1:3] = []
    p[len(p) :] = p
    return sum(p) * p[1]


@program(VECTOR)
def conj_of_real_is_itself(x):
    y = x * 1.0
    w = y.conj()
    w[0] = x[1]
    return np.sum(y * y)


@program(VECTOR)
def dict_entries_swapped(x):
    grids = {"old": x * 1.0, "new": np.zeros(3)}
    for k in range(3):
        grids["new"][:] = np.sin(grids["old"]) * x
        grids["old"], grids["new"] = grids["new"], grids["old"]
    return np.sum(grids["old"] ** 2) + np.sum(grids["new"])


@program(VECTOR)
def buffers_through_a_callee(x):
    def step(src, dst):
        dst[1:] = src[:-1] * x[0]
        dst[0] = src[-1] ** 2
        return dst, src

    a, b = x * 1.0, np.zeros(3)
    for k in range(4):
        a, b = step(a, b)
    return np.sum(a * b)


@program(VECTOR)
def list_of_rows_recurrence(x):
    u = [np.zeros(3) for _ in range(4)]
    u[0][:] = x
    for n in range(3):
        for i in range(3):
            u[n + 1][i] = u[n][i] * u[n][i - 1] + 0.3 * x[i]
    return np.sum(u[3]) + np.sum(np.array(u) ** 2)


@program(VECTOR)
def stack_of_views(x):
    stack = [x * 1.0]
    out = 0.0
    while len(stack) > 0:
        v = stack.pop()
        v[0] *= x[1]
        out += np.sum(v * v)
        if len(v) > 1:
            stack.append(v[1:])
    return out


@program(VECTOR)
def reversed_view_rebound(x):
    a = x * 1.0
    for k in range(3):
        b = a
        b[k] = np.sum(b) * x[k]
        a = b[::-1]
    return np.sum(a * x)


@program(VECTOR)
def accumulator_starts_as_none(x):
    acc = None
    for k in range(3):
        if acc is None:
            acc = x * x[k]
        else:
            acc += x * x[k] ** 2
    return np.sum(acc * acc)


@program(0.7, 4, wrt=0)
def array_made_in_the_first_turn(x, n):
    acc = None
    for _ in range(n):
        acc = np.ones(3) * x if acc is None else np.sin(acc) * x
    return np.sum(acc)


@program(VECTOR)
def parts_of_a_split(x):
    y = np.split(np.concatenate([x, x]), 2)
    y[0][0] = x[1] * 2
    return np.sum(y[0] * y[1])
