"""Python as it is written: attributes that only some paths set, sets and lists under several names, deep copies."""

import copy
import enum
import functools
import itertools
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from tests.programs.corpus import normal, positive, program


class Meter:
    """Class attributes stand in for what an object has not set yet."""

    total = 0.0
    count = 0
    best = None
    gain = 2.0

    def __init__(self, scale):
        self.scale = scale

    def add(self, v):
        self.total += self.scale * v
        self.count += 1
        return self

    def note(self, v):
        if self.best is None or v > self.best:
            self.best = v

    def cached(self):
        if not hasattr(self, "doubled"):
            self.doubled = self.scale * 2.0
        return self.doubled

    def limit(self):
        return getattr(self, "bound", 1.5)

    @functools.cached_property
    def square(self):
        return self.scale**2


class Lenient(Meter):
    def __getattr__(self, name):
        return 3.0


class Pair(NamedTuple):
    a: float
    b: float = 1.0


@program(0.8, positive(4))
def attributes_of_the_class_that_a_loop_shadows(k, x):
    m = Meter(k)
    for v in x:
        m.add(v)
    return m.total * m.total / m.count + Meter.total


@program(0.8, also=[(0.3,)])
def attribute_of_the_class_that_one_path_shadows(x):
    m = Meter(x)
    if x > 0.5:
        m.gain = x * x
    return m.gain * m.scale


@program(0.4)
def attribute_of_the_class_that_a_while_loop_shadows(x):
    m = Meter(x)
    while m.gain < 10.0:
        m.gain *= 1.0 + m.scale
    return m.gain


@program([0.7, 1.3, 1.9], also=[([0.7, 0.8, 0.9],)])
def attribute_that_a_loop_sets_before_it_leaves(x):
    m = Meter(x[0])
    for v in x:
        if v > 1.0:
            m.gain = v
            break
    return m.gain * m.scale


@program([0.7, 1.3, 1.1])
def attribute_of_the_class_that_is_none(x):
    m = Meter(x[0])
    for v in x:
        m.note(v)
    return m.best * m.scale * (2.0 if hasattr(m, "best") else 1.0)


@program(0.8, 1.7)
def one_of_two_objects_with_different_attributes(x, y):
    m, n = Meter(x), Meter(y)
    n.gain = x * y
    chosen = m if x > y else n
    return chosen.gain * chosen.scale


@program(Meter(0.4))
def attribute_that_the_caller_left_to_the_class(m):
    for _ in range(3):
        m.gain += m.scale
    return m.gain * m.scale


@program([0.7, 1.3])
def attribute_set_once_in_an_unrolled_loop(x):
    m, total = Meter(x[0]), 0.0
    for v in x:
        total += m.cached() * v
        m.scale = m.scale + v
    return total


@program(0.7, positive(3), refused="S103")
def attribute_set_once_in_a_loop(k, x):
    m, total = Meter(k), 0.0
    for v in x:
        total += m.cached() * v
        m.scale = m.scale + v
    return total


@program(0.7, 1.3, refused="S103")
def attribute_asked_for_that_one_path_sets(x, y):
    m = Meter(x)
    if y > 2.0:
        m.bound = y
    return m.limit() * m.scale


@program(0.7, positive(3), refused="S103")
def attribute_made_up_that_a_loop_sets(k, x):
    m, total = Lenient(k), 0.0
    for v in x:
        total += m.bound * v
        m.bound = v
    return total


@program(0.7, 1.3, refused="S103")
def attribute_that_a_handler_waits_for(x, y):
    m = Meter(x)
    if y > 2.0:
        m.bound = y
    try:
        return m.bound
    except AttributeError:
        return x * y


@program(0.7, 1.3, refused="S103")
def variable_that_a_handler_waits_for(x, y):
    if y > 2.0:
        z = y
    try:
        return z * x
    except NameError:
        return x * y


@program(0.7, positive(3))
def cached_property_read_in_a_loop(k, x):
    m, total = Meter(k), 0.0
    for v in x:
        total += m.square * v
    return total + m.square


@program(0.7, positive(3), refused="S103")
def cached_property_of_what_a_loop_changes(k, x):
    m, total = Meter(k), 0.0
    for v in x:
        total += m.square * v
        m.scale = m.scale + 1.0
    return total


