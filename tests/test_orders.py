"""The corpus beyond the first derivative: every nesting of the modes, several directions at once, the third order.

Forward over reverse and reverse over reverse are in `test_programs`; the rest is here.  By default a fixed share of the
programs is taken through the slow tests; ``--all-orders`` takes them all.
"""

import contextlib
import io
import zlib

import numpy as np
import pytest

from s2sad import hessian, jacfwd, jacrev
from s2sad.batch.lead import NotBatched
from s2sad.derivative import Derivative
from s2sad.structure import leaves, map_leaves
from s2sad.testing.finite_differences import central_difference
from s2sad.testing.vectors import in_double, random_like
from tests.test_programs import ENTRIES, SMOOTH, mode_of, own, same, settled

SCALAR = [entry for entry in SMOOTH if mode_of(entry) == "value_and_grad"]


def pytest_generate_tests(metafunc):
    """Choose the programs: all of them, or those whose names have a small checksum."""
    chosen = getattr(metafunc.function, "programs", None)
    if chosen is None:
        return
    entries, share = chosen
    if not metafunc.config.getoption("--all-orders"):
        entries = [entry for entry in entries if zlib.crc32(entry.name.encode()) % share == 0]
    metafunc.parametrize("entry", entries, ids=lambda entry: entry.name)


def over(entries, share):
    """Run a test over one in `share` of some programs."""

    def mark(test):
        test.programs = (entries, share)
        return test

    return mark


def tangent_function(fun, wrt, point):
    """The directional derivative as a plain function, its arguments, and the names of its parameters."""
    derivative = Derivative(fun, "tangent", wrt)
    values = derivative.bind(own(point), {})
    values = derivative.at(values).promote(values)
    function, known, _ = derivative.closed_form(derivative.signature_of(values))
    rng = np.random.default_rng(7)
    places = [list(known).index(name) for name in derivative.wrt]
    directions = tuple(random_like(values[k], rng) for k in places)
    return function, (*derivative.arrange(values), *directions), places


def narrow(value):
    return any(getattr(leaf, "dtype", None) in (np.float32, np.complex64) for _, leaf in leaves(value))


def spread_over(values, places, seed):
    rng = np.random.default_rng(seed)
    spread = [None] * len(values)
    for k in places:
        spread[k] = random_like(values[k], rng)
    return spread


def checked(got, expected, value):
    """Equal up to the error of differences; fields of an object that are no numbers have none."""
    if not narrow(value):
        same(map_leaves(in_double, got), map_leaves(in_double, settled(expected, got)), rtol=3e-5, atol=3e-5)


@over(SMOOTH, 6)
def test_forward_over_forward(entry):
    with contextlib.redirect_stdout(io.StringIO()):
        function, values, places = tangent_function(entry.fun, entry.wrt, entry.points[0])
        spread = spread_over(values, places, 2)
        again = Derivative(function, "jvp", tuple(places))
        value, tangent = again.at(values).call(*own(values), *[spread[k] for k in places])
        same(value, function(*own(values)), rtol=1e-9, atol=1e-9)
        checked(tangent, central_difference(function, values, spread), values)


@over(SMOOTH, 6)
def test_reverse_over_forward(entry):
    """The pullback of a random cotangent, against differences in a random direction."""
    with contextlib.redirect_stdout(io.StringIO()):
        function, values, places = tangent_function(entry.fun, entry.wrt, entry.points[0])
        spread = spread_over(values, places, 3)
        made = Derivative(function, "vjp", tuple(places)).at(values)
        value, saved = made.push(own(values))
        cotangent = random_like(value, np.random.default_rng(4))
        pulled = made.pull(saved, cotangent)
        difference = central_difference(function, values, spread)
    by_pullback = inner(pulled, [spread[k] for k in places])
    if not narrow(values):
        size = 1.0 + sum(float(np.sum(np.abs(np.asarray(leaf)))) for _, leaf in leaves(difference) if leaf is not None)
        assert by_pullback == pytest.approx(inner(cotangent, difference), rel=1e-4, abs=3e-5 * size)


def inner(one, other):
    """The real inner product of two structures, under the convention for complex numbers."""
    pairs = zip((leaf for _, leaf in leaves(one)), (leaf for _, leaf in leaves(other)))
    return sum(float(np.sum(np.real(np.conj(p) * q))) for p, q in pairs if p is not None and q is not None)


