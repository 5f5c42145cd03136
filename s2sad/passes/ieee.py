"""Quotients and powers of derivatives as IEEE arithmetic has them, for points where Python's raise.

>>> import numpy as np
>>> from s2sad.testing.core import core, show
>>> show(ieee(core('''
... def f_jvp(x, x_dot):
...     y = x**0.5
...     y_dot = x_dot / (2.0 * y)
...     return y, y_dot
... ''', 1.0, 1.0)))
def f_jvp(x, x_dot):
    y = x**0.5
    y_dot = ieee_quotient(x_dot, 2.0 * y)
    return y, y_dot

Runs last, and only when a derivative raised `ZeroDivisionError`: a slope may be infinite where the function itself is
not (`math.sqrt` at 0).  The primal's own statements stay as they are, so that what it raises is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gast

from s2sad.analysis.kinds import is_derivative
from s2sad.program import Program
from s2sad.runtime.ieee import ieee_power, ieee_quotient
from s2sad.tree.build import call
from s2sad.tree.dataflow import assigned, is_comment, map_blocks, map_headers, rewrite, with_fields

OBJECTS = {"ieee_quotient": ieee_quotient, "ieee_power": ieee_power}


def ieee(program: Program) -> Program:
    """Replace quotients and powers in the derivative's part of a program."""
    mark = next((k for k, node in enumerate(program.body) if _is_mark(node)), None)
    if mark is None:
        body = _tangents(program.body)
    else:
        body = [*program.body[:mark], *_all(program.body[mark:], program.name.endswith("_value_and_grad"))]
    return program.replace(body=tuple(body), objects={**program.objects, **OBJECTS})


def _is_mark(node: Any) -> bool:
    return is_comment(node) and node.value.value == "reverse sweep"


def _all(body: Sequence[gast.stmt], has_value: bool = False) -> list[gast.stmt]:
    """Every statement of a reverse sweep; of what is returned, the value stays."""
    out = []
    for node in body:
        if isinstance(node, gast.Return) and has_value:
            out.append(_returned(node))
            continue
        node = _update(node) or map_headers(node, _exact)
        out.append(map_blocks(node, _all))
    return out


def _tangents(body: Sequence[gast.stmt]) -> list[gast.stmt]:
    """The tangents among the statements of a tangent sweep."""
    out = []
    for node in body:
        target = assigned(node) or getattr(getattr(node, "target", None), "id", None)
        if isinstance(node, gast.Return):
            node = _returned(node)
        elif isinstance(target, str) and is_derivative(target):
            node = _update(node) or map_headers(node, _exact)
        out.append(map_blocks(node, _tangents))
    return out


def _returned(node: Any) -> Any:
    """A return of a value and its derivative."""
    if not isinstance(node.value, gast.Tuple):
        return node
    first, *rest = node.value.elts
    return with_fields(node, value=with_fields(node.value, elts=[first, *map(_exact, rest)]))


def _update(node: Any) -> Any:
    """``x_bar /= y`` of a name as an assignment; of an array it is IEEE arithmetic already."""
    if not isinstance(node, gast.AugAssign) or not isinstance(node.target, gast.Name):
        return None
    if not isinstance(node.op, gast.Div):
        return None
    read = gast.Name(node.target.id, gast.Load(), None, None)
    value = call("ieee_quotient", read, _exact(node.value))
    return gast.copy_location(gast.Assign([node.target], value, None), node)


def _exact(node: Any) -> Any:
    return rewrite(node, _replaced)


def _replaced(part: Any) -> Any:
    if isinstance(part, gast.BinOp) and isinstance(part.op, gast.Div):
        return call("ieee_quotient", part.left, part.right)
    if isinstance(part, gast.BinOp) and isinstance(part.op, gast.Pow):
        return call("ieee_power", part.left, part.right)
    return part
