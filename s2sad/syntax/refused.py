"""What is not part of the language: a table of node classes, each with the reason and what to write instead.

A construct that gets a file of its own leaves this table.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Refusal

TITLE = "refused constructs"

RETURNS = "Return the values in a list or a tuple."
SYNCHRONOUS = "Write a plain function, and await what it needs outside."
PASS_IN = "Pass the value as an argument, and return the new one."

REASONS: dict[type, tuple[str, str]] = {
    gast.Yield: ("`yield` is not supported: a generator has no single result to differentiate", RETURNS),
    gast.YieldFrom: (
        "`yield from` is not supported: a generator has no single result to differentiate",
        RETURNS,
    ),
    gast.Await: ("`await` is not supported", SYNCHRONOUS),
    gast.AsyncFunctionDef: ("`async def` is not supported", SYNCHRONOUS),
    gast.AsyncFor: ("`async for` is not supported", SYNCHRONOUS),
    gast.AsyncWith: ("`async with` is not supported", SYNCHRONOUS),
    gast.Global: (
        "`global` is not supported: a derivative has no place for what is written to a module",
        PASS_IN,
    ),
    gast.Nonlocal: ("`nonlocal` is not supported: a captured variable cannot be written", PASS_IN),
    gast.Try: (
        "`try` is not supported",
        "Test for the condition with `if` before the operation that would fail.",
    ),
    gast.TryStar: (
        "`try` is not supported",
        "Test for the condition with `if` before the operation that would fail.",
    ),
    gast.ClassDef: (
        "a class inside a function is not supported",
        "Move the class to the level of the module.",
    ),
    gast.Match: ("`match` is not supported", "Write `if` and `elif`."),
    gast.Import: ("`import` inside a function is not supported", "Move the import to the top of the module."),
    gast.ImportFrom: (
        "`import` inside a function is not supported",
        "Move the import to the top of the module.",
    ),
    gast.SetComp: ("a set comprehension is not supported: sets have no order", "Write a list comprehension."),
    gast.TypeAlias: (
        "a type alias inside a function is not supported",
        "Move it to the level of the module.",
    ),
}

STARRED_INDEX = ("a starred index is not supported", "Build the tuple first: `i = (a, *b)`, then `x[i]`.")
FRAME = {"locals", "globals", "eval", "exec", "delattr", "breakpoint", "input"}

#: What is refused with the statement around it.
PARTS = (gast.ExceptHandler, gast.alias)

NODES = (*REASONS, *PARTS, gast.Subscript, gast.Call, gast.Raise)


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if type(node) in REASONS:
        yield Refusal(node, *REASONS[type(node)])
    elif isinstance(node, gast.Subscript) and _has_starred_index(node):
        yield Refusal(node.slice, *STARRED_INDEX)
    elif isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and node.func.id in FRAME:
        message = f"`{node.func.id}` is not supported: the emitted code has variables and an order of its own"
        yield Refusal(node, message, "Write out what it does, or do it outside the function.")
    elif isinstance(node, gast.Raise) and node.exc is None:
        yield Refusal(node, "`raise` without an exception is not supported", "Name the exception.")


def _has_starred_index(node: gast.Subscript) -> bool:
    return isinstance(node.slice, gast.Tuple) and any(
        isinstance(part, gast.Starred) for part in node.slice.elts
    )
