"""``python -m benchmarks targets``: every target of the issues, its figure, and whether it is met.

Speed comes from the lines of ``python -m benchmarks run``.  Compile time, dispatch and the length of what is emitted
are measured here.  Targets that a test holds name the test.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import running
from benchmarks.figures import PEERS, PRIMALS_UNDER_NUMBA, S2SAD_BEST, Figures

ROOT = Path(__file__).resolve().parents[1]
MAIN_PROGRAMS = ("crossing", "newton_sqrt", "recurrence", "lorenz", "mlp", "black_scholes", "mixture")
WRITERS = ("smooth", "heat", "gauss_seidel", "n_body")
ITEM_PROGRAMS = ("lorenz", "gauss_seidel", "bundle_adjustment")
# lines of tests/golden/targets.*.txt when the optimiser was begun
GOLDEN_LINES = {
    "crossing": 56, "heat": 62, "iterate": 46, "mlp_loss": 47, "newton_sqrt": 72, "smooth": 55, "through_view": 52
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One target: its figure in words, and whether it is met; None where nothing was measured."""

    issue: int
    target: str
    figure: str
    met: bool | None

    def text(self) -> str:
        """As a line of a table."""
        unknown = "by tests" if self.figure.startswith("held by") else "not measured"
        verdict = {True: "met", False: "NOT MET", None: unknown}[self.met]
        return f"issue {self.issue}  {verdict:12}  {self.target}: {self.figure}"


def bounded(
    issue: int,
    target: str,
    names: Sequence[str],
    ratio: Callable[[str], float | None],
    limit: float,
    at_least: bool = False,
) -> Outcome:
    """A target that holds for every one of some workloads: the worst first."""
    found = {name: ratio(name) for name in names}
    timed = sorted(((r, name) for name, r in found.items() if r is not None), reverse=not at_least)
    missing = [name for name, r in found.items() if r is None]
    figure = ", ".join(f"{name} {r:.3g}" for r, name in timed) or "no figure"
    if missing:
        figure += f"; without a figure: {', '.join(missing)}"
    met = all((r >= limit) if at_least else (r <= limit) for r, _ in timed)
    return Outcome(issue, target, figure, (met and not missing) if timed and (not missing or not met) else None)


# ---- speed, from the lines of a run ------------------------------------------------------------------------------
def against_hand(figures: Figures) -> Iterator[Outcome]:
    """The adjoint by hand, in NumPy and under Numba, and C."""
    known = figures.names()

    def numpy(name: str) -> float | None:
        return figures.ratio(name, "s2sad", "by_hand")

    def numba(name: str) -> float | None:
        return figures.ratio(name, "s2sad_numba", "by_hand_numba")

    def against_c(name: str) -> float | None:
        return figures.ratio(name, "s2sad_numba", "c")

    def scalars(name: str) -> float | None:
        return figures.ratio(name, "s2sad_scalars", "by_hand_scalars")

    def instead(name: str) -> float | None:
        return figures.ratio(name, "s2sad_scalars", "by_hand")

    main = [name for name in MAIN_PROGRAMS if name in known]
    writers = [name for name in WRITERS if name in known]
    written = [name for name in known if figures.time(name, "by_hand_scalars") is not None]
    yield bounded(2, "NumPy over by hand <= 1.3 on the main programs", main, numpy, 1.3)
    yield bounded(3, "NumPy over by hand <= 1.2 on the programs that write", writers, numpy, 1.2)
    yield bounded(3, "Numba over by hand under Numba <= 1.5 on them", writers, numba, 1.5)
    yield bounded(4, "NumPy over by hand <= 1.1 on every workload", known, numpy, 1.1)
    yield bounded(4, "Numba over C <= 1.5 on every loop workload", figures.names("loop"), against_c, 1.5)
    yield bounded(4, 'optimize="scalars" over by hand with scalars <= 1.1', written, scalars, 1.1)
    items = [name for name in ITEM_PROGRAMS if name in known]
    yield bounded(4, 'optimize="scalars" over by hand in NumPy <= 0.35 on items', items, instead, 0.35)


