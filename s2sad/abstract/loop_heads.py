"""What a loop carries from one iteration to the next: names at its head, made as wide as all that comes round."""

from __future__ import annotations

from typing import Any

import gast

from s2sad.abstract import chosen, late, presence
from s2sad.abstract.carried import assigned_in, exposed_in, targets_of
from s2sad.abstract.chosen import may_be_called, number_of, numbered
from s2sad.abstract.iterables import Iterables
from s2sad.abstract.merging import heap_of, tails
from s2sad.abstract.state import Lessons
from s2sad.abstract.values import (
    Frame,
    Identity,
    Value,
    aligned,
    fields_by_name,
    has_same_fields,
    is_fixed_object,
    is_function,
    rebuilt,
    record_of,
    shared_of,
)  # fmt: skip
from s2sad.names import base
from s2sad.signature import (
    Array,
    DictOf,
    Dim,
    ListOf,
    Never,
    Opaque,
    Record,
    Scalar,
    Type,
    join,
    may_be_one,
    without_value,
)
from s2sad.tree.build import assign, names_in
from s2sad.tree.parts import nodes

MAX_ROUNDS = 12
HEAD = "head:"


class LoopHeads(Iterables):
    """Loops as they are interpreted: from round to round, until the head covers all that comes back to it."""

    def __init__(self, lessons: Lessons, frame: Frame) -> None:
        super().__init__(lessons, frame)
        self.own_heads: list[set[Identity]] = []
        self.headed: list[set[int]] = []
        self.kept: list[Value] = []

    def _loop(self, build: Any, statement: Any, enter: Any, assigned_first: list[str]) -> None:
        """Emit a loop; `build` makes the statement from its body, `enter` binds the targets at its start."""
        at, entry = self.at, self._refreshed_state(self.snapshot())
        self.own_heads.append(set())
        self.headed.append(set())
        late.enter_loop(self)
        assigned_first = [self.frame.key(variable) for variable in assigned_first]
        written = [self.frame.key(variable) for variable in assigned_in(statement.body)]
        grown = [self.frame.key(variable) for variable in _appended(statement.body)]
        grown = [key for key in grown if key in entry and entry[key].items is not None]
        assigned = list(dict.fromkeys([*assigned_first, *written, *grown]))
        exposed = {self.frame.key(v) for v in exposed_in(statement.body, set(targets_of(statement)))}
        heads: dict[Any, Value] = {
            key: self._head(key, entry[key]) for key in assigned if key in entry and key not in assigned_first
        }
        added: set[Any] = set()
        for _ in range(MAX_ROUNDS):
            self.at = at
            body, ends = self._round(statement, enter, entry, heads, assigned)
            self.heap = heap_of(entry)
            if presence.entered(self, heads, entry, ends, added):
                continue
            ends = [(out, _with_fields_of(env, entry)) for out, env in ends]
            wider = self._with_shared(heads, ends, entry, assigned) or self._with_stored(heads, ends, entry)
            if wider is None:
                wider = self._widened(heads, ends, every(assigned, heads), exposed, entry)
            if wider is None:
                break
            heads = wider
        else:
            raise self.refuse(
                "S106", "the types in this loop do not settle", "initialise with the final type", statement
            )
        self.at = at
        late.leave_loop(self)
        self._close(build(body), heads, ends, entry, every(assigned, heads))
        self.own_heads.pop()
        self.headed.pop()

    def _round(
        self,
        statement: Any,
        enter: Any,
        entry: dict[str, Value],
        heads: dict[str, Value],
        assigned: list[str],
    ) -> tuple[list[gast.stmt], list[tuple[list[gast.stmt], dict[str, Value]]]]:
        """Run the body once from a state at the head; give the body and the states at its ends."""
        self.restore({key: value for key, value in entry.items() if key not in assigned} | heads)
        self.writes.ends()
        for head in heads.values():
            self._enter_head(head)
        self.breaks.append([])
        with self.emitting_into([]) as body:
            left = self.caught_in(enter) or self.run(statement.body)
        ends = [(out, env) for out, _, env in self.breaks.pop()]
        if not left:
            ends.append((body, self.snapshot()))
        return body, [(out, self._refreshed_state(env)) for out, env in ends]

    def _refreshed_state(self, env: dict[Any, Value]) -> dict[Any, Value]:
        """A state with what each variable holds as it is in that state."""
        heap = heap_of(env)
        return {key: self.refreshed(value, heap) for key, value in env.items()} if heap else env

    def _enter_head(self, head: Value) -> None:
        """Objects that stand for another one in each iteration have the head's fields when one begins."""
        if head.ident is not None and head.ident in self.own_heads[-1]:
            self.heap[head.ident] = head
        for item in head.items or ():
            self._enter_head(item)

    def _with_shared(
        self, heads: dict[Any, Value], ends: list[Any], entry: dict[Any, Value], assigned: list[Any]
    ) -> dict[Any, Value] | None:
        """The heads with those of the shared variables that calls in the body assign; None without new ones."""
        news = [
            key
            for key, value in shared_of(entry).items()
            if key not in assigned and any(env.get(key) is not value for _, env in ends)
        ]
        assigned += news
        return heads | {key: self._head(key, entry[key]) for key in news} if news else None

    def _with_stored(
        self, heads: dict[Any, Value], ends: list[Any], entry: dict[Any, Value]
    ) -> dict[Any, Value] | None:
        """The heads with those of the objects' fields that the body stores; None where no new one is stored."""
        wider, news = dict(heads), False
        for ident, value in heap_of(entry).items():
            head = heads.get(ident, value)
            for _, env in ends:
                end = env.get(ident)
                if end is None or end is head:
                    continue
                stored = {k for k in fields_stored(head, end) if not self._is_headed(head, value, k)}
                if stored:
                    head = self._head_fields(ident, head, stored)
                    wider[ident], news = head, True
        return wider if news else None

    def _is_headed(self, head: Value, first: Value, k: int) -> bool:
        """Whether a field has a name of its own at the head already."""
        assert head.items is not None and first.items is not None
        return head.items[k] is not first.items[k] or id(head.items[k]) in self.headed[-1]

    def _head_fields(self, ident: Identity, head: Value, stored: set[int]) -> Value:
        assert head.items is not None
        keys = record_of(head).keys
        items = tuple(
            self._head(f"{ident.label}_{keys[k]}", item) if k in stored else item
            for k, item in enumerate(head.items)
        )
        self.headed[-1].update(id(items[k]) for k in stored)
        self.kept.extend(items)  # so that their ids stay theirs
        return rebuilt(head, items)

    def _head(self, variable: str, value: Value) -> Value:
        """The state of a variable at the loop's head, as general as its first value."""
        if value.ident is not None:
            return value if value.ident in self.heap else self._head_object(variable, value, [value])
        if value.items is not None and value.origin not in self.lessons.storage:
            items = tuple(self._head(variable, item) for item in value.items)
            return rebuilt(value, items)
        if (
            value.function is not None
            or value.iteration is not None
            or value.is_static
            or value.origin in ("conflict", "deleted")
        ):
            return value
        if value.choices is not None:
            return numbered(self, self.fresh(f"{variable}_choice"), list(value.choices))
        new = self.fresh(variable)
        return self.named(new, Value(without_value(value.type), None, value.varied, sites=value.sites))

    def _head_object(self, variable: str, value: Value, members: list[Value]) -> Value:
        """The object that a variable holds at the head: another one in each iteration."""
        stem = base(variable)
        assert isinstance(value.type, Record) and value.items is not None
        items = tuple(self._head(f"{stem}_{key}", item) for key, item in zip(value.type.keys, value.items))
        made = self.united(value.type, items, stem, members)
        assert made.ident is not None
        self.own_heads[-1].add(made.ident)
        return made

    def _widened(
        self,
        heads: dict[str, Value],
        ends: list[Any],
        assigned: list[str],
        exposed: set[str],
        entry: dict[str, Value],
    ) -> dict[str, Value] | None:
        """A wider state at the head, or None where the present one holds at every end."""
        wider, changed = dict(heads), False
        for key in assigned:
            values = [env[key] for _, env in ends if key in env]
            if not values:
                continue
            if key not in heads:
                if key in exposed:
                    wider[key], changed = self._head(key, values[0].but()), True
                continue
            for value in values:
                if not self._fits(wider[key], value, isinstance(key, Identity)):
                    wider[key], changed = self._wider(key, wider[key], value, isinstance(key, Identity)), True
        return wider if changed else None

    def _fits(self, head: Value, value: Value, top: bool = False) -> bool:
        """Whether a value at an end is covered by the head; with `top`, that of an object's own fields."""
        if head is value or head.origin in ("conflict", "deleted"):
            return True
        if head.ident is not None and not top:
            if value.ident is None or head.ident not in self.own_heads[-1]:
                return head.ident is value.ident
            if not has_same_fields(head, value):
                return False
            head.ident.join(value.ident)  # type: ignore[arg-type]
        if head.ident is not None:
            value = aligned(value, head)
        if head.items is not None:
            if value.items is None or len(value.items) != len(head.items):
                return False
            return all(self._fits(h, v) for h, v in zip(head.items, value.items))
        if head.iteration is not None or value.iteration is not None:
            return False
        if is_function(head) or is_function(value):
            return chosen.fits(head, value)
        if head.is_static or head.function is not None:
            return head.type == value.type and value.items is None
        if covers(head.type, value.type):
            return (head.varied or not value.varied) and value.sites <= head.sites
        if value.items is not None and value.node is None:
            return join(head.type, value.type) == head.type and (head.varied or not value.varied)
        covered = join(head.type, without_value(value.type)) == head.type
        return covered and (head.varied or not value.varied) and value.sites <= head.sites

    def _wider(self, variable: Any, head: Value, value: Value, top: bool = False) -> Value:
        if isinstance(variable, Identity):
            variable = variable.label
        if head.ident is not None and value.ident is not None and not top and head.ident is not value.ident:
            return self._wider_object(variable, head, value)
        if head.items is not None and value.items is not None and len(value.items) == len(head.items):
            items = tuple(
                h if self._fits(h, v) else self._wider(variable, h, v)
                for h, v in zip(head.items, value.items)
            )
            return rebuilt(head, items)
        if value.origin == "conflict":
            return Value(Opaque(), None, origin=value.origin)
        head, value = self.relearnt(head), self.relearnt(value)
        grown = self.grew_differently([head, value])
        if grown is not None:
            return self.named(self.fresh(variable), grown)
        if may_be_called([head, value]):
            return chosen.wider(self, base(variable), head, value)
        if (
            head.function is not None
            or value.function is not None
            or head.iteration is not None
            or value.iteration is not None
            or is_fixed_object(head)
            or is_fixed_object(value)
        ):
            return Value(Opaque(), None, origin="conflict")
        known = join(without_value(head.type), without_value(value.type))
        if (head.varied or value.varied) and not known.is_real and not isinstance(known, Never):
            return Value(Opaque(), None, origin="conflict")
        new = self.fresh(variable)
        known = unsettled(known, head.type, new)
        return self.named(
            new, Value(known, None, head.varied or value.varied, sites=head.sites | value.sites)
        )

    def _wider_object(self, variable: str, head: Value, value: Value) -> Value:
        """A head for two objects."""
        head, value = presence.alike(self, [head, value])
        if not has_same_fields(head, value):
            return Value(Opaque(), None, origin="conflict")
        value = aligned(value, head)
        if head.ident not in self.own_heads[-1]:
            head = self._head_object(variable, head, [head, value])
        stem = base(variable)
        items = tuple(
            h if self._fits(h, v) else self._wider(f"{stem}_{key}", h, v)
            for key, h, v in zip(record_of(head).keys, head.items or (), value.items or ())
        )
        return rebuilt(head, items)

    def _close(
        self,
        loop: gast.stmt,
        heads: dict[str, Value],
        ends: list[Any],
        entry: dict[str, Value],
        assigned: list[str],
    ) -> None:
        """Copies into the head's names before the loop and at each of its ends; what was assigned lives on after it."""
        after = {key: value for key, value in entry.items() if key not in assigned}
        names = {leaf for head in heads.values() for leaf in _leaves(head)}
        heads = dict(heads)
        for key in assigned:
            values = [env[key] for _, env in ends if key in env]
            if key not in heads and values:
                heads[key] = self._general(key, [v for v in [entry.get(key), *values] if v is not None])
        self._detach(heads, ends, assigned, names)
        held = {leaf for key, head in heads.items() if key in entry for leaf in _leaves(head)}
        held |= {leaf for value in entry.values() for leaf in _leaves(value)}
        for key in assigned:
            head = heads.get(key)
            if head is None:
                if key in entry:
                    after[key] = entry[key]
                continue
            top = isinstance(key, Identity)
            if key in entry:
                self._copy(head, entry[key], self.out, top)
            else:
                self._preset(_leaves(head) - held, loop)
            for out, env in ends:
                if key in env:
                    for tail in tails(out):
                        self._copy(head, env[key], tail, top)
            after[key] = head if key in entry else self._after_loop(head, key, ends)
        self.emit(loop)
        outside = heap_of(entry)
        made = {ident: value for ident, value in self.heap.items() if ident not in outside}
        self.restore(made | after)
        for head in after.values():
            self._enter_head(head)

    def _preset(self, names: set[str], loop: gast.stmt) -> None:
        """What only the loop assigns is None at first, where a path copies it that does not read it."""
        copied = {
            part.value.id
            for part in nodes(loop)
            if isinstance(part, gast.Assign) and isinstance(part.value, gast.Name)
        }
        for leaf in sorted(names & copied):
            written = self.sites.get(leaf, frozenset()) & self.lessons.written
            if isinstance(self.types[leaf], (Scalar, Array, Opaque)) and written:
                continue  # an array of which there is a shadow, that is added to in place
            if isinstance(self.types[leaf], (Scalar, Array, Opaque, ListOf, DictOf, Never)):
                self.emit(assign(leaf, gast.Constant(None, None)))

    def _detach(self, heads: dict[str, Value], ends: list[Any], assigned: list[str], names: set[str]) -> None:
        """The copies at the loop's end happen at once: what is a head itself (``a, b = b, a``) is read first.

        So is what is computed from a head that is copied before it (``t = (n + 1,)``, of which ``n + 1`` has no name).
        """
        for out, env in ends:
            copied: set[str] = set()
            for key in assigned:
                if key in env and key in heads and (isinstance(key, Identity) or self._is_own(heads[key])):
                    label = key.label if isinstance(key, Identity) else key
                    env[key] = self._detached(env[key], heads[key], names, out, label, copied)

    def _is_own(self, head: Value) -> bool:
        """Whether a head's parts are copied at the ends: those of an object from outside the loop are not."""
        return head.ident is None or head.ident in self.own_heads[-1]

    def _detached(
        self,
        value: Value,
        head: Value,
        names: set[str],
        out: list[gast.stmt],
        variable: str,
        copied: set[str],
    ) -> Value:
        if value is head:
            return value
        if head.ident is not None and value.ident is not None:
            value = aligned(value, head)
        if value.items is not None and head.items is not None and len(value.items) == len(head.items):
            pairs = zip(value.items, head.items)
            items = tuple(self._detached(v, h, names, out, variable, copied) for v, h in pairs)
            return value.but(items=items)
        own = (
            isinstance(head.node, gast.Name)
            and isinstance(value.node, gast.Name)
            and head.node.id == value.node.id
        )
        read = set() if own else _names_read(value)
        late = read & (names if isinstance(value.node, gast.Name) else copied)
        if isinstance(head.node, gast.Name) and not own:
            copied.add(head.node.id)
        if not late:
            return value
        new = self.fresh(variable)
        for tail in tails(out):
            self.copy_into(new, value, tail)
        return self.named(new, value) if value.choices is None else numbered(self, new, list(value.choices))

    def _after_loop(self, head: Value, key: str, ends: list[Any]) -> Value:
        """A variable that only the loop assigns: after no trips it is not assigned."""
        homes: dict[int, list[gast.stmt]] = {}
        for out, env in ends:
            if key in env:
                homes |= {id(home): home for home in env[key].homes or tails(out)}
        return (
            head.but(homes=tuple(homes.values()))
            if head.items is None and homes and head.node is not None
            else head
        )

    def _general(self, key: str, values: list[Value]) -> Value:
        head = self._head(key, values[0])
        for value in values[1:]:
            if not self._fits(head, value):
                head = self._wider(key, head, value)
        return head

    def _copy(self, head: Value, value: Value, out: list[gast.stmt], top: bool = False) -> None:
        """Copy a value into the head's names; with `top`, the fields of an object, not which object it is."""
        if head.ident is not None and not top and head.ident not in self.own_heads[-1]:
            return
        self.held_by_reference(head.type, value)
        if (
            head is value
            or head.origin in ("conflict", "deleted")
            or head.is_static
            or head.function is not None
        ):
            return
        if head.items is not None:
            if head.ident is not None:
                value = aligned(value, head)
            assert value.items is not None
            for one, other in zip(head.items, value.items):
                if one is not other:
                    self._copy(one, other, out)
            return
        assert isinstance(head.node, gast.Name)
        if isinstance(value.node, gast.Name) and value.node.id == head.node.id:
            return
        if head.choices is not None:
            value = Value(Scalar("int"), number_of(list(head.choices), value), homes=value.homes)
        self.copy_into(head.node.id, value, out)


