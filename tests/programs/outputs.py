"""Where results lie in memory: `out=` and `where=`, `copy=`, splits, parts of complex arrays, `ufunc.at`."""

import numpy as np

from tests.programs.corpus import program as register

_numbers = np.random.default_rng(53)


def unit(*shape):
    return _numbers.uniform(0.2, 0.9, size=shape)


def program(*args, **options):
    return register(*args, writes=True, **options)


@program(unit(4))
def parts_of_a_split_are_views(x):
    a, b = np.split(x, [1])
    b *= a
    return np.sum(x**2)


@program(unit(2, 2))
def columns_of_a_split(m):
    a = m * 1
    columns = np.hsplit(a, 2)
    columns[0] *= 2
    columns[0][0, 0] = columns[1][1, 0]
    top, bottom = np.vsplit(a, 2)
    bottom += top**2
    return np.sum(a**2)


@program(unit(2, 3))
def split_in_a_loop(m):
    a = m * 1
    for _ in range(3):
        d, e = np.array_split(a, 2, axis=1)
        d += e[:, :1] ** 2
        a[0] *= d[1, 0]
    return np.sum(a**2)


@program(unit(4), 0.4, also=[(unit(4), 1.4)])
def split_on_two_paths(x, k):
    a = x * 1
    if k > 1:
        d, e = np.split(a, 2)
    else:
        e, d = np.split(a, 2)
    d[0] = e[1] ** 2
    return np.sum(a**2) + d[0] * e[0]


@program(unit(4))
def split_parts_kept_in_a_list(x):
    a = x * 1
    keep = []
    for part in np.split(a, 2):
        keep.append(part)
        part *= part[0]
    keep[0][1] = keep[1][0] ** 2
    return np.sum(a**2)


@program(unit(4))
def split_part_returned(x):
    def halves(v):
        return np.split(v, 2)

    p, q = halves(x)
    q[:] = p**2
    (r,) = np.split(q, 1)
    r -= 1
    return np.sum(x**2)


@program(unit(2, 2))
def output_by_position(m):
    c = np.zeros((2, 2))
    np.sum(m, 0, None, c[0])
    np.mean(m, 1, None, c[1])
    np.cumsum(m[0], 0, None, c[:, 0])
    np.max(m, 0, c[1])
    m.mean(0, None, c[:, 1])
    return np.sum(c**2)


@program(unit(2, 2))
def output_of_methods(m):
    s = np.sum(m, axis=0, keepdims=True, out=np.zeros((1, 2)))
    t = np.zeros((2, 1))
    m.sum(axis=1, keepdims=True, out=t)
    u = m.cumsum(axis=0, out=np.zeros((2, 2)))
    m.cumprod(axis=1, out=u)
    u.min(axis=0, out=s[0])
    u.std(axis=0, out=t[:, 0])
    return np.sum(s * t * u)


@program(unit(2, 2))
def output_of_joins(m):
    c, d = np.zeros((2, 2)), np.zeros((4, 2))
    np.concatenate([m, m * m], 0, d)
    np.take(m, [1, 0], 0, c)
    np.stack([m[0], d[1]], 1, c)
    e = np.zeros(())
    np.trace(c, 0, 0, 1, None, e)
    np.ptp(m, 0, d[0])
    np.median(m, 0, d[1])
    return np.sum(c**2) + e * np.sum(d)


@program(unit(2, 2), refused="S202")
def joined_into_itself(m):
    c = m * 1
    np.stack([m[0], c[1]], 1, c)
    return np.sum(c**2)


@program(unit(2, 2) + 0.3)
def output_where(m):
    c = m * 1
    np.add(m, m, out=c, where=m > 0.7)
    np.log(m - 0.7, out=c, where=m > 0.8)
    np.multiply(c, m, out=c, where=[[True], [False]])
    return np.sum(c**2)


@program(unit(4))
def arrays_not_copied(x):
    y = np.array(x, copy=None)
    y[2] = x[1] ** 2
    z = x.astype(float, copy=False)
    z[0] *= 3
    v = x.view()
    v[1:] += x[:-1]
    w = np.asarray(x, copy=True)
    w[0] = 2.0
    return np.sum(x**2) + w[0] * w[1]


@program(unit(4))
def cleaned_in_place(x):
    y = x * 1
    z = np.nan_to_num(y, False)
    z[0] = 3.0
    return np.sum(y**2)


@program(unit(2, 3))
def choices_in_an_array(m):
    return np.sum(np.choose([0, 1, 1], m) ** 2)


@program(unit(3))
def complex_made_of_real(x):
    z = x + 0j
    z[0] = 1j * x[1]
    i = z.imag
    i += x**2
    z *= 1j
    i[0] = 0.0
    return np.sum(np.abs(z) ** 2 + 3 * z.imag)


@program(unit(3))
def complex_recurrence(x):
    z = x + 0j
    for i in range(1, 3):
        z[i] = z[i - 1] * 1j + x[i]
    return np.sum(np.abs(z) ** 2) + z[1].imag


@program(unit(3))
def complex_parts_stored(x):
    z = x * 1j
    z.imag = z.real * 2 + x
    z.real += 1
    z.real = x**2 * z.imag
    z.imag[0] = 3.0
    return np.sum(np.abs(z) ** 2)


@program(unit(3))
def flat_stored_whole(x):
    a = np.outer(x, x)
    a.flat = x
    a.flat[::4] = x
    b = a.flat[3] * 2
    a.flat[1:3] *= 2
    a.flat[4] += b
    return np.sum(a**2)


@program(unit(2, 3))
def put_by_mode(m):
    a = m * 1
    a.put([0, 3], [m[0, 1], 5.0])
    np.put(a, [-1, 1, 8], m[0], mode="wrap")
    np.put(a, [-1, 1, 8], m[1], mode="clip")
    b = np.tile(m, (3, 1))
    np.fill_diagonal(b, m[0, :2], wrap=True)
    return np.sum(a**3) + np.sum(b**2)


@program(unit(4), unit(3))
def updates_at_places(x, e):
    y = x.copy()
    np.multiply.at(y, slice(0, 2), 2.0)
    np.power.at(y, [0, 1], 2.0)
    np.sin.at(y, [1, 2])
    np.divide.at(y, [0, 0], e[:2])
    np.multiply.at(y, x > 0.5, e[0])
    np.maximum.at(y, [0, 2], e[0])
    return np.sum(y**2)


@program(unit(2, 3), unit(3))
def updates_at_pairs(m, e):
    y = m * 1
    np.multiply.at(y, ([0, 0, 1], [1, 1, 2]), e)
    np.negative.at(y, ([0, 0, 1], [0, 0, 2]))
    change = np.subtract.at
    change(y, (slice(None), [0, 0, 2]), e)
    return np.sum(y**2)


@program(np.array([[0.36, 0.5], [-1.0, 1.1]]), refused="S202")
def diagonal_filled_from_its_own_row(x):
    a = x * 1.0
    np.fill_diagonal(a, a[0, ::-1])
    return (a * x).sum()
