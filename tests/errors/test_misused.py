"""Bad input: the class, the code, the line, the caret and the advice of each error; `--bless` rewrites the messages."""

import re
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest

from s2sad import grad, jvp, value_and_grad, vjp
from s2sad.errors import (
    InvalidArgnums,
    NonScalarOutput,
    NotDifferentiable,
    S2sadError,
    SourceUnavailable,
    error_class,
)  # fmt: skip
from tests.errors.misused import CASES

HERE = Path(__file__).parent
GOLDEN = HERE / "misused.txt"
LINES = dict(enumerate((HERE / "misused.py").read_text("utf-8").splitlines(), 1))


def caught(name):
    function, arguments, argnums = CASES[name]
    with pytest.raises(S2sadError) as info:
        grad(function, argnums)(*arguments)
    return info.value


def marked(name):
    function = CASES[name][0]
    first = function.__code__.co_firstlineno
    last = min([line for line in LINES if line > first + 1 and LINES[line].startswith(("@", "def", "#"))] + [10**6])
    return [
        (line, code)
        for line in range(first, last)
        for code in re.findall(r"S\d{3}", LINES.get(line, "").partition("#~")[2])
    ]


def messages():
    text = "".join(f"---- {name}: {type(caught(name)).__name__}\n{caught(name)}\n\n" for name in CASES)
    return text.replace(str(HERE) + "/", "")


@pytest.mark.parametrize("name", CASES)
def test_class_code_line_and_caret(name):
    error = caught(name)
    assert isinstance(error, SyntaxError)
    assert isinstance(error, error_class(error.code))
    assert [(problem.lineno, problem.code) for problem in error.problems] == marked(name)
    assert Path(error.filename) == HERE / "misused.py"
    assert (error.lineno, error.text) == (error.problems[0].lineno, LINES[error.problems[0].lineno])
    for problem in error.problems:
        assert problem.excerpt.splitlines()[1].strip(" ^") == ""
        assert LINES[problem.lineno][problem.col : problem.end_col].strip()
        assert problem.advice[0].isupper() or problem.advice[0] == "`"
        assert problem.advice.endswith(".")


def test_whole_messages(request):
    if request.config.getoption("--bless"):
        GOLDEN.write_text(messages(), "utf-8")
    assert messages() == GOLDEN.read_text("utf-8")


# ---- errors that have no place in the source -------------------------------------------------------------------------


def total(x, w):
    return np.sum(x * w)


def doubled(x):
    return 2.0 * x


class Model:
    """Holds nothing."""


without_source: dict = {}
exec("def squared(x):\n    return x * x\n", without_source)
X = np.ones(3)


@pytest.mark.parametrize(
    ("call", "cls", "code", "words"),
    [
        (lambda: grad(total)(np.arange(3), X), NotDifferentiable, "S302", r"x .*int64.*x\.astype\(float\)"),
        (lambda: grad(total, "w")(X, np.ones(3, bool)), NotDifferentiable, "S302", r"w .*bool.*w\.astype\(float\)"),
        (lambda: vjp(total, X, np.arange(3)), NotDifferentiable, "S302", r"w .*int64.*astype\(float\)"),
        (lambda: grad(doubled)("a"), NotDifferentiable, "S302", "x is a str.*leave it out of argnums"),
        (lambda: grad(doubled)(None), NotDifferentiable, "S302", "x is None.*leave it out of argnums"),
        (lambda: grad(doubled)(Model()), NotDifferentiable, "S302", "x is a Model.*leave it out of argnums"),
        (lambda: grad(doubled)({1.0}), NotDifferentiable, "S302", "x is a set.*leave it out of argnums"),
        (lambda: grad(total)([1.0, "a"], X), NotDifferentiable, "S302", r"x\[1\] is a str.*leave it out of argnums"),
        (lambda: grad(doubled)(X), NonScalarOutput, "S301", "doubled .*array.*jacobian.*vjp"),
        (lambda: grad(doubled)(np.ones(1)), NonScalarOutput, "S301", "doubled .*array.*jacobian.*vjp"),
        (lambda: value_and_grad(lambda x: [x])(1.0), NonScalarOutput, "S301", "a list.*jacobian.*vjp"),
        (lambda: value_and_grad(lambda x: (x, x))(1.0), NonScalarOutput, "S301", "a tuple.*has_aux=True"),
        (lambda: grad(lambda x: None)(1.0), NonScalarOutput, "S301", "None"),
        (lambda: grad(total, argnums="z"), InvalidArgnums, "S303", "argnums='z'.*parameters x, w"),
        (lambda: grad(total, argnums=5), InvalidArgnums, "S303", "argnums=5.*parameters x, w"),
        (lambda: grad(total, argnums=("x", "x")), InvalidArgnums, "S303", "argnums"),
        (lambda: grad(without_source["squared"])(1.0), SourceUnavailable, "S102", "squared.*move it into a file"),
        (lambda: grad(np.linalg.inv)(np.eye(2)), S2sadError, None, "."),
        (lambda: grad(abs)(1.0), SourceUnavailable, "S102", "abs.*not written in Python.*function of your own"),
    ],
)
def test_errors_without_a_place(call, cls, code, words):
    with pytest.raises(cls, match=words) as info:
        call()
    assert code is None or (info.value.code == code and str(info.value).startswith(code))


