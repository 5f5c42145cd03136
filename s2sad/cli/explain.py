"""``s2sad explain``: what is differentiated and what is recorded, line by line."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from s2sad.cli._target import add_target_arguments, find_target, values_at


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "explain",
        help="say what is active and what is recorded",
        description="Print the function line by line: what is differentiated and because of which argument, what the "
        "forward sweep records for the reverse sweep and why, how many bytes for these arguments, and what "
        "checkpoints would save.",
        epilog='example: s2sad explain examples/terrain_crossing.py:calc_time --at "x=[2.0, 17.0]"',
    )
    add_target_arguments(parser)
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Print the report."""
    target = find_target(parsed)
    derivative = target.derivative("grad")
    args, kwargs = derivative.unbind(values_at(target, parsed.at))
    sys.stdout.write(str(derivative.explain(*args, **kwargs)))
    return 0
