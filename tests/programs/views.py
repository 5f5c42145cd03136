"""Views and aliases: read and written through, made before and after a write, kept, swapped, passed on."""

import numpy as np

from tests.programs.corpus import normal, positive, unit
from tests.programs.corpus import program as register


def program(*args, **options):
    return register(*args, writes=True, **options)


@program(normal(6), numba=True)
def through_view(x):
    y = 2.0 * x
    tail = y[1:]
    tail *= x[:-1]
    return np.sum(y * y)


@program(normal(6))
def base_written_view_read(x):
    y = 2.0 * x
    head = y[:3]
    y[0] = x[5] * x[4]
    y *= x
    return np.sum(head * head)


@program(normal(6))
def view_after_write(x):
    y = x * x
    y[2] = x[0]
    v = y[1:4]
    v[1] *= x[1]
    return np.sum(y * y)


@program(normal(8))
def view_of_view(x):
    y = x * x
    a = y[1:7]
    b = a[::2]
    b[1] = x[0] * x[1]
    a[0] += b[1]
    return np.sum(y * y)


@program(normal(6))
def two_overlapping_views(x):
    y = x * x
    a = y[:4]
    b = y[2:]
    a *= 2.0
    b += a * x[0]
    return np.sum(y * y)


@program(normal(3, 4))
def transpose_written(a):
    b = a * a
    t = b.T
    t[0] = a[:, 1]
    t *= 2.0
    return np.sum(b * b)


@program(normal(12))
def reshape_written(x):
    y = x * x
    m = y.reshape(3, 4)
    m[1] *= x[:4]
    m[:, 0] = 0.5
    return np.sum(y * y)


@program(normal(3, 4))
def ravel_written(a):
    b = a * a
    v = b.ravel()
    v[2:5] = a[0, :3]
    return np.sum(b * b)


@program(normal(3, 4))
def ravel_of_transpose_is_a_copy(a):
    b = a * a
    v = b.T.ravel()
    v[0] = 100.0
    v *= 2.0
    return np.sum(b * b) + np.sum(v)


@program(normal(3, 4))
def flatten_is_a_copy(a):
    b = a * a
    v = b.flatten()
    v *= 3.0
    return np.sum(b) + np.sum(v * v)


@program(normal(2, 3))
def swapaxes_written(a):
    b = a * a
    c = b.swapaxes(0, 1)
    c[2] += a[:, 0]
    return np.sum(b**2)


@program(normal(1, 4))
def squeeze_written(a):
    b = a * a
    v = b.squeeze()
    v[1:] *= a[0, 0]
    return np.sum(b * b)


@program(normal(4))
def new_axis_written(x):
    y = x * x
    m = y[None]
    m[0, 1] = x[0] * x[2]
    c = y[:, None]
    c *= 2.0
    return np.sum(y * y)


@program(normal(4))
def asarray_is_the_same(x):
    y = x * x
    z = np.asarray(y)
    z[0] = x[1]
    return np.sum(y * y)


@program(normal(4))
def array_is_a_copy(x):
    y = x * x
    z = np.array(y)
    z[0] = x[1]
    return np.sum(y * z)


@program(normal(3, 4))
def rows_of_a_loop_written(a):
    b = a * a
    for row in b:
        row[0] = row[1] * row[2]
        row *= 2.0
    return np.sum(b * b)


@program(normal(3, 4))
def enumerated_rows_written(a):
    b = a * a
    for i, row in enumerate(b):
        row += a[i] * i
    return np.sum(b * b)


@program(normal(4), also=[(-np.abs(normal(4)),)])
def view_in_one_branch(x):
    y = x * x
    if x[0] > 0:
        v = y[:2]
        v *= x[3]
    else:
        y[3] = x[0]
    return np.sum(y * y)


@program(normal(4), also=[(-np.abs(normal(4)),)])
def view_chosen_by_branch(x):
    y = x * x
    if x[0] > 0:
        v = y[:2]
    else:
        v = y[2:]
    v *= 3.0
    return np.sum(y * y)


@program(normal(4))
def alias(v):
    w = v
    w *= v
    return np.sum(v)


@program(normal(4))
def alias_of_intermediate(x):
    y = x * x
    z = y
    z[0] = x[1] * x[2]
    y[3] += z[0]
    return np.sum(z * y)


@program(normal(4))
def alias_then_rebound(x):
    y = x * x
    z = y
    y = y + 1.0
    z[0] = x[1]
    return np.sum(y * z)


@program(normal(4))
def update_seen_through_alias(x):
    y = x * x
    z = y
    y += x
    y *= 2.0
    return np.sum(z * z)


@program(normal(4))
def update_of_a_fresh_value(x):
    y = x * x
    z = y + 0.0
    y += x
    return np.sum(z * y)


def add_into(a, b):
    a += b


def mix(a, b):
    a[0] = b[1]
    b[0] = a[1] * 2.0


@program(normal(4))
def same_array_passed_twice(x):
    y = x * x
    add_into(y, y)
    return np.sum(y * y)


@program(normal(4))
def aliased_arguments_of_a_callee(x):
    y = x * x
    mix(y, y)
    mix(y[1:], y[:-1])
    return np.sum(y * x)


@program(normal(4), normal(4))
def separate_arguments_of_the_same_callee(x, v):
    y, z = x * x, v * v
    mix(y, z)
    return np.sum(y * z)


@program(normal(6), 4)
def buffers_swapped(x, steps):
    a = x * 1.0
    b = np.zeros(6)
    for k in range(steps):
        b[1:-1] = 0.5 * (a[2:] + a[:-2]) * x[0]
        b[0] = a[0]
        b[-1] = a[-1]
        a, b = b, a
    return np.sum(a * a)


