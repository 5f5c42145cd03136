"""Checkpoints: functions that are computed again, and loops that are recorded in stretches."""

import math
from typing import NamedTuple

import numpy as np

import s2sad
from s2sad import checkpoint, checkpointed
from tests.programs.corpus import normal, program, unit


@checkpoint
def layer(x, params):
    y = np.tanh(params["w"] @ x + params["b"])
    return y, np.sum(y * y)


def plain_step(x, k):
    return np.sin(x) * k + x * x


@checkpoint
def scaled_in_place(x, k):
    x *= k
    x[0] = x[1] * x[1]
    return np.sum(x)


class State(NamedTuple):
    x: float
    v: float


@program(normal(3), {"w": unit(3, 3), "b": normal(3)})
def checkpointed_layers(x, params):
    y, a = layer(x, params)
    z, b = layer(y, params)
    return np.sum(z) + a * b


@program(0.7, 1.3)
def checkpoint_made_inside(x, k):
    step = s2sad.checkpoint(plain_step)
    return step(step(x, k), 2.0) * x


@program(0.7, 1.3)
def checkpoint_of_a_closure(x, k):
    step = s2sad.checkpoint(lambda y: y * y * k + x)
    return step(step(k))


@program(unit(3), 1.3, writes=True)
def checkpoint_writes_into_its_argument(x, k):
    y = x * 2.0
    total = scaled_in_place(y, k)
    return total * np.sum(y * y)


@program(0.7, 3, wrt=0)
def checkpoint_in_a_loop(x, n):
    step = checkpoint(plain_step)
    for i in range(n):
        x = step(x, 0.1 * i)
    return x


@program(0.7)
def checkpoint_in_a_branch(x):
    if x > 0.0:
        return checkpoint(plain_step)(x, 2.0)
    return x


@program(0.4, 10, wrt=0, also=[(0.4, 0), (0.4, 1), (0.4, 2), (0.4, 3)])
def checkpointed_iteration(x, n):
    s = 0.5
    for _ in checkpointed(range(n)):
        s = s * x + math.sin(s)
    return s * x


@program(0.4, 11, 3, wrt=0)
def number_of_snapshots(x, n, slots):
    s = x
    for i in checkpointed(range(n), slots=slots, schedule="two_level"):
        s = math.sin(s * x) + 0.1 * i
    return s


@program(0.4, 3, 17, wrt=0, also=[(0.4, 5, 5), (0.4, 7, 8)])
def checkpointed_range_with_a_step(x, a, b):
    s = x
    for t in s2sad.checkpointed(range(a, b, 3)):
        s = s * 0.5 + x * t
    for t in s2sad.checkpointed(range(b, a, -2)):
        s = math.sin(s) + x * t
    for t in s2sad.checkpointed(range(a, b)):
        s = s * 0.5 + 0.1 * math.sin(s) * t
    return s


@program(normal(7), 0.4)
def checkpointed_loop_over_an_array(values, x):
    s = x
    for value in checkpointed(values):
        s = math.sin(s) * value + x
    return s


@program(unit(3), 8, wrt=0, writes=True)
def state_written_in_place(x, n):
    y = x * 1.0
    v = np.zeros(3)
    for _ in checkpointed(range(n), slots=3, schedule="two_level"):
        y[0] = y[1] * y[2]
        v += np.sin(y) * 0.3
        y = y + v * 0.1
    return np.sum(v * y)


@program(unit(4), 9, wrt=0, writes=True)
def grid_updated_in_place(u, n):
    u = u.copy()
    for _ in checkpointed(range(n)):
        u[1:-1] += 0.2 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@program(0.3, 0.8, 9, wrt=(0, 1))
def state_in_a_dict(x, k, n):
    state = {"x": x, "v": 0.0}
    for _ in checkpointed(range(n)):
        v = state["v"] - 0.1 * k * math.sin(state["x"])
        state = {"x": state["x"] + 0.1 * v, "v": v}
    return state["x"] * state["v"]


@program(0.3, 0.8, 9, wrt=(0, 1))
def state_in_a_named_tuple(x, k, n):
    state = State(x, 0.0)
    for _ in checkpointed(range(n)):
        state = State(state.x + 0.1 * state.v, state.v - 0.1 * k * math.sin(state.x))
    return state.x * state.v


@program(0.3, 0.8, 9, wrt=(0, 1))
def state_that_only_the_loop_binds(x, k, n):
    s = x
    for i in checkpointed(range(n)):
        t = s * k
        s = math.sin(t) + 0.1 * i
    return s * t + i


@program(0.6, 3, 5, wrt=0)
def checkpointed_loops_within_each_other(x, n, m):
    s = x
    for _ in checkpointed(range(n)):
        for j in checkpointed(range(m)):
            s = math.sin(s) * x + 0.1 * j
        s = s * s
    return s


