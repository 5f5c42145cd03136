"""Checkpoints and checkpointed loops whose state is in objects of user classes."""

import math
from dataclasses import dataclass, replace

import numpy as np

from s2sad import checkpoint, checkpointed
from tests.programs.corpus import program, unit


class Body:
    def __init__(self, x, v):
        self.x = x
        self.v = v

    def push(self, force, dt):
        self.v += force * dt
        self.x += self.v * dt


class Pendulums:
    def __init__(self, k, bodies):
        self.k = k
        self.bodies = bodies
        self.time = 0.0

    def step(self, dt):
        for body in self.bodies:
            body.push(-self.k * math.sin(body.x), dt)
        self.time += dt


class Node:
    def __init__(self, value, child):
        self.value = value
        self.child = child


@dataclass(frozen=True)
class State:
    x: float
    v: float


@dataclass
class Spring:
    k: float
    m: float


@checkpoint
def pushed(body, x):
    body.push(-math.sin(body.x) * x, 0.1)
    return Body(body.v, body.x)


@checkpoint
def scaled(body, x):
    body.x = body.x * x
    return body


@checkpoint
def both(one, other, x):
    one.x = one.x * x
    return other.x * one.x


@program(0.7, 5, wrt=0, also=[(0.7, 0), (0.7, 1)])
def object_changed_by_a_method(x, n):
    body = Body(x, 0.5)
    for _ in checkpointed(range(n)):
        body.push(-math.sin(body.x) * x, 0.1)
    return body.x * body.v


@program(0.7, 5, wrt=0)
def objects_in_an_object(x, n):
    system = Pendulums(x, [Body(x, 0.1), Body(2.0 * x, -0.2)])
    for _ in checkpointed(range(n)):
        system.step(0.1)
    return system.bodies[0].x * system.bodies[1].v + system.time * system.bodies[0].v


@program(0.7, 5, wrt=0)
def object_made_anew_each_step(x, n):
    p = State(x, 0.3)
    for _ in checkpointed(range(n)):
        p = State(p.x + 0.1 * p.v, p.v - 0.1 * math.sin(p.x) * x)
    return p.x * p.v


@program(0.7, 5, wrt=0)
def object_changed_or_made_anew(x, n):
    body = Body(x, 0.1)
    for t in checkpointed(range(n)):
        if t % 2 == 0:
            body.push(-math.sin(body.x) * x, 0.1)
        else:
            body = Body(body.x * 0.9, body.v + 0.1 * x)
    return body.x * body.v


@program(0.7, 5, wrt=0, refused="S202")
def object_changed_or_made_anew_with_another_name(x, n):
    body = Body(x, 0.1)
    other = body
    for t in checkpointed(range(n)):
        if t % 2 == 0:
            body = Body(body.x * 0.9, body.v + 0.1 * x)
        body.push(-math.sin(body.x) * x, 0.1)
    return body.x * other.v + other.x


@program(0.7, 5, wrt=0)
def object_under_two_names(x, n):
    body = Body(x, 0.0)
    held = [body]
    for _ in checkpointed(range(n)):
        body.v += -math.sin(held[0].x) * 0.1
        held[0].x += body.v * 0.1
    return body.x * held[0].v


@program(0.7, 5, wrt=0)
def child_replaced_in_each_step(x, n):
    root = Node(x, Node(2.0 * x, None))
    first = root.child
    for _ in checkpointed(range(n)):
        root.child = Node(math.sin(root.value) * x + root.child.value, None)
        root.value = root.child.value + 0.1
    return root.value * root.child.value + first.value


@program(unit(2), 5, wrt=0, writes=True)
def arrays_of_an_object(x, n):
    body = Body(x * 2.0, np.zeros(2))
    seen = body.x
    for _ in checkpointed(range(n)):
        body.v += -np.sin(body.x) * 0.1
        body.x += body.v * x
        body.v[0] *= 0.9
    return np.sum(body.x * body.v) + np.sum(seen)


@program(unit(2), 5, wrt=0, writes=True)
def array_of_an_object_replaced_and_added_to(x, n):
    body = Body(x * 2.0, x * x)
    before = body.x
    for _ in checkpointed(range(n)):
        body.x = body.x * 0.9 + x
        body.x += body.v
        body.v = body.v + 0.1 * body.x
    return np.sum(before * body.v) + np.sum(body.x)


@program(0.7, 5, wrt=0)
def objects_on_disk(x, n):
    body, spring = Body(x, 0.2), Spring(x, 2.0)
    for _ in checkpointed(range(n), slots=2, schedule="two_level", storage="disk"):
        body.push(-spring.k * math.sin(body.x) / spring.m, 0.1)
        spring = replace(spring, m=spring.m * 1.01)
    return body.x * body.v * spring.m


@program(unit(2), 5, wrt=0, writes=True)
def arrays_of_an_object_on_disk(x, n):
    body = Body(x * 2.0, x * x)
    for _ in checkpointed(range(n), slots=2, schedule="two_level", storage="disk"):
        body.x += 0.1 * body.v
        body.v = body.v - np.sin(body.x) * x
    return np.sum(body.x * body.v * x)


@program(0.7, 6, wrt=0)
def object_in_a_checkpointed_while(x, n):
    body, t = Body(x, 0.0), 0
    while checkpointed(body.x < 5.0 and t < n, slots=2):
        body.x = body.x * 1.2 + x
        t += 1
    return body.x * t


@program(0.7, 4, wrt=0)
def checkpointed_loops_change_an_object(x, n):
    body = Body(x, 0.2)
    for _ in checkpointed(range(n)):
        for _ in checkpointed(range(2)):
            body.push(-math.sin(body.x) * x, 0.1)
        body.v *= 0.9
    return body.x * body.v


@program(0.7)
def objects_given_to_checkpoints(x):
    body = Body(x, 0.2)
    made = pushed(body, x)
    again = pushed(made, x * 2.0)
    same = scaled(body, x)
    same.x += x
    return body.x * made.v + again.x * again.v * made.x


@program(0.7)
def one_object_given_twice(x):
    one, other = Body(x, 0.2), Body(x * 3.0, 0.1)
    return both(one, one, x) * both(one, other, x) + both(other, one, x) * one.x + other.x


@program(0.7, 5, wrt=0)
def attribute_of_text_and_of_a_closure(x, n):
    body = Body(x, 0.2)
    body.name, body.count = "start", 3

    def scaled_x(k):
        return body.x * k

    for _ in checkpointed(range(n)):
        body.count += 1
        body.x = math.sin(scaled_x(x)) * body.count
        body.name = "end"
    return scaled_x(2.0) * (2.0 if body.name == "end" else 1.0)
