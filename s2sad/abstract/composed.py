"""NumPy functions that are a few lines of others: where they carry a derivative, those lines are entered."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import structural
from s2sad.abstract.values import Value
from s2sad.rules.record import parameters_of
from s2sad.runtime.composed import grids, matrices, numbers, polynomials, selection, spectra, statistics
from s2sad.signature import Scalar
from s2sad.tree.build import constant

COMPOSED: dict[Any, Any] = {}
"""NumPy's functions, and the plain Python that stands for each."""

_HOMES: tuple[tuple[Any, Any], ...] = (
    (np, grids), (np, polynomials), (np, statistics), (np, numbers), (np, selection), (np.fft, spectra),
    (np.linalg, matrices),
)  # fmt: skip
for _owner, _module in _HOMES:
    for _name, _lines in vars(_module).items():
        if getattr(_lines, "__module__", None) == _module.__name__ and hasattr(_owner, _name):
            COMPOSED[getattr(_owner, _name)] = _lines
for _name in ("vecdot", "matvec", "vecmat"):  # matvec and vecmat are newer than NumPy 2.0
    if hasattr(np, _name):
        COMPOSED[getattr(np, _name)] = getattr(matrices, _name)

_QUANTILE = ("out", "overwrite_input", "method", "keepdims")
REFUSED: dict[Any, tuple[str, ...]] = {
    statistics.cov: ("fweights", "aweights"), statistics.quantile: _QUANTILE, statistics.percentile: _QUANTILE,
    statistics.nanvar: ("dtype", "out"), statistics.nanstd: ("dtype", "out"), numbers.nanprod: ("dtype", "out"),
    numbers.nancumsum: ("dtype", "out"), numbers.nancumprod: ("dtype", "out"), numbers.logspace: ("dtype",),
}  # fmt: skip
"""Arguments that may only have their default where a derivative flows."""


def _enter(
    lines: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """The lines, where a derivative flows; elsewhere NumPy's own function runs."""
    if at.passive or not any(value.varied for value in [*args, *keywords.values()]):
        return None
    _check(lines, at, args, keywords, node)
    made: Value = at.enter(function_of(lines, at), args, keywords, node)
    if made.known is None:  # they only raise; a number, so that this is what the caller hears of
        return Value(Scalar("float"), constant(0.0))
    return made


def _check(lines: Any, at: Any, args: list[Value], keywords: dict[str, Value], node: Any) -> None:
    """Refuse the arguments that the lines do not take."""
    parameters = parameters_of(lines)
    for key, value in [*zip(parameters, args), *keywords.items()]:
        refused = key in REFUSED.get(lines, ()) and value.known != parameters[key].default
        if refused or key not in parameters:
            raise at.refuse(
                "S109", f"`{key}` of {lines.__doc__.split('``')[1]}, of differentiated values",
                "leave it out, or write the formula out", node,
            )  # fmt: skip


for _function, _lines in COMPOSED.items():
    structural(_function)(functools.partial(_enter, _lines))
