"""``python -m benchmarks run [NAME...]``: every variant of every workload, compared, then timed in turns."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import workloads
from benchmarks.agreement import difference
from benchmarks.machine import environment
from benchmarks.memory import peak_kilobytes
from benchmarks.timing import interleaved, summary
from benchmarks.variant import Unavailable
from benchmarks.variants import VARIANTS
from benchmarks.workload import Workload

SLOW = 5.0  # seconds a call: what takes longer is called no more often than it must
RESULTS = Path(__file__).with_name("results") / "latest.jsonl"


def ready(
    name: str, workload: Workload, chosen: Iterable[str], small: bool
) -> tuple[dict[str, Callable[[], Any]], dict[str, dict[str, Any]]]:
    """The variants that compute what the adjoint by hand computes, and what is known of each before it is timed."""
    arguments = workload.arguments(small)
    expected = workload.by_hand(*arguments)
    functions: dict[str, Callable[[], Any]] = {}
    lines: dict[str, dict[str, Any]] = {}
    for key in chosen:
        variant = VARIANTS[key]
        start = time.perf_counter()
        try:
            function = variant.prepare(name, workload, arguments)
            got = function()
        except Unavailable as reason:
            lines[key] = {"unavailable": str(reason)}
            continue
        except Exception as error:  # the other variants still have a figure; the exit status tells
            lines[key] = {"failed": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
            continue
        first = time.perf_counter() - start
        wrong = difference(got, expected[0] if variant.primal else expected)
        if wrong:
            lines[key] = {"wrong": wrong}
            continue
        functions[key] = function
        lines[key] = {"first_call_ms": float(f"{1e3 * first:.4g}")}
    return functions, lines


def run(
    name: str, chosen: Sequence[str], rounds: int = 9, seconds: float = 0.02, small: bool = False
) -> dict[str, Any]:
    """The result of one workload: figures or reasons, by variant."""
    workload = workloads.load(name)
    functions, lines = ready(name, workload, chosen, small)
    for key in list(functions):
        first = 1e-3 * lines[key]["first_call_ms"]
        if VARIANTS[key].interpreted and first >= 2.0 * SLOW:
            lines[key] |= summary([first])  # up to minutes: it is not called again
            del functions[key]
    for key, times in interleaved(functions, rounds, seconds, limit=SLOW).items():
        lines[key] |= summary(times)
    for key, function in functions.items():
        if lines[key]["median_us"] < 1e6 * SLOW:
            lines[key]["peak_kb"] = peak_kilobytes(function)
    return {"workload": name, "kinds": sorted(workload.kinds), "variants": lines}


@contextlib.contextmanager
def nothing_compiled() -> Iterator[None]:
    """What an earlier run left on disk is not used: a first call is one."""
    before = os.environ.get("S2SAD_CACHE_DIR")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["S2SAD_CACHE_DIR"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["S2SAD_CACHE_DIR"]
            else:
                os.environ["S2SAD_CACHE_DIR"] = before


def main(options: argparse.Namespace) -> int:
    """Run, print one JSON line per workload, and keep them."""
    chosen = [
        key
        for key, variant in VARIANTS.items()
        if (not options.variants or key in options.variants) and not (options.no_peers and variant.peer)
    ]
    known = workloads.names()
    for what, given, choices in (("workload", options.names, known), ("variant", options.variants, list(VARIANTS))):
        unknown = [name for name in given if name not in choices]
        if unknown:
            print(f"no {what} {', '.join(unknown)}: choose from {', '.join(choices)}", file=sys.stderr)
            return 2
    results = Path(options.results) if options.results else RESULTS
    results.parent.mkdir(parents=True, exist_ok=True)
    machine, failed = environment(), 0
    kept = {line["workload"]: line for line in read(results)} if options.names else {}
    for name in options.names or known:
        with nothing_compiled():
            line = run(name, chosen, options.rounds, options.seconds) | {"environment": machine}
        failed |= any("wrong" in variant or "failed" in variant for variant in line["variants"].values())
        print(json.dumps(line), flush=True)
        kept[name] = line
        results.write_text("".join(json.dumps(line) + "\n" for line in kept.values()), "utf-8")
    if failed:
        print("a variant failed or differs from the adjoint by hand: see 'failed' and 'wrong' above", file=sys.stderr)
    return int(failed)


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of results; none if it does not exist."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []
