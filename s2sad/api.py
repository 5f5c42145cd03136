"""What users call: `grad`, `jacobian`, `hessian`, `vjp`, `jvp` and their kin, and `stop_gradient`."""

from __future__ import annotations

import copy
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from s2sad.arguments import Argnums, per_parameter, position_of_star
from s2sad.derivative import Derivative
from s2sad.jacobians import MAKERS
from s2sad.kept import kept
from s2sad.options import make_options
from s2sad.runtime.control import stop_gradient
from s2sad.seeds import shaped_like
from s2sad.specialization import zero_cotangent
from s2sad.structure import map_leaves

__all__ = [
    "elementwise_grad", "grad", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jit", "jvp", "linearize",
    "stop_gradient", "value_and_grad", "vjp",
]  # fmt: skip


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
        return self._apply(shaped_like(cotangent, self._value, "the cotangent", "the value"))

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
        after this call, the primals', the value's or those that `fun` reads from outside, do not change what it
        gives, nor do globals that are rebound.

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
    source = made.source
    pull = _ungrouped(
        derivative, functools.partial(made.pull, kept(saved, values, value, *made.guard.values))
    )
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
        shaped_like(tangent, primal, f"tangents[{k}]", f"primals[{k}]")
        for k, (primal, tangent) in enumerate(zip(primals, tangents))
    ]
    given = per_parameter(derivative.__wrapped__, directions)
    value, tangent = push_forward(derivative, derivative.bind(tuple(primals), {}), given)
    return (value[0], tangent[0], value[1]) if has_aux else (value, tangent)


def jacfwd(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, chunk: int | None = None,
    **options: Any,
) -> Any:  # fmt: skip
    """Make the function that returns the Jacobian of `fun`, in forward mode: by columns.

    All inputs are followed at once: the emitted sweep carries tangents with one leading axis.

    Parameters
    ----------
    fun : callable
        Function that returns a number, an array, or a container of these.  Left out, a decorator is returned.
    argnums : int, str or sequence of these, default 0
        The parameters to differentiate with respect to, by position or name.
    has_aux : bool, default False
        Whether `fun` returns ``(value, aux)``; the result is then ``(jacobian, aux)``.
    chunk : int, optional
        How many directions are followed at once: the memory of the sweep grows with it, and the function runs once
        for each chunk.  Left out: all of them, at most 256 at a time.
    **options
        As for `grad`.

    Returns
    -------
    Derivative-like
        Takes the arguments of `fun`, and returns an array of shape ``out.shape + in.shape``.  For containers, the
        structure of the result, with the structure of the arguments in place of each leaf.

    Examples
    --------
    >>> import numpy as np
    >>> from s2sad import jacfwd
    >>> def polar(r, phi):
    ...     return np.array([r * np.cos(phi), r * np.sin(phi)])
    >>> jacfwd(polar, argnums=("r", "phi"))(2.0, 0.0)
    (array([1., 0.]), array([0., 2.]))
    """
    return _whole("jacfwd", fun, argnums, has_aux, options, chunk)


def jacrev(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, chunk: int | None = None,
    **options: Any,
) -> Any:  # fmt: skip
    """Make the function that returns the Jacobian of `fun`, in reverse mode: by rows.

    The forward sweep runs once; the reverse sweep takes the cotangents of all outputs at once.

    Parameters
    ----------
    fun, argnums, has_aux, **options
        As for `jacfwd`.
    chunk : int, optional
        How many outputs are pulled back at once; all of them if left out.

    Returns
    -------
    Derivative-like
        As for `jacfwd`.

    Examples
    --------
    >>> import numpy as np
    >>> from s2sad import jacrev
    >>> jacrev(lambda x: np.array([x[0] * x[1], x[2]]))(np.array([2.0, 3.0, 4.0]))
    array([[3., 2., 0.],
           [0., 0., 1.]])
    """
    return _whole("jacrev", fun, argnums, has_aux, options, chunk)


def jacobian(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, chunk: int | None = None,
    **options: Any,
) -> Any:  # fmt: skip
    """Make the function that returns the Jacobian of `fun`, in the mode that takes fewer directions.

    That is `jacfwd` where there are no more inputs than outputs, and `jacrev` otherwise, also where the number of
    outputs does not follow from the shapes of the arguments.

    Parameters
    ----------
    fun, argnums, has_aux, chunk, **options
        As for `jacfwd`.

    Returns
    -------
    Derivative-like
        As for `jacfwd`.

    Examples
    --------
    >>> import numpy as np
    >>> from s2sad import jacobian
    >>> jacobian(lambda x: x[1:] * x[:-1])(np.array([2.0, 3.0, 4.0]))
    array([[3., 2., 0.],
           [0., 4., 3.]])
    """
    return _whole("jacobian", fun, argnums, has_aux, options, chunk)


def hessian(
    fun: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, chunk: int | None = None,
    **options: Any,
) -> Any:  # fmt: skip
    """Make the function that returns the Hessian of `fun`: the emitted gradient, followed in all directions at once.

    Parameters
    ----------
    fun : callable
        Function that returns a scalar; for one that returns an array, the result is the Jacobian of its Jacobian.
    argnums, has_aux, chunk, **options
        As for `jacfwd`.

    Returns
    -------
    Derivative-like
        Takes the arguments of `fun`, and returns an array of shape ``in.shape + in.shape``; for containers and several
        `argnums` the structure of the arguments, twice nested.

    Examples
    --------
    >>> import numpy as np
    >>> from s2sad import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
    array([[6., 4.],
           [4., 0.]])
    """
    return _whole("hessian", fun, argnums, has_aux, options, chunk)


