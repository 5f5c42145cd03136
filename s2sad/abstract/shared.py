"""What functions of their own return: it may be memory that they were given, which cannot be followed once written.

A recursive function and a checkpoint are called, not entered.  If one returns an array that it was given, or a view of
it, caller and result share memory, and the sweeps cannot tell where.  That does no harm until the memory is written and
the result is read after that, which is refused here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import gast

from s2sad.abstract import late
from s2sad.abstract.values import Value, is_parameter

MARK = "shared"


@dataclass(frozen=True)
class Returned:
    """What a call returned: whose it was, when, and the memory of the caller that it may be."""

    label: str
    since: int
    sites: frozenset[Any]


def note(at: Any, sites: Iterable[Any], label: str) -> None:
    """What a function of its own returned may be memory of its caller."""
    sites = frozenset(sites)
    own = sites - {site for site in sites if site[:1] == (MARK,)}
    for mark in sites - own:
        at.returned[mark] = Returned(label, at.writes.now, own)


def held_in(at: Any, sites: Iterable[Any]) -> frozenset[Any]:
    """The memory that lists hold; a parameter of which nothing is known to be in it stands for its items."""
    found: set[Any] = set()
    for site in sites:
        found |= at.lessons.contents.get(site, frozenset([site] if is_parameter(site) else ()))
    return frozenset(found)


def check(at: Any, value: Value, node: gast.AST) -> None:
    """A variable is read: what it may share with memory that a call was given was not written since."""
    if not at.returned or not value.sites:
        return
    for mark in late.reads_of(at, [value]).sites & at.returned.keys():
        found = at.returned[mark]
        watch = late.Watch(found.since, late.Reads(found.sites), label=found.label)
        late.watched(at, watch, node)


__all__ = ["MARK", "check", "held_in", "note"]
