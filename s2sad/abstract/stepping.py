"""Loops over objects of a user's class that give their items themselves, by `__next__`."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract.classes import is_object
from s2sad.abstract.functions import structured
from s2sad.abstract.values import Value
from s2sad.tree.build import assign, call, clone, constant, name, names_in


def steps_itself(at: Any, value: Value) -> bool:
    """Whether a value is an object that says what the next item is."""
    return is_object(value) and at.method_of(value, "__next__") is not None


def stepped(at: Any, made: Value, statement: gast.For) -> list[gast.stmt]:
    """The loop as calls of `__next__`, until that raises `StopIteration`."""
    if getattr(statement, "split", None) is not None:
        raise at.refuse(
            "S109", "a loop over an object with `__next__`, in a `try` of which it is seen how far it came",
            "call the method in a `while` loop", statement,
        )  # fmt: skip
    number = at.next_shared()

    def fresh(wanted: str) -> str:
        return f"{wanted}~g{number}_{at.next_shared()}"

    held, item = fresh("it"), fresh("item")
    at.frame.env[held] = made
    take = assign(item, call(gast.Attribute(name(held), "__next__", gast.Load())))
    stop = gast.ExceptHandler(name("StopIteration"), None, [gast.Break()])
    bind = gast.Assign([clone(statement.target)], name(item), None)
    loop = gast.While(constant(True), [gast.Try([take], [stop], [], []), bind, *clone(statement.body)], [])
    later = getattr(statement, "later", frozenset()) | names_in([statement.target, *statement.body])
    rest = gast.Expr(gast.Tuple([name(key) for key in sorted(later)], gast.Load()))
    rest.only_seen = True
    for part in (loop, rest):
        for node in gast.walk(part):
            if getattr(node, "lineno", None) is None:
                gast.copy_location(node, statement)
    return [part for part in structured([loop, rest], fresh) if not hasattr(part, "only_seen")]
