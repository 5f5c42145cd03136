"""Ratios out of the lines of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PEERS = ("jax", "torch", "torch_compile", "autograd", "casadi")
PRIMALS_UNDER_NUMBA = ("primal_jit", "primal_numba")
S2SAD_BEST = ("s2sad_numba", "s2sad")


class Figures:
    """The lines of a run, asked for times and ratios.

    Parameters
    ----------
    lines : sequence of dict
        What ``python -m benchmarks run`` has printed.
    by : {"median", "min"}
        Which statistic of the rounds; medians, unless the machine was shared.
    """

    def __init__(self, lines: Sequence[dict[str, Any]], by: str = "median") -> None:
        self.lines = {line["workload"]: line for line in lines}
        self.by = by

    def names(self, kind: str = "", other_than: str = "") -> list[str]:
        """The workloads that were run, of one kind or other than one."""
        return [
            name
            for name, line in self.lines.items()
            if (not kind or kind in line["kinds"]) and not (other_than and other_than in line["kinds"])
        ]

    def time(self, workload: str, variant: str) -> float | None:
        """Microseconds; None if the variant was not timed."""
        found: float | None = self.lines[workload]["variants"].get(variant, {}).get(f"{self.by}_us")
        return found

    def fastest(self, workload: str, variants: Sequence[str]) -> tuple[str, float] | None:
        """The fastest of some variants, with its time."""
        timed = [(name, time) for name in variants if (time := self.time(workload, name)) is not None]
        return min(timed, key=lambda pair: pair[1], default=None)

    def ratio(self, workload: str, over: str, under: str) -> float | None:
        """The time of one variant in units of another's."""
        upper, lower = self.time(workload, over), self.time(workload, under)
        return upper / lower if upper is not None and lower is not None else None
