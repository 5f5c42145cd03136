"""Activity: which names are varied (depend on an input) and useful (influence the result), on memory too.

Varied comes from interpretation, statement by statement.  Useful is found here, backwards from the result: a name is
useful if a useful name is computed from it; names that may share written memory are useful together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import gast

from s2sad.tree.build import accumulated, carriers_in, names_in


def sources_of(
    body: Iterable[gast.stmt], sites: Mapping[str, frozenset[Any]], written: frozenset[Any]
) -> dict[Any, set[Any]]:
    """What each name is computed from; memory that is written stands between the names that share it."""
    sources: dict[Any, set[Any]] = {}
    _edges(body, sources)
    for key, places in sites.items():
        for site in places & written:
            sources.setdefault(key, set()).add(("site", site))
            sources.setdefault(("site", site), set()).add(key)
    return sources


def dependence(
    sources: Mapping[Any, set[Any]], varied: frozenset[str], inputs: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """For each varied name, the inputs that its derivative comes from; `inputs` has a label for the names of inputs."""
    users: dict[Any, set[Any]] = {}
    for key, read in sources.items():
        for source in read:
            users.setdefault(source, set()).add(key)
    found: dict[Any, set[str]] = {}
    for start, label in inputs.items():
        stack: list[Any] = [start]
        while stack:
            key = stack.pop()
            if label in found.get(key, ()) or (isinstance(key, str) and key not in varied):
                continue
            found.setdefault(key, set()).add(label)
            stack.extend(users.get(key, ()))
    return {key: frozenset(labels) for key, labels in found.items() if isinstance(key, str)}


def useful(
    body: Iterable[gast.stmt],
    results: Iterable[str],
    sites: Mapping[str, frozenset[Any]],
    written: frozenset[Any],
) -> set[str]:
    """Names that may influence `results`."""
    sources = sources_of(body, sites, written)
    found: set[Any] = set()
    stack: list[Any] = list(results)
    while stack:
        key = stack.pop()
        if key not in found:
            found.add(key)
            stack.extend(sources.get(key, ()))
    return {key for key in found if isinstance(key, str)}


def _edges(body: Iterable[gast.stmt], sources: dict[Any, set[Any]]) -> None:
    for statement in body:
        if isinstance(statement, (gast.Assign, gast.AugAssign)):
            targets = statement.targets if isinstance(statement, gast.Assign) else [statement.target]
            for target in targets:
                owner = target.value if isinstance(target, gast.Subscript) else target
                if isinstance(owner, gast.Name):
                    sources.setdefault(owner.id, set()).update(carriers_in(statement.value))
        elif isinstance(statement, gast.Expr) and isinstance(statement.value, gast.Call):
            func = statement.value.func
            adds_to = accumulated(statement)
            if adds_to is not None:
                sources.setdefault(adds_to.id, set()).update(names_in(statement.value.args[1:]))
            elif isinstance(func, gast.Attribute) and isinstance(func.value, gast.Name):
                sources.setdefault(func.value.id, set()).update(names_in(statement.value.args))
        for part in ("body", "orelse"):
            nested = getattr(statement, part, None)
            if isinstance(nested, list):
                _edges(nested, sources)
