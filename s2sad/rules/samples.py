"""Arguments at which the generated tests try the rules: deterministic, away from kinks, and cheap to make.

>>> len(positives(2)), len(positives(2)[0])
(3, 2)
>>> [sample.kwargs for sample in arrays("(3,)", axis=[None, 0])]
[{'axis': None}, {'axis': 0}]
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from s2sad.rules.record import Sample

_GOLDEN = 0.6180339887498949


def between(low: float, high: float, n: int = 1, count: int = 3) -> list[tuple[float, ...]]:
    """`count` tuples of `n` numbers spread over an interval, all different."""
    spread = ((k * _GOLDEN + 0.317) % 1.0 for k in itertools.count())
    return [tuple(low + (high - low) * next(spread) for _ in range(n)) for _ in range(count)]


def positives(n: int = 1) -> list[tuple[float, ...]]:
    """Tuples of `n` positive numbers."""
    return between(0.3, 2.7, n)


def reals(n: int = 1) -> list[tuple[float, ...]]:
    """Tuples of `n` numbers of both signs."""
    return between(-2.6, 2.3, n, count=4)


def array(shape: tuple[int, ...], low: float = -2.0, high: float = 2.0, shift: float = 0.0) -> np.ndarray:
    """An array of different numbers of an interval, in no order."""
    steps = np.arange(int(np.prod(shape)))
    return (low + (high - low) * ((steps * _GOLDEN + 0.317 + shift) % 1.0)).reshape(shape)


def arrays(*shapes: str, **choices: list[Any]) -> list[Sample]:
    """An array of each shape with each combination of keyword arguments."""
    made = []
    for shape in shapes:
        size = tuple(int(part) for part in shape.strip("()").split(",") if part.strip())
        for values in itertools.product(*choices.values()):
            made.append(Sample((array(size),), dict(zip(choices, values))))
    return made


REDUCTIONS: dict[str, list[Any]] = {"axis": [None, 0, -1, 1, (0, 1), (-1,)], "keepdims": [False, True]}
"""Every form of the arguments that reductions share."""
