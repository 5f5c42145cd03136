"""Derivatives from values of the primal alone: central differences, and complex steps where it is analytic."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from s2sad.structure import leaves, map_leaves, same_structure
from s2sad.testing.vectors import in_double, is_number, largest, step_along, unit_tangents

_COMPLEX_STEP = 1e-30


def central_difference(
    fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], eps: float | None = None
) -> Any:
    """Directional derivative by a central difference.

    Parameters
    ----------
    fun : callable
        The function.
    primals : sequence
        Its arguments; float32 ones are taken in double precision.
    tangents : sequence
        The direction: for each argument its structure, or None for an argument that is held constant.
    eps : float, optional
        Step relative to the size of the arguments; by default the cube root of the precision of the result.

    Returns
    -------
    any
        The structure of the result of `fun`.

    Examples
    --------
    >>> round(central_difference(lambda x: x ** 3, (2.0,), (1.0,)), 6)
    12.0
    """
    wide = [in_double(primal) for primal in primals]
    length = step_length(fun, wide, tangents, eps)
    above = fun(*_moved(wide, tangents, length))
    below = fun(*_moved(wide, tangents, -length))
    return map_leaves(lambda up, down: _difference(up, down, 2.0 * length), above, below)


def step_length(
    fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], eps: float | None = None
) -> float:
    """The step of `central_difference`."""
    if eps is None:
        eps = precision(fun(*map(in_double, primals))) ** (1 / 3)
    moving = [
        float(np.max(np.abs(np.where(np.asarray(direction) != 0, leaf, 0.0))))
        for primal, tangent in zip(primals, tangents)
        if tangent is not None
        for (_, leaf), (_, direction) in zip(leaves(primal), leaves(tangent))
        if direction is not None and is_number(leaf) and np.size(leaf)
    ]
    reach = max(map(largest, [t for t in tangents if t is not None]), default=1.0) or 1.0
    return eps * max([1.0, *moving]) / reach


def precision(result: Any) -> float:
    """The relative precision of the least precise number in a result; of double precision if there is none."""
    epsilons = [np.finfo(np.asarray(leaf).dtype).eps for _, leaf in leaves(result) if is_number(leaf)]
    return float(max(epsilons, default=np.finfo(float).eps))


def _moved(primals: Sequence[Any], tangents: Sequence[Any], length: complex) -> list[Any]:
    # every call gets its own arrays: a primal may write to them
    return [
        in_double(primal) if tangent is None else step_along(in_double(primal), tangent, length)
        for primal, tangent in zip(primals, tangents)
    ]


def _difference(up: Any, down: Any, width: float) -> Any:
    if not is_number(up):
        return None if not isinstance(up, (int, np.integer)) or isinstance(up, bool) else (up - down) / width
    return (up - down) / width


def complex_step(fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Directional derivative to full precision, ``imag(f(x + ih)) / h``, if `fun` takes complex numbers.

    Parameters
    ----------
    fun : callable
        The function; the result means something only if it is analytic at the point (`abs` is not).
    primals, tangents : sequence
        As for `central_difference`; real.

    Returns
    -------
    any
        The structure of the result of `fun`; None if it does not take complex numbers.

    Examples
    --------
    >>> complex_step(lambda x: x ** 3, (2.0,), (1.0,))
    12.0
    >>> complex_step(lambda x: float(x) ** 3, (2.0,), (1.0,)) is None
    True
    """
    if any(is_number(leaf) and np.iscomplexobj(leaf) for primal in primals for _, leaf in leaves(primal)):
        return None
    wide = [in_double(primal) for primal in primals]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            result = fun(*_moved(wide, tangents, 1j * _COMPLEX_STEP))
            plain = fun(*map(in_double, wide))
    except Exception:  # whatever a function does that is not made for complex numbers
        return None
    if not same_structure(plain, result):
        return None
    return map_leaves(lambda leaf: np.imag(leaf) / _COMPLEX_STEP if is_number(leaf) else None, result)


def numerical_gradient(
    fun: Callable[..., Any], args: Sequence[Any], argnum: int = 0, eps: float | None = None
) -> Any:
    """Gradient of a scalar function by central differences, one pair of calls for each element.

    Parameters
    ----------
    fun : callable
        Function that returns a scalar.
    args : sequence
        Its arguments.
    argnum : int, default 0
        The argument to differentiate with respect to.
    eps : float, optional
        As for `central_difference`.

    Returns
    -------
    any
        The structure of the argument.

    Examples
    --------
    >>> [round(g, 6) for g in numerical_gradient(lambda x: x[0] * x[1], ([2.0, 3.0],))]
    [3.0, 2.0]
    """
    total = map_leaves(lambda leaf: 0.0 * leaf if is_number(leaf) else None, in_double(args[argnum]))
    for _, unit in unit_tangents(args[argnum], "x"):
        tangents = [unit if k == argnum else None for k in range(len(args))]
        total = step_along(total, unit, np.real(central_difference(fun, args, tangents, eps)))
    return total
