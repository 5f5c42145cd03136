"""The printer: what it prints parses back to the same tree, in the spelling of black."""

import ast
import functools
import inspect
import random
import textwrap

import gast
import pytest

from s2sad.tree import printer
from s2sad.tree.dataflow import comment
from s2sad.tree.lines import break_line
from s2sad.tree.printer import LINE_LENGTH, expression_text, function_source, statements_source


def text_of(expression):
    return expression_text(gast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    "text",
    [
        "x**2", "x ** (n - 1)", "x**-n", "-x**2", "(-x) ** 2", "2.0 * x", "a - (b - c)", "a - b - c", "a / (b * c)",
        "a / b * c", "-(a + b)", "-a * b", "a * -b", "not a", "not (a and b)", "a and (b or c)", "a or b and c",
        "(a < b) < c", "a < b <= c", "a is not None", "a not in b", "x if a else y", "(x if a else y) + 1",
        "x if (y if a else b) else z", "lambda: 0", "lambda x, y=1: x + y", "(lambda x: x)(1)", "f(*a, **b)",
        "f(x, axis=0)", "f(x for x in y)", "f((x for x in y), 1)", "[x for x in y if x > 0]", "{x: y for x, y in z}",
        "{x for x in y}", "a[1:-1]", "a[:, None]", "a[::2]", "a[n - 1 :]", "a[i, j]", "a[..., 0]", "a[(1, 2), 0]", "a[1,]",
        "a[n:, i + 1 : j]", "a[-1:]", "(a, b)", "(a,)", "()", "[a, *b]", '{"a": 1, **b}', "{1, 2}", '"text"', "'it is \"x\"'",
        'b"x"', 'f"{x!r:>{w}} and {{}}"', 'f"{x:.3f}"', "x.T @ y", "x @ (y @ z)", "(a + b).sum()", "(1).real", "1e-12",
        "2j", "-1", "(-1) ** x", "x**-1", "a @ b.T", "~a & b | c ^ d", "a << (b >> c)", "a // b % c", "await_ + 1",
        "(y := f(x)) + y", "None", "...", "a if b else lambda: c", "x[lambda: 0]", "1 .real" if False else "a.b.c[0](d)",
    ],
)  # fmt: skip
def test_expressions_round_trip(text):
    printed = text_of(text)
    assert ast.dump(ast.parse(printed, mode="eval")) == ast.dump(ast.parse(text, mode="eval"))
    if text[0] != "(" and text not in ("x**-n", "f(x for x in y)"):
        assert printed.strip("()") == text.strip("()")


@pytest.mark.parametrize("module", [printer, inspect, textwrap, ast])
def test_functions_round_trip(module):
    for node in gast.parse(inspect.getsource(module)).body:
        if not isinstance(node, gast.FunctionDef):
            continue
        printed = function_source(node)
        assert normal(ast.parse(printed).body[0]) == normal(gast.gast_to_ast(node)), node.name


def normal(node):
    """The tree, with the else after a branch that leaves written out."""

    class Flat(ast.NodeTransformer):
        def visit(self, part):
            self.generic_visit(part)
            for field in ("body", "orelse", "finalbody"):
                block = getattr(part, field, None)
                if isinstance(block, list):
                    setattr(part, field, sunk(block))
            return part

    return ast.dump(Flat().visit(ast.parse(ast.unparse(node))))


def sunk(block):
    for k, node in enumerate(block):
        if isinstance(node, ast.If) and leaves(node.body) and block[k + 1 :]:
            last = node
            while len(last.orelse) == 1 and isinstance(last.orelse[0], ast.If):
                last = last.orelse[0]
            last.orelse = last.orelse + sunk(block[k + 1 :])
            return block[: k + 1]
    return block


def leaves(body):
    return isinstance(body[-1], (ast.Break, ast.Return, ast.Raise, ast.Continue))


def test_comments_need_something_under_them():
    stop = gast.parse("x = 1").body[0]
    body = [comment("forward sweep"), comment("reverse sweep"), comment("line 1: a"), comment("line 2: b"), stop]
    assert statements_source(body) == "# reverse sweep\n# line 2: b\nx = 1\n"
    assert statements_source([stop, comment("reverse sweep"), comment("line 1: a")]) == "x = 1\n"


def test_a_text_that_looks_like_a_comment_is_no_comment():
    assert statements_source(gast.parse("'# x'").body) == '"# x"\n'


def test_branches_that_leave_have_no_else():
    text = "while True:\n    if a:\n        break\n    else:\n        x = 1\n        y = 2\n"
    assert statements_source(gast.parse(text).body) == "while True:\n    if a:\n        break\n    x = 1\n    y = 2\n"


