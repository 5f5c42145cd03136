"""Programs of the corpus with ``optimize="scalars"``: values, gradients and pullbacks are those without it."""

import warnings

import numpy as np
import pytest

from s2sad.derivative import Derivative
from s2sad.options import Options
from s2sad.specialization import zero_cotangent
from s2sad.structure import leaves, map_leaves
from s2sad.testing.vectors import is_number
from tests.programs.corpus import load
from tests.test_programs import mode_of, own, quietly

ONCE_WRONG = {
    "kinks.norm_at_zero", "writers.multiplied_at", "outputs.updates_at_places", "nested.force",
    "closures.default_list_of_a_local_function_is_one", "stores.gauss_elimination", "comprehension.over_zip",
    "statements.nested_comprehension_with_conditions", "loops.gradient_descent_inside",
}  # fmt: skip
ENTRIES = [entry for entry in load() if not entry.refused]
CHOSEN = [entry for k, entry in enumerate(ENTRIES) if k % 40 == 7 or entry.name in ONCE_WRONG]


def outcome(entry, point, mode, optimize):
    """What a mode gives with an option."""
    derivative = Derivative(entry.fun, mode, entry.wrt, False, Options(optimize=optimize))
    if mode == "value_and_grad":
        return quietly(derivative, *own(point))
    values = derivative.bind(own(point), {})
    made = derivative.at(values)
    value, saved = quietly(made.push, values)
    weights = map_leaves(lambda leaf: None if zero_cotangent(leaf) is None else np.ones(np.shape(leaf))[()], value)
    return value, made.pull(saved, weights)


def test_the_choice_is_there():
    assert {entry.name for entry in CHOSEN} >= ONCE_WRONG


@pytest.mark.parametrize("entry", CHOSEN, ids=lambda entry: entry.name)
def test_same_as_without(entry):
    point = entry.points[0]
    for mode in dict.fromkeys([mode_of(entry), "vjp"]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got, expected = (outcome(entry, point, mode, optimize) for optimize in ("scalars", True))
        mine, theirs = list(leaves(got)), list(leaves(expected))
        assert [where for where, _ in mine] == [where for where, _ in theirs]
        for (where, p), (_, q) in zip(mine, theirs):
            if is_number(q):
                assert np.shape(p) == np.shape(q), where
                assert np.allclose(p, q, rtol=1e-10, atol=1e-12, equal_nan=True), f"{mode} {where}: {p} is not {q}"
