"""``python -m benchmarks run``: compared before timed, JSON lines out."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import running, workloads
from benchmarks.variant import Unavailable, Variant
from benchmarks.variants import VARIANTS

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"rounds": 3, "seconds": 1e-3, "small": True}


def test_a_line_holds_every_variant():
    chosen = [name for name, variant in VARIANTS.items() if not variant.peer and "numba" not in name]
    line = json.loads(json.dumps(running.run("smooth", chosen, **QUICK)))
    assert line["workload"] == "smooth"
    assert line["kinds"] == ["loop", "scalar loop"]
    for name in ("primal", "by_hand", "by_hand_scalars", "s2sad"):
        assert line["variants"][name]["median_us"] >= line["variants"][name]["min_us"] > 0.0
        assert line["variants"][name]["first_call_ms"] > 0.0


def test_a_wrong_gradient_is_not_timed(monkeypatch):
    def wrong(name, workload, arguments):
        value, gradients = workload.by_hand(*arguments)
        return lambda: (value, (gradients[0] * (1.0 + 1e-5),))

    monkeypatch.setitem(VARIANTS, "wrong", Variant("wrong", "wrong", wrong))
    line = running.run("smooth", ["by_hand", "wrong"], **QUICK)
    assert line["variants"]["wrong"] == {"wrong": "item 1 differs by 1.0e-05 of its largest item"}


def test_a_variant_that_fails_does_not_stop_the_others(monkeypatch):
    def fails(name, workload, arguments):
        return lambda: 1 / 0

    monkeypatch.setitem(VARIANTS, "fails", Variant("fails", "fails", fails))
    variants = running.run("smooth", ["fails", "by_hand"], **QUICK)["variants"]
    assert variants["fails"] == {"failed": "ZeroDivisionError: division by zero"}
    assert "median_us" in variants["by_hand"]


def test_an_absent_variant_says_why(monkeypatch):
    def absent(name, workload, arguments):
        raise Unavailable("abacus is not installed")

    monkeypatch.setitem(VARIANTS, "abacus", Variant("abacus", "abacus", absent))
    assert running.run("smooth", ["abacus"], **QUICK)["variants"] == {"abacus": {"unavailable": "abacus is not installed"}}


@pytest.mark.parametrize("interpreted, calls", [(True, 1), (False, 2)])
def test_what_takes_long_is_called_once(monkeypatch, interpreted, calls):
    called = []

    def slow(name, workload, arguments):
        return lambda: (called.append(1), time.sleep(0.1), workload.by_hand(*arguments))[-1]

    monkeypatch.setattr(running, "SLOW", 0.04)
    monkeypatch.setitem(VARIANTS, "slow", Variant("slow", "slow", slow, interpreted=interpreted))
    line = running.run("smooth", ["slow"], **QUICK)["variants"]["slow"]
    assert len(called) == calls
    assert line["median_us"] >= 1e5
    assert "peak_kb" not in line


def test_a_wrong_primal_is_found(monkeypatch):
    found = dataclasses.replace(workloads.load("smooth"), primal=lambda x: np.sum(x))
    monkeypatch.setattr(workloads, "load", lambda name: found)
    assert "differs" in running.run("smooth", ["primal"], **QUICK)["variants"]["primal"]["wrong"]


@pytest.mark.parametrize("name", ["newton_sqrt", "smooth"])
def test_under_numba(name):
    pytest.importorskip("numba")
    line = running.run(name, ["primal_numba", "by_hand_numba"], **QUICK)
    assert all("median_us" in variant for variant in line["variants"].values()), line


def test_numba_refuses_with_a_reason():
    pytest.importorskip("numba")
    line = running.run("mlp", ["primal_numba"], **QUICK)
    assert line["variants"]["primal_numba"]["unavailable"].startswith("not supported by Numba: ")


def test_the_command_prints_json_lines(tmp_path):
    command = [sys.executable, "-m", "benchmarks", "run", "crossing", "--rounds", "3", "--seconds", "1e-3"]
    command += ["--variants", "by_hand", "s2sad", "--results", str(tmp_path / "lines.jsonl")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert set(line["variants"]) == {"by_hand", "s2sad"}
    assert line["environment"]["threads"] == 1
    assert [line] == running.read(tmp_path / "lines.jsonl")


def test_an_unknown_name_is_refused():
    command = [sys.executable, "-m", "benchmarks", "run", "nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no workload nothing: choose from banded_solve" in done.stderr
