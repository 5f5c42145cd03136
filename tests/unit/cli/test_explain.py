"""``s2sad explain``."""

from s2sad.cli import main

PROGRAM = """
import math

def iterate(x, n):
    s = 0.5
    for i in range(n):
        s = s * x + math.sin(s)
    return s
"""


def test_report(tmp_path, capsys):
    path = tmp_path / "loop.py"
    path.write_text(PROGRAM)
    assert main(["explain", f"{path}:iterate", "--at", "x=0.4, n=100"]) == 0
    shown = capsys.readouterr().out
    assert "s_tape, a tape of 100 values of s" in shown
    assert "s2sad.checkpointed" in shown
    assert "        s = s * x + math.sin(s)" in shown


def test_missing_argument(tmp_path, capsys):
    path = tmp_path / "loop.py"
    path.write_text(PROGRAM)
    assert main(["explain", f"{path}:iterate", "--at", "x=0.4"]) == 2
    assert "no value for parameter n" in capsys.readouterr().err


def test_refused_function(tmp_path, capsys):
    path = tmp_path / "other.py"
    path.write_text("def f(x):\n    yield x\n")
    assert main(["explain", f"{path}:f", "--at", "x=0.4"]) == 1
    assert "S101" in capsys.readouterr().err
