"""The same input gives the same bytes in every process: every program of the corpus, under two hash seeds.

Every other program is compiled, in one of three modes in turn; ``pytest --whole-corpus`` takes all in all three.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
import hashlib, sys, warnings
warnings.simplefilter("ignore")
from s2sad.derivative import Derivative
from tests.programs.corpus import load

modes = ("grad", "vjp", "jvp")
whole = "whole" in sys.argv
for k, entry in enumerate(load() if whole else load()[::2]):
    for mode in modes if whole else (modes[k % 3],):
        try:
            made = Derivative(entry.fun, mode, entry.wrt).specialize(*entry.points[0])
            text = "".join(made.stages[stage] for stage in made.stages) + made.source
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
        print(entry.name, mode, hashlib.sha1(text.encode()).hexdigest())
"""


def started(seed: int, how_much: str) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, how_much], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env=environment,
    )  # fmt: skip


@pytest.mark.slow
def test_every_stage_of_every_program_is_the_same_under_two_hash_seeds(pytestconfig):
    how_much = "whole" if pytestconfig.getoption("--whole-corpus") else "in turn"
    processes = [started(1, how_much), started(4242, how_much)]
    outputs = [process.communicate(timeout=1200) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs[0][1]
    one, other = (output.splitlines() for output, _ in outputs)
    assert len(one) > 700
    assert [line for line, again in zip(one, other) if line != again] == []
    assert len(one) == len(other)