@program(0.6, 7, wrt=0)
def checkpointed_loop_with_branches_and_calls(x, n):
    s = x
    for i in checkpointed(range(n)):
        if s > 0.5:
            s = plain_step(s, 0.3) * 0.5
        else:
            s = s + 0.1 * i * x
        if i == 3:
            continue
        s = s * 0.9
    return s


@program(0.6, 0.3, 7, wrt=(0, 1))
def checkpointed_loop_in_a_closure(x, k, n):
    def run(start):
        s = start
        for _ in checkpointed(range(n)):
            s = math.sin(s) * k + x
        return s

    return run(x) * run(k)


@program(2.0)
def checkpointed_while(x):
    s = x
    while checkpointed(s < 100.0):
        s = s * 1.3 + x
    return s * s


@program(2.0, also=[(200.0,)])
def checkpointed_while_with_slots(x):
    s = x
    trips = 0
    while s2sad.checkpointed(s < 100.0 and trips < 50, slots=2):
        s = s * 1.1 + math.sqrt(x)
        trips += 1
    return s * trips


@program(0.4, 6, wrt=0)
def checkpointed_loop_in_a_nested_derivative(x, n):
    def iterate(y):
        s = y
        for _ in checkpointed(range(n)):
            s = math.sin(s * y)
        return s

    return s2sad.grad(iterate)(x) * x


@program(0.4, 6, wrt=0)
def checkpointed_loop_of_constants(x, n):
    total = 0.0
    for i in checkpointed(range(n)):
        total = total + 0.5 * i
    return total * x


@program(0.4, 6, wrt=0)
def checkpointed_loop_that_draws(x, n):
    rng = np.random.default_rng(3)
    s = x
    for _ in checkpointed(range(n)):
        s = s * x + rng.normal()
    return s * s


@program(0.4, 6, wrt=0)
def checkpointed_loop_that_prints(x, n):
    s = x
    for i in checkpointed(range(n)):
        s = math.sin(s * x)
        if i == n - 1:
            print("last", s)
    return s


@program(unit(3), 5, wrt=0)
def checkpoint_with_captures_in_a_checkpointed_loop(x, n):
    @checkpoint
    def inner(s):
        for _ in range(n):
            s = s + 0.1 * np.sin(s) * x
        return s

    s = x * 1.0
    for _ in checkpointed(range(n)):
        s = inner(s)
    return np.sum(s)


@program(unit(3), 0.4, 6, wrt=(0, 1))
def containers_on_disk(x, k, n):
    def step(w, t):
        return np.sin(w) + k * t

    state = {"a": x * 1.0, "b": (k, [x * 2.0, k * k])}
    for t in checkpointed(range(n), slots=2, schedule="two_level", storage="disk"):
        scale, (w, v) = state["b"]
        state = {"a": state["a"] * 0.9 + scale * w, "b": (scale * 1.01, [step(w, 0.1 * t), v * scale])}
    return np.sum(state["a"]) * state["b"][0] + np.sum(state["b"][1][0]) * state["b"][1][1]


@program(unit(3), wrt=0)
def checkpointed_loop_over_a_list(x):
    s = x * 1.0
    for w in checkpointed([x, x * 2.0, x * x, 1.0 - x]):
        s = np.sin(s) * w
    return np.sum(s)


@program(3.7)
def checkpointed_while_with_state_and_draws(x):
    rng = np.random.default_rng(5)
    state = np.array([x, 1.0])
    trips = {"n": 0}
    while checkpointed(state[0] > 0.5, slots=2):
        state[0] = state[0] * 0.8 - 0.01 * x * rng.random()
        state[1] += 0.1 * state[0] * state[1]
        trips = {"n": trips["n"] + 1}
    return state[0] * state[1] * trips["n"]


@program(0.7, 5, wrt=0, writes=True, also=[(0.7, 0), (0.7, 1)])
def checkpointed_history(x, n):
    history = []
    s = x
    for _ in checkpointed(range(n)):
        s = math.sin(s) * x + 0.2
        history.append(s)
    return sum(history) + s * s


@program(unit(3), 5, wrt=0, writes=True)
def checkpointed_history_of_arrays(x, n):
    u = x * 2.0
    history = [u]
    for _ in checkpointed(range(n)):
        u = np.sin(u) * x + 0.1 * np.roll(u, 1)
        history.append(u)
    return np.sum(np.stack(history) ** 2)


@program(0.7, 5, wrt=0, writes=True)
def checkpointed_history_that_is_read(x, n):
    values = [x]
    for _ in checkpointed(range(n)):
        values.append(math.sin(values[-1]) * x + 0.2)
    return sum(values) * values[0]


@program(0.7, 5, wrt=0, writes=True)
def checkpointed_delay_line(x, n):
    line = [x, 0.5, x * x]
    for t in checkpointed(range(n)):
        line.append(math.sin(line[0]) * x + line[2] * 0.3)
        line.pop(0)
        line[t % 2] = line[1] * x
    return line[0] * line[1] * line[2]


