"""The adjoints by hand in C are right, and compile without a warning."""

import shutil
import subprocess

import pytest

from benchmarks import agreement, workloads
from benchmarks.variant import Unavailable
from benchmarks.variants import in_c

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")


@pytest.mark.parametrize("name", workloads.names())
def test_agrees(name):
    workload = workloads.load(name)
    arguments = workload.arguments(True)
    call = in_c.by_hand(name, workload, arguments)
    expected = workload.by_hand(*arguments)
    assert agreement.difference(call(), expected) is None
    assert agreement.difference(call(), expected) is None  # a second call finds nothing of the first


@pytest.mark.parametrize("path", sorted(in_c.SOURCES.glob("*.c")), ids=lambda path: path.stem)
def test_no_warnings(path):
    command = ["gcc", "-fsyntax-only", "-std=c11", "-Wall", "-Wno-unused-variable", "-Werror", str(path)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_every_source_has_a_workload():
    assert {path.stem for path in in_c.SOURCES.glob("*.c")} <= set(workloads.names())


def test_without_a_source():
    with pytest.raises(Unavailable, match="not written in C"):
        in_c.library("nothing")
