"""Every program of the corpus, in every mode: against differences, after every pass, again, and under Numba."""

import contextlib
import copy
import importlib.util
import io
import types

import numpy as np
import pytest

from s2sad.derivative import Derivative
from s2sad.errors import S2sadError
from s2sad.structure import leaves, map_leaves
from s2sad.testing.dot_product import dot_product_test, dot_product_tolerance
from s2sad.testing.finite_differences import central_difference
from s2sad.testing.grads import compare
from s2sad.testing.vectors import in_double, is_number, random_like
from tests.programs.corpus import load as corpus

EVERYTHING = corpus()
ENTRIES = [entry for entry in EVERYTHING if not entry.refused]
REFUSED = [entry for entry in EVERYTHING if entry.refused]
SMOOTH = [entry for entry in ENTRIES if entry.smooth]
CONVENTIONS = [entry for entry in ENTRIES if entry.expect is not None]
COMPILED = [entry for entry in ENTRIES if entry.numba]


def each(entries):
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry.name)


def own(args):
    """Arguments that a program may write to without harm to the corpus."""
    return tuple(a if callable(a) or isinstance(a, types.ModuleType) else copy.deepcopy(a) for a in args)


def same(got, expected, rtol=1e-12, atol=1e-12):
    """Equal in structure, shape and dtype, and close in value."""
    mine, theirs = list(leaves(got)), list(leaves(expected))
    assert [where for where, _ in mine] == [where for where, _ in theirs]
    for (where, p), (_, q) in zip(mine, theirs):
        if is_number(q) or isinstance(q, (int, np.ndarray, np.generic)):
            assert np.shape(p) == np.shape(q), where
            assert np.allclose(p, q, rtol=rtol, atol=atol, equal_nan=True), f"{where}: {p} is not {q}"
        else:
            assert p == q, where


def settled(expected, got):
    """Differences of a gradient, and the gradient's own fields that are no numbers: those have no difference."""
    return map_leaves(lambda slope, leaf: leaf if slope is None or not is_number(leaf) else slope, expected, got)


def is_scalar(value):
    return np.shape(value) == () and is_number(value)


def quietly(fun, *args):
    with contextlib.redirect_stdout(io.StringIO()):
        return fun(*args)


def specialised(derivative, point):
    """What is compiled for a point, and one value for every parameter, defaults included."""
    values = derivative.bind(own(point), {})
    made = derivative.at(values)
    return made, made.promote(values)


def mode_of(entry):
    """`value_and_grad` where there is a gradient, else the pair of sweeps."""
    return "value_and_grad" if is_scalar(quietly(entry.fun, *own(entry.points[0]))) else "vjp"


@each(ENTRIES)
def test_value_gradient_and_arguments(entry):
    """The value is the primal's, the gradient has the arguments' structure, and the arguments are left alone."""
    for point in entry.points:
        args = own(point)
        expected = quietly(entry.fun, *own(point))
        if not is_scalar(expected):
            continue
        derivative = Derivative(entry.fun, "value_and_grad", entry.wrt)
        value, gradient = quietly(derivative, *args)
        same(value, expected)
        for k, g in zip(entry.wrt, gradient):
            assert [where for where, _ in leaves(g)] == [where for where, _ in leaves(point[k])]
            for (_, slope), (_, leaf) in zip(leaves(g), leaves(point[k])):
                assert np.shape(slope) == np.shape(leaf)
                if isinstance(leaf, np.ndarray):
                    assert isinstance(slope, np.ndarray)
                    assert slope.dtype == leaf.dtype
        same(args, point, rtol=0.0, atol=0.0)


@pytest.mark.smoke
@each(SMOOTH)
def test_both_modes_against_differences(entry):
    for point in entry.points:
        with contextlib.redirect_stdout(io.StringIO()):
            reports = compare(entry.fun, own(point), entry.wrt)
            wrong = [str(mismatch) for report in reports for mismatch in report.mismatches]
            assert not wrong
            apart = dot_product_test(entry.fun, own(point), entry.wrt)
        assert apart <= dot_product_tolerance(point)


@pytest.mark.smoke
@each(CONVENTIONS)
def test_convention(entry):
    """At a kink the derivative is what the policy table says, in both modes."""
    gradient = Derivative(entry.fun, "grad", entry.wrt)(*own(entry.points[0]))
    same(gradient, tuple(entry.expect), rtol=1e-9)
    assert dot_product_test(entry.fun, own(entry.points[0]), entry.wrt) <= dot_product_tolerance(entry.points[0])


