"""Refuse what is not part of the accepted language, all of a function at once, before anything runs.

>>> node = gast.parse('''
... def f(x):
...     eval("x")
...     class A: pass
... ''').body[0]
>>> accept(node, "f.py", {3: '    eval("x")', 4: "    class A: pass"})
Traceback (most recent call last):
s2sad.errors.UnsupportedSyntax: 2 problems
...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import gast

from s2sad.errors import Problem, problem_at, raise_problems
from s2sad.syntax import Refusal, constructs_of, refusals

#: Their insides belong to the construct: what is wrong there is not worth telling.
OPAQUE = (gast.ClassDef, gast.AsyncFunctionDef)
#: Annotations are not evaluated, or not for the value.
UNREAD = {"annotation", "returns", "type_params", "decorator_list", "ctx", "op", "ops"}


def accept(node: gast.FunctionDef, filename: str, lines: Mapping[int, str]) -> None:
    """Raise `UnsupportedSyntax` with every unsupported place of a function; do nothing if there is none.

    Parameters
    ----------
    node : gast.FunctionDef
        The function as it was read.
    filename : str
        The user's file.
    lines : mapping from int to str
        Its source lines by number.
    """
    problems = [_problem(refusal, filename, lines) for refusal in _refused(node)]
    if problems:
        raise_problems(problems)


def _problem(refusal: Refusal, filename: str, lines: Mapping[int, str]) -> Problem:
    return problem_at(refusal.node, "S101", refusal.message, refusal.advice, filename, lines)


def _refused(root: gast.AST) -> Iterator[Refusal]:
    stack: list[tuple[gast.AST, gast.AST | None]] = [(root, None)]
    while stack:
        node, parent = stack.pop()
        if not constructs_of(type(node)):
            yield Refusal(node, f"`{type(node).__name__}` is not supported", "Write it another way.")
            continue
        yield from refusals(node, parent)
        if not isinstance(node, OPAQUE):
            stack.extend((child, node) for child in _children(node, top=node is root))


def _children(node: gast.AST, top: bool) -> Iterator[gast.AST]:
    for field in node._fields:
        # the decorators of the function itself were applied already; those of inner functions are calls
        if field in UNREAD and not (field == "decorator_list" and not top):
            continue
        value = getattr(node, field)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, gast.AST):
                yield child
