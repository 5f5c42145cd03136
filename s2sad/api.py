"""What users call: `grad`, `value_and_grad`, `vjp`, `jvp`, `stop_gradient`."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from s2sad.arguments import Argnums
from s2sad.derivative import Derivative
from s2sad.errors import NotDifferentiable
from s2sad.kept import kept
from s2sad.options import make_options
from s2sad.runtime.control import stop_gradient
from s2sad.specialization import zero_cotangent
from s2sad.structure import leaves, map_leaves, same_structure

__all__ = ["grad", "jit", "jvp", "stop_gradient", "value_and_grad", "vjp"]


def grad(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, **options: Any
) -> Any:
    """Make the function that returns the gradient of `fun`.

    Parameters
    ----------
    fun : callable
        Function that returns a scalar.  Left out, a decorator is returned: ``@grad(argnums="w")``.
    argnums : int, str or sequence of these, default 0
        The parameters to differentiate with respect to, by position or name.
    has_aux : bool, default False
        Whether `fun` returns ``(value, aux)``; the result is then ``(gradient, aux)``.
    **options
        ``backend``, ``kinks``, ``where``, ``check_finite``, ``optimize``: see `s2sad.options.Options`.

    Returns
    -------
    Derivative
        Takes the arguments of `fun`, and returns the gradient: of the structure, shapes and dtypes of the argument;
        for a sequence of `argnums` a tuple of gradients.

    Raises
    ------
    NonScalarOutput
        When called, if `fun` returns an array that is not 0-d.
    NotDifferentiable
        When called, if an argument in `argnums` has no derivative.

    Examples
    --------
    >>> from s2sad import grad
    >>> @grad
    ... def cube(x):
    ...     return x * x * x
    >>> cube(2.0)
    12.0
    """
    return _derivative(fun, "grad", argnums, has_aux, options)


def value_and_grad(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, **options: Any
) -> Any:
    """Make the function that returns both the value of `fun` and its gradient.

    Parameters
    ----------
    fun : callable
        Function that returns a scalar.  Left out, a decorator is returned.
    argnums : int, str or sequence of these, default 0
        The parameters to differentiate with respect to, by position or name.
    has_aux : bool, default False
        Whether `fun` returns ``(value, aux)``; the result is then ``((value, aux), gradient)``.
    **options
        As for `grad`.

    Returns
    -------
    Derivative
        Takes the arguments of `fun` and returns ``(value, gradient)``.

    Examples
    --------
    >>> from s2sad import value_and_grad
    >>> def area(w, h):
    ...     return w * h
    >>> value_and_grad(area, argnums=("w", "h"))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return _derivative(fun, "value_and_grad", argnums, has_aux, options)


def _derivative(
    fun: Callable[..., Any] | None, mode: str, argnums: Argnums, has_aux: bool, options: dict[str, Any]
) -> Any:
    checked = make_options(options)
    if fun is None:
        return functools.partial(Derivative, mode=mode, argnums=argnums, has_aux=has_aux, options=checked)
    return Derivative(fun, mode, argnums, has_aux, checked)


