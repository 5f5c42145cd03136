"""Cold compile time of functions of 40 and of 400 statements, best of five: ``python -m benchmarks compile``."""

from __future__ import annotations

import argparse
import json
import linecache
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.machine import environment
from s2sad import grad

SIZES = (40, 400)
_LINES = (
    "{z} = {x} * {y} + 0.5",
    "{z} = math.sin({x}) - {y}",
    "{z} = {x} / (1.5 + {y} * {y})",
    "{z} = np.exp(-{x} * {x}) + {y}",
    "{z} = ({x} - {y}) * 0.25",
)


def generated_source(statements: int, name: str) -> str:
    """A straight-line function of `statements` statements over the last few values."""
    lines = [f"def {name}(v0, v1):"]
    for k in range(statements - 1):
        lines.append("    " + _LINES[k % len(_LINES)].format(z=f"v{k + 2}", x=f"v{k + 1}", y=f"v{k}"))
    return "\n".join([*lines, f"    return v{statements} * v{statements - 1}"]) + "\n"


def generated_function(statements: int, name: str) -> Callable[..., Any]:
    """The function, with a source that can be read back."""
    source, filename = generated_source(statements, name), f"<generated {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope: dict[str, Any] = {"math": math, "np": np}
    exec(compile(source, filename, "exec"), scope)
    function: Callable[..., Any] = scope[name]
    return function


def cold_compile(statements: int, attempt: int) -> float:
    """Seconds to compile a function that was never seen before."""
    function = generated_function(statements, f"generated_{statements}_{attempt}")
    start = time.perf_counter()
    grad(function, argnums=(0, 1)).specialize(0.3, 0.7)
    return time.perf_counter() - start


def measure(best_of: int = 5) -> dict[str, Any]:
    """Milliseconds per size, and how many times the large one costs."""
    cold_compile(5, 0)  # imports are not compilation
    best = {n: 1e3 * min(cold_compile(n, attempt) for attempt in range(best_of)) for n in SIZES}
    small, large = (best[n] for n in SIZES)
    return {**{f"statements_{n}_ms": round(ms, 2) for n, ms in best.items()}, "ratio": round(large / small, 2)}


def under_numba() -> float | None:
    """Seconds from a function of 40 statements to its first value, compiled by Numba; None if that cannot be."""
    from s2sad.errors import S2sadError

    function = generated_function(SIZES[0], "generated_under_numba")
    start = time.perf_counter()
    try:
        grad(function, argnums=(0, 1), backend="numba")(0.3, 0.7)
    except S2sadError:
        return None
    return time.perf_counter() - start


def main(options: argparse.Namespace) -> int:
    """Print one JSON line."""
    print(json.dumps(measure() | {"environment": environment()}))
    return 0
