"""Unions of dicts, and operators by the functions of the module `operator`: they mean what the operators mean."""

import math
import operator

from tests.programs.corpus import normal, program


class Amount:
    def __init__(self, u):
        self.u = u

    def __add__(self, other):
        return Amount(self.u + other.u)

    def __rmul__(self, k):
        return Amount(self.u * k + k)

    def __neg__(self):
        return Amount(-self.u)

    def __lt__(self, other):
        return self.u - other.u * self.u

    def __or__(self, other):
        return Amount(self.u * other.u)

    def __invert__(self):
        return Amount(1.0 - self.u)

    def __iter__(self):
        yield self.u
        yield self.u * self.u


@program(normal(), normal(), normal(3))
def union_with_a_dict_that_is_filled(a, b, xs):
    d = {k: v * a for k, v in zip("pq", xs)}
    d = d | {"p": math.tanh(b)}
    return sum(d.values())


@program(normal(), normal(), normal(3), writes=True)
def union_is_a_dict_of_its_own(a, b, xs):
    d = {k: v * a for k, v in zip("pq", xs)}
    e = {"p": b, "r": b * b} | d
    d["p"] = 0.0
    return sum(e.values()) + d["q"]


@program(normal(), normal(), normal(3))
def union_in_a_loop(a, b, xs):
    d = {k: v * a for k, v in zip("pq", xs)}
    for _ in range(3):
        d = d | {"q": d["q"] * b, "p": d["p"] + d["q"]}
    return d["p"] * d["q"]


@program(normal(), normal(), normal(3))
def unions_of_two_filled_dicts(a, b, xs):
    d = {k: v * a for k, v in zip("pq", xs)}
    e = {k: v * b for k, v in zip("qr", xs)}
    return sum(v * (k + 1) for k, v in enumerate((d | e).values())) + (e | d)["q"] * (d | e)["r"]


@program(normal(), normal(), normal(3), writes=True)
def dict_that_grows_by_unions(a, b, xs):
    d = {}
    for k, x in enumerate(xs):
        d = d | {k: x * a}
    return sum(d.values()) * b


@program(normal(), normal(), normal(3))
def union_by_its_function(a, b, xs):
    d = {k: v * a for k, v in zip("pq", xs)}
    return sum(operator.or_(d, {"p": b}).values())


@program(normal(), normal())
def operators_of_objects_by_their_functions(a, b):
    p, q = Amount(a), Amount(b)
    total = operator.add(p, q).u + operator.mul(b, p).u + operator.neg(q).u * a
    return total + operator.lt(p, q) + operator.or_(p, q).u + operator.invert(q).u


@program(normal(), normal())
def operators_of_lists_by_their_functions(a, b):
    return sum(operator.add([a], [b, a * b])) + sum(operator.mul([a, b], 2)) + sum(operator.concat((a,), (b,)))


@program(normal(), normal())
def product_over_an_object(a, b):
    return math.prod(Amount(a * b)) + math.dist(Amount(a), Amount(b))
