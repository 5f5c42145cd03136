"""Expressions of derivatives for several directions at once.

The types that are asked for here are those of one direction: the program that is batched was emitted for one.
"""

from __future__ import annotations

import builtins
import copy
import functools
import inspect
from collections.abc import Mapping
from typing import Any

import gast
import numpy as np

from s2sad.abstract.callees import Callees
from s2sad.abstract.operators import BINARY, UNARY
from s2sad.abstract.state import State
from s2sad.abstract.written import display, parts_of
from s2sad.batch import joining, products, reductions, sequences, shapes  # noqa: F401  (they register their forms)
from s2sad.batch import objects as _objects  # noqa: F401
from s2sad.batch.lead import NotBatched, led, padded, sizes_of
from s2sad.batch.record import form_of
from s2sad.names import Names, base, unused
from s2sad.objects import replaced
from s2sad.rules.indexing import ARRAY, INTEGER, MASK, UNKNOWN, _kind, _parts
from s2sad.rules.methods import method
from s2sad.rules.record import rule_of
from s2sad.signature import (
    NO_VALUE,
    Array,
    DictOf,
    ListOf,
    Scalar,
    Sequence,
    Type,
    item_type,
    static_value,
)
from s2sad.signature import Mapping as MappingType
from s2sad.sweep.typer import Typer
from s2sad.tree.build import call, clone, constant, dotted, is_none, name, names_in, subscript, target

FACTS = {"ndim", "dtype"}
UNBATCHED = {np.may_share_memory, np.shares_memory, np.ndim, isinstance, range}
CONTAINER_METHODS = {"copy", "pop", "get", "keys", "values", "items", "append", "setdefault", "update"}
NUMBERS = {float, complex, np.float64, np.float32, np.complex128, np.complex64}


