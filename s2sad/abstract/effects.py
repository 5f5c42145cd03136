"""What a call reads and writes besides what it returns: read from its source, for calls that just run.

An inactive call is not followed: it runs as it is, and what it does to arrays, lists and objects that live outside
would be missed.  Here its source is gone through, without order and without a run: which names may hold which objects,
and which of these are read, stored into, or handed to a function that cannot be seen.

>>> import random
>>> table = [1.0, 2.0, 3.0]
>>> effects_of(random.shuffle, [table]).writes(table), effects_of(random.choice, [table]).writes(table)
(True, False)
>>> effects_of(random.choice, [table]).reads(table)
True
>>> may_write(random.shuffle), may_write(random.choice)
(True, False)
"""

from __future__ import annotations

import builtins
import functools
import inspect
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import gast
import numpy as np

from s2sad.abstract.libraries import is_foreign, is_named, root_of
from s2sad.errors import S2sadError
from s2sad.rules.record import Ruled
from s2sad.tree.parts import nodes
from s2sad.tree.source import load_function

IN_PLACE = {"fill", "sort", "put", "partition", "itemset", "resize", "append", "extend", "insert", "pop", "update",
            "clear", "remove", "reverse", "setdefault", "popitem", "setfield", "add", "discard", "appendleft",
            "popleft", "rotate", "setflags", "__setitem__", "__iadd__", "__isub__", "__imul__",
            "__delitem__", "__setattr__"}  # fmt: skip
FIRST_WRITTEN = {"copyto", "put", "place", "putmask", "fill_diagonal", "at", "put_along_axis", "shuffle",
                 "setattr", "delattr", "heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort_left",
                 "insort_right", "setitem", "delitem", "iconcat", "iadd", "isub", "imul", "itruediv", "ifloordiv",
                 "imod", "ipow", "imatmul", "iand", "ior", "ixor", "ilshift", "irshift"}  # fmt: skip
MOVING = {"shuffle", "sort", "reverse", "heapify", "heappop"}
"""Those that leave the items of a list what they are."""
VIEWS = {"asarray", "asanyarray", "ascontiguousarray", "reshape", "ravel", "transpose", "squeeze", "swapaxes",
         "moveaxis", "rollaxis", "expand_dims", "diagonal", "broadcast_to", "broadcast_arrays", "atleast_1d", "nditer",
         "atleast_2d", "atleast_3d", "real", "imag", "flip", "fliplr", "flipud", "rot90", "view", "split", "flat",
         "array_split", "hsplit", "vsplit", "array", "require", "getattr", "iter", "zip", "enumerate", "reversed",
         "list", "tuple", "dict", "map", "filter", "next", "sorted", "vars", "itemgetter", "attrgetter", "getitem",
         "chain", "islice", "cycle", "partial", "reduce", "accumulate", "stop_gradient"}  # fmt: skip
"""Functions and methods of the libraries known by name whose result may share memory with what they are given."""
MUTABLE = (np.ndarray, list, dict, set, bytearray)
BUDGET = 80
"""How many functions are gone through for one call; what is handed to others may be written."""
_FRESH = (gast.BinOp, gast.UnaryOp, gast.Compare, gast.Constant, gast.JoinedStr)
_WIDE = 64

Token = tuple[Any, ...]
"""``("memory", id)`` of an array, list or dict; ``("field", id, name)`` of an object; ``("name", id of the namespace,
name)`` of a global; ``("cell", name, id of the value)``; ``("given", name)`` for what a parameter is given."""


@dataclass(frozen=True)
class Held:
    """What an expression may be: the memory that it may share, and the objects that are known."""

    tokens: frozenset[Token] = frozenset()
    known: tuple[Any, ...] = ()

    def __or__(self, other: Held) -> Held:
        if not other.tokens and not other.known:
            return self
        new = tuple(obj for obj in other.known if not any(obj is old for old in self.known))
        return Held(self.tokens | other.tokens, (self.known + new)[:_WIDE])


NOTHING = Held()


