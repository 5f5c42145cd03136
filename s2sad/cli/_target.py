"""What the subcommands share: finding the function that ``TARGET`` names, and reading ``--at`` and ``--argnums``."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from s2sad.arguments import Argnums
from s2sad.derivative import Derivative
from s2sad.errors import InvalidArgnums
from s2sad.options import Options


class UsageError(Exception):
    """The command line is wrong; exit code 2."""


class Target(NamedTuple):
    """A function to differentiate, and what its decorator already says of how."""

    fun: Callable[..., Any]
    argnums: Argnums
    has_aux: bool
    options: Options
    namespace: dict[str, Any]

    def derivative(self, mode: str) -> Derivative:
        """Its derivative in a mode."""
        has_aux = self.has_aux and mode in ("grad", "value_and_grad")
        try:
            return Derivative(self.fun, mode, self.argnums, has_aux, self.options)
        except InvalidArgnums as error:
            raise UsageError(str(error)) from error


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that name a function and a point."""
    parser.add_argument("target", metavar="TARGET", help="file.py:function or package.module:function")
    parser.add_argument(
        "--argnums",
        metavar="NAMES",
        help="parameters to differentiate with respect to, by name or position: w,b or 0,1 (default: the first, "
        "or what the decorator says)",
    )
    parser.add_argument(
        "--at",
        metavar="ARGS",
        help='arguments of the function, as in a call: "x=[2.0, 17.0], n=10"; np is known',
    )


def find_target(parsed: argparse.Namespace) -> Target:
    """The function that the command line names."""
    place, separator, qualname = parsed.target.rpartition(":")
    if not separator or not place or not qualname:
        raise UsageError(f"TARGET {parsed.target!r} must be file.py:function or package.module:function")
    module = _load_file(Path(place)) if _is_path(place) else _load_module(place)
    found = _attribute(module, qualname, place)
    argnums: Argnums = 0
    has_aux, options = False, Options()
    if isinstance(found, Derivative):
        argnums, has_aux, options, found = found.argnums, found.has_aux, found.options, found.primal
    if not callable(found):
        raise UsageError(f"{qualname} in {place} is not a function but {type(found).__name__}")
    if parsed.argnums is not None:
        argnums = _parse_argnums(parsed.argnums)
    return Target(found, argnums, has_aux, options, {"np": np, "numpy": np, **vars(module)})


def _is_path(place: str) -> bool:
    return place.endswith(".py") or "/" in place or "\\" in place


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    if str(path.parent.resolve()) not in sys.path:
        sys.path.insert(0, str(path.parent.resolve()))  # as `python path` does
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    return _running(lambda: spec.loader.exec_module(module), module, str(path))  # type: ignore[union-attr]


def _load_module(name: str) -> ModuleType:
    if "" not in sys.path:
        sys.path.insert(0, "")  # the installed command lacks the current directory, `python -m` has it
    try:
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"there is no module {name}")
    except (ModuleNotFoundError, ValueError) as error:
        raise UsageError(f"there is no module {name}: {error}") from error
    loaded: list[ModuleType] = []
    return _running(lambda: loaded.append(importlib.import_module(name)), loaded, name)


def _running(load: Callable[[], Any], module: Any, place: str) -> ModuleType:
    try:
        load()
    except Exception as error:
        shown = "".join(traceback.format_exception_only(error)).strip()
        raise UsageError(f"{place} cannot be imported: {shown}") from error
    return module[0] if isinstance(module, list) else module


def _attribute(module: ModuleType, qualname: str, place: str) -> Any:
    found: Any = module
    for name in qualname.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            functions = [n for n, v in vars(module).items() if _is_own_function(v, module)]
            known = f"; it has {', '.join(functions)}" if functions else ""
            raise UsageError(f"{place} has no {qualname}{known}") from None
    return found


def _is_own_function(value: Any, module: ModuleType) -> bool:
    return isinstance(value, (Derivative, type(find_target))) and value.__module__ == module.__name__


def _parse_argnums(text: str) -> Argnums:
    items = [item.strip() for item in text.split(",") if item.strip()]
    if not items:
        raise UsageError("--argnums names no parameter")
    chosen = tuple(int(item) if item.lstrip("-").isdigit() else item for item in items)
    return chosen[0] if len(chosen) == 1 else chosen


def arguments_at(target: Target, text: str | None) -> dict[str, Any]:
    """The arguments that ``--at`` gives, by parameter; names that only ``**kwargs`` takes are gathered there."""
    given = _evaluate(target, text or "")
    parameters = inspect.signature(target.fun).parameters
    extra = {name: given.pop(name) for name in [*given] if name not in parameters}
    gathering = next((p.name for p in parameters.values() if p.kind is p.VAR_KEYWORD), None)
    if extra and gathering is None:
        name = next(iter(extra))
        raise UsageError(
            f"--at: {target.fun.__name__} has no parameter {name}: it has {', '.join(parameters)}"
        )
    if gathering is not None:
        given[gathering] = {**given.get(gathering, {}), **extra}
    return given


def _evaluate(target: Target, text: str) -> dict[str, Any]:
    try:
        given: dict[str, Any] = eval(f"dict({text}\n)", {**target.namespace, "dict": dict})
    except Exception as error:
        shown = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        raise UsageError(f'--at {text!r} is not of the form "x=2.0, n=10": {shown}') from error
    return given


def values_at(target: Target, text: str | None) -> tuple[Any, ...]:
    """One value per parameter of the target: from ``--at``, else the default; a parameter without is an error."""
    given = arguments_at(target, text)
    values = []
    for name, parameter in inspect.signature(target.fun).parameters.items():
        if name in given:
            values.append(given[name])
        elif parameter.kind is parameter.VAR_POSITIONAL:
            values.append(())
        elif parameter.kind is parameter.VAR_KEYWORD:
            values.append({})
        elif parameter.default is not parameter.empty:
            values.append(parameter.default)
        else:
            raise UsageError(f'no value for parameter {name}: give --at "{name}=..."')
    return tuple(values)
