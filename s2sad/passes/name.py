"""Versioned names become the names that a reader sees, and the copies that merged versions vanish.

>>> from s2sad.testing.core import core, show
>>> show(name(core('''
... def f(x, n):
...     s = 0.5
...     s__v1 = s
...     for i in range(n):
...         t = s__v1 * x
...         s__v2 = t + np.sin(t)
...         s__v1 = s__v2
...     s_bar = s__v1 * x
...     s_bar__v1 = s_bar + s__v1
...     return s_bar__v1
... ''', 0.5, 3)))
def f(x, n):
    s = 0.5
    for i in range(n):
        t = s * x
        s = t + np.sin(t)
    s_bar = s * x
    s_bar = s_bar + s
    return s_bar

Versions that are never alive at the same time share one name; a user's name goes before a temporary's, a parameter's
before all.  A scalar and an array never share one.
"""

from __future__ import annotations

import functools
import itertools
import keyword
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast

from s2sad.analysis.kinds import invented, is_temporary
from s2sad.analysis.liveness import Liveness
from s2sad.analysis.memory import Memory
from s2sad.analysis.unassigned import may_be_unassigned
from s2sad.names import base, unused
from s2sad.program import Program
from s2sad.rules.sizes import strong
from s2sad.signature import Array, ListOf, Never, Scalar, Type, join, kind_of, without_value
from s2sad.tree.build import assign, clone, names_in
from s2sad.tree.dataflow import (
    DEFERRED,
    assigned,
    binds,
    blocks,
    bound_within,
    captured,
    children,
    headers,
    is_comment,
    is_copy,
    map_blocks,
    own_names,
    parameters,
    rename_statement,
    scopes,
    statement_reads,
    upright,
    walk,
)

MOST_TRIED = 40
"""So many names of one stem are tried before a new one is given."""


def name(program: Program) -> Program:
    """Give every variable the name that is printed."""
    return _named(program, _kind_of, lambda _: gast.Constant(None, None))


def name_by_type(program: Program) -> Program:
    """The same where one name stands for one type only: what is compiled knows every shape then."""
    return _named(program, _exact_kind, _typed_nothing)


def _named(
    program: Program, kind_of: Callable[[Type], Any], nothing: Callable[[Any], gast.expr | None]
) -> Program:
    naming = _Naming(program, kind_of)
    names = naming.printed()
    body = _renamed(program.body, names, functools.cache(lambda: Memory(program)))
    types: dict[str, Type] = {}
    for old, known in program.types.items():
        new = names.get(old)
        if new is not None:
            types[new] = _either(types.get(new, Never()), known)
    for target, source in naming.uncertain_copies(names):
        preset = nothing(types.get(source))
        if preset is not None:
            body = _preset(body, target, source, preset)
    if naming.has_versions_inside:
        body = [_Inside().visit(clone(statement)) for statement in body]
    return program.replace(body=tuple(body), types=types, printed=names)


def _renamed(
    body: Sequence[gast.stmt], names: Mapping[str, str], memory: Callable[[], Memory]
) -> list[gast.stmt]:
    out = []
    for node in body:
        new = upright(map_blocks(rename_statement(node, names), lambda block: _renamed(block, names, memory)))
        if isinstance(new, gast.If) and not any(map(_does_something, new.body)):
            if memory().is_pure(node.test):  # type: ignore[attr-defined]
                continue  # both branches were copies
            new = gast.Expr(value=new.test)
        if not (is_copy(new) and assigned(new) == new.value.id):  # type: ignore[attr-defined]
            out.append(new)
    return out


def _typed_nothing(known: Any) -> gast.expr | None:
    """A number where one is wanted; what else was never assigned, Numba copies."""
    values = {"float": 0.0, "int": 0, "bool": False}
    value = values.get(kind_of(known.dtype)) if isinstance(known, Scalar) else None
    return None if value is None else gast.Constant(value, None)


def _preset(body: list[gast.stmt], target: str, source: str, value: gast.expr) -> list[gast.stmt]:
    """With a name set at first, if a path that does not assign it copies it: that path does not read the copy."""
    copies = [
        node for node in walk(body) if is_copy(node) and assigned(node) == target and node.value.id == source
    ]
    if not any(may_be_unassigned(body, source, node) for node in copies):
        return body
    uses = (
        k for k, node in enumerate(body) if source in bound_within([node]) or set(copies) & set(walk([node]))
    )
    first = next(uses)
    preset = gast.copy_location(assign(source, value), body[first])
    return [*body[:first], preset, *body[first:]]


def _does_something(node: gast.stmt) -> bool:
    return not is_comment(node)


@dataclass
class _Web:
    """Versions that have one name."""

    members: list[str]
    bits: int
    meets: int
    first: int
    avoid: set[str] = field(default_factory=set)

    def conflicts(self, other: _Web) -> bool:
        return bool(self.meets & other.bits or other.meets & self.bits)

    def absorb(self, other: _Web) -> None:
        self.members += other.members
        self.bits |= other.bits
        self.meets |= other.meets
        self.first = min(self.first, other.first)
        self.avoid |= other.avoid


