"""Objects of user classes as arguments: attributes, methods, properties, inheritance, operators that read."""

import functools
import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from tests.programs.corpus import normal, positive, program

GRAVITY = 9.81


class Pendulum:
    """A weight on a rod."""

    samples = 4
    unit = "SI"

    def __init__(self, mass, length, name="bob"):
        self.mass = mass
        self.length = length
        self.name = name

    def energy(self, angle, rate):
        return self.kinetic(rate) + self.mass * GRAVITY * self.length * (1.0 - math.cos(angle))

    def kinetic(self, rate):
        return 0.5 * self.inertia * rate**2

    @property
    def inertia(self):
        return self.mass * self.length**2

    @property
    def period(self):
        return 2.0 * math.pi * math.sqrt(self.length / GRAVITY)

    @staticmethod
    def damping(rate, coefficient):
        return -coefficient * rate * abs(rate)

    @classmethod
    def scaled(cls, mass):
        return mass * cls.samples

    def __call__(self, angle):
        return self.mass * math.sin(angle) * self.length


class Layer:
    def __init__(self, w, b, activation="tanh"):
        self.w, self.b = w, b
        self.activation = activation

    def __call__(self, x):
        z = x @ self.w + self.b
        if self.activation == "tanh":
            return np.tanh(z)
        return z


class Network:
    def __init__(self, *layers):
        self.layers = list(layers)

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def loss(self, x, target):
        return np.mean((self(x) - target) ** 2)

    def penalty(self):
        return sum(np.sum(layer.w**2) for layer in self.layers)


class Shape(ABC):
    def __init__(self, scale):
        self.scale = scale

    @abstractmethod
    def area(self):
        ...

    def cost(self, price):
        return self.area() * price + self.margin()

    def margin(self):
        return 0.1 * self.scale


class Circle(Shape):
    def __init__(self, scale, radius):
        super().__init__(scale)
        self.radius = radius

    def area(self):
        return math.pi * self.radius**2 * self.scale


class Ring(Circle):
    def __init__(self, scale, radius, hole):
        super().__init__(scale, radius)
        self.hole = hole

    def area(self):
        return super().area() - math.pi * self.hole**2 * self.scale

    def margin(self):
        return super().margin() * 2.0 + super(Circle, self).margin()


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def norm(self):
        return math.hypot(self.x, self.y)


class Private:
    def __init__(self, k):
        self.__k = k

    def value(self, x):
        return self.__k * x * x


class Track(NamedTuple):
    a: float
    b: float

    def at(self, t):
        return self.a + self.b * t

    @property
    def slope(self):
        return self.b

    def moved(self, by):
        return self._replace(a=self.a + by)


