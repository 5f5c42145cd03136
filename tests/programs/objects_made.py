"""Objects that are made inside the function: construction, dataclasses, operators, results."""

import copy
import dataclasses
import functools
import math
from dataclasses import InitVar, dataclass, field

import numpy as np

from tests.programs.corpus import normal, positive, program


class Vector:
    """A vector of the plane with its operators."""

    __array_ufunc__ = None

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(self.x + other.x, self.y + other.y)

    def __radd__(self, other):
        if other == 0:
            return self
        return Vector(self.x + other, self.y + other)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __truediv__(self, k):
        return Vector(self.x / k, self.y / k)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __pos__(self):
        return self

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __pow__(self, n):
        return Vector(self.x**n, self.y**n)

    def __abs__(self):
        return math.sqrt(self @ self)

    def __getitem__(self, k):
        return (self.x, self.y)[k]

    def __len__(self):
        return 2

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __lt__(self, other):
        return abs(self) < abs(other)

    def __float__(self):
        return self.x

    def __repr__(self):
        return f"Vector({self.x}, {self.y})"

    def rotated(self, angle):
        c, s = math.cos(angle), math.sin(angle)
        return type(self)(c * self.x - s * self.y, s * self.x + c * self.y)

    @classmethod
    def polar(cls, r, angle):
        return cls(r * math.cos(angle), r * math.sin(angle))

    @classmethod
    def unit(cls):
        return cls(1.0, 0.0)


@dataclass
class Particle:
    position: float
    velocity: float
    mass: float = 1.0
    trace: list = field(default_factory=list)

    def energy(self):
        return 0.5 * self.mass * self.velocity**2 + self.position**2


@dataclass(frozen=True)
class State:
    x: float
    v: float
    t: float = 0.0

    def step(self, dt, k):
        a = -k * self.x
        return State(self.x + dt * self.v, self.v + dt * a, self.t + dt)

    def energy(self, k):
        return 0.5 * self.v**2 + 0.5 * k * self.x**2


@dataclass
class Triangle:
    a: float
    b: float
    c: float
    scale: InitVar[float] = 1.0
    area: float = field(init=False)

    def __post_init__(self, scale):
        s = 0.5 * (self.a + self.b + self.c)
        self.area = scale * math.sqrt(s * (s - self.a) * (s - self.b) * (s - self.c))


@dataclass(frozen=True)
class Normalised:
    x: float
    y: float

    def __post_init__(self):
        n = math.hypot(self.x, self.y)
        object.__setattr__(self, "x", self.x / n)
        object.__setattr__(self, "y", self.y / n)


@dataclass(order=True)
class Ranked:
    key: float
    value: float = field(compare=False)


@dataclass(kw_only=True)
class Options:
    rate: float
    steps: int = 3


@dataclass
class Base:
    a: float

    def total(self):
        return self.a


@dataclass
class Derived(Base):
    b: float = 2.0

    def total(self):
        return super().total() * self.b


@dataclass(slots=True)
class Slim:
    x: float
    y: float

    def product(self):
        return self.x * self.y


class Account:
    interest = 0.05

    def __init__(self, balance, *, fee=0.5):
        self.balance = balance
        self.fee = fee
        self._cached = None

    @functools.cached_property
    def yearly(self):
        return self.balance * self.interest - self.fee

    @property
    def rate(self):
        return self._rate

    @rate.setter
    def rate(self, value):
        self._rate = value * 2.0


class Polynomial:
    def __init__(self, coefficients):
        self.coefficients = tuple(coefficients)

    def __call__(self, x):
        total = 0.0
        for c in reversed(self.coefficients):
            total = total * x + c
        return total

    def derivative(self):
        return Polynomial([k * c for k, c in enumerate(self.coefficients)][1:])

    def __mul__(self, other):
        n = len(self.coefficients) + len(other.coefficients) - 1
        out = [0.0] * n
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                out[i + j] += a * b
        return Polynomial(out)


