"""Methods are the NumPy functions they are said to be."""

import numpy as np
import pytest

from s2sad.rules.methods import ACTIVE_ATTRIBUTES, ADAPTED, ATTRIBUTES, METHODS, method
from s2sad.rules.record import rule_of
from s2sad.signature import Scalar, type_of

X = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, -2.5]])
CALLS = [
    ("sum", (), {}), ("sum", (0,), {}), ("sum", (), {"axis": 1, "keepdims": True}), ("mean", (1,), {}), ("max", (), {}),
    ("min", (0,), {}), ("prod", (), {}), ("std", (0,), {}), ("var", (), {"ddof": 1}), ("reshape", (3, 2), {}),
    ("reshape", ((3, 2),), {}), ("reshape", (-1,), {}), ("transpose", (), {}), ("transpose", (1, 0), {}),
    ("transpose", ((1, 0),), {}), ("dot", (np.ones(3),), {}), ("copy", (), {}), ("flatten", (), {}), ("ravel", (), {}),
    ("squeeze", (), {}), ("swapaxes", (0, 1), {}), ("repeat", (2,), {"axis": 0}), ("take", ([0, 1],), {"axis": 1}),
    ("trace", (), {}), ("diagonal", (1,), {}), ("cumsum", (1,), {}), ("cumprod", (), {}), ("round", (), {}),
    ("round", (1,), {}), ("clip", (-1.0, 2.0), {}), ("conj", (), {}), ("argmax", (), {}), ("argsort", (0,), {}),
    ("any", (), {}), ("all", (0,), {}), ("astype", (np.float32,), {}), ("astype", (int,), {}), ("nonzero", (), {}),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]}{call[1]}{call[2] or ''}")
def test_array_method(call):
    name, args, kwargs = call
    function, rest, named = method(name, type_of(X), list(args), dict(kwargs))
    found, expected = function(X, *rest, **named), getattr(X, name)(*args, **kwargs)
    np.testing.assert_array_equal(found, expected)
    assert np.asarray(found).dtype == np.asarray(expected).dtype


def test_numbers():
    function, rest, named = method("item", Scalar("float64"), [], {})
    assert function(np.float64(2.5), *rest, **named) == 2.5
    function, rest, named = method("item", type_of(X), [], {})
    assert function(np.array([2.5]), *rest, **named) == 2.5
    function, rest, named = method("tolist", type_of(X[0]), [], {})
    assert function(X[0], *rest, **named) == X[0].tolist()


def test_unknown_methods():
    assert method("byteswap", type_of(X), [], {}) is None
    assert method("item", type_of(X), [3], {}) is None


def test_every_method_has_a_rule():
    functions = {*METHODS.values(), *ACTIVE_ATTRIBUTES.values()}
    assert not [function for function in functions if rule_of(function) is None]


def test_names_are_methods_of_arrays():
    assert not [name for name in (*METHODS, *ADAPTED, *ATTRIBUTES, *ACTIVE_ATTRIBUTES) if not hasattr(X, name)]
