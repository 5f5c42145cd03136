"""NumPy functions that are a few lines of others: where they carry a derivative, those lines are entered."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import structural
from s2sad.abstract.values import Value
from s2sad.runtime.composed import grids, polynomials, spectra
from s2sad.signature import Scalar
from s2sad.tree.build import constant

COMPOSED: dict[Any, Any] = {}
"""NumPy's functions, and the plain Python that stands for each."""

for _owner, _module in ((np, grids), (np, polynomials), (np.fft, spectra)):
    for _name, _lines in vars(_module).items():
        if getattr(_lines, "__module__", None) == _module.__name__ and hasattr(_owner, _name):
            COMPOSED[getattr(_owner, _name)] = _lines


def _enter(
    lines: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """The lines, where a derivative flows; elsewhere NumPy's own function runs."""
    if at.passive or not any(value.varied for value in [*args, *keywords.values()]):
        return None
    made: Value = at.enter(function_of(lines, at), args, keywords, node)
    if made.known is None:  # they only raise; a number, so that this is what the caller hears of
        return Value(Scalar("float"), constant(0.0))
    return made


for _function, _lines in COMPOSED.items():
    structural(_function)(functools.partial(_enter, _lines))
