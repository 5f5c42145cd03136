"""What a loop goes over: the items of containers, of iterators, and of objects."""

from __future__ import annotations

import collections.abc

import gast

from s2sad.abstract import late
from s2sad.abstract.iterators import remaining
from s2sad.abstract.statements import Statements
from s2sad.abstract.stepping import steps_itself
from s2sad.abstract.structural import python_class
from s2sad.abstract.values import (
    Iteration,
    Position,
    Value,
    View,
    Yielded,
    is_atom,
    record_of,
)  # fmt: skip
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Opaque,
    Record,
    Sequence,
    literal,
    without_value,
)
from s2sad.tree.build import call, clone, constant, subscript


class Iterables(Statements):
    """How values are iterated over."""

    def iteration(self, value: Value, node: gast.AST, uses: bool = True) -> Iteration | None:
        """How a value is iterated over; None where it just runs.  An iterator is used up then, if `uses`."""
        if value.iteration is not None:
            return self._over_iterator(value, node, uses)
        value = self.present(value)
        found = self._over_container(value, node)
        return found if found is None or found.watches else late.over_container(self, value, found)

    def iterable(self, value: Value, node: gast.AST) -> bool:
        """Whether it is known how the items are read."""
        return value.iteration is not None or self.iteration(value, node) is not None

    def _over_iterator(self, value: Value, node: gast.AST, uses: bool) -> Iteration:
        assert value.iteration is not None
        if not uses:
            return value.iteration
        if isinstance(value.origin, View):
            return value.origin.over()
        if value.iteration.generator is not None:
            reads = late.reads_of(self, [value])
            made = self.iteration(self.used_up(value, node), node)
            assert made is not None
            return late.early(self, made, reads=reads)
        if not isinstance(value.origin, Position):
            return value.iteration
        found = remaining(self, value, node)
        late.check(self, found, node)
        return found

    def _over_container(self, value: Value, node: gast.AST) -> Iteration | None:
        if isinstance(value.type, Record):
            return self._over_object(value, node)
        if value.is_static and isinstance(value.known, str):
            text = value.known

            def letter(k: Value) -> Value:
                if k.known is NO_VALUE:  # beside something whose length is not known
                    return Value(Opaque(str), subscript(constant(text), self.whole(k)))
                return Value(literal(text[k.known]), constant(text[k.known]))

            return Iteration(constant(len(text)), letter, len(text), True)
        value = self.parted(value)
        if value.items is not None and isinstance(value.type, Mapping):
            keys = value.type.keys
            return Iteration(
                constant(len(keys)),
                lambda k: Value(literal(keys[k.known]), constant(keys[k.known])),
                len(keys),
                True,
            )
        if value.items is not None:
            return self._over_parts(value, node)
        if isinstance(value.type, DictOf):
            return self.table_iteration(value, lambda key: key)
        if isinstance(value.type, (ListOf, Array)) or (
            isinstance(value.type, Sequence) and not value.is_static
        ):
            held = value if value.node is not None and is_atom(value.node) else self.atom(value)
            return Iteration(call("len", self.whole(held)), lambda k: self.item(held, k, None, node))
        return None

    def _over_object(self, value: Value, node: gast.AST) -> Iteration | None:
        """What `__iter__` gives, or the items by index up to `__len__`."""
        if self.method_of(value, "__iter__") is not None:
            made = self.call_method(value, "__iter__", [], {}, node)
            if steps_itself(self, made):
                raise self.refuse(
                    "S104", "the items of an object with `__next__` are wanted at once", "take them in a `for` loop",
                    node,
                )  # fmt: skip
            return self.iteration(made, node)
        if self.method_of(value, "__getitem__") is None or self.method_of(value, "__len__") is None:
            raise self.refuse(
                "S104", f"a {record_of(value).cls.__name__} is iterated over, and has no `__iter__`",
                "define `__iter__`, or loop over a list", node,
            )  # fmt: skip
        count = self.call_method(value, "__len__", [], {}, node)
        known = count.known if isinstance(count.known, int) else None
        return Iteration(
            self.whole(count),
            lambda k: self.call_method(value, "__getitem__", [k], {}, node),
            known,
            known is not None,
        )

    def _over_parts(self, value: Value, node: gast.AST) -> Iteration:
        items = value.items
        assert items is not None
        kinds = {without_value(item.type) for item in items}
        mixed = len(kinds) != 1 or value.node is None or any(item.items is not None for item in items)
        mixed = mixed or any(item.is_static or item.function is not None for item in items)
        length = call("len", clone(value.node)) if value.node is not None else constant(len(items))

        def item(k: Value) -> Value:
            return items[k.known] if k.known is not NO_VALUE else self.item(value, k, None, node)

        return Iteration(length, item, len(items), mixed)


def gives_items(value: Value) -> bool:
    """Whether a value is a collection, which raises nothing while its items are taken."""
    cls = python_class(value)
    if isinstance(value.origin, Yielded) and value.origin.safe:
        return True
    return cls is not None and issubclass(cls, (collections.abc.Collection, range))
