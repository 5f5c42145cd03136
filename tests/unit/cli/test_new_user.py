"""The command as a new user meets it: the examples and programs of their own, in processes of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = '''
"""Programs of a new user."""
import math
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from s2sad import grad, value_and_grad

RATE = 0.1


def straight(x, y):
    """A product."""
    return x * math.sin(y)


def looped(x, n=4):
    s = x
    for i in range(n):
        s = s + RATE * math.sin(s) * i
    return s


def branched(x: float, limit: float = 1.0):
    if x > limit:
        return x * x
    return math.exp(x)


def searched(a):
    y = a
    while True:
        y_next = 0.5 * (y + a / y)
        if abs(y_next - y) < 1e-12:
            break
        y = y_next
    return y_next


def least_squares(w, b, x, y):
    residual = x @ w + b - y
    return np.sum(residual * residual)


def in_place(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i] ** 2
    return np.sum(y)


class Point(NamedTuple):
    x: float
    y: float


def of_a_tuple(p):
    return sqrt(p.x**2 + p.y**2)


def of_a_dict(params, x):
    hidden = np.tanh(x @ params["w"])
    return np.mean(hidden @ params["v"])


def recursive(x, n):
    return 1.0 if n == 0 else x * recursive(x, n - 1)


@value_and_grad(argnums=("b", "a"))
def decorated(a, b):
    return a * b**2


def of_strings(x, kind="sin"):
    return math.sin(x) if kind == "sin" else math.cos(x)


def array_output(x):
    return 2.0 * x


def refused(x):
    global seen
    seen = x
    return 1 / x


def wrong_shape(x):
    return np.sum(x @ np.ones((4, 4)))
'''
CALLS = {
    "straight": "x=2.0, y=0.5",
    "looped": "x=0.3, n=5",
    "branched": "x=2.0",
    "searched": "a=2.0",
    "least_squares": "w=np.ones(3), b=0.5, x=np.arange(6.0).reshape(2, 3), y=np.zeros(2)",
    "in_place": "x=np.linspace(0.1, 1.0, 5)",
    "of_a_tuple": "p=Point(3.0, 4.0)",
    "of_a_dict": 'params={"w": np.eye(3), "v": np.ones((3, 2))}, x=np.ones((4, 3))',
    "recursive": "x=1.5, n=3",
    "decorated": "a=2.0, b=3.0",
    "of_strings": "x=0.7, kind='cos'",
}
EXAMPLES = {
    "terrain_crossing.py:calc_time": "x=[2.0, 17.0]",
    "inverse_polynomial.py:squared_error": "x=3.0",
    "mlp.py:loss": "params=make_parameters(3), x=make_spirals(4)[0], target=make_spirals(4)[1]",
    "scipy_fit.py:loss": "p=np.ones(4), t=make_data(5)[0], y=make_data(5)[1]",
}


@pytest.fixture
def folder(tmp_path):
    """A folder with the programs."""
    (tmp_path / "mine.py").write_text(PROGRAMS)
    return tmp_path


def s2sad(folder, *arguments, code=0, **variables):
    """What the command prints: stdout and stderr, with the exit code that is expected."""
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    environment.update(PYTHONPATH=str(ROOT), **variables)
    done = subprocess.run(
        [sys.executable, "-m", "s2sad", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def example_calls():
    """The examples' primals, with the arguments at which the file itself calls them where it is a simple one."""
    return [pytest.param(str(ROOT / "examples" / target), at, id=target) for target, at in EXAMPLES.items()]


@pytest.mark.parametrize(("target", "at"), example_calls())
def test_examples_are_shown_and_checked(folder, target, at):
    if "scipy" in target:
        pytest.importorskip("scipy")
    out, err = s2sad(folder, "show", target, "--at", at)
    assert re.search(r"^def \w+_grad\(", out, re.MULTILINE), out
    assert "Traceback" not in err
    out, _ = s2sad(folder, "check", target, "--at", at)
    assert " ok" in out


@pytest.mark.parametrize("name", CALLS)
def test_show_and_check_agree_with_the_library(folder, name, monkeypatch, capsys):
    from s2sad.cli import main

    monkeypatch.chdir(folder)
    target = f"mine.py:{name}"
    assert main(["show", target, "--at", CALLS[name]]) == 0
    shown = capsys.readouterr()
    assert f"def {name}_grad(" in shown.out
    assert shown.err == ""
    assert "~" not in shown.out
    compile(shown.out, "shown", "exec")
    assert main(["check", target, "--at", CALLS[name]]) == 0
    checked = capsys.readouterr()
    assert "WRONG" not in checked.out
    assert checked.err == ""


