"""Attributes and items: ``value.attr`` and ``value[index]``, of arrays, containers and objects."""

from __future__ import annotations

import inspect
from collections import deque
from typing import Any

import gast

from s2sad.abstract.in_place import method_of, method_value
from s2sad.abstract.index_tricks import TOOLS, joined
from s2sad.abstract.operators import Operators
from s2sad.abstract.repeatable import may_differ
from s2sad.abstract.state import constant_type
from s2sad.abstract.values import Value, is_atom, is_function
from s2sad.abstract.writers import flat, flat_index, flattened_array
from s2sad.abstract.written import parts_of
from s2sad.objects import is_named_tuple, is_record
from s2sad.rules.indexing import index_type, is_basic, is_unknown
from s2sad.rules.methods import ATTRIBUTES
from s2sad.rules.sizes import length_type, product
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Never,
    Opaque,
    Record,
    Scalar,
    Sequence,
    Static,
    Type,
    item_type,
    literal,
    part_of,
)
from s2sad.tree.build import call, constant, dotted, subscript
from s2sad.tree.build import path as path_node
from s2sad.tree.parts import nodes

MOST_PARTS = 16
"""How many items of a dict from outside are written out one by one, where a loop goes over them."""


class Items(Operators):
    """Attributes and items."""

    def visit_Attribute(self, node: gast.Attribute, hint: str | None) -> Value:
        return self.attribute(self.visit(node.value), node.attr, hint, node)

    def attribute(self, value: Value, attr: str, hint: str | None, node: gast.AST) -> Value:
        """``value.attr``."""
        value = self.present(value)
        if value.is_static and not isinstance(value.known, (str, bytes)):
            return self._static_attribute(value, attr, node)
        if isinstance(value.type, Sequence) and attr in getattr(value.type.cls, "_fields", ()):
            position = value.type.cls._fields.index(attr)  # type: ignore[attr-defined]
            if value.items is not None:
                return value.items[position]
            return self.item(value, Value(Scalar("int", position), constant(position)), hint, node)
        made = method_value(self, value, attr, node)
        if made is not None:
            return made
        if isinstance(value.type, (Array, Scalar)):
            return self._array_attribute(value, attr, hint, node)
        if callable(getattr(deque, attr, None)) and value.sites & self.lessons.library_made:
            return method_of(self, value, attr, node)
        if value.varied:
            raise self.refuse(
                "S103", f"attribute {attr!r} of a differentiated object", "pass the parts instead", node
            )
        known: Type = part_of(value.type)
        if _is_range(value) and attr in ("start", "stop", "step"):
            known = Scalar("int")
        return Value(
            known, gast.Attribute(value=self.whole(value), attr=attr, ctx=gast.Load()), sites=value.sites
        )

    def _static_attribute(self, value: Value, attr: str, node: gast.AST) -> Value:
        try:
            inner = getattr(value.known, attr)
        except AttributeError as error:
            self.certain(AttributeError, "S103", str(error), "check the spelling", node)
        if attr == "__name__" and isinstance(value.known, type):
            return Value(literal(inner), constant(inner))
        path = dotted(value.node) if value.node is not None else None
        self.read_member(value.known, attr, inner, f"{path or 'it'}.{attr}")
        if isinstance(inspect.getattr_static(type(value.known), attr, None), property):
            self.act_of(value, attr, node)
        if path is None:
            made = gast.Attribute(value=self.whole(value), attr=attr, ctx=gast.Load())
            return self.as_read(inner, gast.unparse(made), made, constant_type(inner))
        if path in self.objects and self.objects[path] is value.known and is_record(value.known):
            path = f"{path}.{attr}"  # the object can be reached, also from a method in another module
            self.objects[path] = inner
            return self.read_outside(inner, path, path_node(path))
        return self.outside(inner, f"{path}.{attr}")

    def _array_attribute(self, value: Value, attr: str, hint: str | None, node: gast.AST) -> Value:
        if attr == "T":
            import numpy

            return self.apply(
                numpy.transpose, [value], {}, hint, node,
                lambda nodes, _: gast.Attribute(value=nodes[0], attr="T", ctx=gast.Load()),
            )  # fmt: skip
        if attr in ("real", "imag"):
            import numpy

            return self.call_known(getattr(numpy, attr), [value], {}, hint, node)
        whole = gast.Attribute(value=self.whole(value), attr=attr, ctx=gast.Load())
        if attr == "shape" and isinstance(value.type, Array) and value.type.shape is not None:
            items = tuple(
                Value(
                    length_type(size),
                    subscript(
                        gast.Attribute(value=self.whole(value), attr="shape", ctx=gast.Load()), constant(k)
                    ),
                )
                for k, size in enumerate(value.type.shape)
            )
            return Value(Sequence(tuple, tuple(item.type for item in items)), whole, False, items)
        if attr == "ndim" and value.type.rank is not None:  # type: ignore[attr-defined]
            return Value(Scalar("int", value.type.rank), whole)  # type: ignore[attr-defined]
        if attr == "size" and value.type.shape is not None:  # type: ignore[attr-defined]
            return Value(length_type(product(value.type.shape)), whole)  # type: ignore[attr-defined]
        if attr in ("size", "itemsize", "nbytes"):
            return Value(Scalar("int"), whole)
        if attr == "dtype":
            import numpy

            from s2sad.signature import WEAK

            known = value.type.dtype  # type: ignore[attr-defined]
            return Value(Static(numpy.dtype(WEAK.get(known, known))), whole)
        if attr == "flat":
            return flat(value, whole)
        if attr in ATTRIBUTES:
            return Value(Opaque(), whole)
        raise self.refuse(
            "S103", f"arrays have no attribute {attr!r} that is supported", "use a NumPy function", node
        )

    def visit_Subscript(self, node: gast.Subscript, hint: str | None) -> Value:
        value = self.visit(node.value)
        if any(value.known is tool for tool in TOOLS):
            return joined(self, value.known, node, hint)
        before = len(self.out)
        index = self.index_for(value, node.slice)
        value = self.refreshed(value)
        plain = value.node is not None and not value.varied and not is_atom(value.node)
        if len(self.out) > before and plain and value.ident is None:
            value = self.atom(value)
        return self.item(value, index, hint, node)

    def index_for(self, owner: Value, node: gast.expr, store: gast.AST | None = None) -> Value:
        """The index of an item, or of what a statement stores: only what a user's method is given is differentiated."""
        if isinstance(owner.type, Record) and not any(isinstance(part, gast.Slice) for part in nodes(node)):
            return self.visit(node)
        index = self.index(node)
        numbered = isinstance(owner.type, (Array, ListOf, Sequence))
        looked_up = isinstance(owner.type, (Mapping, DictOf)) and store is None
        if self.passive or numbered or looked_up or isinstance(node, gast.Constant):
            return index
        names, state = self.names.copy(), self.snapshot()
        with self.emitting_into([]):
            parts = [self.visit(part) for part in _parts_of_index(node)]
        self.names = names
        self.restore(state)
        for part in parts:
            if store is not None:
                self.check_key(part, store)
            elif part.varied:
                raise self.refuse(
                    "S201", "what is in brackets here is differentiated, and what it is given to cannot be looked into",
                    "call the method by its name (`table.__getitem__(x)`), or a plain function", node,
                )  # fmt: skip
        return index

    def index(self, node: gast.expr) -> Value:
        """An index: always inactive, whole, but for what must be evaluated once only."""
        if isinstance(node, gast.Slice):
            parts = [None if p is None else self._drawn(p) for p in (node.lower, node.upper, node.step)]
            with self.passively():
                whole = gast.Slice(*(None if p is None else self.whole(p) for p in parts))
            known = [None if p is None else p.known for p in parts]
            static = Static(slice(*known)) if NO_VALUE not in known else Opaque(slice)
            return Value(static, whole)
        if isinstance(node, gast.Tuple):
            values = [self.index(elt) for elt in node.elts]
            with self.passively():
                whole = gast.Tuple(elts=[self.whole(v) for v in values], ctx=gast.Load())
            return Value(Sequence(tuple, tuple(v.type for v in values)), whole, False, tuple(values))
        return self._drawn(node)

    def _drawn(self, node: gast.expr) -> Value:
        """A part of an index; what may give something else the next time, a random draw, gets a name."""
        with self.passively():
            part = self.visit(node)
        if self.passive or part.node is None or part.items is not None or is_atom(part.node):
            return part
        return self.atom(part, "index") if may_differ(part.node, self.objects, self.types) else part

    def item(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        """``value[index]``."""
        self.act_of(value, "__getitem__", node)
        array = flattened_array(value)
        if array is not None:
            return self.item(array, flat_index(self, array, index, node), hint, node)
        value = self.present(value)
        if isinstance(value.type, Record):
            return self.call_method(value, "__getitem__", [index], {}, node)
        if value.items is not None:
            found = self._static_item(value, index, node)
            if found is not None:
                return found
        if value.items and isinstance(value.type, Sequence) and all(map(is_function, value.items)):
            return self.function_at(value.items, index)
        if value.items and isinstance(value.type, Mapping) and all(map(is_function, value.items)):
            return self.function_under(value.type.keys, value.items, index)
        part = self.typed_part(value, index)
        if part is not None:
            return part
        if isinstance(value.type, Mapping) and value.items is not None:
            filled_later = not value.items and value.origin in self.in_parts
            if filled_later or (value.varied and not self.passive):
                self.need_table(value, node)
        if value.items and all(isinstance(part.type, Record) for part in value.items):
            return self.object_at(value, index, hint, node)
        index_node = self.index_node(index)
        if isinstance(value.type, Never):  # of a call about which nothing is known yet
            whole = subscript(self.whole(value), index_node)
            return self.bind(whole, Value(Never(), None, value.varied and not self.passive))
        if isinstance(value.type, Array):
            return self._array_item(value, index, index_node, hint)
        if isinstance(value.type, (ListOf, Sequence)):
            if value.varied and not self.passive and is_named_tuple(getattr(value.type, "cls", None)):
                # of which no field can be assigned, as that of its cotangent would be
                held = value if value.items is not None else self.opened(value)
                value = self.sequence(tuple, held.items or (), node)
            return self._list_item(self._by_reference(value), index, index_node, hint, node)
        if isinstance(value.type, DictOf):
            return self.table_item(value, index, hint, node)
        if value.varied:
            raise self.refuse("S101", "this index into a differentiated container", "use constant keys", node)
        known: Type = part_of(value.type)
        if isinstance(value.type, Mapping) and isinstance(item_type(value.type), (Scalar, Array)):
            known = item_type(value.type)  # under whichever key
        if _is_range(value):
            known = Opaque(range) if isinstance(index_node, gast.Slice) else Scalar("int")
        return Value(known, subscript(self.whole(value), index_node), sites=value.sites)

    def typed_part(self, value: Value, index: Value) -> Value | None:
        """A part of a container that is not kept in parts, as its type tells: that is checked at every call."""
        key, known = index.known, value.type
        if value.items is not None or value.node is None or value.varied or isinstance(key, slice):
            return None
        if isinstance(known, Mapping) and key is NO_VALUE:
            held = item_type(known)
        elif isinstance(known, Mapping) and key in known.keys:
            held = known.items[known.keys.index(key)]
        elif (
            isinstance(known, Sequence)
            and isinstance(key, int)
            and key in range(-len(known.items), len(known.items))
        ):
            held = known.items[key]
        else:
            return None
        if isinstance(held, (Opaque, Never)):
            return None
        node = (
            constant(None) if held == Static(None) else subscript(self.whole(value), self.index_node(index))
        )
        if isinstance(held, (Scalar, Static)):
            return Value(held, node)
        origin = self.note_part(value, key, gast.unparse(node))
        return Value(held, node, sites=value.sites if origin is None else frozenset([origin]), origin=origin)

    def parted(self, value: Value) -> Value:
        """A dict that lives outside, kept in parts where it has few: each is read where it stands."""
        if (
            not isinstance(value.type, Mapping)
            or value.items is not None
            or len(value.type.keys) > MOST_PARTS
        ):
            return value
        parts = [self.typed_part(value, self.key(key)) for key in value.type.keys]
        found = [part for part in parts if part is not None]
        return value if len(found) < len(parts) else value.but(items=tuple(found))

    def function_at(self, functions: tuple[Value, ...], index: Value) -> Value:
        """A function from a list, by an index known only at run time."""
        place = subscript(call("range", constant(len(functions))), self.whole(index))
        number = self.bind(place, Value(Scalar("int"), None), "choice")
        return Value(Opaque(), number.node, choices=functions)

    def function_under(self, keys: tuple[Any, ...], functions: tuple[Value, ...], key: Value) -> Value:
        """A function from a dict, by a key known only at run time."""
        places = gast.Dict(keys=[constant(k) for k in keys], values=[constant(k) for k in range(len(keys))])
        number = self.bind(subscript(places, self.whole(key)), Value(Scalar("int"), None), "choice")
        return Value(Opaque(), number.node, choices=functions)

    def index_node(self, index: Value) -> gast.expr:
        return self.whole(index)

    def _static_item(self, value: Value, index: Value, node: gast.AST) -> Value | None:
        known = index.known
        assert value.items is not None
        if known is NO_VALUE or isinstance(index.type, Opaque):
            return None
        if isinstance(value.type, Mapping):
            if known not in value.type.keys:
                self.certain(
                    KeyError,
                    "S103",
                    f"the dict has no key {known!r}",
                    f"its keys are {value.type.keys}",
                    node,
                )
            return value.items[value.type.keys.index(known)]
        try:
            if isinstance(known, slice):
                assert isinstance(value.type, Sequence)
                cls = tuple if hasattr(value.type.cls, "_fields") else value.type.cls
                return self.sequence(cls, value.items[known], node)
            return value.items[known]
        except IndexError:
            return None

    def _array_item(self, value: Value, index: Value, index_node: gast.expr, hint: str | None) -> Value:
        types = {n: self.types[n] for n in _names(index_node) if n in self.types}
        known = index_type(value.type, index_node, types, index.type)
        basic = is_basic(index_node, types, index.type)
        sites = value.sites if basic and isinstance(known, Array) else frozenset()
        if not sites and isinstance(known, Array):
            sites = frozenset([self.site(self.at)])
            if value.varied and sites & self.lessons.written and is_unknown(index_node, types, index.type):
                raise self.refuse(
                    "S202", "what this index is, is not known: a row that is a view, or a copy of several, and "
                    f"{self.lessons.line_of_write(sites) or 'a later line'} writes into it",
                    "say so: `y[int(i)]` is a view; or write with one index, `y[i, j] = ...`",
                )  # fmt: skip
        written = bool(sites & self.lessons.varied_sites)  # a copy that takes a derivative later
        varied = (value.varied or written) and known.is_real and not self.passive
        if not varied:
            return Value(known, subscript(self.whole(value), index_node), sites=sites)
        base = self.atom(value)
        node = subscript(self.whole(base), index_node)
        key = gast.dump(node)
        block, held = self.loads.get(key, (None, None))
        if held is None or block is not self.out or hint is not None:
            held = self.bind(node, Value(known, None, True, sites=sites), hint)
            self.loads[key] = (self.out, held)
        return held

    def _list_item(
        self, value: Value, index: Value, index_node: gast.expr, hint: str | None, node: gast.AST
    ) -> Value:
        if isinstance(index.type, Opaque) or isinstance(index.known, slice):
            known: Type = ListOf(item_type(value.type))
            changes = bool(value.sites & self.lessons.written)  # the slice stays what it is
            if (value.varied or item_type(value.type).is_real or changes) and not self.passive:
                return self.list_slice(value, index_node, node)
        else:
            known = item_type(value.type)
        if isinstance(known, Opaque) and value.varied and not self.passive:
            raise self.refuse(
                "S106", "the items of this list are of different kinds, or of kinds that are not known",
                "keep what is differentiated in a list of its own", node,
            )  # fmt: skip
        held = frozenset().union(*(self.lessons.contents.get(site, frozenset()) for site in value.sites))
        if not isinstance(value.type, ListOf) or not held:
            held |= value.sites
        sites = held if not isinstance(known, (Scalar, Static, Never)) else frozenset()
        before = self.writes.filled(value)
        if not (value.varied and known.is_real) or self.passive:
            return Value(known, subscript(self.whole(value), index_node), sites=sites, before=before)
        base = self.named_container(value)
        made = Value(known, None, True, sites=sites, before=before)
        named = self.bind(subscript(self.whole(base), index_node), made, hint)
        return self.opened(named)

    def _by_reference(self, value: Value) -> Value:
        """A list or tuple kept in parts whose arrays are written, read by a run-time index: a list of references."""
        if value.items is None or not value.sites & self.lessons.written or self.passive:
            return value
        if not any(isinstance(item.type, (Array, ListOf)) for item in value.items):
            return value
        block, held = self.wholes.get(value, (None, value))
        if block is not self.out:
            site = (value.origin or self.site(self.at), "references")
            held = self.storage(site, list(value.items), None)
            self.wholes[value] = (self.out, held)
        return held

    def named_container(self, value: Value) -> Value:
        """A container as one name, for an index that is known only at run time."""
        if value.node is not None and is_atom(value.node):
            return value.but(items=None)
        whole = value.but(items=None)
        if value.node is not None:  # a part of a parameter is one value, under one name
            whole = self.wholes.setdefault(value, (None, whole))[1]
        else:
            block, whole = self.wholes.get(value, (None, whole))
            if block is not self.out:  # a name bound in another block may have no value here
                whole = self.bind(self.whole(value), value.but(items=None))
                self.wholes[value] = (self.out, whole)
        if is_atom(whole.node):
            return whole
        return self._leaf(whole, None) if value.varied else self.atom(whole)

    def opened(self, value: Value) -> Value:
        """A container held under a name, with its parts (each read by a constant index)."""
        if not isinstance(value.type, (Sequence, Mapping)):
            return value
        items = []
        for node, known in zip(parts_of(value.type, self.whole(value), self.object_node), value.type.items):
            varied = value.varied and known.is_real
            part = Value(known, None, varied, sites=value.sites)
            items.append(self.opened(self.bind(node, part) if varied else part.but(node=node)))
        return value.but(items=tuple(items))


def _is_range(value: Value) -> bool:
    """Whether a value is a `range`, made by a call or kept."""
    called = isinstance(value.node, gast.Call) and dotted(value.node.func) == "range"
    return called or (isinstance(value.type, Opaque) and value.type.cls is range)


def _names(node: gast.AST) -> set[str]:
    from s2sad.tree.build import names_in

    return names_in(node)


def _parts_of_index(node: gast.expr) -> list[gast.expr]:
    """The expressions in an index."""
    if isinstance(node, gast.Tuple):
        return [part for elt in node.elts for part in _parts_of_index(elt)]
    if isinstance(node, gast.Slice):
        return [part for part in (node.lower, node.upper, node.step) if part is not None]
    return [node]
