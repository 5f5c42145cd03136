"""A derivative compiled for one signature: what runs, in which order, and what the user gets back."""

from __future__ import annotations

import copy
import functools
import inspect
import types
from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from typing import TYPE_CHECKING, Any

import numpy as np

from s2sad.arguments import promoted
from s2sad.backends.numba.running import RUNNER
from s2sad.dispatch import Guard
from s2sad.errors import BackendError, NonFiniteError, NonScalarOutput, NotDifferentiable
from s2sad.linking import Link, link
from s2sad.objects import fields_of, replaced
from s2sad.pipeline import with_ieee_division
from s2sad.signature import (
    NO_VALUE,
    Array,
    Mapping,
    Opaque,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    kind_of,
)
from s2sad.structure import leaves, map_leaves
from s2sad.tracebacks import beside

if TYPE_CHECKING:
    from s2sad.derivative import Derivative
    from s2sad.pipeline import Compiled


class Specialization:
    """A derivative for one signature; called like the primal, with arguments of the same types.

    Attributes
    ----------
    source : str
        The emitted Python source.
    signature : dict from str to Type
        The types it was compiled for.
    stages : mapping from str to str
        The program after each pass.
    compiled : Compiled
        What the compiler returned.
    emitted_signature : dict from str to Type
        The types of the plain function's parameters: of the one behind a bound method or a partial.
    """

    def __init__(
        self,
        derivative: Derivative,
        compiled: Compiled,
        signature: AbstractMapping[str, Type],
        raw: AbstractMapping[str, Type],
        guard: Guard,
        fallback: Callable[[], Compiled] | None = None,
        emitted_signature: AbstractMapping[str, Type] | None = None,
        without_scalars: Callable[[], Specialization] | None = None,
    ) -> None:
        self._derivative = derivative
        self.compiled = compiled
        self.signature = dict(signature)
        self.emitted_signature = dict(signature if emitted_signature is None else emitted_signature)
        self.guard = guard
        self.integers = tuple(
            k for k, name in enumerate(raw) if name in derivative.floats and raw[name] != signature[name]
        )
        self.types_of_gradients = Sequence(tuple, tuple(signature[name] for name in derivative.wrt))
        self.fallback = fallback
        self._wraps: Callable[..., Any] | None = None
        self._run = _runner(self)
        self._without_scalars = without_scalars
        self._without: Specialization | None = None
        self.run = self._run if fallback is None else self._run_or_fall_back
        if without_scalars is not None:
            self.run = self._run_or_without_scalars
        self.guarded: Callable[..., Any] | None = None
        self._link: Link | None = None
        self._may_link = True
        self._with_ieee: Specialization | None = None

    @property
    def source(self) -> str:
        return self.compiled.source

    @property
    def stages(self) -> AbstractMapping[str, str]:
        return self.compiled.stages

    @property
    def derivative(self) -> Derivative:
        return self._derivative

    def promote(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments with integers as floats where a derivative is taken."""
        if not self.integers:
            return values
        changed = list(values)
        for k in self.integers:
            changed[k] = promoted(changed[k])
        return tuple(changed)

    def prepare(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of the compiled function."""
        values = self.promote(values)
        return self._derivative.arrange(values) if self._derivative.arranges else values

    def linked(
        self, classes: tuple[type, ...], plain: Callable[..., Any], hits: types.CellType
    ) -> Callable[..., Any] | None:
        """One function for a call with arguments of these classes; None where that cannot be. See `linking`."""
        if self._may_link and self._link is None:
            signature, function, text = self._derivative.__signature__, self.compiled.function, self.source
            if self.run in (function, self._wraps):
                runner = getattr(function, RUNNER, None)
                linkable = function, text, None
                if runner is not None:
                    linkable = runner.linkable(signature.parameters, classes)
                if linkable is not None:
                    function, text, called = linkable
                    in_tuple = self._derivative.mode if self.run is self._wraps else None
                    self._link = link(signature, classes, function, text, self.guard, called, in_tuple)
            self._may_link = self._link is not None
        return None if self._link is None else self._link.function(plain, hits)

    def _run_or_fall_back(self, *values: Any) -> Any:
        try:
            return self._run(*values)
        except BackendError as error:
            if self.fallback is None:
                raise
            self._fall_back(error)
        return self._run(*values)

    def _run_or_without_scalars(self, *values: Any) -> Any:
        try:
            return self._run(*values)
        except Exception:
            pass  # Python's numbers raise where NumPy's do not, and what the user's code raises it raises again
        return self.without_scalars.run(*values)

    @property
    def without_scalars(self) -> Specialization:
        """The same with NumPy's own numbers, where ``optimize="scalars"`` has put Python's."""
        if self._without is None:
            assert self._without_scalars is not None
            self._without = self._without_scalars()
        return self._without

    def _fall_back(self, error: BackendError) -> None:
        """Run on the reference backend from now on."""
        assert self.fallback is not None
        self._derivative.warn_of_fallback(error)
        self.compiled, self.fallback = self.fallback(), None
        self._run = _runner(self)

    @property
    def with_ieee(self) -> Specialization:
        """The same with division as IEEE arithmetic has it, for points where a slope is infinite."""
        if self._with_ieee is None:
            self._with_ieee = made = copy.copy(self)
            made.fallback = None
            derivative = self._derivative
            mode = "vjp" if derivative.has_aux else derivative.mode
            made.compiled = with_ieee_division(
                self.compiled, guarded_function(derivative.primal), mode, self.guard.live
            )
            made.run = made._run = _runner(made)
        return self._with_ieee

    def infinite(self, values: tuple[Any, ...]) -> tuple[Any] | None:
        """What a call gives where Python's division raised; None where the primal's own does."""
        if self._without_scalars is not None:
            return self.without_scalars.infinite(values)
        primal = self.compiled.runnable(
            next(iter(self.compiled.forms)), self.guard.live
        )  # a gradient alone may leave a division out
        try:
            primal(*self.prepare(values)[: len(inspect.signature(primal).parameters)])
            return (self.with_ieee.run(*values),)
        except ZeroDivisionError:
            return None

    def push(self, values: tuple[Any, ...]) -> tuple[Any, Any]:
        """Mode ``vjp``: the value, and what `pull` needs."""
        compiled = self.compiled
        assert compiled.forward is not None
        try:
            value, saved = compiled.forward(*self.prepare(values))
        except BackendError as error:
            if self.fallback is None:
                raise
            self._fall_back(error)
            return self.push(values)
        except Exception as error:
            if self._without_scalars is not None:
                return self.without_scalars.push(values)
            raise beside(error)  # noqa: B904
        return value, (compiled.reverse, saved, self._kept(values))

    def _kept(self, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """What the forward sweep can be run from again, if the reverse one fails."""
        if self._without_scalars is not None:
            return map_leaves(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, values)  # type: ignore[no-any-return]
        return values if self.fallback is not None else None

    def pull(self, saved: Any, cotangent: Any) -> tuple[Any, ...]:
        """Mode ``vjp``: the cotangents of the arguments."""
        reverse, inner, values = saved
        if self._without is not None and reverse is self._without.compiled.reverse:
            return self._without.pull(saved, cotangent)
        if self.compiled.in_scalars and isinstance(cotangent, np.float64):
            cotangent = float(cotangent)  # else all that it is multiplied with is a number of NumPy's
        try:
            gradients: tuple[Any, ...] = conformed(reverse(inner, cotangent), self.types_of_gradients)
        except BackendError as error:
            if values is None:
                raise
            if self.fallback is not None:
                self._fall_back(error)
            return self.pull(self.push(values)[1], cotangent)
        except Exception as error:
            if self._without_scalars is not None and reverse is self.compiled.reverse:
                return self.without_scalars.pull(self.without_scalars.push(values)[1], cotangent)
            if not isinstance(error, ZeroDivisionError):
                raise beside(error)  # noqa: B904
            if reverse is not self.compiled.reverse or self.compiled.reverse is None:
                raise beside(error)  # noqa: B904
            return self.with_ieee.pull((self.with_ieee.compiled.reverse, inner, values), cotangent)
        return gradients

    def call(self, *values: Any) -> Any:
        """What a call gives, from one value per parameter; errors show the primal's line."""
        try:
            return self.run(*values)
        except ZeroDivisionError as error:
            found = self.infinite(values)
            if found is None:
                raise beside(error)  # noqa: B904
            return found[0]
        except Exception as error:
            raise beside(error)  # noqa: B904

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        values = self._derivative.bind(args, kwargs)
        if not self._derivative.fits(values, self.signature):
            raise TypeError(
                f"{self!r} was compiled for other types of arguments: call the derivative itself, "
                "which compiles once for each signature"
            )
        return self.call(*values)

    def __repr__(self) -> str:
        types_ = ", ".join(f"{name}: {known!r}" for name, known in self.signature.items())
        return f"<{self._derivative.__name__} for ({types_})>"


def _runner(made: Specialization) -> Callable[..., Any]:
    """The function that a call ends in: the emitted one, with as little around it as this signature needs."""
    derivative = made.derivative
    if derivative.mode not in ("grad", "value_and_grad"):
        run = made.compiled.function
    elif derivative.has_aux:
        run = _with_aux(made)
    elif may_be_array(made.compiled.result_type):
        run = _checked_gradient(made)
    else:
        run = _plain(made)
    if (
        derivative.mode in ("grad", "value_and_grad")
        and not derivative.has_aux
        and _has_zero_dimensions(made.types_of_gradients)
    ):
        run = _conforming(run, made)
    if derivative.options.check_finite:
        run = _checked_finite(run, derivative)
    if (made.integers or derivative.arranges) and not derivative.has_aux:
        return lambda *values: run(*made.prepare(values))
    return run


def _plain(made: Specialization) -> Callable[..., Any]:
    """The emitted function itself; it returns the gradient of one parameter bare, those of more as a tuple."""
    function: Callable[..., Any] = made.compiled.function
    if not _wraps_one(made.derivative):
        return function

    def gradient_in_tuple(*values: Any) -> Any:
        return (function(*values),)

    def value_and_tuple(*values: Any) -> Any:
        value, gradient = function(*values)
        return value, (gradient,)

    alone = made.derivative.mode == "grad" and not may_be_array(made.compiled.result_type)
    made._wraps = gradient_in_tuple if alone else value_and_tuple
    return made._wraps


def conformed(gradient: Any, known: Type) -> Any:
    """`gradient` with 0-d arrays where the argument has them: arithmetic turns those into NumPy scalars."""
    if isinstance(known, Array):
        return np.asarray(gradient, known.dtype) if known.shape == () else gradient
    if isinstance(known, Mapping):
        return {key: conformed(gradient[key], item) for key, item in zip(known.keys, known.items)}
    if isinstance(known, Record):
        return _conformed_object(gradient, known)
    if isinstance(known, Sequence):
        items = [conformed(item, inner) for item, inner in zip(gradient, known.items)]
        return known.cls(*items) if hasattr(known.cls, "_fields") else known.cls(items)
    return gradient


def _conformed_object(gradient: Any, known: Record) -> Any:
    pairs = [(key, item) for key, item in zip(known.keys, known.items) if _has_zero_dimensions(item)]
    return replaced(gradient, **{key: conformed(fields_of(gradient)[key], item) for key, item in pairs})


def _has_zero_dimensions(known: Type) -> bool:
    if isinstance(known, (Mapping, Sequence, Record)):
        return any(map(_has_zero_dimensions, known.items))
    return isinstance(known, Array) and known.shape == ()


def _conforming(run: Callable[..., Any], made: Specialization) -> Callable[..., Any]:
    """`run` with `conformed` gradients."""
    derivative = made.derivative
    wanted = made.types_of_gradients if not derivative.single else made.types_of_gradients.items[0]

    def run_conformed(*values: Any) -> Any:
        result = run(*values)
        if derivative.mode == "grad":
            return (
                (conformed(result[0], wanted), result[1]) if derivative.has_aux else conformed(result, wanted)
            )
        return result[0], conformed(result[1], wanted)

    return run_conformed


def _wraps_one(derivative: Derivative) -> bool:
    """Whether the user asked for one gradient in a tuple."""
    return len(derivative.wrt) == 1 and not derivative.single


def _checked_gradient(made: Specialization) -> Callable[..., Any]:
    """The gradient by way of the value, whose rank only the call itself tells."""
    run, derivative = _plain(made), made.derivative

    def run_checked(*values: Any) -> Any:
        value, gradients = run(*values)
        check_scalar(value, derivative)
        return gradients if derivative.mode == "grad" else (value, gradients)

    return run_checked


def _with_aux(made: Specialization) -> Callable[..., Any]:
    """A primal that returns ``(value, aux)``: aux gets a zero cotangent."""
    derivative = made.derivative

    def run(*values: Any) -> Any:
        result, saved = made.push(values)
        value, aux = _split(result, derivative)
        check_scalar(value, derivative)
        pulled = made.pull(saved, (_one_like(value), map_leaves(zero_cotangent, aux)))
        gradients = pulled[0] if derivative.single else pulled
        return (gradients, aux) if derivative.mode == "grad" else ((value, aux), gradients)

    return run


def _split(result: Any, derivative: Derivative) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(
            f"with has_aux=True, {derivative.primal_name} must return (value, aux), not {result!r}"
        )
    return result


def _one_like(value: Any) -> Any:
    if isinstance(value, np.generic):
        return type(value)(
            1
        )  # a 0-d array would be shared by all that it is handed on to, and added to in place
    return np.ones_like(value) if isinstance(value, np.ndarray) else 1.0


def zero_cotangent(leaf: Any) -> Any:
    """A zero that can be pulled back through `leaf`; None where nothing can."""
    if isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in "fc":
        return np.zeros_like(leaf) if isinstance(leaf, np.ndarray) else type(leaf)(0)
    return 0.0 if isinstance(leaf, (float, complex)) else None


def _checked_finite(run: Callable[..., Any], derivative: Derivative) -> Callable[..., Any]:
    def run_checked(*values: Any) -> Any:
        result = run(*values)
        for where, leaf in leaves(result, "result"):
            if not is_finite(leaf):
                raise NonFiniteError(
                    f"{derivative.__name__} gives a NaN or an infinity at {where}: {leaf!r}; "
                    "without check_finite=True it would be returned"
                )
        return result

    return run_checked


def is_finite(leaf: Any) -> bool:
    """Whether a number or array has no NaN and no infinity; what is neither has none."""
    numeric = (
        isinstance(leaf, (float, complex, np.generic, np.ndarray)) and np.asarray(leaf).dtype.kind in "fc"
    )
    return not numeric or bool(np.all(np.isfinite(leaf)))


def check_scalar(value: Any, derivative: Derivative) -> None:
    """Refuse a value that has no gradient."""
    if isinstance(value, np.ndarray) and value.ndim:
        _refuse_non_scalar(f"an array of shape {value.shape}", derivative)
    if not isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        _refuse_non_scalar(f"a {type(value).__name__}", derivative)
    if isinstance(value, complex) or getattr(value, "dtype", np.dtype(float)).kind == "c":
        _refuse_complex(derivative)


def check_scalar_type(known: Type, derivative: Derivative) -> None:
    """Refuse, before anything runs, a result that has no gradient; what is not known yet is accepted."""
    if isinstance(known, Array) and known.shape:
        _refuse_non_scalar(f"an array of rank {len(known.shape)}", derivative)
    if known.is_container or isinstance(known, Static):
        _refuse_non_scalar(_described(known), derivative)
    if isinstance(known, (Scalar, Array)):
        _check_result_kind(known, derivative)


def _check_result_kind(known: Scalar | Array, derivative: Derivative) -> None:
    kind = kind_of(known.dtype)
    if kind == "complex":
        _refuse_complex(derivative)
    if kind in ("int", "bool") and getattr(known, "value", NO_VALUE) is NO_VALUE:
        raise NotDifferentiable(
            f"{derivative.primal_name} returns {'an integer' if kind == 'int' else 'a bool'}, whose derivative is "
            "zero or undefined everywhere: return a float"
        )


def _described(known: Type) -> str:
    if isinstance(known, Static):
        return "None" if known.value is None else f"a {type(known.value).__name__}"
    return f"a {getattr(known, 'cls', dict if hasattr(known, 'keys') else list).__name__}"


def _refuse_non_scalar(what: str, derivative: Derivative) -> None:
    raise NonScalarOutput(
        f"{derivative.primal_name} returns {what}, and a gradient is defined for a scalar: reduce it (np.sum), "
        "use jacobian for all partial derivatives or vjp for a product with a cotangent; "
        "for (value, aux) pass has_aux=True"
    )


def _refuse_complex(derivative: Derivative) -> None:
    raise NotDifferentiable(
        f"{derivative.primal_name} returns a complex number, which has no gradient: return a real one such as "
        "np.abs(z) ** 2, or use vjp"
    )


def may_be_array(known: Type) -> bool:
    """Whether only a call can tell that a result is a scalar."""
    return isinstance(known, Opaque) or (isinstance(known, Array) and known.shape is None)


def guarded_function(fun: Any) -> types.FunctionType | None:
    """The plain function in which the names of a callable are looked up."""
    if isinstance(fun, functools.partial):
        return guarded_function(fun.func)
    if inspect.ismethod(fun):
        return guarded_function(fun.__func__)
    if isinstance(fun, types.FunctionType):
        return fun
    call = inspect.getattr_static(type(fun), "__call__")
    return call if isinstance(call, types.FunctionType) else None
