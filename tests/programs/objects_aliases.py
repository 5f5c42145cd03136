"""Several names for one object, through branches, loops, containers, closures and callees."""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tests.programs.corpus import normal, program


class Cell:
    def __init__(self, v, other=None):
        self.v = v
        self.other = other

    def add(self, x):
        self.v = self.v + x

    def twice(self):
        self.add(self.v)
        return self


class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def swap(self):
        self.a, self.b = self.b, self.a


class Point(NamedTuple):
    x: float
    y: float

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Point(self.x * k, self.y * k)

    def __neg__(self):
        return Point(-self.x, -self.y)


@dataclass
class Params:
    k: float
    c: float


class Square:
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Disc:
    def __init__(self, radius, centre):
        self.radius, self.centre = radius, centre

    def area(self):
        return math.pi * self.radius**2 + self.centre


def bump(cell, x):
    cell.v = cell.v * x
    return cell


def bump_all(cells, x):
    for cell in cells:
        cell.add(x)


@program(0.7, 1.3)
def swapped_fields(x, y):
    p = Pair(Cell(x), Cell(y))
    first = p.a
    p.swap()
    p.a.add(x)
    first.add(y * y)
    return p.a.v * p.b.v


@program(0.7, 1.3, 3)
def swapped_in_a_loop(x, y, n):
    p = Pair(x, y)
    for k in range(n):
        p.swap()
        p.a = p.a * (k + 1.0)
    return p.a + p.b * p.b


@program(0.7, 1.3)
def same_object_twice_in_a_list(x, y):
    cell = Cell(x)
    cells = [cell, cell, Cell(y)]
    bump_all(cells, y)
    return cells[0].v * cells[2].v + cell.v


@program(0.7, 1.3)
def two_fields_one_object(x, y):
    shared = Cell(x)
    p = Pair(shared, shared)
    p.a.add(y)
    bump(p.b, x)
    return p.a.v - p.b.v + shared.v * y


@program(0.7, 1.3, also=[(1.3, 0.7)])
def aliased_before_a_branch(x, y):
    cell = Cell(x)
    other = cell
    if x > y:
        cell.add(y)
    else:
        other.v = x * y
    return cell.v * other.v


@program(0.7, 1.3, also=[(1.3, 0.7)])
def changed_through_both_names_in_branches(x, y):
    p = Pair(Cell(x), Cell(y))
    if x > y:
        target = p.a
        target.add(x)
    else:
        target = p.b
        target.add(y)
    return p.a.v * p.b.v + target.v


@program(0.7, 1.3, 4)
def aliased_in_a_loop(x, y, n):
    cell = Cell(x)
    for k in range(n):
        alias = cell
        alias.add(y * k)
        cell.v = alias.v * 0.5
    return cell.v


@program(0.7, 1.3, 4)
def two_objects_changed_in_a_loop(x, y, n):
    a, b = Cell(x), Cell(y)
    for _ in range(n):
        a.add(0.1 * b.v)
        b.add(-0.2 * a.v)
    return a.v * b.v


@program(0.7, 1.3, 4)
def inner_object_in_a_loop(x, y, n):
    outer = Cell(x, Cell(y))
    inner = outer.other
    for _ in range(n):
        outer.other.add(0.1 * outer.v)
        outer.add(inner.v * 0.2)
    return outer.v * inner.v


@program(0.7, 1.3, 4)
def history_of_states(x, y, n):
    state, previous = Params(x, y), Params(y, x)
    for _ in range(n):
        previous, state = state, replace(state, k=state.k + 0.1 * state.c, c=previous.c * 0.9)
    return state.k * previous.c + previous.k


@program(0.7, 1.3, 4)
def best_state_kept(x, y, n):
    state = Params(x, y)
    best = state
    for _ in range(n):
        state = replace(state, k=math.sin(state.k * 2.0) + state.c)
        if state.k > best.k:
            best = state
    return best.k * best.c + state.k


@program(0.7, 1.3)
def conditional_loop_exit(x, y):
    cell = Cell(x)
    while True:
        cell.twice()
        if cell.v > 5.0:
            cell.add(y)
            break
        cell.add(x)
    return cell.v * y


@program(0.7, 1.3)
def early_return_after_change(x, y):
    cell = Cell(x)
    for k in range(5):
        cell.add(y * k)
        if cell.v > 4.0:
            return cell.v * 2.0
        cell.v = cell.v * 1.1
    return cell.v


@program(0.7, 1.3)
def closure_sees_later_change(x, y):
    cell = Cell(x)

    def read(k):
        return cell.v * k

    before = read(y)
    cell.add(y)
    return before * read(x)


@program(0.7, 1.3)
def default_argument_holds_object(x, y):
    cell = Cell(x)

    def read(k, held=cell):
        return held.v * k

    cell.add(y)
    return read(y) + read(x)


@program(0.7, 1.3)
def arguments_evaluated_before_change(x, y):
    cell = Cell(x)
    return Pair(cell.v, bump(cell, y).v).a * cell.v + max(cell.v, bump(cell, x).v)


@program(0.7, 1.3)
def bound_method_kept(x, y):
    cell = Cell(x)
    add = cell.add
    add(y)
    steps = [cell.add, add]
    for step in steps:
        step(x)
    return cell.v * y


