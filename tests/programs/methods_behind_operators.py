"""Methods that brackets and functions of Python's call: what they are given may be differentiated."""

import collections
import math

from tests.programs.corpus import normal, positive, program


class Table:
    """A parabola that is read and summed up by brackets."""

    def __init__(self, scale):
        self.scale = scale
        self.total = 0.0

    def __getitem__(self, t):
        return self.scale * t * t + 1.0

    def __setitem__(self, t, value):
        self.total = self.total + t * value


class Surface:
    def __getitem__(self, place):
        x, y = place
        return x * y + x


class Amount:
    def __init__(self, value):
        self.value = value

    def __round__(self, digits=0):
        return self.value * (2.0 + digits)

    def __floor__(self):
        return self.value * 3.0

    def __ceil__(self):
        return self.value * 5.0

    def __trunc__(self):
        return self.value * 7.0

    def __divmod__(self, other):
        return self.value * other, self.value + other

    def __pow__(self, power):
        return self.value**power


FIXED = Table(2.0)


@program(normal(3))
def read_by_brackets(x):
    table = Table(x[0])
    return table[x[1]] * table[2.0] + table[x[2] * x[1]]


@program(normal(3))
def read_by_two_coordinates(x):
    surface = Surface()
    return surface[x[0], x[1]] + surface[2.0, x[2]]


@program(normal(4))
def written_by_brackets(x):
    table = Table(1.0)
    table[x[0]] = x[1]
    table[2.0 * x[2]] += x[3]
    for v in x:
        table[v] = 0.5
    return table.total


@program(positive(3))
def asked_by_functions_of_python(x):
    amount = Amount(x[0])
    quotient, rest = divmod(amount, x[1])
    rounded = round(amount) * round(amount, 2)
    return quotient * rest + rounded + math.floor(amount) * math.ceil(amount) + math.trunc(amount) * pow(amount, 3)


@program(normal(3))
def method_of_brackets_by_its_name(x):
    return FIXED.__getitem__(x[0]) * x[1]


@program(normal(4))
def keys_that_carry_no_derivative(x):
    found = {}
    for i in range(4):
        key = round(x[i], 1)
        found[key] = found.get(key, 0.0) + x[i]
        found[math.floor(x[i]), i] = x[i] ** 2
        found[x[i] > 0.0, "sign"] = x[i] ** 3
    return sum(found.values())


class Soft:
    """Compares by a smooth step."""

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return 1.0 / (1.0 + math.exp(5.0 * (self.value - other.value)))

    def __eq__(self, other):
        return math.exp(-((self.value - other) ** 2))

    __hash__ = None


@program(normal(4))
def comparisons_that_give_numbers(x):
    p, q = Soft(x[0]), Soft(x[1])
    w = p < q
    return w * x[2] + (1.0 - w) * x[3] + (q > Soft(x[2])) + (p == x[3])


@program(normal(3))
def comparison_in_a_loop(x):
    p, q = Soft(x[0]), Soft(x[1])
    for _ in range(3):
        p = Soft(p.value + (p < q) * x[2])
    return p.value


# ---- what is given cannot be followed -----------------------------------------------------------
@program(normal(3), refused="S201")
def brackets_of_an_object_from_outside(x):
    return FIXED[x[0]] * x[1]


class Threshold:
    def __gt__(self, t):
        return t * 2.0


LIMIT = Threshold()


@program(normal(3), refused="S201")
def comparison_with_an_object_from_outside(x):
    return (x[0] < LIMIT) * x[1]


class Scaled(dict):
    def __missing__(self, key):
        return key * 2.0


@program(normal(3), refused="S201")
def missing_key_of_a_dict_of_its_own_class(x):
    return Scaled()[x[0]] + x[1]


@program(normal(3), refused="S205")
def differentiated_key_of_a_dict(x):
    weights = {}
    for i in range(3):
        weights[x[i] * 2.0] = i + 1.0
    return sum(k * v for k, v in weights.items())


@program(normal(3), refused="S205")
def differentiated_part_of_a_key(x):
    seen = {}
    for i in range(3):
        seen[i, x[i]] = 1.0
    return sum(key[1] for key in seen)


@program(normal(3), refused="S205")
def differentiated_key_of_a_counter(x):
    counts = collections.defaultdict(float)
    for v in x:
        counts[v] += 1.0
    return sum(k * v for k, v in counts.items())


@program(normal(3), refused="S205")
def differentiated_key_of_an_ordered_dict(x):
    order = collections.OrderedDict()
    for v in x:
        order[v * 2.0] = v
    return sum(order)
