"""Objects that change: attribute stores, in-place updates, aliases, branches and loops over mutable state."""

import copy
import math
from dataclasses import dataclass, field

import numpy as np

from tests.programs.corpus import normal, positive, program


class Tank:
    """A vessel whose level changes."""

    def __init__(self, level, area=2.0):
        self.level = level
        self.area = area
        self.filled = 0.0

    def fill(self, volume):
        self.level += volume / self.area
        self.filled = self.filled + volume
        return self

    def drain(self, coefficient):
        flow = coefficient * math.sqrt(self.level)
        self.level = self.level - flow / self.area
        return flow


class Controller:
    def __init__(self, kp, ki, kd):
        self.kp, self.ki, self.kd = kp, ki, kd
        self.integral = 0.0
        self.previous = None

    def update(self, error, dt):
        self.integral += error * dt
        slope = 0.0 if self.previous is None else (error - self.previous) / dt
        self.previous = error
        return self.kp * error + self.ki * self.integral + self.kd * slope


class Grid:
    def __init__(self, values):
        self.values = values
        self.total = 0.0

    def smooth(self, k):
        self.values[1:-1] += k * (self.values[2:] - 2.0 * self.values[1:-1] + self.values[:-2])

    def accumulate(self):
        for v in self.values:
            self.total += v * v


class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right

    def total(self):
        result = self.value * self.value
        if self.left is not None:
            result = result + self.left.total()
        if self.right is not None:
            result = result + 2.0 * self.right.total()
        return result

    def scale(self, k):
        self.value = self.value * k
        if self.left is not None:
            self.left.scale(k)
        if self.right is not None:
            self.right.scale(k * k)


class Body:
    def __init__(self, x, v, m):
        self.x, self.v, self.m = x, v, m


class System:
    def __init__(self, bodies):
        self.bodies = bodies
        self.time = 0.0

    def step(self, dt):
        forces = []
        for i, a in enumerate(self.bodies):
            force = 0.0
            for j, b in enumerate(self.bodies):
                if i != j:
                    force = force + a.m * b.m * (b.x - a.x)
            forces.append(force)
        for body, force in zip(self.bodies, forces):
            body.v += dt * force / body.m
            body.x += dt * body.v
        self.time += dt

    def energy(self):
        return sum(0.5 * b.m * b.v**2 for b in self.bodies)


@dataclass
class Recorder:
    gain: float
    history: list = field(default_factory=list)
    totals: dict = field(default_factory=dict)

    def record(self, x):
        self.history.append(self.gain * x)
        self.totals["sum"] = self.totals.get("sum", 0.0) + x


class Stack:
    def __init__(self):
        self.items = []

    def push(self, x):
        self.items.append(x)

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)


class Matrix:
    def __init__(self, n):
        self.data = np.zeros((n, n))

    def __setitem__(self, key, value):
        self.data[key] = value

    def __getitem__(self, key):
        return self.data[key]

    def __iadd__(self, other):
        self.data += other
        return self


class Accumulator:
    def __init__(self):
        self.total = 0.0
        self.count = 0

    def __iadd__(self, x):
        self.total += x
        self.count += 1
        return self

    @property
    def mean(self):
        return self.total / self.count


def fill_twice(tank, volume):
    tank.fill(volume)
    tank.level = tank.level + volume * volume


@program(1.5, 0.4)
def object_changed_by_methods(level, x):
    tank = Tank(level)
    tank.fill(x)
    flow = tank.drain(0.3)
    return tank.level * flow + tank.filled


@program(Tank(1.5), 0.4, writes=True)
def argument_changed(tank, x):
    tank.fill(x)
    tank.level *= 1.5
    return tank.level + tank.drain(x)


@program(1.5, 0.4)
def alias_of_object(level, x):
    tank = Tank(level)
    other = tank
    other.level = other.level * x
    tank.area = x
    return tank.level * other.area


@program(1.5, 0.4)
def object_in_a_list(level, x):
    tank = Tank(level)
    tanks = [tank, Tank(x)]
    tanks[0].level = x * level
    tank.fill(x)
    return tanks[0].level * tanks[1].level


@program(1.5, 0.4)
def object_in_a_field(level, x):
    inner = Tank(level)
    outer = Node(inner)
    outer.value.level = x * inner.level
    inner.fill(x)
    return outer.value.level * inner.filled


