"""Calling compiled code: arguments in, results out, and what goes wrong told in the user's terms."""

from __future__ import annotations

import functools
import re
import traceback
import warnings
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from s2sad.backends.numba import cache
from s2sad.backends.numba.layout import packing, unpacking
from s2sad.errors import BackendError, Problem, problem_at
from s2sad.program import Program
from s2sad.signature import Opaque, Type
from s2sad.tracebacks import places_of_line

ADVICE = (
    'use backend="numpy", which runs all that s2sad emits, or backend="auto", which chooses for each function'
)
RUNNER = "__s2sad_runner__"
"""The attribute by which a function that is called tells its `Runner`."""

_OWN = "__s2sad_"  # apart from any name of the user
COMPILED = f"{_OWN}compiled"
"""What the text of a call calls: compiled code."""

_LINE = re.compile(r'File "([^"]+)", line (\d+)')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Runner:
    """One compiled function and how it is called.

    Parameters
    ----------
    compiled : Dispatcher
        The function as Numba made it.
    module : module
        Where it is.
    programs : sequence of Program
        What the module was printed from.
    arguments : sequence of Type
        The types of the arguments.
    kept : sequence of int
        The places of those that are handed over.
    outside : sequence of str
        The paths of the values from outside that follow them, as the user's function sees them.
    made : callable
        Makes the function of a text that sees these paths, and the given objects by their names.
    result : Type
        The type of the result.
    """

    def __init__(
        self,
        compiled: Any,
        module: ModuleType,
        programs: Sequence[Program],
        arguments: Sequence[Type],
        kept: Sequence[int],
        outside: Sequence[str],
        made: Callable[[str, str, dict[str, Any]], Callable[..., Any]],
        result: Type,
    ) -> None:
        self.compiled, self.module, self.programs = compiled, module, programs
        self.kept = list(kept)
        self.count = len(arguments)
        self.changes = [packing(arguments[k]) for k in self.kept]
        self.saved = [k for k in self.kept if isinstance(arguments[k], Opaque)]
        self.outside, self.made = list(outside), made
        last = next((p.body[-1] for p in programs if p.name == compiled.__name__), None)
        self.back = unpacking(result, getattr(last, "value", None))

        self._watch_compiling()

    def _watch_compiling(self) -> None:
        """Put `compiling` around what the compiled function does when it meets new types."""
        # that of the class: another of the same function may have put its own into the object
        method = getattr(type(self.compiled), "_compile_for_args", None)
        if method is not None:  # without it, as in a function that is not compiled, errors are told less well
            inner = functools.partial(method, self.compiled)
            self.compiled._compile_for_args = lambda *args, **kws: self.compiling(inner, args, kws)

    def compiling(self, inner: Callable[..., Any], args: Any, kws: Any) -> Any:
        """Compile; where only what is kept on disk was at fault, once more without it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return inner(*args, **kws)
            except Exception as error:
                if not _in_cache(error):
                    raise self.refusal(error) from None
            cache.forget(Path(str(self.module.__file__)))
            try:
                return inner(*args, **kws)
            except Exception as error:
                raise self.refusal(error) from None

    def function(self) -> Callable[..., Any]:
        """The function to call: with as little around the compiled one as its signature needs."""
        made = self._function()
        setattr(made, RUNNER, self)
        return made

    @property
    def _is_direct(self) -> bool:
        """Whether nothing is changed on the way in and on the way out."""
        return not any(self.changes) and self.back is None and not self.saved

    def linkable(
        self, parameters: Collection[str], classes: Sequence[type]
    ) -> tuple[Callable[..., Any], str, Callable[..., Any]] | None:
        """For `linking`: a function with the primal's parameters, its text, what that calls; None where it does more.

        Parameters
        ----------
        parameters : collection of str
            The names of the primal's parameters.
        classes : sequence of type
            The classes of their values, which are numbers of Python's.
        """
        prints = any(
            "print(" in line for line in Path(str(self.module.__file__)).read_text("utf-8").splitlines()
        )
        if not self._is_direct or prints or len(parameters) != self.count:
            return None
        given = list(parameters)
        called, more = self._machine_code([classes[k] for k in self.kept])
        handed = [*(given[k] for k in self.kept), *self.outside, *map(repr, more)]
        name = self.compiled.__name__
        text = f"def {name}({', '.join(given)}):\n    return {COMPILED}({', '.join(handed)})\n"
        return self.made(text, name, {COMPILED: called}), text, called

    def _machine_code(self, classes: Sequence[type]) -> tuple[Callable[..., Any], Sequence[Any]]:
        """What was compiled for arguments of these classes and the values outside, and what it takes after them.

        Numba's dispatcher finds it by the types of all arguments, which here are known: it is that itself where it was
        not compiled yet, or is not called with numbers alone.
        """
        overloads = getattr(self.compiled, "overloads", {})
        if not overloads or not set(classes) <= {float, int, bool, complex}:
            return self.compiled, ()
        from numba import typeof, types

        seen = self.made(f"def {_OWN}seen():\n    return [{', '.join(self.outside)}]\n", f"{_OWN}seen", {})()
        wanted = tuple(map(typeof, [*(kind() for kind in classes), *seen]))
        for found, made in overloads.items():
            rest = found[len(wanted) :]
            if found[: len(wanted)] == wanted and all(isinstance(kind, types.Omitted) for kind in rest):
                defaults = [kind.value for kind in rest]
                if {*map(type, defaults)} <= {float}:
                    return made.entry_point, defaults
        return self.compiled, ()

    def _function(self) -> Callable[..., Any]:
        if self.kept == list(range(self.count)) and self._is_direct and not self.outside:
            return self.compiled  # type: ignore[no-any-return]
        given = [f"{_OWN}{k}" for k in range(self.count)]
        objects: dict[str, Any] = {f"{_OWN}compiled": self.compiled, f"{_OWN}back": self.back}
        handed = []
        for k, change in zip(self.kept, self.changes):
            if k in self.saved:
                handed.append(f"{_OWN}alike({given[k]})")
                continue
            objects[f"{_OWN}change_{k}"] = change
            handed.append(given[k] if change is None else f"{_OWN}change_{k}({given[k]})")
        call = f"{_OWN}compiled({', '.join([*handed, *self.outside])})"
        result = call if self.back is None else f"{_OWN}back({call})"
        text = f"def {_OWN}run({', '.join(given)}):\n    return {result}\n"
        if self.saved:
            objects[f"{_OWN}told"] = self.told
            objects[f"{_OWN}alike"] = self.alike
            text = (
                f"def {_OWN}run({', '.join(given)}):\n    try:\n        return {result}\n"
                f"    except ValueError as {_OWN}error:\n        raise {_OWN}told({_OWN}error)\n"
            )
        made = self.made(text, f"{_OWN}run", objects)
        made.__wrapped__ = self.compiled  # type: ignore[attr-defined]
        made.__name__ = self.compiled.__name__  # by which what is emitted around it calls it
        return made

    # ---- what goes wrong ----------------------------------------------------------------------------------------

    def alike(self, saved: Any) -> Any:
        """What a forward sweep saved; where items of a list differ in type, Numba (0.68) reads foreign memory."""
        if isinstance(saved, tuple):
            for item in saved:
                self.alike(item)
        elif isinstance(saved, list) and len(set(map(_kind, saved))) > 1:
            raise BackendError(
                f"{self.compiled.__name__}: a list holds contiguous arrays and views that are not, or values and None, "
                "which Numba cannot hand from the forward to the reverse sweep: copy the views (`.copy()`), start with "
                f"a value, or {ADVICE}"
            )
        return saved

    def told(self, error: ValueError) -> Exception:
        """The user's own error, or why Numba cannot find the types of what a forward sweep saved."""
        return self.refusal(error) if "fingerprint" in str(error) else error

    def refusal(self, error: Exception) -> BackendError:
        """What Numba said, at the user's line."""
        text = _COLOUR.sub("", str(error))
        reason = _reason(text)
        problems: list[Problem] = []
        for path, line in reversed(_LINE.findall(text)):
            if path == self.module.__file__:
                problems = [self._problem(int(line), reason)]
                break
        if problems:
            return BackendError("", problems)
        return BackendError(f"Numba cannot compile {self.compiled.__name__}: {reason}; {ADVICE}")

    def _problem(self, line: int, reason: str) -> Problem:
        path = str(self.module.__file__)
        emitted = Path(path).read_text("utf-8").splitlines()[line - 1].strip()
        message = f"Numba cannot compile `{emitted}`: {reason}"
        places = places_of_line(path, line)
        if not places:
            return Problem("S501", message, ADVICE, path, line)
        lines = next((p.source_lines for p in self.programs if p.filename == places[0].filename), {})
        return problem_at(places[0], "S501", message, ADVICE, places[0].filename, lines)


def _kind(item: Any) -> Any:
    """What Numba's type of an item of a list depends on."""
    if not isinstance(item, np.ndarray):
        return type(item)
    flags = item.flags
    layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
    return (item.dtype, item.ndim, layout, flags.writeable)


def _in_cache(error: Exception) -> bool:
    """Whether an exception comes from reading Numba's files."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(Path(frame.filename).parts[-2:] == ("core", "caching.py") for frame in frames)


def _reason(text: str) -> str:
    """The sentence in Numba's report that says why."""
    skipped = ("Failed in", "There are", "- Of which", "Overload", "During", "File ", "raised from", "Enable")
    lines = [line.strip() for line in text.splitlines()]
    telling = [line for line in lines if line and not line.startswith(skipped)]
    wanted = (
        "No implementation",
        "Cannot unify",
        "cannot",
        "Use of unsupported",
        "Unknown attribute",
        "Untyped",
    )
    chosen = next(
        (line for line in telling if line.startswith(wanted)), telling[0] if telling else text[:200]
    )
    signature = next((line for line in telling if line.startswith(">>>")), "")
    return (chosen.rstrip(":") + (f" {signature.removeprefix('>>>').strip()}" if signature else ""))[:300]
