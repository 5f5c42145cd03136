"""The primal, the adjoint by hand, and s2sad, all in Python and NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.variant import Unavailable, Variant
from benchmarks.workload import Workload
from s2sad import value_and_grad
from s2sad.errors import S2sadError


def primal(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """The program itself."""
    return lambda: workload.primal(*arguments)


def by_hand(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """The adjoint by hand."""
    return lambda: workload.by_hand(*arguments)


def by_hand_scalars(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
    """The adjoint by hand, with lists and locals in place of small arrays."""
    function = workload.by_hand_scalars
    if function is None:
        raise Unavailable("not written: there is nothing to turn into scalars")
    return lambda: function(*arguments)


def s2sad(**options: Any) -> Callable[[str, Workload, tuple[Any, ...]], Callable[[], Any]]:
    """`s2sad.value_and_grad` with options."""

    def prepare(name: str, workload: Workload, arguments: tuple[Any, ...]) -> Callable[[], Any]:
        try:
            function = value_and_grad(workload.primal, argnums=workload.wrt, **options)
            function(*arguments)
        except ValueError as error:  # an option that this version does not have
            raise Unavailable(str(error)) from error
        except S2sadError as error:
            raise Unavailable(f"not supported: {type(error).__name__} {' '.join(str(error).split())[:300]}") from error
        return lambda: function(*arguments)

    return prepare


PRIMAL = Variant("primal", "primal", primal, primal=True)
BY_HAND = Variant("by_hand", "by hand", by_hand)
BY_HAND_SCALARS = Variant("by_hand_scalars", "by hand, scalars", by_hand_scalars)
S2SAD = Variant("s2sad", "s2sad", s2sad())
S2SAD_SCALARS = Variant("s2sad_scalars", "s2sad, scalars", s2sad(optimize="scalars"))
