"""Functions with derivative rules of the user's own: `custom_vjp` and `custom_jvp`, as JAX users know them."""

from __future__ import annotations

import functools
import inspect
import operator
import types
from collections.abc import Callable, Sequence
from typing import Any

from s2sad.errors import CustomRuleError
from s2sad.rules.record import Rule, Ruled, linear
from s2sad.runtime.custom import checked_like, checked_tangent, kept


class _Custom(Ruled):
    """A function that is called as it is, and differentiated by the rule that it is given."""

    def __init__(self, fun: Callable[..., Any], nondiff_argnums: Sequence[int] | int = ()) -> None:
        if not callable(fun):
            raise TypeError(f"{type(self).__name__}: the first argument must be a function, not {fun!r}")
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.static = _positions(fun, nondiff_argnums)
        self.__name__ = getattr(fun, "__name__", type(fun).__name__)
        self.rule = Rule((fun,), "custom", static=self.static)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.__name__}>"


def _positions(fun: Callable[..., Any], argnums: Sequence[int] | int) -> tuple[int, ...]:
    """Positions of parameters, those from the end counted from the start.

    Examples
    --------
    >>> _positions(lambda x, y, f: f(x, y), -1)
    (2,)
    """
    chosen = tuple(operator.index(k) for k in ((argnums,) if isinstance(argnums, int) else argnums))
    count = _count(fun)
    if count is None and not any(k < 0 for k in chosen):
        return chosen
    if count is None or any(not -count <= k < count for k in chosen):
        shown = "an unknown number of" if count is None else count
        raise ValueError(f"nondiff_argnums={argnums!r}: the function has {shown} positional parameters")
    return tuple(k % count for k in chosen)


def _count(fun: Callable[..., Any]) -> int | None:
    """The number of positional parameters, where that is known."""
    try:
        found = inspect.signature(fun).parameters.values()
    except (TypeError, ValueError):  # a function in C need not tell
        return None
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found):
        return None
    return sum(p.kind in plain for p in found)


