"""A function that is one of several: each has a number, and a variable of the emitted code says which one it is.

So it is where branches choose one, where a loop goes on with another one, and with what a list or dict holds.  `None`
may be among them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import gast

from s2sad.abstract.values import Function, Value, is_function
from s2sad.signature import Opaque, Scalar
from s2sad.tree.build import binary, call, clone, constant, subscript

MOST_OF_ONE = 3
"""So many functions made by one definition may go round a loop."""


def may_be_called(values: list[Value]) -> bool:
    """Whether each value is a function or None, and one of them a function."""
    return any(map(is_function, values)) and all(is_function(v) or is_none(v) for v in values)


def is_none(value: Value) -> bool:
    return value.is_static and value.known is None


def alternatives(value: Value) -> tuple[Value, ...]:
    """The functions that a value may be."""
    return (value,) if value.choices is None else value.choices


def same_function(one: Value, other: Value) -> bool:
    """Whether two values are the same function: a local one may have been made anew in the same place."""
    if one.function is not None and other.function is not None:
        return _same_local(one.function, other.function)
    return one.function is None and other.function is None and one.is_static and one.type == other.type


def _same_local(one: Function, other: Function) -> bool:
    defaults = one.defaults.keys() == other.defaults.keys() and all(
        one.defaults[key] is other.defaults[key] for key in one.defaults
    )
    return one.body is other.body and one.frame is other.frame and defaults


def place_of(functions: list[Value], function: Value) -> int:
    """The number of a function; a new one gets the next."""
    for k, known in enumerate(functions):
        if same_function(known, function):
            return k
    functions.append(function)
    return len(functions) - 1


def number_of(functions: list[Value], value: Value) -> gast.expr:
    """An expression for the number of a function, which may be new."""
    places = [place_of(functions, function) for function in alternatives(value)]
    if value.choices is None:
        return constant(places[0])
    if places == list(range(places[0], places[0] + len(places))):
        return binary(clone(value.node), gast.Add, constant(places[0])) if places[0] else clone(value.node)
    return subscript(gast.Tuple([constant(k) for k in places], gast.Load()), clone(value.node))


def numbered(at: Any, new: str, functions: list[Value]) -> Value:
    """One of some functions, its number under a name."""
    named = at.named(new, Value(Scalar("int"), None))
    return Value(Opaque(), named.node, choices=tuple(functions))


# ---- in loops -----------------------------------------------------------------------------------
def fits(head: Value, value: Value) -> bool:
    """Whether a function at the end of an iteration is among those that a loop's head knows."""
    if not may_be_called([*alternatives(head), *alternatives(value)]):
        return False
    if head.choices is None:
        return value.choices is None and same_function(head, value)
    return all(any(same_function(known, one) for known in head.choices) for one in alternatives(value))


def wider(at: Any, variable: str, head: Value, value: Value) -> Value:
    """A head that knows more functions."""
    functions = list(alternatives(head))
    for function in alternatives(value):
        place_of(functions, function)
    made = Counter(id(function.function.body) for function in functions if function.function is not None)
    if any(count > MOST_OF_ONE for count in made.values()):  # made in each iteration, with what it has then
        return Value(Opaque(), None, origin="conflict")
    return numbered(at, at.fresh(f"{variable}_choice"), functions)


# ---- what is asked of them ----------------------------------------------------------------------
def compared(at: Any, op: gast.cmpop, left: Value, right: Value) -> Value | None:
    """``f is None``, ``f is g`` and the like, of one of several functions."""
    if right.choices is None:
        left, right = right, left
    known = is_none(left) or (is_function(left) and left.choices is None)
    if right.choices is None or not known or not isinstance(op, (gast.Is, gast.IsNot, gast.Eq, gast.NotEq)):
        return None
    same = isinstance(op, (gast.Is, gast.Eq))
    places = [k for k, function in enumerate(right.choices) if same_function(function, left)]
    if not places or len(places) == len(right.choices):
        truth = bool(places) is same
        return Value(Scalar("bool", truth), gast.Constant(truth, None))
    return is_one_of(right, places, same)


def is_one_of(value: Value, places: list[int], same: bool = True) -> Value:
    """A test of the number of a function."""
    if len(places) == 1:
        op: gast.cmpop = gast.Eq() if same else gast.NotEq()
        return Value(Scalar("bool"), gast.Compare(clone(value.node), [op], [constant(places[0])]))
    numbers = gast.Tuple([constant(k) for k in places], gast.Load())
    inside = gast.In() if same else gast.NotIn()
    return Value(Scalar("bool"), gast.Compare(clone(value.node), [inside], [numbers]))


def truth(value: Value) -> Value:
    """``if f:`` of one of several functions: only None is false."""
    functions = alternatives(value)
    none = [k for k, function in enumerate(functions) if is_none(function)]
    if not none:
        return Value(Scalar("bool", True), gast.Constant(True, None))
    return is_one_of(value, none, same=False)


def none_is_called(at: Any) -> gast.expr:
    """What Python raises then."""
    return call(at.object_node(TypeError), constant("'NoneType' object is not callable"))


def without_none(at: Any, value: Value) -> list[tuple[int, Value]]:
    """The functions with their numbers; where None is called, the code raises what Python does."""
    pairs = list(enumerate(alternatives(value)))
    none = [k for k, function in pairs if is_none(function)]
    if none:
        at.emit(gast.If(is_one_of(value, none).node, [gast.Raise(none_is_called(at), None)], []))
    return [(k, function) for k, function in pairs if not is_none(function)]
