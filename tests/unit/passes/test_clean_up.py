"""The clean-up passes keep what a program computes: random programs in core, run before and after each pass."""

import numpy as np
import pytest

from s2sad.passes.fuse import fuse
from s2sad.passes.name import name
from s2sad.passes.own import own
from s2sad.passes.prune import prune
from s2sad.passes.simplify import simplify
from s2sad.testing.core import core, runnable, source
from tests.unit.passes.random_core import random_core

PASSES = (simplify, prune, fuse, name, own)


def observed(program):
    """What a program gives and what effects it has, and what it does to its argument."""
    seen = []

    def probe(value):
        seen.append(("probe", float(value)))
        return value + 1.0

    array = np.array([0.3, -0.2, 0.7, 1.1])
    with np.errstate(all="ignore"):
        results = runnable(program, log=lambda value: seen.append(float(value)), probe=probe)(0.6, -0.4, array)
    copies = [np.array(result, dtype=float) for result in results]
    return copies, seen, array


def same(a, b):
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, str):
        return a == b
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-8, atol=1e-10, equal_nan=True)


def made(seed, size=12):
    with np.errstate(all="ignore"):
        return core(
            random_core(seed, size), 0.6, -0.4, np.array([0.3, -0.2, 0.7, 1.1]), log=lambda value: None,
            probe=lambda value: value + 1.0,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(150))
def test_each_pass_keeps_results_and_effects(seed):
    program = made(seed, 6 + seed % 20)
    expected = observed(program)
    for clean in PASSES:
        before = program
        program = clean(program)
        assert same(observed(program), expected), f"{clean.__name__}:\n{source(before)}\n{source(program)}"


@pytest.mark.parametrize("seed", range(20))
def test_each_pass_alone(seed):
    program = made(seed)
    expected = observed(program)
    for clean in PASSES[:-1]:  # own runs on printed names
        assert same(observed(clean(program)), expected), clean.__name__


@pytest.mark.parametrize("seed", range(10))
def test_each_pass_is_deterministic_and_leaves_its_input_alone(seed):
    program = made(seed)
    for clean in PASSES:
        text = source(program)
        new = clean(program)
        assert source(program) == text
        assert source(clean(program)) == source(new)
        program = new


@pytest.mark.parametrize("seed", range(10))
def test_clean_up_is_stable(seed):
    """A second round through the passes that read core finds nothing that changes results."""
    program = made(seed)
    expected = observed(program)
    for clean in (*PASSES[:3], *PASSES[:3], *PASSES[3:]):
        program = clean(program)
    assert same(observed(program), expected)
