"""Short vectors that are written in place: where no other name sees the write, a write is a new value.

At each store, every other name that may share the vector's memory must be dead.  Its numbers then are what any other
name's are, with a new name each time one is written.
"""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.interpreter import Interpreted
from s2sad.analysis.liveness import Liveness
from s2sad.passes.scalars.small import is_small
from s2sad.signature import Array
from s2sad.tree.build import names_in
from s2sad.tree.dataflow import walk


class Groups:
    """The vectors that are written, by the memory that they may share.

    Attributes
    ----------
    of : dict from str to frozenset of str
        For each name that may be worked on as numbers, the names that share its memory.
    """

    def __init__(self, core: Interpreted) -> None:
        self.core = core
        self.of: dict[str, frozenset[str]] = {}
        arrays = [key for key, known in core.types.items() if isinstance(known, Array) and key in core.sites]
        written = [key for key in arrays if core.sites[key] & core.written]
        if not written:
            return
        groups = _joined({key: core.sites[key] for key in written})
        refused = self._refused(groups)
        for names in set(groups.values()):
            if not names & refused and all(is_small(core.types[key]) for key in names):
                self.of |= dict.fromkeys(names, names)

    def _refused(self, groups: dict[str, frozenset[str]]) -> set[str]:
        """Names whose memory is written while another name sees it, or is held by something else."""
        core = self.core
        held = {site for key, inner in core.contents.items() for site in (key, *inner)}
        refused = {
            key for key in groups
            if core.sites[key] & held or any(site[:1] == ("parameter",) for site in core.sites[key])
        }  # fmt: skip
        live = Liveness(list(core.body))
        breaking = _loops_with_breaks(core.body)
        for statement in walk(core.body):
            owner = stored_into(statement)
            if owner in groups:
                after = set(live.names(live.after[id(statement)]))
                if after & groups[owner] - {owner} or id(statement) in breaking:
                    refused.add(owner)
            refused |= _held_by(statement) & set(groups)
        return refused


def stored_into(statement: Any) -> str | None:
    """The name of the array that a store writes into."""
    goal: Any = (
        statement.targets[0] if isinstance(statement, gast.Assign) else getattr(statement, "target", None)
    )
    is_store = isinstance(statement, (gast.Assign, gast.AugAssign)) and isinstance(goal, gast.Subscript)
    return goal.value.id if is_store and isinstance(goal.value, gast.Name) else None


def stored_in(body: list[gast.stmt]) -> list[str]:
    """The names that stores in some statements write into, each once."""
    found = [stored_into(statement) for statement in walk(body)]
    return list(dict.fromkeys(key for key in found if key is not None))


def _joined(sites: dict[str, frozenset[Any]]) -> dict[str, frozenset[str]]:
    """Names in groups that share a site."""
    groups: list[tuple[set[Any], set[str]]] = []
    for key, own in sites.items():
        mine = (set(own), {key})
        rest = []
        for group in groups:
            if group[0] & mine[0]:
                mine[0].update(group[0])
                mine[1].update(group[1])
            else:
                rest.append(group)
        groups = [*rest, mine]
    return {key: frozenset(names) for _, names in groups for key in names}


def _held_by(statement: Any) -> set[str]:
    """The names that a statement puts into a container, or hands to something that may write."""
    if isinstance(statement, gast.Expr):
        return names_in(statement)
    if isinstance(statement, gast.Assign) and isinstance(statement.value, (gast.List, gast.Tuple, gast.Dict)):
        return names_in(statement.value)
    if isinstance(statement, gast.AugAssign) and isinstance(statement.target, gast.Name):
        return {statement.target.id}
    return set()


def _loops_with_breaks(body: Any) -> set[int]:
    """The statements in loops that have a ``break`` in them: a value at the end of a trip is not the last one there."""
    found: set[int] = set()
    for statement in walk(body):
        if isinstance(statement, (gast.For, gast.While)):
            inner = walk(statement.body)
            if any(isinstance(node, gast.Break) for node in inner):
                found |= {id(node) for node in inner}
    return found
