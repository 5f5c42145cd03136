"""A guard on what was found in user classes: code that entered a method is good while the method is the same."""

from __future__ import annotations

from typing import Any


class MethodGuard:
    """Watches what was found in classes: a method that is replaced or reloaded is compiled anew.

    >>> class Tank:
    ...     def level(self):
    ...         return 1.0
    >>> guard = MethodGuard()
    >>> guard.note(Tank, "level"), guard.still_fits()
    (None, True)
    >>> Tank.level = lambda self: 2.0
    >>> guard.still_fits()
    False
    """

    def __init__(self) -> None:
        self.found: dict[tuple[type, str], tuple[Any, Any]] = {}

    def note(self, cls: type, name: str) -> None:
        """What a class or one of its bases defines under a name was used."""
        for base in cls.__mro__:
            if name in vars(base):
                found = vars(base)[name]
                self.found[base, name] = (found, code_of(found))
                return

    def still_fits(self) -> bool:
        """Whether all of it is still there, with the same code."""
        return all(
            vars(cls).get(name) is found and code_of(found) is code
            for (cls, name), (found, code) in self.found.items()
        )


def code_of(found: Any) -> Any:
    """The code behind a method, property, static or class method; None for anything else."""
    inner = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    return getattr(inner, "__code__", None)
