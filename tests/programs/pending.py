"""Inactive values that wait where they were computed, while what they were computed from is written."""

import dataclasses
import functools
from collections import namedtuple

import numpy as np

from tests.programs.corpus import program

X, Y = np.array([0.3, 0.7, 1.1]), np.array([1.0, 2.0, 0.5])
Pair = namedtuple("Pair", "a b")


def doubled(a):
    a[:] = a * 2
    return 1.0


def first_raised(a):
    a[0] = a[0] + 1
    return 2.0


class Cell:
    def __init__(self, a):
        self.a = a


class Products:
    def __init__(self, a):
        self.a = [a * 2, a @ a]


@dataclasses.dataclass
class Mixed:
    a: np.ndarray
    b: tuple


@program(X, Y, wrt=(0,))
def list_of_a_sum_and_a_product(x, y):
    l = [y + 1.0, y @ y]
    y[:] = 0.5
    return sum(l[0] * x) + l[1]


def helper_of_list_before_an_argument_that_writes(l, b, x):
    return sum(l[0] * x) * b


@program(X, Y, wrt=(0,))
def list_before_an_argument_that_writes(x, y):
    return helper_of_list_before_an_argument_that_writes([y + 1.0], doubled(y), x)


@program(X, Y, wrt=(0,))
def dict_of_a_negative(x, y):
    d = {"a": -y}
    y += 1
    return (d["a"] * x).sum()


def helper_of_tuple_that_a_callee_returns(y):
    return y * 2, y > 1


@program(X, Y, wrt=(0,))
def tuple_that_a_callee_returns(x, y):
    a, b = helper_of_tuple_that_a_callee_returns(y)
    y[:] = 0
    return (a * x * b).sum()


@program(X, Y, wrt=(0,))
def tuple_before_a_loop_that_writes(x, y):
    c = (y * 2, 1.0)
    for k in range(2):
        y[k] = 0.0
    return (c[0] * x).sum()


@program(X, Y, wrt=(0,))
def field_of_an_object(x, y):
    c = Cell(y * 2)
    y[:] = 0
    return (c.a * x).sum()


def helper_of_keyword_beside_what_the_callee_writes(x, a=None, b=None):
    b[:] = 0
    return (x * a[0]).sum()


@program(X, Y, wrt=(0,))
def keyword_beside_what_the_callee_writes(x, y):
    return helper_of_keyword_beside_what_the_callee_writes(x, a=[y + 1], b=y)


@program(X, Y, wrt=(0,))
def item_by_a_conditional(x, y):
    l = [y * 2 if x[0] > 0 else y * 3]
    y[:] = 0
    return (x * l[0]).sum()


@program(X, Y, wrt=(0,))
def items_of_a_comprehension(x, y):
    l = [y * k for k in range(3)]
    y[:] = 0
    return sum((x * v).sum() for v in l)


@program(X, Y, wrt=(0,))
def items_appended_in_a_loop(x, y):
    l = []
    for k in range(3):
        l.append(y * 2)
        y[k] = 0
    return sum((x * v).sum() for v in l)


@program(X, Y, wrt=(0,))
def lists_in_a_list(x, y):
    l = [[y @ y, y + y], (y * 2,)]
    y[:] = 0
    return (l[0][0] * x + l[0][1] + l[1][0] * x).sum()


def helper_of_list_that_a_callee_returns(y):
    return [y * 2, y.sum()]


@program(X, Y, wrt=(0,))
def list_that_a_callee_returns(x, y):
    l = helper_of_list_that_a_callee_returns(y)
    y[:] = 0
    return (l[0] * x).sum() * l[1]


@program(X, Y, wrt=(0,))
def default_in_a_tuple(x, y):
    def g(v, w=(y * 2,)):
        return (v * w[0]).sum()
    y[:] = 0
    return g(x)


def helper_of_rest_of_the_arguments(x, *rest):
    rest[1][:] = 0
    return (x * rest[0]).sum()


@program(X, Y, wrt=(0,))
def rest_of_the_arguments(x, y):
    return helper_of_rest_of_the_arguments(x, y + 1, y)


@program(X, Y, wrt=(0,))
def field_of_a_named_tuple(x, y):
    n = Pair(y * 2, y)
    y[:] = 0
    return (x * n.a).sum() + n.b.sum()


@program(X, Y, wrt=(0,))
def view_and_number_in_a_list(x, y):
    l = [y[:2], y[1] * 2]
    y[:] = 0.5
    return l[0].sum() * x[0] + l[1]


@program(X, Y, wrt=(0,))
def two_numbers_swapped(x, y):
    a, b = y[0] * 2, y[1]
    y[0], y[1] = b, a
    return (x * y).sum() + a


@program(X, Y, wrt=(0,))
def two_stores_at_once(x, y):
    y[0], y[1] = y[1] * 2, y[0] * 3
    return (x * y).sum()


@program(X, Y, wrt=(0,))
def factor_that_a_factor_writes(x, y):
    return y[0] * first_raised(y) * x[0] + y[0]


