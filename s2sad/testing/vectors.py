"""Arguments and results as vectors: inner products, unit and random directions, steps along them.

The inner product of complex numbers is the real one, ``Re(conj(a) * b)``: with it, the gradient of a real function
with respect to ``x + iy`` is ``dL/dx + i dL/dy``.

>>> inner({"a": 2.0, "b": [1.0]}, {"a": 3.0, "b": [4.0]})
10.0
>>> [where for where, _ in unit_tangents([1.0, 2.0], "x")]
['x[0]', 'x[1]']
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from s2sad.runtime.layout import duplicate
from s2sad.structure import leaves, map_leaves


def is_number(leaf: Any) -> bool:
    """Whether a derivative flows through a leaf: a float or complex scalar or array."""
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.dtype.kind in "fc"
    return isinstance(leaf, (float, complex))


def is_differentiable(value: Any) -> bool:
    """Whether an argument holds numbers that a derivative can be taken of."""
    return any(is_number(leaf) for _, leaf in leaves(value))


def in_double(value: Any) -> Any:
    """A copy of `value` with its numbers in double precision."""
    return map_leaves(_leaf_in_double, value)


def _leaf_in_double(leaf: Any) -> Any:
    if not isinstance(leaf, (np.ndarray, np.generic)):
        return leaf
    if not is_number(leaf):
        return leaf.copy()
    wide = np.result_type(leaf.dtype, np.float64)
    return np.array(leaf, dtype=wide) if isinstance(leaf, np.ndarray) else wide.type(leaf)


def inner(a: Any, b: Any) -> float:
    """The real inner product of two values of one structure; leaves that are not numbers count as zero."""
    pairs = zip(leaves(a), leaves(b))
    return float(
        sum(np.sum(np.real(np.conj(p) * q)) for (_, p), (_, q) in pairs if is_number(p) and is_number(q))
    )


def largest(value: Any) -> float:
    """The largest absolute value in it; 0 if it holds no number."""
    sizes = [np.max(np.abs(leaf)) for _, leaf in leaves(value) if is_number(leaf) and np.size(leaf)]
    return float(max(sizes, default=0.0))


def random_like(value: Any, rng: np.random.Generator) -> Any:
    """Random numbers in the structure of `value`; None in place of leaves that are not numbers."""
    return map_leaves(lambda leaf: _random_leaf(leaf, rng), value)


def _random_leaf(leaf: Any, rng: np.random.Generator) -> Any:
    if not is_number(leaf):
        return None
    drawn = rng.uniform(0.5, 1.5, np.shape(leaf)) * rng.choice([-1.0, 1.0], np.shape(leaf))
    if np.iscomplexobj(leaf):
        drawn = drawn + 1j * rng.uniform(0.5, 1.5, np.shape(leaf))
    return _of_class(drawn, leaf)


def _of_class(numbers: Any, model: Any) -> Any:
    if isinstance(model, np.ndarray):
        return np.asarray(numbers, dtype=model.dtype)
    if isinstance(model, np.generic):
        return model.dtype.type(numbers)
    return type(model)(numbers)


def unit_tangents(
    value: Any, name: str, limit: int | None = None, rng: np.random.Generator | None = None
) -> Iterator[tuple[str, Any]]:
    """Each unit direction with the expression for its element; at most `limit` of them, drawn at random.

    A complex element has two, 1 and 1j; the expression of the second ends in ``.imag``.
    """
    elements = [
        (k, where, index, unit)
        for k, (where, leaf) in enumerate(leaves(value, name))
        if is_number(leaf)
        for index in np.ndindex(np.shape(leaf))
        for unit in ((1.0, 1j) if np.iscomplexobj(leaf) else (1.0,))
    ]
    if limit is not None and len(elements) > limit:
        drawn = (rng or np.random.default_rng(0)).choice(len(elements), limit, replace=False)
        elements = [elements[k] for k in sorted(drawn)]
    for k, where, index, unit in elements:
        subscript = f"[{', '.join(map(str, index))}]" if index else ""
        yield where + subscript + (".imag" if unit == 1j else ""), _unit(value, k, index, unit)


def _unit(value: Any, chosen: int, index: tuple[int, ...], unit: complex) -> Any:
    numbers = iter(range(sum(1 for _ in leaves(value))))

    def fill(leaf: Any) -> Any:
        here = next(numbers) == chosen
        if not is_number(leaf):
            return None
        zeros = np.zeros(np.shape(leaf), dtype=np.asarray(leaf).dtype)
        if here:
            zeros[index] = unit
        return zeros if isinstance(leaf, np.ndarray) else _of_class(zeros[()], leaf)

    return map_leaves(fill, value)


def step_along(value: Any, tangent: Any, length: complex) -> Any:
    """``value + length * tangent``, leaf by leaf, arrays as they lie in memory; leaves that are not numbers stay."""

    def move(leaf: Any, direction: Any) -> Any:
        if direction is None or not is_number(leaf):
            return leaf
        moved = leaf + length * direction
        if not isinstance(leaf, np.ndarray) or moved.dtype != leaf.dtype:
            return moved
        laid = duplicate(leaf)
        laid[...] = moved
        return laid

    return map_leaves(move, value, tangent)
