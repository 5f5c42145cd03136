"""Numbers where arrays are usual, and arrays of more axes than usual: NumPy takes them, so derivatives do."""

import dataclasses
import math

import numpy as np

from tests.programs.corpus import normal, program


@program(normal(3), normal(1, 3), writes=True)
def stored_with_more_axes(w, x):
    """NumPy leaves out the first axes of what is stored, if they have one item each."""
    w[:] = x * x
    w[:2] += x[0, 1:]
    return np.sum(w * w * x[0])


@program(normal(2, 3), normal(1, 1, 1), normal(1, 1, 3), writes=True)
def stored_with_many_more_axes(w, x, y):
    w[0] = x
    w[1] *= 0.5
    w[1:] = y[None]
    np.copyto(w[0, :2], y[..., 1:], where=w[0, :2] > 9.0)
    return np.sum(w * w)


@program(0.7, normal(3))
def chosen_by_a_list(a, x):
    return np.sum(np.choose([0, 1, 0], [a, x * x]) * x)


@program(0.7)
def numbers_as_arrays(x):
    """A number has one axis where NumPy asks for one, and none otherwise."""
    padded = np.pad(x, 0) * 2.0
    taken = np.take(x, [0, 0], axis=0) * np.array([2.0, 3.0])
    return np.sum(x * x, axis=0) + np.sum(taken) + padded + np.sum(np.cumsum(x, axis=-1)) + np.sum(np.extract(x > 0.0, x)) * x


@program(0.7)
def largest_of_a_number_and_the_first(a):
    return np.max(a * a, initial=0.2) + np.min(np.array([a, 2.0]), initial=0.3)


@program(normal(2, 2), normal(2, 1))
def grids_of_matrices(x, y):
    """Coordinates are taken row by row."""
    p, q = np.meshgrid(x, y)
    (alone,) = np.meshgrid(y)
    return np.sum(p * q * q) + np.sum(alone**3)


@program(normal(1, 3, 3))
def one_determinant_in_a_stack(x):
    return np.sum(np.linalg.slogdet(np.tanh(x) + 2.0 * np.eye(3))[1])


@program(normal(1, 1))
def one_eigenvalue(x):
    x = x - np.linalg.eigh(x)[0] * 0.5
    return np.mean(x * x)


@program(normal(2, 2))
def eigenvalues_that_come_twice(x):
    """Their sum of squares is smooth, though the vectors are not defined."""
    near = np.eye(2) + (x - x)
    values, _ = np.linalg.eigh(near + near.T)
    return np.sum(values**2) + np.sum(x)


@program(normal(3), normal(1, 3))
def flattened_products(x, y):
    return np.vdot(x, y) * np.vdot(y, y * y)


@program(normal(3), writes=True)
def difference_that_is_the_array(y):
    """A tangent that is put together to a name is not that name: the array is written afterwards."""
    kept = y - y * 0
    also = y * 2 - y
    y -= y * y
    return np.sum(kept * y) + np.sum(also**2)


@program(np.array(0.4), writes=True)
def array_of_no_axes(y):
    kept = y - 0
    y -= 0.5 * y
    return kept * kept + y * 3.0


@program(normal(2, 2), writes=True)
def singular_values_written(x):
    """The tangent of a diagonal is written too."""
    values = np.linalg.svd(x, compute_uv=False)
    values[0] *= x[0, 0]
    also = np.linalg.eigvalsh(x @ x.T)
    also[1:] += values[1:] * x[1, 1]
    return np.sum(values * also)


@program(normal(3, 3), normal(2, 3))
def vectors_of_three(x, y):
    return np.sum(np.cross(x, x[::-1] * x) * x) + np.sum(np.cross(y[:1], x, axis=-1) ** 2)


@program(normal(1, 3), writes=True)
def put_from_a_diagonal(x):
    """One item, which is a read-only view, is put in two places."""
    np.put(x, [2, 1], np.diag(x) * x[0, :1])
    np.put(x, [1, 0], np.diag(x))
    return np.sum(x**2)


