"""The folder of constructs: what each module must have, and that together they cover Python's syntax."""

import ast

import gast
import pytest

from s2sad import syntax
from s2sad.errors import UnsupportedSyntax
from s2sad.passes.accept import accept
from s2sad.syntax import constructs, constructs_of, hoisting

#: The parser makes these on no version that we support.
NEVER_PARSED = {"Exec", "Print", "Repr", "Interpolation", "TemplateStr"}
CLASSES = [
    cls
    for cls in vars(gast).values()
    if isinstance(cls, type) and issubclass(cls, (gast.stmt, gast.expr)) and cls.__bases__ != (ast.AST,)
]


@pytest.mark.parametrize("module", constructs(), ids=lambda module: module.__name__.rsplit(".")[-1])
def test_module(module):
    assert module.__doc__
    assert module.TITLE
    assert all(issubclass(cls, gast.AST) for cls in module.NODES)
    if hasattr(module, "lower"):
        assert ">>> show(" in module.__doc__, "a rewriting shows what it does"


def test_titles_differ():
    titles = [module.TITLE for module in constructs()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_node_class_is_spoken_for(cls):
    assert constructs_of(cls) or cls.__name__ in NEVER_PARSED


def test_unknown_nodes_are_refused():
    node = gast.parse("def f(x):\n    return x\n").body[0]
    node.body[0].value = gast.copy_location(gast.Repr(value=node.body[0].value), node.body[0].value)
    with pytest.raises(UnsupportedSyntax, match="`Repr` is not supported"):
        accept(node, "f.py", {2: "    return x"})


def test_what_hoists():
    assert hoisting() == {gast.NamedExpr, gast.ListComp, gast.DictComp, gast.GeneratorExp, gast.SetComp}


PLAIN = [
    "x = a",
    "x[i] += 2 * y",
    "x, *y = a",
    "if a:\n    x = 1\nelse:\n    y = 2",
    "for i in range(3):\n    x = i",
    "while a < b < c and not d:\n    break",
    "with np.errstate(all='ignore'):\n    x = 1",
    "assert a, f'{b} is wrong'",
    "raise ValueError(a) from b",
    "print(*a, sep='', **b)",
    "x = [*a, {'k': b, **c}, (1, 2), {3}]",
    "x = a if b else lambda v, w=c: v @ w",
    "x = a.b[0](c)[1:2, ::d, ...].T",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_stays_as_it_is(text, capsys):
    syntax.show(text)
    shown = gast.parse(capsys.readouterr().out)
    assert gast.dump(shown) == gast.dump(gast.parse(text))
