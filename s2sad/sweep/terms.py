"""How the sweeps spell terms: products with partials, masks, copies."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.tree.build import (
    binary,
    clone,
    constant,
    dotted,
    is_none,
)
from s2sad.tree.parts import key_of, nodes


def copied(node: gast.expr) -> gast.expr:
    """A copy of an array or of a part of it; ``x[...]`` is `x`."""
    if (
        isinstance(node, gast.Subscript)
        and isinstance(node.slice, gast.Constant)
        and node.slice.value is Ellipsis
    ):
        node = node.value
    return gast.Call(gast.Attribute(node, "copy", gast.Load()), [], [])


def copied_list(value: gast.expr) -> gast.Name | None:
    """The list that ``list(x)`` or ``[v.copy() for v in x]`` copies."""
    node: Any = None
    if (
        isinstance(value, gast.Call)
        and isinstance(value.func, gast.Name)
        and value.func.id == "list"
        and value.args
    ):
        node = value.args[0]
    elif isinstance(value, gast.ListComp):
        node = value.generators[0].iter
    return node if isinstance(node, gast.Name) else None


def is_fresh(node: gast.expr) -> bool:
    """Whether an expression makes an array of its own, not a view or another name of one."""
    if isinstance(node, (gast.BinOp, gast.ListComp)):
        return True
    if not isinstance(node, gast.Call):
        return False
    return (dotted(node.func) or "").rpartition(".")[2] in ("zeros_like", "full", "copy")


def together(pairs: list[tuple[gast.expr, gast.expr]]) -> list[tuple[gast.expr, gast.expr]]:
    """Partials of one and the same operand, given twice, are one: ``a * a`` has the partial ``2.0 * a``."""
    if len(pairs) != 2 or not all(isinstance(node, gast.Name) for node, _ in pairs):
        return pairs
    (node, one), (other, two) = pairs
    if node.id != other.id:  # type: ignore[attr-defined]
        return pairs
    if key_of(one) == key_of(two):
        return [(node, constant(2.0) if _is_one(one) else binary(constant(2.0), gast.Mult, one))]
    return pairs


def _is_one(node: gast.expr) -> bool:
    return isinstance(node, gast.Constant) and node.value == 1


def mask_of(contribution: gast.expr) -> gast.expr | None:
    """Where a contribution ``np.where(c, e, 0.0)`` is not zero by choice."""
    if not isinstance(contribution, gast.Call) or len(contribution.args) != 3:
        return None
    if not (dotted(contribution.func) or "").endswith(".where"):
        return None
    condition, one, other = contribution.args
    if isinstance(other, gast.Constant) and other.value == 0.0:
        return clone(condition)
    if isinstance(one, gast.Constant) and one.value == 0.0:
        return gast.UnaryOp(gast.Invert(), clone(condition))
    return None


def may_overflow(partial: gast.expr) -> bool:
    """Whether a partial may be infinite or not a number for finite operands."""
    for part in nodes(partial):
        if isinstance(part, gast.Call):
            return True
        if isinstance(part, gast.BinOp) and isinstance(part.op, (gast.Div, gast.Pow)):
            return True
    return isinstance(partial, gast.Name)


def guarded(bar: gast.expr, partial: gast.expr, mask: gast.expr, numpy: Any) -> gast.expr:
    """``bar * partial`` where the partial may be infinite outside of the mask, and does not count there."""
    term = times(bar, partial)
    if isinstance(term, gast.BinOp) and isinstance(term.op, gast.Div):
        return binary(term.left, gast.Div, numpy("where", mask, term.right, constant(1.0)))
    return times(bar, numpy("where", mask, partial, constant(0.0)))


def times(bar: gast.expr, partial: gast.expr) -> gast.expr:
    """``bar * partial``, spelled as one would."""
    if isinstance(partial, gast.Constant) and partial.value == 1:
        return bar
    if isinstance(partial, gast.UnaryOp) and isinstance(partial.op, gast.USub):
        return gast.UnaryOp(gast.USub(), times(bar, partial.operand))
    if isinstance(partial, gast.BinOp) and isinstance(partial.op, gast.Div):
        left = partial.left
        negative = isinstance(left, gast.UnaryOp) and isinstance(left.op, gast.USub)
        if negative and isinstance(left.operand, gast.Constant) and left.operand.value == 1:  # type: ignore[attr-defined]
            return gast.UnaryOp(gast.USub(), binary(bar, gast.Div, partial.right))
        if isinstance(left, gast.Constant) and left.value == 1:
            return binary(bar, gast.Div, partial.right)
    return binary(bar, gast.Mult, partial)


def minus_one(node: gast.expr) -> gast.expr:
    """``node - 1``, folded."""
    known = _int(node)
    return constant(known - 1) if known is not None else binary(clone(node), gast.Sub, constant(1))


def plus_one(node: gast.expr) -> gast.expr:
    """``node + 1``, folded."""
    known = _int(node)
    return constant(known + 1) if known is not None else binary(clone(node), gast.Add, constant(1))


def _int(node: gast.expr) -> int | None:
    if isinstance(node, gast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, gast.UnaryOp) and isinstance(node.operand, gast.Constant):
        return -node.operand.value
    return None


def new_axes(index: gast.expr, rank: int) -> list[bool] | None:
    """Which axes are new in an index that selects all of an array of some rank, None for any other index.

    >>> new_axes(gast.parse("x[None, :, None]", mode="eval").body.slice, 2)
    [True, False, True, False]
    """
    parts: list[Any] = index.elts if isinstance(index, gast.Tuple) else [index]
    new = list(map(is_none, parts))
    whole = [isinstance(part, gast.Slice) and part.lower is part.upper is part.step is None for part in parts]
    if not all(a or b for a, b in zip(new, whole)):
        return None
    return new + [False] * (rank - sum(whole))