def test_emitted_file_runs_by_itself(folder):
    s2sad(folder, "show", "mine.py:straight", "--at", CALLS["straight"], "-o", "emitted.py")
    namespace = {"math": __import__("math"), "np": np}
    exec((folder / "emitted.py").read_text(), namespace)
    assert namespace["straight_grad"](2.0, 0.5) == pytest.approx(np.sin(0.5))


@pytest.mark.parametrize("mode", ["reverse", "forward", "vjp", "value_and_grad"])
def test_every_stage_of_every_mode_is_python(folder, monkeypatch, capsys, mode):
    from s2sad.cli import main

    monkeypatch.chdir(folder)
    at = CALLS["looped"]
    assert main(["show", "mine.py:looped", "--mode", mode, "--at", at, "--after", "?"]) == 2
    passes = capsys.readouterr().err.rsplit("the passes are ", 1)[1].strip().split(", ")
    assert passes[0] == "interpret"
    assert passes[1] == ("tangent" if mode == "forward" else "adjoint")
    assert passes[-2:] == ["backwards", "unpack"]
    texts = []
    for stage in passes:
        assert main(["show", "mine.py:looped", "--mode", mode, "--at", at, "--after", stage]) == 0
        texts.append(capsys.readouterr().out)
        compile(texts[-1], stage, "exec")
    assert main(["show", "mine.py:looped", "--mode", mode, "--at", at]) == 0
    assert capsys.readouterr().out == texts[-1]
    assert len(set(texts)) >= 4


def test_side_by_side_has_all_of_both(folder):
    out, _ = s2sad(folder, "show", "mine.py:searched", "--at", "a=2.0", "--side-by-side")
    alone, _ = s2sad(folder, "show", "mine.py:searched", "--at", "a=2.0")
    left, right = zip(*(line.split(" |", 1) for line in out.splitlines()))
    assert "".join(f"{line.rstrip()}\n" for line in left).strip().startswith("def searched(a):\n    y = a\n")
    assert "\n".join(line[1:] for line in right).rstrip() == alone.rstrip()
    s2sad(folder, "show", "mine.py:searched", "--side-by-side", "-o", "both.txt")
    assert (folder / "both.txt").read_text() == out


def test_without_at_types_come_from_annotations_and_defaults(folder):
    out, _ = s2sad(folder, "show", "mine.py:branched")
    assert "x: float, limit: float (constant)" in out
    out, err = s2sad(folder, "show", "mine.py:of_a_dict", code=1)
    assert out == ""
    assert "without --at the arguments are taken to be params: " in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "mine.py:refused"], 1, ["mine.py:", "S101", "global", "^^^"]),
        (["show", "mine.py:array_output", "--at", "x=np.ones(3)"], 1, ["S301", "jacobian"]),
        (["show", "mine.py:array_output", "--at", "x=np.arange(3)"], 1, ["S302", "astype(float)"]),
        (["show", "mine.py:straight", "--argnums", "z"], 2, ["straight has the parameters x, y"]),
        (["show", "mine.py:nothing"], 2, ["has no nothing"]),
        (["show", "mine.py"], 2, ["file.py:function"]),
        (["show", "yours.py:f"], 2, ["no file yours.py"]),
        (["check", "mine.py:straight"], 2, ["--at"]),
        (["check", "mine.py:wrong_shape", "--at", "x=np.ones((2, 3))"], 1, ["ValueError"]),
        (["paint"], 2, ["usage: s2sad"]),
        ([], 2, ["usage: s2sad"]),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_on_stderr(folder, arguments, code, words):
    out, err = s2sad(folder, *arguments, code=code)
    assert out == ""
    assert all(word in err for word in words), err
    assert "Traceback" not in err


def test_the_same_bytes_for_every_hash_seed(folder):
    for name in ("of_a_dict", "recursive", "decorated"):
        for mode in ("value_and_grad", "vjp"):
            command = ["show", f"mine.py:{name}", "--at", CALLS[name], "--mode", mode]
            assert len({s2sad(folder, *command, PYTHONHASHSEED=seed)[0] for seed in ("1", "4242")}) == 1


def test_no_colour_in_a_pipe(folder):
    out, _ = s2sad(folder, "show", "mine.py:straight", TERM="xterm-256color")
    assert "\x1b" not in out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_on_a_terminal(folder, variables, coloured):
    import pty

    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "NO_COLOR": "", **variables}
    command = [sys.executable, "-m", "s2sad", "show", "mine.py:straight"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 4096):
            shown += piece
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(master)
    process.communicate()
    assert process.returncode == 0
    assert b"straight_grad" in shown.replace(b"\x1b[0m", b"")
    assert (b"\x1b[" in shown) is coloured
