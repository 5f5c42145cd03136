"""Whether a gradient is that of a linear function: it then reads no value that is differentiated, only sizes.

>>> def shown(text):
...     program = gast.parse(text).body[0]
...     return reads_only_sizes(program.body, ["x"])
>>> shown('''
... def f_grad(a, x, y_bar):
...     x_bar = np.zeros_like(x)
...     x_bar[0] += a * y_bar
...     return x_bar
... '''), shown('''
... def f_grad(a, x, y_bar):
...     t = a * x
...     return y_bar * t
... ''')
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gast

from s2sad.tree.build import dotted, names_in
from s2sad.tree.dataflow import blocks, walk

SIZES = {"shape", "ndim", "size", "dtype"}
OF_ALL = {
    "len",
    "shape",
    "ndim",
    "size",
    "zeros_like",
    "ones_like",
    "empty_like",
    "isinstance",
    "iscomplexobj",
}
"""Functions that read no value of any argument."""
OF_FIRST = {"full_like"}
OF_SECOND = {"unbroadcast", "checked_like"}
"""Functions that read only the sizes of their first, or of their second argument."""


def reads_only_sizes(body: Iterable[gast.stmt], inputs: Iterable[str]) -> bool:
    """Whether nothing that is returned, tested or counted depends on the values of some parameters."""
    statements, moved = list(walk(body)), set(inputs)
    while True:
        before = len(moved)
        for statement in statements:
            moved |= _reached(statement, moved)
        if len(moved) == before:
            break
    return not any(_decides(statement, moved) for statement in statements)


def _reached(statement: gast.stmt, moved: set[str]) -> set[str]:
    """What a statement binds or writes to, if it reads a moving value."""
    if isinstance(statement, (gast.Assign, gast.AugAssign)):
        targets = statement.targets if isinstance(statement, gast.Assign) else [statement.target]
        if any(_reads(node, moved) for node in [statement.value, *_indices(targets)]):
            return {_base(target) for target in targets}
    elif isinstance(statement, gast.For):
        if _reads(statement.iter, moved):
            return names_in(statement.target)
    elif isinstance(statement, gast.Expr) and _reads(statement.value, moved):
        return names_in(statement.value)
    return set()


def _decides(statement: gast.stmt, moved: set[str]) -> bool:
    """Whether a statement's effect, other than what it binds, depends on a moving value."""
    if isinstance(statement, (gast.If, gast.While)):
        return _reads(statement.test, moved)
    if isinstance(statement, gast.Return):
        return _reads(statement.value, moved)
    return not blocks(statement) and isinstance(statement, (gast.Assert, gast.Raise)) and bool(
        names_in(statement) & moved
    )  # fmt: skip


def _indices(targets: Iterable[Any]) -> list[Any]:
    return [target.slice for target in targets if isinstance(target, gast.Subscript)]


def _base(target: Any) -> str:
    while not isinstance(target, gast.Name):
        target = target.value
    return str(target.id)


def _reads(node: Any, moved: set[str]) -> bool:
    """Whether an expression depends on a moving value, and not only on its size."""
    if isinstance(node, gast.Name):
        return node.id in moved
    if isinstance(node, gast.Attribute) and node.attr in SIZES:
        return False
    if isinstance(node, gast.Call):
        label = (dotted(node.func) or "").split(".")[-1]
        skipped: list[Any] = []
        if label in OF_ALL:
            skipped = list(node.args)
        elif label in OF_FIRST:
            skipped = node.args[:1]
        elif label in OF_SECOND:
            skipped = node.args[1:2]
        kept = [arg for arg in node.args if not any(arg is other for other in skipped)]
        return any(_reads(part, moved) for part in [node.func, *kept, *(k.value for k in node.keywords)])
    return isinstance(node, gast.AST) and any(
        _reads(part, moved)
        for child in node.__dict__.values()
        for part in (child if isinstance(child, list) else [child])
    )


__all__ = ["reads_only_sizes"]