@over(SCALAR, 16)
def test_third_order(entry):
    """Forward over forward over reverse."""
    with contextlib.redirect_stdout(io.StringIO()):
        gradient = Derivative(entry.fun, "grad", entry.wrt[0] if len(entry.wrt) == 1 else entry.wrt)
        function, values, places = tangent_function(gradient, entry.wrt, entry.points[0])
        spread = spread_over(values, places, 5)
        again = Derivative(function, "jvp", tuple(places)).at(values)
        _, tangent = again.call(*own(values), *[spread[k] for k in places])
        checked(tangent, central_difference(function, values, spread), values)


# ---- several directions at once ---------------------------------------------------------------------------------
def is_real(leaf):
    return isinstance(leaf, (float, complex)) or getattr(getattr(leaf, "dtype", None), "kind", "") in ("f", "c")


def stacked(*values):
    """Structures as one with a leading axis."""
    return map_leaves(lambda first, *rest: np.stack([first, *rest]) if is_real(first) else first, values[0], *values[1:])


def alike(got, expected, values):
    """Equal up to rounding; integers of a result do not move, and have no leading axis."""
    pairs = [
        (p, q) for (_, p), (_, q) in zip(leaves(got), leaves(expected), strict=True) if is_real(q)
    ]
    tolerance = 1e-5 if narrow(values) else 1e-9
    for p, q in pairs:
        assert np.shape(p) == np.shape(q)
        assert np.allclose(p, q, rtol=tolerance, atol=tolerance, equal_nan=True)


@over(ENTRIES, 4)
def test_several_tangents_at_once(entry):
    point = own(entry.points[0])
    with contextlib.redirect_stdout(io.StringIO()):
        one = Derivative(entry.fun, "jvp", entry.wrt)
        single = one.at(one.bind(point, {}))
        values = single.promote(one.bind(point, {}))
        several = Derivative(entry.fun, "jvps", entry.wrt)
        try:
            made = several.at(several.bind(point, {}))
        except NotBatched:
            pytest.skip("goes one by one")
        rng = np.random.default_rng(3)
        seeds = [[random_like(values[k], rng) for k in entry.wrt] for _ in range(5)]
        expected = stacked(*[single.call(*own(values), *own(seed))[1] for seed in seeds])
        got = made.call(*own(values), *[stacked(*column) for column in zip(*seeds)])[1]
    alike(got, expected, values)


@over(ENTRIES, 4)
def test_several_cotangents_at_once(entry):
    point = own(entry.points[0])
    with contextlib.redirect_stdout(io.StringIO()):
        one = Derivative(entry.fun, "vjp", entry.wrt)
        single = one.at(one.bind(point, {}))
        values = single.promote(one.bind(point, {}))
        several = Derivative(entry.fun, "vjps", entry.wrt)
        try:
            made = several.at(several.bind(point, {}))
        except NotBatched:
            pytest.skip("goes one by one")
        value, saved = single.push(own(values))
        rng = np.random.default_rng(3)
        seeds = [random_like(value, rng) for _ in range(5)]
        expected = stacked(*[single.pull(saved, own((seed,))[0]) for seed in seeds])
        _, kept = made.push(own(values))
        got = made.pull(kept, stacked(*seeds))
    alike(got, expected, values)


@over(SCALAR, 16)
def test_hessian_both_ways(entry):
    """The batched Hessian is symmetric, and its twin by rows agrees."""
    point = entry.points[0]
    if len(entry.wrt) != 1 or not isinstance(point[entry.wrt[0]], (float, np.ndarray)) or narrow(point):
        pytest.skip("one array of double precision at a time")
    if np.iscomplexobj(point[entry.wrt[0]]):
        pytest.skip("defined for real arguments")
    with contextlib.redirect_stdout(io.StringIO()):
        full = hessian(entry.fun, argnums=entry.wrt[0])(*own(point))
        size = int(np.sqrt(np.size(full)))
        square = np.reshape(full, (size, size))
        assert np.allclose(square, square.T, rtol=1e-8, atol=1e-8)
        gradient = Derivative(entry.fun, "grad", entry.wrt[0])
        for whole in (jacfwd, jacrev):
            other = whole(gradient, argnums=entry.wrt[0])(*own(point))
            assert np.allclose(other, full, rtol=1e-8, atol=1e-8)


def test_almost_every_program_takes_several_directions():
    """How many go one by one is known, 1.2 % of the sample; a change that adds to them shows here."""
    alone, count = [], 0
    for entry in (entry for entry in ENTRIES if zlib.crc32(entry.name.encode()) % 7 == 0):
        for mode in ("tangents", "vjps"):
            count += 1
            derivative = Derivative(entry.fun, mode, entry.wrt)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    derivative.at(derivative.bind(own(entry.points[0]), {}))
            except NotBatched:
                alone.append(f"{mode} {entry.name}")
    assert len(alone) <= 0.025 * count, alone
