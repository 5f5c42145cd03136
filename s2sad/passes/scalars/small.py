"""What a short vector is, and its numbers as they stand in core: an array of expressions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import gast
import numpy as np

from s2sad.signature import Array, Scalar, Type
from s2sad.tree.build import constant

LARGEST = 4
"""The most numbers that an array may have to be worked on as numbers."""


class Unfit(Exception):
    """An expression that cannot be spelled with numbers."""


def is_small(known: Type | None) -> bool:
    """Whether values of a type can be worked on as Python floats: short arrays of known shape, and NumPy's floats."""
    if isinstance(known, Scalar):
        return known.dtype == "float64"
    if not isinstance(known, Array) or known.dtype != "float64" or not known.shape:
        return False
    return all(isinstance(size, int) for size in known.shape) and 0 < math.prod(known.shape) <= LARGEST  # type: ignore[arg-type]


def shape_of(known: Type) -> tuple[int, ...]:
    """The shape of a short vector, that of a number being empty."""
    return tuple(known.shape)  # type: ignore[attr-defined]


def indices(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The index of each number, in the order of memory."""
    return itertools.product(*map(range, shape))


def filled(shape: tuple[int, ...], make: Callable[[tuple[int, ...]], Any]) -> np.ndarray:
    """An array of what `make` gives for each index."""
    items = np.empty(shape, object)
    for index in indices(shape):
        items[index] = make(index)
    return items


def single(node: gast.expr) -> np.ndarray:
    """One number, as an array of no dimension."""
    return filled((), lambda index: node)


def is_atom(node: Any) -> bool:
    """Whether an expression costs nothing to write twice."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        return isinstance(node.operand, gast.Constant)
    return isinstance(node, (gast.Name, gast.Constant))


def as_nodes(items: Any) -> np.ndarray:
    """What NumPy made of an array of expressions: the numbers that it put in become constants."""
    array = np.asarray(items, object)
    return filled(
        array.shape, lambda i: array[i] if isinstance(array[i], gast.AST) else constant(float(array[i]))
    )


def as_array(part: Any) -> np.ndarray:
    """A part of an array of expressions; one expression as an array of no dimension."""
    return part if isinstance(part, np.ndarray) else single(part)