@each(ENTRIES)
@pytest.mark.parametrize("mode", ["value_and_grad", "jvp"])
def test_same_result_after_every_pass(entry, mode):
    """Typed core gives what the primal gives; from the transform on, each stage gives what the last one gives."""
    if mode == "value_and_grad" and mode_of(entry) != mode:
        pytest.skip("only scalar programs have a gradient")
    point = entry.points[0]
    made, values = specialised(Derivative(entry.fun, mode, entry.wrt), point)
    rng = np.random.default_rng(0)
    seeds = tuple(random_like(values[k], rng) for k in entry.wrt) if mode == "jvp" else ()
    primal = quietly(entry.fun, *own(values))
    final = quietly(made.compiled.function, *own(values), *own(seeds))
    for stage, form in made.compiled.forms.items():
        run = made.compiled.runnable(stage)
        if form == "primal":
            same(quietly(run, *own(values)), primal)
        else:
            same(quietly(run, *own(values), *own(seeds)), final, rtol=1e-10, atol=1e-10)


@each(SMOOTH)
def test_emitted_code_is_accepted_again(entry):
    """The derivative of the emitted gradient, in forward mode, against differences of the gradient."""
    point = entry.points[0]
    if mode_of(entry) != "value_and_grad":
        pytest.skip("only scalar programs have a gradient")
    gradient = Derivative(entry.fun, "grad", entry.wrt[0] if len(entry.wrt) == 1 else entry.wrt)
    again = Derivative(gradient, "jvp", entry.wrt)
    made, values = specialised(again, point)
    rng = np.random.default_rng(1)
    directions = [random_like(values[k], rng) for k in entry.wrt]
    with contextlib.redirect_stdout(io.StringIO()):
        value, tangent = made.run(*own(values), *own(directions))
        spread = [None] * len(values)
        for k, direction in zip(entry.wrt, directions):
            spread[k] = direction
        expected = central_difference(gradient, values, spread)
        same(value, gradient(*own(values)), rtol=1e-9, atol=1e-9)
    if not any(np.asarray(leaf).dtype == np.float32 for _, leaf in leaves(point)):
        same(tangent, map_leaves(in_double, settled(expected, tangent)), rtol=2e-5, atol=2e-5)


@each(SMOOTH)
def test_emitted_code_is_reversed_again(entry):
    """Reverse over reverse: the Hessian is symmetric, so its product with a direction is also a pullback."""
    point = entry.points[0]
    if mode_of(entry) != "value_and_grad":
        pytest.skip("only scalar programs have a gradient")
    gradient = Derivative(entry.fun, "grad", entry.wrt[0] if len(entry.wrt) == 1 else entry.wrt)
    again = Derivative(gradient, "vjp", entry.wrt)
    made, values = specialised(again, point)
    rng = np.random.default_rng(1)
    directions = [random_like(values[k], rng) for k in entry.wrt]
    spread = [None] * len(values)
    for k, direction in zip(entry.wrt, directions):
        spread[k] = direction
    with contextlib.redirect_stdout(io.StringIO()):
        value, saved = made.push(own(values))
        cotangent = directions[0] if len(entry.wrt) == 1 else tuple(directions)
        product = made.pull(saved, cotangent)
        expected = central_difference(gradient, values, spread)
        same(value, gradient(*own(values)), rtol=1e-9, atol=1e-9)
    if not any(np.asarray(leaf).dtype == np.float32 for _, leaf in leaves(point)):
        wanted = (expected,) if len(entry.wrt) == 1 else expected
        same(map_leaves(in_double, product), map_leaves(in_double, settled(wanted, product)), rtol=2e-5, atol=2e-5)


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
@pytest.mark.slow
@each(COMPILED)
def test_numba_compiles_what_is_emitted(entry):
    import numba

    point = entry.points[0]
    made, values = specialised(Derivative(entry.fun, mode_of(entry), entry.wrt), point)
    expected = quietly(made.compiled.function, *own(values))
    same(quietly(numba.njit(made.compiled.function), *own(values)), expected, rtol=1e-9, atol=1e-9)


@each(REFUSED)
def test_refused_before_anything_runs(entry):
    """What is not in the language is refused with its code; once it is taken, its mark goes."""
    with pytest.raises(S2sadError) as caught:
        Derivative(entry.fun, "value_and_grad", entry.wrt).at(own(entry.points[0]))
    assert caught.value.code == entry.refused


def test_the_corpus_is_large_enough():
    assert sum(not entry.writes for entry in EVERYTHING) >= 300
    assert sum(entry.writes for entry in EVERYTHING) >= 140
