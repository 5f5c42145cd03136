"""Which attributes an object has: those that only some paths set, or only some iterations.

An attribute that an object lacks is looked up in its class.  Where a path that sets one meets a path that does not,
the object gets what its class gives; where the class gives nothing, nobody may ask whether the attribute is there.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Sequence
from typing import Any

import gast

from s2sad.abstract.objects import MISSING, class_attribute
from s2sad.abstract.values import Identity, Value, container_of, fields_by_name, record_of
from s2sad.objects import is_registered
from s2sad.signature import Record

ABSENT = "set it in `__init__` too, so that every object has it"


def from_class(at: Any, owner: Value, field: str) -> Value | None:
    """What an object without a field of that name gives under it; None where that is computed, or nothing."""
    cls = record_of(owner).cls
    found = MISSING if is_registered(cls) else at.looked_up(cls, field)
    if found is MISSING:
        return None
    plain = isinstance(found, (types.FunctionType, staticmethod, classmethod))
    if not plain and hasattr(type(found), "__get__"):
        return None
    return at.found_attribute(found, owner, field, None, at.at or gast.Pass())  # type: ignore[no-any-return]


def with_fields(at: Any, owner: Value, names: Sequence[str]) -> Value:
    """An object with fields of its own for what its class gives under some names."""
    fields = fields_by_name(owner)
    for field in names:
        made = from_class(at, owner, field) if field not in fields else None
        if made is not None:
            fields[field] = made
    kind = Record(record_of(owner).cls, tuple(fields), ())
    return container_of(kind, tuple(fields.values()), owner.origin).but(ident=owner.ident)


def alike(at: Any, values: list[Value]) -> list[Value]:
    """Objects of one class with the fields that any of them has, as far as the class gives those."""
    names = list(dict.fromkeys(key for value in values for key in record_of(value).keys))
    if len({record_of(value).cls for value in values}) > 1 or all(
        len(record_of(value).keys) == len(names) for value in values
    ):
        return values
    return [with_fields(at, value, names) for value in values]


def joined(at: Any, ident: Identity, values: list[Value]) -> list[Value]:
    """One object as several paths leave it, with the same fields on each of them where the class gives any."""
    names = dict.fromkeys(key for value in values for key in record_of(value).keys)
    some = [key for key in names if not all(key in record_of(value).keys for value in values)]
    if not some:
        return values
    kept = [key for key in some if not _is_computed_again(at, ident, values, key)]
    ident.unsure.update(kept)
    dropped = set(some) - set(kept)
    return [with_fields(at, _without(value, dropped), kept) for value in values]


def _without(value: Value, names: set[str]) -> Value:
    fields = {key: item for key, item in fields_by_name(value).items() if key not in names}
    kind = Record(record_of(value).cls, tuple(fields), ())
    return container_of(kind, tuple(fields.values()), value.origin).but(ident=value.ident)


def entered(
    at: Any, heads: dict[Any, Value], entry: dict[Any, Value], ends: list[Any], seen: set[Any]
) -> bool:
    """Give the objects before a loop the fields that its body adds; whether there are some that were not `seen`."""
    before = len(seen)
    for ident, value in list(entry.items()):
        if not isinstance(ident, Identity):
            continue
        after = [env[ident] for _, env in ends if ident in env]
        for key in dict.fromkeys(key for end in after for key in record_of(end).keys):
            if key in record_of(value).keys or (ident, key) in seen:
                continue
            seen.add((ident, key))
            if key in ident.cached or _is_computed_again(at, ident, [value, *after], key):
                continue
            ident.unsure.add(key)
            value = entry[ident] = with_fields(at, value, [key])
            if ident in heads and key in record_of(value).keys:
                fields = fields_by_name(heads[ident]) | {key: fields_by_name(value)[key]}
                kind = Record(record_of(value).cls, tuple(fields), ())
                heads[ident] = container_of(kind, tuple(fields.values()), value.origin).but(ident=ident)
    return len(seen) > before


def _is_computed_again(at: Any, ident: Identity, values: list[Value], field: str) -> bool:
    """Whether a cached property may be computed where it is read next: nothing that it read was changed."""
    cls = record_of(values[0]).cls
    if not isinstance(class_attribute(cls, field), functools.cached_property):
        return False
    others = [fields_by_name(value) for value in values]
    names = set().union(*others) - set(ident.cached) - {field}
    first = others[0]
    if any(table.get(key) is not first.get(key) for table in others for key in names):
        return False
    if any(item.sites & at.lessons.written for item in first.values()):
        return False
    for inner in _objects(values[0], {}):
        inner.cached.add(field)
    return True


def _objects(value: Value, found: dict[Identity, None]) -> dict[Identity, None]:
    """The objects in a value, itself too."""
    if value.ident is not None:
        found[value.ident] = None
    for item in value.items or ():
        _objects(item, found)
    return found


def unsure_fields(owner: Value) -> set[str]:
    """The attributes that only some paths have set."""
    if owner.ident is None:
        return set()
    return set().union(*(member.unsure for member in owner.ident.kin))


def check_read(at: Any, owner: Value, field: str, node: Any) -> None:
    """Refuse to read an attribute where what an object gives that lacks it is not what one gives that has it."""
    if field not in unsure_fields(owner):
        return
    cls = record_of(owner).cls
    given = class_attribute(cls, field)
    if field in record_of(owner).keys:
        slot = isinstance(given, types.MemberDescriptorType)
        falls_back = class_attribute(cls, "__getattr__") is not MISSING
        if not at.tries and not falls_back and (slot or given is MISSING):
            return  # where it is missing, reading raises
        if given is not MISSING and not hasattr(type(given), "__get__"):
            return  # what the class gives, it has itself
        if isinstance(given, (types.FunctionType, staticmethod, classmethod)):
            return
    refuse(at, owner, field, node)


def check_asked(at: Any, owner: Value, field: str | None, node: Any) -> None:
    """Refuse to ask whether an object has an attribute (or, with None, which ones) where only some paths set it."""
    unsure = unsure_fields(owner)
    asked = sorted(unsure) if field is None else [field] if field in unsure else []
    for name in asked:
        given = class_attribute(record_of(owner).cls, name)
        if field is None or given is MISSING or isinstance(given, types.MemberDescriptorType):
            refuse(at, owner, name, node)


def refuse(at: Any, owner: Value, field: str, node: Any) -> None:
    """A loop of known length is written out instead."""
    at.unroll()
    raise at.refuse(
        "S103", f"whether the {record_of(owner).cls.__name__} object has its attribute {field!r} here depends on the "
        "path that was taken", ABSENT, node,
    )  # fmt: skip
