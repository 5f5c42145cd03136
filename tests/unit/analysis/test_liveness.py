"""Structured liveness against the textbook's iteration over a control-flow graph."""

import gast
import numpy as np
import pytest

from s2sad.analysis.buffers import Buffers
from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import ARRAYS, CONTAINERS, Memory, is_pure_function
from s2sad.testing.core import core
from s2sad.tree.dataflow import binds, blocks, statement_reads, walk
from tests.unit.passes.random_core import random_core


def by_iteration(body):
    """What is live after each statement, by iterating until nothing changes."""
    live_after = {}

    def run(block, after, after_break):
        for node in reversed(block):
            live_after[id(node)] = live_after.get(id(node), frozenset()) | after
            read, bound = frozenset(statement_reads(node)), frozenset(binds(node))
            if isinstance(node, gast.Break):
                after = after_break
            elif isinstance(node, gast.If):
                after = read | run(node.body, after, after_break) | run(node.orelse, after, after_break)
            elif isinstance(node, (gast.For, gast.While)):
                forever = isinstance(node, gast.While) and isinstance(node.test, gast.Constant)
                leaves = frozenset() if forever else after
                head = leaves | (read if isinstance(node, gast.While) else frozenset())
                while True:
                    again = head | (run(node.body, head, after) - bound)
                    if again == head:
                        break
                    head = again
                after = head | read
            elif isinstance(node, gast.Return):
                after = read
            else:
                after = read | (after - bound)
        return after

    run(body, frozenset(), frozenset())
    return live_after


@pytest.mark.parametrize("seed", range(60))
def test_agrees_with_iteration(seed):
    body = gast.parse(random_core(seed, 20)).body[0].body
    live, expected = Liveness(body), by_iteration(body)
    for node in walk(body):
        assert set(live.names(live.after[id(node)])) == expected[id(node)], gast.dump(node)


def test_captured_names_live_to_the_end():
    body = gast.parse("s = 1\ng = lambda v: v * s\ns = 2\nt = g(3)\nreturn t").body
    live = Liveness(body)
    assert "s" in set(live.names(live.after[id(body[3])]))


def memory(text, *args, **objects):
    program = core(text, *args, **objects)
    return program, Memory(program)


def test_classes():
    _, found = memory(
        "def f(x):\n    y = x * 2.0\n    v = y[1:]\n    w = v.T\n    z = y.copy()\n    s = y[0]\n    c = [z]\n"
        "    r = np.reshape(z, (1, 3))\n    v[0] = 1.0\n    return w, s, c, r",
        np.ones(3),
    )
    assert found.root("y") == found.root("v") == found.root("w")
    assert found.root("z") == found.root("c") == found.root("r") != found.root("y")
    assert found.is_written("y") and not found.is_written("z") and not found.is_written("x")
    assert found.kind("s") == 0 and found.kind("v") == ARRAYS and found.kind("c") & CONTAINERS


def test_append_writes_the_list_only():
    program, found = memory("def f(x):\n    t_tape = []\n    t_tape.append(x)\n    return t_tape", np.ones(3))
    assert set(found.writes(program.body[1])) == {(found.root("t_tape"), CONTAINERS)}


def test_out_arguments_write():
    program, found = memory("def f(x):\n    y = x * 2.0\n    t = np.add(y, x, y)\n    return y", np.ones(3))
    assert list(found.writes(program.body[1]))


@pytest.mark.parametrize("function", [np.sin, np.add, len, np.zeros_like, np.sum, abs])
def test_pure(function):
    assert is_pure_function(function)


@pytest.mark.parametrize("function", [print, np.random.rand, np.random.default_rng(0).normal, np.copyto, open, [].append])
def test_not_pure(function):
    assert not is_pure_function(function)


def test_blocks_of_every_compound_statement():
    body = gast.parse("with a:\n    b = 1\nfor i in c:\n    d = i\nwhile e:\n    f = 1\nif g:\n    h = 1").body
    assert [len(blocks(node)) for node in body] == [1, 1, 1, 2]


def test_buffers_in_a_loop():
    program = core(
        "def f(x, n):\n    a = x * 1.0\n    b = x * 2.0\n    for i in range(n):\n        c = a\n        a = b\n        b = c\n"
        "    return a, b",
        np.ones(3), 3,
    )  # fmt: skip
    last = Buffers(program).before[id(program.body[-1])]
    assert len(last["a"].sites) == 2 and last["a"].sites == last["b"].sites
