"""What lives outside of the function: globals, captured values, and what can be reached from them.

Emitted code reads such values live, where the user's code does.  That is right as long as they stay what they are
while it runs, so every change is looked for.  An array that the code writes into is copied on entry, as a parameter
is; a function that just runs is gone through (`effects`), and followed where it changes something that is read here.
"""

from __future__ import annotations

import enum
import inspect
import types
from collections.abc import Sequence as Listed
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from s2sad.abstract.effects import FIRST_WRITTEN, MOVING, MUTABLE, Effects, effects_of, may_write, touched
from s2sad.abstract.libraries import is_foreign, is_installed
from s2sad.abstract.objects import Objects
from s2sad.abstract.state import constant_type, is_of_records, parameter
from s2sad.abstract.values import Value, is_parameter
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Record,
    Scalar,
    Sequence,
    Static,
    is_text,
)
from s2sad.tree.build import assign, call, dotted
from s2sad.tree.build import path as path_node

_FIXED = (
    bool, int, float, complex, str, bytes, range, slice, type, np.dtype, np.generic, np.ufunc, enum.Enum,
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodDescriptorType,
)  # fmt: skip
ADVICE = "Pass it as an argument and return what it becomes, or change it before or after."


@dataclass(frozen=True, eq=False)
class Act:
    """A call that just runs, and what it may do outside."""

    effects: Effects
    site: Any
    label: str
    can_follow: bool
    node: gast.AST


