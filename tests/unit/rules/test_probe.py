"""Probing: what trying a primitive on small arrays tells, and what it must not claim."""

import math
import operator
import random

import numpy as np
import pytest

from s2sad.rules.fresh import reset
from s2sad.rules.probe import probe
from s2sad.signature import Array, Dim, ListOf, Mapping, Never, Opaque, Scalar, Sequence, Static

N, M, K = Dim("x.0", one=False), Dim("x.1", one=False), Dim("y.0", one=False)
MATRIX, VECTOR, OTHER = Array("float64", (N, M)), Array("float64", (N,)), Array("float64", (K,))
FLOAT, INT = Scalar("float"), Scalar("int")


@pytest.fixture(autouse=True)
def stable_names():
    reset()


@pytest.mark.parametrize(
    ("primitive", "args", "keywords", "expected"),
    [
        (np.sum, [MATRIX], {"axis": Scalar("int", 0)}, Array("float64", (M,))),
        (np.sum, [MATRIX], {"axis": Scalar("int", 0), "keepdims": Scalar("bool", True)}, Array("float64", (1, M))),
        (np.sum, [Array("float32", (N,))], {}, Scalar("float32")),
        (np.matmul, [MATRIX, OTHER], {}, Array("float64", (N,))),
        (np.linalg.solve, [MATRIX, OTHER], {}, Array("float64", (N,))),
        (np.concatenate, [Sequence(tuple, (VECTOR, Array("float64", (1,))))], {}, Array("float64", (Dim("x.0", 1),))),
        (np.zeros, [Scalar("int", 12)], {}, Array("float64", (12,))),
        (np.modf, [VECTOR], {}, Sequence(tuple, (VECTOR, VECTOR))),
        (operator.add, [FLOAT, Scalar("float64")], {}, Scalar("float64")),
        (operator.add, [Scalar("float32"), FLOAT], {}, Scalar("float32")),
        (operator.pow, [INT, Scalar("int", -1)], {}, FLOAT),
        (math.acosh, [FLOAT], {}, FLOAT),
        (math.frexp, [FLOAT], {}, Sequence(tuple, (FLOAT, INT))),
        (round, [FLOAT], {}, INT),
        (round, [FLOAT, Scalar("int", 2)], {}, FLOAT),
        (dict, [Mapping(("a",), (FLOAT,))], {}, Mapping(("a",), (FLOAT,))),
        (type, [FLOAT], {}, Static(float)),
        (np.sin, [Array("float32", None)], {}, Array("float32", None)),
        (np.sum, [Opaque()], {}, Opaque()),
        (np.sum, [Never()], {}, Never()),
        (np.linalg.inv, [FLOAT], {}, Opaque()),
    ],
)
def test_probe(primitive, args, keywords, expected):
    found = probe(primitive, args, keywords)
    if primitive is np.linalg.solve:  # the sizes are equal, so either symbol is right
        assert isinstance(found, Array) and len(found.shape) == 1
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("primitive", "args", "keywords"),
    [
        (np.nonzero, [VECTOR], {}),
        (np.unique, [VECTOR], {}),
        (np.zeros, [INT], {}),
        (np.stack, [ListOf(FLOAT)], {}),
        (np.concatenate, [Sequence(tuple, (VECTOR, OTHER))], {}),
        (np.sum, [MATRIX], {"axis": INT}),
        (np.max, [MATRIX], {"axis": INT, "keepdims": Scalar("bool", True)}),
        (np.compress, [Array("bool", (N,)), VECTOR], {}),
    ],
)
def test_unknown_sizes_are_equal_to_no_other(primitive, args, keywords):
    found, again = probe(primitive, args, keywords), probe(primitive, args, keywords)
    sizes = [array.items[0].shape[0] if isinstance(array, Sequence) else array.shape[0] for array in (found, again)]
    assert all(isinstance(size, Dim) and size.one is None for size in sizes)
    assert sizes[0].symbol not in ("x.0", "x.1", "y.0") and sizes[0] != sizes[1]


def test_no_warnings_and_no_errors_escape(recwarn):
    assert probe(np.log, [VECTOR], {}) == VECTOR
    assert probe(np.divide, [VECTOR, Scalar("int", 0)], {}) == VECTOR
    assert not recwarn.list


# ---- effects ----------------------------------------------------------------------------------------------------
def test_nothing_is_printed(capsys):
    assert probe(print, [FLOAT]) == Opaque()
    assert capsys.readouterr().out == ""


def test_random_draws_leave_the_user_s_generators_alone():
    legacy, generator, plain = np.random.RandomState(3), np.random.default_rng(3), random.Random(3)
    before = legacy.get_state()[2], generator.bit_generator.state, plain.getstate()
    assert probe(legacy.normal, [], {"size": Scalar("int", 3)}) == Array("float64", (3,))
    assert probe(generator.normal, []) == Scalar("float")
    assert probe(plain.random, []) == Scalar("float")
    assert (legacy.get_state()[2], generator.bit_generator.state, plain.getstate()) == before
    np.random.seed(1)
    expected = np.random.normal()
    np.random.seed(1)
    probe(np.random.normal, [])
    assert np.random.normal() == expected


def test_methods_of_objects_that_change_are_not_called():
    items = [1.0]
    assert probe(items.append, [FLOAT]) == Opaque()
    assert items == [1.0]