class custom_vjp(_Custom):
    """A function whose reverse mode is given by two functions.

    Parameters
    ----------
    fun : callable
        The function; may take and return containers.
    nondiff_argnums : int or sequence of int, default ()
        Positions of arguments that carry no derivative: functions, options, sizes.

    Notes
    -----
    The forward mode is the transpose of ``bwd``, where its source can be differentiated.

    Examples
    --------
    >>> import math
    >>> from s2sad import custom_vjp, grad
    >>> @custom_vjp
    ... def f(x):
    ...     return math.log(1.0 + math.exp(x))
    >>> def f_fwd(x):
    ...     y = f(x)
    ...     return y, y
    >>> def f_bwd(y, y_bar):
    ...     return (y_bar * (1.0 - math.exp(-y)),)
    >>> f.defvjp(f_fwd, f_bwd)
    >>> grad(f)(0.0)
    0.5
    """

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Give the rule.

        Parameters
        ----------
        fwd : callable
            ``fwd(*args)`` returns the value and the residuals: whatever `bwd` needs, of any structure.
        bwd : callable
            ``bwd(*nondiff_args, residuals, y_bar)`` returns a tuple of cotangents, one for each argument that is not
            in `nondiff_argnums`; None stands for zeros.
        """
        self.rule = Rule((self.fun,), "custom", fwd=fwd, bwd=bwd, static=self.static)


class custom_jvp(_Custom):
    """A function whose forward mode is given; the reverse mode is its transpose.

    Parameters
    ----------
    fun : callable
        The function; may take and return containers.
    nondiff_argnums : int or sequence of int, default ()
        Positions of arguments that carry no derivative.

    Examples
    --------
    >>> from s2sad import custom_jvp, grad, jvp
    >>> @custom_jvp
    ... def f(x, y):
    ...     return x * y
    >>> @f.defjvp
    ... def f_jvp(primals, tangents):
    ...     (x, y), (x_dot, y_dot) = primals, tangents
    ...     return f(x, y), x_dot * y + 10.0 * x * y_dot
    >>> jvp(f, (2.0, 3.0), (1.0, 1.0)), grad(f, argnums=(0, 1))(2.0, 3.0)
    ((6.0, 23.0), (3.0, 20.0))
    """

    def defjvp(self, jvp: Callable[..., Any]) -> Callable[..., Any]:
        """Give the rule: ``jvp(*nondiff_args, primals, tangents)`` returns value and tangent, linear in `tangents`."""
        self.rule = Rule((self.fun,), "custom", jvp=jvp, static=self.static)
        return jvp

    def defjvps(self, *jvps: Callable[..., Any] | None) -> None:
        """Give one function per argument, ``jvp(tangent, value, *primals)``, or None where the derivative is zero.

        The tangent of the value is the sum of theirs.
        """
        if self.static:
            raise CustomRuleError("defjvps cannot be used with nondiff_argnums: use defjvp")
        count = _count(self.fun)
        if count is not None and len(jvps) != count:
            raise CustomRuleError(f"{len(jvps)} rules for {self.__name__}, which has {count} parameters")
        self.defjvp(_sum_of_jvps(self, tuple(jvps)))


def _sum_of_jvps(fun: Any, jvps: tuple[Any, ...]) -> Callable[..., Any]:
    """One rule of one function per argument; as defaults, not captured, they are known when compiling."""
    total: Any = None
    for k, rule in enumerate(jvps):
        if rule is not None:
            total = _term(rule, k) if total is None else _plus(total, _term(rule, k))

    def jvp(primals: Any, tangents: Any, fun: Any = fun, total: Any = total) -> tuple[Any, Any]:
        value = fun(*primals)
        return value, 0.0 * value if total is None else total(value, primals, tangents)

    jvp.__name__ = f"{fun.__name__}_jvp"
    return jvp


def _term(rule: Any, k: int) -> Callable[..., Any]:
    def term(value: Any, primals: Any, tangents: Any, rule: Any = rule, k: int = k) -> Any:
        return rule(tangents[k], value, *primals)

    return term


def _plus(one: Any, other: Any) -> Callable[..., Any]:
    def plus(value: Any, primals: Any, tangents: Any, one: Any = one, other: Any = other) -> Any:
        return one(value, primals, tangents) + other(value, primals, tangents)

    return plus


def tangent_only(
    jvp: Any, name: str, static: tuple[Any, ...], primals: tuple[Any, ...], tangents: tuple[Any, ...]
) -> Any:
    """The rule of a `custom_jvp` without the value: linear in the tangents, and so the function to transpose."""
    return checked_tangent(jvp(*static, primals, tangents), name)[1]


def tangent_of_copies(
    jvp: Any, name: str, static: tuple[Any, ...], primals: tuple[Any, ...], tangents: tuple[Any, ...]
) -> Any:
    """`tangent_only` for a rule that may write into its arguments."""
    return checked_tangent(jvp(*static, kept(primals), kept(tangents)), name)[1]


def pullback_only(fwd: Any, bwd: Any, args: tuple[Any, ...], static: tuple[Any, ...], y_bar: Any) -> Any:
    """The rule of a `custom_vjp` as one function: linear in the cotangent, and so the function to transpose."""
    return bwd(*static, fwd(*args)[1], y_bar)


def pullback_of_a_copy(fwd: Any, bwd: Any, args: tuple[Any, ...], static: tuple[Any, ...], y_bar: Any) -> Any:
    """`pullback_only` for a `bwd` that may write into its arguments."""
    return bwd(*static, kept(fwd(*args)[1]), kept(y_bar))


@linear(checked_like, wrt=("given",))
def _checked_like(given: Any, like: Any, name: str, *, y_bar: Any) -> Any:
    return y_bar