@dataclass
class Effects:
    """What is read and written, by tokens; `memory` holds the objects that are named by them."""

    read: set[Token] = field(default_factory=set)
    written: set[Token] = field(default_factory=set)
    memory: dict[int, Any] = field(default_factory=dict)

    def arrays(self, tokens: Iterable[Token]) -> list[Any]:
        """The arrays among some tokens."""
        found = [self.memory.get(token[1]) for token in tokens if token[0] == "memory"]
        return [array for array in found if isinstance(array, np.ndarray)]

    def writes(self, value: Any) -> bool:
        """Whether an array, list or dict may be written."""
        return touched(self, self.written, value)

    def reads(self, value: Any) -> bool:
        """Whether an array, list or dict may be read."""
        return touched(self, self.read, value)


def touched(effects: Effects, tokens: set[Token], value: Any) -> bool:
    """Whether the memory of a value is among some tokens; of an array, also under another name."""
    if ("memory", id(value)) in tokens:
        return True
    return isinstance(value, np.ndarray) and any(
        np.may_share_memory(value, array) for array in effects.arrays(tokens)
    )


def effects_of(
    function: Any, given: Sequence[Any] = (), named: Mapping[str, Any] = MappingProxyType({})
) -> Effects:
    """What a call of a function with some objects may read and write; None stands for a number."""
    scan = _Scan()
    keywords = {key: scan.held(value) for key, value in named.items()}
    scan.call(function, [scan.held(value) for value in given], keywords)
    return scan.effects


def may_write(function: Any) -> bool:
    """Whether a call may change the arguments; True where that cannot be seen."""
    scan = _Scan()
    scan.call(function, [], {}, symbolic=True)
    return any(token[0] == "given" for token in scan.effects.written)


