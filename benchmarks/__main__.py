"""Time gradients: ``python -m benchmarks run [NAME...]``, then ``targets`` and ``report``; ``costs``; ``compile``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from benchmarks import threads


def parser() -> argparse.ArgumentParser:
    """The command line: each command names the module that has its `main`."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("--threads", type=int, default=1, help="threads of every library (default 1)")
    commands = made.add_subparsers(required=True, metavar="COMMAND")

    runner = commands.add_parser("run", help="time every variant of the workloads; one JSON line for each workload")
    runner.add_argument("names", nargs="*", metavar="NAME", help="workloads; all by default")
    runner.add_argument("--rounds", type=int, default=9)
    runner.add_argument("--seconds", type=float, default=0.02, help="length of a sample")
    runner.add_argument("--variants", nargs="+", default=[], metavar="VARIANT", help="only these")
    runner.add_argument("--no-peers", action="store_true", help="leave out the other tools")
    runner.add_argument("--results", metavar="FILE", help="where to keep the lines (default benchmarks/results/)")
    runner.set_defaults(module="running")

    targets = commands.add_parser("targets", help="every target with its figure, and whether it is met")
    targets.add_argument("--results", metavar="FILE", help="of `run`; the latest by default")
    targets.add_argument("--by", choices=("median", "min"), default="median", help="which statistic of the rounds")
    targets.add_argument("--json", action="store_true", help="one JSON line for each target")
    targets.set_defaults(module="targets")

    report = commands.add_parser("report", help="write the page and the plot of the latest run into the docs")
    report.add_argument("--results", metavar="FILE", help="of `run`; the latest by default")
    report.set_defaults(module="report")

    costs = commands.add_parser("costs", help="the table of measured costs: spelling by cost")
    costs.add_argument("names", nargs="*", metavar="TOPIC", help="all by default")
    costs.set_defaults(module="costs")

    compiling = commands.add_parser("compile", help="time cold compilations of 40 and 400 statements")
    compiling.set_defaults(module="compile_time")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    options = parser().parse_args(arguments)
    threads.limit(options.threads)
    status: int = importlib.import_module(f"benchmarks.{options.module}").main(options)
    return status


if __name__ == "__main__":
    sys.exit(main())
