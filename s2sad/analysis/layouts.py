"""Where a program depends on how its arrays lie in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from s2sad.analysis.memory import Memory
from s2sad.program import Program
from s2sad.rules.layout import MAY_COPY
from s2sad.tree.build import dotted
from s2sad.tree.dataflow import assigned, headers, walk
from s2sad.tree.parts import nodes


def layout_dependent(program: Program) -> list[gast.stmt]:
    """The statements whose result is a view or a copy, as an array lies in memory, where that matters.

    A derivative asks whether memory is shared where it does not know; a primal does not ask, so there it is every
    reshape of an array that is written.
    """
    memory = Memory(program)
    primal = (
        program.name in ("", program.primal_name)
        or not program.primal_name
        or program.name.endswith("_primal")
    )
    return [
        node
        for node in walk(program.body)
        if _asks(node) or (primal and _reshapes_what_is_written(node, memory))
    ]


def _calls(node: gast.stmt) -> Iterator[Any]:
    return (part for one in headers(node) for part in nodes(one) if isinstance(part, gast.Call))


def _asks(node: gast.stmt) -> bool:
    if _refuses_alias(node):  # of arguments, whose memory compiled code finds as it lies
        return False
    paths = [dotted(call.func) or "" for call in _calls(node)]
    return any(path.endswith((".may_share_memory", ".shares_memory")) for path in paths)


def _refuses_alias(node: gast.stmt) -> bool:
    """Whether a statement refuses arguments that share memory."""
    if not isinstance(node, gast.If) or node.orelse or len(node.body) != 1:
        return False
    raised = getattr(node.body[0], "exc", None)
    return isinstance(raised, gast.Call) and (dotted(raised.func) or "").startswith("AmbiguousAlias")


def _reshapes_what_is_written(node: gast.stmt, memory: Memory) -> bool:
    made = assigned(node)
    reshapes = any(memory.object_of(call.func) in MAY_COPY for call in _calls(node))
    return reshapes and made is not None and memory.is_written(made)