@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    if a:\n        x = 0\n    elif b:\n        break\n    else:\n        x = 1\n        y = 2\n",
        "while True:\n    if a:\n        break\n    elif b:\n        x = 0\n    elif c:\n        break\n    else:\n        x = 1\n",
    ],
)
def test_what_follows_a_branch_that_leaves_has_an_else_after_one_that_does_not(text):
    assert statements_source(gast.parse(text).body) == text


def test_chains_that_leave_have_no_else():
    text = "while True:\n    if a:\n        break\n    elif b:\n        continue\n    else:\n        x = 1\n"
    assert statements_source(gast.parse(text).body) == text.replace("    else:\n        x", "    x")


def statements(rng, depth, in_loop):
    """Random statements: chains of branches, loops with an `else`, `try`; some leave."""
    lines = []
    for _ in range(rng.randint(1, 3)):
        kind = rng.choice(["trace", "if", "if", "for", "try"]) if depth else "trace"
        inner = functools.partial(statements, rng, depth - 1)
        if kind == "trace":
            lines.append(f"trace.append({rng.randint(0, 99)})")
        elif kind == "if":
            lines += ["if test():", *inner(in_loop)]
            for _ in range(rng.choice([0, 0, 1, 2])):
                lines += ["elif test():", *inner(in_loop)]
            lines += ["else:", *inner(in_loop)] if rng.random() < 0.6 else []
        elif kind == "for":
            lines += [f"for i in range({rng.randint(0, 3)}):", *inner(True)]
            lines += ["else:", *inner(in_loop)] if rng.random() < 0.3 else []
        else:
            lines += ["try:", *inner(in_loop), "except ValueError:", *inner(in_loop)]
            lines += ["else:", *inner(in_loop)] if rng.random() < 0.3 else []
    if rng.random() < 0.3:
        lines.append(rng.choice(["return trace", "raise ValueError", *(["break", "continue"] if in_loop else [])]))
    return ["    " + line for line in lines]


def traced(text, seed):
    """What a function does, for one sequence of results of its tests."""
    rng, trace = random.Random(seed), []
    names = {"trace": trace, "test": lambda: rng.random() < 0.5}
    exec(text, names)
    try:
        return names["f"](), trace, rng.random()
    except ValueError:
        return trace, rng.random()


@pytest.mark.parametrize("seed", range(100))
def test_what_is_printed_does_the_same(seed):
    text = "\n".join(["def f():", *statements(random.Random(seed), 4, False)])
    printed = function_source(gast.parse(text).body[0])
    for run in range(5):
        assert traced(printed, run) == traced(text, run)


def test_versions_are_spelled():
    node = gast.Name("x~12", gast.Load(), None, None)
    assert expression_text(node) == "x__v12"


def test_signatures():
    text = "def f(a, /, b: int, *args, c=1, d: float = 2.0, **kwargs) -> float:\n    return a\n"
    assert function_source(gast.parse(text).body[0]) == text
    text = "def f(a, *, b=None):\n    pass\n"
    assert function_source(gast.parse(text).body[0]) == text


def test_docstrings():
    node = gast.parse("def f(x):\n    return x").body[0]
    assert function_source(node, 'Say "hi"') == 'def f(x):\n    """Say "hi" """\n    return x\n'
    assert ast.get_docstring(ast.parse(function_source(node, "a\n\nb\\c"))
                             .body[0]) == "a\n\nb\\c"  # fmt: skip


def test_a_slice_outside_an_index():
    node = gast.Call(
        gast.Name("f", gast.Load(), None, None),
        [gast.Tuple([gast.Slice(None, None, None), gast.Slice(None, gast.Constant(3, None), None)], gast.Load())],
        [],
    )
    assert expression_text(node) == "f((slice(None), slice(3)))"


@pytest.mark.parametrize(
    "line",
    [
        "value = " + " + ".join(f"first_{k} * second_{k}" for k in range(9)),
        "return " + ", ".join(f"function_{k}(argument_{k})" for k in range(9)),
        "value = function(" + ", ".join(f"argument_{k}" for k in range(12)) + ")",
        "value = f([x for x in first if x > 0], " + ", ".join(f"argument_{k}" for k in range(12)) + ")",
        "if " + " and ".join(f"argument_{k} < {k}" for k in range(12)) + ":",
        'value = {"first, with a comma (": ' + " * ".join(f"argument_{k}" for k in range(12)) + "}",
        "x = lambda a, b: " + " + ".join(f"argument_{k}" for k in range(12)),
    ],
)
def test_long_lines(line):
    text = line + ("\n    pass" if line.endswith(":") else "")
    broken = "\n".join(break_line(line, LINE_LENGTH)) + ("\n    pass" if line.endswith(":") else "")
    source = f"def g():\n{textwrap.indent(text, '    ')}"
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(f"def g():\n{textwrap.indent(broken, '    ')}"))
    if "lambda" not in line:
        assert max(map(len, broken.splitlines())) <= LINE_LENGTH
