"""Every adjoint by hand is right, at small sizes: it is the yardstick."""

import copy

import numpy as np
import pytest

from benchmarks import agreement, workloads
from s2sad import value_and_grad


def moved(value, direction, step):
    """`value + step * direction`, inside dicts too."""
    if isinstance(value, dict):
        return {key: moved(value[key], direction[key], step) for key in value}
    return value + step * direction


def like(value, rng):
    """A random direction of the structure of `value`."""
    if isinstance(value, dict):
        return {key: like(item, rng) for key, item in value.items()}
    return rng.normal(size=np.shape(value)) if np.ndim(value) else float(rng.normal())


def slope(workload, arguments, position, direction):
    """The central difference of the primal along a direction of one argument."""
    step = 1e-6 * max(1.0, *(np.max(np.abs(leaf)) for leaf in agreement.leaves(arguments[position])), 1.0)

    def at(t):
        return workload.primal(*(moved(a, direction, t) if k == position else a for k, a in enumerate(arguments)))

    return (at(step) - at(-step)) / (2.0 * step)


@pytest.fixture(params=workloads.names())
def workload(request):
    return workloads.load(request.param)


def test_by_hand_agrees_with_the_primal_and_with_differences(workload):
    arguments, rng = workload.arguments(True), np.random.default_rng(0)
    value, gradients = workload.by_hand(*arguments)
    assert agreement.difference(value, workload.primal(*arguments)) is None
    assert len(gradients) == len(workload.wrt)
    for position, gradient in zip(workload.wrt, gradients):
        for _ in range(2):
            direction = like(arguments[position], rng)
            along = sum(np.sum(p * q) for p, q in zip(agreement.leaves(gradient), agreement.leaves(direction)))
            assert along == pytest.approx(slope(workload, arguments, position, direction), rel=2e-5, abs=1e-7)


def test_by_hand_leaves_the_arguments_alone(workload):
    arguments = workload.arguments(True)
    before = copy.deepcopy(arguments)
    workload.by_hand(*arguments)
    if workload.by_hand_scalars:
        workload.by_hand_scalars(*arguments)
    assert all((p == q).all() for p, q in zip(agreement.leaves(arguments), agreement.leaves(before)))


def test_the_other_forms_by_hand_agree(workload):
    arguments = workload.arguments(True)
    expected = workload.by_hand(*arguments)
    flat = workload.flatten(*arguments)
    value, gradients = workload.by_hand_flat(*flat)
    assert agreement.difference((value, gradients), expected) is None
    assert [np.shape(g) for g in gradients] == [np.shape(flat[k]) for k in workload.flat_wrt]
    if workload.by_hand_scalars:
        assert agreement.difference(workload.by_hand_scalars(*arguments), expected) is None


def test_s2sad_agrees(workload):
    arguments = workload.arguments(True)
    got = value_and_grad(workload.primal, argnums=workload.wrt)(*arguments)
    assert agreement.difference(got, workload.by_hand(*arguments)) is None


def test_the_arguments_are_the_same_every_time(workload):
    for first, second in zip(*(agreement.leaves(workload.arguments(False)) for _ in range(2))):
        np.testing.assert_array_equal(first, second)
