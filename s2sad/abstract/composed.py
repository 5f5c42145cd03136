"""NumPy functions that are a few lines of others: where they carry a derivative, those lines are entered."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from s2sad.abstract.functions import function_of
from s2sad.abstract.structural import structural
from s2sad.abstract.values import Value
from s2sad.rules.record import parameters_of
from s2sad.runtime.composed import (
    grids,
    masked,
    matrices,
    numbers,
    polynomials,
    selection,
    spectra,
    statistics,
)
from s2sad.signature import Array, ListOf, Scalar, Sequence, kind_of
from s2sad.tree.build import constant

COMPOSED: dict[Any, Any] = {}
"""NumPy's functions, and the plain Python that stands for each."""

_HOMES: tuple[tuple[Any, Any], ...] = (
    (np, grids), (np, polynomials), (np, statistics), (np, numbers), (np, selection), (np.fft, spectra),
    (np.linalg, matrices),
)  # fmt: skip
_QUANTILE = ("out", "overwrite_input", "method")
REFUSED: dict[Any, tuple[str, ...]] = {
    statistics.cov: ("fweights", "aweights"), statistics.quantile: _QUANTILE, statistics.percentile: _QUANTILE,
    statistics.nanquantile: _QUANTILE, statistics.nanpercentile: _QUANTILE, statistics.nanmedian: _QUANTILE,
    statistics.median: _QUANTILE, statistics.nanvar: ("dtype", "out"), statistics.nanstd: ("dtype", "out"),
    numbers.nanprod: ("dtype", "out"), numbers.nancumsum: ("dtype", "out"), numbers.nancumprod: ("dtype", "out"),
    numbers.logspace: ("dtype",), numbers.linspace: ("dtype",), masked.mean: ("dtype", "out"),
    masked.prod: ("dtype", "out"), masked.max: ("out",), masked.min: ("out",), polynomials.polyfit: ("full", "cov"),
    grids.sliding_window_view: ("subok", "writeable"),
}  # fmt: skip
"""Arguments that may only have their default where a derivative flows."""


def _enter(
    lines: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """The lines, where a derivative flows or a function is given; elsewhere NumPy's own function runs."""
    values = [*args, *keywords.values()]
    if at.passive or not any(value.varied or _calls_back(value) for value in values):
        return None
    _check(lines, at, args, keywords, node)
    made: Value = at.enter(function_of(lines, at), args, keywords, node)
    if lines is grids.sliding_window_view:  # the lines make a copy
        at.refuse_written_view(np.lib.stride_tricks.sliding_window_view, args, made.type, at.site(node), node)
    if made.known is None:  # they only raise; a number, so that this is what the caller hears of
        return Value(Scalar("float"), constant(0.0))
    return made


def _calls_back(value: Value) -> bool:
    """Whether a value is a function of the user's, or holds one."""
    return value.function is not None or any(map(_calls_back, value.items or ()))


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


def _given(*names: str) -> Any:
    """Whether one of some arguments is given."""

    def asked(given: dict[str, Value]) -> bool:
        return any(key in given and not _is_default(given[key]) for key in names)

    return asked


def _is_default(value: Value) -> bool:
    return value.known is None or value.known is True or value.known is np._NoValue


def _several_axes(given: dict[str, Value]) -> bool:
    axis = given.get("axis")
    return axis is not None and isinstance(axis.known, tuple)


def _asks_for_step(given: dict[str, Value]) -> bool:
    return "retstep" in given and given["retstep"].known is True


def _none_at_all(given: dict[str, Value]) -> bool:
    return "n" in given and given["n"].known == 0


def _of_any_length(given: dict[str, Value]) -> bool:
    arrays = given.get("tup")
    return arrays is not None and isinstance(arrays.type, (Array, ListOf))


def _weighs_otherwise(given: dict[str, Value]) -> bool:
    """Whether weights are not of the array's rank, or their sum is asked for too."""
    if "returned" in given and given["returned"].known is not False:
        return True
    weights, a = given.get("weights"), given.get("a")
    if weights is None or a is None or weights.known is None:
        return False
    return _rank(weights) != _rank(a)


def _is_complex(given: dict[str, Value]) -> bool:
    known = given["x"].type if "x" in given else None
    return isinstance(known, (Array, Scalar)) and kind_of(known.dtype) == "complex"


def _rank(value: Value) -> int | None:
    if isinstance(value.type, (ListOf, Sequence)):
        items = value.type.items if isinstance(value.type, Sequence) else (value.type.item,)
        inner = [_rank(Value(item)) for item in items]
        return None if not inner or inner[0] is None else inner[0] + 1
    return value.type.rank if isinstance(value.type, (Array, Scalar)) else None


SELDOM: dict[Any, tuple[Any, Any]] = {
    np.mean: (masked.mean, _given("where")), np.prod: (masked.prod, _given("initial", "where")),
    np.max: (masked.max, _given("initial", "where")), np.amax: (masked.max, _given("initial", "where")),
    np.min: (masked.min, _given("initial", "where")), np.amin: (masked.min, _given("initial", "where")),
    np.average: (statistics.average, _weighs_otherwise), np.median: (statistics.median, _several_axes),
    np.diff: (numbers.diff, _none_at_all), np.linspace: (numbers.linspace, _asks_for_step),
    np.vstack: (selection.vstack, _of_any_length), np.hstack: (selection.hstack, _of_any_length),
    np.column_stack: (selection.column_stack, _of_any_length), np.sign: (numbers.sign, _is_complex),
}  # fmt: skip
"""Functions with a rule, the lines for the forms that it does not take, and how to tell them."""


for _owner, _module in _HOMES:
    for _name, _lines in vars(_module).items():
        _own = getattr(_lines, "__module__", None) == _module.__name__
        if _own and getattr(_owner, _name, None) not in (None, *SELDOM):
            COMPOSED[getattr(_owner, _name)] = _lines
for _name in ("vecdot", "matvec", "vecmat"):  # matvec and vecmat are newer than NumPy 2.0
    if hasattr(np, _name):
        COMPOSED[getattr(np, _name)] = getattr(matrices, _name)

COMPOSED[np.lib.stride_tricks.sliding_window_view] = grids.sliding_window_view


def _enter_seldom(
    lines: Any, asked: Any, at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    given = {**dict(zip(parameters_of(lines), args)), **keywords}
    return _enter(lines, at, args, keywords, hint, node) if asked(given) else None


for _function, _lines in COMPOSED.items():
    structural(_function)(functools.partial(_enter, _lines))
for _function, (_lines, _asked) in SELDOM.items():
    structural(_function)(functools.partial(_enter_seldom, _lines, _asked))
