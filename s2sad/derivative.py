"""`Derivative`: what the entry points return; it compiles once per signature and then only dispatches."""

from __future__ import annotations

import functools
import html
import importlib
import inspect
import itertools
import pickle
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from s2sad import pipeline
from s2sad.arguments import Adapter, Argnums, Parameters, differentiable, python_function
from s2sad.assembly import gradient_with_aux, namedtuples_in
from s2sad.backends import numba
from s2sad.dispatch import Guard, exact_key_of, fitting, key_of
from s2sad.entry import counter, entry
from s2sad.errors import BackendError, NonScalarOutput, S2sadError
from s2sad.highlight import to_html
from s2sad.load import load
from s2sad.options import Options
from s2sad.report import Report, explain
from s2sad.signature import Size, Type, static_value, type_of
from s2sad.specialization import Specialization, check_scalar_type, guarded_function, may_be_array

MAX_ENTRIES = 256
LINKED_AFTER = 8
"""How many calls of the usual case go by before it is made one function."""

SMALL = 4
"""The size up to which a dimension of an argument is known to the backend `numba`."""

# One lock for all: a derivative may compile others on the way, in any order.
_COMPILING = threading.RLock()


class CacheInfo(NamedTuple):
    """As `functools.lru_cache` reports; a miss is a compilation."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


class Transformed:
    """What `grad` and its siblings return: callable like the primal, shown in notebooks, pickled by reference.

    Another derivative can be taken of it: `closed_form` gives it as a plain Python function.
    """

    __slots__ = ()

    primal: Any
    has_aux: bool

    @property
    def floats(self) -> frozenset[str]:
        """Parameters whose integers are floats."""
        raise NotImplementedError

    def closed_form(
        self, signature: Mapping[str, Type]
    ) -> tuple[Callable[..., Any], dict[str, Type], Guard | None]:
        """A function to differentiate again, the types of its parameters, and the guard on it."""
        raise NotImplementedError

    def arrange(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of `closed_form`'s function; what follows the primal's own stays at the end."""
        raise NotImplementedError

    def _shown_source(self) -> str:
        raise NotImplementedError

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        return f"<p><code>{html.escape(repr(self))}</code></p>{to_html(self._shown_source())}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": f"{self!r}\n{self._shown_source()}", "text/html": self._repr_html_()}

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self  # as functions are


def plainly(primal: Any) -> Any:
    """The function itself where it was to be compiled: how it runs makes no difference to its derivative."""
    compiled = isinstance(primal, Derivative) and getattr(primal, "mode", "") == "primal"
    return getattr(primal, "primal", primal) if compiled else primal


