"""Loops that are recorded in stretches by a schedule: which snapshots are taken, and what is computed again from them.

A schedule is a list of steps over equal *units* of the loop's trips:

- ``("forward", a, b, keep)``: compute units `a` to `b`, after a snapshot of the state at `a` if `keep`;
- ``("load", a, drop)``: go back to the snapshot at `a`, and give it up if `drop`;
- ``("reverse", a, b)``: record units `a` to `b` from the present state, and reverse them.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import os
import pickle
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from s2sad.runtime.checkpoints import random_state, set_random_state
from s2sad.structure import map_leaves

LIBRARY = "checkpoint_schedules"
MOST_UNITS = 4096
"""A schedule has no more units than this: with more trips, each unit is several of them."""

Step = tuple[Any, ...]


def has_library() -> bool:
    """Whether the library with the binomial schedule is installed."""
    return importlib.util.find_spec(LIBRARY) is not None


def two_level(units: int, slots: int | None) -> tuple[list[Step], list[Step]]:
    """Snapshots at equal distances: what the forward sweep does, and the reverse sweep.

    >>> two_level(5, 2)  # doctest: +NORMALIZE_WHITESPACE
    ([('forward', 0, 3, True), ('forward', 3, 5, True)],
     [('load', 3, True), ('reverse', 3, 5), ('load', 0, True), ('reverse', 0, 3)])
    """
    length = math.isqrt(max(units - 1, 0)) + 1 if slots is None else -(-units // slots)
    parts = [(a, min(a + length, units)) for a in range(0, units, max(length, 1))]
    back: list[Step] = []
    for a, b in reversed(parts):
        back += [("load", a, True), ("reverse", a, b)]
    return [("forward", a, b, True) for a, b in parts], back


def binomial(units: int, slots: int | None) -> tuple[list[Step], list[Step]]:
    """The revolve schedule of the library: the fewest units are computed again for a number of snapshots."""
    library = importlib.import_module(LIBRARY)
    count = min(slots if slots is not None else math.isqrt(units) + 1, max(units - 1, 1))
    if units == 1:
        return two_level(1, 1)
    forward: list[Step] = []
    back: list[Step] = []
    steps, pending = forward, (0, 0)
    for action in library.MultistageCheckpointSchedule(units, count, 0):
        if isinstance(action, library.Forward):
            if action.write_adj_deps and steps is back:
                pending = (action.n0, action.n1)
            elif (
                action.write_adj_deps
            ):  # the last unit: computed for the value, recorded by the reverse sweep
                steps.append(("forward", action.n0, action.n1, True))
                pending = (action.n0, action.n1)
                back.append(("load", action.n0, True))
            else:
                steps.append(("forward", action.n0, action.n1, action.write_ics))
        elif isinstance(action, (library.Copy, library.Move)):
            steps.append(("load", action.n, isinstance(action, library.Move)))
        elif isinstance(action, library.EndForward):
            steps = back
        elif isinstance(action, library.Reverse):
            steps.append(("reverse", *pending))
        elif isinstance(action, library.EndReverse):
            break
    return forward, back


SCHEDULES: dict[str, Callable[[int, int | None], tuple[list[Step], list[Step]]]] = {
    "two_level": two_level, "binomial": binomial,
}  # fmt: skip


class Memory(dict[int, Any]):
    """Snapshots in memory."""


class Disk:
    """Snapshots in files of a folder that goes with them."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="s2sad-snapshots-")
        weakref.finalize(self, shutil.rmtree, self.folder, True)

    def _path(self, unit: int) -> str:
        return os.path.join(self.folder, f"{unit}.pickle")

    def __setitem__(self, unit: int, state: Any) -> None:
        with open(self._path(unit), "wb") as file:
            pickle.dump(state, file, protocol=pickle.HIGHEST_PROTOCOL)

    def __getitem__(self, unit: int) -> Any:
        with open(self._path(unit), "rb") as file:
            return pickle.load(file)

    def __delitem__(self, unit: int) -> None:
        os.remove(self._path(unit))


@dataclass
class Run:
    """One loop that was run by a schedule: what its reverse needs.

    Attributes
    ----------
    primal : callable
        ``primal(first, last, *args)`` gives the result after these trips.
    first, last : int
        The loop's bounds.
    args : tuple
        What the loop starts with.
    moved : tuple
        For each of `args`, where in the result its next value stands: a place in the tuple, or the keys on the way
        to it; -1 for what stays the same.
    forward, back : list of tuple
        The steps of both sweeps.
    unit : int
        The number of trips in a unit.
    snapshots : mapping
        The states that are kept, by unit, with those of the random generators.
    """

    primal: Callable[..., Any]
    first: int
    last: int
    args: tuple[Any, ...]
    moved: tuple[Any, ...]
    forward: list[Step]
    back: list[Step]
    unit: int
    snapshots: Any
    generators: tuple[Any, ...] = ()
    used: bool = False
    drawn: list[Any] = field(default_factory=list)

    @property
    def in_memory(self) -> bool:
        """Whether the snapshots are in memory."""
        return isinstance(self.snapshots, Memory)

    def start(self) -> Any:
        """Run the loop, and give its result; a second time for a reverse sweep that runs again."""
        args, value = self.args, None
        for _, a, b, keep in self.forward:
            if keep:
                self.keep(a, args)
            value, args = self.advanced(args, a, b)
        self.used = False
        return value

    def bounds(self, a: int, b: int) -> tuple[int, int]:
        """The trips of some units."""
        return self.first + a * self.unit, min(self.first + b * self.unit, self.last)

    def advanced(self, args: tuple[Any, ...], a: int, b: int) -> tuple[Any, tuple[Any, ...]]:
        """The result after some units, and what the next units start with."""
        value = self.primal(*self.bounds(a, b), *args)
        return value, tuple(arg if k == -1 else _at(value, _way(k)) for arg, k in zip(args, self.moved))

    def keep(self, unit: int, args: tuple[Any, ...]) -> None:
        """Take a snapshot."""
        self.snapshots[unit] = (self._moving(args), _drawn(self.generators))

    def load(self, unit: int, drop: bool) -> tuple[Any, ...]:
        """The state of a snapshot; random generators are put back to it."""
        kept, drawn = self.snapshots[unit]
        if drop:
            del self.snapshots[unit]
        set_random_state(list(zip(self.generators, drawn)))
        parts = iter(kept)
        return tuple(arg if k == -1 else next(parts) for arg, k in zip(self.args, self.moved))

    def _moving(self, args: tuple[Any, ...]) -> list[Any]:
        return [arg for arg, k in zip(args, self.moved) if k != -1]


