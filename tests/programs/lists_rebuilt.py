"""Lists that each iteration makes anew from what the last one made; what a loop goes over is not what it fills."""

import itertools
import math

import numpy as np

from tests.programs.corpus import normal, positive, program


@program(normal(4))
def neighbours_of_a_ring(x):
    state = [v * v for v in x]
    for _ in range(2):
        state = [p + 0.3 * q for p, q in zip(state, state[1:] + state[:1])]
    return state[0] * state[1]


@program(normal(4), writes=True)
def filled_in_a_loop_of_its_own(x):
    state = list(x)
    for k in range(3):
        new = []
        for i, p in enumerate(state):
            new.append(math.sin(p) + 0.1 * i * k)
        for p in reversed(state):
            new.append(0.2 * p)
        state = new[:4]
    return state[0] * state[-1]


def _runge_kutta(f, y, h):
    k1 = f(y)
    k2 = f([a + 0.5 * h * b for a, b in zip(y, k1)])
    k3 = f([a + 0.5 * h * b for a, b in zip(y, k2)])
    k4 = f([a + h * b for a, b in zip(y, k3)])
    return [a + h * (b + 2 * c + 2 * d + e) / 6 for a, b, c, d, e in zip(y, k1, k2, k3, k4)]


def _pendulum(y):
    return [y[1], -math.sin(y[0])]


@program(positive(2), 3, wrt=0)
def runge_kutta_of_lists(y0, n):
    y = list(y0)
    for _ in range(n):
        y = _runge_kutta(_pendulum, y, 0.1)
    return y[0] + 2.0 * y[1]


@program(normal(4))
def rows_of_rows(x):
    layer = [[v, v * v] for v in x]
    for _ in range(2):
        layer = [[a + b for a, b in zip(r, s)] for r, s in zip(layer, layer[1:])]
    return sum(sum(r) for r in layer)


@program(normal(4), writes=True)
def made_from_the_last_of_a_history(x):
    history = [list(x)]
    for _ in range(3):
        row = [1.0]
        for a, b in zip(history[-1], history[-1][1:]):
            row.append(a * b + 0.5)
        history.append(row)
        history.append([v * 0.9 for v in history[-1]])
    return sum(history[-1]) + history[1][1]


@program(normal(4), writes=True)
def item_of_a_dict_made_anew(x):
    state = {"x": list(x)}
    for _ in range(2):
        state["x"] = [v * v for v in state["x"]]
    return sum(state["x"])


class _Ring:
    def __init__(self, values):
        self.values = values

    def step(self, h):
        self.values = [p + h * q for p, q in zip(self.values, self.values[1:] + self.values[:1])]


@program(normal(4))
def field_made_anew(x):
    ring = _Ring(list(x))
    for _ in range(3):
        ring.step(0.1)
    return ring.values[0] * ring.values[1]


@program(normal(4))
def normalised_and_sorted(x):
    state = list(x)
    for _ in range(3):
        state = [p / (1.0 + sum(q * q for q in state)) for p in state]
        total = sum(p for p in state if p > 0)
        state = sorted([p * total for p in state])
    return state[0] * state[-1]


@program(normal(4), writes=True)
def emptied_and_filled(x):
    state = list(x)
    for _ in range(3):
        new = []
        while state:
            new.append(math.tanh(state.pop()))
        state = new
    return state[0] * state[2]


# ---- the list that is gone over may be the one that grows ---------------------------------------
@program(normal(4), writes=True, refused="S101")
def another_name_of_what_grows(x):
    state = list(x)
    for _ in range(2):
        new = [x[0]]
        other = new
        for p in other:
            if len(new) < 5:
                new.append(p * p)
        state = new
    return state[0] * len(state)


@program(normal(4), writes=True, refused="S101")
def what_the_last_iteration_made_grows(x):
    state = list(x)
    new = state
    for _ in range(2):
        for p in state:
            if len(new) < 7:
                new.append(p * p)
        new = [x[1]]
        state = new
    return state[0] * len(state)


