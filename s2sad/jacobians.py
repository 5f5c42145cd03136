"""Jacobians, Hessians, products with a Hessian, derivatives of elementwise functions: the classes behind the API."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from s2sad import assembly
from s2sad.derivative import MAX_ENTRIES, Derivative
from s2sad.dispatch import Guard
from s2sad.errors import InvalidArgnums, NotDifferentiable
from s2sad.seeds import shaped_like
from s2sad.signature import Array, Dim, Scalar, Type, kind_of
from s2sad.specialization import Specialization
from s2sad.structure import leaves
from s2sad.whole import CHUNK, Whole, WholeDerivative, exact


class Jacobian(WholeDerivative):
    """The Jacobian, by columns (forward mode)."""

    mode = "jacfwd"
    title = "Jacobian"
    label = "jacobian"
    reverse = False

    def _sweeps(self) -> tuple[Derivative, ...]:
        several, one = ("jvps", "jvp") if self.has_aux else ("tangents", "tangent")
        return tuple(
            Derivative(self.primal, mode, self.argnums, False, self.sweep_options) for mode in (several, one)
        )

    def _text(
        self, sweep: Derivative, compiled: Any, known: Mapping[str, Type], chunk: int | None
    ) -> tuple[str, str]:
        plan = self._plan(sweep, compiled, known, chunk)
        return assembly.forward_text(plan), plan.name

    def _plan(
        self, sweep: Derivative, compiled: Any, known: Mapping[str, Type], chunk: int | None
    ) -> assembly.Plan:
        result = assembly.of_primal(compiled.result_type, self.has_aux, self.primal_name)
        assembly.leaves_of(result, "result", f"the result of {self.primal_name}")
        doc = f"{self.title} of {self.primal_name} with respect to {', '.join(self.wrt)}."
        return assembly.Plan(
            assembly.identifier(self.primal_name, self.label), compiled.function.__name__, tuple(known),
            self._wrt_types(known), result, doc, self.single, self.has_aux,
            one_by_one=sweep.mode in ("tangent", "jvp", "vjp"), chunk=chunk,
        )  # fmt: skip

    def _chunk_for(self, values: tuple[Any, ...]) -> int | None:
        count = 0
        for place in self.places:
            value = values[place]
            sizes = (
                [value.size] if type(value) is np.ndarray else [np.size(leaf) for _, leaf in leaves(value)]
            )
            count += sum(sizes)
        limit = self.chunk or CHUNK
        return limit if count > limit else None


class ReverseJacobian(Jacobian):
    """The Jacobian, by rows (reverse mode)."""

    mode = "jacrev"
    reverse = True

    def _sweeps(self) -> tuple[Derivative, ...]:
        return tuple(
            Derivative(self.primal, mode, self.argnums, False, self.sweep_options) for mode in ("vjps", "vjp")
        )

    def _text(
        self, sweep: Derivative, compiled: Any, known: Mapping[str, Type], chunk: int | None
    ) -> tuple[str, str]:
        plan = self._plan(sweep, compiled, known, chunk)
        for leaf in assembly.leaves_of(plan.result, "result", "the result"):
            if kind_of(leaf.type.dtype) == "complex":
                raise NotDifferentiable(
                    f"{self.primal_name} returns a complex number: use jacfwd, or return its real and imaginary parts"
                )
        plan = replace(plan, sweep=compiled.reverse.__name__, forward=compiled.forward.__name__)
        return assembly.reverse_text(plan), plan.name

    def _chunk_for(self, values: tuple[Any, ...]) -> int | None:
        return self.chunk


class AnyJacobian(WholeDerivative):
    """The Jacobian, by columns or by rows: whichever there are fewer of."""

    mode = "jacobian"
    title = "Jacobian"

    def _sweeps(self) -> tuple[Derivative, ...]:
        given = (self.primal, self.argnums, self.has_aux, self.options, self.chunk)
        self.by_columns, self.by_rows = Jacobian(*given), ReverseJacobian(*given)
        return self.by_rows.sweeps

    def chosen(self, values: tuple[Any, ...]) -> WholeDerivative:
        """The one that takes fewer directions; by rows where the number of outputs is not known beforehand."""
        rows = self.by_rows._sweep_at(values)
        known = assembly.of_primal(rows.compiled.result_type, self.has_aux, self.primal_name)
        sizes = _sizes(rows.signature, values)
        outputs = _count(known, sizes)
        named = dict(zip(self.parameters.names, values))
        inputs = sum(int(np.size(leaf)) for name in self.wrt for _, leaf in leaves(named[name]))
        fewer = inputs <= (1 if outputs is None else outputs)
        return self.by_columns if fewer or _is_complex(known) else self.by_rows

    def at(self, values: tuple[Any, ...]) -> Whole:
        self._last = self.chosen(values).at(values)
        return self._last

    def closed_form(
        self, signature: Mapping[str, Type]
    ) -> tuple[Callable[..., Any], dict[str, Type], Guard | None]:
        compiled, _, _ = self.by_rows.sweeps[-1]._emit(signature, "vjp")
        known = assembly.of_primal(compiled.result_type, self.has_aux, self.primal_name)
        scalar = isinstance(known, (Scalar, Array)) and known.rank == 0
        return (self.by_rows if scalar else self.by_columns).closed_form(signature)

    @property
    def source(self) -> str:
        if self._last is None:
            self._last = self.by_rows._assembled(
                self.by_rows.sweeps[0].compile_for(self.annotated_types()), self.chunk
            )
        return self._last.source


class Hessian(Jacobian):
    """The Hessian: forward over reverse."""

    mode = "hessian"
    title = "Hessian"
    label = "hessian"

    def _sweeps(self) -> tuple[Derivative, ...]:
        several, one = ("jvps", "jvp") if self.has_aux else ("tangents", "tangent")
        gradient = self._gradient()
        rows = ReverseJacobian(self.primal, self.argnums, self.has_aux, self.options, self.chunk)
        # of a function of several values: the Jacobian of the Jacobian
        return tuple(
            Derivative(first, mode, self.argnums, False, self.sweep_options)
            for first in (gradient, rows) for mode in (several, one)
        )  # fmt: skip


class ElementwiseGrad(WholeDerivative):
    """The derivative of a function that acts on each element of its argument."""

    mode = "elementwise_grad"
    title = "Derivative, element by element,"

    def _sweeps(self) -> tuple[Derivative, ...]:
        if not self.single:
            raise InvalidArgnums(f"elementwise_grad: argnums={self.argnums!r} must be one parameter")
        return (Derivative(self.primal, "tangent", self.argnums, False, self.sweep_options),)

    def _text(
        self, sweep: Derivative, compiled: Any, known: Mapping[str, Type], chunk: int | None
    ) -> tuple[str, str]:
        (key,) = self.wrt
        argument, result = known[key], compiled.result_type
        if not isinstance(argument, (Scalar, Array)) or not isinstance(result, (Scalar, Array)):
            raise NotDifferentiable(
                f"elementwise_grad: {self.primal_name} must take and return a number or an array"
            )
        if argument.rank is not None and result.rank is not None and argument.rank != result.rank:
            raise NotDifferentiable(
                f"elementwise_grad: {self.primal_name} takes an array of rank {argument.rank} and returns one of rank "
                f"{result.rank}, so it does not act on each element: use grad or jacobian"
            )
        seed = "1.0" if isinstance(argument, Scalar) else f"np.ones_like({key})"
        name = assembly.identifier(self.primal_name, self.mode)
        doc = f"{self.title} of {self.primal_name} with respect to {key}."
        call = f"{compiled.function.__name__}({', '.join([*known, seed])})"
        return f'def {name}({", ".join(known)}):\n    """{doc}"""\n    return {call}\n', name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        values = self.bind(args, kwargs)
        result = self.at(values).call(values)
        given = values[self.parameters.names.index(self.wrt[0])]
        if np.shape(result) != np.shape(given):
            raise NotDifferentiable(
                f"elementwise_grad: {self.primal_name} takes shape {np.shape(given)} and returns shape "
                f"{np.shape(result)}, so it does not act on each element: use jacobian"
            )
        return result


class HessianProduct(WholeDerivative):
    """The product of the Hessian with a direction: ``h(x, p, *args)``."""

    mode = "hvp"
    title = "Product of the Hessian with a direction `p`,"

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        first, *rest = self.parameters.signature.parameters.values()
        name = direction_name(self.parameters.names)
        kind = (
            inspect.Parameter.POSITIONAL_OR_KEYWORD
            if first.kind is first.POSITIONAL_OR_KEYWORD
            else first.kind
        )
        if first.kind not in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD):
            raise InvalidArgnums(f"hvp: {self.primal_name} must have a positional first parameter")
        self.__signature__ = inspect.Signature([first, inspect.Parameter(name, kind), *rest])
        self.direction = name

    def _sweeps(self) -> tuple[Derivative, ...]:
        return (Derivative(self._gradient(), "tangent", self.argnums, False, self.sweep_options),)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        key = exact(args) if not kwargs and len(args) > 1 else None
        found = None if key is None else self._products.get(key)
        if found is not None and found.guard.unchanged():
            x, p, *rest = args
            return self.checked(found.call(*self.bind((x, *rest), {}), p))
        return self._call(args, kwargs, key)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any], key: Any) -> Any:
        if len(args) < 2:
            bound = self.__signature__.bind(*args, **kwargs)
            bound.apply_defaults()
            first, direction, *_ = bound.arguments.values()
            kwargs = {key: item for key, item in kwargs.items() if key in self.parameters.names[1:]}
            args = (first, direction)
        x, p, *rest = args
        values = self.bind((x, *rest), kwargs)
        inner = self.sweeps[0].at(values)
        directions = (p,) if self.single else tuple(p)
        named = dict(zip(self.parameters.names, values))
        fitted = [_direction(d, named[name], name) for d, name in zip(directions, self.wrt, strict=True)]
        if key is not None and self.single and fitted[0] is p:
            if len(self._products) >= MAX_ENTRIES:
                self._products.clear()
            self._products[key] = inner
        product = self.checked(inner.call(*values, *fitted))
        return product if self.single or len(self.wrt) > 1 else (product,)

    def cache_clear(self) -> None:
        """Forget all compiled code."""
        super().cache_clear()
        self._products: dict[Any, Specialization] = {}

    def specialize(self, *args: Any, **kwargs: Any) -> Specialization:  # type: ignore[override]
        """Compile for these arguments ``(x, p, *args)`` without running; the result has ``.source``."""
        x, _, *rest = args
        return self.sweeps[0].specialize(x, *rest, **kwargs)

    @property
    def source(self) -> str:
        return self.sweeps[0].source

    def _text(
        self, sweep: Derivative, compiled: Any, known: Mapping[str, Type], chunk: int | None
    ) -> tuple[str, str]:
        raise NotDifferentiable("hvp is not differentiated: differentiate grad of your function with jvp")


def direction_name(parameters: Iterable[str]) -> str:
    """The name of the parameter that takes the direction.

    >>> direction_name(["x"]), direction_name(["x", "p"])
    ('p', 'p_')
    """
    taken, name = set(parameters), "p"
    while name in taken:
        name += "_"
    return name


def _direction(given: Any, model: Any, of: str) -> Any:
    """The direction `p` in the structure of the argument."""
    if type(given) is np.ndarray and type(model) is np.ndarray:
        if given.shape == model.shape and given.dtype == model.dtype:
            return given
    return shaped_like(given, model, "p", of)


# ---- sizes ----------------------------------------------------------------------------------------------------------
def _is_complex(known: Type) -> bool:
    kinds = assembly.leaves_of(known, "result", "the result")
    return any(kind_of(leaf.type.dtype) == "complex" for leaf in kinds)


def _sizes(signature: Mapping[str, Type], values: tuple[Any, ...]) -> dict[str, int]:
    """The size that each symbol of the signature stands for."""
    found: dict[str, int] = {}

    def collect(known: Type, value: Any) -> None:
        if isinstance(known, Array) and known.shape is not None:
            for size, length in zip(known.shape, np.shape(value)):
                if isinstance(size, Dim):
                    found[size.symbol] = length - size.offset
        elif known.is_container and hasattr(known, "items"):
            items = value.values() if isinstance(value, dict) else value
            for item, part in zip(known.items, items):
                collect(item, part)

    for known, value in zip(signature.values(), values):
        collect(known, value)
    return found


def _count(known: Type, sizes: Mapping[str, int]) -> int | None:
    """How many numbers a value of this type has; None where that is not known beforehand."""
    total = 0
    for leaf in assembly.leaves_of(known, "result", "the result"):
        shape = leaf.type.shape
        if shape is None:
            return None
        count = 1
        for size in shape:
            if isinstance(size, Dim) and size.symbol not in sizes:
                return None
            count *= size if isinstance(size, int) else max(sizes[size.symbol] + size.offset, 0)
        total += count
    return total


MAKERS: dict[str, type[WholeDerivative]] = {
    cls.mode: cls
    for cls in (Jacobian, ReverseJacobian, AnyJacobian, Hessian, ElementwiseGrad, HessianProduct)
}
"""The classes by what the user calls."""

__all__ = ["MAKERS", "Jacobian"]
