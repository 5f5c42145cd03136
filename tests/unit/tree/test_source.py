"""Reading source: the right node, the file's lines, captured values, and why it cannot be read."""

import ast
import functools
import linecache
import types
from pathlib import Path

import gast
import numpy as np
import pytest

from s2sad.errors import SourceUnavailable
from s2sad.tree.source import load_function
from tests.unit.tree import function_zoo as zoo

LINES = Path(zoo.__file__).read_text("utf-8").splitlines()


def text(fun):
    return ast.unparse(gast.gast_to_ast(load_function(fun).node))


def line_of(start):
    return next(k for k, line in enumerate(LINES, 1) if line.strip().startswith(start))


READABLE = {
    "plain": zoo.plain,
    "decorated": zoo.decorated,
    "inner": zoo.outer(1),
    "tabbed": zoo.tabbed(),
    "conditional": zoo.conditional,
    "fact": zoo.recursive(),
    "square": zoo.square,
    "lambda": zoo.several[1],
    "last": zoo.last,
}


@pytest.mark.parametrize("name", READABLE)
def test_runs_the_same(name):
    fun = READABLE[name]
    source = load_function(fun)
    namespace = {**source.globals, **source.closure}
    exec(text(fun), namespace)
    assert namespace[source.name](3) == fun(3)


@pytest.mark.parametrize("name", READABLE)
def test_lines_are_those_of_the_file(name):
    source = load_function(READABLE[name])
    assert source.filename == zoo.__file__
    assert all(LINES[k - 1] == line for k, line in source.lines.items())
    for node in ast.walk(gast.gast_to_ast(source.node)):
        if isinstance(node, ast.Name):
            segment = LINES[node.lineno - 1].encode()[node.col_offset : node.end_col_offset]
            assert segment.decode() == node.id


def test_decorators_are_dropped():
    source = load_function(zoo.decorated)
    assert source.node.decorator_list == []
    assert source.node.lineno == line_of("def decorated")


def test_what_a_wrapper_does_counts():
    assert "2 * function(x)" in text(zoo.wrapped)
    assert load_function(zoo.wrapped).closure["function"](3) == 3


def test_cache_is_looked_through():
    assert text(zoo.cached).endswith("return x * 3")


def test_closure():
    assert load_function(zoo.outer(7)).closure == {"k": 7}
    fact = zoo.recursive()
    assert load_function(fact).closure == {"fact": fact}
    assert load_function(zoo.late()).closure == {}


def test_globals_are_live():
    assert load_function(zoo.plain).globals is vars(zoo)


@pytest.mark.parametrize(
    ("fun", "expected"),
    [
        (zoo.several[0], "x + 1"),
        (zoo.several[1], "x - 1"),
        (zoo.several[2], "x"),
        (zoo.several[3], "[v for v in x]"),
        (zoo.several[4], "x if x else 1"),
        (zoo.nested, "lambda y: x + y"),
        (zoo.nested(1), "x + y"),
        (zoo.captured_lambdas(1)[0], "x + k"),
        (zoo.captured_lambdas(1)[1], "x - k"),
        (zoo.alike[1], "x"),
        (zoo.parenthesised, "x + 1"),
    ],
)
def test_lambdas_are_told_apart(fun, expected):
    assert ast.unparse(gast.gast_to_ast(load_function(fun).node.body[0].value)) == expected


def test_names_of_lambdas():
    assert load_function(zoo.square).name == "square"
    assert load_function(zoo.several[0]).name == "anonymous"


def test_asynchronous_functions_are_read():
    assert isinstance(load_function(zoo.asynchronous).node, gast.AsyncFunctionDef)


def test_emitted_code_is_read_again():
    source = "def emitted(x):\n    return x * 2\n"
    linecache.cache["<s2sad emitted>"] = (len(source), None, source.splitlines(True), "<s2sad emitted>")
    namespace = {}
    exec(compile(source, "<s2sad emitted>", "exec"), namespace)
    assert text(namespace["emitted"]) == source.strip()


def test_code_without_a_file():
    namespace = {}
    exec("def f(x): return x", namespace)
    with pytest.raises(SourceUnavailable, match="typed at the prompt or made by `exec`"):
        load_function(namespace["f"])
    exec(compile("def f(x): return x", "/nowhere/f.py", "exec"), namespace)
    with pytest.raises(SourceUnavailable, match="there is no file '/nowhere/f.py'"):
        load_function(namespace["f"])


def test_changed_file(tmp_path):
    path = tmp_path / "changing.py"
    path.write_text("\n\ndef f(x):\n    return x\n\n\ng = lambda x: x\n")
    namespace = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    path.write_text("def f(x):\n    return x\n")
    for name in "fg":
        with pytest.raises(SourceUnavailable, match="changed after it was imported"):
            load_function(namespace[name])


def test_broken_file(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("def f(x):\n    return x\n")
    namespace = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    path.write_text("def f(x:\n    return x\n")
    with pytest.raises(SourceUnavailable, match="changed after it was imported"):
        load_function(namespace["f"])


@pytest.mark.parametrize(
    ("fun", "reason"),
    [
        (len, "written in C.*s2sad.rules"),
        (functools.partial(zoo.plain, 1), "functools.partial"),
        (zoo.Methods().method, "bound method"),
        (zoo.Methods(), "callable object of class Methods"),
        (zoo.Methods, "it is a class"),
        (np.sin, "NumPy's own"),
        (np.vectorize(zoo.plain), "NumPy's own"),
        (3, "not a function but of type int"),
        (types.SimpleNamespace(__wrapped__=zoo.plain), "not a function"),
    ],
)
def test_what_cannot_be_read(fun, reason):
    with pytest.raises(SourceUnavailable, match=f"^S102 the source of `.*` cannot be read: .*{reason}"):
        load_function(fun)
