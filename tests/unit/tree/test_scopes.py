"""Names and order: what is bound where, what is evaluated when, what is still free."""

import ast

import gast

from s2sad.tree.evaluation import contains, operands
from s2sad.tree.identifiers import Identifiers
from s2sad.tree.place import at
from s2sad.tree.scopes import captured, outside_comprehensions, rename, stored


def function(text):
    return gast.parse(text).body[0]


def test_stored_names():
    node = function("def f(x):\n    a, (b, *c) = x\n    for d in x: e += 1\n    def g(h): i = 1\n    (j := 1)")
    assert stored(node.body) == set("abcdegij")


def test_outside_comprehensions():
    node = function("def f(x): return [a + b for a in a for b in c if a], {d: e for d, e in x}, [e for f in x]")
    assert outside_comprehensions(node) == {"f", "x", "a", "c", "e"}


def test_nested_comprehensions():
    node = function("def f(): return [[i * j for i in range(j)] for j in range(k)]")
    assert outside_comprehensions(node) == {"f", "range", "k"}


def test_captured():
    node = function("def f(x):\n    y = z = 1\n    def g(): return y\n    return lambda: x")
    assert captured(node) == {"x", "y"}


def test_rename_leaves_parameters_of_lambdas():
    node = gast.parse("[v, lambda v, w=v: v, lambda u: v]", mode="eval").body
    renamed = ast.unparse(gast.gast_to_ast(rename(node, {"v": "v_1"})))
    assert renamed == "[v_1, lambda v, w=v_1: v, lambda u: v_1]"


def test_operands_in_order():
    cases = {
        "{a: b, **c, d: e}": "abcde",
        "f'{a:{b}} {c!r}'": "abc",
        "a.m(b)(*c, k=d, **e)": ["a.m(b)", *"cde"],
        "a.m.n(b)": "ab",
        "x[a:b, c][d]": ["x[a:b, c]", "d"],
        "x[a:b, c]": "xabc",
        "lambda p=a, *, q=b: c": "ab",
        "a < b < c": "abc",
    }
    for text, expected in cases.items():
        node = gast.parse(text, mode="eval").body
        assert [ast.unparse(gast.gast_to_ast(slot.get())) for slot in operands(node)] == list(expected)


def test_operands_of_statements():
    cases = {"x[a] = b": "bxa", "x[a] += b": "xab", "a, b = c": "c", "assert a, b": "ab", "with a, b: c": "ab"}
    for text, expected in cases.items():
        node = gast.parse(text).body[0]
        assert [slot.get().id for slot in operands(node)] == list(expected)


def test_slots_are_written():
    node = gast.parse("f(*a)", mode="eval").body
    *_, slot = operands(node)
    slot.set(gast.parse("b", mode="eval").body)
    assert ast.unparse(gast.gast_to_ast(node)) == "f(*b)"


def test_contains():
    node = gast.parse("f(lambda: [(y := 1)])", mode="eval").body
    assert contains(node, {gast.NamedExpr})
    assert not contains(node, {gast.ListComp})


def test_fresh_identifiers():
    fresh = Identifiers(function("def f(t, *t_1, **kw):\n    global g\n    import a.b, c as d\n    def h(): pass"))
    assert [fresh(name) for name in ("t", "t", "f", "kw", "g", "a", "d", "h", "x", "x", "sum", "lambda")] == [
        "t_2", "t_3", "f_1", "kw_1", "g_1", "a_1", "d_1", "h_1", "x", "x_1", "sum_1", "lambda_1",
    ]  # fmt: skip


def test_places_are_kept():
    node = gast.parse("\n\nx = 1").body[0]
    made = gast.Assign(targets=node.targets, value=gast.Constant(value=2, kind=None), type_comment=None)
    at(made, gast.parse("y").body[0])
    assert (made.lineno, made.value.lineno, made.targets[0].lineno) == (1, 1, 3)
