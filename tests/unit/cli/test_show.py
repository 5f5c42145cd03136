"""``s2sad show``: what it prints, where, and its exit codes."""

import io
import os
import subprocess
import sys
import textwrap

import pytest

from s2sad.cli import main
from s2sad.highlight import to_html, to_terminal

SOURCE = '''
"""A module with functions to show."""
from math import sqrt
import numpy as np
from s2sad import grad

START = [2.0, 17.0]


def area(w, h=3.0):
    return w * h  # the rectangle


def time(x):
    x1, x2 = x
    return sqrt(x1) + x2 * x2


@grad(argnums="b")
def decorated(a, b):
    return a * b * b


def gathers(x, **more):
    return x * more["k"]


class Model:
    def loss(self, x):
        return x * x
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A file with functions, as the command line names it."""
    (tmp_path / "shapes.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "shapes", raising=False)
    yield tmp_path / "shapes.py"
    sys.modules.pop("shapes", None)


def shown(capsys, *arguments):
    code = main(["show", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("target", ["shapes.py:area", "shapes:area", "./shapes.py:area"])
def test_prints_the_source(module, capsys, target):
    code, out, err = shown(capsys, target)
    assert (code, err) == (0, "")
    assert "def area_grad(w, h" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("reverse", "area_grad"),
        ("forward", "area_jvp"),
        ("vjp", "area_forward"),
        ("value_and_grad", "area_value_and_grad"),
    ],
)
def test_modes(module, capsys, mode, name):
    code, out, _ = shown(capsys, "shapes.py:area", "--mode", mode)
    assert code == 0
    assert f"def {name}(" in out


def test_a_decorated_function_keeps_its_argnums(module, capsys):
    _, decorated, _ = shown(capsys, "shapes.py:decorated")
    _, stated, _ = shown(capsys, "shapes.py:decorated", "--argnums", "b")
    _, other, _ = shown(capsys, "shapes.py:decorated", "--argnums", "a,b")
    assert decorated == stated != other


def test_at_is_evaluated_in_the_module(module, capsys):
    code, out, _ = shown(capsys, "shapes.py:time", "--at", "x=START")
    assert code == 0
    assert shown(capsys, "shapes.py:time", "--at", "x=list(np.ones(2))")[0] in (0, 1)
    assert shown(capsys, "shapes.py:time", "--at", "x=[1.0, 2.0]")[1] == out


def test_keywords_are_gathered(module, capsys):
    code, out, _ = shown(capsys, "shapes.py:gathers", "--at", "x=1.0, k=2.0")
    assert code == 0
    assert "gathers" in out


def test_after_a_pass(module, capsys):
    code, _, err = shown(capsys, "shapes.py:area", "--after", "nothing")
    assert code == 2
    assert "there is no pass 'nothing': the passes are " in err
    first = err.rsplit("the passes are ", 1)[1].split(",")[0].strip()
    code, out, _ = shown(capsys, "shapes.py:area", "--after", first)
    assert code == 0
    assert out.strip()


def test_side_by_side(module, capsys):
    code, out, _ = shown(capsys, "shapes.py:area", "--side-by-side")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("def area(w, h=3.0):")
    assert all("|" in line for line in lines)
    assert "def area_grad" in out


def test_output_file(module, capsys):
    code, out, _ = shown(capsys, "shapes.py:area", "-o", "out.py")
    assert (code, out) == (0, "")
    assert "def area_grad" in (module.parent / "out.py").read_text()
    code, _, err = shown(capsys, "shapes.py:area", "-o", "no/such/folder.py")
    assert code == 2
    assert "cannot write" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["shapes.py"], "must be file.py:function"),
        (["missing.py:f"], "there is no file missing.py"),
        (["missing_module:f"], "there is no module missing_module"),
        (["missing.module:f"], "there is no module missing.module"),
        (["shapes.py:volume"], "has no volume; it has area, time, decorated, gathers"),
        (["shapes.py:START"], "is not a function but list"),
        (["shapes.py:area", "--argnums", "z"], "area has the parameters w, h"),
        (["shapes.py:area", "--argnums", ","], "names no parameter"),
        (["shapes.py:area", "--at", "z=1"], "area has no parameter z"),
        (["shapes.py:area", "--at", "w=1.0 +"], 'not of the form "x=2.0, n=10": SyntaxError'),
        (["shapes.py:area", "--at", "w=unknown"], "NameError"),
    ],
)
def test_misuse_exits_with_2(module, capsys, arguments, words):
    code, out, err = shown(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("s2sad: ")
    assert words in err


@pytest.mark.parametrize(
    "arguments", [[], ["show"], ["draw"], ["show", "shapes.py:area", "--mode", "sideways"]]
)
def test_wrong_command_lines_exit_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: s2sad" in capsys.readouterr().err


def test_a_file_that_fails_exits_with_2(tmp_path, capsys):
    (tmp_path / "broken.py").write_text("1 / 0")
    code, _, err = shown(capsys, f"{tmp_path / 'broken.py'}:f")
    assert code == 2
    assert "cannot be imported: ZeroDivisionError" in err


def test_a_function_that_cannot_be_differentiated_exits_with_1(tmp_path, capsys):
    (tmp_path / "generators.py").write_text("def f(x):\n    yield 3.5 * x\n")
    code, out, err = shown(capsys, f"{tmp_path / 'generators.py'}:f")
    assert (code, out) == (1, "")
    assert "generators.py" in err


def test_colours(module, capsys, monkeypatch):
    monkeypatch.setattr("s2sad.cli.show._in_colour", lambda: True)
    code, out, _ = shown(capsys, "shapes.py:area")
    assert code == 0
    assert "\x1b[35mdef\x1b[0m" in out


class _Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_no_color_is_honoured(module, monkeypatch, no_colour, coloured):
    monkeypatch.setenv("NO_COLOR", no_colour)
    monkeypatch.setenv("TERM", "xterm")
    screen = _Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["show", "shapes.py:area"]) == 0
    assert ("\x1b[" in screen.getvalue()) is coloured


def test_highlighting_keeps_the_text():
    text = textwrap.dedent(SOURCE)
    plain = to_terminal(text)
    for code in ("90", "35", "32", "36", "34;1"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain.replace("\x1b[0m", "") == text
    assert "&lt;" in to_html("x < 1")
    assert to_terminal("x = (") == "x = ("


def test_the_module_runs_and_is_the_same_for_every_hash_seed(module):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    command = [sys.executable, "-m", "s2sad", "show", "shapes.py:time", "--at", "x=[2.0, 17.0]"]
    outputs = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}
        done = subprocess.run(command, env=environment, capture_output=True, cwd=module.parent, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_optimize(module, capsys):
    at = ("--at", "x=np.array([1.0, 2.0])")
    plain, scalars = (shown(capsys, "shapes.py:time", *at, *more)[1] for more in ((), ("--optimize", "scalars")))
    assert "x: float64[:]" in plain
    assert "x: float64[2]" in scalars
    assert "numbers_of(x)" in scalars
    code, off, _ = shown(capsys, "shapes.py:time", *at, "--optimize", "off")
    assert code == 0
    assert off != plain