def hvp(fun: Callable[..., Any] | None = None, argnums: Argnums = 0, **options: Any) -> Any:
    """Make the function that multiplies the Hessian of `fun` with a direction, without making the Hessian.

    It has the signature of SciPy's `hessp`: ``h(x, p, *args)``, where `args` are the other arguments of `fun`.

    Parameters
    ----------
    fun : callable
        Function that returns a scalar.
    argnums : int, str or sequence of these, default 0
        The parameters that the Hessian is taken with respect to; for a sequence, `p` is a tuple of directions.
    **options
        As for `grad`.

    Returns
    -------
    Derivative-like
        ``h(x, p, *args)``, which returns an array of the shape of `x`.

    Examples
    --------
    >>> import numpy as np
    >>> from s2sad import hvp
    >>> h = hvp(lambda x: x[0] ** 2 * x[1])
    >>> h(np.array([2.0, 3.0]), np.array([1.0, 0.0]))
    array([6., 4.])
    """
    return _whole("hvp", fun, argnums, False, options)


def elementwise_grad(fun: Callable[..., Any] | None = None, argnums: int | str = 0, **options: Any) -> Any:
    """Make the derivative of a function that maps each element of an array to one of the result.

    Parameters
    ----------
    fun : callable
        Function whose result has the shape of the argument, each element depending on its own only.
    argnums : int or str, default 0
        That argument.
    **options
        As for `grad`.

    Returns
    -------
    Derivative-like
        Takes the arguments of `fun`, and returns an array of the shape of the chosen one.

    Raises
    ------
    NotDifferentiable
        If the shapes of argument and result differ.

    Examples
    --------
    >>> import numpy as np
    >>> from s2sad import elementwise_grad
    >>> elementwise_grad(lambda x: x ** 3)(np.array([1.0, 2.0]))
    array([ 3., 12.])
    """
    return _whole("elementwise_grad", fun, argnums, False, options)


def _whole(
    mode: str, fun: Any, argnums: Argnums, has_aux: bool, options: dict[str, Any], chunk: int | None = None
) -> Any:
    made = functools.partial(
        MAKERS[mode], argnums=argnums, has_aux=has_aux, options=make_options(options), chunk=chunk
    )
    return made if fun is None else made(fun)


class Pushforward:
    """The linear map from a direction in the arguments to one in the result, at one point.

    Made by `linearize`; may be called many times.  ``.source`` is the emitted source.
    """

    def __init__(self, derivative: Derivative, values: tuple[Any, ...], has_aux: bool) -> None:
        self._derivative, self._values, self._has_aux = derivative, values, has_aux
        self.__name__ = f"pushforward of {derivative.primal_name}"

    @property
    def source(self) -> str:
        return self._derivative.at(self._values).source

    def __call__(self, *tangents: Any) -> Any:
        """The derivative in the direction of `tangents`, one for each primal."""
        primals = _spread(self._derivative, self._values[: len(self._derivative.wrt)])
        if len(tangents) != len(primals):
            raise TypeError(f"{self.__name__}: {len(tangents)} tangents for {len(primals)} primals")
        directions = [
            shaped_like(tangent, primal, f"tangents[{k}]", f"primals[{k}]")
            for k, (primal, tangent) in enumerate(zip(primals, tangents))
        ]
        given = per_parameter(self._derivative.__wrapped__, directions)
        result = self._derivative.at(self._values).call(*self._values, *given)
        return result[0] if self._has_aux else result

    def __repr__(self) -> str:
        return f"<{self.__name__}>"


def linearize(
    fun: Callable[..., Any], *primals: Any, has_aux: bool = False, **options: Any
) -> tuple[Any, ...]:
    """Value of `fun` at a point, and the pushforward there.

    The pushforward computes the value again on its way, and keeps nothing but the point: what `fun` reads from outside
    is read at each call.

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
    pushforward : Pushforward
        ``pushforward(*tangents)`` is the derivative in a direction, of the structure of the value.

    Examples
    --------
    >>> from s2sad import linearize
    >>> def area(w, h):
    ...     return w * h
    >>> value, pushforward = linearize(area, 2.0, 3.0)
    >>> value, pushforward(1.0, 0.0), pushforward(0.0, 1.0)
    (6.0, 3.0, 2.0)
    """
    derivative = _of_all(fun, "tangent", len(primals), options)
    values = derivative.bind(copy.deepcopy(primals), {})
    derivative.at(values)  # what is wrong is refused before anything runs
    value = fun(*copy.deepcopy(primals))
    if not has_aux:
        return value, Pushforward(derivative, values, False)
    return value[0], Pushforward(derivative, values, True), value[1]


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
    """The derivative for all of `count` positional arguments; those that ``*args`` takes are one tuple."""
    starred = position_of_star(fun)
    taken = count if starred is None else min(count, starred + 1)
    return recent_derivative(fun, mode, tuple(range(taken)), options)


def _ungrouped(
    derivative: Derivative, pull: Callable[[Any], tuple[Any, ...]]
) -> Callable[[Any], tuple[Any, ...]]:
    """A pullback that gives a cotangent for each positional argument, also for those that ``*args`` takes."""
    starred = position_of_star(derivative.__wrapped__)
    if starred is None or starred >= len(derivative.wrt):
        return pull
    return lambda bar: _spread(derivative, pull(bar))


def _spread(derivative: Derivative, items: Sequence[Any]) -> tuple[Any, ...]:
    """One item for each parameter, as one for each positional argument."""
    starred = position_of_star(derivative.__wrapped__)
    if starred is None or starred >= len(items):
        return tuple(items)
    return (*items[:starred], *items[starred])
