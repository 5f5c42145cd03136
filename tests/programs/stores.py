"""Writing into arrays, lists and dicts: item assignment, in-place updates, `out=`, callees that write."""

import math

import numpy as np

from tests.programs.corpus import normal, positive, unit
from tests.programs.corpus import program as register


def program(*args, **options):
    return register(*args, writes=True, **options)


@program(normal(9), numba=True)
def smooth(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i] * x[i]
    return np.sum(y)


@program(normal(12), 0.3, 5, numba=True)
def heat(u, k, steps):
    u = u.copy()
    for t in range(steps):
        u[1:-1] += k * np.tanh(u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@program(normal(6), 0.3, 4, numba=True)
def heat_linear(u, k, steps):
    u = u.copy()
    for t in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**3)


@program(normal(4), 1.5, numba=True)
def store_element(x, s):
    y = x * 2.0
    y[1] = s * s
    return np.sum(y * y)


@program(normal(4))
def store_constant(x):
    y = x * x
    y[0] = 3.0
    return np.sum(y * y)


@program(normal(4), 1.5)
def store_negative_index(x, s):
    y = x.copy()
    y[-1] = s * x[0]
    return np.prod(y)


@program(normal(3, 4), 1.5)
def store_matrix_element(a, s):
    b = a * a
    b[1, 2] = s
    b[-1, 0] = s * b[1, 2]
    return np.sum(b**3)


@program(normal(6), normal(3), numba=True)
def store_slice(x, v):
    y = x * 2.0
    y[1:4] = v * v
    return np.sum(y * y)


@program(normal(7), normal(4))
def store_slice_step(x, v):
    y = x * 2.0
    y[::2] = v
    return np.sum(y**3)


@program(normal(6), normal(6))
def store_reversed(x, v):
    y = x * 1.0
    y[::-1] = v * x
    return np.sum(y * y * np.arange(6.0))


@program(normal(3, 4), normal(4))
def store_row(a, v):
    b = a + 1.0
    b[1] = v * a[0]
    return np.sum(b * b)


@program(normal(3, 4), normal(3))
def store_column(a, v):
    b = a + 1.0
    b[:, 2] = v
    return np.sum(b**3)


@program(normal(3, 4), normal(4))
def store_broadcast(a, v):
    b = np.zeros((3, 4))
    b[:] = v
    return np.sum(a * b * b)


@program(normal(3, 4), 0.7)
def store_scalar_everywhere(a, s):
    b = a * 1.0
    b[1:, :2] = s
    return np.sum(b * a)


@program(normal(2, 3, 4), normal(2, 3))
def store_ellipsis(a, v):
    b = a * 1.0
    b[..., 1] = v
    b[0, ...] = b[1, ...]
    return np.sum(b**3)


@program(normal(6))
def store_mask(x):
    y = x * x
    y[x < 0] = 0.5
    return np.sum(y * x)


@program(normal(6), 0.3)
def store_mask_scalar(x, s):
    y = x * 1.0
    y[y > 0] = s
    return np.sum(y * y)


@program(normal(6))
def store_mask_values(x):
    y = x * 1.0
    m = x > 0
    y[m] = x[m] ** 2
    return np.sum(y * y)


@program(normal(6), normal(3))
def store_integer_array(x, v):
    y = x * 1.0
    y[np.array([0, 3, 5])] = v * v
    return np.sum(y**3)


@program(normal(6), normal(4))
def store_repeated_integers(x, v):
    y = x * 1.0
    y[np.array([1, 1, 4, 1])] = v
    return np.sum(y * y)


@program(normal(4, 5), normal(3))
def store_two_integer_arrays(a, v):
    b = a * 1.0
    b[np.array([0, 1, 3]), np.array([4, 0, 2])] = v
    return np.sum(b**3)


@program(normal(4), numba=True)
def update_element(x):
    y = x * x
    y[0] += x[1]
    y[1] -= x[0] * x[2]
    y[2] *= x[3]
    y[3] /= x[0]
    return np.sum(y * y)


@program(normal(6), normal(4))
def update_slice(x, v):
    y = x * x
    y[1:5] += v
    y[1:5] *= v
    y[:4] -= v * v
    y[2:] /= 3.0 + v * v
    return np.sum(y * y)


@program(normal(3, 4), normal(4))
def update_broadcast(a, v):
    b = a * a
    b[1:] += v
    b[:2] *= v
    return np.sum(b * b)


@program(normal(3, 4), 0.7)
def update_by_scalar(a, s):
    b = a * a
    b += s
    b *= s
    b -= s * s
    b /= s
    return np.sum(b * b)


