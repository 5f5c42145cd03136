"""Lists and dicts that a checkpointed loop changes, written so that each stretch of it takes values and gives new ones.

The function of a stretch is called again by the reverse sweep, so it must not change what it is given:

- a dict of which the loop reads and stores the entries only is a variable for each entry, put together after the loop;
- a list that the loop only appends to is a new list in each stretch, by which the caller's is extended;
- any other list that the loop changes is copied where a stretch begins, and the stretch gives its copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.abstract import late
from s2sad.abstract.values import Value, container_of, is_list_of_parts
from s2sad.signature import ListOf, Mapping
from s2sad.tree.build import clone, name

CHANGING = {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse"}
INNER = (gast.FunctionDef, gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)


@dataclass
class Changed:
    """What a loop changes of the lists and dicts that stand in variables around it."""

    parts: dict[str, dict[Any, str]] = field(default_factory=dict)
    """For a dict, by key: the variable that stands for the entry."""
    grown: dict[str, str] = field(default_factory=dict)
    """For a list that is appended to only: the variable with the new items of one stretch."""
    copied: list[str] = field(default_factory=list)
    places: dict[str, gast.expr] = field(default_factory=dict)
    """Where the list is changed, as the place in the source of what is made for it."""

    @property
    def key(self) -> Any:
        """What the rewritten body depends on."""
        parts = tuple((key, tuple(table.items())) for key, table in self.parts.items())
        return (parts, tuple(self.grown.items()), tuple(self.copied))

    def rewritten(self, node: Any) -> Any:
        """A node with the variables that stand for entries and new items."""
        return _Rewriter(self).visit(node)

    def opening(self, parsed: Any) -> list[gast.stmt]:
        """What a stretch begins with."""
        texts = {own: f"{own} = []" for own in self.grown.values()}
        texts |= {key: f"{key} = {key}.copy()" for key in self.copied}
        whose = {own: key for key, own in self.grown.items()}
        return [_moved_to(parsed(text), self.places[whose.get(own, own)]) for own, text in texts.items()]


def changed_by(at: Any, body: list[gast.stmt], test: gast.expr | None, hidden: Any, grows: bool) -> Changed:
    """Find what a loop changes; `hidden` gives names, and with `grows` a list may be extended after each stretch."""
    uses = _uses([*body, *([test] if test is not None else [])])
    found = Changed()
    for key, roles in uses.items():
        value = at.frame.env.get(key)
        if value is None or not any(role in ("append", "change", "entry store") for role, _ in roles):
            continue
        place = next(node for role, node in roles if role in ("append", "change", "entry store"))
        if value.items is not None and isinstance(value.type, Mapping):
            keys = _entries(value, roles)
            if keys is not None and not seen_elsewhere(at, key, value):
                found.parts[key] = {k: hidden(f"{key}_{k}") for k in keys}
        elif isinstance(value.type, ListOf) or is_list_of_parts(value):
            if seen_elsewhere(at, key, value):
                continue
            found.places[key] = place
            if grows and all(role == "append" for role, _ in roles):
                found.grown[key] = hidden(f"{key}_new")
            else:
                found.copied.append(key)
    return found


def open_entries(at: Any, changed: Changed) -> None:
    """The entries of dicts as variables."""
    for key, table in changed.parts.items():
        value = at.refreshed(at.frame.env[key])
        items = dict(zip(value.type.keys, value.items))
        for k, own in table.items():
            at.frame.env[own] = at.assigned(items[k], own)


def close_entries(at: Any, changed: Changed) -> None:
    """The dicts as they are after the loop."""
    for key, table in changed.parts.items():
        value = at.frame.env[key]
        items = tuple(
            at.frame.env[table[k]] if k in table else item for k, item in zip(value.type.keys, value.items)
        )
        at.frame.env[key] = container_of(value.type, items, value.origin)


def seen_elsewhere(at: Any, variable: str, value: Value) -> bool:
    """Whether something else than a variable of the function that runs holds the same list or dict."""
    own = value.sites if isinstance(value.type, ListOf) else frozenset([value.origin])
    if any(own & held for held in at.lessons.contents.values()):
        return True
    frames = {}
    for active in [*at.frames, at.frame]:
        frame = active
        while frame is not None:
            frames[id(frame)] = frame
            frame = frame.parent
    others = [
        other for frame in frames.values() for key, other in frame.env.items()
        if not (frame is at.frame and key == variable) and other.ident is None
    ]  # fmt: skip
    fields = [item for obj in at.heap.values() for item in obj.items or ()]
    if any(_shares(other, own) for other in [*others, *fields]):
        return True
    read = late.reads_of(at, others).variables  # by functions made here
    return any(found.name == variable and found.frame is at.frame for found in read)


def _shares(value: Value, sites: frozenset[Any]) -> bool:
    if value.ident is not None:
        return False
    if value.origin in sites or (isinstance(value.type, ListOf) and value.sites & sites):
        return True
    return any(_shares(item, sites) for item in value.items or ())


def _entries(value: Value, roles: list[tuple[str, Any]]) -> list[Any] | None:
    """The entries that a loop uses of a dict, if it uses nothing else of it."""
    keys: dict[Any, None] = {}
    for role, node in roles:
        if role not in ("entry", "entry store"):
            return None
        keys[node.slice.value] = None
    known = value.type.keys  # type: ignore[attr-defined]
    fits = all(isinstance(k, str) and k.isidentifier() and k in known for k in keys)
    return list(keys) if fits else None


def _uses(body: list[Any]) -> dict[str, list[tuple[str, Any]]]:
    """How variables are used: by name, the roles and the nodes."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for role, node in _roles(body, inner=False):
        variable = node.value if isinstance(node, gast.Subscript) else node
        found.setdefault(variable.id, []).append((role, node))
    return found


