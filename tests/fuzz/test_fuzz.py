"""Random programs in all modes against central differences, and every program that ever failed."""

import importlib.util
from pathlib import Path

import pytest

from s2sad.testing.shrink import shrink
from tests.fuzz.__main__ import minimal
from tests.fuzz.checking import LOOPS, ORDERS, check, plans_of
from tests.fuzz.generator import PROFILES, program

REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*.py"))
BATCHES = 10
CHECKED = ("language", "mutation", "filled", "state", "numpy")
"""The profile `python` is run by hand until its programs compile quickly (docs/explanation/fuzzing.md)."""
needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
REFUSED_AT_MOST = 0.05
SKIPPED_AT_MOST = {"numpy": 0.25}  # its vocabulary has more kinks
OTHERS_SKIPPED_AT_MOST = 0.15


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("profile", CHECKED)
def test_random_programs(profile, batch, pytestconfig):
    count, first = pytestconfig.getoption("--fuzz-count"), pytestconfig.getoption("--fuzz-seed")
    seeds = range(first + batch, first + count, BATCHES)
    outcomes = {seed: check(program(seed, profile), plans_of(seed)) for seed in seeds}
    for seed, outcome in outcomes.items():
        if outcome.failed:
            text = program(seed, profile)
            pytest.fail(f"{profile} {seed}: {outcome.what}\n{outcome.detail}\n{minimal(text, outcome, 200)}")
    kinds = [outcome.kind for outcome in outcomes.values()]
    # some more: a batch may be small
    assert kinds.count("refused") <= 2 + REFUSED_AT_MOST * len(kinds)
    assert kinds.count("skipped") <= 1 + SKIPPED_AT_MOST.get(profile, OTHERS_SKIPPED_AT_MOST) * len(kinds)


def one_plan_each(profile, plans, first, count):
    """Check programs, each by one of the plans in turn."""
    seeds = range(first, first + count)
    outcomes = {seed: check(program(seed, profile), plans[seed % len(plans) :][:1]) for seed in seeds}
    failed = {seed: outcome for seed, outcome in outcomes.items() if outcome.failed}
    assert not failed, failed
    assert sum(outcome.kind == "ok" for outcome in outcomes.values()) > count / 2


@needs_numba
@pytest.mark.parametrize("profile", CHECKED)
def test_random_programs_as_loops(profile, pytestconfig):
    """What is emitted for Numba, run as Python: one mode for each program."""
    one_plan_each(profile, LOOPS, pytestconfig.getoption("--fuzz-seed"), pytestconfig.getoption("--fuzz-count") // 8)


@needs_numba
@pytest.mark.parametrize("path", [path for path in REGRESSIONS if path.stem.startswith("loops_")], ids=lambda path: path.stem)
def test_past_failure_as_loops(path):
    outcome = check(path.read_text(), LOOPS)
    assert outcome.kind == "ok", outcome


@pytest.mark.parametrize("profile", CHECKED)
def test_random_programs_of_higher_order(profile, pytestconfig):
    """Second derivatives, and Jacobians: one of them for each program."""
    one_plan_each(profile, ORDERS, pytestconfig.getoption("--fuzz-seed"), pytestconfig.getoption("--fuzz-count") // 12)


@pytest.mark.parametrize("path", [path for path in REGRESSIONS if path.stem.startswith("orders_")], ids=lambda path: path.stem)
def test_past_failure_of_higher_order(path):
    outcome = check(path.read_text(), ORDERS)
    assert outcome.kind == "ok", outcome


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
def test_past_failure(path):
    outcome = check(path.read_text())
    assert outcome.kind == "ok", outcome


@pytest.mark.parametrize("profile", PROFILES)
def test_a_seed_gives_one_program(profile):
    assert program(17, profile) == program(17, profile) != program(18, profile)


def test_the_checker_sees_a_wrong_derivative(monkeypatch):
    import tests.fuzz.checking as checking

    true = checking.one
    monkeypatch.setattr(checking, "one", lambda *args: (lambda value, slope, kept: (value, slope + 1e-3, kept))(*true(*args)))
    assert check("def f(x):\n    return x * x\n\nPOINT = (0.3,)\n").what == "value_and_grad: derivative"


def test_shrinking_keeps_what_matters():
    text = program(5)
    small = shrink(text, lambda t: "def f" in t and "return" in t)
    assert len(small) < len(program(5)) / 4


def test_shrinking_takes_loops_and_branches_apart():
    text = "def f(x):\n    for i in range(3):\n        if x > 0:\n            y = bad(x, 1.234)\n    return y\n"
    assert shrink(text, lambda t: "bad" in t and "y" in t) == "def f():\n    y = bad()\n"