@program(1.5, 0.4)
def object_in_dict_and_tuple(level, x):
    tank = Tank(level)
    table = {"a": tank}
    pair = (tank, x)
    pair[0].level = x * x
    table["a"].fill(x)
    return tank.level + pair[1]


@program(1.5, 0.4)
def callee_changes_object(level, x):
    tank = Tank(level)
    fill_twice(tank, x)
    return tank.level * tank.filled


@program(1.5, 0.4)
def method_changes_and_returns_self(level, x):
    return Tank(level).fill(x).fill(x * x).level


@program(1.5, 0.4, also=[(0.2, 0.4)])
def changed_in_a_branch(level, x):
    tank = Tank(level)
    if level > 1.0:
        tank.fill(x)
    else:
        tank.level = x * x
        tank.area = level
    return tank.level * tank.area + tank.filled


@program(1.5, 0.4, 5)
def changed_in_a_loop(level, x, n):
    tank = Tank(level)
    out = 0.0
    for _ in range(n):
        tank.fill(x)
        out += tank.drain(0.2)
    return out * tank.level


@program(1.5, 0.4, also=[(3.5, 0.4)])
def changed_in_a_while(level, x):
    tank = Tank(level)
    while tank.level > 1.0:
        tank.drain(x)
    return tank.level * x


@program(1.5, 0.4)
def changed_in_a_test(level, x):
    tank = Tank(level)
    if tank.drain(x) > 0.1:
        return tank.level
    return tank.level * 2.0


@program(1.5, 0.4)
def changed_in_a_ternary(level, x):
    tank = Tank(level)
    y = tank.drain(x) if x > 0.2 else tank.fill(x).level
    return y * tank.level


@program(1.5, 0.4)
def changed_in_a_boolean(level, x):
    tank = Tank(level)
    if x > 0.2 and tank.drain(x) > 0.1:
        return tank.level
    return tank.level * 2.0


@program(1.5, 0.4)
def evaluation_order(level, x):
    tank = Tank(level)
    return tank.level * tank.fill(x).level + tank.level


@program(0.8, 0.3, 0.1, 1.2, 8)
def pid_control(kp, ki, kd, target, n):
    controller = Controller(kp, ki, kd)
    plant, cost = 0.2, 0.0
    for _ in range(n):
        u = controller.update(target - plant, 0.1)
        plant = plant + 0.1 * (u - 0.5 * plant)
        cost += (target - plant) ** 2
    return cost


@program(normal(6), 0.2, writes=True)
def array_field_written(values, k):
    grid = Grid(values * 2.0)
    grid.smooth(k)
    grid.smooth(k)
    grid.accumulate()
    return grid.total


@program(Grid(normal(6)), 0.2, wrt=(0, 1), writes=True)
def array_of_argument_written(grid, k):
    grid.smooth(k)
    grid.values[0] *= k
    grid.accumulate()
    return grid.total + grid.values[0]


@program(normal(6), 0.2, writes=True)
def array_shared_with_field(values, k):
    v = values * k
    grid = Grid(v)
    v[0] = k * k
    grid.values[1] += v[0]
    return np.sum(v * grid.values)


@program(normal(6), 0.2, writes=True)
def array_field_rebound(values, k):
    grid = Grid(values)
    old = grid.values
    grid.values = old * k
    grid.values[2] = 1.0
    return np.sum(old * grid.values)


@program(normal(6), 0.2, writes=True)
def array_field_updated(values, k):
    grid = Grid(values.copy())
    view = grid.values
    grid.values *= k
    grid.values += view
    return np.sum(view**2)


@program(Node(0.5, Node(1.2), Node(0.3, Node(0.9))), 1.4)
def tree(node, x):
    return node.total() * x


@program(Node(0.5, Node(1.2), Node(0.3, Node(0.9))), 1.4, writes=True)
def tree_changed(node, x):
    node.scale(x)
    node.left.value = node.left.value + node.right.left.value
    return node.total()


@program(0.4, 1.3, writes=True)
def linked_objects(x, y):
    tail = Node(x)
    head = Node(y, tail)
    tail.value = tail.value * y
    head.left.left = Node(x * x)
    return head.total() + tail.left.value


@program([Body(0.0, 0.3, 1.0), Body(1.0, -0.2, 0.7), Body(-0.6, 0.1, 1.3)], 0.05, writes=True)
def system_of_bodies(bodies, dt):
    system = System(bodies)
    for _ in range(4):
        system.step(dt)
    return system.energy() + system.bodies[0].x * system.time


