"""Golden files: a program and what the compiler emits for it, one file each, read as a reviewer reads code.

A file is named ``topic.program.txt``.  A new file is made by its name below and ``pytest tests/golden --bless``, which
rewrites every file that differs; CI never blesses.
"""

import copy
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import targets
from docs.generate import TARGETS
from s2sad.derivative import Derivative
from s2sad.options import Options
from tests.programs.corpus import load

HERE = Path(__file__).parent
PROGRAMS = """
    branches: elif_chain boolean_operators swap_if_larger smoothstep
    broadcasting: softmax_rows log_sum_exp where_masks_nan
    calls: callee_with_loop lorenz_midpoint
    closures: function_argument closure_in_loop
    comprehension: over_range nested_list
    containers: dict_of_dicts list_of_layers named_tuple
    early_exit: return_in_loop break_and_continue converge_array
    indexing: repeated_integers slice_of_slice
    linalg: ridge_regression gaussian_process einsum_batch
    loops: leapfrog nested branch_on_carried_value over_zip while_nested bound_changed_in_body value_from_last_trip
    mixed: slope_of_a_function_in_a_loop called_in_nested_loops
    nested: second_derivative newton_by_gradient
    recursion: power mutual
    reductions: variance maximum
    scalars: rebound conditional_expression integer_power
    stores: gauss_seidel_line list_append_in_loop store_in_branch cholesky_by_hand
    traps: callee_mutates_and_returns_nothing unused_raise_is_kept
    written_through_places: left_in_the_middle an_array_or_none_in_a_list
    views: two_overlapping_views rows_of_a_loop_written
"""


def golden_programs():
    """Name to function, arguments, what is differentiated, and the reverse mode that is shown."""
    known = {entry.name: entry for entry in load()}
    found = {
        f"targets.{name}": (getattr(targets, name), arguments(), wrt if isinstance(wrt, tuple) else (wrt,), "grad")
        for name, arguments, wrt in TARGETS
    }
    for line in PROGRAMS.split("\n"):
        topic, _, names = line.strip().partition(":")
        for name in names.split():
            entry = known[f"{topic}.{name}"]
            scalar = topic not in ("early_exit",) or name != "converge_array"
            found[entry.name] = (entry.fun, entry.points[0], entry.wrt, "value_and_grad" if scalar else "vjp")
    return found


GOLDEN = golden_programs()
SCALARS = ("lorenz", "gauss_seidel", "bundle_adjustment")
"""Workloads whose loops are shown as `optimize="scalars"` has them."""


def scalar_program(name):
    """A workload, its arguments and what is differentiated."""
    workload = importlib.import_module(f"benchmarks.workloads.{name}").WORKLOAD
    return workload.primal, workload.arguments(False), workload.wrt


def text_of(fun, point, wrt, *modes, options=None):
    """The text of a golden file."""
    sections = {}
    for mode in modes:
        derivative = Derivative(fun, mode, wrt, False, options)
        made = derivative.at(derivative.bind(copy.deepcopy(point), {}))
        sections.setdefault("core", made.stages["interpret"])
        sections[mode] = made.source
    lines, first = inspect.getsourcelines(fun)
    parts = ["".join(lines), *(f"# ---- {title}\n{text}" for title, text in sections.items())]
    text = "\n".join(part.rstrip("\n") + "\n" for part in parts)
    return re.sub(r"(?<=# line )\d+(?=: )", lambda match: line_in_file(int(match.group()), first, len(lines)), text)


def line_in_file(line, first, count):
    """Lines count from the top of the golden file, where the program stands; a callee of its is not there."""
    return str(line - first + 1) if first <= line < first + count else "..."


@pytest.mark.smoke
@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name, request):
    path = HERE / f"{name}.txt"
    fun, point, wrt, reverse = GOLDEN[name]
    check(path, text_of(fun, point, wrt, "jvp", reverse), request)


@pytest.mark.parametrize("name", SCALARS)
def test_golden_in_scalars(name, request):
    text = text_of(*scalar_program(name), "value_and_grad", options=Options(optimize="scalars"))
    check(HERE / f"in_scalars.{name}.txt", text, request)


def check(path, text, request):
    """A file is as the compiler has it; ``--bless`` makes it so."""
    if request.config.getoption("--bless"):
        path.write_text(text, "utf-8")
    assert path.is_file(), f"{path.name} is missing: read what is emitted, then bless it (--bless)"
    assert text == path.read_text("utf-8")


def test_every_file_is_named():
    assert {path.stem for path in HERE.glob("*.txt")} <= {*GOLDEN, *(f"in_scalars.{name}" for name in SCALARS)}


def test_ci_never_blesses():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--bless", "--collect-only", "-q", "-p", "no:cacheprovider", __file__],
        env={"CI": "1", "PATH": "", "PYTHONPATH": str(HERE.parents[1])}, cwd=HERE.parents[1],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "never blesses" in done.stdout + done.stderr or "blessed by a person" in done.stdout + done.stderr
