"""Memory and time of checkpointed loops against the full tape: ``python -m benchmarks.checkpoints [--trips N]``.

A recurrence with a state of 100 numbers, 100,000 steps.  One JSON line per way to keep the state: seconds and their
ratio to the full tape, all ways timed in turn in one process; the peak of `tracemalloc` of one gradient; what the
forward sweep keeps; how often a step was computed.  The bound that the project sets itself: at most 20 MB of
snapshots at less than three times the time of the full tape.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad import checkpointed, grad
from s2sad.runtime.schedules import has_library

TRIPS, SIZE = 100_000, 100


def full_tape(x: Any, n: int) -> Any:
    """Every state is recorded."""
    s = x
    for _ in range(n):
        s = s + 0.001 * np.sin(s) * x
    return np.sum(s * s)


def two_level(x: Any, n: int) -> Any:
    """Snapshots at equal distances, the square root of the trips apart."""
    s = x
    for _ in checkpointed(range(n)):
        s = s + 0.001 * np.sin(s) * x
    return np.sum(s * s)


def online(x: Any, n: int) -> Any:
    """A loop whose length is not known before."""
    s, t = x, 0
    while checkpointed(t < n):
        s = s + 0.001 * np.sin(s) * x
        t = t + 1
    return np.sum(s * s)


def on_disk(x: Any, n: int) -> Any:
    """The same snapshots in files."""
    s = x
    for _ in checkpointed(range(n), schedule="two_level", storage="disk"):
        s = s + 0.001 * np.sin(s) * x
    return np.sum(s * s)


def binomial(x: Any, n: int) -> Any:
    """Fifty snapshots, used again and again."""
    s = x
    for _ in checkpointed(range(n), slots=50, schedule="binomial"):
        s = s + 0.001 * np.sin(s) * x
    return np.sum(s * s)


def ways() -> dict[str, Callable[..., Any]]:
    """The loops to compare."""
    every = {"full_tape": full_tape, "two_level": two_level, "online": online, "on_disk": on_disk}
    return {**every, "binomial": binomial} if has_library() else every


def peak_of(gradient: Callable[..., Any], *arguments: Any) -> int:
    """The most memory that Python and NumPy held during a call, in bytes."""
    gc.collect()
    tracemalloc.start()
    try:
        gradient(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def measure(trips: int = TRIPS, rounds: int = 3) -> list[dict[str, Any]]:
    """One record per way."""
    x = np.linspace(0.0, 1.0, SIZE)
    gradients = {name: grad(way).specialize(x, trips) for name, way in ways().items()}
    wanted = gradients["full_tape"](x, trips)
    for name, gradient in gradients.items():
        assert np.allclose(gradient(x, trips), wanted, rtol=1e-9), name
    times: dict[str, list[float]] = {name: [] for name in gradients}
    for _ in range(rounds):
        for name, gradient in gradients.items():
            gc.collect()
            start = time.perf_counter()
            gradient(x, trips)
            times[name].append(time.perf_counter() - start)
    records = []
    for name, gradient in gradients.items():
        ratios = [mine / full for mine, full in zip(times[name], times["full_tape"])]
        records.append({
            "way": name, "trips": trips, "state": SIZE, "seconds": round(statistics.median(times[name]), 3),
            "over_full_tape": round(statistics.median(ratios), 3),
            "peak_MB": round(peak_of(gradient, x, trips) / 1e6, 3),
            "kept_MB": round(grad(ways()[name]).explain(x, trips).bytes / 1e6, 3),
            "machine": platform.machine(), "python": platform.python_version(), "numpy": np.__version__,
        })  # fmt: skip
    return records


def main(arguments: list[str] | None = None) -> list[dict[str, Any]]:
    """Print one JSON line per way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trips", type=int, default=TRIPS)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    records = measure(options.trips, options.rounds)
    for record in records:
        print(json.dumps(record))
    return records


if __name__ == "__main__":
    main()