def against_peers(figures: Figures) -> Iterator[Outcome]:
    """The other tools."""

    def best_peer(name: str) -> float | None:
        ours, best = figures.time(name, "s2sad_numba"), figures.fastest(name, PEERS)
        return ours / best[1] if ours is not None and best else None

    def slower(peer: str) -> Callable[[str], float | None]:
        def times(name: str) -> float | None:
            ours, theirs = figures.fastest(name, S2SAD_BEST), figures.time(name, peer)
            return theirs / ours[1] if ours and theirs is not None else None

        return times

    yield bounded(4, "Numba over the best peer < 1", figures.names(other_than="blas"), best_peer, 1.0)
    yield bounded(4, "Numba over the best peer <= 1.1 where BLAS decides", figures.names("blas"), best_peer, 1.1)
    for peer in ("autograd", "torch"):
        for kind, limit in (("scalar loop", 50.0), ("stencil", 3.0)):
            target = f"{peer} takes at least {limit:g} times as long on every {kind} workload"
            names = [name for name in figures.names(kind) if not _cannot(figures, name, peer)]
            yield bounded(4, target, names, slower(peer), limit, at_least=True)


def _cannot(figures: Figures, workload: str, peer: str) -> bool:
    """Whether the peer has no way to run the program, so that there is nothing to compare with."""
    return figures.lines[workload]["variants"].get(peer, {}).get("unavailable", "").startswith("not supported")


def against_primal(figures: Figures) -> Iterator[Outcome]:
    """Gradient over primal, on the same backend."""

    def numpy(name: str) -> float | None:
        return figures.ratio(name, "s2sad", "primal")

    def numba(name: str) -> float | None:
        ours, primal = figures.time(name, "s2sad_numba"), figures.fastest(name, PRIMALS_UNDER_NUMBA)
        return ours / primal[1] if ours is not None and primal else None

    def numpy_best(name: str) -> float | None:
        ours, primal = figures.fastest(name, ("s2sad", "s2sad_scalars")), figures.time(name, "primal")
        return ours[1] / primal if ours and primal is not None else None

    for backend, ratio in (("NumPy", numpy), ("Numba", numba)):
        yield bounded(4, f"{backend}: gradient over primal <= 3 on every workload", figures.names(), ratio, 3.0)
        yield in_the_median(f"{backend}: gradient over primal <= 2 in the median", figures.names(), ratio)
    target = 'NumPy, optimize="scalars" where it is faster: gradient over primal <= 2 in the median'
    yield in_the_median(target, figures.names(), numpy_best)


def in_the_median(target: str, names: Sequence[str], ratio: Callable[[str], float | None]) -> Outcome:
    """A target of issue 4 for the workload in the middle: at most 2."""
    found = [r for name in names if (r := ratio(name)) is not None]
    middle = statistics.median(found) if found else None
    figure = f"{middle:.3g} over {len(found)} workloads" if middle is not None else "no figure"
    return Outcome(4, target, figure, None if middle is None else middle <= 2.0)


# ---- what is measured here ---------------------------------------------------------------------------------------
def compile_times() -> Iterator[Outcome]:
    """Cold compilation, NumPy and Numba."""
    from benchmarks import compile_time

    found = compile_time.measure()
    yield Outcome(
        2, "40 statements compile in 50 ms", f"{found['statements_40_ms']} ms", found["statements_40_ms"] < 50.0
    )
    yield Outcome(2, "400 statements in ten times that", f"{found['ratio']} times", found["ratio"] < 10.0)
    seconds = compile_time.under_numba()
    figure = "not supported" if seconds is None else f"{seconds:.3g} s"
    target = "40 statements compile in 1.5 s for Numba"
    yield Outcome(4, target, figure, None if seconds is None else seconds <= 1.5)


