"""Iterators that read memory when their items are taken, which may be after it was written."""

import itertools

import numpy as np

from tests.programs.corpus import program

X, Y = np.array([0.3, 0.7, 1.1]), np.array([1.0, 2.0, 0.5])


def doubled(values):
    for v in values:
        yield v * 2


def doubled_first(a):
    a[0] = a[0] * 2
    return a[0]


def doubles_first(a, v):
    a[0] = a[0] * 2
    return v


class Cell:
    def __init__(self, k):
        self.k = k


@program(X, Y, refused="S101")
def generator_reads_a_variable_assigned_later(x, y):
    s = y[0]
    g = (v * s for v in x)
    s = y[1] * 2
    return sum(g)


@program(X, Y, refused="S101")
def generator_reads_a_dict_written_later(x, y):
    d = {"s": y[0]}
    g = (v * d["s"] for v in x)
    d["s"] = y[1] * 2
    return sum(g)


@program(X, Y, refused="S101")
def generator_over_an_array_written_later(x, y):
    a = x * 1.0
    g = (v * 2 for v in a)
    a[1] = y[0]
    return sum(g)


@program(X, Y, refused="S101")
def generator_over_a_list_that_grows(x, y):
    a = [x[0], x[1]]
    g = (v * 2 for v in a)
    a.append(y[0])
    a[0] = y[1]
    return sum(g)


@program(X, Y)
def map_over_a_list_written_later(x, y):
    a = [x[0], x[1]]
    g = map(lambda v: v * 2, a)
    a[0] = y[1]
    return sum(g)


@program(X, Y)
def map_reads_a_variable_assigned_later(x, y):
    s = y[0]
    g = map(lambda v: v * s, x)
    s = y[1]
    return sum(g)


@program(X, Y, refused="S101")
def filter_over_a_list_written_later(x, y):
    a = [x[0], x[1], x[2]]
    g = filter(lambda v: v > 0.5, a)
    a[0] = y[1]
    return sum(g)


@program(X, Y)
def zip_over_a_list_written_later(x, y):
    a = [x[0], x[1]]
    g = zip(a, y)
    a[0] = y[1]
    return sum(p * q for p, q in g)


@program(X, Y)
def enumerate_over_an_array_written_later(x, y):
    a = x * 1.0
    g = enumerate(a)
    a[0] = y[1]
    return sum(p * q for p, q in g)


@program(X, Y)
def reversed_list_written_later(x, y):
    a = [x[0], x[1]]
    g = reversed(a)
    a[0] = y[1]
    return sum(k * q for k, q in enumerate(g))


@program(X, Y)
def iterator_over_a_list_written_later(x, y):
    a = [x[0], x[1]]
    g = iter(a)
    a[0] = y[1]
    return next(g) * 3 + next(g)


@program(X, Y, refused="S101")
def accumulate_over_a_list_written_later(x, y):
    a = [x[0], x[1]]
    g = itertools.accumulate(a)
    a[0] = y[1]
    return sum(g)


@program(X, Y, refused="S101")
def chain_over_a_list_written_later(x, y):
    a = [x[0], x[1]]
    g = itertools.chain(a, y)
    a[0] = y[1]
    return sum(g)


@program(X, Y)
def generator_function_over_a_list_written_later(x, y):
    a = [x[0], x[1]]
    g = doubled(a)
    a[0] = y[1]
    return sum(g)


@program(X, Y)
def values_of_a_dict_written_later(x, y):
    d = {"a": x[0], "b": x[1]}
    g = d.values()
    d["a"] = y[1]
    return sum(g)


def total_after_a_write(g, a, y):
    a[0] = y[1]
    return sum(g)


@program(X, Y, refused="S101")
def generator_given_to_a_writer(x, y):
    a = x * 1.0
    return total_after_a_write((v * 2 for v in a), a, y)


@program(X, Y, refused="S101")
def generator_reads_a_field_assigned_later(x, y):
    c = Cell(y[0])
    g = (v * c.k for v in x)
    c.k = y[1]
    return sum(g)


@program(X, Y, refused="S107")
def generator_used_twice(x, y):
    g = (v * 2 for v in x)
    return sum(g) + sum(g) * 5 + max(y)


@program(X, Y, refused="S107")
def generator_used_up_by_any(x, y):
    g = (v for v in x)
    if any(v > 0.5 for v in g):
        return sum(g) * y[0]
    return y[1]


