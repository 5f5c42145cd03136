"""The dot-product test: forward and reverse mode are transposes of each other, to rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from s2sad.api import pullback_at, push_forward, recent_derivative
from s2sad.arguments import per_parameter, promoted
from s2sad.testing.finite_differences import precision
from s2sad.testing.vectors import inner, is_differentiable, random_like


def dot_product_test(
    fun: Callable[..., Any],
    args: Sequence[Any],
    argnums: Sequence[int | str] | None = None,
    *,
    kwargs: Mapping[str, Any] | None = None,
    seed: int = 0,
    **options: Any,
) -> float:
    """How far ``<y_bar, J x_dot>`` is from ``<J^T y_bar, x_dot>`` for random directions.

    Parameters
    ----------
    fun : callable
        The function.
    args : sequence
        Its positional arguments.
    argnums : sequence of int or str, optional
        The arguments to differentiate with respect to; by default all that hold floats.
    kwargs : mapping from str to any, optional
        Its keyword arguments.
    seed : int, default 0
        Of the directions.
    **options
        As for `grad`.

    Returns
    -------
    float
        The difference relative to the size of the terms; rounding error for derivatives that agree.

    Examples
    --------
    >>> from s2sad.testing import dot_product_test
    >>> def f(x, y):
    ...     return x * y
    >>> dot_product_test(f, (2.0, 3.0)) < 1e-12
    True
    """
    chosen = differentiable_argnums(per_parameter(fun, args)) if argnums is None else tuple(argnums)
    forward = recent_derivative(fun, "jvp", chosen, options)
    reverse = recent_derivative(fun, "vjp", chosen, options)
    values = forward.bind(tuple(args), dict(kwargs or {}))
    rng = np.random.default_rng(seed)
    points = [promoted(values[k]) for k in forward.positions]
    x_dot = [random_like(point, rng) for point in points]
    value, y_dot = push_forward(forward, values, x_dot)
    y_bar = random_like(value, rng)
    x_bar = pullback_at(reverse, values)[1](y_bar)
    by_forward, by_reverse = inner(y_bar, y_dot), inner(list(x_bar), x_dot)
    terms = max(_size(y_bar, y_dot), _size(list(x_bar), x_dot))  # of both, which may cancel
    # rounding is seen where the derivative itself is zero: what results of this size have of it, and no more
    usual = _size(y_bar, value) * min(_length(x_dot) / (_length(points) or np.inf), 1.0)
    floor = 0.01 * usual if np.isfinite(usual) else 0.0
    return abs(by_forward - by_reverse) / max(terms, floor, 1e-300)


def _size(a: Any, b: Any) -> float:
    """The size of the terms of an inner product, by Cauchy and Schwarz."""
    return _length(a) * _length(b)


def _length(a: Any) -> float:
    return float(np.sqrt(inner(a, a)))


def dot_product_tolerance(args: Sequence[Any]) -> float:
    """How far the two modes may be apart by rounding."""
    return 1e4 * precision(list(args))


def differentiable_argnums(args: Sequence[Any]) -> tuple[int, ...]:
    """The positions of the arguments that hold floats."""
    return tuple(k for k, arg in enumerate(args) if is_differentiable(arg))
