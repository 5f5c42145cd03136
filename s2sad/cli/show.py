"""``s2sad show``: print the source that s2sad emits for a function."""

from __future__ import annotations

import argparse
import inspect
import itertools
import os
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

from s2sad.cli._target import Target, UsageError, add_target_arguments, arguments_at, find_target
from s2sad.derivative import Derivative
from s2sad.errors import S2sadError
from s2sad.highlight import to_terminal
from s2sad.signature import shown, type_of
from s2sad.specialization import Specialization

MODES = {
    "reverse": "grad", "forward": "jvp", "vjp": "vjp", "value_and_grad": "value_and_grad", "primal": "primal",
}  # fmt: skip

OPTIMIZE: dict[str, bool | str] = {"on": True, "off": False, "scalars": "scalars"}


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "show",
        help="print the emitted source",
        description="Print the Python source that s2sad emits for the derivative of a function.",
        epilog='example: s2sad show examples/terrain_crossing.py:calc_time --at "x=[2.0, 17.0]"',
    )
    add_target_arguments(parser)
    parser.add_argument(
        "--mode", choices=MODES, default="reverse", help="which derivative (default: %(default)s)"
    )
    parser.add_argument(
        "--backend",
        choices=("numpy", "numba"),
        help="what it is emitted for (default: what the decorator says)",
    )
    parser.add_argument(
        "--optimize",
        choices=tuple(OPTIMIZE),
        help="what the passes may change (default: what the decorator says)",
    )
    parser.add_argument(
        "--after", metavar="PASS", help="print the program as it is after this pass of the compiler"
    )
    parser.add_argument(
        "--side-by-side", action="store_true", help="print the function beside what was emitted"
    )
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write there instead of to stdout")
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Print what the command line asks for."""
    target = find_target(parsed)
    if parsed.backend is not None:
        target = target._replace(options=replace(target.options, backend=parsed.backend))
    if parsed.optimize is not None:
        target = target._replace(options=replace(target.options, optimize=OPTIMIZE[parsed.optimize]))
    made = compile_target(target, MODES[parsed.mode], parsed.at)
    text = made.source if parsed.after is None else _stage(made, parsed.after)
    text = text.rstrip("\n") + "\n"
    if parsed.output is not None:
        _write(parsed.output, side_by_side(target.fun, text) if parsed.side_by_side else text)
        return 0
    paint = to_terminal if _in_colour() else str
    sys.stdout.write(side_by_side(target.fun, text, paint) if parsed.side_by_side else paint(text))
    return 0


def compile_target(target: Target, mode: str, at: str | None) -> Specialization:
    """Compile for the arguments in ``--at``; a parameter that it leaves out has its annotated or default type."""
    derivative = target.derivative(mode)
    types = derivative.annotated_types()
    told = derivative.sizes_told()
    types.update({name: type_of(value, name, dict(told)) for name, value in arguments_at(target, at).items()})
    try:
        return derivative.compile_for(types)
    except S2sadError:
        if at is None:
            assumed = ", ".join(f"{name}: {shown(known)}" for name, known in types.items())
            print(
                f"s2sad: without --at the arguments are taken to be {assumed}: give others with --at",
                file=sys.stderr,
            )
        raise


def _stage(made: Specialization, name: str) -> str:
    if name not in made.stages:
        raise UsageError(f"--after: there is no pass {name!r}: the passes are {', '.join(made.stages)}")
    return made.stages[name]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _in_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def side_by_side(fun: Any, emitted: str, paint: Any = str) -> str:
    """The function's own source on the left, what was emitted on the right."""
    while isinstance(fun, Derivative):
        fun = fun.primal
    left = textwrap.dedent(inspect.getsource(fun)).rstrip("\n").splitlines()
    right = emitted.rstrip("\n").splitlines()
    width = max(map(len, left))
    lines = zip(
        itertools.chain(zip(left, paint("\n".join(left)).splitlines()), itertools.repeat(("", ""))),
        itertools.chain(paint("\n".join(right)).splitlines(), itertools.repeat("")),
        range(max(len(left), len(right))),
    )
    return "".join(
        f"{shown}{' ' * (width - len(plain))} | {line}".rstrip() + "\n" for (plain, shown), line, _ in lines
    )
