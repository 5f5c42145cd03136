"""What classes mean to the interpreter: attributes through the class, methods, construction, operators."""

from __future__ import annotations

import dataclasses
import functools
import types
from typing import Any

import gast

from s2sad.abstract import chosen, presence
from s2sad.abstract.functions import default_value, function_of
from s2sad.abstract.modelled import is_model
from s2sad.abstract.objects import MISSING, class_attribute, fields_as_dict, holds_objects
from s2sad.abstract.state import constant_type
from s2sad.abstract.tables import Tables
from s2sad.abstract.values import Frame, Value, container_of, fields_by_name, has_same_fields, record_of
from s2sad.abstract.writers import set_part
from s2sad.objects import is_generated, is_record_class, is_registered
from s2sad.rules.record import Ruled
from s2sad.runtime.checkpoints import checkpoint
from s2sad.signature import NO_VALUE, Array, Record, Scalar, Sequence, Static, literal
from s2sad.tree.build import constant, expression

NONE = Value(Static(None), gast.Constant(None, None))
BINARY_METHODS = {
    gast.Add: "add", gast.Sub: "sub", gast.Mult: "mul", gast.Div: "truediv", gast.Pow: "pow", gast.FloorDiv: "floordiv",
    gast.Mod: "mod", gast.MatMult: "matmul", gast.BitAnd: "and", gast.BitOr: "or", gast.BitXor: "xor",
    gast.LShift: "lshift", gast.RShift: "rshift",
}  # fmt: skip
UNARY_METHODS = {gast.USub: "__neg__", gast.UAdd: "__pos__", gast.Invert: "__invert__"}
COMPARE_METHODS = {
    gast.Eq: ("__eq__", "__eq__"), gast.NotEq: ("__ne__", "__ne__"), gast.Lt: ("__lt__", "__gt__"),
    gast.LtE: ("__le__", "__ge__"), gast.Gt: ("__gt__", "__lt__"), gast.GtE: ("__ge__", "__le__"),
}  # fmt: skip


class SuperOf:
    """What ``super()`` gives: attributes are looked up after a class, for an object or a class."""

    def __init__(self, after: type, owner: Value) -> None:
        self.after, self.owner = after, owner

    def lookup(self, name: str) -> Any:
        """The attribute of the next class that has it."""
        cls = self.owner.type.cls if isinstance(self.owner.type, Record) else self.owner.known
        if not isinstance(cls, type):
            cls = type(cls)
        order = cls.__mro__
        for base in order[order.index(self.after) + 1 :]:
            if name in vars(base):
                return vars(base)[name]
        return None


