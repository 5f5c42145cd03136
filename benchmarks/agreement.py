"""Whether two values and gradients are the same: asked before anything is timed."""

from __future__ import annotations

from typing import Any

import numpy as np

TOLERANCE = 1e-7


def leaves(result: Any) -> list[np.ndarray]:
    """The numbers and arrays of nested tuples, lists and dicts, in order."""
    if isinstance(result, dict):
        return [leaf for value in result.values() for leaf in leaves(value)]
    if isinstance(result, (tuple, list)):
        return [leaf for value in result for leaf in leaves(value)]
    if hasattr(result, "detach"):
        result = result.detach()
    return [np.asarray(result, dtype=float)]


def aligned(got: Any, expected: Any) -> Any:
    """`got` with its dicts in the order of those of `expected`: some tools sort the keys."""
    if isinstance(expected, dict) and isinstance(got, dict) and set(expected) == set(got):
        return {key: aligned(got[key], value) for key, value in expected.items()}
    if isinstance(expected, (tuple, list)) and isinstance(got, (tuple, list)) and len(got) == len(expected):
        return [aligned(p, q) for p, q in zip(got, expected)]
    return got


def difference(got: Any, expected: Any) -> str | None:
    """How `got` differs from `expected`, relative to the largest item of each leaf; None if it does not."""
    ours, theirs = leaves(aligned(got, expected)), leaves(expected)
    if len(ours) != len(theirs):
        return f"{len(ours)} numbers and arrays instead of {len(theirs)}"
    for k, (p, q) in enumerate(zip(ours, theirs)):
        p = p.reshape(q.shape) if p.size == q.size else p
        if p.shape != q.shape:
            return f"item {k} has the shape {p.shape} instead of {q.shape}"
        error = np.max(np.abs(p - q), initial=0.0) / max(np.max(np.abs(q), initial=0.0), 1e-300)
        if not error <= TOLERANCE:
            return f"item {k} differs by {error:.1e} of its largest item"
    return None
