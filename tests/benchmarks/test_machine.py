"""Figures are read with the machine and the versions that they were taken with."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks import machine

ROOT = Path(__file__).resolve().parents[2]


def test_environment():
    found = machine.environment()
    assert found["numpy"] == np.__version__
    assert found["python"] == sys.version.split()[0]
    assert found["processor"]
    assert found["cores"] >= 1


def test_what_is_not_installed_has_no_version():
    assert machine.version("no-such-package-of-ours") is None


def test_threads_are_limited_before_numpy_starts_them():
    code = "from benchmarks import threads, machine; threads.limit(1); import os; print(threads.allowed(), os.environ['OMP_NUM_THREADS'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]


def test_it_is_too_late_after_numpy():
    code = "import numpy; from benchmarks import threads; threads.limit(1)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "too late" in done.stderr
