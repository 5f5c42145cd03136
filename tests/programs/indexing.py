"""Loads from arrays and changes of shape: slices with steps, negative indices, masks, repeated integers."""

import numpy as np

from tests.programs.corpus import normal, program


@program(normal(5), numba=True)
def one_element(x):
    return x[0] * x[-1] + x[2]


@program(normal(4, 3), numba=True)
def element_of_matrix(a):
    return a[1, 2] * a[-1, 0] + a[0][1]


@program(normal(6), numba=True)
def slices(x):
    return np.sum(x[1:] * x[:-1]) + np.sum(x[2:4] ** 2)


@program(normal(7), numba=True)
def steps(x):
    return np.sum(x[::2] ** 2) + np.sum(x[1::3] ** 3) + np.sum(x[::-1] * x)


@program(normal(7))
def negative_bounds(x):
    return np.sum(x[-3:] * x[-4:-1]) + np.sum(x[-1:-4:-1] ** 2)


@program(normal(4, 5), numba=True)
def rows_and_columns(a):
    return np.sum(a[0] * a[1]) + np.sum(a[:, 2] ** 2) + np.sum(a[1:3, ::2] ** 3)


@program(normal(2, 3, 4))
def ellipsis(a):
    return np.sum(a[..., 0] ** 2) + np.sum(a[0, ...] * a[1]) + np.sum(a[..., 1:, 2])


@program(normal(4))
def new_axis(x):
    return np.sum(x[:, None] * x[None, :] ** 2) + np.sum(x[np.newaxis] ** 3)


@program(normal(5))
def integer_array(x):
    return np.sum(x[np.array([0, 2, 4])] ** 2)


@program(normal(5))
def repeated_integers(x):
    index = np.array([0, 1, 1, 3, 1])
    return np.sum(x[index] ** 3)


@program(normal(5), np.array([3, 3, 0, -1]))
def index_argument(x, index):
    return np.sum(x[index] ** 2)


@program(normal(5))
def list_index(x):
    return np.sum(x[[0, 2, 2]] ** 2)


@program(normal(4, 5))
def two_integer_arrays(a):
    return np.sum(a[np.array([0, 1, 1]), np.array([2, 3, 3])] ** 2)


@program(normal(4, 5))
def integers_and_slice(a):
    return np.sum(a[np.array([0, 0, 3])] ** 2) + np.sum(a[:, np.array([1, 1])] ** 3)


@program(normal(4, 5))
def integers_broadcast(a):
    rows = np.array([0, 2])
    columns = np.array([1, 1, 4])
    return np.sum(a[rows[:, None], columns] ** 2)


@program(normal(6))
def mask(x):
    return np.sum(x[x > 0] ** 2)


@program(normal(4, 3))
def mask_matrix(a):
    return np.sum(a[a > 0.2] ** 3)


@program(normal(4, 3))
def mask_rows(a):
    return np.sum(a[np.array([True, False, True, True])] ** 2)


@program(normal(4, 3))
def mask_and_integer(a):
    return np.sum(a[np.array([True, False, True, True]), 1] ** 2)


@program(normal(5), 2, also=[(normal(5), -2)])
def index_by_argument(x, k):
    return x[k] * x[k - 1]


@program(normal(8), 3)
def slice_by_argument(x, k):
    return np.sum(x[k:] ** 2) * np.sum(x[:k])


@program(normal(12))
def reshaped(x):
    a = x.reshape(3, 4)
    b = np.reshape(a, (2, -1))
    return np.sum(a[1] * a[2]) + np.sum(b[0] * b[1])


@program(normal(3, 4))
def ravelled(a):
    v = a.ravel()
    return np.sum(v[1:] * v[:-1]) + np.sum(a.flatten() ** 3)


@program(normal(3, 4), numba=True)
def transposed(a):
    return np.sum(a @ a.T) + np.sum(np.transpose(a)[0] ** 2)


@program(normal(2, 3, 4))
def axes_moved(a):
    b = np.transpose(a, (2, 0, 1))
    c = a.swapaxes(0, 2)
    e = np.moveaxis(a, 0, -1)
    return np.sum(b[0] ** 2) + np.sum(c[1] ** 3) + np.sum(e[..., 0] ** 2)


@program(normal(4))
def expanded_and_squeezed(x):
    y = np.expand_dims(x, 0)
    return np.sum(np.squeeze(y) * x) + np.sum(y**2)


