"""Functions that ask or change objects: `super`, `getattr`, `setattr`, `type`, `dataclasses.replace`, `copy.copy`.

The functions of `operator` too: given objects or containers, they are the operators.
"""

from __future__ import annotations

import builtins
import copy
import dataclasses
import functools
import math
import operator
import types
from typing import Any

import gast
import numpy as np

from s2sad.abstract import presence
from s2sad.abstract.classes import SuperOf, is_object
from s2sad.abstract.conditions import COMPARE
from s2sad.abstract.functions import function_of
from s2sad.abstract.objects import MISSING, class_attribute, fields_as_dict
from s2sad.abstract.operators import BINARY, UNARY
from s2sad.abstract.structural import python_class, structural, structural_class
from s2sad.abstract.values import Value, fields_by_name, kind_of_container, record_of
from s2sad.objects import is_registered
from s2sad.runtime import sequences
from s2sad.runtime.objects import instance, replaced
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    literal,
)
from s2sad.tree.algebra import BY_VALUE
from s2sad.tree.build import constant, subscript

COMPOUND = (DictOf, ListOf, Mapping, Record, Sequence)
NONE = Value(Static(None), gast.Constant(None, None))


def truth(known: bool) -> Value:
    """A bool that is known."""
    return Value(Scalar("bool", known), gast.Constant(known, None))


