"""``s2sad check``: the table, the verdict and the exit codes."""

import sys

import pytest

from s2sad.cli import main
from s2sad.testing import grads

SOURCE = """
from math import sqrt
import numpy as np
from s2sad import grad


def area(w, h=3.0, n=2):
    return w * h ** n


@grad
def norm(x, y):
    return np.sqrt(np.sum(x * x)) * y


def root(x):
    return sqrt(x)


def gathers(x, *rest, s=2.0, **more):
    return x * rest[0] * s * more["k"]


def pair(x):
    return np.sin(x), {"a": x * x}
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A file with functions, as the command line names it."""
    (tmp_path / "checked.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "checked", raising=False)
    yield
    sys.modules.pop("checked", None)


def checked(capsys, *arguments):
    code = main(["check", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def rows(out):
    return {line.split()[0]: line.split() for line in out.splitlines()[1:-1]}


def test_all_float_arguments_are_checked(module, capsys):
    code, out, err = checked(capsys, "checked.py:area", "--at", "w=2.0")
    assert (code, err) == (0, "")
    assert out.startswith("argument  elements  reverse  forward  complex step")
    assert set(rows(out)) == {"w", "h"}
    assert rows(out)["w"][-1] == "ok"
    assert "dot-product test" in out.splitlines()[-1]
    assert float(rows(out)["w"][2]) < 1e-6


def test_argnums(module, capsys):
    _, out, _ = checked(capsys, "checked.py:area", "--at", "w=2.0", "--argnums", "h")
    assert set(rows(out)) == {"h"}


def test_the_elements_of_an_array(module, capsys):
    code, out, _ = checked(capsys, "checked.py:norm", "--at", "x=np.ones((10, 10)), y=2.0")
    assert code == 0
    assert "64 of 100" in out


def test_every_kind_of_parameter(module, capsys):
    code, out, _ = checked(capsys, "checked.py:gathers", "--at", "x=1.0, rest=(2.0, 3.0), k=5.0")
    assert code == 0
    assert set(rows(out)) == {"x", "rest", "s", "more"}


def test_structured_results(module, capsys):
    code, out, _ = checked(capsys, "checked.py:pair", "--at", "x=np.ones(3)")
    assert code == 0
    assert rows(out)["x"][1] == "3"


def test_no_complex_step_where_the_primal_takes_none(module, capsys):
    _, out, _ = checked(capsys, "checked.py:root", "--at", "x=2.0")
    assert rows(out)["x"][4] == "-"


def test_a_wrong_derivative_exits_with_1(module, capsys, monkeypatch):
    real = grads.central_difference
    monkeypatch.setattr(grads, "central_difference", lambda *arguments: 1.01 * real(*arguments))
    code, out, err = checked(capsys, "checked.py:root", "--at", "x=2.0")
    assert code == 1
    assert rows(out)["x"][-1] == "WRONG"
    assert "reverse mode, derivative with respect to x: got" in err
    assert checked(capsys, "checked.py:root", "--at", "x=2.0", "--rtol", "0.1")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["checked.py:area"], 2, 'no value for parameter w: give --at "w=..."'),
        (["checked.py:area", "--at", "w=2, h=3"], 2, "no argument in --at holds a float"),
        (["checked.py:root", "--at", "x=-2.0"], 1, "root raises ValueError"),
        (["checked.py:area", "--at", "w=np.arange(3)", "--argnums", "w"], 1, "astype(float)"),
    ],
)
def test_bad_points(module, capsys, arguments, code, words):
    got, _, err = checked(capsys, *arguments)
    assert got == code
    assert words in err
