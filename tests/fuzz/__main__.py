"""Fuzz s2sad: ``python -m tests.fuzz --profile language|mutation|filled|state|python|numpy --count N --seed S``.

Prints how many programs were right, refused, skipped and failed, and a minimal program for each kind of failure.
"""

from __future__ import annotations

import argparse
import collections
import time
from collections.abc import Iterable
from typing import Any

from s2sad.testing.shrink import shrink
from tests.fuzz.checking import LOOPS, ORDERS, PLANS, Outcome, check, label_of, plans_of
from tests.fuzz.generator import PROFILES, program


def minimal(text: str, outcome: Outcome, tries: int = 1500) -> str:
    """A small program that fails as this one does."""
    modes = tuple(plan for plan in (*PLANS, *LOOPS, *ORDERS) if outcome.what.split(":")[0] == label_of(*plan))

    def fails(candidate: str) -> bool:
        found = check(candidate, modes)
        return (found.kind, found.what) == (outcome.kind, outcome.what)

    return shrink(text, fails, tries)


def run(profile: str, seeds: Iterable[int], in_turn: bool = False, plans: Any = PLANS) -> tuple[collections.Counter, dict[tuple[str, str], list[int]]]:
    """How many programs of each kind there were, and the seeds of those that were not right."""
    kinds: collections.Counter = collections.Counter()
    groups: dict[tuple[str, str], list[int]] = collections.defaultdict(list)
    for seed in seeds:
        chosen = plans
        if in_turn:
            chosen = plans_of(seed, 1) if plans is PLANS else (plans[seed % len(plans)],)
        outcome = check(program(seed, profile), chosen)
        kinds[outcome.kind] += 1
        if outcome.kind != "ok":
            groups[outcome.kind, outcome.what].append(seed)
    return kinds, groups


def report(profile: str, seeds: range, shrunk: bool, in_turn: bool = False, plans: Any = PLANS) -> int:
    """Print what a run finds; how many programs failed."""
    start = time.perf_counter()
    kinds, groups = run(profile, seeds, in_turn, plans)
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{profile} {seeds.start}..{seeds.stop - 1}: {listed} in {time.perf_counter() - start:.0f} s")
    order = ["wrong", "crash", "refused", "skipped"]
    for (kind, what), found in sorted(groups.items(), key=lambda item: (order.index(item[0][0]), -len(item[1]))):
        print(f"{len(found):5} {kind}: {what}   seeds {found[:6]}", flush=True)
        if shrunk and kind in ("wrong", "crash"):
            text = program(found[0], profile)
            small = minimal(text, check(text, plans))
            print(check(small, plans).detail, small, sep="\n", flush=True)
    return kinds["wrong"] + kinds["crash"]


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--profile", choices=PROFILES, action="append", help="all if left out")
    parser.add_argument("--count", type=int, default=300, help="number of programs")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first; the others follow")
    parser.add_argument("--no-shrink", action="store_true", help="only list the seeds of what failed")
    parser.add_argument("--in-turn", action="store_true", help="the gradient, and one of the other five modes in turn")
    parser.add_argument("--loops", action="store_true", help="what is emitted for Numba, run as Python")
    parser.add_argument("--orders", action="store_true", help="derivatives of derivatives, and Jacobians")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.count)
    profiles = given.profile or PROFILES
    plans = LOOPS if given.loops else ORDERS if given.orders else PLANS
    return int(sum(report(profile, seeds, not given.no_shrink, given.in_turn, plans) for profile in profiles) > 0)


if __name__ == "__main__":
    raise SystemExit(main())