class _Scan:
    """The functions that one call reaches."""

    def __init__(self) -> None:
        self.effects = Effects()
        self._results: dict[Any, Held] = {}

    # ---- objects --------------------------------------------------------------------------------
    def held(self, value: Any) -> Held:
        """An object that lives outside."""
        if isinstance(value, MUTABLE):
            self.effects.memory[id(value)] = value
            self.effects.read.add(("memory", id(value)))
            return Held(frozenset([("memory", id(value))]), (value,))
        if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
            return NOTHING
        self.effects.memory[id(value)] = value  # so that its number stays its own
        return Held(frozenset(), (value,))

    def items(self, held: Held) -> Held:
        """What is taken out of a container."""
        found = held
        for obj in held.known:
            values: Iterable[Any] = ()
            if type(obj) in (list, tuple, set, frozenset):
                values = obj
            elif type(obj) is dict:
                values = obj.values()
            for value in list(values)[:_WIDE]:
                found |= self.held(value)
        return found

    def member(self, obj: Any, attr: str) -> Held:
        """An attribute of an object."""
        if isinstance(obj, types.ModuleType):
            self.effects.read.add(("name", id(vars(obj)), attr))
            return self.held(vars(obj).get(attr))
        if isinstance(obj, np.ndarray):
            return Held(
                frozenset([("memory", id(obj))]) if attr in VIEWS or attr in ("T", "base") else frozenset()
            )
        static = inspect.getattr_static(type(obj), attr, None)
        if isinstance(static, property):
            return self.call(static.fget, [self.held(obj)], {}) if static.fget else NOTHING
        if isinstance(static, types.FunctionType) and not isinstance(obj, type):
            return self.held(types.MethodType(static, obj))
        self.effects.read.add(("field", id(obj), attr))
        try:
            return self.held(getattr(obj, attr))
        except Exception:  # an attribute that is not there yet, or a descriptor that raises
            return NOTHING

    # ---- calls ----------------------------------------------------------------------------------
    def call(
        self, function: Any, args: list[Held], keywords: dict[str, Held], symbolic: bool = False
    ) -> Held:
        """Go through what is called, and give what its result may be."""
        if isinstance(function, Ruled):
            function = getattr(function, "fun", function)
        if isinstance(function, functools.partial):
            bound = [self.held(value) for value in function.args]
            named = {key: self.held(value) for key, value in function.keywords.items()}
            return self.call(function.func, [*bound, *args], {**named, **keywords}, symbolic)
        if isinstance(function, types.MethodType):
            if isinstance(function.__func__, types.FunctionType):
                args = [self.held(function.__self__), *args]
            function = function.__func__
        if isinstance(function, functools._lru_cache_wrapper):
            function = function.__wrapped__
        every = functools.reduce(Held.__or__, [*args, *keywords.values()], NOTHING)
        label = getattr(function, "__name__", "")
        if root_of(type(function)) == "s2sad" and hasattr(function, "primal"):  # it works on copies
            apart = _Scan()
            apart.call(function.primal, args, keywords)
            self.effects.read |= apart.effects.read | apart.effects.written
            self.effects.memory |= apart.effects.memory
            return NOTHING
        compiled = isinstance(function, (types.BuiltinFunctionType, types.MethodDescriptorType, np.ufunc))
        if compiled or is_named(function):
            owner = getattr(function, "__self__", None)
            if label in IN_PLACE and owner is not None and not isinstance(owner, types.ModuleType):
                self.write(self.held(owner))
            if label in FIRST_WRITTEN and symbolic:
                self.effects.written.add(("given", ""))
            if label in FIRST_WRITTEN and args:
                self.write(args[0])
            if label == "setattr" and args:
                self.effects.written |= {("field", id(obj), None) for obj in args[0].known}
            if compiled and is_foreign(function):
                self.hand(every)
                if symbolic:
                    self.effects.written.add(("given", ""))
            self.read_all(every)
            for handed in every.known:  # functions that are given are called
                if isinstance(handed, (types.FunctionType, types.MethodType)):
                    self.call(handed, [self.items(every)], {})
            return self.items(every) if label in VIEWS else NOTHING
        if isinstance(function, type):
            made = inspect.getattr_static(function, "__init__", None)
            if isinstance(made, types.FunctionType):
                self.call(made, [NOTHING, *args], keywords)
            return every
        if not isinstance(function, types.FunctionType):
            called = inspect.getattr_static(type(function), "__call__", None)
            if isinstance(called, types.FunctionType):
                return self.call(called, [self.held(function), *args], keywords, symbolic)
            self.hand(every)
            if symbolic:
                self.effects.written.add(("given", ""))
            return every
        return self._python(function, args, keywords, symbolic)

    def _python(
        self, function: types.FunctionType, args: list[Held], keywords: dict[str, Held], symbolic: bool
    ) -> Held:
        every = functools.reduce(Held.__or__, [*args, *keywords.values()], NOTHING)
        key = (id(function), tuple(held.tokens for held in args), tuple(map(id, every.known)), symbolic)
        if key in self._results:
            return self._results[key]
        self._results[key] = every
        try:
            node = load_function(function).node if len(self._results) < BUDGET else None
        except S2sadError:
            node = None
        if node is None:
            self._unread(function, every, symbolic)
            return every
        body = _Body(self, function, node, args, keywords, symbolic)
        self._results[key] = body.run()
        return self._results[key]

    def _unread(self, function: types.FunctionType, every: Held, symbolic: bool) -> None:
        """A function without source: all that it names may be written."""
        self.hand(every)
        if symbolic:
            self.effects.written.add(("given", ""))
        cells = [cell.cell_contents for cell in function.__closure__ or () if _full(cell)]
        named = [
            function.__globals__[key] for key in function.__code__.co_names if key in function.__globals__
        ]
        for value in [*cells, *named]:
            self.hand(self.held(value))

    # ---- effects --------------------------------------------------------------------------------
    def write(self, held: Held) -> None:
        """Memory that is stored into."""
        self.effects.written |= held.tokens

    def read_all(self, held: Held) -> None:
        """Memory that is read, and what is in it."""
        self.effects.read |= self.items(held).tokens

    def hand(self, held: Held) -> None:
        """What is given to a function that cannot be seen may be written."""
        self.read_all(held)
        self.effects.written |= {
            token for token in self.items(held).tokens if token[0] in ("given", "memory")
        }