class Batcher:
    """Gives the batched form of an expression; `names` are those that carry the leading axis."""

    def __init__(self, types: Mapping[str, Type], objects: Mapping[str, Any], count: gast.expr) -> None:
        self.types: dict[str, Type] = dict(types)
        self.objects: dict[str, Any] = dict(objects)
        self.names: set[str] = set()
        self.pairs: set[str] = set()
        self.unsure: frozenset[str] = frozenset()
        self.count = count
        self.type = Typer(self.types, self.objects)
        self._fresh = Names()
        for known in types:
            self._fresh.reserve(base(known))
            stem, _, version = known.partition("~")
            while self._fresh._next.get(stem, 0) <= int(version or 0):
                self._fresh.fresh(stem)
        self._paths = State.__new__(State)
        self._paths.objects = self.objects
        self._paths.callees = Callees()
        self._paths.frame = type("_Nowhere", (), {"globals": {}})()  # type: ignore[assignment]

    # ---- what forms ask for ---------------------------------------------------------------------
    def varies(self, node: Any) -> bool:
        """Whether an expression has a value for each direction."""
        if isinstance(node, list):
            return any(map(self.varies, node))
        if not isinstance(node, gast.AST):
            return False
        if isinstance(node, gast.Name):
            return node.id in self.names
        if isinstance(node, gast.Compare):
            return False
        if isinstance(node, gast.Attribute) and (node.attr in FACTS or node.attr in ("shape", "size")):
            return False
        if isinstance(node, gast.Call):
            function = self.function(node.func)
            if function in UNBATCHED or function is len:
                return False
        if (
            isinstance(node, gast.Subscript)
            and isinstance(node.value, gast.Name)
            and node.value.id in self.pairs
        ):
            return isinstance(node.slice, gast.Constant) and node.slice.value == 1
        return any(self.varies(part) for part in node.__dict__.values())

    def rank(self, node: gast.expr) -> int | None:
        """The rank of one direction's value."""
        known = self.type(node)
        return known.rank if isinstance(known, (Scalar, Array)) else None

    def shape(self, node: gast.expr) -> Any:
        """The shape of one direction's value, as far as it is known."""
        known = self.type(node)
        return known.shape if isinstance(known, (Scalar, Array)) else None

    def known(self, node: Any) -> Any:
        """The value of an argument that is known at compile time, else `NO_VALUE`."""
        return static_value(self.type(node)) if isinstance(node, gast.AST) else node

    def to_rank(self, node: gast.expr, rank: int) -> gast.expr:
        """The batched expression, with axes put in so that one direction's value has this rank."""
        made = self(node)
        have = self.rank(node)
        if have is None:
            raise NotBatched
        return padded(made, rank - have) if self.varies(node) else made

    def every(self, node: gast.expr) -> gast.expr:
        """The batched expression; what is the same in all directions is repeated."""
        return self(node) if self.varies(node) else self.expanded(node, self.type(node))

    def np(self, function: str, *args: gast.expr, **keywords: gast.expr) -> gast.expr:
        """A call of a NumPy function."""
        return call(self.object_node(getattr(np, function)), *args, **keywords)

    def object_node(self, value: Any) -> gast.expr:
        """A path by which emitted code reaches an object."""
        return self._paths.object_node(value)

    def fresh(self, hint: str) -> str:
        """A new name."""
        self._fresh.reserve(base(hint))
        return self._fresh.fresh(base(hint))

    def inner(self, hint: str) -> str:
        """A new name for the variable of a comprehension, which stands as it is: pass `name` leaves those alone."""
        taken = {base(key) for key in self.types} | {path.split(".")[0] for path in self.objects}
        chosen = unused(hint, taken)
        self._fresh.reserve(chosen)
        return chosen

    def function(self, node: gast.expr) -> Any:
        """The object that is called, None for a method."""
        path = dotted(node)
        if path is None:
            return None
        return self.objects[path] if path in self.objects else getattr(builtins, path, None)

    # ---- the transform --------------------------------------------------------------------------
    def __call__(self, node: gast.expr) -> gast.expr:
        """The expression for all directions at once."""
        if not self.varies(node):
            return self.rest(node)
        handler = getattr(self, "of_" + type(node).__name__, None)
        made = None
        if handler is not None:
            try:
                made = handler(node)
            except NotBatched:
                made = None
        return self.one_by_one(node) if made is None else made

    def rest(self, node: Any) -> Any:
        """What is the same in every direction; sizes of batched values are those of one direction."""
        if isinstance(node, list):
            return [self.rest(item) for item in node]
        if not isinstance(node, gast.AST):
            return node
        if isinstance(node, gast.Attribute) and node.attr in ("shape", "size") and self.varies(node.value):
            return self._size(node)
        if isinstance(node, gast.Call) and self.function(node.func) is len and self._is_array(node.args[0]):
            if self.varies(node.args[0]):
                dims = gast.Attribute(value=self(node.args[0]), attr="shape", ctx=gast.Load())
                return subscript(dims, constant(1))
        new = copy.copy(node)
        for key, item in node.__dict__.items():
            if isinstance(item, (list, gast.AST)):
                setattr(new, key, self.rest(item))
        return new

    def _size(self, node: gast.Attribute) -> gast.expr:
        shape = gast.Attribute(value=self(node.value), attr="shape", ctx=gast.Load())
        rest = subscript(shape, gast.Slice(constant(1), None, None))
        if node.attr == "shape":
            return rest
        return call("int", self.np("prod", rest))

    def _is_array(self, node: gast.expr) -> bool:
        return isinstance(self.type(node), Array)

    def of_Name(self, node: gast.Name) -> gast.expr:
        return clone(node)  # type: ignore[no-any-return]

    def of_BinOp(self, node: gast.BinOp) -> gast.expr | None:
        if isinstance(node.op, gast.MatMult):
            return products.matmul(self, node.left, node.right)
        if isinstance(self.type(node), (Scalar, Array)) and BINARY[type(node.op)] is not None:
            left, right = self._aligned(node, [node.left, node.right])
            return gast.BinOp(left=left, op=node.op, right=right)
        if isinstance(node.op, gast.Add):  # two lists
            return gast.BinOp(left=self.every(node.left), op=node.op, right=self.every(node.right))
        if isinstance(node.op, gast.Mult):  # a list, so many times
            return gast.BinOp(left=self(node.left), op=node.op, right=self(node.right))
        return None

    def of_UnaryOp(self, node: gast.UnaryOp) -> gast.expr | None:
        return gast.UnaryOp(op=node.op, operand=self(node.operand)) if type(node.op) in UNARY else None

    def _aligned(self, node: gast.expr, operands: list[gast.expr]) -> list[gast.expr]:
        """Operands of an elementwise operation, so that they broadcast as those of one direction do."""
        ranks = [self.rank(operand) for operand in operands]
        if any(rank is None for rank in ranks):
            raise NotBatched
        widest = max(rank for rank in ranks if rank is not None)
        return [self.to_rank(operand, widest) for operand in operands]

    def of_IfExp(self, node: gast.IfExp) -> gast.expr | None:
        if self.varies(node.test):
            return None
        return gast.IfExp(
            test=self.rest(node.test), body=self.every(node.body), orelse=self.every(node.orelse)
        )

    def of_Tuple(self, node: gast.Tuple) -> gast.expr:
        return gast.Tuple(elts=[self.item(elt) for elt in node.elts], ctx=gast.Load())

    def of_List(self, node: gast.List) -> gast.expr:
        return gast.List(elts=[self.item(elt) for elt in node.elts], ctx=gast.Load())

    def of_Dict(self, node: gast.Dict) -> gast.expr:
        return gast.Dict(
            keys=[clone(key) for key in node.keys], values=[self.item(part) for part in node.values]
        )

    def item(self, node: gast.expr) -> gast.expr:
        """An item of a container of derivatives; a number that is read from an array is copied, as numbers are."""
        return self.every(node)

    def of_ListComp(self, node: gast.ListComp) -> gast.expr | None:
        (generator,) = node.generators
        if generator.ifs or not isinstance(generator.target, gast.Name):
            return None
        variable, source = generator.target.id, self.type(generator.iter)
        if not isinstance(source, (ListOf, Sequence)):
            return None
        self.types[variable] = item_type(source)
        over = self.varies(generator.iter)
        self.names |= {variable} if over else set()
        made = gast.comprehension(
            target=clone(generator.target), iter=self(generator.iter), ifs=[], is_async=0
        )
        return gast.ListComp(elt=self.every(node.elt), generators=[made])

    # ---- reading --------------------------------------------------------------------------------
    def of_Subscript(self, node: gast.Subscript) -> gast.expr | None:
        if isinstance(node.value, gast.Name) and node.value.id in self.pairs:
            return clone(node)  # type: ignore[no-any-return]
        owner = self.type(node.value)
        if not isinstance(owner, Array):
            return subscript(self(node.value), self.rest(node.slice))
        index = self.index(owner, node.slice)
        return None if index is None else subscript(self(node.value), index)

    def index(self, owner: Array, index: gast.expr) -> gast.expr | None:
        """The index for all directions; None where NumPy would move dimensions to the front."""
        parts = _parts(index, self.types, self.type(index))
        kinds = [_kind(part) for part, _ in parts]
        if owner.shape is None or UNKNOWN in kinds:
            return None
        if any(kind in (ARRAY, MASK) for kind in kinds):
            places = [k for k, kind in enumerate(kinds) if kind in (ARRAY, MASK, INTEGER)]
            if places != list(range(places[0], places[-1] + 1)):
                return None
        known = self.type(index)
        named = (
            isinstance(known, Sequence) and issubclass(known.cls, tuple) and not isinstance(index, gast.Tuple)
        )
        return led(self.rest(index), len(parts) if named else None)

    def of_Attribute(self, node: gast.Attribute) -> gast.expr | None:
        owner = self.type(node.value)
        if node.attr == "T" and isinstance(owner, Array):
            return shapes.transpose(self, node.value)
        if isinstance(owner, (Array, Scalar)) and node.attr not in ("real", "imag"):
            return None
        return gast.Attribute(value=self(node.value), attr=node.attr, ctx=gast.Load())

    # ---- calls ----------------------------------------------------------------------------------
    def of_Call(self, node: gast.Call) -> gast.expr | None:
        function = self.function(node.func)
        if function is None:
            return self._method(node)
        keywords = {k.arg: k.value for k in node.keywords if k.arg is not None}
        return self._applied(function, list(node.args), keywords, node.func)

    def _applied(
        self, function: Any, args: list[Any], keywords: dict[str, Any], spelled: gast.expr | None
    ) -> gast.expr | None:
        if function in NUMBERS and len(args) == 1:
            return self(args[0]) if isinstance(self.type(args[0]), Scalar) else None
        if isinstance(function, type) and hasattr(function, "_fields"):
            items = {key: self.item(arg) for key, arg in keywords.items()}
            return call(self.object_node(function), *map(self.item, args), **items)
        form = form_of(function)
        if form is not None:
            return form(self, *args, **keywords) if _takes(form, args, keywords) else None
        if not keywords and self._is_elementwise(function):
            func = clone(spelled) if spelled is not None else self.object_node(function)
            return gast.Call(func, self._aligned(args[0], args), [])
        return None

    def _is_elementwise(self, function: Any) -> bool:
        if isinstance(function, np.ufunc):
            return function.signature is None
        rule = rule_of(function)
        numpy = (getattr(function, "__module__", None) or "").startswith(("numpy", "_operator"))
        return rule is not None and rule.kind == "elementwise" and numpy

    def _method(self, node: gast.Call) -> gast.expr | None:
        if not isinstance(node.func, gast.Attribute):
            return None
        owner, attr = self.type(node.func.value), node.func.attr
        func = gast.Attribute(value=self(node.func.value), attr=attr, ctx=gast.Load())
        if isinstance(owner, (Array, Scalar)):
            if attr in ("copy", "astype"):
                return gast.Call(func, self.rest(list(node.args)), self.rest(list(node.keywords)))
            return self._array_method(node, owner)
        if attr not in CONTAINER_METHODS:
            return None
        if isinstance(owner, (MappingType, DictOf)) and attr in ("get", "setdefault", "pop") and node.args:
            key, *items = node.args
            held = owner.under(self.known(key)) if isinstance(owner, DictOf) else self.type(node)
            number = isinstance(held, Scalar)
            return gast.Call(
                func,
                [self.rest(key), *(self.item(arg) if number or self.varies(arg) else arg for arg in items)],
                [],
            )
        return gast.Call(func, [self.given(owner, arg) for arg in node.args], [])

    def given(self, owner: Type, arg: gast.expr) -> gast.expr:
        """An argument of a container's method: a derivative that goes into it, or a key."""
        if self.varies(arg):
            return self.item(arg)
        known = self.type(arg)
        is_item = isinstance(known, (Scalar, Array)) and known.is_real
        return self.every(arg) if is_item else self.rest(arg)

    def _array_method(self, node: gast.Call, owner: Array | Scalar) -> gast.expr | None:
        assert isinstance(node.func, gast.Attribute)
        found = method(node.func.attr, owner, list(node.args), {k.arg: k.value for k in node.keywords})
        if found is None:
            return None
        function, rest, named = found
        args = [node.func.value, *(arg if isinstance(arg, gast.AST) else _node(arg) for arg in rest)]
        keywords = {key: arg if isinstance(arg, gast.AST) else _node(arg) for key, arg in named.items()}
        return self._applied(function, args, keywords, None)

    # ---- the same in every direction ------------------------------------------------------------
    def expanded(self, node: gast.expr, known: Type) -> gast.expr:
        """A value that is the same in every direction, once for each; memory of its own."""
        if is_none(node):
            return clone(node)  # type: ignore[no-any-return]
        if isinstance(node, gast.Call) and self.function(node.func) is replaced:  # an object of derivatives
            fields = {str(part.arg): self.every(part.value) for part in node.keywords}
            return call(clone(node.func), *map(self.rest, node.args), **fields)
        if _is_repeated(node):
            return self._expanded_list(node, ListOf(item_type(known)))
        if isinstance(known, Scalar):
            zero = isinstance(node, gast.Constant) and node.value == 0
            return (
                self.np("zeros", clone(self.count))
                if zero
                else self.np("full", clone(self.count), self.rest(node))
            )
        if isinstance(known, Array):
            return self._expanded_array(node, known)
        if isinstance(known, ListOf):
            return self._expanded_list(node, known)
        if isinstance(known, (Sequence, MappingType)):
            return self._expanded_parts(node, known)
        if isinstance(known, DictOf) and isinstance(node, gast.Dict):
            values = [self.expanded(part, self.type(part)) for part in node.values]
            return gast.Dict(keys=[clone(key) for key in node.keys], values=values)
        if not known.is_real:
            return self.rest(node)  # type: ignore[no-any-return]
        raise NotBatched

    def _expanded_array(self, node: gast.expr, known: Array) -> gast.expr:
        if isinstance(node, gast.Call) and self.function(node.func) is np.zeros_like and not node.keywords:
            like = node.args[0]
            shape = self.shape(like)
            if shape is not None and known.dtype == "float64":
                sizes = sizes_of(self.rest(like), shape)
                if names_in(like) & self.unsure:
                    sizes = [gast.Starred(self.np("shape", self.rest(like)), gast.Load())]
                return self.np("zeros", gast.Tuple(elts=[clone(self.count), *sizes], ctx=gast.Load()))
        ones = gast.Tuple(
            elts=[clone(self.count), *([constant(1)] * len(known.shape or ()))], ctx=gast.Load()
        )
        if known.shape is None:
            copies = gast.BinOp(
                left=gast.List([self.rest(node)], gast.Load()), op=gast.Mult(), right=clone(self.count)
            )
            return self.np("stack", copies)
        ones = gast.Tuple(elts=[clone(self.count), *([constant(1)] * len(known.shape))], ctx=gast.Load())
        return self.np("tile", self.rest(node), ones)

    def _expanded_list(self, node: gast.expr, known: ListOf) -> gast.expr:
        if (
            isinstance(node, gast.BinOp)
            and isinstance(node.left, gast.List)
            and isinstance(node.op, gast.Mult)
        ):
            (item,) = node.left.elts  # [0.0] * n: each item has memory of its own
            over = call("range", self.rest(node.right))
            return comprehension(self.expanded(item, self.type(item)), "_", over)
        if isinstance(node, gast.List):
            return gast.List(elts=[self.expanded(elt, known.item) for elt in node.elts], ctx=gast.Load())
        if isinstance(node, gast.ListComp):
            new = clone(node)
            variable = node.generators[0].target.id
            self.types[variable] = item_type(self.type(node.generators[0].iter))
            new.elt = self.expanded(node.elt, known.item)
            return new  # type: ignore[no-any-return]
        variable = self.inner("v")
        self.types[variable] = known.item
        return comprehension(self.expanded(name(variable), known.item), variable, self.rest(node))

    def _expanded_parts(self, node: gast.expr, known: Sequence | MappingType) -> gast.expr:
        if isinstance(node, (gast.Tuple, gast.List)):
            items = [self.expanded(elt, self.type(elt)) for elt in node.elts]
            return type(node)(elts=items, ctx=gast.Load())
        if isinstance(node, gast.Dict):
            values = [self.expanded(part, self.type(part)) for part in node.values]
            return gast.Dict(keys=[clone(key) for key in node.keys], values=values)
        if not isinstance(node, gast.Name):
            raise NotBatched
        pairs = zip(parts_of(known, node, self.object_node), known.items)
        return display(known, [self.expanded(part, item) for part, item in pairs], self.object_node)

    # ---- one by one -----------------------------------------------------------------------------
    def shares_written_memory(self, node: gast.expr) -> bool:
        """Whether an expression may be a view of memory that is written in place: a copy is then something else."""
        return False

    def one_by_one(self, node: gast.expr) -> gast.expr:
        """``np.stack([f(d) for d in x_dot])``: what has no batched form, for one direction after the other."""
        if not isinstance(self.type(node), (Scalar, Array)) or self.shares_written_memory(node):
            raise NotBatched(type(node).__name__)
        used = sorted(names_in(node) & self.names)
        if len(used) == 1 and isinstance(self.types.get(used[0]), (Scalar, Array)):
            row = self.inner(f"{base(used[0])}_k")
            self.types[row] = self.types[used[0]]
            inside = self.rows(node, {used[0]: name(row)})
            return self.np("stack", comprehension(inside, row, name(used[0])))
        k = self.fresh("k")
        self.types[k] = Scalar("int")
        return self.np(
            "stack", comprehension(self.at_direction(node, name(k)), k, call("range", clone(self.count)))
        )

    def at_direction(self, node: Any, k: gast.expr) -> Any:
        """An expression for direction `k`."""
        return self.rows(
            node, {key: _row(self.types[key], name(key), k, self) for key in names_in(node) & self.names}
        )

    def rows(self, node: Any, table: dict[str, gast.expr]) -> Any:
        """A copy in which batched names stand for one direction."""
        if isinstance(node, list):
            return [self.rows(item, table) for item in node]
        if not isinstance(node, gast.AST):
            return node
        if isinstance(node, gast.Name) and node.id in table:
            return clone(table[node.id])
        new = copy.copy(node)
        for key, item in node.__dict__.items():
            if isinstance(item, (list, gast.AST)):
                setattr(new, key, self.rows(item, table))
        return new


