"""The memory that one call needs at its peak, beyond what was resident before: of any library, on Linux."""

from __future__ import annotations

import ctypes
import gc
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def peak_kilobytes(function: Callable[[], Any]) -> int | None:
    """Kilobytes by which a call raises the resident memory at its highest; None where the system does not tell."""
    try:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        _CLEAR.write_text("5", "ascii")
        before = _resident("VmRSS")
        result = function()
        peak = _resident("VmHWM")
    except (OSError, AttributeError):
        return None
    del result
    return max(0, peak - before)


def _resident(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text("ascii"))
    if not found:
        raise OSError(f"{_STATUS} has no {name}")
    return int(found.group(1))