class _Book:
    """The printed names given so far: what is alive under each, and of what kind it is."""

    def __init__(self, reserved: set[str], stems: set[str]) -> None:
        self.reserved, self.stems = reserved, stems
        self.groups: dict[str, tuple[_Web, Any]] = {}
        self.given: dict[str, list[str]] = {}

    def enter(self, web: _Web, stem: str, kind: Any, fixed: bool) -> str:
        """Give a web the first name that it can share, else a new one; a parameter's is fixed."""
        given = self.given.setdefault(stem, [])
        for name_ in () if fixed else given[-MOST_TRIED:]:
            group, other = self.groups[name_]
            if (
                web.meets & group.bits or group.meets & web.bits
            ):  # most do; a call would take longer than the test
                continue
            if name_ not in web.avoid and _fit(kind, other):
                group.absorb(_Web([], web.bits, web.meets, web.first))
                self.groups[name_] = group, kind if other is None else other
                return name_
        name_ = stem if fixed else self.unused(stem, web.avoid)
        self.groups[name_] = _Web([], web.bits, web.meets, web.first), kind
        given.append(name_)
        return name_

    def unused(self, stem: str, avoid: set[str]) -> str:
        """The stem, or the stem with the next number that is neither reserved nor a name of the user's."""
        for count in itertools.count(len(self.given[stem])):
            candidate = f"{stem}_{count}" if count else stem
            taken = candidate in self.groups or candidate in self.reserved or candidate in avoid
            if not taken and not (count and candidate in self.stems):
                return candidate
        raise AssertionError


class _Naming:
    def __init__(self, program: Program, kind_of: Callable[[Type], Any]) -> None:
        self.program, self.kind_of = program, kind_of
        self.live = Liveness(program.body)
        self.is_invented = invented(program)
        self.parameters = parameters(program.args)
        self.has_versions_inside = False
        self.order: dict[str, int] = {}
        for local in [*self.parameters, *(bound for node in walk(program.body) for bound in binds(node))]:
            self.order.setdefault(local, len(self.order))
        self.meets = dict.fromkeys(self.order, 0)
        self._interfere()
        self.webs = {
            local: _Web([local], self.live.bit(local), self.meets[local] | self._everything(local), place)
            for local, place in self.order.items()
        }

    def _everything(self, local: str) -> int:
        """What a name that a closure holds on to meets: all that there is."""
        return -1 & ~self.live.bit(local) if self.live.escaping & self.live.bit(local) else 0

    # ---- which names are alive together -------------------------------------------------------------------------

    def _interfere(self) -> None:
        live = self.live
        together = live.bits(self.parameters) | live.start
        for parameter in self.parameters:
            self.meets[parameter] |= together & ~live.bit(parameter)
        for node in walk(self.program.body):
            bound = binds(node)
            if not bound:
                continue
            alive = live.entry.get(id(node), live.after[id(node)])
            if isinstance(node, gast.For):
                alive |= live.after[id(node)]
                self._keep_index(node)
            if is_copy(node):
                alive &= ~live.bit(node.value.id)  # type: ignore[attr-defined]
            alive |= live.bits(bound)
            if len(bound) == 1 and is_temporary(bound[0]) and not is_copy(node):
                # t = f(t) would read as an update
                alive |= live.bits(read for read in statement_reads(node) if is_temporary(read))
            for one in bound:
                self.meets[one] |= alive & ~live.bit(one)

    def _keep_index(self, node: Any) -> None:
        """No temporary of a loop's body takes the name of its index: it would read as an assignment to the index."""
        inside = bound_within(node.body)
        indices = {
            index for inner in walk(node.body) if isinstance(inner, gast.For) for index in binds(inner)
        }
        for index in binds(node):
            others = [o for o in inside if base(o) != base(index) or o in indices or self.is_invented(o)]
            self.meets[index] |= self.live.bits(sorted(others)) & ~self.live.bit(index)

    # ---- copies -------------------------------------------------------------------------------------------------

    def _coalesce(self) -> None:
        copies: list[tuple[int, int, str, str]] = []
        self._copies(self.program.body, 0, copies)
        for _, _, target, source in sorted(copies):
            if source in self.webs and target in self.webs:
                a, b = self.webs[target], self.webs[source]
                if a is not b and not a.conflicts(b) and self._alike(a, b):
                    a.absorb(b)
                    for member in b.members:
                        self.webs[member] = a

    def _copies(self, body: Iterable[gast.stmt], depth: int, found: list[tuple[int, int, str, str]]) -> None:
        for node in body:
            if is_copy(node):
                target = assigned(node)
                assert target is not None
                found.append((-depth, len(found), target, node.value.id))  # type: ignore[attr-defined]
            for block in blocks(node):
                self._copies(block, depth + isinstance(node, (gast.For, gast.While)), found)

    def _alike(self, a: _Web, b: _Web) -> bool:
        """Whether one name does for both: the user gave them one, or one of them is a temporary."""
        stems = {base(member) for web in (a, b) for member in web.members if not is_temporary(member)}
        parameter = any(member in self.parameters for web in (a, b) for member in web.members)
        return len(stems) <= 1 and not (parameter and not stems)

    # ---- names --------------------------------------------------------------------------------------------------

    def printed(self) -> dict[str, str]:
        """The printed name of every versioned name."""
        self._coalesce()
        self._note_scopes()
        webs = list({id(web): web for web in self.webs.values()}.values())
        webs.sort(key=self._rank)
        book = _Book(self._reserved(), {base(local) for local in self.order})
        names: dict[str, str] = {}
        for web in webs:
            fixed = any(member in self.parameters for member in web.members)
            chosen = book.enter(web, self._stem(web), self._kind(web), fixed)
            names.update(dict.fromkeys(web.members, chosen))
        return names

    def uncertain_copies(self, names: Mapping[str, str]) -> list[tuple[str, str]]:
        """The printed names of copies that stay where versions meet, of what some path seems to read unassigned."""
        found: dict[tuple[str, str], None] = {}
        # what is copied is itself assigned on every path, perhaps, but from a version of the same name that is not
        unsure = {
            names.get(key, key) for key in self.live.names(self.live.start & ~self.live.bits(self.parameters))
        }
        for node in walk(self.program.body):
            if unsure and is_copy(node):
                target, source = binds(node)[0], node.value.id  # type: ignore[attr-defined]
                pair = names.get(target, target), names.get(source, source)
                if pair[0] != pair[1] and base(target) == base(source) and pair[1] in unsure:
                    found[pair] = None
        return list(found)

    def _rank(self, web: _Web) -> tuple[int, int]:
        if any(member in self.parameters for member in web.members):
            return 0, web.first
        return (2 if is_temporary(self._stem(web)) else 1), web.first

    def _stem(self, web: _Web) -> str:
        own = [member for member in web.members if member in self.parameters]
        named = own or [member for member in web.members if not is_temporary(member)] or web.members
        stem = base(min(named, key=self.order.__getitem__))
        # the user's `for _ in ...` needs an index when the tape is read
        return stem if stem.strip("_") or not self.live.read & web.bits else "i"

    def _kind(self, web: _Web) -> Any:
        known: Type = Never()
        for member in web.members:
            known = join(known, self.program.types.get(member, Never()))
        return self.kind_of(known)

    def _reserved(self) -> set[str]:
        """Names that mean something else in the emitted code."""
        reserved = {path.split(".")[0] for path in self.program.objects}
        reserved |= set(self.live.names(self.live.read)) - self.order.keys()
        reserved |= {part.name for part in self.program.parts} | {self.program.name}
        return reserved | set(keyword.kwlist)

    def _note_scopes(self) -> None:
        """A name that a lambda or a comprehension takes from outside must not become one that it binds itself."""
        for node in walk(self.program.body):
            inner: list[gast.AST] = [node] if isinstance(node, gast.FunctionDef) else []
            inner += [scope for part in headers(node) for scope in scopes(part)]
            for scope in inner:
                bound = _all_own_names(scope)
                self.has_versions_inside |= any(base(own) != own for own in bound)
                for local in captured(scope):
                    if local in self.webs:
                        self.webs[local].avoid |= bound


