"""Refusals: the code on the offending line, and the whole message; `--bless` rewrites the messages."""

import re
from pathlib import Path

import gast
import pytest

from s2sad.errors import UnsupportedSyntax
from s2sad.passes.accept import accept

HERE = Path(__file__).parent
SOURCE = (HERE / "refused.py").read_text("utf-8")
LINES = dict(enumerate(SOURCE.splitlines(), 1))
FUNCTIONS = {node.name: node for node in gast.parse(SOURCE).body if hasattr(node, "name")}
GOLDEN = HERE / "refused.txt"


def problems(name):
    with pytest.raises(UnsupportedSyntax) as info:
        accept(FUNCTIONS[name], "refused.py", LINES)
    return info.value


def messages():
    return "".join(f"---- {name}\n{problems(name)}\n\n" for name in FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_codes_on_their_lines(name):
    node = FUNCTIONS[name]
    expected = [
        (lineno, code)
        for lineno in range(node.lineno, node.end_lineno + 1)
        for code in re.findall(r"S\d{3}", LINES[lineno].partition("#~")[2])
    ]
    assert expected
    assert [(problem.lineno, problem.code) for problem in problems(name).problems] == expected


def test_every_problem_advises():
    for name in FUNCTIONS:
        assert all(p.advice.endswith(".") for p in problems(name).problems)


def test_whole_messages(request):
    if request.config.getoption("--bless", default=False):
        GOLDEN.write_text(messages(), "utf-8")
    assert messages() == GOLDEN.read_text("utf-8")
