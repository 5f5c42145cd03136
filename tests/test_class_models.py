"""The models that are written as classes: differentiated as they stand, against differences, and in both modes."""

import copy
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad import grad
from s2sad.derivative import Derivative
from s2sad.structure import leaves, map_leaves
from s2sad.testing.dot_product import dot_product_test, dot_product_tolerance
from s2sad.testing.grads import compare
from s2sad.testing.vectors import is_number, random_like, step_along

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "models"
NAMES = (
    "circuit_simulation", "epidemic", "kalman_filter", "lens_tracing", "orbital_mechanics", "pharmacokinetics",
    "pid_control", "robot_arm", "truss_analysis", "vehicle_suspension",
)  # fmt: skip
TWICE = ("epidemic", "kalman_filter", "pid_control", "vehicle_suspension")


@pytest.fixture(scope="module", params=NAMES)
def model(request):
    """A model's module, imported from its file."""
    spec = importlib.util.spec_from_file_location(f"model_{request.param}", FOLDER / f"{request.param}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def point(model):
    """The arguments anew: some models change theirs."""
    return copy.deepcopy(model.POINT)


def test_value_and_structure(model):
    given = point(model)
    value, gradient = Derivative(model.ENTRY, "value_and_grad", 0)(*given)
    assert value == pytest.approx(model.ENTRY(*point(model)), rel=1e-12)
    assert type(gradient) is type(given[0])
    assert [where for where, _ in leaves(gradient)] == [where for where, _ in leaves(given[0])]
    for (_, now), (_, before) in zip(leaves(given), leaves(model.POINT)):
        assert np.array_equal(now, before)


def test_gradient_against_differences(model):
    reports = compare(model.ENTRY, point(model), (0,))
    assert not [str(mismatch) for report in reports for mismatch in report.mismatches]
    assert dot_product_test(model.ENTRY, point(model), (0,)) <= dot_product_tolerance(model.POINT)


def test_a_step_downhill_helps(model):
    """What the gradient is for."""
    given = point(model)
    value, gradient = Derivative(model.ENTRY, "value_and_grad", 0)(*given)
    # parameters differ by orders of magnitude: each moves in proportion to its own size
    pairs = zip(leaves(given[0]), leaves(gradient))
    way = {where: slope * np.abs(leaf) ** 2 for (where, leaf), (_, slope) in pairs if is_number(leaf)}
    order = iter([where for where, _ in leaves(given[0])])
    direction = map_leaves(lambda _: way.get(next(order)), given[0])
    longest = max(float(np.max(np.abs(part))) for part in way.values())
    moved = step_along(given[0], direction, -1e-4 / max(1.0, longest))
    assert model.ENTRY(moved, *point(model)[1:]) < value


def test_second_derivative(model):
    """The product of the Hessian with a direction, forward over reverse, against differences of the gradient."""
    if model.__name__.removeprefix("model_") not in TWICE:
        pytest.skip("long emitted code: second derivatives of objects are in the corpus")
    given = point(model)
    gradient = grad(model.ENTRY)
    direction = random_like(given[0], np.random.default_rng(0))
    direction = map_leaves(
        lambda d, leaf: None if d is None else d * 0.01 * np.maximum(np.abs(leaf), 1e-3), direction, given[0]
    )
    again = Derivative(gradient, "jvp", 0)
    values = again.bind(given, {})
    _, tangent = again.at(values).call(*values, direction)
    ahead, back = (gradient(step_along(given[0], direction, h), *point(model)[1:]) for h in (1e-3, -1e-3))
    for (_, t), (_, p), (_, q) in zip(leaves(tangent), leaves(ahead), leaves(back)):
        if is_number(p):
            assert np.allclose(t, (p - q) / 2e-3, rtol=1e-3, atol=1e-4 * max(1.0, float(np.max(np.abs(p)))))