class _Body:
    """One function's statements, gone through until nothing new is found."""

    def __init__(
        self, scan: _Scan, function: types.FunctionType, node: Any, args: list[Held],
        keywords: dict[str, Held], symbolic: bool,
    ) -> None:  # fmt: skip
        self.scan, self.function = scan, function
        self.parts = [part for statement in node.body for part in nodes(statement)]
        self.env: dict[str, Held] = {}
        self.own = {*function.__code__.co_varnames, *function.__code__.co_cellvars}
        self.cells = {
            key: cell.cell_contents
            for key, cell in zip(function.__code__.co_freevars, function.__closure__ or ())
            if _full(cell)
        }
        self.rebound = {
            name: type(part) for part in self.parts
            if isinstance(part, (gast.Global, gast.Nonlocal)) for name in part.names
        }  # fmt: skip
        self.running: set[str] = set()
        self.locals = {part.name: part for part in self.parts if isinstance(part, gast.FunctionDef)}
        self._bind(node.args, args, keywords, symbolic)

    def _bind(self, args: Any, given: list[Held], keywords: dict[str, Held], symbolic: bool) -> None:
        plain = [arg.id for arg in [*args.posonlyargs, *args.args]]
        rest = [arg.id for arg in (args.vararg, args.kwarg) if arg]
        every = [*plain, *(arg.id for arg in args.kwonlyargs), *rest]
        for key, held in [*zip(plain, given), *keywords.items()]:
            self.env[key] = self.env.get(key, NOTHING) | held
        beyond = [*given[len(plain) :], *(held for key, held in keywords.items() if key not in every)]
        for key in rest:
            self.env[key] = functools.reduce(Held.__or__, beyond, NOTHING)
        for key in every if symbolic else ():
            self.env[key] = self.env.get(key, NOTHING) | Held(frozenset([("given", key)]))

    def run(self) -> Held:
        """Note all effects, and give what may be returned."""
        effects = self.scan.effects
        while True:
            before = (len(effects.read), len(effects.written), sum(map(_size, self.env.values())))
            for part in self.parts:
                visit = getattr(self, f"visit_{type(part).__name__}", None)
                if visit is not None:
                    visit(part)
            if before == (len(effects.read), len(effects.written), sum(map(_size, self.env.values()))):
                break
        returned = [
            part.value for part in self.parts if isinstance(part, (gast.Return, gast.Yield)) and part.value
        ]
        return functools.reduce(Held.__or__, map(self.eval, returned), NOTHING)

    # ---- statements -----------------------------------------------------------------------------
    def visit_Assign(self, part: Any) -> None:
        value = self.eval(part.value)
        for target in part.targets:
            self._store(target, value)

    def visit_AnnAssign(self, part: Any) -> None:
        if part.value is not None:
            self._store(part.target, self.eval(part.value))

    def visit_NamedExpr(self, part: Any) -> None:
        self._store(part.target, self.eval(part.value))

    def visit_AugAssign(self, part: Any) -> None:
        value = self.eval(part.value)
        if isinstance(part.target, gast.Name):
            self.scan.write(self.eval(part.target))
            self.scan.read_all(value)
            if (
                value.known
                and all(isinstance(obj, np.ndarray) for obj in value.known)
                and not _shown(part.value)
            ):
                value = NOTHING  # numbers are added; a list would hold the array itself
        self._store(part.target, value)

    def visit_For(self, part: Any) -> None:
        self._store(part.target, self.scan.items(self.eval(part.iter)))

    visit_comprehension = visit_AsyncFor = visit_For

    def visit_withitem(self, part: Any) -> None:
        if part.optional_vars is not None:
            self._store(part.optional_vars, self.eval(part.context_expr))

    def visit_Delete(self, part: Any) -> None:
        for target in part.targets:
            if not isinstance(target, gast.Name):
                self._store(target, NOTHING)

    def _store(self, target: Any, value: Held) -> None:
        effects = self.scan.effects
        if isinstance(target, (gast.Tuple, gast.List)):
            for item in target.elts:
                self._store(item, self.scan.items(value))
        elif isinstance(target, gast.Starred):
            self._store(target.value, value)
        elif isinstance(target, gast.Subscript):
            self.scan.write(self.eval(target.value))
        elif isinstance(target, gast.Attribute):
            owner = self.eval(target.value)
            for obj in owner.known:
                spaced = isinstance(obj, types.ModuleType)
                effects.written.add(
                    ("name", id(vars(obj)), target.attr) if spaced else ("field", id(obj), target.attr)
                )
            effects.written |= {token for token in owner.tokens if token[0] == "given"}
        elif isinstance(target, gast.Name):
            declared = self.rebound.get(target.id)
            if declared is gast.Global:
                effects.written.add(("name", id(self.function.__globals__), target.id))
            elif declared is not None and target.id in self.cells:
                effects.written.add(("cell", target.id, id(self.cells[target.id])))
            self.env[target.id] = self.env.get(target.id, NOTHING) | value

    def visit_Name(self, part: Any) -> None:
        self._name(part.id)

    def visit_Attribute(self, part: Any) -> None:
        self.eval(part)

    def visit_Call(self, part: Any) -> None:
        self._called(part)

    def _called(self, part: Any) -> Held:
        args = [
            self.scan.items(self.eval(arg.value)) if isinstance(arg, gast.Starred) else self.eval(arg)
            for arg in part.args
        ]
        keywords = {arg.arg or "**": self.eval(arg.value) for arg in part.keywords}
        every = functools.reduce(Held.__or__, [*args, *keywords.values()], NOTHING)
        func = part.func
        if "out" in keywords:
            self.scan.write(keywords["out"])
        owner = NOTHING
        if isinstance(func, gast.Attribute):
            owner = self.eval(func.value)
            if func.attr in IN_PLACE:
                self.scan.write(owner)
        for arg in [*part.args, *(keyword.value for keyword in part.keywords)]:
            inner = self.locals.get(arg.id) if isinstance(arg, gast.Name) else arg
            if isinstance(inner, (gast.Lambda, gast.FunctionDef)):
                count = len(inner.args.posonlyargs) + len(inner.args.args)
                self._bind(inner.args, [self.scan.items(every)] * count, {}, False)
        if isinstance(func, gast.Name) and func.id in self.locals:
            return every | self._returned(func.id, args, keywords)
        found = NOTHING
        candidates = [obj for obj in self.eval(func).known if callable(obj)]
        for obj in candidates:
            found |= self.scan.call(obj, args, keywords)
        if candidates:
            return found
        self.scan.read_all(every | owner)
        if isinstance(func, gast.Attribute):
            arrays = bool(owner.known) and all(isinstance(obj, np.ndarray) for obj in owner.known)
            return owner if func.attr in VIEWS else NOTHING if arrays else owner | every
        if isinstance(func, gast.Name) and self.env.get(func.id, NOTHING).tokens:
            return every | self.env[func.id]  # an argument: who gives it calls it too; or a lambda
        if not (isinstance(func, gast.Name) and hasattr(builtins, func.id)):
            self.scan.hand(every)
        return every

    def _returned(self, key: str, args: list[Held], keywords: dict[str, Held]) -> Held:
        """What a function that is defined here may return."""
        node = self.locals[key]
        self._bind(node.args, args, keywords, False)
        if key in self.running:
            return NOTHING
        self.running.add(key)
        values = [part.value for part in nodes(node) if isinstance(part, gast.Return) and part.value]
        found = functools.reduce(Held.__or__, map(self.eval, values), NOTHING)
        self.running.discard(key)
        return found

    # ---- expressions ----------------------------------------------------------------------------
    def eval(self, node: Any) -> Held:
        """What an expression may be."""
        if isinstance(node, gast.Name):
            return self._name(node.id)
        if isinstance(node, gast.Attribute):
            base = self.eval(node.value)
            found = Held(frozenset(token for token in base.tokens if token[0] == "given"))
            for obj in base.known:
                found |= self.scan.member(obj, node.attr)
            return found
        if isinstance(node, gast.Subscript):
            return self.scan.items(self.eval(node.value))
        if isinstance(node, gast.Call):
            return self._called(node)
        if isinstance(node, gast.Lambda):
            return self.eval(node.body)  # what it returns when it is called
        if isinstance(node, _FRESH):
            return NOTHING
        children = [
            part
            for child in node.__dict__.values()
            for part in (child if isinstance(child, list) else [child])
        ]
        return functools.reduce(
            Held.__or__, [self.eval(part) for part in children if isinstance(part, gast.expr)], NOTHING
        )

    def _name(self, key: str) -> Held:
        held = self.env.get(key, NOTHING)
        if key in self.own and key not in self.rebound:
            return held
        if key in self.cells:
            self.scan.effects.read.add(("cell", key, id(self.cells[key])))
            return held | self.scan.held(self.cells[key])
        if key in self.function.__globals__:
            self.scan.effects.read.add(("name", id(self.function.__globals__), key))
            return held | self.scan.held(self.function.__globals__[key])
        found = getattr(builtins, key, None)
        return held if found is None else held | self.scan.held(found)


def _shown(node: Any) -> bool:
    return isinstance(node, (gast.List, gast.Tuple, gast.ListComp))


def _size(held: Held) -> int:
    return len(held.tokens) + len(held.known)


def _full(cell: types.CellType) -> bool:
    try:
        return bool([cell.cell_contents])
    except ValueError:  # not assigned yet
        return False


__all__ = ["Effects", "effects_of", "may_write"]
