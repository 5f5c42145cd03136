"""Where emitted modules are kept, so that a later process need not compile them again.

An emitted module is written as a real file and imported under a name of its own; Numba then keeps the machine code
beside it.  The file's name holds a digest of its text and of the versions of everything that compiles it, so an entry
never goes stale.  Files appear by renaming, so processes that compile the same at the same time do not meet.

The folder is ``S2SAD_CACHE_DIR``, else the platform's place for caches; where that cannot be written, a folder that
goes away with the process.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

VARIABLE = "S2SAD_CACHE_DIR"


class CacheUse(NamedTuple):
    """What is on disk."""

    folder: Path
    modules: int
    compiled: int
    size: int


def folder() -> Path:
    """The folder of the emitted modules: nothing else is in it."""
    return _base() / "emitted"


def _base() -> Path:
    """The folder of the cache by the user's choice, else by the platform's convention."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "s2sad" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "s2sad"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "s2sad"


def writable() -> Path:
    """The folder of the cache, made if need be; a temporary one where it cannot be written."""
    wanted = folder()
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        handle, probe = tempfile.mkstemp(dir=wanted)
        os.close(handle)
        os.unlink(probe)
    except OSError:
        return _temporary()
    return wanted


@functools.lru_cache(maxsize=1)
def _temporary() -> Path:
    holder = tempfile.TemporaryDirectory(prefix="s2sad-", ignore_cleanup_errors=True)
    _HOLDERS.append(holder)
    return Path(holder.name)


_HOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def digest(text: str) -> str:
    """A name for a text as this machine compiles it."""
    import llvmlite
    import numba

    from s2sad import __version__

    parts = (
        text, __version__, numba.__version__, llvmlite.__version__, np.__version__, sys.version,
        platform.machine(), platform.system(),
    )  # fmt: skip
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def imported(text: str, stem: str) -> ModuleType:
    """The module of a text: written if it is not on disk yet, imported if it is not in this process yet."""
    key = f"{stem}_{digest(text)}"
    name = f"s2sad_emitted_{key}"
    found = sys.modules.get(name)
    path = writable() / f"{key}.py"
    if found is not None and found.__file__ == str(path) and path.exists():
        return found
    _write(path, text)
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # what Numba keeps on disk names its module
    exec(compile(text, str(path), "exec", dont_inherit=True), module.__dict__)
    return module


def _write(path: Path, text: str) -> None:
    """Write a file all at once; one that has the text already keeps its time, which Numba's cache goes by."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.read_text("utf-8") == text:
            return
    forget(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)


def forget(path: Path) -> None:
    """Remove what was compiled from a module."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        with contextlib.suppress(OSError):
            compiled.unlink()


def used() -> CacheUse:
    """What the cache holds."""
    place = folder()
    files = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else []
    modules = [path for path in files if path.suffix == ".py"]
    compiled = [path for path in files if path.suffix == ".nbc"]
    return CacheUse(place, len(modules), len(compiled), sum(path.stat().st_size for path in files))


def clear() -> CacheUse:
    """Remove what the cache holds, and nothing else in its folder; returns what that was."""
    before = used()
    if before.folder.is_dir():
        for path in before.folder.glob("*.py"):
            with contextlib.suppress(OSError):
                path.unlink()
        shutil.rmtree(before.folder / "__pycache__", ignore_errors=True)
    return before
