"""Whole derivatives as objects: Jacobians, Hessians, products with a Hessian, derivatives of elementwise functions.

Each is a function emitted by `s2sad.assembly` around a sweep that takes several directions at once, compiled once per
signature like every `Derivative`, and a plain Python function that can be differentiated again.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from s2sad import assembly
from s2sad.arguments import Argnums, Parameters
from s2sad.batch.lead import NotBatched
from s2sad.derivative import MAX_ENTRIES, CacheInfo, Derivative, Transformed, plainly, reference, restored
from s2sad.dispatch import Guard
from s2sad.errors import BackendError, NonFiniteError, NonScalarOutput, NotDifferentiable
from s2sad.load import load
from s2sad.options import Options
from s2sad.runtime.directions import by_directions, no_cotangents
from s2sad.signature import Type, kind_of
from s2sad.specialization import Specialization, is_finite
from s2sad.structure import leaves
from s2sad.tracebacks import beside

CHUNK = 256
"""How many directions are taken at once, if the user does not say."""


@dataclass(frozen=True)
class Whole:
    """A whole derivative compiled for one signature.

    Attributes
    ----------
    source : str
        The emitted source: the sweep, and the function around it.
    function : callable
        The emitted function.
    inner : Specialization
        The sweep.
    """

    source: str
    function: Callable[..., Any]
    inner: Specialization
    owner: WholeDerivative

    @property
    def signature(self) -> dict[str, Type]:
        return self.inner.signature

    @property
    def stages(self) -> Mapping[str, str]:
        return self.inner.stages

    def call(self, values: tuple[Any, ...]) -> Any:
        """What a call gives, from one value per parameter; errors show the primal's line."""
        try:
            result = self.function(*self.inner.prepare(values))
        except Exception as error:
            raise beside(error)  # noqa: B904
        return self.owner.checked(result)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        values = self.owner.bind(args, kwargs)
        if self.owner.signature_of(values) != self.signature:
            raise TypeError(
                f"{self!r} was compiled for other types of arguments: call the derivative itself, "
                "which compiles once for each signature"
            )
        return self.call(values)

    def __repr__(self) -> str:
        types_ = ", ".join(f"{name}: {known!r}" for name, known in self.signature.items())
        return f"<{self.owner.__name__} for ({types_})>"


