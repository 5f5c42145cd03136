"""``s2sad cache``: what is kept of compiled code, and how to remove it."""

from __future__ import annotations

import argparse
from typing import Any

from s2sad.backends.numba import cache


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "cache",
        help="show or remove what Numba compiled",
        description="Show or remove the emitted modules and the machine code that backend numba keeps on disk. "
        "The folder is S2SAD_CACHE_DIR, or the platform's place for caches.",
        epilog="example: s2sad cache info",
    )
    parser.add_argument("action", choices=("info", "clear"), help="show what is there, or remove it")
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Print what the cache holds, or what was removed."""
    use = cache.used() if parsed.action == "info" else cache.clear()
    print(f"folder   {use.folder}")
    verb = "" if parsed.action == "info" else " removed"
    print(f"modules  {use.modules}{verb}")
    print(f"compiled {use.compiled}{verb}")
    print(f"size     {_size(use.size)}{verb}")
    return 0


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"