@program(normal(3), normal(2, 2), writes=True)
def where_it_is_not_zero(x, m):
    """An index that is a tuple of one array, or of two."""
    places = np.nonzero(x)
    x[places] = x * x
    at = np.nonzero(m > -9.0)
    m[at] += m[at] * x[0]
    return np.sum(np.sin(x)) * np.sum(m**2)


@program(normal(2, 3, 1), writes=True)
def axes_rolled(x):
    last, first, same = np.rollaxis(x, 0, 3), np.rollaxis(x, -1), np.rollaxis(x, 1, 1)
    last[0] *= 2.0
    return np.sum(last[:, 0, 0] * first[0, 0]) + np.sum(same**3) + np.sum(np.rollaxis(x, 1, -1)[:, :, 0] ** 2)


@program(normal(3), normal(2, 3))
def turned_by_complex_vectors(x, y):
    return np.sum(np.cross(x + 0.5j, y).real) + np.sum(np.linalg.cross(y * 1j, x).imag ** 2)


@program(normal(3, 1), writes=True)
def sorted_constants_stored(x):
    """A function named like a method that writes; what is stored ends the old item."""
    x[0] = np.sort(np.array([0.3]))
    x[1:] *= np.insert(np.array([0.5]), 0, 2.0)[:, None]
    return np.sum(x**2)


@program(normal(1, 3), normal(3), writes=True)
def broadcast_and_written(y, w):
    """A tangent that is spread over more axes does not see what is written afterwards."""
    kept = np.floor(y) + w
    also = np.identity(3) + w
    w.fill(0.5)
    np.put(y, 1, 0.3)
    return np.sum(kept * also[0]) + np.sum(also[1:] ** 2) + np.sum(w * y)


@program(-0.9, normal(2), 0.8)
def chosen_by_a_number(x, w, y):
    return np.sum(np.where(x, 1j * w * w, y).imag) + np.sum(np.where(w > 9.0, 1.0, w * 1j).imag)


@program(0.7)
def real_items_of_complex_rows(x):
    m = np.array([[x + 1j, x], [1j, x * 2]])
    return np.linalg.det(m).real + np.sum(m * 1j).real


@program(normal(2))
def signs_of_complex_numbers(x):
    z = x * 1j + x[::-1]
    return np.sum(np.sign(z).real) + np.linalg.norm(z, 3)


@program(normal(2, 3), normal(3), writes=True)
def elements_in_order(x, y):
    """`.flat` and `.item` of matrices, by numbers that are known, and of vectors."""
    x.flat[0] = y.flat[-1] * x.flat[2]
    x.flat[-1] += x.item(4) * x.item(0, 1)
    y.flat[1:] = x.flat[3]
    for k in range(3):
        y.flat[k] *= x.flat[k + 1]
    return np.sum(x * x[::-1]) + np.sum(y**3)


@program(normal(2), writes=True)
def complex_ties_sorted(x):
    z = x * 1j + 0.5
    z[0] = z[1] * 1.0
    z.sort()
    return np.sum(np.array([1.0, 2.0]) * z.imag**2)


@program(normal(2, 2), writes=True)
def diagonal_after_loops(x):
    v = x
    for _ in range(2):
        for _row in x:
            v **= 2
    v = np.diagonal(x)
    return np.sum(v) + v[0]


@program(0.5)
def rows_chosen_by_lists(x):
    """A list is one index, where a tuple is several."""
    v = np.eye(2)
    v[[0, 1]] += x
    v[[0, 0], [1, 0]] *= x
    w = v[[1, 0]] * v[[0, 1], [1, 1]]
    u = np.array([x, x * x, 1.0])
    u[[0, 2]] = u[[2, 0]]
    return np.sum(v**2) + np.sum(w * v) + u @ np.arange(3.0)


@program(normal(4), 0.7, writes=True)
def masks_of_a_number(w, a):
    w[::2] = np.extract(np.array([a > 0.1, a < 0.1, a > 0.2, a > 9.0]), w)
    return np.sum(w * w, where=a > 0.1) * a


