"""The adjoint by hand in C, compiled by gcc when it is asked for, called through ctypes.

``c/NAME.c`` defines ``double NAME(inputs..., gradients...)`` on the workload's flattened arguments.  A float is a
``double``, an integer a ``long``; an array is a pointer and its sizes; each gradient is a pointer.  It returns the
value.
"""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.variant import Unavailable, Variant
from benchmarks.workload import Workload

SOURCES = Path(__file__).resolve().parents[1] / "c"
FLAGS = ("-O3", "-march=native", "-std=c11", "-shared", "-fPIC")


@functools.cache
def folder() -> Path:
    """Where this process keeps its libraries."""
    made = tempfile.TemporaryDirectory(prefix="benchmarks-")
    _kept.append(made)
    return Path(made.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


@functools.cache
def library(name: str) -> ctypes.CDLL:
    """The compiled source of a workload."""
    source = SOURCES / f"{name}.c"
    if not source.is_file():
        raise Unavailable("not written in C")
    if not shutil.which("gcc"):
        raise Unavailable("gcc is not installed")
    target = folder() / f"{name}.so"
    subprocess.run(["gcc", *FLAGS, "-o", str(target), str(source), "-lm"], check=True)
    return ctypes.CDLL(str(target))


def by_hand(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """A call with the arguments in C's form; each call makes new arrays for the gradients, as any caller would."""
    flat = workload.flatten(*arguments)
    function = getattr(library(name), name)
    function.restype = ctypes.c_double
    kept = [np.ascontiguousarray(a) if isinstance(a, np.ndarray) else a for a in flat]
    inputs = [passed for argument in kept for passed in as_c(argument)]
    shapes = [np.shape(flat[k]) for k in workload.flat_wrt]

    if not any(shapes):
        results = [ctypes.c_double() for _ in shapes]
        call = functools.partial(function, *inputs, *map(ctypes.byref, results))
        return lambda: (call(), tuple([result.value for result in results]))

    def run(kept: Any = kept) -> Any:
        gradients = [np.empty(shape) for shape in shapes]
        value = function(*inputs, *[ctypes.c_void_p(g.ctypes.data) for g in gradients])
        return value, tuple(gradients)

    return run


def as_c(argument: Any) -> list[Any]:
    """What C takes for an argument."""
    if isinstance(argument, np.ndarray):
        assert argument.dtype in (np.float64, np.int64), argument.dtype
        return [ctypes.c_void_p(argument.ctypes.data), *map(ctypes.c_long, argument.shape)]
    return [ctypes.c_double(argument) if isinstance(argument, float) else ctypes.c_long(argument)]


C = Variant("c", "by hand, C", by_hand)
