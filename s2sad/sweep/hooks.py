"""The bodies of ``with on_reverse(x) as x_bar:`` in the reverse sweep."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.hooks import Hook, hook_of
from s2sad.sweep.cotangents import Cotangent
from s2sad.sweep.scan import without
from s2sad.sweep.terms import copied
from s2sad.tree.build import assign, name, names_in, subscript, substitute


def reverse_hook(sweep: Any, hook: Hook, statement: gast.stmt) -> None:
    """The cotangents so far, under the names that the body uses; the body; what it leaves, as the cotangents."""
    for key, start, _ in hook.pairs:
        node = _so_far(sweep, key)
        if start in hook.written and key not in sweep.shadows:
            node = copied(node)  # another name may hold the same memory
        sweep.emit(assign(start, node))
    own = {key for _, start, end in hook.pairs for key in (start, end)}
    outside = {key for key in names_in(hook.body) if key in sweep.core.types} - own
    kept = {key: sweep.primal(name(key), statement) for key in sorted(outside)}
    moved = {key: node for key, node in kept.items() if node.id != key}
    for line in hook.body:
        sweep.out.append(substitute(line, moved))
    for key, start, end in hook.pairs:
        if key in sweep.shadows:
            if end != start:
                place = subscript(name(sweep.shadows[key]), gast.Constant(Ellipsis, None), store=True)
                sweep.emit(gast.Assign([place], name(end), None))
        elif key in sweep.active:
            sweep.bars[key] = Cotangent(name(end))


def _so_far(sweep: Any, key: str) -> gast.expr:
    if key in sweep.shadows:
        return name(sweep.shadows[key])
    held = sweep.bars.get(key)
    if held is None:
        return sweep.zero(sweep.types[key], name(key))  # type: ignore[no-any-return]
    return sweep.full(sweep._assembled(key, held), name(key))  # type: ignore[no-any-return]


def without_hooks(statements: list[gast.stmt], objects: Any) -> list[gast.stmt]:
    """The forward sweep without the marks of what runs in the reverse sweep."""
    return without(statements, lambda statement: hook_of(statement, objects) is not None)