def jit(fun: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Make the function that computes what `fun` does, as machine code.

    Its array statements run as loops, as in derivatives under ``backend="numba"``.  Arguments are never written to.

    Parameters
    ----------
    fun : callable
        Any function that s2sad can differentiate.  Left out, a decorator is returned: ``@jit(parallel=True)``.
    **options
        ``backend`` (default ``"numba"``), ``parallel``, ``fastmath``: see `s2sad.options.Options`.

    Returns
    -------
    Derivative
        Takes the arguments of `fun` and returns what `fun` returns; ``.source`` shows the loops.

    Raises
    ------
    BackendError
        When called, if Numba cannot compile the function, or if it writes to its arguments.

    Examples
    --------
    >>> from s2sad import jit
    >>> @jit(backend="auto")
    ... def area(w, h):
    ...     return w * h
    >>> area(2.0, 3.0)
    6.0
    """
    checked = make_options({"backend": "numba", **options})
    if fun is None:
        return functools.partial(Derivative, mode="primal", argnums=(), options=checked)
    return Derivative(fun, "primal", (), False, checked)


class Pullback:
    """The linear map from a cotangent of the result to cotangents of the primals, at one point.

    Made by `vjp`; may be called many times.  ``.source`` is the emitted source.
    """

    def __init__(self, apply: Callable[[Any], tuple[Any, ...]], value: Any, source: str, name: str) -> None:
        self._apply = apply
        self._value = value
        self.source = source
        self.__name__ = f"pullback of {name}"

    def __call__(self, cotangent: Any) -> tuple[Any, ...]:
        """The product of `cotangent`, which has the structure of the value, with the Jacobian."""
        return self._apply(_shaped_like(cotangent, self._value, "the cotangent", "the value"))

    def __repr__(self) -> str:
        return f"<{self.__name__}>"


def vjp(fun: Callable[..., Any], *primals: Any, has_aux: bool = False, **options: Any) -> tuple[Any, ...]:
    """Value of `fun` at a point, and the pullback there.

    Parameters
    ----------
    fun : callable
        Function of the primals; may return any structure of numbers and arrays.
    *primals
        The point: one differentiable argument for each.
    has_aux : bool, default False
        Whether `fun` returns ``(value, aux)``; a third result is then aux.
    **options
        As for `grad`.

    Returns
    -------
    value
        What `fun` returns.
    pullback : Pullback
        ``pullback(cotangent)`` is a tuple of cotangents, one per primal.  It keeps the point: arrays that are changed
        after this call, the primals' or the value's, do not change what it gives.

    Examples
    --------
    >>> from s2sad import vjp
    >>> def area(w, h):
    ...     return w * h
    >>> value, pullback = vjp(area, 2.0, 3.0)
    >>> value, pullback(10.0)
    (6.0, (30.0, 20.0))
    """
    derivative = _of_all(fun, "vjp", len(primals), options)
    values = derivative.bind(primals, {})
    made = derivative.at(values)
    value, saved = made.push(values)
    pull, source = functools.partial(made.pull, kept(saved, values, value)), made.source
    if not has_aux:
        return value, Pullback(pull, value, source, derivative.primal_name)
    value, aux = value
    silent = map_leaves(zero_cotangent, aux)
    return value, Pullback(lambda bar: pull((bar, silent)), value, source, derivative.primal_name), aux


def jvp(
    fun: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    has_aux: bool = False,
    **options: Any,
) -> tuple[Any, ...]:
    """Value of `fun` at a point, and its derivative in one direction.

    Parameters
    ----------
    fun : callable
        Function of the primals.
    primals : sequence
        The point: one differentiable argument for each.
    tangents : sequence
        The direction: of the structure and shapes of `primals`.
    has_aux : bool, default False
        Whether `fun` returns ``(value, aux)``; a third result is then aux.
    **options
        As for `grad`.

    Returns
    -------
    value
        What `fun` returns.
    tangent
        The directional derivative, of the structure of the value.  Integers and bools do not move: theirs is 0.0, or
        an array of float zeros; what is no number (None, a string) stands for itself.

    Examples
    --------
    >>> from s2sad import jvp
    >>> def area(w, h):
    ...     return w * h
    >>> jvp(area, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError(
            "jvp: primals and tangents must be tuples or lists, one item for each argument of fun"
        )
    if len(primals) != len(tangents):
        raise TypeError(f"jvp: {len(primals)} primals and {len(tangents)} tangents: give one for each")
    derivative = _of_all(fun, "jvp", len(primals), options)
    directions = [
        _shaped_like(tangent, primal, f"tangents[{k}]", f"primals[{k}]")
        for k, (primal, tangent) in enumerate(zip(primals, tangents))
    ]
    value, tangent = push_forward(derivative, derivative.bind(tuple(primals), {}), directions)
    return (value[0], tangent[0], value[1]) if has_aux else (value, tangent)


def push_forward(derivative: Derivative, values: tuple[Any, ...], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Value and tangent of a derivative of mode ``jvp``; one tangent for each of its `wrt`."""
    return derivative.at(values).call(*values, *tangents)


def pullback_at(
    derivative: Derivative, values: tuple[Any, ...]
) -> tuple[Any, Callable[[Any], tuple[Any, ...]], str]:
    """Value, pullback and source of a derivative of mode ``vjp``; one cotangent for each of its `wrt`."""
    made = derivative.at(values)
    value, saved = made.push(values)
    return value, functools.partial(made.pull, saved), made.source


# Derivatives made on the way by `vjp` and `jvp`, so that a second call with the same function does not compile.
_RECENT: OrderedDict[Any, Derivative] = OrderedDict()
_RECENT_LIMIT = 128
_RECENT_LOCK = threading.Lock()


def recent_derivative(
    fun: Callable[..., Any], mode: str, argnums: tuple[int | str, ...], options: dict[str, Any]
) -> Derivative:
    """The derivative of `fun` in this mode: the one made before if there is one."""
    checked = make_options(options)
    key = (id(fun), mode, argnums, checked)  # the entry holds `fun`, so its id stays its own
    with _RECENT_LOCK:
        found = _RECENT.get(key)
        if found is None:
            found = _RECENT[key] = Derivative(fun, mode, argnums, False, checked)
        _RECENT.move_to_end(key)
        while len(_RECENT) > _RECENT_LIMIT:
            _RECENT.popitem(last=False)
        return found


def _of_all(fun: Callable[..., Any], mode: str, count: int, options: dict[str, Any]) -> Derivative:
    return recent_derivative(fun, mode, tuple(range(count)), options)


def _shaped_like(given: Any, model: Any, what: str, of: str) -> Any:
    """`given` with the structure, shapes and dtypes of `model`; an error says where it has others."""
    if not same_structure(given, model):
        raise TypeError(f"{what} must have the structure of {of}: {_outline(model)}, not {_outline(given)}")
    selectors = iter([where for where, _ in leaves(model)])
    return map_leaves(lambda leaf, like: _leaf_like(leaf, like, what + next(selectors), of), given, model)


def _leaf_like(leaf: Any, like: Any, what: str, of: str) -> Any:
    if not isinstance(like, (int, float, complex, np.ndarray, np.generic)):
        return leaf
    if leaf is None and not isinstance(like, (float, complex)):
        return leaf
    try:
        array = np.asarray(leaf)
    except ValueError:
        raise TypeError(f"{what} is not a number or an array: {leaf!r}") from None
    if array.dtype.kind not in "biufc":
        raise NotDifferentiable(f"{what} is not a number or an array of numbers: {leaf!r}")
    if array.shape != np.shape(like):
        raise ValueError(f"{what} has shape {array.shape}; in {of} it is {np.shape(like)}")
    if isinstance(like, np.ndarray):
        return array.astype(_cotangent_dtype(like.dtype), copy=False)
    return leaf if isinstance(leaf, (float, complex, np.generic)) else array.astype(float)[()]


def _cotangent_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype if dtype.kind in "fc" else np.dtype(float)


def _outline(value: Any) -> str:
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return "a single value"
