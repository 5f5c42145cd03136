"""The corpus under ``backend="numba"``: the values and derivatives of the reference backend, or a refusal by name.

Compiling takes about half a second a program, so the common run takes a fixed share of the corpus;
``pytest --whole-corpus`` takes all of it.
"""

import importlib.util
import warnings

import numpy as np
import pytest

from s2sad.batch.lead import NotBatched
from s2sad.derivative import Derivative
from s2sad.errors import BackendError
from s2sad.options import Options
from s2sad.structure import leaves, map_leaves
from s2sad.testing.vectors import random_like
from tests.programs.corpus import load as corpus
from tests.test_programs import mode_of, own, quietly, same

pytestmark = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
ENTRIES = {entry.name: entry for entry in corpus() if not entry.refused}
SHARE = 24
"""Every so many programs are in the common run."""


SHARE_IN_PYTHON = 8
"""The same for what runs without being compiled."""


SHARE_OF_SEVERAL = 32
"""The same for several directions at once, in Python."""


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        whole = metafunc.config.getoption("--whole-corpus")
        share = SHARE_IN_PYTHON if "interpreted" in metafunc.fixturenames else SHARE
        share = 2 * SHARE_IN_PYTHON if "any_size" in metafunc.fixturenames else share
        share = SHARE_OF_SEVERAL if "several" in metafunc.function.__name__ else share
        metafunc.parametrize("name", list(ENTRIES)[:: 1 if whole else share])


@pytest.fixture(autouse=True, scope="module")
def cache_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("S2SAD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def pair(entry, mode, point):
    """What both backends make of a program at a point: one value for each parameter, and the compiled functions."""
    made = []
    for backend in ("numpy", "numba"):
        derivative = Derivative(entry.fun, mode, entry.wrt, options=Options(backend=backend))
        values = derivative.bind(own(point), {})
        made.append((derivative.at(values), values))
    return made


def random_cotangent(value, rng):
    return map_leaves(
        lambda leaf: random_like(leaf, rng) if isinstance(leaf, (float, np.ndarray, np.generic)) else leaf, value
    )


@pytest.fixture
def interpreted(monkeypatch):
    """What would be compiled runs as the Python that it is."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)


@pytest.fixture
def any_size(monkeypatch):
    """Small sizes are not part of the types, as large ones are not."""
    monkeypatch.setattr("s2sad.derivative.SMALL", 1)


@pytest.mark.slow
def test_agrees_with_the_reference(name):
    check(ENTRIES[name])


@pytest.mark.slow
def test_the_loops_alone_agree_with_the_reference(name, interpreted, tmp_path, monkeypatch):
    """As Python, which sees to it that nothing is read out of bounds: also what Numba itself does not take."""
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    with np.errstate(all="ignore"):  # compiled arithmetic warns of nothing
        check(ENTRIES[name])


@pytest.mark.slow
def test_the_loops_alone_agree_where_no_size_is_known(name, interpreted, any_size, tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    with np.errstate(all="ignore"):
        check(ENTRIES[name])


def check(entry):
    mode = mode_of(entry)
    for point in entry.points:
        rng = np.random.default_rng(0)
        try:
            (reference, values), (compiled, mine) = pair(entry, mode, point)
            if mode == "vjp":
                value, saved = quietly(reference.push, values)
                value_too, saved_too = quietly(compiled.push, mine)
                same(value_too, value, rtol=1e-9, atol=1e-9)
                bar = random_cotangent(value, rng)
                expected, got = reference.pull(saved, bar), compiled.pull(saved_too, bar)
            else:
                expected, got = quietly(reference.call, *values), quietly(compiled.call, *mine)
        except BackendError as error:
            assert error.code == "S501"
            pytest.skip(str(error).splitlines()[0])
        same(got, expected, rtol=1e-9, atol=1e-9)
        for (where, mine_), (_, theirs) in zip(leaves(got), leaves(expected)):
            assert getattr(mine_, "dtype", None) == getattr(theirs, "dtype", None), where


@pytest.mark.slow
def test_second_order_agrees_where_the_first_is_compiled(name):
    """Forward and reverse mode of the emitted gradient, compiled, or refused with a code."""
    entry = ENTRIES[name]
    if not entry.smooth or mode_of(entry) != "value_and_grad":
        pytest.skip("only smooth scalar programs have a second derivative")
    gradient = Derivative(entry.fun, "grad", entry.wrt[0] if len(entry.wrt) == 1 else entry.wrt)
    for mode in ("jvp", "vjp"):
        results = []
        try:
            for backend in ("numpy", "numba"):
                again = Derivative(gradient, mode, entry.wrt, options=Options(backend=backend))
                values = again.bind(own(entry.points[0]), {})
                made = again.at(values)
                values = made.promote(values)
                rng = np.random.default_rng(1)
                directions = [random_like(values[k], rng) for k in entry.wrt]
                if mode == "jvp":
                    results.append(quietly(made.run, *own(values), *own(directions)))
                else:
                    _, saved = quietly(made.push, own(values))
                    bar = directions[0] if len(entry.wrt) == 1 else tuple(directions)
                    results.append(quietly(made.pull, saved, bar))
        except BackendError as error:
            assert error.code == "S501"
            continue
        same(results[1], results[0], rtol=1e-8, atol=1e-8)


def check_several(entry):
    """Tangents in, and cotangents of, several directions at once: as without the backend, or refused with a code."""
    point = entry.points[0]
    for mode in ("tangents", "vjps"):
        rng = np.random.default_rng(3)
        try:
            (reference, values), (compiled, mine) = pair(entry, mode, point)
            values, mine = reference.promote(values), compiled.promote(mine)
            if mode == "tangents":
                seeds = [stacked([random_like(values[k], rng) for _ in range(3)]) for k in entry.wrt]
                expected = quietly(reference.call, *own(values), *own(seeds))
                got = quietly(compiled.call, *own(mine), *own(seeds))
            else:
                value, saved = quietly(reference.push, own(values))
                seeds = stacked([random_cotangent(value, rng) for _ in range(3)])
                _, saved_too = quietly(compiled.push, own(mine))
                expected, got = reference.pull(saved, own((seeds,))[0]), compiled.pull(saved_too, seeds)
        except (BackendError, NotBatched) as error:
            assert isinstance(error, NotBatched) or error.code == "S501"
            continue
        same(got, expected, rtol=1e-8, atol=1e-8)


def stacked(items):
    is_array = lambda leaf: isinstance(leaf, (float, complex, np.ndarray, np.generic))  # noqa: E731
    return map_leaves(lambda *leaves_: np.stack(leaves_) if is_array(leaves_[0]) else leaves_[0], *items)


@pytest.mark.slow
def test_several_directions_agree(name, interpreted, any_size, tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    with np.errstate(all="ignore"):
        check_several(ENTRIES[name])


@pytest.mark.slow
@pytest.mark.parametrize("rare", list(ENTRIES)[::97])
def test_several_directions_are_compiled(rare):
    check_several(ENTRIES[rare])


def test_most_of_the_corpus_is_taken():
    """What is refused before anything is compiled stays a small part."""
    refused = []
    for name, entry in ENTRIES.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                derivative = Derivative(entry.fun, "jvp", entry.wrt, options=Options(backend="numba"))
                derivative.at(derivative.bind(own(entry.points[0]), {}))
            except BackendError:
                refused.append(name)
    assert len(refused) <= len(ENTRIES) // 6, refused