class Counted:
    """A container that behaves like a sequence."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, k):
        return self.values[k]

    def __iter__(self):
        return iter(self.values)

    def __contains__(self, x):
        return x in self.values

    def __bool__(self):
        return len(self.values) > 0


def doubled(function):
    @functools.wraps(function)
    def wrapper(self, *args):
        return 2.0 * function(self, *args)

    return wrapper


class Decorated:
    def __init__(self, k):
        self.k = k

    @doubled
    def value(self, x):
        return self.k * x * x


class Gain:
    """A descriptor of its own."""

    def __init__(self, factor):
        self.factor = factor

    def __get__(self, owner, cls=None):
        return owner.k * self.factor


class Described:
    gain = Gain(3.0)

    def __init__(self, k):
        self.k = k


class Dynamic:
    def __init__(self, k):
        self.k = k

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return len(name)


def bob():
    return Pendulum(1.2, 0.7)


@program(bob(), 0.4, 1.1)
def attributes_and_methods(p, angle, rate):
    return p.energy(angle, rate) + p.mass


@program(bob(), 0.4)
def property_read(p, x):
    return p.inertia * x + p.period


@program(bob(), 0.4)
def static_and_class_methods(p, rate):
    return p.damping(rate, p.mass) + p.scaled(p.length) + Pendulum.damping(rate, 2.0)


@program(bob(), 0.4)
def class_attribute_read(p, x):
    return p.samples * x * p.mass


@program(bob(), 0.4)
def called_object(p, x):
    return p(x) + p(2.0 * x)


@program(bob(), 0.4)
def bound_method_as_value(p, x):
    f = p.energy
    return f(x, x) + sum(map(p.kinetic, [x, 2.0 * x]))


@program(bob(), 0.4)
def method_through_class(p, x):
    return Pendulum.kinetic(p, x) * p.mass


@program(bob(), 0.4)
def getattr_and_hasattr(p, x):
    rate = getattr(p, "rate", 2.0)
    if hasattr(p, "length") and not hasattr(p, "width"):
        return getattr(p, "mass") * x * rate
    return x


@program(bob(), 0.4)
def isinstance_and_type(p, x):
    if isinstance(p, Pendulum) and type(p) is Pendulum and p.__class__ is Pendulum:
        return p.mass * x
    return x


@program(bob(), 0.4)
def string_field_decides(p, x):
    return p.mass * x if p.name == "bob" else x


@program([bob(), Pendulum(0.5, 2.0)], 0.4)
def list_of_objects(bobs, x):
    total = 0.0
    for p in bobs:
        total = total + p.kinetic(x)
    return total * bobs[1].length


@program({"left": bob(), "right": Pendulum(0.5, 2.0)}, 0.4)
def dict_of_objects(pair, x):
    return pair["left"].kinetic(x) - pair["right"].energy(x, 1.0)


@program([bob(), Pendulum(0.5, 2.0), Pendulum(0.9, 1.1)], 0.4)
def objects_by_index(bobs, x):
    total = 0.0
    for i in range(len(bobs)):
        total += bobs[i].kinetic(x) * (i + 1)
    return total


@program([bob(), Pendulum(0.5, 2.0), Pendulum(0.9, 1.1)], 2, wrt=0)
def object_by_runtime_index(bobs, k):
    return bobs[k].inertia * bobs[k - 1].mass


@program([bob(), Pendulum(0.5, 2.0)], 0.4)
def objects_zipped(bobs, x):
    return sum(p.mass * q * x for p, q in zip(bobs, [1.0, 3.0]))


@program(Network(Layer(normal(3, 4), normal(4)), Layer(normal(4, 2), normal(2), "linear")), normal(5, 3), normal(5, 2))
def network_of_layers(net, x, target):
    return net.loss(x, target) + 0.1 * net.penalty()


@program(Circle(1.5, 0.8), 3.0, also=[(Ring(1.5, 0.8, 0.3), 3.0)])
def polymorphism(shape, price):
    return shape.cost(price)


@program(Ring(1.5, 0.8, 0.3), 3.0)
def super_methods(shape, price):
    return shape.cost(price) * shape.scale


@program(Slotted(0.6, 1.1))
def slots(p):
    return p.norm() * p.x


@program(Private(1.7), 0.3)
def private_name(p, x):
    return p.value(x)


@program(Track(0.3, 1.2), 0.7)
def named_tuple_methods(track, t):
    return track.at(t) * track.slope + track.moved(t).a**2


@program(Track(0.3, 1.2), 0.7)
def named_tuple_replace(track, t):
    other = track._replace(b=t * track.b)
    return other.at(2.0) + track._asdict()["a"]


@program(Counted(normal(4)), 0.7)
def sequence_protocol(c, x):
    total = c[0] * x
    for v in c:
        total = total + v * v
    return total * len(c) if c else x


@program(Counted([0.4, 1.3, -0.2]), 0.7)
def sequence_protocol_of_list(c, x):
    total = 0.0
    for i in range(len(c)):
        total = total + c[i] * x**i
    return total


@program(Decorated(1.3), 0.7)
def decorated_method(d, x):
    return d.value(x) + d.value(d.k)


@program(Described(1.3), 0.7)
def own_descriptor(d, x):
    return d.gain * x + d.k


@program(Dynamic(1.3), 0.7)
def dynamic_attribute(d, x):
    return d.k * d.three * x


class Holder:
    def __init__(self, inner, weight):
        self.inner = inner
        self.weight = weight


@program(Holder(Holder(bob(), 0.3), 1.4), 0.6)
def nested_objects(h, x):
    return h.weight * h.inner.weight * h.inner.inner.energy(x, x)


@program(Holder({"k": [1.2, 0.4], "name": "spring"}, positive(3)), 0.6)
def containers_in_fields(h, x):
    return h.inner["k"][0] * x + h.inner["k"][1] * np.sum(h.weight)


@program(Holder(math.sin, 1.4), 0.6)
def function_in_a_field(h, x):
    return h.inner(h.weight * x)


power_of_two = functools.partial(math.pow, 2.0)


@program(Holder(math.sin, 1.4), 0.6)
def partials(h, x):
    return power_of_two(h.weight * x) * functools.partial(math.atan2, x)(h.weight)


@program(Holder(None, 1.4), 0.6)
def none_in_a_field(h, x):
    if h.inner is None:
        return h.weight * x
    return x


@program(Holder(3, 1.4), 0.6)
def integer_field_is_constant(h, x):
    total = x
    for _ in range(h.inner):
        total = total * h.weight
    return total


@program(Holder(True, 1.4), 0.6, also=[(Holder(False, 1.4), 0.6)])
def bool_field_decides(h, x):
    if h.inner:
        return h.weight * x
    return h.weight + x


@program(bob(), 0.4)
def object_returned_in_tuple(p, x):
    return p.mass * x, p.inertia


@program(bob(), 0.4)
def printed_on_the_way(p, x):
    print(p.name, p.mass)
    return p.kinetic(x)


@program(0.4, bob(), wrt=0)
def object_constant(x, p):
    return p.energy(x, x)


@program(bob(), bob(), 0.5)
def two_objects(p, q, x):
    return p.energy(x, x) - q.inertia * p.mass