@program(normal(4))
def broadcast(x):
    y = np.broadcast_to(x, (3, 4))
    return np.sum(y * np.arange(12.0).reshape(3, 4) * y)


@program(normal(3), normal(2))
def concatenated(x, y):
    z = np.concatenate([x, y, x])
    return np.sum(z * z * np.arange(8.0))


@program(normal(2, 3), normal(1, 3))
def concatenated_rows(a, b):
    z = np.concatenate((a, b), axis=0)
    return np.sum(z**3) + np.sum(np.concatenate([a, a], axis=1) ** 2)


@program(normal(3), normal(3))
def stacked(x, y):
    return np.sum(np.stack([x, y]) ** 2) + np.sum(np.stack((x, y), axis=1)[0] ** 3)


@program(normal(3), normal(3))
def stacked_by_hand(x, y):
    return (
        np.sum(np.hstack([x, y]) ** 2)
        + np.sum(np.vstack([x, y])[1] ** 3)
        + np.sum(np.column_stack([x, y])[:, 0] * y)
    )


@program(normal(3))
def tiled_and_repeated(x):
    return np.sum(np.tile(x, 2) ** 2 * np.arange(6.0)) + np.sum(np.repeat(x, 3) ** 3) + np.sum(np.tile(x, (2, 1)))


@program(normal(5))
def flipped_and_rolled(x):
    return np.sum(np.flip(x) * x) + np.sum(np.roll(x, 2) * x) + np.sum(np.roll(x, -1) ** 2 * x)


@program(normal(3, 4))
def rolled_axis(a):
    laplacian = np.roll(a, 1, axis=0) + np.roll(a, -1, axis=0) + np.roll(a, 1, 1) + np.roll(a, -1, 1) - 4.0 * a
    return np.sum(laplacian**2)


@program(normal(4))
def at_least(x):
    return np.sum(np.atleast_2d(x) ** 2) + np.sum(np.atleast_1d(x[0]) ** 2)


@program(normal(4))
def likes(x):
    z = np.zeros_like(x) + np.ones_like(x) * x + np.full_like(x, 2.0)
    return np.sum(z * z)


@program(normal(4))
def grids(x):
    a, b = np.meshgrid(x, x[:3])
    return np.sum(a * b * b)


@program(normal(4))
def constants_built(x):
    n = x.shape[0]
    return np.sum(np.ones(n) * x + np.arange(n) * x + np.linspace(0.0, 1.0, n) * x**2 + np.eye(n) @ x)


@program(normal(3, 4))
def shape_arithmetic(a):
    m, n = a.shape
    return np.sum(a) / (m * n) + np.sum(a**2) / a.size + a.ndim * a[0, 0] + len(a) * a[1, 1]


@program(normal(4))
def copies(x):
    y = x.copy()
    z = np.copy(y)
    w = np.asarray(z)
    return np.sum(y * z * w)


@program(normal(4))
def cast(x):
    return np.sum(x.astype(float) * x.astype(np.float64))


@program(normal(3, 4))
def slice_of_slice(a):
    b = a[1:]
    c = b[:, 1:3]
    return np.sum(c[0] * c[1])


@program(normal(6), np.array([0, 2, 5]))
def gather_in_loop(x, index):
    s = 0.0
    for k in index:
        s = s + x[k] ** 2
    return s


@program(normal(5))
def taken(x):
    return np.sum(np.take(x, [0, 0, 3]) ** 2)


@program(normal(3, 3))
def split_in_columns(a):
    x, y, z = a[:, 0], a[:, 1], a[:, 2]
    return np.sum(x * y * z)


@program(normal(3, 2))
def unpacked_rows(a):
    x, y, z = a
    return np.sum(x * y) + np.sum(z**2)


@program(normal(3))
def unpacked_elements(v):
    x, y, z = v
    return x * y + z * z


@program(normal(3))
def item_and_tolist(x):
    first, second, third = x.tolist()
    return first * second + x.item(2)


@program(normal(3, 3), normal(3, 3))
def cross_products(a, b):
    return np.sum(np.cross(a, b)[:, 0] ** 2)


@program(np.array([0.3, 1.2, 2.4]), np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 4.0, 2.0, 7.0]), wrt=(0, 2))
def table_between_its_points(x, points, values):
    i = np.clip(np.searchsorted(points, x) - 1, 0, len(points) - 2)
    t = (x - points[i]) / (points[i + 1] - points[i])
    return np.sum(values[i] * (1 - t) + values[i + 1] * t)