@program(normal(6), 3)
def buffers_swapped_nonlinear(x, steps):
    old = x.copy()
    new = np.zeros_like(x)
    for k in range(steps):
        for i in range(6):
            new[i] = np.sin(old[i]) * old[i - 1]
        old, new = new, old
    return np.sum(old)


@program(normal(4))
def captured_array_written(x):
    y = x * x

    def touch(k):
        y[k] *= x[0]

    touch(1)
    touch(2)
    return np.sum(y * y)


@program(normal(4))
def views_in_a_list(x):
    y = x * x
    halves = [y[:2], y[2:]]
    for h in halves:
        h *= x[0]
    halves[0][0] = 2.0 * x[1]
    return np.sum(y * y)


@program(normal(4))
def same_array_in_a_list_twice(x):
    y = x * x
    p = [y, y]
    p[0][1] = x[3]
    return np.sum(p[1] ** 2)


@program(normal(4))
def array_in_a_dict(x):
    state = {"y": x * x}
    state["y"][0] = x[1]
    state["y"] *= 2.0
    return np.sum(state["y"] ** 2)


@program({"w": normal(3), "b": normal(3)})
def array_of_a_dict_argument(p):
    w = p["w"]
    w *= p["b"]
    return np.sum(p["w"] ** 2)


@program(normal(3, 3))
def diagonal_read(a):
    b = a * a
    b[1, 1] = a[0, 1]
    return np.sum(np.diagonal(b) ** 2) + np.sum(b.diagonal())


@program(normal(4))
def broadcast_read(x):
    y = x * x
    big = np.broadcast_to(y, (3, 4))
    s = np.sum(big * big)
    y[0] = x[1]
    return s + np.sum(big)


@program(normal(6))
def flat_written(x):
    a = (x * x).reshape(2, 3)
    a.flat[1] = x[0] * x[4]
    a.flat[3] += x[2]
    return np.sum(a * a)


@program(normal(3, 4))
def row_bound_then_matrix_written(a):
    b = a * a
    r = b[1]
    b[1, 2] = a[0, 0]
    b[1] += a[2]
    return np.sum(r * r)


@program(normal(3, 4))
def column_view_written(a):
    b = a * a
    c = b[:, 1]
    c[:] = a[:, 0] * a[:, 2]
    return np.sum(b**2)


@program(normal(6))
def stepped_views(x):
    y = x * x
    even = y[::2]
    odd = y[1::2]
    even += odd
    odd *= even
    return np.sum(y * x)


@program(normal(6))
def reversed_view(x):
    y = x * x
    r = y[::-1]
    r[0] = x[0]
    r[1:3] *= x[1]
    return np.sum(y * y)


@program(normal(6), 3)
def view_made_in_a_loop(x, n):
    y = x * x
    for k in range(n):
        v = y[k : k + 3]
        v *= x[k]
    return np.sum(y * y)


@program(normal(6), 3)
def view_kept_over_a_loop(x, n):
    y = x * x
    v = y[1:4]
    for k in range(n):
        v[k] = y[k] * x[k]
        y[5] += v[0]
    return np.sum(y * y)


@program(normal(4))
def element_is_a_value(x):
    y = x * x
    e = y[0]
    y[0] = x[1]
    return e * np.sum(y)


@program(normal(4))
def fancy_is_a_copy(x):
    y = x * x
    c = y[np.array([0, 1])]
    c *= 5.0
    y[0] = x[3]
    return np.sum(y) * np.sum(c)


@program(normal(4))
def mask_is_a_copy(x):
    y = x * x
    c = y[x > 0]
    c *= 5.0
    return np.sum(y) + np.sum(c * c)


@program(normal(4))
def value_of_view_before_write(x):
    y = x * x
    before = y[:2] * 1.0
    y[:2] = before[::-1] * x[2]
    return np.sum(y * y) + np.sum(before)


@program(normal(4))
def view_returned_by_local_function(x):
    y = x * x

    def first_half(v):
        return v[:2]

    h = first_half(y)
    h[0] = x[3] * x[2]
    return np.sum(y * y)


@program(normal(4), normal(4))
def result_of_ufunc_out(x, v):
    y = np.zeros(4)
    z = np.multiply(x, v, out=y)
    z[0] = 1.0
    return np.sum(y * z)


@program(unit(2, 3))
def nested_list_of_rows(a):
    rows = [a[0] * 1.0, a[1] * 1.0]
    rows[0] += rows[1]
    alias = rows[0]
    alias[0] = a[1, 2]
    return np.sum(rows[0] * rows[1])


@program(positive(4))
def update_with_itself(x):
    y = x * 1.0
    y += y
    y *= y
    y /= y[0]
    return np.sum(y)


@program(normal(5))
def update_with_overlapping_part(x):
    y = x * x
    y[1:] *= y[:-1]
    y[:3] += y[2:]
    return np.sum(y * x)


@program(normal(5))
def running_update(x):
    y = x * 1.0
    for i in range(1, 5):
        y[i] += y[i - 1] * 0.5
    for i in range(3, -1, -1):
        y[i] -= y[i + 1] * x[i]
    return np.sum(y * y)


@program(normal(3, 4))
def matrix_rows_swapped(a):
    b = a * a
    row = b[0].copy()
    b[0] = b[2]
    b[2] = row
    return np.sum(b * a)


@program(normal(4))
def written_after_the_result_was_read(x):
    y = x * x
    s = np.sum(y * y)
    y[0] = 100.0
    y *= 0.0
    return s


@program(normal(4))
def argument_alias_written(x):
    y = x
    y[0] = 2.0 * x[1]
    return np.sum(x * y)


@program(normal(4))
def argument_view_written(x):
    head = x[:2]
    head *= 3.0
    return np.sum(x * x)
