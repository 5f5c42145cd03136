"""Fair timing: the candidates take turns, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def repetitions(function: Callable[[], Any], seconds: float) -> int:
    """How often to call `function` so that a sample takes about this long."""
    count = 1
    while True:
        elapsed = sample(function, count)
        if elapsed >= seconds / 4:
            return max(1, round(count * seconds / elapsed))
        count *= 4


def sample(function: Callable[[], Any], count: int) -> float:
    """Seconds for `count` calls."""
    start = time.perf_counter()
    for _ in range(count):
        function()
    return time.perf_counter() - start


def interleaved(
    candidates: Mapping[str, Callable[[], Any]], rounds: int = 15, seconds: float = 0.02
) -> dict[str, list[float]]:
    """Seconds per call of each candidate, one figure per round; every round runs all of them."""
    counts = {name: repetitions(function, seconds) for name, function in candidates.items()}
    times: dict[str, list[float]] = {name: [] for name in candidates}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for turn in range(rounds):
            names = list(candidates)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                times[name].append(sample(candidates[name], counts[name]) / counts[name])
            gc.collect()
    finally:
        if collecting:
            gc.enable()
    return times


def median_ratio(times: Mapping[str, list[float]], over: str, under: str) -> float:
    """The median over the rounds of one candidate's time in units of another's."""
    return statistics.median(a / b for a, b in zip(times[over], times[under]))
