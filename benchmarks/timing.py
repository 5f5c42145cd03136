"""Fair timing: the candidates take turns, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any


def repetitions(function: Callable[[], Any], seconds: float) -> tuple[int, float]:
    """How often to call `function` so that a sample takes about this long, and what a call took."""
    count = 1
    while True:
        elapsed = sample(function, count)
        if elapsed >= seconds / 4:
            return max(1, round(count * seconds / elapsed)), elapsed / count
        count *= 4


def sample(function: Callable[[], Any], count: int) -> float:
    """Seconds for `count` calls."""
    start = time.perf_counter()
    for _ in range(count):
        function()
    return time.perf_counter() - start


def interleaved(
    candidates: Mapping[str, Callable[[], Any]],
    rounds: int = 15,
    seconds: float = 0.02,
    limit: float = 5.0,
) -> dict[str, list[float]]:
    """Seconds per call of each candidate, one figure per round.

    Every round runs all of them, except those that have used up `limit` seconds: a candidate of many seconds is
    called once.
    """
    found = {name: repetitions(function, seconds) for name, function in candidates.items()}
    counts = {name: count for name, (count, _) in found.items()}
    # what takes longer than it may is not called again
    times = {name: [first] if first >= limit else [] for name, (_, first) in found.items()}
    names, collecting = deque(candidates), gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name in names:
                if sum(times[name]) * counts[name] < limit:
                    times[name].append(sample(candidates[name], counts[name]) / counts[name])
            names.rotate(-1)
            gc.collect()
    finally:
        if collecting:
            gc.enable()
    return times


def summary(times: list[float]) -> dict[str, float]:
    """Median and minimum in microseconds, and the spread: the distance of the quartiles over the median."""
    median = statistics.median(times)
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else (median,) * 3
    return {
        "median_us": _rounded(1e6 * median),
        "min_us": _rounded(1e6 * min(times)),
        "spread": _rounded((high - low) / median),
    }


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")
