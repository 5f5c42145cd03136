"""`check_grads`: forward and reverse mode against central differences, element by element."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from s2sad.api import pullback_at, push_forward, recent_derivative
from s2sad.arguments import per_parameter, promoted
from s2sad.derivative import Derivative
from s2sad.structure import leaves, map_leaves
from s2sad.testing.dot_product import differentiable_argnums, dot_product_test, dot_product_tolerance
from s2sad.testing.finite_differences import central_difference, complex_step, precision, step_length
from s2sad.testing.vectors import in_double, inner, is_number, largest, random_like, unit_tangents

MODES = ("fwd", "rev")
MAX_ELEMENTS = 64
_RTOL_DOUBLE = 1e-6
_NOISE = 20.0  # rounding errors in a difference quotient, in units of precision * value / step


@dataclass(frozen=True)
class Mismatch:
    """One element of a derivative that differs from what the primal shows."""

    mode: str
    where: str
    of: str
    got: Any
    expected: Any

    def __str__(self) -> str:
        name = {"fwd": "forward mode", "rev": "reverse mode"}[self.mode]
        of = f"of result{self.of} " if self.of else ""
        return (
            f"{name}, derivative {of}with respect to {self.where}: got {self.got}, expected {self.expected}"
        )


@dataclass
class Report:
    """What the comparison found for one argument; errors are relative to the largest derivative."""

    argument: str
    elements: int = 0
    checked: int = 0
    errors: dict[str, float] = field(default_factory=dict)
    complex_error: float | None = None
    mismatches: list[Mismatch] = field(default_factory=list)


def check_grads(
    fun: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = MODES,
    rtol: float | None = None,
    atol: float | None = None,
    eps: float | None = None,
    **options: Any,
) -> None:
    """Check the derivatives of a function against central differences.

    Parameters
    ----------
    fun : callable
        Function of `args`; may return any structure of numbers and arrays.
    args : sequence
        Its positional arguments.  Those that hold floats are differentiated with respect to; others are constants.
        Of an argument with more than 64 elements, 64 drawn at random are checked.
    order : {1, 2}, default 1
        With 2, the derivative's own derivatives are checked too.
    modes : sequence of {"fwd", "rev"}
        The modes to check; with both, they are also checked against each other.
    rtol, atol : float, optional
        Tolerances; by default from the precision of the arguments and the result.
    eps : float, optional
        Relative step of the differences.
    **options
        As for `grad`.

    Raises
    ------
    AssertionError
        If a derivative is wrong; names the argument, the element, what was got and what was expected.

    Examples
    --------
    >>> from s2sad import check_grads
    >>> def f(x, n):
    ...     return x ** n
    >>> check_grads(f, (1.5, 3))
    """
    if order not in (1, 2):
        raise ValueError(f"order={order!r}: check_grads checks order 1 or 2")
    args = tuple(args)
    reports = compare(fun, args, None, modes, rtol, atol, eps, options)
    mismatches = [mismatch for report in reports for mismatch in report.mismatches]
    if mismatches:
        name = getattr(fun, "__name__", repr(fun))
        shown = "\n".join(f"  {mismatch}" for mismatch in mismatches[:5])
        more = f"\n  and {len(mismatches) - 5} more" if len(mismatches) > 5 else ""
        raise AssertionError(f"derivatives of {name} are wrong:\n{shown}{more}")
    if set(modes) == set(MODES):
        _check_transpose(fun, args, options)
    if order == 2:
        _check_second_order(fun, args, modes, (rtol, atol, eps), options)


def _check_transpose(fun: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> None:
    error = dot_product_test(fun, args, **options)
    if not error <= dot_product_tolerance(args):
        name = getattr(fun, "__name__", repr(fun))
        raise AssertionError(f"forward and reverse mode of {name} disagree: relative difference {error:.2e}")


def _check_second_order(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    modes: Sequence[str],
    tolerances: tuple[float | None, float | None, float | None],
    options: dict[str, Any],
) -> None:
    """Differentiate the emitted tangent program, a function of the point and the direction."""
    derivative = recent_derivative(fun, "jvp", differentiable_argnums(per_parameter(fun, args)), options)
    values = derivative.bind(args, {})
    rng = np.random.default_rng(1)
    directions = [random_like(promoted(values[k]), rng) for k in derivative.positions]
    made = derivative.at(values)
    check_grads(
        made.compiled.function, (*made.prepare(values), *directions), 1, modes, *tolerances, **options
    )


def compare(
    fun: Callable[..., Any],
    args: Sequence[Any],
    argnums: Sequence[int | str] | None,
    modes: Sequence[str] = MODES,
    rtol: float | None = None,
    atol: float | None = None,
    eps: float | None = None,
    options: dict[str, Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
) -> list[Report]:
    """Compare both modes with differences of the primal: one report for each argument."""
    for mode in modes:
        if mode not in MODES:
            raise ValueError(f"mode {mode!r} is not known: choose from {', '.join(map(repr, MODES))}")
    chosen = differentiable_argnums(per_parameter(fun, args)) if argnums is None else tuple(argnums)
    if not chosen:
        raise TypeError("no argument holds a float: there is nothing to differentiate with respect to")
    forward = recent_derivative(fun, "jvp", chosen, options or {})
    reverse = recent_derivative(fun, "vjp", chosen, options or {})
    values = forward.bind(tuple(args), dict(kwargs or {}))
    comparison = _Comparison(forward, reverse, values, tuple(modes), rtol, atol, eps)
    return [comparison.report(k) for k in range(len(chosen))]


class _Comparison:
    """The derivatives of a function at a point, ready to be compared element by element."""

    def __init__(
        self,
        forward: Derivative,
        reverse: Derivative,
        values: tuple[Any, ...],
        modes: tuple[str, ...],
        rtol: float | None,
        atol: float | None,
        eps: float | None,
    ) -> None:
        self.modes, self.eps, self.atol = modes, eps, atol
        self.rng = np.random.default_rng(0)
        self.forward, self.values = forward, values
        self.positions = self.forward.positions
        self.fun = self.forward.primal_of_values
        self.points = [promoted(v) if k in self.positions else v for k, v in enumerate(self.values)]
        value = self.fun(*map(in_double, self.points))
        self.y_bar = random_like(value, self.rng)
        self.size = largest(value)
        self.precision = precision(value)
        coarse = max(self.precision, precision([self.values[k] for k in self.positions]))
        self.rtol = rtol if rtol is not None else _RTOL_DOUBLE * (coarse / np.finfo(float).eps) ** 0.5
        self.gradients = self._reverse(reverse) if "rev" in modes else ()

    def _reverse(self, reverse: Derivative) -> tuple[Any, ...]:
        value, pull, _ = pullback_at(reverse, self.values)
        return pull(map_leaves(_of_precision, self.y_bar, value))

    def report(self, k: int) -> Report:
        """Compare the derivatives with respect to the k-th chosen argument."""
        point = self.points[self.positions[k]]
        units = list(unit_tangents(point, self.forward.wrt[k], MAX_ELEMENTS, self.rng))
        columns = [self._column(k, unit) for _, unit in units]
        scale = max((largest(column) for column in columns), default=0.0)
        total = sum(np.size(leaf) for _, leaf in leaves(point) if is_number(leaf))
        report = Report(self.forward.wrt[k], total, len(units))
        for (where, unit), column in zip(units, columns):
            for mode in self.modes:
                got, expected = self._both(mode, k, unit, column)
                self._judge(report, mode, where, got, expected, unit, k)
        for mode in self.modes:
            report.errors[mode] = report.errors.get(mode, 0.0) / (scale or 1.0)
        report.complex_error = self._complex_error(k, units, columns)
        return report

    def _tangents(self, k: int, unit: Any) -> list[Any]:
        return [unit if place == self.positions[k] else None for place in range(len(self.points))]

    def _column(self, k: int, unit: Any) -> Any:
        return central_difference(self.fun, self.points, self._tangents(k, unit), self.eps)

    def _both(self, mode: str, k: int, unit: Any, column: Any) -> tuple[Any, Any]:
        """What s2sad gives for an element, and what the differences give."""
        if mode == "rev":
            return inner(self.gradients[k], unit), inner(self.y_bar, column)
        zero = [
            map_leaves(lambda leaf: 0 * leaf if is_number(leaf) else None, self.points[p])
            for p in self.positions
        ]
        zero[k] = unit
        return push_forward(self.forward, self.values, zero)[1], column

    def _judge(
        self, report: Report, mode: str, where: str, got: Any, expected: Any, unit: Any, k: int
    ) -> None:
        error = _distance(got, expected)
        report.errors[mode] = max(report.errors.get(mode, 0.0), error)
        if not error <= self._allowed(max(largest(got), largest(expected)), unit, k):
            report.mismatches.append(Mismatch(mode, where, *_furthest(got, expected)))

    def _allowed(self, size: float, unit: Any, k: int) -> float:
        step = step_length(self.fun, self.points, self._tangents(k, unit), self.eps)
        noise = _NOISE * self.precision * (self.size + 1e-3) / step
        return self.rtol * size + (self.atol if self.atol is not None else 0.1 * self.rtol) + noise

    def _complex_error(self, k: int, units: list[tuple[str, Any]], columns: list[Any]) -> float | None:
        """Error of reverse (or forward) mode against complex steps; None where the primal does not take them."""
        worst, scale = 0.0, max((largest(column) for column in columns), default=0.0) or 1.0
        for (_, unit), column in zip(units, columns):
            exact = complex_step(self.fun, self.points, self._tangents(k, unit))
            # far from the difference: the primal runs on complex numbers, but is not analytic
            if exact is None or _distance(exact, column) > 1e-3 * scale:
                return None
            mode = self.modes[-1]
            got, expected = self._both(mode, k, unit, exact)
            worst = max(worst, _distance(got, expected))
        return worst / scale if units else None


def _of_precision(drawn: Any, model: Any) -> Any:
    """A cotangent in the precision in which the result was computed."""
    if drawn is None or not isinstance(model, (np.ndarray, np.generic)):
        return drawn
    return np.asarray(drawn).astype(model.dtype)[()] if model.ndim == 0 else drawn.astype(model.dtype)


def _distance(got: Any, expected: Any) -> float:
    """The largest difference between two values of one structure; infinite where only one is a number."""
    return max((apart for _, _, _, apart in _differences(got, expected)), default=0.0)


def _furthest(got: Any, expected: Any) -> tuple[str, Any, Any]:
    """Where in a result two derivatives differ most, and both."""
    where, mine, theirs, _ = max(_differences(got, expected), key=lambda found: found[3])
    return where, mine, theirs


def _differences(got: Any, expected: Any) -> Iterator[tuple[str, Any, Any, float]]:
    """For each leaf, where it differs most, both elements there, and by how much."""
    for (where, p), (_, q) in zip(leaves(got), leaves(expected)):
        if p is None or q is None or not np.size(p):
            continue
        mine, theirs = np.broadcast_arrays(np.asarray(p), np.asarray(q))
        apart = np.abs(mine.astype(complex) - theirs.astype(complex))
        apart = np.where(np.isnan(apart), np.inf, apart)
        index = np.unravel_index(np.argmax(apart), apart.shape)
        subscript = f"[{', '.join(map(str, index))}]" if index else ""
        yield where + subscript, mine[index].item(), theirs[index].item(), float(apart[index])