class _Inside(gast.NodeTransformer):
    """The versioned names that a comprehension binds become their stem, or that with the next number free in it."""

    def _shown(self, node: Any) -> gast.AST:
        self.generic_visit(node)
        taken = names_in(node)
        for old in sorted(own for own in own_names(node) if base(own) != own):
            new = unused(base(old), taken)
            for part in gast.walk(node):
                if isinstance(part, gast.Name) and part.id == old:
                    part.id = new
        return node  # type: ignore[no-any-return]

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _shown


def _all_own_names(node: Any) -> set[str]:
    found = own_names(node) if isinstance(node, (gast.FunctionDef, *DEFERRED)) else set()
    if isinstance(node, gast.FunctionDef):
        found |= bound_within(node.body)
    for child in children(node):
        found |= _all_own_names(child)
    return found


def _either(a: Type, b: Type) -> Type:
    """The type of a name that holds both; arrays that differ lose their shape, so that none is written over."""
    both = join(a, b)
    same = isinstance(a, Never) or without_value(a) == without_value(b)
    return Array(both.dtype) if isinstance(both, Array) and not same else both


def _kind_of(known: Type) -> Any:
    if isinstance(known, Scalar):
        return "scalar"
    if isinstance(known, Array):
        return "array", known.dtype, known.rank
    if isinstance(known, ListOf):
        return "list", _kind_of(known.item)
    return None if isinstance(known, Never) else known


def _exact_kind(known: Type) -> Any:
    if isinstance(known, Never):
        return None
    return Scalar(strong(known.dtype)) if isinstance(known, Scalar) else known


def _fit(kind: Any, other: Any) -> bool:
    """Whether one name may hold both: what is not known fits everything."""
    return kind is None or other is None or bool(kind == other)
