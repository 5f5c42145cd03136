"""The type of a primitive's result, from the types of its arguments."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from s2sad.rules.probe import probe
from s2sad.rules.record import Rule
from s2sad.signature import WEAK, Array, ListOf, Opaque, Scalar, Sequence, Type, broadcast

_NUMBERS = frozenset([Scalar, Array])
_ONLY_SCALARS = frozenset([Scalar])


def result_type(primitive: Any, rule: Rule | None, args: list[Type], keywords: dict[str, Type]) -> Type:
    """What is known of ``primitive(*args, **keywords)``."""
    if rule is not None and rule.infer is not None:
        return rule.infer(*args, **keywords)
    if not keywords and args and _NUMBERS.issuperset([arg.__class__ for arg in args]):
        if getattr(primitive, "nout", 0) == 1 or getattr(primitive, "__module__", "") == "_operator":
            return _elementwise(primitive, args)
    if rule is not None and rule.kind == "elementwise" and not keywords:
        return _elementwise(primitive, args)
    return probe(primitive, args, keywords)


@lru_cache(maxsize=4096)
def _of_numbers(primitive: Any, args: tuple[Type, ...]) -> Type:
    return probe(primitive, args, {})


def _elementwise(primitive: Any, args: list[Type]) -> Type:
    """Shapes broadcast symbolically; the dtype is tried on numbers."""
    if _ONLY_SCALARS.issuperset([arg.__class__ for arg in args]):
        return _of_numbers(primitive, tuple(args))
    if any(isinstance(arg, Opaque) for arg in args):
        return Array("float64", None)
    if any(isinstance(arg, (Sequence, ListOf)) for arg in args):  # a tuple, as often as an int says
        return probe(primitive, args, {})
    numbers = [arg for arg in args if isinstance(arg, (Scalar, Array))]
    stripped: list[Type] = [Array(arg.dtype, (2,)) if isinstance(arg, Array) else arg for arg in args]
    tried = probe(primitive, stripped, {})
    dtype = tried.dtype if isinstance(tried, (Scalar, Array)) else "float64"
    shape = broadcast(*numbers)
    if dtype in WEAK:
        dtype = np.dtype(WEAK[dtype]).name
    return Scalar(dtype) if shape == () else Array(dtype, shape)
