"""Partials of a few steps taken together, from the result that is in hand: fewer values are kept, and fewer products.

``1.0 / (1.0 + np.exp(m))`` has the partial ``-r * (1.0 - r)`` with respect to `m`, ``s * np.sqrt(s)`` has
``1.5 * np.sqrt(s)``, and ``s * np.exp(m)`` is its own partial with respect to `m`: by its steps, the first needs two
more values, the second a quotient and the third a product.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from s2sad.tree.build import binary, clone, constant, dotted, name

Made = Callable[[Any], Any]
"""What a name of the same block stands for, None for any other expression."""


def compound(key: str, value: Any, made: Made, objects: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The operands of several steps that end with ``key = value``, and the partials with respect to them.

    The last one is that of the first step; any other one is of the step ``key = value`` itself.

    >>> from s2sad.tree.printer import expression_text
    >>> values = {"t": "1.0 + e", "e": "np.exp(m)", "q": "np.sqrt(s)"}
    >>> def made(node):
    ...     return gast.parse(values[node.id], mode="eval").body if getattr(node, "id", "") in values else None
    >>> for text in ("1.0 / t", "s * q", "s * e", "s * t"):
    ...     found = compound("r", gast.parse(text, mode="eval").body, made, {"np.exp": np.exp, "np.sqrt": np.sqrt})
    ...     print([tuple(map(expression_text, pair)) for pair in found])
    [('m', '-(r * (1.0 - r))')]
    [('s', '1.5 * q')]
    [('s', 'e'), ('m', 'r')]
    []
    """
    if not isinstance(value, gast.BinOp):
        return []
    if isinstance(value.op, gast.Div):
        return _logistic(key, value, made, objects)
    if isinstance(value.op, gast.Mult):
        pairs = ((value.left, value.right), (value.right, value.left))
        for form in (_times_root, _times_exponential):
            for one, other in pairs:
                found = form(key, one, other, made, objects)
                if found:
                    return found
    return []


def _logistic(key: str, value: gast.BinOp, made: Made, objects: dict[str, Any]) -> list[tuple[Any, Any]]:
    below = made(value.right) if _is_one(value.left) else None
    if not isinstance(below, gast.BinOp) or not isinstance(below.op, gast.Add):
        return []
    power = below.right if _is_one(below.left) else below.left if _is_one(below.right) else None
    operand = _argument(made(power), (np.exp, math.exp), objects)
    if operand is None:
        return []
    rest = binary(constant(1.0), gast.Sub, name(key))
    return [(operand, gast.UnaryOp(gast.USub(), binary(name(key), gast.Mult, rest)))]


def _times_root(key: str, one: Any, root: Any, made: Made, objects: dict[str, Any]) -> list[tuple[Any, Any]]:
    operand = _argument(made(root), (np.sqrt, math.sqrt), objects)
    if operand is None or not isinstance(one, gast.Name) or operand.id != one.id:
        return []
    return [(operand, binary(constant(1.5), gast.Mult, clone(root)))]


def _times_exponential(
    key: str, one: Any, exponential: Any, made: Made, objects: dict[str, Any]
) -> list[tuple[Any, Any]]:
    operand = _argument(made(exponential), (np.exp, math.exp), objects)
    if operand is None or not isinstance(one, gast.Name):
        return []
    return [(one, clone(exponential)), (operand, name(key))]


def _argument(node: Any, functions: tuple[Any, ...], objects: dict[str, Any]) -> Any:
    """The name that one of some functions is applied to."""
    if not isinstance(node, gast.Call) or objects.get(dotted(node.func) or "") not in functions:
        return None
    alone = len(node.args) == 1 and not node.keywords and isinstance(node.args[0], gast.Name)
    return node.args[0] if alone else None


def _is_one(node: Any) -> bool:
    return isinstance(node, gast.Constant) and type(node.value) in (int, float) and node.value == 1
