"""What is the same in every direction is put together: ``x_dot * 2 * t + x_dot * u`` is ``x_dot * (2 * t + u)``.

>>> import numpy as np
>>> from s2sad.batch.lead import DIRECTIONS
>>> from s2sad.signature import Array
>>> from s2sad.testing.core import core, show
>>> program = core('''
... def f_tangents(x, x_dot):
...     y_dot = x_dot * 2 * 100.0 * x - 3.0 * (x_dot[0] * x * x)
...     z_dot = x_dot * 2.0 * np.sin(x) - y_dot * x + x_dot * 3.0
...     return z_dot
... ''', np.ones(3), np.ones((2, 3)))
>>> show(gather(program.replace(types={**program.types, "x_dot": Array("float64", (DIRECTIONS, 3))})))
def f_tangents(x, x_dot):
    y_dot = x_dot * (200.0 * x) - x_dot[0] * (3.0 * x * x)
    z_dot = x_dot * (2.0 * np.sin(x) + 3.0) - y_dot * x
    return z_dot

With one direction the order does not matter; with many, each product of what carries the leading axis costs as much as
a product of that many arrays.  The first contribution to a part of a buffer of zeros is stored, not added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import gast

from s2sad.batch.lead import DIRECTIONS
from s2sad.program import Program
from s2sad.signature import Array, Type
from s2sad.tree.build import binary, constant, dotted, names_in
from s2sad.tree.dataflow import assigned, map_blocks, map_headers, rewrite
from s2sad.tree.printer import expression_text


def gather(program: Program) -> Program:
    """Multiply what is the same in every direction before what is not."""
    if not any(map(_has_directions, program.types.values())):
        return program
    return program.replace(body=tuple(_block(list(program.body), program.types)))


def _block(body: list[gast.stmt], types: Mapping[str, Type]) -> list[gast.stmt]:
    made = [map_blocks(_statement(node, types), lambda block: _block(block, types)) for node in body]
    return _first_assigns(made, types)


def _first_assigns(body: list[gast.stmt], types: Mapping[str, Type]) -> list[gast.stmt]:
    """The first contribution to a part of zeros is stored, not added."""
    fresh: set[str] = set()
    out: list[gast.stmt] = []
    for node in body:
        new = node
        if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Subscript):
            owner = node.target.value
            mine = isinstance(owner, gast.Name) and owner.id in fresh and owner.id not in names_in(node.value)
            if mine and isinstance(node.op, gast.Add):
                new = gast.copy_location(gast.Assign([node.target], node.value, None), node)
        fresh -= names_in(node)
        key = assigned(node)
        if key is not None and _has_directions(types.get(key)) and _is_zeros(node.value):  # type: ignore[attr-defined]
            fresh.add(key)
        out.append(new)
    return out


def _is_zeros(node: gast.expr) -> bool:
    path = dotted(node.func) if isinstance(node, gast.Call) else None
    return path is not None and path.split(".")[-1] == "zeros"


def _statement(node: gast.stmt, types: Mapping[str, Type]) -> gast.stmt:
    node = map_headers(node, lambda part: rewrite(part, lambda inner: _gathered(inner, types)))
    return map_headers(node, lambda part: _collected(part, types))


def _gathered(node: Any, types: Mapping[str, Type]) -> Any:
    """A product with its factors in order; inner ones were seen before."""
    if not isinstance(node, gast.BinOp) or not isinstance(node.op, gast.Mult):
        return node
    factors = _factors(node)
    moving = [part for part in factors if _moves(part, types)]
    fixed = [part for part in factors if not any(part is other for other in moving)]
    if len(moving) != 1 or len(fixed) < 2:
        return node
    return gast.copy_location(binary(moving[0], gast.Mult, _product(fixed)), node)


def _product(factors: list[gast.expr]) -> gast.expr:
    """Numbers first, multiplied now."""
    numbers = [part.value for part in factors if _is_number(part)]
    rest = [part for part in factors if not _is_number(part)]
    total: gast.expr | None = constant(math.prod(numbers)) if numbers else None
    for part in rest:
        total = part if total is None else binary(total, gast.Mult, part)
    assert total is not None
    if rest and numbers and math.prod(numbers) == 1:
        return _product(rest)
    return total


def _is_number(node: gast.expr) -> bool:
    return isinstance(node, gast.Constant) and type(node.value) in (int, float)


def _collected(node: Any, types: Mapping[str, Type]) -> Any:
    """A sum in which terms with one moving factor are one term: it stands where the first of them stood."""
    if not _is_sum(node):
        return node
    terms = [(*_split(term, types), minus) for term, minus in _terms(node, False)]
    keys = [None if moving is None else expression_text(moving) for moving, _, _ in terms]
    if len({key for key in keys if key is not None}) == sum(key is not None for key in keys):
        return node
    total: gast.expr | None = None
    for k, (moving, fixed, minus) in enumerate(terms):
        if keys[k] is None:
            total = _plus(total, fixed, minus)
        elif keys[k] not in keys[:k]:
            same = [(terms[j][1], terms[j][2] != minus) for j in range(len(terms)) if keys[j] == keys[k]]
            factor = same[0][0]
            for other, subtracted in same[1:]:
                factor = _plus(factor, other, subtracted)
            total = _plus(total, binary(moving, gast.Mult, factor), minus)
    return gast.copy_location(total, node)


def _is_sum(node: Any) -> bool:
    return isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub))


def _terms(node: gast.expr, minus: bool) -> list[tuple[gast.expr, bool]]:
    """The terms of a sum, and whether each is subtracted."""
    if isinstance(node, gast.BinOp) and _is_sum(node):
        return [*_terms(node.left, minus), *_terms(node.right, minus != isinstance(node.op, gast.Sub))]
    return [(node, minus)]


def _split(term: gast.expr, types: Mapping[str, Type]) -> tuple[gast.expr | None, gast.expr]:
    """A term as a moving factor, which is a name or a part of one, and a fixed one; none where it is not so made."""
    if not isinstance(term, gast.BinOp) or not isinstance(term.op, gast.Mult):
        return None, term
    plain = isinstance(term.left, (gast.Name, gast.Subscript)) and _moves(term.left, types)
    return (term.left, term.right) if plain and not _moves(term.right, types) else (None, term)


def _plus(total: gast.expr | None, term: gast.expr, minus: bool) -> gast.expr:
    if total is None:
        return gast.UnaryOp(op=gast.USub(), operand=term) if minus else term
    return binary(total, gast.Sub if minus else gast.Add, term)


def _factors(node: gast.expr) -> list[gast.expr]:
    if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Mult):
        return [*_factors(node.left), *_factors(node.right)]
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = _factors(node.operand)
        has_number = len(inner) > 1 or _is_number(inner[0])
        return [gast.Constant(value=-1, kind=None), *inner] if has_number else [node]
    return [node]


def _moves(node: gast.expr, types: Mapping[str, Type]) -> bool:
    return any(_has_directions(types.get(key)) for key in names_in(node))


def _has_directions(known: Type | None) -> bool:
    return isinstance(known, Array) and bool(known.shape) and known.shape[0] == DIRECTIONS  # type: ignore[index]
