"""The table of Python's grammar: it names every node class, and each example fares as it says."""

import ast
import sys

import numpy as np
import pytest

from docs.grammar import GROUPS, Kind
from s2sad import from_source, value_and_grad
from s2sad.errors import S2sadError

POINT = (0.7, 1.3)
STEP = 1e-6
KINDS = [kind for group in GROUPS.values() for kind in group]
BASES = {"Statements": ast.stmt, "Expressions": ast.expr, "Patterns": ast.pattern}
#: Made by no parser since 3.9, or by newer ones than 3.13.
NEVER_PARSED = {"Index", "ExtSlice", "Num", "Str", "Bytes", "NameConstant", "Ellipsis", "Interpolation", "TemplateStr"}


def labelled(kind: Kind) -> str:
    return f"{kind.node} {kind.outcome} {KINDS.index(kind)}"


def function_of(kind: Kind):
    body = "\n".join(f"    {line}" for line in kind.example.splitlines())
    return from_source(f"def f(x, y):\n{body}\n", "f", {"np": np, "RATE": 3.0, "__name__": "grammar"})


@pytest.mark.parametrize("group", GROUPS)
def test_every_node_class_has_a_row(group):
    own = [cls for cls in BASES[group].__subclasses__() if cls.__module__ == "ast"]
    classes = {cls.__name__ for cls in own} - NEVER_PARSED
    named = {kind.node for kind in GROUPS[group]}
    assert classes <= named
    assert {kind.node for kind in GROUPS[group] if kind.since <= sys.version_info[:2]} <= classes


@pytest.mark.parametrize("kind", KINDS, ids=labelled)
def test_example_fares_as_the_table_says(kind, capsys):
    if kind.since > sys.version_info[:2]:
        pytest.skip(f"Python {kind.since} has it")
    f = function_of(kind)
    tree = ast.parse(kind.example.replace("return", "x ="))
    assert kind.node in {type(node).__name__ for node in ast.walk(tree)} | {"Return"}
    if kind.outcome != "accepted":
        with pytest.raises(S2sadError) as caught:
            value_and_grad(f, (0, 1))(*POINT)
        assert caught.value.code == kind.outcome
        return
    value, slopes = value_and_grad(f, (0, 1))(*POINT)
    x, y = POINT
    assert value == pytest.approx(f(x, y))
    expected = (
        (f(x + STEP, y) - f(x - STEP, y)) / (2 * STEP),
        (f(x, y + STEP) - f(x, y - STEP)) / (2 * STEP),
    )
    assert slopes == pytest.approx(expected, rel=1e-6, abs=1e-6)