class Outside(Objects):
    """Reads of what lives outside, and the calls that may change it."""

    # ---- reads ----------------------------------------------------------------------------------
    def read_name(self, key: str) -> Value | None:
        """A captured value or a global of the running function; None where there is none."""
        cells = self._cells()
        if key in cells:
            self._note_read(("cell", key, id(cells[key])), cells[key], key)
            return self.outside(cells[key], key)
        if key in self.frame.globals:
            value = self.frame.globals[key]
            self._note_read(("name", id(self.frame.globals), key), value, key)
            return self.outside(value, key)
        return None

    def read_member(self, owner: Any, attr: str, inner: Any, path: str) -> None:
        """Note that an attribute of something outside is read."""
        spaced = isinstance(owner, types.ModuleType)
        self._note_read(
            ("name", id(vars(owner)), attr) if spaced else ("field", id(owner), attr), inner, path
        )

    def _note_read(self, token: Any, value: Any, path: str) -> None:
        if not self.emits:
            return
        self.touched.setdefault(token, path)
        if isinstance(value, (*MUTABLE, tuple)):
            for memory in _memory_in(value):
                self.kept_alive.append(memory)
                self.touched.setdefault(("memory", id(memory)), path)

    def _cells(self) -> dict[str, Any]:
        frame = self.frame
        while frame.parent is not None and not frame.cells:
            frame = frame.parent
        return dict(frame.cells)

    def outside(self, value: Any, path: str) -> Value:
        """A global or captured object under its path; emitted code reads it live."""
        root = path.split(".")[0]
        clash = self.objects.get(path, value) is not value or root in self.taken
        if (
            root not in self.frame.globals
            and root not in self._cells()
            or self.objects.get(root) is not None
            and self.frame.globals.get(root, self._cells().get(root)) is not self.objects[root]
        ):
            held = self.object_node(value)
            label = gast.unparse(held)
            return self.opened_constant(self.as_read(value, label, held, constant_type(value, path)), label)
        if clash:
            return self.read_outside(value, path, self.object_node(value))
        self.objects[path] = value
        return self.read_outside(value, path, path_node(path))

    def read_outside(self, value: Any, path: str, node: gast.expr) -> Value:
        """What stands at a path, read when the code runs; what is assumed of it is watched."""
        known = Static(value) if isinstance(value, enum.Enum) else constant_type(value, path)
        self.dependencies[path] = known
        if isinstance(known, Record):
            known = Static(value)
        elif is_of_records(known):
            return self.opened_constant(Value(known, node), path)
        if isinstance(known, Opaque):
            known = Static(value) if not isinstance(value, (list, dict, set)) else known
        return self.as_read(value, gast.unparse(node), node, known)

    def as_read(self, value: Any, label: str, node: gast.expr, known: Any) -> Value:
        site = ("global", label)
        if isinstance(known, (Scalar, Static)):
            return Value(known, node, origin=site)
        self.lessons.captures[label] = value
        if label in self.copies:
            return self.copies[label]
        made = Value(known, node, sites=frozenset([site]), origin=site)
        self.captures.setdefault(label, made)
        return made

    def note_part(self, owner: Value, key: Any, label: str) -> Any:
        """Note the object that is a part of something outside; its origin, or None where it is of something else."""
        if not isinstance(owner.origin, tuple) or owner.origin[:1] != ("global",) or key is NO_VALUE:
            return None
        held = self.lessons.captures.get(owner.origin[1])
        if held is None:
            return None
        self.lessons.captures[label] = held[key]
        return ("global", label)

    def opened_constant(self, value: Value, path: str) -> Value:
        """A container that lives outside, with the objects in it; each part is read where it stands."""
        if not is_of_records(value.type):
            return value
        assert value.node is not None
        site = ("global", path)
        self.captures.setdefault(path, value.but(origin=site))
        return self.adopted(
            outside_parts(parameter(value.type, value.node, False, site, self.object_node), site), path
        )

    @property
    def taken(self) -> set[str]:
        """Names of parameters, which a global of an inlined callee must not be confused with."""
        return self.parameters

    parameters: set[str] = set()

    def act_of(self, value: Value, method: str, node: gast.AST) -> None:
        """An operation on an object from outside may run a method of its class."""
        if not value.is_static or isinstance(value.known, (type, types.ModuleType, types.FunctionType)):
            return
        found = inspect.getattr_static(type(value.known), method, None)
        found = found.fget if isinstance(found, property) else found
        if isinstance(found, types.FunctionType):
            self.act(Value(Static(types.MethodType(found, value.known))), [], {}, node, can_follow=False)

    def asked(self, value: Value) -> Value:
        """The truth of an object from outside, which it may tell otherwise next time: asked once, here."""
        if not value.is_static or is_fixed(value.known) or value.node is None or value.function is not None:
            return value
        known = value.known
        methods = [
            name for name in ("__bool__", "__len__") if inspect.getattr_static(type(known), name, None)
        ]
        if not methods:
            return value
        self.act_of(value, methods[0], self.at or gast.Pass())
        return self.atom(Value(Scalar("bool"), call("bool", self.whole(value))))

    # ---- writes ---------------------------------------------------------------------------------
    def copy_captures(self) -> None:
        """Arrays from outside that are written to are copied on entry, as parameters are."""
        for label in sorted(self.lessons.captures):
            site = ("global", label)
            if site not in self.lessons.copied:
                continue
            value = self.lessons.captures[label]
            known = constant_type(value, label)
            self.objects[label], self.dependencies[label] = value, known
            node = path_node(label)
            sites = frozenset([("copied", site)])
            varied = known.is_real and bool(sites & self.lessons.varied_sites)
            self.captures[label] = Value(known, node, sites=frozenset([site]), origin=site)
            new = self.fresh(label.split(".")[-1])
            self.entry.append(assign(new, self.copy_of(path_node(label), sites | {site})))
            self.copies[label] = self.named(new, Value(known, None, varied, sites=sites))

    def copy_of(self, node: Any, sites: frozenset[Any]) -> gast.expr:
        raise AssertionError("given by the interpreter")

    def write_outside(self, site: Any, node: gast.AST) -> None:
        """An array from outside is written: it is copied on entry, where it has a name to be copied from."""
        label = site[1]
        value = self.lessons.captures.get(label)
        if not self.emits or self.is_callee or not _is_path(label) or not isinstance(value, np.ndarray):
            raise self.refuse(
                "S108", f"{label} is written in place, but it lives outside of the function",
                "copy it first, or pass it as an argument", node,
            )  # fmt: skip
        self.lessons.learn(self.lessons.copied, site)

    is_callee = False
    """Whether this is a function of its own: a recursive one, a checkpoint, a rule."""

    # ---- functions of their own -----------------------------------------------------------------
    def read_arrays(self) -> dict[str, Any]:
        """The arrays and containers from outside that are read, by their paths."""
        return {
            label: self.lessons.captures[label] for label in self.captures if label in self.lessons.captures
        }

    def take_in(
        self, label: str, arrays: dict[str, Any], touched: dict[Any, str], alive: list[Any], acts: Any
    ) -> None:
        """Note what a function of its own, which is called here, has to do with what lives outside."""
        self.inner_arrays += [(label, path, value) for path, value in arrays.items()]
        for path, value in arrays.items():
            if (
                isinstance(value, np.ndarray)
                and _is_path(path)
                and self.objects.setdefault(path, value) is value
            ):
                known = constant_type(value, path)
                self.captures.setdefault(path, Value(known, path_node(path), origin=("global", path)))
        self.touched = {**touched, **self.touched}
        self.kept_alive += alive
        self.acts += [Act(act.effects, act.site, act.label, False, act.node) for act in acts]

    # ---- calls that just run --------------------------------------------------------------------
    def act(
        self, func: Value, args: Listed[Value], keywords: dict[str, Value], node: gast.AST,
        owner: Value | None = None, can_follow: bool = True,
    ) -> bool:  # fmt: skip
        """Note what a call that just runs may do; whether it must be followed instead; `owner`: whose method it is.

        Arrays, lists and dicts that it is given and may write are written here.
        """
        if not self.emits:
            return False
        values = [*args, *keywords.values()]
        for value in values:
            self._hand_over(func, value, "out" in keywords and value is keywords["out"], node)
        function = func.known if func.is_static else None
        label = getattr(function, "__name__", "") if func.is_static else getattr(func.node, "attr", "")
        if function is None:
            collects = owner is not None and bool(owner.sites & self.lessons.library_made)
            for value in [] if collects or _is_reader(func) else values:
                self._changed(value, label, node)
            return False
        if not _has_source(function) and label not in FIRST_WRITTEN and not is_foreign(function):
            return False
        if self.site(node) in self.lessons.followed:
            return True
        markers: list[tuple[Value, Any]] = []
        given = [self._stand_in(value, markers) for value in args]
        named = {key: self._stand_in(value, markers) for key, value in keywords.items()}
        effects = effects_of(function, given, named)
        for value, marker in markers:
            if ("memory", id(marker)) in effects.written:
                self._changed(value, label, node)
        spelled = dotted(func.node) if func.node is not None else None
        can_follow = can_follow and owner is None and _has_source(function) and not is_installed(function)
        self.acts.append(Act(effects, self.site(node), spelled or label or "this function", can_follow, node))
        return False

    def _hand_over(self, func: Value, value: Value, into: bool, node: gast.AST) -> None:
        """An array of the caller's, or from outside, that may be written where it is handed to."""
        theirs = [site for site in value.sites if is_parameter(site) or is_outside(site)]
        if not isinstance(value.type, Array) or not theirs:
            return
        if into or not func.is_static or may_write(func.known):
            for site in theirs:
                if is_parameter(site):
                    self.lessons.learn(self.lessons.copied, site)
                else:
                    self.write_outside(site, node)
                self.wrote(site)
                self.lessons.note_write(site, node, self.frame.lines)

    def _stand_in(self, value: Value, markers: list[tuple[Value, Any]]) -> Any:
        """What an argument is when effects are looked for: the object itself, or one that stands for it."""
        if value.is_static:
            return value.known
        if isinstance(value.origin, tuple) and value.origin[:1] == ("global",):
            return self.lessons.captures.get(value.origin[1])
        cls = value.type.cls if isinstance(value.type, Sequence) else None
        if cls is not None and value.items is not None:
            made: Any = [self._stand_in(item, markers) for item in value.items]
            if cls is list:
                markers.append((value, made))
            return made
        if isinstance(value.type, Mapping) and value.items is not None:
            made = {k: self._stand_in(item, markers) for k, item in enumerate(value.items)}
            markers.append((value, made))
            return made
        if isinstance(value.type, (ListOf, DictOf)):
            made = [] if isinstance(value.type, ListOf) else {}
            markers.append((value, made))
            return made
        return None

    def _changed(self, value: Value, label: str, node: gast.AST) -> None:
        """A list or dict of the function's own is changed by a call that just runs: what is put there is not known."""
        if value.varied and not self.passive:
            return  # refused
        if isinstance(value.type, Sequence) and value.type.cls is not list:
            for item in value.items or ():
                self._changed(item, label, node)
            return
        if isinstance(value.type, Sequence):
            self.need_storage(value, node)
        elif isinstance(value.type, Mapping):
            self.need_table(value, node)
        elif not isinstance(value.type, (ListOf, DictOf)):
            return
        for site in value.sites:
            self.wrote(site, resized=True)
            if label in MOVING:
                continue
            if isinstance(value.type, DictOf):
                self.lessons.learn_key(site, Value(Opaque()), Value(Opaque()))
            else:
                self.lessons.learn_item(site, Value(Opaque()))
                self.check_items(site, node)

    def need_storage(self, owner: Value, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for containers")

    def need_table(self, owner: Value, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for dicts")

    def check_items(self, site: Any, node: gast.AST) -> None:
        raise AssertionError("given by the mixin for displays")

    # ---- at the end -----------------------------------------------------------------------------
    def check_outside(self) -> None:
        """Follow the calls that change what is read here, or read what is copied here; refuse the others."""
        for act in self.acts:
            found = self._read_and_changed(act.effects) or next(
                (label for label in self.copies if act.effects.reads(self.lessons.captures[label])), None
            )
            if found is None:
                continue
            if act.can_follow and act.site not in self.lessons.followed:
                self.lessons.learn(self.lessons.followed, act.site)
                continue
            what = f"{act.label} changes {found}, which lives outside and is read here"
            if found in self.copies:
                what = f"{act.label} reads {found}, of which a copy is written here: the array lives outside"
            raise self.refuse("S108", what, ADVICE, act.node)
        for label, path, value in self.inner_arrays:
            if self._shares_with_a_copy(value):
                raise self.refuse(
                    "S108", f"{label}, which is a function of its own in what is emitted, reads {path}, and a copy of "
                    "it is written here: the array lives outside", f"pass {path} as an argument", self.at,
                )  # fmt: skip
        for label, held in self.captures.items():
            if not isinstance(held.type, Array) and self._shares_with_a_copy(
                self.lessons.captures.get(label)
            ):
                raise self.refuse(
                    "S108", f"{label} holds an array that is written under another name, and lives outside",
                    "pass it as an argument", self.at,
                )  # fmt: skip

    def _shares_with_a_copy(self, value: Any) -> bool:
        """Whether an array in something outside may be one that is written here, on a copy."""
        copied = [self.lessons.captures[label] for label in self.copies]
        inside = [array for array in _memory_in(value) if isinstance(array, np.ndarray)] if copied else []
        return any(np.may_share_memory(array, other) for array in inside for other in copied)

    def _read_and_changed(self, effects: Effects) -> str | None:
        """The path of something that is read here and changed there."""
        for token in sorted(effects.written, key=repr):
            if token in self.touched:
                return self.touched[token]
            if token[0] == "field" and token[2] is None:
                for read, path in self.touched.items():
                    if read[:2] == token[:2]:
                        return path
        for memory in self.kept_alive:
            if isinstance(memory, np.ndarray) and touched(effects, effects.written, memory):
                return self.touched[("memory", id(memory))]
        return None


def is_fixed(known: Any) -> bool:
    """Whether an object always says the same of itself: a number, a text, a class, a function."""
    if isinstance(known, (tuple, frozenset)):
        return all(map(is_fixed, known))
    return known is None or known is Ellipsis or isinstance(known, _FIXED)


def is_outside(site: Any) -> bool:
    """Whether an allocation site is memory that lives outside of the function."""
    return isinstance(site, tuple) and site[:1] == ("global",)


def _is_path(label: str) -> bool:
    """Whether what lives outside is reached by names alone, so that it can be copied on entry."""
    return all(part.isidentifier() for part in label.split("."))


def outside_parts(value: Value, site: Any) -> Value:
    """The parts of something that lives outside: its memory is one, and must not be written."""
    items = None if value.items is None else tuple(outside_parts(item, site) for item in value.items)
    sites = frozenset([site]) if value.sites else value.sites
    return value.but(items=items, sites=sites, origin=None)


def _is_reader(func: Value) -> bool:
    """Whether a function or method that is known only when the code runs changes nothing that it is given."""
    owner = func.node.value if isinstance(func.node, gast.Attribute) else None
    text = isinstance(owner, gast.Constant) and isinstance(owner.value, (str, bytes))
    return text or is_text(func.type)


def _has_source(function: Any) -> bool:
    """Whether a call runs Python code of somebody's, which may reach what lives outside."""
    builtin = (types.BuiltinFunctionType, types.ModuleType, np.ufunc, types.MethodDescriptorType)
    return callable(function) and not isinstance(function, builtin)


def _memory_in(value: Any) -> list[Any]:
    """The arrays, lists and dicts in a container, itself too."""
    found: list[Any] = []
    stack = [value]
    while stack and len(found) < 1000:
        value = stack.pop()
        if isinstance(value, MUTABLE):
            found.append(value)
        if type(value) in (list, tuple, set):
            stack += value
        elif type(value) is dict:
            stack += value.values()
    return found


__all__ = ["Outside", "is_fixed", "is_outside", "outside_parts"]
