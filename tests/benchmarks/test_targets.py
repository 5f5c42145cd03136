"""The table of targets: a figure is met, missed or missing, never taken for met."""

import pytest

from benchmarks import targets
from benchmarks.figures import Figures


def line(workload, kinds=("loop",), **times):
    variants = {name: {"median_us": t, "min_us": t} for name, t in times.items()}
    return {"workload": workload, "kinds": list(kinds), "variants": variants}


LINES = [
    line("smooth", ("loop", "scalar loop"), primal=100.0, by_hand=200.0, s2sad=210.0, s2sad_numba=2.0, c=1.5, jax=9.0,
         casadi=3.0, primal_numba=1.0, torch=1e5, autograd=90.0),
    line("heat", ("loop", "stencil"), primal=100.0, by_hand=200.0, s2sad=250.0),
]  # fmt: skip


def found(outcomes, target):
    (outcome,) = (o for o in outcomes if o.target.startswith(target))
    return outcome


def test_a_target_is_met_by_all_or_not_at_all():
    outcomes = list(targets.against_hand(Figures(LINES)))
    missed = found(outcomes, "NumPy over by hand <= 1.1")
    assert missed.met is False
    assert missed.figure == "heat 1.25, smooth 1.05"


def test_a_missing_figure_is_not_a_met_one():
    outcomes = list(targets.against_hand(Figures(LINES)))
    unknown = found(outcomes, "Numba over C")
    assert unknown.figure == "smooth 1.33; without a figure: heat"
    assert unknown.met is None
    assert found(outcomes, 'optimize="scalars" over by hand with').met is None


def test_the_best_peer_counts():
    outcomes = list(targets.against_peers(Figures(LINES)))
    assert found(outcomes, "Numba over the best peer < 1").figure.startswith("smooth 0.667")
    assert found(outcomes, "torch takes at least 50 times as long on every scalar").met is True
    assert found(outcomes, "autograd takes at least 50 times as long on every scalar").met is False


def test_a_peer_that_cannot_is_left_out():
    lines = [line("smooth", ("scalar loop",), s2sad=1.0), line("recurrence", ("scalar loop",), s2sad=1.0, torch=60.0)]
    lines[0]["variants"]["torch"] = {"unavailable": "not supported: in-place"}
    assert found(targets.against_peers(Figures(lines)), "torch takes at least 50").met is True


def test_gradient_over_primal():
    outcomes = list(targets.against_primal(Figures(LINES)))
    assert found(outcomes, "NumPy: gradient over primal <= 3").met is True
    assert found(outcomes, "NumPy: gradient over primal <= 2").figure == "2.3 over 2 workloads"
    assert found(outcomes, "Numba: gradient over primal <= 2").met is True


def test_the_better_option_of_the_numpy_backend_counts_for_its_median():
    lines = [LINES[1], line("lorenz", primal=10.0, s2sad=30.0, s2sad_scalars=5.0)]
    outcomes = list(targets.against_primal(Figures(lines)))
    assert found(outcomes, "NumPy: gradient over primal <= 2").figure == "2.75 over 2 workloads"
    best = found(outcomes, 'NumPy, optimize="scalars" where it is faster')
    assert (best.figure, best.met) == ("1.5 over 2 workloads", True)


@pytest.mark.parametrize("by, expected", [("median", 2.0), ("min", 1.0)])
def test_statistics(by, expected):
    lines = [line("smooth", c=1.0, s2sad=1.0)]
    lines[0]["variants"]["s2sad"]["median_us"] = 2.0
    assert Figures(lines, by).ratio("smooth", "s2sad", "c") == expected
    assert Figures(lines, by).ratio("smooth", "s2sad", "absent") is None


def test_code_lines_are_without_comments():
    assert targets.code_lines('def f(x):\n    """Say.\n    More."""\n    # why\n\n    return x\n') == 2


def test_what_is_measured_here():
    (written,) = targets.corpus()
    assert written.met is True
    shorter, goldens = targets.lengths()
    assert "lines" in goldens.figure
    assert shorter.issue == 2
    assert all(outcome.met is None for outcome in targets.held_by_tests())
