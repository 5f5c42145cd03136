"""What is not part of the language: a table of node classes, each with the reason and what to write instead.

A construct that gets a file of its own leaves this table.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2sad.syntax import Refusal

TITLE = "refused constructs"

SYNCHRONOUS = "Write a plain function, and await what it needs outside."

REASONS: dict[type, tuple[str, str]] = {
    gast.Await: ("`await` is not supported", SYNCHRONOUS),
    gast.AsyncFunctionDef: ("`async def` is not supported", SYNCHRONOUS),
    gast.AsyncFor: ("`async for` is not supported", SYNCHRONOUS),
    gast.AsyncWith: ("`async with` is not supported", SYNCHRONOUS),
    gast.ClassDef: (
        "a class inside a function is not supported",
        "Move the class to the level of the module.",
    ),
    gast.TypeAlias: (
        "a type alias inside a function is not supported",
        "Move it to the level of the module.",
    ),
}

STARRED_INDEX = ("a starred index is not supported", "Build the tuple first: `i = (a, *b)`, then `x[i]`.")
FRAME = {"locals", "globals", "eval", "exec", "delattr", "breakpoint", "input"}

NODES = (*REASONS, gast.Subscript, gast.Call)


def refuse(node: gast.AST, parent: gast.AST | None) -> Iterator[Refusal]:
    if type(node) in REASONS:
        yield Refusal(node, *REASONS[type(node)])
    elif isinstance(node, gast.Subscript) and _has_starred_index(node):
        yield Refusal(node.slice, *STARRED_INDEX)
    elif isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and node.func.id in FRAME:
        message = f"`{node.func.id}` is not supported: the emitted code has variables and an order of its own"
        yield Refusal(node, message, "Write out what it does, or do it outside the function.")


def _has_starred_index(node: gast.Subscript) -> bool:
    return isinstance(node.slice, gast.Tuple) and any(
        isinstance(part, gast.Starred) for part in node.slice.elts
    )