class Classes(Tables):
    """Classes."""

    # ---- attributes -----------------------------------------------------------------------------
    def attribute(self, value: Value, attr: str, hint: str | None, node: gast.AST) -> Value:
        """``value.attr``."""
        if isinstance(value.type, Record) and value.items is not None:
            return self._object_attribute(self.refreshed(value), self.mangled(attr), hint, node)
        if value.is_static and isinstance(value.known, SuperOf):
            found = value.known.lookup(attr)
            if found is None:
                raise self.refuse("S103", f"no base class has {attr!r}", "check the spelling", node)
            return self.found_attribute(found, value.known.owner, attr, hint, node)
        if isinstance(value.type, Sequence) and value.items is not None:
            named = self._of_named_tuple(value, attr, hint, node)
            if named is not None:
                return named
        return super().attribute(value, attr, hint, node)

    def mangled(self, attr: str) -> str:
        """A private attribute's name as the class around the code spells it."""
        if attr.startswith("__") and not attr.endswith("__") and self.frame.owner:
            return f"_{self.frame.owner.lstrip('_')}{attr}"
        return attr

    def _of_named_tuple(self, value: Value, attr: str, hint: str | None, node: gast.AST) -> Value | None:
        """A method or property of a NamedTuple class."""
        cls: Any = value.type.cls if isinstance(value.type, Sequence) else None
        if not hasattr(cls, "_fields") or attr in cls._fields or attr.startswith("_"):
            return None
        found = class_attribute(cls, attr)
        return None if found is MISSING else self.found_attribute(found, value, attr, hint, node)

    def _object_attribute(self, value: Value, attr: str, hint: str | None, node: gast.AST) -> Value:
        assert isinstance(value.type, Record) and value.items is not None
        known = value.type
        found = self.looked_up(known.cls, attr)
        is_field = attr in known.keys
        presence.check_read(self, value, attr, node)
        if isinstance(found, property) and not (is_field and is_registered(known.cls)):
            return self.found_attribute(found, value, attr, hint, node)
        if is_field:
            return value.items[known.keys.index(attr)]
        if attr == "__class__":
            return Value(Static(known.cls), self.object_node(known.cls))
        if attr == "__dict__":
            presence.check_asked(self, value, None, node)
            return fields_as_dict(value)
        if found is not MISSING and not isinstance(found, types.MemberDescriptorType):
            return self.found_attribute(found, value, attr, hint, node)
        fallback = class_attribute(known.cls, "__getattr__")
        if isinstance(fallback, types.FunctionType):
            return self.enter(
                function_of(fallback, self), [value, Value(literal(attr), constant(attr))], {}, node
            )
        if is_registered(known.cls) and value.ident is not None and value.ident.base is not None:
            return super().attribute(Value(constant_type(object()), value.ident.base), attr, hint, node)
        raise self.refuse(
            "S103", f"{known.cls.__name__} object has no attribute {attr!r} here",
            "set it in `__init__`, or check the spelling", node,
        )  # fmt: skip

    def found_attribute(self, found: Any, owner: Value, attr: str, hint: str | None, node: gast.AST) -> Value:
        """What an attribute of a class gives for an object."""
        cls = self.class_of(owner)
        if isinstance(found, property):
            return self._property(found, owner, attr, node)
        if isinstance(found, functools.cached_property):
            made = self.enter(function_of(found.func, self), [owner], {}, node)
            self.set_field(owner, attr, made, node)
            return self._object_attribute(self.refreshed(owner), attr, hint, node)
        if isinstance(found, staticmethod):
            return self.static(found.__func__)
        if isinstance(found, classmethod):
            return self._method(self.static(found.__func__), Value(Static(cls), self.object_node(cls)), node)
        if isinstance(found, (types.FunctionType, functools._lru_cache_wrapper, Ruled, checkpoint)):
            return self._method(self.static(found), owner, node)
        getter = class_attribute(type(found), "__get__")
        if isinstance(getter, types.FunctionType):
            described = Value(Static(found), self.object_node(found))
            owner_class = Value(Static(cls), self.object_node(cls))
            return self.enter(function_of(getter, self), [described, owner, owner_class], {}, node)
        if hasattr(type(found), "__get__"):
            return self._descriptor(found, owner, attr, node)
        return self._class_value(cls, attr, found)

    def _descriptor(self, found: Any, owner: Value, attr: str, node: gast.AST) -> Value:
        """A descriptor written in C: of an object, ``object.__setattr__`` and the like."""
        if isinstance(found, types.WrapperDescriptorType):
            return self._method(Value(Static(found), self.object_node(found)), owner, node)
        raise self.refuse(
            "S103",
            f"attribute {attr!r} is a {type(found).__name__}",
            "use a method or a property instead",
            node,
        )

    def static(self, function: Any) -> Value:
        """A function as a value."""
        return Value(Static(function), self.object_node(function))

    def class_of(self, owner: Value) -> type:
        if isinstance(owner.type, (Record, Sequence)):
            return owner.type.cls
        return owner.known if isinstance(owner.known, type) else type(owner.known)

    def _property(self, found: property, owner: Value, attr: str, node: gast.AST) -> Value:
        if not isinstance(found.fget, types.FunctionType):
            raise self.refuse(
                "S103", f"property {attr!r} has no getter in Python", "write it as a method", node
            )
        with self.actively():
            return self.enter(function_of(found.fget, self), [owner], {}, node)

    def _class_value(self, cls: type, attr: str, found: Any) -> Value:
        """A class attribute, read from the class when the code runs."""
        func = self.object_node(cls)
        value = Value(constant_type(found, attr), gast.Attribute(value=func, attr=attr, ctx=gast.Load()))
        path = f"{gast.unparse(func)}.{attr}"
        self.read_member(cls, attr, found, path)
        self.objects.setdefault(path, found)
        self.dependencies[path] = value.type
        if value.type.is_container or not isinstance(value.type, (Array, Static)):
            return self.opened_constant(value, path)
        return self.as_read(found, path, value.node, value.type) if isinstance(value.type, Array) else value

    def _method(self, function: Value, owner: Value, node: gast.AST) -> Value:
        """A bound method as a value."""
        frame = Frame(self.frame.filename, self.frame.lines, self.frame.globals, {}, None, self.frame.prefix)
        frame.env = {"s2sad_function": function, "s2sad_owner": owner}
        with self.inside(frame):
            made = expression("lambda *rest, **named: s2sad_function(s2sad_owner, *rest, **named)")
            return self.visit(gast.copy_location(made, node))

    # ---- methods --------------------------------------------------------------------------------
    def call_method(
        self, owner: Value, name: str, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> Value:
        """``owner.name(*args, **keywords)``."""
        found = self.method_of(owner, name)
        if isinstance(found, types.FunctionType) and not (
            isinstance(owner.type, Record) and name in owner.type.keys
        ):
            with self.actively():
                return self.enter(function_of(found, self), [owner, *args], keywords, node)
        return self.call(self.attribute(owner, name, None, node), args, keywords, None, node)

    def looked_up(self, cls: type, name: str) -> Any:
        """What a class defines under a name; the compiled code depends on it."""
        if self.methods not in self.inner_guards:
            self.inner_guards.append(self.methods)
        self.methods.note(cls, name)
        return class_attribute(cls, name)

    def method_of(self, owner: Value, name: str) -> Any:
        """What the class of an object defines under a name; None for what only `object` or `tuple` defines."""
        if isinstance(owner.type, Sequence) and hasattr(owner.type.cls, "_fields"):
            found = class_attribute(owner.type.cls, name)
            return None if found is class_attribute(tuple, name) else found
        if not isinstance(owner.type, Record):
            return None
        found = self.looked_up(owner.type.cls, name)
        return None if found is class_attribute(object, name) else found

    # ---- construction ---------------------------------------------------------------------------
    def construct(
        self, cls: type, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST
    ) -> Value:
        """``cls(*args, **keywords)``."""
        maker = class_attribute(cls, "__new__")
        if maker is not class_attribute(object, "__new__") or type(cls).__call__ is not type.__call__:
            raise self.refuse(
                "S109", f"{cls.__name__} makes its objects in `__new__`", "set the fields in `__init__`", node
            )
        made = self.new_object(cls, {}, hint or cls.__name__.lstrip("_").lower(), self.site(node))
        init = self.looked_up(cls, "__init__")
        if is_generated(init) and dataclasses.is_dataclass(cls):
            self._init_dataclass(cls, made, args, keywords, node)
        elif isinstance(init, types.FunctionType):
            self.enter(function_of(init, self), [made, *args], keywords, node)
        elif args or keywords:
            raise self.refuse("S105", f"{cls.__name__}() takes no arguments", "give none", node)
        return self.refreshed(made)

    def _init_dataclass(
        self, cls: Any, made: Value, args: list[Value], keywords: dict[str, Value], node: gast.AST
    ) -> None:
        """What the `__init__` that a dataclass generates does."""
        kinds = {key: field._field_type.name for key, field in cls.__dataclass_fields__.items()}
        fields = {key: f for key, f in cls.__dataclass_fields__.items() if kinds[key] != "_FIELD_CLASSVAR"}
        taken = [key for key, field in fields.items() if field.init and not field.kw_only]
        given = dict(zip(taken, args))
        wrong = [key for key in keywords if key in given or key not in fields or not fields[key].init]
        if len(args) > len(taken) or wrong:
            what = f"no parameter {wrong[0]!r}" if wrong else f"{len(taken)} positional parameters"
            raise self.refuse("S105", f"{cls.__name__} has {what}", "give each field once", node)
        given |= keywords
        late: list[Value] = []
        for key, field in fields.items():
            value = given.get(key)
            if value is None:
                value = self._field_default(cls, field, node)
            if value is None:
                continue
            if kinds[key] == "_FIELD_INITVAR":
                late.append(value)
            else:
                self.set_field(made, key, value, node)
        after = class_attribute(cls, "__post_init__")
        if isinstance(after, types.FunctionType):
            self.enter(function_of(after, self), [made, *late], {}, node)

    def _field_default(self, cls: type, field: dataclasses.Field, node: gast.AST) -> Value | None:
        if field.default_factory is not dataclasses.MISSING:
            frame = Frame(
                self.frame.filename, self.frame.lines, self.frame.globals, {}, None,
                (*self.frame.prefix, self.site(node)[0], field.name),
            )  # fmt: skip
            frame.env = {"s2sad_factory": self.static(field.default_factory)}
            with self.inside(frame):
                label = "list" if field.default_factory is list else "s2sad_factory"
                label = "dict" if field.default_factory is dict else label
                return self.visit(gast.copy_location(expression(f"{label}()"), node))
        if field.default is dataclasses.MISSING:
            if not field.init:
                return None
            raise self.refuse("S105", f"{cls.__name__} needs {field.name!r}", "give it", node)
        return (
            default_value(field.default, f"{cls.__name__.lower()}_{field.name}", self) if field.init else None
        )

    # ---- stores ---------------------------------------------------------------------------------
    def set_attribute(
        self, owner: Value, attr: str, value: Value, node: gast.AST, forced: bool = False
    ) -> None:
        """``owner.attr = value``; `forced` past what the class says of assignments."""
        self.writes.note_field(self.at)
        owner = self.refreshed(self.present(owner))
        attr = self.mangled(attr)
        if set_part(self, owner, attr, value, node):
            return
        if not isinstance(owner.type, Record) or owner.items is None:
            self._set_elsewhere(owner, attr, node)
        assert isinstance(owner.type, Record)
        cls: Any = owner.type.cls
        found = class_attribute(cls, attr)
        setter = class_attribute(cls, "__setattr__")
        if not forced and isinstance(found, property):
            if not isinstance(found.fset, types.FunctionType):
                raise self.refuse("S108", f"property {attr!r} has no setter", "store another attribute", node)
            self.enter(function_of(found.fset, self), [owner, value], {}, node)
            return
        if not forced and isinstance(setter, types.FunctionType):
            if is_generated(setter) or getattr(getattr(cls, "__dataclass_params__", None), "frozen", False):
                raise self.refuse(
                    "S108", f"{cls.__name__} is frozen, and its attribute {attr!r} is stored",
                    "use `dataclasses.replace`", node,
                )  # fmt: skip
            self.enter(
                function_of(setter, self), [owner, Value(literal(attr), constant(attr)), value], {}, node
            )
            return
        if isinstance(class_attribute(type(found), "__set__"), types.FunctionType):
            described = Value(Static(found), self.object_node(found))
            self.enter(function_of(type(found).__set__, self), [described, owner, value], {}, node)
            return
        self.set_field(owner, attr, value, node)

    def _set_elsewhere(self, owner: Value, attr: str, node: gast.AST) -> None:
        if owner.is_static:
            what = f"attribute {attr!r} of an object that lives outside of the function is stored"
            raise self.refuse("S108", what, "pass the object as an argument, or make it inside", node)
        raise self.refuse(
            "S108", f"a store into attribute {attr!r} of a value that is no object of a Python class",
            "keep the value in a variable of its own", node,
        )  # fmt: skip

    # ---- operators ------------------------------------------------------------------------------
    def operate(self, op: gast.operator, left: Value, right: Value, node: gast.AST) -> Value | None:
        """``left op right`` where an operand is an object: the method of one of them; None where neither is."""
        stem = BINARY_METHODS[type(op)]
        own = [self.method_of(left, f"__{stem}__"), self.method_of(right, f"__r{stem}__")]
        if not (is_object(left) or is_object(right) or own != [None, None]):
            return None
        tries = [(left, f"__{stem}__", right), (right, f"__r{stem}__", left)]
        if is_object(left) and is_object(right) and record_of(left).cls is not record_of(right).cls:
            if issubclass(record_of(right).cls, record_of(left).cls):
                tries.reverse()
        return self._first_that_answers(tries, f"`{stem}`", node)

    def _first_that_answers(self, tries: list[tuple[Value, str, Value]], what: str, node: gast.AST) -> Value:
        for owner, name, other in tries:
            if isinstance(owner.type, Array) and not self._defers(other):
                raise self.refuse(
                    "S109", f"NumPy would apply {what} of an array and an object to each element",
                    "set `__array_ufunc__ = None` in the class, or write the object on the left", node,
                )  # fmt: skip
            if self.method_of(owner, name) is not None:
                made = self.call_method(owner, name, [other], {}, node)
                if not (made.is_static and made.known is NotImplemented):
                    return made
        raise self.refuse("S103", f"{what} is not defined for these operands", "define the method", node)

    def _defers(self, other: Value) -> bool:
        return not is_object(other) or getattr(record_of(other).cls, "__array_ufunc__", 0) is None

    def in_place(self, op: gast.operator, left: Value, right: Value, node: gast.AST) -> Value | None:
        """``left op= right`` by a method of its own; None where the class has none."""
        stem = BINARY_METHODS[type(op)]
        if not is_object(left) or self.method_of(left, f"__i{stem}__") is None:
            return None
        made = self.call_method(left, f"__i{stem}__", [right], {}, node)
        return None if made.is_static and made.known is NotImplemented else made

    def negate_object(self, op: gast.unaryop, operand: Value, node: gast.AST) -> Value | None:
        """``-obj``, ``+obj``, ``~obj``; None of what is no object."""
        if not is_object(operand) and self.method_of(operand, UNARY_METHODS[type(op)]) is None:
            return None
        return self.call_method(operand, UNARY_METHODS[type(op)], [], {}, node)

    def object_at(self, value: Value, index: Value, hint: str | None, node: gast.AST) -> Value:
        """An object from a list, by an index known only at run time: each field is read from a list of its own."""
        assert value.items is not None
        value = value.but(items=tuple(presence.alike(self, list(value.items))))
        assert value.items is not None
        first = value.items[0]
        if not all(has_same_fields(item, first) for item in value.items):
            self.unroll()
            raise self.refuse(
                "S106", "one of several objects of different kinds is taken by a number known only at run time",
                "loop over the objects themselves, or give them one class with the same fields", node,
            )  # fmt: skip
        fields = []
        for key in record_of(first).keys:
            column = tuple(fields_by_name(item)[key] for item in value.items)
            if all(part.is_static for part in column):
                if any(part.type != column[0].type for part in column):
                    self.unroll()
                    raise self.refuse(
                        "S106", f"attribute {key!r} differs among objects that are taken by a number known only at run "
                        "time, and is no number", "loop over the objects themselves", node,
                    )  # fmt: skip
                fields.append(column[0])
                continue
            fields.append(
                self.item(container_of(Sequence(list, ()), column), index, f"{hint or 'item'}_{key}", node)
            )
        return self.united(record_of(first), tuple(fields), hint or "item", list(value.items))

    def compare_objects(self, op: gast.cmpop, left: Value, right: Value, node: gast.AST) -> Value | None:
        """A comparison of which an operand is an object."""
        if isinstance(op, (gast.In, gast.NotIn)) and is_object(right):
            return self._contains(op, left, right, node)
        if type(op) not in COMPARE_METHODS or not (is_object(left) or is_object(right)):
            return None
        name, mirrored = COMPARE_METHODS[type(op)]
        if isinstance(op, gast.NotEq) and self.method_of(left, "__ne__") is None:
            equal = self.compare_objects(gast.Eq(), left, right, node)
            assert equal is not None
            known = equal.known
            if known is not NO_VALUE:
                return Value(literal(not known), constant(not known))
            return Value(equal.type, gast.UnaryOp(op=gast.Not(), operand=self.whole(equal)))
        if any(is_model(side) and self.method_of(side, name) is None for side in (left, right)):
            raise self.refuse(
                "S108", "a container of `collections` with differentiated values is compared",
                "compare lists or dicts of its items", node,
            )  # fmt: skip
        generated = is_object(left) and is_generated(self.method_of(left, name))
        if generated and is_object(right) and record_of(left).cls is record_of(right).cls:
            return self._compare_fields(op, left, right)
        if isinstance(op, gast.Eq) and (
            generated or self.method_of(left, name) is self.method_of(right, name) is None
        ):
            same = left.ident is right.ident
            return Value(literal(same), constant(same))
        return self._first_that_answers([(left, name, right), (right, mirrored, left)], f"`{name}`", node)

    def _contains(self, op: gast.cmpop, left: Value, right: Value, node: gast.AST) -> Value | None:
        """``left in right`` where the class says what that is."""
        if self.method_of(right, "__contains__") is None:
            return None
        found = self.as_test(self.call_method(right, "__contains__", [left], {}, node))
        if isinstance(op, gast.In):
            return found
        truth = self.truth(found)
        if truth is not None:
            return Value(literal(not truth), constant(not truth))
        return Value(Scalar("bool"), gast.UnaryOp(op=gast.Not(), operand=self.whole(found)))

    def _compare_fields(self, op: gast.cmpop, left: Value, right: Value) -> Value:
        """As a dataclass compares: the fields as tuples."""
        names = [field.name for field in dataclasses.fields(record_of(left).cls) if field.compare]
        sides = []
        for side in (left, right):
            fields = fields_by_name(side)
            sides.append(container_of(Sequence(tuple, ()), tuple(fields[name] for name in names)))
        with self.passively():
            nodes = [self.whole(side) for side in sides]
        whole = gast.Compare(left=nodes[0], ops=[op], comparators=[nodes[1]])
        return Value(constant_type(True), whole)

    def as_test(self, value: Value) -> Value:
        """A value as a condition: what an object's `__bool__` or `__len__` says."""
        if value.choices is not None:
            return chosen.truth(value)
        if not is_object(value):
            return self.asked(value)
        for name in ("__bool__", "__len__"):
            if self.method_of(value, name) is not None:
                return self.call_method(value, name, [], {}, self.at or gast.Pass())
        return Value(literal(True), constant(True))

    # ---- given by other mixins ------------------------------------------------------------------
    def call(
        self, func: Value, args: list[Value], keywords: dict[str, Value], hint: str | None, node: gast.AST
    ) -> Value:
        raise AssertionError


def is_object(value: Value) -> bool:
    """Whether a value is an object of a user's class, its fields known."""
    return isinstance(value.type, Record) and value.items is not None


__all__ = ["Classes", "SuperOf", "holds_objects", "is_object", "is_record_class"]
