"""match, del, annotations, unpacking, slices as values, comprehensions, imports, globals, strings, dispatch."""

import math
from typing import Any, NamedTuple

import numpy as np

from tests.programs.corpus import normal, program

RATE = 1.7
SETTINGS = {"power": 3, "scale": 0.5}


class Point(NamedTuple):
    x: float
    y: float


@program(0.7, "sin", also=[(0.7, "cos"), (0.7, "other")])
def match_literals(x, kind):
    match kind:
        case "sin":
            return math.sin(x)
        case "cos":
            return math.cos(x)
        case _:
            return x * x


@program(0.7, 1, also=[(0.7, 3), (0.7, 9)], wrt=0)
def match_or_pattern(x, n):
    match n:
        case 1 | 2:
            y = x
        case 3 | 4 | 5:
            y = x * x
        case _:
            y = x**3
    return y * 2.0


@program((0.7, 1.2), also=[((0.7,),), ((0.7, 1.2, 0.4),)])
def match_sequence(values):
    match values:
        case (a,):
            return a * a
        case (a, b):
            return a * b
        case (a, *rest):
            return a * sum(rest)


@program([0.7, 1.2, 0.4])
def match_nested_sequence(x):
    state = ((x[0], x[1]), x[2])
    match state:
        case ((a, b), c):
            return a * b + c * c
    return 0.0


@program({"kind": 0.3, "radius": 0.8}, also=[({"width": 0.3, "height": 0.9},)])
def match_mapping(shape):
    match shape:
        case {"radius": r}:
            return math.pi * r * r
        case {"width": w, "height": h}:
            return w * h
    return 0.0


@program({"a": 0.3, "b": 0.8, "c": 0.1})
def match_mapping_rest(d):
    match d:
        case {"a": a, **rest}:
            return a * sum(v * v for v in rest.values())
        case _:
            return 0.0


@program(Point(0.3, 0.8))
def match_class(p):
    match p:
        case Point(x=a, y=b):
            return a * b * b
    return 0.0


@program(Point(0.3, 0.8), also=[(Point(0.9, 0.8),)])
def match_class_positional(p):
    match p:
        case Point(a, b) if a > b:
            return a - b * b
        case Point(a, b):
            return a * a * b


@program(0.3, also=[(-0.4,), (1.7,)])
def match_guard(x):
    match x:
        case v if v < 0.0:
            return v * v
        case v if v < 1.0:
            return v
        case v:
            return 2.0 - 1.0 / v


@program(0.3, 2, also=[(0.3, None), (0.3, True)], wrt=0)
def match_singletons(x, option):
    match option:
        case None:
            return x
        case True:
            return x * x
        case n:
            return x**3 * n


@program(0.3, ("scale", 2.0), also=[(0.3, ("shift", 2.0)), (0.3, ("reset",))], wrt=0)
def match_commands(x, command):
    match command:
        case ("scale", k):
            return x * x * k
        case ("shift", k):
            return x + k
        case ("reset",):
            return 0.0 * x
    return x


@program([0.4, 0.9, 0.2], [("mul", 0), ("add", 1), ("pow", 2)], wrt=0)
def match_in_loop(x, steps):
    s = 1.0
    for step in steps:
        match step:
            case ("add", i):
                s = s + x[i]
            case ("mul", i):
                s = s * x[i]
            case (_, i):
                s = s * s + x[i]
    return s


@program(0.7)
def match_type(x):
    match [x, x * x]:
        case [float() as a, b]:
            return a + b
        case _:
            return x


@program(0.7, 1.2)
def match_capture_as(x, y):
    match (x, y):
        case (a, b) as pair:
            return a * pair[1] + b


@program(normal(4))
def delete_names(x):
    t = x * x
    s = np.sum(t)
    del t
    return s * s


@program([0.7, 1.2, 0.4], writes=True)
def delete_item(x):
    values = [v * v for v in x]
    del values[1]
    return values[0] * values[1]


@program({"a": 0.3, "b": 0.8}, writes=True)
def delete_key(d):
    work = {key: v * v for key, v in d.items()}
    del work["a"]
    return sum(work.values())


@program(0.7, 2)
def annotated(x, n):
    y: float
    y = x * n
    total: float = 0.0
    items: list[float] = [x, y]
    for v in items:
        total += v * v
    return total


@program([0.7, 1.2, 0.4, 0.9])
def star_in_the_middle(x):
    first, *middle, last = x
    return first * last + sum(v * v for v in middle)


@program(normal(5))
def star_in_the_middle_of_array(x):
    first, second, *middle, last = x
    return first * last - second * np.sum(np.array(middle) ** 2)


@program(normal(6), 2)
def slices_as_values(x, k):
    head, tail = slice(None, k), slice(k, None)
    every = slice(0, 6, 2)
    return np.sum(x[head]) * np.sum(x[tail] ** 2) + np.prod(x[every])


@program(normal(4, 4))
def tuple_of_slices(a):
    inner = (slice(1, 3), slice(None, -1))
    return np.sum(a[inner] ** 2) + np.sum(a[np.s_[::2, 1:]])


@program(normal(3, 4))
def nested_comprehension_with_conditions(a):
    rows = [[v * v for v in row if v > -0.3] for row in a if row[0] < 5.0]
    return sum(sum(row) for row in rows)


