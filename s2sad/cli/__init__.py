"""The command `s2sad`: one file for each subcommand, found by its presence.

A subcommand's module has ``register(subparsers)``, which adds its parser and sets ``run`` to a function from the
parsed arguments to the exit code: 0 ok, 1 the check failed or the function cannot be differentiated, 2 misuse.
Results go to stdout, diagnostics to stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from s2sad.cli._target import UsageError
from s2sad.errors import S2sadError


def build_parser() -> argparse.ArgumentParser:
    """The parser with all subcommands."""
    parser = argparse.ArgumentParser(
        prog="s2sad", description="Differentiate Python functions by rewriting them."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")):
        import_module(f"{__name__}.{module}").register(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parsed = build_parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except UsageError as error:
        return _failed(2, error)
    except S2sadError as error:
        return _failed(1, error)
    except BrokenPipeError:
        # the reader, such as `head`, has seen enough; Python must not complain again when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _failed(code: int, error: Exception) -> int:
    print(f"s2sad: {error}", file=sys.stderr)
    return code