@program(X, Y, wrt=(0,))
def term_that_a_term_writes(x, y):
    z = y[0] + first_raised(y) + y[0]
    return z * x.sum()


@program(X, Y, wrt=(0,))
def list_before_a_while_loop(x, y):
    l = [y + 1, 2]
    k = 0
    while k < 2:
        y[k] = l[0][k + 1]
        k += 1
    return (x * y * l[0]).sum()


@program(X, Y, wrt=(0,))
def tuple_made_anew_in_a_loop(x, y):
    l = (y * 2, y * 3)
    for k in range(2):
        l = (y * 2, l[0])
        y[k] = 0.0
    return (x * l[0] * l[1]).sum()


@program(X, Y, wrt=(0,))
def list_made_in_a_branch(x, y):
    if x[0] > 0:
        l = [y * 2, y @ y]
    else:
        l = [y * 3, y @ y]
    y[:] = 0
    return (x * l[0]).sum() + l[1]


@program(X, Y, wrt=(0,))
def list_in_an_object(x, y):
    c = Products(y)
    y[:] = 0
    return (c.a[0] * x).sum() + c.a[1]


@program(X, Y, wrt=(0,))
def dict_made_by_keywords(x, y):
    d = dict(a=y * 2, b=y @ y)
    y[:] = 0
    return (d["a"] * x).sum() + d["b"]


@program(X, Y, wrt=(0,))
def dict_made_of_another(x, y):
    d = {**{"a": y * 2}, "b": y.T + 1}
    y[:] = 0
    return (d["a"] * x).sum() + d["b"].sum()


@program(X, Y, wrt=(0,))
def items_by_setdefault(x, y):
    d = {}
    d.setdefault("a", y * 2)
    d.setdefault("b", [y + 1])
    y[:] = 0
    return (d["a"] * x).sum() + d["b"][0].sum()


@program(X, Y, wrt=(0,))
def zipped_list(x, y):
    s = 0.0
    for p, q in zip([y * 2, y * 3], [x[0], x[1]]):
        y[:] = 1.0
        s = s + (p * q).sum()
    return s


@program(X, Y, wrt=(0,))
def lists_joined(x, y):
    l = [y * 2] + [y * 3]
    y[:] = 0
    return (l[1] * x).sum()


@program(X, Y, wrt=(0,))
def items_appended_of_several_kinds(x, y):
    l = []
    l.append(y * 2)
    l.append((y @ y, 1))
    y[:] = 0
    return (l[0] * x).sum() + l[1][0]


def helper_of_argument_of_a_partial(a, x):
    return (a * x).sum()


@program(X, Y, wrt=(0,))
def argument_of_a_partial(x, y):
    h = functools.partial(helper_of_argument_of_a_partial, y * 2)
    y[:] = 0
    return h(x)


@program(X, Y, wrt=(0,))
def default_of_a_lambda(x, y):
    h = lambda v, a=y * 2: (v * a).sum()
    y[:] = 0
    return h(x)


@program(X, Y, wrt=(0,))
def list_of_a_map(x, y):
    l = list(map(lambda v: v * 2, [y, y + 1]))
    y[:] = 0
    return (l[0] * x + l[1]).sum()


@program(X, Y, wrt=(0,))
def starred_rest(x, y):
    a, *r = y * 2, y * 3, y * 4
    y[:] = 0
    return (a * x + r[1]).sum()


@program(X, Y, wrt=(0,))
def item_under_a_name(x, y):
    l = [(t := y * 2), t + 1]
    y[:] = 0
    return (l[0] * x + l[1] + t).sum()


def helper_of_tuple_of_an_inner_function(a):
    def h():
        return a * 2, [a + 1]
    return h()


@program(X, Y, wrt=(0,))
def tuple_of_an_inner_function(x, y):
    l = helper_of_tuple_of_an_inner_function(y)
    y[:] = 0
    return (l[0] * x + l[1][0]).sum()


def helper_of_tuples_that_a_generator_yields(a):
    yield a * 2, a @ a
    a[:] = 0.5
    yield a * 3, a @ a


@program(X, Y, wrt=(0,))
def tuples_that_a_generator_yields(x, y):
    s = 0.0
    for p, q in helper_of_tuples_that_a_generator_yields(y):
        s = s + (p * x).sum() * q
    return s


@program(X, Y, wrt=(0,))
def fields_of_a_dataclass(x, y):
    d = Mixed(y * 2, (y @ y, y))
    y[:] = 0
    return (d.a * x).sum() * d.b[0] + d.b[1].sum()


@program(X, Y, wrt=(0,))
def indices_in_a_list(x, y):
    k = [int(y[0]), int(y[1])]
    y[:] = 0
    return x[k[0]] * x[k[1]] + y[0]


@program(X, Y, wrt=(0,))
def slice_with_numbers_read(x, y):
    s = slice(int(y[0] - 1), int(y[1]))
    y[:] = 0
    return x[s].sum()


@program(X, Y, wrt=(0,))
def text_of_a_number_read(x, y):
    t = [f"{y[0]}", y[0]]
    y[:] = 0
    return x.sum() if t[0] == "1.0" else x[0] * t[1]
