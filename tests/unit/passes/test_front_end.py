"""Lowering and single exit: every surface program gives the same result, log and exception after each stage."""

import ast
import contextlib
import copy

import gast
import pytest

from s2sad.passes.accept import accept
from s2sad.passes.lower import lower
from s2sad.passes.single_exit import single_exit
from s2sad.tree.identifiers import Identifiers
from tests.unit.passes.random_functions import random_function
from tests.unit.passes.structured_form import lowered_violations, single_exit_violations
from tests.unit.passes.surface_programs import PROGRAMS


def parsed(source):
    return gast.parse(source).body[0]


def text(node):
    return ast.unparse(gast.gast_to_ast(node))


def stages(source):
    node = parsed(source)
    fresh = Identifiers(node)
    lowered = lower(node, fresh)
    return node, lowered, single_exit(lowered, fresh)


def behaviour(source, name, arguments):
    """Result or exception, with all that happened on the way."""
    noted = []

    def log(value):
        noted.append(copy.deepcopy(value))
        return value

    @contextlib.contextmanager
    def scope(label):
        noted.append(("enter", label))
        yield
        noted.append(("leave", label))

    namespace = {"log": log, "scope": scope, "print": lambda *args, **options: noted.append((args, options))}
    exec(compile(source, "<program>", "exec"), namespace)
    try:
        result = namespace[name](*copy.deepcopy(arguments))
    except Exception as error:
        result = (type(error), "" if isinstance(error, UnboundLocalError) else str(error))
    return result, noted


@pytest.mark.parametrize("name", PROGRAMS)
def test_same_behaviour(name):
    source, runs = PROGRAMS[name]
    check_behaviour(source, name, runs)


def check_behaviour(source, name, runs):
    _, lowered, single = stages(source)
    for arguments in runs:
        expected = behaviour(source, name, arguments)
        assert behaviour(text(lowered), name, arguments) == expected, text(lowered)
        assert behaviour(text(single), name, arguments) == expected, text(single)


@pytest.mark.parametrize("start", range(0, 100, 20))
def test_random_functions(start):
    for seed in range(start, start + 20):
        source = random_function(seed)
        *_, single = stages(source)
        assert not list(single_exit_violations(single)), text(single)
        check_behaviour(source, "f", [(a, b) for a in range(3) for b in range(2)])


@pytest.mark.parametrize("name", PROGRAMS)
def test_form(name):
    _, lowered, single = stages(PROGRAMS[name][0])
    assert not list(lowered_violations(lowered)), text(lowered)
    assert not list(single_exit_violations(single)), text(single)


@pytest.mark.parametrize("name", PROGRAMS)
def test_accepted_and_left_alone(name):
    node = parsed(PROGRAMS[name][0])
    before = gast.dump(node, include_attributes=True)
    accept(node, "program.py", {})
    fresh = Identifiers(node)
    lowered = lower(node, fresh)
    assert gast.dump(node, include_attributes=True) == before
    middle = gast.dump(lowered, include_attributes=True)
    single_exit(lowered, fresh)
    assert gast.dump(lowered, include_attributes=True) == middle


@pytest.mark.parametrize("name", PROGRAMS)
def test_stable(name):
    """What is in the form already is left as it is."""
    *_, single = stages(PROGRAMS[name][0])
    fresh = Identifiers(single)
    assert text(single_exit(lower(single, fresh), fresh)) == text(single)


def test_lines_are_the_users():
    for name, (source, _) in PROGRAMS.items():
        last = len(source.splitlines())
        *_, single = stages(source)
        assert all(1 <= node.lineno <= last for node in gast.walk(single) if isinstance(node, gast.stmt))