@program(0.7, 1.3)
def object_in_nested_containers(x, y):
    cell = Cell(x)
    table = {"row": [(cell, 2.0), (Cell(y), 3.0)]}
    for c, k in table["row"]:
        c.add(k * x)
    table["row"][0][0].add(y)
    return cell.v * table["row"][1][0].v


@program(0.7, 1.3)
def copied_then_changed(x, y):
    a = Params(x, y)
    b = replace(a)
    b.k = y * y
    a.c += 1.0
    return a.k * b.k + a.c * b.c


@program(Cell(0.7, Cell(1.3)), 0.4, writes=True)
def argument_aliased_inside(cell, x):
    inner = cell.other
    inner.add(x)
    cell.other.add(inner.v)
    cell.other = Cell(x)
    return inner.v * cell.other.v


@program([Cell(0.7), Cell(1.3)], 0.4, writes=True)
def argument_objects_relinked(cells, x):
    a, b = cells
    a.other, b.other = b, Cell(x)
    a.other.add(x)
    a.other.other.add(a.v)
    return b.v * b.other.v


@program(Pair(Cell(0.7), Cell(1.3)), 0.4, writes=True)
def parts_of_argument_swapped(pair, x):
    pair.swap()
    pair.a.add(x)
    return pair


@program(Point(0.4, 1.1), Point(0.3, -0.2))
def operators_of_named_tuple(p, q):
    r = p + q * 2.0 + -p * p.x
    return r.x * r.y


@program([Square(0.7), Disc(0.4, 0.2), Square(1.2)], normal(3))
def kinds_zipped_with_an_array(shapes, weights):
    total = 0.0
    for shape, w in zip(shapes, weights):
        total = total + w * shape.area()
    return total


@program([Square(0.7), Disc(0.4, 0.2)], normal(2))
def kinds_enumerated(shapes, weights):
    return sum(weights[k] * shape.area() for k, shape in enumerate(shapes))


@program(normal(4))
def objects_built_from_an_array(values):
    cells = [Cell(values[k]) for k in range(4)]
    for cell, value in zip(cells, values):
        cell.add(value * value)
    return cells[0].v * cells[3].v + cells[1].v


@program(normal(4, 4), normal(4))
def block_taken_by_places(k, f):
    free = np.array([0, 2, 3])
    return np.sum(k[np.ix_(free, free)] @ f[free]) + np.sum(k[np.ix_([1], [0, 1])] ** 2)


# ---- refused -----------------------------------------------------------------------------------------------------


class Pooled:
    def __new__(cls, v):
        return object.__new__(cls)

    def __init__(self, v):
        self.v = v


@dataclass(frozen=True)
class Fixed:
    k: float


@program(0.7, 3, wrt=0, refused="S108")
def as_many_objects_as_the_caller_wants(x, n):
    cells = []
    for k in range(n):
        cells.append(Cell(x * k))
    return cells[0].v


@program(0.7, 1.3, refused="S106")
def one_of_two_classes(x, y):
    shape = Square(x) if x > y else Disc(x, y)
    return shape.area()


@program(0.7, refused="S103")
def missing_attribute(x):
    return Cell(x).w


@program(0.7, refused="S108")
def frozen_object_changed(x):
    fixed = Fixed(x)
    fixed.k = x * x
    return fixed.k


@program(0.7, refused="S109")
def class_with_new(x):
    return Pooled(x).v


@program(0.7, 3, wrt=0, refused="S202")
def which_of_two_is_changed(x, n):
    a, b = Cell(x), Cell(2.0 * x)
    current = a
    for _ in range(n):
        current.add(x)
        current = b
    return a.v * b.v


@program([Cell(0.7), Cell(1.3)], 1, wrt=0, refused="S202")
def object_taken_by_number_is_changed(cells, k):
    cells[k].add(1.0)
    return cells[0].v * cells[1].v


@program(0.7, refused="S103")
def operator_that_is_not_defined(x):
    return (Cell(x) + Cell(x)).v


# ---- names that are bound anew in loops, after a field was stored -------------------------------
class Mover:
    def __init__(self, u, v):
        self.u, self.v = u, v

    def moved(self, w):
        return Mover(self.u * w, self.v + w)


@program(normal(), normal())
def bound_anew_in_a_loop_after_a_store(a, b):
    pair = Mover(a, b)
    pair.v *= a
    for _ in range(3):
        pair = Mover(pair.u + a, pair.v * b)
    return pair.u * pair.v


@program(normal(), Mover(0.4, 0.7))
def argument_bound_anew_after_a_store(a, pair):
    pair.v = pair.v * a
    k = 0
    while k < 3:
        k += 1
        if k != 2:
            pair = pair.moved(a)
    return pair.u * pair.v


@program(normal(), Mover(0.4, 0.7))
def two_names_of_one_that_was_stored(a, pair):
    other = pair
    other.v = other.v * a
    for _ in range(3):
        other = other.moved(a)
    return other.u * other.v * pair.v


@program(normal(), Mover(0.4, 0.7))
def list_of_objects_made_anew_after_a_store(a, pair):
    pairs = [pair, Mover(a, a)]
    pairs[0].v *= a
    for _ in range(3):
        pairs = [Mover(p.u, p.v * a) for p in pairs]
    return sum(p.u * p.v for p in pairs)
