"""What statements write to: the list itself, or an array that it holds."""

import numpy as np
import pytest

from s2sad.analysis.memory import ARRAYS, CONTAINERS, Memory
from s2sad.signature import Array, ListOf, Scalar
from s2sad.testing.core import core

X = np.array([[1.0, 2.0, 3.0]] * 2)
TEXT = """
def f(x, i):
    rows = [x, x]
    rows[i]{place} = {value}
    return x
"""


def written(place, value, known):
    program = core(TEXT.format(place=place, value=value), X, 0)
    program = program.replace(types={"x": Array("float64", (2, 3)), "i": Scalar("int"), **({"rows": known} if known else {})})
    memory = Memory(program)
    assert memory.root("rows") == memory.root("x")
    return {kind for _, kind in memory.writes(program.body[1])}


@pytest.mark.parametrize("known", [None, ListOf(Array("float64", (2, 3))), ListOf(ListOf(Array("float64", (2, 3))))])
def test_a_store_through_a_list_writes_to_what_it_holds(known):
    assert written("[1:]", "0.5", known) == {ARRAYS, CONTAINERS}
    assert written("", "x", known) == {CONTAINERS}


def test_a_store_through_lists_of_numbers_writes_to_lists():
    assert written("[1]", "0.5", ListOf(ListOf(Scalar("float")))) == {CONTAINERS}
