"""Products of a matrix and a vector in loops: their outer products are put together behind the reversed loop."""

import numpy as np

from tests.programs.corpus import normal, program


@program(normal(3, 3), normal(3, 2), normal(4, 2), wrt=(0, 1))
def network_over_time(w, u, xs):
    h = np.zeros(3)
    for t in range(len(xs)):
        h = np.tanh(w @ h + u @ xs[t])
    return np.sum(h * h)


@program(normal(3, 3), normal(3), wrt=(0, 1))
def what_is_added_to_is_kept_as_it_was(w, h):
    total = 0.0
    for _ in range(3):
        h = h + 0.5 * np.tanh(w @ h)
        total = total + h[0] * h[1]
    return total + np.sum(h)


@program(normal(3, 3), normal(3), wrt=(0, 1))
def vector_on_the_left(w, h):
    for _ in range(3):
        h = np.sin(h @ w)
    return np.sum(h**3)


@program(normal(3, 3), normal(3), 0, also=[(normal(1, 1), normal(1), 3), (normal(2, 2), normal(2), 2)], wrt=(0, 1))
def no_turn_and_one_unit(w, h, n):
    for _ in range(n):
        h = np.tanh(w @ h)
    return np.sum(h) + np.sum(w)


@program(normal(3, 3), normal(3), wrt=(0, 1))
def twice_in_a_turn(w, h):
    for _ in range(3):
        h = np.tanh(w @ h)
        h = h * (w @ h)
    return np.sum(h)


@program(normal(3, 3), normal(2, 3), wrt=(0, 1))
def loops_in_loops(w, starts):
    total = 0.0
    for h in starts:
        for _ in range(3):
            h = np.tanh(w @ h)
        total = total + np.sum(h * w[0])
    return total


@program(normal(3, 3), normal(3), wrt=(0, 1))
def in_a_branch(w, h):
    for k in range(4):
        if k % 2:
            h = np.tanh(w @ h)
        else:
            h = h * h + w[k % 3]
    return np.sum(h)


@program(normal(3, 3), normal(3), wrt=(0, 1), writes=True)
def vector_in_place(w, x):
    h = x.copy()
    for _ in range(3):
        h[:] = np.tanh(w @ h)
        h[0] *= 0.5
    return np.sum(h * x)


@program(normal(3, 3), normal(3), wrt=(0, 1), writes=True)
def cotangent_in_place(w, x):
    h, c = x.copy(), 2.0 * x
    for _ in range(3):
        gates = w @ h
        c[1:] += np.tanh(gates[:2])
        gates[0] += c[1]
        h = c * np.sin(gates)
    return np.sum(h) + c[2]


@program(normal(3, 3), normal(3), wrt=(0, 1))
def left_early(w, h):
    for _ in range(6):
        h = np.tanh(w @ h)
        if np.abs(h[0]) < 0.3:
            break
    return np.sum(h)


@program(normal(3, 3), normal(3), wrt=(0, 1))
def until_it_is_small(w, h):
    n = 0
    while n < 2 or np.sum(h * h) > 50.0:
        h = np.tanh(w @ h) * 1.5
        n += 1
    return h[0] - h[2]


@program(normal(4, 3), normal(3, 4), normal(3), wrt=(0, 1, 2))
def two_layers(v, w, h):
    for _ in range(3):
        h = h + w @ np.tanh(v @ h)
    return np.dot(h, h)


@program(normal(2, 3), normal(3, 3), wrt=(0, 1))
def rows_of_a_matrix(xs, w):
    out = np.zeros(3)
    for k in range(len(xs)):
        out = np.tanh(w @ xs[k] + out)
    return np.sum(out)
