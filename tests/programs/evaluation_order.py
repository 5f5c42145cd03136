"""Operands, indices and arguments that write to what others read: Python goes from left to right."""

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
def item_that_its_summand_writes(x, y):
    a = x * y
    a[0] += bump(a)
    return (a * a).sum()


@program(X, Y, wrt=(0,))
def item_whose_index_writes(x, y):
    a = x * y
    a[int(bump(y, 1, 0.5))] += bump(a)
    return (a * a * y).sum()


@program(X, Y, wrt=(0,))
def store_order(x, y):
    a = x * y
    a[int(bump(y, 1, 0.5))] = bump(a) * y[1]
    return (a * a * y).sum()


@program(X, Y)
def aug_name(x, y):
    a = x * y
    s = a[0]
    s += bump(a)
    s *= a[0] + bump(a) + a[0]
    return s


@program(X, Y)
def aug_array(x, y):
    a = x * y
    a += shift(a)
    return (a * a).sum()


@program(X, Y)
def aug_array2(x, y):
    a = x * y
    a *= a + shift(a)
    return (a * a).sum()


@program(X, Y)
def compare(x, y):
    a = x * y
    if a[0] < bump(a) < a[0] + 1:
        return (a * x).sum()
    return a[0]


@program(X, Y)
def compare_chain(x, y):
    a = x * y
    n = 0.0
    if bump(a) < bump(a, 1) < bump(a, 2):
        n = 1.0
    return (a * a).sum() + n


@program(X, Y)
def boolop(x, y):
    a = x * y
    if bump(a) > 100 and bump(a) > 0 or bump(a, 1) > 0 or bump(a, 1) > 0:
        return (a * a).sum()
    return a[0]


@program(X, Y)
def boolop_value(x, y):
    a = x * y
    s = (bump(a) > 100 and bump(a, 1)) or bump(a, 2)
    return (a * a).sum() * s


@program(X, Y)
def dict_order(x, y):
    a = x * y
    d = {"p": a[0], "q": bump(a), "r": a[0], "s": a}
    bump(a)
    return d["p"] + 2 * d["q"] + 3 * d["r"] + d["s"][0]


def g_of_kw_order(p, q, r=0.0):
    return p + 2 * q + 3 * r


@program(X, Y)
def kw_order(x, y):
    a = x * y
    return g_of_kw_order(q=a[0], r=bump(a), p=a[0])


@program(X, Y)
def ifexp(x, y):
    a = x * y
    return (bump(a) if bump(a, 1) > 0 else bump(a, 2)) * a.sum()


@program(X, Y, wrt=(0,))
def subscript(x, y):
    a = x * y
    return shift(a)[int(bump(y, 1, 0.5))] * a[0] * y[1]


@program(X, Y)
def tuple_swap(x, y):
    a = x * y
    a[0], a[1] = a[1], bump(a)
    a[0], k = 1.0 * a[2], 0
    a[k], a[k + 1] = a[k + 1], a[k]
    return (a * x).sum()


@program(X, Y)
def index_then_assign(x, y):
    a = x * y
    i = 0
    i, a[i] = 1, 5.0 * x[0]
    return (a * a).sum() * i


@program(X, Y)
def chained_assign(x, y):
    a = x * y
    i = a[0] = bump(a)
    b = c = a
    c[1] = i
    return (a * b * c).sum()


@program(X, Y)
def chained_index(x, y):
    a = x * y
    k = 0
    k = a[k] = 2
    return (a * a).sum() * k


@program(X, Y)
def walrus_order(x, y):
    a = x * y
    s = (t := a[0]) + bump(a) * t + (t := a[0]) * t
    return s * t


@program(X, Y)
def lambda_late(x, y):
    a = x * y
    h = lambda: a[0] * 2
    s = h() + bump(a) + h()
    return s


@program(X, Y)
def default_early(x, y):
    a = x * y
    def h(v=a[0], w=a):
        return v + w[0]
    bump(a)
    return h() * h(1.0) * h(w=x)


class C_method_order:
    def __init__(self, a):
        self.a = a
    def up(self):
        self.a = self.a * 2
        return self
    def get(self, v):
        return (self.a * v).sum()


@program(X, Y)
def method_order(x, y):
    c = C_method_order(x * 1.0)
    return c.get(c.up().a) + c.up().get(y) * c.a[0]


class C_attr_aug:
    def __init__(self, k):
        self.k = k
    def up(self):
        self.k *= 2
        return self.k


@program(X, Y)
def attr_aug(x, y):
    c = C_attr_aug(x[0])
    c.k += c.up()
    c.k = c.k + c.up() * c.k
    return c.k * y[0]


@program(X, Y)
def nonlocal_order(x, y):
    s = x[0]
    def up():
        nonlocal s
        s = s * 2
        return s
    t = s + up() * s + up()
    s += up()
    s = s * up()
    return s * t


@program(X, Y)
def fstring(x, y):
    a = x * y
    t = f"{y[0]:.3f}{bump(y):.3f}{y[0]:.3f}"
    return (a * y).sum() * len(t)


@program(X, Y)
def for_iter(x, y):
    a = x * y
    s = 0.0
    for v in shift(a):
        s = s + v * a[2]
        a[2] = a[2] * 0.5
    return s


def g_of_return_order(a):
    try:
        return a[0] * 2
    finally:
        a[0] = 7.0


@program(X, Y)
def return_order(x, y):
    a = x * y
    return g_of_return_order(a) * a[0] + a.sum()


@program(X, Y)
def slice_order(x, y):
    a = x * y
    k = 0
    b = a[k:(k := 2)]
    return (b * k).sum() + a[k]


@program(X, Y)
def comp_cond(x, y):
    a = x * y
    l = [v * bump(a) for v in x if bump(a, 1) > 0.01 or bump(a, 2) > 0]
    return sum(l) * a.sum()


@program(X, Y)
def nested_call(x, y):
    a = x * y
    return bump(a, 0, bump(a, 1, bump(a, 2))) + a[0] * a[1] * a[2]


@program(X, Y)
def inplace_view_order(x, y):
    a = x * y
    v = a[1:]
    a[:2] += v * bump(a, 1)
    v -= a[:2]
    return (a * x).sum()


@program(X, Y)
def mat_aug(x, y):
    m = np.outer(x, y)
    m[0] += m[:, 0] * shift(m[1])
    m[:, 2] *= m[2]
    m += m.T
    return (m * m).sum()


@program(X, Y, wrt=(0,))
def deleted_by_an_index_that_writes(x, y):
    a = x * y
    l = [a, a * 2, a * 3]
    del l[int(bump(y, 1, 0.5)) - 1]
    return (l[0] * l[1] * y).sum()


@program(X, Y)
def message_that_is_not_evaluated(x, y):
    a = x * y
    assert bump(a) > 0, bump(a, 1)
    return (a * a).sum()
