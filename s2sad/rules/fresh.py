"""Symbols for sizes that nothing is known of.  The compiler calls `reset` before each run, so names are stable."""

from __future__ import annotations

from collections import defaultdict
from threading import local

from s2sad.signature import Dim

_given = local()


def reset() -> None:
    """Start counting anew: one compilation's symbols mean nothing to another."""
    _given.counts = defaultdict(int)


def fresh_dim(stem: str, *, one: bool | None = None) -> Dim:
    """A size that is equal to no other one, as far as is known.

    >>> reset()
    >>> fresh_dim("mask"), fresh_dim("mask")
    (mask#0, mask#1)
    """
    if not hasattr(_given, "counts"):
        reset()
    count = _given.counts[stem]
    _given.counts[stem] += 1
    return Dim(f"{stem}#{count}", one=one)
