"""The rule book's one record per primitive, and the decorators that make records.

Users register rules with the same functions as we do: ``from s2sad.rules import elementwise``.

A rule's body is ordinary Python.  A test calls it on numbers; the compiler *quotes* it: operands are put in place
of the parameters, tests on static facts (`rank(x) == 1`, ``axis is None``) are decided at compile time, and what is
left is spliced into the emitted sweep.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad.signature import Array, Opaque, Scalar, Type


@functools.cache
def parameters_of(body: Any) -> dict[str, inspect.Parameter]:
    """The parameters of a rule's body."""
    return dict(inspect.signature(body).parameters)


@dataclass(frozen=True, eq=False)
class Sample:
    """Arguments at which the generated tests try a rule."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def sample(*args: Any, **kwargs: Any) -> Sample:
    """Arguments for `at=`."""
    return Sample(args, kwargs)


@dataclass(frozen=True)
class Operand:
    """What a template rule sees of an argument.

    Attributes
    ----------
    source : str
        Python text of the operand: a name, a constant or a display of names.
    type : Type
        What is known of it.
    active : bool
        Whether its derivative is wanted (vjp) or non-zero (jvp).
    items : tuple of Operand
        The items of a tuple or list of known length.
    dot : str
        Text of its tangent (jvp only).
    """

    source: str
    type: Type
    active: bool = False
    items: tuple[Operand, ...] = ()
    dot: str = ""


@dataclass(frozen=True, eq=False)
class Rule:
    """How one primitive is differentiated.

    Attributes
    ----------
    primitives : tuple of callable
        The functions the rule is for; all of them have the same derivative.
    kind : str
        ``elementwise``, ``linear``, ``general``, ``template``, ``nondifferentiable``, ``zero`` or ``custom``.
    jvp, vjp : callable or None
        Bodies.  Elementwise: ``vjp`` gives the partials and ``jvp`` is None.  Linear: ``vjp`` is the transpose.
    wrt : tuple of str
        The parameters that a derivative flows through.
    infer : callable or None
        From the arguments' types to the result's type; None: found by trying the primitive on small arrays.
    view : bool
        Whether the result may share memory with its first argument.
    kink : callable or None
        True where the derivative does not exist, of the operands (and ``y``); with the shape of the result or none.
    at : tuple of Sample
        Where the generated tests try it.
    fwd, bwd : callable or None
        Kind ``custom``: ``fwd(*args) -> (value, residuals)`` and ``bwd(*static, residuals, y_bar) -> cotangents``;
        its ``jvp(*static, primals, tangents)`` gives value and tangent.
    static : tuple of int
        Kind ``custom``: the positions of the arguments that carry no derivative.
    """

    primitives: tuple[Callable[..., Any], ...]
    kind: str
    vjp: Callable[..., Any] | None = None
    jvp: Callable[..., Any] | None = None
    wrt: tuple[str, ...] = ()
    infer: Callable[..., Type] | None = None
    view: bool = False
    kink: Callable[..., Any] | None = None
    at: tuple[Sample, ...] = ()
    fwd: Callable[..., Any] | None = None
    bwd: Callable[..., Any] | None = None
    static: tuple[int, ...] = ()


class Ruled:
    """A function that brings its rule along."""

    rule: Rule


_BOOK: dict[Any, Rule] = {}


def _register(record: Rule) -> None:
    for primitive in record.primitives:
        _BOOK[primitive] = record


def rule_of(primitive: Any) -> Rule | None:
    """The rule of a function, or None."""
    if isinstance(primitive, Ruled):
        return primitive.rule
    try:
        return _BOOK.get(primitive)
    except TypeError:  # not hashable, so never registered
        return None


def is_hashable(value: Any) -> bool:
    """Whether a value can be looked up in tables of functions."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def registered() -> list[Any]:
    """Every function that has a rule."""
    return list(_BOOK)


def all_rules() -> list[Rule]:
    """Every registered rule, once each, in the order of registration."""
    return list(dict.fromkeys(_BOOK.values()))


def _samples(at: Iterable[Any]) -> tuple[Sample, ...]:
    return tuple(
        item if isinstance(item, Sample) else Sample(tuple(item) if isinstance(item, tuple) else (item,), {})
        for item in at
    )


def _positional(body: Callable[..., Any]) -> tuple[str, ...]:
    code = body.__code__
    return code.co_varnames[: code.co_argcount]


def _variadic(body: Callable[..., Any]) -> tuple[str, ...]:
    code = body.__code__
    after = code.co_argcount + code.co_kwonlyargcount
    return code.co_varnames[after : after + 1] if code.co_flags & inspect.CO_VARARGS else ()


