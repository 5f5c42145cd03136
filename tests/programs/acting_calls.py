"""Calls that carry no derivative, and write to what others read: they run once, where they stand."""

import numpy as np

from tests.programs.corpus import program

X, Y = np.array([0.3, 0.7, 1.1]), np.array([1.0, 2.0, 0.5])


def bump(a, k=0, by=2.0):
    a[k] = a[k] * by
    return a[k]


def shift(a):
    a += 1
    return a


@program(X, Y)
def factor_that_writes(x, y):
    return (x * y).sum() * bump(y) + x[0] * y[0]


@program(X, Y)
def mul2(x, y):
    z = x * bump(y)
    return (z * y * bump(y, 1)).sum()


@program(X, Y)
def arr(x, y):
    z = x * shift(y)
    return (z * y * shift(y)).sum() * y[0]


@program(X, Y)
def exponent_that_writes(x, y):
    z = x ** bump(y)
    return (z / bump(y, 1)).sum() * y[1]


@program(X, Y)
def dot(x, y):
    return x @ shift(y) + np.sin(x * shift(y)).sum() + y[0] * x[0]


@program(X, Y)
def where(x, y):
    return np.where(shift(y) > 2.1, x, 2 * x).sum() * y[0]


@program(X, Y, wrt=(0,))
def loop_bound(x, y):
    s = x[0]
    for k in range(int(bump(y, 1))):
        s = s * x[1] + y[1]
    return s


@program(X, Y, wrt=(0,))
def loop_bound2(x, y):
    s = x[0]
    for j in range(2):
        for k in range(int(bump(y, 1, 1.5))):
            s = s * x[1] + y[1]
    return s


@program(X, Y)
def test_that_writes(x, y):
    s = x[0]
    for j in range(3):
        if bump(y) > 3:
            s = s * x[1] * y[0]
        else:
            s = s * x[2] + bump(y, 1)
    return s


@program(X, Y, wrt=(0,))
def slice_whose_bounds_write(x, y):
    s = x[int(bump(y, 0, 1.0)):int(bump(y, 1, 1.5))]
    return (s * y[1]).sum()


@program(X, Y, wrt=(0,))
def store_idx(x, y):
    z = x * 1.0
    z[int(bump(y, 0, 2.0))] = x[0] * x[1]
    z[int(bump(y, 2, 2.0))] *= x[2]
    return (z * y).sum()


@program(X, Y)
def aug_inactive(x, y):
    y[0] += bump(y)
    y[1] -= bump(y, 1) + y[1]
    return (x * y).sum()


@program(X, Y)
def aug_inactive_view(x, y):
    y[:2] += shift(y)[1:]
    y[[0, 2]] += shift(y)[:2]
    return (x * y).sum()


@program(X, Y)
def pop(x, y):
    l = [3.0, 2.0, 0.5]
    return x[0] * l.pop() * l.pop() + x[1] * l[0] * len(l)


@program(X, Y)
def next_of_a_list(x, y):
    it = iter([3.0, 2.0, 0.5])
    return x[0] * next(it) * next(it) + x[1] * next(it)


@program(X, Y)
def rng(x, y):
    r = np.random.default_rng(0)
    z = x * r.normal()
    w = (x * r.normal(size=3) * z).sum()
    return w * r.random() * z.sum()


class T_method:
    def __init__(self):
        self.n = 1.0
    def tick(self):
        self.n += 1
        return self.n


@program(X, Y)
def method(x, y):
    t = T_method()
    z = x * t.tick()
    return (z * t.tick()).sum() * t.tick() * t.n


def ticks_of_gen():
    n = 1.0
    while n < 10:
        yield n
        n *= 2


@program(X, Y)
def gen(x, y):
    s = 0.0
    for t in ticks_of_gen():
        s = s * t + x.sum() ** t
    return s


@program(X, Y)
def clip(x, y):
    return np.clip(x * 3, bump(y, 0, 1.1), bump(y, 1, 1.1)).sum() * y[0]


@program(X, Y)
def einsum(x, y):
    return np.einsum("i,j->", x, shift(y)) * np.tensordot(x, shift(y), axes=1) * y[0]


@program(X, Y)
def take(x, y):
    i = [0, 1]
    return np.take(x, [i.pop(), 0]).sum() * x[i.pop()] * x[len(i)]


@program(X, Y)
def dict_pop(x, y):
    d = {"a": 2.0, "b": 3.0}
    return x[0] ** d.pop("a") + x[1] * d.pop("b") * (1 + len(d))


@program(X, Y)
def setdefault(x, y):
    d = {}
    return x[0] * d.setdefault("a", 2.0) + x[1] * d.setdefault("a", 3.0) * len(d)


@program(X, Y)
def seed_arg(x, y):
    a = np.full(3, bump(y)) * x
    b = np.arange(bump(y), 9.0, 2.0)[:3] * a
    return b.sum() * np.linspace(bump(y), bump(y), 3) @ x


@program(X, Y)
def operand_chosen_by_a_test_that_writes(x, y):
    z = x * shift(y) if bump(y) > 0 else x
    return (z + (y if bump(y) > 100 else y * 2)).sum() * y[0]


@program(X, Y)
def comp(x, y):
    return sum(v * bump(y, k) for k, v in enumerate(x)) * y.sum()


@program(X, Y)
def chain_cmp(x, y):
    return (x * (0 < bump(y) < bump(y, 1) < bump(y, 2, 30.0))).sum() * y[0] * y[2]


@program(X, Y)
def lambda_that_writes(x, y):
    h = lambda v: v * bump(y)
    return h(x).sum() * h(x[0]) * h(2.0) * y[0]


def g_of_default_that_writes(x, k=None):
    return x * (bump(k) if k is not None else 1.0)


@program(X, Y)
def default_that_writes(x, y):
    return (g_of_default_that_writes(x, y) * g_of_default_that_writes(x) * g_of_default_that_writes(x, k=y) * y).sum()