class Composed:
    def __init__(self, f, g):
        self.f, self.g = f, g

    def __call__(self, x):
        return self.f(self.g(x))


class Dual:
    """Forward mode by hand: differentiated once more by s2sad."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    __rmul__ = __mul__


@program(0.7, 1.3)
def constructed(x, y):
    p = Vector(x, y)
    return p.x * p.y + p[1]


@program(0.7, 1.3)
def operators(x, y):
    p, q = Vector(x, y), Vector(y, 2.0)
    r = (p + q) * 2.0 - 3.0 * q / x + -p
    return r @ p + abs(r)


@program(0.7, 1.3)
def operators_with_numbers(x, y):
    p = Vector(x, y)
    q = 2.0 * p + p * x
    return sum([p, q, +p])[0] + (p**3).y + float(q)


@program(np.float64(0.7), np.float64(1.3))
def numpy_scalar_times_object(x, y):
    p = x * Vector(y, x)
    return p.x + p.y**2


@program(0.7, 1.3)
def class_methods(x, y):
    p = Vector.polar(x, y)
    return p.rotated(x) @ Vector.unit() + p.x


@program(0.7, 1.3)
def comparisons_of_objects(x, y):
    p, q = Vector(x, y), Vector(y, x + 0.1)
    if p == q:
        return x
    if p < q and p != q:
        return p.x * q.y
    return y


@program(0.7, 1.3)
def sequence_of_object(x, y):
    total = 0.0
    for v in Vector(x, y):
        total = total + v * v
    a, b = Vector(x, y * y)
    return total + a * b + len(Vector(x, y))


@program(0.7, 1.3)
def unpacked_by_star(x, y):
    return math.hypot(*Vector(x, y)) + max(*[Vector(x, y)[0], y])


@program(0.7, 1.3)
def dataclass_made(x, v):
    p = Particle(x, velocity=v)
    return p.energy() + Particle(v, x, mass=x).energy()


@program(0.7, 1.3)
def default_factory(x, v):
    p, q = Particle(x, v), Particle(v, x)
    p.trace.append(x * v)
    q.trace.append(x)
    q.trace.append(v)
    return p.trace[0] * len(q.trace) + q.trace[1]


@program(State(1.0, 0.3), 2.0, 0.1)
def frozen_dataclass(s, k, dt):
    s = s.step(dt, k)
    s = s.step(dt, k)
    return s.energy(k)


@program(State(1.0, 0.3), 2.0, 6)
def frozen_dataclass_in_a_loop(s, k, n):
    for _ in range(n):
        s = s.step(0.1, k)
    return s.energy(k)


@program(State(1.0, 0.3), 2.0, 6)
def previous_state_kept(s, k, n):
    best = s.energy(k)
    for _ in range(n):
        before = s
        s = s.step(0.1, k)
        best = best + before.x * s.v
    return best


@program(State(1.0, 0.3), 2.0, 0.1)
def dataclasses_replace(s, k, dt):
    s = dataclasses.replace(s, x=s.x + dt * s.v)
    s = dataclasses.replace(s, v=s.v - dt * k * s.x, t=dt)
    return s.energy(k) * s.t


@program(0.7, 1.3, 1.1)
def post_init(a, b, c):
    return Triangle(a, b, c).area + Triangle(a, b, c, scale=a).area * b


@program(0.7, 1.3)
def frozen_post_init(x, y):
    n = Normalised(x, y)
    return n.x * 2.0 + n.y


@program(0.7, 1.3, also=[(1.3, 0.7)])
def ordered_dataclass(x, y):
    p, q = Ranked(x, y), Ranked(y, x)
    if p < q:
        return p.value * 2.0
    return q.value * x


@program(0.7)
def keyword_only_dataclass(x):
    o = Options(rate=x * x)
    total = x
    for _ in range(o.steps):
        total = total + o.rate * total
    return total


@program(0.7)
def inherited_dataclass(x):
    return Derived(x).total() + Derived(x, x).total()


@program(0.7, 1.3)
def slotted_dataclass(x, y):
    s = Slim(x, y)
    return s.product() + Slim(y, y).product()


@program(0.7, 1.3)
def asdict_and_astuple(x, v):
    s = State(x, v)
    d = dataclasses.asdict(s)
    return d["x"] * d["v"] + dataclasses.astuple(s)[0] ** 2


@program(0.7)
def cached_property(x):
    a = Account(x)
    first = a.yearly
    a.balance = 100.0 * x
    return first + a.yearly * 2.0 + a.balance


@program(0.7)
def property_setter(x):
    a = Account(x, fee=x)
    a.rate = x * x
    a.rate += 1.0
    return a.rate * a.fee


@program([1.0, -0.4, 0.3], 0.7)
def polynomial_class(c, x):
    p = Polynomial(c)
    return p(x) * p.derivative()(x) + (p * p)(x)


@program(0.7)
def composed_callables(x):
    f = Composed(math.sin, Composed(math.exp, lambda t: t * x))
    return f(x) + f(0.5)


@program(0.7)
def dual_numbers(x):
    d = Dual(x, 1.0)
    y = d * d * d + 2.0 * d
    return y.slope * y.value


@program(0.7, 1.3)
def objects_in_containers(x, y):
    pair = (Vector(x, y), Vector(y, y))
    table = {"p": Vector(x, x)}
    vectors = [Vector(x * k, y) for k in range(3)]
    return pair[0] @ pair[1] + table["p"].x * sum(v.x for v in vectors)


@program(0.7, 1.3, also=[(1.3, 0.7)])
def object_chosen(x, y):
    p = Vector(x, y) if x > y else Vector(y, x * x)
    if x < 1.0:
        q = p
    else:
        q = Vector(x, p.y)
    return p.x * q.y


@program(0.7, 1.3, also=[(1.3, 0.7)])
def object_made_in_a_branch(x, y):
    p = Vector(x, y)
    if x > y:
        p = p * 2.0
        q = p + p
    else:
        q = Vector(y, y * y)
    return p @ q


@program(Vector(0.7, 1.3), 2.0)
def object_result(p, k):
    return p * k


@program(0.7, 1.3)
def objects_in_result(x, y):
    return {"p": State(x, y), "q": [Vector(x, y * y), 2.0 * x]}


@program(State(0.7, 1.3), 2.0)
def argument_in_result(s, k):
    return s, s.x * k


@program(0.7)
def copied_object(x):
    p = Vector(x, 2.0)
    q = copy.copy(p)
    q.x = x * x
    r = copy.deepcopy([p, p, q])
    r[0].y = x
    return p.x * q.x + r[1].y * p.y


@program(normal(3), positive(3))
def object_of_arrays(a, b):
    v = Vector(a, b)
    w = v * 2.0 + Vector(b, a)
    return np.sum(w.x * w.y)


@program(normal(2, 2), normal(2))
def linear_map_class(m, x):
    class_free = Affine(m, x)
    return np.sum(class_free @ x) + np.sum((class_free @ class_free).offset)


class Affine:
    def __init__(self, matrix, offset):
        self.matrix = matrix
        self.offset = offset

    def __matmul__(self, other):
        if isinstance(other, Affine):
            return Affine(self.matrix @ other.matrix, self.matrix @ other.offset + self.offset)
        return self.matrix @ other + self.offset


@program(0.7)
def formatted_object(x):
    text = f"{Vector(x, 1.0)!r}"
    return x * len(text[:6])


@program(0.7)
def builder_chain(x):
    return Builder().add(x).add(x * x).total


class Builder:
    def __init__(self):
        self.total = 0.0

    def add(self, x):
        self.total = self.total * 0.5 + x
        return self
