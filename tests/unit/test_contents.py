"""A look into a container tells the same as its key."""

import copy
from typing import NamedTuple

import numpy as np
import pytest

from s2sad import grad
from s2sad.contents import look_into
from s2sad.dispatch import key_of


class Pair(NamedTuple):
    a: object
    b: object


class Model:
    """Holds a number."""

    def __init__(self, gain):
        self.gain = gain


ITEMS = [
    True, 2, 2.0, 2j, None, np.float32(2), np.zeros(3), np.zeros(1), np.zeros((3, 1)), np.zeros((3, 4)),
    np.zeros(3, np.float32), np.array(1.0), [1.0], [1.0, 2.0], [1.0] * 6, [1] * 6, (1.0,), (1.0, 2.0, 3.0, 4), Pair(1.0, 2),
    {"a": 1.0}, {"b": 1.0}, {"b": 1.0, "a": 1.0}, {"a": 1.0, "b": 1.0}, dict.fromkeys("abcdef", 1.0), "a", "b", b"a",
    len, float, {1: [2.0]}, {1.5: 2.0}, Model(1.0), Model(1),
]  # fmt: skip
CONTAINERS = [*({"k": item} for item in ITEMS), *([item, 1.0] for item in ITEMS), *((item,) for item in ITEMS), {}, [], ()]


def test_a_look_tells_the_same_as_the_key():
    told = 0
    for one in CONTAINERS:
        look = look_into(key_of(one))
        for other in CONTAINERS if look is not None else ():
            assert look(other) == (key_of(one) == key_of(other)), (one, other)
            told += 1
    assert told > 5000


def test_many_items_of_different_kinds_are_left_to_the_key():
    assert look_into(key_of([1.0, 2] * 500)) is None
    assert look_into(key_of([1.0, "a"] * 20)) is not None


TABLE = {"gain": 2.0, "w": np.array([1.0, 2.0]), "rows": [1.0, 3.0], "inner": {"x": 0.5}}


def reads(x):
    return TABLE["gain"] * np.sum(TABLE["w"] * x) + TABLE["rows"][1] * x[0] * TABLE["inner"]["x"]


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.update(gain=3.0),
        lambda table: table.update(gain=3),
        lambda table: table.update(gain=np.float32(3.0)),
        lambda table: table.update(gain=np.array([1.0, 4.0])),
        lambda table: table.update(w=np.array([5.0])),
        lambda table: table.update(w=np.ones((3, 2))),
        lambda table: table.update(w=7.0),
        lambda table: table["w"].fill(9.0),
        lambda table: table["rows"].__setitem__(1, np.array(2.0)),
        lambda table: table["rows"].append(2.0),
        lambda table: table["inner"].update(x=np.array([[1.0], [2.0]])),
        lambda table: table.update(inner={"x": 2.5}),
    ],
)
def test_what_changes_between_two_calls_is_seen(monkeypatch, change):
    """Values are read at each call; another type compiles anew."""
    monkeypatch.setitem(globals(), "TABLE", copy.deepcopy(TABLE))
    x = np.array([0.5, 1.5])
    total = lambda x: np.sum(reads(x))  # noqa: E731
    derivative = grad(total)
    derivative(x)
    change(TABLE)
    steps = 1e-6 * np.eye(2)
    np.testing.assert_allclose(derivative(x), [(total(x + h) - total(x - h)) / 2e-6 for h in steps], rtol=1e-6)


def test_a_key_that_is_gone_is_the_error_that_the_function_raises(monkeypatch):
    monkeypatch.setitem(globals(), "TABLE", copy.deepcopy(TABLE))
    derivative = grad(reads)
    derivative(np.array([0.5, 1.5]))
    del TABLE["gain"]
    with pytest.raises(KeyError, match="gain"):
        derivative(np.array([0.5, 1.5]))
