"""The type of elementwise arithmetic, from the types of the names in it."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.signature import Array, Scalar, Type, elementwise_type, literal


def type_of_expression(node: Any, types: Any) -> Type | None:
    """The type of elementwise arithmetic on names and numbers, None where it is anything else."""
    if isinstance(node, gast.Name):
        known = types.get(node.id)
        return known if isinstance(known, (Scalar, Array)) else None
    if isinstance(node, gast.Constant):
        known = literal(node.value)
        return Scalar(known.dtype) if isinstance(known, Scalar) else None
    if isinstance(node, gast.UnaryOp):
        return type_of_expression(node.operand, types)
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub, gast.Mult, gast.Div)):
        sides = [type_of_expression(side, types) for side in (node.left, node.right)]
        if None in sides or any(isinstance(side, Array) and side.shape is None for side in sides):
            return None
        return elementwise_type(*sides)  # type: ignore[arg-type]
    return None