@program(positive(4))
def update_power(x):
    y = x * 2.0
    y **= 3
    y[1] **= 2
    return np.sum(y)


@program(normal(6))
def update_mask(x):
    y = x * x
    y[x > 0] += 1.0
    y[x > 0] *= x[x > 0]
    return np.sum(y * y)


@program(normal(6), normal(3))
def update_integer_array(x, v):
    y = x * x
    y[np.array([0, 2, 5])] += v
    y[[1, 3]] *= 2.0
    return np.sum(y * y)


@program(normal(4), normal(4))
def add_at(x, v):
    y = x * x
    np.add.at(y, np.array([1, 1, 0, 3]), v * v)
    return np.sum(y * y)


@program(normal(4), normal(5))
def scatter_loop(x, v):
    y = np.zeros(4)
    index = [0, 1, 1, 3, 1]
    for k in range(5):
        y[index[k]] += v[k] * x[k % 4]
    return np.sum(y * y)


@program(normal(5), 3, numba=True)
def store_in_nested_loop(x, n):
    a = np.zeros((5, n))
    for i in range(5):
        for j in range(n):
            a[i, j] = x[i] ** (j + 1)
    return np.sum(a * a)


@program(unit(6), numba=True)
def gauss_seidel_line(b):
    x = np.zeros(6)
    for sweep in range(4):
        for i in range(1, 5):
            x[i] = 0.5 * (x[i - 1] + x[i + 1] + b[i])
    return np.sum(x * x)


@program(unit(5, 5), numba=True)
def gauss_seidel_plane(b):
    u = np.zeros((5, 5))
    for sweep in range(2):
        for i in range(1, 4):
            for j in range(1, 4):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] + b[i, j])
    return np.sum(u * u)


@program(unit(5), numba=True)
def nonlinear_recurrence(x):
    y = np.zeros(6)
    for i in range(5):
        y[i + 1] = math.sin(y[i]) + x[i] * x[i]
    return y[5] * y[3]


@program(unit(6), numba=True)
def overwrite_in_place(x):
    y = x.copy()
    for i in range(1, 6):
        y[i] = y[i] * y[i - 1] + math.cos(y[i])
    return np.sum(y)


@program(unit(4), 3, numba=True)
def whole_array_update_in_loop(x, n):
    y = x.copy()
    for k in range(n):
        y *= x
        y += np.sin(y)
    return np.sum(y)


@program(1.1, 6, numba=True)
def table_of_values(x, n):
    y = np.empty(n)
    y[0] = x
    y[1] = x * x
    for i in range(2, n):
        y[i] = y[i - 1] * y[i - 2] * 0.5 + x
    return y[n - 1]


@program(normal(4), also=[(-np.abs(normal(4)),)])
def store_in_branch(x):
    y = x * x
    if x[0] > 0:
        y[1] = x[0] ** 3
    else:
        y[2:] = 2.0 * x[2:]
    return np.sum(y * y)


@program(normal(5))
def store_until(x):
    y = np.zeros(5)
    i = 0
    while i < 5 and np.sum(y) < 3.0:
        y[i] = x[i] ** 2
        i += 1
    return np.sum(y * y)


@program(normal(4), 0, also=[(normal(4), 3)])
def zero_trips(x, n):
    y = x * x
    for i in range(n):
        y[i] = y[i] * x[i]
    return np.sum(y * y)


@program(normal(4))
def argument_overwritten(x):
    x[0] = x[1] * x[2]
    x *= 2.0
    return np.sum(x * x)


@program(normal(4), normal(4))
def second_argument_is_output(a, out):
    out[:] = a * a
    out[0] += a[1]
    return np.sum(out * out)


def axpy(alpha, a, out):
    out[:] = alpha * a + out


def scale_in_place(v, s):
    for i in range(len(v)):
        v[i] *= s


def fill_and_return(v, s):
    v[0] = s
    return v


def tail_of(v):
    return v[1:]


def kernel(alpha, a, out):
    n = a.shape[0]
    for i in range(1, n - 1):
        out[i] = alpha * (a[i - 1] - 2.0 * a[i] + a[i + 1])


@program(0.3, normal(6))
def kernel_that_returns_nothing(alpha, a):
    out = np.zeros_like(a)
    kernel(alpha, a, out)
    return np.sum(out * out)


@program(0.3, normal(4), normal(4))
def kernel_called_twice(alpha, a, b):
    c = b.copy()
    axpy(alpha, a, c)
    axpy(2.0, c, c)
    return np.sum(c * c)


@program(normal(4), 1.3)
def callee_scales(x, s):
    y = x * x
    scale_in_place(y, s)
    scale_in_place(y[1:], s)
    return np.sum(y * y)