@program(X, Y, refused="S107")
def generators_kept_in_a_list(x, y):
    gens = []
    for k in range(3):
        gens.append((v * y[k] for v in x))
    return sum(sum(g) for g in gens)


@program(X, Y, refused="S101")
def generator_in_a_loop_that_assigns(x, y):
    s = y[0]
    for k in range(3):
        g = (v * s for v in x)
        s = s * 0.5
        s = sum(g)
    return s


@program(X, Y, refused="S101")
def generator_before_an_argument_that_writes(x, y):
    a = x * 1.0
    return sum((v * 2 for v in a), doubled_first(a))


@program(X, Y, refused="S101")
def generator_over_a_generator(x, y):
    s = y[0]
    g = (v * s for v in x)
    h = (w + s for w in g)
    s = y[1]
    return sum(h)


@program(X, Y, refused="S101")
def generator_reads_what_a_callee_assigns(x, y):
    s = y[0]
    def up():
        nonlocal s
        s = s * 2
    g = (v * s for v in x)
    up()
    return sum(g)


@program(X, Y, refused="S101")
def generator_reads_what_a_branch_assigns(x, y):
    s = y[0]
    g = (v * s for v in x)
    if x[0] > 0:
        s = y[1]
    return sum(g)


@program(X, Y)
def generator_under_the_name_of_what_it_runs_over(x, y):
    x = (v * 2 for v in x)
    return sum(x) * y[0]


@program(X, Y, refused="S101")
def combinations_of_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p, q in itertools.combinations(a, 2):
        s = s + p * q
        a[2] = a[2] * y[0] * 1.5
    return s


@program(X, Y, refused="S101")
def combinations_of_a_list_written_later(x, y):
    a = [x[0], x[1], x[2]]
    c = itertools.combinations(a, 2)
    a[0] = y[1]
    return sum(p * q for p, q in c)


@program(X, Y, refused="S101")
def product_of_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p, q in itertools.product(a, y):
        s = s + p * q
        a[1] = a[1] + 0.5 * p
    return s


@program(X, Y, refused="S101")
def cycle_over_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for k, p in enumerate(itertools.cycle(a)):
        if k > 6:
            break
        s = s + p * y[k % 3]
        a[1] = a[1] + 0.5 * p
    return s


@program(X, Y)
def enumerated_generator_reads_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for k, p in enumerate(doubled(a)):
        s = s + p
        if k < 2:
            a[k + 1] = p * y[k]
    return s


@program(X, Y, refused="S101")
def zipped_generator_function_reads_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p, q in zip(doubled(a), y):
        s = s + p * q
        a[2] = p * q
    return s


@program(X, Y, refused="S101")
def zipped_generator_function_reads_what_is_written_later(x, y):
    a = x * 1.0
    z = zip(doubled(a), y)
    a[2] = y[0]
    return sum(p * q for p, q in z)


@program(X, Y, refused="S101")
def zipped_generator_over_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p, q in zip((v * 2 for v in a), y):
        s = s + p * q
        a[2] = p * q
    return s


@program(X, Y, refused="S101")
def filter_over_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p in filter(lambda v: v > 0.5, a):
        s = s + p
        a[2] = p * y[0]
    return s


@program(X, Y, refused="S101")
def chain_over_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p in itertools.chain(a, y):
        s = s + p
        a[2] = p * y[0]
    return s


@program(X, Y)
def chain_while_another_array_is_written(x, y):
    out = np.zeros(6)
    k = 0
    for p in itertools.chain(x, y):
        out[k] = p * p
        k += 1
    return out.sum()


@program(X, Y, refused="S101")
def accumulate_over_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p in itertools.accumulate(a):
        s = s + p
        a[2] = p * y[0]
    return s


@program(X, Y, refused="S101")
def loop_over_a_list_that_it_extends(x, y):
    a = [x[0], x[1]]
    s = 0.0
    for v in a:
        s = s + v * v
        if len(a) < 5:
            a.append(v * y[0])
    return s


@program(X, Y, refused="S101")
def loop_over_a_list_that_it_shortens(x, y):
    a = [x[0], x[1], x[2], y[0]]
    s = 0.0
    for v in a:
        s = s + v * v
        a.pop()
    return s


@program(X, Y)
def first_hit_by_any_and_walrus(x, y):
    hit = y[0]
    if any((hit := v) > 0.5 for v in x):
        return hit * y[1]
    return y[2]


@program(X, Y)
def any_stops_before_the_effects_of_the_rest(x, y):
    a = y * 1.0
    if any(doubles_first(a, v) > 0.5 for v in x):
        return a[0] * 3
    return y[2]


