"""Expressions that have a name for one use only, put where they are used.

>>> body = ast.parse("t = x * x\\nu = t + 1.0\\ny = u * u\\nz = y - x").body
>>> print(ast.unparse(ast.Module(substituted(body), [])))
u = x * x + 1.0
z = u * u - x

For blocks that compute with numbers and do nothing else: there it makes no difference when an operation is done.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator


def substituted(body: list[ast.stmt]) -> list[ast.stmt]:
    """A block in which an expression that has a name for one use stands where it is used."""
    names = [name for statement in body for name in _names_in(statement)]
    stores = Counter(name.id for name in names if is_stored(name))
    loads = Counter(name.id for name in names if not is_stored(name))
    kept: list[ast.stmt] = []
    ready: dict[str, tuple[ast.stmt, ast.expr]] = {}
    for statement in body:
        if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Return)) and statement.value is not None:
            statement.value = _with(statement.value, ready)
        elif isinstance(statement, ast.If):
            statement.test = _with(statement.test, ready)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            target = statement.targets[0].id
            steady = all(stores[name.id] <= 1 for name in _names_in(statement.value))
            if steady and stores[target] == loads[target] == 1:
                ready[target] = statement, statement.value
        kept.append(statement)
    used = {name.id for statement in kept for name in _names_in(statement) if not is_stored(name)}
    gone = [statement for name, (statement, _) in ready.items() if name not in used]
    return [statement for statement in kept if not any(statement is other for other in gone)]


def _with(value: ast.expr, ready: dict[str, tuple[ast.stmt, ast.expr]]) -> ast.expr:
    return _Substitution(ready).visit(value)  # type: ignore[no-any-return]


class _Substitution(ast.NodeTransformer):
    def __init__(self, ready: dict[str, tuple[ast.stmt, ast.expr]]) -> None:
        self.ready = ready

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.ready[node.id][1] if node.id in self.ready else node


def is_stored(node: ast.Name) -> bool:
    """Whether a name is bound, not read."""
    return not isinstance(node.ctx, ast.Load)


def _names_in(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))
