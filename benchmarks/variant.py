"""What a variant is: one way to compute a workload's value and gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.workload import Workload


class Unavailable(Exception):
    """A variant that cannot be timed, and why: it is not installed, or it does not take the program."""


@dataclass(frozen=True)
class Variant:
    """One way to compute a workload.

    Attributes
    ----------
    name : str
        Its name in results.
    title : str
        Its name in tables.
    prepare : callable
        ``prepare(name, workload, arguments)`` returns a function without parameters that computes
        ``(value, gradients)``, the value alone where `primal` says so, and waits for it.  Raises `Unavailable`.
    primal : bool
        Whether the value alone is computed.
    peer : bool
        Whether it is another tool, that ``--no-peers`` leaves out.
    interpreted : bool
        Whether the first call is like any other, since nothing is compiled.
    """

    name: str
    title: str
    prepare: Callable[[str, Workload, tuple[Any, ...]], Callable[[], Any]]
    primal: bool = False
    peer: bool = False
    interpreted: bool = False
