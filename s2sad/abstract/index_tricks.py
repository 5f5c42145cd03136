"""``np.r_`` and ``np.c_``: what stands between the brackets is joined, end to end or as columns side by side."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.abstract.structural import integer
from s2sad.abstract.values import Value
from s2sad.rules.sizes import shape_of
from s2sad.signature import NO_VALUE, Array, Scalar, Sequence, literal
from s2sad.tree.build import constant
from s2sad.tree.indices import index_parts

TOOLS: tuple[Any, ...] = (np.r_, np.c_)
WIDE = ("float64", "complex128", "int64", "bool")
"""Types of arrays that a number of Python's does not meet differently in `np.hstack`."""

BRACKETS = "between the brackets of `np.r_` or `np.c_`"
ADVICE = "use np.concatenate or np.column_stack"


def joined(at: Any, tool: Any, node: gast.Subscript, hint: str | None) -> Value:
    """``np.r_[a, b, ...]`` or ``np.c_[a, b, ...]``."""
    parts = index_parts(node)
    values = [_part(at, part, node) for part in parts]
    ranks = _ranks(at, values, node)
    function: Any = np.column_stack
    if tool is np.r_:
        function = np.hstack if max(ranks) < 2 else np.concatenate
    if max(ranks) > 2 or (function is np.concatenate and len(ranks) > 1):
        raise at.refuse("S104", f"arrays of these ranks {BRACKETS}", ADVICE, node)
    items = at.sequence(tuple, tuple(values), node)
    made: Value = at.call_known(function, [items], {}, hint, node)
    return made


def _ranks(at: Any, values: list[Value], node: gast.AST) -> set[int]:
    """The ranks of the parts; directives, and numbers beside narrow arrays, are refused."""
    if any(isinstance(value.known, str) for value in values):
        raise at.refuse("S109", f"a directive {BRACKETS}", ADVICE, node)
    narrow = any(isinstance(value.type, Array) and value.type.dtype not in WIDE for value in values)
    if narrow and any(isinstance(value.type, (Scalar, Sequence)) for value in values):
        raise at.refuse(
            "S109", f"a number beside an array that is not of double precision, {BRACKETS}", ADVICE, node
        )
    ranks = set()
    for value in values:
        shape = shape_of(value.type)
        if shape is None:
            raise at.refuse("S104", f"a value of a rank that is not known, {BRACKETS}", ADVICE, node)
        ranks.add(len(shape))
    return ranks


def _part(at: Any, node: gast.expr, place: gast.AST) -> Value:
    """One of the parts: a value, or a slice, which stands for a range of numbers."""
    if not isinstance(node, gast.Slice):
        value: Value = at.visit(node)
        return value
    if node.upper is None:
        raise at.refuse("S109", "a slice without an end, which stands for no numbers", "give the end", place)
    function: Any = np.arange
    parts = [integer(constant(0), 0) if node.lower is None else at.visit(node.lower), at.visit(node.upper)]
    if node.step is not None:
        step = at.visit(node.step)
        if step.known is NO_VALUE:
            raise at.refuse("S104", "the step of a range of numbers is not known", "use np.arange", place)
        if isinstance(step.known, complex):  # how many numbers there are
            function, count = np.linspace, int(abs(step.known))
            step = Value(literal(count), constant(count))
        parts.append(step)
    numbers: Value = at.call_known(function, parts, {}, None, place)
    return numbers
