"""Products: both modes of every rule body, and the types of the results."""

import numpy as np
import pytest

from s2sad.rules import einsum, products
from s2sad.rules.record import rule_of
from s2sad.signature import Array, Dim, Scalar, literal
from tests.unit.rules.body_checks import cases, check, check_single_precision, check_type, label

CASES = cases(products) + cases(einsum)
N, M, K = (Dim(f"x.{k}", one=False) for k in range(3))


@pytest.mark.parametrize("case", CASES, ids=label)
def test_both_modes(case):
    check(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_single_precision(case):
    check_single_precision(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_type_agrees_with_value(case):
    check_type(*case)


def infer(primitive, *types, **kwargs):
    return rule_of(primitive).infer(*types, **kwargs)


def test_matrix_types():
    a, b = Array("float64", (N, K)), Array("float32", (K, M))
    assert infer(np.matmul, a, b) == Array("float64", (N, M))
    assert infer(np.dot, Array("float64", (K,)), Array("float64", (K,))) == Scalar("float64")
    assert infer(np.outer, Array("float64", (N,)), Array("float64", (M,))) == Array("float64", (N, M))
    assert infer(np.einsum, literal("ij,jk->ki"), a, b) == Array("float64", (M, N))
    assert infer(np.trace, Array("float64", (N, N, K))) == Array("float64", (K,))


def test_complex_operands():
    from s2sad.rules.record import Sample

    rng = np.random.default_rng(1)
    c = lambda *shape: rng.normal(size=shape) + 1j * rng.normal(size=shape)
    for primitive, args in [
        (np.matmul, (c(2, 3), c(3, 4))), (np.matmul, (c(2, 3), c(3))), (np.matmul, (c(3), c(3, 2))), (np.dot, (c(2, 3), c(3))),
        (np.matmul, (c(5, 2, 3), c(3, 4))), (np.matmul, (c(1, 2, 3), c(5, 3, 4))), (np.vdot, (c(3), c(3))), (np.vdot, (c(2, 3), c(3, 2))),
        (np.outer, (c(3), c(2))), (np.inner, (c(2, 3), c(4, 3))), (np.tensordot, (c(2, 3), c(3, 4), 1)), (np.kron, (c(2, 2), c(3, 2))),
        (np.einsum, ("ij,jk", c(2, 3), c(3, 4))),
    ]:  # fmt: skip
        check(rule_of(primitive), Sample(args, {}))


@pytest.mark.parametrize("shapes", [((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0,), (0,)), ((4, 0, 3), (3, 2))])
def test_zero_sizes(shapes):
    from s2sad.rules.record import Sample

    check(rule_of(np.matmul), Sample(tuple(np.zeros(shape) for shape in shapes), {}))
    check(rule_of(np.dot), Sample(tuple(np.zeros(shape) for shape in shapes), {}))
