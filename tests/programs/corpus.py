"""The corpus of whole programs: plain Python functions, each with the arguments at which it is tried.

A program is registered where it is written:

    @program(2.0, 3)
    def power(x, n): ...

and is then checked in every mode, after every pass and under every backend by `tests/test_programs.py`.  The modules
of this folder are found by walking it: a new topic is a new file.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from s2sad.objects import is_record
from s2sad.structure import leaves


@dataclass(frozen=True)
class Entry:
    """A program of the corpus.

    Attributes
    ----------
    fun : callable
        The primal, exactly as a user would write it.
    points : tuple of tuple
        Positional arguments to try it at; several where the program branches.
    wrt : tuple of int
        The positions it is differentiated with respect to.
    smooth : bool
        Whether central differences converge at the points and a second derivative exists.
    kink : bool
        Whether the derivative at the points is a convention, so that differences say nothing; `expect` has it.
    expect : tuple or None
        The gradient by convention, one per item of `wrt`, for the first point.
    numba : bool
        Whether what is emitted for it lies inside Numba's vocabulary.
    writes : bool
        Whether it writes into an array, list or dict.
    refused : str
        The code with which it is refused, for a program that the language does not take yet; else empty.
    """

    fun: Callable[..., Any]
    points: tuple[tuple[Any, ...], ...]
    wrt: tuple[int, ...]
    smooth: bool = True
    kink: bool = False
    expect: tuple[Any, ...] | None = None
    numba: bool = False
    writes: bool = False
    refused: str = ""

    @property
    def name(self) -> str:
        """Topic and name: ``loops.iterate``."""
        return f"{self.fun.__module__.rsplit('.', 1)[-1]}.{self.fun.__name__}"


CORPUS: dict[str, Entry] = {}


def program(
    *args: Any,
    also: Sequence[tuple[Any, ...]] = (),
    wrt: int | Sequence[int] | None = None,
    smooth: bool = True,
    expect: Any = None,
    numba: bool = False,
    writes: bool = False,
    refused: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function; it is returned unchanged.

    Parameters
    ----------
    *args
        Where it is tried.
    also
        Further points.
    wrt
        Positions to differentiate with respect to; by default every argument that can be.
    expect
        The gradient where it is a convention (a kink) or known in closed form; one per position of `wrt`.
    refused
        The code of the refusal, while the language does not take the program.
    """
    positions = range(len(args)) if wrt is None else (wrt,) if isinstance(wrt, int) else wrt
    chosen = tuple(k for k in positions if wrt is not None or is_differentiable(args[k]))
    conventional = None if expect is None else tuple(expect) if isinstance(expect, tuple) else (expect,)

    def register(fun: Callable[..., Any]) -> Callable[..., Any]:
        entry = Entry(fun, (args, *also), chosen, smooth, not smooth, conventional, numba, writes, refused)
        assert CORPUS.get(entry.name, entry).fun.__code__.co_filename == fun.__code__.co_filename, entry.name
        CORPUS[entry.name] = entry
        return fun

    return register


def is_differentiable(value: Any) -> bool:
    """Whether an argument has floating-point leaves only (an int among them is promoted)."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(is_differentiable, value))
    if isinstance(value, dict):
        return bool(value) and all(map(is_differentiable, value.values()))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fc"
    if is_record(value):
        return any(is_differentiable(leaf) for _, leaf in leaves(value))
    return isinstance(value, (float, complex, np.floating, np.complexfloating))


_numbers = np.random.default_rng(20240607)


def normal(*shape: int) -> np.ndarray:
    """Numbers of both signs, none close to a kink at zero or to each other."""
    return away(_numbers.normal(size=shape))


def positive(*shape: int) -> np.ndarray:
    """Numbers between 0.5 and 2."""
    return _numbers.uniform(0.5, 2.0, size=shape)


def unit(*shape: int) -> np.ndarray:
    """Numbers between -0.9 and 0.9."""
    return away(_numbers.uniform(-0.9, 0.9, size=shape))


def away(values: np.ndarray, margin: float = 0.05) -> np.ndarray:
    """The same numbers, pushed away from zero."""
    return values + margin * np.where(values < 0, -1.0, 1.0)


def well_conditioned(n: int) -> np.ndarray:
    """A matrix that can be inverted without loss."""
    return _numbers.normal(size=(n, n)) + n * np.eye(n)


def load() -> list[Entry]:
    """Every program of the folder, by topic."""
    folder = Path(__file__).parent
    package = __name__.rpartition(".")[0]
    for path in sorted(folder.glob("*.py")):
        if path.stem not in ("corpus", "conftest", "__init__"):
            module = f"{package}.{path.stem}" if package else path.stem
            if module not in sys.modules:
                importlib.import_module(module)
    return list(CORPUS.values())