@program([Body(0.0, 0.3, 1.0), Body(1.0, -0.2, 0.7)], 0.05, writes=True)
def bodies_by_index(bodies, dt):
    for i in range(len(bodies)):
        bodies[i].x += dt * bodies[i].v
    for i in range(1, len(bodies)):
        bodies[i].v -= dt * (bodies[i].x - bodies[i - 1].x)
    return sum(b.v * b.x for b in bodies)


@program(0.7, 4)
def list_field_appended(x, n):
    r = Recorder(x)
    for k in range(n):
        r.record(x * k)
    return sum(r.history) + r.totals["sum"] * r.gain


@program(Recorder(0.7), 0.3, writes=True, wrt=(0, 1))
def list_of_argument_appended(r, x):
    r.history.append(x * r.gain)
    r.history.append(r.history[0] * x)
    return sum(r.history) * r.gain


@program(0.7)
def stack_of_values(x):
    stack = Stack()
    stack.push(x)
    stack.push(x * x)
    y = stack.pop()
    stack.push(y * y)
    return stack.pop() + stack.pop() * len(stack)


@program(0.7, 0.2, writes=True)
def items_of_object_stored(x, y):
    m = Matrix(3)
    m[0, 1] = x
    m[1] = np.array([x, y, x * y])
    m[0, 1] += y
    m += x
    return np.sum(m.data**2) + m[2, 2]


@program(normal(5))
def accumulator(values):
    acc = Accumulator()
    for v in values:
        acc += v * v
    return acc.mean + acc.total


@program(1.5, 0.4, also=[(0.3, 0.4)])
def replaced_in_a_branch(level, x):
    tank = Tank(level)
    if level > 1.0:
        tank = Tank(x)
    return tank.level * tank.area


@program(1.5, 0.4, 4)
def replaced_in_a_loop(level, x, n):
    tank = Tank(level)
    for _ in range(n):
        tank = Tank(tank.level * x + 1.0, tank.area)
    tank.fill(x)
    return tank.level


@program(1.5, 0.4, 4)
def field_replaced_in_a_loop(level, x, n):
    holder = Node(Tank(level))
    for _ in range(n):
        holder.value = Tank(holder.value.level * x + 1.0)
    return holder.value.level


@program(1.5, 0.4, 4)
def made_in_a_loop(level, x, n):
    total = 0.0
    for k in range(n):
        tank = Tank(level)
        tank.fill(x * k)
        total += tank.level
    return total * tank.filled


@program(1.5, 0.4, 3)
def nested_loops_over_state(level, x, n):
    tank = Tank(level)
    for i in range(n):
        for _ in range(i):
            tank.fill(x)
        tank.area = tank.area * 1.1
        for _ in range(2):
            tank.drain(0.1)
    return tank.level + tank.area


@program(1.5, 0.4, 5)
def leaves_loop_by_break(level, x, n):
    tank = Tank(level)
    for _ in range(n):
        tank.fill(x)
        if tank.level > 2.0:
            tank.area = x
            break
    return tank.level * tank.area


@program(Tank(1.5), 0.4, writes=True)
def changed_argument_returned(tank, x):
    tank.fill(x)
    return tank


@program(Tank(1.5), Tank(0.7), 0.4, writes=True)
def two_arguments_changed(a, b, x):
    a.fill(x)
    b.level = a.level * x
    return b.level + a.filled


@program(Node(Tank(1.5), Tank(0.4)), 0.4, writes=True)
def inner_object_of_argument_changed(node, x):
    node.value.fill(x)
    node.left = Tank(node.value.level)
    return node.left.level * node.value.filled


@program(1.5, 0.4)
def closure_over_object(level, x):
    tank = Tank(level)

    def add(v):
        tank.level = tank.level + v
        return tank.level

    return add(x) * add(x * x) + tank.level


@program(1.5, 0.4)
def setattr_and_vars(level, x):
    tank = Tank(level)
    for name in ("level", "area"):
        setattr(tank, name, getattr(tank, name) * x)
    return tank.level * vars(tank)["area"] + tank.__dict__["level"]


@program(1.5, 0.4)
def new_attribute(level, x):
    tank = Tank(level)
    tank.extra = x * level
    return tank.extra * tank.level


@program(positive(3), 0.4, writes=True)
def unpacked_into_fields(v, x):
    tank = Tank(x)
    tank.level, tank.area = v[0] * x, v[1]
    tank.level, tank.area = tank.area, tank.level
    return tank.level**2 * tank.area


