"""shapes: both modes of every rule body, and the types of the results against their values."""

import numpy as np
import pytest

from s2sad import grad, jvp
from s2sad.rules import shapes
from tests.unit.rules.body_checks import cases, check, check_single_precision, check_type, label

CASES = [case for case in cases(shapes) if case[0].wrt or case[0].kind == "template"]


@pytest.mark.parametrize("case", CASES, ids=label)
def test_both_modes(case):
    check(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_single_precision(case):
    check_single_precision(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_type_agrees_with_value(case):
    check_type(*case)


@pytest.mark.parametrize("read", [lambda a: a.ravel("A"), lambda a: a.flatten("A"), lambda a: a.reshape(6, order="A")])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("along", ["C", "F"])
def test_an_order_that_asks_how_the_array_lies_asks_the_primal(read, order, along):
    a = np.array([[0.3, -0.8, 1.7], [0.9, 2.2, 0.45]], order=order)
    a_dot = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], order=along)
    weights = np.arange(6.0) ** 2
    _, slope = jvp(lambda a: np.sum(read(a) * weights), (a,), (a_dot,))
    assert slope == np.sum(np.ravel(a_dot, order) * weights)
    assert np.array_equal(grad(lambda a: np.sum(read(a) * weights))(a), weights.reshape((2, 3), order=order))