@program(X, Y)
def next_has_the_effects_of_one_item(x, y):
    a = y * 1.0
    first = next(doubles_first(a, v) for v in x)
    return a[0] * first


@program(X, Y, refused="S101")
def next_of_what_the_loop_writes(x, y):
    a = x * 1.0
    g = (v * 2 for v in a)
    s = 0.0
    for k in range(2):
        s = s + next(g)
        a[k + 1] = s * y[k]
    return s


def scaled_sum(p, q):
    return p * sum(q)


@program(X, Y)
def argument_that_writes_before_a_generator(x, y):
    a = y * 1.0
    return scaled_sum(doubled_first(a), (v * v for v in a))


def sum_scaled(q, p):
    return p * sum(q)


@program(X, Y, refused="S101")
def argument_that_writes_after_a_generator(x, y):
    a = y * 1.0
    return sum_scaled((v * v for v in a), doubled_first(a))


@program(X, Y)
def islice_of_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p in itertools.islice(a, 2):
        s = s + p
        a[1] = p * y[0]
    return s


@program(X, Y, refused="S101")
def pairwise_over_what_the_loop_writes(x, y):
    a = x * 1.0
    s = 0.0
    for p, q in itertools.pairwise(a):
        s = s + p * q
        a[1] = p * y[0]
        a[2] = p * y[1]
    return s


@program(X, Y, refused="S104")
def zip_longest_over_what_the_loop_writes(x, y):
    a = [x[0], x[1], x[2]]
    s = 0.0
    for p, q in itertools.zip_longest(a, [y[0]], fillvalue=1.0):
        s = s + p * q
        a[1] = p * y[0]
        a[2] = p * y[1]
    return s


@program(X, Y)
def tuple_of_a_list_that_the_loop_writes(x, y):
    a = [x[0], x[1], x[2]]
    s = 0.0
    for p in tuple(a):
        s = s + p
        a[1] = p * y[0]
    return s


@program(X, Y)
def items_of_a_dict_that_the_loop_writes(x, y):
    d = {"a": x[0], "b": x[1], "c": x[2]}
    s = 0.0
    for k, v in d.items():
        s = s + v
        d["b"] = s * y[0]
        d["c"] = s * y[1]
    return s


@program(X, Y)
def items_of_a_dict_written_later(x, y):
    d = {"a": x[0], "b": x[1], "c": x[2]}
    it = d.items()
    d["b"] = y[0]
    return sum(v for k, v in it)


@program(X, Y)
def values_of_a_dict_that_grew(x, y):
    d = {"a": x[0], "b": x[1], "c": x[2]}
    it = d.values()
    d["n"] = y[0]
    return sum(it)


@program(X, Y)
def filter_while_another_array_is_written(x, y):
    out = np.zeros(3)
    s = 0.0
    for k in range(3):
        for p in filter(lambda v: v > 0.5, x):
            out[k] = out[k] + p * y[k]
        s = s + out[k]
    return s


@program(X, Y)
def accumulate_over_an_array_of_each_iteration(x, y):
    s = 0.0
    for k in range(3):
        a = x * y[k]
        for p in itertools.accumulate(a):
            s = s + p
        a[0] = s
        s = s + a.sum()
    return s


@program(X, Y)
def map_whose_function_writes(x, y):
    a = y * 1.0
    def g(v):
        a[0] = a[0] * v
        return v * 2
    m = map(g, x)
    s = a[0]
    return s + sum(m) + a[0]


@program(X, Y, refused="S101")
def filter_over_rows_that_the_loop_writes(x, y):
    a = np.outer(x, y)
    s = 0.0
    for r in filter(lambda r: r[0] > 0, a):
        s = s + r.sum()
        r[0] = s
    return s + a.sum()


@program(X, Y)
def next_that_fulfils_a_condition(x, y):
    best = next((v for v in x if v > 0.5), 0.0)
    return best * y[0]


@program(X, Y)
def list_made_anew_of_itself_in_a_loop(x, y):
    values = [v * y[0] for v in x]
    for k in range(2):
        values[:] = [v * y[k] + v for v in values]
        values[1:] = [v * v for v in values if v > 0]
    return sum(values)


@program(X, Y)
def chained_in_each_iteration(x, y):
    a = x * 1.0
    total = 0.0
    for k in range(2):
        for v in itertools.chain(a, y):
            total = total + v * v
        a[k] = total
    return total + a.sum()
