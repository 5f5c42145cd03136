"""Lists and dicts that hold numbers and arrays side by side, and are written: each item is followed as what it is."""

import numpy as np

from tests.programs.corpus import program as register

_numbers = np.random.default_rng(59)


def unit(*shape):
    return _numbers.uniform(0.2, 0.9, size=shape)


def program(*args, **options):
    return register(*args, writes=True, **options)


@program({"w": unit(2), "b": 0.7})
def parameters_written_and_replaced(p):
    p["w"][0] = 2 * p["b"]
    p["b"] = p["b"] ** 2
    return np.sum(p["w"]) + p["b"]


@program(unit(3))
def number_beside_an_array(x):
    d = {"s": x[0], "v": x * 1}
    for _ in range(3):
        d["s"] = d["s"] * 1.5 + d["v"][1]
        d["v"][0] = d["s"]
        d["s"] *= x[1]
    e = d
    e["s"] += 1
    e["v"] += e["s"]
    return d["s"] * np.sum(d["v"] ** 2)


@program(unit(3))
def number_popped_and_put_back(x):
    d = {"s": x[0], "v": x * 1}
    d["v"][1] = d.pop("s")
    d["s"] = x[2]
    d["t"] = d["s"] ** 2
    d.setdefault("t", 5.0)
    d.update(s=d["t"] * 2)
    return d["s"] * np.sum(d["v"] ** 2) + d["t"]


@program(unit(3), 0.5, also=[(unit(3), 1.5)])
def number_put_on_one_path(x, k):
    d = {"v": x * 1}
    if k > 1:
        d["s"] = x[0]
    else:
        d["s"] = x[1] ** 2
        d["q"] = d["s"] * 2
    d["v"][0] *= d["s"]
    return d["s"] * np.sum(d["v"] ** 2) + d.get("q", 0.0)


@program(unit(3))
def copy_of_a_dict_shares_its_arrays(x):
    d = {"a": x * 1}
    e = d.copy()
    e["a"][0] = 3.0
    e["b"] = x[0]
    d["a"] = d["a"] * 2
    return np.sum(d["a"] * e["a"] * e["b"])


@program(unit(3))
def nested_dicts_of_both(x):
    d = {"a": {"b": x * 1, "n": x[0]}, "k": [x[1], x[2]]}
    d["a"]["b"][1] = d["k"][0]
    d["a"]["n"] = d["a"]["n"] * d["k"][1]
    d["k"][0] = d["a"]["n"] ** 2
    d["k"].append(d["a"]["b"][1])
    h = d["a"]
    h["n"] += 1
    h["b"] *= 2
    return np.sum(d["a"]["b"]) * d["a"]["n"] * sum(d["k"])


@program({"w": unit(3), "b": 0.7}, refused="S202")
def array_updated_under_a_key_and_a_name(p):
    w = p["w"]
    for k in p:
        p[k] -= 0.1 * p[k]
    return np.sum(w) * p["b"]


@program(unit(3), refused="S202")
def number_and_array_in_one_list(x):
    items = []
    items.append(x[0])
    items.append(x * 1)
    for _ in range(2):
        items[1][0] = 3.0
        items[0] = items[0] ** 2
    return items[0] * np.sum(items[1])


@program(unit(3))
def extended_by_a_generator(x):
    items = [x[1]]
    c = items.copy()
    items.extend(0.5 for _ in c)
    items.extend(v * x[0] for v in c)
    return sum(v * k for k, v in enumerate(items))


@program(unit(3), refused="S106")
def items_of_unknown_type(x):
    items = [x[0]]
    for v in {0.2}:
        items.append(v)
    return items[0] * items[1]


@program(unit(3))
def list_stored_by_step(x):
    items = [x * 1, x * 2, x * 3]
    items[::2] = items[1:]
    items[2][0] = 5.0 * x[1]
    items[::-1] = items
    items[1:] = items[:2]
    items[1][1] *= 2
    return sum(np.sum(v) * (k + 1) for k, v in enumerate(items))


@program(unit(3))
def list_of_places_changed_after_it_was_read(x):
    idx = [0, 1]
    y = x * 1
    s = 0.0
    for i in range(3):
        s = s + np.sum(y[idx] ** 2)
        y[idx] = y[idx] * 2
        idx[i % 2] = (idx[0] + idx[1]) % 3
        idx.reverse()
    return s


@program(unit(3))
def nested_places_changed(x):
    idx = [[0, 1], [1, 2]]
    s = x[idx] ** 2
    idx[0][0] = 2
    idx[1] = [0, 0]
    return np.sum(s * x[idx])


@program(unit(3))
def lists_of_numbers_beside_arrays(x):
    w = [2.0, 3.0]
    s = np.sum(x[:2] * w) + np.dot(x[:2], w) + np.dot(w, x[:2]) + x[:2] @ w + np.inner(x[:2], [1.0, 2.0])
    w[1] = 4.0
    t = np.sum(np.maximum(x[:2], w) / w) + np.sum(w - x[1:]) + w @ x[1:]
    w.append(x[0])
    u = x @ w + np.sum(np.outer(w, x)) + np.sum(x * w)
    w[0] = 0.5
    return s * t * u


@program(unit(3))
def call_after_a_loop_and_in_it(x):
    a = x[0]
    for _ in range(3):
        a = np.cos(a)
    b = np.sin(a)
    for _ in range(3):
        a = np.cos(a) * b
    s = 0.0
    for k in range(3):
        s = s + np.sin(x[k]) ** 2
    t = np.cos(x[k])
    while s < 1.0:
        s = np.exp(s) + np.sin(x[1])
    u = np.exp(s)
    if x[0] > 0:
        s = 0.1 * np.exp(s) * u
    return np.cos(s) * t + a * np.exp(s * 0.1)


@program(unit(3))
def masks_changed_after_they_were_read(x):
    c = np.array([1.0, 5.0, 3.0])
    y = x * 1
    mask = c > 4.5
    z = np.where(mask, y, y**2)
    y[mask] = 0.0
    mask[:] = False
    mask[0] = True
    y[mask] *= x[1]
    mask[0] = False
    return np.sum(z * y)


@program(unit(3))
def random_weights_overwritten(x):
    w = np.random.RandomState(3).rand(3)
    s = x * w
    w[0] = 2.0
    t = x**2 * w
    w[:] = 0.0
    return np.sum(s * t)
