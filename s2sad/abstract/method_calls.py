"""Methods that are called: of objects, of arrays and numbers, of containers and of texts."""

from __future__ import annotations

import builtins
import contextlib
import types
from typing import Any

import gast
import numpy as np

from s2sad.abstract.calls import Calls
from s2sad.abstract.classes import is_object
from s2sad.abstract.effects import IN_PLACE
from s2sad.abstract.functions import function_of
from s2sad.abstract.in_place import SPELLED, class_of_container
from s2sad.abstract.objects import class_attribute
from s2sad.abstract.outputs import asks_for_out, astype_in_place, out_by_name, write_out
from s2sad.abstract.outside import is_fixed
from s2sad.abstract.structural import STRUCTURAL
from s2sad.abstract.tables import WRITING
from s2sad.abstract.values import Value, container_of
from s2sad.abstract.writers import EVERYTHING, flat_index
from s2sad.rules.methods import method
from s2sad.runtime import sequences
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Mapping,
    Never,
    Scalar,
    Sequence,
    Static,
    kind_of,
    literal,
    part_of,
)
from s2sad.tree.build import constant


class MethodCalls(Calls):
    """Methods that are called, and calls as they stand in the source."""

    def visit_Call(self, node: gast.Call, hint: str | None) -> Value:
        if isinstance(node.func, gast.Call):
            node = self._as_method(node, node.func)
        if isinstance(node.func, gast.Attribute):
            owner = self.visit(node.func.value)
            if is_object(owner):
                return self._object_call(owner, node, hint)
            if not owner.is_static or isinstance(owner.known, (str, bytes)):
                return self._of_memory(owner, node, hint)
            func = self.attribute(owner, node.func.attr, None, node.func)
        else:
            func = self.visit(node.func)
        if self.passive and self.emits and self._may_write(func, node):
            with self.acting():
                args, keywords = self.arguments(node)
                return self.call(func, args, keywords, hint, node)
        args, keywords = self.arguments(node)
        return self.call(func, args, keywords, hint, node)

    def _of_memory(self, owner: Value, node: gast.Call, hint: str | None) -> Value:
        """A method of something that is no object of the user's."""
        assert isinstance(node.func, gast.Attribute)
        changes = node.func.attr in IN_PLACE and class_of_container(owner) is not None
        with self.acting() if changes else contextlib.nullcontext():
            return self._method_call(owner, node.func.attr, node, hint)

    def _as_method(self, node: gast.Call, made: gast.Call) -> gast.Call:
        """``getattr(owner, "method")(...)`` is ``owner.method(...)``."""
        if len(made.args) != 2 or made.keywords or not isinstance(made.args[1], (gast.Constant, gast.Name)):
            return node
        func = self.visit(made.func) if isinstance(made.func, gast.Name) else None
        if func is None or not func.is_static or func.known is not builtins.getattr:
            return node
        attr = self.visit(made.args[1]).known
        if not isinstance(attr, str):
            return node
        method = gast.copy_location(gast.Attribute(made.args[0], attr, gast.Load()), made)
        return gast.copy_location(gast.Call(method, node.args, node.keywords), node)

    def _object_call(self, owner: Value, node: gast.Call, hint: str | None) -> Value:
        """A method of an object: it may change the object, so it is entered also where its result is inactive."""
        assert isinstance(node.func, gast.Attribute)
        if self.passive and self.emits:
            with self.acting():
                return self._object_call(owner, node, hint)
        args, keywords = self.arguments(node)
        owner = self.refreshed(owner)
        attr = "__delitem__" if hasattr(node, "deletes") else node.func.attr
        name = self.mangled(attr)
        found = self.method_of(owner, name)
        if isinstance(found, types.FunctionType) and name not in owner.type.keys:  # type: ignore[attr-defined]
            return self.enter(function_of(found, self), [owner, *args], keywords, node)
        return self.call(self.attribute(owner, attr, None, node), args, keywords, hint, node)

    def _method_call(self, owner: Value, attr: str, node: gast.Call, hint: str | None) -> Value:
        owner = self.present(owner)
        if isinstance(owner.type, Never):  # what is put into a container later
            args, keywords = self.arguments(node)
            func = gast.Attribute(value=self.whole(owner), attr=attr, ctx=gast.Load())
            return self.bind(gast.Call(func, [self.whole(arg) for arg in args], []), Value(Never(), None))
        if isinstance(owner.type, Sequence) and hasattr(owner.type.cls, "_fields"):
            made = self._named_tuple_method(owner, attr, node)
            if made is not None:
                return made
        if isinstance(owner.type, Sequence) and attr in getattr(owner.type.cls, "_fields", ()):
            args, keywords = self.arguments(node)
            return self.call(self.attribute(owner, attr, None, node), args, keywords, hint, node)
        if attr in SPELLED and class_of_container(owner) is not None:
            args, keywords = self.arguments(node)
            return self.call(self.attribute(owner, attr, None, node), args, keywords, hint, node)
        if isinstance(owner.type, (Array, Scalar)):
            return self._array_method(owner, attr, node, hint)
        if attr == "append" and self._only(owner):
            grown = self._grown(node.func.value, owner, node)  # type: ignore[attr-defined]
            if grown is not None:
                return grown
        if isinstance(owner.type, DictOf) or (isinstance(owner.type, Mapping) and attr in WRITING):
            table_handler = getattr(self, f"table_{attr}", None)
            if table_handler is not None:
                args, keywords = self.arguments(node)
                return table_handler(owner, args, keywords, node)
        handler = getattr(self, f"container_{attr}", None)
        if handler is not None and (isinstance(owner.type, (ListOf, Sequence, Mapping))):
            args, keywords = self.arguments(node)
            made = handler(self.parted(owner), args, keywords, node)
            if made is not None:
                return made
        args, keywords = self.arguments(node)
        if (
            isinstance(owner.known, str)
            and not keywords
            and all(value.known is not NO_VALUE and is_fixed(value.known) for value in args)
        ):
            made = self._text(owner.known, attr, [value.known for value in args])
            if made is not None:
                return made
        func = Value(
            part_of(owner.type),
            gast.Attribute(value=self._owner(owner), attr=attr, ctx=gast.Load()),
            owner.varied,
        )
        return self._inactive_call(func, args, keywords, node, owner)

    def _text(self, text: str, attr: str, args: list[Any]) -> Value | None:
        """What a method of a known text gives, where that is a number or a text."""
        try:
            found = getattr(text, attr)(*args)
        except Exception:  # raised where the code runs
            return None
        return Value(literal(found), constant(found)) if isinstance(found, (str, bool, int)) else None

    def _named_tuple_method(self, owner: Value, attr: str, node: gast.Call) -> Value | None:
        """``_replace``, ``_asdict``, and what the class of a NamedTuple defines itself."""
        cls: Any = owner.type.cls  # type: ignore[attr-defined]
        if owner.items is None or attr in cls._fields:
            return None
        if attr == "_replace":
            _, keywords = self.arguments(node)
            given = {**dict(zip(cls._fields, owner.items)), **keywords}
            return self._named_tuple(cls, [], given, node)
        if attr == "_asdict":
            return self.made_of(Mapping(cls._fields, ()), owner.items, self.site(node))
        found = class_attribute(cls, attr)
        if isinstance(found, types.FunctionType):
            args, keywords = self.arguments(node)
            return self.enter(function_of(found, self), [owner, *args], keywords, node)
        if isinstance(found, (staticmethod, classmethod)) and not attr.startswith("_"):
            args, keywords = self.arguments(node)
            return self.call(self.attribute(owner, attr, None, node), args, keywords, None, node)
        return None

    def _item_of(self, owner: Value, args: list[Value], hint: str | None, node: gast.AST) -> Value:
        """``array.item(k)`` counts the elements in order; ``array.item(i, j)`` is ``array[i, j]``."""
        (index,) = args if len(args) == 1 else (container_of(Sequence(tuple, ()), tuple(args)),)
        if len(args) == 1 and index.items is None:
            index = flat_index(self, owner, index, node)
        return self.item(owner, index, hint, node)

    def _array_method(self, owner: Value, attr: str, node: gast.Call, hint: str | None) -> Value:
        args, keywords = self.arguments(node)
        if attr == "fill":
            every = Value(Static(Ellipsis), gast.Constant(Ellipsis, None))
            self.store(owner, every, args[0], node)
            return Value(Static(None), gast.Constant(None, None))
        if attr == "sort":
            every = Value(Static(Ellipsis), gast.Constant(Ellipsis, None))
            self.store(owner, every, self.call_known(np.sort, [owner, *args], keywords, None, node), node)
            return Value(Static(None), gast.Constant(None, None))
        if attr == "copy" and not args and not keywords and isinstance(owner.type, Array):
            self.lessons.copies.add(self.site(node))
            if (
                self.site(node) in self.lessons.reshaped
            ):  # the method copies row by row, `np.copy` as it finds things
                keywords = {"order": Value(Static("C"), constant("C"))}
        if (
            attr in ("conj", "conjugate")
            and isinstance(owner.type, Array)
            and kind_of(owner.type.dtype) != "complex"
        ):
            return owner  # NumPy gives the very array
        if attr == "put":
            return self.call(self.static(np.put), [owner, *args], keywords, hint, node)
        if attr == "view" and not args and not keywords and isinstance(owner.type, Array):
            return self.item(owner, EVERYTHING, hint, node)
        if attr == "astype" and "copy" in keywords:
            made, keywords = astype_in_place(self, owner, args, keywords, node)
            if made is not None:
                return made
        if attr == "item" and args and isinstance(owner.type, Array):
            return self._item_of(owner, args, hint, node)
        if attr == "tolist" and isinstance(owner.type, Array) and owner.type.rank == 2:
            return self.enter(function_of(sequences.rows_to_lists, self), [owner], {}, node)
        found = method(attr, owner.type, list(args), dict(keywords))
        if found is None:
            raise self.refuse(
                "S201",
                f"method {attr!r} of an array or number has no rule",
                "use a NumPy function that has one",
                node,
            )
        function, rest, named = found
        operands, by_name = out_by_name(function, [owner, *self._adapted(rest)], self._adapted_named(named))
        if asks_for_out(by_name):
            return write_out(self, function, operands, by_name, node, self.object_node(function))
        if by_name and function in STRUCTURAL:
            made = STRUCTURAL[function](self, operands, by_name, hint, node)
            if made is not None:
                return made

        def build(nodes: list[gast.expr], spelled: dict[str, gast.expr]) -> gast.expr:
            given = [gast.keyword(arg=key, value=value) for key, value in spelled.items()]
            return gast.Call(func=self.object_node(function), args=nodes, keywords=given)

        return self.apply(function, operands, by_name, hint, node, build)

    def _adapted(self, values: list[Any]) -> list[Value]:
        return [value if isinstance(value, Value) else self._packed(value) for value in values]

    def _adapted_named(self, values: dict[str, Any]) -> dict[str, Value]:
        return {
            key: value if isinstance(value, Value) else self._packed(value) for key, value in values.items()
        }

    def _packed(self, value: Any) -> Value:
        """What a method's adaptation put in: a tuple of values, or a plain constant."""
        if isinstance(value, (tuple, list)) and any(isinstance(item, Value) for item in value):
            return container_of(Sequence(tuple, ()), tuple(self._adapted(list(value))))
        return Value(literal(value), constant(value))


__all__ = ["MethodCalls"]
