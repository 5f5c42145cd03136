"""Diagnostics: codes, classes, places, carets, and that they survive pickling."""

import pickle
import traceback
from pathlib import Path

import gast
import pytest

from s2sad import errors
from s2sad.errors import (
    CODES,
    InvalidArgnums,
    KinkError,
    MissingRule,
    NonFiniteError,
    NonScalarOutput,
    NotDifferentiable,
    Problem,
    S2sadError,
    SourceUnavailable,
    UnsupportedSyntax,
    error_class,
    problem_at,
    raise_problems,
)  # fmt: skip

SOURCE = "def f(x):\n\tü = 'ü'; yield x\n    return [\n        x]\n"
LINES = dict(enumerate(SOURCE.splitlines(), 1))


def problem(lineno=2, code="S101", message="wrong"):
    return Problem(code, message, "do it right", "f.py", lineno, 1, 4, "    yes = no")


def test_every_code_has_a_class_and_an_explanation():
    classes = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, S2sadError)]
    codes = [cls.__dict__["code"] for cls in classes if "code" in cls.__dict__ and cls is not S2sadError]
    codes += [code for cls in classes for code in cls.__dict__.get("also", ())]
    assert sorted(codes) == sorted(CODES)
    for code, explanation in CODES.items():
        assert error_class(code).__doc__
        assert explanation.title
        assert explanation.text.endswith(".")


@pytest.mark.parametrize(
    ("cls", "base"),
    [
        (UnsupportedSyntax, SyntaxError),
        (MissingRule, SyntaxError),
        (NonScalarOutput, TypeError),
        (NotDifferentiable, TypeError),
        (InvalidArgnums, ValueError),
        (InvalidArgnums, TypeError),
        (KinkError, ArithmeticError),
        (NonFiniteError, ArithmeticError),
    ],
)
def test_bases(cls, base):
    assert issubclass(cls, base)
    assert issubclass(cls, S2sadError)
    assert str(cls("it is so")) == f"{cls.code} it is so"


def test_all_problems_in_source_order_and_once():
    with pytest.raises(MissingRule) as info:
        raise_problems([problem(7), problem(3, "S201"), problem(7)])
    error = info.value
    assert [p.lineno for p in error.problems] == [3, 7]
    assert error.code == "S201"
    report = str(error)
    assert report.startswith("2 problems\n\nf.py:3:2: S201 wrong\n")
    assert report.count("^^^") == 2
    assert report.count("do it right") == 2


def test_syntax_error_attributes():
    with pytest.raises(UnsupportedSyntax) as info:
        raise_problems([problem()])
    error = info.value
    assert (error.filename, error.lineno, error.offset, error.end_offset) == ("f.py", 2, 2, 5)
    assert error.text == "    yes = no"
    shown = "".join(traceback.format_exception_only(type(error), error))
    assert 'File "f.py", line 2' in shown
    assert shown.count("yes = no") == 1
    assert "S101 wrong\n    do it right" in shown


def test_problem_at_counts_characters_and_keeps_tabs():
    node = gast.parse("def f(x):\n\tü = 'ü'; yield x\n").body[0].body[1].value
    found = problem_at(node, "S101", "no", "so", "f.py", LINES)
    assert LINES[2][found.col : found.end_col] == "yield x"
    assert found.place == "f.py:2:11"
    assert found.excerpt.splitlines() == ["    \tü = 'ü'; yield x", "    \t         ^^^^^^^"]


def test_problem_over_several_lines_marks_the_first():
    node = gast.parse("def f(x):\n    pass\n    return [\n        x]\n").body[0].body[1]
    found = problem_at(node, "S101", "no", "so", "f.py", LINES)
    assert (found.lineno, found.col, found.end_col) == (3, 4, 12)


def test_problem_without_a_place():
    found = problem_at(gast.Load(), "S101", "no", "so", "f.py", LINES)
    assert str(found) == "f.py: S101 no\n    so"


def test_problem_looks_lines_up_in_the_file():
    source = Path(__file__).read_text("utf-8")
    node = gast.parse(source).body[0]
    assert problem_at(node, "S101", "no", "so", __file__).text == source.splitlines()[0]


@pytest.mark.parametrize("cls", [UnsupportedSyntax, NonScalarOutput, SourceUnavailable, InvalidArgnums])
def test_pickling(cls):
    error = cls("message", [problem()])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert str(again) == str(error)
    assert again.problems == error.problems