@program(normal(4), 1.3)
def callee_returns_its_argument(x, s):
    y = x * x
    z = fill_and_return(y, s)
    z[1] *= 2.0
    return np.sum(y * z)


@program(normal(4))
def callee_returns_a_view(x):
    y = x * x
    t = tail_of(y)
    t *= x[0]
    return np.sum(y * y)


@program(normal(4))
def closure_writes_captured(x):
    y = np.zeros(4)

    def put(i, v):
        y[i] = v * v

    for i in range(4):
        put(i, x[i])
    return np.sum(y * x)


@program(normal(4), normal(4))
def out_of_ufunc(x, v):
    y = np.empty(4)
    np.multiply(x, v, out=y)
    np.sin(y, out=y)
    np.add(y, x, y)
    return np.sum(y * y)


@program(normal(3, 4))
def out_of_reduction(a):
    s = np.empty(4)
    np.sum(a * a, axis=0, out=s)
    return np.sum(s * s)


@program(normal(4), 0.7)
def filled(x, s):
    y = x * x
    y.fill(s)
    y[0] = x[0]
    return np.sum(y * y)


@program(normal(5))
def sorted_in_place(x):
    y = x * 1.0
    y.sort()
    return np.sum(y * np.arange(5.0))


@program(normal(4), normal(4))
def copied_to(x, v):
    y = x * 2.0
    np.copyto(y, v * v)
    y[1] += x[0]
    return np.sum(y * y)


@program(normal(3, 3), 0.7)
def filled_diagonal(a, s):
    b = a * a
    np.fill_diagonal(b, s)
    return np.sum(b * b)


@program(normal(5), normal(2))
def put(x, v):
    y = x * x
    np.put(y, [1, 3], v)
    return np.sum(y * y)


@program(0.7, 1.2)
def list_append(x, y):
    p = []
    p.append(x * y)
    p.append(x + y)
    p.append(p[0] * p[1])
    return p[2] * p[0]


@program(0.7, 5)
def list_append_in_loop(x, n):
    p = [x]
    for i in range(n):
        p.append(math.sin(p[-1]) + x)
    return sum(p) * p[n]


@program(normal(4))
def array_from_filled_list(x):
    p = []
    for v in x:
        p.append(v * v)
    return np.sum(np.array(p) * x)


@program([0.7, 1.2, 0.4])
def list_item_store(p):
    p[1] = p[0] * p[2]
    p[0] += p[1]
    return p[0] * p[1] * p[2]


@program([0.7, 1.2, 0.4])
def list_copied_then_stored(p):
    q = list(p)
    q[0] = q[1] * q[2]
    return q[0] * p[0]


@program(0.7, 1.2)
def list_of_list_store(x, y):
    m = [[0.0, 0.0], [0.0, 0.0]]
    m[0][0] = x * y
    m[1][0] = m[0][0] * x
    m[1][1] = y
    return m[1][0] * m[1][1] + m[0][0]


@program(0.7, 1.2)
def list_extend_insert_pop(x, y):
    p = [x]
    p.extend([y, x * y])
    p.insert(0, y * y)
    last = p.pop()
    first = p.pop(0)
    return last * first + sum(p)


@program([0.7, 1.2, 0.4])
def list_reversed_in_place(p):
    q = [v * v for v in p]
    q.reverse()
    return q[0] + 2.0 * q[1] + 3.0 * q[2]


@program([0.7, 1.2, 0.4])
def list_added(p):
    q = [p[0]]
    q += [p[1] * p[2], p[0]]
    return q[0] * q[1] * q[2]


@program(normal(3), 4)
def list_of_states(x, n):
    states = [x]
    for k in range(n):
        states.append(np.sin(states[k]) * x)
    return np.sum(states[-1] * states[1])


@program(0.7, 1.2)
def dict_store(x, y):
    p = {}
    p["a"] = x * y
    p["b"] = p["a"] * x
    p["a"] = y
    return p["a"] * p["b"]


@program({"a": 0.7, "b": 1.2})
def dict_item_update(p):
    p["a"] *= p["b"]
    p["b"] += p["a"] ** 2
    return p["a"] * p["b"]


@program(0.7, 1.2)
def dict_methods(x, y):
    p = {"a": x}
    p.update({"b": y, "c": x * y})
    d = p.pop("c")
    e = p.setdefault("e", x * 2.0)
    return d * p["a"] + p["b"] * e


@program(1.3, 6)
def memo_table(x, n):
    table = {0: 1.0, 1: x}
    for k in range(2, n):
        table[k] = x * table[k - 1] - 0.5 * table[k - 2]
    return table[n - 1]


