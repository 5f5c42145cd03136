"""Rows that an inner loop reads again and again are looked up before it."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.names import base
from s2sad.tree.build import assign, clone, name, names_in
from s2sad.tree.dataflow import bound_within, map_blocks, rewritten
from s2sad.tree.parts import nodes
from s2sad.tree.place import at
from s2sad.tree.printer import expression_text


def with_rows(loop: gast.stmt, lists: set[str], names: Any) -> gast.stmt:
    """The loop, with the rows of its inner loops looked up where they stay the same; `names` gives new names."""
    return map_blocks(loop, lambda body: _block(body, lists, names))


def _block(body: list[gast.stmt], lists: set[str], names: Any) -> list[gast.stmt]:
    out: list[gast.stmt] = []
    for statement in body:
        if isinstance(statement, gast.For):
            rows = _fixed_rows(statement, lists)
            if rows:
                made = {text: names.fresh(_stem(node)) for text, node in rows.items()}
                out += [at(assign(made[text], clone(node)), statement) for text, node in rows.items()]
                for text, node in rows.items():
                    names.types[made[text]] = names.types[node.value.id].item
                statement = _replaced(statement, made)
        out.append(map_blocks(statement, lambda inner: _block(inner, lists, names)))
    return out


def _stem(node: Any) -> str:
    return base(node.value.id).removesuffix("_rows") + "_row"


def _fixed_rows(loop: gast.For, lists: set[str]) -> dict[str, Any]:
    """The rows that are read in a loop under an index that does not change in it."""
    changing = bound_within([loop])
    found: dict[str, Any] = {}
    for node in nodes(loop):
        row = node.value if isinstance(node, gast.Subscript) else None
        if (
            not isinstance(row, gast.Subscript)
            or not isinstance(row.value, gast.Name)
            or row.value.id not in lists
        ):
            continue
        if not names_in(row.slice) & changing and not any(
            isinstance(n, gast.Subscript) for n in nodes(row.slice)
        ):
            found.setdefault(expression_text(row), row)
    return found


def _replaced(statement: gast.For, made: dict[str, str]) -> Any:
    def change(part: Any) -> Any:
        if isinstance(part, gast.Subscript) and isinstance(part.value, gast.Subscript):
            text = expression_text(part.value)
            if text in made:
                return gast.Subscript(value=name(made[text]), slice=part.slice, ctx=part.ctx)
        return part

    def everywhere(inner: Any) -> Any:
        return rewritten(map_blocks(inner, lambda body: [everywhere(s) for s in body]), change)

    return everywhere(statement)
