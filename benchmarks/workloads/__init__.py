"""The programs that are timed, one file each: add one by adding a file that defines `WORKLOAD`."""

from __future__ import annotations

import importlib
import pkgutil

from benchmarks.workload import Workload


def names() -> list[str]:
    """The names of all workloads."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Workload:
    """The workload of that name."""
    found: Workload = importlib.import_module(f"{__name__}.{name}").WORKLOAD
    return found