@program(0.7, 1.3, refused="S108")
def cached_property_that_one_path_has_computed(x, y):
    m, total = Meter(x), 0.0
    if y > 1.0:
        total += m.square
    m.scale = m.scale * 3.0
    return total + m.square


@program(0.7, 1.3)
def attributes_through_the_dict(x, y):
    m = Meter(x)
    held = m.__dict__
    m.__dict__["rate"] = y
    vars(m).update(shift=x * y, scale=y)
    m.shift = m.shift * 2.0
    return m.rate * held["scale"] + held["shift"] * len(held)


@program(0.7, 1.3)
def named_tuple_as_a_dict_that_is_changed(x, y):
    named = Pair(x, y)._asdict()
    named["a"] = named["a"] * 2.0
    return named["a"] * named["b"]


@program(normal(3), writes=True)
def deep_copy_of_an_array_held_twice(x):
    a = x * 1.0
    p = [a, a]
    q = copy.deepcopy(p)
    q[0][0] = 5.0
    return np.sum(q[1] * x) + np.sum(a * x)


@program(0.7, 1.3, 1.9, writes=True)
def deep_copy_of_a_list_held_twice(x, y, z):
    a = [x, y]
    q = copy.deepcopy({"u": a, "v": a})
    q["u"].append(z)
    q["u"][0] *= 3.0
    return sum(q["v"]) * sum(a)


@program(0.7, 1.3, 1.9, writes=True)
def list_of_constants_put_among_lists_and_extended(x, y, z):
    rows = [[x], [y], [z]]
    rows[1] = [1.0, 2.0, 3.0]
    rows[1].append(x)
    return sum(v * v for row in rows for v in row)


@program(0.7, 1.3, writes=True)
def items_renamed_while_the_keys_are_gone_through(x, y):
    d = {"a": x, "b": y}
    for k in list(d):
        d[k + "2"] = d.pop(k) ** 2
    return d["a2"] * 2.0 + d["b2"] * len(d)


@program(positive(4), writes=True)
def default_that_is_made_by_being_read(x):
    groups = defaultdict(list)
    for i, v in enumerate(x):
        groups[i % 2].append(v)
    groups[5].append(x[0])
    return sum(groups[0]) * sum(groups[5]) + sum(groups[7]) + len(groups)


@program(0.7, 1.3, 1.9, writes=True)
def list_in_a_list_extended_in_place(x, y, z):
    rows, named = [[x], [y]], {"k": [y]}
    first, kept = rows[0], named["k"]
    rows[0] += [z]
    named["k"] += [x, z]
    return sum(first) * sum(kept) * len(first)


@program(0.7, 1.3)
def sets_under_two_names(x, y):
    s = {1, 2}
    t, u = s, s | {3}
    s |= {4}
    t.add(9)
    u -= {1}
    return x * sum(s) + y * sum(u) * len(t)


@program(0.7, 1.3, 1.9)
def sets_in_containers(x, y, z):
    links = {"near": {1}, "far": {1} | {2}, "both": ({5}, 1.0)}
    near = links["near"]
    near.add(2)
    links["far"].add(3)
    links["both"][0].add(6)
    return x * len(links["near"]) + y * len(links["far"]) + z * len(links["both"][0])


@program(positive(3))
def items_removed_from_a_list_of_which_a_copy_is_gone_through(x):
    kept = [0, 1, 2]
    for i in kept[:]:
        if i == 1:
            kept.remove(i)
    return x[kept[0]] * x[kept[1]] * len(kept)


class TooLarge(ValueError):
    def __init__(self, excess, text="too large"):
        super().__init__(text)
        self.excess = excess


class Swallows:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is TooLarge


def checked(v):
    if v > 1.5:
        raise TooLarge(v - 1.5, f"{v} is too large")
    return v * v


@program([0.7, 1.9], refused="S205")
def number_that_an_exception_carries(x):
    total = 0.0
    for v in x:
        try:
            total += checked(v)
        except TooLarge as error:
            total += error.excess * 3.0
    return total


@program(positive(3), refused="S205", writes=True)
def number_that_an_exception_carries_stored(x):
    y = np.zeros(3)
    for i, v in enumerate(x):
        try:
            y[i] = checked(v)
        except TooLarge as error:
            y[i] += error.excess
    return np.sum(y * y)