class Derivative(Transformed):
    """The derivative of a function, callable with the function's own signature.

    Made by `s2sad.grad` and its siblings.  It compiles at the first call with a new *signature* (the types of the
    arguments) and remembers what it compiled.

    Attributes
    ----------
    primal : callable
        The original function.
    mode : {"grad", "value_and_grad", "jvp", "vjp"}
        Which derivative.
    argnums : int, str or sequence of these
        The parameters it is taken with respect to, as given.
    wrt : tuple of str
        Their names.
    has_aux : bool
        Whether the primal returns ``(value, aux)``.
    options : Options
        The options of the compiler.
    """

    _usual: tuple[tuple[type, ...], Specialization] | None

    # a slot, so that a call goes straight to this derivative's own function
    __slots__ = ("__call__", "__dict__", "__weakref__")

    def __init__(
        self,
        primal: Any,
        mode: str,
        argnums: Argnums = 0,
        has_aux: bool = False,
        options: Options | None = None,
    ) -> None:
        primal = plainly(primal)
        if not callable(primal):
            raise TypeError(f"{mode}: the first argument must be a function, not {primal!r}")
        self.primal = primal
        self.mode = mode
        self.argnums = argnums
        self.has_aux = has_aux
        self.options = options or Options()
        if self.options.backend == "numba":
            numba.check_installed()
        self.primal_name = getattr(primal, "__name__", type(primal).__name__)
        self._parameters = Parameters(primal)
        self._adapter = None if isinstance(primal, Transformed) else Adapter(primal)
        self._fixed: tuple[Any, ...] = () if self._adapter is None else self._adapter.fixed
        self.wrt = self._parameters.resolve(argnums)
        self.single = isinstance(argnums, str) or not isinstance(argnums, Iterable)
        inner = primal.floats if isinstance(primal, Transformed) else ()
        self._floats = frozenset((*inner, *self.wrt))
        self._lock = _COMPILING
        self._warned = False
        self._last: Specialization | None = None
        self.cache_clear()
        self._describe()

    def _describe(self) -> None:
        primal = self.primal
        self.__wrapped__ = primal
        self.__signature__ = self._parameters.signature
        self.__name__ = self.primal_name
        self.__qualname__ = getattr(primal, "__qualname__", self.primal_name)
        self.__module__ = getattr(primal, "__module__", None) or type(primal).__module__
        what = {"grad": "Gradient", "value_and_grad": "Value and gradient"}.get(self.mode, "Derivative")
        title = (
            f"{what} of `{self.primal_name}` with respect to {', '.join(f'`{name}`' for name in self.wrt)}."
        )
        if self.mode == "primal":
            title = f"`{self.primal_name}`, compiled."
        own = inspect.getdoc(primal)
        self.__doc__ = f"{title}\n\n{own}" if own else title

    @property
    def floats(self) -> frozenset[str]:
        return self._floats

    # ---- calling -------------------------------------------------------------------------------------------------

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """The derivative at these arguments."""

    def _find_and_run(self, values: tuple[Any, ...]) -> Any:
        exact = tuple([exact_key_of(value) for value in values])
        run = self._direct.get(exact)
        if run is not None:
            self._found += 1
            return run(*values)
        made = self.at(values)
        self._shorten(exact, made)
        return made.run(*values)

    def _infinite(self, values: tuple[Any, ...]) -> tuple[Any] | None:
        """What a call gives where a slope may be infinite; None where the primal itself divides by zero."""
        return self.at(values).infinite(values)

    def _stale(self, *values: Any) -> Any:
        made = self.at(values)
        exact = tuple([exact_key_of(value) for value in values])
        if self._direct.get(exact) is not made.guarded:  # a global is of another kind now
            self._shorten(exact, made)
        return made.run(*values)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """One value per parameter of the primal, in order; ``*args`` is one tuple and ``**kwargs`` one dict."""
        return self._parameters.bind(args, kwargs)

    def signature_of(self, values: tuple[Any, ...]) -> dict[str, Type]:
        """The types that the compiled code would have for these arguments."""
        return self._with_floats(self._types_of(values, self.sizes_told()))

    def fits(self, values: tuple[Any, ...], signature: Mapping[str, Type]) -> bool:
        """Whether code that was compiled for a signature can take these arguments."""
        return signature in (self.signature_of(values), self._with_floats(self._types_of(values)))

    def _types_of(self, values: tuple[Any, ...], told: dict[int, Size] | None = None) -> dict[str, Type]:
        sizes = {} if told is None else dict(told)
        return {name: type_of(value, name, sizes) for name, value in zip(self._parameters.names, values)}

    def sizes_told(self) -> dict[int, Size]:
        """The sizes that are part of the types of arguments, as `type_of` wants them."""
        return {n: n for n in range(2, self._small() + 1)}

    def _small(self) -> int:
        """The size up to which a dimension's size is part of its type: compiled loops of so few turns are unrolled."""
        return 1 if self.options.backend == "numpy" and self.options.optimize != "scalars" else SMALL

    def _with_floats(self, raw: Mapping[str, Type]) -> dict[str, Type]:
        return {name: differentiable(raw[name], name) if name in self.floats else raw[name] for name in raw}

    def at(self, values: tuple[Any, ...]) -> Specialization:
        """What is compiled for these arguments, one value per parameter; compiles if need be, and runs nothing."""
        every = self._fixed + values
        keys = tuple(map(key_of, every))
        key = (keys, fitting(every, keys, self._small()))
        made = self._entries.get(key)
        if made is not None and (made.guard.unchanged() or self._still_fits(made)):
            self._found += 1
            return made
        with self._lock:
            return self._find_or_compile(key, values)

    def _still_fits(self, made: Specialization) -> bool:
        """Whether the globals are of the kinds that were compiled for; what is linked gets the new ones."""
        if not made.guard.still_fits():
            return False
        if self._usual is not None and self._usual[1] is made:
            self._go_straight(*self._usual)
        return True

    def _shorten(self, exact: tuple[Any, ...], made: Specialization) -> None:
        """Let calls with these very classes and shapes go straight to what they run."""
        if self._fixed:  # an object behind a bound method may have changed since
            return
        if len(self._direct) >= MAX_ENTRIES:
            self._forget_shortcuts()
        if made.guarded is None:
            made.guarded = made.guard.guarded(made.run, len(exact), self._stale)
        self._direct[exact] = made.guarded
        if all(isinstance(key, type) for key in exact):
            self._favour(exact, self._warming(exact, made))

    def _warming(self, classes: tuple[type, ...], made: Specialization) -> Callable[..., Any]:
        """What runs the usual case until it was called so often that it pays to link it."""
        guarded, calls = made.guarded, itertools.repeat(False, LINKED_AFTER)
        assert guarded is not None

        def run(*values: Any) -> Any:
            if next(calls, True) and sys.gettrace() is None:
                self._favour(classes, guarded)
                self._go_straight(classes, made)
            return guarded(*values)

        return run

    def _go_straight(self, classes: tuple[type, ...], made: Specialization) -> None:
        """Make the usual case one function, where that can be."""
        self._usual = classes, made
        self.__call__ = made.linked(classes, self._plain, counter(self._plain)) or self._plain  # type: ignore[method-assign]

    def _forget_shortcuts(self) -> None:
        self._direct.clear()
        self._favour((type(None),) * len(self._parameters.names), None)
        self._usual = None
        self.__call__ = self._plain  # type: ignore[method-assign]

    def _find_or_compile(self, key: tuple[Any, ...], values: tuple[Any, ...]) -> Specialization:
        variants = self._variants.setdefault(key, [])
        made = next((variant for variant in variants if variant.guard.still_fits()), None)
        if made is None:
            self._misses += 1
            made = self._compile_for_values(values)
            variants.append(made)
        else:
            self._found += 1
        self._remember(key, made)
        return made

    def _compile_for_values(self, values: tuple[Any, ...]) -> Specialization:
        """Compile; where small sizes are known and that is in the way, as for any sizes."""
        known = self._types_of(values, self.sizes_told())
        try:
            return self.compile_for(known)
        except S2sadError:
            plain = self._types_of(values)
            if plain == known:
                raise
            return self.compile_for(plain)

    def _remember(self, key: tuple[Any, ...], made: Specialization) -> None:
        self._entries[key] = made
        self._last = made
        while len(self._entries) > MAX_ENTRIES:
            oldest = next(iter(self._entries))
            self._forget_shortcuts()  # what they lead to may be the oldest
            for table in (self._entries, self._variants):
                table.pop(oldest, None)

    # ---- compiling -----------------------------------------------------------------------------------------------

    def compile_for(self, raw: Mapping[str, Type]) -> Specialization:
        """Compile for arguments of these types, one for each parameter; nothing runs and nothing is cached."""
        signature = self._with_floats(raw)
        if self.options.backend != "auto":
            compiled, guard, known = self._checked(signature, self.options)
            return Specialization(
                self, compiled, signature, raw, guard, None, known,
                functools.partial(self._without_scalars, signature, raw) if compiled.in_scalars else None,
            )  # fmt: skip
        plain = replace(self.options, backend="numpy", optimize=self.options.optimize is not False)
        try:
            numba.check_installed()
            compiled, guard, known = self._checked(signature, replace(self.options, backend="numba"))
        except BackendError as error:
            self.warn_of_fallback(error)
            compiled, guard, known = self._checked(signature, plain)
            return Specialization(self, compiled, signature, raw, guard, None, known)
        return Specialization(
            self, compiled, signature, raw, guard, lambda: self._checked(signature, plain)[0], known
        )

    def _without_scalars(self, signature: Mapping[str, Type], raw: Mapping[str, Type]) -> Specialization:
        """The same with NumPy's own numbers, for calls in which Python's raise."""
        compiled, guard, known = self._checked(signature, replace(self.options, optimize=True))
        return Specialization(self, compiled, signature, raw, guard, None, known)

    def _checked(
        self, signature: Mapping[str, Type], options: Options
    ) -> tuple[pipeline.Compiled, Guard, dict[str, Type]]:
        """What `_emit` gives, once the result is seen to have a derivative."""
        with self._lock:
            compiled, guard, known = self._emit(
                signature, "vjp" if self.has_aux else self.mode, False, options
            )
            if self.mode in ("grad", "value_and_grad") and not self.has_aux:
                check_scalar_type(compiled.result_type, self)
                if may_be_array(compiled.result_type) and self.mode == "grad":
                    # the value is needed, to be refused if it is an array
                    compiled, guard, _ = self._emit(signature, "value_and_grad", False, options)
        return compiled, guard, known

    def warn_of_fallback(self, error: BackendError) -> None:
        """Say once why ``backend="auto"`` runs on NumPy."""
        if not self._warned:
            self._warned = True
            reason = error.problems[0].message if error.problems else error.message
            warnings.warn(
                f'{self.primal_name}: backend="auto" runs on NumPy, because {reason}',
                RuntimeWarning,
                stacklevel=4,
            )

    def _emit(
        self,
        signature: Mapping[str, Type],
        mode: str,
        closed: bool = False,
        options: Options | None = None,
    ) -> tuple[pipeline.Compiled, Guard, dict[str, Type]]:
        """What the compiler makes, the guard on it, and the types of the emitted function's parameters."""
        target, known, inner = self._target(signature)
        wrt = self.wrt if mode != "primal" else tuple(key for key, item in known.items() if item.is_real)
        compiled = pipeline.compile_function(target, known, wrt, mode, options or self.options, closed)
        passed = [
            value for value in map(static_value, known.values()) if isinstance(value, types.FunctionType)
        ]
        guards = [*compiled.guards, *([inner] if inner is not None else [])]
        return compiled, Guard(guarded_function(target), compiled.dependencies, passed, guards), known

    def emitted_for(self, raw: Mapping[str, Type]) -> tuple[pipeline.Compiled, dict[str, Type], Guard]:
        """What the compiler makes for arguments of these types, the emitted function's parameters, and the guard.

        For callers that are compiled themselves: they hold the emitted function, and guard what it depends on.
        """
        key = tuple(raw.items())
        with self._lock:
            held = self._emitted.get(key)
            if self.has_aux:
                return self._emitted_with_aux(key, held)
            if held is None or not held[1].still_fits():
                held = self._emitted[key] = self._emit(self._with_floats(raw), self.mode, closed=True)
            compiled, guard, known = held
            if self.mode in ("grad", "value_and_grad"):
                check_scalar_type(compiled.result_type, self)
                if may_be_array(compiled.result_type):
                    raise NonScalarOutput(
                        f"whether {self.primal_name} returns a scalar is not known where its derivative is called: "
                        "wrap what it returns in float(...) or np.sum(...)"
                    )
            return compiled, known, guard

    def _emitted_with_aux(self, key: Any, held: Any) -> tuple[Any, dict[str, Type], Guard]:
        if held is None or not held[1].still_fits():
            function, known, guard = self._closed_with_aux(self._with_floats(dict(key)))
            made: Any = types.SimpleNamespace(function=function)
            held = self._emitted[key] = (made, cast(Guard, guard), known)
        return held[0], held[2], held[1]

    def _target(
        self, signature: Mapping[str, Type]
    ) -> tuple[Callable[..., Any], dict[str, Type], Guard | None]:
        """The plain function that is differentiated: for a derivative of a derivative, the emitted one."""
        if self._adapter is not None:
            return python_function(self._adapter.function), self._adapter.arrange_types(dict(signature)), None
        return self.primal.closed_form(signature)  # type: ignore[no-any-return]

    def closed_form(
        self, signature: Mapping[str, Type]
    ) -> tuple[Callable[..., Any], dict[str, Type], Guard | None]:
        if self.has_aux:
            return self._closed_with_aux(signature)
        compiled, guard, known = self._emit(signature, self.mode, closed=True)
        if self.mode in ("grad", "value_and_grad"):
            check_scalar_type(compiled.result_type, self)
        return compiled.function, known, guard

    def _closed_with_aux(
        self, signature: Mapping[str, Type]
    ) -> tuple[Callable[..., Any], dict[str, Type], Guard | None]:
        """The pair of sweeps in one function: the aux of the forward one is returned beside the gradient."""
        compiled, guard, known = self._emit(signature, "vjp", closed=True)
        text = gradient_with_aux(self, compiled, known)
        sweeps = {made.__name__: made for made in (compiled.forward, compiled.reverse) if made is not None}
        objects = {**sweeps, **namedtuples_in(compiled.result_type)}
        anchor = types.FunctionType((lambda: None).__code__, {"np": np, "__name__": self.__module__})
        return (
            load(text, text.split("(")[0].removeprefix("def "), anchor, objects, self.primal_name),
            known,
            guard,
        )

    @property
    def arranges(self) -> bool:
        """Whether the emitted function takes its arguments in another order than the primal."""
        return self._adapter is None or not self._adapter.trivial

    def arrange(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of the emitted function; what follows the primal's own (tangents) stays at the end."""
        if self._adapter is not None:
            return self._adapter.arrange(values)
        count = len(self._parameters.names)
        return (*self.primal.arrange(values[:count]), *values[count:])

    def specialize(self, *args: Any, **kwargs: Any) -> Specialization:
        """Compile for these arguments without running.

        Parameters
        ----------
        *args, **kwargs
            Arguments as in a call.

        Returns
        -------
        Specialization
            Has ``.source``, and is callable with arguments of the same types.
        """
        return self.at(self._parameters.bind(args, kwargs))

    def explain(self, *args: Any, **kwargs: Any) -> Report:
        """What is differentiated and what is recorded, line by line; runs the forward sweep once.

        Parameters
        ----------
        *args, **kwargs
            Arguments as in a call.

        Returns
        -------
        Report
            Prints as a table, and shows itself in a notebook; ``.lines``, ``.held``, ``.bytes`` and ``.savings`` have
            the same as objects.
        """
        vjp = Derivative(self.primal, "vjp", self.wrt, False, replace(self.options, backend="numpy"))
        return explain(self, vjp, self._parameters.bind(args, kwargs))

    @property
    def source(self) -> str:
        """The emitted Python source: the last that was compiled, before any call the one for the annotations.

        A parameter without annotation and default is a real scalar.
        """
        last = self._last
        if last is None:
            self._last = last = self.compile_for(self._parameters.annotated_types())
        return last.source

    @property
    def positions(self) -> tuple[int, ...]:
        """The places of `wrt` among the parameters."""
        return tuple(self._parameters.names.index(name) for name in self.wrt)

    def unbind(self, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The positional and keyword arguments that `bind` turns into `values`."""
        return self._parameters.unbind(values)

    def primal_of_values(self, *values: Any) -> Any:
        """The primal, called with one value per parameter, as `bind` gives them."""
        args, kwargs = self._parameters.unbind(values)
        return self.primal(*args, **kwargs)

    def annotated_types(self) -> dict[str, Type]:
        """A type per parameter from its annotation, else its default; else a real scalar."""
        return self._parameters.annotated_types()

    def cache_info(self) -> CacheInfo:
        """How often a call found compiled code, how often it had to compile, and how much is kept."""
        return CacheInfo(self._hits() + self._found, self._misses, MAX_ENTRIES, len(self._entries))

    def cache_clear(self) -> None:
        """Forget all compiled code."""
        with self._lock:
            self._found = self._misses = 0
            self._emitted: dict[Any, tuple[pipeline.Compiled, Guard, dict[str, Type]]] = {}
            self._entries: dict[Any, Specialization] = {}
            self._direct: dict[tuple[Any, ...], Callable[..., Any]] = {}
            call, self._hits, self._favour = entry(
                self._parameters.signature, self._direct, self._find_and_run, self._infinite
            )
            call.__qualname__ = self.primal_name
            self._plain = self.__call__ = call  # type: ignore[method-assign]
            self._usual = None
            self._variants: dict[Any, list[Specialization]] = {}
            self._last = None

    # ---- being an object -----------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<{self.mode} of {self.__module__}.{self.__qualname__} with respect to {', '.join(self.wrt)}>"

    def _shown_source(self) -> str:
        return self._last.source if self._last is not None else "# compiled at the first call"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (reference(self), self.mode, self.argnums, self.has_aux, self.options)


class _ByName(NamedTuple):
    """A function by module and qualified name."""

    module: str
    qualname: str

    def find(self) -> Any:
        module = importlib.import_module(self.module)
        found: Any = functools.reduce(getattr, self.qualname.split("."), module)
        while isinstance(found, Transformed):  # decorated: the name is now the derivative's
            found = found.primal
        return found


def reference(derivative: Any) -> Any:
    """What stands for the primal in a pickle: its name if it is a function, else itself."""
    primal = derivative.primal
    if not isinstance(primal, types.FunctionType):
        return primal
    name = _ByName(primal.__module__, primal.__qualname__)
    try:
        found = name.find()
    except (ImportError, AttributeError):
        found = None
    if found is not primal:
        raise pickle.PicklingError(
            f"{derivative!r} cannot be pickled: its primal is not found as {name.module}.{name.qualname}; "
            "define it at the top level of a module"
        )
    return name


def restored(reference: Any) -> Any:
    """The primal that a `reference` stands for."""
    return reference.find() if isinstance(reference, _ByName) else reference


def _restore(reference: Any, mode: str, argnums: Argnums, has_aux: bool, options: Options) -> Derivative:
    return Derivative(restored(reference), mode, argnums, has_aux, options)
