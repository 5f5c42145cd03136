"""The machine and the versions that figures were taken with."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from benchmarks import threads

PACKAGES = ("numpy", "numba", "jax", "torch", "autograd", "casadi")


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def version(package: str) -> str | None:
    """The version of a package; None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def compiler() -> str | None:
    """The C compiler's own first line."""
    try:
        done = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.splitlines()[0]


def environment() -> dict[str, Any]:
    """What a figure has to be read with."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": threads.allowed(),
        "system": platform.system(),
        "python": platform.python_version(),
        "gcc": compiler(),
        **{package: version(package) for package in PACKAGES},
    }