class WholeDerivative(Transformed):
    """Base of the whole derivatives: compiles once per signature, and is called like the primal.

    Attributes
    ----------
    primal : callable
        The original function.
    argnums : int, str or sequence of these
        The parameters it is taken with respect to, as given.
    wrt : tuple of str
        Their names.
    has_aux : bool
        Whether the primal returns ``(value, aux)``.
    options : Options
        The options of the compiler.
    """

    mode = ""
    title = "Derivative"
    _last: Whole | None

    def __init__(
        self, primal: Any, argnums: Argnums = 0, has_aux: bool = False, options: Options | None = None,
        chunk: int | None = None,
    ) -> None:  # fmt: skip
        primal = plainly(primal)
        if not callable(primal):
            raise TypeError(f"{self.mode}: the first argument must be a function, not {primal!r}")
        if chunk is not None and (isinstance(chunk, bool) or not isinstance(chunk, int) or chunk < 1):
            raise ValueError(
                f"{self.mode}: chunk={chunk!r} must be a positive int: how many directions at once"
            )
        self.primal, self.argnums, self.has_aux, self.chunk = primal, argnums, has_aux, chunk
        self.options = options or Options()
        # the function around the sweep holds what was compiled, so it cannot change backends when it runs
        self.sweep_options = (
            self.options if self.options.backend != "auto" else replace(self.options, backend="numpy")
        )
        if self.options.optimize == "scalars":  # what raises in it could not be run again
            self.sweep_options = replace(self.sweep_options, optimize=True)
        self.parameters = Parameters(primal)
        self.wrt = self.parameters.resolve(argnums)
        self.places = tuple(map(self.parameters.names.index, self.wrt))
        self.single = isinstance(argnums, str) or not hasattr(argnums, "__iter__")
        self.primal_name = getattr(primal, "__name__", type(primal).__name__)
        self.__wrapped__ = primal
        self.__signature__ = self.parameters.signature
        self.__name__ = self.primal_name
        self.__qualname__ = getattr(primal, "__qualname__", self.primal_name)
        self.__module__ = getattr(primal, "__module__", None) or type(primal).__module__
        names = ", ".join(f"`{name}`" for name in self.wrt)
        own = inspect.getdoc(primal)
        self.__doc__ = f"{self.title} of `{self.primal_name}` with respect to {names}." + (
            f"\n\n{own}" if own else ""
        )
        self.sweeps = self._sweeps()
        self.cache_clear()

    # ---- what each kind of derivative says ----------------------------------------------------------------------
    def _sweeps(self) -> tuple[Derivative, ...]:
        """The derivatives that can be the sweep; the first that fits is taken."""
        raise NotImplementedError

    def _text(
        self, sweep: Derivative, compiled: Any, known: Mapping[str, Type], chunk: int | None
    ) -> tuple[str, str]:
        """The text of the function around the sweep, and its name."""
        raise NotImplementedError

    def _chunk_for(self, values: tuple[Any, ...]) -> int | None:
        """How many directions to take at once; None for all."""
        return None

    # ---- calling ------------------------------------------------------------------------------------------------
    @property
    def floats(self) -> frozenset[str]:
        """Parameters whose integers are floats."""
        return self.sweeps[0].floats

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        key = None if kwargs else exact(args)
        if key is not None:
            found = self._direct.get(key)
            if found is not None and found.inner.guard.unchanged():
                return self._called(found, self.bind(args, kwargs), key)
        values = self.bind(args, kwargs)
        made = self.at(values)
        if key is not None:
            if len(self._direct) >= MAX_ENTRIES:
                self._direct.clear()
            self._direct[key] = made
        return self._called(made, values, key)

    def _called(self, made: Whole, values: tuple[Any, ...], key: Any) -> Any:
        """What a call gives; where the backend does not take a sweep of several directions, that of one direction."""
        try:
            return made.call(values)
        except BackendError:
            if made.inner.derivative is made.owner.sweeps[-1]:
                raise
            made.owner._unfit.add((id(made.inner.derivative), tuple(made.signature.items())))
            self._direct.pop(key, None)
            return self._called(self.at(values), values, key)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """One value per parameter of the primal, in order; ``*args`` is one tuple and ``**kwargs`` one dict."""
        return self.parameters.bind(args, kwargs)

    def signature_of(self, values: tuple[Any, ...]) -> dict[str, Type]:
        """The types that the compiled code would have for these arguments."""
        return self.sweeps[0].signature_of(values)

    def at(self, values: tuple[Any, ...]) -> Whole:
        """What is compiled for these arguments, one value per parameter; compiles if need be, and runs nothing."""
        inner = self._sweep_at(values)
        key = (id(inner), self._chunk_for(values))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._assembled(inner, key[1])
        self._last = made
        return made

    def _sweep_at(self, values: tuple[Any, ...]) -> Specialization:
        for sweep in self.sweeps[:-1]:
            try:
                found = sweep.at(values)
                if (id(sweep), tuple(found.signature.items())) not in self._unfit:
                    return found
            except (NotBatched, NonScalarOutput):
                continue
        return self.sweeps[-1].at(values)

    def checked(self, result: Any) -> Any:
        """A result, after the checks that the options ask for."""
        if self.options.check_finite:
            for where, leaf in leaves(result, "result"):
                if not is_finite(leaf):
                    raise NonFiniteError(
                        f"{self.__name__} gives a NaN or an infinity at {where}: {leaf!r}; "
                        "without check_finite=True it would be returned"
                    )
        return result

    # ---- compiling ----------------------------------------------------------------------------------------------
    def _assembled(self, inner: Specialization, chunk: int | None) -> Whole:
        sweep = inner.derivative
        text, name, function = self._loaded(sweep, inner.compiled, inner.emitted_signature, chunk)
        return Whole(f"{inner.source}\n\n{text}", function, inner, self)

    def _loaded(
        self, sweep: Derivative, compiled: Any, known: Mapping[str, Type], chunk: int | None
    ) -> tuple[str, str, Callable[..., Any]]:
        text, name = self._text(sweep, compiled, known, chunk)
        emitted = [
            made for made in (compiled.function, compiled.forward, compiled.reverse) if made is not None
        ]
        objects = {made.__name__: made for made in emitted}
        helpers = {"by_directions": by_directions, "no_cotangents": no_cotangents}
        objects |= {key: helper for key, helper in helpers.items() if key in text}
        objects |= assembly.namedtuples_in(*known.values(), compiled.result_type)
        anchor = types.FunctionType((lambda: None).__code__, {"np": np, "__name__": self.__module__})
        return text, name, load(text, name, anchor, objects, self.primal_name)

    def closed_form(
        self, signature: Mapping[str, Type]
    ) -> tuple[Callable[..., Any], dict[str, Type], Guard | None]:
        error: Exception | None = None
        for sweep in self.sweeps:
            try:
                compiled, guard, known = sweep._emit(signature, sweep.mode, closed=True)
            except (NotBatched, NonScalarOutput) as caught:
                error = caught
                continue
            return self._loaded(sweep, compiled, known, self.chunk)[2], known, guard
        assert error is not None
        raise error

    def emitted_for(self, raw: Mapping[str, Type]) -> tuple[Any, dict[str, Type], Guard | None]:
        """The emitted function for arguments of these types, the types of its parameters, and the guard."""
        key = tuple(raw.items())
        held = self._closed.get(key)
        if held is None or (held[2] is not None and not held[2].still_fits()):
            held = self._closed[key] = self.closed_form(self.sweeps[0]._with_floats(raw))
        return types.SimpleNamespace(function=held[0]), held[1], held[2]

    @property
    def arranges(self) -> bool:
        return self.sweeps[0].arranges

    def arrange(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return self.sweeps[0].arrange(values)

    def specialize(self, *args: Any, **kwargs: Any) -> Whole:
        """Compile for these arguments without running.

        Parameters
        ----------
        *args, **kwargs
            Arguments as in a call.

        Returns
        -------
        Whole
            Has ``.source``, and is callable with arguments of the same types.
        """
        return self.at(self.bind(args, kwargs))

    def explain(self, *args: Any, **kwargs: Any) -> Any:
        """What the sweep that this is made of would record in reverse mode, and why: see `Derivative.explain`."""
        return self.sweeps[0].explain(*args, **kwargs)

    @property
    def source(self) -> str:
        """The emitted Python source: the last that was compiled, before any call the one for the annotations.

        A parameter without annotation and default is a real scalar.
        """
        if self._last is None:
            inner = self.sweeps[0].compile_for(self.sweeps[0].annotated_types())
            self._last = self._assembled(inner, self.chunk)
        return self._last.source

    def annotated_types(self) -> dict[str, Type]:
        """A type per parameter from its annotation, else its default; else a real scalar."""
        return self.parameters.annotated_types()

    def cache_info(self) -> CacheInfo:
        """How often a call found compiled code, how often it had to compile, and how much is kept."""
        found = [sweep.cache_info() for sweep in self.sweeps]
        return CacheInfo(
            sum(info.hits for info in found), sum(info.misses for info in found), found[0].maxsize,
            sum(info.currsize for info in found),
        )  # fmt: skip

    def cache_clear(self) -> None:
        """Forget all compiled code."""
        for sweep in self.sweeps:
            sweep.cache_clear()
        self._made: dict[Any, Whole] = {}
        self._direct: dict[Any, Whole] = {}
        self._closed: dict[Any, Any] = {}
        self._unfit: set[tuple[int, tuple[tuple[str, Type], ...]]] = set()
        self._last = None

    # ---- being an object ----------------------------------------------------------------------------------------
    def __repr__(self) -> str:
        return f"<{self.mode} of {self.__module__}.{self.__qualname__} with respect to {', '.join(self.wrt)}>"

    def _shown_source(self) -> str:
        return self._last.source if self._last is not None else "# compiled at the first call"

    def __reduce__(self) -> tuple[Any, ...]:
        given = (self.argnums, self.has_aux, self.options, self.chunk)
        return _restore, (type(self), reference(self), given)

    def _gradient(self) -> Derivative:
        """The gradient, to be differentiated again."""
        return Derivative(self.primal, "grad", self.argnums, self.has_aux, self.sweep_options)

    def _wrt_types(self, known: Mapping[str, Type]) -> dict[str, Type]:
        found = {name: known[name] for name in self.wrt}
        for name, item in found.items():
            _refuse_complex_argument(item, name, self)
        return found


def _restore(cls: type, primal: Any, given: tuple[Any, ...]) -> Any:
    return cls(restored(primal), *given)


def exact(args: tuple[Any, ...]) -> Any:
    """A key that numbers and arrays of one shape and dtype share, quickly made; None where there is anything else."""
    key: list[Any] = []
    for value in args:
        kind = type(value)
        if kind is np.ndarray:
            key += (value.shape, value.dtype)
        elif kind is float or kind is int:
            key.append(kind)
        else:
            return None
    return tuple(key)


def _refuse_complex_argument(known: Type, path: str, owner: WholeDerivative) -> None:
    for leaf in assembly.leaves_of(known, path, path):
        if kind_of(leaf.type.dtype) == "complex":
            raise NotDifferentiable(
                f"{leaf.path} is complex, and a {owner.title.lower()} is defined for real arguments: "
                "pass its real and imaginary parts, or use jvp and vjp"
            )


__all__ = ["CHUNK", "Whole", "WholeDerivative", "exact"]