def divided(tank, x):
    tank.level = tank.level * x
    if x > 1.0:
        raise ValueError("too much")
    tank.level = tank.level + 1.0
    return tank.level


@program(1.5, 0.4, also=[(1.5, 1.4)])
def made_before_and_replaced_in_a_handler(level, x):
    tank = Tank(level)
    try:
        y = math.sqrt(1.0 - x)
    except ValueError:
        tank.fill(x)
        y = x
    return tank.level * y


@program(1.5, 0.4)
def field_that_may_have_been_stored(level, x):
    tank = Tank(level)
    try:
        y = divided(tank, x)
    except ValueError:
        y = tank.level
    return y


@program(1.5, 0.4)
def counted_by_nonlocal(level, x):
    tank = Tank(level)
    calls = 0

    def fill(v):
        nonlocal calls
        calls += 1
        tank.fill(v)
        return tank.level * calls

    return fill(x) + fill(x * x)


@program(1.5, 0.4)
def generator_method(level, x):
    return sum(v * x for v in Levels(level)) + sum(Levels(x))


class Levels:
    def __init__(self, start):
        self.start = start

    def __iter__(self):
        for k in range(3):
            yield self.start * (k + 1)


@program(1.5, 0.4, also=[(0.3, 0.4)])
def matched_by_class(level, x):
    match Tank(level):
        case Tank(level=v) if level > 1.0:
            return v * x
        case Tank(area=a):
            return a + x


def filled_within(tank, volume):
    if tank.level + volume > 3.0:
        raise ValueError("it runs over")
    return tank.level + volume


@program(0.7, 1.3, also=[(1.9, 1.3)])
def field_stored_in_a_try(level, x):
    tank = Tank(level * level)
    try:
        tank.level = filled_within(tank, x)
    except ValueError:
        pass
    return tank.level * x


@program(0.7, 1.3)
def field_stored_by_the_handler(level, x):
    tank = Tank(level * level)
    try:
        tank.fill(x)
        tank.level = filled_within(tank, x)
    except ValueError:
        tank.level, tank.filled = 2.0 * x, level
    return tank.level * tank.filled


def filled_in_steps(tank, volume):
    tank.area = tank.area + 1.0
    tank.level = filled_within(tank, volume)


@program(0.7, 1.3)
def field_stored_by_a_callee_that_raises(level, x):
    tank = Tank(level * level)
    try:
        filled_in_steps(tank, x)
    except ValueError:
        pass
    return tank.level * tank.area


@program(0.7, 1.3)
def object_changed_by_a_closure(level, x):
    tank = Tank(level)
    total = 0.0

    def drain():
        nonlocal total, tank
        total += tank.level
        tank.area = tank.area * x
        tank = Tank(tank.level * x, tank.area)

    for _ in range(3):
        drain()
    return total * tank.level * tank.area


class Bisection:
    def __init__(self, f, a, b):
        self.f, self.a, self.b = f, a, b

    def __iter__(self):
        return self

    def __next__(self):
        if self.b - self.a < 0.05:
            raise StopIteration
        middle = 0.5 * (self.a + self.b)
        if self.f(middle) * self.f(self.a) <= 0:
            self.b = middle
        else:
            self.a = middle
        return middle


@program(0.1, 1.3)
def object_that_steps_itself(a, b):
    total = 0.0
    for middle in Bisection(lambda t: t * t - 0.5, a, b):
        total += middle * middle
    return total


class Steps:
    def __init__(self, x, n):
        self.x, self.n = x, n

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        self.x = self.x * 0.5
        if self.n < 0:
            raise StopIteration
        return self.x * self.x, self.n


@program(0.7, 5)
def steps_taken_in_two_loops(x, n):
    steps = Steps(x, n)
    total = 0.0
    for v, k in steps:
        total += v
        if k == 2:
            break
    for v, _ in steps:
        total += 10 * v
    return total + steps.x + sum(v for v, _ in Steps(x, 2))


class Oscillator:
    def __init__(self, x, v):
        self.x, self.v, self.history = x, v, []

    def step(self, dt):
        self.v -= dt * self.x
        self.x += dt * self.v
        self.history.append(self.x)
        return self


@program(0.7, 0.2)
def deep_copy_with_a_list(x, v):
    first = Oscillator(x, v)
    for _ in range(3):
        first.step(0.1)
    second = copy.deepcopy(first)
    second.step(0.2).step(0.2)
    return first.x * second.x + sum(second.history) + len(first.history) * first.v