# ---- the primal's own errors -----------------------------------------------------------------------------------------


def product(a, b):
    if len(b) > 9:
        raise ValueError("too long")  # the user's
    c = a @ b  # product's
    return np.sum(
        np.tanh(c)
    )


def through_a_callee(a, b):
    return 2.0 * product(a, b)


def deep(a, n):
    if n == 0:
        return np.sum(a / np.ones(7))  # deepest
    return deep(2.0 * a, n - 1)


def entries(info):
    """File name, line text and function of each entry of a traceback."""
    return [
        (Path(entry.filename).name, entry.line, entry.name)
        for entry in traceback.extract_tb(info.value.__traceback__)
    ]


A, B = np.ones((3, 4)), np.ones((5, 2))


@pytest.mark.parametrize(
    "call",
    [
        lambda: grad(product)(A, B),
        lambda: value_and_grad(product)(A, B),
        lambda: value_and_grad(product, has_aux=True)(A, B),
        lambda: vjp(product, A, B),
        lambda: jvp(product, (A, B), (A, B)),
        lambda: grad(product).specialize(A, B)(A, B),
        lambda: grad(through_a_callee)(A, B),
    ],
)
def test_shape_mismatch_points_at_the_users_line(call):
    with pytest.raises(ValueError, match="mismatch in its core dimension") as primal:
        product(A, B)
    with pytest.raises(ValueError, match="mismatch in its core dimension") as info:
        call()
    assert type(info.value) is ValueError
    assert str(info.value) == str(primal.value)
    shown = entries(info)
    last = max(k for k, entry in enumerate(shown) if entry[0].startswith(("<product", "<through_a_callee")))
    assert "a @ b" in shown[last][1]
    users = [entry[:2] for entry in shown[last + 1 :]]
    assert ("test_misused.py", "c = a @ b  # product's") in users
    # which part of a line failed is known from Python 3.11 on
    assert len(users) == 1 or sys.version_info < (3, 11)
    assert info.value.__context__ is None
    assert info.value.__cause__ is None


def test_a_raise_of_the_users_passes_through():
    with pytest.raises(ValueError, match="^too long$") as info:
        grad(product)(A, np.ones((12, 2)))
    assert entries(info)[-1] == ("test_misused.py", 'raise ValueError("too long")  # the user\'s', "product")
    assert info.value.args == ("too long",)


def test_each_emitted_call_shows_the_users_line():
    with pytest.raises(ValueError, match="broadcast") as info:
        grad(deep)(np.ones(3), 3)
    shown = entries(info)
    assert shown[-1][:2] == ("test_misused.py", "return np.sum(a / np.ones(7))  # deepest")
    assert [entry[1] for entry in shown].count("return deep(2.0 * a, n - 1)") == 3


def test_raised_twice_is_shown_once():
    derivative = grad(product)
    with pytest.raises(ValueError):  # compiles: the way to the emitted code is longer
        derivative(A, B)
    with pytest.raises(ValueError) as first:
        derivative(A, B)
    with pytest.raises(ValueError) as second:
        derivative(A, B)
    assert entries(first)[1:] == entries(second)[1:]
    assert len([entry for entry in entries(second) if "product's" in entry[1]]) == 1


def test_errors_of_the_caller_are_left_alone():
    with pytest.raises(TypeError) as info:
        grad(product)(A)
    assert [entry[2] for entry in entries(info)] == ["test_errors_of_the_caller_are_left_alone"]