def _with_fields_of(env: dict[Any, Value], entry: dict[Any, Value]) -> dict[Any, Value]:
    """A state with the fields that objects have at entry only."""
    return {
        key: aligned(v, entry[key]) if isinstance(key, Identity) and key in entry else v
        for key, v in env.items()
    }


def _leaves(value: Value) -> set[str]:
    """Names that a value is kept under, its parts' too."""
    if value.items is not None:
        return set().union(*(_leaves(item) for item in value.items))
    return {value.node.id} if isinstance(value.node, gast.Name) else set()


def every(assigned: list[str], heads: dict[Any, Value]) -> list[Any]:
    """What a loop carries: variables, and objects."""
    return [*assigned, *heap_of(heads)]


def fields_stored(head: Value, end: Value) -> set[int]:
    """The fields that are not at an end what they are at the head, by position."""
    table = fields_by_name(end)
    return {k for k, (key, item) in enumerate(fields_by_name(head).items()) if table.get(key) is not item}


def unsettled(known: Type, head: Type, new: str) -> Type:
    """A type at a loop's head: a size that changes from one iteration to the next is a symbol of the head's own."""
    if (
        not isinstance(known, Array)
        or known.shape is None
        or not isinstance(head, Array)
        or head.shape is None
    ):
        return known
    sizes = tuple(
        size if size == old else Dim(f"{HEAD}{new}.{k}", one=None if may_be_one(size) else False)
        for k, (size, old) in enumerate(zip(known.shape, head.shape))
    )
    return Array(known.dtype, sizes)


def covers(head: Type, known: Type) -> bool:
    """Whether a value fits the loop's head: the head's own symbols stand for whatever size the value has."""
    if (
        not isinstance(head, Array)
        or not isinstance(known, Array)
        or head.shape is None
        or known.shape is None
    ):
        return False
    if head.dtype != known.dtype or len(head.shape) != len(known.shape):
        return False
    return all(
        size == old
        or (
            isinstance(old, Dim)
            and old.symbol.startswith(HEAD)
            and not (old.one is False and may_be_one(size))
        )
        for size, old in zip(known.shape, head.shape)
    )


def _appended(statements: list[gast.stmt]) -> list[str]:
    """Variables whose list statements append to."""
    found: dict[str, None] = {}
    for statement in statements:
        for part in nodes(statement):
            if (
                isinstance(part, gast.Call)
                and isinstance(part.func, gast.Attribute)
                and part.func.attr == "append"
            ):
                if isinstance(part.func.value, gast.Name):
                    found[part.func.value.id] = None
    return list(found)


def _names_read(value: Value) -> set[str]:
    """The names that a value is computed from where it is put somewhere."""
    if value.node is not None:
        return names_in(value.node)
    return {key for item in value.items or () for key in _names_read(item)}
