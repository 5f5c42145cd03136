"""Named tuples that are kept in lists and dicts while the code runs, and the methods that their classes define."""

import math
from collections import namedtuple
from typing import NamedTuple

import numpy as np

from tests.programs.corpus import normal, positive, program


class Node(NamedTuple):
    u: float
    v: float = 0.6

    def moved(self, w):
        return self._replace(v=w, u=self.v)

    @staticmethod
    def mixed(p, q):
        return p * 0.3 - q * p

    @classmethod
    def of(cls, w):
        return cls(w * 0.6, w)

    @property
    def total(self):
        return self.u + self.v * 2.0

    def __call__(self, w):
        return self.u * math.sin(w) + self.v

    def __neg__(self):
        return Node(-self.u, self.v)


class Link(NamedTuple):
    node: Node
    weight: float


class Row(NamedTuple):
    values: np.ndarray
    scale: float


@program(normal(), normal(4))
def list_of_named_tuples(b, xs):
    nodes = [Node(v, b) for v in xs]
    return sum(node.u * node.v for node in nodes)


@program(normal(), normal(4))
def list_of_named_tuples_in_named_tuples(b, xs):
    links = [Link(Node(v, b), v * b) for v in xs]
    return sum(link.node.u * link.weight + link.node.v for link in links)


@program(normal(), normal(4), writes=True)
def list_of_named_tuples_made_anew(b, xs):
    nodes = []
    for v in xs:
        nodes.append(Node(v * b))
    nodes = [node.moved(b) for node in nodes]
    return sum(node.u * node.v for node in nodes)


@program(normal(), normal(4))
def list_of_named_tuples_of_arrays(b, x):
    rows = [Row(x * k, b * k) for k in range(3)]
    return sum(np.sum(row.values) * row.scale for row in rows)


@program(normal(), normal(4), writes=True)
def changed_list_of_named_tuples(b, xs):
    nodes = [Node(v, b) for v in xs]
    nodes[1] = Node(b * b, 2.0)
    nodes.insert(0, Node(b, b))
    last = nodes.pop()
    nodes.reverse()
    return sum((k + 1) * node.u * node.v for k, node in enumerate(nodes)) + last.u


@program(normal(), normal(4))
def sorted_list_of_named_tuples(b, xs):
    nodes = sorted([Node(v, b * v) for v in xs], key=lambda node: -node.u)
    u, v = nodes[0]
    return u * v + nodes[1].v * b


@program(normal(), normal(4))
def named_tuples_in_pairs(b, xs):
    pairs = [(k, Node(b, v)) for k, v in enumerate(xs)]
    return sum((k + 1) * node.u * node.v for k, node in pairs)


@program(normal(), 4)
def list_of_named_tuples_that_are_carried(b, n):
    state = Node(b, 1.0)
    states = []
    for k in range(n):
        state = Node(state.v * b, state.u + k)
        states.append(state)
    return sum(u * v for u, v in states)


@program(normal(), normal(), 1)
def item_of_a_named_tuple_by_its_place(a, b, n):
    node = Node(a * a, b)
    return node[n % 2] * 2.0 + node[-1]


@program(Node(0.4, 0.3), 1)
def item_of_an_argument_by_its_place(node, n):
    return node[n % 2] * node.u


@program(normal(), normal(4), 1)
def items_of_listed_named_tuples_by_their_place(b, xs, n):
    nodes = [Node(v, b) for v in xs]
    return sum(node[n % 2] for node in nodes) + nodes[n % 3][0]


@program(normal(), normal())
def methods_of_a_named_tuple(a, b):
    node = Node(a, b)
    return node.mixed(node.u, b) + node.of(a * b).total + node(b) * (-node).u


# ---- classes that say themselves how a tuple is made --------------------------------------------
class Doubled(namedtuple("Doubled", "x y")):
    __slots__ = ()

    def __new__(cls, x, y=0.5):
        return super().__new__(cls, x * 2.0, y)


class Turned(NamedTuple):
    u: float
    v: float

    def __iter__(self):
        yield self.v
        yield self.u


@program(positive(), positive(), refused="S109")
def named_tuple_that_is_made_otherwise(a, b):
    return math.hypot(Doubled(a, b).x, b)


@program(positive(), positive(), refused="S109")
def named_tuple_that_is_walked_otherwise(a, b):
    u, v = Turned(a, b)
    return u * v * v


# ---- arrays that tuples in a list hold, and that are written in place: refused in reverse mode ----
@program(normal(), 3, refused="S202")
def listed_named_tuples_whose_arrays_are_written(a, n):
    rows = [Row(np.array([a, a * k]), a * k) for k in range(n)]
    rows[0].values[0] = 3.0 * a * a
    return sum(np.sum(row.values) * row.scale for row in rows)


@program(normal(), 3, refused="S202")
def listed_tuples_whose_arrays_are_written(a, n):
    rows = [(np.array([a, a * k]), k) for k in range(n)]
    for values, k in rows:
        values *= k + a
    return sum(np.sum(values) * (k + 1) for values, k in rows)


@program(normal(), 3, writes=True)
def listed_tuples_of_arrays_written_before(a, n):
    rows = []
    for k in range(n):
        values = np.zeros(2)
        values[0] = a * k
        rows.append((values, k))
    return sum(np.sum(values**2) * (k + 1) for values, k in rows)