def _drawn(generators: tuple[Any, ...]) -> list[Any]:
    return [state for _, state in random_state(*generators)]


def forward_run(
    primal: Callable[..., Any], first: int, last: int, args: tuple[Any, ...], moved: tuple[Any, ...], slots: int | None,
    schedule: str, storage: str, *generators: Any,
) -> tuple[Any, Run]:  # fmt: skip
    """Run a loop by a schedule: its result, and what `reverse_run` needs.

    Examples
    --------
    >>> def steps(first, last, s, k):
    ...     for t in range(first, last):
    ...         s = s * k + t
    ...     return s
    >>> value, run = forward_run(steps, 0, 6, (1.0, 2.0), ((), -1), 2, "two_level", "memory")
    >>> value == steps(0, 6, 1.0, 2.0), list(run.snapshots)
    (True, [0, 3])
    """
    trips = max(last - first, 0)
    unit = max(-(-trips // MOST_UNITS), 1)
    forward, back = SCHEDULES[schedule](-(-trips // unit), slots) if trips else ([], [])
    snapshots: Any = Disk() if storage == "disk" else Memory()
    run = Run(
        primal,
        first,
        last,
        args,
        moved,
        forward,
        back,
        unit,
        snapshots,
        generators,
        False,
        _drawn(generators),
    )
    return run.start() if forward else primal(first, last, *args), run


def reverse_run(run: Run, pullback: Callable[..., Any], value_bar: Any, wrt: tuple[int, ...]) -> Any:
    """The cotangents of what a loop starts with, from that of its result.

    ``pullback(first, last, *args, value_bar)`` gives the cotangents of the arguments at the places `wrt`; one alone
    comes bare.

    Examples
    --------
    >>> def steps(first, last, s, k):
    ...     return s * k ** (last - first)
    >>> def steps_grad(first, last, s, k, bar):
    ...     n = last - first
    ...     return bar * k ** n, bar * s * n * k ** (n - 1)
    >>> _, run = forward_run(steps, 0, 6, (1.0, 2.0), ((), -1), 2, "two_level", "memory")
    >>> reverse_run(run, steps_grad, 1.0, (0, 1))
    (64.0, 192.0)
    """
    single = len(wrt) == 1
    if not run.back:
        return pullback(run.first, run.last, *run.args, value_bar)
    now = _drawn(run.generators)
    if run.used:  # its snapshots were given up on the way
        set_random_state(list(zip(run.generators, run.drawn)))
        run.start()
    run.used = True
    totals: dict[int, Any] = {}
    bar, args = value_bar, run.args
    for step in run.back:
        if step[0] == "load":
            args = run.load(*step[1:])
        elif step[0] == "forward":
            if step[3]:
                run.keep(step[1], args)
            _, args = run.advanced(args, step[1], step[2])
        else:
            given = pullback(*run.bounds(*step[1:]), *args, bar)
            bars = dict(zip(wrt, (given,) if single else given))
            bar = _before(bar, bars, run.moved)
            for k, part in bars.items():
                totals[k] = part if k not in totals or run.moved[k] != -1 else _plus(totals[k], part)
    set_random_state(list(zip(run.generators, now)))
    gathered = tuple(totals[k] for k in wrt)
    return gathered[0] if single else gathered


def _way(place: Any) -> tuple[Any, ...]:
    """The keys on the way to a part of a result."""
    return place if isinstance(place, tuple) else (place,)


def _at(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        value = value[key]
    return value


def _plus(total: Any, part: Any) -> Any:
    """The sum of two cotangents, of lists item by item."""
    return [_plus(p, q) for p, q in zip(total, part)] if isinstance(total, list) else total + part


def _before(bar: Any, bars: dict[int, Any], moved: tuple[Any, ...]) -> Any:
    """The cotangent of the result of the units before: that of what the next ones started with; zeros elsewhere.

    >>> _before((1.0, [2.0, {"v": 3.0}]), {0: 5.0, 1: 7.0}, (0, (1, 1, "v")))
    (5.0, [0.0, {'v': 7.0}])
    """
    return _replaced(bar, (), {_way(moved[k]): part for k, part in bars.items() if moved[k] != -1})


def _replaced(bar: Any, here: tuple[Any, ...], parts: dict[tuple[Any, ...], Any]) -> Any:
    if here in parts:
        return parts[here]
    if not any(way[: len(here)] == here for way in parts):
        return map_leaves(_zero, bar)
    if isinstance(bar, dict):
        return {key: _replaced(item, (*here, key), parts) for key, item in bar.items()}
    items = [_replaced(item, (*here, k), parts) for k, item in enumerate(bar)]
    return type(bar)(*items) if hasattr(bar, "_fields") else type(bar)(items)


def _zero(leaf: Any) -> Any:
    return np.zeros_like(leaf) if isinstance(leaf, np.ndarray) else 0.0 if isinstance(leaf, float) else leaf