def _roles(nodes: list[Any], inner: bool) -> Iterator[tuple[str, Any]]:
    for node in nodes:
        if not isinstance(node, gast.AST):
            continue
        if isinstance(node, gast.Expr) and (owner := _changing(node.value)) is not None:
            call: Any = node.value
            plain = call.func.attr == "append" and len(call.args) == 1 and not call.keywords
            yield ("append" if plain and not inner else "change"), owner
            yield from _roles([*call.args, *call.keywords], inner)
        elif (owner := _changing(node)) is not None:
            yield "change", owner
            yield from _roles([*node.args, *node.keywords], inner)
        elif isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
            yield "change", node.target
            yield from _roles([node.value], inner)
        elif isinstance(node, gast.Subscript) and isinstance(node.value, gast.Name):
            stores = not isinstance(node.ctx, gast.Load)
            entry = isinstance(node.slice, gast.Constant) and not inner and not isinstance(node.ctx, gast.Del)
            if entry and isinstance(node.slice.value, str):
                yield ("entry store" if stores else "entry"), node
            else:
                yield ("change" if stores else "read"), node.value
            yield from _roles([node.slice], inner)
        elif isinstance(node, gast.Name):
            yield "read", node
        else:
            parts = [p for v in node.__dict__.values() for p in (v if isinstance(v, list) else [v])]
            yield from _roles(parts, inner or isinstance(node, INNER))


def _changing(node: Any) -> gast.Name | None:
    """The variable whose list a method changes."""
    if not isinstance(node, gast.Call) or not isinstance(node.func, gast.Attribute):
        return None
    owner = node.func.value
    return owner if isinstance(owner, gast.Name) and node.func.attr in CHANGING else None


def _moved_to(statements: list[gast.stmt], place: gast.expr) -> gast.stmt:
    """A statement at a place of the source."""
    (statement,) = statements
    for part in gast.walk(statement):
        gast.copy_location(part, place)
    return statement


class _Rewriter(gast.NodeTransformer):
    def __init__(self, changed: Changed) -> None:
        self.changed = changed

    def visit_Subscript(self, node: gast.Subscript) -> gast.expr:
        self.generic_visit(node)
        if isinstance(node.value, gast.Name) and node.value.id in self.changed.parts:
            made = name(self.changed.parts[node.value.id][node.slice.value])
            made.ctx = type(node.ctx)()
            return gast.copy_location(made, node)
        return node

    def visit_Name(self, node: gast.Name) -> gast.expr:
        if node.id in self.changed.grown:
            return gast.copy_location(name(self.changed.grown[node.id]), node)
        return node


__all__ = ["Changed", "changed_by", "clone", "close_entries", "open_entries", "seen_elsewhere"]