@program(unit(4, 2), unit(4, 2), 3)
def n_body_leapfrog(q, v, steps):
    q = q.copy()
    v = v.copy()
    dt = 0.05
    for step in range(steps):
        force = np.zeros((4, 2))
        for i in range(4):
            for j in range(4):
                if i != j:
                    r = q[j] - q[i]
                    force[i] += r / (np.sum(r * r) + 0.5) ** 1.5
        v += dt * force
        q += dt * v
    return np.sum(v * v) + np.sum(q**2)


@program(normal(5), normal(4), normal(4))
def thomas_algorithm(b, lower, upper):
    n = 5
    diagonal = np.full(n, 4.0)
    x = b.copy()
    for i in range(1, n):
        w = lower[i - 1] / diagonal[i - 1]
        diagonal[i] -= w * upper[i - 1]
        x[i] -= w * x[i - 1]
    x[n - 1] /= diagonal[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = (x[i] - upper[i] * x[i + 1]) / diagonal[i]
    return np.sum(x * x)


@program(np.eye(3) * 4.0 + 0.3, normal(3))
def gauss_elimination(a, b):
    a = a.copy()
    x = b.copy()
    for k in range(2):
        for i in range(k + 1, 3):
            f = a[i, k] / a[k, k]
            a[i, k:] -= f * a[k, k:]
            x[i] -= f * x[k]
    for i in range(2, -1, -1):
        x[i] = (x[i] - np.sum(a[i, i + 1 :] * x[i + 1 :])) / a[i, i]
    return np.sum(x**2)


@program(np.eye(3) * 3.0 + 0.2)
def cholesky_by_hand(a):
    n = 3
    l = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s = s - l[i, k] * l[j, k]
            if i == j:
                l[i, j] = math.sqrt(s)
            else:
                l[i, j] = s / l[j, j]
    return l[2, 2] * l[1, 0] + l[2, 1] + l[0, 0]


@program(unit(3, 4), unit(4, 3))
def triple_loop_product(a, b):
    c = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            for k in range(4):
                c[i, j] += a[i, k] * b[k, j]
    return np.sum(c * c)


@program(unit(6))
def prefix_products(x):
    y = np.ones(7)
    for i in range(6):
        y[i + 1] = y[i] * (1.0 + x[i])
    return np.sum(y)


@program(unit(8), 3)
def convolution_by_hand(x, width):
    w = np.array([0.25, 0.5, 0.25])
    y = np.zeros(6)
    for i in range(6):
        for k in range(width):
            y[i] += w[k] * x[i + k] ** 2
    return np.sum(y * y)


@program(unit(6, 6), 3)
def stencil_2d(u, steps):
    u = u.copy()
    for t in range(steps):
        u[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return np.sum(u**2)


@program(unit(4))
def delete_names(x):
    y = x * x
    y[0] = 1.0
    z = y * x
    del y
    return np.sum(z)


@program(unit(5))
def insertion_sort(x):
    y = x.copy()
    for i in range(1, 5):
        j = i
        while j > 0 and y[j - 1] > y[j]:
            t = y[j]
            y[j] = y[j - 1]
            y[j - 1] = t
            j -= 1
    return np.sum(y * np.arange(5.0))


@program(unit(4))
def swap_elements(x):
    y = x * x
    y[0], y[3] = y[3], y[0]
    return np.sum(y * np.arange(4.0) * x)


@program(unit(4))
def matmul_in_place(x):
    a = np.eye(4) * 0.5
    y = x.copy()
    for k in range(2):
        y[:] = a @ y + x
    return np.sum(y**2)


@program(unit(6), 2)
def store_dynamic_slice(x, k):
    y = x * x
    for i in range(k):
        y[i : i + 3] = y[i : i + 3] * x[i] + 1.0
    return np.sum(y * y)


@program(unit(3))
def store_into_row_of_list_of_arrays(x):
    rows = [np.zeros(3), np.zeros(3)]
    rows[0][1] = x[0] * x[1]
    rows[1][:] = x * rows[0][1]
    return np.sum(rows[0] * rows[1])


@program(unit(3), unit(3))
def store_pair(x, v):
    a = np.zeros(3)
    a[0], a[1] = x[0] * v[0], x[1]
    a[2] = a[0] * a[1]
    return np.sum(a * v)


@program(unit(4))
def store_of_itself(x):
    y = x * x
    y[1:] = y[:-1]
    return np.sum(y * x)


@program(unit(4))
def store_overlapping_update(x):
    y = x * x
    y[1:] += y[:-1]
    y[:-1] *= y[1:]
    return np.sum(y * x)
