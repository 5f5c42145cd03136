"""``s2sad check``: compare the derivatives of a function with differences of the function itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from s2sad.cli._target import UsageError, add_target_arguments, find_target, values_at
from s2sad.derivative import Derivative
from s2sad.errors import S2sadError
from s2sad.testing.dot_product import dot_product_test, dot_product_tolerance
from s2sad.testing.grads import Report, compare
from s2sad.testing.vectors import is_differentiable

HEADER = ("argument", "elements", "reverse", "forward", "complex step", "")


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "check",
        help="check the derivatives of a function",
        description="Compare reverse and forward mode with central differences of the function (and, where the "
        "function takes complex numbers, with complex steps) and with each other. Exit code 1 if they differ.",
        epilog='example: s2sad check examples/terrain_crossing.py:calc_time --at "x=[2.0, 17.0]"',
    )
    add_target_arguments(parser)
    parser.add_argument("--rtol", type=float, help="relative tolerance (default: from the precision)")
    parser.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Print the table, and return 1 if a derivative is wrong."""
    target = find_target(parsed)
    values = values_at(target, parsed.at)
    derivative = target.derivative("jvp")
    argnums = _chosen(derivative, parsed.argnums is not None or target.argnums != 0, values)
    args, kwargs = derivative.unbind(values)
    try:
        reports = compare(target.fun, args, argnums, rtol=parsed.rtol, kwargs=kwargs)
        agreement = dot_product_test(target.fun, args, argnums, kwargs=kwargs)
    except S2sadError:
        raise
    except Exception as error:
        print(f"s2sad: {target.fun.__name__} raises {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    transposed = agreement <= dot_product_tolerance(values)
    print(table(reports))
    print(f"dot-product test, forward against reverse: {agreement:.1e}  {_verdict(transposed)}")
    for report in reports:
        for mismatch in report.mismatches[:5]:
            print(f"s2sad: {mismatch}", file=sys.stderr)
    return 0 if transposed and not any(report.mismatches for report in reports) else 1


def _chosen(derivative: Derivative, stated: bool, values: tuple[Any, ...]) -> tuple[str, ...]:
    """The parameters to check: those that the command line or the decorator states, else all that hold floats."""
    if stated:
        return derivative.wrt
    names = derivative.annotated_types()
    floats = tuple(name for name, value in zip(names, values) if is_differentiable(value))
    if not floats:
        raise UsageError(
            "no argument in --at holds a float, so there is nothing to differentiate with respect to"
        )
    return floats


def table(reports: Sequence[Report]) -> str:
    """The relative errors of each argument, as aligned text."""
    rows = [HEADER, *map(_row, reports)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows
    )


def _row(report: Report) -> tuple[str, ...]:
    shown = (
        str(report.elements)
        if report.checked >= report.elements
        else f"{report.checked} of {report.elements}"
    )
    exact = "-" if report.complex_error is None else f"{report.complex_error:.1e}"
    errors = [f"{report.errors[mode]:.1e}" for mode in ("rev", "fwd")]
    return (report.argument, shown, *errors, exact, _verdict(not report.mismatches))


def _verdict(passed: bool) -> str:
    return "ok" if passed else "WRONG"