@program(unit(2), 5, wrt=0, writes=True)
def checkpointed_list_on_disk(x, n):
    rows = [x * 2.0]
    scale = x[0]
    for _ in checkpointed(range(n), slots=2, schedule="two_level", storage="disk"):
        rows.append(np.sin(rows[-1]) * x)
        scale = scale * 0.9 + rows[0][1]
    return np.sum(rows[-1]) * scale + len(rows) * np.sum(rows[0])


@program(0.7, 5, wrt=0, writes=True)
def checkpointed_state_stored_in_a_dict(x, n):
    state = {"x": x, "v": 0.2, "k": 2.0}
    for _ in checkpointed(range(n)):
        state["v"] -= 0.1 * state["k"] * math.sin(state["x"])
        state["x"] += 0.1 * state["v"] * x
    return state["x"] * state["v"] * state["k"]


@program(0.7, 6, wrt=0, writes=True)
def checkpointed_while_with_a_list_and_a_dict(x, n):
    state = {"x": x, "t": 0}
    values = [x]
    while checkpointed(state["x"] > 0.1 and state["t"] < n):
        values.append(values[-1] * state["x"])
        state["x"] = math.sin(state["x"]) * 0.7
        state["t"] += 1
    return state["x"] * state["t"] + sum(values)


@program(0.7, 5, wrt=0, writes=True)
def checkpointed_loops_that_fill_one_list(x, n):
    found = []
    for t in checkpointed(range(n)):
        for k in checkpointed(range(3)):
            found.append(x * k * t * x)
    return sum(found)


@program(0.7, 5, wrt=0, writes=True, refused="S108")
def checkpointed_list_with_two_names(x, n):
    values = [x]
    same = values
    s = x
    for _ in checkpointed(range(n)):
        values.append(s)
        s = math.sin(s) * x + same[-1]
    return sum(values) * s


@program(0.7, 5, wrt=0, writes=True, refused="S108")
def checkpointed_list_that_a_closure_reads(x, n):
    values = [x]

    def last():
        return values[-1]

    s = x
    for _ in checkpointed(range(n)):
        s = math.sin(s) * x + last()
        values.append(s)
    return sum(values) * s


@program(0.7, 5, wrt=0, writes=True, refused="S202")
def checkpointed_list_that_gets_a_second_name(x, n):
    values = [x]
    for t in checkpointed(range(n)):
        values.append(values[-1] * t)
        same = values
    same.append(x)
    return sum(values)


@program(0.7, 5, wrt=0, writes=True)
def checkpointed_list_that_is_empty_at_first(x, n):
    found = []
    s = x
    for t in checkpointed(range(n)):
        if t > 0:
            s = s + found[-1] * x
        found.append(math.sin(s))
    return sum(found) * s


@program(0.7, 5, wrt=0, writes=True)
def checkpointed_history_on_disk(x, n):
    found = []
    s = x
    for _ in checkpointed(range(n), slots=2, schedule="two_level", storage="disk"):
        s = math.sin(s) * x
        found.append(s)
    return sum(found) * s


@program(0.7, 5, wrt=0, also=[(0.7, 1)])
def checkpointed_state_that_is_none_at_first(x, n):
    s = None
    for _ in checkpointed(range(n)):
        s = x * 2.0 if s is None else math.sin(s) * x
    return s


@program(0.7, 5, wrt=0, also=[(0.7, 1)])
def checkpointed_array_that_is_none_at_first(x, n):
    s = None
    for _ in checkpointed(range(n)):
        s = np.ones(3) * x if s is None else np.sin(s) * x
    return np.sum(s)


@program(0.7, 6, wrt=0)
def checkpointed_best_so_far(x, n):
    best, place = None, -1
    y = x
    for t in checkpointed(range(n)):
        y = math.sin(y * 3.0) * x + 0.1 * t
        if best is None or y > best:
            best, place = y, t
    return best * (place + 1)


@program(0.7, 4, wrt=0)
def checkpoint_of_what_may_be_none(x, n):
    def step(s, x):
        return x * x if s is None else s * math.cos(x)

    s = None
    for t in range(n):
        if t != 1:
            s = checkpoint(step)(s, x)
    return s


@s2sad.checkpoint
def energy_of(arrays, w):
    return np.sum(arrays[0] ** 3) * w + np.sum(arrays[-1] ** 2)


@program(0.7, 3, writes=True)
def checkpoint_of_arrays_that_are_written_and_replaced(a, n):
    arrays = [np.array([a, 1.0]), np.array([a * 2, a])]
    y = 0.0
    for k in range(n):
        y += 0.1 * energy_of(arrays, a)
        arrays[k % 2][0] *= y
        arrays[1] = arrays[0] * a
    return y * np.sum(arrays[0])