@program([[0.8, 0.6], [0.1, 0.2]], (0.3, [[0.5, -0.2]]), {"p": [[0.4]], "q": [0.1, 0.9]})
def arrays_of_nested_lists(x, y, z):
    """Gradients have the structure of what they are the gradients of: lists of lists of numbers."""
    total = np.sum(np.array(x) ** 2) + x[0][1] * np.sum(x)
    total += np.sum(np.array(y[1]) ** 2) * y[1][0][1]
    return total + np.sum(np.array(z["p"]) * np.array(z["q"])) + z["p"][0][0]


@program(normal(2), np.array([0.3 + 0.2j, -0.4j]))
def real_parts_of_an_argument(x, z):
    return np.mean(z.real * x) + np.sum(np.where(x > 9.0, 0.0, z.real))


@dataclasses.dataclass
class Table:
    """Rows of numbers, as an object holds them."""

    rows: list
    scale: float


@program(Table([[0.4, 0.1], [0.3, 0.7]], 0.6))
def array_of_rows_that_an_object_holds(table):
    m = np.array(table.rows)
    return np.sum(m @ m.T) * table.scale + np.mean(table.rows) * table.rows[1][0]


@program(normal(3), 0.4, normal(4, 3), numba=True)
def grown_by_exponentials(s, v, z):
    """A product with an exponential is its own partial with respect to the exponent."""
    total = np.zeros(3)
    for i in range(len(z)):
        s = s * np.exp(v * z[i] - 0.5 * v**2)
        total += s
    return np.mean(np.maximum(total, 0.5)) * np.exp(-v)


@program(normal(3), normal(2, 3), 0.7)
def products_with_exponentials_that_are_written(x, w, a):
    e = np.exp(x)
    y = x * e
    spread = w * e
    y *= a
    e[0] = a
    thin = np.exp(w[:, 0])[:, None] * x
    z = np.exp(-x * a) * (e * e)
    z[1:] += y[:2]
    return np.sum(y * z) + np.sum(spread**2) + np.sum(thin * spread) + a * np.exp(a)


@program(0.6, 4, numba=True)
def damped(x, n):
    s = x
    for i in range(n):
        if i % 2 == 0:
            s = s * math.exp(-0.1 * i * x) + x * math.exp(x)
        else:
            s = math.exp(s * x) * s
    return s


@program(np.array([0.3, 0.7, 1.1]), writes=True)
def written_before_the_last_step(x):
    """The partial of several steps is that of the array that the first one read."""
    s = x * 1.5
    q = np.sqrt(s)
    m = s[:2]
    t = 1.0 + np.exp(m)
    e = np.exp(m)
    s[0] = x[1] * 0.3
    r = 1.0 / t
    m *= 0.5
    return np.sum(s * q) + np.sum(r * r) + np.sum(x[1:] * e) + np.sum(m)


@program(normal(3), 0.3, writes=True)
def exponentials_of_what_is_written(x, w):
    y = x.copy()
    for i in range(3):
        e = np.exp(w * y)
        y[i] += 1.0
        y = y * e * 0.1
    return y.sum()


@program(normal(3, 4))
def largest_of_rows_that_stay_columns(a):
    b = a * a
    top = np.max(b, axis=1, keepdims=True)
    many = np.sum(b > 0.5, axis=0) + np.sum(a < 0.0)
    return np.sum(top * a) + np.sum(np.min(b, axis=0, keepdims=True)) + np.sum(many * a[0])


@program(0.8, 6)
def items_until_one_is_small(x, n):
    out = np.zeros(n)
    for i in range(n):
        out[i] = x * math.exp(-0.3 * i * x)
        if out[i] < 0.3:
            break
    return out @ out


@program(normal(4), writes=True)
def an_argument_bound_again_behind_a_roll(x):
    x[0] = 0.5
    v = 1 * x
    w = v
    x = w * np.roll(v, -1)
    return np.sum(x)


@program([[0.4, 0.1], [0.3, 0.7]], normal(2, 2), 0.6)
def undone_divisions(rows, a, k):
    b = np.eye(2) * 2.0 + 0.1 * a
    det = np.linalg.det(b)
    total = np.log(det) * k + np.sum(a) / k * k
    return total + np.log(k) * k / 3.0 + sum([sum(row) for row in rows]) * rows[0][1] / det * det
