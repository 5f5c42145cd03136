"""Checkpoints: what is computed again in the reverse sweep instead of being recorded."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

SCHEDULES = ("two_level", "binomial")
STORAGES = ("memory", "disk")


class checkpoint:
    """A function that records nothing: the reverse sweep computes it again from its arguments.

    Parameters
    ----------
    fun : callable
        A Python function.

    Examples
    --------
    >>> from s2sad import checkpoint, grad
    >>> @checkpoint
    ... def step(x):
    ...     return x * x * x
    >>> grad(lambda x: step(step(x)))(1.0)
    9.0
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        if not callable(fun):
            raise TypeError(f"checkpoint: the argument must be a function, not {fun!r}")
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.__name__ = getattr(fun, "__name__", type(fun).__name__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<checkpoint of {self.__name__}>"


def checkpointed(
    iterable: T, *, slots: int | None = None, schedule: str | None = None, storage: str = "memory"
) -> T:
    """Mark a loop that is recorded in stretches.

    Written in the header of a loop: ``for t in checkpointed(range(n)):``.  The forward sweep keeps a snapshot of the
    loop's state here and there; the reverse sweep computes and records one stretch after the other, last first.
    Written in the test of a loop, ``while checkpointed(x > 1.0):``, it serves loops whose number of trips is not known
    before.  The loop itself runs as if this were not there.

    Parameters
    ----------
    iterable : range, array or list; bool in the test of a ``while``
        What the loop runs over.
    slots : int, optional
        The number of snapshots; by default about the square root of the number of trips.  In a ``while`` loop, the
        number of snapshots after which stretches become twice as long.
    schedule : {"two_level", "binomial"}, optional
        ``two_level``: snapshots at equal distances, each trip is computed at most twice.  ``binomial``: the revolve
        schedule of the library `checkpoint_schedules`, which uses few snapshots again and again; the default where the
        library is installed and `slots` is given.
    storage : {"memory", "disk"}
        Where snapshots are kept.

    Returns
    -------
    iterable
        The argument.

    Examples
    --------
    >>> import math
    >>> from s2sad import checkpointed, grad
    >>> def f(x):
    ...     s = 0.5
    ...     for t in checkpointed(range(10000)):
    ...         s = s * x + math.sin(s)
    ...     return s
    >>> round(grad(f)(0.4), 6)
    2.408919
    """
    return iterable


# ---- random numbers -----------------------------------------------------------------------------
def random_state(*generators: Any) -> list[tuple[Any, Any]]:
    """The states of random generators, to draw the same numbers again."""
    return [(generator, _state(generator)) for generator in generators]


def _state(generator: Any) -> Any:
    if hasattr(generator, "bit_generator"):
        return generator.bit_generator.state
    return generator.getstate() if hasattr(generator, "getstate") else generator.get_state()


def random_state_now(states: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The present states of the generators whose earlier states these are.

    Examples
    --------
    >>> import random
    >>> draw = random.Random(0)
    >>> before = random_state(draw)
    >>> _ = draw.random()
    >>> random_state_now(before) == before, random_state_now(before) == random_state(draw)
    (False, True)
    """
    return random_state(*(generator for generator, _ in states))


def set_random_state(states: list[tuple[Any, Any]]) -> None:
    """Put random generators into states that they had before."""
    for generator, state in states:
        if hasattr(generator, "bit_generator"):
            generator.bit_generator.state = state
        elif hasattr(generator, "setstate"):
            generator.setstate(state)
        else:
            generator.set_state(state)


def replayed(states: list[tuple[Any, Any]], function: Callable[..., Any], *args: Any) -> Any:
    """``function(*args)`` with random generators as they were; afterwards they are as they are now.

    Examples
    --------
    >>> import random
    >>> draw = random.Random(0)
    >>> states = random_state(draw)
    >>> first, second = draw.random(), draw.random()
    >>> replayed(states, draw.random) == first, draw.random() in (first, second)
    (True, False)
    """
    now = random_state_now(states)
    set_random_state(states)
    try:
        return function(*args)
    finally:
        set_random_state(now)
