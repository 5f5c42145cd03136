"""Deterministic names: a base (the user's name, or `t`) and a version.

A versioned name is written ``base~version`` inside the compiler: ``~`` cannot occur in Python, so no user's name can
clash, and the base is always recoverable.  Version 0 is the bare base.  Pass `name` gives the printed names.

>>> names = Names()
>>> names.fresh("x"), names.fresh("x"), base("x~1")
('x', 'x~1', 'x')
"""

from __future__ import annotations

import functools
from collections.abc import Container, Iterable


@functools.lru_cache(maxsize=4096)
def base(name: str) -> str:
    """The base of a versioned name."""
    return name.split("~", 1)[0]


def unused(wanted: str, taken: set[str]) -> str:
    """A name as wanted, with a number where it is taken; it is taken then.

    >>> taken = {"x"}
    >>> unused("x", taken), unused("x", taken), unused("y", taken)
    ('x_1', 'x_2', 'y')
    """
    candidate, count = wanted, 0
    while candidate in taken:
        count += 1
        candidate = f"{wanted}_{count}"
    taken.add(candidate)
    return candidate


def next_version(stem: str, *tables: Container[str]) -> str:
    """The first version of a base, from 1, that none of some tables has."""
    version = 1
    while any(f"{stem}~{version}" in table for table in tables):
        version += 1
    return f"{stem}~{version}"


class Names:
    """Gives out versioned names, each once."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._kept: dict[str, int] = {}

    @classmethod
    def apart_from(cls, names: Iterable[str]) -> Names:
        """What gives out names that are none of these.

        >>> Names.apart_from(["x", "x~3"]).fresh("x")
        'x~4'
        """
        new = cls()
        for name in names:
            new.keep(name)
        return new

    def fresh(self, name: str) -> str:
        """A name with the base of `name` that was not given before."""
        stem = base(name)
        version = max(self._next.get(stem, 0), self._kept.get(stem, 0))
        self._next[stem] = version + 1
        return f"{stem}~{version}" if version else stem

    def copy(self) -> Names:
        """A copy that gives out the same names, but for those that are kept later on."""
        new = Names()
        new._next, new._kept = dict(self._next), self._kept
        return new

    def keep(self, name: str) -> None:
        """Never give out a name again that was given, in no copy either.

        >>> names = Names()
        >>> copy = names.copy()
        >>> names.keep(names.fresh("x"))
        >>> copy.fresh("x")
        'x~1'
        """
        stem, _, version = name.partition("~")
        self._kept[stem] = max(self._kept.get(stem, 0), int(version or 0) + 1)

    def reserve(self, name: str) -> None:
        """Never give out `name` itself."""
        self._next.setdefault(base(name), 1)
