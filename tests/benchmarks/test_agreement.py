"""Two results are the same, or it is said how they differ."""

import numpy as np

from benchmarks.agreement import difference, leaves


def test_leaves_keep_the_order():
    assert [leaf.tolist() for leaf in leaves((1.0, {"b": [2.0, 3.0], "a": np.ones(2)}))] == [1.0, 2.0, 3.0, [1.0, 1.0]]


def test_the_same():
    assert difference((1.0, (np.arange(3.0),)), [1.0, np.arange(3.0) * (1.0 + 1e-9)]) is None


def test_a_one_item_array_is_a_number():
    assert difference(np.ones(1), 1.0) is None


def test_numbers_differ():
    assert "item 1 differs by 1.0e-03" in difference((1.0, [2.0]), (1.0, [2.0 / (1.0 - 1e-3) * (1.0 - 1e-6)]))


def test_a_nan_differs():
    assert "differs" in difference(np.array([1.0, np.nan]), np.ones(2))


def test_shapes_and_lengths_differ():
    assert "shape (3,) instead of (2,)" in difference(np.ones(3), np.ones(2))
    assert "1 numbers and arrays instead of 2" in difference(1.0, (1.0, 2.0))