def dispatch() -> Iterator[Outcome]:
    """What a call costs beyond what is emitted."""
    from benchmarks import costs

    found = costs.nanoseconds(costs.TOPICS["dispatch"])
    over = found["df(p)"] - found["df_emitted(p)"]
    yield Outcome(4, "dispatch of a scalar function under 200 ns", f"{over:.0f} ns", over < 200.0)


def lengths() -> Iterator[Outcome]:
    """What is emitted for the emission targets is short, and stays so."""
    from docs import targets
    from docs.generate import TARGETS
    from s2sad import grad

    ours, theirs = {}, {}
    for name, arguments, wrt in TARGETS:
        ours[name] = code_lines(grad(getattr(targets, name), argnums=wrt).specialize(*arguments()).source)
        theirs[name] = code_lines(_source_of(targets, f"{name}_grad"))
    longer = {name: (ours[name], theirs[name]) for name in ours if ours[name] > theirs[name]}
    listed = ", ".join(f"{name} {a} lines for {b}" for name, (a, b) in longer.items()) or "none is longer"
    yield Outcome(2, "what is emitted for the emission targets is as short as by hand", listed, not longer)
    golden = {name: _lines(ROOT / "tests" / "golden" / f"targets.{name}.txt") for name in GOLDEN_LINES}
    grown = [f"{name} {golden[name]} for {n}" for name, n in GOLDEN_LINES.items() if golden[name] > n]
    total = f"{sum(golden.values())} lines, {sum(GOLDEN_LINES.values())} before"
    yield Outcome(4, "the goldens of the targets do not get longer", "; ".join([total, *grown]), not grown)


def _source_of(module: Any, name: str) -> str:
    import inspect

    return inspect.getsource(getattr(module, name))


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def code_lines(source: str) -> int:
    """Lines of a function without its docstring, comments and empty lines."""
    import ast

    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    if ast.get_docstring(function) is not None:
        del function.body[0]
    return len(ast.unparse(function).splitlines())


def corpus() -> Iterator[Outcome]:
    """The size of the corpus; that every program is right is for the tests to say."""
    from tests.programs.corpus import load

    entries = load()
    writing = sum(entry.writes for entry in entries)
    yield Outcome(3, "at least 150 programs that write", f"{writing} of {len(entries)}", writing >= 150)


HELD_BY_TESTS = (
    (2, "every program of the corpus is right in both modes, after every pass, and again from its own output",
     "tests/test_programs.py"),
    (2, "what is emitted does not depend on the hash seed", "tests/test_deterministic.py"),
    (2, "bad input is refused with its code", "tests/errors"),
    (3, "300 random programs in CI, 20,000 on demand", "tests/fuzz"),
)  # fmt: skip


def held_by_tests() -> Iterator[Outcome]:
    """What a test holds: met if the test suite is green."""
    for issue, target, test in HELD_BY_TESTS:
        assert (ROOT / test).exists(), test
        yield Outcome(issue, target, f"held by {test}", None)


def outcomes(figures: Figures) -> list[Outcome]:
    """Every target, by issue."""
    found = [
        *against_hand(figures),
        *against_peers(figures),
        *against_primal(figures),
        *compile_times(),
        *dispatch(),
        *lengths(),
        *corpus(),
        *held_by_tests(),
    ]
    return sorted(found, key=lambda outcome: outcome.issue)


def main(options: argparse.Namespace) -> int:
    """Print every target; the exit status is 1 if one is measured and not met."""
    path = Path(options.results) if options.results else running.RESULTS
    lines = running.read(path)
    if not lines:
        raise SystemExit(f"{path} holds no results: python -m benchmarks run")
    found = outcomes(Figures(lines, options.by))
    for outcome in found:
        print(json.dumps(outcome.__dict__) if options.json else outcome.text())
    met = sum(outcome.met is True for outcome in found)
    missed = sum(outcome.met is False for outcome in found)
    if not options.json:
        print(f"{met} met, {missed} not met, {len(found) - met - missed} not measured here")
    return int(missed > 0)