@functools.cache
def _signature(form: Any) -> inspect.Signature:
    return inspect.signature(form)


def _takes(form: Any, args: list[Any], keywords: dict[str, Any]) -> bool:
    """Whether a form covers a call with these arguments."""
    try:
        _signature(form).bind(None, *args, **keywords)
    except TypeError:
        return False
    return True


def _row(known: Type, node: gast.expr, k: gast.expr, batcher: Batcher) -> gast.expr:
    """One direction of a batched value."""
    if isinstance(known, (Scalar, Array)):
        return subscript(node, clone(k)) if known.is_real else node
    if isinstance(known, (Sequence, MappingType)):
        items = zip(known.items, parts_of(known, node, batcher.object_node))
        return display(known, [_row(item, part, k, batcher) for item, part in items], batcher.object_node)
    if isinstance(known, ListOf):
        variable = batcher.inner("v")
        batcher.types[variable] = known.item
        return comprehension(_row(known.item, name(variable), k, batcher), variable, node)
    raise NotBatched


def _is_repeated(node: gast.expr) -> bool:
    """Whether this is ``[item] * count``."""
    return (
        isinstance(node, gast.BinOp) and isinstance(node.left, gast.List) and isinstance(node.op, gast.Mult)
    )


def comprehension(element: gast.expr, variable: str, over: gast.expr) -> gast.expr:
    """``[element for variable in over]``."""
    generator = gast.comprehension(target=target(variable), iter=over, ifs=[], is_async=0)
    return gast.ListComp(elt=element, generators=[generator])


def _node(value: Any) -> gast.expr:
    """A constant, or a tuple of constants and expressions."""
    if isinstance(value, tuple):
        return gast.Tuple(
            elts=[item if isinstance(item, gast.AST) else _node(item) for item in value], ctx=gast.Load()
        )
    return constant(value)


__all__ = ["NO_VALUE", "Batcher", "comprehension"]