@program([0.7, 1.9])
def exception_with_a_text_of_a_number(x):
    total = 0.0
    for v in x:
        try:
            total += checked(v)
        except TooLarge as error:
            total += v * len(error.args)
    return total


@program([0.7, 1.9], refused="S109")
def manager_that_catches_what_its_body_raises(x):
    total = 0.0
    for v in x:
        with Swallows():
            total += checked(v)
    return total


@program(positive(3))
def value_or_an_item(x):
    y = x[0] * x[1]
    z = y or x[2] * x[2]
    w = x[1] and x[2]
    return z * w * x[1]


@program(positive(3))
def number_or_none_or_an_item(x):
    y = x[0] if len(x) == 3 else None
    z = y or x[1]
    return z * x[2]


@program(positive(3))
def permutations_of_all_items(x):
    total = 0.0
    for p in itertools.permutations([0, 1, 2]):
        total += x[p[0]] * (p[1] + 1) * x[p[2]] ** 2
    return total


@program(positive(3))
def letters_beside_an_array(x):
    gains = {"a": np.sin, "b": np.cos, "c": np.exp}
    total = 0.0
    for letter, v in zip("abc", x):
        total += v * (2.0 if letter == "a" else 3.0) + len(gains)
    return total


@program(positive(3), refused="S104")
def endless_generator_with_a_loop_inside(x):
    def primes():
        n = 2
        while True:
            if all(n % k for k in range(2, n)):
                yield n
            n += 1

    return sum(p * v * v for p, v in zip(primes(), x))


@program(positive(3))
def partials_of_functions_of_numpy(x):
    total = functools.partial(np.sum, axis=0)(np.array([x, 2.0 * x]))
    raised = functools.partial(np.power, x[0])
    cut = functools.partial(np.clip, a_min=0.0, a_max=5.0)
    return np.sum(total) * raised(x[1]) + functools.partial(np.hypot, x[1])(cut(x[2]))


class Switch:
    on = False
    mode = "low"
    level = 1.0


@program(positive(4), also=[(np.array([0.1, 0.2, 0.3, 0.4]),)])
def attributes_of_the_class_that_a_loop_sets_at_times(x):
    s, total = Switch(), 0.0
    for v in x:
        s.on = not s.on
        if s.on:
            total += v * s.level
        if v > 0.9:
            s.mode = "high"
            s.level = v * v
    return total * (2.0 if s.mode == "high" else 3.0) * s.level


@program(0.7, positive(3), refused="S103")
def attribute_asked_for_that_a_loop_sets_at_times(k, x):
    m, total = Meter(k), 0.0
    for v in x:
        total += v * m.limit()
        if v > 0.8:
            m.bound = v
    return total


# ---- keys that have no literal ----------------------------------------------------------------------------------


class Part(enum.Enum):
    HULL = 2
    MAST = 1


class Rank(enum.IntEnum):
    HIGH = 2
    LOW = 1


def parts_of_ship(x):
    return {Part.HULL: x[0] * x[1], Part.MAST: x[1] ** 2}


@program(positive(2))
def tables_by_members_of_an_enum(x):
    parts = parts_of_ship(x)
    made = dict([(Part.MAST, x[0]), (Part.HULL, parts[Part.HULL])])
    total = 0.0
    for part, v in made.items():
        total += v * (2 if part is Part.HULL else 3)
    return total + sum((k + 1) * parts[part] for k, part in enumerate(sorted(parts, key=lambda p: p.value)))


@program(positive(2))
def members_of_an_enum_in_order(x):
    ranks = {Rank.HIGH: x[0] * x[1], Rank.LOW: x[1] ** 2}
    return sum((k + 1) * ranks[rank] for k, rank in enumerate(sorted(ranks)))


@program({Rank.HIGH: 0.7, Rank.LOW: 1.3})
def argument_by_members_of_an_enum(table):
    return table[Rank.HIGH] ** 2 * table[Rank.LOW]


@program(positive(2))
def functions_as_keys(x):
    angles = {np.sin: x[0], np.cos: x[1] * x[0]}
    return sum(f(v) for f, v in angles.items())
