"""Time gradients: ``python -m benchmarks run [NAME...]`` prints one JSON line per workload.

The headline is ``over_by_hand``: the median over the rounds of the time of s2sad's gradient in units of the time of
the adjoint written by hand.  Gradients are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.compile_time import measure
from benchmarks.timing import interleaved, median_ratio
from benchmarks.workloads import WORKLOADS, Workload
from s2sad import grad


def run(name: str, workload: Workload, rounds: int, seconds: float) -> dict[str, Any]:
    """The figures of one workload."""
    arguments = workload.arguments()
    gradient = grad(workload.primal, argnums=workload.wrt)
    start = time.perf_counter()
    gradient.specialize(*arguments)
    compiled = time.perf_counter() - start
    check(name, gradient(*arguments), workload.by_hand(*arguments))
    times = interleaved(
        {
            "primal": lambda: workload.primal(*arguments),
            "gradient": lambda: gradient(*arguments),
            "by_hand": lambda: workload.by_hand(*arguments),
        },
        rounds,
        seconds,
    )
    return {
        "workload": name,
        "over_primal": round(median_ratio(times, "gradient", "primal"), 3),
        "over_by_hand": round(median_ratio(times, "gradient", "by_hand"), 3),
        "by_hand_over_primal": round(median_ratio(times, "by_hand", "primal"), 3),
        **{f"{kind}_us": round(1e6 * statistics.median(times[kind]), 2) for kind in times},
        "compile_ms": round(1e3 * compiled, 1),
        "rounds": rounds,
    }


def check(name: str, got: Any, expected: Any) -> None:
    """Refuse to time gradients that differ."""
    if isinstance(expected, dict):
        for key in expected:
            check(f"{name}[{key!r}]", got[key], expected[key])
    elif isinstance(expected, tuple):
        for k, (p, q) in enumerate(zip(got, expected)):
            check(f"{name}[{k}]", p, q)
    elif not np.allclose(got, expected, rtol=1e-7, atol=1e-9 * float(np.max(np.abs(expected)))):
        raise AssertionError(f"{name}: s2sad gives {got}, by hand it is {expected}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True, dest="command")
    runner = commands.add_parser("run", help="time gradients")
    runner.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(WORKLOADS)}; all by default")
    runner.add_argument("--rounds", type=int, default=15)
    runner.add_argument("--seconds", type=float, default=0.02, help="length of a sample")
    commands.add_parser("compile", help="time cold compilations of 40 and 400 statements")
    options = parser.parse_args(arguments)

    environment = {"python": platform.python_version(), "numpy": np.__version__}
    if options.command == "compile":
        print(json.dumps(measure() | environment))
        return 0
    unknown = [name for name in options.names if name not in WORKLOADS]
    if unknown:
        parser.error(f"no workload {', '.join(unknown)}: choose from {', '.join(WORKLOADS)}")
    failed = 0
    for name in options.names or WORKLOADS:
        try:
            line = run(name, WORKLOADS[name], options.rounds, options.seconds)
        except Exception as error:
            failed, line = 1, {"workload": name, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(line | environment), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
