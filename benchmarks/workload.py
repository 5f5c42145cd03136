"""What a workload is: a program as a user writes it, its adjoint by hand, and the arguments it is timed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS = ("scalar loop", "loop", "stencil", "array", "blas")


@dataclass(frozen=True)
class Workload:
    """A primal, its value and gradient by hand, and where both are timed.

    Attributes
    ----------
    primal : callable
        The program: plain Python and NumPy.
    by_hand : callable
        Takes the primal's arguments, returns ``(value, gradients)``; `gradients` is a tuple, one for each of `wrt`.
        Written as a careful colleague writes it: the primal's operations, in the order and with the containers of
        the primal, and the reverse sweep in NumPy with no call that is not needed.
    arguments : callable
        ``arguments(small)`` makes the arguments: those that are timed, or small ones for tests.
    wrt : tuple of int
        The positions of the differentiated arguments.
    kinds : frozenset of str
        Which targets apply: see `KINDS`.
    by_hand_scalars : callable, optional
        The adjoint with short vectors as locals and element-indexed arrays as lists: what ``optimize="scalars"`` is
        measured against.
    flatten : callable, optional
        Turns the arguments into a flat tuple of numbers and arrays, for what knows no containers: C and Numba.
    by_hand_flat : callable, optional
        `by_hand` on flattened arguments, its gradients in the order of `flat_wrt`.
    flat_wrt : tuple of int
        The positions of the differentiated ones among the flattened arguments.
    """

    primal: Callable[..., Any]
    by_hand: Callable[..., tuple[Any, tuple[Any, ...]]]
    arguments: Callable[[bool], tuple[Any, ...]]
    wrt: tuple[int, ...] = (0,)
    kinds: frozenset[str] = field(default_factory=frozenset)
    by_hand_scalars: Callable[..., tuple[Any, tuple[Any, ...]]] | None = None
    flatten: Callable[..., tuple[Any, ...]] = lambda *arguments: arguments
    by_hand_flat: Callable[..., tuple[Any, tuple[Any, ...]]] | None = None
    flat_wrt: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", frozenset(self.kinds))
        object.__setattr__(self, "by_hand_flat", self.by_hand_flat or self.by_hand)
        object.__setattr__(self, "flat_wrt", self.flat_wrt or self.wrt)
        assert self.kinds <= set(KINDS), self.kinds
