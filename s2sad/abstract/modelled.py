"""Containers of `collections` just run, until one gets a differentiated value; then a class of ours stands for it."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.state import Rerun
from s2sad.abstract.values import Value, fields_by_name, record_of
from s2sad.runtime.containers import ORIGINALS, deque
from s2sad.signature import Record


def is_modelled(at: Any, args: list[Value], keywords: dict[str, Value], node: gast.AST) -> bool:
    """Whether the container that is made here holds differentiated values, now or later."""
    site = at.site(node)
    if site in at.lessons.modelled:
        return True
    if not at.passive and any(value.varied or at.must_enter(value) for value in [*args, *keywords.values()]):
        return True
    at.lessons.library_made.add(site)
    return False


def model(at: Any, owner: Value | None) -> None:
    """A container that just ran gets a differentiated value: learn where it was made, and start anew."""
    if owner is None:
        return
    made = owner.sites & at.lessons.library_made
    if made - at.lessons.modelled:
        at.lessons.learn(at.lessons.modelled, *made)
        raise Rerun


def is_model(value: Value) -> bool:
    """Whether a value is an object of a class of ours that stands for one of `collections`."""
    return isinstance(value.type, Record) and value.type.cls in ORIGINALS and value.items is not None


def given_to_numpy(value: Value) -> Value:
    """A `deque` is a sequence for NumPy."""
    return fields_by_name(value)["items"] if is_model(value) and record_of(value).cls is deque else value
