"""A function that is one of several: in branches, carried round loops, or None; methods by name and by type."""

import dataclasses
import enum
import functools
import math
import operator

import numpy as np

from tests.programs.corpus import program


def wave(v):
    return math.sin(v)


def square(v):
    return v * v


@program(0.7, 4)
def next_function(x, n):
    f = wave
    s = x
    for k in range(n):
        s = f(s)
        f = wave if k % 2 else square
    return s


@program(0.7, 4)
def replaced_by_a_lambda(x, n):
    f = wave
    s = x
    for k in range(n):
        s = f(s)
        if k == 1:
            f = lambda v: v * x
    return s


@program(0.7, 5)
def swapped_functions(x, n):
    f, g = wave, square
    s = x
    for _ in range(n):
        s = f(s)
        f, g = g, f
    return s


@program(0.7, 5)
def swapped_closures(x, n):
    def scaled(c):
        return lambda v: v * c

    f, g = scaled(x), scaled(2.0)
    s = x
    for _ in range(n):
        s = f(s) + math.sin(s)
        f, g = g, f
    return s


@program(0.3)
def state_machine(x):
    def start(v):
        return v + 0.5, middle

    def middle(v):
        return v * v, (end if v > 1.0 else start)

    def end(v):
        return math.sin(v), None

    state, s = start, x
    while state is not None:
        s, state = state(s)
    return s


@program(0.7, 4)
def function_or_none(x, n):
    hook = None
    s = x
    for k in range(n):
        if hook is not None:
            s = hook(s)
        if k > 1:
            hook = math.cos
        elif k > 0:
            hook = wave
    return s + (hook(s) if hook else x)


@program(0.7, 4)
def compared_functions(x, n):
    f = math.sin if n > 2 else math.cos
    if f:
        x = x * x
    if f is math.sin:
        x = x + 1
    if f == math.cos or f is None:
        x = x + 2
    return f(x)


@program(0.7, 4)
def function_of_a_table(x, n):
    step = wave
    total = 0.0
    while True:
        total += step(x)
        n -= 1
        if n == 0:
            break
        step = {0: wave, 1: square}[n % 2]
    return total * step(x)


@program(0.7, 3, wrt=0, refused="S106")
def closure_of_each_iteration(x, n):
    def scaled(c):
        return lambda v: v * c

    f = scaled(x)
    s = x
    for _ in range(n):
        s = f(s)
        f = scaled(s)
    return s


class Phase(enum.Enum):
    HEAT = 1
    HOLD = 2
    COOL = 3

    def next(self):
        return {Phase.HEAT: Phase.HOLD, Phase.HOLD: Phase.COOL, Phase.COOL: Phase.COOL}[self]


@program(20.0, 0.9)
def member_of_an_enumeration(power, loss):
    phase, temperature, held, energy = Phase.HEAT, 20.0, 0, 0.0
    for _ in range(40):
        if phase is Phase.HEAT:
            q = power
            if temperature > 30.0:
                phase = phase.next()
        elif phase is Phase.HOLD:
            q = loss * (temperature - 20.0)
            held += 1
            if held >= 5:
                phase = Phase.COOL
        else:
            q = 0.0
        temperature += 0.1 * (q - loss * (temperature - 20.0))
        energy += q * 0.1
    last = Phase.HEAT if held > 50 else phase
    return temperature + 0.1 * energy * last.value


class Term:
    def __init__(self, *parts, **attributes):
        self.parts = parts
        for key, value in attributes.items():
            setattr(self, key, value)


class Number(Term):
    pass


class Sum(Term):
    pass


class Product(Term):
    pass


class Evaluator:
    def visit(self, term):
        method = getattr(self, "visit_" + type(term).__name__.lower(), None)
        if method is None:
            raise NotImplementedError(type(term).__name__)
        return method(term)

    def visit_number(self, term):
        return term.value

    def visit_sum(self, term):
        return sum(self.visit(part) for part in term.parts)

    def visit_product(self, term):
        return functools.reduce(operator.mul, map(self.visit, term.parts))


@program(0.7, 1.3)
def visitor(a, b):
    term = Sum(Product(Number(value=a), Number(value=b), Number(value=2.0)), Number(value=a), Sum(Number(value=b)))
    return Evaluator().visit(term)


@dataclasses.dataclass
class Sphere:
    r: float


@dataclasses.dataclass
class Block:
    a: float
    b: float


@functools.singledispatch
def volume(shape):
    raise TypeError(type(shape))


@volume.register
def _(shape: Sphere):
    return 4 / 3 * math.pi * shape.r**3


@volume.register
def _(shape: Block):
    return shape.a * shape.b * shape.a


@program(0.7, 1.2)
def single_dispatch(r, a):
    return volume(Sphere(r)) * volume(Block(a, r))


@program(0.7, also=[(0.3,)])
def numbers_that_a_condition_chooses(x):
    y = x * np.tanh(0.38 if x >= 0.62 else 1.34)
    return y * math.sin(2.0 if (x if x > 0.1 else -x) > 0.5 else x * y)
