"""Whether a copy can be reached unassigned, against every path that flags and loops can take."""

import itertools
import textwrap

import gast
import pytest

from s2sad.analysis.unassigned import may_be_unassigned
from s2sad.tree.dataflow import walk

BODIES = [
    ("m = a\nk = m", False),
    ("if c:\n    m = a\nk = m", True),
    ("if c:\n    m = a\nelse:\n    m = b\nk = m", False),
    ("if c:\n    m = a\nif c:\n    k = m", False),
    ("if c:\n    m = a\nif not c:\n    pass\nelse:\n    k = m", False),
    ("if c:\n    m = a\nif not c:\n    k = m", True),
    ("if c:\n    m = a\nc = d\nif c:\n    k = m", True),
    ("if c:\n    m = a\nelse:\n    c = d\nif c:\n    k = m", True),
    ("if c:\n    if d:\n        m = a\nif d:\n    k = m", True),
    ("for i in range(c):\n    m = a\nk = m", True),
    ("for i in range(c):\n    if d:\n        k = m\n    m = a", True),
    ("while c:\n    m = a\n    k = m\n    c = False", False),
    ("if c:\n    m = a\nfor i in range(2):\n    if c:\n        k = m\n    c = d", True),
    ("if c:\n    m = a\nfor i in range(2):\n    if c:\n        k = m", False),
    ("for i in range(2):\n    if c:\n        break\n    m = a\n    k = m", False),
    ("for i in range(2):\n    if c:\n        break\n    m = a\nk = m", True),
]


def copies(body):
    return [node for node in walk(body) if isinstance(node, gast.Assign) and node.targets[0].id == "k"]


@pytest.mark.parametrize("text, expected", BODIES)
def test_a_copy_is_told_from_one_that_some_path_reaches_unassigned(text, expected):
    body = gast.parse(text).body
    (copy,) = copies(body)
    assert may_be_unassigned(body, "m", copy) is expected


@pytest.mark.parametrize("text, expected", BODIES)
def test_running_agrees(text, expected):
    """No path raises where the answer is that none does; for these bodies, one does where it is that one may."""
    code = f"def run(a, b, c, d):\n{textwrap.indent(text, '    ')}"
    found = {}
    exec(code, found)
    raised = []
    for flags in itertools.product([False, True], repeat=2):
        try:
            found["run"](1.0, 2.0, *flags)
            raised.append(False)
        except UnboundLocalError:
            raised.append(True)
    assert any(raised) is expected


def test_what_a_try_assigns_is_asked_for_afterwards():
    body = gast.parse("try:\n    m = a\nexcept E:\n    caught = True\nk = m").body
    assert not may_be_unassigned(body, "m", copies(body)[0])


def test_what_a_handler_assigns_is_asked_for_afterwards():
    body = gast.parse("try:\n    pass\nexcept E:\n    m = a\nk = m").body
    assert not may_be_unassigned(body, "m", copies(body)[0])