# ---- classes ------------------------------------------------------------------------------------
@structural(builtins.super)
def _super(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    if args:
        after, owner = args[0].known, args[1]
    else:
        cells = at._cells()
        first = at.frame.first
        if "__class__" not in cells or first is None:
            raise at.refuse("S101", "`super()` outside of a method", "name the class: `super(C, self)`", node)
        after, owner = cells["__class__"], at.visit(gast.Name(first, gast.Load(), None, None))
    return Value(Static(SuperOf(after, owner)))


@structural(builtins.type)
def _type(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    (value,) = args
    cls = python_class(value)
    if cls is None or value.function is not None:
        return None
    spelled = gast.Name(cls.__name__, gast.Load(), None, None)
    return Value(
        Static(cls), spelled if getattr(builtins, cls.__name__, None) is cls else at.object_node(cls)
    )


def _name(at: Any, value: Value, node: Any) -> str:
    if not isinstance(value.known, str):
        raise at.refuse(
            "S103", "the name of an attribute is known only at run time", "write it as a constant", node
        )
    return value.known


def _has(at: Any, owner: Value, name: str) -> bool | None:
    """Whether an object has an attribute; None where only the running code tells."""
    if is_object(owner):
        presence.check_asked(at, owner, name, at.at)
        found = at.looked_up(record_of(owner).cls, name)
        slot = isinstance(found, types.MemberDescriptorType)
        return name in record_of(owner).keys or (found is not MISSING and not slot)
    if owner.is_static:
        return hasattr(owner.known, name)
    known = python_class(owner)
    if isinstance(owner.type, Sequence) and name in getattr(known, "_fields", ()):
        return True
    return None if known is None else hasattr(known, name)


@structural(builtins.hasattr)
def _hasattr(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if is_object(args[0]) and class_attribute(record_of(args[0]).cls, "__getattr__") is not MISSING:
        raise at.refuse(
            "S103", "`hasattr` of an object with `__getattr__`", "ask for what it is made from", node
        )
    known = _has(at, args[0], _name(at, args[1], node))
    return None if known is None else truth(known)


@structural(builtins.getattr)
def _getattr(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if not isinstance(args[1].known, str):
        return None
    if len(args) > 2:
        known = _has(at, args[0], args[1].known)
        dynamic = is_object(args[0]) and class_attribute(record_of(args[0]).cls, "__getattr__") is not MISSING
        if known is False and not dynamic:
            return args[2]
        if known is False:
            raise at.refuse(
                "S103", "`getattr` with a default, of an object with `__getattr__`",
                "ask for what it is made from", node,
            )  # fmt: skip
    return at.attribute(args[0], args[1].known, hint, node)  # type: ignore[no-any-return]


@structural(builtins.setattr)
def _setattr(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    at.set_attribute(args[0], _name(at, args[1], node), args[2], node)
    return NONE


@structural(object.__setattr__)
def _set_field(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    """``object.__setattr__(self, "x", x)``: how a frozen dataclass sets what it computes."""
    at.set_attribute(args[0], _name(at, args[1], node), args[2], node, forced=True)
    return NONE


@structural(object.__getattribute__)
def _get_field(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    return at.attribute(args[0], _name(at, args[1], node), hint, node)  # type: ignore[no-any-return]


@structural(object.__init__)
def _init_nothing(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    return NONE


@structural(object.__init_subclass__)
def _init_no_subclass(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value:
    return NONE


@structural(builtins.vars)
def _vars(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if not args:
        raise at.refuse("S101", "`vars()` is not supported", "name the variables", node)
    value = args[0]
    if not is_object(value):
        return None
    presence.check_asked(at, value, None, node)
    return fields_as_dict(value)


def _method_of_the_class(function: Any, attr: str) -> None:
    """A function of Python's that asks the class of an object for what it gives."""

    @structural(function)
    def called(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
        if not args or not is_object(args[0]):
            return None
        return at.call_method(args[0], attr, args[1:], keywords, node)  # type: ignore[no-any-return]


for function, attr in (
    (builtins.abs, "__abs__"), (builtins.divmod, "__divmod__"), (builtins.pow, "__pow__"),
    (builtins.round, "__round__"), (math.ceil, "__ceil__"), (math.floor, "__floor__"), (math.trunc, "__trunc__"),
):  # fmt: skip
    _method_of_the_class(function, attr)


@structural(builtins.float)
def _float(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if not args or not is_object(args[0]):
        return None
    return at.call_method(args[0], "__float__", [], {}, node)  # type: ignore[no-any-return]


@structural(builtins.bool)
def _bool(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    return at.as_test(args[0]) if args and is_object(args[0]) else None


@structural(builtins.id)
def _id(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    if is_object(args[0]):
        raise at.refuse("S109", "`id` of an object", "compare with `is`", node)
    return None


# ---- dataclasses and copies ---------------------------------------------------------------------
@structural(dataclasses.replace, replaced)
def _replace(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value | None:
    (value,) = args
    if not is_object(value):
        return None
    cls: Any = record_of(value).cls
    table = fields_by_name(value)
    static = at.visit(node.func).known if isinstance(node, gast.Call) else dataclasses.replace
    if static is replaced or is_registered(cls):
        return _copied(at, value, keywords, hint, node)
    fields = {key: f for key, f in cls.__dataclass_fields__.items() if f.init}
    late = [
        key for key, f in fields.items() if f._field_type.name == "_FIELD_INITVAR" and key not in keywords
    ]
    if late:
        raise at.refuse("S105", f"{late[0]!r} of {cls.__name__} must be given to `replace`", "give it", node)
    named = {
        key: keywords.get(key, table.get(key))
        for key, f in fields.items()
        if f._field_type.name != "_FIELD_CLASSVAR"
    }
    wrong = [key for key in keywords if key not in fields]
    if wrong:
        raise at.refuse("S105", f"{cls.__name__} has no parameter {wrong[0]!r}", "check the spelling", node)
    return at.construct(cls, [], named, hint, node)  # type: ignore[no-any-return]


def _copied(at: Any, value: Value, changes: dict[str, Value], hint: Any, node: Any) -> Value:
    """A new object with the fields of another one, some of them changed."""
    known = value.type
    assert isinstance(known, Record) and value.ident is not None
    fields = dict(zip(known.keys, value.items or ())) | changes
    made: Value = at.new_object(known.cls, fields, hint or value.ident.label, at.site(node))
    assert made.ident is not None
    made.ident.base, made.ident.items = value.ident.base, value.ident.items
    made.ident.unsure |= presence.unsure_fields(value)
    return made


@structural(copy.copy)
def _copy(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    (value,) = args
    if is_object(value):
        own = at.method_of(value, "__copy__")
        return at.call_method(value, "__copy__", [], {}, node) if own else _copied(at, value, {}, hint, node)
    if isinstance(value.type, Array):
        return at.call_known(np.copy, [value], {}, hint, node)  # type: ignore[no-any-return]
    return at.container_copy(value, [], {}, node) if value.items is not None else None


@structural(copy.deepcopy)
def _deepcopy(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    kinds = (Array, ListOf, DictOf) if args[0].varied else Array
    if not is_object(args[0]) and args[0].items is None and not isinstance(args[0].type, kinds):
        return None
    return _deep(at, args[0], node, {})


def _deep(at: Any, value: Value, node: Any, made: dict[Any, Value]) -> Value:
    """A copy of everything in a value that can be changed; what is one object stays one."""
    key = _identity(value)
    if key is None:
        return _deep_copied(at, value, node, made)
    if key not in made:
        made[key] = _deep_copied(at, value, node, made)
    return made[key]


def _identity(value: Value) -> Any:
    """What two places have in common that hold the very same object, list, dict or array."""
    if value.ident is not None:
        return value.ident
    if value.items is not None:
        return None if isinstance(value.type, Sequence) and value.type.cls is not list else value.origin
    if isinstance(value.type, (Array, ListOf, DictOf)) and isinstance(value.node, gast.Name):
        return value.node.id
    return None


def _deep_copied(at: Any, value: Value, node: Any, made: dict[Any, Value]) -> Value:
    if value.ident is not None:
        if at.method_of(value, "__deepcopy__") is not None:
            raise at.refuse("S109", "`copy.deepcopy` of an object with `__deepcopy__`", "call a method", node)
        fields = {key: _deep(at, item, node, made) for key, item in fields_by_name(value).items()}
        new = at.new_object(record_of(value).cls, fields, value.ident.label, at.site(node))
        new.ident.unsure |= presence.unsure_fields(value)
        return new  # type: ignore[no-any-return]
    if value.items is not None:
        items = tuple(_deep(at, item, node, made) for item in value.items)
        kind = kind_of_container(value.type)
        return at.made_of(kind, items, (at.site(node), value.origin))  # type: ignore[no-any-return]
    if isinstance(value.type, Array):
        return at.call_known(np.copy, [value], {}, None, node)  # type: ignore[no-any-return]
    if isinstance(value.type, ListOf) and isinstance(value.type.item, (Scalar, Array)):
        lines = sequences.copies_of if isinstance(value.type.item, Array) else sequences.list_of
        return at.enter(function_of(lines, at), [value], {}, node)  # type: ignore[no-any-return]
    if isinstance(value.type, DictOf) and all(isinstance(item, Scalar) for item in _item_types(value.type)):
        return at.call(Value(Static(dict), at.object_node(dict)), [value], {}, None, node)  # type: ignore[no-any-return]
    if isinstance(value.type, (ListOf, DictOf)):
        raise at.refuse(
            "S109",
            "`copy.deepcopy` of containers in a list or dict that is filled while the code runs",
            "copy it in a loop",
            node,
        )
    return value


def _item_types(known: DictOf) -> list[Type]:
    return [*known.items, *([] if known.rest is None else [known.rest])]


@structural(dataclasses.asdict)
def _asdict(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    return _plain(at, args[0], node, as_dict=True) if is_object(args[0]) and not keywords else None


@structural(dataclasses.astuple)
def _astuple(at: Any, args: list[Value], keywords: Any, hint: Any, node: Any) -> Value | None:
    return _plain(at, args[0], node, as_dict=False) if is_object(args[0]) and not keywords else None


def _plain(at: Any, value: Value, node: Any, as_dict: bool, place: tuple[Any, ...] = ()) -> Value:
    """A dataclass as a dict or tuple, and so on inside; arrays in it are copied, as `dataclasses` does."""
    site = (at.site(node), place) if place else at.site(node)
    if is_object(value) and dataclasses.is_dataclass(record_of(value).cls):
        table = fields_by_name(value)
        names = tuple(field.name for field in dataclasses.fields(record_of(value).cls))
        items = tuple(_plain(at, table[name], node, as_dict, (*place, name)) for name in names)
        return at.made_of(Mapping(names, ()) if as_dict else Sequence(tuple, ()), items, site)  # type: ignore[no-any-return]
    if value.items is not None and not is_object(value):
        items = tuple(_plain(at, item, node, as_dict, (*place, k)) for k, item in enumerate(value.items))
        return at.made_of(kind_of_container(value.type), items, site)  # type: ignore[no-any-return]
    return _deep(at, value, node, {})


@structural(instance)
def _instance(at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any) -> Value:
    cls = args[0].known
    return at.new_object(cls, keywords, hint or cls.__name__.lower(), at.site(node))  # type: ignore[no-any-return]


# ---- the module `operator` ----------------------------------------------------------------------
def _operated(
    op: type[gast.operator], at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """An operator's function, given something that is no number or array, is the operator."""
    if keywords or len(args) != 2 or not any(isinstance(arg.type, COMPOUND) for arg in args):
        return None
    return at.binary(op(), *args, hint, node)  # type: ignore[no-any-return]


def _compared(
    op: type[gast.cmpop], at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    if keywords or len(args) != 2:
        return None
    return at.compare_objects(op(), *args, node)  # type: ignore[no-any-return]


def _negated(
    op: type[gast.unaryop], at: Any, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    if keywords or len(args) != 1:
        return None
    return at.negate_object(op(), args[0], node)  # type: ignore[no-any-return]


for _binary, _function in [*BINARY.items(), (gast.Add, operator.concat)]:
    structural(_function)(functools.partial(_operated, _binary))
for _test in BY_VALUE:
    structural(COMPARE[_test])(functools.partial(_compared, _test))
for _unary in (gast.USub, gast.UAdd, gast.Invert):
    structural(UNARY[_unary])(functools.partial(_negated, _unary))


# ---- functions made of functions ----------------------------------------------------------------
@structural_class(functools.partial)
def _call_partial(
    at: Any, made: functools.partial, args: list[Value], keywords: dict[str, Value], hint: Any, node: Any
) -> Value | None:
    """A `functools.partial` made outside: what it fixes is read from it when the code runs."""
    func = at.static(made)
    if not any(value.varied or at.must_enter(value) for value in [*args, *keywords.values()]):
        return None

    def part(attr: str, key: Any) -> gast.expr:
        return subscript(gast.Attribute(value=at.whole(func), attr=attr, ctx=gast.Load()), constant(key))

    fixed = [at.fixed_value(value, part("args", k)) for k, value in enumerate(made.args)]
    named = {key: at.fixed_value(value, part("keywords", key)) for key, value in made.keywords.items()}
    return at.call(at.static(made.func), [*fixed, *args], {**named, **keywords}, hint, node)  # type: ignore[no-any-return]


__all__ = ["NO_VALUE", "literal"]
