"""The closure law: what a rule's body calls has a rule itself, so that derivatives can be differentiated again."""

import ast
import builtins
import inspect
import textwrap

import pytest

from s2sad.errors import S2sadError
from s2sad.rules.record import STATIC_FUNCTIONS, all_rules, conj, rule_of

BODIES = [(rule, body) for rule in all_rules() if rule.kind != "template" for body in (rule.jvp, rule.vjp) if body]


def called(body):
    """The functions that a body calls by name or path, methods left out."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(body)))
    function = next(node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda)))
    space = {**vars(builtins), **body.__globals__, **inspect.getclosurevars(body).nonlocals}
    statements = function.body if isinstance(function.body, list) else [function.body]
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.Call):
            path = ast.unparse(node.func)
            if path.split(".")[0] in space:
                yield path, eval(path, space)


@pytest.mark.parametrize("case", BODIES, ids=lambda case: f"{getattr(case[0].primitives[0], '__name__', '?')}.{case[1].__name__}")
def test_everything_called_has_a_rule(case):
    _, body = case
    free = [
        path for path, function in called(body)
        if rule_of(function) is None and function not in STATIC_FUNCTIONS and function is not conj
        and not (isinstance(function, type) and (issubclass(function, S2sadError) or hasattr(function, "_fields")))
    ]  # fmt: skip
    assert not free
