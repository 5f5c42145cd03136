"""Items of dicts, lists and tuples that live outside of the function: gains, tables of constants, layers of weights."""

import types
from typing import NamedTuple

import numpy as np

from tests.programs.corpus import program

X = np.array([0.7, 1.3])
Z = np.array([0.7 + 0.2j, 1.3 - 0.1j])


class Point(NamedTuple):
    a: float
    b: np.ndarray


class Config:
    limits = {"low": 0.5, "high": 2.5}


gains = {"p": 2.0, "i": 0.5, "d": 0.1}
pair = (1.5, np.array([3.0, 4.0]))
point = Point(1.5, np.array([1.0, 2.0]))
steel = {"E": 2.1, "section": {"area": 0.5, "moments": [0.1, 0.2]}, "nodes": 3, "damping": None, "model": "linear"}
system = {"A": np.array([[0.0, 1.0], [-2.0, -0.3]]), "b": np.array([0.0, 1.0])}
layers = [(np.full((3, 2), 0.3), np.zeros(3)), (np.full((1, 3), 0.2), np.ones(1))]
blocks = [{"w": np.eye(2), "scale": 0.5}, {"w": np.ones((2, 2)), "scale": 2.0}]
waves = {"phase": 1.0 + 2.0j, "modes": np.array([1.0j, 2.0])}
narrow = {"a": np.float32(2.0), "w": np.array([1.0, 2.0], np.float32)}
many = {f"k{k}": float(k) for k in range(40)}
activations = {"smooth": np.tanh, "square": lambda v: v * v}
plant = types.SimpleNamespace(options={"k": 2.0, "w": [1.0, 2.0]}, orders=(1, 2))


@program(0.4, 1.2)
def controller(error, total):
    return gains["p"] * error + gains["i"] * total**2 + gains.get("d", 0.0) * error * total + gains.get("f", 1.0)


@program(X)
def gain_of_an_array(x):
    return np.sum(gains["p"] * x * pair[1] + pair[0])


@program(X)
def tables_in_tables(x):
    section = steel["section"]
    stress = steel["E"] * x / section["area"]
    return np.sum(stress * section["moments"]) + section["moments"][-1] * x[0]


@program(X)
def decided_by_items(x):
    if steel["damping"] is None and steel["model"] == "linear":
        return np.sum(x ** steel["nodes"])
    return x[0] * 0.0


@program(X)
def states_of_a_system(x):
    for _ in range(3):
        x = x + 0.1 * (system["A"] @ x + system["b"] * x[0] ** 2)
    return x @ x


@program(X)
def layers_of_weights(x):
    for weights, bias in layers:
        x = np.tanh(weights @ x + bias)
    return x[0]


@program(X, 1)
def blocks_by_index(x, k):
    y = blocks[k]["w"] @ x * blocks[k]["scale"]
    for block in blocks:
        y = y + block["scale"] * np.sin(block["w"] @ y)
    return np.sum(y)


@program(X)
def unpacked(x):
    a, b = pair
    c, d = point
    return a * np.sum(b * x) + c * np.sum(d * x**2) + point.a * x[0]


@program(X)
def complex_items(x):
    return np.abs(waves["phase"] * x[0]) + np.sum(np.abs(np.exp(waves["modes"] * x)))


@program(Z)
def complex_items_of_complex_arrays(z):
    return np.abs(np.sum(waves["phase"] * z * waves["modes"])) ** 2


@program(X)
def narrow_items(x):
    return np.sum(narrow["w"] * x * narrow["a"])


@program(X)
def loops_over_a_dict(x):
    s = 0.0
    for key, gain in gains.items():
        s = s + gain * np.sum(x) if key != "d" else s * gain
    for key in gains:
        s = s * gains[key]
    return s * sum(gains.values()) + max(gains.values()) * x[1]


@program(X)
def loop_over_many_items(x):
    s = 0.0
    for gain in many.values():
        s = s + gain * np.sum(x**2)
    return s


@program(X, "i")
def key_of_the_callers(x, key):
    return gains[key] * np.sum(x)


@program(X)
def key_found_when_the_code_runs(x):
    k = int(x[1] > 1.0)
    return system["b"][k] * x[0] + many[f"k{k}"] * x[1]


@program(X)
def spread_over_arguments(x):
    changed = {**gains, "p": x[0]}
    return scaled(x[1], **gains) * scaled(x[0], **changed)


def scaled(v, p=1.0, i=1.0, d=1.0):
    return v * p + i * v**2 - d


@program(X)
def made_of_items(x):
    heated = {key: value * x[0] for key, value in gains.items()}
    heated["p"] = heated["p"] * x[1]
    copied = system["b"].copy()
    copied[0] = x[0]
    return heated["p"] * heated["i"] + np.sum(copied * x)


@program(X)
def attributes_of_objects_outside(x):
    return plant.options["k"] * np.sum(x) + plant.options["w"][1] * x[0] ** plant.orders[1] + Config.limits["low"] * x[1]


@program(X)
def functions_in_a_table(x):
    return np.sum(activations["smooth"](x) * activations["square"](x))


@program(X)
def captured_table(x):
    table = {"rate": 0.5, "w": np.array([1.0, 2.0])}

    def step(y):
        return y + table["rate"] * y**2 * table["w"]

    return np.sum(step(step(x)))


@program(X)
def in_a_recursive_function(x):
    return np.sum(damped(x, 3))


def damped(x, n):
    return x * gains["i"] if n == 0 else damped(x * gains["p"] + x**2, n - 1)


@program(X, refused="S108")
def array_in_a_table_is_written(x):
    w = system["b"]
    w[0] = x[0]
    return np.sum(w * x)


@program(X, refused="S108")
def list_in_a_table_grows(x):
    y = steel["section"]["moments"][0] * np.sum(x)
    steel["section"]["moments"].append(1.0)
    return y


@program(X, refused="S108")
def list_in_a_table_is_changed_by_a_helper(x):
    y = plant.options["w"][0] * np.sum(x)
    doubles(plant.options["w"])
    return y * plant.options["w"][0]


def doubles(items):
    for k in range(len(items)):
        items[k] = 2.0 * items[k]
