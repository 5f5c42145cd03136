"""Products of matrices and vectors; one operand is a derivative, the other is the same in all directions."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np

from s2sad.batch.lead import padded
from s2sad.batch.record import batched
from s2sad.signature import NO_VALUE
from s2sad.tree.build import call, clone, constant, subscript


@batched(np.matmul)
def matmul(b: Any, a: Any, c: Any) -> gast.expr | None:
    """``a @ c``."""
    left, right = b.rank(a), b.rank(c)
    if not left or not right or (b.varies(a) and b.varies(c)):
        return None
    if b.varies(a):
        if left == 1 and right > 2:
            return None
        return _at(padded(b(a), right - left if left > 1 and right > 2 else 0), clone(c))
    if right > 1:
        return (
            _at(clone(a), padded(b(c), left - right if left > 2 else 0)) if left != 1 or right == 2 else None
        )
    if left == 1:
        return _at(b(c), clone(a))
    return _at(b(c), gast.Attribute(clone(a), "T", gast.Load())) if left == 2 else None


def _at(left: gast.expr, right: gast.expr) -> gast.expr:
    return gast.BinOp(left=left, op=gast.MatMult(), right=right)


@batched(np.dot)
def dot(b: Any, a: Any, c: Any) -> gast.expr | None:
    left, right = b.rank(a), b.rank(c)
    if left is None or right is None:
        return None
    if left == 0 or right == 0:
        widest = max(left, right)
        return gast.BinOp(left=b.to_rank(a, widest), op=gast.Mult(), right=b.to_rank(c, widest))
    return matmul(b, a, c) if left <= 2 and right <= 2 else None


@batched(np.outer)
def outer(b: Any, a: Any, c: Any) -> gast.expr | None:
    if b.rank(a) != 1 or b.rank(c) != 1:
        return None
    column = subscript(b(a), _index(gast.Slice(None, None, None), gast.Slice(None, None, None), None)) if b.varies(
        a
    ) else subscript(clone(a), _index(gast.Slice(None, None, None), None))  # fmt: skip
    return gast.BinOp(left=column, op=gast.Mult(), right=b.to_rank(c, 2) if b.varies(c) else clone(c))


def _index(*parts: Any) -> gast.Tuple:
    elts = [gast.Constant(None, None) if part is None else part for part in parts]
    return gast.Tuple(elts=elts, ctx=gast.Load())


@batched(np.tensordot)
def tensordot(b: Any, a: Any, c: Any, axes: Any = 2) -> gast.expr | None:
    given, rank = b.known(axes), b.rank(a)
    if given is NO_VALUE or rank is None or not b.varies(a) or b.varies(c):
        return None
    if isinstance(given, int):
        given = (list(range(rank - given, rank)), list(range(given)))
    first, second = ([part] if isinstance(part, int) else list(part) for part in given)
    led = ([axis % rank + 1 for axis in first], second)
    return b.np("tensordot", b(a), clone(c), axes=constant(led))  # type: ignore[no-any-return]


@batched(np.einsum)
def einsum(b: Any, subscripts: Any, *operands: Any) -> gast.expr | None:
    """The leading axis gets a letter of its own."""
    text = b.known(subscripts)
    varying = [k for k, operand in enumerate(operands) if b.varies(operand)]
    if not isinstance(text, str) or len(varying) != 1 or "->" not in text or "." in text:
        return None
    inputs, result = text.replace(" ", "").split("->")
    letter = next(letter for letter in "kzqwvuABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in text)
    parts = inputs.split(",")
    parts[varying[0]] = letter + parts[varying[0]]
    given = [b(operand) if k in varying else clone(operand) for k, operand in enumerate(operands)]
    return b.np("einsum", constant(f"{','.join(parts)}->{letter}{result}"), *given)  # type: ignore[no-any-return]


@batched(np.linalg.solve)
def solve(b: Any, a: Any, c: Any) -> gast.expr | None:
    """Right-hand sides of all directions are the columns of one."""
    rank = b.rank(c)
    if b.varies(a) or b.rank(a) != 2 or rank not in (1, 2):
        return None
    function = b.object_node(np.linalg.solve)
    if rank == 2:
        return call(function, clone(a), b(c))
    columns = gast.Attribute(b(c), "T", gast.Load())
    return gast.Attribute(call(function, clone(a), columns), "T", gast.Load())
