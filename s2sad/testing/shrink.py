"""Makes a failing program small: what can be left out, while it still fails the same way, is left out.

>>> def fails(text):
...     return "boom" in text
>>> print(shrink("def f(x):\\n    y = x + 1\\n    if y > 2:\\n        boom(y * 3)\\n    return y\\n", fails), end="")
def f():
    boom()
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

ROUNDS = 30

Path = tuple[tuple[str, int | None], ...]


def shrink(text: str, fails: Callable[[str], bool], tries: int = 2000) -> str:
    """A small program that still fails.

    Deletes statements, puts the bodies of branches and loops in their place, and replaces expressions by their
    operands or by constants, until nothing of that can be done without the failure going away.

    Parameters
    ----------
    text : str
        A module.
    fails : callable
        Whether a module fails in the way of interest.  It is asked about programs of any kind, which may not even
        run: those do not fail in this way.
    tries : int, default 2000
        How often `fails` may be asked.

    Returns
    -------
    str
        The smallest module found; `text` itself if it does not fail.
    """
    if not fails(text):
        return text
    tree = ast.parse(text)
    search = _Search(fails, tries)
    for _ in range(ROUNDS):
        before = ast.unparse(tree)
        for edits in (_statement_edits, _flattenings, _expression_edits):
            tree = search.best(tree, edits)
        if ast.unparse(tree) == before or search.left <= 0:
            break
    final = ast.unparse(tree) + "\n"
    return final if fails(final) else text


class _Search:
    """Tries edits, and keeps those after which the program still fails."""

    def __init__(self, fails: Callable[[str], bool], tries: int) -> None:
        self.fails = fails
        self.left = tries
        self.seen: set[str] = set()

    def best(self, tree: ast.Module, edits: Callable[[ast.Module], Iterator[ast.Module]]) -> ast.Module:
        """The program after all edits of one kind that can be made one after the other."""
        found = True
        while found and self.left > 0:
            found = False
            for changed in edits(tree):
                if self._still_fails(changed, tree):
                    tree, found = changed, True
                    break
        return tree

    def _still_fails(self, changed: ast.Module, before: ast.Module) -> bool:
        text = ast.unparse(changed) + "\n"
        if text in self.seen or self.left <= 0 or _size(changed) >= _size(before):
            return False
        self.seen.add(text)
        try:
            ast.parse(text)
        except SyntaxError:
            return False
        self.left -= 1
        return self.fails(text)


def _size(tree: ast.AST) -> int:
    """How much there is of a program: nodes, long numbers counting more than short ones, and calls most."""
    total = 0
    for node in ast.walk(tree):
        total += 4
        if isinstance(node, ast.Constant):
            total += min(len(repr(node.value)), 12) - 1
    return total


# ---------------------------------------------------------------------------------------------------- statements


def _blocks(tree: ast.AST) -> list[tuple[Path, int]]:
    """Where the blocks of a program are, with the number of their statements, from the end to the start."""
    found = []
    for path, node in _nodes(tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                found.append(((*path, (name, None)), len(block)))
    return found[::-1]


def _nodes(node: ast.AST, path: Path = ()) -> Iterator[tuple[Path, ast.AST]]:
    yield path, node
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _nodes(value, (*path, (name, None)))
        elif isinstance(value, list):
            for k, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _nodes(item, (*path, (name, k)))


def _at(tree: Any, path: Path) -> Any:
    for name, k in path:
        tree = getattr(tree, name) if k is None else getattr(tree, name)[k]
    return tree


def _statement_edits(tree: ast.Module) -> Iterator[ast.Module]:
    """The program without some statements: half of a block first, then one after the other."""
    for path, count in _blocks(tree):
        size = count
        while size >= 1:
            for start in range(count - size, -1, -size):
                changed = copy.deepcopy(tree)
                block = _at(changed, path)
                del block[start : start + size]
                if not block and path[-1][0] == "body":
                    block.append(ast.Pass())
                yield changed
            size //= 2


def _flattenings(tree: ast.Module) -> Iterator[ast.Module]:
    """The program with the body of a branch or a loop in place of it."""
    for path, node in _nodes(tree):
        if not isinstance(node, (ast.If, ast.For, ast.While, ast.With)):
            continue
        for field in ("body", "orelse"):
            inner = getattr(node, field, None)
            if not inner:
                continue
            changed = copy.deepcopy(tree)
            owner, (name, k) = _at(changed, path[:-1]), path[-1]
            new = _at(changed, path)
            replacement = list(getattr(new, field))
            if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
                first = ast.Assign([ast.Name(node.target.id, ast.Store())], _first(node.iter))
                replacement.insert(0, ast.fix_missing_locations(first))
            assert k is not None  # a statement stands in a list
            getattr(owner, name)[k : k + 1] = replacement
            yield ast.fix_missing_locations(changed)


def _first(iterable: ast.expr) -> ast.expr:
    """What the first trip of a loop gives its variable."""
    if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.func.id == "range":
        return copy.deepcopy(iterable.args[0]) if len(iterable.args) > 1 else ast.Constant(0)
    return ast.Subscript(copy.deepcopy(iterable), ast.Constant(0), ast.Load())


# ---------------------------------------------------------------------------------------------------- expressions


def _expression_edits(tree: ast.Module) -> Iterator[ast.Module]:
    """The program with a simpler expression in place of one, large ones first."""
    sites = [
        (path, node) for path, node in _nodes(tree) if isinstance(node, (ast.expr, ast.arguments, ast.arg))
    ]
    sites.sort(key=lambda site: -_size(site[1]))
    for path, node in sites:
        if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            continue
        for simpler in _simpler(node):
            changed = copy.deepcopy(tree)
            owner, (name, k) = _at(changed, path[:-1]), path[-1]
            if k is None:
                setattr(owner, name, copy.deepcopy(simpler))
            else:
                getattr(owner, name)[k] = copy.deepcopy(simpler)
            yield ast.fix_missing_locations(changed)


def _simpler(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in place of an expression."""
    if isinstance(node, ast.arguments):
        yield from _fewer(node, ("args", "defaults"))
        return
    if not isinstance(node, ast.expr):
        return
    yield from _operands(node)
    if isinstance(node, (ast.Tuple, ast.List)):
        yield from _fewer(node, ("elts",))
    if isinstance(node, ast.Dict) and node.keys:
        for k in range(len(node.keys)):
            yield ast.Dict(node.keys[:k] + node.keys[k + 1 :], node.values[:k] + node.values[k + 1 :])
    if isinstance(node, ast.Call):
        yield from _fewer(node, ("args", "keywords"))
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield ast.Constant(round(node.value, 1))
        yield ast.Constant(float(round(node.value)))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value > 1:
        yield ast.Constant(node.value - 1)
    if not isinstance(node, (ast.Constant, ast.Compare, ast.BoolOp)):
        yield ast.Constant(0.5)
    if isinstance(node, (ast.Compare, ast.BoolOp)):
        yield ast.Constant(True)
        yield ast.Constant(False)


def _operands(node: ast.expr) -> Iterator[ast.AST]:
    """The expressions right within an expression; of a call its arguments, and what a method is called on."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Call) and child is node.func:
            if isinstance(child, ast.Attribute) and not isinstance(child.value, ast.Name):
                yield child.value
            continue
        if isinstance(child, (ast.List, ast.Tuple)):
            yield from (item for item in child.elts if isinstance(item, ast.expr))
        if isinstance(child, ast.keyword):
            child = child.value
        if isinstance(child, ast.expr) and not isinstance(child, ast.Slice):
            yield child


def _fewer(node: ast.AST, fields: tuple[str, ...]) -> Iterator[ast.AST]:
    """A node with one item less in one of its lists."""
    for name in fields:
        items = getattr(node, name)
        for k in range(len(items)):
            changed = copy.deepcopy(node)
            del getattr(changed, name)[k]
            yield changed