@program(normal(4), writes=True, refused="S101")
def after_the_loop_that_made_it(x):
    state = list(x)
    for _ in range(2):
        new = [x[1]]
        state = new
    for p in state:
        if len(new) < 7:
            new.append(p * p)
    return state[0] * len(state)


@program(normal(4), writes=True, refused="S101")
def after_a_break(x):
    state = list(x)
    for k in itertools.count():
        new = [x[1]]
        state = new
        if k > 2:
            break
    for p in state:
        if len(new) < 7:
            new.append(p * p)
    return state[0] * len(state)


@program(normal(4), writes=True, refused="S101")
def on_some_turns_only(x):
    state = list(x)
    for k in range(3):
        new = [x[k]]
        if k == 1:
            state = new
        for p in state:
            if len(new) < 7:
                new.append(p * p)
    return state[0] * len(state)


@program(normal(4), writes=True, refused="S101")
def put_where_it_is_read_from(x):
    history = [list(x)]
    for _ in range(2):
        new = [x[0]]
        history.append(new)
        for p in history[-1]:
            if len(new) < 5:
                new.append(p * p)
    return sum(history[-1])


# ---- arrays of several sizes in one list --------------------------------------------------------
@program(normal(), 2, writes=True)
def items_of_several_sizes(a, n):
    items = []
    for k in range(n):
        items.append(a * np.ones(2 * k + 1))
    return np.sum(items[0] * items[1]) + np.sum(items[1] + items[0]) * a


@program(normal(), 3, writes=True)
def items_of_several_sizes_added_in_place(a, n):
    items = []
    for k in range(n):
        items.append(a * np.ones(3 if k else 1))
    total = 0.0
    for k in range(n - 1):
        y = items[0] * np.sin(items[k + 1])
        y += items[0]
        total += np.sum(y)
    return total


@program(normal(), 2, writes=True)
def item_replaced_by_one_of_another_size(a, n):
    items = []
    for k in range(n):
        items.append(a * np.ones(2 * k + 1))
    items[0] = items[0] * items[1]
    return np.sum(items[0] ** 2)


@program(normal(), 3, writes=True)
def items_replaced_in_a_loop_by_others_of_other_sizes(a, n):
    items = []
    for k in range(n):
        items.append(a * np.ones(k + 1))
    y = np.sum(items[0]) * np.sum(items[1] ** 2)
    for k in range(n):
        items[k] = np.sin(items[(k + 1) % n]) * a
    items[0] = np.array([a, a, y, y])
    return sum(np.sum(v**2) for v in items) + y


@program(normal(), 2, writes=True)
def inner_list_put_in_after_a_store_into_another(a, n):
    rows = []
    for k in range(n):
        rows.append([a, k + 1.0])
    y = math.sin(a)
    rows[0][0] = 3.0
    rows.append([y, y])
    return rows[-1][0] * y + rows[0][0]


# ---- lists that are read whole, of which an item is replaced later -------------------------------
@program(normal(), 2, writes=True)
def read_whole_before_an_item_is_replaced(a, n):
    items = [np.array([a, 1.0]), np.array([a * n, a])]
    y = np.sum(np.stack(items) ** 3)
    items[0][0] *= y
    items[1] = items[0] * a
    return y * np.sum(items[0])


@program(normal(), 3, writes=True)
def read_whole_in_a_loop_that_replaces_items(a, n):
    items = [np.array([a, 1.0]), np.array([a * 2, a])]
    y = 0.0
    for _ in range(n):
        y += np.sum(np.concatenate(items) ** 2)
        items[0][0] *= y
        items[1] = items[0] * a
    return y * np.sum(items[0])


@program(normal(), 3, writes=True)
def rows_read_whole_before_they_are_moved(a, n):
    rows = []
    for k in range(n):
        rows.append([a, k + a])
    y = np.sum(np.array(rows) ** 3)
    rows[0][0] *= y
    rows.pop(0)
    rows[1] = [y, a]
    rows[0][1] = y
    return y * rows[0][0] * rows[1][0]