@program([0.7, 1.2, 0.4])
def comprehension_with_two_loops(x):
    return sum(a * b for i, a in enumerate(x) for j, b in enumerate(x) if i < j)


@program([0.7, 1.2, 0.4])
def comprehension_filter_on_value(x):
    big = [v for v in x if v > 0.5]
    small = [v for v in x if not v > 0.5]
    return sum(v * v for v in big) - sum(small)


@program({"a": 0.7, "b": 1.2})
def dict_comprehension(d):
    squares = {key + "2": v * v for key, v in d.items() if key != "z"}
    return squares["a2"] * squares["b2"]


@program([0.7, 1.2, 0.4])
def dict_from_pairs(x):
    table = {k: v for k, v in zip("abc", x)}
    return table["a"] * table["c"] + table["b"]


@program([0.7, 1.2, 0.4], ["a", "b", "a"], wrt=0)
def set_comprehension(x, labels):
    distinct = {label for label in labels}
    return sum(x) * len(distinct)


@program([0.7, 1.2, 0.4], ["a", "b", "a"], wrt=0)
def set_display_membership(x, labels):
    wanted = {"a", "c"}
    return sum(v * v for v, label in zip(x, labels) if label in wanted)


@program(0.7)
def import_inside(x):
    import math as m
    from math import cos

    return m.sin(x) * cos(x)


@program(np.array([0.7, 0.2]), True, also=[(np.array([0.7, 0.2]), False)], wrt=0)
def conditional_import(x, fancy):
    if fancy:
        import numpy.linalg as la

        return la.norm(x)
    else:
        from numpy import sum as total

        return total(x * x)


@program(0.7)
def global_number(x):
    return x**2 * RATE


@program(0.7)
def global_dict(x):
    return SETTINGS["scale"] * x ** SETTINGS["power"]


@program(0.7, 3)
def string_formatting(x, n):
    label = f"x{n:03d}" + "{}-{}".format(n, "a") + "%d" % n
    return x * len(label)


@program(0.7, also=[([0.7, 0.2],), (np.array([0.7, 0.2]),)])
def isinstance_dispatch(x):
    if isinstance(x, np.ndarray):
        return np.sum(x * x)
    if isinstance(x, (list, tuple)):
        return sum(v * v * v for v in x)
    return x


@program(np.array([0.7, 0.2]), also=[(0.7,)])
def hasattr_dispatch(x):
    if hasattr(x, "shape") and hasattr(x, "sum"):
        return x.sum() ** 2
    return x * 3.0


@program(0.7, "sin", also=[(0.7, "exp"), (0.7, "nothing")])
def getattr_dispatch(x, name):
    f = getattr(math, name, None)
    return x if f is None else f(x) * x


@program([0.7, 0.3], also=[((0.7, 0.3),)])
def rebuild_with_type(x):
    doubled = type(x)(2.0 * v for v in x)
    return doubled[0] * doubled[1]


@program(Point(0.7, 0.3))
def rebuild_named_tuple(p):
    q = type(p)(p.y * p.y, p.x)
    return q.x * q.y + q._replace(x=p.x).x


@program(0.7, None, also=[(0.7, 2.0)], wrt=0)
def ternary_none(x, scale):
    k = 1.0 if scale is None else scale
    return x * x * k


@program(0.7, 3, also=[(-0.7, 3)], wrt=0)
def ternary_different_types(x, n):
    y = x if x > 0 else n
    return y * y + x


@program(normal(5))
def bool_arithmetic(x):
    return np.sum((x > 0) * x * x) + np.sum((x < 0) * 3.0 * x)


@program(0.7, -0.4)
def bool_arithmetic_scalar(x, y):
    return (x > 0) * x * x + (y > 0) * y + (True + True) * x


@program(0.7, 4)
def while_else(x, n):
    k = 0
    s = x
    while k < n:
        s = s * x + 0.1
        k += 1
    else:
        s = s + x
    return s


@program(0.7, 1.2)
def walrus_in_condition(x, y):
    if (p := x * y) > 0.5:
        return p * p
    return p


@program(0.7)
def global_constant_of_module(x):
    return x * math.tau + x**2 * math.e


@program([0.7, 0.2, 0.5])
def chained_ternary(x):
    return sum(v if v > 0.6 else v * v if v > 0.3 else v**3 for v in x)


@program(0.7, 0.2)
def swap_and_chain(x, y):
    a, b = x, y
    a, b = b, a * b
    c = d = a + b
    return c * d * a


@program([1.0, 2.0, 0.5])
def in_operator_on_numbers(x):
    values = [v * 2.0 for v in x]
    return sum(values) * (3.0 if 2 in [1, 2] else 1.0)


@program(0.4, 1.3)
def annotated_any(x: Any, y: "float" = 2.0) -> Any:
    z: Any = x * y
    return z * z


@program([0.4, 1.3], also=[([1.4, 1.3],), ([0.1, 0.0],)])
def match_alternatives_that_capture(x):
    match (x[0] > 0.2, x[0], x[1]):
        case (True, a, b) | (False, b, a) if a < 1.0:
            return a * a * b
        case (_, a, _):
            return 3.0 * a