def elementwise(
    *primitives: Callable[..., Any],
    at: Iterable[Any] = (),
    kink: Callable[..., Any] | None = None,
    wrt: Sequence[str] | None = None,
    infer: Callable[..., Type] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function that acts on each element, by its partial derivatives.

    The body takes the operands, and ``y``, the primal result, by keyword if it wants it; it returns one partial per
    operand of `wrt` (default: all positional parameters), in their order.
    """

    def register(body: Callable[..., Any]) -> Callable[..., Any]:
        names = tuple(wrt) if wrt is not None else _positional(body)
        _register(Rule(primitives, "elementwise", body, None, names, infer, False, kink, _samples(at)))
        return body

    return register


def linear(
    *primitives: Callable[..., Any],
    at: Iterable[Any] = (),
    wrt: Sequence[str] | None = None,
    infer: Callable[..., Type] | None = None,
    view: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a linear function by its transpose.

    The body has the parameters and defaults of the primitive, then ``y_bar`` by keyword; it returns the cotangent of
    each operand of `wrt` (default: the first parameter).  The tangent is the primitive itself.
    """

    def register(body: Callable[..., Any]) -> Callable[..., Any]:
        names = tuple(wrt) if wrt is not None else _positional(body)[:1]
        _register(Rule(primitives, "linear", body, None, names, infer, view, None, _samples(at)))
        return body

    return register


def rule(
    *primitives: Callable[..., Any],
    at: Iterable[Any] = (),
    infer: Callable[..., Type] | None = None,
    view: bool = False,
    template: bool = False,
    static: Sequence[int] | int = (),
) -> Callable[[type], type]:
    """Register any function by a class with `jvp` and `vjp`, or with `fwd` and `bwd`.

    ``jvp(a, b, *, a_dot, b_dot, y)`` returns one tangent *term* per operand that has a ``_dot`` parameter; the
    tangent of the result is the sum of the terms of the active operands.  ``vjp(a, b, *, y, y_bar)`` returns one
    cotangent per such operand.  With one operand, both return it bare.

    With ``template=True`` both receive `Operand` records (``y``, ``y_bar`` as text) and return text: ``jvp`` the
    text of the tangent, ``vjp`` a dict from the parameter's name (for an item of a display, or of ``*name``:
    ``"name[2]"``) to the text of its cotangent.

    A function ``kink`` of the class, of the operands and ``y``, is true where the derivative does not exist; what it
    returns has the shape of the result or none.

    With `fwd` and `bwd` nothing is quoted: the emitted code calls them.  ``fwd(*args)`` returns the value and residuals
    of any structure, and ``bwd(*static_args, residuals, y_bar)`` a tuple of cotangents, one for each argument that is
    not static; arguments, value and cotangents may be containers.  A method's `self` is its first argument.  A
    ``jvp(*static_args, primals, tangents)`` of the class, which returns value and tangent, is then the forward mode;
    without it, `bwd` is transposed.
    """

    def register(body: type) -> type:
        if "bwd" in body.__dict__:
            places = (static,) if isinstance(static, int) else tuple(static)
            given: Any = {key: body.__dict__.get(key) for key in ("fwd", "bwd", "jvp")}
            _register(Rule(primitives, "custom", infer=infer, at=_samples(at), static=places, **given))
            return body
        jvp, vjp = body.__dict__["jvp"], body.__dict__["vjp"]
        code = jvp.__code__
        keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        dots = [name[:-4] for name in keywords if name.endswith("_dot")]
        names = _positional(jvp) + _variadic(jvp) if template else tuple(dots)
        kind = "template" if template else "general"
        typing = infer or body.__dict__.get("infer")
        kink = body.__dict__.get("kink")
        _register(Rule(primitives, kind, vjp, jvp, names, typing, view, kink, _samples(at)))
        return body

    return register


def nondifferentiable(*primitives: Callable[..., Any], infer: Callable[..., Type] | None = None) -> None:
    """Declare functions whose results are integers, booleans or opaque: no derivative is defined."""
    _register(Rule(primitives, "nondifferentiable", infer=infer))


def inactive_view(primitive: Callable[..., Any], infer: Callable[..., Type]) -> None:
    """Declare a function of inactive values that may give its argument itself."""
    _register(Rule((primitive,), "nondifferentiable", infer=infer, view=True))


def zero_derivative(
    *primitives: Callable[..., Any], at: Iterable[Any] = (), infer: Callable[..., Type] | None = None
) -> None:
    """Declare functions with real results whose derivative is zero almost everywhere."""
    _register(Rule(primitives, "zero", infer=infer, at=_samples(at)))


def rank(x: Any) -> int | None:
    """The number of dimensions of a value, or of a type: a static fact in a rule's body."""
    if isinstance(x, (Scalar, Array)):
        return x.rank
    return None if isinstance(x, Opaque) else getattr(x, "ndim", 0)


def kept_axes(axis: Any, ndim: int) -> tuple[Any, ...]:
    """The index that puts back the axes which a reduction over `axis` removed.

    >>> kept_axes(0, 2), kept_axes(-1, 2)
    ((None, slice(None, None, None)), (slice(None, None, None), None))
    """
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    reduced = {a % ndim for a in axes}
    return tuple(None if k in reduced else slice(None) for k in range(ndim))


STATIC_FUNCTIONS = {rank, kept_axes, isinstance, len, tuple, range, sorted, int, max, min}
"""Functions that the compiler evaluates when all their arguments are known at compile time."""


def static(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let the compiler evaluate a pure function of static facts and of types, where it stands in a rule's body."""
    STATIC_FUNCTIONS.add(function)
    return function


def conj(x: Any) -> Any:
    """The complex conjugate; the compiler quotes it as ``x`` where `x` is real and as ``np.conj(x)`` where not."""
    return np.conj(x) if np.iscomplexobj(x) else x
