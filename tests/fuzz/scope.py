"""What the generator knows of a program while it writes it: the types of variables, and functions to call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LOOP_DEPTH = 2
SHAPES = [(3,), (4,), (2, 3), (3, 3), (2,), (1, 3), (3, 1)]


@dataclass(frozen=True)
class Function:
    """A function that a program may call."""

    name: str
    params: tuple[Any, ...]
    result: Any
    writes: bool = False
    defaults: int = 0


@dataclass
class Scope:
    """What a block of statements sees."""

    names: dict[str, Any] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)  # read, but not rebound here
    functions: list[Function] = field(default_factory=list)
    result: Any = "f"
    loops: int = 0
    breakable: bool = False
    nested: bool = False
    top: bool = True
    width: int = 3

    def inner(self, **changes: Any) -> Scope:
        """The scope of a block within."""
        values = {**self.__dict__, "top": False, **changes}
        values["names"], values["fixed"] = dict(self.names), set(self.fixed)
        values["functions"] = list(self.functions)
        return Scope(**values)

    def of(self, test: Callable[[Any], bool], free: bool = False) -> list[str]:
        """The variables whose type passes a test."""
        return [n for n, t in self.names.items() if test(t) and not (free and n in self.fixed)]


def is_shape(known: Any) -> bool:
    """Whether a type is that of an array."""
    return isinstance(known, tuple) and all(isinstance(n, int) for n in known)


def is_kind(kind: str) -> Callable[[Any], bool]:
    """Whether a type is a container or an integer of this kind."""
    return lambda known: isinstance(known, tuple) and known[0] == kind


def indented(lines: list[str]) -> list[str]:
    """A block, one level in."""
    return [f"    {line}" for line in lines] or ["    pass"]


def leaves_block(body: list[str]) -> bool:
    """Whether a block ends by leaving."""
    return bool(body) and body[-1].split()[0] in ("return", "break", "continue")
